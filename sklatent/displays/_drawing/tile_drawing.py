"""Tiles of images in one axes, with names of rows and captions below images."""

from collections.abc import Sequence

import numpy as np

from .axes import get_axes_grid, merge_keywords

__all__ = [
    "SMALLEST_TILE",
    "clear_frame",
    "draw_tile",
    "draw_tile_rows",
    "stack_axes",
    "tile_inches",
]

GAP = 0.08
CAPTION_INCHES = 0.16
SMALLEST_TILE = 0.42
_TILE = (SMALLEST_TILE, 0.9)
_LETTER_INCHES = 0.078
_WIDTH_INCHES = 7.0
_LABEL_SIZE, _CAPTION_SIZE, _SMALLEST_CAPTION = 9, 7.5, 5.5
# Width of a digit over the size of its letters.
_EM = 0.6


def tile_inches(n_columns: int, labels: Sequence[str] = ()) -> tuple[float, float]:
    """Return the width of a tile and of the names of rows, for a page of seven inches.

    Parameters
    ----------
    n_columns : int
        Tiles in a row.
    labels : sequence of str, default=()
        Names of rows, perhaps of several lines.

    Returns
    -------
    tuple of two float
        Inches.
    """
    longest = max((len(line) for label in labels for line in label.split("\n")), default=0)
    margin = longest * _LETTER_INCHES + 0.15
    tile = (_WIDTH_INCHES - margin) / (n_columns * (1 + GAP))
    return float(np.clip(tile, *_TILE)), margin


def stack_axes(ax, heights, figsize):
    """Return a figure and axes one above the other.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, array-like of Axes, or None
        As in `get_axes_grid`.
    heights : sequence of float
        Relative heights.
    figsize : tuple of two float
        Of a new figure, in inches.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The figure that holds the axes.
    axes : ndarray of shape (n,), dtype object
        From top to bottom.
    """
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        figure = plt.figure(figsize=figsize, layout="constrained")
        grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
        return figure, grid.subplots(squeeze=False)[:, 0]
    if isinstance(ax, Axes) and len(heights) == 1:
        return ax.figure, np.array([ax], dtype=object)
    spec = ax.get_subplotspec() if isinstance(ax, Axes) else None
    if spec is not None:
        ax.set_axis_off()
        below = spec.subgridspec(len(heights), 1, height_ratios=heights)
        return ax.figure, below.subplots(squeeze=False)[:, 0]
    figure, axes = get_axes_grid(ax, (len(heights), 1))
    return figure, axes[:, 0]


def clear_frame(ax) -> None:
    """Hide the frame and the marks of ticks, and keep their labels."""
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(length=0, labelsize=_LABEL_SIZE)


def draw_tile(ax, image: np.ndarray, extent, image_kwargs=None):
    """Draw an image (height, width, channels) in [0, 1] at (left, right, bottom, top)."""
    defaults = {"cmap": "gray", "vmin": 0.0, "vmax": 1.0}
    style = merge_keywords("image_kwargs", defaults, image_kwargs)
    shown = image[..., 0] if image.shape[-1] == 1 else image
    return ax.imshow(shown, **({"extent": extent, "aspect": "equal"} | style))


def draw_tile_rows(
    ax, rows, *, labels=None, captions=None, columns=None, n_columns=None, tile=None,
    caption_lines=1, image_kwargs=None, text_kwargs=None,
):  # fmt: skip
    """Draw rows of images into one axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Cleared of frame and ticks.
    rows : list of ndarray of shape (n_i, height, width, channels)
        Images in [0, 1].
    labels : list of str, default=None
        Names of rows, at the left.
    captions : list of (list of str or None), default=None
        Text below each image of a row; None leaves no room below the row.
    columns : array-like, default=None
        Left edges of tiles in tile widths; None sets them side by side.
    n_columns : int, default=None
        Tiles that the axes holds in its width; None takes the longest row.
    tile : float, default=None
        Width of a tile in inches, from which follows the room for captions; None estimates it.
    caption_lines : int, default=1
        Lines of text of a caption.
    image_kwargs, text_kwargs : dict, default=None
        Styles of images and captions.

    Returns
    -------
    images : list of list of matplotlib.image.AxesImage
        For each row.
    texts : list of list of matplotlib.text.Text
        For each row; empty where it has no captions.
    """
    longest = max(len(row) for row in rows)
    n_columns = n_columns or longest
    lefts = np.arange(longest) * (1 + GAP) if columns is None else np.asarray(columns, dtype=float)
    width = n_columns * (1 + GAP) - GAP
    inches = tile or _inches_of_tile(ax, width, labels or [])
    room = caption_lines * CAPTION_INCHES / inches
    style = {
        "ha": "center",
        "va": "top",
        "fontsize": _caption_size(captions, inches),
        "linespacing": 1.05,
        "color": "0.2",
    }
    style = merge_keywords("text_kwargs", style, text_kwargs)
    captions = captions or [None] * len(rows)
    images, texts, centres, top = [], [], [], 0.0
    for row, words in zip(rows, captions, strict=True):
        height = row.shape[1] / row.shape[2]
        images.append([
            draw_tile(ax, image, (left, left + 1, top + height, top), image_kwargs)
            for image, left in zip(row, lefts, strict=False)
        ])  # fmt: skip
        below = top + height + 0.03
        texts.append([
            ax.text(left + 0.5, below, text, **style)
            for text, left in zip(words or [], lefts, strict=False)
        ])  # fmt: skip
        centres.append(top + height / 2)
        top += height + GAP + (room if words else 0.0)
    clear_frame(ax)
    # From the left edge of the axes the layout measures the room for names.
    ax.set_anchor("W")
    ax.set(xlim=(-GAP / 2, width + GAP / 2), ylim=(top - GAP / 2, -GAP / 2), xticks=[])
    ax.set_yticks(centres if labels else [], labels=labels or [])
    return images, texts


def _caption_size(captions, tile: float) -> float:
    """Return the size of captions that do not touch below tiles of a width in inches."""
    lines = [line for words in captions or [] for text in words or [] for line in text.split("\n")]
    fitting = (1 + GAP) * tile / (_EM * (max(map(len, lines), default=1) + 0.4)) * 72
    return float(np.clip(fitting, _SMALLEST_CAPTION, _CAPTION_SIZE))


def _inches_of_tile(ax, width: float, labels) -> float:
    figure = ax.get_figure(root=True)
    inches = ax.get_position().width * figure.get_figwidth() - tile_inches(1, labels)[1]
    return max(inches / width, 0.2)
