"""A plane through a normal distribution: the points of a grid, and what is checked of it."""

from typing import Any

import numpy as np
from scipy import linalg

from sklatent._typing import ArrayLike, FloatArray
from sklatent._validation import check_number

__all__ = ["checked_array", "checked_counts", "checked_places", "checked_sizes", "plane_points"]


def plane_points(
    mean: FloatArray,
    covariance: FloatArray,
    pair: Any,
    x: ArrayLike,
    y: ArrayLike,
    *,
    others: str = "mean",
) -> FloatArray:
    r"""Return the points (ny * nx, d) of a grid over two components, x running fastest.

    The others stand at their mean, or for "conditional" at their mean given the two,
    :math:`\mu_B + \Sigma_{BA} \Sigma_{AA}^{-1} (z_A - \mu_A)`.
    """
    pair = list(pair)
    offsets = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) - mean[pair]
    points = np.tile(mean, (len(offsets), 1)).astype(float)
    if others == "conditional":
        inner = linalg.pinvh(covariance[np.ix_(pair, pair)])
        points += offsets @ inner @ covariance[pair]
    points[:, pair] = mean[pair] + offsets
    return points


def checked_counts(n_points: int | tuple[int, int]) -> tuple[int, int]:
    """Return the numbers of images along x and y, each at least 2, of one number or two."""
    counts = n_points if isinstance(n_points, tuple | list) else (n_points, n_points)
    if len(counts) != 2:
        raise ValueError(f"n_points must be one number or two; got {n_points!r}.")
    nx, ny = (check_number("n_points", count, low=2, integer=True) for count in counts)
    return nx, ny


def checked_sizes(n_std: Any) -> tuple[float, ...]:
    """Return sizes of ellipses in sigma, each above 0, of one number or several."""
    values = (n_std,) if np.ndim(n_std) == 0 else tuple(n_std)
    return tuple(
        check_number("n_std", value, low=0, open_low=True, open_high=True) for value in values
    )


def checked_places(name: str, places: ArrayLike) -> FloatArray:
    """Return places (n,) that increase at even distances, or raise a ValueError."""
    places = np.asarray(places, dtype=float)
    steps = np.diff(places) if places.ndim == 1 and len(places) > 1 else np.zeros(1)
    if not ((steps > 0).all() and np.allclose(steps, steps[0], rtol=1e-4)):
        raise ValueError(
            f"{name} must increase at even distances, in one dimension, at least two values; got "
            f"{places}."
        )
    return places


def checked_array(name: str, value: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Return finite numbers of a shape as an array, or raise a ValueError."""
    array = np.asarray(value, dtype=float)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers of shape {shape}; got {value!r}.")
    return array
