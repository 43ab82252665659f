"""Checks of parameters and counts.

Each error names the parameter, what is allowed, and what came.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any, Literal, TypeVar, overload

import numpy as np
from scipy import sparse

from sklatent._typing import AnyArray

__all__ = [
    "as_numeric_array",
    "check_at_most_one",
    "check_bool",
    "check_choice",
    "check_equal_length",
    "check_estimator",
    "check_n_samples",
    "check_number",
    "check_share",
    "keep_state_on_error",
]


_Choice = TypeVar("_Choice")


def as_numeric_array(X: Any, name: str, allowed: str) -> AnyArray:
    """Return X as an array of real numbers, without a copy where possible.

    Raises TypeError if X is sparse or holds anything else, and ValueError if
    its rows differ in shape; `allowed` says what X may be.
    """
    if sparse.issparse(X):
        raise TypeError(f"{name} must be {allowed}; got a sparse {type(X).__name__}.")
    try:
        X = np.asarray(X)
    except (RuntimeError, TypeError, ValueError) as error:
        raise ValueError(f"{name} must be {allowed}; {error}") from error
    if X.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {name} must hold real numbers.")
    if X.dtype.kind in "USMmV":
        raise TypeError(f"{name} must hold numbers; got dtype {X.dtype}.")
    if X.dtype.kind == "O":
        try:
            return X.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{name} must hold numbers; got dtype object: {error}. It must be {allowed}."
            ) from error
    return X


def check_choice(name: str, value: Any, choices: Sequence[_Choice], source: str = "") -> _Choice:
    """Return `value` if it is one of `choices`, from a source in words, else raise a ValueError."""
    if not any(isinstance(value, type(choice)) and value == choice for choice in choices):
        allowed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} must be one of {source}{allowed}; got {value!r}.")
    return value


def check_bool(name: str, value: Any) -> bool:
    """Return `value` as a bool, or raise a TypeError if it is anything else."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {value!r}.")
    return bool(value)


@overload
def check_number(
    name: str,
    value: Any,
    *,
    low: float = ...,
    high: float = ...,
    open_low: bool = ...,
    open_high: bool = ...,
    integer: Literal[True],
) -> int: ...
@overload
def check_number(
    name: str,
    value: Any,
    *,
    low: float = ...,
    high: float = ...,
    open_low: bool = ...,
    open_high: bool = ...,
    integer: Literal[False] = ...,
) -> float: ...
def check_number(
    name: str,
    value: Any,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    open_low: bool = False,
    open_high: bool = False,
    integer: bool = False,
) -> float:
    """Return `value` as a plain int or float if it lies in the interval.

    Raises TypeError for anything that is not a number of the wanted kind (a
    bool is none), and ValueError for one outside the interval or not a number.
    """
    kind = "an integer" if integer else "a number"
    of_kind = isinstance(value, Integral if integer else Real)
    if isinstance(value, bool | np.bool_) or not of_kind:
        raise TypeError(f"{name} must be {kind}; got {value!r} of type {type(value).__name__}.")
    value = int(value) if integer else float(value)
    above = value > low if open_low else value >= low
    below = value < high if open_high else value <= high
    if not (above and below):
        interval = f"in {'(' if open_low else '['}{low}, {high}{')' if open_high else ']'}"
        if high == np.inf:
            interval = f"{'above' if open_low else 'of at least'} {low}"
            interval += " and finite" if open_high else ""
        if low == -np.inf and high == np.inf:
            raise ValueError(f"{name} must be {kind} that is finite; got {value!r}.")
        raise ValueError(f"{name} must be {kind} {interval}; got {value!r}.")
    return value


def check_share(name: str, value: Any) -> float:
    """Return a share strictly between 0 and 1 as a plain float, or raise as `check_number`."""
    return check_number(name, value, low=0, high=1, open_low=True, open_high=True)


def check_n_samples(n_samples: Any) -> int:
    """Return the number of samples to draw as an int, at least 1."""
    return check_number("n_samples", n_samples, low=1, integer=True)


def check_equal_length(name: str, value: Any, X: Any) -> None:
    """Raise a ValueError unless `value` has as many rows as the images X."""
    n = len(np.asarray(value))
    if n != len(X):
        raise ValueError(f"{name} must have as many rows as X has images, {len(X)}; got {n}.")


def check_estimator(name: str, value: Any, *methods: str) -> None:
    """Raise a TypeError unless `value` is an estimator with all these methods."""
    if isinstance(value, type) or not hasattr(value, "get_params"):
        raise TypeError(f"{name} must be an estimator; got {value!r}.")
    for method in methods:
        if not hasattr(value, method):
            allowed = " and ".join(
                (", ".join(methods[:-1]), methods[-1]) if methods[1:] else methods
            )
            raise TypeError(f"{name} must have {allowed}; got {value!r} without {method}.")


def check_at_most_one(**values: Any) -> None:
    """Raise a ValueError if more than one of the named values is not None."""
    given = {name: value for name, value in values.items() if value is not None}
    if len(given) > 1:
        came = ", ".join(f"{name}={value!r}" for name, value in given.items())
        raise ValueError(f"Only one of {', '.join(values)} may be given; got {came}.")


@contextmanager
def keep_state_on_error(estimator: object) -> Iterator[None]:
    """Give the estimator its attributes back if an exception leaves the block."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
