"""Paths as arrays: checks, and what is read off the records of `sklatent.paths`."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sklatent._validation import as_numeric_array, check_number

__all__ = [
    "Strip",
    "as_strips",
    "by_name",
    "checked_count",
    "checked_points",
    "checked_positions",
    "checked_values",
]

MOST_SHOWN = 13


def by_name(value, name: str) -> dict:
    """Return paths by name; one alone is called "path"."""
    if not isinstance(value, Mapping):
        return {"path": value}
    if not value:
        raise ValueError(f"{name} must hold at least one path; got an empty dictionary.")
    return {str(key): entry for key, entry in value.items()}


def checked_points(points) -> np.ndarray:
    """Return points (n, d) as a finite array, or raise a ValueError."""
    points = as_numeric_array(points, "points", "an array of shape (n, d)")
    if points.ndim != 2 or len(points) < 2:
        raise ValueError(f"points must be of shape (n, d) with n >= 2; got {points.shape}.")
    if not np.isfinite(points).all():
        raise ValueError("points must be finite; got NaN or infinity.")
    return points


def checked_count(n_images, n: int) -> int:
    """Return the number of images on a strip, at least 2; None chooses one for n points."""
    if n_images is not None:
        return check_number("n_images", n_images, low=2, integer=True)
    if n <= MOST_SHOWN:
        return n
    return next((m for m in (9, 10, 8, 11, 7) if (n - 1) % (m - 1) == 0), 9)


def checked_positions(positions, lengths: dict[str, int]) -> np.ndarray:
    """Return increasing positions (n,), as many as each path has points, or raise a ValueError."""
    positions = np.asarray(positions, dtype=float)
    finite = positions.ndim == 1 and len(positions) > 1 and np.isfinite(positions).all()
    if not finite or not (np.diff(positions) > 0).all():
        raise ValueError(
            "positions must be finite and increase, in one dimension, at least two of them; got "
            f"{positions}."
        )
    for name, length in lengths.items():
        if length != len(positions):
            raise ValueError(
                f"Each path must have a point for each of {len(positions)} positions; {name!r} "
                f"has {length}."
            )
    return positions


def checked_values(values, images, n: int):
    """Return curves (n,) by the names of images, or raise a ValueError; None stays."""
    if values is None:
        return None
    if set(values) != set(images):
        raise ValueError(
            f"values must have the names of images, {list(images)}; got {list(values)}."
        )
    arrays = {name: np.asarray(values[name], dtype=float) for name in images}
    for name, array in arrays.items():
        if array.shape != (n,):
            raise ValueError(f"values[{name!r}] must have shape ({n},); got {array.shape}.")
    return arrays


class Strip(NamedTuple):
    """A path as it is drawn: points (n, d), positions (n,), values (n,), and its decoder."""

    points: np.ndarray
    positions: np.ndarray
    values: np.ndarray | None
    pipeline: object


def as_strips(path, names, measure: str) -> tuple[dict[str, Strip], str]:
    """Return points, positions and values of paths by name, and what their positions are."""
    if all(hasattr(path, name) for name in ("points", "rows", "columns")):
        points, values = np.asarray(path.points), getattr(path, measure, None)
        names = _names_of_rows(path.rows) if names is None else list(names)
        if len(set(names)) != len(points):
            raise ValueError(f"names must be {len(points)} different ones; got {names}.")
        pipeline = getattr(path, "pipeline", None)
        strips = {
            str(name): Strip(
                points[row], path.columns, None if values is None else values[row], pipeline
            )
            for row, name in enumerate(names)
        }
        moved = np.asarray(path.rows).dtype.kind in "iu"
        return strips, "distance moved" if moved else "standard deviations from the centre"
    if names is not None:
        raise ValueError("names must be None but for a grid; name several paths in a dictionary.")
    strips = {}
    for name, record in by_name(path, "path").items():
        if not (hasattr(record, "points") and hasattr(record, "positions")):
            raise TypeError(f"path {name!r} must have points and positions; got {record!r}.")
        strips[name] = Strip(
            np.asarray(record.points), record.positions, getattr(record, measure, None),
            getattr(record, "pipeline", None),
        )  # fmt: skip
    return strips, "position on the path"


def _names_of_rows(rows) -> list[str]:
    """Name the rows of a grid: axes, points that are moved, or places along a second axis."""
    rows = np.asarray(rows)
    if rows.dtype.kind in "iu":
        return [f"point {row}" for row in rows]
    if rows.dtype.kind == "f":
        return [f"second axis {row:.3g}" for row in rows]
    return [_name_of_axis(row) for row in rows]


def _name_of_axis(axis) -> str:
    if not isinstance(axis, tuple):
        return f"axis {axis}"
    whole = all(isinstance(value, int) for value in axis)
    return "axes " + ", ".join(map(str, axis)) if whole else "direction"
