"""Reconstructions of people never seen, beside principal components."""

import numpy as np

from sklatent.metrics import psnr, ssim

from .settings import NETWORKS
from .study import Step, Study, unit

__all__ = ["STEPS", "entropy_floor", "pca_reconstructions"]

N_SHOWN = 8
LEAST = 1e-6


def cross_entropy(images: np.ndarray, restored: np.ndarray) -> float:
    """Mean binary cross-entropy in nats, of values in [0, 1]."""
    p = np.clip(restored, LEAST, 1 - LEAST)
    return float(-np.mean(images * np.log(p) + (1 - images) * np.log1p(-p)))


def entropy_floor(images: np.ndarray) -> float:
    """Cross-entropy of images with themselves: what perfect reconstruction scores."""
    return cross_entropy(images, images)


def pca_reconstructions(study: Study, images: np.ndarray, n_components: int) -> np.ndarray:
    """Return images (n, H, W, C), uint8, through the first principal components."""
    pca = study.model("pca")
    axes = pca.components_[:n_components]
    rows = pca.mean_ + (unit(images) - pca.mean_) @ axes.T @ axes
    return np.rint(255 * np.clip(rows, 0, 1)).astype(np.uint8).reshape(images.shape)


def measure(study: Study) -> dict:
    s, test = study.settings, study.test
    seen = study.train[: len(test)]
    found = {}
    rows = {"pca": lambda images: pca_reconstructions(study, images, s.latent_dim)}
    for network in NETWORKS:
        rows[network] = study.model(network).reconstruct
    shown = {"original": test[:N_SHOWN]}
    for name, restore in rows.items():
        restored = restore(test)
        error = np.square(unit(restored) - unit(test)).mean(axis=1)
        found[name] = {
            "test_error": float(error.mean()),
            "train_error": float(np.square(unit(restore(seen)) - unit(seen)).mean()),
            "worst_tenth": float(np.quantile(error, 0.9)),
            "psnr": float(np.mean(psnr(test, restored))),
            "ssim": float(np.mean(ssim(test, restored))),
            "cross_entropy": cross_entropy(unit(test), unit(restored)),
        }
        shown[name] = restored[:N_SHOWN]
    return {
        "rows": found,
        "shown": shown,
        "entropy_floor": entropy_floor(unit(test)),
        "n_values": int(np.prod(test.shape[1:])),
    }


STEPS = [Step("reconstruction", measure)]
