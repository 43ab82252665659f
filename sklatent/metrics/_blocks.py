"""Images gone through block by block, with what is found of them in one array."""

from collections.abc import Callable, Iterator

import numpy as np
from sklearn.utils import gen_batches

from sklatent._typing import AnyArray

__all__ = ["block_rows", "by_blocks"]

_BLOCK_VALUES = 2**21
# Networks take batches of 64 or so: a block of whole ones gives the bits of all at once.
_LEAST_ROWS = 256


def block_rows(n_images: int, n_values: int) -> Iterator[slice]:
    """Cut rows of images of so many pixel values into blocks of about two million values."""
    size = max(1, _BLOCK_VALUES // max(1, n_values) // _LEAST_ROWS) * _LEAST_ROWS
    return gen_batches(n_images, size)


def by_blocks(function: Callable[[slice], AnyArray], n_images: int, n_values: int) -> AnyArray:
    """Return what a function of a slice gives for n images, in one array made beforehand."""
    blocks = block_rows(n_images, n_values)
    first = next(blocks)
    part = np.asarray(function(first))
    if first.stop >= n_images:
        return part
    found = np.empty((n_images, *part.shape[1:]), part.dtype)
    found[first] = part
    for rows in blocks:
        found[rows] = function(rows)
    return found
