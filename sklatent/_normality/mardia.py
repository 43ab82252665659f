"""Mardia's skewness and kurtosis of whitened points."""

from functools import lru_cache

import numpy as np
from scipy import special, stats
from sklearn.utils import gen_batches

from sklatent._typing import FloatArray

from .columns import TOLERANCE

__all__ = [
    "direction_pvalue",
    "kurtosis_tolerance",
    "mardia_kurtosis",
    "mardia_skewness",
    "skewness_share",
    "skewness_subsample",
]

SKEWNESS_WORK = 1e11
BLOCK_ROWS = 1_000


def mardia_kurtosis(squared: FloatArray, dimension: int) -> tuple[float, float, float]:
    r"""Return Mardia's kurtosis, its effect size and its two-sided p-value (Biometrika 57, 1970).

    :math:`b_2` is the mean of :math:`d^4`; for n normal points in dimension r it has mean
    :math:`r (r + 2) (n - 1) / (n + 1)` and variance
    :math:`8 r (r + 2) (n - 3) (n - r - 1) (n - r + 1) / ((n + 1)^2 (n + 3) (n + 5))`.
    The effect is :math:`b_2` over that mean, minus one: 2 / (nu - 4) for a multivariate t, -0.5
    for a circle. A Pearson III distribution allows for its skewness in small samples.
    """
    n, r = len(squared), dimension
    kurtosis = float(np.square(squared).mean())
    mean = r * (r + 2) * (n - 1) / (n + 1)
    variance = 8 * r * (r + 2) * (n - 3) * (n - r - 1) * (n - r + 1)
    z = (kurtosis - mean) / np.sqrt(variance / ((n + 1) ** 2 * (n + 3) * (n + 5)))
    values = _radial_polynomial(r)
    skewness = (values**3).mean() / (values**2).mean() ** 1.5 / np.sqrt(n)
    # The skewness of a mean, less what estimating the covariance takes away: simulated.
    upper = stats.pearson3.sf(z, skewness / (1 + skewness**2 / 4))
    return kurtosis, kurtosis / mean - 1, float(2 * min(upper, 1 - upper))


@lru_cache(maxsize=32)
def _radial_polynomial(dimension: int) -> FloatArray:
    """Values of the second-order polynomial of a chi-squared variable at its quantiles."""
    square = stats.chi2.ppf((np.arange(100_000) + 0.5) / 100_000, dimension)
    return square**2 - 2 * (dimension + 2) * square + dimension * (dimension + 2)


def kurtosis_tolerance(dimension: int) -> float:
    r"""Return the effect of `mardia_kurtosis` at which five points of a hundred are off.

    For a density :math:`\varphi (1 + \theta p)` with
    :math:`p(R) = R^2 - 2 (r + 2) R + r (r + 2)`, R the squared distance, the effect is
    :math:`8 \theta` and the total variation distance :math:`\frac12 \theta E|p|`.
    """
    return float(16 * TOLERANCE / np.abs(_radial_polynomial(dimension)).mean())


def mardia_skewness(white: FloatArray) -> tuple[float, float, float]:
    r"""Return Mardia's skewness of whitened points, its effect size and its p-value.

    :math:`b_1 = n^{-2} \sum_{ij} (y_i \cdot y_j)^3` is also the sum of the squares of all
    :math:`r^3` third moments, which is quicker where r^2 is below n. Under a normal its mean is
    :math:`r (r + 2) ((n + 1)(r + 1) - 6) / ((n + 1)(n + 2))` and, relative to that, it is
    chi-squared with :math:`r (r + 1) (r + 2) / 6` degrees of freedom. In small samples the
    variance is larger, by simulation about 1 + (12 + 1.4 r) / n times, and the degrees of freedom
    fall by this factor. The effect is :math:`\sqrt{b_1 - E b_1}`, or 0: the skewness of one
    component if all others were symmetric.
    """
    n, r = white.shape
    skewness = _skewness_of_moments(white) if r * r < n else _skewness_of_pairs(white)
    mean = r * (r + 2) * ((n + 1) * (r + 1) - 6) / ((n + 1) * (n + 2))
    degrees = r * (r + 1) * (r + 2) / 6 / (1 + (12 + 1.4 * r) / n)
    pvalue = stats.chi2.sf(skewness / mean * degrees, degrees)
    return skewness, float(np.sqrt(max(skewness - mean, 0.0))), float(pvalue)


def skewness_share(white: FloatArray) -> float:
    r"""Return how much of the third moments is skewness that leans to one side.

    :math:`|E[z |z|^2]|^2` of Mori, Rohatgi and Szekely (1994) over Mardia's :math:`b_1`, both
    less their means under a normal: 1 for independent skewed columns, however turned, and 0 where
    signs depend on each other in threes, so that the points lean nowhere.
    """
    n, r = white.shape
    effect = mardia_skewness(white)[1]
    lean = np.square(white).sum(axis=1) @ white / n
    return float((lean @ lean - 2 * r * (r + 2) / n) / effect**2) if effect else 0.0


def _skewness_of_moments(white: FloatArray) -> float:
    moments = ((white * white[:, [j]]).T @ white for j in range(white.shape[1]))
    return float(sum(np.square(moment).sum() for moment in moments)) / len(white) ** 2


def _skewness_of_pairs(white: FloatArray) -> float:
    total = 0.0
    for rows in gen_batches(len(white), BLOCK_ROWS):
        products = white[rows] @ white.T
        total += float(np.einsum("ij,ij,ij->", products, products, products))
    return total / len(white) ** 2


def direction_pvalue(white: FloatArray) -> float:
    r"""Return the chance of directions as uneven as those of whitened points, if elliptic.

    Directions :math:`u` of elliptic points are uniform on the sphere. Harmonics of degree four
    are tested, whose means an estimated centre and covariance do not move to first order: all of
    them together, by the mean of their kernel over pairs of points, and their sum over
    coordinates, :math:`\sum_i u_i^4`, which is large or small if coordinates are independent but
    not normal. Twice the smaller of the two p-values counts.
    """
    n, r = white.shape
    if r < 2:
        return 1.0
    unit = white / np.maximum(np.linalg.norm(white, axis=1, keepdims=True), 1e-300)
    count = special.comb(r + 3, 4) - special.comb(r + 1, 2)
    total = 0.0
    for rows in gen_batches(n, BLOCK_ROWS):
        square = np.square(unit[rows] @ unit.T)
        total += float(((r + 4) * square - 6).ravel() @ square.ravel()) * (r + 2) + 3 * square.size
    together = stats.chi2.sf(count * total / (r * r - 1) / n, count)
    fourth = (unit**4).sum(axis=1)
    mean, below = 3 / (r + 2), (r + 2) * (r + 4) * (r + 6)
    variance = (105 + 9 * (r - 1)) / below - mean**2
    z = (fourth.mean() - mean) / np.sqrt(variance / n)
    return float(min(1.0, 2 * min(together, 2 * stats.norm.sf(abs(z)))))


def skewness_subsample(n_samples: int, dimension: int) -> int:
    """Return how many points make n r^3 or n^2 r, the smaller, 1e11: seconds; at least 2 r."""
    work = max(SKEWNESS_WORK / dimension**3, np.sqrt(SKEWNESS_WORK / dimension), 2 * dimension)
    return min(n_samples, int(work))
