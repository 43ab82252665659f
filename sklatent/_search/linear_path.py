"""One decision on the linear path of an autoencoder, for all dimensions of a search."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklatent._autoencoder.estimator import ConvAutoencoder
from sklatent._autoencoder.parameters import auto_may_take_linear_path, check_parameters
from sklatent._autoencoder.settings import resolve_settings
from sklatent._autoencoder.start import explain_enough
from sklatent._images.format import ImageFormat, as_image_array
from sklatent._images.principal import random_subset
from sklatent._random import seeded_clone
from sklatent._typing import AnyArray

__all__ = ["Searched", "decide_linear_path", "find_searched", "with_one_choice"]


class Searched(NamedTuple):
    """A `ConvAutoencoder` within an estimator: the prefix of its parameters, steps before it."""

    autoencoder: ConvAutoencoder
    prefix: str
    before: tuple[Any, ...]


def find_searched(estimator: Any, prefix: str = "", before: Sequence[Any] = ()) -> Searched | None:
    """Return the `ConvAutoencoder` that an estimator is, or has among its steps, or None."""
    if isinstance(estimator, ConvAutoencoder):
        return Searched(estimator, prefix, tuple(before))
    if not isinstance(estimator, Pipeline):
        return None
    steps = list(before)
    for name, step in estimator.steps:
        found = find_searched(step, f"{prefix}{name}__", steps)
        if found is not None:
            return found
        steps.append(step)
    return None


def with_one_choice(
    autoencoder: Any, dims: list[int], param_name: str, images: AnyArray, seed: int
) -> tuple[Any, bool | None]:
    """Return what is searched with one choice of the linear path, and that choice.

    Without a `ConvAutoencoder` that is the same estimator, and None.
    """
    searched = find_searched(autoencoder)
    if searched is None:
        return autoencoder, None
    choice = decide_linear_path(searched, dims, param_name, images, seed)
    return clone(autoencoder).set_params(**{f"{searched.prefix}linear_path": choice}), choice


def decide_linear_path(
    searched: Searched, dims: list[int], param_name: str, images: AnyArray, seed: int
) -> bool:
    """Return whether all autoencoders of a search have a linear path.

    "auto" is decided as it would be for the largest dimension, since a mistake costs little on
    that side: with a linear path training starts at the error of PCA in each dimension, and
    without one few epochs may leave a wide latent space far above it.
    """
    autoencoder = searched.autoencoder
    check_parameters(autoencoder)
    if autoencoder.linear_path != "auto":
        return bool(autoencoder.linear_path)
    if not auto_may_take_linear_path(autoencoder):
        return False
    if param_name != f"{searched.prefix}latent_dim":
        dims = [int(autoencoder.latent_dim)]
    rng = np.random.RandomState(seed)
    seen = _as_seen(searched.before, images, rng)
    found = ImageFormat.of(seen, autoencoder.image_shape, autoencoder.value_range)
    settings = resolve_settings(autoencoder, seen, found, np.arange(len(seen)), seed)
    least = settings.least_explained(len(images))
    return explain_enough(seen, found, max(dims), autoencoder.corruption, seed, least)


def _as_seen(before: tuple[Any, ...], images: AnyArray, rng: np.random.RandomState) -> AnyArray:
    """Return images as they come out of steps fitted to at most 10,000 of them."""
    used = [step for step in before if step is not None and step != "passthrough"]
    if not used:
        return images
    seen = images[random_subset(np.arange(len(images)), rng)]
    for step in used:
        seen = seeded_clone(step, rng).fit_transform(seen)
    return as_image_array(seen)
