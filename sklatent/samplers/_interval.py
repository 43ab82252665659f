"""Independent components within intervals that are fitted to each."""

from typing import Literal

import numpy as np
from scipy import special

from sklatent._gaussian.intervals import interval_n_std, normal_intervals
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import FloatArray
from sklatent._validation import check_choice

from ._base import DensityMixin, Sampler
from ._truncated import draw_truncated

__all__ = ["IntervalSampler"]


class IntervalSampler(DensityMixin, Sampler):
    r"""Independent components within an interval fitted to each: a baseline that fails.

    Each component stays in :math:`\mu_j \pm n \sigma_j`. That is not a sufficient
    restriction, since correlations between components are lost.

    Parameters
    ----------
    distribution : {"uniform", "normal"}, default="uniform"
        Uniform in each interval, or the normal distribution of each component cut off at the
        ends of its interval.
    n_std : float or None, default=None
        n, half the length of the intervals in standard deviations, above 0.
    coverage : float or None, default=None
        Instead of it, the probability in (0, 1) that a normal distribution gives to each
        interval. If neither is given, 0.95.

    Attributes
    ----------
    n_std_ : float
        n.
    intervals_ : ndarray of shape (d, 2)
        Lower and upper ends, in latent units. They are equal for a component that does not
        vary.
    mean_, std_ : ndarray of shape (d,)
        Of the points, with divisor n, in latent units.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    See Also
    --------
    BoxSampler : The same interval for all components.
    EllipseSampler : Restricts pairs of components.

    Examples
    --------
    >>> from sklatent.samplers import IntervalSampler
    >>> sampler = IntervalSampler(n_std=2.0).fit([[-1.0, 5.0], [1.0, 5.0]])
    >>> sampler.intervals_
    array([[-2.,  2.],
           [ 5.,  5.]])
    >>> sampler.score_samples([[1.0, 5.0]]).round(4)
    array([-1.3863])
    """

    n_std_: float
    intervals_: FloatArray
    mean_: FloatArray
    std_: FloatArray

    def __init__(
        self,
        distribution: Literal["uniform", "normal"] = "uniform",
        *,
        n_std: float | None = None,
        coverage: float | None = None,
    ) -> None:
        self.distribution = distribution
        self.n_std = n_std
        self.coverage = coverage

    def _check_parameters(self) -> None:
        check_choice("distribution", self.distribution, ("uniform", "normal"))
        interval_n_std(self.n_std, self.coverage)

    def _learn(self, X: FloatArray) -> None:
        model = LatentGaussianModel().fit(X)
        self.mean_, self.std_ = model.mean_, model.normal_.live_std
        self.n_std_ = interval_n_std(self.n_std, self.coverage)
        self.intervals_ = normal_intervals(self.mean_, self.std_, self.n_std_)

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        shape, n = (n_samples, self.n_features_in_), self.n_std_
        if self.distribution == "uniform":
            standard: FloatArray = generator.uniform(-n, n, shape)
        else:
            standard = draw_truncated(-n, n, shape, generator)
        return self.mean_ + self.std_ * standard

    def _log_density(self, X: FloatArray) -> FloatArray:
        live = self.std_ > 0
        std, n = self.std_[live], self.n_std_
        standard = (X[:, live] - self.mean_[live]) / std
        if self.distribution == "uniform":
            heights = np.full(standard.shape, -np.log(2 * n))
        else:
            heights = -0.5 * (standard**2 + np.log(2 * np.pi)) - np.log(special.erf(n / np.sqrt(2)))
        inside = (np.abs(standard) <= n).all(axis=1)
        return np.where(inside, heights.sum(axis=1) - np.log(std).sum(), -np.inf)
