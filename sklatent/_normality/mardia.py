"""Mardia's skewness and kurtosis of whitened points."""

from functools import lru_cache

import numpy as np
from scipy import special, stats

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


def mardia_kurtosis(squared, dimension: int) -> tuple[float, float, float]:
    r"""Return Mardia's kurtosis, its effect size and its p-value [1]_.

    :math:`b_2` is the mean of :math:`d^4`; for n normal points in dimension r it has mean
    :math:`r (r + 2) (n - 1) / (n + 1)` and variance
    :math:`8 r (r + 2) (n - 3) (n - r - 1) (n - r + 1) / ((n + 1)^2 (n + 3) (n + 5))`.
    The p-value is two-sided; a Pearson III distribution allows for the
    skewness of :math:`b_2` in small samples.

    Parameters
    ----------
    squared : ndarray of shape (n,)
        Squared Mahalanobis distances from the sample's own moments, n above r + 1.
    dimension : int
        Dimension r.

    Returns
    -------
    kurtosis : float
        :math:`b_2`, without unit.
    effect : float
        :math:`b_2` over its mean under a normal, minus one: 0 for a normal, 2 / (nu - 4) for a
        multivariate t with nu degrees of freedom, and -0.5 for a circle.
    pvalue : float
        Probability in [0, 1].

    References
    ----------
    .. [1] K. V. Mardia, "Measures of multivariate skewness and kurtosis with
       applications", Biometrika 57, 519-530, 1970.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> round(mardia_kurtosis(np.full(1000, 2.0), 2)[1], 2)
    -0.5
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
def _radial_polynomial(dimension: int):
    """Values of the second-order polynomial of a chi-squared variable at its quantiles."""
    square = stats.chi2.ppf((np.arange(100_000) + 0.5) / 100_000, dimension)
    return square**2 - 2 * (dimension + 2) * square + dimension * (dimension + 2)


def kurtosis_tolerance(dimension: int) -> float:
    r"""Return the effect of `mardia_kurtosis` at which five points of a hundred are off.

    For a density :math:`\varphi (1 + \theta p)` with
    :math:`p(R) = R^2 - 2 (r + 2) R + r (r + 2)`, R the squared distance, the effect is
    :math:`8 \theta` and the total variation distance :math:`\frac12 \theta E|p|`.

    Parameters
    ----------
    dimension : int
        Dimension r, at least 1.

    Returns
    -------
    float
        Effect size, about 0.42 / (r + 2) in high dimension.

    Examples
    --------
    >>>
    >>> round(kurtosis_tolerance(2), 2), round(kurtosis_tolerance(200), 4)
    (0.16, 0.0021)
    """
    return float(16 * TOLERANCE / np.abs(_radial_polynomial(dimension)).mean())


def mardia_skewness(white) -> tuple[float, float, float]:
    r"""Return Mardia's skewness, its effect size and its p-value [1]_.

    :math:`b_1 = n^{-2} \sum_{ij} (y_i \cdot y_j)^3` is also the sum of the squares of all
    :math:`r^3` third moments, which is quicker where r^2 is below n. Under a
    normal its mean is :math:`r (r + 2) ((n + 1)(r + 1) - 6) / ((n + 1)(n + 2))` and, relative
    to that, it is chi-squared with :math:`r (r + 1) (r + 2) / 6` degrees of freedom.
    In small samples the variance is larger, by simulation about 1 + (12 + 1.4 r) / n
    times, and the degrees of freedom fall by this factor.

    Parameters
    ----------
    white : ndarray of shape (n, r)
        Points whitened by their own mean and maximum-likelihood covariance.

    Returns
    -------
    skewness : float
        :math:`b_1`, without unit.
    effect : float
        :math:`\sqrt{b_1 - E b_1}`, 0 where negative: the skewness of one component if
        all others were symmetric.
    pvalue : float
        Probability in [0, 1].

    References
    ----------
    .. [1] K. V. Mardia, "Measures of multivariate skewness and kurtosis with
       applications", Biometrika 57, 519-530, 1970.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> round(mardia_skewness(np.array([[1.0], [1.0], [-2.0]]) / np.sqrt(2))[0], 6)
    0.5
    """
    n, r = white.shape
    skewness = _skewness_of_moments(white) if r * r < n else _skewness_of_pairs(white)
    mean = r * (r + 2) * ((n + 1) * (r + 1) - 6) / ((n + 1) * (n + 2))
    degrees = r * (r + 1) * (r + 2) / 6 / (1 + (12 + 1.4 * r) / n)
    pvalue = stats.chi2.sf(skewness / mean * degrees, degrees)
    return skewness, float(np.sqrt(max(skewness - mean, 0.0))), float(pvalue)


def skewness_share(white) -> float:
    r"""Return how much of the third moments is skewness that leans to one side [1]_.

    :math:`|E[z |z|^2]|^2` of Mori, Rohatgi and Szekely over Mardia's :math:`b_1`, both less their
    means under a normal: 1 for independent skewed columns, however turned, and 0 where
    signs depend on each other in threes, so that the points lean nowhere.

    Parameters
    ----------
    white : ndarray of shape (n, r)
        Points whitened by their own mean and maximum-likelihood covariance.

    Returns
    -------
    float
        Share, about from 0 to 1 where b_1 is beyond chance; 0 where it is not above its mean.

    References
    ----------
    .. [1] T. F. Mori, V. K. Rohatgi, G. J. Szekely, "On multivariate skewness and kurtosis",
       Theory of Probability and its Applications 38(3), 547-551, 1994.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.two_sample import whiten_own
    >>>
    >>> x = np.random.default_rng(0).exponential(size=(5_000, 2))
    >>> round(skewness_share(whiten_own(x)), 1)
    1.0
    """
    n, r = white.shape
    effect = mardia_skewness(white)[1]
    lean = np.square(white).sum(axis=1) @ white / n
    return float((lean @ lean - 2 * r * (r + 2) / n) / effect**2) if effect else 0.0


def _skewness_of_moments(white) -> float:
    moments = ((white * white[:, [j]]).T @ white for j in range(white.shape[1]))
    return float(sum(np.square(moment).sum() for moment in moments)) / len(white) ** 2


def _skewness_of_pairs(white) -> float:
    total = 0.0
    for start in range(0, len(white), 1_000):
        products = white[start : start + 1_000] @ white.T
        total += float(np.einsum("ij,ij,ij->", products, products, products))
    return total / len(white) ** 2


def direction_pvalue(white) -> float:
    r"""Return the chance of directions as uneven as those of the points, if they are elliptic.

    Directions :math:`u` of elliptic points are uniform on the sphere. Harmonics of
    degree four are tested, whose means an estimated centre and covariance do not move to
    first order: all of them together, by the mean of their kernel over pairs of
    points, and their sum over coordinates, :math:`\sum_i u_i^4`, which is large or small if
    coordinates are independent but not normal.

    Parameters
    ----------
    white : ndarray of shape (n, r)
        Points whitened by their own mean and covariance.

    Returns
    -------
    float
        Twice the smaller of two p-values, in [0, 1]; 1 in one dimension.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> rng = np.random.default_rng(0)
    >>> bool(direction_pvalue(rng.laplace(size=(2_000, 3))) < 0.001)
    True
    """
    n, r = white.shape
    if r < 2:
        return 1.0
    unit = white / np.maximum(np.linalg.norm(white, axis=1, keepdims=True), 1e-300)
    count = special.comb(r + 3, 4) - special.comb(r + 1, 2)
    total = 0.0
    for start in range(0, n, 1_000):
        square = np.square(unit[start : start + 1_000] @ unit.T)
        total += float(((r + 4) * square - 6).ravel() @ square.ravel()) * (r + 2) + 3 * square.size
    together = stats.chi2.sf(count * total / (r * r - 1) / n, count)
    fourth = (unit**4).sum(axis=1)
    mean, below = 3 / (r + 2), (r + 2) * (r + 4) * (r + 6)
    variance = (105 + 9 * (r - 1)) / below - mean**2
    z = (fourth.mean() - mean) / np.sqrt(variance / n)
    return float(min(1.0, 2 * min(together, 2 * stats.norm.sf(abs(z)))))


def skewness_subsample(n_samples: int, dimension: int) -> int:
    """Return how many points `mardia_skewness` handles in seconds.

    Parameters
    ----------
    n_samples, dimension : int
        Number n of points and dimension r.

    Returns
    -------
    int
        At most n: that for which n r^3 or n^2 r, the smaller, is 1e11, or 2 r if larger.

    Examples
    --------
    >>>
    >>> skewness_subsample(170_000, 20), skewness_subsample(170_000, 200)
    (170000, 22360)
    """
    work = max(SKEWNESS_WORK / dimension**3, np.sqrt(SKEWNESS_WORK / dimension), 2 * dimension)
    return min(n_samples, int(work))
