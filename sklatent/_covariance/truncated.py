"""The core of a cut-off normal distribution: which points lie in it, and what it lacks."""

import warnings
from typing import NamedTuple

import numpy as np
from scipy import stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import gen_batches

from sklatent._typing import BoolArray, FloatArray

from .moments import CHUNK_VALUES, Moments, compute_moments, covariance_matrix, merge_moments
from .support import Normal, make_normal, squared_distances, whiten

__all__ = ["Ellipsoid", "core_factor", "find_core", "masked_moments", "robust_start"]

ITERATIONS = 100
START_POINTS = 10_000


class Ellipsoid(NamedTuple):
    """A centre (d,), and the whitening (d, rank) by which distances from it are measured."""

    center: FloatArray
    whitening: FloatArray


def core_factor(core_coverage: float, rank: int) -> float:
    r"""Return by how much cutting off a normal distribution shrinks its covariance.

    Within the ellipsoid :math:`d^2 \le D^2` of probability p,
    :math:`Cov(z) = \Sigma F_{r+2}(D^2) / F_r(D^2)`, where :math:`F_r` is the distribution
    function of chi-squared with r degrees of freedom and :math:`F_r(D^2) = p` (G. M. Tallis,
    "Elliptical and radial truncation in normal populations", Annals of Mathematical Statistics
    34(3), 940-944, 1963).
    """
    return float(stats.chi2.cdf(stats.chi2.ppf(core_coverage, rank), rank + 2) / core_coverage)


def find_core(X: FloatArray, normal: Normal, core_coverage: float) -> BoolArray:
    r"""Return which points (n, d) lie in the ellipsoid that the points in it ask for.

    `normal` is that of all points, of rank r at least 1. The core is a fixed point: with the
    mean and the corrected covariance :math:`\Sigma = S F_r(D^2) / F_{r+2}(D^2)` of its points,
    those within :math:`d^2 \le D^2` are the core again. The first round measures distances from
    a robust start, so that a cluster of outliers cannot hide itself by stretching the
    covariance; as FastMCD, it can miss 30 % of outliers along a direction of small variance in
    many dimensions. Rounds end where a set of points comes back: a fixed point, or a circle of
    sets that differ in a few points on the edge. A finite set of points has several fixed
    points, which differ by less than its sampling error.
    """
    edge = stats.chi2.ppf(core_coverage, normal.rank)
    factor = core_factor(core_coverage, normal.rank)
    inner = robust_start(X, normal)
    seen: set[int] = set()
    for _ in range(ITERATIONS):
        core = squared_distances(X, *inner) <= edge
        key = hash(np.packbits(core).tobytes())
        if key in seen:
            return core
        seen.add(key)
        inner = _inner_ellipsoid(masked_moments(X, core), factor, normal)
    warnings.warn(
        f"core_coverage={core_coverage!r}: the core still changed after {ITERATIONS} "
        "rounds; the last one is taken.",
        ConvergenceWarning,
        stacklevel=2,
    )
    return core


def _inner_ellipsoid(moments: Moments | None, factor: float, normal: Normal) -> Ellipsoid:
    """Return the ellipsoid of a core, found in the whitened coordinates of all points.

    In them no component is large beside another, and a core that has lost a
    dimension of the whole is seen.
    """
    rank = normal.rank
    if moments is not None and moments.n_samples > rank:
        matrix = normal.whitening.T @ covariance_matrix(moments) @ normal.whitening
        inner = make_normal(whiten(moments.mean[None], normal)[0], matrix / factor)
        if inner.rank == rank:
            return Ellipsoid(moments.mean, normal.whitening @ inner.whitening)
    raise ValueError(
        f"core_coverage must leave a core that varies in all {rank} dimensions in which X does; "
        f"got {0 if moments is None else moments.n_samples} points that do not. Take it larger, "
        f"or drop components that are mostly constant."
    )


def masked_moments(X: FloatArray, mask: BoolArray) -> Moments | None:
    """Return the moments of the rows where `mask` is true, if any, without a copy of all."""
    found = None
    for rows in gen_batches(len(X), max(1, 8 * CHUNK_VALUES // X.shape[1])):
        part = X[rows][mask[rows]]
        if len(part):
            moments = compute_moments(part)
            found = moments if found is None else merge_moments(found, moments)
    return found


def robust_start(X: FloatArray, normal: Normal) -> Ellipsoid:
    """Return the ellipsoid of the tighter half of the points (n, d), scaled to all.

    `normal` is that of all points, of rank at least 1. In its whitened coordinates far outliers
    stretch a few axes, along which the median and the
    median absolute deviation still see the rest. The half nearest to the medians,
    in these units, starts concentration steps as in FastMCD, which keep the half nearest to
    the last one's mean. Its scale is set by the median distance. A half that falls into fewer
    dimensions than all points is a ValueError.
    """
    points, size = X, START_POINTS + 20 * normal.rank
    if len(X) > size:
        points = X[np.sort(np.random.default_rng(0).choice(len(X), size, replace=False))]
    white = whiten(points, normal)
    center = np.median(white, axis=0)
    deviation = np.median(np.abs(white - center), axis=0)
    deviation[deviation == 0] = 1.0
    distance = np.square((white - center) / deviation).sum(axis=1)
    middle = stats.chi2.ppf(0.5, normal.rank)
    # As many as FastMCD keeps: with few points, half would not span the support.
    rank_of_half = (len(points) + normal.rank + 1) // 2 - 1
    previous = None
    for _ in range(ITERATIONS):
        half = distance <= np.partition(distance, rank_of_half)[rank_of_half]
        inner = _inner_ellipsoid(masked_moments(points, half), 1.0, normal)
        distance = squared_distances(points, *inner)
        if previous is not None and np.array_equal(half, previous):
            break
        previous = half
    scale = np.sqrt(np.median(distance) / middle)
    return Ellipsoid(inner.center, inner.whitening / scale)
