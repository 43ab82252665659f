r"""How far points are from normal: components, radii, and moments of all components.

Effect sizes are compared with the size that they have where five points of a hundred
would have to move for the distribution to be normal, a total variation distance of
`TOLERANCE`. For a density :math:`\varphi (1 + \theta h)` with :math:`E[h] = 0` that
distance is :math:`\frac12 |\theta| E|h|`, and h is the polynomial of the statistic.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import optimize, special, stats

__all__ = [
    "KS_TOLERANCE",
    "KURTOSIS_TOLERANCE",
    "SKEWNESS_TOLERANCE",
    "ColumnShapes",
    "column_shapes",
    "direction_pvalue",
    "distance_gap",
    "distance_gap_pvalue",
    "kurtosis_tolerance",
    "lilliefors_pvalue",
    "mardia_kurtosis",
    "mardia_skewness",
    "skewness_share",
    "skewness_subsample",
    "tail_degrees_of_freedom",
]

TOLERANCE = 0.05
# A distance between distribution functions is at most the total variation distance.
KS_TOLERANCE = TOLERANCE
# h = H3 / 6 with E|H3| = 1.510, and h = H4 / 24 with E|H4| = 2.800.
SKEWNESS_TOLERANCE = 0.40
KURTOSIS_TOLERANCE = 0.86

# Null quantiles of Stephens' modified statistic, from 120,000 normal samples of 1,000.
_LILLIEFORS_X = np.array([0.0, 0.373, 0.458, 0.5246, 0.613, 0.719, 0.782, 0.829, 0.903, 0.968])
_LILLIEFORS_X = np.r_[_LILLIEFORS_X, 1.052, 1.2286]
_LILLIEFORS_P = np.array([1, 0.99, 0.9, 0.75, 0.5, 0.25, 0.15, 0.1, 0.05, 0.025, 0.01, 0.001])

MIN_TESTED = 20
MONTE_CARLO_DRAWS = 999
MONTE_CARLO_SIZE = 1_000
SKEWNESS_WORK = 1e11


class ColumnShapes(NamedTuple):
    """Shape of each column, and the chance of one as odd under a normal distribution.

    Attributes
    ----------
    skewness : ndarray of shape (k,)
        Third standardised moment, 0 for a normal.
    excess_kurtosis : ndarray of shape (k,)
        Fourth standardised moment minus 3, from -2 upward.
    ks_distance : ndarray of shape (k,)
        Largest gap, in [0, 1], to the normal distribution function of the column's own
        mean and standard deviation.
    pvalue : ndarray of shape (k,)
        Smallest of the three p-values below, times three: whether a column is normal at all.
        Like those, NaN below 20 points.
    skewness_pvalue, kurtosis_pvalue, ks_pvalue : ndarray of shape (k,)
        Chance of such a skewness, excess kurtosis or gap, each by a test of its own.
    """

    skewness: np.ndarray
    excess_kurtosis: np.ndarray
    ks_distance: np.ndarray
    pvalue: np.ndarray
    skewness_pvalue: np.ndarray
    kurtosis_pvalue: np.ndarray
    ks_pvalue: np.ndarray


def column_shapes(sorted_columns) -> ColumnShapes:
    """Return skewness, kurtosis and distance to the normal for each column.

    Tests of skewness and kurtosis are those of D'Agostino and of Anscombe and Glynn, as in
    `scipy.stats.skewtest` and `scipy.stats.kurtosistest`; that of the distance is
    `lilliefors_pvalue`. Three times the smallest p-value is their Bonferroni correction.

    Parameters
    ----------
    sorted_columns : ndarray of shape (n, k)
        Each column in increasing order and not constant, in any unit.

    Returns
    -------
    ColumnShapes
        One value a column.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.columns import column_shapes
    >>> column_shapes(np.array([[-1.0], [0.0], [1.0]])).excess_kurtosis
    array([-1.5])
    """
    n = len(sorted_columns)
    white = sorted_columns - sorted_columns.mean(axis=0)
    # Scaling by the largest value first keeps powers of very small columns above zero.
    white /= np.abs(white).max(axis=0)
    white /= white.std(axis=0)
    steps = np.arange(n + 1)[:, None] / n
    probability = special.ndtr(white)
    ks = np.maximum((steps[1:] - probability).max(axis=0), (probability - steps[:-1]).max(axis=0))
    square = white * white
    skewness = np.einsum("ij,ij->j", square, white) / n
    excess = np.einsum("ij,ij->j", square, square) / n - 3.0
    if n < MIN_TESTED:
        return ColumnShapes(skewness, excess, ks, *np.full((4, len(ks)), np.nan))
    pvalues = [
        stats.skewtest(white, axis=0).pvalue,
        stats.kurtosistest(white, axis=0).pvalue,
        lilliefors_pvalue(ks, n),
    ]
    smallest = np.minimum(3 * np.min(pvalues, axis=0), 1.0)
    return ColumnShapes(skewness, excess, ks, smallest, *pvalues)


def lilliefors_pvalue(distance, n_samples: int):
    r"""Return the chance of a Kolmogorov-Smirnov distance with estimated parameters.

    The modified statistic :math:`x = D (\sqrt n - 0.01 + 0.85 / \sqrt n)` of Stephens [1]_
    has a null distribution that hardly depends on n. Its quantiles were
    simulated; beyond the largest the tail falls as
    :math:`\exp(-7.01256 x^2 + 2.99587 x)`, the form of Dallal and Wilkinson [2]_.

    Parameters
    ----------
    distance : float or ndarray of shape (k,)
        Distances in [0, 1] to the normal with the sample's mean and standard deviation.
    n_samples : int
        Number of points, at least 5.

    Returns
    -------
    float or ndarray of shape (k,)
        Probabilities in [0, 1].

    References
    ----------
    .. [1] M. A. Stephens, "EDF statistics for goodness of fit and some comparisons",
       Journal of the American Statistical Association 69, 730-737, 1974.
    .. [2] G. E. Dallal, L. Wilkinson, "An analytic approximation to the distribution of
       Lilliefors's test statistic for normality", The American Statistician 40, 294-296, 1986.

    Examples
    --------
    >>> from sklatent._normality.columns import lilliefors_pvalue
    >>> round(float(lilliefors_pvalue(0.0886, 100)), 3)
    0.055
    """
    root = np.sqrt(n_samples)
    x = np.asarray(distance) * (root - 0.01 + 0.85 / root)
    inside = np.exp(np.interp(x, _LILLIEFORS_X, np.log(_LILLIEFORS_P)))
    beyond = np.maximum(x, _LILLIEFORS_X[-1])
    tail = -7.01256 * (beyond**2 - _LILLIEFORS_X[-1] ** 2)
    return inside * np.exp(tail + 2.99587 * (beyond - _LILLIEFORS_X[-1]))


def distance_gap(squared, reference) -> tuple[float, float]:
    """Return how far squared distances are from their distribution under a normal.

    Parameters
    ----------
    squared : ndarray of shape (n,)
        Squared Mahalanobis distances, without unit.
    reference : scipy.stats frozen distribution
        Chi-squared, scaled beta or scaled F.

    Returns
    -------
    gap : float
        Largest coverage gap in [0, 1]: by how much the share of points inside an ellipsoid
        differs, at worst, from the share that the distribution gives it.
    wasserstein : float
        1-D Wasserstein distance in units of the reference's standard deviation: how far a
        point's squared distance is off on average.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import stats
    >>> from sklatent._normality.columns import distance_gap
    >>> gap, wasserstein = distance_gap(np.zeros(10), stats.chi2(2))
    >>> round(gap, 2), round(wasserstein, 1)
    (1.0, 1.0)
    """
    ordered, n = np.sort(squared), len(squared)
    probability = reference.cdf(ordered)
    steps = np.arange(n + 1) / n
    gap = max((steps[1:] - probability).max(), (probability - steps[:-1]).max())
    quantiles = reference.ppf((np.arange(n) + 0.5) / n)
    return float(gap), float(np.abs(ordered - quantiles).mean() / reference.std())


def distance_gap_pvalue(gap: float, n_samples: int, dimension: int, random_state) -> float:
    """Return the chance of a coverage gap where mean and covariance are the sample's own.

    To first order an estimated mean moves no squared distance, and an estimated covariance
    only their common scale, since normal points have all directions alike. So the
    gap is that of a chi-squared sample divided by its own mean, and is simulated as such.

    Parameters
    ----------
    gap : float
        Largest coverage gap in [0, 1].
    n_samples : int
        Number of points.
    dimension : int
        Degrees of freedom, at least 1.
    random_state : RandomState instance
        Source of 999 simulated samples of at most 1,000 points; their gaps shrink
        with the square root of the number.

    Returns
    -------
    float
        Probability, from 0.001 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.columns import distance_gap_pvalue
    >>> distance_gap_pvalue(0.5, 1_000, 2, np.random.RandomState(0))
    0.001
    """
    size = min(n_samples, MONTE_CARLO_SIZE)
    drawn = random_state.chisquare(dimension, (MONTE_CARLO_DRAWS, size))
    drawn *= dimension / drawn.mean(axis=1, keepdims=True)
    drawn.sort(axis=1)
    probability = special.gammainc(dimension / 2, drawn / 2)
    steps = np.arange(size + 1) / size
    above, below = steps[1:] - probability, probability - steps[:-1]
    null = np.maximum(above.max(axis=1), below.max(axis=1)) * np.sqrt(size)
    exceeding = (null >= gap * np.sqrt(n_samples)).sum()
    return float((exceeding + 1) / (MONTE_CARLO_DRAWS + 1))


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
    >>> from sklatent._normality.columns import mardia_kurtosis
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
    >>> from sklatent._normality.columns import kurtosis_tolerance
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
    >>> from sklatent._normality.columns import mardia_skewness
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
    >>> from sklatent._normality.pairs import whiten_own
    >>> from sklatent._normality.columns import skewness_share
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
    >>> from sklatent._normality.columns import direction_pvalue
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
    >>> from sklatent._normality.columns import skewness_subsample
    >>> skewness_subsample(170_000, 20), skewness_subsample(170_000, 200)
    (170000, 22360)
    """
    work = max(SKEWNESS_WORK / dimension**3, np.sqrt(SKEWNESS_WORK / dimension), 2 * dimension)
    return min(n_samples, int(work))


def tail_degrees_of_freedom(squared, dimension: int) -> float:
    r"""Return the degrees of freedom of the multivariate t that fits the radii best.

    Where points are multivariate t, :math:`d^2 / (c r)` is F-distributed with r and nu
    degrees of freedom; nu and the scale c maximise the likelihood of the squared distances.

    Parameters
    ----------
    squared : ndarray of shape (n,)
        Squared Mahalanobis distances.
    dimension : int
        Dimension r.

    Returns
    -------
    float
        Degrees of freedom nu, from 0.5 to 1,000: large for a normal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.columns import tail_degrees_of_freedom
    >>> rng = np.random.default_rng(0)
    >>> radii = 3 * rng.f(3, 5, 10_000)
    >>> round(tail_degrees_of_freedom(radii, 3))
    5
    """
    value = squared[squared > 0] / dimension
    if not len(value):
        return float("nan")

    def loss(parameters):
        log_scale, log_nu = parameters
        return -stats.f.logpdf(value * np.exp(-log_scale), dimension, np.exp(log_nu)).mean() + (
            log_scale
        )

    start = (np.log(np.median(value)), np.log(8.0))
    bounds = [(None, None), (np.log(0.5), np.log(1e3))]
    found = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return float(np.exp(found.x[1]))
