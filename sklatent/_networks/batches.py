"""Batches of images on their way through a network: slices of one array, never collated items."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sklatent._images.format import ImageFormat

from .convolutional import Autoencoder, to_pixels
from .corrupting import BatchCorruption

__all__ = [
    "ImageBatches",
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


def _as_tensor(unit: np.ndarray, device: torch.device) -> Tensor:
    # Channels last in memory, as the default networks want it.
    return torch.from_numpy(unit).to(device, non_blocking=True).permute(0, 3, 1, 2)


def _mirrored(images: Tensor, turned: Tensor) -> Tensor:
    """Turn those images (n, C, H, W) left to right where `turned` (n,) is True."""
    turned = turned.to(images.device)[:, None, None, None]
    return torch.where(turned, images.flip(3), images)


class ImageBatches:
    """Batches of one pass over images and targets; shuffled anew in each if given an `rng`.

    Images stay as they came; a batch is converted when its turn comes. Batches
    are of equal size to within one image, and none is left with a single image,
    of which batch normalisation could make nothing, unless `batch_size` is 1.

    Parameters
    ----------
    images, targets : ndarray
        Arrays of `image_format` and `target_format`, equally long.
    rows : ndarray of int
        The rows that take part.
    batch_size : int
        The most images in a batch; an odd number in batches of 2 makes one of 3.
    device : torch.device
        Where batches are put.
    rng : numpy.random.RandomState or None
        Draws the order and the noise; None keeps the order and adds no noise.
    noise_dim : int
        Width of the standard normal noise that goes with each image, 0 for none.
    mirror : bool
        Whether to turn a random half of the images and targets left to right.
    corruption : BatchCorruption or None
        Corrupts the images, and not the targets.
    """

    def __init__(
        self,
        images: np.ndarray,
        image_format: ImageFormat,
        targets: np.ndarray,
        target_format: ImageFormat,
        rows: np.ndarray,
        batch_size: int,
        device: torch.device,
        rng: np.random.RandomState | None = None,
        noise_dim: int = 0,
        mirror: bool = False,
        corruption: BatchCorruption | None = None,
    ):
        self.images = images
        self.image_format = image_format
        self.targets = targets
        self.target_format = target_format
        self.rows = rows
        self.batch_size = batch_size
        self.device = device
        self.rng = rng
        self.noise_dim = noise_dim
        self.mirror = mirror
        self.corruption = corruption

    def __len__(self) -> int:
        n = len(self.rows)
        n_batches = -(-n // self.batch_size)
        return n_batches if self.batch_size == 1 else min(n_batches, max(1, n // 2))

    def __iter__(self) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        rows = self.rows if self.rng is None else self.rng.permutation(self.rows)
        corrupt = None if self.corruption is None else self.corruption.start_pass()
        for part in np.array_split(rows, len(self)):
            # Sorted rows read a memory-mapped file in order.
            part = np.sort(part)
            inputs = _as_tensor(self.image_format.to_unit(self.images[part]), self.device)
            target = inputs
            if self.targets is not self.images:
                unit = self.target_format.to_unit(self.targets[part])
                target = _as_tensor(unit, self.device)
            if self.rng is not None and self.mirror:
                turned = torch.from_numpy(self.rng.random_sample(len(part)) < 0.5)
                inputs, first = _mirrored(inputs, turned), inputs
                target = inputs if target is first else _mirrored(target, turned)
            batch = {"images": inputs if corrupt is None else corrupt(inputs)}
            if self.rng is not None and self.noise_dim:
                noise = self.rng.standard_normal((len(part), self.noise_dim))
                batch["noise"] = torch.from_numpy(noise.astype(np.float32)).to(self.device)
            yield batch, target.clamp(0.0, 1.0)


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
            mean, _ = module.encode(_as_tensor(image_format.to_unit(images[part]), device))
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
            inputs = _as_tensor(image_format.to_unit(images[part]), device)
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
