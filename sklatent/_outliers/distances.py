"""How far images lie from those of training: by error, and by their latent points."""

import inspect
from typing import Any, NamedTuple

import numpy as np
from sklearn.neighbors import LocalOutlierFactor
from sklearn.utils import gen_batches

from sklatent._images.format import squared_error
from sklatent._typing import AnyArray, FloatArray
from sklatent._validation import check_estimator

from .complexity import image_complexity, shape_of_images

__all__ = [
    "OutlierDistances",
    "check_methods",
    "errors_and_complexity",
    "latent_distance",
    "nearest_neighbours",
    "reconstruction_distance",
    "training_distance",
]

_BATCH = 1024
_NEIGHBORS = 20
_LATENT_METHODS = ("mahalanobis_squared", "score_samples", "decision_function")


class OutlierDistances(NamedTuple):
    """How far images lie from those of `fit`, in two ways.

    Attributes
    ----------
    reconstruction : ndarray of shape (n,)
        Mean squared error of the reconstruction.
    latent : ndarray of shape (n,)
        Squared Mahalanobis distance of the latent point, minus its log-density in nats, or minus
        the score of a detector.
    """

    reconstruction: FloatArray
    latent: FloatArray


def reconstruction_distance(autoencoder: Any, images: AnyArray, latent: AnyArray) -> FloatArray:
    """Return the mean squared error (n,) of images decoded from their latent points."""
    method = getattr(autoencoder, "reconstruction_error", None)
    if method is not None and "latent" in inspect.signature(method).parameters:
        return method(images, latent=latent)
    errors = np.empty(len(images))
    for part in gen_batches(len(images), _BATCH):
        back = autoencoder.inverse_transform(latent[part])
        errors[part] = squared_error(images[part].astype(np.float64), back)
    return errors


def errors_and_complexity(
    autoencoder: Any, images: AnyArray, latent: AnyArray, with_complexity: bool
) -> FloatArray:
    """Return errors (n, 1) of images, or errors with mean square, variance, gradient (n, 4)."""
    errors = reconstruction_distance(autoencoder, images, latent)
    if not with_complexity:
        return errors[:, None]
    shape = shape_of_images(autoencoder, images)
    return np.column_stack([errors, image_complexity(images, shape)])


def nearest_neighbours(n: int) -> LocalOutlierFactor:
    """Return a local outlier factor for n latent points, of 20 neighbours or all the others."""
    return LocalOutlierFactor(n_neighbors=min(_NEIGHBORS, n - 1), novelty=True)


def latent_distance(model: Any, latent: AnyArray) -> FloatArray:
    """Return squared Mahalanobis distances (n,), or else minus scores, or minus decisions."""
    if hasattr(model, "mahalanobis_squared"):
        return model.mahalanobis_squared(latent)
    if hasattr(model, "score_samples"):
        return -model.score_samples(latent)
    return -model.decision_function(latent)


def training_distance(model: Any, latent: AnyArray) -> FloatArray:
    """Return the same of the latent points that the model was fitted to.

    Each point is its own nearest neighbour: a local outlier factor, as LocalOutlierFactor keeps
    it, leaves it out.
    """
    factors = getattr(model, "negative_outlier_factor_", None)
    return latent_distance(model, latent) if factors is None else -factors


def check_methods(autoencoder: Any, density: Any, detector: Any) -> None:
    """Raise a TypeError unless the estimators have what the detector calls."""
    check_estimator("autoencoder", autoencoder, "fit", "transform", "inverse_transform")
    if density is not None:
        _check_latent(
            "density", density, _LATENT_METHODS[:2], "mahalanobis_squared and score_samples"
        )
    if detector is not None:
        _check_latent(
            "detector", detector, _LATENT_METHODS[1:], "score_samples and decision_function"
        )


def _check_latent(name: str, estimator: Any, methods: tuple[str, ...], allowed: str) -> None:
    check_estimator(name, estimator)
    if not (hasattr(estimator, "fit") and any(hasattr(estimator, method) for method in methods)):
        hint = " LocalOutlierFactor has them with novelty=True." if name == "detector" else ""
        raise TypeError(f"{name} must have fit and one of {allowed}; got {estimator!r}.{hint}")
