"""Values that several points share: how many there are, and how to spread them."""

from typing import NamedTuple

import numpy as np

from sklatent._typing import FloatArray, IntArray

__all__ = ["Ties", "count_ties", "spread_ties"]


class Ties(NamedTuple):
    """Number of different values of each column, and the largest share, (0, 1], that have one."""

    n_distinct: IntArray
    top_share: FloatArray


def count_ties(sorted_columns: FloatArray) -> Ties:
    """Return the repeated values of columns in increasing order, (n, k), n at least 1."""
    n = len(sorted_columns)
    distinct, share = [], []
    for column in sorted_columns.T:
        starts = np.flatnonzero(np.diff(column, prepend=np.nan) != 0)
        distinct.append(len(starts))
        share.append(np.diff(starts, append=n).max() / n)
    return Ties(np.array(distinct), np.array(share))


def spread_ties(column: FloatArray, random_state: np.random.RandomState) -> FloatArray:
    """Return a column, not constant, each value moved at random within its share of the axis.

    A value stands for the interval that ends halfway to its two neighbours, as a bin of a
    histogram does; the outermost reach as far outward as inward.
    """
    values, place = np.unique(column, return_inverse=True)
    middle = (values[1:] + values[:-1]) / 2
    low = np.append(2 * values[0] - middle[0], middle)
    high = np.append(middle, 2 * values[-1] - middle[-1])
    return low[place] + (high - low)[place] * random_state.uniform(size=len(column))
