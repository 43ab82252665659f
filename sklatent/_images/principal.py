"""Principal axes of images that stay in their own dtype and place.

A function `read` takes row numbers (m,) and gives these images as float32 rows
(m, p). It is called block by block, so that beside the result of k axes of p
pixel values, a few arrays of p by k numbers and one block are all that is held.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from sklatent._random import subsample
from sklatent._typing import FloatArray, IntArray

__all__ = [
    "PrincipalAxes",
    "Read",
    "principal_axes",
    "principal_regression",
    "errors_by_number",
    "projection_errors",
    "random_subset",
]

Read: TypeAlias = Callable[[IntArray], NDArray[np.float32]]

_MOST_IMAGES = 10_000
_BLOCK_VALUES = 2**22
_EXACT_WIDTH = 1024
_N_ITERATIONS = 4
_LEAST_SHARE = 1e-6


class PrincipalAxes(NamedTuple):
    """Mean (p,), orthonormal axes (k, p), and variances (k,) > 0 along them, falling.

    `explained` is their share of the sum of the variances of all p values, 0 if that is 0.
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    variances: FloatArray
    explained: float


def random_subset(rows: IntArray, rng: np.random.RandomState) -> IntArray:
    """Return at most 10,000 of `rows`, sorted."""
    return np.sort(rows[subsample(len(rows), _MOST_IMAGES, rng)])


def _parts(rows: IntArray, width: int) -> Iterator[IntArray]:
    """Cut `rows` into blocks of images of `width` values."""
    return (rows[part] for part in gen_batches(len(rows), max(1, _BLOCK_VALUES // width)))


def _mean(read: Read, rows: IntArray, width: int) -> NDArray[np.float32]:
    total = sum(read(part).sum(axis=0, dtype=np.float64) for part in _parts(rows, width))
    return (total / len(rows)).astype(np.float32)


def principal_axes(
    read: Read, rows: IntArray, width: int, n_components: int, rng: np.random.RandomState
) -> PrincipalAxes:
    """Return at most `n_components` principal axes of images; none of a single image.

    Up to 1,024 pixel values they come from the covariance. Above, 4 steps of
    subspace iteration on the covariance S, from a random start, find them:

        Q <- orthonormal basis of S Q

    with a quarter more columns than axes, and at last the principal axes
    within Q (Halko, Martinsson and Tropp, "Finding structure with randomness",
    SIAM Review 53, 2011, algorithm 4.4). Axes whose variance is below 1e-6 of
    the largest are left out. `width` is the number p of pixel values of an image.
    """
    mean = _mean(read, rows, width)
    basis = None
    if width > _EXACT_WIDTH:
        n_columns = min(width, n_components + max(10, n_components // 4))
        basis = rng.standard_normal((width, n_columns))
        for _ in range(_N_ITERATIONS):
            basis = np.linalg.qr(basis)[0].astype(np.float32)
            image = np.zeros(basis.shape)
            for part in _parts(rows, width):
                block = read(part) - mean
                image += block.T @ (block @ basis)
            basis = image
        basis = np.linalg.qr(basis)[0].astype(np.float32)
    gram: FloatArray | float = 0.0
    squares = 0.0
    for part in _parts(rows, width):
        block = read(part) - mean
        squares += float(np.square(block).sum(dtype=np.float64))
        inside = block if basis is None else block @ basis
        gram = gram + (inside.T @ inside).astype(np.float64)
    degrees = max(1, len(rows) - 1)
    variances, vectors = np.linalg.eigh(gram / degrees)
    variances, vectors = variances[::-1][:n_components], vectors[:, ::-1][:, :n_components]
    kept = (variances > _LEAST_SHARE * variances[0]) & (variances > 0)
    axes = vectors[:, kept] if basis is None else basis @ vectors[:, kept]
    variances = variances[kept]
    explained = float(variances.sum() / (squares / degrees)) if squares else 0.0
    return PrincipalAxes(mean, axes.T.astype(np.float32), variances, explained)


def principal_regression(
    axes: PrincipalAxes, read: Read, read_target: Read, rows: IntArray, width: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean (q,) and loadings (q, k) of the best linear map from components to targets.

    The components z are those of `axes` with unit variance. They are
    uncorrelated in the images of `rows`, which must be those that `axes` are
    of, so that the least-squares map y = mean + loadings z has the covariances
    of y with z as loadings. Where the targets are the images themselves they
    are the axes, times their standard deviations. `width` is the larger number
    of pixel values, of images and targets.
    """
    scales = np.sqrt(axes.variances).astype(np.float32)
    if read_target is read:
        return axes.mean, axes.components.T * scales
    mean = _mean(read_target, rows, width)
    loadings = np.zeros((len(mean), len(scales)))
    for part in _parts(rows, width):
        components = (read(part) - axes.mean) @ axes.components.T / scales
        loadings += (read_target(part) - mean).T @ components
    return mean, (loadings / max(1, len(rows) - 1)).astype(np.float32)


def projection_errors(axes: PrincipalAxes, read: Read, rows: IntArray) -> tuple[float, FloatArray]:
    """Return the squared error a pixel value of images projected on the axes, and of each (n,)."""
    width = len(axes.mean)
    total, each = 0.0, []
    for part in _parts(rows, width):
        block = read(part) - axes.mean
        block -= (block @ axes.components.T) @ axes.components
        square = np.square(block, out=block)
        total += square.sum(dtype=np.float64)
        each.append(square.mean(axis=1, dtype=np.float64))
    return total / (len(rows) * width), np.concatenate(each)


def errors_by_number(
    axes: PrincipalAxes, read: Read, rows: IntArray, n_components: Sequence[int]
) -> FloatArray:
    """Return the errors (m,) of projections on the first axes, for each number of them.

    Of k orthonormal axes v that of the first j is the sum of squares of what all leave, and of
    the components along the others: |x - sum_{i <= k} (v_i . x) v_i|^2 + sum_{i > j} (v_i . x)^2.
    Beyond k it is that of all.
    """
    width = len(axes.mean)
    left, along = 0.0, np.zeros(len(axes.components))
    for part in _parts(rows, width):
        block = read(part) - axes.mean
        components = block @ axes.components.T
        block -= components @ axes.components
        left += float(np.square(block).sum(dtype=np.float64))
        along += np.square(components).sum(axis=0, dtype=np.float64)
    sums = [left + along[j:].sum() for j in n_components]
    return np.array(sums) / (len(rows) * width)
