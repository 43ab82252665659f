"""Grids of images: reconstructions, samples, paths, restored images."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from .drawing import image_rows, save
from .restoring import TASKS
from .settings import NETWORKS
from .variational import KINDS

__all__ = ["draw_grids"]

N_BOXES = 8
SAMPLES = {
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
KIND_NAMES = {"tiny-sum": "KL 1e-6 of the sum", "tiny-mean": "KL 1e-6 of the mean", "full": "KL 1"}


def reconstructions(r):
    shown = r("reconstruction")["shown"]
    names = {"original": "unseen people", "plain": "convolutions", "linear": "with linear path"}
    return image_rows([(names.get(k, "PCA"), shown[k]) for k in ("original", *NETWORKS, "pca")])


def _boxes(r, network: str, positive: bool):
    shown = r(f"boxes-{network}")["shown"]
    chosen = {n.removeprefix("box "): x for n, x in shown.items() if ("to" in n) == positive}
    sign = "" if positive else "\N{PLUS-MINUS SIGN}"
    return image_rows([(sign + bound, images[:N_BOXES]) for bound, images in chosen.items()])


def boxes(r):
    return _boxes(r, "plain", False)


def boxes_positive(r):
    return _boxes(r, "plain", True)


def boxes_linear(r):
    return _boxes(r, "linear", False)


def _samples(r, network):
    return image_rows(
        [
            (label, r(f"{group}-{network}")["shown"][name])
            for label, (group, name) in SAMPLES.items()
        ]
    )


def samples_plain(r):
    return _samples(r, "plain")


def samples_linear(r):
    return _samples(r, "linear")


def paths_grid(r):
    found = r("paths-plain")
    rows = [
        (name, images, [f"{x:.2f}" for x in found["shown_squared"][name]])
        for name, images in found["shown"].items()
    ]
    return image_rows([*rows, ("straight, ends\nin a box", found["box_shown"])])


def plane(r):
    found = r("planes-plain")
    side, images = found["side"], found["grid"]
    n, size = len(side), images.shape[1]
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
    rows = []
    for network in NETWORKS:
        found = r(f"planes-{network}")
        for size in found["squared"]:
            images = found["shown"][size]
            what = "1 component" if size == "1" else f"{size} components"
            where = "convolutions" if network == "plain" else "linear path"
            captions = [f"{x:.1f}" for x in found["squared"][size]]
            rows.append((f"{what},\n{where}", images, captions))
    return image_rows(rows)


def attributes(r):
    found = r("attributes-linear")
    return image_rows(list(found["shown"].items()), [f"{x:+.0f}" for x in found["distances"]])


def restored(r):
    rows = [("unseen people", r(f"restoring-{next(iter(TASKS))}")["shown"]["original"])]
    for task in TASKS:
        shown = r(f"restoring-{task}")["shown"]
        rows += [(TASK_NAMES[task], shown["corrupted"]), ("restored", shown["restored"])]
    return image_rows(rows)


def variational(r):
    rows = []
    for kind in KINDS:
        shown = r(f"variational-{kind}")["shown"]
        for name in ("N(0, I)", "sphere of radius 16", "one Gaussian"):
            rows.append((f"{KIND_NAMES[kind]},\n{name}", shown[name]))
    return image_rows(rows)


GRIDS = (
    reconstructions, boxes, boxes_positive, boxes_linear, samples_plain, samples_linear,
    paths_grid, plane, blocks, attributes, restored, variational,
)  # fmt: skip


def draw_grids(r, folder: Path) -> None:
    """Draw each grid; `r` gives the result of a step by its name."""
    for grid in GRIDS:
        save(grid(r), folder, grid.__name__, photographs=True)
