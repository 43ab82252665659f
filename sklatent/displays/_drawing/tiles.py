"""Images as they are drawn: on the scale from 0 to 1, with the units of the estimator."""

from collections.abc import Mapping
from dataclasses import replace
from numbers import Real
from typing import NamedTuple

import numpy as np

from sklatent._images.format import ImageFormat, as_image_array, resolve_value_range
from sklatent._pipeline.steps import learned_units

__all__ = [
    "Units",
    "as_groups",
    "checked_range",
    "evenly_spaced",
    "known_range",
    "unit_images",
    "units_of",
]

_CHANNELS = (1, 3, 4)


class Units(NamedTuple):
    """Shape of an image, and the pixel values that stand for 0 and 1.

    Attributes
    ----------
    image_shape : tuple of int or None
        (height, width, channels); None is read off the images.
    value_range : tuple (low, high) or "auto"
        "auto" is read off the images.
    """

    image_shape: tuple | None = None
    value_range: tuple | str = "auto"


def units_of(estimator, image_shape=None, value_range="auto") -> Units:
    """Return the units of the images that an estimator gives back.

    Parameters
    ----------
    estimator : estimator
        Fitted autoencoder, or pipeline of which one step is such. Where no estimator before it
        has changed the images, its value range is theirs.
    image_shape : tuple of int, default=None
        Of the caller; goes before the estimator's.
    value_range : "auto" or tuple (low, high), default="auto"
        Of the caller; goes before the estimator's.

    Returns
    -------
    Units
    """
    learned = learned_units(estimator)
    if isinstance(value_range, str) and learned.value_range is not None:
        value_range = learned.value_range
    return Units(learned.image_shape if image_shape is None else image_shape, value_range)


def unit_images(images, name: str = "images", units: Units | None = None) -> np.ndarray:
    """Return images as they are drawn.

    Parameters
    ----------
    images : array-like of shape (n, n_pixels), (n, height, width) or \
            (n, height, width, channels)
        Images with 1, 3 or 4 channels.
    name : str, default="images"
        Of the parameter, for errors.
    units : Units, default=None
        Their shape and value range; None reads both off the images. Values beyond the range
        are cut off.

    Returns
    -------
    ndarray of shape (n, height, width, channels), float32
        In [0, 1].

    Raises
    ------
    ValueError
        If the images have another number of channels, or are no images of that shape.
    TypeError
        If they are not numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.displays._drawing.tiles import unit_images
    >>> unit_images(np.full((2, 8, 8), 51, dtype=np.uint8)).shape
    (2, 8, 8, 1)
    """
    units = units or Units()
    array = as_image_array(images, name)
    found = ImageFormat.of(array, _shape_for(array, units), "auto", name)
    if not isinstance(units.value_range, str):
        found = replace(found, value_range=checked_range(units.value_range))
        _check_scale(array, name, found.value_range)
    elif units.value_range != "auto":
        checked_range(units.value_range)
    if found.image_shape[2] not in _CHANNELS:
        raise ValueError(
            f"{name} must have 1, 3 or 4 channels to be drawn; got {found.image_shape[2]}."
        )
    return found.to_unit(array).clip(0.0, 1.0)


def _shape_for(array: np.ndarray, units: Units):
    if units.image_shape is None or array.ndim != 2:
        return None if array.ndim == 4 else units.image_shape
    height, width, channels = (*units.image_shape, 1)[:3]
    n_channels, rest = divmod(array.shape[1], height * width)
    # Grey and coloured versions of one image share a height and a width.
    return (height, width, n_channels if n_channels and not rest else channels)


def checked_range(value_range) -> tuple[float, float]:
    """Return an increasing pair of finite numbers as floats, or raise a ValueError."""
    pair = tuple(value_range) if isinstance(value_range, tuple | list | np.ndarray) else ()
    numbers = len(pair) == 2 and all(isinstance(v, Real) and np.isfinite(float(v)) for v in pair)
    if not numbers or not pair[0] < pair[1]:
        raise ValueError(
            "value_range must be 'auto' or a pair (low, high) of finite numbers with "
            f"low < high; got {value_range!r}."
        )
    return float(pair[0]), float(pair[1])


def known_range(images: np.ndarray, value_range) -> tuple[float, float]:
    """Return the pair given, or for "auto" the one that images show; never of width 0."""
    if not (isinstance(value_range, str) and value_range == "auto"):
        return checked_range(value_range)
    low, high = resolve_value_range(images, value_range)
    return (low, high) if high > low else (low, low + 1.0)


def _check_scale(array: np.ndarray, name: str, value_range) -> None:
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


def as_groups(images, name: str = "images") -> dict[str, object]:
    """Return named images as a dictionary with names in words, or raise a TypeError."""
    if not isinstance(images, Mapping) or not images:
        raise TypeError(
            f"{name} must be a dictionary of arrays of images by name, with one or more entries; "
            f"got {type(images).__name__}."
        )
    return {str(key): value for key, value in images.items()}


def evenly_spaced(positions, n_shown: int) -> np.ndarray:
    """Return indices of points at nearly even distances, with both ends.

    Parameters
    ----------
    positions : ndarray of shape (n,)
        Increasing.
    n_shown : int
        At least 1.

    Returns
    -------
    ndarray of int
        Increasing, at most `n_shown`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.displays._drawing.tiles import evenly_spaced
    >>> evenly_spaced(np.linspace(0, 1, 9), 3)
    array([0, 4, 8])
    """
    positions = np.asarray(positions, dtype=float)
    if n_shown >= len(positions):
        return np.arange(len(positions))
    wanted = np.linspace(positions[0], positions[-1], n_shown)
    return np.unique(np.abs(positions[:, None] - wanted).argmin(axis=0))
