"""Images as they are drawn: on the scale from 0 to 1, with the units of the estimator."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from sklatent._images.format import ImageFormat, as_image_array, checked_pair, resolve_value_range
from sklatent._pipeline.steps import learned_units
from sklatent._typing import AnyArray, ArrayLike, FloatArray, ImageShape, IntArray, ValueRange

__all__ = [
    "Units",
    "as_groups",
    "evenly_spaced",
    "joined_rows",
    "known_range",
    "unit_images",
    "units_of",
]

_CHANNELS = (1, 3, 4)


class Units(NamedTuple):
    """Shape of an image, and what stands for 0 and 1; None and "auto" are read off the images."""

    image_shape: ImageShape | None = None
    value_range: ValueRange = "auto"


def units_of(
    estimator: Any, image_shape: ImageShape | None = None, value_range: ValueRange = "auto"
) -> Units:
    """Return the units of the images that an autoencoder, or a pipeline with one, gives back.

    What the caller says goes first. The value range is that of the images where no step before
    the autoencoder has changed them.
    """
    learned = learned_units(estimator)
    if isinstance(value_range, str) and learned.value_range is not None:
        value_range = learned.value_range
    return Units(learned.image_shape if image_shape is None else image_shape, value_range)


def unit_images(images: ArrayLike, name: str = "images", units: Units | None = None) -> FloatArray:
    """Return images (n, height, width, channels), float32, in [0, 1]; what lies beyond is cut."""
    units = units or Units()
    array = as_image_array(images, name)
    found = ImageFormat.of(array, _shape_for(array, units), "auto", name)
    if not isinstance(units.value_range, str):
        found = replace(found, value_range=checked_pair(units.value_range))
        _check_scale(array, name, found.value_range)
    elif units.value_range != "auto":
        checked_pair(units.value_range)
    if found.image_shape[2] not in _CHANNELS:
        raise ValueError(
            f"{name} must have 1, 3 or 4 channels to be drawn; got {found.image_shape[2]}."
        )
    return found.to_unit(array).clip(0.0, 1.0)


def _shape_for(array: AnyArray, units: Units) -> ImageShape | None:
    if units.image_shape is None or array.ndim != 2:
        return None if array.ndim == 4 else units.image_shape
    height, width, channels = (*units.image_shape, 1)[:3]
    n_channels, rest = divmod(array.shape[1], height * width)
    # Grey and coloured versions of one image share a height and a width.
    return (height, width, n_channels if n_channels and not rest else channels)


def known_range(images: AnyArray, value_range: ValueRange) -> tuple[float, float]:
    """Return the pair given, or for "auto" the one that images show; never of width 0."""
    if not (isinstance(value_range, str) and value_range == "auto"):
        return checked_pair(value_range)
    low, high = resolve_value_range(images, value_range)
    return (low, high) if high > low else (low, low + 1.0)


def _check_scale(array: AnyArray, name: str, value_range: tuple[float, float]) -> None:
    low, high = value_range
    smallest, largest = float(array.min()), float(array.max())
    too_large = (low, high) == (0.0, 1.0) and array.dtype.kind in "ui" and largest > 1
    fractions = array.dtype.kind == "f" and bool((np.rint(array) != array).any())
    too_small = low >= 0 and high >= 10 and smallest >= 0 and 0 < largest <= 1 and fractions
    if too_large or too_small:
        raise ValueError(
            f"{name} must be in units where pixel values run from {low:g} to {high:g}; got "
            f"{array.dtype} values from {smallest:g} to {largest:g}."
        )


def as_groups(groups: Any, name: str = "images", of: str = "arrays of images") -> dict[str, Any]:
    """Return a dictionary with names in words, or raise a TypeError if it is none or empty."""
    if not isinstance(groups, Mapping) or not groups:
        raise TypeError(
            f"{name} must be a dictionary of {of} by name, with one or more entries; "
            f"got {type(groups).__name__}."
        )
    return {str(key): value for key, value in groups.items()}


def evenly_spaced(positions: ArrayLike, n_shown: int) -> IntArray:
    """Return indices of at most so many points at nearly even distances, with both ends."""
    positions = np.asarray(positions, dtype=float)
    if n_shown >= len(positions):
        return np.arange(len(positions))
    wanted = np.linspace(positions[0], positions[-1], n_shown)
    return np.unique(np.abs(positions[:, None] - wanted).argmin(axis=0))


def joined_rows(rows: dict[str, FloatArray]) -> tuple[FloatArray, AnyArray]:
    """Return the images of all rows, of one shape, and for each the name of its row."""
    first = next(iter(rows))
    for name, images in rows.items():
        if images.shape[1:] != rows[first].shape[1:]:
            raise ValueError(
                f"images[{name!r}] must have images of the shape of images[{first!r}], "
                f"{rows[first].shape[1:]}; got {images.shape[1:]}."
            )
    labels = np.repeat(np.array(list(rows)), [len(images) for images in rows.values()])
    return np.concatenate(list(rows.values())), labels
