"""Dependence that is no bend: linear mixtures, and spreads that depend on another component."""

import warnings

import numpy as np
from scipy import special, stats
from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning

from .pairs import CURVATURE_TOLERANCE, SQUARES_TOLERANCE, PairSums, pair_dependence, rank_table

__all__ = ["spread_alone_depends", "unmixes"]

MAX_ITERATIONS = 200


def unmixes(white, random_state) -> bool:
    """Return whether some rotation leaves columns that do not depend on each other in pairs.

    The rotation is that of independent component analysis [1]_. A bend of pairs is
    then the work of columns that are mixed linearly and are not normal, such as the edges
    of a turned cube.

    Parameters
    ----------
    white : ndarray of shape (n, r)
        Whitened points.
    random_state : RandomState instance
        Starts the search.

    Returns
    -------
    bool
        Whether bends and squares stay below half of what is tolerated, and twice their
        standard error.

    References
    ----------
    .. [1] A. Hyvarinen, E. Oja, "Independent component analysis: algorithms and
       applications", Neural Networks 13(4-5), 411-430, 2000.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.unmixing import unmixes
    >>> rng = np.random.RandomState(0)
    >>> cube = np.sqrt(12) * (rng.uniform(size=(2_000, 2)) - 0.5)
    >>> x = rng.normal(size=2_000)
    >>> unmixes(cube @ np.array([[0.8, 0.6], [-0.6, 0.8]]), rng)
    True
    >>> unmixes(np.column_stack([x, (x**2 - 1) / np.sqrt(2)]), rng)
    False
    """
    search = FastICA(whiten=False, max_iter=MAX_ITERATIONS, tol=1e-3, random_state=random_state)
    with warnings.catch_warnings():
        # Where no rotation is better than others there is none to find.
        warnings.simplefilter("ignore", ConvergenceWarning)
        pairs = _pairs(search.fit_transform(white))
    slack = 2 / np.sqrt(len(white))
    return bool(
        pairs.curvature.max() < CURVATURE_TOLERANCE / 2 + slack
        and np.abs(pairs.squares).max() < SQUARES_TOLERANCE / 2 + slack
    )


def spread_alone_depends(first, second) -> bool:
    """Return whether the first column's spread, and nothing else, depends on the second.

    The first is centred and divided by its spread along the second, both cubic in the
    second's normal scores, the logarithm of the spread for one. If that leaves
    no dependence, and magnitudes alike in each third of the second, spread was all.

    Parameters
    ----------
    first, second : ndarray of shape (n,)
        Values of two components, n at least 30.

    Returns
    -------
    bool
        False where something is left that is more than tolerated.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.unmixing import spread_alone_depends
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 2_000))
    >>> spread_alone_depends(noise * np.exp(0.7 * x), x), spread_alone_depends(x, x**2 + noise)
    (True, False)
    """
    n = len(first)
    ranks = (stats.rankdata(second) - 0.5) / n
    cubic = np.polynomial.hermite_e.hermevander(special.ndtri(ranks), 3)
    rest = first - cubic @ np.linalg.lstsq(cubic, first, rcond=None)[0]
    size = np.log(np.abs(rest) + 1e-3 * first.std())
    even = rest / np.exp(cubic @ np.linalg.lstsq(cubic, size, rcond=None)[0])
    pairs, slack = _pairs(np.column_stack([even, second])), 2 / np.sqrt(n)
    third = np.minimum((3 * ranks).astype(int), 2)
    parts = [np.abs(even[third == k]) for k in range(3)]
    apart = max(stats.ks_2samp(parts[k], parts[k - 1]).statistic for k in range(3))
    return bool(
        pairs.curvature.max() < CURVATURE_TOLERANCE + slack
        and np.abs(pairs.squares).max() < SQUARES_TOLERANCE + slack
        and apart < 0.05 + 1.25 * slack
    )


def _pairs(columns):
    sums = PairSums(rank_table(np.sort(columns, axis=0)), len(columns))
    sums.add(columns)
    return pair_dependence(sums)
