"""Draw latent points in every way, decode them, and measure the images."""

from functools import cache

import numpy as np
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from sklatent import LatentGaussianModel
from sklatent.metrics import (
    copy_check,
    density_coverage,
    frechet_distance,
    kernel_distance,
    precision_recall,
)
from sklatent.samplers import (
    BoxSampler,
    CopulaSampler,
    EllipseSampler,
    IntervalSampler,
    KernelSampler,
    MixtureSampler,
    ShellSampler,
)

from .cycles import cycles_of
from .settings import NETWORKS
from .study import Step, Study, unit

__all__ = ["GROUPS", "STEPS", "judge_of"]

N_SHOWN = 10
FIVE = 5


class _Independent(LatentGaussianModel):
    """A Gaussian for each component, without correlations."""

    def fit(self, X, y=None):
        mean, std = X.mean(axis=0), X.std(axis=0)
        # Two points a component, on its axis, have these moments and no correlation.
        corners = np.sqrt(len(std)) * np.diag(std)
        return super().fit(np.vstack([mean + corners, mean - corners]))


class _ThroughPCA:
    """A Gaussian of the first principal components of latent points."""

    def __init__(self, share: float):
        self.pipeline = make_pipeline(PCA(share), LatentGaussianModel())

    def fit(self, X):
        self.pipeline.fit(X.astype(np.float64))
        return self

    def sample(self, n_samples, random_state):
        drawn = self.pipeline[-1].sample(n_samples, random_state)
        return self.pipeline[0].inverse_transform(drawn)


def boxes(study: Study) -> dict:
    """Samplers of the first text: uniform components between common bounds."""
    return {
        f"box {'' if signed else '0 to '}{b:g}": BoxSampler(b, signed=signed)
        for signed in (True, False)
        for b in study.settings.boundaries
    }


def regions(study: Study) -> dict:
    """Samplers that restrict components, pairs, or distances."""
    return {
        "intervals, uniform": IntervalSampler(n_std=2.0),
        "intervals, two half-widths": IntervalSampler(n_std=2 * np.sqrt(2 * np.log(2))),
        "all ellipses of 3 sigma, uniform": EllipseSampler(n_std=3.0),
        "all ellipses that hold 95 %, uniform": EllipseSampler(share=0.95),
        "the same, original coordinates": EllipseSampler(
            share=0.95, coordinates="original", random_state=0
        ),
        "all ellipses of 3 sigma, normal": EllipseSampler("normal", n_std=3.0),
        "shell of the Gaussian, 90 %": ShellSampler(),
        "sphere of radius sqrt(d)": ShellSampler("sphere"),
        "sphere of radius 16": ShellSampler("sphere", radius=16.0),
    }


def densities(study: Study) -> dict:
    """Densities fitted to the latent points."""
    seed = study.settings.seed
    return {
        "independent Gaussians": _Independent(),
        "one Gaussian": LatentGaussianModel(),
        "one Gaussian, core of 90 %": LatentGaussianModel(core_coverage=0.9),
        "Gaussian of principal components, 95 %": _ThroughPCA(0.95),
        "Gaussian copula": CopulaSampler(),
        "mixture, number by held-out likelihood": MixtureSampler(random_state=seed),
        "mixture of 10": MixtureSampler(10, random_state=seed),
        "kernel, held-out bandwidth": KernelSampler(random_state=seed),
        "local kernel": KernelSampler("local", random_state=seed),
    }


GROUPS = {"boxes": boxes, "regions": regions, "densities": densities}


class Judge:
    """Measures images against those of unseen people, in two kinds of features."""

    def __init__(self, study: Study):
        self.n = len(study.test)
        self.encoder = study.store.load_model("features-encoder")
        self.pixels = study.store.load_model("features-pixels")
        self.seen = self.encoder.transform(study.test)
        self.seen_pixels = self.pixels.transform(study.test)
        self.trained = self.encoder.transform(study.train)

    def measure(self, images: np.ndarray) -> dict[str, float]:
        found = self.encoder.transform(images)
        near = precision_recall(self.seen, found)
        thick = density_coverage(self.seen, found, FIVE)
        kernel = kernel_distance(self.seen, found)
        return {
            "frechet": frechet_distance(self.seen, found),
            "frechet_pixels": frechet_distance(self.seen_pixels, self.pixels.transform(images)),
            "kernel": kernel.value,
            "precision": near.precision,
            "recall": near.recall,
            "density": thick.density,
            "coverage": thick.coverage,
            "copy_ratio": copy_check(self.trained, self.seen, found).ratio,
        }


@cache
def judge_of(study: Study) -> Judge:
    """Return the judge of a study, which has looked at all training images once."""
    return Judge(study)


def _measure_points(study: Study, network: str, drawn: dict) -> dict:
    """Decode and measure points, given by name; show the first of each."""
    judge, cycles = judge_of(study), cycles_of(study, network, drawn)
    autoencoder, rows, shown = study.model(network), {}, {}
    for name, points in drawn.items():
        images = autoencoder.inverse_transform(np.asarray(points, dtype=np.float32))
        rows[name] = judge.measure(images) | cycles.rows[name]
        shown[name] = images[:N_SHOWN]
    return {"rows": rows, "shown": shown}


def _drawn(study: Study, network: str, group: str) -> dict:
    latent, _ = study.latent(network)
    return {
        name: sampler.fit(latent).sample(len(study.test), random_state=study.settings.seed)
        for name, sampler in GROUPS[group](study).items()
    }


def sample(study: Study, network: str, group: str) -> dict:
    return _measure_points(study, network, _drawn(study, network, group))


def controls(study: Study, network: str) -> dict:
    """Measure what perfect points would score, and how the figures can be fooled."""
    latent, test = study.latent(network)
    rng, n = study.rng(6), len(test)
    real = rng.choice(len(latent), min(n, len(latent)), replace=False)
    model = LatentGaussianModel().fit(latent)
    points = model.sample(n, random_state=study.settings.seed)
    found = _measure_points(
        study,
        network,
        {
            "decoded images of unseen people": test,
            "decoded training images": latent[real],
            "one Gaussian, shrunk to 0.9": model.mean_ + 0.9 * (points - model.mean_),
            "one Gaussian, components shuffled": rng.permuted(points, axis=0),
            "standard normal points": rng.standard_normal(points.shape),
        },
    )
    found["rows"]["real training images"] = judge_of(study).measure(study.train[real])
    found["n_samples"] = n
    return found


def pixels(study: Study) -> dict:
    """Measure what needs no network: densities of principal components of the pixels."""
    pca, judge = study.model("pca"), judge_of(study)
    k = study.settings.latent_dim
    scores = (unit(study.train) - pca.mean_) @ pca.components_[:k].T
    rows, shown = {}, {}
    for name, density in {
        "PCA of pixels and one Gaussian": LatentGaussianModel(),
        "PCA of pixels and a mixture of 10": MixtureSampler(10, random_state=0),
    }.items():
        drawn = density.fit(scores).sample(len(study.test), random_state=study.settings.seed)
        back = np.clip(drawn @ pca.components_[:k] + pca.mean_, 0, 1)
        images = np.rint(255 * back).astype(np.uint8).reshape(-1, *study.test.shape[1:])
        rows[name] = judge.measure(images)
        shown[name] = images[:N_SHOWN]
    return {"rows": rows, "shown": shown}


STEPS = [
    *(Step(f"controls-{n}", lambda study, n=n: controls(study, n)) for n in NETWORKS),
    *(
        Step(f"{g}-{n}", lambda study, g=g, n=n: sample(study, n, g))
        for g in GROUPS
        for n in NETWORKS
    ),
    Step("pixels", pixels),
]
