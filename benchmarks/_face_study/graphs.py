"""Graphs of the results."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.cluster import hierarchy

from .drawing import COLOURS, LABELS, save
from .settings import NETWORKS

__all__ = ["draw_graphs"]

SMALL = {"fontsize": 9}


def training(r, settings):
    figure, axis = plt.subplots(figsize=(6, 3.2), layout="constrained")
    for network in NETWORKS:
        errors = r(f"train-{network}")["test_error"]
        epochs = np.arange(1, len(errors) + 1)
        axis.plot(epochs, errors, "o-", ms=3, color=COLOURS[network], label=LABELS[network])
    pca = r("pca")["test_error"]
    k = min(settings.latent_dim, len(pca) - 1)
    axis.axhline(pca[k], ls="--", color=COLOURS["grey"], label=f"PCA, {k} components")
    axis.set(xlabel="epoch", ylabel="squared error, unseen people", yscale="log")
    axis.legend(fontsize=8)
    return figure


def components(r, settings):
    found = r("components-plain")
    fits, shown = found["fits"], list(found["histograms"].items())
    figure, axes = plt.subplots(2, 4, figsize=(9, 4), layout="constrained")
    for axis, (name, (centres, density)) in zip(axes.flat, shown, strict=False):
        j, width = int(name), centres[1] - centres[0]
        axis.bar(centres, density, width, color="#56B4E9", label="points")
        x = np.linspace(centres[0], centres[-1], 200)
        curve = fits["amplitude"][j] * np.exp(
            -0.5 * ((x - fits["center"][j]) / fits["sigma"][j]) ** 2
        )
        axis.plot(x, curve, "--", color="black", lw=1.2, label="fitted Gaussian")
        axis.set_title(f"component {j}, $R^2$ {fits['r_squared'][j]:.4f}", fontsize=8.5)
        axis.tick_params(labelsize=7.5)
        axis.set_yticks([])
    axes.flat[0].set_ylim(top=1.35 * axes.flat[0].get_ylim()[1])
    axes.flat[0].legend(fontsize=6.5, loc="upper center", ncols=2)
    for network in NETWORKS:
        std = np.sort(r(f"components-{network}")["fits"]["std"])[::-1]
        rank = np.arange(1, len(std) + 1)
        axes.flat[-1].plot(rank, std, color=COLOURS[network], label=LABELS[network])
    axes.flat[-1].legend(fontsize=6.5)
    axes.flat[-1].set_title("sigma of all components, by rank", fontsize=8.5)
    axes.flat[-1].tick_params(labelsize=7.5)
    axes.flat[-1].set_ylim(bottom=0)
    return figure


def correlations(r, settings):
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.7), layout="constrained")
    for axis, network in zip(axes, NETWORKS, strict=True):
        matrix = r(f"pairs-{network}")["matrix"]
        distances = 1 - np.abs(matrix[np.triu_indices(len(matrix), 1)])
        order = hierarchy.leaves_list(hierarchy.linkage(distances.clip(0), "average"))
        image = axis.imshow(
            matrix[np.ix_(order, order)], cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest"
        )
        axis.set_title(f"{LABELS[network]}: components, clustered", **SMALL)
        axis.tick_params(labelsize=7.5)
    figure.colorbar(image, ax=axes, label="correlation", shrink=0.8)
    return figure


def ellipses(r, settings):
    found = r("contours-plain")["pairs"]
    figure, axes = plt.subplots(
        1, len(found), figsize=(2.5 * len(found), 2.9), layout="constrained"
    )
    for axis, (name, pair) in zip(np.atleast_1d(axes), found.items(), strict=True):
        points = pair["points"]
        axis.plot(*points.T, ".", ms=1, alpha=0.35, color="#56B4E9", rasterized=True)
        levels = np.sort(pair["levels"])
        axis.contour(pair["x"], pair["y"], pair["density"], levels, colors="black", linewidths=0.7)
        for outline, n_std in zip(pair["outlines"], (2, 2.5, 3), strict=True):
            axis.plot(*outline.T, color="#D55E00", lw=1.0 if n_std == 2.5 else 1.6)
        axis.plot(*points.mean(axis=0), "o", ms=4, color="#D55E00")
        first, second = name.split("-")
        axis.set_xlabel(f"component {first}", fontsize=8)
        axis.set_ylabel(f"component {second}", fontsize=8)
        axis.set_title(f"correlation {pair['correlation']:.2f}", **SMALL)
        axis.tick_params(labelsize=7)
    return figure


def coverage(r, settings):
    figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
    said = {"2": (0.7, 0.9), "3": (0.965, 0.975)}
    for axis, size in zip(axes, ("2", "3"), strict=True):
        shares = {n: r(f"pairs-{n}")["coverage"][size] for n in NETWORKS}
        low = min(100 * s["train"].min() for s in shares.values())
        high = max(100 * s["train"].max() for s in shares.values())
        bins = np.linspace(low, high, 40)
        for network, found in shares.items():
            axis.hist(
                100 * found["train"], bins, alpha=0.6, color=COLOURS[network], label=LABELS[network]
            )
        nominal = 100 * shares["plain"]["nominal"]
        axis.axvline(nominal, color="black", ls="--", label=f"normal, {nominal:.2f} %")
        a, b = (100 * x for x in said[size])
        axis.axvspan(a, b, color="#F0E442", alpha=0.35, zorder=0, label="said in the texts")
        axis.set(xlabel=f"share inside ellipses of {size} sigma, %", ylabel="pairs")
        axis.set_xlim(min(low, a) - 0.5, max(high, b, nominal) + 0.5)
        axis.legend(fontsize=7)
    return figure


def principal(r, settings):
    figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
    for network in NETWORKS:
        found = r(f"principal-{network}")
        shares = 100 * np.cumsum(found["variances"]) / found["variances"].sum()
        rank = np.arange(1, len(shares) + 1)
        axes[0].plot(rank, shares, color=COLOURS[network], label=LABELS[network])
        axes[1].plot(rank, found["kurtosis"], ".", ms=4, color=COLOURS[network])
    axes[0].set(xlabel="principal components", ylabel="variance held, %", ylim=(0, 103))
    axes[0].legend(fontsize=8)
    axes[1].axhline(0, color="black", lw=0.8)
    axes[1].set(xlabel="principal component", ylabel="excess kurtosis (normal: 0)")
    return figure


def distances(r, settings):
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
    for axis, network in zip(axes, NETWORKS, strict=True):
        found = r(f"joint-{network}")
        axis.plot(found["chi2"], found["train"], color=COLOURS[network], label="training images")
        axis.plot(found["chi2"], found["test"], ":", color=COLOURS["other"], label="unseen people")
        ends = found["chi2"][[0, -1]]
        axis.plot(ends, ends, "--", color="black", lw=0.8, label="normal")
        axis.set(xlabel="quantile of chi-squared", ylabel="quantile of $d^2$")
        axis.set_title(f"{LABELS[network]}, gap {found['coverage_gap']:.2f}", **SMALL)
        axis.legend(fontsize=7.5)
    return figure


def quality(r, settings):
    groups = ("controls", "regions", "densities")
    rows = {n: {} for n in NETWORKS}
    for network in NETWORKS:
        for group in groups:
            rows[network] |= r(f"{group}-{network}")["rows"]
    pixels = r("pixels")["rows"]
    names = sorted(rows["plain"], key=lambda name: rows["plain"][name]["frechet"], reverse=True)
    figure, axis = plt.subplots(figsize=(8, 0.235 * (len(names) + 2) + 0.7), layout="constrained")
    marks = {"plain": "o", "linear": "s"}
    for network in NETWORKS:
        values = [rows[network][name]["frechet"] for name in names]
        axis.plot(
            values,
            range(len(names)),
            marks[network],
            color=COLOURS[network],
            label=LABELS[network],
            ms=5,
        )
    for name, row in pixels.items():
        axis.plot(
            row["frechet"],
            len(names),
            "^",
            color=COLOURS["other"],
            label="without a network" if name == next(iter(pixels)) else None,
        )
        names.append(name)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set(
        xscale="log", xlabel="Frechet distance from unseen people (features of another network)"
    )
    axis.grid(axis="x", which="both", alpha=0.25)
    axis.legend(fontsize=8)
    return figure


def chances(r, settings):
    figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.2), layout="constrained")
    found = r("volumes-plain")
    shades = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(settings.boundaries)))
    for j, boundary in enumerate(settings.boundaries):
        values = found["log_ratios"][:, j] / np.log(10)
        axes[0].plot(found["sizes"], values, color=shades[j], label=f"{boundary:g}")
    axes[0].axhline(0, color="black", lw=0.8)
    axes[0].set(xlabel="components", ylabel="log10 of ellipsoid over box", xscale="log")
    axes[0].legend(title="boundary", fontsize=6.5, title_fontsize=7, ncols=2)
    for network in NETWORKS:
        cycle = r(f"cycle-{network}")
        axes[1].plot(
            cycle["scales"],
            100 * cycle["meaningful"],
            "o-",
            ms=3,
            color=COLOURS[network],
            label=LABELS[network],
        )
    axes[1].axvline(1, color="black", lw=0.8, ls="--")
    axes[1].set(
        xlabel="Mahalanobis distance over sqrt(d)",
        ylabel="meaningful, % (there and back)",
        ylim=(-3, 103),
        xlim=(0, 5.1),
    )
    axes[1].legend(fontsize=8)
    return figure


def paths(r, settings):
    figure, axes = plt.subplots(1, 2, figsize=(8.5, 3), layout="constrained")
    found = r("paths-plain")
    styles = {"straight": "#0072B2", "great circle": "#009E73", "matched": "#D55E00", "box": "k"}
    for name, kind in found["kinds"].items():
        label = "straight, ends in a box" if name == "box" else name
        style = {"color": styles[name], "ls": ":" if name == "box" else "-", "label": label}
        if name != "box":
            axes[0].plot(found["t"], kind["squared"], "o", ms=3, **style)
        axes[1].plot(found["t"], kind["cycle"], "o", ms=3, **style)
    axes[1].axhline(found["limit"], color="black", lw=0.8, ls="--", label="meaningful below")
    axes[0].axhline(1, color="black", lw=0.8, ls="--")
    axes[0].set(xlabel="along the path", ylabel="$d^2 / d$", ylim=(0, None))
    axes[1].set(xlabel="along the path", ylabel="cycle distance, median", yscale="log")
    for axis in axes:
        axis.legend(fontsize=7.5)
    return figure


def dimensions(r, settings):
    figure, axes = plt.subplots(1, 2, figsize=(8.5, 3), layout="constrained")
    results = [r(f"dimension-{d}") for d in settings.dimensions]
    errors = [x["test_error"] for x in results]
    axes[0].plot(settings.dimensions, errors, "o-", color=COLOURS["plain"], label="convolutions")
    pca = r("pca")["test_error"]
    sizes = [d for d in settings.dimensions if d < len(pca)]
    axes[0].plot(sizes, pca[sizes], "s--", color=COLOURS["grey"], label="PCA")
    for key, colour in (("gaussian", COLOURS["linear"]), ("box", COLOURS["other"])):
        shares = [100 * x[key]["meaningful"] for x in results]
        name = "one Gaussian" if key == "gaussian" else "box of 3 standard deviations"
        axes[1].plot(settings.dimensions, shares, "o-", color=colour, label=name)
    axes[0].set(
        xlabel="components", ylabel="squared error, unseen people", xscale="log", yscale="log"
    )
    axes[1].set(xlabel="components", ylabel="meaningful points, %", xscale="log", ylim=(-3, 103))
    for axis in axes:
        axis.set_xticks(settings.dimensions, settings.dimensions)
        axis.xaxis.minorticks_off()
        axis.legend(fontsize=8)
    return figure


GRAPHS = (
    training, components, correlations, ellipses, coverage, principal, distances, quality, chances,
    paths, dimensions,
)  # fmt: skip


def draw_graphs(r, settings, folder: Path) -> None:
    """Draw each graph; `r` gives the result of a step by its name."""
    for graph in GRAPHS:
        save(graph(r, settings), folder, graph.__name__)
