"""Axes to draw on: of a new figure, of the caller, or panels in the place of one.

matplotlib is imported when something is drawn, never before.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from sklatent._validation import check_number

from .style import came

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "LEGEND_LINE",
    "AnyAxes",
    "AxesArray",
    "count_axes",
    "get_ax",
    "get_axes_grid",
    "get_inches",
    "grid_shape",
    "open_frame",
    "stack_axes",
]

AxesArray: TypeAlias = NDArray[np.object_]
"""An array of matplotlib's Axes."""
AnyAxes: TypeAlias = "Axes | Sequence[Axes] | Sequence[Sequence[Axes]] | AxesArray | None"
"""One Axes, several in one or two dimensions, or None for a new figure."""

LEGEND_LINE = 0.18
_LEGEND_WIDTH = 3.6


def get_ax(
    ax: "Axes | None" = None, figsize: tuple[float, float] | None = None
) -> "tuple[Figure, Axes]":
    """Return a figure and one axes: those of the caller, or new ones of a size in inches."""
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        return plt.subplots(figsize=figsize, layout="constrained")
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib Axes or None; got {came(ax)}.")
    return _figure_of(ax), ax


def get_axes_grid(
    ax: AnyAxes,
    shape: tuple[int, int],
    *,
    panel_size: tuple[float, float] = (2.0, 1.6),
    legend_lines: int = 0,
    **subplot_kwargs: Any,
) -> "tuple[Figure, AxesArray]":
    """Return a figure and a grid of axes: new ones, the caller's, or within one of the caller.

    Lines of 8 points for `add_legend` heighten a new figure, and are left free at the foot of a
    single Axes.
    """
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    rows, columns = shape
    if ax is None:
        size = (columns * panel_size[0], rows * panel_size[1])
        if legend_lines:
            size = (max(size[0], _LEGEND_WIDTH), size[1] + LEGEND_LINE * legend_lines)
        figure = plt.figure(figsize=size, layout="constrained")
        return figure, figure.subplots(rows, columns, squeeze=False, **subplot_kwargs)
    if isinstance(ax, Axes):
        height = get_inches(ax)[1]
        foot = min(0.5, LEGEND_LINE * (legend_lines + (legend_lines > 0)) / height)
        return _figure_of(ax), _divide(ax, shape, foot=foot, **subplot_kwargs)
    return _given(ax, shape)


def stack_axes(
    ax: AnyAxes, heights: Sequence[float], figsize: tuple[float, float]
) -> "tuple[Figure, AxesArray]":
    """Return a figure and axes (n,) one above the other, of relative heights."""
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    shape = (len(heights), 1)
    if ax is None:
        figure = plt.figure(figsize=figsize, layout="constrained")
        axes = figure.subplots(*shape, squeeze=False, height_ratios=heights)
    elif not isinstance(ax, Axes):
        figure, axes = _given(ax, shape)
    else:
        figure = _figure_of(ax)
        whole = len(heights) == 1
        axes = np.array([[ax]], dtype=object) if whole else _divide(ax, shape, heights=heights)
    return figure, axes[:, 0]


def _divide(
    ax: "Axes",
    shape: tuple[int, int],
    *,
    heights: Sequence[float] | None = None,
    foot: float = 0.0,
    **subplot_kwargs: Any,
) -> AxesArray:
    """Switch axes off, and return panels in their place, above a foot of a share of it."""
    spec = ax.get_subplotspec()
    if spec is None:
        raise ValueError(
            "ax must be an Axes of a grid of subplots where it is to hold several panels; "
            "got one at a place of its own. Give an array of Axes instead."
        )
    ax.set_axis_off()
    if foot:
        spec = spec.subgridspec(2, 1, height_ratios=(1 - foot, foot))[0]
    grid = spec.subgridspec(*shape, height_ratios=heights)
    return grid.subplots(squeeze=False, **subplot_kwargs)


def _given(ax: Any, shape: tuple[int, int]) -> "tuple[Figure, AxesArray]":
    from matplotlib.axes import Axes

    rows, columns = shape
    panels = np.asarray(ax, dtype=object)
    if not all(isinstance(panel, Axes) for panel in panels.ravel()):
        raise TypeError(f"ax must be a matplotlib Axes, an array of them or None; got {came(ax)}.")
    if panels.size != rows * columns:
        raise ValueError(
            f"ax must hold {rows * columns} Axes, {rows} rows of {columns}; got {panels.size}."
        )
    return _figure_of(panels.flat[0]), panels.reshape(shape)


def _figure_of(ax: "Axes") -> "Figure":
    return cast("Figure", ax.figure)


def get_inches(ax: "Axes") -> tuple[float, float]:
    """Return width and height of axes in inches, as far as known before the layout."""
    box, figure = ax.get_position(), cast("Figure", ax.get_figure(root=True))
    page = _figure_of(ax).bbox
    return box.width * (page.width / figure.dpi), box.height * (page.height / figure.dpi)


def grid_shape(
    n_panels: int, n_columns: int | None = None, *, widths: tuple[int, int] = (3, 5)
) -> tuple[int, int]:
    """Return rows and columns that hold panels; None is the fullest width, and of these widest."""
    if n_columns is not None:
        n_columns = check_number("n_columns", n_columns, low=1, integer=True)
    else:
        low, high = (min(width, n_panels) for width in widths)
        n_columns = min(range(high, low - 1, -1), key=lambda width: -n_panels % width)
    n_columns = min(n_columns, n_panels)
    return -(-n_panels // n_columns), n_columns


def count_axes(ax: AnyAxes) -> int:
    """Return the number of Axes of the caller, 1 for None."""
    return np.asarray(ax, dtype=object).size


def open_frame(ax: "Axes") -> None:
    """Hide the upper and the right side of the frame."""
    ax.spines[["top", "right"]].set_visible(False)
