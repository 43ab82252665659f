"""What all displays share: axes to draw on, colours, and keywords for styling.

matplotlib is imported when something is drawn, never before.
"""

from collections.abc import Mapping
from textwrap import fill

import numpy as np

__all__ = [
    "ACCENT",
    "CONTRAST",
    "GREY",
    "LINESTYLES",
    "MARKERS",
    "PALETTE",
    "add_legend",
    "get_ax",
    "get_axes_grid",
    "get_inches",
    "grid_shape",
    "line_handle",
    "merge_keywords",
]

# M. Okabe, K. Ito, "Color Universal Design", 2008: told apart with any form of colour vision.
# Grey stands in for their yellow, which is hard to see on white.
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#999999",
)
ACCENT, CONTRAST, GREY = PALETTE[0], PALETTE[1], PALETTE[7]
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "p", "*", ">", "h")
LEGEND_WIDTH, LEGEND_LINE, SMALL = 3.6, 0.18, 7
# Of a legend of 7 points: the sign before a label with its margins, a letter; letters in a line.
HANDLE_INCHES, LETTER_INCHES, SHORTEST = 0.6, 0.052, 16
LINESTYLES = ("-", "--", ":", "-.")


def get_ax(ax=None, figsize=None):
    """Return a figure and one axes to draw on.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None, default=None
        Axes of the caller, returned as they are; None makes a new figure.
    figsize : tuple of two float or None, default=None
        Width and height of a new figure, in inches; None takes matplotlib's.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The figure that holds the axes.
    ax : matplotlib.axes.Axes
        The axes.

    Raises
    ------
    TypeError
        If `ax` is no Axes.

    Examples
    --------
    >>> from sklatent.displays._drawing.axes import get_ax
    >>> figure, ax = get_ax(figsize=(4, 3))
    >>> figure.axes == [ax]
    True
    """
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        figure, ax = plt.subplots(figsize=figsize, layout="constrained")
        return figure, ax
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib Axes or None; got {_came(ax)}.")
    return ax.figure, ax


def get_axes_grid(ax, shape, *, panel_size=(2.0, 1.6), legend_lines=0, **subplot_kwargs):
    """Return a figure and a grid of axes to draw on.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, array-like of Axes, or None
        None makes a new figure. One Axes is switched off, and the grid takes its place in
        its figure. An array of as many Axes as the grid has is used as it is, row by row.
    shape : tuple of two int
        Rows and columns of the grid.
    panel_size : tuple of two float, default=(2.0, 1.6)
        Width and height of each panel of a new figure, in inches.
    legend_lines : int, default=0
        Lines of 8 points for `add_legend`, by which a new figure is higher, and which are left
        free at the foot of a single Axes.
    **subplot_kwargs : dict
        Handed to `matplotlib.gridspec.GridSpecBase.subplots`, as `sharex` and `sharey`.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The figure that holds the axes.
    axes : ndarray of shape `shape`, dtype object
        The axes.

    Raises
    ------
    TypeError
        If `ax` is or holds anything but Axes.
    ValueError
        If `ax` holds another number of Axes.

    Examples
    --------
    >>> from sklatent.displays._drawing.axes import get_axes_grid
    >>> figure, axes = get_axes_grid(None, (2, 3))
    >>> axes.shape
    (2, 3)
    """
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    rows, columns = shape
    if ax is None:
        size = (columns * panel_size[0], rows * panel_size[1])
        if legend_lines:
            size = (max(size[0], LEGEND_WIDTH), size[1] + LEGEND_LINE * legend_lines)
        figure = plt.figure(figsize=size, layout="constrained")
        return figure, figure.subplots(rows, columns, squeeze=False, **subplot_kwargs)
    if isinstance(ax, Axes):
        ax.set_axis_off()
        spec = ax.get_subplotspec()
        if spec is None:
            raise ValueError(
                "ax must be an Axes of a grid of subplots where it is to hold several panels; "
                "got one at a place of its own. Give an array of Axes instead."
            )
        height = get_inches(ax)[1]
        foot = min(0.5, LEGEND_LINE * (legend_lines + (legend_lines > 0)) / height)
        upper = spec.subgridspec(2, 1, height_ratios=(1 - foot, foot))[0] if foot else spec
        grid = upper.subgridspec(rows, columns)
        return ax.figure, grid.subplots(squeeze=False, **subplot_kwargs)
    panels = np.asarray(ax, dtype=object)
    if not all(isinstance(panel, Axes) for panel in panels.ravel()):
        raise TypeError(f"ax must be a matplotlib Axes, an array of them or None; got {_came(ax)}.")
    if panels.size != rows * columns:
        raise ValueError(
            f"ax must hold {rows * columns} Axes, {rows} rows of {columns}; got {panels.size}."
        )
    return panels.flat[0].figure, panels.reshape(shape)


def get_inches(ax) -> tuple[float, float]:
    """Return width and height of axes in inches, as far as known before the layout.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        In a figure.

    Returns
    -------
    tuple of two float

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklatent.displays._drawing.axes import get_inches
    >>> get_inches(plt.figure(figsize=(4, 2)).add_axes((0, 0, 1, 0.5)))
    (4.0, 1.0)
    """
    box, figure = ax.get_position(), ax.get_figure(root=True)
    width, height = ax.figure.bbox.size / figure.dpi
    return float(box.width * width), float(box.height * height)


def grid_shape(n_panels: int, n_columns: int | None = None) -> tuple[int, int]:
    """Return rows and columns that hold a number of panels, row by row.

    Parameters
    ----------
    n_panels : int
        Number of panels, at least 1.
    n_columns : int or None, default=None
        Number of columns, at least 1; None takes three to five, whichever leaves the fewest
        places empty.

    Returns
    -------
    tuple of two int
        Rows and columns.

    Examples
    --------
    >>> from sklatent.displays._drawing.axes import grid_shape
    >>> grid_shape(3), grid_shape(6), grid_shape(20), grid_shape(7, n_columns=4)
    ((1, 3), (2, 3), (4, 5), (2, 4))
    """
    if n_columns is None:
        n_columns = min(
            (width for width in range(min(3, n_panels), min(5, n_panels) + 1)),
            key=lambda width: (-(-n_panels // width) * width - n_panels, -width),
        )
    n_columns = min(n_columns, n_panels)
    return -(-n_panels // n_columns), n_columns


def merge_keywords(name: str, defaults: Mapping, given, artist=None) -> dict:
    """Return keywords for styling, those of the caller over the defaults.

    Parameters
    ----------
    name : str
        Of the parameter, for the error.
    defaults : mapping of str to object
        Keywords of the display.
    given : dict or None
        Keywords of the caller; None gives the defaults alone.
    artist : type or None, default=None
        Class of matplotlib artist that they style. With it, short names such as `lw` and `c`
        stand for the long ones, and so replace defaults too.

    Returns
    -------
    dict
        A new dictionary.

    Raises
    ------
    TypeError
        If `given` is no dictionary, or holds a keyword under both its names.

    Examples
    --------
    >>> from matplotlib.lines import Line2D
    >>> from sklatent.displays._drawing.axes import merge_keywords
    >>> merge_keywords("line_kwargs", {"linewidth": 1, "color": "k"}, {"lw": 3}, Line2D)
    {'linewidth': 3, 'color': 'k'}
    """
    if given is None:
        return dict(defaults)
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a dictionary of keywords or None; got {_came(given)}.")
    if artist is not None:
        from matplotlib.cbook import normalize_kwargs

        try:
            given = normalize_kwargs(dict(given), artist)
        except TypeError as error:
            raise TypeError(f"{name} must hold each keyword once: {error}") from error
    return {**defaults, **given}


def _came(value) -> str:
    return f"{value!r} of type {type(value).__name__}"


def add_legend(figure, ax, handles, *, own: bool, below=None, n_columns: int = 1, fontsize=8):
    """Add a legend, below the axes of a figure of our own and else inside the axes.

    Inside, the axis of the ordinates is lengthened, so that the legend covers no points.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        That holds the axes.
    ax : matplotlib.axes.Axes
        Where the legend goes if the figure is the caller's.
    handles : list of Artist
        With labels.
    own : bool
        Whether the display made the figure.
    below : matplotlib.axes.Axes or None, default=None
        Axes of the caller that a grid of panels fills: the legend goes to its foot.
    n_columns : int, default=1
        Columns of a legend below.
    fontsize : float, default=8
        In points.

    Returns
    -------
    matplotlib.legend.Legend
        The legend.

    Examples
    --------
    >>> from sklatent.displays._drawing.axes import add_legend, get_ax
    >>> figure, ax = get_ax()
    >>> legend = add_legend(figure, ax, ax.plot([0, 1], label="line"), own=True)
    >>> [text.get_text() for text in legend.get_texts()]
    ['line']
    """
    from matplotlib.axes import Axes

    style: dict = {"fontsize": fontsize if own else min(fontsize, SMALL), "handles": handles}
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


def _darken_dots(legend) -> None:
    """Show a single dot of many pale ones so that it can be seen."""
    from matplotlib.collections import PathCollection

    for handle in legend.legend_handles:
        if isinstance(handle, PathCollection):
            handle.set(alpha=1.0, sizes=[12.0])


def _wrapped(labels, inches: float) -> list[str]:
    """Break labels of a legend into lines that fit into axes of a width."""
    most = max(int((inches - HANDLE_INCHES) / LETTER_INCHES), SHORTEST)
    return [label if len(label) <= most else fill(label, most) for label in labels]


def _make_room(ax, n_lines: int) -> None:
    """Lengthen the ordinate at the top by the height of lines of a legend."""
    height = get_inches(ax)[1]
    share = min(0.6, LEGEND_LINE * (n_lines + 1) / height)
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(np.array(ax.get_ylim()))
    top = low + (high - low) / (1 - share)
    ax.set_ylim(top=float(scale.inverted().transform(np.array([top]))[0]))


def line_handle(artist, label: str):
    """Return a line for a legend, with colour, width and dashes of a patch or line.

    Parameters
    ----------
    artist : matplotlib.patches.Patch or matplotlib.lines.Line2D
        What the line stands for.
    label : str
        In words.

    Returns
    -------
    matplotlib.lines.Line2D
        Drawn nowhere.

    Examples
    --------
    >>> from matplotlib.patches import Ellipse
    >>> from sklatent.displays._drawing.axes import line_handle
    >>> line_handle(Ellipse((0, 0), 1, 1, linewidth=3), "ellipse").get_linewidth()
    3.0
    """
    from matplotlib.lines import Line2D

    color = artist.get_edgecolor() if hasattr(artist, "get_edgecolor") else artist.get_color()
    style = {"linestyle": artist.get_linestyle(), "linewidth": float(artist.get_linewidth())}
    return Line2D([], [], color=color, label=label, **style)
