"""Curves below the strips of a path, on an axis that is true to its positions."""

import numpy as np

from .axes import GREY, LINESTYLES, MARKERS, PALETTE, merge_keywords

__all__ = [
    "CURVE_INCHES",
    "add_curve_axes",
    "curve_labels",
    "legend_columns",
    "draw_curves",
    "draw_leaders",
    "groups",
    "places_of_images",
]

CURVE_INCHES = 1.5
_SIGN_INCHES, _LETTER_INCHES = 0.45, 0.06


def groups(values: dict) -> list[list[str]]:
    """Return names of paths with the same curve together, in the order of the first.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n,)
        Curves by path.

    Returns
    -------
    list of list of str

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.displays._drawing.path_curves import groups
    >>> groups({"a": np.array([1.0, 2.0]), "b": np.zeros(2), "c": np.array([1.0, 2.0])})
    [['a', 'c'], ['b']]
    """
    found: list[list[str]] = []
    for name, curve in values.items():
        for group in found:
            if np.allclose(curve, values[group[0]], rtol=1e-4, atol=1e-4, equal_nan=True):
                group.append(name)
                break
        else:
            found.append([name])
    return found


def places_of_images(positions, shown, centres) -> np.ndarray:
    """Return where points lie under the tiles, on an axis true to their positions.

    Parameters
    ----------
    positions : ndarray of shape (n,)
        Places of the points, increasing.
    shown : ndarray of shape (m,), int
        Points that the tiles show, with the first and the last.
    centres : ndarray of shape (m,)
        Middles of the tiles; the first and the last stand above their points.

    Returns
    -------
    ndarray of shape (m,)
        In the units of `centres`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.displays._drawing.path_curves import places_of_images
    >>> places_of_images(np.array([0.0, 1.0, 4.0]), np.arange(3), np.array([0.5, 1.5, 2.5]))
    array([0.5, 1. , 2.5])
    """
    return np.interp(positions[shown], positions[[0, -1]], centres[[0, -1]])


def add_curve_axes(ax, strips: float, room: float, tile: float, positions, centres):
    """Return axes below the strips of which the abscissa is true to the positions.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With the strips, in widths of tiles; it is lengthened.
    strips, room : float
        Heights of the strips, and of the gap below them, in widths of tiles.
    tile : float
        Width of a tile in inches.
    positions : ndarray of shape (n,)
        Places of the points, increasing.
    centres : ndarray of shape (m,)
        Middles of the tiles.

    Returns
    -------
    matplotlib.axes.Axes
        Inside of `ax`.
    """
    left, right = ax.get_xlim()
    height = CURVE_INCHES / tile
    ax.set_ylim(strips + room + height, ax.get_ylim()[1])
    bounds = (left, strips + room, right - left, height)
    axes = ax.inset_axes(bounds, transform=ax.transData)
    scale = (positions[-1] - positions[0]) / (centres[-1] - centres[0])
    ends = positions[0] + (np.array([left, right]) - centres[0]) * scale
    axes.set_xlim(*ends)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def draw_leaders(ax, centres, places, top: float, bottom: float):
    """Draw a line from each image to the place of its point, and return them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With the strips.
    centres, places : ndarray of shape (m,)
        Abscissae of the upper and the lower ends.
    top, bottom : float
        Ordinates of these.

    Returns
    -------
    matplotlib.collections.LineCollection
    """
    from matplotlib.collections import LineCollection

    ends = [[(upper, top), (lower, bottom)] for upper, lower in zip(centres, places, strict=True)]
    return ax.add_collection(LineCollection(ends, colors=GREY, linewidths=0.8), autolim=False)


def draw_curves(axes, positions, values: dict, shown, line_kwargs=None) -> dict:
    """Draw a curve of each path, marked where its images are, and return the lines by name.

    Paths with the same curve have one colour, dash and marker.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        To draw on.
    positions : ndarray of shape (n,)
        Places of the points.
    values : dict of str to ndarray of shape (n,)
        Curves by path.
    shown : ndarray of shape (m,), int
        Which of the points are marked.
    line_kwargs : dict or None, default=None
        Of the caller.

    Returns
    -------
    dict of str to matplotlib.lines.Line2D
    """
    from matplotlib.lines import Line2D

    style_of = {name: index for index, group in enumerate(groups(values)) for name in group}
    lines = {}
    for name, curve in values.items():
        index = style_of[name]
        style = {
            "color": PALETTE[index % 7], "linestyle": LINESTYLES[index % len(LINESTYLES)],
            "marker": MARKERS[index % len(MARKERS)], "markersize": 4,
            "markevery": shown.tolist(), "label": name,
        }  # fmt: skip
        style = merge_keywords("line_kwargs", style, line_kwargs, Line2D)
        (lines[name],) = axes.plot(positions, curve, **style)
    return lines


def curve_labels(values: dict) -> dict[str, str]:
    """Return what a legend says of each different curve, by the name of its first path.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n,)
        Curves by path.

    Returns
    -------
    dict of str to str
        Of one path alone, nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.displays._drawing.path_curves import curve_labels
    >>> curve_labels({"a": np.ones(2), "b": np.zeros(2), "c": np.ones(2)})
    {'a': 'a and 1 more', 'b': 'b'}
    """
    if len(values) < 2:
        return {}
    labels = {}
    for first, *others in groups(values):
        alike = len(others) + 1 == len(values)
        more = f"{first} and {len(others)} more" if others else first
        labels[first] = f"all {len(values)} alike" if alike else more
    return labels


def legend_columns(labels, inches: float) -> int:
    """Return how many columns of a legend of 8 points fit into a width, all where they can.

    Parameters
    ----------
    labels : sequence of str
        In their order.
    inches : float
        Of the legend.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> from sklatent.displays._drawing.path_curves import legend_columns
    >>> legend_columns(["straight", "on a sphere"], 7), legend_columns(12 * ["on a sphere"], 7)
    (2, 6)
    """
    widths = [_SIGN_INCHES + _LETTER_INCHES * len(label) for label in labels]
    for n_columns in range(len(labels), 1, -1):
        lines = -(-len(labels) // n_columns)
        columns = [max(widths[k : k + lines]) for k in range(0, len(labels), lines)]
        if sum(columns) <= inches:
            return len(columns)
    return 1
