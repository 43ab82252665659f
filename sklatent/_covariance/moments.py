"""Moments of points, which merge: number, mean, scatter and what shrinkage needs."""

from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple

import numpy as np
from sklearn.utils import gen_batches

from sklatent._typing import AnyArray, BoolArray, FloatArray, IntArray

__all__ = [
    "Moments",
    "compute_moments",
    "correlation_matrix",
    "covariance_matrix",
    "merge_moments",
    "select_moments",
]


# A megabyte of float64: the chunk and what is made of it stay in a core's cache.
CHUNK_VALUES = 2**17


class Moments(NamedTuple):
    """Number, mean, scatter matrix and two higher moments of a set of points.

    The higher ones are those that Ledoit-Wolf shrinkage needs; they cost d + 1 numbers.

    Attributes
    ----------
    n_samples : int
        Number of points, n.
    mean : ndarray of shape (d,)
        Their mean, in latent units.
    scatter : ndarray of shape (d, d)
        Sum of the outer products of the centred points, in squared latent
        units: n times the maximum-likelihood covariance.
    eps : float
        Relative spacing of the coarsest floating-point type that points came in.
    third : ndarray of shape (d,)
        Sum of the centred points, each times its squared length, in cubed latent units.
    fourth : float
        Sum of the fourth powers of the lengths of the centred points.
    whole : bool
        Whether they are of all components of the points. Of a part, the lengths are unknown,
        and the two higher moments NaN.

    See Also
    --------
    LatentGaussianModel.moments_ : Those of the points that a model has seen.
    """

    n_samples: int
    mean: FloatArray
    scatter: FloatArray
    eps: float
    third: FloatArray
    fourth: float
    whole: bool = True


def _moment_chunks(X: AnyArray) -> Iterator[slice]:
    # A merge costs as much as the products of a few hundred rows in many dimensions.
    d = X.shape[1]
    return gen_batches(len(X), max(2 * d, CHUNK_VALUES // max(1, d), 1))


@np.errstate(over="ignore", invalid="ignore")
def compute_moments(X: AnyArray) -> Moments:
    """Return the moments of points (n, d), n at least 1, of any real dtype.

    Rows are converted to float64 and centred chunk by chunk, so that memory
    beyond `X` stays at a few d x d matrices and a few chunks, of 1 MB up to d = 256.
    Values too large for their squares give a scatter matrix that is not finite.
    """
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f"X must be of shape (n, d) with n at least 1; got shape {X.shape}.")
    eps = float(np.finfo(X.dtype if X.dtype.kind == "f" else np.float64).eps)
    return reduce(merge_moments, (_chunk_moments(X[rows], eps) for rows in _moment_chunks(X)))


def _chunk_moments(X: AnyArray, eps: float) -> Moments:
    # Subtracting a point first keeps a constant component's variance exactly 0.
    origin = X[0].astype(np.float64)
    # The products of an array in the order of columns differ in rounding.
    centred = np.subtract(X, origin, order="C")
    offset = centred.mean(axis=0)
    centred -= offset
    squared = np.einsum("ij,ij->i", centred, centred)
    scatter, third, fourth = centred.T @ centred, squared @ centred, float(squared @ squared)
    return Moments(len(X), origin + offset, scatter, eps, third, fourth)


@np.errstate(over="ignore", invalid="ignore")
def merge_moments(a: Moments, b: Moments) -> Moments:
    r"""Return the moments of two sets of points together, as if computed at once.

    With :math:`\delta = m_b - m_a` and :math:`n = n_a + n_b`, the mean is
    :math:`m_a + \delta n_b / n` and the scatter matrix
    :math:`S_a + S_b + \delta \delta^T n_a n_b / n` [1]_. The higher moments are shifted
    to the new mean and added.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing
       the sample variance: analysis and recommendations", The American
       Statistician 37(3), 242-247, 1983.
    """
    n = a.n_samples + b.n_samples
    delta = b.mean - a.mean
    scatter = a.scatter + b.scatter + np.outer(delta, delta) * (a.n_samples * b.n_samples / n)
    third_a, fourth_a = _shift_higher(a, delta * (-b.n_samples / n))
    third_b, fourth_b = _shift_higher(b, delta * (a.n_samples / n))
    mean, eps = a.mean + delta * (b.n_samples / n), max(a.eps, b.eps)
    return Moments(n, mean, scatter, eps, third_a + third_b, fourth_a + fourth_b)


def _shift_higher(moments: Moments, shift: FloatArray) -> tuple[FloatArray, float]:
    """Return third and fourth moment of centred points to which `shift` is added."""
    n, _, scatter, _, third, fourth, _ = moments
    length, trace, turned = shift @ shift, np.trace(scatter), scatter @ shift
    shifted = third + 2 * turned + (n * length + trace) * shift
    cross = 4 * (third @ shift) + 4 * (shift @ turned) + 2 * trace * length
    return shifted, float(fourth + cross + n * length**2)


def select_moments(moments: Moments, chosen: IntArray) -> Moments:
    """Return the moments of some components; the higher ones, which need all, are unknown."""
    return moments._replace(
        mean=moments.mean[chosen],
        scatter=moments.scatter[np.ix_(chosen, chosen)],
        third=np.full(len(chosen), np.nan),
        fourth=float("nan"),
        whole=False,
    )


def covariance_matrix(moments: Moments) -> FloatArray:
    """Return the maximum-likelihood covariance (d, d): the scatter matrix divided by n."""
    return moments.scatter / moments.n_samples


def correlation_matrix(covariance: FloatArray, live: BoolArray) -> FloatArray:
    """Return the Pearson correlations (d, d) of the live components.

    One that does not vary has no Pearson correlation, and gets that of an independent
    component: 0, and 1 with itself.
    """
    std = np.sqrt(np.where(live, np.diag(covariance), 1.0))
    correlation = np.where(np.outer(live, live), covariance / std / std[:, None], 0.0)
    np.fill_diagonal(correlation, 1.0)
    return np.clip(correlation, -1.0, 1.0)
