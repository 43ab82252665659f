"""How well a classifier tells two sets of points apart."""

import numpy as np
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.utils import shuffle

__all__ = ["auc_pvalue", "two_sample_auc", "whiten_own"]

AUC_TOLERANCE = 0.55


def whiten_own(points):
    """Return points with mean 0 and identity covariance, by their own Cholesky factor.

    Parameters
    ----------
    points : ndarray of shape (n, r)
        Points that vary in all r dimensions.

    Returns
    -------
    ndarray of shape (n, r)
        Coordinates without unit.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> whiten_own(np.array([[3.0], [5.0]]))[:, 0]
    array([-1.,  1.])
    """
    centred = points - points.mean(axis=0)
    factor = np.linalg.cholesky(centred.T @ centred / len(points))
    return np.linalg.solve(factor, centred.T).T


def two_sample_auc(first, second, random_state, own_moments=False) -> float:
    """Return how well a classifier tells two sets of points apart, on held-out points [1]_.

    Gradient boosting on the columns and their sum of squares learns from
    one half of each set; the other half gives the area under its ROC curve.

    Parameters
    ----------
    first, second : ndarray of shape (n, r)
        Whitened points of two sets, n at least 4.
    random_state : RandomState instance
        Shuffles and seeds.
    own_moments : bool, default=False
        Whether each half of each set is whitened by its own mean and covariance, so that shape
        alone counts; then n is at least 2 r + 4.

    Returns
    -------
    float
        0.5 where the sets cannot be told apart, 1 where they always can. The total variation
        distance between the two distributions is at least ``auc - 0.5``.

    References
    ----------
    .. [1] D. Lopez-Paz, M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017,
       arXiv:1610.06545.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> rng = np.random.RandomState(0)
    >>> two_sample_auc(rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) + 9, rng)
    1.0
    """
    halves: list[list] = [[], []]
    for points in (first, second):
        middle = len(points) // 2
        mixed = shuffle(points, random_state=random_state)
        for half, part in zip(halves, (mixed[:middle], mixed[middle:]), strict=True):
            # Whitened together, a half would mirror the noise of the other.
            white = whiten_own(part) if own_moments else part
            half.append(np.hstack([np.square(white).sum(axis=1, keepdims=True), white]))
    train, test = (np.vstack(half) for half in halves)
    labels = [np.repeat([1, 0], [len(half[0]), len(half[1])]) for half in halves]
    classifier = HistGradientBoostingClassifier(early_stopping=False, random_state=random_state)
    scores = classifier.fit(train, labels[0]).predict_proba(test)[:, 1]
    return float(roc_auc_score(labels[1], scores))


def auc_pvalue(auc: float, n_first: int, n_second: int) -> float:
    """Return the chance of a larger area under the curve if both sets are alike.

    It is the one-sided Mann-Whitney test: under the null the area has mean 1/2 and variance
    (n + m + 1) / (12 n m).

    Parameters
    ----------
    auc : float
        Area in [0, 1] on held-out points.
    n_first, n_second : int
        Numbers n and m of held-out points in the two sets.

    Returns
    -------
    float
        Probability in [0, 1].

    Examples
    --------
    >>>
    >>> round(auc_pvalue(0.5, 100, 100), 2)
    0.5
    """
    variance = (n_first + n_second + 1) / (12 * n_first * n_second)
    return float(stats.norm.sf((auc - 0.5) / np.sqrt(variance)))
