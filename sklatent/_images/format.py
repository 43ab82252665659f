"""Image layout and scale: how images lie in an array, and in which units.

Networks see float32 arrays of shape (n, H, W, C) in [0, 1]. Users have flat
rows, grey images or images with channels, in units of their own. Everything
between the two is decided here.
"""

import warnings
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array

from sklatent._typing import AnyArray, FloatArray, Self
from sklatent._validation import as_labels, as_numeric_array

from .pictures import as_shown

__all__ = [
    "ImageFormat",
    "as_image_array",
    "as_rounded",
    "check_same_units",
    "checked_pair",
    "is_label_array",
    "resolve_value_range",
    "shape_as_is",
    "squared_error",
]

_LAYOUTS = {2: "(n, n_pixels)", 3: "(n, height, width)", 4: "(n, height, width, channels)"}
_ALLOWED = "an array of shape " + ", ".join(_LAYOUTS.values())
_SMALLEST_SQUARE_SIDE = 8
_MOST_CHANNELS = 4
_USUAL_RANGES = ((0.0, 1.0), (0.0, 255.0))
_IMAGES_FOR_MEAN = 500
# By so many widths of the scale no image of a model leaves it.
_OTHER_SCALE = 9.0
# Above this, float32 would not hold a scale.
_LARGE = 1e30


def as_image_array(X: Any, name: str = "X") -> AnyArray:
    """Return images as a finite array of 2, 3 or 4 dimensions, without a copy where possible."""
    X = as_numeric_array(as_shown(X), name, f"{_ALLOWED}, all images of one size")
    if X.ndim not in _LAYOUTS:
        raise ValueError(
            f"{name} must be {_ALLOWED}; got shape {X.shape}. Reshape your data; a single image "
            "needs a leading axis, image[None]."
        )
    if X.ndim > 2 and 0 in X.shape:
        raise ValueError(f"{name} must hold at least one image and one pixel; got {X.shape}.")
    return check_array(X, dtype="numeric", ensure_2d=False, allow_nd=True, input_name=name)


def is_label_array(y: Any) -> bool:
    """Tell whether y is no image array: None, one-dimensional, or a column of labels."""
    if y is None:
        return True
    allowed = "None, labels in one dimension, or images"
    try:
        shape = as_labels(as_shown(y)).shape
    except ValueError as error:
        raise ValueError(f"y must be {allowed}; {error}") from error
    if len(shape) == 0:
        raise TypeError(f"y must be {allowed}; got a {type(y).__name__}.")
    return len(shape) < 2 or (len(shape) == 2 and shape[1] == 1)


def resolve_value_range(
    X: AnyArray, value_range: Any = "auto", name: str = "X"
) -> tuple[float, float]:
    """Return the (low, high) pixel values that stand for 0 and 1.

    "auto" is 0-255 for uint8, 0-1 for booleans and for other numbers that lie
    in it, else the smallest and largest value of X.
    """
    if isinstance(value_range, str) and value_range == "auto":
        if X.dtype == np.uint8:
            return (0.0, 255.0)
        if X.dtype == np.bool_:
            return (0.0, 1.0)
        low, high = float(X.min()), float(X.max())
        width = high - low
        if not (np.isfinite(width) and np.isfinite(1 / (width or 1.0))):
            raise ValueError(
                f"{name} must have values whose range float64 can hold; got {low:g} to {high:g}."
            )
        return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
    low, high = checked_pair(value_range)
    _check_inside(X, low, high, name)
    return (low, high)


def squared_error(images: AnyArray, other: AnyArray, width: float = 1.0) -> FloatArray:
    """Mean over pixel values of ((x - y) / width)^2, for each of n images (n, ...) of floats."""
    if images.shape != other.shape:
        raise ValueError(
            f"Images that are compared must have one shape; got {images.shape} and {other.shape}."
        )
    difference = images - other
    if width != 1:
        difference /= width
    return np.square(difference).reshape(len(images), -1).mean(axis=1, dtype=np.float64)


def as_rounded(values: FloatArray, dtype: np.dtype[Any]) -> AnyArray:
    """Return values rounded to integers of a type; what lies beyond it is cut off."""
    limits = np.iinfo(dtype)
    # The largest integer of 64 bits is no float64; the largest float64 below it is taken first.
    high = float(limits.max) if dtype.itemsize < 8 else np.nextafter(float(limits.max), 0)
    rounded = np.rint(values)
    integers = np.clip(rounded, limits.min, high).astype(dtype)
    integers[rounded > high] = limits.max
    return integers


def shape_as_is(X: AnyArray) -> tuple[int, int, int]:
    """Return a shape (height, width, channels) of images where it does not matter which."""
    if X.ndim == 2:
        return (1, X.shape[1], 1)
    height, width, channels = (*X.shape[1:], 1)[:3]
    return (height, width, channels)


def check_same_units(
    name: str, other: AnyArray, value_range: tuple[float, float], dtype: np.dtype[Any]
) -> None:
    """Raise a ValueError where images are in other units than those of X, of a type and in a range.

    One on the scale 0-1 and the other on 0-255, a type that holds no such values, or values that
    are an order of magnitude beyond a usual scale.
    """
    low, high = value_range
    kind = other.dtype.kind
    smallest, largest = float(other.min()), float(other.max())
    unit = low >= 0 and high >= 10 and smallest >= 0 and largest <= 1 and kind == "f"
    unit = unit and bool((np.rint(other) != other).any())
    whole = value_range == (0.0, 1.0) and kind in "ui" and largest > 1
    narrow = other.dtype != dtype and kind in "bui"
    narrow = narrow and high > (1 if kind == "b" else np.iinfo(other.dtype).max)
    margin = _OTHER_SCALE * (high - low)
    far = value_range in _USUAL_RANGES and (smallest < low - margin or largest > high + margin)
    if unit or whole or narrow or far:
        raise ValueError(
            f"{name} must be in the units of X, whose pixel values run from {low:g} to "
            f"{high:g}; got {other.dtype} values from {smallest:g} to {largest:g}. Bring both to "
            "one scale; value_range=(low, high) says which."
        )


def checked_pair(value_range: Any) -> tuple[float, float]:
    """Return (low, high) as floats, or raise a ValueError unless they are finite and increase."""
    pair = tuple(value_range) if isinstance(value_range, tuple | list | np.ndarray) else ()
    numbers = len(pair) == 2 and all(isinstance(v, Real) and np.isfinite(float(v)) for v in pair)
    if not numbers or not pair[0] < pair[1]:
        raise ValueError(
            "value_range must be 'auto' or a pair (low, high) of finite numbers with "
            f"low < high; got {value_range!r}."
        )
    return float(pair[0]), float(pair[1])


def _check_inside(X: AnyArray, low: float, high: float, name: str) -> None:
    smallest, largest = float(X.min()), float(X.max())
    if smallest < low or largest > high:
        raise ValueError(
            f"{name} must lie in value_range [{low:g}, {high:g}]; "
            f"got values from {smallest:g} to {largest:g}."
        )


def _checked_image_shape(image_shape: Any) -> tuple[int, int, int]:
    if isinstance(image_shape, tuple | list | np.ndarray):
        sizes = tuple(image_shape)
        whole = all(isinstance(s, int | np.integer) and not isinstance(s, bool) for s in sizes)
        if len(sizes) in (2, 3) and whole and min(sizes) >= 1:
            height, width, channels = (*sizes, 1)[:3]
            return int(height), int(width), int(channels)
    raise ValueError(
        "image_shape must be None, (height, width) or (height, width, channels) of integers "
        f">= 1; got {image_shape!r}."
    )


def _shape_of_rows(width: int, name: str) -> tuple[int, int, int]:
    _refuse_labels(width, name)
    for channels in (1, 3, 4):
        side = int(np.sqrt(width // channels))
        if side * side * channels == width and side >= _SMALLEST_SQUARE_SIDE:
            if channels == 1:
                return (side, side, 1)
            warnings.warn(
                f"{name} has {width} values a row, taken as images of one line. If they are images "
                f"with channels, say so: image_shape={(side, side, channels)}.",
                UserWarning,
                stacklevel=2,
            )
    return (1, width, 1)


def _refuse_labels(width: int, name: str) -> None:
    for channels in (1, 3):
        side = int(np.sqrt((width - 1) // channels)) if width > 1 else 0
        if side * side * channels + 1 == width and side >= _SMALLEST_SQUARE_SIDE:
            size = " x ".join(map(str, (side, side, channels)[: 2 if channels == 1 else 3]))
            raise ValueError(
                f"{name} has {width} values a row, one more than images of {size} have. Take the "
                "label column out, if it is one; for images of one line say "
                f"image_shape={(1, width)}."
            )


def _find_image_shape(X: AnyArray, image_shape: Any, name: str) -> tuple[int, int, int]:
    given = None if image_shape is None else _checked_image_shape(image_shape)
    if X.ndim == 2:
        found = given or _shape_of_rows(X.shape[1], name)
        if np.prod(found) != X.shape[1]:
            raise ValueError(
                f"{name} has {X.shape[1]} pixel values a row, but image_shape={found} has "
                f"{np.prod(found)}; height * width * channels must be the row width."
            )
        return found
    height, width, channels = (*X.shape[1:], 1)[:3]
    if given is None and X.ndim == 3 and width in (3, 4) and height > width:
        raise ValueError(
            f"{name} of shape {X.shape} looks like a single image with {width} channels; several "
            f"are {_LAYOUTS[4]}, and one is {name}[None]. Say image_shape={(height, width)} if "
            "these are grey images as narrow as that."
        )
    if given is not None and given != (height, width, channels):
        raise ValueError(
            f"{name} has images of shape {(height, width, channels)}, "
            f"but image_shape={given} was asked for{_axes_hint((height, width, channels), given)}."
        )
    if given is None and height in (1, 3, 4) and X.ndim == 4 and channels > 4:
        raise ValueError(
            f"{name} must have its channels last, (n, height, width, channels); got shape "
            f"{X.shape}, which looks like channels first. Use numpy.moveaxis({name}, 1, -1), or "
            f"say image_shape={(height, width, channels)} if the sizes are meant so."
        )
    if given is None and channels > _MOST_CHANNELS:
        raise ValueError(
            f"{name} must be {_ALLOWED}, of at most {_MOST_CHANNELS} channels where image_shape is "
            f"None; got shape {X.shape}. Say image_shape={(height, width, channels)} if these are "
            "images of that many channels; volumes are none."
        )
    return (height, width, channels)


def _axes_hint(came: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    if came != wanted and sorted(came) == sorted(wanted):
        return ": the axes are in another order; it must be height, width, channels"
    return ""


@dataclass(frozen=True)
class ImageFormat:
    """The layout and units of an array of images, with the way to [0, 1] and back.

    `ndim` is 2 for flat rows, 3 for (n, H, W), 4 for (n, H, W, C); `value_range` is what stands
    for 0 and 1; images are given back in `dtype`: integers stay integers, float64 stays,
    everything else is float32. With `strict`, values outside the range are an error.
    """

    ndim: int
    image_shape: tuple[int, int, int]
    value_range: tuple[float, float]
    dtype: np.dtype[Any]
    strict: bool

    @classmethod
    def of(
        cls, X: AnyArray, image_shape: Any = None, value_range: Any = "auto", name: str = "X"
    ) -> Self:
        """Read the format off an array that `as_image_array` has passed."""
        shape = _find_image_shape(X, image_shape, name)
        keeps = X.dtype.kind in "ui" or X.dtype == np.float64
        return cls(
            ndim=X.ndim,
            image_shape=shape,
            value_range=resolve_value_range(X, value_range, name),
            dtype=X.dtype if keeps else np.dtype(np.float32),
            strict=not isinstance(value_range, str),
        )

    def of_targets(self, y: AnyArray, value_range: Any = "auto") -> "ImageFormat":
        """Read the format off images that share height and width with those of this format."""
        height, width, _ = self.image_shape
        shape = None
        if y.ndim == 2:
            n_channels, rest = divmod(y.shape[1], height * width)
            if rest or not n_channels:
                raise ValueError(
                    "y must be labels in one dimension, or images of the same height and width as "
                    f"X, {(height, width)}; got rows of {y.shape[1]} values."
                )
            shape = (height, width, n_channels)
        elif y.shape[1:3] == (height, width):
            shape = shape_as_is(y)
        found = ImageFormat.of(y, shape, value_range, "y")
        if found.image_shape[:2] != (height, width):
            raise ValueError(
                f"y must have images of the same height and width as X, {(height, width)}; "
                f"got shape {y.shape}."
            )
        return found

    @property
    def n_values(self) -> int:
        """Number of pixel values in an image, H * W * C."""
        return int(np.prod(self.image_shape))

    def check(self, X: AnyArray, name: str = "X") -> None:
        """Raise a ValueError if X differs from this format in layout, size or units."""
        expected = self._array_shape()
        if X.ndim != self.ndim or X.shape[1:] != expected:
            wanted = "(n, " + ", ".join(map(str, expected)) + ")"
            raise ValueError(
                f"{name} must have the layout and image size seen in fit, {wanted}; got shape "
                f"{X.shape}{_axes_hint(X.shape[1:], expected)}."
            )
        if X.dtype != np.uint8 or self.value_range != (0.0, 255.0):
            self._check_units(X, name)

    def _array_shape(self) -> tuple[int, ...]:
        return {2: (self.n_values,), 3: self.image_shape[:2], 4: self.image_shape}[self.ndim]

    def _check_units(self, X: AnyArray, name: str) -> None:
        low, high = self.value_range
        if self.strict:
            _check_inside(X, low, high, name)
            return
        smallest, largest = float(X.min()), float(X.max())
        # Noise may leave the usual scales a little; a range read off data says less.
        usual = (low, high) in _USUAL_RANGES
        margin = 0.5 * (high - low) if usual else max(high - low, 1.0)
        outside = smallest < low - margin or largest > high + margin
        on_unit_scale = (
            X.dtype.kind == "f"
            and (low >= 0 and high >= 10)
            and (smallest >= 0 and 0 < largest <= 1)
            and (self.dtype.kind in "ui" or bool((np.rint(X) != X).any()))
        )
        integers_for_unit_scale = self.value_range == (0.0, 1.0) and (
            X.dtype.kind in "ui" and largest > 1
        )
        if outside or on_unit_scale or integers_for_unit_scale:
            raise ValueError(
                f"{name} must be in the units seen in fit, where pixel values ran from {low:g} to "
                f"{high:g}; got {X.dtype} values from {smallest:g} to {largest:g}. Rescale "
                f"{name}, or give value_range=(low, high) to fix the units."
            )

    def to_unit(self, batch: AnyArray) -> NDArray[np.float32]:
        """Map images of this format to float32 (n, H, W, C), with `value_range` at [0, 1]."""
        low, high = self.value_range
        scale = 1.0 / (high - low) if high > low else 1.0
        if low == 0 and high < _LARGE:
            unit = np.multiply(batch, np.float32(scale), dtype=np.float32, casting="unsafe")
        else:
            unit = ((batch.astype(np.float64) - low) * scale).astype(np.float32)
        return unit.reshape(len(batch), *self.image_shape)

    def mean_pixel(self, images: AnyArray) -> NDArray[np.float32]:
        """Return the mean (channels,) in [0, 1] of a few hundred images from all over the array."""
        some = images[:: max(1, len(images) // _IMAGES_FOR_MEAN)]
        return self.to_unit(some).mean(axis=(0, 1, 2))

    def from_unit(self, unit: FloatArray) -> AnyArray:
        """Map float32 images (n, H, W, C) in [0, 1] to this layout and these units."""
        low, high = self.value_range
        images: AnyArray = unit.reshape(len(unit), *self._array_shape())
        if self.dtype.kind == "f" and (low, high) == (0.0, 1.0):
            return images.astype(self.dtype)
        images = low + images.astype(np.float64) * (high - low)
        return (
            as_rounded(images, self.dtype) if self.dtype.kind in "ui" else images.astype(self.dtype)
        )
