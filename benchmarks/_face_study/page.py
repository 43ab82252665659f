"""The page about the study, written from its results."""

from collections import Counter
from pathlib import Path
from textwrap import fill

import numpy as np

from . import claims_joint, claims_samples, claims_shape, claims_training
from .claims import Claim, percent
from .settings import NETWORKS
from .variational import KINDS, RADII

__all__ = ["write_page"]

WIDTH = 96
KEEP = {"break_long_words": False, "break_on_hyphens": False}

HEAD = """# A study of faces

Two texts on the web follow one question through many experiments: what do the latent points of
a convolutional autoencoder of faces look like, and how does one draw new faces from them? The
study does on {n_train:,} faces of 64 x 64 pixels what they did on 170,000 larger ones, and holds
what it finds against thirty of their statements. {n_test:,} faces of other people are never
seen in training.

`python benchmarks/face_study.py` trained the networks, took every number and picture here, and
wrote this page, in {minutes:.0f} minutes. The faces are those of Labeled Faces in the
Wild, published for research; the photographs remain with their copyright holders. Real people
appear in two small grids of restored images; all other faces here are new.

{short}
"""


def _table(header: list[str], rows: list[list]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _picture(text: str, name: str, prefix: str) -> str:
    return f"![{text}]({prefix}{name})"


def all_claims(r, settings) -> list[Claim]:
    """Return the verdicts on all statements, by number."""
    return [
        *claims_shape.claims(r),
        *claims_joint.claims(r),
        *claims_training.claims(r, settings),
        *claims_samples.claims(r, settings),
    ]


def _short(r) -> str:
    rows = r("densities-linear")["rows"] | r("regions-linear")["rows"]
    controls = r("controls-linear")["rows"]
    boxes = r("boxes-linear")["rows"]
    best = min(rows, key=lambda name: rows[name]["frechet"])
    box = min(row["frechet"] for row in boxes.values())
    bound = controls["decoded training images"]["frechet"]
    text = (
        f"**In short.** Frechet distances from unseen people, with a linear path: images of one "
        f"Gaussian fitted to the latent points {rows['one Gaussian']['frechet']:.1f}, of the best "
        f"sampler, {best}, {rows[best]['frechet']:.1f}, of the best box {box:.1f}, and decoded "
        f"training images {bound:.1f}. Of the latent points the report says: "
        f"{r('joint-plain')['name']} (convolutions); {r('joint-linear')['name']} (with the linear "
        "path)."
    )
    return fill(text, WIDTH, **KEEP)


def _training(r, settings, prefix):
    rows = r("reconstruction")["rows"]
    names = {"plain": "convolutions", "linear": "with linear path", "pca": "PCA"}
    table = [
        [
            names[k],
            f"{v['train_error']:.5f}",
            f"{v['test_error']:.5f}",
            f"{v['psnr']:.2f}",
            f"{v['ssim']:.3f}",
            f"{v['worst_tenth']:.5f}",
        ]
        for k, v in rows.items()
    ]
    epochs = [len(r(f"train-{n}")["test_error"]) for n in NETWORKS]
    seconds = [r(f"train-{n}")["seconds"] for n in NETWORKS]
    return f"""## Training

Two networks of {settings.latent_dim} components: four convolutional layers each way, as in the
texts ({epochs[0]} epochs, {seconds[0] / 60:.1f} minutes), and the same beside a linear path that
starts at principal components, which is what `ConvAutoencoder` takes by itself here ({epochs[1]}
epochs, {seconds[1] / 60:.1f} minutes). Images are mirrored at random; the learning rate follows
the default cycle in steps of an epoch, so that a run can go on after any of them. Errors
are mean squared errors per pixel value on the [0, 1] scale.

{_table(["", "training", "unseen people", "PSNR, dB", "SSIM", "tenth-worst"], table)}

{_picture("Errors on unseen people by epoch", "training.png", prefix)}

{_picture("Unseen people and their reconstructions", "reconstructions.webp", prefix)}
"""


def _shape(r, settings, prefix):
    rows = []
    for network in NETWORKS:
        c, p, j = (r(f"{part}-{network}") for part in ("components", "pairs", "joint"))
        f, two, three = c["fits"], p["coverage"]["2"], p["coverage"]["3"]
        checks = j["checks"]
        rows.append(
            [
                f"{f['std'].min():.2f} to {f['std'].max():.2f}",
                f"{np.median(f['r_squared']):.4f}",
                f"{np.abs(f['skewness']).mean():.2f}",
                f"{f['excess_kurtosis'].mean():.2f}",
                f"{np.abs(p['correlations']).max():.2f}",
                f"{percent(two['train'].mean(), 2)}",
                f"{percent(three['train'].mean(), 2)}",
                f"{percent(three['joint_train'])}",
                f"{p['joint_n_std']:.2f}",
                f"{j['coverage_gap']:.3f}",
                f"{checks.get('Mardia kurtosis effect', np.nan):.3f}",
                f"{checks.get('classifier AUC against normal draws', np.nan):.3f}",
            ]
        )
    names = [
        "sigma of components",
        "R2 of Gaussian fits, median",
        "absolute skewness, mean",
        "excess kurtosis, mean",
        "largest correlation",
        "in ellipses of 2 sigma (normal 86.47 %)",
        "in ellipses of 3 sigma (normal 98.89 %)",
        "in all of them at once",
        "sigma at which 95 % are in all",
        "coverage gap of d^2",
        "Mardia kurtosis effect",
        "AUC against normal draws",
    ]
    table = [[name, *values] for name, *values in zip(names, *rows, strict=True)]
    return f"""## What the latent points look like

{_table(["", "convolutions", "with linear path"], table)}

{_picture("Seven dominant components with fitted Gaussians", "components.png", prefix)}

{_picture("Correlations of components", "correlations.png", prefix)}

The linear path starts at principal components of unit variance, so that its components
hardly correlate; those of the plain network do.

{_picture("Four pairs with ellipses and contours", "ellipses.png", prefix)}

Orange: ellipses of 2, 2.5 and 3 sigma, and the mean; black: regions of highest density with 50,
86.47, 95.61 and 98.89 % of the points.

{_picture("Shares of points inside ellipses, over all pairs", "coverage.png", prefix)}

{_picture("Principal components", "principal.png", prefix)}

{_picture("Squared Mahalanobis distances against chi-squared", "distances.png", prefix)}

The report on the plain network's points:

```text
{r("joint-plain")["text"]}
```
"""


BOX = "straight, ends in a box"
COLUMNS = {
    "frechet": ("Frechet", 2),
    "frechet_pixels": ("in pixels", 2),
    "precision": ("precision", 2),
    "recall": ("recall", 2),
    "density": ("density", 2),
    "coverage": ("coverage", 2),
    "copy_ratio": ("copies", 2),
    "cycle": ("cycle", 2),
    "meaningful": ("meaningful", 2),
    "squared": ("d^2/d", 2),
}


def _cells(row: dict) -> list[str]:
    return [_cell(row.get(key), digits) for key, (_, digits) in COLUMNS.items()]


def _cell(value, digits: int) -> str:
    if value is None:
        return ""
    return f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:,.0f}"


def _samples(r, settings, prefix):
    header = ["", *(name for name, _ in COLUMNS.values())]
    tables = {}
    for network in NETWORKS:
        rows = []
        for group in ("controls", "boxes", "regions", "densities"):
            found = r(f"{group}-{network}")["rows"]
            rows += [[name, *_cells(row)] for name, row in found.items()]
        rows += [[name, *_cells(row)] for name, row in r("pixels")["rows"].items()]
        tables[network] = _table(header, rows)
    limit = " and ".join(f"{r(f'cycle-{n}')['limit']:.2f}" for n in NETWORKS)
    return f"""## New faces

{r("controls-plain")["n_samples"]:,} images of each kind, against as many of unseen people, in the
features of another autoencoder of {r("features")["n_features"]} components, and in principal
components of pixels ("in pixels"). Small Frechet distances are good; "copies" is the distance to
the nearest training image over that of real images, so that 1 is new and 0 a copy. "cycle" is
the median distance from a latent point to the code of its own image
(`sklatent.metrics.meaningful_share`), in sigma; up to {limit} (plain and with linear path; 99 of
100 unseen people) a point counts as meaningful, and "meaningful" is the share of such. d^2/d is 1
for points as far out as the data. A figure that gets better where the Gaussian is shrunk rewards
usual faces, not a right distribution.

Points of the plain network, boxes from -b to b and from 0 to b:

{_picture("Box samples", "boxes.webp", prefix)}

{_picture("Box samples, positive", "boxes_positive.webp", prefix)}

Boxes from -b to b for the network with a linear path, whose components have unit variance at first:

{_picture("Box samples of the network with a linear path", "boxes_linear.webp", prefix)}

Other samplers, convolutions alone:

{_picture("Samples of the plain network", "samples_plain.webp", prefix)}

With the linear path:

{_picture("Samples of the network with a linear path", "samples_linear.webp", prefix)}

{_picture("Frechet distances of samplers", "quality.png", prefix)}

Convolutions alone:

{tables["plain"]}

With the linear path:

{tables["linear"]}

### The chance of a random point

{_picture("Volume ratios, and meaningful points by distance", "chances.png", prefix)}

Left: volume of the ellipsoid that holds 95 % of a normal over that of a box, for the widest
components of the plain network; above 0 the box is the smaller one.
"""


def _movement(r, settings, prefix):
    rows = []
    for network in NETWORKS:
        found = r(f"paths-{network}")
        half = len(found["t"]) // 2
        for name, kind in found["kinds"].items():
            rows.append(
                [
                    f"{BOX if name == 'box' else name}, "
                    f"{'convolutions' if network == 'plain' else 'linear path'}",
                    f"{kind['squared'][0]:.2f}",
                    f"{kind['squared'][half]:.2f}",
                    f"{kind['cycle'][0]:.2f}",
                    f"{kind['cycle'][half]:.2f}",
                    percent(kind["meaningful"][half], 0),
                ]
            )
    header = ["", "d^2/d, ends", "middle", "cycle, ends", "middle", "meaningful in the middle"]
    table = []
    for name, row in r("attributes-linear")["rows"].items():
        change, real = row["change"], row["real"]
        table.append(
            [
                name,
                f"{row['auc_means']:.3f}",
                f"{row['auc_adjusted']:.3f}",
                f"{row['distance']:.2f}",
                f"{change[0]:.3f} to {change[-1]:.3f}",
                f"{real[0]:.3f} to {real[-1]:.3f}",
            ]
        )
    names = ["", "AUC, means", "AUC, adjusted", "distance", "from -3 to +3", "real, 5 to 95 %"]
    return f"""## Paths and directions

Paths between unseen people in whitened coordinates, {settings.n_paths} of each kind:

{_table(header, rows)}

{_picture("Distances along paths", "paths.png", prefix)}

Paths between two draws of the Gaussian, and between two points of a box, of the network of
convolutions alone; the numbers are d^2/d:

{_picture("Paths between new faces", "paths_grid.webp", prefix)}

The plane of its two widest components, through the mean, and components moved together from -5
to 5 standard deviations with d^2/d below, the widest first:

{_picture("A plane of latent space", "plane.webp", prefix)}

{_picture("Blocks of components moved together", "blocks.webp", prefix)}

These faces have no labels but their names, so that directions are those of properties measured on
the images. A direction leads from the mean of images below the median to that of those above;
"distance" is its length in standard deviations of the points along it, and the AUC says how well
it, or the linear discriminant ("adjusted"), tells above from below for unseen people. The mouth
region is bright where teeth show, and where a light does: it is no measure of a smile.

{_table(names, table)}

{_picture("New faces moved along directions, -3 to 3", "attributes.webp", prefix)}
"""


def _further(r, settings, prefix):
    kinds = []
    for kind in KINDS:
        found, trained = r(f"variational-{kind}"), r(f"train-variational-{kind}")
        rows = found["rows"]
        spheres = [f"{rows[f'sphere of {f:g} sqrt(d)']['frechet']:.1f}" for f in RADII]
        kinds.append(
            [
                f"{trained['kl_weight']:.3g}",
                f"{trained['test_error']:.5f}",
                found["n_active"],
                f"{found['nats']:.0f}",
                f"{found['radius'][0]:.1f} +- {found['radius'][1]:.1f}",
                f"{rows['N(0, I)']['frechet']:.1f}",
                f"{rows['one Gaussian']['frechet']:.1f}",
                " / ".join(spheres),
            ]
        )
    header = [
        "KL weight", "test error", "active", "nats", "radius", "N(0, I)", "one Gaussian",
        "spheres of " + " / ".join(f"{f:g}" for f in RADII) + " sqrt(d)",
    ]  # fmt: skip
    dims = []
    for d in settings.dimensions:
        found = r(f"dimension-{d}")
        dims.append(
            [
                d,
                f"{found['test_error']:.5f}",
                f"{found['gaussian']['frechet']:.1f}",
                f"{found['box']['frechet']:.1f}",
                percent(found["gaussian"]["meaningful"]),
                percent(found["box"]["meaningful"]),
                f"{found['log_ratio'] / np.log(10):.0f}",
            ]
        )
    columns = [
        "components", "test error", "Frechet, one Gaussian", "box", "meaningful, Gaussian", "box",
        "log10 of ellipsoid over box",
    ]  # fmt: skip
    return f"""## Restoring faces

Each network saw corrupted faces for {settings.epochs_restoring} epochs and learned to give the
clean ones; here are people never seen. Figures beside filters are in [benchmarks](benchmarks.md).

{_picture("Corrupted and restored faces", "restored.webp", prefix)}

## Variational models

{settings.epochs_variational} epochs each, without a linear path; distances are Frechet distances of
samples.

{_table(header, kinds)}

{_picture("Samples of variational models", "variational.webp", prefix)}

## How many components

{settings.dimension_epochs} epochs on {settings.dimension_images:,} images each, without a linear
path. Boxes reach 3 standard deviations.

{_table(columns, dims)}

{_picture("Errors and meaningful points by components", "dimensions.png", prefix)}
"""


def _verdicts(r, settings):
    found = all_claims(r, settings)
    counts = Counter(claim.verdict for claim in found)
    told = ", ".join(f"{n} are {verdict}" for verdict, n in counts.most_common())
    told = (
        f"{told}. Numbers are of the network of convolutions alone, as in the texts, unless the "
        "linear path is named."
    )
    items = [f"{c.number}. *{c.quote}*: **{c.verdict}**. {c.text}" for c in found]
    wrapped = "\n".join(fill(item, WIDTH, subsequent_indent="   ", **KEEP) for item in items)
    return f"""## Thirty statements

{fill(told, WIDTH, **KEEP)}

{wrapped}

The first text also says that 27,648 pixel values of 256 levels make "more than 7 million
combinations": that is their product. There are 10^{r("arithmetic-spheres")["log10_images"]:,.0f}.
"""


def write_page(
    r, settings, sizes: tuple[int, int], path: Path, prefix: str, seconds: float
) -> None:
    """Write the page; pictures are linked with `prefix` before their names."""
    head = HEAD.format(n_train=sizes[0], n_test=sizes[1], minutes=seconds / 60, short=_short(r))
    parts = [head] + [
        part(r, settings, prefix) for part in (_training, _shape, _samples, _movement, _further)
    ]
    parts.append(_verdicts(r, settings))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts))
