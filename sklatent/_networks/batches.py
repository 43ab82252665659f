"""Batches of images on their way through a network: slices of one array, never collated items."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from sklatent._images.format import ImageFormat
from sklatent._random import draw_seed
from sklatent._typing import AnyArray, BoolArray, FloatArray, IntArray
from sklatent.corruption._base import Corruption, corrupt

__all__ = [
    "BatchCorruption",
    "ImageBatches",
    "ImagePairs",
    "TorchDraws",
    "as_tensor",
    "batch_corruptions",
    "split_rows",
]


def as_tensor(unit: FloatArray, device: torch.device) -> Tensor:
    """Return images (n, H, W, C) as a tensor (n, C, H, W), channels last in memory."""
    return torch.from_numpy(unit).to(device, non_blocking=True).permute(0, 3, 1, 2)


def _mirrored(images: Tensor, turned: Tensor, axis: int) -> Tensor:
    """Turn those images (n, C, H, W) around along an axis where `turned` (n,) is True."""
    turned = turned.to(images.device)[:, None, None, None]
    return torch.where(turned, images.flip(axis), images)


def split_rows(
    n_images: int,
    validation_fraction: float | None,
    rng: np.random.RandomState,
    most: int | None = None,
    groups: AnyArray | None = None,
) -> tuple[IntArray, IntArray | None]:
    """Return the rows for training, and for validation the share asked for, if any, or `most`.

    Rows of one group (n,) stay together: of groups in random order those are held out that fit
    into the share, the first in any case.
    """
    rows = np.arange(n_images)
    if validation_fraction is None:
        return rows, None
    n_validation = max(1, round(validation_fraction * n_images))
    if most is not None:
        n_validation = min(n_validation, most)
    if n_validation >= n_images:
        raise ValueError(
            f"early_stopping with validation_fraction={validation_fraction} needs images "
            f"for training and for validation; got n_samples={n_images}."
        )
    if groups is not None:
        held = _held_groups(groups, n_validation, rng)
        return rows[~held], rows[held]
    rows = rng.permutation(rows)
    return np.sort(rows[n_validation:]), np.sort(rows[:n_validation])


def _held_groups(groups: AnyArray, n_validation: int, rng: np.random.RandomState) -> BoolArray:
    """Return which rows (n,) are of groups that are held out."""
    names, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) < 2:
        raise ValueError(
            "groups must be two or more where images are held out; got "
            f"{len(names)}. early_stopping=False holds none out."
        )
    held, n_held = np.zeros(len(names), dtype=bool), 0
    for group in rng.permutation(len(names))[:-1]:
        if n_held == 0 or n_held + sizes[group] <= n_validation:
            held[group], n_held = True, n_held + sizes[group]
    return held[index]


class TorchDraws:
    """Draws of a torch generator, on its device."""

    xp = torch

    def __init__(self, generator: torch.Generator):
        self.generator = generator

    def normal(self, shape: tuple) -> Tensor:
        """Draw from the standard normal distribution."""
        generator = self.generator
        return torch.randn(shape, generator=generator, device=generator.device, dtype=torch.float32)

    def uniform(self, shape: tuple) -> Tensor:
        """Draw from [0, 1)."""
        generator = self.generator
        return torch.rand(shape, generator=generator, device=generator.device, dtype=torch.float32)

    def asarray(self, values: np.ndarray) -> Tensor:
        """Return `values` on the device."""
        return torch.from_numpy(values).to(self.generator.device)


class BatchCorruption:
    """Corrupts batches on a device; passes after the first draw `afresh`, or the same again."""

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


def batch_corruptions(
    corruption: Corruption | None, device: torch.device, rng: np.random.RandomState
) -> tuple[BatchCorruption | None, BatchCorruption | None]:
    """Return what corrupts the batches of training, and those of validation."""
    if corruption is None:
        return None, None
    seeds = draw_seed(rng), draw_seed(rng)
    return (
        BatchCorruption(corruption, device, seeds[0], afresh=True),
        BatchCorruption(corruption, device, seeds[1], afresh=False),
    )


@dataclass(frozen=True, eq=False)
class ImagePairs:
    """Images, and as many targets: images with their format, or numbers of classes without one."""

    images: AnyArray
    image_format: ImageFormat
    targets: AnyArray
    target_format: ImageFormat | None

    @property
    def itself(self) -> bool:
        """Whether each image is its own target."""
        return self.targets is self.images


@dataclass(eq=False)
class ImageBatches:
    """Batches of one pass over the `rows` of images and targets, shuffled anew if given an `rng`.

    Images stay as they came; a batch is converted when its turn comes. Batches
    are of equal size to within one image, and none is left with a single image,
    of which batch normalisation could make nothing, unless `batch_size` is 1: an
    odd number of images in batches of 2 makes one of 3.

    Shuffled batches may be mirrored, a random half of images and targets, or two, and come with
    standard normal noise (n, `noise_dim`); all may be corrupted, but for the targets.
    """

    pairs: ImagePairs
    rows: IntArray
    batch_size: int
    device: torch.device
    rng: np.random.RandomState | None = None
    noise_dim: int = 0
    mirror: bool | Literal["both"] = False
    corruption: BatchCorruption | None = None

    def __len__(self) -> int:
        n = len(self.rows)
        n_batches = -(-n // self.batch_size)
        return n_batches if self.batch_size == 1 else min(n_batches, max(1, n // 2))

    def __iter__(self) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        rows = self.rows if self.rng is None else self.rng.permutation(self.rows)
        corrupt = None if self.corruption is None else self.corruption.start_pass()
        for part in np.array_split(rows, len(self)):
            # Sorted rows read a memory-mapped file in order.
            inputs, target = self._read(np.sort(part))
            for axis in self._mirrored_axes:
                assert self.rng is not None
                turned = torch.from_numpy(self.rng.random_sample(len(part)) < 0.5)
                inputs, first = _mirrored(inputs, turned, axis), inputs
                target = inputs if target is first else _mirrored(target, turned, axis)
            batch = {"images": inputs if corrupt is None else corrupt(inputs)}
            if self.rng is not None and self.noise_dim:
                noise = self.rng.standard_normal((len(part), self.noise_dim))
                batch["noise"] = torch.from_numpy(noise.astype(np.float32)).to(self.device)
            yield batch, target if self.pairs.target_format is None else target.clamp(0.0, 1.0)

    @property
    def _mirrored_axes(self) -> tuple[int, ...]:
        if self.rng is None or not self.mirror:
            return ()
        return (3, 2) if self.mirror == "both" else (3,)

    def _read(self, part: IntArray) -> tuple[Tensor, Tensor]:
        pairs = self.pairs
        inputs = as_tensor(pairs.image_format.to_unit(pairs.images[part]), self.device)
        if pairs.itself:
            return inputs, inputs
        if pairs.target_format is None:
            return inputs, torch.from_numpy(pairs.targets[part]).to(self.device)
        return inputs, as_tensor(pairs.target_format.to_unit(pairs.targets[part]), self.device)
