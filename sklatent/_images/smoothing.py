"""Smooth surfaces through the pixel values that are known."""

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import splu

from sklatent._typing import AnyArray, BoolArray, FloatArray

__all__ = ["fill_smoothly", "roughness"]

# Weights of slope and size beside those of curvature: few pixels far from what is known the
# surface is back at 0, and a gap of a few pixels is bridged as by curvature alone.
_SLOPE = 0.1
_SIZE = 1e-3


def _second_differences(length: int) -> scipy.sparse.csc_matrix:
    """Return D' D of the first differences D of a line, whose ends are free."""
    ones = np.ones(max(length - 1, 0))
    difference = scipy.sparse.diags([-ones, ones], [0, 1], shape=(max(length - 1, 0), length))
    return (difference.T @ difference).tocsc()


def roughness(
    height: int, width: int, slope: float = _SLOPE, size: float = _SIZE
) -> scipy.sparse.csc_matrix:
    """Return Q of the energy u' Q u = |L u|^2 + slope u' L u + size |u|^2 of a surface u.

    L is the Laplacian of the grid with free borders, so that u' L u is the sum of squared
    differences of neighbours.
    """
    rows, columns = _second_differences(height), _second_differences(width)
    identity = scipy.sparse.identity
    laplacian = scipy.sparse.kron(rows, identity(width)) + scipy.sparse.kron(
        identity(height), columns
    )
    energy = laplacian.T @ laplacian + slope * laplacian + size * identity(height * width)
    return energy.tocsc()


def _fill_columns(flat: FloatArray, known: BoolArray, energy: scipy.sparse.csc_matrix) -> None:
    """Fill rows of `flat` (p, k) that are not known (p,), in place, by Q_UU u = -Q_UK f."""
    if known.all() or not known.any():
        flat[~known] = 0.0
        return
    rows = energy[np.flatnonzero(~known)]
    inside = rows[:, np.flatnonzero(~known)].tocsc()
    given = rows[:, np.flatnonzero(known)] @ flat[known]
    flat[~known] = splu(inside, permc_spec="MMD_AT_PLUS_A").solve(-given)


def fill_smoothly(values: AnyArray, known: BoolArray) -> FloatArray:
    """Return values (n, H, W, C) with those that are not `known` filled by a smooth surface.

    Each channel of each image becomes the surface of least energy (see `roughness`) through its
    known values, and 0 where it has none: far from them it comes back to 0. Where channels, or
    all images, share what is known, one matrix is factorised for all of them.
    """
    n, height, width, n_channels = values.shape
    filled = np.array(values, dtype=np.float64)
    energy = roughness(height, width)
    flat = filled.reshape(n, height * width, n_channels)
    masks = np.broadcast_to(known, values.shape).reshape(flat.shape)
    if n > 1 and (masks == masks[:1]).all():
        joined = flat.transpose(1, 2, 0).reshape(height * width, n_channels * n)
        parts = [(joined, np.repeat(masks[0], n, axis=1))]
    else:
        parts = list(zip(flat, masks, strict=True))
    for columns, mask in parts:
        for pattern, chosen in _patterns(mask):
            some = columns[:, chosen]
            _fill_columns(some, pattern, energy)
            columns[:, chosen] = some
    if len(parts) == 1 and n > 1:
        filled = joined.reshape(height, width, n_channels, n).transpose(3, 0, 1, 2)
    return np.ascontiguousarray(filled, dtype=np.float32)


def _patterns(mask: BoolArray) -> list[tuple[BoolArray, AnyArray]]:
    """Return each pattern among the columns of a mask (p, k), with the columns that have it."""
    distinct, which = np.unique(mask, axis=1, return_inverse=True)
    which = np.ravel(which)
    return [(distinct[:, i], np.flatnonzero(which == i)) for i in range(distinct.shape[1])]
