"""Pairs of components: those that a caller names, and those most correlated."""

import numpy as np

from sklatent._validation import check_number

__all__ = ["check_pair", "check_pairs", "replace_names", "strongest_pairs"]


def check_pairs(pairs, n_components: int):
    """Return pairs of components as an array of indices.

    Parameters
    ----------
    pairs : array-like of shape (k, 2) of int, or None
        Indices from 0 to d - 1, two different ones in a row; None takes every pair (i, j)
        with i < j.
    n_components : int
        Number of components, d.

    Returns
    -------
    ndarray of shape (k, 2), dtype int

    Raises
    ------
    TypeError
        If `pairs` does not hold integers.
    ValueError
        If it has another shape, an index out of range, or a component beside itself.

    Examples
    --------
    >>> from sklatent._gaussian.component_names import check_pairs
    >>> check_pairs(None, 3)
    array([[0, 1],
           [0, 2],
           [1, 2]])
    """
    if pairs is None:
        return np.column_stack(np.triu_indices(n_components, 1))
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


def replace_names(name: str, keys, feature_names):
    """Return keys, in nested sequences, with feature names replaced by their indices.

    Parameters
    ----------
    name : str
        Of the parameter, for the error.
    keys : int, str, or nested sequence of them
        Components.
    feature_names : sequence of str
        Names of the components, in order; empty where there are none.

    Returns
    -------
    int or nested list
        As `keys`, which are returned as they came where they hold no names.

    Raises
    ------
    ValueError
        If a name is none of `feature_names`.

    Examples
    --------
    >>> from sklatent._gaussian.component_names import replace_names
    >>> replace_names("pairs", [("a", "c")], ["a", "b", "c"])
    [[0, 2]]
    """
    if isinstance(keys, str):
        if keys not in feature_names:
            known = f"one of the feature names {list(feature_names)}"
            allowed = known if len(feature_names) else "indices: fit saw no names"
            raise ValueError(f"{name} must hold {allowed}; got {keys!r}.")
        return list(feature_names).index(keys)
    nested = str | list | tuple | np.ndarray
    if isinstance(keys, nested) and any(isinstance(key, nested) for key in keys):
        return [replace_names(name, key, feature_names) for key in keys]
    return keys


def check_pair(pair, n_components: int) -> tuple[int, int]:
    """Return one pair of components as a tuple of indices.

    Parameters
    ----------
    pair : array-like of shape (2,) of int
        Two different indices from 0 to d - 1.
    n_components : int
        Number of components, d.

    Returns
    -------
    tuple of two int

    Raises
    ------
    TypeError
        If `pair` does not hold integers.
    ValueError
        If it is not of two, an index is out of range, or both are the same.

    Examples
    --------
    >>> from sklatent._gaussian.component_names import check_pair
    >>> check_pair([2, 0], 3)
    (2, 0)
    """
    if np.shape(pair) != (2,):
        raise ValueError(f"pair must be two indices; got {pair!r}.")
    first, second = (
        check_number("pair", i, low=0, high=n_components - 1, integer=True) for i in pair
    )
    if first == second:
        raise ValueError(f"pair must name two different components; got {pair!r}.")
    return first, second


def strongest_pairs(correlation, live, k: int):
    """Return the pairs of components of the largest absolute correlation.

    Parameters
    ----------
    correlation : ndarray of shape (d, d)
        Pearson coefficients in [-1, 1].
    live : ndarray of shape (d,), dtype bool
        Whether a component varies; pairs with one that does not are left out.
    k : int
        Number of pairs, at least 1.

    Returns
    -------
    ndarray of shape (k, 2), dtype int
        Indices, the smaller first, in decreasing order of strength; fewer rows where there
        are fewer pairs.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.component_names import strongest_pairs
    >>> correlation = np.array([[1.0, 0.1, -0.5], [0.1, 1.0, 0.3], [-0.5, 0.3, 1.0]])
    >>> strongest_pairs(correlation, np.ones(3, dtype=bool), 2)
    array([[0, 2],
           [1, 2]])
    """
    index = np.flatnonzero(live)
    first, second = np.triu_indices(len(index), 1)
    first, second = index[first], index[second]
    weakness = -np.abs(correlation[first, second])
    order = np.argsort(weakness, kind="stable")[:k]
    return np.column_stack([first[order], second[order]])
