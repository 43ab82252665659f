"""How well a classifier tells two sets of points apart."""

import numpy as np
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.utils import shuffle

from sklatent._typing import FloatArray

__all__ = ["auc_pvalue", "two_sample_auc", "two_sided", "whiten_own"]

AUC_TOLERANCE = 0.55


def whiten_own(points: FloatArray) -> FloatArray:
    """Return points with mean 0 and identity covariance, by their own Cholesky factor."""
    centred = points - points.mean(axis=0)
    factor = np.linalg.cholesky(centred.T @ centred / len(points))
    return np.linalg.solve(factor, centred.T).T


def two_sample_auc(
    first: FloatArray,
    second: FloatArray,
    random_state: np.random.RandomState,
    own_moments: bool = False,
) -> float:
    """Return how well a classifier tells two sets of whitened points apart (Lopez-Paz, Oquab 2017).

    Gradient boosting on the columns and their sum of squares learns from one half of each set;
    the other half gives the area under its ROC curve. The total variation distance is at least
    that less 0.5. With `own_moments` each half of each set is whitened by itself, so that shape
    alone counts; then n is at least 2 r + 4.
    """
    halves: tuple[list[FloatArray], list[FloatArray]] = ([], [])
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
    """Return the chance of a larger area if two sets of n and m held-out points are alike.

    It is the one-sided Mann-Whitney test: mean 1/2, variance (n + m + 1) / (12 n m).
    """
    variance = (n_first + n_second + 1) / (12 * n_first * n_second)
    return float(stats.norm.sf((auc - 0.5) / np.sqrt(variance)))


def two_sided(auc: float, held_out: int) -> float:
    """Return the p-value of the larger of an area and its complement, of n points each."""
    return min(1.0, 2 * auc_pvalue(auc, held_out, held_out))
