"""Moments of points, which merge: number, mean, scatter and what shrinkage needs."""

from functools import reduce
from typing import NamedTuple

import numpy as np
from sklearn.utils import gen_batches

__all__ = ["Moments", "compute_moments", "correlation_matrix", "covariance_matrix", "merge_moments"]


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
    """

    n_samples: int
    mean: np.ndarray
    scatter: np.ndarray
    eps: float
    third: np.ndarray
    fourth: float


def _moment_chunks(X):
    # A merge costs as much as the products of a few hundred rows in many dimensions.
    d = X.shape[1]
    return gen_batches(len(X), max(2 * d, CHUNK_VALUES // max(1, d), 1))


@np.errstate(over="ignore", invalid="ignore")
def compute_moments(X) -> Moments:
    """Return the moments of the rows of `X`.

    Rows are converted to float64 and centred chunk by chunk, so that memory
    beyond `X` stays at a few d x d matrices and a few chunks, of 1 MB up to d = 256.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points in latent units, n at least 1, of any real dtype.

    Returns
    -------
    Moments
        Values too large for their squares in float64 give a scatter matrix
        that is not finite.

    Raises
    ------
    ValueError
        If `X` is not two-dimensional or has no rows.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> compute_moments(np.array([[1.0, 5.0], [3.0, 5.0]])).scatter
    array([[2., 0.],
           [0., 0.]])
    """
    if X.ndim != 2 or len(X) == 0:
        raise ValueError(f"X must be of shape (n, d) with n at least 1; got shape {X.shape}.")
    eps = float(np.finfo(X.dtype if X.dtype.kind == "f" else np.float64).eps)
    return reduce(merge_moments, (_chunk_moments(X[rows], eps) for rows in _moment_chunks(X)))


def _chunk_moments(X, eps: float) -> Moments:
    # Subtracting a point first keeps a constant component's variance exactly 0.
    origin = X[0].astype(np.float64)
    centred = X - origin
    offset = centred.mean(axis=0)
    centred -= offset
    squared = np.einsum("ij,ij->i", centred, centred)
    scatter, third, fourth = centred.T @ centred, squared @ centred, float(squared @ squared)
    return Moments(len(X), origin + offset, scatter, eps, third, fourth)


@np.errstate(over="ignore", invalid="ignore")
def merge_moments(a: Moments, b: Moments) -> Moments:
    r"""Return the moments of two sets of points together.

    With :math:`\delta = m_b - m_a` and :math:`n = n_a + n_b`, the mean is
    :math:`m_a + \delta n_b / n` and the scatter matrix
    :math:`S_a + S_b + \delta \delta^T n_a n_b / n` [1]_. The higher moments are shifted
    to the new mean and added.

    Parameters
    ----------
    a, b : Moments
        Moments of disjoint sets of points of one dimension d.

    Returns
    -------
    Moments
        As if computed from all points at once, to rounding.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing
       the sample variance: analysis and recommendations", The American
       Statistician 37(3), 242-247, 1983.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> a, b = compute_moments(np.array([[1.0]])), compute_moments(np.array([[3.0]]))
    >>> merge_moments(a, b).scatter
    array([[2.]])
    """
    n = a.n_samples + b.n_samples
    delta = b.mean - a.mean
    scatter = a.scatter + b.scatter + np.outer(delta, delta) * (a.n_samples * b.n_samples / n)
    third_a, fourth_a = _shift_higher(a, delta * (-b.n_samples / n))
    third_b, fourth_b = _shift_higher(b, delta * (a.n_samples / n))
    mean, eps = a.mean + delta * (b.n_samples / n), max(a.eps, b.eps)
    return Moments(n, mean, scatter, eps, third_a + third_b, fourth_a + fourth_b)


def _shift_higher(moments: Moments, shift):
    """Return third and fourth moment of centred points to which `shift` is added."""
    n, _, scatter, _, third, fourth = moments
    length, trace, turned = shift @ shift, np.trace(scatter), scatter @ shift
    shifted = third + 2 * turned + (n * length + trace) * shift
    cross = 4 * (third @ shift) + 4 * (shift @ turned) + 2 * trace * length
    return shifted, float(fourth + cross + n * length**2)


def covariance_matrix(moments: Moments):
    """Return the maximum-likelihood covariance: the scatter matrix divided by n.

    Parameters
    ----------
    moments : Moments
        Moments of at least one point.

    Returns
    -------
    ndarray of shape (d, d)
        Covariance in squared latent units.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> covariance_matrix(compute_moments(np.array([[1.0], [3.0]])))
    array([[1.]])
    """
    return moments.scatter / moments.n_samples


def correlation_matrix(covariance, live):
    """Return the Pearson correlations of the live components.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
        Covariance in squared latent units.
    live : ndarray of shape (d,), dtype bool
        Whether a component varies. One that does not has no Pearson
        correlation and gets that of an independent component: 0, and 1 with itself.

    Returns
    -------
    ndarray of shape (d, d)
        Values in [-1, 1], with ones on the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> correlation_matrix(np.array([[4.0, 1.0], [1.0, 1.0]]), np.array([True, True]))
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    std = np.sqrt(np.where(live, np.diag(covariance), 1.0))
    correlation = np.where(np.outer(live, live), covariance / std / std[:, None], 0.0)
    np.fill_diagonal(correlation, 1.0)
    return np.clip(correlation, -1.0, 1.0)
