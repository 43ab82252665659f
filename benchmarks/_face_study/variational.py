"""Variational models: a tiny weight of the divergence, read in two ways, and the full one."""

import numpy as np

from sklatent import ConvAutoencoder, LatentGaussianModel
from sklatent.samplers import ShellSampler

from .sampling import judge_of
from .study import Step, Study
from .training import fit_whole

__all__ = ["KINDS", "STEPS"]

KINDS = ("tiny-sum", "tiny-mean", "full")
N_SHOWN = 10
RADII = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)


def weight(kind: str, n_values: int) -> float:
    """Return `kl_weight`; 1e-6 of a mean over pixel values is n_values times 1e-6 of a sum."""
    return {"tiny-sum": 1e-6, "tiny-mean": 1e-6 * n_values, "full": 1.0}[kind]


def train(study: Study, kind: str) -> dict:
    s = study.settings
    n_values = int(np.prod(study.train.shape[1:]))
    autoencoder = ConvAutoencoder(
        s.latent_dim,
        channels=s.channels,
        kl_weight=weight(kind, n_values),
        linear_path=False,
        mirror=True,
        max_epochs=s.epochs_variational,
        early_stopping=False,
        random_state=s.seed,
    )
    fit_whole(autoencoder, study.train)
    study.store.save_model(f"variational-{kind}", autoencoder)
    return {"kl_weight": autoencoder.kl_weight, "test_error": -autoencoder.score(study.test)}


def look(study: Study, kind: str) -> dict:
    """Radii, active components, and samples around spheres."""
    autoencoder, seed = study.model(f"variational-{kind}"), study.settings.seed
    report = autoencoder.posterior_report(study.test)
    posterior = autoencoder.posterior(study.train)
    points = posterior.sample(random_state=seed)
    radius = np.linalg.norm(points, axis=1)
    judge, n, d = judge_of(study), len(study.test), points.shape[1]
    drawn = {
        "N(0, I)": study.rng(8).standard_normal((n, d)),
        "one Gaussian": LatentGaussianModel().fit(points).sample(n, random_state=seed),
        "sphere of radius 16": _sphere(16.0, points, n, seed),
    }
    for factor in RADII:
        name = f"sphere of {factor:g} sqrt(d)"
        drawn[name] = _sphere(factor * np.sqrt(d), points, n, seed)
    rows, shown = {}, {}
    for name, latent in drawn.items():
        images = autoencoder.inverse_transform(latent.astype(np.float32))
        rows[name] = judge.measure(images)
        shown[name] = images[:N_SHOWN]
    return {
        "rows": rows,
        "shown": shown,
        "n_active": int(report.active.sum()),
        "nats": float(report.kl.sum()),
        "radius": np.array([radius.mean(), radius.std()]),
        "radius_of_means": float(np.linalg.norm(posterior.mean, axis=1).mean()),
        "sqrt_d": float(np.sqrt(d)),
        "std": points.std(axis=0),
        "posterior_std": float(np.sqrt(posterior.variance).mean()),
    }


def _sphere(radius: float, points, n: int, seed: int) -> np.ndarray:
    return ShellSampler("sphere", radius=radius).fit(points).sample(n, random_state=seed)


STEPS = [
    *(Step(f"train-variational-{k}", lambda study, k=k: train(study, k)) for k in KINDS),
    *(Step(f"variational-{k}", lambda study, k=k: look(study, k)) for k in KINDS),
]
