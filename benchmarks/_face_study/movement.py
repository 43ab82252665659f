"""Paths between faces, planes, blocks of components, and directions of attributes."""

import numpy as np
from sklearn.metrics import roc_auc_score

from sklatent import LatentGaussianModel
from sklatent.samplers import BoxSampler

from .cycles import Cycle
from .sampling import Judge
from .settings import NETWORKS
from .study import Step, Study

__all__ = ["ATTRIBUTES", "STEPS"]

STEPS_OF_PATH = 9
LUMA = np.array([0.299, 0.587, 0.114])
PLANE_REACH = 5.0
BLOCKS = (1, 8, 32)
REACHES = (-5.0, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0)


def straight(a, b, t):
    """Points on straight lines (steps, n, d)."""
    t = t[:, None, None]
    return (1 - t) * a + t * b


def matched(a, b, t):
    """Straight lines divided by what keeps the variance of independent ends."""
    t = t[:, None, None]
    return ((1 - t) * a + t * b) / np.sqrt((1 - t) ** 2 + t**2)


def slerp(a, b, t):
    """Great circles: direction turns evenly, and length changes evenly."""
    t = t[:, None, None]
    length_a, length_b = (np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    cosine = np.clip(np.sum(a * b, axis=1, keepdims=True) / (length_a * length_b), -1, 1)
    angle = np.arccos(cosine)
    turned = (np.sin((1 - t) * angle) * a / length_a + np.sin(t * angle) * b / length_b) / np.sin(
        angle
    )
    return ((1 - t) * length_a + t * length_b) * turned


KINDS = {"straight": straight, "great circle": slerp, "matched": matched}


def paths(study: Study, network: str) -> dict:
    """Follow paths between unseen people; show those between draws of the Gaussian."""
    latent, test = study.latent(network)
    cycle, judge = Cycle.of(study, network), Judge(study)
    model, rng, d = cycle.model, study.rng(9), latent.shape[1]
    n = min(study.settings.n_paths, len(test) // 2)
    ends = model.transform(test[rng.permutation(len(test))[: 2 * n]])
    shown_ends = model.transform(model.sample(2, random_state=3))
    t = np.linspace(0, 1, STEPS_OF_PATH)
    found: dict = {"t": t, "kinds": {}, "shown": {}, "shown_squared": {}}
    decode = study.model(network).inverse_transform
    for name, kind in KINDS.items():
        path = kind(ends[:n], ends[n:], t)
        points = model.inverse_transform(path.reshape(-1, d)).astype(np.float32)
        distances = cycle.distances(points).reshape(len(t), n)
        squared = np.square(path).sum(axis=2) / d
        middle = decode(points.reshape(len(t), n, -1)[len(t) // 2])
        found["kinds"][name] = {
            "squared": squared.mean(axis=1),
            "cycle": np.median(distances, axis=1),
            "meaningful": (distances <= cycle.limit).mean(axis=1),
            "precision_middle": judge.measure(middle)["precision"] if n > FEWEST else np.nan,
        }
        shown = kind(shown_ends[:1], shown_ends[1:], t)[:, 0]
        found["shown"][name] = decode(model.inverse_transform(shown).astype(np.float32))
        found["shown_squared"][name] = np.square(shown).sum(axis=1) / d
    return found | _through_box(study, network, cycle, t)


FEWEST = 10


def _through_box(study, network, cycle, t) -> dict:
    """Straight lines between random points of a box as wide as the points themselves reach."""
    latent, _ = study.latent(network)
    boundary = float(np.quantile(np.abs(latent), 0.999))
    n = study.settings.n_paths
    ends = BoxSampler(boundary).fit(latent).sample(2 * n, random_state=study.settings.seed)
    points = straight(ends[:n], ends[n:], t).reshape(-1, latent.shape[1])
    distances = cycle.distances(points).reshape(len(t), n)
    return {
        "box_boundary": boundary,
        "box_cycle": np.median(distances, axis=1),
        "box_meaningful": (distances <= cycle.limit).mean(axis=1),
        "box_shown": study.model(network).inverse_transform(
            points.reshape(len(t), n, -1)[:, 0].astype(np.float32)
        ),
    }


def planes(study: Study, network: str) -> dict:
    """Planes of two components, circles in them, and blocks of components moved together."""
    latent, _ = study.latent(network)
    cycle = Cycle.of(study, network)
    model, d = cycle.model, latent.shape[1]
    decode = study.model(network).inverse_transform
    first, second = model.dominant_components(2)
    turns = np.linspace(0, 2 * np.pi, 9)[:-1]
    circle = np.tile(model.mean_, (len(turns), 1))
    radius = 3.0
    circle[:, first] += radius * model.std_[first] * np.cos(turns)
    circle[:, second] += radius * model.std_[second] * np.sin(turns)
    side = np.linspace(-PLANE_REACH, PLANE_REACH, 7)
    grid = np.tile(model.mean_, (len(side) ** 2, 1))
    across, down = np.meshgrid(side, side)
    grid[:, first] += model.std_[first] * across.ravel()
    grid[:, second] += model.std_[second] * down.ravel()
    start = model.sample(1, random_state=3)[0]
    order, blocks, images = model.dominant_components(d), {}, {}
    for size in [min(b, d) for b in BLOCKS]:
        moved = np.tile(start, (len(REACHES), 1))
        moved[:, order[:size]] += np.outer(REACHES, model.std_[order[:size]])
        blocks[str(size)] = {
            "squared": model.mahalanobis_squared(moved) / model.rank_,
            "cycle": cycle.distances(moved),
        }
        images[str(size)] = decode(moved.astype(np.float32))
    return {
        "plane": [int(first), int(second)],
        "side": side,
        "grid": decode(grid.astype(np.float32)),
        "grid_cycle": cycle.distances(grid),
        "grid_squared": model.mahalanobis_squared(grid) / model.rank_,
        "circle": decode(circle.astype(np.float32)),
        "circle_cycle": cycle.distances(circle),
        "limit": cycle.limit,
        "reaches": np.array(REACHES),
        "blocks": blocks,
        "shown": images,
    }


def _luma(images):
    return images.astype(np.float32) @ LUMA.astype(np.float32) / 255


def brightness(images):
    """Mean luma."""
    return _luma(images).mean(axis=(1, 2))


def warmth(images):
    """Mean of red minus blue."""
    return (images[..., 0].astype(np.float32) - images[..., 2]).mean(axis=(1, 2)) / 255


def side_light(images):
    """Luma of the left half minus that of the right half."""
    luma, half = _luma(images), images.shape[2] // 2
    return luma[:, :, :half].mean(axis=(1, 2)) - luma[:, :, half:].mean(axis=(1, 2))


def background(images):
    """Luma of the two upper corners minus that of the middle of the face."""
    luma = _luma(images)
    corners = 0.5 * (luma[:, :16, :10].mean(axis=(1, 2)) + luma[:, :16, -10:].mean(axis=(1, 2)))
    return corners - luma[:, 24:44, 22:42].mean(axis=(1, 2))


def mouth_region(images):
    """Luma of the rows and columns of the mouth minus that of the middle of the face.

    Open mouths that show teeth are bright there; so are other things, and no smile is measured.
    """
    luma = _luma(images)
    return luma[:, 45:51, 25:39].mean(axis=(1, 2)) - luma[:, 30:44, 22:42].mean(axis=(1, 2))


ATTRIBUTES = {
    "brightness": brightness,
    "warmth of the colours": warmth,
    "light from the left": side_light,
    "bright background": background,
    "bright mouth region": mouth_region,
}
N_MOVED = 64


def attributes(study: Study, network: str) -> dict:
    """Directions from the mean of images that have little of a property to those with much."""
    latent, test = study.latent(network)
    model = LatentGaussianModel().fit(latent)
    decode = study.model(network).inverse_transform
    start = model.sample(N_MOVED, random_state=5)
    steps = np.linspace(-3, 3, 7)
    rows, shown, directions = {}, {}, []
    for name, measure in ATTRIBUTES.items():
        values, held_out = measure(study.train), measure(study.test)
        low, high = np.quantile(values, [0.25, 0.75])
        difference = latent[values >= high].mean(axis=0) - latent[values <= low].mean(axis=0)
        # Linear discriminant: the shortest way, in standard deviations, that tells them apart.
        normal = np.linalg.solve(model.covariance_, difference)
        length = np.sqrt(difference @ normal)
        direction = difference / length
        moved = start[None] + steps[:, None, None] * direction
        images = decode(moved.reshape(-1, moved.shape[2]).astype(np.float32))
        change = np.array([measure(part).mean() for part in np.split(images, len(steps))])
        centred = test - model.mean_
        rows[name] = {
            "auc_difference": roc_auc_score(held_out > np.median(values), centred @ difference),
            "auc_discriminant": roc_auc_score(held_out > np.median(values), centred @ normal),
            "length": float(length),
            "change": change,
            "real_quantiles": np.quantile(held_out, [0.05, 0.5, 0.95]),
        }
        shown[name] = images.reshape(len(steps), N_MOVED, *images.shape[1:])[:, 0]
        directions.append(model.transform((model.mean_ + direction)[None])[0])
    directions = np.array(directions)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return {"steps": steps, "rows": rows, "shown": shown, "cosines": directions @ directions.T}


def _steps():
    for part in (paths, planes, attributes):
        for network in NETWORKS:
            name = f"{part.__name__}-{network}"
            yield Step(name, lambda study, part=part, network=network: part(study, network))


STEPS = list(_steps())
