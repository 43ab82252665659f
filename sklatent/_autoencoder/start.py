"""Where a linear path of an autoencoder starts, and the error of PCA to compare it with."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sklatent._images.format import ImageFormat
from sklatent._images.principal import (
    PrincipalAxes,
    principal_axes,
    principal_regression,
    projection_errors,
    random_subset,
)
from sklatent._networks.batches import ImagePairs
from sklatent._typing import AnyArray, FloatArray, IntArray
from sklatent.corruption._arithmetic import NumpyDraws
from sklatent.corruption._base import Corruption, corrupt

__all__ = ["Start", "explain_enough", "find_start", "pca_errors", "unit_reader"]


class Start(NamedTuple):
    """Where a linear path starts: axes of the images, mean (q,) and loadings (q, k) of targets."""

    axes: PrincipalAxes
    mean: FloatArray
    loadings: FloatArray


def unit_reader(
    images: AnyArray, image_format: ImageFormat, corruption: Corruption | None = None, seed: int = 0
) -> Callable[[IntArray], FloatArray]:
    """Return a function that reads images, by their numbers, as float32 rows in [0, 1].

    With a `corruption`, the same rows are corrupted in the same way at each call.
    """

    def read(rows: IntArray) -> FloatArray:
        unit = image_format.to_unit(images[rows])
        if corruption is not None:
            rng = np.random.RandomState([seed, int(rows[0])])
            unit = corrupt(corruption, unit, NumpyDraws(rng, np.dtype(np.float32)))
        return unit.reshape(len(rows), -1)

    return read


def _axes(
    read: Any, rows: IntArray, width: int, latent_dim: int, seed: int
) -> tuple[IntArray, PrincipalAxes]:
    """Return the rows used, and their principal axes, from a random stream of their own."""
    rng = np.random.RandomState([seed, 1])
    subset = random_subset(rows, rng)
    return subset, principal_axes(read, subset, width, latent_dim, rng)


def find_start(
    pairs: ImagePairs,
    rows: IntArray,
    latent_dim: int,
    corruption: Corruption | None,
    seed: int,
    least_explained: float,
) -> tuple[PrincipalAxes, Start | None]:
    """Return axes, and where a linear path is to start, or None where they explain too little."""
    assert pairs.target_format is not None
    width = pairs.image_format.n_values
    read = unit_reader(pairs.images, pairs.image_format, corruption, seed)
    itself = pairs.itself and corruption is None
    read_target = read if itself else unit_reader(pairs.targets, pairs.target_format)
    subset, axes = _axes(read, rows, width, latent_dim, seed)
    if axes.explained < least_explained:
        return axes, None
    widest = max(width, pairs.target_format.n_values)
    return axes, Start(axes, *principal_regression(axes, read, read_target, subset, widest))


def explain_enough(
    images: AnyArray,
    image_format: ImageFormat,
    latent_dim: int,
    corruption: Corruption | None,
    seed: int,
    least_explained: float,
) -> bool:
    """Return whether so many axes of images explain what ``linear_path="auto"`` asks for."""
    read = unit_reader(images, image_format, corruption, seed)
    rows, width = np.arange(len(images)), image_format.n_values
    return _axes(read, rows, width, latent_dim, seed)[1].explained >= least_explained


def pca_errors(
    pairs: ImagePairs,
    rows: tuple[IntArray, IntArray],
    latent_dim: int,
    seed: int,
    axes: PrincipalAxes | None,
) -> tuple[float, FloatArray]:
    """Return the squared error of PCA of the first rows on images of the second, and of each (n,).

    The axes of the first rows are found unless they are there already.
    """
    read = unit_reader(pairs.images, pairs.image_format)
    if axes is None:
        axes = _axes(read, rows[0], pairs.image_format.n_values, latent_dim, seed)[1]
    return projection_errors(axes, read, rows[1])
