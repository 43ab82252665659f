"""Points on shells: around a sphere, or between two Mahalanobis distances."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy import stats

from sklatent._covariance.support import unwhiten
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import Covariance, FloatArray, RandomState
from sklatent._validation import check_choice, check_number

from ._base import DensityMixin, Sampler, check_as_fitted

__all__ = ["ShellSampler", "draw_directions"]


def draw_directions(n_samples: int, d: int, generator: np.random.Generator) -> FloatArray:
    """Draw unit vectors (n_samples, d), uniform on the sphere."""
    directions = generator.standard_normal((n_samples, d))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions


class ShellSampler(DensityMixin, Sampler):
    r"""Points between two Mahalanobis distances, or on a plain sphere.

    The squared Mahalanobis distance of a normal point in d dimensions is chi-squared with d
    degrees of freedom, so that most points lie in a thin shell around :math:`\sqrt d`:
    14.12 +- 0.71 at d = 200. With ``kind="normal"`` the fitted normal distribution is cut off
    to the shell between two quantiles of that: :math:`z = \mu + r L u` with :math:`r^2`
    chi-squared between the quantiles and u uniform on the unit sphere, which is exact.

    With ``kind="sphere"`` points lie on the sphere of radius :math:`\sqrt d` around the origin
    of latent space, whatever the points of `fit` are: the shell of N(0, I), for variational
    models with a strong divergence term. It does not suit others.

    Parameters
    ----------
    kind : {"normal", "sphere"}, default="normal"
        A normal distribution cut off to a shell, or a sphere.
    quantiles : tuple of two floats, default=(0.05, 0.95)
        Probabilities in [0, 1], in increasing order, that a normal distribution gives to squared
        distances below the inner and the outer surface. (0, p) gives an ellipsoid.
    radius : float or None, default=None
        Of the sphere, above 0, in latent units; None takes the square root of d.
    covariance : str or estimator, default="empirical"
        Estimate of the covariance, as in `LatentGaussianModel`, for ``kind="normal"``.
    random_state : int, RandomState instance or None, default=None
        Seeds the covariance estimate where that is random.

    Attributes
    ----------
    squared_bounds_ : tuple of two floats
        Squared Mahalanobis distances of inner and outer surface, for ``kind="normal"``.
    radius_ : float
        Radius of the sphere, in latent units, for ``kind="sphere"``.
    model_ : LatentGaussianModel
        The fitted normal distribution, for ``kind="normal"``.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    Notes
    -----
    A sphere has no density in the space around it, and no `score_samples`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import ShellSampler
    >>> Z = np.random.default_rng(0).normal(5.0, 2.0, (1000, 20))
    >>> sampler = ShellSampler(quantiles=(0.25, 0.75)).fit(Z)
    >>> squared = sampler.model_.mahalanobis_squared(sampler.sample(1000, random_state=0))
    >>> squared.min().round(), squared.max().round()
    (np.float64(15.0), np.float64(24.0))
    """

    squared_bounds_: tuple[float, float]
    radius_: float
    model_: LatentGaussianModel
    _fitted: tuple[str, tuple[float, float]]

    def __init__(
        self,
        kind: Literal["normal", "sphere"] = "normal",
        *,
        quantiles: Sequence[float] = (0.05, 0.95),
        radius: float | None = None,
        covariance: Covariance = "empirical",
        random_state: RandomState = None,
    ) -> None:
        self.kind: Literal["normal", "sphere"] = kind
        self.quantiles = quantiles
        self.radius = radius
        self.covariance: Covariance = covariance
        self.random_state = random_state

    def _check_parameters(self) -> None:
        check_choice("kind", self.kind, ("normal", "sphere"))
        self._check_quantiles()
        if self.radius is not None:
            check_number("radius", self.radius, low=0, open_low=True, open_high=True)

    def _check_quantiles(self) -> tuple[float, float]:
        wanted = "quantiles must be two probabilities in increasing order"
        try:
            low, high = self.quantiles
        except (TypeError, ValueError):
            raise ValueError(f"{wanted}; got {self.quantiles!r}.") from None
        low = check_number("quantiles[0]", low, low=0, high=1)
        high = check_number("quantiles[1]", high, low=0, high=1)
        if not low < high:
            raise ValueError(f"{wanted}; got {self.quantiles!r}.")
        return low, high

    def _learn(self, X: FloatArray) -> None:
        for name in ("radius_", "model_", "squared_bounds_"):
            if hasattr(self, name):
                delattr(self, name)
        self._fitted = self.kind, self._check_quantiles()
        if self.kind == "sphere":
            self.radius_ = float(np.sqrt(X.shape[1]) if self.radius is None else self.radius)
            return
        model = LatentGaussianModel(covariance=self.covariance, random_state=self.random_state)
        self.model_ = model.fit(X)
        low, high = stats.chi2.ppf(self._check_quantiles(), model.rank_ or 1)
        self.squared_bounds_ = (float(low), float(high)) if model.rank_ else (0.0, 0.0)

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        self._check_as_fitted()
        if self.kind == "sphere":
            return self.radius_ * draw_directions(n_samples, self.n_features_in_, generator)
        rank = self.model_.rank_
        if rank == 0:
            return np.tile(self.model_.mean_, (n_samples, 1))
        shares = generator.uniform(*self._check_quantiles(), n_samples)
        radii = np.sqrt(np.clip(stats.chi2.ppf(shares, rank), *self.squared_bounds_))
        directions = draw_directions(n_samples, rank, generator)
        return unwhiten(radii[:, None] * directions, self.model_.normal_)

    def _check_as_fitted(self) -> None:
        check_as_fitted("kind", self.kind, self._fitted[0])
        check_as_fitted("quantiles", self._check_quantiles(), self._fitted[1])

    def _why_no_density(self) -> str:
        return "a sphere has no density." if self.kind == "sphere" else ""

    def _log_density(self, X: FloatArray) -> FloatArray:
        self._check_as_fitted()
        squared = self.model_.mahalanobis_squared(X)
        low, high = self.squared_bounds_
        # Points on a surface leave the shell by rounding in the way there and back.
        inside = (squared >= low * (1 - 1e-9)) & (squared <= high * (1 + 1e-9))
        if self.model_.rank_ == 0:
            return np.zeros(len(X))
        log_share = np.log(np.subtract(*self._check_quantiles()[::-1]))
        return np.where(inside, self.model_.score_samples(X) - log_share, -np.inf)
