"""How a `ConvAutoencoder` starts at, and is compared with, principal components."""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sklatent._images.format import ImageFormat
from sklatent._images.principal import (
    PrincipalAxes,
    principal_axes,
    principal_regression,
    projection_error,
    random_subset,
)
from sklatent.corruption._arithmetic import NumpyDraws
from sklatent.corruption._base import Corruption, corrupt

__all__ = ["ENOUGH_EXPLAINED", "PrincipalStart", "Start", "unit_reader"]

ENOUGH_EXPLAINED = 0.8


class Start(NamedTuple):
    """Where a linear path starts: axes of the images, mean (q,) and loadings (q, k) of targets."""

    axes: PrincipalAxes
    mean: np.ndarray
    loadings: np.ndarray


def unit_reader(
    images: np.ndarray, image_format: ImageFormat, corruption: Corruption | None = None, seed=0
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that reads images, by their numbers, as float32 rows in [0, 1].

    With a `corruption`, the same rows are corrupted in the same way at each call.
    """

    def read(rows: np.ndarray) -> np.ndarray:
        unit = image_format.to_unit(images[rows])
        if corruption is not None:
            rng = np.random.RandomState([seed, int(rows[0])])
            unit = corrupt(corruption, unit, NumpyDraws(rng, np.dtype(np.float32)))
        return unit.reshape(len(rows), -1)

    return read


class PrincipalStart:
    """The part of `ConvAutoencoder` that knows principal components."""

    latent_dim: int
    linear_path: bool | str
    encoder: Any
    decoder: Any
    corruption: Corruption | None
    decoder_spectral_norm: bool
    kl_weight: float
    latent_penalty: float
    decoder_weight_decay: float
    verbose: int
    validation_error_: float
    _input_format: ImageFormat
    _target_format: ImageFormat

    def _check_linear_path(self) -> None:
        if isinstance(self.linear_path, str) and self.linear_path == "auto":
            return
        if not isinstance(self.linear_path, bool | np.bool_):
            raise TypeError(f"linear_path must be True, False or 'auto'; got {self.linear_path!r}.")
        if self.linear_path and not self._allows_linear_path():
            raise ValueError(
                "linear_path must be 'auto' or False where encoder or decoder is given or "
                "decoder_spectral_norm=True; got True."
            )

    def _allows_linear_path(self) -> bool:
        return self.encoder is None and self.decoder is None and not self.decoder_spectral_norm

    def _principal_axes(self, read, rows, seed) -> tuple[np.ndarray, PrincipalAxes]:
        """Return the rows used, and their principal axes, from a random stream of their own."""
        rng = np.random.RandomState([seed, 1])
        subset = random_subset(rows, rng)
        width = self._input_format.n_values
        return subset, principal_axes(read, subset, width, int(self.latent_dim), rng)

    def _find_start(self, X, y, rows, seed) -> Start | None:
        """Return where a linear path is to start, or None if there is to be none."""
        auto = isinstance(self.linear_path, str)
        if not self.linear_path or not self._allows_linear_path():
            return None
        if auto and (self.kl_weight or self.latent_penalty or self.decoder_weight_decay):
            return None
        read = unit_reader(X, self._input_format, self.corruption, seed)
        itself = y is X and self.corruption is None
        read_target = read if itself else unit_reader(y, self._target_format)
        subset, axes = self._principal_axes(read, rows, seed)
        if auto and axes.explained < ENOUGH_EXPLAINED:
            return None
        width = max(self._input_format.n_values, self._target_format.n_values)
        return Start(axes, *principal_regression(axes, read, read_target, subset, width))

    def _compare_with_pca(self, X, rows, start: Start | None, seed) -> None:
        """Set the validation error of PCA; if asked, say where the network loses to it."""
        read = unit_reader(X, self._input_format)
        axes = self._principal_axes(read, rows[0], seed)[1] if start is None else start.axes
        error = projection_error(axes, read, rows[1])
        self.pca_validation_error_ = error
        if self.verbose and self.validation_error_ > error:
            print(
                f"On the images for validation the network loses to PCA with as many components: "
                f"mean squared error {self.validation_error_:.3g} against {error:.3g}.",
                file=sys.stderr,
            )
