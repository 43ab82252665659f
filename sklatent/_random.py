"""Seeds, and everything that is random: generators, subsamples, draws from any density."""

import copy
import inspect
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from sklatent._typing import AnyArray, IntArray, RandomState

__all__ = [
    "MAX_SEED",
    "check_seed",
    "draw_from",
    "draw_seed",
    "make_generator",
    "seeded_clone",
    "subsample",
    "takes_labels",
]

MAX_SEED = 2**31 - 1


def check_seed(random_state: RandomState) -> np.random.RandomState:
    """Return scikit-learn's generator for `random_state`, with its name in the error."""
    try:
        return check_random_state(random_state)
    except ValueError as error:
        raise ValueError(
            f"random_state must be None, an int or a numpy.random.RandomState: {error}"
        ) from error


def draw_seed(rng: np.random.RandomState | np.random.Generator) -> int:
    """Return a seed from 0 to `MAX_SEED`, drawn from `rng`."""
    draw = rng.integers if isinstance(rng, np.random.Generator) else rng.randint
    return int(draw(MAX_SEED + 1))


def make_generator(random_state: RandomState) -> np.random.Generator:
    """Return numpy's newer generator, seeded by what scikit-learn takes as `random_state`.

    Its normal numbers come faster. An int gives the same numbers on each call.
    """
    seed = check_seed(random_state).randint(2**32, size=4, dtype=np.uint32)
    return np.random.default_rng(seed)


def subsample(n: int, size: int, rng: np.random.RandomState) -> IntArray | slice:
    """Return the indices of `size` of n rows, in order, or a slice of all if there are fewer."""
    if size >= n:
        return slice(None)
    return np.sort(rng.choice(n, size, replace=False))


def seeded_clone(estimator: Any, rng: np.random.RandomState) -> Any:
    """Return a clone in which each `random_state` of None is a seed drawn from `rng`.

    Parameters of estimators inside count too, in the order of their names.
    """
    estimator = clone(estimator)
    seeds = {
        name: draw_seed(rng)
        for name, value in sorted(estimator.get_params(deep=True).items())
        if name.split("__")[-1] == "random_state" and value is None
    }
    # A frozen estimator has no parameters to set, and its set_params returns None.
    if seeds:
        estimator.set_params(**seeds)
    return estimator


def takes_labels(density: Any) -> bool:
    """Return whether `sample` of a density can be told the class to draw from."""
    return "y" in inspect.signature(density.sample).parameters


def draw_from(
    density: Any, n_samples: int, random_state: RandomState = None, y: Any = None
) -> AnyArray:
    """Draw points from any estimator with a `sample` method.

    Mixtures of scikit-learn take no seed in `sample`, sort their points by
    component and return the labels too. Here they are seeded, shuffled, and
    return points alone. Labels `y` are an error where `sample` takes none.
    """
    labels = {}
    if y is not None:
        if not takes_labels(density):
            raise TypeError(
                f"y must be None: a {type(density).__name__} draws without regard to classes. "
                "sklatent.samplers.PerClassSampler draws from one density for each class."
            )
        labels["y"] = y
    if "random_state" in inspect.signature(density.sample).parameters:
        drawn = density.sample(n_samples, random_state=random_state, **labels)
    else:
        rng = check_seed(random_state)
        drawn = _with_seed(density, rng).sample(n_samples, **labels)
        if isinstance(drawn, tuple):
            drawn = rng.permutation(drawn[0])
    return np.asarray(drawn)


def _with_seed(density: Any, rng: np.random.RandomState) -> Any:
    density = copy.copy(density)
    density.random_state = rng
    covariances = getattr(density, "covariances_", None)
    if isinstance(covariances, np.ndarray) and covariances.dtype == np.float32:
        # Fitted to float32 points they are symmetric to float32 rounding only,
        # and numpy warns of that.
        covariances = covariances.astype(np.float64)
        if density.covariance_type in ("full", "tied"):
            covariances = (covariances + covariances.swapaxes(-1, -2)) / 2
        density.covariances_ = covariances
    return density
