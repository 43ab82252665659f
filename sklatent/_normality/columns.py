r"""How far points are from normal: components, radii, and moments of all components.

Effect sizes are compared with the size that they have where five points of a hundred
would have to move for the distribution to be normal, a total variation distance of
`TOLERANCE`. For a density :math:`\varphi (1 + \theta h)` with :math:`E[h] = 0` that
distance is :math:`\frac12 |\theta| E|h|`, and h is the polynomial of the statistic.
"""

from typing import NamedTuple

import numpy as np
from scipy import special, stats

__all__ = ["ColumnShapes", "column_shapes", "lilliefors_pvalue"]

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
    >>>
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
    >>>
    >>> round(float(lilliefors_pvalue(0.0886, 100)), 3)
    0.055
    """
    root = np.sqrt(n_samples)
    x = np.asarray(distance) * (root - 0.01 + 0.85 / root)
    inside = np.exp(np.interp(x, _LILLIEFORS_X, np.log(_LILLIEFORS_P)))
    beyond = np.maximum(x, _LILLIEFORS_X[-1])
    tail = -7.01256 * (beyond**2 - _LILLIEFORS_X[-1] ** 2)
    return inside * np.exp(tail + 2.99587 * (beyond - _LILLIEFORS_X[-1]))
