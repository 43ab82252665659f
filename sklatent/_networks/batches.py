"""Batches of images on their way through a network: slices of one array, never collated items."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from sklatent._images.format import ImageFormat
from sklatent.corruption._base import Corruption, corrupt

__all__ = ["BatchCorruption", "ImageBatches", "TorchDraws", "as_tensor"]


def as_tensor(unit: np.ndarray, device: torch.device) -> Tensor:
    """Return images (n, H, W, C) as a tensor (n, C, H, W), channels last in memory."""
    return torch.from_numpy(unit).to(device, non_blocking=True).permute(0, 3, 1, 2)


def _mirrored(images: Tensor, turned: Tensor) -> Tensor:
    """Turn those images (n, C, H, W) left to right where `turned` (n,) is True."""
    turned = turned.to(images.device)[:, None, None, None]
    return torch.where(turned, images.flip(3), images)


class TorchDraws:
    """Draws of a torch generator, on its device."""

    xp = torch

    def __init__(self, generator: torch.Generator):
        self.generator = generator

    def normal(self, shape: tuple) -> Tensor:
        """Draw from the standard normal distribution."""
        return torch.randn(shape, generator=self.generator, device=self.generator.device)

    def uniform(self, shape: tuple) -> Tensor:
        """Draw from [0, 1)."""
        return torch.rand(shape, generator=self.generator, device=self.generator.device)

    def asarray(self, values: np.ndarray) -> Tensor:
        """Return `values` on the device."""
        return torch.from_numpy(values).to(self.generator.device)


class BatchCorruption:
    """Corrupts the batches of each pass over the images.

    Parameters
    ----------
    corruption : Corruption
        What is done to the images.
    device : torch.device
        Where batches are.
    seed : int
        Seeds the first pass.
    afresh : bool
        Whether later passes draw anew, or the same as the first.
    """

    def __init__(self, corruption: Corruption, device: torch.device, seed: int, afresh: bool):
        self.corruption = corruption
        self.seed = seed
        self.afresh = afresh
        self.generator = torch.Generator(device).manual_seed(seed)

    def start_pass(self) -> Callable[[Tensor], Tensor]:
        """Return a function that corrupts images (n, channels, height, width) in [0, 1]."""
        if not self.afresh:
            self.generator.manual_seed(self.seed)
        draws = TorchDraws(self.generator)

        def corrupt_batch(images: Tensor) -> Tensor:
            corrupted = corrupt(self.corruption, images.permute(0, 2, 3, 1), draws)
            return corrupted.permute(0, 3, 1, 2)

        return corrupt_batch


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
            inputs = as_tensor(self.image_format.to_unit(self.images[part]), self.device)
            target = inputs
            if self.targets is not self.images:
                unit = self.target_format.to_unit(self.targets[part])
                target = as_tensor(unit, self.device)
            if self.rng is not None and self.mirror:
                turned = torch.from_numpy(self.rng.random_sample(len(part)) < 0.5)
                inputs, first = _mirrored(inputs, turned), inputs
                target = inputs if target is first else _mirrored(target, turned)
            batch = {"images": inputs if corrupt is None else corrupt(inputs)}
            if self.rng is not None and self.noise_dim:
                noise = self.rng.standard_normal((len(part), self.noise_dim))
                batch["noise"] = torch.from_numpy(noise.astype(np.float32)).to(self.device)
            yield batch, target.clamp(0.0, 1.0)
