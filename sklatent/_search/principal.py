"""The error of PCA with as many components, on the folds of a search."""

import numpy as np

from sklatent._autoencoder.start import unit_reader
from sklatent._images.format import ImageFormat
from sklatent._images.principal import errors_by_number, principal_axes, random_subset
from sklatent._typing import AnyArray, FloatArray

from .folds import Fold

__all__ = ["pca_errors"]


def pca_errors(
    images: AnyArray, folds: list[Fold], dims: list[int], value_range: tuple[float, float]
) -> FloatArray:
    """Return mean squared errors (n_dims, n_folds) of PCA on held-out images.

    `value_range` is what stands for 0 and 1. Each fold has one decomposition, of at most 10,000
    of its training images.
    """
    width = images[0].size
    as_rows = ImageFormat(images.ndim, (1, width, 1), value_range, images.dtype, strict=False)
    read, numbers = unit_reader(images, as_rows), np.arange(len(images))
    errors = []
    for fold in folds:
        rng = np.random.RandomState([fold.seed, 1])
        rows = random_subset(numbers[fold.train], rng)
        axes = principal_axes(read, rows, width, max(dims), rng)
        errors.append(errors_by_number(axes, read, numbers[fold.test], dims))
    return np.transpose(errors)
