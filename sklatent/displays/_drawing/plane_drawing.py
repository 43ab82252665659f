"""Ellipses and ticks over images of a plane."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sklatent._gaussian.ellipse_geometry import (
    axes_from_covariance,
    ellipse_coverage,
    ellipse_outlines,
)
from sklatent._tables import decimals_for, format_numbers
from sklatent._typing import FloatArray

from .style import PALETTE, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["LETTER_INCHES", "draw_ellipses", "label_places"]

LETTER_INCHES = 0.065
_COLORS = (PALETTE[1], PALETTE[5], PALETTE[4])


def draw_ellipses(
    ax: "Axes",
    center: FloatArray,
    covariance: FloatArray,
    sizes: Sequence[float],
    ellipse_kwargs: Style = None,
) -> "list[Line2D]":
    """Draw ellipses of sizes in sigma with a legend above the axes, and return them."""
    from matplotlib.lines import Line2D
    from matplotlib.patheffects import Normal, Stroke

    half_axes, angles = axes_from_covariance(covariance[None])
    lines: list[Line2D] = []
    for index, n_std in enumerate(sizes):
        style: dict[str, Any] = {"color": _COLORS[index % len(_COLORS)], "linewidth": 1.6}
        style["label"] = f"{n_std:g} sigma, {100 * ellipse_coverage(n_std):.1f} %"
        # A black edge sets the line off from images of any colour.
        style["path_effects"] = [Stroke(linewidth=3.2, foreground="black"), Normal()]
        style = merge_keywords("ellipse_kwargs", style, ellipse_kwargs, Line2D)
        curve = ellipse_outlines(center[None], n_std * half_axes, angles)[0]
        lines += ax.plot(*curve.T, **style)
    ax.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=min(3, len(lines)),
        frameon=False,
        fontsize=8.5,
        borderaxespad=0.2,
        title="ellipses, with their share of points if the pair is normal",
        title_fontsize=8.5,
    )
    return lines


def label_places(setter: Callable[..., Any], places: FloatArray, room: float) -> None:
    """Label the places, or every second around the middle where they would run together."""
    labels = format_numbers(places, decimals_for([places[1] - places[0]], digits=3))
    labels = [label.rstrip("0").rstrip(".") if "." in label else label for label in labels]
    labels = ["0" if label == "-0" else label for label in labels]
    too_wide = max(map(len, labels)) * LETTER_INCHES + 0.1 > room
    every = slice((len(places) // 2) % 2, None, 2) if too_wide else slice(None)
    setter(places[every], labels=labels[every])
