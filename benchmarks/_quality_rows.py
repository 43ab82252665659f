"""The rows of sample_quality.py: controls, and every sampler with its parameters."""

import functools
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from _pythae import run_worker
from _quality_scenes import Scene
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel
from sklatent.samplers import (
    BoxSampler,
    CopulaSampler,
    EllipseSampler,
    FlowSampler,
    HighestDensity,
    IntervalSampler,
    KernelSampler,
    MixtureSampler,
    PerClassSampler,
    ShellSampler,
)

__all__ = ["REFERENCE", "Row", "rows", "without_people"]


@dataclass(frozen=True)
class Row:
    """What is measured in one line of the table.

    Attributes
    ----------
    draw : callable
        From a seed to images, and latent points or None.
    fit_seconds : float or None
        Seconds of fitting to latent points.
    log_likelihood : float or None
        Mean log-density of the test images' latent points, in nats.
    repeats : bool
        Whether another seed gives another draw.
    """

    draw: Callable[[int], tuple[np.ndarray, np.ndarray | None]]
    fit_seconds: float | None = None
    log_likelihood: float | None = None
    repeats: bool = True


def _decoded(scene: Scene, points):
    return scene.autoencoder.inverse_transform(points), points


def _training(scene: Scene, n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(len(scene.images), n, replace=False)


def _real(scene: Scene, n: int) -> Row:
    def draw(seed):
        rows = _training(scene, n, seed)
        return scene.images[rows], scene.points[rows]

    return Row(draw)


def _reference(scene: Scene, n: int) -> Row:
    return Row(lambda seed: _decoded(scene, scene.points[_training(scene, n, seed)]))


def _paired(scene: Scene, n: int) -> Row:
    return Row(lambda seed: _decoded(scene, scene.test_points[:n]), repeats=False)


def _shrunk(scene: Scene, n: int) -> Row:
    def draw(seed):
        points = scene.points[_training(scene, n, seed)]
        return _decoded(scene, points.mean(axis=0) + 0.9 * (points - points.mean(axis=0)))

    return Row(draw)


def _shuffled(scene: Scene, n: int) -> Row:
    def draw(seed):
        generator = np.random.default_rng(seed)
        columns = scene.points[_training(scene, n, seed)].T
        return _decoded(scene, np.column_stack([generator.permutation(z) for z in columns]))

    return Row(draw)


# What the best samples, and spoilt ones, would score.
REFERENCE = "decoded training points (reference)"
SHUFFLED = "reference, components shuffled"
CONTROLS = {
    "training images": _real,
    REFERENCE: _reference,
    "reconstructed test images (paired)": _paired,
    "reference, shrunk to 0.9": _shrunk,
    SHUFFLED: _shuffled,
}


def without_people(found: dict[str, dict]) -> dict[str, dict]:
    """Leave out rows that show, or nearly repeat, photographs of people."""
    near = {name for name in found if name.startswith("kernel")}
    hidden = near | set(CONTROLS) - {SHUFFLED}
    return {name: row for name, row in found.items() if name not in hidden}


def samplers(scene: Scene):
    """Return names and unfitted samplers."""
    found = {f"box of half-width {b:g}": BoxSampler(b) for b in scene.recipe.boundaries}
    found |= {
        "intervals, uniform": IntervalSampler("uniform", n_std=2.5),
        "intervals, independent Gaussians": IntervalSampler("normal"),
        "ellipses, uniform": EllipseSampler("uniform", random_state=0),
        "ellipses, cut-off Gaussian": EllipseSampler("normal", random_state=0),
        "shell, 5 to 95 %": ShellSampler(random_state=0),
        "one Gaussian": LatentGaussianModel(),
        "Gaussian copula": CopulaSampler(random_state=0),
        "mixture, 10": MixtureSampler(10, max_samples=None, random_state=0),
        "mixture, 50": MixtureSampler(50, max_samples=None, random_state=0),
        "mixture, 200": MixtureSampler(200, max_samples=None, random_state=0),
        "mixture, auto": MixtureSampler(max_samples=None, random_state=0),
        "mixture, 50, densest 0.9": HighestDensity(
            MixtureSampler(50, max_samples=None, random_state=0), keep=0.9, random_state=0
        ),
        "kernel, full, auto": KernelSampler(random_state=0),
        "kernel, local, auto": KernelSampler("local", random_state=0),
        "kernel, full, 0.1": KernelSampler(bandwidth=0.1, random_state=0),
        "flow": FlowSampler(random_state=0),
    }
    if scene.labels is not None:
        found |= {
            "a Gaussian per class": PerClassSampler(LatentGaussianModel()),
            "a mixture per class": PerClassSampler(
                MixtureSampler(max_samples=None, random_state=0)
            ),
            "a kernel per class": PerClassSampler(KernelSampler(random_state=0)),
        }
    return found


def rows(scene: Scene, n: int) -> dict[str, Callable[[], Row]]:
    """Return what makes each row, by name; samplers are fitted when their row is made."""
    peers = functools.cache(lambda: _pythae_points(scene, n))
    found = {name: functools.partial(control, scene, n) for name, control in CONTROLS.items()}
    for name, sampler in samplers(scene).items():
        found[name] = functools.partial(_fitted, scene, n, sampler)
    found["N(0, I)"] = lambda: Row(functools.partial(_standard_normal, scene, n), 0.0)
    for name in ("normal", "mixture"):
        found[f"pythae, {name}"] = functools.partial(_pythae, scene, peers, name)
    for k in (10, 50, 200):
        name = f"PCA ({scene.recipe.latent_dim}) on pixels, mixture, {k}"
        found[name] = functools.partial(_pixels, scene, n, k)
    return found


def _fitted(scene: Scene, n: int, sampler) -> Row:
    start = time.perf_counter()
    if scene.labels is None:
        sampler.fit(scene.points)
    else:
        sampler.fit(scene.points, scene.labels)
    seconds = time.perf_counter() - start

    def draw(seed):
        return _decoded(scene, sampler.sample(n, random_state=seed))

    return Row(draw, seconds, _likelihood(sampler, scene.test_points))


def _likelihood(sampler, points) -> float | None:
    if not hasattr(sampler, "score_samples"):
        return None
    with np.errstate(divide="ignore"):
        value = float(np.mean(sampler.score_samples(points)))
    return value if np.isfinite(value) else None


def _standard_normal(scene: Scene, n: int, seed: int):
    shape = (n, scene.points.shape[1])
    return _decoded(scene, np.random.default_rng(seed).standard_normal(shape, dtype=np.float32))


def _pythae_points(scene: Scene, n: int):
    """Return points of pythae's two samplers, and seconds of their fits."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "points.npz", Path(folder) / "drawn.npz"
        np.savez(source, points=scene.points)
        threads = torch.get_num_threads()
        seconds = json.loads(run_worker("_pythae_samplers.py", source, target, n, threads))
        with np.load(target) as drawn:
            return {name: drawn[name] for name in drawn.files}, seconds


def _pythae(scene: Scene, peers: Callable, name: str) -> Row:
    points, seconds = peers()
    # They take no seed, and are drawn from once.
    return Row(lambda seed: _decoded(scene, points[name]), seconds[name][0], repeats=False)


def _pixels(scene: Scene, n: int, n_components: int) -> Row:
    """Return a mixture of as many principal components of pixels, without any network."""
    start = time.perf_counter()
    flat = scene.images.reshape(len(scene.images), -1).astype(np.float32)
    solver = "covariance_eigh" if flat.shape[1] < 1_000 else "auto"
    pca = PCA(scene.recipe.latent_dim, svd_solver=solver, random_state=0)
    points = pca.fit_transform(flat)
    mixture = MixtureSampler(n_components, max_samples=None, random_state=0).fit(points)
    seconds = time.perf_counter() - start

    def draw(seed):
        images = pca.inverse_transform(mixture.sample(n, random_state=seed))
        images = images.reshape(n, *scene.images.shape[1:])
        return np.clip(np.rint(images), 0, 255).astype(np.uint8), None

    return Row(draw, seconds)
