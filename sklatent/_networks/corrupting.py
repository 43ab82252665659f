"""Corrupting batches in training, on the device that trains."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from sklatent.corruption._base import Corruption, corrupt

__all__ = ["BatchCorruption", "TorchDraws"]


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
