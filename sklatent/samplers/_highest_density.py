"""Restriction of any density to its region of highest density."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._random import draw_from, draw_seed, make_generator, takes_labels
from sklatent._typing import FloatArray, RandomState
from sklatent._validation import check_number

from ._base import DensityMixin, Sampler

__all__ = ["HighestDensity"]

LEAST_INSIDE = 100


class HighestDensity(DensityMixin, Sampler):
    r"""Draws of a density where it is highest, in the region that holds a stated share of it.

    Of all regions that hold the share p, the smallest is where the density exceeds its own
    (1 - p) quantile, :math:`\{z : f(z) \ge f_{1-p}\}` with
    :math:`P(f(Z) \ge f_{1-p}) = p` [1]_. The quantile is estimated from draws, in `fit`.
    Draws outside the region are left out, so that a draw costs 1 / p draws and
    log-densities. Points of equal density are all in or all out, so that of a uniform
    distribution everything is kept.

    Parameters
    ----------
    sampler : estimator or None, default=None
        Has `fit`, `sample` and `score_samples`: a sampler with a density, a `LatentGaussianModel`,
        scikit-learn's `GaussianMixture` or `KernelDensity`. A clone of it is fitted. None takes a
        `LatentGaussianModel`. Not a `PerClassSampler`: one *of* such restricted densities,
        ``PerClassSampler(HighestDensity(...))``, has a region for each class.
    keep : float, default=0.9
        p, in (0, 1].
    n_reference : int, default=10000
        Number of draws from which the quantile is estimated, at least 100 / p. The share in
        the region has a standard error of :math:`\sqrt{p (1 - p) / n}`, 0.003 by default.
    random_state : int, RandomState instance or None, default=None
        Seeds these draws.

    Attributes
    ----------
    sampler_ : estimator
        The fitted clone.
    threshold_ : float
        Log-density on the region's surface, in nats; minus infinity for ``keep=1``.
    share_ : float
        Share of the reference draws inside: `keep`, or more where draws tie at the surface.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    References
    ----------
    .. [1] R. J. Hyndman, "Computing and graphing highest density regions", The American
       Statistician 50(2), 120-126, 1996.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import HighestDensity
    >>> Z = np.random.default_rng(0).normal(size=(10_000, 1))
    >>> sampler = HighestDensity(keep=0.9, random_state=0).fit(Z)
    >>> abs(sampler.sample(10_000, random_state=0)).max() < 1.75  # 1.645 for N(0, 1)
    np.True_
    """

    sampler_: Any
    threshold_: float
    share_: float

    def __init__(
        self,
        sampler: Any = None,
        *,
        keep: float = 0.9,
        n_reference: int = 10_000,
        random_state: RandomState = None,
    ) -> None:
        self.sampler = sampler
        self.keep = keep
        self.n_reference = n_reference
        self.random_state = random_state

    def _check_parameters(self) -> None:
        keep = check_number("keep", self.keep, low=0, high=1, open_low=True)
        n = check_number("n_reference", self.n_reference, low=1, integer=True)
        if keep * n < LEAST_INSIDE:
            raise ValueError(
                f"keep must leave at least {LEAST_INSIDE} of n_reference={n} draws; got {keep}. "
                "So small a region is not reached by leaving draws out: lower the temperature "
                "of the sampler, or raise n_reference."
            )
        lacking = [
            name for name in ("sample", "score_samples") if not hasattr(self._unfitted(), name)
        ]
        if lacking:
            raise TypeError(
                f"sampler must have sample and score_samples; a {type(self.sampler).__name__} "
                f"with these parameters lacks {' and '.join(lacking)}."
            )
        if takes_labels(self._unfitted()):
            raise TypeError(
                f"sampler must be one density of all points; got a {type(self.sampler).__name__}, "
                "which draws by class. PerClassSampler(HighestDensity(...)) restricts the density "
                "of each class to its own region."
            )

    def _unfitted(self) -> Any:
        return LatentGaussianModel() if self.sampler is None else self.sampler

    def _learn(self, X: FloatArray) -> None:
        self.sampler_ = clone(self._unfitted()).fit(X)
        seed = draw_seed(make_generator(self.random_state))
        drawn = draw_from(self.sampler_, self.n_reference, np.random.RandomState(seed))
        heights = self._heights(drawn)
        # The draws themselves, kept whole, would leave out what is rarer than all of them.
        rank = int((1 - self.keep) * len(heights))
        self.threshold_ = float(np.sort(heights)[rank]) if self.keep < 1 else -np.inf
        inside = float(np.mean(heights >= self.threshold_))
        tied = np.count_nonzero(heights == self.threshold_) > 1
        self.share_ = inside if tied else float(self.keep)

    def _heights(self, points: FloatArray) -> FloatArray:
        """Return the log-densities (n,) of points that were drawn, or raise an error at NaN."""
        heights = np.asarray(self.sampler_.score_samples(points))
        unknown = np.count_nonzero(np.isnan(heights))
        if unknown:
            raise ValueError(
                "sampler must have a log-density at each point that it draws; "
                f"{type(self.sampler_).__name__} gives NaN at {unknown} of {len(points)}."
            )
        return heights

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        check_is_fitted(self.sampler_)
        rng, found, n_found = np.random.RandomState(draw_seed(generator)), [], 0
        n_drawn = 0
        while n_found < n_samples:
            n = int(1.1 * (n_samples - n_found) / self.share_) + 10
            drawn = draw_from(self.sampler_, n, rng)
            found.append(drawn[self._heights(drawn) >= self.threshold_])
            n_found += len(found[-1])
            n_drawn += n
            if n_found == 0 and n_drawn * self.share_ > LEAST_INSIDE:
                raise ValueError(
                    f"sampler must draw the points that it drew in fit: none of {n_drawn} lies "
                    f"where the log-density is {self.threshold_:.4g} or more."
                )
        return np.concatenate(found)[:n_samples].astype(np.float64)

    def _log_density(self, X: FloatArray) -> FloatArray:
        heights = self.sampler_.score_samples(X)
        return np.where(heights >= self.threshold_, heights - np.log(self.share_), -np.inf)
