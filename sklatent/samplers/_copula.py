"""Gaussian copula: the margins of the points, with the dependence of a normal distribution."""

from typing import Literal

import numpy as np

from sklatent._covariance.support import draw_points, log_density, mahalanobis_squared, make_normal
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import Covariance, FloatArray, IntArray, RandomState
from sklatent._validation import check_choice

from ._base import DensityMixin, Sampler, check_as_fitted, check_temperature
from ._normal_scores import NormalScores, fit_empirical, fit_smoothed, normal_scores

__all__ = ["CopulaSampler"]


class CopulaSampler(DensityMixin, Sampler):
    r"""Gaussian copula with the margins of the training points.

    Each component is taken to normal scores, :math:`y_j = \Phi^{-1}(F_j(z_j))`; their
    correlation matrix R is that of the normal scores of the ranks [1]_. Points are drawn as
    :math:`z_j = F_j^{-1}(\Phi(y_j))` with y from N(0, R), and their log-density is that of y
    plus the logarithms of the slopes of :math:`z_j \to y_j`. So every margin is right, skewed or
    with several peaks, but dependence is that of a normal distribution: extremes of two components
    do not come together, and clouds that differ in several components are not kept apart.

    Parameters
    ----------
    margins : {"kernel", "empirical"}, default="kernel"
        F by a normal kernel of Silverman's bandwidth, smooth and with normal tails; or the
        quantiles of the points themselves, which stay between the smallest and the largest,
        and have no density that is good for anything.
    covariance : str or estimator, default="empirical"
        Estimate of the covariance of the normal scores, as in `LatentGaussianModel`; R is
        the correlation that belongs to it.
    temperature : float, default=1.0
        Factor on the normal scores, above 0: below 1, points come nearer to the medians.
    random_state : int, RandomState instance or None, default=None
        Seeds the covariance estimate where that is random.

    Attributes
    ----------
    correlation_ : ndarray of shape (d, d)
        R. A component that does not vary has 0 with the others and 1 with itself.
    rank_ : int
        Rank of R among components that vary. Below their number, points stay on a surface
        of this dimension.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    See Also
    --------
    MixtureSampler : Several clouds.

    Notes
    -----
    `score_samples` exists for ``margins="kernel"``, and raises a ValueError if `rank_` is
    smaller than the number of components that vary; ``covariance="oas"`` avoids that.

    References
    ----------
    .. [1] H. Joe, "Dependence Modeling with Copulas", CRC Press, 2014, section 1.4.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import CopulaSampler
    >>> Z = np.random.default_rng(0).exponential(size=(5000, 2))
    >>> points = CopulaSampler().fit(Z).sample(5000, random_state=0)
    >>> np.quantile(points, [0.1, 0.5, 0.9], axis=0).mean(axis=1).round(1)  # 0.11, 0.69, 2.30
    array([0.1, 0.7, 2.3])
    """

    correlation_: FloatArray
    rank_: int
    _constant: FloatArray
    _live: IntArray
    _maps: list[NormalScores]
    _fitted_margins: str

    def __init__(
        self,
        margins: Literal["kernel", "empirical"] = "kernel",
        *,
        covariance: Covariance = "empirical",
        temperature: float = 1.0,
        random_state: RandomState = None,
    ) -> None:
        self.margins: Literal["kernel", "empirical"] = margins
        self.covariance: Covariance = covariance
        self.temperature = temperature
        self.random_state = random_state

    def _check_parameters(self) -> None:
        check_choice("margins", self.margins, ("kernel", "empirical"))
        check_temperature(self.temperature)

    def _learn(self, X: FloatArray) -> None:
        d, self._fitted_margins = X.shape[1], self.margins
        points = LatentGaussianModel().fit(X)
        self._live, self._constant = np.flatnonzero(points.normal_.live_std > 0), points.mean_
        X = X[:, self._live].astype(np.float64, order="C")
        self.correlation_ = np.eye(d)
        fit_margin = fit_smoothed if self.margins == "kernel" else fit_empirical
        self._maps = [fit_margin(x) for x in X.T]
        correlation: FloatArray = np.empty((0, 0))
        if len(self._live):
            model = LatentGaussianModel(covariance=self.covariance, random_state=self.random_state)
            correlation = model.fit(normal_scores(X)).correlation_
            self.correlation_[np.ix_(self._live, self._live)] = correlation
        self._normal = make_normal(np.zeros(len(self._live)), correlation)
        self.rank_ = self._normal.rank

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        check_as_fitted("margins", self.margins, self._fitted_margins)
        points = np.tile(self._constant, (n_samples, 1))
        if len(self._live):
            scores = draw_points(n_samples, self._normal, generator)
            scores *= self.temperature
            for column, scale, y in zip(self._live, self._maps, scores.T, strict=True):
                points[:, column] = scale.inverse(y)
        return points

    def _why_no_density(self) -> str:
        if self.margins == "kernel":
            return ""
        return "empirical margins have steps, not a density; margins='kernel' has one."

    def _log_density(self, X: FloatArray) -> FloatArray:
        check_as_fitted("margins", self.margins, self._fitted_margins)
        live, t = self._live, float(self.temperature)
        if self.rank_ < len(live):
            raise ValueError(
                f"The correlation of the normal scores has rank {self.rank_} in {len(live)} "
                "components that vary, and points have no density. Use covariance='oas'."
            )
        if len(live) == 0:
            return np.zeros(len(X))
        columns = list(zip(self._maps, X[:, live].T, strict=True))
        scores = np.column_stack([scale.forward(x) for scale, x in columns]) / t
        squared = mahalanobis_squared(scores, self._normal)
        slopes = sum(scale.log_slope(x) for scale, x in columns)
        return log_density(squared, self._normal) + slopes - len(live) * np.log(t)
