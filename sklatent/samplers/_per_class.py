"""One density for each class: draws by class, and a generative classifier."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special
from sklearn.base import clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._points import check_classes, naming, taken_points
from sklatent._random import draw_from, draw_seed, make_generator
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    BaseEstimator,
    ClassifierMixin,
    FloatArray,
    IntArray,
    RandomState,
    Self,
    available_if,
)
from sklatent._validation import as_labels, check_n_samples, keep_state_on_error

__all__ = ["PerClassSampler"]


def _has_density(sampler: Any) -> bool:
    fitted = getattr(sampler, "estimators_", [sampler._unfitted()])
    return all(hasattr(estimator, "score_samples") for estimator in fitted)


def _rank(density: Any) -> int | None:
    """Return the dimension of the subspace that a density lives on, None if it does not say."""
    for inner in ("sampler_", "model_"):
        if hasattr(density, inner):
            return _rank(getattr(density, inner))
    if hasattr(density, "intervals_"):
        return int(np.count_nonzero(np.diff(density.intervals_)))
    return getattr(density, "rank_", None)


class PerClassSampler(ClassifierMixin, BaseEstimator):
    r"""One clone of a density for each class of latent points.

    Points are drawn from the density of a class that is asked for, or of a class drawn by its
    share of the training points. By Bayes' rule it is a generative classifier:
    :math:`P(c | z) \propto \pi_c f_c(z)`. Its `score` is the accuracy, as of any classifier;
    the mean of `score_samples` compares it with other samplers.

    Parameters
    ----------
    estimator : estimator or None, default=None
        Has `fit` and `sample`, and `score_samples` where points shall be classified. None
        takes ``LatentGaussianModel(covariance="oas")``, which has a density in all directions
        also where a class has few points. It shrinks to equal variances of all components, in
        latent units, and gives some to components that do not vary; behind a `StandardScaler`
        the units do not matter.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted.
    class_prior_ : ndarray of shape (n_classes,)
        Shares of the training points.
    estimators_ : list of estimators
        The fitted clones, in the order of `classes_`.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    See Also
    --------
    MixtureSampler : Clouds that are found, not given.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import PerClassSampler
    >>> y = np.repeat(["left", "right"], 100)
    >>> Z = np.random.default_rng(0).normal(size=(200, 3))
    >>> Z += np.where(y == "left", -5.0, 5.0)[:, None]
    >>> sampler = PerClassSampler().fit(Z, y)
    >>> sampler.sample(1000, random_state=0, y="left").mean(axis=0).round()
    array([-5., -5., -5.])
    >>> sampler.predict([[4.0, 6.0, 5.0]])
    array(['right'], dtype='<U5')
    """

    classes_: AnyArray
    class_prior_: FloatArray
    estimators_: list[Any]
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    @np.errstate(under="ignore")
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit one clone to the points of each class.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.
        y : array-like of shape (n,)
            Classes.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            If `y` is missing or holds no classes, the points of one of several are all equal, or
            the clones cannot be fitted; an earlier fit stays.
        """
        if not hasattr(self._unfitted(), "sample"):
            raise TypeError(
                f"estimator must have a sample method; got a {type(self.estimator).__name__}."
            )
        with keep_state_on_error(self):
            points, labels = taken_points(self, X, reset=True), self._labels(X, y)
            self.classes_, index = np.unique(labels, return_inverse=True)
            self.class_prior_ = np.bincount(index) / len(labels)
            self.estimators_ = [
                self._fit_class(points[index == k], name) for k, name in enumerate(self.classes_)
            ]
            self._check_spread()
        return self

    def _labels(self, X: ArrayLike, y: ArrayLike) -> AnyArray:
        if y is None:
            raise ValueError(
                "y must hold the classes of points: PerClassSampler requires y to be passed, but "
                "the target y is None."
            )
        labels = column_or_1d(as_labels(y), warn=True)
        with naming("y", "one class for each point"):
            check_consistent_length(X, labels)
            check_classification_targets(check_classes(labels))
        return labels

    def _check_spread(self) -> None:
        """Raise a ValueError if the density of a class is a single point, unlike any other's."""
        if len(self.classes_) == 1 or not hasattr(self.estimators_[0], "score_samples"):
            return
        single = [
            str(name)
            for name, estimator in zip(self.classes_, self.estimators_, strict=True)
            if _rank(estimator) == 0
        ]
        if single:
            raise ValueError(
                "y must hold classes of points that differ, at least two of each: those of "
                f"{', '.join(single[:5])}{', ...' if single[5:] else ''} are one point. Leave it "
                "out, or use an estimator that needs no spread, such as scikit-learn's "
                "KernelDensity."
            )

    def _fit_class(self, X: FloatArray, name: Any) -> Any:
        try:
            return clone(self._unfitted()).fit(X)
        except ValueError as error:
            raise ValueError(
                f"y has {len(X)} points of class {name}, to which a "
                f"{type(self._unfitted()).__name__} cannot be fitted: {error}"
            ) from error

    def _unfitted(self) -> Any:
        return LatentGaussianModel(covariance="oas") if self.estimator is None else self.estimator

    @np.errstate(under="ignore")
    def sample(
        self, n_samples: int = 1, random_state: RandomState = None, *, y: Any = None
    ) -> FloatArray:
        """Draw points, of any class or of given ones.

        Parameters
        ----------
        n_samples : int, default=1
            Number of points, at least 1.
        random_state : int, RandomState instance or None, default=None
            An int gives the same points on each call; None gives others each time.
        y : object, or array-like of shape (n_samples,), default=None
            The class of all points, or the class of each. None draws classes by
            their shares of the training points.

        Returns
        -------
        points : ndarray of shape (n_samples, d)
            Points in latent units, in the order of `y` where it has one class for each.

        Raises
        ------
        ValueError
            If `y` holds classes that `fit` did not see, or is of another length.
        TypeError, ValueError
            If `n_samples` is not an integer or less than 1, or `random_state` is no seed.
        """
        check_is_fitted(self)
        n_samples = check_n_samples(n_samples)
        generator = make_generator(random_state)
        index = self._find_classes(n_samples, y, generator)
        points = np.empty((n_samples, self.n_features_in_))
        for k in np.unique(index):
            rows = np.flatnonzero(index == k)
            rng = np.random.RandomState(draw_seed(generator))
            points[rows] = draw_from(self.estimators_[k], len(rows), rng)
        return points

    def _find_classes(self, n_samples: int, y: Any, generator: np.random.Generator) -> IntArray:
        if y is None:
            return generator.choice(len(self.classes_), size=n_samples, p=self.class_prior_)
        asked = as_labels(y)
        if asked.ndim > 1 or (asked.ndim == 1 and len(asked) != n_samples):
            raise ValueError(
                f"y must be one class, or one for each of {n_samples} points; got an array of "
                f"shape {asked.shape}."
            )
        matches = np.broadcast_to(asked, n_samples)[:, None] == self.classes_
        unknown = ~matches.any(axis=1)
        if unknown.any():
            came = np.broadcast_to(asked, n_samples)[unknown][:1].tolist()[0]
            raise ValueError(f"y must be of the classes {self.classes_.tolist()}; got {came!r}.")
        return matches.argmax(axis=1)

    @available_if(_has_density)
    @np.errstate(under="ignore")
    def score_samples(self, X: ArrayLike) -> FloatArray:
        """Return the log-density of each point under the mixture of all classes.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        log_density : ndarray of shape (n,)
            Nats.
        """
        return special.logsumexp(self._joint(X), axis=1)

    @available_if(_has_density)
    @np.errstate(under="ignore")
    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        probabilities : ndarray of shape (n, n_classes)
            They sum to 1. Where no class has a density above 0, they are the shares of the
            training points.
        """
        return special.softmax(self._reached(X), axis=1)

    @available_if(_has_density)
    @np.errstate(under="ignore")
    def predict_log_proba(self, X: ArrayLike) -> FloatArray:
        """Return the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        log_probabilities : ndarray of shape (n, n_classes)
            Those of `predict_proba`, also where these are too small for a number.
        """
        return special.log_softmax(self._reached(X), axis=1)

    @available_if(_has_density)
    @np.errstate(under="ignore")
    def predict(self, X: ArrayLike) -> AnyArray:
        """Return the most probable class of each point.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        classes : ndarray of shape (n,)
            Elements of `classes_`.
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _reached(self, X: ArrayLike) -> FloatArray:
        """Return log-densities times shares, the shares alone where no class has a density."""
        joint = self._joint(X)
        joint[~np.isfinite(joint).any(axis=1)] = np.log(self.class_prior_)
        return joint

    def _joint(self, X: ArrayLike) -> FloatArray:
        check_is_fitted(self)
        X = taken_points(self, X)
        ranks = {_rank(estimator) for estimator in self.estimators_}
        if len(ranks) > 1:
            raise ValueError(
                "The densities of the classes live on subspaces of different dimension, "
                f"{sorted(ranks, key=str)}, and do not compare. Use an estimator of full rank, "
                "such as LatentGaussianModel(covariance='oas')."
            )
        heights = [estimator.score_samples(X) for estimator in self.estimators_]
        return np.column_stack(heights) + np.log(self.class_prior_)
