"""The core of a cut-off normal distribution: which points lie in it, and what it lacks."""

import warnings

import numpy as np
from scipy import stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import gen_batches

from .moments import CHUNK_VALUES, Moments, compute_moments, covariance_matrix, merge_moments
from .support import Support, find_support, mahalanobis_squared, whiten

__all__ = ["core_factor", "find_core", "masked_moments", "robust_start"]

ITERATIONS = 100
START_POINTS = 10_000


def core_factor(core_coverage: float, rank: int) -> float:
    r"""Return by how much cutting off a normal distribution shrinks its covariance.

    Within the ellipsoid :math:`d^2 \le D^2` of probability p,
    :math:`Cov(z) = \Sigma F_{r+2}(D^2) / F_r(D^2)`, where :math:`F_r` is the distribution
    function of chi-squared with r degrees of freedom and :math:`F_r(D^2) = p` [1]_.

    Parameters
    ----------
    core_coverage : float
        Probability p, in (0, 1).
    rank : int
        Dimension r of the normal distribution, at least 1.

    Returns
    -------
    float
        Factor in (0, 1).

    References
    ----------
    .. [1] G. M. Tallis, "Elliptical and radial truncation in normal populations", Annals of
       Mathematical Statistics 34(3), 940-944, 1963.
    """
    return float(stats.chi2.cdf(stats.chi2.ppf(core_coverage, rank), rank + 2) / core_coverage)


def find_core(X, mean, support: Support, core_coverage: float):
    r"""Return which points lie in the ellipsoid that the points in it ask for.

    The core is a fixed point: with the mean and the corrected covariance
    :math:`\Sigma = S F_r(D^2) / F_{r+2}(D^2)` of its points, those within
    :math:`d^2 \le D^2` are the core again. The first round measures distances from a robust
    start, so that a cluster of outliers cannot hide itself by stretching the covariance;
    as FastMCD, it can miss 30 % of outliers along a direction of small variance in many
    dimensions. Rounds end where a set of points comes back: a fixed point, or a circle of
    sets that differ in a few points on the edge. A finite set of points has several fixed
    points, which differ by less than its sampling error.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points in latent units.
    mean : ndarray of shape (d,)
        Mean of all points.
    support : Support
        Of all points, with rank r at least 1.
    core_coverage : float
        Probability of the ellipsoid, in (0, 1), which sets the squared radius :math:`D^2`.

    Returns
    -------
    ndarray of shape (n,), dtype bool
        True in the core.

    Raises
    ------
    ValueError
        If the core falls into fewer dimensions than all points.

    Warns
    -----
    ConvergenceWarning
        If no set of points comes back within 100 rounds.
    """
    edge = stats.chi2.ppf(core_coverage, support.rank)
    factor = core_factor(core_coverage, support.rank)
    center, inner = robust_start(X, mean, support)
    seen: set[int] = set()
    for _ in range(ITERATIONS):
        core = mahalanobis_squared(X, center, inner) <= edge
        key = hash(np.packbits(core).tobytes())
        if key in seen:
            return core
        seen.add(key)
        center, inner = _inner_support(masked_moments(X, core), factor, mean, support)
    warnings.warn(
        f"core_coverage={core_coverage!r}: the core still changed after {ITERATIONS} "
        "rounds; the last one is taken.",
        ConvergenceWarning,
        stacklevel=2,
    )
    return core


def _inner_support(moments: Moments | None, factor, mean, support):
    """Return centre and support of a core, measured in the coordinates of all points.

    In them no component is large beside another, and a core that has lost a
    dimension of the whole is seen.
    """
    rank = support.rank
    if moments is not None and moments.n_samples > rank:
        matrix = support.whitening.T @ covariance_matrix(moments) @ support.whitening
        center = whiten(moments.mean[None], mean, support)[0]
        inner = find_support(center, matrix / factor)
        if inner.rank == rank:
            whitening = support.whitening @ inner.whitening
            return moments.mean, support._replace(whitening=whitening)
    raise ValueError(
        f"core_coverage must leave a core that varies in all {rank} dimensions in which X does; "
        f"got {0 if moments is None else moments.n_samples} points that do not. Take it larger, "
        f"or drop components that are mostly constant."
    )


def masked_moments(X, mask) -> Moments | None:
    """Return the moments of the rows where `mask` is true, without a copy of all of them.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points in latent units.
    mask : ndarray of shape (n,), dtype bool
        Which of them count.

    Returns
    -------
    Moments or None
        None where no point counts.
    """
    found = None
    for rows in gen_batches(len(X), max(1, 8 * CHUNK_VALUES // X.shape[1])):
        part = X[rows][mask[rows]]
        if len(part):
            moments = compute_moments(part)
            found = moments if found is None else merge_moments(found, moments)
    return found


def robust_start(X, mean, support):
    """Return centre and support of the tighter half of the points, scaled to all.

    In whitened coordinates far outliers stretch a few axes, along which the median and the
    median absolute deviation still see the rest. The half nearest to the medians,
    in these units, starts concentration steps as in FastMCD, which keep the half nearest to
    the last one's mean. Its scale is set by the median distance.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points in latent units.
    mean : ndarray of shape (d,)
        Mean of all points.
    support : Support
        Of all points, with rank r at least 1.

    Returns
    -------
    center : ndarray of shape (d,)
        Mean of the half.
    support : Support
        With the whitening of the half, at its scale in a normal.

    Raises
    ------
    ValueError
        If the half falls into fewer dimensions than all points.
    """
    points, size = X, START_POINTS + 20 * support.rank
    if len(X) > size:
        points = X[np.sort(np.random.default_rng(0).choice(len(X), size, replace=False))]
    white = whiten(points, mean, support)
    center = np.median(white, axis=0)
    deviation = np.median(np.abs(white - center), axis=0)
    deviation[deviation == 0] = 1.0
    distance = np.square((white - center) / deviation).sum(axis=1)
    middle = stats.chi2.ppf(0.5, support.rank)
    # As many as FastMCD keeps: with few points, half would not span the support.
    rank_of_half = (len(points) + support.rank + 1) // 2 - 1
    previous = None
    for _ in range(ITERATIONS):
        half = distance <= np.partition(distance, rank_of_half)[rank_of_half]
        moments = masked_moments(points, half)
        center, inner = _inner_support(moments, 1.0, mean, support)
        distance = mahalanobis_squared(points, center, inner)
        if previous is not None and np.array_equal(half, previous):
            break
        previous = half
    scale = np.sqrt(np.median(distance) / middle)
    return center, inner._replace(whitening=inner.whitening / scale)
