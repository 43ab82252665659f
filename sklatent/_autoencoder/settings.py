"""What "auto" takes: settings that follow from the images and from other parameters."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sklatent._images.format import ImageFormat
from sklatent._images.symmetry import mirror_excesses
from sklatent._networks.convolutional import ActivationName
from sklatent._networks.inference import Precision, resolve_device, resolve_precision
from sklatent._networks.optimizers import Optimizing, usual_rate
from sklatent._networks.schedules import enough_epochs
from sklatent._typing import AnyArray, IntArray

from .start import unit_reader

__all__ = ["Settings", "auto_activation", "auto_optimizer", "resolve_settings"]

_WIDTHS = (32, 64, 128, 256, 256)
_USUAL_STAGES, _SMALLEST_SIDE, _LARGE_SIDE = 4, 3, 80
# What Muon takes for fewer images than this: a decay of weights, and smaller batches.
_DECAYED_SET, _DECAY = 20_000, 0.3
_SMALL_SET, _SMALL_BATCH, _USUAL_BATCH = 5000, 32, 64
# In fewer steps a network hardly comes down to PCA, wherever that is.
_FEWEST_STEPS, _LEAST_EXPLAINED = 100, 0.8
_MIRROR_EXCESS, _MIRROR_IMAGES, _MOST_EXCESS = 0.05, 500.0, 0.35


@dataclass(frozen=True)
class Settings:
    """Settings of a training, with what stands for each "auto"."""

    channels: tuple[int, ...]
    mirror: bool | Literal["both"]
    batch_size: int
    max_epochs: int
    optimizer: Optimizing
    optimizer_params: dict[str, Any]
    learning_rate: float
    precision: Precision

    def least_explained(self, n_images: int) -> float:
        """Return the share of variance that axes must explain for an "auto" linear path."""
        n_steps = self.max_epochs * -(-n_images // self.batch_size)
        return 0.0 if n_steps < _FEWEST_STEPS else _LEAST_EXPLAINED


def auto_channels(height: int, width: int) -> tuple[int, ...]:
    """Return feature maps of stages that leave sides of 3 pixels or less: 4, or 5 if above 80."""
    side, n_stages = max(height, width), 0
    most = _USUAL_STAGES + (side > _LARGE_SIDE)
    while n_stages < most and (side > _SMALLEST_SIDE or n_stages == 0):
        side, n_stages = (side + 1) // 2, n_stages + 1
    return _WIDTHS[:n_stages]


def has_weights(autoencoder: Any) -> bool:
    """Return whether something beside the error of reconstructions has a weight in the loss."""
    weights = (autoencoder.kl_weight, autoencoder.latent_penalty, autoencoder.decoder_weight_decay)
    return any(weight > 0 for weight in weights)


def auto_activation(autoencoder: Any, linear_path: bool) -> ActivationName:
    """Return the activation: "auto" is SiLU, or the leaky rectifier beside a linear path."""
    if autoencoder.activation != "auto":
        return autoencoder.activation
    return "leaky_relu" if linear_path else "silu"


def auto_optimizer(autoencoder: Any, constant: bool = False) -> Optimizing:
    """Return the optimizer: "auto" is Muon with its own rate, in one cycle, of our networks."""
    if autoencoder.optimizer != "auto":
        return autoencoder.optimizer
    own = autoencoder.encoder is not None or autoencoder.decoder is not None
    given = autoencoder.learning_rate != "auto"
    constant = constant or autoencoder.schedule == "constant"
    return "adam" if own or given or constant else "muon"


def resolve_settings(
    autoencoder: Any,
    images: AnyArray,
    image_format: ImageFormat,
    rows: IntArray,
    seed: int,
    one_pass: bool = False,
) -> Settings:
    """Return the settings of a training on `rows` of images, or of one pass at a constant rate."""
    height, width, _ = image_format.image_shape
    channels, mirror = autoencoder.channels, autoencoder.mirror
    max_epochs, rate = autoencoder.max_epochs, autoencoder.learning_rate
    optimizer = auto_optimizer(autoencoder, one_pass)
    params = dict(autoencoder.optimizer_params or {})
    decays = optimizer == "muon" and len(rows) < _DECAYED_SET and not has_weights(autoencoder)
    if decays and autoencoder.optimizer == "auto":
        params = {"weight_decay": _DECAY} | params
    batch_size = autoencoder.batch_size
    if batch_size == "auto":
        small = optimizer == "muon" and len(rows) < _SMALL_SET
        batch_size = _SMALL_BATCH if small else _USUAL_BATCH
    if max_epochs == "auto":
        max_epochs = enough_epochs(len(rows), batch_size, optimizer)
    if mirror == "auto":
        mirror = not one_pass and _mirrors(images, image_format, rows, seed)
    return Settings(
        channels=(
            auto_channels(height, width)
            if isinstance(channels, str)
            else tuple(int(n_maps) for n_maps in channels)
        ),
        mirror="both" if mirror == "both" else bool(mirror),
        batch_size=int(batch_size),
        max_epochs=1 if one_pass else int(max_epochs),
        optimizer=optimizer,
        optimizer_params=params,
        learning_rate=usual_rate(optimizer) if rate == "auto" else float(rate),
        precision=resolve_precision(autoencoder.precision, resolve_device(autoencoder.device)),
    )


def _mirrors(
    images: AnyArray, image_format: ImageFormat, rows: IntArray, seed: int
) -> bool | Literal["both"]:
    """Return whether mirror images are as good as the first; fewer images need them more."""
    rng = np.random.RandomState([seed, 2])
    read = unit_reader(images, image_format)
    excesses = mirror_excesses(read, rows, image_format.image_shape, rng)
    most = min(_MOST_EXCESS, _MIRROR_EXCESS + _MIRROR_IMAGES / len(rows))
    sideways, upwards = excesses
    if sideways > most:
        return False
    # It helps less, and harms where it does not hold.
    return "both" if upwards <= _MIRROR_EXCESS else True
