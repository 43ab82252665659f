"""What the steps share: images, networks, latent points, earlier results."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from sklatent.datasets import fetch_lfw_faces

from .settings import Settings
from .store import Store

__all__ = ["Step", "Study", "unit"]


@dataclass(frozen=True)
class Step:
    """A part of the study: its name, and a function from the study to a dict of results."""

    name: str
    run: Callable


def unit(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as flat float32 rows in [0, 1]."""
    return images.reshape(len(images), -1).astype(np.float32) / 255


class Study:
    """Settings, data, and the results so far."""

    def __init__(self, settings: Settings, store: Store):
        self.settings, self.store = settings, store
        self.result = cache(store.load)
        self.model = cache(store.load_model)

    @cached_property
    def train(self) -> np.ndarray:
        """Images to train on (n, 64, 64, 3), uint8, in random order."""
        return self._images("train", self.settings.n_train)

    @cached_property
    def test(self) -> np.ndarray:
        """Images of people who are not among those to train on."""
        return self._images("test", self.settings.n_test)

    def _images(self, subset: str, n: int | None) -> np.ndarray:
        images = fetch_lfw_faces(subset=subset).images
        order = np.random.default_rng(self.settings.seed).permutation(len(images))
        return images[order[:n]]

    def latent(self, network: str) -> tuple[np.ndarray, np.ndarray]:
        """Return latent points of training and of test images."""
        found = self.result(f"latent-{network}")
        return found["train"], found["test"]

    def rng(self, salt: int = 0) -> np.random.Generator:
        return np.random.default_rng([self.settings.seed, salt])
