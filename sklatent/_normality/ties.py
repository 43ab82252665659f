"""Values that several points share: how many there are, and how to spread them."""

from typing import NamedTuple

import numpy as np

__all__ = ["Ties", "count_ties", "spread_ties"]


class Ties(NamedTuple):
    """Repeated values of each column.

    Attributes
    ----------
    n_distinct : ndarray of shape (k,), dtype int
        Number of different values.
    top_share : ndarray of shape (k,)
        Largest share of the points, in (0, 1], that have one and the same value.
    """

    n_distinct: np.ndarray
    top_share: np.ndarray


def count_ties(sorted_columns) -> Ties:
    """Return how many different values each column has, and the share of the commonest.

    Parameters
    ----------
    sorted_columns : ndarray of shape (n, k)
        Each column in increasing order, n at least 1.

    Returns
    -------
    Ties
        One value a column.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.ties import count_ties
    >>> count_ties(np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0], [5.0, 4.0]]))
    Ties(n_distinct=array([2, 4]), top_share=array([0.75, 0.25]))
    """
    n = len(sorted_columns)
    distinct, share = [], []
    for column in sorted_columns.T:
        starts = np.flatnonzero(np.diff(column, prepend=np.nan) != 0)
        distinct.append(len(starts))
        share.append(np.diff(starts, append=n).max() / n)
    return Ties(np.array(distinct), np.array(share))


def spread_ties(column, random_state):
    """Return a column with each value moved at random within its share of the axis.

    A value stands for the interval that ends halfway to its two neighbours, as a bin of a
    histogram does; the outermost reach as far outward as inward.

    Parameters
    ----------
    column : ndarray of shape (n,)
        Values in any order, at least two of them different.
    random_state : RandomState instance
        Source of uniform numbers.

    Returns
    -------
    ndarray of shape (n,)
        Values without ties; rounding to the nearest of the old ones gives those back.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.ties import spread_ties
    >>> column = np.array([0.0, 1.0, 1.0, 0.0, 2.0])
    >>> np.abs(spread_ties(column, np.random.RandomState(0)) - column) <= 0.5
    array([ True,  True,  True,  True,  True])
    """
    values, place = np.unique(column, return_inverse=True)
    middle = (values[1:] + values[:-1]) / 2
    low = np.append(2 * values[0] - middle[0], middle)
    high = np.append(middle, 2 * values[-1] - middle[-1])
    return low[place] + (high - low)[place] * random_state.uniform(size=len(column))
