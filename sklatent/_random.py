"""Drawing from any density: one way to call `sample`, whoever wrote it."""

import copy
import inspect

import numpy as np

from ._validation import check_seed

__all__ = ["draw_points", "make_generator", "takes_labels"]


def make_generator(random_state) -> np.random.Generator:
    """Return numpy's newer generator, seeded by what scikit-learn takes as `random_state`.

    Its normal numbers come faster. An int gives the same numbers on each call.
    """
    seed = check_seed(random_state).randint(2**32, size=4, dtype=np.uint32)
    return np.random.default_rng(seed)


def takes_labels(density) -> bool:
    """Return whether `sample` of a density can be told the class to draw from."""
    return "y" in inspect.signature(density.sample).parameters


def draw_points(density, n_samples: int, random_state=None, y=None) -> np.ndarray:
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


def _with_seed(density, rng):
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
