"""Components that a caller names, by index or by the names that `fit` saw."""

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np

from sklatent._typing import IntArray
from sklatent._validation import check_number

__all__ = ["check_components", "check_pair", "check_pairs", "replace_names"]


def replace_names(name: str, keys: Any, feature_names: Iterable[Any]) -> Any:
    """Return keys, in nested sequences, with feature names replaced by their indices."""
    if isinstance(keys, str):
        known = list(feature_names)
        if keys not in known:
            allowed = f"one of the feature names {known}" if known else "indices: fit saw no names"
            raise ValueError(f"{name} must hold {allowed}; got {keys!r}.")
        return known.index(keys)
    nested = str | list | tuple | np.ndarray
    if isinstance(keys, nested) and any(isinstance(key, nested) for key in keys):
        return [replace_names(name, key, feature_names) for key in keys]
    return keys


def check_components(
    name: str, keys: Iterable[Any], n_components: int, feature_names: Iterable[Any] = ()
) -> IntArray:
    """Return the indices (k,) of components, at least one and each at most once."""
    chosen = [
        _check_index(name, replace_names(name, key, feature_names), key, n_components)
        for key in keys
    ]
    if not chosen:
        raise ValueError(f"{name} must name at least one component; got none.")
    twice = [index for index in chosen if chosen.count(index) > 1]
    if twice:
        raise ValueError(
            f"{name} must name each component at most once; got component {twice[0]} "
            f"{twice.count(twice[0])} times."
        )
    return np.array(chosen)


def _check_index(name: str, index: Any, key: Any, d: int) -> int:
    if isinstance(index, bool | np.bool_) or not isinstance(index, Integral):
        raise TypeError(f"{name} must hold integer indices or feature names; got {key!r}.")
    if not 0 <= int(index) < d:
        raise ValueError(f"{name} must hold indices from 0 to {d - 1}; got {key}.")
    return int(index)


def check_pairs(pairs: Any, n_components: int, feature_names: Iterable[Any] = ()) -> IntArray:
    """Return pairs of different components as indices (k, 2); None takes all with i < j."""
    if pairs is None:
        return np.column_stack(np.triu_indices(n_components, 1))
    pairs = replace_names("pairs", pairs, feature_names)
    try:
        array = np.asarray(pairs)
    except ValueError as error:
        raise ValueError("pairs must be of shape (k, 2); got rows of several lengths.") from error
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"pairs must be of shape (k, 2); got shape {array.shape}.")
    if array.dtype.kind not in "iu":
        raise TypeError(f"pairs must hold integer indices; got an array of type {array.dtype}.")
    wrong = array[((array < 0) | (array >= n_components)).any(axis=1)]
    if len(wrong):
        raise ValueError(
            f"pairs must hold indices from 0 to {n_components - 1}; got {tuple(wrong[0].tolist())}."
        )
    equal = array[array[:, 0] == array[:, 1]]
    if len(equal):
        raise ValueError(
            f"pairs must name two different components each; got {tuple(equal[0].tolist())}."
        )
    return array.astype(np.intp)


def check_pair(pair: Any, n_components: int, feature_names: Iterable[Any] = ()) -> tuple[int, int]:
    """Return two different components as indices."""
    pair = replace_names("pair", pair, feature_names)
    if np.shape(pair) != (2,):
        raise ValueError(f"pair must be two indices; got {pair!r}.")
    first, second = (
        check_number("pair", i, low=0, high=n_components - 1, integer=True) for i in pair
    )
    if first == second:
        raise ValueError(f"pair must name two different components; got {pair!r}.")
    return first, second
