"""Where classes and attributes lie in latent space, and the way from one to the other."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.utils.multiclass import check_classification_targets

from sklatent._points import check_classes, check_squares, naming, rows_of
from sklatent._typing import AnyArray, ArrayLike, BoolArray, FloatArray, IntArray
from sklatent._validation import as_labels, check_choice

__all__ = [
    "AttributeCenters",
    "ClassCenters",
    "attribute_centers",
    "attribute_direction",
    "class_centers",
]

Method: TypeAlias = Literal["means", "covariance-adjusted"]


class ClassCenters(NamedTuple):
    """Mean latent point of each class.

    Attributes
    ----------
    classes : ndarray of shape (k,)
        The classes, sorted.
    centers : ndarray of shape (k, d)
        Means in latent units.
    counts : ndarray of shape (k,), dtype int
        Numbers of points.
    """

    classes: AnyArray
    centers: FloatArray
    counts: IntArray


class AttributeCenters(NamedTuple):
    """Mean latent points without and with each of several attributes.

    Attributes
    ----------
    without, having : ndarray of shape (a, d)
        Means in latent units.
    counts : ndarray of shape (a, 2), dtype int
        Numbers of points without and with.
    """

    without: FloatArray
    having: FloatArray
    counts: IntArray


def class_centers(Z: ArrayLike, y: ArrayLike) -> ClassCenters:
    """Mean latent point of each class.

    Parameters
    ----------
    Z : array-like of shape (n, d)
        Latent points, such as ``pipeline[:-1].transform(images)``.
    y : array-like of shape (n,)
        Classes.

    Returns
    -------
    ClassCenters
        Named tuple of `classes` (k,), sorted, `centers` (k, d) in latent units, and `counts`
        (k,). ``pipeline[:-1].inverse_transform(centers)`` makes images of them.

    Raises
    ------
    ValueError
        If `Z` and `y` differ in length, `Z` is not finite, or `y` holds no classes.

    Examples
    --------
    >>> from sklatent.paths import class_centers
    >>> class_centers([[0.0, 0.0], [2.0, 0.0], [5.0, 5.0]], ["a", "a", "b"]).centers
    array([[1., 0.],
           [5., 5.]])
    """
    points = _check_points(Z)
    classes, index, counts = np.unique(
        _check_labels(y, len(points), 1), return_inverse=True, return_counts=True
    )
    return ClassCenters(classes, _group_means(points, index, counts), counts)


def attribute_centers(Z: ArrayLike, Y: ArrayLike) -> AttributeCenters:
    """Mean latent points without and with each of several attributes.

    Parameters
    ----------
    Z : array-like of shape (n, d)
        Latent points, such as ``pipeline[:-1].transform(images)``.
    Y : array-like of shape (n, a)
        Attributes, one a column, of two values each; the larger one, such as True or 1,
        says that a point has it.

    Returns
    -------
    AttributeCenters
        Named tuple of means `without` and `having` each attribute (a, d), in latent units,
        and `counts` (a, 2).

    Raises
    ------
    ValueError
        If lengths differ, `Z` is not finite, or a column has not two values.

    Examples
    --------
    >>> from sklatent.paths import attribute_centers
    >>> Y = [[True, False], [True, True], [False, True]]
    >>> attribute_centers([[0.0, 0.0], [2.0, 0.0], [5.0, 5.0]], Y).having
    array([[1. , 0. ],
           [3.5, 2.5]])
    """
    points = _check_points(Z)
    found = [
        class_centers(points, has) for has in _binary_columns(_check_labels(Y, len(points), 2))
    ]
    centers = np.array([each.centers for each in found])
    return AttributeCenters(centers[:, 0], centers[:, 1], np.array([each.counts for each in found]))


def attribute_direction(
    Z: ArrayLike,
    y: ArrayLike,
    *,
    method: Method = "means",
    positive: Any = None,
    shrinkage: float | Literal["auto"] | None = "auto",
) -> FloatArray:
    r"""Direction in latent space along which an attribute comes, or a class.

    "means" is the difference :math:`\Delta = m_1 - m_0` of mean points with and without the
    attribute. Of all moves that change the linear discriminant by as much, it is the
    shortest in the Mahalanobis metric of the groups, the most usual one. It takes along what
    goes together with the attribute.

    "covariance-adjusted" is the discriminant itself, :math:`w = S^{-1} \Delta` with the
    covariance S within the groups [1]_, of all such moves the shortest in latent units. It
    leaves out of :math:`\Delta` what other correlated components explain, and runs along
    directions in which points vary little, where a decoder has learnt less. Its length is
    that of the projection of :math:`\Delta` on it: one length leads as far along w as from
    one mean to the other.

    Parameters
    ----------
    Z : array-like of shape (n, d)
        Latent points, such as ``pipeline[:-1].transform(images)``.
    y : array-like of shape (n,) or (n, a)
        Classes, or attributes of two values each, one a column.
    method : {"means", "covariance-adjusted"}, default="means"
        The direction.
    positive : object, default=None
        Class to which the direction leads from all others, for `y` of shape (n,). None takes
        the larger of two classes, such as True or 1.
    shrinkage : "auto", float or None, default="auto"
        Of the covariance in "covariance-adjusted", as in scikit-learn's
        `LinearDiscriminantAnalysis`: by the formula of Ledoit and Wolf, a weight in [0, 1],
        or none.

    Returns
    -------
    direction : ndarray of shape (d,) or (a, d)
        In latent units; `move_along` takes it.

    Raises
    ------
    ValueError
        If lengths differ, values are not finite, `y` has not two classes and `positive` is
        not given, or `positive` is none of them.

    References
    ----------
    .. [1] R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of
       Eugenics 7(2), 179-188, 1936.

    Examples
    --------
    >>> from sklatent.paths import attribute_direction
    >>> Z, smiles = [[0.0, 0.0], [2.0, 0.0], [5.0, 5.0]], [False, False, True]
    >>> attribute_direction(Z, smiles)
    array([4., 5.])
    """
    check_choice("method", method, get_args(Method))
    points = _check_points(Z)
    labels = _check_labels(y, len(points))
    if labels.ndim == 2:
        if positive is not None:
            raise ValueError("positive must be None for y of shape (n, a), of two values a column.")
        columns = _binary_columns(labels)
        return np.array([_direction(points, has, method, shrinkage) for has in columns])
    return _direction(points, _has_class(labels, positive), method, shrinkage)


def _direction(
    Z: FloatArray, has: BoolArray, method: Method, shrinkage: float | Literal["auto"] | None
) -> FloatArray:
    _, (without, having), _ = class_centers(Z, has)
    difference = having - without
    if method == "means" or not difference.any():
        return difference
    analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(Z, has)
    weights = analysis.coef_[0]
    if not weights.any() or not np.isfinite(weights).all():
        raise ValueError("Z must hold values whose squares float64 can hold; got smaller ones.")
    # Their length does not matter, but the squares may be no floats. Powers of 2 round nothing.
    weights = np.ldexp(weights, -int(np.frexp(np.abs(weights).max())[1]))
    return weights * (weights @ difference) / (weights @ weights)


def _has_class(labels: AnyArray, positive: Any) -> BoolArray:
    classes = np.unique(labels)
    if positive is None:
        if len(classes) != 2:
            raise ValueError(
                f"y must have two classes where positive is None; got {len(classes)}. positive= "
                "names the one to which the direction leads from all others."
            )
        positive = classes[1]
    has = labels == positive
    if not has.any() or has.all():
        raise ValueError(
            f"positive must be one of at least two classes, {classes.tolist()}; got {positive!r}."
        )
    return has


def _binary_columns(labels: AnyArray) -> Iterator[BoolArray]:
    """Yield for each column (n,) whether points have the larger of its two values."""
    for index, column in enumerate(labels.T):
        values = np.unique(column)
        if len(values) != 2:
            raise ValueError(
                f"Each column of y must have two values; column {index} has {len(values)}."
            )
        yield column == values[1]


def _group_means(Z: FloatArray, index: IntArray, counts: IntArray) -> FloatArray:
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.add.reduceat(Z[np.argsort(index, kind="stable")], starts) / counts[:, None]


def _check_points(Z: ArrayLike) -> FloatArray:
    return check_squares(rows_of(Z, "Z", dtype=np.float64), "Z")


def _check_labels(y: ArrayLike, n: int, ndim: int | None = None) -> AnyArray:
    labels = as_labels(y)
    wanted = {1: "(n,)", 2: "(n, a)", None: "(n,) or (n, a)"}[ndim]
    if labels.ndim not in ((1, 2) if ndim is None else (ndim,)):
        raise ValueError(f"y must be of shape {wanted}; got shape {labels.shape}.")
    if len(labels) != n:
        raise ValueError(f"y must have one row for each of {n} points of Z; got {len(labels)}.")
    if labels.ndim == 2 and labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError("y must be finite; got NaN or infinity.")
    check_classes(labels)
    if labels.ndim == 1:
        with naming("y", "classes"):
            check_classification_targets(labels)
    return labels
