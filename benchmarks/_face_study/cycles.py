"""Whether a latent point is meaningful, that is, whether its image leads back to it.

A point z is decoded and encoded again. The length of E(D(z)) - z in standard deviations of the
latent points, a root mean square over components, is its cycle distance. A point counts as
meaningful where that is no longer than it is for 95 of 100 unseen images.
"""

from dataclasses import dataclass

import numpy as np

from sklatent import LatentGaussianModel

from .settings import NETWORKS
from .study import Step, Study

__all__ = ["STEPS", "Cycle"]

HELD_OUT_SHARE = 0.95
N_POINTS = 2000
N_SHOWN = 10


@dataclass(frozen=True)
class Cycle:
    """Cycle distances of a network, and the longest that counts as meaningful."""

    autoencoder: object
    model: LatentGaussianModel
    limit: float
    squared_limit: float

    @classmethod
    def of(cls, study: Study, network: str) -> "Cycle":
        latent, test = study.latent(network)
        return cls.fitted(study.model(network), latent, test)

    @classmethod
    def fitted(cls, autoencoder, latent, test) -> "Cycle":
        model = LatentGaussianModel().fit(latent)
        blank = cls(autoencoder, model, np.inf, np.inf)
        squared = float(np.quantile(model.mahalanobis_squared(test), HELD_OUT_SHARE))
        return cls(
            autoencoder,
            model,
            float(np.quantile(blank.distances(test), HELD_OUT_SHARE)),
            squared,
        )

    def distances(self, points) -> np.ndarray:
        """Return the cycle distance of each point (n,)."""
        points = np.asarray(points, dtype=np.float32)
        back = self.autoencoder.transform(self.autoencoder.inverse_transform(points))
        return np.sqrt(np.square((back - points) / self.model.std_).mean(axis=1))

    def describe(self, points) -> dict[str, float]:
        """Return the median cycle distance, the share of meaningful points, and further.

        "near_and_within" is the share of those that also lie no farther out than 95 of 100
        unseen images, "squared" the median of d^2 over its mean under a normal.
        """
        distances = self.distances(points)
        squared = self.model.mahalanobis_squared(points)
        near, within = distances <= self.limit, squared <= self.squared_limit
        return {
            "cycle": float(np.median(distances)),
            "meaningful": float(near.mean()),
            "near_and_within": float((near & within).mean()),
            "squared": float(np.median(squared)) / self.model.rank_,
        }


def limits(study: Study, network: str) -> dict:
    """Find the limit, and look at points farther and farther from the mean."""
    cycle, rng = Cycle.of(study, network), study.rng(7)
    _, test = study.latent(network)
    d = test.shape[1]
    directions = rng.standard_normal((300, d))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    scales = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0])
    rows = []
    for scale in scales:
        white = scale * np.sqrt(d) * directions
        rows.append(list(cycle.describe(cycle.model.inverse_transform(white)).values())[:2])
    return {
        "limit": cycle.limit,
        "test": cycle.describe(test),
        "scales": scales,
        "cycle": np.array(rows)[:, 0],
        "meaningful": np.array(rows)[:, 1],
    }


STEPS = [Step(f"cycle-{n}", lambda study, n=n: limits(study, n)) for n in NETWORKS]
