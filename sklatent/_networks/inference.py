"""Networks outside training: the device, encoding, decoding, errors, batch by batch."""

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn import functional

from sklatent._images.format import ImageFormat

from .batches import ImageBatches, as_tensor
from .convolutional import Autoencoder, to_pixels

__all__ = [
    "autocast",
    "batch_slices",
    "decode",
    "encode",
    "encode_posterior",
    "inference_batch_size",
    "mean_squared_error",
    "resolve_device",
]

_INFERENCE_IMAGES = 256
_INFERENCE_VALUES = 2**21


def resolve_device(device) -> torch.device:
    """Return the torch device; "auto" takes CUDA, then MPS, then the CPU.

    Raises
    ------
    ValueError
        If torch knows no such device, or if the machine has none.
    """
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


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Return the context in which a network runs: bfloat16 autocast, or nothing."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


def inference_batch_size(batch_size: int, n_values: int) -> int:
    """Return how many images of `n_values` pixel values to run at once outside training.

    Without gradients, 256 small images take little memory and run fastest.
    """
    return max(batch_size, min(_INFERENCE_IMAGES, _INFERENCE_VALUES // n_values))


def batch_slices(n: int, batch_size: int) -> Iterator[slice]:
    """Cut range(n) into slices of at most `batch_size`, in order."""
    for start in range(0, n, batch_size):
        yield slice(start, min(start + batch_size, n))


@torch.inference_mode()
def encode(
    module: Autoencoder,
    images: np.ndarray,
    image_format: ImageFormat,
    *,
    batch_size: int,
    device: torch.device,
    precision: str,
) -> np.ndarray:
    """Run the encoder alone over images; return latent points (n, latent_dim), float32."""
    module.eval()
    points = []
    with autocast(device, precision):
        for part in batch_slices(len(images), batch_size):
            mean, _ = module.encode(as_tensor(image_format.to_unit(images[part]), device))
            points.append(mean.float().cpu().numpy())
    return np.concatenate(points)


@torch.inference_mode()
def encode_posterior(
    module: Autoencoder,
    images: np.ndarray,
    image_format: ImageFormat,
    *,
    batch_size: int,
    device: torch.device,
    precision: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Run a variational encoder; return means and log-variances (n, latent_dim), float32."""
    module.eval()
    means: list[np.ndarray] = []
    log_variances: list[np.ndarray] = []
    with autocast(device, precision):
        for part in batch_slices(len(images), batch_size):
            inputs = as_tensor(image_format.to_unit(images[part]), device)
            mean, log_variance = module.encode(inputs)
            assert log_variance is not None
            means.append(mean.float().cpu().numpy())
            log_variances.append(log_variance.float().cpu().numpy())
    return np.concatenate(means), np.concatenate(log_variances)


@torch.inference_mode()
def decode(
    module: Autoencoder, points: np.ndarray, *, device: torch.device, precision: str
) -> np.ndarray:
    """Run the decoder alone over a batch of points; return images (n, H, W, C) in [0, 1]."""
    module.eval()
    with autocast(device, precision):
        latent = torch.tensor(points, dtype=torch.float32, device=device)
        raw = module.decoder(latent)
    return to_pixels(raw.float()).permute(0, 2, 3, 1).cpu().numpy()


@torch.inference_mode()
def mean_squared_error(module: Autoencoder, batches: ImageBatches, precision: str) -> float:
    """Run the network over all batches; return its squared error a pixel value, in [0, 1] units."""
    module.eval()
    total, n_values = 0.0, 0
    with autocast(batches.device, precision):
        for batch, target in batches:
            pixels = to_pixels(module(**batch).raw.float())
            total += float(functional.mse_loss(pixels, target, reduction="sum"))
            n_values += target.numel()
    return total / n_values
