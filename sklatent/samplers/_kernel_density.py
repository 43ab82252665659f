"""Normal kernels on points: squared distances to them, and densities, block by block."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import gen_batches

from sklatent._typing import FloatArray, IntArray

__all__ = [
    "HeldOut",
    "LocalShapes",
    "held_out_scores",
    "kernel_log_density",
    "local_deviations",
]

BLOCK_VALUES = 2**20
LARGEST = 4.0
HALVINGS = 14
RIDGE = 0.1
SMALLEST_RIDGE = 1e-6


class LocalShapes(NamedTuple):
    """Centres (n, r) and indices (n, k) of the nearest of each, itself among them.

    None in place of it stands for the identity covariance.
    """

    points: FloatArray
    neighbors: IntArray


class HeldOut(NamedTuple):
    """Bandwidths (k,), decreasing, and the mean log-density of held-out points for each."""

    bandwidths: FloatArray
    scores: FloatArray


class LocalAxes(NamedTuple):
    """What turns plain distances to m centres into those in their local covariances.

    With V V^T = Q L Q^T, the inverse of V^T V + a I is (I - G^T G) / a, G = (a + L)^(-1/2) Q^T V:
    G (m, k, r), a (m,) and the log-determinants (m,).
    """

    axes: FloatArray
    ridge: FloatArray
    log_determinants: FloatArray


def local_deviations(shapes: LocalShapes, centres: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return deviations V (m, k, r) and a ridge a (m,): V^T V + a I is the local covariance.

    The ridge is a tenth of the mean local variance.
    """
    near = shapes.points[shapes.neighbors[centres]]
    near -= near.mean(axis=1, keepdims=True)
    near /= np.sqrt(near.shape[1])
    variance = np.einsum("mkr,mkr->m", near, near) / max(1, near.shape[2])
    return near, np.maximum(RIDGE * variance, SMALLEST_RIDGE)


def _plain_distances(Y: FloatArray, points: FloatArray) -> FloatArray:
    squared = np.einsum("ij,ij->i", Y, Y)[:, None] - 2 * (Y @ points.T)
    squared += np.einsum("ij,ij->i", points, points)
    return np.maximum(squared, 0.0, out=squared)


def _local_axes(points: FloatArray, shapes: LocalShapes | None, columns: slice) -> LocalAxes | None:
    if shapes is None:
        return None
    deviations, ridge = local_deviations(shapes, np.arange(len(points))[columns])
    values, vectors = np.linalg.eigh(deviations @ deviations.transpose(0, 2, 1))
    values = np.maximum(values, 0.0)
    axes = vectors.transpose(0, 2, 1) @ deviations
    axes /= np.sqrt(ridge[:, None] + values)[:, :, None]
    log_determinants = np.log1p(values / ridge[:, None]).sum(axis=1)
    return LocalAxes(axes, ridge, log_determinants + axes.shape[2] * np.log(ridge))


def _distances(Y: FloatArray, centres: FloatArray, local: LocalAxes | None) -> FloatArray:
    """Squared distances of Y to centres in their covariances."""
    squared = _plain_distances(Y, centres)
    if local is None:
        return squared
    axes, ridge, _ = local
    m, k, r = axes.shape
    along = (Y @ axes.reshape(m * k, r).T).reshape(len(Y), m, k)
    along -= (axes @ centres[:, :, None])[..., 0]
    squared -= np.einsum("nmk,nmk->nm", along, along)
    squared /= ridge
    return np.maximum(squared, 0.0, out=squared)


def _step(shapes: LocalShapes | None) -> int:
    return 1024 if shapes is None else max(1, 1024 // shapes.neighbors.shape[1])


def kernel_log_density(
    Y: FloatArray, points: FloatArray, bandwidth: float, shapes: LocalShapes | None = None
) -> FloatArray:
    r"""Return the log (m,) of :math:`\frac1n \sum_k N(y; y_k, h^2 \Sigma_k)` at whitened points.

    Memory beyond it stays at a few times 8 MB.
    """
    n, r = points.shape
    sums = np.full(len(Y), -np.inf)
    for columns in gen_batches(n, _step(shapes)):
        local = _local_axes(points, shapes, columns)
        for rows in gen_batches(len(Y), 1024):
            squared = _distances(Y[rows], points[columns], local)
            squared *= -0.5 / bandwidth**2
            if local is not None:
                squared -= 0.5 * local.log_determinants
            top = np.maximum(squared.max(axis=1), sums[rows])
            squared -= top[:, None]
            total = np.exp(squared, out=squared).sum(axis=1) + np.exp(sums[rows] - top)
            sums[rows] = np.log(total) + top
    return sums - np.log(n) - r * np.log(np.sqrt(2 * np.pi) * bandwidth)


def held_out_scores(
    held: FloatArray, points: FloatArray, shapes: LocalShapes | None = None
) -> HeldOut:
    """Return the mean log-density of held-out points at each of 30 bandwidths, 4 to 0.026.

    A kernel at a bandwidth smaller by the root of 2 is the square of itself, so that all
    bandwidths cost two exponentials.
    """
    n, r = points.shape
    # Local covariances are made anew for each block, so that blocks of them are larger.
    height = max(1, (BLOCK_VALUES if shapes is None else 8 * BLOCK_VALUES) // n)
    starts = LARGEST * 2.0 ** np.array([0.0, -0.25])
    bandwidths = np.stack([starts * 2.0 ** (-0.5 * k) for k in range(HALVINGS + 1)])
    scores = np.zeros(bandwidths.shape)
    for rows in gen_batches(len(held), height):
        squared, log_weights = np.empty((rows.stop - rows.start, n)), np.zeros(n)
        for columns in gen_batches(n, _step(shapes)):
            local = _local_axes(points, shapes, columns)
            squared[:, columns] = _distances(held[rows], points[columns], local)
            if local is not None:
                log_weights[columns] = -0.5 * local.log_determinants
        nearest = squared.min(axis=1)
        squared -= nearest[:, None]
        top = log_weights.max()
        weights = np.exp(log_weights - top)
        for column, start in enumerate(starts):
            kernels = np.exp(squared * (-0.5 / start**2))
            for k in range(HALVINGS + 1):
                h = bandwidths[k, column]
                with np.errstate(divide="ignore"):
                    logs = np.log(kernels @ weights) + top - 0.5 * nearest / h**2
                scores[k, column] += logs.sum() - len(logs) * r * np.log(h)
                if k < HALVINGS:
                    np.square(kernels, out=kernels)
    scores = scores / len(held) - np.log(n) - 0.5 * r * np.log(2 * np.pi)
    return HeldOut(bandwidths.ravel(), scores.ravel())
