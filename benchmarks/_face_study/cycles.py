"""Whether latent points are meaningful: their images lead back to them."""

import numpy as np

from sklatent import LatentGaussianModel
from sklatent.metrics import meaningful_share

from .settings import NETWORKS
from .study import Step, Study

__all__ = ["STEPS", "Cycles", "cycles_of", "find_cycles"]

HELD_OUT_SHARE = 0.99
N_DIRECTIONS = 300
SCALES = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0])


class Cycles:
    """Cycle distances of named sets of points, beside those of unseen people.

    Attributes
    ----------
    limit : float
        Longest cycle distance that counts as meaningful, in sigma.
    distances : dict of str to ndarray
        Cycle distances, by name.
    rows : dict of str to dict
        For each set the median cycle distance, the share of meaningful points, the share of
        those that also lie no farther out than 99 of 100 unseen people, and the median of
        d^2 over the number of components.
    """

    def __init__(self, limit: float, distances: dict, squared: dict, squared_limit: float, d: int):
        self.limit, self.distances, self.rows = limit, distances, {}
        for name, found in distances.items():
            near, within = found <= limit, squared[name] <= squared_limit
            self.rows[name] = {
                "cycle": float(np.median(found)),
                "meaningful": float(near.mean()),
                "near_and_within": float((near & within).mean()),
                "squared": float(np.median(squared[name])) / d,
            }


def find_cycles(autoencoder, latent, held_out, images, sets: dict) -> Cycles:
    """Decode and encode all points of `sets`, and the images of unseen people, at once."""
    sets = {name: np.asarray(points, dtype=np.float32) for name, points in sets.items()}
    points = np.concatenate(list(sets.values()))
    found = meaningful_share(autoencoder, points, images, quantile=HELD_OUT_SHARE)
    ends = np.cumsum([len(part) for part in sets.values()])[:-1]
    distances = dict(zip(sets, np.split(found.distances, ends), strict=True))
    model = LatentGaussianModel().fit(latent)
    squared = {name: model.mahalanobis_squared(part) for name, part in sets.items()}
    limit = float(np.quantile(model.mahalanobis_squared(held_out), HELD_OUT_SHARE))
    return Cycles(found.threshold, distances, squared, limit, latent.shape[1])


def cycles_of(study: Study, network: str, sets: dict) -> Cycles:
    """Find them for one of the two networks."""
    return find_cycles(study.model(network), *study.latent(network), study.test, sets)


def by_distance(study: Study, network: str) -> dict:
    """Look at points farther and farther from the mean, along random directions."""
    latent, test = study.latent(network)
    model, rng = LatentGaussianModel().fit(latent), study.rng(7)
    directions = rng.standard_normal((N_DIRECTIONS, model.rank_))
    directions *= np.sqrt(model.rank_) / np.linalg.norm(directions, axis=1, keepdims=True)
    sets = {f"{scale:g}": model.inverse_transform(scale * directions) for scale in SCALES}
    cycles = cycles_of(study, network, sets | {"unseen people": test})
    return {
        "limit": cycles.limit,
        "test": cycles.rows["unseen people"],
        "scales": SCALES,
        "meaningful": np.array([cycles.rows[name]["meaningful"] for name in sets]),
    }


STEPS = [Step(f"cycle-{n}", lambda study, n=n: by_distance(study, n)) for n in NETWORKS]
