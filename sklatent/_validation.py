"""Checks of parameters and counts.

Each error names the parameter, what is allowed, and what came.
"""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any, Literal, TypeVar, overload

import numpy as np
from scipy import sparse

from sklatent._typing import AnyArray

__all__ = [
    "as_labels",
    "as_numeric_array",
    "as_plain",
    "check_at_most_one",
    "check_bool",
    "check_choice",
    "check_equal_length",
    "check_estimator",
    "check_groups",
    "check_n_samples",
    "check_number",
    "check_share",
    "keep_state_on_error",
    "of_numbers",
    "refuse_mask",
]


_Choice = TypeVar("_Choice")
_NO_NUMBERS = (
    *(str, bytes, complex, np.complexfloating, np.datetime64, np.timedelta64),
    *(datetime.date, datetime.time, datetime.timedelta),
)


def as_numeric_array(X: Any, name: str, allowed: str) -> AnyArray:
    """Return X as an array of real numbers, without a copy where possible.

    Raises TypeError if X is sparse or holds anything else, and ValueError if
    its rows differ in shape or it hides values; `allowed` says what X may be.
    """
    if sparse.issparse(X):
        raise TypeError(f"{name} must be {allowed}; got a sparse {type(X).__name__}.")
    X = np.asarray(of_numbers(X, name, allowed))
    if X.dtype.kind == "O":
        try:
            return X.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{name} must hold numbers; got dtype object: {error}. It must be {allowed}."
            ) from error
    return X


def as_labels(y: Any, name: str = "y") -> AnyArray:
    """Return labels as an array, or raise a ValueError if it hides some of them."""
    refuse_mask(y, name)
    try:
        return np.asarray(as_plain(y))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold one label for each row: {error}") from error


def as_plain(X: Any) -> Any:
    """Return a tensor, with gradient or not and on any device, as an array; anything else as is."""
    if all(hasattr(X, name) for name in ("detach", "cpu", "numpy")):
        return X.detach().cpu().numpy()
    return X


def of_numbers(X: Any, name: str, allowed: str) -> Any:
    """Return a table or a sparse matrix as it is, anything else as an array, of numbers alone."""
    refuse_mask(X, name)
    X = as_plain(X)
    if sparse.issparse(X):
        return X
    if hasattr(X, "columns") and hasattr(X, "dtypes"):
        for index, dtype in enumerate(X.dtypes):
            if getattr(dtype, "kind", "O") not in "biuf":
                column = X.iloc[:, index] if hasattr(X, "iloc") else X[:, index]
                _check_kind(np.asarray(column), name)
        return X
    try:
        X = np.asarray(X)
    except (RuntimeError, TypeError, ValueError) as error:
        raise ValueError(f"{name} must be {allowed}; {error}") from error
    _check_kind(X, name)
    return X


def _check_kind(values: AnyArray, name: str) -> None:
    """Raise for what a conversion to floats would take: dates, durations, text and bytes."""
    kind = values.dtype.kind
    if kind == "O":
        for found in set(map(type, values.flat)):
            if issubclass(found, _NO_NUMBERS):
                came = f"dtype object with a {found.__name__}"
                raise TypeError(f"{name} must hold numbers; got {came}.")
    if kind == "c":
        raise ValueError(f"Complex data not supported: {name} must hold real numbers.")
    if kind in "USMmVT":
        raise TypeError(f"{name} must hold numbers; got dtype {values.dtype}.")


def refuse_mask(X: Any, name: str) -> None:
    """Raise a ValueError if X is a masked array, or a list of such, that hides values."""
    if _hides(X):
        raise ValueError(
            f"{name} must have no masked values, of which what is under the mask would be used; "
            "fill them, or leave their rows out."
        )


def _hides(X: Any) -> bool:
    if isinstance(X, list | tuple):
        return any(map(_hides, X))
    return isinstance(X, np.ma.MaskedArray) and bool(np.ma.is_masked(X))


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
    n = len(as_labels(value, name))
    if n != len(X):
        raise ValueError(f"{name} must have as many rows as X has images, {len(X)}; got {n}.")


def check_groups(groups: Any, X: Any) -> AnyArray:
    """Return one group for each of the images X, or raise an error that names what is wrong."""
    check_equal_length("groups", groups, X)
    groups = as_labels(groups, "groups")
    if groups.ndim != 1:
        raise ValueError(f"groups must have one dimension; got shape {groups.shape}.")
    if groups.dtype.kind == "O" and len({type(group) for group in groups}) > 1:
        raise TypeError("groups must be of one type, numbers or strings; got several.")
    if groups.dtype.kind not in "biufUSO" or np.any(groups != groups):
        raise ValueError("groups must hold a number or string for each image, and no NaN.")
    return groups


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
def keep_state_on_error(*estimators: object) -> Iterator[None]:
    """Give estimators their attributes back if an exception leaves the block."""
    before = [vars(estimator).copy() for estimator in estimators]
    try:
        yield
    except BaseException:
        for estimator, state in zip(estimators, before, strict=True):
            vars(estimator).clear()
            vars(estimator).update(state)
        raise
