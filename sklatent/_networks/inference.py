"""Networks outside training: the device, encoding, decoding, errors, batch by batch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from sklearn.utils import gen_batches
from torch import Tensor

from sklatent._images.format import ImageFormat, squared_error
from sklatent._typing import AnyArray, FloatArray

from .batches import ImageBatches, as_tensor
from .convolutional import Autoencoder, to_pixels

__all__ = [
    "Device",
    "DeviceChoice",
    "Precision",
    "PrecisionChoice",
    "TrainedNetwork",
    "autocast",
    "decode",
    "encode",
    "encode_posterior",
    "inference_batch_size",
    "resolve_precision",
    "resolve_device",
    "squared_errors",
    "validation_errors",
]

Device: TypeAlias = torch.device
DeviceChoice: TypeAlias = str | torch.device
Precision: TypeAlias = Literal["float32", "bfloat16"]
PrecisionChoice: TypeAlias = Literal["auto", "float32", "bfloat16"]

_INFERENCE_IMAGES = 256
_INFERENCE_VALUES = 2**21


def resolve_device(device: DeviceChoice) -> Device:
    """Return the torch device; "auto" takes CUDA, then MPS, then the CPU."""
    if isinstance(device, str) and device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        resolved = torch.device(device)
        torch.empty(0, device=resolved)
        torch.autocast(resolved.type)
    except (RuntimeError, TypeError, AssertionError, NotImplementedError) as error:
        raise ValueError(
            "device must be 'auto', or a torch device that this machine has, such as 'cpu' or "
            f"'cuda:0'; got {device!r}."
        ) from error
    return resolved


def resolve_precision(precision: PrecisionChoice, device: torch.device) -> Precision:
    """Return the arithmetic of training; "auto" takes bfloat16 where the hardware multiplies it."""
    if precision != "auto":
        return precision
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        known = getattr(torch.cpu, "get_capabilities", dict) if device.type == "cpu" else dict
        features: dict[str, Any] = known()
        fast = bool(features.get("avx512_bf16") or features.get("amx_bf16"))
    return "bfloat16" if fast else "float32"


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Return the context in which a network runs: bfloat16 autocast, or nothing."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


def inference_batch_size(batch_size: int, n_values: int) -> int:
    """Return how many images of `n_values` pixel values to run at once outside training.

    Without gradients, 256 small images take little memory and run fastest.
    """
    return max(batch_size, min(_INFERENCE_IMAGES, _INFERENCE_VALUES // n_values))


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A module with `encode`, for images with `decoder` too, and how it runs."""

    module: Any
    device: torch.device
    batch_size: int
    precision: Precision = "float32"

    def run(
        self, n: int, n_values: int, batch: Callable[[slice], tuple[Tensor, ...]]
    ) -> Iterator[tuple[slice, list[FloatArray]]]:
        """Yield each slice of n rows with what `batch` makes of it, as float32 arrays."""
        self.module.eval()
        for part in gen_batches(n, inference_batch_size(self.batch_size, n_values)):
            with torch.inference_mode(), autocast(self.device, self.precision):
                arrays = [values.float().cpu().numpy() for values in batch(part)]
            yield part, arrays


def _joined(n: int, parts: Iterator[tuple[slice, list[AnyArray]]]) -> list[AnyArray]:
    """Write arrays of slices of n rows into arrays of all rows."""
    joined: list[AnyArray] = []
    for part, arrays in parts:
        joined = joined or [np.empty((n, *values.shape[1:]), values.dtype) for values in arrays]
        for whole, values in zip(joined, arrays, strict=True):
            whole[part] = values
    return joined


def _encoded(
    network: TrainedNetwork, images: AnyArray, image_format: ImageFormat, n_outputs: int
) -> list[FloatArray]:
    def batch(part: slice) -> tuple[Tensor, ...]:
        inputs = as_tensor(image_format.to_unit(images[part]), network.device)
        return network.module.encode(inputs)[:n_outputs]

    return _joined(len(images), network.run(len(images), image_format.n_values, batch))


def encode(network: TrainedNetwork, images: AnyArray, image_format: ImageFormat) -> FloatArray:
    """Run the encoder alone over images; return latent points (n, latent_dim), float32."""
    return _encoded(network, images, image_format, 1)[0]


def encode_posterior(
    network: TrainedNetwork, images: AnyArray, image_format: ImageFormat
) -> tuple[FloatArray, FloatArray]:
    """Run a variational encoder; return means and log-variances (n, latent_dim), float32."""
    mean, log_variance = _encoded(network, images, image_format, 2)
    return mean, log_variance


def _decoded(
    network: TrainedNetwork, points: FloatArray, n_values: int
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield slices of `points`, each with its images (n, H, W, C) in [0, 1]."""

    def batch(part: slice) -> tuple[Tensor, ...]:
        # torch takes no array that is read backwards.
        latent = torch.tensor(np.ascontiguousarray(points[part]), dtype=torch.float32)
        latent = latent.to(network.device)
        raw = network.module.decoder(latent)
        return (to_pixels(raw.float()).permute(0, 2, 3, 1),)

    for part, (unit,) in network.run(len(points), n_values, batch):
        if np.isnan(unit).any():
            raise ValueError("Latent points must be smaller: the decoder overflows.")
        yield part, unit


def decode(network: TrainedNetwork, points: FloatArray, image_format: ImageFormat) -> AnyArray:
    """Run the decoder alone over points (n, latent_dim); return images of the format."""
    parts = _decoded(network, points, image_format.n_values)
    return _joined(len(points), ((part, [image_format.from_unit(unit)]) for part, unit in parts))[0]


def squared_errors(
    network: TrainedNetwork, points: FloatArray, images: AnyArray, image_format: ImageFormat
) -> FloatArray:
    """Return the mean squared error of each image (n,) decoded from its point, in [0, 1] units."""
    errors = np.empty(len(points))
    for part, unit in _decoded(network, points, image_format.n_values):
        errors[part] = squared_error(unit, image_format.to_unit(images[part]))
    return errors


@torch.inference_mode()
def validation_errors(
    module: Autoencoder, batches: ImageBatches, precision: Precision
) -> tuple[float, FloatArray]:
    """Return the squared error a pixel value over all batches, and that of each image (n,).

    Images are in [0, 1], and in the order of the rows.
    """
    module.eval()
    total, n_values, each = 0.0, 0, []
    with autocast(batches.device, precision):
        for batch, target in batches:
            pixels = to_pixels(module(**batch).raw.float())
            square = (pixels - target).square()
            total += float(square.sum())
            n_values += target.numel()
            each.append(square.flatten(1).mean(dim=1).cpu().numpy())
    return total / n_values, np.concatenate(each).astype(float)
