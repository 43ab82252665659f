"""Paths as arrays: checks, what is read off the records of `sklatent.paths`, and curves."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from sklatent._pipeline.steps import density_of
from sklatent._typing import AnyArray, ArrayLike, FloatArray, IntArray
from sklatent._validation import as_numeric_array, check_number
from sklatent.paths._space import without_names

from .tiles import evenly_spaced

__all__ = [
    "MEASURES",
    "Original",
    "Strips",
    "as_strips",
    "by_name",
    "checked_count",
    "checked_paths",
    "checked_positions",
    "checked_values",
    "positions_and_shown",
    "with_band",
    "with_curves",
]

MOST_SHOWN = 13
MEASURES = {
    "mahalanobis_squared": "squared\nMahalanobis\ndistance",
    "density_percentile": "percentile\nof density",
}
BAND = 0.95


class Original(NamedTuple):
    """An image whose detail the images of a path keep, and its point (d,)."""

    image: AnyArray
    origin: FloatArray


class Strips(NamedTuple):
    """Paths by name: points (n, d), shared positions (n,), curves (n,), a band for 95 %.

    With `originals` their images are those, changed.
    """

    points: dict[str, FloatArray]
    positions: ArrayLike | None
    position_name: str
    values: dict[str, FloatArray] | None = None
    value_name: str = ""
    band: tuple[float, float] | None = None
    originals: dict[str, Original] | None = None


def by_name(value: Any, name: str) -> dict[str, Any]:
    """Return paths by name; one alone is called "path"."""
    if not isinstance(value, Mapping):
        return {"path": value}
    if not value:
        raise ValueError(f"{name} must hold at least one path; got an empty dictionary.")
    return {str(key): entry for key, entry in value.items()}


def checked_paths(points: Any) -> dict[str, FloatArray]:
    """Return points (n, d) by the name of their path as finite arrays, or raise a ValueError."""
    return {name: _checked_points(value) for name, value in by_name(points, "points").items()}


def _checked_points(points: ArrayLike) -> FloatArray:
    points = as_numeric_array(points, "points", "an array of shape (n, d)")
    if points.ndim != 2 or len(points) < 2:
        raise ValueError(f"points must be of shape (n, d) with n >= 2; got {points.shape}.")
    if not np.isfinite(points).all():
        raise ValueError("points must be finite; got NaN or infinity.")
    return points


def checked_count(n_images: int | None, n: int) -> int:
    """Return the number of images on a strip, at least 2; None chooses one for n points."""
    if n_images is not None:
        return check_number("n_images", n_images, low=2, integer=True)
    if n <= MOST_SHOWN:
        return n
    return next((m for m in (9, 10, 8, 11, 7) if (n - 1) % (m - 1) == 0), 9)


def checked_positions(positions: ArrayLike | None, paths: Mapping[str, Any]) -> FloatArray:
    """Return increasing positions (n,), as many as each path has points; None is even ones."""
    if positions is None:
        positions = np.linspace(0.0, 1.0, len(next(iter(paths.values()))))
    positions = np.asarray(positions, dtype=float)
    finite = positions.ndim == 1 and len(positions) > 1 and np.isfinite(positions).all()
    if not finite or not (np.diff(positions) > 0).all():
        raise ValueError(
            "positions must be finite and increase, in one dimension, at least two of them; got "
            f"{positions}."
        )
    for name, path in paths.items():
        if len(path) != len(positions):
            raise ValueError(
                f"Each path must have a point for each of {len(positions)} positions; {name!r} "
                f"has {len(path)}."
            )
    return positions


def positions_and_shown(
    positions: ArrayLike | None, paths: Mapping[str, Any], n_images: int | None
) -> tuple[FloatArray, IntArray]:
    """Return the positions (n,) of paths, and which of their points have an image."""
    positions = checked_positions(positions, paths)
    return positions, evenly_spaced(positions, checked_count(n_images, len(positions)))


def checked_values(
    values: Mapping[str, ArrayLike] | None, images: Mapping[str, Any], n: int
) -> dict[str, FloatArray] | None:
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


def as_strips(path: Any, names: Sequence[str] | None, measure: str) -> Strips:
    """Return paths, or the rows of a grid, by name, with the values of a measure they all know."""
    if all(hasattr(path, name) for name in ("points", "rows", "columns")):
        return _rows_of_grid(path, names, measure)
    if names is not None:
        raise ValueError("names must be None but for a grid; name several paths in a dictionary.")
    paths = by_name(path, "path")
    first = next(iter(paths.values()))
    for name, record in paths.items():
        if not (hasattr(record, "points") and hasattr(record, "positions")):
            raise TypeError(f"path {name!r} must have points and positions; got {record!r}.")
        if not np.array_equal(record.positions, first.positions):
            raise ValueError(
                f"path {name!r} must have the positions of the others, so that they share an "
                "axis; draw it by itself."
            )
    points = {name: np.asarray(record.points) for name, record in paths.items()}
    values: dict[str, Any] = {name: getattr(paths[name], measure, None) for name in paths}
    known = all(value is not None for value in values.values())
    curves = values if known else None
    return Strips(points, first.positions, "position on the path", curves, MEASURES[measure])


def _rows_of_grid(grid: Any, names: Sequence[str] | None, measure: str) -> Strips:
    points, values = np.asarray(grid.points), getattr(grid, measure, None)
    names = _names_of_rows(grid.rows) if names is None else [str(name) for name in names]
    if len(names) != len(points) or len(set(names)) != len(points):
        raise ValueError(f"names must be {len(points)} different ones; got {names}.")
    by_row = None if values is None else dict(zip(names, values, strict=True))
    moved = np.asarray(grid.rows).dtype.kind in "iu"
    words = "distance moved" if moved else "standard deviations from the centre"
    paths = dict(zip(names, points, strict=True))
    originals = getattr(grid, "originals", None)
    if originals is not None:
        kept = map(Original, originals, grid.origins)
        originals = dict(zip(names, kept, strict=True))
    return Strips(paths, grid.columns, words, by_row, MEASURES[measure], originals=originals)


def _names_of_rows(rows: ArrayLike) -> list[str]:
    """Name the rows of a grid: axes, points that are moved, or places along a second axis."""
    rows = np.asarray(rows)
    if rows.dtype.kind in "iu":
        return [f"point {row}" for row in rows]
    if rows.dtype.kind == "f":
        return [f"second axis {row:.3g}" for row in rows]
    return [_name_of_axis(row) for row in rows]


def _name_of_axis(axis: Any) -> str:
    if not isinstance(axis, tuple):
        return f"axis {axis}"
    whole = all(isinstance(value, int) for value in axis)
    return "axes " + ", ".join(map(str, axis)) if whole else "direction"


def with_band(strips: Strips, measure: str, decoder: Any) -> Strips:
    """Return strips with the band of distances behind a decoder's density, if they know any."""
    if measure != "mahalanobis_squared" or strips.values is None:
        return strips
    return strips._replace(band=_chi_square_band(density_of(decoder), strips.points))


def with_curves(strips: Strips, density: Any) -> Strips:
    """Return strips with squared Mahalanobis distances, or else log-densities, of their points."""
    density = without_names(density)
    if hasattr(density, "mahalanobis_squared"):
        values = {name: density.mahalanobis_squared(z) for name, z in strips.points.items()}
        band = _chi_square_band(density, strips.points)
        name = MEASURES["mahalanobis_squared"]
        return strips._replace(values=values, value_name=name, band=band)
    if hasattr(density, "score_samples"):
        values = {name: density.score_samples(z) for name, z in strips.points.items()}
        return strips._replace(values=values, value_name="log-density\n(nats)")
    if density is not None:
        raise TypeError(f"density must have mahalanobis_squared or score_samples; got {density!r}.")
    return strips


def _chi_square_band(density: Any, paths: Mapping[str, FloatArray]) -> tuple[float, float]:
    """Return where 95 % of chi-squared lie, of the density's rank or else the dimension."""
    d = next(iter(paths.values())).shape[-1]
    low, high = stats.chi2.interval(BAND, getattr(density, "rank_", d))
    return float(low), float(high)
