"""Dependence that is no bend: linear mixtures, and spreads that depend on another component."""

import warnings

import numpy as np
from scipy import special, stats
from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning

from sklatent._typing import FloatArray

from .pairs import dependence_of, is_weak

__all__ = ["spread_alone_depends", "unmixes"]

MAX_ITERATIONS = 200


def unmixes(white: FloatArray, random_state: np.random.RandomState) -> bool:
    """Return whether some rotation leaves columns that do not depend on each other in pairs.

    The rotation is that of independent component analysis (Hyvarinen, Oja 2000). A bend of pairs
    is then the work of columns that are mixed linearly and are not normal, such as the edges of a
    turned cube. Bends and squares must stay below half of what is tolerated, and twice their
    standard error.
    """
    search = FastICA(whiten=False, max_iter=MAX_ITERATIONS, tol=1e-3, random_state=random_state)
    with warnings.catch_warnings():
        # Where no rotation is better than others there is none to find.
        warnings.simplefilter("ignore", ConvergenceWarning)
        pairs = dependence_of(search.fit_transform(white))
    return is_weak(pairs, 2 / np.sqrt(len(white)), share=0.5)


def spread_alone_depends(first: FloatArray, second: FloatArray) -> bool:
    """Return whether the first column's spread, and nothing else, depends on the second.

    The first is centred and divided by its spread along the second, both cubic in the second's
    normal scores, the logarithm of the spread for one. If that leaves no dependence, and
    magnitudes alike in each third of the second, spread was all.
    """
    n = len(first)
    ranks = (stats.rankdata(second) - 0.5) / n
    cubic = np.polynomial.hermite_e.hermevander(special.ndtri(ranks), 3)
    rest = first - cubic @ np.linalg.lstsq(cubic, first, rcond=None)[0]
    size = np.log(np.abs(rest) + 1e-3 * first.std())
    even = rest / np.exp(cubic @ np.linalg.lstsq(cubic, size, rcond=None)[0])
    pairs, slack = dependence_of(np.column_stack([even, second])), 2 / np.sqrt(n)
    third = np.minimum((3 * ranks).astype(int), 2)
    parts = [np.abs(even[third == k]) for k in range(3)]
    apart = max(stats.ks_2samp(parts[k], parts[k - 1]).statistic for k in range(3))
    return bool(is_weak(pairs, slack) and apart < 0.05 + 1.25 * slack)
