"""Whether samples are copies of training points, and whether a classifier tells sets apart."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import pairwise_distances_argmin_min

from sklatent._normality.frame import own_frame
from sklatent._normality.two_sample import auc_pvalue
from sklatent._normality.two_sample import two_sample_auc as half_sample_auc
from sklatent._random import check_seed
from sklatent._typing import ArrayLike, FloatArray, RandomState
from sklatent._validation import check_number

from ._feature_sets import check_feature_sets

__all__ = ["CopyCheck", "TwoSampleAUC", "copy_check", "two_sample_auc"]

_CLOSE_SHARE = 0.01


class CopyCheck(NamedTuple):
    """Distances to the nearest training point, of samples against those of held-out points.

    Attributes
    ----------
    ratio : float
        Median distance of generated points over that of held-out points: about 1 where
        samples are as new as held-out points are, 0 where they are copies, and above 1 far
        from the data. NaN where half of the held-out points stand in the training set.
    share_close : float
        Share in [0, 1] of generated points nearer to a training point than all but the
        nearest 1 % of held-out points: about 0.01 where samples are as new.
    share_closer : float
        Share in [0, 1] of generated points nearer than any held-out point is.
    distances : ndarray of shape (n_generated,)
        Distance of each generated point to its nearest training point.
    held_out_distances : ndarray of shape (n_held_out,)
        The same of held-out points.
    """

    ratio: float
    share_close: float
    share_closer: float
    distances: FloatArray
    held_out_distances: FloatArray


def copy_check(train: ArrayLike, held_out: ArrayLike, generated: ArrayLike) -> CopyCheck:
    """Compare how near generated and held-out points come to training points.

    Held-out points of the same distribution say how near a new point comes. Samples that
    are clearly nearer repeat the training set, however good their other figures
    are. Distances are Euclidean, and computed block by block.

    Parameters
    ----------
    train, held_out, generated : array-like of shape (n, d), (m, d) and (k, d)
        Features, latent points, or images in flat rows; all in the same units.

    Returns
    -------
    check : CopyCheck
        Named tuple of ratio, shares and distances.

    Raises
    ------
    ValueError
        If the sets differ in width, are empty, or hold NaN or infinity.
    TypeError
        If they hold no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.metrics import copy_check
    >>> train, held_out, new = np.random.default_rng(0).normal(size=(3, 1_000, 4))
    >>> round(copy_check(train, held_out, new).ratio, 1)
    1.0
    >>> copied = copy_check(train, held_out, train + 1e-3)
    >>> round(copied.ratio, 2), copied.share_close
    (0.0, 1.0)
    """
    known, fresh, made = check_feature_sets(1, train=train, held_out=held_out, generated=generated)
    near, usual = _nearest(made, known), _nearest(fresh, known)
    middle = float(np.median(usual))
    ratio = float(np.median(near)) / middle if middle > 0 else np.nan
    close = float((near < np.quantile(usual, _CLOSE_SHARE)).mean())
    return CopyCheck(ratio, close, float((near < usual.min()).mean()), near, usual)


def _nearest(points: FloatArray, train: FloatArray) -> FloatArray:
    mean = train.mean(axis=0, dtype=np.float64)
    return pairwise_distances_argmin_min(points - mean, train - mean)[1]


class TwoSampleAUC(NamedTuple):
    """How well a classifier tells two sets apart.

    Attributes
    ----------
    auc : float
        Mean area under the ROC curve on held-out points: 0.5 where the sets cannot be told
        apart, 1 where they always can.
    pvalue : float
        Chance in [0, 1] of a larger area in one split if the sets are alike.
    """

    auc: float
    pvalue: float


def two_sample_auc(
    X: ArrayLike, Y: ArrayLike, *, n_repeats: int = 3, random_state: RandomState = None
) -> TwoSampleAUC:
    """Area under the ROC curve of a classifier that tells two sets of points apart [1]_.

    Gradient boosting learns from a random half of each set, in coordinates
    whitened by the pooled covariance and with the squared length of a point
    as one more column; the other half is scored. The total variation
    distance of the two distributions is at least ``auc - 0.5``.

    Parameters
    ----------
    X, Y : array-like of shape (n, d) and (m, d)
        Features, at least 4 rows each. Where one set is larger, as many of its rows as the
        other has are drawn.
    n_repeats : int, default=3
        Number of random splits into halves, whose areas are averaged.
    random_state : int, RandomState instance or None, default=None
        Splits, and seeds the classifier.

    Returns
    -------
    found : TwoSampleAUC
        Named tuple of the area and its p-value.

    Raises
    ------
    ValueError
        If the sets differ in width, have too few rows, hold NaN or infinity, or if all
        points are the same.
    TypeError
        If a parameter is of a wrong type.

    References
    ----------
    .. [1] D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017,
       arXiv 1610.06545.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.metrics import two_sample_auc
    >>> X, Y = np.random.default_rng(0).normal(size=(2, 300, 2))
    >>> round(two_sample_auc(X, Y + 9, random_state=0).auc, 2)
    1.0
    """
    sets = check_feature_sets(4, X=X, Y=Y)
    n_repeats = check_number("n_repeats", n_repeats, low=1, integer=True)
    rng = check_seed(random_state)
    size = min(map(len, sets))
    drawn = [Z if len(Z) == size else Z[rng.choice(len(Z), size, replace=False)] for Z in sets]
    pooled = np.concatenate(drawn).astype(np.float64)
    frame = own_frame(pooled)
    if frame.normal.rank == 0:
        raise ValueError("X and Y must hold points that differ; all are the same.")
    white = frame.principal(slice(None))
    areas = [half_sample_auc(white[:size], white[size:], rng) for _ in range(n_repeats)]
    auc, held_out = float(np.mean(areas)), size - size // 2
    return TwoSampleAUC(auc, auc_pvalue(auc, held_out, held_out))
