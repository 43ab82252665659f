"""What a corruption leaves of an image: pixel values, the luma, or nothing for certain."""

from typing import Any, Literal, TypeAlias

from sklatent._typing import ImageShape

from ._arithmetic import Draws
from ._base import Corruption
from ._colour import Grayscale
from ._hiding import Mask, PixelDropout, RandomErasing

__all__ = ["Remains", "fill_of", "known_values", "remains_of"]

Remains: TypeAlias = Literal["values", "luma", "nothing"]

# Half a level of 8 bits: a fill was rounded with the image that it stands in.
_HALF_A_LEVEL = 0.5 / 255 + 1e-6


def remains_of(corruption: Corruption | None, image_shape: ImageShape) -> Remains:
    """Return what stays of images (height, width, channels): values, the luma, or nothing."""
    if isinstance(corruption, PixelDropout | RandomErasing | Mask):
        return "values"
    if isinstance(corruption, Grayscale) and image_shape[-1] == 3:
        return "luma"
    return "nothing"


def fill_of(corruption: Corruption | None) -> float | None:
    """Return what stands in place of lost values, in [0, 1], or None where nothing is lost."""
    if isinstance(corruption, PixelDropout | RandomErasing | Mask):
        return float(corruption.fill)
    return None


def known_values(corruption: Corruption, images: Any, draws: Draws) -> Any:
    """Return which values of corrupted images (n, H, W, C) in [0, 1] are left, as bools.

    A value, or a pixel with all its channels, is taken for lost where it is the fill; a fixed
    mask is known. None where a corruption leaves no value as it was.
    """
    if isinstance(corruption, Mask):
        known = ~draws.asarray(corruption._as_array()[None])
        return draws.xp.broadcast_to(known, tuple(images.shape))
    fill = fill_of(corruption)
    if fill is None:
        return None
    known = abs(images - fill) > _HALF_A_LEVEL
    if not (isinstance(corruption, PixelDropout) and corruption.per == "value"):
        known = draws.xp.broadcast_to(known.any(-1)[..., None], tuple(images.shape))
    return known
