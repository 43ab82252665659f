"""A multivariate normal distribution fitted to latent points."""

from contextlib import contextmanager

import numpy as np
from scipy import stats
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    OutlierMixin,
    TransformerMixin,
)
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from sklatent import _normal
from sklatent._reporting import NormalityReportMixin
from sklatent._validation import check_choice, check_n_samples, check_number, keep_state_on_error

__all__ = ["LatentGaussianModel"]


def _empirical(moments, X):
    return moments.mean, _normal.covariance_matrix(moments)


# Each row takes moments and the points of one `fit`, or None after `partial_fit` and
# `merge`, where points are no longer at hand, and returns a mean and a covariance.
COVARIANCES = {"empirical": _empirical}

DTYPES = (np.float64, np.float32, np.float16)


class LatentGaussianModel(
    NormalityReportMixin,
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
    covariance : {"empirical"}, default="empirical"
        Estimate of the covariance. "empirical" is the maximum-likelihood one, which divides
        by n, not n - 1, as scikit-learn's `EmpiricalCovariance` does.
    coverage : float, default=0.95
        Probability, in (0, 1), that the distribution gives to the ellipsoid
        inside which `predict` returns +1. One minus it is the share of outliers
        expected among normal points, called contamination elsewhere.

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

    def __init__(self, *, covariance="empirical", coverage=0.95):
        self.covariance = covariance
        self.coverage = coverage

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
            squares overflow, or a parameter is out of its range.
        TypeError
            If `X` is sparse or `coverage` is no number.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [2.0, 1.0]]).covariance_
        array([[1., 0.],
               [0., 0.]])
        """
        with keep_state_on_error(self):
            points = self._check_points(X, reset=True)
            return self._estimate(_normal.compute_moments(points), points)

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
            As `fit`, and if d is not that of the points before.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().partial_fit([[1.0]]).partial_fit([[3.0]]).mean_
        array([2.])
        """
        if not hasattr(self, "_moments"):
            return self.fit(X)
        moments = _normal.compute_moments(self._check_points(X))
        return self._estimate(_normal.merge_moments(self._moments, moments))

    def merge(self, other):
        """Take in the points that another model has seen, without needing them.

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
            If the models differ in number or names of components.
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
        return self._estimate(_normal.merge_moments(self._moments, other._moments))

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
        size = check_n_samples(n_samples), self.rank_
        white = check_random_state(random_state).standard_normal(size)
        return _normal.unwhiten(white, self.mean_, self._support)

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
        return _normal.log_density(self.mahalanobis_squared(X), self._support)

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
        return _normal.mahalanobis_squared(self._check_points(X), self.mean_, self._support)

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
        return _normal.distance_to_support(self._check_points(X), self.mean_, self._support)

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
        return _normal.whiten(self._check_points(X), self.mean_, self._support)

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
        return _normal.unwhiten(white, self.mean_, self._support)

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
        kind = check_choice("covariance", self.covariance, tuple(COVARIANCES))
        coverage = check_number(
            "coverage", self.coverage, low=0, high=1, open_low=True, open_high=True
        )
        if not np.isfinite(moments.scatter).all():
            raise ValueError("X must hold values whose squares float64 can hold; got larger ones.")
        mean, covariance = COVARIANCES[kind](moments, X)
        support = _normal.find_support(mean, covariance, moments.eps)
        edge = stats.chi2.ppf(coverage, support.rank) if support.rank else 0.0
        self._moments, self._support = moments, support
        self.mean_, self.covariance_ = mean, covariance
        self.std_ = np.sqrt(np.diag(covariance))
        self.correlation_ = _normal.correlation_matrix(covariance, support.live)
        self.rank_ = self._n_features_out = support.rank
        self.offset_ = float(_normal.log_density(edge, support))
        self.n_samples_seen_ = moments.n_samples
        return self


@contextmanager
def _naming_X():
    """Say that it is X where scikit-learn's message does not."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if "X" in str(error):
            raise
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
