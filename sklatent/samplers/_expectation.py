"""Expectation and maximisation of Gaussian mixtures, as products of matrices.

The log-density of a normal component is linear in the products of a point's coordinates, the
coordinates and 1, and these sum up to all that maximisation needs: both steps are one product of
matrices each (A. P. Dempster, N. M. Laird and D. B. Rubin, J. R. Stat. Soc. B 39, 1977).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from sklearn.utils import gen_batches

from sklatent._typing import FloatArray, IntArray

__all__ = [
    "CovarianceType",
    "Mixture",
    "climb",
    "expect",
    "log_densities",
    "maximise",
    "most_likely",
    "root_precisions",
    "single",
]

CovarianceType: TypeAlias = Literal["full", "tied", "diag", "spherical"]

# Blocks of products and of densities, in numbers, stay in the processor's cache.
BLOCK, LEAST_ROWS = 150_000, 256
# Up to so many components, whitened points of each cost less than products of coordinates.
FEW = 4
# Parts of the points after each of which the mixture moves, and numbers kept for all of them.
PARTS = 10
KEPT = 10_000_000


@dataclass(frozen=True, eq=False)
class Mixture:
    """Weights (k,), means (k, d) and covariances, shaped as scikit-learn's for their kind."""

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    kind: CovarianceType

    @property
    def n_products(self) -> int:
        """Number of products of coordinates that the log-density needs."""
        d = self.means.shape[1]
        return d * (d + 1) // 2 if self.kind in ("full", "tied") else d


def _features(Y: FloatArray, n_products: int) -> FloatArray:
    """Return products x_i x_j, i <= j, or squares alone, then coordinates and 1: (n, q)."""
    n, d = Y.shape
    found = np.empty((n, n_products + d + 1))
    if n_products == d:
        np.square(Y, out=found[:, :d])
    else:
        end = 0
        for i in range(d):
            start, end = end, end + d - i
            np.multiply(Y[:, i:], Y[:, i : i + 1], out=found[:, start:end])
    found[:, n_products:-1] = Y
    found[:, -1] = 1
    return found


def root_precisions(mixture: Mixture) -> FloatArray:
    """Return upper triangles U with U U^T the inverse covariances, or roots of inverse variances.

    They are what scikit-learn calls ``precisions_cholesky_``, shaped as the covariances.
    """
    if mixture.kind in ("diag", "spherical"):
        if not np.all(mixture.covariances > 0):
            raise np.linalg.LinAlgError("A variance is not positive.")
        return 1 / np.sqrt(mixture.covariances)
    return np.linalg.inv(np.linalg.cholesky(mixture.covariances)).swapaxes(-1, -2)


def _precisions(mixture: Mixture) -> tuple[FloatArray, FloatArray]:
    """Return inverse covariances, (k or 1, d, d) or (k, d), and their log-determinants."""
    roots, (k, d) = root_precisions(mixture), mixture.means.shape
    if mixture.kind in ("diag", "spherical"):
        roots = np.broadcast_to(roots.reshape(k, -1), (k, d))
        return roots**2, 2 * np.log(roots).sum(axis=1)
    roots = roots.reshape(-1, d, d)
    diagonals = np.diagonal(roots, axis1=1, axis2=2)
    return roots @ roots.swapaxes(1, 2), 2 * np.log(diagonals).sum(axis=1)


def _heights(mixture: Mixture, log_determinants: FloatArray) -> FloatArray:
    """Return the log-density of each component at its mean, with its log-weight, (k,)."""
    d = mixture.means.shape[1]
    return np.log(mixture.weights) + 0.5 * (log_determinants - d * np.log(2 * np.pi))


def _coefficients(mixture: Mixture) -> FloatArray:
    """Return what takes features (n, q) to log-densities with log-weights (n, k): (q, k)."""
    means, (k, d) = mixture.means, mixture.means.shape
    precisions, log_determinants = _precisions(mixture)
    if precisions.ndim == 3:
        slopes = np.matmul(precisions, means[:, :, None])[:, :, 0]
        i, j = np.triu_indices(d)
        quadratic = np.where(i == j, -0.5, -1.0) * precisions[:, i, j]
    else:
        slopes, quadratic = precisions * means, -0.5 * precisions
    constant = _heights(mixture, log_determinants) - 0.5 * np.sum(slopes * means, axis=1)
    quadratic = np.broadcast_to(quadratic, (k, mixture.n_products))
    return np.concatenate([quadratic.T, slopes.T, constant[None]])


def _block_size(mixture: Mixture, q: int) -> int:
    return max(LEAST_ROWS, BLOCK // max(q, len(mixture.means)))


def expect(Y: FloatArray, mixture: Mixture) -> tuple[FloatArray, float]:
    """Return each component's share in the sums of features, (k, q), and the log-likelihood."""
    k, d = mixture.means.shape
    statistics, total = np.zeros((k, mixture.n_products + d + 1)), 0.0
    for rows, features, shares in _terms(Y, mixture):
        highest = shares.max(axis=1, keepdims=True)
        shares -= highest
        np.exp(shares, out=shares)
        sums = shares.sum(axis=1, keepdims=True)
        total += float(np.sum(highest + np.log(sums)))
        shares /= sums
        statistics += shares.T @ features if features is not None else _sums(Y[rows], shares)
    return statistics, total


def _sums(Y: FloatArray, shares: FloatArray) -> FloatArray:
    """Return ``shares.T @ _features(Y)`` of full products, one component at a time."""
    i, j = np.triu_indices(Y.shape[1])
    products = [((Y * share[:, None]).T @ Y)[i, j] for share in shares.T]
    return np.column_stack([products, shares.T @ Y, shares.sum(axis=0)])


def _terms(
    Y: FloatArray, mixture: Mixture
) -> Iterator[tuple[slice, FloatArray | None, FloatArray]]:
    """Yield rows, their features if they were needed, and the log-densities (rows, k).

    These are of the points in each component, with its log-weight.
    """
    k, d = mixture.means.shape
    few = k <= FEW and mixture.kind in ("full", "tied")
    if few:
        roots = np.broadcast_to(root_precisions(mixture), (k, d, d))
        diagonals = np.diagonal(roots, axis1=1, axis2=2)
        heights = _heights(mixture, 2 * np.log(diagonals).sum(axis=1))
    else:
        coefficients = _coefficients(mixture)
    size = _block_size(mixture, mixture.n_products + d + 1)
    for rows in gen_batches(len(Y), size):
        if not few:
            features = _features(Y[rows], mixture.n_products)
            yield rows, features, features @ coefficients
            continue
        terms = np.empty((len(Y[rows]), k))
        for c, (mean, root) in enumerate(zip(mixture.means, roots, strict=True)):
            white = (Y[rows] - mean) @ root
            terms[:, c] = heights[c] - 0.5 * np.einsum("ij,ij->i", white, white)
        yield rows, None, terms


def log_densities(Y: FloatArray, mixture: Mixture) -> FloatArray:
    """Return the log-density of each point, (n,)."""
    found = np.empty(len(Y))
    for rows, _, terms in _terms(Y, mixture):
        highest = terms.max(axis=1)
        terms -= highest[:, None]
        found[rows] = highest + np.log(np.exp(terms, out=terms).sum(axis=1))
    return found


def most_likely(Y: FloatArray, mixture: Mixture) -> IntArray:
    """Return the index of the component that each point belongs to most likely, (n,)."""
    found = np.empty(len(Y), dtype=np.intp)
    for rows, _, terms in _terms(Y, mixture):
        terms.argmax(axis=1, out=found[rows])
    return found


def single(Y: FloatArray, kind: CovarianceType, reg_covar: float) -> Mixture:
    """Return the mixture of one component that fits the points best."""
    d = Y.shape[1]
    n_products = d * (d + 1) // 2 if kind in ("full", "tied") else d
    size = max(LEAST_ROWS, BLOCK // (n_products + d + 1))
    sums = [_features(Y[rows], n_products).sum(axis=0) for rows in gen_batches(len(Y), size)]
    return maximise(np.sum(sums, axis=0)[None], d, kind, reg_covar)


def maximise(statistics: FloatArray, d: int, kind: CovarianceType, reg_covar: float) -> Mixture:
    """Return the mixture of highest likelihood for given shares, (k, q), in the features."""
    # As in scikit-learn, a component without points stands at 0.
    counts = statistics[:, -1] + 10 * np.finfo(np.float64).eps
    means = statistics[:, -1 - d : -1] / counts[:, None]
    weights = counts / counts.sum()
    if kind in ("diag", "spherical"):
        covariances: FloatArray = statistics[:, :d] / counts[:, None] - means**2 + reg_covar
        if kind == "spherical":
            covariances = covariances.mean(axis=1)
        return Mixture(weights, means, covariances, kind)
    products = statistics[:, : -1 - d]
    if kind == "full":
        covariances = _symmetric(products / counts[:, None], d)
        covariances -= means[:, :, None] * means[:, None]
        covariances[:, range(d), range(d)] += reg_covar
    else:
        covariances = _symmetric(products.sum(axis=0)[None], d)[0]
        covariances -= (counts * means.T) @ means
        covariances /= counts.sum()
        covariances[range(d), range(d)] += reg_covar
    return Mixture(weights, means, covariances, kind)


def _symmetric(products: FloatArray, d: int) -> FloatArray:
    """Return matrices (k, d, d) from their upper triangles (k, d (d + 1) / 2)."""
    i, j = np.triu_indices(d)
    found = np.empty((len(products), d, d))
    found[:, i, j] = products
    found[:, j, i] = products
    return found


def climb(
    Y: FloatArray,
    mixture: Mixture,
    *,
    reg_covar: float,
    tol: float,
    max_iter: int,
    n_parts: int | None = None,
) -> tuple[Mixture, list[float]]:
    """Raise the likelihood until a round gains less than `tol`; return the mean of each round.

    After the first round the mixture moves after each part of the points, with what the other
    parts last said (R. M. Neal and G. E. Hinton, in: Learning in Graphical Models, 1998), which
    takes about half the rounds. None takes as many parts as pay.
    """
    (n, d), kind = Y.shape, mixture.kind
    q = mixture.n_products + d + 1
    if n_parts is None:
        most = min(n // (64 * d), KEPT // (q * len(mixture.means)), PARTS)
        n_parts = max(1, most)
    parts = [np.ascontiguousarray(Y[j::n_parts], dtype=np.float64) for j in range(n_parts)]
    statistics = np.empty((n_parts, len(mixture.means), q))
    heights: list[float] = []
    while len(heights) < max_iter:
        total = 0.0
        for j, part in enumerate(parts):
            statistics[j], height = expect(part, mixture)
            total += height
            if heights or j == n_parts - 1:
                mixture = maximise(statistics.sum(axis=0), d, kind, reg_covar)
        heights.append(total / n)
        if len(heights) > 1 and heights[-1] - heights[-2] < tol:
            break
    return mixture, heights
