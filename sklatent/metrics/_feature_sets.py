"""Checks of arrays of features, shared by the metrics of samples."""

from typing import Any

import numpy as np
from sklearn.utils import check_array

from sklatent._typing import AnyArray, ArrayLike, FloatArray
from sklatent._validation import as_numeric_array, check_number

from ._blocks import by_blocks

__all__ = ["check_feature_sets", "check_neighbors", "features_of"]


def check_feature_sets(least: int = 2, **sets: ArrayLike) -> tuple[FloatArray, ...]:
    """Return named arrays (n, d) as float32 or float64, all of one width and enough rows."""
    checked = {}
    for name, features in sets.items():
        X = as_numeric_array(features, name, "a finite array of features of shape (n, d)")
        if X.ndim != 2:
            raise ValueError(
                f"{name} must be an array of features of shape (n, d); got shape {X.shape}. "
                "Images become features by a transformer, or flat rows by reshape."
            )
        X = check_array(X, dtype=[np.float64, np.float32], input_name=name)
        if len(X) < least:
            raise ValueError(f"{name} must have at least {least} rows; got {len(X)}.")
        checked[name] = X
    widths = {name: X.shape[1] for name, X in checked.items()}
    if len(set(widths.values())) > 1:
        names = list(widths)
        came = ", ".join(f"{name} {width}" for name, width in widths.items())
        raise ValueError(
            f"{', '.join(names[:-1])} and {names[-1]} must have as many columns; got {came}."
        )
    return tuple(checked.values())


def check_neighbors(n_neighbors: int, **sets: FloatArray) -> int:
    """Return `n_neighbors` as an int if each named array has more rows than that."""
    k = check_number("n_neighbors", n_neighbors, low=1, integer=True)
    for name, X in sets.items():
        if len(X) <= k:
            raise ValueError(
                f"n_neighbors must be smaller than the number of rows of {name}, {len(X)}; got {k}."
            )
    return k


def features_of(
    features: Any, images: AnyArray, limits: tuple[float, float] | None = None
) -> FloatArray:
    """Return what fitted `features` give for images, or a ValueError that names the features.

    Images go in block by block, cut off at the `limits` of their values.
    """

    def transformed(rows: slice) -> AnyArray:
        block = images[rows]
        return features.transform(block if limits is None else np.clip(block, *limits))

    try:
        return by_blocks(transformed, len(images), images[0].size)
    except ValueError as error:
        raise ValueError(
            f"features must take images in the layout and units of those measured: {error}"
        ) from error
