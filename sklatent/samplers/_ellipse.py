"""Points inside all pairwise ellipses."""

import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sklatent._covariance.support import unwhiten, whiten
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._points import check_scale
from sklatent._random import make_generator
from sklatent._typing import Covariance, FloatArray, IntArray, RandomState
from sklatent._validation import check_at_most_one, check_choice, check_number

from ._base import DensityMixin, Sampler, check_as_fitted, check_temperature, log_determinant
from ._chain_diagnostics import Mixing, measure_mixing
from ._ellipse_body import (
    draw_normal_in_body,
    draw_uniform_in_body,
    log_body_probability,
    log_body_volume,
    pair_radii,
    pair_radius,
)
from ._gibbs import gibbs_sweep, pair_distances, run_chains

__all__ = ["EllipseSampler"]

CALIBRATION_POINTS = 10_000
MOST_CHAINS = 256
WARM_UP = 5
LARGEST_R_HAT = 1.05


class EllipseSampler(DensityMixin, Sampler):
    r"""Points inside the n-sigma ellipses of all pairs of components.

    Coordinates are those of a fitted `LatentGaussianModel`. In whitened ones,
    the ellipses are circles and the points satisfy
    :math:`y_{(1)}^2 + y_{(2)}^2 \le n^2` for the two largest squares. Draws are exact and
    independent in any dimension, with a density: either all coordinates are at most
    :math:`n / \sqrt 2`, or the largest comes from its own density and confines the others.
    Whitened coordinates are principal components of standardised points, so that the ellipses
    are those of pairs of principal components.

    In original coordinates, each component given the others lies in an interval, and a Gibbs
    sampler goes through the components. How well its chains mix is measured in `fit` and
    stands in `mixing_`; the density is known up to a factor only, and there are no
    `score_samples` and `score`.

    In many dimensions being inside all ellipses says little. For a normal distribution of 200
    components the body of 3 sigma leaves out 99.8 % of the points, and uniform points of the
    body lie at a distance of 17.3 from the mean, where normal points have 14.1 on average. In
    original coordinates all pairs can lie within 2 sigma at a squared Mahalanobis distance of
    150, for three components with correlations of -0.49. This sampler shows it; a Gaussian is
    the better default.

    Parameters
    ----------
    distribution : {"uniform", "normal"}, default="uniform"
        Uniform inside all ellipses, or the fitted normal distribution cut off to them.
    coordinates : {"whitened", "original"}, default="whitened"
        Whose pairwise ellipses are meant.
    n_std : float or None, default=None
        n, the half-axes of the ellipses over standard deviations along them, above 0.
    share : float or None, default=None
        Instead of it, the share in (0, 1] of the training points that shall lie inside all
        ellipses; 0.95 if neither is given. In original coordinates up to 10,000 of
        the points are looked at, spread evenly over the order of the rows.
    temperature : float, default=1.0
        Factor on the standard deviations of the normal distribution, above 0; ellipses stay as
        they are. Uniform points have none, and it must be 1.
    covariance : str or estimator, default="empirical"
        Estimate of the covariance, as in `LatentGaussianModel`.
    n_chains : int, default=8
        Number of chains with which `fit` measures mixing in original coordinates, at least 2.
    n_sweeps : int, default=400
        Number of sweeps of each, and as many before to warm up, at least 10.
    random_state : int, RandomState instance or None, default=None
        Seeds these chains, and the covariance estimate; whitened coordinates need no seed else.

    Attributes
    ----------
    n_std_ : float
        n.
    share_inside_ : float
        Share of the training points inside all ellipses.
    nominal_share_ : float
        Probability of that under the fitted normal distribution, at temperature 1. In original
        coordinates it is not known, and NaN.
    model_ : LatentGaussianModel
        The fitted normal distribution.
    mixing_ : Mixing or None
        In original coordinates, a record with `n_chains`, `n_sweeps`, `r_hat`,
        `autocorrelation_time` and `effective_sample_size` of the chains of `fit`, by the
        component that mixes worst, or the squared Mahalanobis distance.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    Warns
    -----
    sklearn.exceptions.ConvergenceWarning
        If chains disagree, with an R-hat above 1.05.

    See Also
    --------
    ShellSampler : Restricts the joint distance instead.
    sklatent.LatentGaussianModel : Restricts nothing.

    Notes
    -----
    In original coordinates `sample` runs up to 256 chains from states of the chains of `fit`,
    for five autocorrelation times at first, and takes a point from each after every further
    one. It draws some ten thousand points in seconds, where whitened coordinates take
    milliseconds.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import EllipseSampler
    >>> Z = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 5000)
    >>> sampler = EllipseSampler("normal", share=0.9).fit(Z)
    >>> round(sampler.n_std_, 1), round(sampler.share_inside_, 3)
    (2.2, 0.9)
    >>> np.corrcoef(sampler.sample(5000, random_state=0).T)[0, 1].round(1)
    np.float64(0.9)
    """

    n_std_: float
    share_inside_: float
    nominal_share_: float
    model_: LatentGaussianModel
    mixing_: Mixing | None
    _live: IntArray
    _std: FloatArray
    _correlation: FloatArray
    _states: FloatArray
    _fitted: dict[str, Any]

    def __init__(
        self,
        distribution: Literal["uniform", "normal"] = "uniform",
        *,
        coordinates: Literal["whitened", "original"] = "whitened",
        n_std: float | None = None,
        share: float | None = None,
        temperature: float = 1.0,
        covariance: Covariance = "empirical",
        n_chains: int = 8,
        n_sweeps: int = 400,
        random_state: RandomState = None,
    ) -> None:
        self.distribution: Literal["uniform", "normal"] = distribution
        self.coordinates: Literal["whitened", "original"] = coordinates
        self.n_std = n_std
        self.share = share
        self.temperature = temperature
        self.covariance: Covariance = covariance
        self.n_chains = n_chains
        self.n_sweeps = n_sweeps
        self.random_state = random_state

    def _check_parameters(self) -> None:
        check_choice("distribution", self.distribution, ("uniform", "normal"))
        check_choice("coordinates", self.coordinates, ("whitened", "original"))
        check_at_most_one(n_std=self.n_std, share=self.share)
        if self.n_std is not None:
            check_scale("n_std", self.n_std)
        if self.share is not None:
            check_number("share", self.share, low=0, high=1, open_low=True)
        if check_temperature(self.temperature) != 1 and self.distribution == "uniform":
            raise ValueError(
                f"temperature must be 1 for distribution='uniform'; got {self.temperature!r}."
            )
        check_number("n_chains", self.n_chains, low=2, integer=True)
        check_number("n_sweeps", self.n_sweeps, low=10, integer=True)

    def _learn(self, X: FloatArray) -> None:
        model = LatentGaussianModel(covariance=self.covariance, random_state=self.random_state)
        self.model_, self.mixing_, self.nominal_share_ = model.fit(X), None, np.nan
        self._fitted = {"coordinates": self.coordinates}
        if self.coordinates == "whitened":
            distances = pair_radii(X, model.normal_)
            self._calibrate(distances)
            self.nominal_share_ = float(np.exp(log_body_probability(model.rank_, self.n_std_)))
            return
        # The chains of fit know how these mix, and no other.
        self._fitted |= {"distribution": self.distribution, "temperature": self.temperature}
        std = model.normal_.live_std
        self._live = np.flatnonzero(std > 0)
        if model.rank_ < len(self._live):
            raise ValueError(
                "coordinates='original' needs a covariance of full rank; that of X has rank "
                f"{model.rank_} in {len(self._live)} components that vary. Use "
                "coordinates='whitened', or covariance='oas'."
            )
        self._std = std[self._live]
        self._correlation = model.correlation_[self._live][:, self._live]
        step = -(-len(X) // CALIBRATION_POINTS)
        S = (
            X[::step, self._live].astype(np.float64, order="C") - model.mean_[self._live]
        ) / self._std
        distances = pair_distances(S, self._correlation) if len(self._live) else np.zeros(len(S))
        self._calibrate(distances)
        if len(self._live):
            self._measure(S / np.maximum(1.01 * distances / self.n_std_, 1)[:, None])

    def _calibrate(self, distances: FloatArray) -> None:
        share = 0.95 if self.share is None else float(self.share)
        quantile = float(np.quantile(distances, share, method="higher"))
        self.n_std_ = quantile if self.n_std is None else float(self.n_std)
        self.share_inside_ = float((distances <= self.n_std_).mean())

    def _measure(self, inside: FloatArray) -> None:
        """Run chains from points inside all ellipses, and keep states to start from."""
        generator = make_generator(self.random_state)
        t = float(self.temperature)
        start = inside[generator.integers(len(inside), size=self.n_chains)] / t
        sweep = self._make_sweep(generator)
        start = run_chains(start, 1, self.n_sweeps, sweep)[0]
        draws = run_chains(start, self.n_sweeps, 1, sweep)
        squared = (draws @ np.linalg.inv(self._correlation) * draws).sum(axis=2)
        self.mixing_ = measure_mixing(np.concatenate([draws, squared[..., None]], axis=2))
        self._states = draws.reshape(-1, draws.shape[2])[:: max(1, draws[..., 0].size // 1024)]
        if self.mixing_.r_hat > LARGEST_R_HAT:
            warnings.warn(
                f"The chains of the Gibbs sampler disagree: R-hat {self.mixing_.r_hat:.2f}. Raise "
                f"n_sweeps from {self.n_sweeps}, or use coordinates='whitened', which is exact.",
                ConvergenceWarning,
                stacklevel=5,
            )

    def _make_sweep(self, generator: np.random.Generator) -> Callable[[FloatArray], None]:
        correlation, n = self._correlation, self.n_std_ / float(self.temperature)
        precision = None if self.distribution == "uniform" else np.linalg.inv(correlation)
        return lambda S: gibbs_sweep(S, correlation, n, generator, precision)

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        self._check_as_fitted()
        t, rank = float(self.temperature), self.model_.rank_
        if self.coordinates == "original":
            return self._draw_by_gibbs(n_samples, generator)
        if self.distribution == "uniform":
            white = draw_uniform_in_body(n_samples, rank, self.n_std_, generator)
        else:
            white = t * draw_normal_in_body(n_samples, rank, self.n_std_ / t, generator)
        return unwhiten(white, self.model_.normal_)

    def _draw_by_gibbs(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        points = np.tile(self.model_.mean_, (n_samples, 1))
        if self.mixing_ is None:
            return points
        n_chains = min(n_samples, MOST_CHAINS)
        n_draws = -(-n_samples // n_chains)
        thinning = int(np.ceil(self.mixing_.autocorrelation_time))
        start = self._states[generator.integers(len(self._states), size=n_chains)]
        sweep = self._make_sweep(generator)
        start = run_chains(start, 1, WARM_UP * thinning, sweep)[0]
        draws = run_chains(start, n_draws, thinning, sweep).reshape(-1, len(self._live))
        drawn = generator.permutation(draws)[:n_samples]
        points[:, self._live] += float(self.temperature) * drawn * self._std
        return points

    def _check_as_fitted(self) -> None:
        for name, fitted in self._fitted.items():
            check_as_fitted(name, getattr(self, name), fitted)

    def _why_no_density(self) -> str:
        if self.coordinates == "whitened":
            return ""
        return (
            "with coordinates='original' the density is known up to a factor only; "
            "coordinates='whitened' has one."
        )

    def _log_density(self, X: FloatArray) -> FloatArray:
        self._check_as_fitted()
        normal, t = self.model_.normal_, float(self.temperature)
        Y, rank = whiten(X, normal), normal.rank
        if self.distribution == "uniform":
            heights = np.full(len(Y), -log_body_volume(rank, self.n_std_))
        else:
            heights = -0.5 * np.square(Y / t).sum(axis=1) - rank * np.log(np.sqrt(2 * np.pi) * t)
            heights -= log_body_probability(rank, self.n_std_ / t)
        # Points on the surface leave it by rounding in the way there and back.
        inside = pair_radius(Y) <= self.n_std_ * (1 + 1e-9)
        return np.where(inside, heights - 0.5 * log_determinant(self.model_), -np.inf)
