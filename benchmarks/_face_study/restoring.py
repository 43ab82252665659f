"""Heavy noise, lost pixels and lost colours on unseen faces."""

import numpy as np

from sklatent import ConvAutoencoder
from sklatent.corruption import GaussianNoise, Grayscale, PixelDropout
from sklatent.metrics import psnr, ssim

from .reconstruction import pca_reconstructions
from .study import Step, Study
from .training import fit_whole

__all__ = ["STEPS", "TASKS"]

N_SHOWN = 6
N_TEST = 500
TASKS = {
    "noise": GaussianNoise(0.5, random_state=1),
    "lost": PixelDropout(0.8, random_state=1),
    "lost-values": PixelDropout(0.8, per="value", random_state=1),
    "colours": Grayscale(),
}


def train(study: Study, task: str) -> dict:
    s = study.settings
    autoencoder = ConvAutoencoder(
        s.latent_dim,
        channels=s.channels,
        corruption=TASKS[task],
        mirror=True,
        max_epochs=s.epochs_restoring,
        random_state=s.seed,
    )
    fit_whole(autoencoder, study.train)
    study.store.save_model(f"restoring-{task}", autoencoder)
    return {"linear_path": bool(autoencoder.linear_path_)}


def measure(study: Study, task: str) -> dict:
    """Measure restored images of unseen people."""
    clean = study.test[:N_TEST]
    corrupted = TASKS[task].transform(clean)
    # Photographs without colours have none to lose.
    changed = (corrupted != clean).any(axis=(1, 2, 3))
    clean, corrupted = clean[changed], corrupted[changed]
    columns = {
        "corrupted": corrupted,
        "pca": pca_reconstructions(study, corrupted, study.settings.latent_dim),
        "restored": study.model(f"restoring-{task}").reconstruct(corrupted),
    }
    # The share of values that a corruption that fills with 0 leaves as they are.
    kept = float((corrupted == clean).mean())
    return {
        "rows": {
            name: {"psnr": float(np.mean(psnr(clean, x))), "ssim": float(np.mean(ssim(clean, x)))}
            for name, x in columns.items()
        },
        "kept_share": kept,
        "shown": {"original": clean[:N_SHOWN]} | {k: v[:N_SHOWN] for k, v in columns.items()},
    }


STEPS = [
    *(Step(f"train-restoring-{t}", lambda study, t=t: train(study, t)) for t in TASKS),
    *(Step(f"restoring-{t}", lambda study, t=t: measure(study, t)) for t in TASKS),
]
