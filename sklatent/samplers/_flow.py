"""A normalising flow on latent points."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from sklatent._covariance.support import unwhiten, whiten
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._random import check_seed, draw_seed
from sklatent._typing import FloatArray, RandomState
from sklatent._validation import check_number

from ._base import DensityMixin, Sampler, check_temperature, log_determinant

__all__ = ["FlowSampler"]


def _load_training() -> Any:
    """Return the module that knows torch, which is loaded when it is needed."""
    return import_module("sklatent.samplers._flow_training")


class FlowSampler(DensityMixin, Sampler):
    r"""Neural spline flow: an invertible network that takes normal noise to latent points.

    Points are whitened, and a flow of coupling layers with monotonic rational-quadratic splines
    [1]_ is fitted by maximum likelihood: :math:`\log f(z) = \log N(g(z); 0, I) + \log |g'(z)|`.
    It starts as the identity, that is as one Gaussian. It wants thousands of points, and the
    optional package zuko, ``pip install sklatent[flow]``; without it, `fit` raises an ImportError.

    Parameters
    ----------
    n_transforms : int, default=4
        Number of coupling layers, at least 1.
    hidden_features : tuple of ints, default=(64, 64)
        Widths of the hidden layers that make the splines of each.
    max_epochs : int, default=20
        Number of passes over the points.
    learning_rate : float, default=2e-3
        Of Adam at the start, above 0; it falls to 0 as half a cosine.
    validation_fraction : float, default=0.1
        Share of the points, in [0, 1), that is held out; the weights of the epoch that gives
        these the highest likelihood are kept.
    temperature : float, default=1.0
        Standard deviation of the noise, above 0.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, batches and which points are held out.

    Attributes
    ----------
    flow_ : zuko.flows.Flow
        The fitted flow of whitened points; None if all points are equal.
    history_ : list of float
        Mean log-density of the held-out points after each epoch, in nats per unit of volume in
        latent units.
    model_ : LatentGaussianModel
        What whitens.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    See Also
    --------
    MixtureSampler : Needs no further package, and often gives as good samples.

    References
    ----------
    .. [1] C. Durkan, A. Bekasov, I. Murray, G. Papamakarios, "Neural spline flows", NeurIPS
       2019, arXiv:1906.04032.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import FlowSampler
    >>> Z = np.random.default_rng(0).exponential(size=(1000, 2))
    >>> flow = FlowSampler(2, max_epochs=2, random_state=0)
    >>> flow.fit(Z).sample(5, random_state=0).shape  # doctest: +SKIP
    (5, 2)
    """

    flow_: Any
    history_: list[float]
    model_: LatentGaussianModel

    def __init__(
        self,
        n_transforms: int = 4,
        *,
        hidden_features: Sequence[int] = (64, 64),
        max_epochs: int = 20,
        learning_rate: float = 2e-3,
        validation_fraction: float = 0.1,
        temperature: float = 1.0,
        random_state: RandomState = None,
    ) -> None:
        self.n_transforms = n_transforms
        self.hidden_features = hidden_features
        self.max_epochs = max_epochs
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.temperature = temperature
        self.random_state = random_state

    def _check_parameters(self) -> None:
        check_number("n_transforms", self.n_transforms, low=1, integer=True)
        if not isinstance(self.hidden_features, list | tuple | np.ndarray):
            raise TypeError(
                f"hidden_features must be a tuple of integers; got {self.hidden_features!r}."
            )
        for width in self.hidden_features:
            check_number("hidden_features", width, low=1, integer=True)
        check_number("max_epochs", self.max_epochs, low=1, integer=True)
        check_number("learning_rate", self.learning_rate, low=0, open_low=True, open_high=True)
        check_number("validation_fraction", self.validation_fraction, low=0, high=1, open_high=True)
        check_temperature(self.temperature)

    def _learn(self, X: FloatArray) -> None:
        training = _load_training()
        seed = draw_seed(check_seed(self.random_state))
        self.model_ = LatentGaussianModel().fit(X)
        self.flow_, self.history_ = None, []
        if self.model_.rank_ == 0:
            return
        self.flow_, history = training.train_flow(
            whiten(X, self.model_.normal_),
            n_transforms=int(self.n_transforms),
            hidden_features=tuple(int(width) for width in self.hidden_features),
            max_epochs=int(self.max_epochs),
            learning_rate=float(self.learning_rate),
            validation_fraction=float(self.validation_fraction),
            seed=seed,
        )
        self.history_ = [score - 0.5 * log_determinant(self.model_) for score in history]

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        noise = float(self.temperature) * generator.standard_normal((n_samples, self.model_.rank_))
        white = noise if self.flow_ is None else _load_training().flow_points(self.flow_, noise)
        return unwhiten(white, self.model_.normal_)

    def _log_density(self, X: FloatArray) -> FloatArray:
        if self.flow_ is None:
            return np.zeros(len(X))
        Y = whiten(X, self.model_.normal_)
        heights = _load_training().flow_log_density(self.flow_, Y, float(self.temperature))
        return heights - 0.5 * log_determinant(self.model_)
