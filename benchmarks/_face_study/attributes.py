"""Directions in latent space of properties that are measured on the images."""

import numpy as np
from sklearn.metrics import roc_auc_score

from sklatent import LatentGaussianModel
from sklatent.paths import attribute_direction, move_along

from .settings import NETWORKS
from .study import Step, Study

__all__ = ["ATTRIBUTES", "STEPS"]

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
N_MOVED = 64
DISTANCES = np.arange(-3.0, 4.0)


def _luma(images):
    return images.astype(np.float32) @ LUMA / 255


def brightness(images):
    """Return the mean luma of each image."""
    return _luma(images).mean(axis=(1, 2))


def warmth(images):
    """Return the mean of red minus blue."""
    return (images[..., 0].astype(np.float32) - images[..., 2]).mean(axis=(1, 2)) / 255


def side_light(images):
    """Return the luma of the left half minus that of the right half."""
    luma, half = _luma(images), images.shape[2] // 2
    return luma[:, :, :half].mean(axis=(1, 2)) - luma[:, :, half:].mean(axis=(1, 2))


def background(images):
    """Return the luma of the two upper corners minus that of the middle of the face."""
    luma = _luma(images)
    corners = 0.5 * (luma[:, :16, :10].mean(axis=(1, 2)) + luma[:, :16, -10:].mean(axis=(1, 2)))
    return corners - luma[:, 24:44, 22:42].mean(axis=(1, 2))


def mouth_region(images):
    """Return the luma of the region of the mouth minus that of the middle of the face.

    Teeth are bright there; so are other things, and no smile is measured.
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


def attributes(study: Study, network: str) -> dict:
    """Find directions from images with less of a property than usual to those with more."""
    latent, test = study.latent(network)
    model = LatentGaussianModel().fit(latent)
    decode = study.model(network).inverse_transform
    start = model.sample(N_MOVED, random_state=5)
    values = {name: measure(study.train) for name, measure in ATTRIBUTES.items()}
    above = np.column_stack([x > np.median(x) for x in values.values()])
    directions = {
        "means": attribute_direction(latent, above),
        "adjusted": attribute_direction(latent, above, method="covariance-adjusted"),
    }
    rows, shown = {}, {}
    for j, (name, measure) in enumerate(ATTRIBUTES.items()):
        more = measure(study.test) > np.median(values[name])
        grid = move_along(start, directions["means"][j], DISTANCES, model=model)
        images = decode(grid.points.reshape(-1, latent.shape[1]).astype(np.float32))
        rows[name] = {
            f"auc_{kind}": roc_auc_score(more, test @ found[j])
            for kind, found in directions.items()
        }
        rows[name] |= {
            "distance": _sigmas(model, directions["means"][j]),
            "change": measure(images).reshape(N_MOVED, -1).mean(axis=0),
            "real": np.quantile(measure(study.test), [0.05, 0.5, 0.95]),
            "squared": grid.mahalanobis_squared.mean(axis=0) / latent.shape[1],
        }
        shown[name] = images[: len(DISTANCES)]
    return {"distances": DISTANCES, "rows": rows, "shown": shown}


def _sigmas(model, direction) -> float:
    """Return the length of a direction in standard deviations of the points along it."""
    unit = direction / np.linalg.norm(direction)
    return float(np.linalg.norm(direction) / np.sqrt(unit @ model.covariance_ @ unit))


STEPS = [Step(f"attributes-{n}", lambda study, n=n: attributes(study, n)) for n in NETWORKS]
