"""Grids of images: reconstructions, samples, paths, restored images."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from .drawing import image_rows, save
from .restoring import TASKS
from .settings import NETWORKS
from .variational import KINDS

__all__ = ["draw_grids"]

SAMPLES = {
    "real, decoded": ("controls", "decoded training images"),
    "intervals of 2 sigma": ("regions", "intervals, uniform"),
    "ellipses of 3 sigma,\nuniform": ("regions", "all ellipses of 3 sigma, uniform"),
    "sphere of sqrt(d)": ("regions", "sphere of radius sqrt(d)"),
    "independent Gaussians": ("densities", "independent Gaussians"),
    "one Gaussian": ("densities", "one Gaussian"),
    "its shell": ("regions", "shell of the Gaussian, 90 %"),
    "Gaussian of 95 %\nof the variance": ("densities", "Gaussian of principal components, 95 %"),
    "copula": ("densities", "Gaussian copula"),
    "mixture of 10": ("densities", "mixture of 10"),
    "kernel": ("densities", "kernel, held-out bandwidth"),
}
TASK_NAMES = {
    "noise": "noise of 0.5",
    "lost": "80 % of pixels lost",
    "lost-values": "80 % of values lost",
    "colours": "colours lost",
}
KIND_NAMES = {"tiny-sum": "KL 1e-6\nof the sum", "tiny-mean": "KL 1e-6\nof the mean", "full": "KL 1"}


def reconstructions(r):
    shown = r("reconstruction")["shown"]
    names = {"original": "unseen people", "plain": "convolutions", "linear": "with linear path"}
    return image_rows({names.get(k, "PCA"): shown[k] for k in ("original", *NETWORKS, "pca")})


def _boxes(r, prefix):
    shown = r("boxes-plain")["shown"]
    chosen = {}
    for name, images in shown.items():
        bound = name.removeprefix("box ")
        if bound.startswith("0 to") == bool(prefix):
            text = bound.removeprefix("0 to ")
            chosen[f"0 to {text}" if prefix else f"-{text} to {text}"] = images
    return image_rows(chosen)


def boxes(r):
    return _boxes(r, "")


def boxes_positive(r):
    return _boxes(r, "0 to ")


def _samples(r, network):
    rows = {}
    for label, (group, name) in SAMPLES.items():
        if label != "real, decoded":
            rows[label] = r(f"{group}-{network}")["shown"][name]
    return image_rows(rows)


def samples_plain(r):
    return _samples(r, "plain")


def samples_linear(r):
    return _samples(r, "linear")


def paths_grid(r):
    found = r("paths-plain")
    rows = dict(found["shown"]) | {"straight, ends\nin a box": found["box_shown"]}
    captions = {
        name: [f"{x:.2f}" for x in values] for name, values in found["shown_squared"].items()
    }
    return image_rows(rows, captions)


def plane(r):
    found = r("planes-linear")
    side, images = found["side"], found["grid"]
    n, size = len(side), images.shape[1]
    mosaic = np.vstack([np.hstack(row) for row in np.split(images[::-1], n)])
    mosaic = np.vstack([np.hstack(images[i * n : (i + 1) * n]) for i in reversed(range(n))])
    figure, axis = plt.subplots(figsize=(5.2, 5), layout="constrained")
    axis.imshow(mosaic, interpolation="nearest")
    ticks = (np.arange(n) + 0.5) * size
    axis.set_xticks(ticks, [f"{x:+.1f}" for x in side])
    axis.set_yticks(ticks, [f"{x:+.1f}" for x in side[::-1]])
    first, second = found["plane"]
    axis.set_xlabel(f"component {first}, standard deviations")
    axis.set_ylabel(f"component {second}, standard deviations")
    return figure


def blocks(r):
    rows, captions = {}, {}
    for network in NETWORKS:
        found = r(f"planes-{network}")
        for size, images in found["shown"].items():
            what = "1 component" if size == "1" else f"{size} components"
            label = f"{what},\n{'convolutions' if network == 'plain' else 'linear path'}"
            rows[label] = images
            captions[label] = [f"{x:.1f}" for x in found["blocks"][size]["squared"]]
    return image_rows(rows, captions)


def attributes(r):
    found = r("attributes-linear")
    footer = [f"{x:+.0f}" for x in found["steps"]]
    return image_rows(found["shown"], footer=footer)


def restored(r):
    rows = {}
    for task in TASKS:
        shown, name = r(f"restoring-{task}")["shown"], TASK_NAMES[task]
        if not rows:
            rows["unseen people"] = shown["original"]
        rows[name], rows[f"restored ({name.split()[-1]}{' ' * len(rows)})"] = (
            shown["corrupted"],
            shown["restored"],
        )
    return image_rows(rows)


def variational(r):
    rows = {}
    for kind in KINDS:
        shown = r(f"variational-{kind}")["shown"]
        for name in ("N(0, I)", "sphere of radius 16", "one Gaussian"):
            rows[f"{KIND_NAMES[kind]}\n{name}"] = shown[name]
    return image_rows(rows)


GRIDS = (
    reconstructions, boxes, boxes_positive, samples_plain, samples_linear, paths_grid, plane,
    blocks, attributes, restored, variational,
)  # fmt: skip


def draw_grids(r, folder: Path) -> None:
    """Draw each grid; `r` gives the result of a step by its name."""
    for grid in GRIDS:
        save(grid(r), folder, grid.__name__, photographs=True)
