"""The kernel distance of two sets of features, with its standard error."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import gen_batches

from sklatent._typing import ArrayLike, FloatArray

from ._feature_sets import check_feature_sets

__all__ = ["KernelDistance", "kernel_distance"]

_BLOCK_VALUES = 2**20


class KernelDistance(NamedTuple):
    """A kernel distance.

    Attributes
    ----------
    value : float
        Unbiased estimate, without unit; below 0 for about half of all pairs of sets from
        one distribution.
    standard_error : float
        Of the value.
    """

    value: float
    standard_error: float


class _Sums(NamedTuple):
    """Sums over a matrix of kernel values."""

    rows: FloatArray
    columns: FloatArray
    squares: float


def kernel_distance(X: ArrayLike, Y: ArrayLike) -> KernelDistance:
    r"""Squared maximum mean discrepancy of two sets under a cubic kernel [1]_.

    With :math:`k(x, y) = (x \cdot y / d + 1)^3`,

    .. math:: \frac{1}{n (n - 1)} \sum_{i \ne j} k(x_i, x_j)
              + \frac{1}{m (m - 1)} \sum_{i \ne j} k(y_i, y_j)
              - \frac{2}{n m} \sum_{i j} k(x_i, y_j),

    over all pairs, block by block. It has no bias, so sets of different size compare, and
    it can be negative. The standard error is that of a two-sample U-statistic, from
    the variances of its first and second projections [2]_. Pass images' features of
    ordinary size: a kernel of degree three follows outliers.

    Parameters
    ----------
    X, Y : array-like of shape (n, d) and (m, d)
        Features.

    Returns
    -------
    distance : KernelDistance
        Named tuple of value and standard error.

    Raises
    ------
    ValueError
        If the sets differ in width, have fewer than 2 rows, or hold NaN or infinity.
    TypeError
        If they hold no numbers.

    References
    ----------
    .. [1] M. Binkowski et al., "Demystifying MMD GANs", ICLR 2018, arXiv 1801.01401.
    .. [2] D. J. Sutherland et al., "Generative models and model criticism via
       optimized maximum mean discrepancy", ICLR 2017, arXiv 1611.04488.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.metrics import kernel_distance
    >>> X, Y = np.random.default_rng(0).normal(size=(2, 500, 8))
    >>> value, standard_error = kernel_distance(X, Y)
    >>> bool(abs(value) < 3 * standard_error)
    True
    >>> bool(kernel_distance(X, Y + 1).value > 0.5)
    True
    """
    x, y = check_feature_sets(X=X, Y=Y)
    n, m = len(x), len(y)
    within_x, within_y = _kernel_sums(x, x, True), _kernel_sums(y, y, True)
    across = _kernel_sums(x, y, False)
    mean_x, mean_y = within_x.rows / (n - 1), within_y.rows / (m - 1)
    across_x, across_y = across.rows / m, across.columns / n
    value = mean_x.mean() + mean_y.mean() - 2.0 * across_x.mean()
    # Of a kernel value, the variance that its two points' own means do not explain.
    own = (
        _interaction(within_x.squares / (n * (n - 1)), mean_x, mean_x),
        _interaction(within_y.squares / (m * (m - 1)), mean_y, mean_y),
        _interaction(across.squares / (n * m), across_x, across_y),
    )
    first = 4 * np.var(mean_x - across_x) / n + 4 * np.var(mean_y - across_y) / m
    second = 2 * own[0] / n**2 + 2 * own[1] / m**2 + 4 * own[2] / (n * m)
    # The variance of the projections holds that of the interactions twice; it is half at least.
    variance = max(first - second, first / 2)
    return KernelDistance(float(value), float(np.sqrt(variance)))


def _interaction(mean_square: float, rows: FloatArray, columns: FloatArray) -> float:
    explained = np.square(rows).mean() + np.square(columns).mean() - rows.mean() ** 2
    return max(mean_square - explained, 0.0)


def _kernel_sums(X: FloatArray, Y: FloatArray, same: bool) -> _Sums:
    """Sum kernel values over rows and columns, without a point and itself where `same`."""
    n, d = X.shape
    Y = Y.astype(np.float64, copy=False)
    rows, columns, squares = np.zeros(n), np.zeros(len(Y)), 0.0
    for part in gen_batches(n, max(1, _BLOCK_VALUES // len(Y))):
        # Of a symmetric matrix, the block on the diagonal and what lies right of it.
        start = part.start if same else 0
        base = X[part].astype(np.float64, copy=False) @ Y[start:].T
        base /= d
        base += 1.0
        values = base * base
        values *= base
        size = len(values)
        if same:
            np.fill_diagonal(values, 0.0)
            rest = values[:, size:]
            rows[start + size :] += rest.sum(axis=0)
            squares += np.vdot(rest, rest) if rest.flags.contiguous else np.square(rest).sum()
        rows[part] += values.sum(axis=1)
        columns[start:] += values.sum(axis=0)
        squares += np.vdot(values, values)
    return _Sums(rows, columns, float(squares))
