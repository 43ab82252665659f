"""The arithmetic of corruptions, once for NumPy arrays and torch tensors.

Images have the shape (n, height, width, channels). Random numbers come from
`draws`, which makes them where the images are, and `draws.xp` is the library of
the images, `numpy` or `torch`; only functions that both name alike are used.
"""

import math
from typing import Any, Protocol

import numpy as np

from sklatent._typing import AnyArray

__all__ = [
    "LUMA_WEIGHTS",
    "Draws",
    "NumpyDraws",
    "add_gaussian_noise",
    "dropped_values",
    "erased_boxes",
    "hide",
    "luma",
]

# Red, green and blue in the luma of ITU-R BT.601-7, section 2.5.1.
LUMA_WEIGHTS = (0.299, 0.587, 0.114)


class Draws(Protocol):
    """Random numbers, and the library of the arrays that they belong to."""

    @property
    def xp(self) -> Any:
        """The library, `numpy` or `torch`."""

    def normal(self, shape: tuple[int, ...]) -> Any:
        """Draw from the standard normal distribution."""

    def uniform(self, shape: tuple[int, ...]) -> Any:
        """Draw from [0, 1)."""

    def asarray(self, values: AnyArray) -> Any:
        """Return `values` where the images are."""


class NumpyDraws:
    """Draws of a NumPy generator, for images of the given dtype."""

    xp = np

    def __init__(self, rng: np.random.RandomState, dtype: np.dtype[Any]):
        self.rng = rng
        self.dtype = dtype

    def normal(self, shape: tuple[int, ...]) -> AnyArray:
        """Draw from the standard normal distribution."""
        return self.rng.standard_normal(shape).astype(self.dtype)

    def uniform(self, shape: tuple[int, ...]) -> AnyArray:
        """Draw from [0, 1)."""
        return self.rng.random_sample(shape)

    def asarray(self, values: AnyArray) -> AnyArray:
        """Return `values` as they are."""
        return values


def add_gaussian_noise(images: Any, std: float, low: float, high: float, draws: Draws) -> Any:
    """Add normal noise of deviation `std` * (high - low), and clip to [low, high]."""
    noisy = images + std * (high - low) * draws.normal(tuple(images.shape))
    return draws.xp.clip(noisy, low, high)


def dropped_values(
    shape: tuple[int, ...], fraction: float, whole_pixels: bool, draws: Draws
) -> Any:
    """Choose what is lost, each alone with probability `fraction`.

    Returns a boolean array (n, height, width, channels), or with
    `whole_pixels` (n, height, width, 1).
    """
    drawn = (*shape[:3], 1) if whole_pixels else tuple(shape)
    return draws.uniform(drawn) < fraction


def erased_boxes(
    shape: tuple[int, ...], scale: tuple[float, float], ratio: tuple[float, float], draws: Draws
) -> Any:
    """Choose one box in each image; returns a boolean array (n, height, width, 1).

    With area S uniform in `scale` times that of the image and the logarithm of
    the aspect ratio r uniform between those of `ratio`, the box is sqrt(S r)
    high and sqrt(S / r) wide, rounded and cut to the image's sides, and lies
    anywhere inside with equal probability.
    """
    n, height, width = shape[:3]
    xp = draws.xp
    area_draw, ratio_draw, top_draw, left_draw = (draws.uniform((n, 1, 1, 1)) for _ in range(4))
    area = (scale[0] + (scale[1] - scale[0]) * area_draw) * height * width
    bounds = (math.log(ratio[0]), math.log(ratio[1]))
    aspect = xp.exp(bounds[0] + (bounds[1] - bounds[0]) * ratio_draw)

    def inside(size, side, draw, axis_shape):
        size = xp.clip(xp.round(size), 0, side)
        start = xp.floor(draw * (side - size + 1))
        places = draws.asarray(np.arange(side).reshape(axis_shape))
        return (places >= start) & (places < start + size)

    rows = inside((area * aspect) ** 0.5, height, top_draw, (1, height, 1, 1))
    return rows & inside((area / aspect) ** 0.5, width, left_draw, (1, 1, width, 1))


def hide(images: Any, hidden: Any, fill: float, low: float, high: float, draws: Draws) -> Any:
    """Set what is `hidden` to low + fill * (high - low), and leave all else as it is."""
    return draws.xp.where(hidden, low + fill * (high - low), images)


def luma(images: Any, draws: Draws) -> Any:
    """Return the luma 0.299 R + 0.587 G + 0.114 B in each of three channels."""
    red, green, blue = LUMA_WEIGHTS
    grey = red * images[..., 0:1] + green * images[..., 1:2] + blue * images[..., 2:3]
    return draws.xp.broadcast_to(grey, images.shape)
