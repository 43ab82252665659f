"""Training points with noise: a kernel density."""

from typing import Literal

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from sklatent._covariance.support import unwhiten, whiten
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._points import check_scale
from sklatent._random import check_seed
from sklatent._typing import FloatArray, RandomState
from sklatent._validation import check_choice, check_number

from ._base import DensityMixin, Sampler, log_determinant
from ._kernel_density import LocalShapes, held_out_scores, kernel_log_density, local_deviations

__all__ = ["KernelSampler"]

HELD_OUT = 500
BATCH = 256


class KernelSampler(DensityMixin, Sampler):
    r"""Training points plus a share of their covariance as noise.

    A point is drawn as :math:`z_k + h \varepsilon` with a random training point :math:`z_k` and
    :math:`\varepsilon` from :math:`N(0, \Sigma_k)`, so that the density is
    :math:`\frac1n \sum_k N(z; z_k, h^2 \Sigma_k)`. :math:`\Sigma_k` is the covariance of all
    points, or that of the nearest neighbours of :math:`z_k` in whitened coordinates plus a tenth
    of its mean variance in all directions.

    With ``bandwidth="auto"``, 500 points, or a fifth of fewer, are held out, and h is that
    of 30 values from 4 to 0.026 that gives them the highest likelihood; then all points are
    centres. A small bandwidth copies training points. Draws then look as good as these, and say
    nothing about the model: look at their distance to the nearest training point.

    Parameters
    ----------
    covariance : {"full", "local"}, default="full"
        Which covariance the noise has.
    bandwidth : float or "auto", default="auto"
        h, above 0.
    n_neighbors : int, default=10
        Number of neighbours, the point itself among them, for ``covariance="local"``, at least 2.
    random_state : int, RandomState instance or None, default=None
        Seeds which points are held out.

    Attributes
    ----------
    bandwidth_ : float
        h.
    held_out_scores_ : dict of float to float
        Mean log-density of held-out points, in nats, for each bandwidth tried; empty for a given
        one, or with fewer than 5 points, where h is 1.
    points_ : ndarray of shape (n, rank)
        The training points in whitened coordinates.
    model_ : LatentGaussianModel
        What whitens.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    See Also
    --------
    MixtureSampler : Fewer and wider kernels, which cannot copy.

    Notes
    -----
    A draw costs next to nothing. The log-density of a point takes the distances to all n
    centres, in blocks; with local covariances each of these costs `n_neighbors` times as much,
    and `fit` has to find the neighbours.

    In many dimensions the bandwidth of the highest likelihood is far too wide for images: a sum of
    kernels has to reach held-out points that are all far from each centre. A
    `MixtureSampler` is better there.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import KernelSampler
    >>> Z = np.random.default_rng(0).normal(size=(1000, 2))
    >>> sampler = KernelSampler(random_state=0).fit(Z)
    >>> 0.1 < sampler.bandwidth_ < 1
    True
    >>> sampler.sample(3, random_state=0).shape
    (3, 2)
    """

    bandwidth_: float
    held_out_scores_: dict[float, float]
    points_: FloatArray
    model_: LatentGaussianModel
    _shapes: LocalShapes | None

    def __init__(
        self,
        covariance: Literal["full", "local"] = "full",
        *,
        bandwidth: float | Literal["auto"] = "auto",
        n_neighbors: int = 10,
        random_state: RandomState = None,
    ) -> None:
        self.covariance: Literal["full", "local"] = covariance
        self.bandwidth: float | Literal["auto"] = bandwidth
        self.n_neighbors = n_neighbors
        self.random_state = random_state

    def _check_parameters(self) -> None:
        check_choice("covariance", self.covariance, ("full", "local"))
        if isinstance(self.bandwidth, str):
            if self.bandwidth != "auto":
                raise ValueError(f"bandwidth must be 'auto' or a number; got {self.bandwidth!r}.")
        else:
            check_scale("bandwidth", self.bandwidth)
        check_number("n_neighbors", self.n_neighbors, low=2, integer=True)

    def _learn(self, X: FloatArray) -> None:
        rng = check_seed(self.random_state)
        self.model_ = LatentGaussianModel().fit(X)
        self.points_, self.held_out_scores_ = whiten(X, self.model_.normal_), {}
        automatic = self.bandwidth == "auto"
        self.bandwidth_ = 1.0 if automatic else float(self.bandwidth)
        if automatic and len(X) >= 5 and self.model_.rank_:
            order = rng.permutation(len(X))
            n_held = min(HELD_OUT, len(X) // 5)
            held, rest = self.points_[order[:n_held]], self.points_[order[n_held:]]
            found = held_out_scores(held, rest, self._find_shapes(rest))
            scores = found.scores - 0.5 * log_determinant(self.model_)
            self.held_out_scores_ = dict(
                zip(found.bandwidths.tolist(), scores.tolist(), strict=True)
            )
            self.bandwidth_ = float(found.bandwidths[scores.argmax()])
        self._shapes = self._find_shapes(self.points_)

    def _find_shapes(self, points: FloatArray) -> LocalShapes | None:
        if self.covariance == "full" or points.shape[1] == 0:
            return None
        search = NearestNeighbors(n_neighbors=min(self.n_neighbors, len(points))).fit(points)
        return LocalShapes(points, search.kneighbors(points, return_distance=False))

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        centres = generator.integers(len(self.points_), size=n_samples)
        noise = generator.standard_normal((n_samples, self.model_.rank_))
        if self._shapes is not None:
            weights = generator.standard_normal((n_samples, 1, self._shapes.neighbors.shape[1]))
            for rows in gen_batches(n_samples, BATCH):
                deviations, ridge = local_deviations(self._shapes, centres[rows])
                noise[rows] *= np.sqrt(ridge)[:, None]
                noise[rows] += (weights[rows] @ deviations)[:, 0]
        white = self.points_[centres] + self.bandwidth_ * noise
        return unwhiten(white, self.model_.normal_)

    def _log_density(self, X: FloatArray) -> FloatArray:
        if self.model_.rank_ == 0:
            return np.zeros(len(X))
        Y = whiten(X, self.model_.normal_)
        heights = kernel_log_density(Y, self.points_, self.bandwidth_, self._shapes)
        return heights - 0.5 * log_determinant(self.model_)
