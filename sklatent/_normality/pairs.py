"""What holds components together beyond linear correlation.

Pairs are compared by ranks, as a copula is, so that the shape of single components
does not count as dependence.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special, stats

from sklatent._typing import FloatArray

__all__ = [
    "PairDependence",
    "PairSums",
    "dependence_of",
    "is_weak",
    "pair_dependence",
    "rank_table",
]

# Sizes at which five points of a hundred would have to move for normality, as in
# `columns`: with p the second Legendre polynomial, E|p| = 0.8607 and E|g| = 0.7979
# give 0.1 / (E|p| E|g|) and 0.1 / E|p|^2; an AUC is at most 1/2 + t - t^2/2 at distance t.
CURVATURE_TOLERANCE = 0.146
SQUARES_TOLERANCE = 0.135

TABLE_SIZE = 513
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(64)


class PairDependence(NamedTuple):
    """Dependence of each pair of columns that no linear correlation explains.

    Attributes
    ----------
    curvature : ndarray of shape (k, k)
        Entry (i, j), in [0, 1]: how strongly the conditional mean of column j bends along
        column i, a multiple correlation. 0 for a normal, whatever the correlation.
    squares : ndarray of shape (k, k)
        Symmetric, in [-1, 1]: correlation of how far out the two columns are, less what a
        normal of the same correlation has. Positive where both are large together, as under
        a multivariate t; negative where one is small if the other is large, as on a ring.
    curvature_pvalue, squares_pvalue : ndarray of shape (k, k)
        Probabilities in [0, 1] of larger values under a normal; 1 on the diagonal.
    """

    curvature: FloatArray
    squares: FloatArray
    curvature_pvalue: FloatArray
    squares_pvalue: FloatArray


class PairSums:
    """Sums over points, taken in block by block, of which `pair_dependence` is made.

    `tables`, (m, k), are from `rank_table` of all n points.
    """

    def __init__(self, tables: FloatArray, n_samples: int):
        self.tables, self.n_samples = tables, n_samples
        k = tables.shape[1]
        # Sums of g g^T, p2 g^T, p3 g^T and p2 p2^T.
        self.products = np.zeros((4, k, k))

    def add(self, columns: FloatArray) -> None:
        """Take in the rows of a block of points, (b, k)."""
        uniform = np.empty(columns.shape)
        grid = (np.linspace(0, self.n_samples - 1, len(self.tables)) + 0.5) / self.n_samples
        for j in range(columns.shape[1]):
            uniform[:, j] = np.interp(columns[:, j], self.tables[:, j], grid)
        score, second, third = _rank_polynomials(uniform)
        self.products[0] += score.T @ score
        self.products[1] += second.T @ score
        self.products[2] += third.T @ score
        self.products[3] += second.T @ second


def rank_table(sorted_columns: FloatArray) -> FloatArray:
    """Return the values at m = min(n, 513) equally spaced ranks of columns in order, (m, k)."""
    n = len(sorted_columns)
    ranks = np.linspace(0, n - 1, min(n, TABLE_SIZE))
    low = ranks.astype(int)
    part = (ranks - low)[:, None]
    return sorted_columns[low] * (1 - part) + sorted_columns[np.minimum(low + 1, n - 1)] * part


def _rank_polynomials(uniform: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return normal scores and functions of the ranks, all of unit variance and uncorrelated."""
    centred = 2 * uniform - 1
    square = centred * centred
    score = special.ndtri(uniform)
    second = np.sqrt(5) / 2 * (3 * square - 1)
    third = np.sqrt(7) / 2 * centred * (5 * square - 3)
    # The third polynomial is correlated with the score, and a line is no curvature.
    third -= _SCORE_OF_THIRD * score
    return score, second, third / np.sqrt(1 - _SCORE_OF_THIRD**2)


def _expected_score_of_third() -> float:
    centred = 2 * special.ndtr(_NODES) - 1
    value = np.sqrt(7) / 2 * centred * (5 * centred**2 - 3) * _NODES
    return float(_WEIGHTS @ value / _WEIGHTS.sum())


_SCORE_OF_THIRD = _expected_score_of_third()


@lru_cache(maxsize=1)
def _table_of_squares() -> tuple[FloatArray, FloatArray]:
    """Correlation of the second polynomials under a bivariate normal, by its correlation."""
    grid = np.linspace(0, 1, 101)
    x, e = _NODES[:, None], _NODES[None, :]
    weights = np.outer(_WEIGHTS, _WEIGHTS) / _WEIGHTS.sum() ** 2

    def p2(z: FloatArray) -> FloatArray:
        return np.sqrt(5) / 2 * (3 * (2 * special.ndtr(z) - 1) ** 2 - 1)

    values = [(weights * p2(x) * p2(r * x + np.sqrt(1 - r * r) * e)).sum() for r in grid]
    return grid, np.array(values)


def dependence_of(columns: FloatArray) -> PairDependence:
    """Return the dependence of all pairs of columns, (n, k), at once."""
    sums = PairSums(rank_table(np.sort(columns, axis=0)), len(columns))
    sums.add(columns)
    return pair_dependence(sums)


def pair_dependence(sums: PairSums) -> PairDependence:
    r"""Return curvature and dependence of squares for all pairs of columns.

    With :math:`g` the normal scores of the ranks :math:`u`, :math:`p_2` and :math:`p_3` the
    Legendre polynomials of :math:`2u - 1` (the third without its part along g), and
    :math:`\rho` the correlation of the scores, the squared curvature is
    :math:`(E[p_2(u_i) g_j]^2 + E[p_3(u_i) g_j]^2) / (1 - \rho_{ij}^2)`; n times it is
    chi-squared with 2 degrees of freedom under a normal. The squares are
    :math:`E[p_2(u_i) p_2(u_j)]` less its value under a normal of correlation
    :math:`\rho_{ij}`, and have a standard error of at most :math:`1 / \sqrt n`.
    Functions of ranks are bounded, so a few extreme points decide nothing.
    """
    n, (linear, second, third, squares) = sums.n_samples, sums.products / sums.n_samples
    scale = np.sqrt(np.diag(linear))
    correlation = np.clip(linear / scale / scale[:, None], -1.0, 1.0)
    # Columns that are monotone functions of each other leave nothing to bend but rounding.
    left = np.maximum(1 - correlation**2, 0.01)
    explained = (second**2 + third**2) / scale**2 / left
    spread = np.sqrt(np.diag(squares))
    excess = squares / spread / spread[:, None] - np.interp(
        np.abs(correlation), *_table_of_squares()
    )
    explained = np.minimum(explained, 1.0)
    curvature_p = stats.chi2.sf(n * explained, 2)
    squares_p = 2 * stats.norm.sf(np.sqrt(n) * np.abs(excess))
    for matrix, value in ((explained, 0.0), (excess, 0.0), (curvature_p, 1.0), (squares_p, 1.0)):
        np.fill_diagonal(matrix, value)
    return PairDependence(np.sqrt(explained), excess, curvature_p, squares_p)


def is_weak(pairs: PairDependence, slack: float, share: float = 1.0) -> bool:
    """Return whether no pair is beyond a share of what is tolerated, and `slack` for chance."""
    return bool(
        pairs.curvature.max() < share * CURVATURE_TOLERANCE + slack
        and np.abs(pairs.squares).max() < share * SQUARES_TOLERANCE + slack
    )
