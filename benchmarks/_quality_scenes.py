"""What sample_quality.py measures on: an autoencoder, a separate feature network, their outputs.

Training takes most of the time, so that each trained part is kept in a folder, and used again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from sklatent import ConvAutoencoder, datasets
from sklatent.metrics import ClassifierFeatures, EncoderFeatures

__all__ = ["SCENES", "Scene", "keep", "make_scene"]


@dataclass(frozen=True)
class Recipe:
    """How a data set is loaded and what is trained on it."""

    fetch: Callable
    latent_dim: int
    boundaries: tuple[float, ...]
    labelled: bool
    people: bool
    options: dict[str, Any]


SCENES = {
    "mnist": Recipe(datasets.fetch_mnist, 12, (0.5, 2.5, 5, 10), True, False, {}),
    "fashion_mnist": Recipe(datasets.fetch_fashion_mnist, 16, (0.5, 2.5, 5, 10), True, False, {}),
    "faces": Recipe(datasets.fetch_lfw_faces, 128, (0.5, 2.5, 5, 10), False, True, {}),
}


@dataclass
class Scene:
    """Images, latent points and features of training and test images.

    Attributes
    ----------
    images, test_images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8
        Images.
    points, test_points : ndarray of shape (n, d)
        Their latent points.
    features, test_features : ndarray of shape (n, n_features)
        Their features.
    """

    recipe: Recipe
    images: np.ndarray
    labels: np.ndarray | None
    test_images: np.ndarray
    autoencoder: ConvAutoencoder
    extractor: Any
    points: np.ndarray
    test_points: np.ndarray
    features: np.ndarray
    test_features: np.ndarray


def make_scene(name: str, folder: Path, quick: bool) -> Scene:
    """Load images, and train on them what is not yet in `folder`."""
    recipe = SCENES[name]
    train, test = (recipe.fetch(subset=subset) for subset in ("train", "test"))
    images, test_images, labels = train.images, test.images, train.target
    if quick:
        images, labels, test_images = images[:2_000], labels[:2_000], test_images[:500]

    def autoencoder():
        return ConvAutoencoder(
            recipe.latent_dim,
            max_epochs=2 if quick else "auto",
            early_stopping=False,
            random_state=0,
            **recipe.options,
        ).fit(images)

    def extractor():
        if recipe.labelled:
            network = ClassifierFeatures(64, max_epochs=2 if quick else "auto", random_state=1)
            return network.fit(images, labels)
        # Other maps, components, start and steps than those of the autoencoder that is judged.
        network = ConvAutoencoder(
            64, channels=(24, 48, 96, 192), linear_path=False, mirror=True, optimizer="adam",
            activation="leaky_relu", precision="float32", batch_size=64,
            max_epochs=2 if quick else 15, early_stopping=False, random_state=1,
        )  # fmt: skip
        return EncoderFeatures(network).fit(images)

    prefix = f"{name}{'-quick' if quick else ''}"
    judged = _kept(folder / f"{prefix}-autoencoder.joblib", autoencoder)
    features = _kept(folder / f"{prefix}-features.joblib", extractor)
    return Scene(
        recipe=recipe,
        images=images,
        labels=labels if recipe.labelled else None,
        test_images=test_images,
        autoencoder=judged,
        extractor=features,
        points=judged.transform(images),
        test_points=judged.transform(test_images),
        features=features.transform(images),
        test_features=features.transform(test_images),
    )


def _kept(path: Path, make: Callable):
    if path.exists():
        return joblib.load(path)
    start = time.perf_counter()
    made = make()
    print(f"{path.stem}: trained in {time.perf_counter() - start:.0f} s", flush=True)
    keep(path, made)
    return made


def keep(path: Path, made) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half_written = path.with_suffix(".part")
    joblib.dump(made, half_written)
    half_written.rename(path)
