"""Paths between faces, planes, and blocks of components moved together."""

import numpy as np

from sklatent import LatentGaussianModel
from sklatent.paths import axis_traversal, linear_path, matched_path, plane_grid, slerp_path
from sklatent.samplers import BoxSampler

from .cycles import cycles_of
from .sampling import judge_of
from .settings import NETWORKS
from .study import Step, Study

__all__ = ["STEPS"]

N_POINTS = 9
REACH = 5.0
CIRCLE = 3.0
BLOCKS = (1, 8, 32)
SHOWN_SEED = 3
KINDS = {"straight": linear_path, "great circle": slerp_path, "matched": matched_path}


def _follow(kind, starts, ends, model) -> np.ndarray:
    """Return the points (paths, steps, d) of paths from each start to each end."""
    pairs = zip(starts, ends, strict=True)
    return np.array([kind(np.stack(pair), N_POINTS, model=model).points for pair in pairs])


def paths(study: Study, network: str) -> dict:
    """Follow paths between unseen people; show those between draws of the Gaussian."""
    latent, test = study.latent(network)
    model, judge = LatentGaussianModel().fit(latent), judge_of(study)
    decode, d = study.model(network).inverse_transform, latent.shape[1]
    n = min(study.settings.n_paths, len(test) // 2)
    chosen = test[study.rng(9).permutation(len(test))[: 2 * n]].astype(np.float64)
    followed = {k: _follow(kind, chosen[:n], chosen[n:], model) for k, kind in KINDS.items()}
    boundary = float(np.quantile(np.abs(latent), 0.999))
    box = BoxSampler(boundary).fit(latent).sample(2 * n, random_state=study.settings.seed)
    followed["box"] = _follow(linear_path, box[:n], box[n:], model)
    flat = {name: points.reshape(-1, d) for name, points in followed.items()}
    cycles = cycles_of(study, network, flat)
    kinds = {}
    for name, points in followed.items():
        distances = cycles.distances[name].reshape(n, N_POINTS)
        middle = decode(points[:, N_POINTS // 2].astype(np.float32))
        kinds[name] = {
            "squared": model.mahalanobis_squared(flat[name]).reshape(n, -1).mean(axis=0) / d,
            "cycle": np.median(distances, axis=0),
            "meaningful": (distances <= cycles.limit).mean(axis=0),
            "middle": judge.measure(middle),
        }
    ends = model.sample(2, random_state=SHOWN_SEED)
    shown = {name: kind(ends, N_POINTS, model=model) for name, kind in KINDS.items()}
    return {
        "t": np.linspace(0, 1, N_POINTS),
        "kinds": kinds,
        "limit": cycles.limit,
        "box_boundary": boundary,
        "box_shown": decode(followed["box"][0].astype(np.float32)),
        "shown": {k: decode(path.points.astype(np.float32)) for k, path in shown.items()},
        "shown_squared": {k: path.mahalanobis_squared / d for k, path in shown.items()},
    }


def planes(study: Study, network: str) -> dict:
    """Walk in the plane of the two widest components, and move blocks of components."""
    latent, _ = study.latent(network)
    model, d = LatentGaussianModel().fit(latent), latent.shape[1]
    autoencoder = study.model(network)
    order = model.dominant_components(d)
    first, second = (int(j) for j in order[:2])
    grid = plane_grid(axes=(first, second), extent=REACH, model=model)
    turns = np.linspace(0, 2 * np.pi, N_POINTS)[:-1]
    circle = np.tile(model.mean_, (len(turns), 1))
    circle[:, first] += CIRCLE * model.std_[first] * np.cos(turns)
    circle[:, second] += CIRCLE * model.std_[second] * np.sin(turns)
    sizes = sorted({min(size, d) for size in BLOCKS})
    start = model.sample(1, random_state=SHOWN_SEED)[0]
    moved = axis_traversal(
        start, [tuple(order[:size].tolist()) for size in sizes], extent=REACH, model=model
    )
    sets = {"circle": circle, "grid": grid.points.reshape(-1, d)}
    sets |= {str(size): points for size, points in zip(sizes, moved.points, strict=True)}
    cycles = cycles_of(study, network, sets)
    images = {name: autoencoder.inverse_transform(x.astype(np.float32)) for name, x in sets.items()}
    return {
        "plane": [first, second],
        "side": grid.columns,
        "grid": images.pop("grid"),
        "circle": images.pop("circle"),
        "circle_meaningful": cycles.rows["circle"]["meaningful"],
        "grid_meaningful": cycles.rows["grid"]["meaningful"],
        "reaches": moved.columns,
        "shown": images,
        "squared": {
            str(size): row / d for size, row in zip(sizes, moved.mahalanobis_squared, strict=True)
        },
        "meaningful": {str(size): cycles.rows[str(size)]["meaningful"] for size in sizes},
    }


def _steps():
    for part in (paths, planes):
        for network in NETWORKS:
            name = f"{part.__name__}-{network}"
            yield Step(name, lambda study, part=part, network=network: part(study, network))


STEPS = list(_steps())
