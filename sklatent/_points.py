"""How latent points and their classes are taken in: as finite arrays of NumPy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from sklatent._typing import AnyArray
from sklatent._validation import check_number, of_numbers

__all__ = [
    "POINT_DTYPES",
    "check_classes",
    "check_scale",
    "check_squares",
    "naming",
    "rows_of",
    "taken_points",
]

# The coarseness of a type says which directions hold rounding alone.
POINT_DTYPES = (np.float64, np.float32, np.float16)

_ALLOWED = "an array of points of shape (n, d)"

# Of factors on standard deviations: the square of a ratio of two is a float64.
SMALLEST, LARGEST = 1e-70, 1e70
# Of coordinates: what squares, sums and differences of squares still hold.
LARGEST_VALUE = 1e150


def check_scale(name: str, value: Any) -> float:
    """Return a factor on standard deviations as a float above 0, with squares to compute with."""
    value = check_number(name, value, low=0, open_low=True, open_high=True)
    if not SMALLEST <= value <= LARGEST:
        raise ValueError(
            f"{name} must be a number from {SMALLEST:g} to {LARGEST:g}, of which float64 holds "
            f"squares and their ratios; got {value!r}."
        )
    return value


def check_squares(points: AnyArray, name: str) -> AnyArray:
    """Return points if float64 holds their squares, or raise a ValueError."""
    if float(np.abs(points).max(initial=0)) > LARGEST_VALUE:
        raise ValueError(
            f"{name} must hold values whose squares float64 can hold; got larger ones."
        )
    return points


def taken_points(
    estimator: Any, X: Any, *, reset: bool = False, dtype: Any = POINT_DTYPES, **options: Any
) -> AnyArray:
    """Return points (n, d) for an estimator, which notes their number and names of columns."""
    with naming("X"), config_context(array_api_dispatch=False):
        return validate_data(
            estimator, of_numbers(X, "X", _ALLOWED), reset=reset, dtype=dtype, **options
        )


def rows_of(X: Any, name: str, *, dtype: Any = POINT_DTYPES, **options: Any) -> AnyArray:
    """Return points (n, d) as a finite array, or raise an error that names the parameter."""
    with naming(name), config_context(array_api_dispatch=False):
        return check_array(of_numbers(X, name, _ALLOWED), dtype=dtype, input_name=name, **options)


@contextmanager
def naming(name: str, allowed: str = "a two-dimensional array of finite numbers") -> Iterator[None]:
    """Name the parameter where a message of scikit-learn does not."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if name in str(error).replace("(", " ").replace(",", " ").split():
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        if "feature names" in str(error).lower():
            raise ValueError(f"{name} must have the components that fit saw: {error}") from error
        raise kind(f"{name} must be {allowed}: {error}") from error


def check_classes(labels: AnyArray, name: str = "y") -> AnyArray:
    """Return an array of classes if none is missing and all can be sorted, or raise an error."""
    missing = [label is None for label in labels.ravel()] if labels.dtype.kind == "O" else [False]
    with np.errstate(invalid="ignore"):
        # NaN, of any type, is what differs from itself.
        infinite = labels.dtype.kind == "f" and np.any(np.isinf(labels))
        if any(missing) or infinite or np.any(labels != labels):
            raise ValueError(
                f"{name} must hold a class for each point; got None, NaN or infinity among them."
            )
    try:
        np.unique(labels)
    except TypeError as error:
        raise TypeError(f"{name} must hold classes of one type: {error}") from error
    return labels
