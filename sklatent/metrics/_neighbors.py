"""Precision, recall, density and coverage: sets compared by their nearest neighbours."""

from typing import NamedTuple

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from sklatent._typing import ArrayLike, BoolArray, FloatArray, IntArray

from ._feature_sets import check_feature_sets, check_neighbors

__all__ = ["DensityCoverage", "PrecisionRecall", "density_coverage", "precision_recall"]

_BLOCK_VALUES = 2**20


class PrecisionRecall(NamedTuple):
    """Shares of points within the reach of another set.

    Attributes
    ----------
    precision : float
        Share in [0, 1] of generated points in a ball around a real one.
    recall : float
        Share in [0, 1] of real points in a ball around a generated one.
    """

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """How thickly, and how completely, generated points lie where real ones are.

    Attributes
    ----------
    density : float
        Mean number of balls around real points that hold a generated one, over
        `n_neighbors`: at least 0, and not bounded by 1.
    coverage : float
        Share in [0, 1] of balls around real points that hold a generated one.
    """

    density: float
    coverage: float


def precision_recall(
    real: ArrayLike, generated: ArrayLike, n_neighbors: int = 3
) -> PrecisionRecall:
    """Shares of generated points near real ones, and of real points near generated ones [1]_.

    Around each point of a set lies the ball that reaches to its n-th nearest
    neighbour in the same set; precision is the share of generated points in
    at least one ball of the real set, and recall the reverse. Two sets from one
    distribution do not score 1: the higher the dimension, the less. A single
    outlier has a large ball.

    Parameters
    ----------
    real, generated : array-like of shape (n, d) and (m, d)
        Features. Distances are computed block by block.
    n_neighbors : int, default=3
        Which neighbour, the point itself not counted; less than n and m.

    Returns
    -------
    shares : PrecisionRecall
        Named tuple of precision and recall.

    Raises
    ------
    ValueError
        If the sets differ in width, have too few rows, or hold NaN or infinity.
    TypeError
        If they hold no numbers, or `n_neighbors` is no integer.

    References
    ----------
    .. [1] T. Kynkaanniemi et al., "Improved precision and recall metric for assessing
       generative models", NeurIPS 2019, arXiv 1904.06991.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.metrics import precision_recall
    >>> real, generated = np.random.default_rng(0).normal(size=(2, 500, 2))
    >>> precision, recall = precision_recall(real, generated)
    >>> round(precision, 1), round(recall, 1)
    (1.0, 1.0)
    >>> shrunk = precision_recall(real, 0.1 * generated)
    >>> round(shrunk.precision, 1), bool(shrunk.recall < 0.1)
    (1.0, True)
    """
    sets = check_feature_sets(real=real, generated=generated)
    k = check_neighbors(n_neighbors, real=sets[0], generated=sets[1])
    x, y = _centred(*sets)
    hits, _, reached = _meet(x, y, _squared_radii(x, k), _squared_radii(y, k))
    return PrecisionRecall(float((hits > 0).mean()), float(reached.mean()))


def density_coverage(
    real: ArrayLike, generated: ArrayLike, n_neighbors: int = 5
) -> DensityCoverage:
    """How thickly and how completely generated points lie where real ones are [1]_.

    Balls are those of `precision_recall` around real points. Two sets from one distribution
    have a density of about 1 and a coverage of about ``1 - 2 ** -n_neighbors``. Density
    rewards points in the middle: shrink the spread of the samples, and it grows.

    Parameters
    ----------
    real, generated : array-like of shape (n, d) and (m, d)
        Features. Distances are computed block by block.
    n_neighbors : int, default=5
        Which neighbour, the point itself not counted; less than n.

    Returns
    -------
    found : DensityCoverage
        Named tuple of density and coverage.

    Raises
    ------
    ValueError, TypeError
        As `precision_recall`.

    References
    ----------
    .. [1] M. F. Naeem et al., "Reliable fidelity and diversity metrics for generative
       models", ICML 2020, arXiv 2002.09797.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.metrics import density_coverage
    >>> real, generated = np.random.default_rng(0).normal(size=(2, 1000, 8))
    >>> density, coverage = density_coverage(real, generated)
    >>> round(density, 1), round(coverage, 2)
    (1.0, 0.97)
    """
    sets = check_feature_sets(1, real=real, generated=generated)
    k = check_neighbors(n_neighbors, real=sets[0])
    x, y = _centred(*sets)
    hits, covered, _ = _meet(x, y, _squared_radii(x, k))
    return DensityCoverage(float(hits.mean() / k), float(covered.mean()))


def _centred(*sets: FloatArray) -> list[FloatArray]:
    """Return float64 copies around the mean of the first: distances then cancel least."""
    mean = sets[0].mean(axis=0, dtype=np.float64)
    return [X - mean for X in sets]


def _squared_radii(X: FloatArray, k: int) -> FloatArray:
    distances, _ = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(X).kneighbors()
    # A point on the edge counts as inside, also where rounding differs.
    return np.square(distances[:, -1]) * (1 + 1e-9) + 1e-13 * np.square(X).sum(axis=1).max()


class _Meetings(NamedTuple):
    """Which of n real and m generated points lie in balls around the others.

    How many balls hold each generated point (m,), whether that of a real point holds a generated
    one (n,), and whether a real point lies in a ball around a generated one (n,).
    """

    hits: IntArray
    covered: BoolArray
    reached: BoolArray


def _meet(
    real: FloatArray,
    generated: FloatArray,
    real_radii: FloatArray,
    generated_radii: FloatArray | None = None,
) -> _Meetings:
    """Count, over blocks of squared distances, which points lie in which balls."""
    n, m = len(real), len(generated)
    hits = np.zeros(m, dtype=np.int64)
    covered, reached = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    squares = np.einsum("ij,ij->i", generated, generated)
    for rows in gen_batches(n, max(1, _BLOCK_VALUES // m)):
        part = real[rows]
        own = np.einsum("ij,ij->i", part, part)
        # Up to the square of the real point itself, squared distances.
        distances = (-2.0 * part) @ generated.T
        distances += squares
        inside = distances <= (real_radii[rows] - own)[:, None]
        hits += np.count_nonzero(inside, axis=0)
        covered[rows] = inside.any(axis=1)
        if generated_radii is not None:
            distances -= generated_radii
            reached[rows] = distances.min(axis=1) <= -own
    return _Meetings(hits, covered, reached)
