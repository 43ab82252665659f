"""How complex images are, and how large an error is for images so complex.

Smooth and flat images are reconstructed well whatever they show, and busy ones badly: an error
tells little without them.
"""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import gen_batches

from sklatent._images.format import ImageFormat
from sklatent._typing import AnyArray, FloatArray

__all__ = [
    "ErrorModel",
    "fit_error_model",
    "image_complexity",
    "mahalanobis_squared",
    "relative_error",
    "shape_of_images",
]

_BATCH = 1024
_SMALLEST_SHARE = 1e-4
_RIDGE = 1e-6
_SMALLEST_VARIANCE = 1e-2


class ErrorModel(NamedTuple):
    """A normal distribution of four logarithms: of error, mean square, variance, gradient energy.

    Each logarithm is of the value plus `floors`, 1e-4 of its mean in training.
    """

    mean: FloatArray
    covariance: FloatArray
    floors: FloatArray


def shape_of_images(autoencoder: Any, images: AnyArray) -> tuple[int, int, int]:
    """Return height, width and channels, as the autoencoder knows them or as the array tells."""
    known = getattr(autoencoder, "image_shape_", None)
    return ImageFormat.of(images).image_shape if known is None else known


def image_complexity(images: AnyArray, shape: tuple[int, int, int]) -> FloatArray:
    """Return mean square, variance and gradient energy (n, 3) of images, in squared units.

    Over its H x W x C pixel values x an image has the mean of x^2, that of (x - mean)^2, and that
    of (x[i + 1, j] - x[i, j])^2 plus that of (x[i, j + 1] - x[i, j])^2.
    """
    found = np.empty((len(images), 3))
    for part in gen_batches(len(images), _BATCH):
        block = images[part].astype(np.float64).reshape(-1, *shape)
        found[part, 0] = _mean_square(block)
        found[part, 1] = block.var(axis=(1, 2, 3))
        found[part, 2] = _mean_square(np.diff(block, axis=1)) + _mean_square(np.diff(block, axis=2))
    return found


def fit_error_model(values: FloatArray) -> ErrorModel:
    """Fit to error and complexity (n, 4) of training images, by mean and covariance.

    A millionth of each variance is added, of at least 0.01 in squared natural logarithms, so that
    the covariance is regular, and what is the same in all images tells where it differs by 0.01 %.
    """
    floors = np.maximum(_SMALLEST_SHARE * values.mean(axis=0), np.finfo(np.float64).tiny)
    logs = np.log(values + floors)
    covariance = np.cov(logs, rowvar=False, bias=True)
    ridge = _RIDGE * np.maximum(covariance.diagonal(), _SMALLEST_VARIANCE)
    return ErrorModel(logs.mean(axis=0), covariance + np.diag(ridge), floors)


def mahalanobis_squared(values: FloatArray, model: ErrorModel) -> FloatArray:
    """Return squared Mahalanobis distances (n,) of the four logarithms u from their mean m.

    (u - m)' C^-1 (u - m) = r^2 + the distance of the last three from their own mean, with r of
    `relative_error`.
    """
    centred = _centred(values, model)
    white = np.linalg.solve(np.linalg.cholesky(model.covariance), centred.T)
    return np.square(white).sum(axis=0)


def relative_error(values: FloatArray, model: ErrorModel) -> FloatArray:
    """Return r (n,) = (log error - its mean given the complexity) / its standard deviation there.

    The mean is the linear regression on the other three logarithms.
    """
    centred = _centred(values, model)
    weights = np.linalg.solve(model.covariance[1:, 1:], model.covariance[1:, 0])
    variance = model.covariance[0, 0] - weights @ model.covariance[1:, 0]
    return (centred[:, 0] - centred[:, 1:] @ weights) / np.sqrt(variance)


def _centred(values: FloatArray, model: ErrorModel) -> FloatArray:
    return np.log(values + model.floors) - model.mean


def _mean_square(values: FloatArray) -> FloatArray | float:
    """Mean over all but the first axis; 0 where an image has no such values."""
    return np.square(values).mean(axis=(1, 2, 3)) if values[0].size else 0.0
