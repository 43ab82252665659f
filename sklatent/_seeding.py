"""Copies of estimators whose open seeds are filled in."""

from typing import Any

import numpy as np
from sklearn.base import clone

__all__ = ["seeded_clone"]

_MAX_SEED = 2**31 - 1


def seeded_clone(estimator, rng: np.random.RandomState) -> Any:
    """Return a clone in which each `random_state` of None is an int drawn from `rng`.

    Parameters
    ----------
    estimator : estimator
        Parameters of estimators inside count too; it stays as it is.
    rng : RandomState
        Is drawn from once for each seed, in the order of the parameters' names.

    Returns
    -------
    estimator
        A new one.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.decomposition import PCA
    >>> from sklatent._seeding import seeded_clone
    >>> seeded_clone(PCA(random_state=7), np.random.RandomState(0)).random_state
    7
    >>> seeded_clone(PCA(), np.random.RandomState(0)).random_state
    209652396
    """
    estimator = clone(estimator)
    seeds = {
        name: rng.randint(_MAX_SEED)
        for name, value in sorted(estimator.get_params(deep=True).items())
        if name.split("__")[-1] == "random_state" and value is None
    }
    # A frozen estimator has no parameters to set, and its set_params returns None.
    if seeds:
        estimator.set_params(**seeds)
    return estimator
