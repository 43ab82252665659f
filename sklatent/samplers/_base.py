"""What all samplers share: estimators that are fitted to points and draw points."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._random import make_generator
from sklatent._typing import (
    ArrayLike,
    BaseEstimator,
    FloatArray,
    RandomState,
    Self,
    available_if,
)
from sklatent._validation import (
    check_n_samples,
    check_number,
    keep_state_on_error,
    validate_points,
)

__all__ = ["DensityMixin", "Sampler", "check_temperature", "log_determinant"]


class Sampler(BaseEstimator):
    """Base of all samplers; a subclass checks its parameters, learns from points and draws."""

    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Fit the sampler to latent points.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, one a row, at least one.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            If a parameter or the points are out of bounds or of a wrong type; an earlier
            fit stays.
        """
        with keep_state_on_error(self):
            self._check_parameters()
            self._learn(validate_points(self, X))
        return self

    def sample(self, n_samples: int = 1, random_state: RandomState = None) -> FloatArray:
        """Draw points.

        Parameters
        ----------
        n_samples : int, default=1
            Number of points, at least 1.
        random_state : int, RandomState instance or None, default=None
            An int gives the same points on each call; None gives others each time.

        Returns
        -------
        points : ndarray of shape (n_samples, d), float64
            Points in latent units, in random order.

        Raises
        ------
        TypeError, ValueError
            If `n_samples` is not an integer or less than 1, or `random_state` is no seed.
        """
        check_is_fitted(self)
        return self._draw(check_n_samples(n_samples), make_generator(random_state))

    def _check_parameters(self) -> None:
        """Raise a ValueError or TypeError that names a parameter out of bounds."""

    def _learn(self, X: FloatArray) -> None:
        """Set the fitted attributes from points (n, d), in a type of `POINT_DTYPES`."""
        raise NotImplementedError

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        """Return points (n_samples, d)."""
        raise NotImplementedError


def _has_density(sampler: Any) -> bool:
    reason = sampler._why_no_density()
    if reason:
        raise AttributeError(f"score_samples is not available: {reason}")
    return True


class DensityMixin:
    """Log-densities of a sampler; a subclass may say why it has none."""

    @available_if(_has_density)
    def score_samples(self, X: ArrayLike) -> FloatArray:
        """Return the log-density of each point under the distribution that `sample` draws from.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points. Where the distribution lives on a subspace, since components are
            dead or combinations of others, what lies off it does not count.

        Returns
        -------
        log_density : ndarray of shape (n,)
            Nats, per unit of volume, on the subspace where there is one; minus infinity
            where no point can be drawn.
        """
        check_is_fitted(self)
        points = validate_points(self, X, reset=False, dtype=np.float64)
        return self._log_density(points)

    @available_if(_has_density)
    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return the mean of `score_samples`.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.
        y : object, default=None
            Ignored.

        Returns
        -------
        score : float
            Mean log-density, in nats; minus infinity if one point cannot be drawn.
        """
        return float(np.mean(self.score_samples(X)))

    def _why_no_density(self) -> str:
        """Return the reason for which these parameters give no density, or nothing."""
        return ""

    def _log_density(self, X: FloatArray) -> FloatArray:
        """Return log-densities of points (n, d), in nats."""
        raise NotImplementedError


def check_temperature(temperature: Any) -> float:
    """Return the temperature as a float above 0."""
    return check_number("temperature", temperature, low=0, open_low=True, open_high=True)


def log_determinant(model: LatentGaussianModel) -> float:
    """Return the log of the product of the non-zero eigenvalues of a Gaussian's covariance."""
    at_mean = float(model.score_samples(model.mean_[None])[0])
    return -2 * at_mean - model.rank_ * np.log(2 * np.pi)
