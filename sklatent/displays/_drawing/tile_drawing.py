"""Tiles of images in one axes, with names of rows and captions below images."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sklatent._typing import FloatArray

from .style import Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

__all__ = [
    "CAPTION_INCHES",
    "GAP",
    "SMALLEST_TILE",
    "clear_frame",
    "draw_tile",
    "draw_tile_rows",
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
    """Return the width of a tile and of the names of rows, for a page of seven inches."""
    longest = max((len(line) for label in labels for line in label.split("\n")), default=0)
    margin = longest * _LETTER_INCHES + 0.15
    tile = (_WIDTH_INCHES - margin) / (n_columns * (1 + GAP))
    return float(np.clip(tile, *_TILE)), margin


def clear_frame(ax: "Axes") -> None:
    """Hide the frame and the marks of ticks, and keep their labels."""
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labelsize=_LABEL_SIZE)


def draw_tile(
    ax: "Axes",
    image: FloatArray,
    extent: tuple[float, float, float, float],
    image_kwargs: Style = None,
) -> "AxesImage":
    """Draw an image (height, width, channels) in [0, 1] at (left, right, bottom, top)."""
    defaults = {"cmap": "gray", "vmin": 0.0, "vmax": 1.0}
    style = merge_keywords("image_kwargs", defaults, image_kwargs)
    shown = image[..., 0] if image.shape[-1] == 1 else image
    return ax.imshow(shown, **({"extent": extent, "aspect": "equal"} | style))


def draw_tile_rows(
    ax: "Axes",
    rows: Sequence[FloatArray],
    *,
    labels: Sequence[str] = (),
    captions: Sequence[Sequence[str] | None] | None = None,
    tile: float | None = None,
    caption_lines: int = 1,
    image_kwargs: Style = None,
    text_kwargs: Style = None,
) -> "tuple[list[list[AxesImage]], list[list[Text]]]":
    """Draw rows of images (n_i, height, width, channels) in [0, 1], side by side in one axes.

    Captions of None leave no room below their row. From `tile`, the width of one in inches,
    follows the room for captions; None estimates it.
    """
    captions = captions or [None] * len(rows)
    longest = max(len(row) for row in rows)
    lefts = np.arange(longest) * (1 + GAP)
    width = longest * (1 + GAP) - GAP
    inches = tile or _inches_of_tile(ax, width, labels)
    room = caption_lines * CAPTION_INCHES / inches
    style: dict[str, Any] = {"ha": "center", "va": "top", "linespacing": 1.05, "color": "0.2"}
    style["fontsize"] = _caption_size(captions, inches)
    style = merge_keywords("text_kwargs", style, text_kwargs)
    images, texts, centres, top = [], [], [], 0.0
    for row, words in zip(rows, captions, strict=True):
        bottom = top + row.shape[1] / row.shape[2]
        extents = [(left, left + 1, bottom, top) for left in lefts]
        tiles = zip(row, extents, strict=False)
        images.append([draw_tile(ax, image, extent, image_kwargs) for image, extent in tiles])
        places = zip(words or [], lefts, strict=False)
        texts.append([ax.text(x + 0.5, bottom + 0.03, word, **style) for word, x in places])
        centres.append((top + bottom) / 2)
        top = bottom + GAP + (room if words else 0.0)
    clear_frame(ax)
    # From the left edge of the axes the layout measures the room for names.
    ax.set_anchor("W")
    ax.set(xlim=(-GAP / 2, width + GAP / 2), ylim=(top - GAP / 2, -GAP / 2), xticks=[])
    ax.set_yticks(centres if labels else [], labels=labels)
    return images, texts


def _caption_size(captions: Iterable[Sequence[str] | None], tile: float) -> float:
    """Return the size of captions that do not touch below tiles of a width in inches."""
    lines = [line for words in captions for text in words or [] for line in text.split("\n")]
    fitting = (1 + GAP) * tile / (_EM * (max(map(len, lines), default=1) + 0.4)) * 72
    return float(np.clip(fitting, _SMALLEST_CAPTION, _CAPTION_SIZE))


def _inches_of_tile(ax: "Axes", width: float, labels: Sequence[str]) -> float:
    figure = cast("Figure", ax.get_figure(root=True))
    inches = ax.get_position().width * figure.get_figwidth() - tile_inches(1, labels)[1]
    return max(inches / width, 0.2)
