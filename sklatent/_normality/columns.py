r"""Shape of single columns: skewness, kurtosis, and the gap to the normal distribution function.

Effect sizes, here and in other rooms, are compared with the size that they have where five points
of a hundred would have to move for the distribution to be normal, a total variation distance of
`TOLERANCE`. For a density :math:`\varphi (1 + \theta h)` with :math:`E[h] = 0` that
distance is :math:`\frac12 |\theta| E|h|`, and h is the polynomial of the statistic.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy import special, stats

from sklatent._typing import FloatArray

__all__ = ["ColumnShapes", "column_shapes", "largest_gap", "lilliefors_pvalue"]

TOLERANCE = 0.05
# A distance between distribution functions is at most the total variation distance.
KS_TOLERANCE = TOLERANCE
# h = H3 / 6 with E|H3| = 1.510, and h = H4 / 24 with E|H4| = 2.800.
SKEWNESS_TOLERANCE = 0.40
KURTOSIS_TOLERANCE = 0.86
MIN_TESTED = 20

# Null quantiles of Stephens' modified statistic, from 120,000 normal samples of 1,000.
_LILLIEFORS_X = np.array([0.0, 0.373, 0.458, 0.5246, 0.613, 0.719, 0.782, 0.829, 0.903, 0.968])
_LILLIEFORS_X = np.r_[_LILLIEFORS_X, 1.052, 1.2286]
_LILLIEFORS_P = np.array([1, 0.99, 0.9, 0.75, 0.5, 0.25, 0.15, 0.1, 0.05, 0.025, 0.01, 0.001])


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

    skewness: FloatArray
    excess_kurtosis: FloatArray
    ks_distance: FloatArray
    pvalue: FloatArray
    skewness_pvalue: FloatArray
    kurtosis_pvalue: FloatArray
    ks_pvalue: FloatArray


def largest_gap(probability: FloatArray) -> Any:
    r"""Return the largest gap :math:`\max_i (i / n - F(x_i), F(x_i) - (i - 1) / n)` of each column.

    `probability` holds F at the n values of a sample in increasing order, (n,) or (n, k).
    """
    n, columns = len(probability), probability.T
    share = np.arange(n + 1) / n
    return np.maximum((share[1:] - columns).max(axis=-1), (columns - share[:-1]).max(axis=-1))


def column_shapes(sorted_columns: FloatArray) -> ColumnShapes:
    """Return the shape of each of k columns, (n, k), in increasing order and not constant.

    Tests of skewness and kurtosis are those of D'Agostino and of Anscombe and Glynn; three times
    the smallest p-value is the Bonferroni correction of all three.
    """
    n = len(sorted_columns)
    white = sorted_columns - sorted_columns.mean(axis=0)
    # Scaling by the largest value first keeps powers of very small columns above zero.
    white /= np.abs(white).max(axis=0)
    white /= white.std(axis=0)
    ks = largest_gap(special.ndtr(white))
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


def lilliefors_pvalue(distance: float | FloatArray, n_samples: int) -> Any:
    r"""Return the chance of a Kolmogorov-Smirnov distance with estimated parameters, n >= 5.

    The modified statistic :math:`x = D (\sqrt n - 0.01 + 0.85 / \sqrt n)` of Stephens (1974)
    has a null distribution that hardly depends on n. Its quantiles were simulated; beyond the
    largest the tail falls as :math:`\exp(-7.01256 x^2 + 2.99587 x)` (Dallal, Wilkinson 1986).
    """
    root = np.sqrt(n_samples)
    x = np.asarray(distance) * (root - 0.01 + 0.85 / root)
    inside = np.exp(np.interp(x, _LILLIEFORS_X, np.log(_LILLIEFORS_P)))
    beyond = np.maximum(x, _LILLIEFORS_X[-1])
    tail = -7.01256 * (beyond**2 - _LILLIEFORS_X[-1] ** 2)
    return inside * np.exp(tail + 2.99587 * (beyond - _LILLIEFORS_X[-1]))
