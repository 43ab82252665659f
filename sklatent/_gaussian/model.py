"""A multivariate normal distribution fitted to latent points."""

from contextlib import contextmanager
from types import MethodType

import numpy as np
from scipy import stats
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    OutlierMixin,
    TransformerMixin,
)
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from sklatent._covariance.estimates import estimate, needs_points
from sklatent._covariance.moments import compute_moments, correlation_matrix, merge_moments
from sklatent._covariance.support import (
    distance_to_support,
    draw_points,
    find_support,
    log_density,
    mahalanobis_squared,
    unwhiten,
    whiten,
)
from sklatent._random import make_generator
from sklatent._validation import check_n_samples, check_number, keep_state_on_error

from .conditional import ConditionalMixin
from .description import DescriptionMixin
from .reporting import NormalityReportMixin

__all__ = ["LatentGaussianModel"]

DTYPES = (np.float64, np.float32, np.float16)


class _Streaming:
    """A method that exists only where the estimate is made of moments, and else says why not."""

    def __init__(self, method):
        self.method, self.__doc__ = method, method.__doc__

    def __get__(self, model, owner=None):
        if model is None:
            return self.method
        reason = needs_points(model.covariance, model.core_coverage)
        if reason:
            raise AttributeError(f"{self.method.__name__} is not available: {reason}")
        return MethodType(self.method, model)


class LatentGaussianModel(
    DescriptionMixin,
    NormalityReportMixin,
    ConditionalMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    OutlierMixin,
    BaseEstimator,
):
    r"""Multivariate normal distribution of latent points.

    A density to sample from and score with, a transformer that whitens, and a
    detector of points outside an ellipsoid. Fitting a density to the latent points of a
    trained autoencoder is ex-post density estimation [1]_.

    Where components are dead, constant or combinations of others, or points are no more
    than components, the covariance has rank r < d and the distribution lives on its
    support, an affine subspace of dimension r. `sample` stays on it, and distances and
    densities are those of a point's projection onto it. A strict density would be zero, minus
    infinity in nats, for every held-out point of a model fitted to n <= d points, and
    could rank none of them; `support_distance` says how far off the support a point lies.

    Parameters
    ----------
    covariance : str or estimator, default="empirical"
        Estimate of mean and covariance, by name or as an instance.

        - "empirical": maximum likelihood, which divides by n, not n - 1, as scikit-learn's
          `EmpiricalCovariance` does.
        - "ledoit_wolf" and "oas": shrunk towards a multiple of the identity, of full
          rank also where components are dead; useful for n below about 10 d.
        - "min_cov_det": robust, `sklearn.covariance.MinCovDet` on the support. Wants
          n > 5 d, is an error below 2 d, and slow: some 20 s at 20,000 x 50.
        - an instance of an estimator of `sklearn.covariance`, or one that sets
          `location_` and `covariance_` in `fit`. A clone of it is fitted to
          the points in float64; the instance stays as it is.

        The first three are made of moments, and so work with `partial_fit` and `merge`. The
        others need all points at once: `partial_fit` does not exist, and `merge` raises.
    coverage : float, default=0.95
        Probability, in (0, 1), that the distribution gives to the ellipsoid
        inside which `predict` returns +1. One minus it is the share of outliers
        expected among normal points, called contamination elsewhere.
    core_coverage : float or None, default=None
        Probability p, in (0, 1), of the ellipsoid to which points are cut off before mean and
        covariance are estimated; None takes all points. The covariance S of the core is
        corrected for what was cut off [2]_:
        :math:`\Sigma = S F_r(D^2) / F_{r+2}(D^2)`, with the distribution functions of
        chi-squared and :math:`F_r(D^2) = p`. The core is a fixed point of this, found from a
        robust start. So outliers far from all others, up to some 30 % of the points, lose all
        influence, and normal points give the same as without, but for sampling errors.
        Sensible values are 0.8 to 0.99; in few dimensions a smaller core says little about
        the scale. Points of lighter tails than normal may all lie inside. With
        few points variances come out too small, at d = 20 by 3 % for n = 50 d and by a sixth
        for n = 10 d.
        It needs all points at once, passes over them some 10 to 40 times, and does not go
        with "min_cov_det", which has a core of its own.
    random_state : int, RandomState instance or None, default=None
        Seeds the search of "min_cov_det"; nothing else in `fit` is random.

    Attributes
    ----------
    mean_ : ndarray of shape (d,)
        Mean, in latent units.
    covariance_ : ndarray of shape (d, d)
        Covariance, in squared latent units.
    std_ : ndarray of shape (d,)
        Standard deviations, in latent units: square roots of the diagonal of `covariance_`.
    correlation_ : ndarray of shape (d, d)
        Pearson correlations in [-1, 1]. A component that does not vary has 0
        with the others and 1 with itself.
    rank_ : int
        Dimension of the support, 0 for a single point. Directions whose spread is explained
        by rounding in the type of `X` do not count: components of very different scales,
        a million apart in float32, are told apart only if cast to float64 before.
    offset_ : float
        Log-density, in nats, on the ellipsoid's surface.
    n_samples_seen_ : int
        Number of points in the estimate.
    shrinkage_ : float
        Weight, in [0, 1], of the multiple of the identity in "ledoit_wolf" and "oas"; 0
        for all other estimates.
    core_share_ : float
        Share of the points, in (0, 1], that `core_coverage` left: about `core_coverage` itself
        for normal points, less with outliers. 1 without.
    covariance_estimator_ : estimator
        The fitted clone where `covariance` is an instance; for "min_cov_det" the
        `MinCovDet`, fitted in whitened coordinates.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    Notes
    -----
    All results are float64. A `fit`, `partial_fit` or `merge` that raises leaves the model as
    it was.

    References
    ----------
    .. [1] P. Ghosh, M. S. M. Sajjadi, A. Vergari, M. Black, B. Schoelkopf, "From variational
       to deterministic autoencoders", ICLR 2020, arXiv:1903.12436.
    .. [2] G. M. Tallis, "Elliptical and radial truncation in normal populations", Annals of
       Mathematical Statistics 34(3), 940-944, 1963.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> Z = np.random.default_rng(0).normal([5.0, 0.0], [1.0, 3.0], size=(10_000, 2))
    >>> model = LatentGaussianModel().fit(Z)
    >>> model.std_.round(1)
    array([1., 3.])
    >>> model.sample(4, random_state=0).shape
    (4, 2)
    >>> model.predict([[5.0, 1.0], [9.0, 1.0]])
    array([ 1, -1])
    """

    def __init__(
        self, *, covariance="empirical", coverage=0.95, core_coverage=None, random_state=None
    ):
        self.covariance = covariance
        self.coverage = coverage
        self.core_coverage = core_coverage
        self.random_state = random_state

    def fit(self, X, y=None):
        """Estimate mean and covariance from `X` alone, forgetting earlier points.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, one a row. A single one gives a model of rank 0.
        y : None
            Ignored.

        Returns
        -------
        LatentGaussianModel
            The model itself.

        Raises
        ------
        ValueError
            If `X` is not a finite two-dimensional array with at least one row and column, its
            squares overflow, a parameter is out of its range, or the points are too few or too
            degenerate for the estimate.
        TypeError
            If `X` is sparse, or `coverage` or `core_coverage` is no number.

        Warns
        -----
        UserWarning
            If "min_cov_det" has fewer than five points per dimension, or `core_coverage`
            fewer than ten.
        sklearn.exceptions.ConvergenceWarning
            If the core of `core_coverage` is not found in 100 rounds.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [2.0, 1.0]]).covariance_
        array([[1., 0.],
               [0., 0.]])
        """
        with keep_state_on_error(self):
            points = self._check_points(X, reset=True)
            return self._estimate(compute_moments(points), points)

    @_Streaming
    def partial_fit(self, X, y=None):
        """Take in further points, as if all had been given to `fit` at once.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, one a row, at least one.
        y : None
            Ignored.

        Returns
        -------
        LatentGaussianModel
            The model itself. `rank_`, the width that `transform` returns, may grow.

        Raises
        ------
        ValueError, TypeError
            As `fit`, and if d is not that of the points before, or this is a marginal or
            conditional model.
        AttributeError
            If the estimate needs all points at once: `hasattr` says so before.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().partial_fit([[1.0]]).partial_fit([[3.0]]).mean_
        array([2.])
        """
        if not hasattr(self, "mean_"):
            return self.fit(X)
        _check_moments("partial_fit", self)
        moments = compute_moments(self._check_points(X))
        return self._estimate(merge_moments(self._moments, moments))

    def merge(self, other):
        """Take in the points that another model has seen, without needing them.

        The parameters of this model decide how the estimate is made. Those of the other do not
        matter, and may differ: of it only the moments of its points are taken, which are the
        same under any covariance, coverage or core.

        Parameters
        ----------
        other : LatentGaussianModel
            A fitted model of the same components; it stays as it is.

        Returns
        -------
        LatentGaussianModel
            The model itself, now an estimate from the points of both.

        Raises
        ------
        TypeError
            If `other` is no LatentGaussianModel.
        ValueError
            If the models differ in number or names of components, the estimate of this one
            needs all points at once, or one is a marginal or conditional model.
        sklearn.exceptions.NotFittedError
            If one of the two is not fitted.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> model, other = LatentGaussianModel().fit([[1.0]]), LatentGaussianModel().fit([[3.0]])
        >>> model.merge(other).covariance_
        array([[1.]])
        """
        check_is_fitted(self)
        if not isinstance(other, LatentGaussianModel):
            raise TypeError(
                f"other must be a LatentGaussianModel; got an object of type "
                f"{type(other).__name__}."
            )
        check_is_fitted(other)
        _check_same_components(self, other)
        _check_moments("merge", self, other)
        return self._estimate(merge_moments(self._moments, other._moments))

    def sample(self, n_samples=1, random_state=None):
        """Draw points from the distribution; they lie on its support.

        Parameters
        ----------
        n_samples : int, default=1
            Number of points, at least 1.
        random_state : int, RandomState instance or None, default=None
            An int gives the same points on each call; None gives others each time.

        Returns
        -------
        ndarray of shape (n_samples, d)
            Points in latent units.

        Raises
        ------
        TypeError, ValueError
            If `n_samples` is not an integer or less than 1, or `random_state` is no seed.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [2.0, 1.0]]).sample(5)[:, 1]
        array([1., 1., 1., 1., 1.])
        """
        check_is_fitted(self)
        size = check_n_samples(n_samples)
        return draw_points(size, self.mean_, self._support, make_generator(random_state))

    def score_samples(self, X):
        r"""Return the log-density of each point's projection onto the support.

        In dimension :math:`r`, the rank, it is
        :math:`-\frac12 (r \log 2\pi + \log |\Sigma|_+ + d^2)` with :math:`d^2` from
        `mahalanobis_squared` and :math:`|\Sigma|_+` the product of the
        non-zero eigenvalues of the covariance.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        ndarray of shape (n,)
            Nats, per unit of r-dimensional volume: models of different rank do not compare.
            At rank 0 all are 0.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[-1.0], [1.0]]).score_samples([[0.0], [2.0]]).round(4)
        array([-0.9189, -2.9189])
        """
        return log_density(self.mahalanobis_squared(X), self._support)

    def score(self, X, y=None):
        """Return the mean of `score_samples`.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.
        y : None
            Ignored.

        Returns
        -------
        float
            Mean log-density, in nats.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> round(LatentGaussianModel().fit([[-1.0], [1.0]]).score([[0.0], [2.0]]), 4)
        -1.9189
        """
        return float(self.score_samples(X).mean())

    def mahalanobis_squared(self, X):
        """Return the squared Mahalanobis distance of each point to the mean.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points; what lies off the support does not count.

        Returns
        -------
        ndarray of shape (n,)
            Squared distances without unit; chi-squared with `rank_` degrees of
            freedom for points of the distribution.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[-1.0], [1.0]]).mahalanobis_squared([[3.0]])
        array([9.])
        """
        check_is_fitted(self)
        return mahalanobis_squared(self._check_points(X), self.mean_, self._support)

    def support_distance(self, X):
        """Return the distance between each point and its projection onto the support.

        The projection is `inverse_transform(transform(X))`.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        ndarray of shape (n,)
            Euclidean distances in latent units; 0, up to rounding, at full
            rank and for the points that the model was fitted to.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [2.0, 1.0]]).support_distance([[7.0, 3.0]])
        array([2.])
        """
        check_is_fitted(self)
        return distance_to_support(self._check_points(X), self.mean_, self._support)

    def transform(self, X):
        """Whiten: return coordinates with mean 0 and identity covariance.

        They are the principal components of the standardised latent components,
        divided by their standard deviations, in decreasing order of variance.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        ndarray of shape (n, rank)
            Coordinates without unit.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [4.0, 1.0]]).transform([[8.0, 1.0]])
        array([[3.]])
        """
        check_is_fitted(self)
        return whiten(self._check_points(X), self.mean_, self._support)

    def inverse_transform(self, X):
        """Return the latent points on the support that have whitened coordinates `X`.

        Parameters
        ----------
        X : array-like of shape (n, rank)
            Coordinates as `transform` returns them.

        Returns
        -------
        ndarray of shape (n, d)
            Points in latent units.

        Raises
        ------
        ValueError
            If `X` is not a finite array of `rank_` columns.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [4.0, 1.0]]).inverse_transform([[3.0]])
        array([[8., 1.]])
        """
        check_is_fitted(self)
        with _naming_X():
            white = check_array(X, dtype=DTYPES, input_name="X", ensure_min_features=0)
        if white.shape[1] != self.rank_:
            raise ValueError(
                f"X must have {self.rank_} columns, the rank of the model; got {white.shape[1]}."
            )
        return unwhiten(white, self.mean_, self._support)

    def decision_function(self, X):
        """Return by how much the log-density exceeds that on the ellipsoid's surface.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        ndarray of shape (n,)
            `score_samples(X) - offset_`, in nats: negative outside.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[-1.0], [1.0]]).decision_function([[1.9], [2.0]]) > 0
        array([ True, False])
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X):
        """Return +1 inside and -1 outside the ellipsoid of probability `coverage`.

        Inside is where the squared Mahalanobis distance is at most the `coverage`
        quantile of the chi-squared distribution with `rank_` degrees of freedom.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points; what lies off the support does not count.

        Returns
        -------
        ndarray of shape (n,), dtype int
            Values +1 and -1.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[-1.0], [1.0]]).predict([[1.9], [2.0]])
        array([ 1, -1])
        """
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def _check_points(self, X, reset=False):
        with _naming_X():
            return validate_data(self, X, reset=reset, dtype=DTYPES)

    def _estimate(self, moments, X=None):
        self._check_coverage()
        if not np.isfinite(moments.scatter).all():
            raise ValueError("X must hold values whose squares float64 can hold; got larger ones.")
        found = estimate(
            self.covariance,
            moments,
            X,
            core_coverage=self.core_coverage,
            random_state=self.random_state,
        )
        self._settle(found.mean, found.covariance, moments.eps, np.trace(found.covariance))
        self._moments, self.n_samples_seen_ = moments, moments.n_samples
        self.shrinkage_, self.core_share_ = found.shrinkage, found.core_share
        if found.estimator is not None:
            self.covariance_estimator_ = found.estimator
        elif hasattr(self, "covariance_estimator_"):
            del self.covariance_estimator_
        return self

    def _check_coverage(self) -> float:
        return check_number("coverage", self.coverage, low=0, high=1, open_low=True, open_high=True)

    def _settle(self, mean, covariance, eps: float, spread: float):
        """Take mean and covariance as the model's, with all that follows from them.

        `eps` and `spread` say what rounding of points did to them, as in `find_support`.
        """
        support = find_support(mean, covariance, eps, spread)
        edge = stats.chi2.ppf(self._check_coverage(), support.rank) if support.rank else 0.0
        self._support, self._eps, self._spread = support, eps, float(spread)
        self.mean_, self.covariance_ = mean, covariance
        self.std_ = np.sqrt(np.diag(covariance))
        self.correlation_ = correlation_matrix(covariance, support.live)
        self.rank_ = self._n_features_out = support.rank
        self.offset_ = float(log_density(edge, support))
        return self


@contextmanager
def _naming_X():
    """Say that it is X where scikit-learn's message does not."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if "X" in str(error):
            raise
        if "feature names" in str(error).lower():
            raise ValueError(f"X must have the components that fit saw: {error}") from error
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"X must be a two-dimensional array of finite numbers: {error}") from error


def _check_same_components(model, other) -> None:
    if other.n_features_in_ != model.n_features_in_:
        raise ValueError(
            f"other must have {model.n_features_in_} components, as this model; "
            f"got {other.n_features_in_}."
        )
    names = getattr(model, "feature_names_in_", None)
    came = getattr(other, "feature_names_in_", None)
    if names is not None and came is not None and not np.array_equal(names, came):
        raise ValueError(
            f"other must have the components {list(names)}, as this model; got {list(came)}."
        )


def _check_moments(method: str, *models) -> None:
    if not all(hasattr(model, "_moments") for model in models):
        raise ValueError(
            f"{method} needs the moments of points, which a model made by marginal or "
            "conditional does not hold: apply it to the model of all components, or call fit."
        )
