"""Uniform points in a box around the origin."""

import numpy as np

from sklatent._typing import FloatArray
from sklatent._validation import check_bool, check_number

from ._base import DensityMixin, Sampler

__all__ = ["BoxSampler"]


class BoxSampler(DensityMixin, Sampler):
    r"""Independent uniform components between the same two bounds: a baseline that fails.

    Such points do not depend on where latent points lie. In d dimensions their distance
    from the origin is about :math:`b \sqrt{d/3}`: 4.1 at b = 0.5 and 408 at b = 50
    for d = 200, where points of a standard normal distribution have 14.1. What share of the
    box the region of the latent points takes is given by `log_volume_ratio`.

    Parameters
    ----------
    boundary : float, default=5.0
        b, the largest absolute value of a component, above 0, in latent units.
    signed : bool, default=True
        Whether components run from -b to b, or from 0 to b.

    Attributes
    ----------
    n_features_in_ : int
        Number of components, d: all that `fit` learns.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    See Also
    --------
    IntervalSampler : Intervals that are fitted to each component.
    log_volume_ratio : Volume of an ellipsoid over that of a box.

    Examples
    --------
    >>> from sklatent.samplers import BoxSampler
    >>> sampler = BoxSampler(boundary=2.0).fit([[0.0, 0.0], [1.0, 0.5]])
    >>> points = sampler.sample(1000, random_state=0)
    >>> points.shape, bool(abs(points).max() < 2)
    ((1000, 2), True)
    >>> sampler.score_samples([[1.0, 1.0], [3.0, 0.0]]).round(4)
    array([-2.7726,    -inf])
    """

    _low: float
    _high: float

    def __init__(self, boundary: float = 5.0, *, signed: bool = True) -> None:
        self.boundary = boundary
        self.signed = signed

    def _check_parameters(self) -> None:
        check_number("boundary", self.boundary, low=0, open_low=True, open_high=True)
        check_bool("signed", self.signed)

    def _learn(self, X: FloatArray) -> None:
        self._low, self._high = -self.boundary if self.signed else 0.0, float(self.boundary)

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        return generator.uniform(self._low, self._high, (n_samples, self.n_features_in_))

    def _log_density(self, X: FloatArray) -> FloatArray:
        inside = (np.clip(X, self._low, self._high) == X).all(axis=1)
        return np.where(inside, -X.shape[1] * np.log(self._high - self._low), -np.inf)
