"""Curves below the strips of a path, on an axis that is true to its positions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sklatent._typing import FloatArray, IntArray

from .axes import LEGEND_LINE, open_frame
from .legends import SMALL, add_legend, legend_columns
from .style import GREY, LINESTYLES, MARKERS, PALETTE, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

__all__ = [
    "add_curve_axes",
    "add_curve_legend",
    "curve_inches",
    "curve_labels",
    "draw_band",
    "draw_curves",
    "draw_leaders",
    "groups",
    "places_of_images",
]

CURVE_INCHES = 1.5
BAND_LABEL = "95 % of points, if normal"


def groups(values: Mapping[str, FloatArray]) -> list[list[str]]:
    """Return names of paths with the same curve (n,) together, in the order of the first."""
    found: list[list[str]] = []
    for name, curve in values.items():
        for group in found:
            if np.allclose(curve, values[group[0]], rtol=1e-4, atol=1e-4, equal_nan=True):
                group.append(name)
                break
        else:
            found.append([name])
    return found


def places_of_images(positions: FloatArray, shown: IntArray, centres: FloatArray) -> FloatArray:
    """Return where points lie under the tiles, true to positions; the ends stand above theirs."""
    return np.interp(positions[shown], positions[[0, -1]], centres[[0, -1]])


def add_curve_axes(
    ax: "Axes", strips: float, room: float, tile: float, positions: FloatArray, centres: FloatArray
) -> "Axes":
    """Return axes below the strips, and a room, of which the abscissa is true to the positions.

    Heights are in widths of tiles, a tile's in inches.
    """
    left, right = ax.get_xlim()
    height = CURVE_INCHES / tile
    ax.set_ylim(strips + room + height, ax.get_ylim()[1])
    bounds = (left, strips + room, right - left, height)
    axes = ax.inset_axes(bounds, transform=ax.transData)
    scale = (positions[-1] - positions[0]) / (centres[-1] - centres[0])
    ends = positions[0] + (np.array([left, right]) - centres[0]) * scale
    axes.set_xlim(*ends)
    open_frame(axes)
    return axes


def draw_leaders(
    ax: "Axes", centres: FloatArray, places: FloatArray, top: float, bottom: float
) -> "LineCollection":
    """Draw a line from each image to the place of its point, and return them."""
    from matplotlib.collections import LineCollection

    ends = [[(upper, top), (lower, bottom)] for upper, lower in zip(centres, places, strict=True)]
    lines = LineCollection(ends, colors=GREY, linewidths=0.8)
    ax.add_collection(lines, autolim=False)
    return lines


def draw_band(axes: "Axes", band: tuple[float, float]) -> "Rectangle":
    """Draw where 95 % of points lie, and return it."""
    style: dict[str, Any] = {"color": GREY, "alpha": 0.25, "linewidth": 0, "label": BAND_LABEL}
    return axes.axhspan(*band, **style)


def draw_curves(
    axes: "Axes",
    positions: FloatArray,
    values: Mapping[str, FloatArray],
    shown: IntArray,
    line_kwargs: Style = None,
) -> "dict[str, Line2D]":
    """Draw a curve of each path, marked where its images are; the same curves look the same."""
    from matplotlib.lines import Line2D

    style_of = {name: index for index, group in enumerate(groups(values)) for name in group}
    labels = curve_labels(values)
    lines = {}
    for name, curve in values.items():
        index = style_of[name]
        style: dict[str, Any] = {"color": PALETTE[index % 7], "label": labels.get(name, name)}
        style["linestyle"] = LINESTYLES[index % len(LINESTYLES)]
        style |= {"marker": MARKERS[index % len(MARKERS)], "markersize": 4}
        style["markevery"] = shown.tolist()
        style = merge_keywords("line_kwargs", style, line_kwargs, Line2D)
        (lines[name],) = axes.plot(positions, curve, **style)
    return lines


def curve_inches(
    values: Mapping[str, FloatArray], band: tuple[float, float] | None, width: float
) -> float:
    """Return the height of curves with a legend below them of a width, in inches."""
    labels = [*curve_labels(values).values(), *([] if band is None else [BAND_LABEL])]
    lines = -(-len(labels) // legend_columns(labels, width))
    return CURVE_INCHES + 0.1 + LEGEND_LINE * lines


def add_curve_legend(
    figure: "Figure", axes: "Axes", handles: Sequence[Any], inches: float, *, own: bool
) -> "Legend | None":
    """Add a legend of as many columns as fit: below a figure of our own, else in the axes."""
    if not handles:
        return None
    columns = legend_columns([str(handle.get_label()) for handle in handles], inches)
    if own:
        return add_legend(figure, axes, handles, own=True, n_columns=columns)
    return axes.legend(handles=handles, frameon=False, fontsize=SMALL, ncols=columns)


def curve_labels(values: Mapping[str, FloatArray]) -> dict[str, str]:
    """Return what a legend says of each different curve, by its first path; of one, nothing."""
    if len(values) < 2:
        return {}
    labels = {}
    for first, *others in groups(values):
        alike = len(others) + 1 == len(values)
        more = f"{first} and {len(others)} more" if others else first
        labels[first] = f"all {len(values)} alike" if alike else more
    return labels
