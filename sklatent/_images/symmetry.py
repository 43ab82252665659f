"""Whether mirror images are as good as the first: what axes of the images leave of them."""

import numpy as np
from numpy.typing import NDArray

from sklatent._random import subsample
from sklatent._typing import IntArray

from .principal import Read, principal_axes, projection_errors

__all__ = ["mirror_excesses"]

_MOST_IMAGES = 2000
_MOST_AXES = 32
_IMAGES_FOR_AN_AXIS = 8


def mirror_excesses(
    read: Read, rows: IntArray, image_shape: tuple[int, int, int], rng: np.random.RandomState
) -> tuple[float, float]:
    """Return by which shares principal axes leave more of mirrored images than of images.

    Axes are those of a random half of at most 2,000 images, and errors those of the other half,
    as they are, and turned left to right, or upside down: e(mirrored) / e(images) - 1. They are
    infinite where there are too few images for an axis, or nothing is left of them.
    """
    some = rng.permutation(rows[subsample(len(rows), _MOST_IMAGES, rng)])
    first, second = np.sort(some[: len(some) // 2]), np.sort(some[len(some) // 2 :])
    n_axes = min(_MOST_AXES, len(first) // _IMAGES_FOR_AN_AXIS)
    if n_axes < 1:
        return np.inf, np.inf
    width = int(np.prod(image_shape))
    axes = principal_axes(read, first, width, n_axes, rng)

    def turned(axis: int) -> Read:
        def read_turned(part: IntArray) -> NDArray[np.float32]:
            images = read(part).reshape(len(part), *image_shape)
            return np.flip(images, axis).reshape(len(part), width)

        return read_turned

    ways = (read, turned(2), turned(1))
    error, sideways, upwards = (projection_errors(axes, way, second)[0] for way in ways)
    if error == 0:
        return np.inf, np.inf
    return sideways / error - 1.0, upwards / error - 1.0
