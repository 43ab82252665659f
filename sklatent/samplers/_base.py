"""What all samplers share: estimators that are fitted to points and draw points."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._points import check_scale, taken_points
from sklatent._random import check_seed, make_generator
from sklatent._typing import (
    ArrayLike,
    BaseEstimator,
    FloatArray,
    RandomState,
    Self,
    available_if,
)
from sklatent._validation import check_n_samples, keep_state_on_error

__all__ = ["DensityMixin", "Sampler", "check_as_fitted", "check_temperature", "log_determinant"]

# Log-densities are taken of 32 MB of points at once.
BLOCK_VALUES, LEAST_ROWS = 2**22, 1024


class Sampler(BaseEstimator):
    """Base of all samplers; a subclass checks its parameters, learns from points and draws."""

    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    @np.errstate(under="ignore")
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
            check_seed(getattr(self, "random_state", None))
            self._learn(taken_points(self, X, reset=True))
        return self

    @np.errstate(under="ignore")
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
            If `n_samples` is not an integer or less than 1, or `random_state` is no seed, or a
            parameter was set to a bad value after `fit`.
        """
        check_is_fitted(self)
        self._check_parameters()
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

    _check_parameters: Callable[[], None]

    @available_if(_has_density)
    @np.errstate(under="ignore", over="ignore", invalid="ignore")
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
            where no point can be drawn, or the distance is more than float64 can hold.
        """
        check_is_fitted(self)
        self._check_parameters()
        points = taken_points(self, X)
        heights = np.empty(len(points))
        for rows in gen_batches(len(points), max(LEAST_ROWS, BLOCK_VALUES // points.shape[1])):
            heights[rows] = self._log_density(points[rows].astype(np.float64, order="C"))
        # Of points so far off that float64 cannot hold their distance.
        heights[np.isnan(heights)] = -np.inf
        return heights

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


def check_as_fitted(name: str, now: Any, fitted: Any) -> None:
    """Raise a ValueError if a parameter that `fit` has worked out is another now."""
    if now != fitted:
        raise ValueError(
            f"{name} must be {fitted!r}, as in fit, or fit be called again; got {now!r}."
        )


def check_temperature(temperature: Any) -> float:
    """Return the temperature as a float above 0."""
    return check_scale("temperature", temperature)


def log_determinant(model: LatentGaussianModel) -> float:
    """Return the log of the product of the non-zero eigenvalues of a Gaussian's covariance."""
    at_mean = float(model.score_samples(model.mean_[None])[0])
    return -2 * at_mean - model.rank_ * np.log(2 * np.pi)
