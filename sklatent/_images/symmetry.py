"""Whether a mirror image is as good as the first: what axes of the images leave of it."""

import numpy as np

from sklatent._random import subsample
from sklatent._typing import IntArray

from .principal import Read, principal_axes, projection_errors

__all__ = ["mirror_excess"]

_MOST_IMAGES = 2000
_MOST_AXES = 32
_IMAGES_FOR_AN_AXIS = 8


def mirror_excess(
    read: Read, rows: IntArray, image_shape: tuple[int, int, int], rng: np.random.RandomState
) -> float:
    """Return by which share principal axes leave more of mirrored images than of images.

    Axes are those of a random half of at most 2,000 images, and errors those of the other half,
    as they are and turned left to right: e(mirrored) / e(images) - 1. It is infinite where there
    are too few images for an axis, or nothing is left of them.
    """
    some = rng.permutation(rows[subsample(len(rows), _MOST_IMAGES, rng)])
    first, second = np.sort(some[: len(some) // 2]), np.sort(some[len(some) // 2 :])
    n_axes = min(_MOST_AXES, len(first) // _IMAGES_FOR_AN_AXIS)
    if n_axes < 1:
        return np.inf
    width = int(np.prod(image_shape))
    axes = principal_axes(read, first, width, n_axes, rng)

    def read_mirrored(part: IntArray):
        images = read(part).reshape(len(part), *image_shape)
        return images[:, :, ::-1].reshape(len(part), width)

    error, mirrored = (projection_errors(axes, way, second)[0] for way in (read, read_mirrored))
    return mirrored / error - 1.0 if error > 0 else np.inf
