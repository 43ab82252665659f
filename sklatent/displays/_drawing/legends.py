"""Legends, below a figure of our own or inside the axes of the caller, and what stands in them."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from .axes import LEGEND_LINE, AnyAxes, get_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

__all__ = ["SMALL", "add_legend", "legend_columns", "line_handle"]

SMALL = 7
# Of a legend of 7 points: the sign before a label with its margins, a letter; letters in a line.
_HANDLE_INCHES, _LETTER_INCHES, _SHORTEST = 0.6, 0.052, 16
# Of a legend of 8 points.
_COLUMN_SIGN_INCHES, _COLUMN_LETTER_INCHES = 0.45, 0.06


def add_legend(
    figure: "Figure",
    ax: "Axes",
    handles: Sequence[Any],
    *,
    own: bool,
    below: AnyAxes = None,
    n_columns: int = 1,
    fontsize: float = 8,
) -> "Legend":
    """Add a legend: below the axes of a figure of our own, else inside, where it covers no points.

    In axes of the caller that a grid of panels fills, `below`, it goes to their foot.
    """
    from matplotlib.axes import Axes

    style: dict[str, Any] = {"fontsize": fontsize if own else min(fontsize, SMALL)}
    style["handles"] = handles
    if own:
        style |= {"loc": "outside lower center", "ncols": n_columns, "frameon": False}
        legend = figure.legend(**style)
    elif isinstance(below, Axes):
        style |= {"loc": "lower center", "bbox_to_anchor": (0.5, 0.0), "ncols": n_columns}
        legend = below.legend(frameon=False, **style)
        # Else a legend wider than its axes would press the panels together.
        legend.set_in_layout(False)
    else:
        labels = _wrapped([handle.get_label() for handle in handles], get_inches(ax)[0])
        legend = ax.legend(loc="upper right", labels=labels, **style)
        _make_room(ax, sum(label.count("\n") + 1 for label in labels))
    _darken_dots(legend)
    return legend


def _darken_dots(legend: "Legend") -> None:
    """Show a single dot of many pale ones so that it can be seen."""
    from matplotlib.collections import PathCollection

    for handle in legend.legend_handles:
        if isinstance(handle, PathCollection):
            handle.set(alpha=1.0, sizes=[12.0])


def _wrapped(labels: Sequence[str], inches: float) -> list[str]:
    """Break labels of a legend into lines that fit into axes of a width."""
    most = max(int((inches - _HANDLE_INCHES) / _LETTER_INCHES), _SHORTEST)
    return [label if len(label) <= most else fill(label, most) for label in labels]


def _make_room(ax: "Axes", n_lines: int) -> None:
    """Lengthen the ordinate at the top by the height of lines of a legend."""
    height = get_inches(ax)[1]
    share = min(0.6, LEGEND_LINE * (n_lines + 1) / height)
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(np.array(ax.get_ylim()))
    top = low + (high - low) / (1 - share)
    ax.set_ylim(top=float(scale.inverted().transform(np.array([top]))[0]))


def line_handle(artist: "Patch | Line2D", label: str) -> "Line2D":
    """Return a line for a legend, with colour, width and dashes of a patch or line."""
    from matplotlib.lines import Line2D

    color = artist.get_color() if isinstance(artist, Line2D) else artist.get_edgecolor()
    style: dict[str, Any] = {"linestyle": artist.get_linestyle()}
    style["linewidth"] = float(artist.get_linewidth())
    return Line2D([], [], color=color, label=label, **style)


def legend_columns(labels: Sequence[str], inches: float) -> int:
    """Return how many columns of a legend of 8 points fit into a width, all where they can."""
    widths = [_COLUMN_SIGN_INCHES + _COLUMN_LETTER_INCHES * len(label) for label in labels]
    for n_columns in range(len(labels), 1, -1):
        lines = -(-len(labels) // n_columns)
        columns = [max(widths[k : k + lines]) for k in range(0, len(labels), lines)]
        if sum(columns) <= inches:
            return len(columns)
    return 1
