"""Pixels that are lost: one by one, in a box, or under a fixed mask."""

from collections.abc import Callable
from numbers import Real
from typing import Any, Literal

import numpy as np

from sklatent._typing import AnyArray, ArrayLike, BoolArray, ImageShape, RandomState, ValueRange
from sklatent._validation import as_numeric_array, check_choice, check_number

from ._arithmetic import Draws, dropped_values, erased_boxes, hide
from ._base import Corruption, check_fill

__all__ = ["Mask", "PixelDropout", "RandomErasing"]


class PixelDropout(Corruption):
    """Lost pixels: each is set to a fixed value with the same probability.

    Parameters
    ----------
    fraction : float, default=0.5
        Probability that a pixel is lost, in [0, 1); each is drawn alone, so
        that the share varies a little from image to image. At 0 images stay as
        they are.

    per : {"pixel", "value"}, default="pixel"
        Whether a pixel is lost with all its channels, or each channel value
        alone.

    fill : float, default=0.0
        What is put in place of it, on the [0, 1] scale.

    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows, needed for those with channels.

    value_range : "auto" or tuple (low, high), default="auto"
        Pixel values that stand for 0 and 1. "auto" takes 0-255 for uint8, 0-1
        for other numbers that lie in it, else the smallest and largest value
        seen in `fit`.

    random_state : int, RandomState instance or None, default=None
        Seeds the choice. With an int, every `transform` draws the same.

    Attributes
    ----------
    image_shape_ : tuple (height, width, channels)
        Shape of an image.
    value_range_ : tuple (low, high)
        Pixel values that stand for 0 and 1.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen in `fit`, if X was a table with string column names.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.corruption import PixelDropout
    >>> images = np.full((2, 4, 4), 200, np.uint8)
    >>> PixelDropout(0.8, random_state=0).transform(images)[0]
    array([[  0,   0,   0,   0],
           [  0,   0,   0, 200],
           [200,   0,   0,   0],
           [  0, 200,   0,   0]], dtype=uint8)
    """

    def __init__(
        self,
        fraction: float = 0.5,
        *,
        per: Literal["pixel", "value"] = "pixel",
        fill: float = 0.0,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        random_state: RandomState = None,
    ):
        self.fraction = fraction
        self.per = per
        self.fill = fill
        self.image_shape = image_shape
        self.value_range = value_range
        self.random_state = random_state

    def _check_parameters(self) -> None:
        check_number("fraction", self.fraction, low=0, high=1, open_high=True)
        check_choice("per", self.per, ["pixel", "value"])
        check_fill(self.fill)

    def _corrupt(self, images: Any, draws: Draws, low: float, high: float) -> Any:
        if self.fraction == 0:
            return images
        whole = self.per == "pixel"
        hidden = dropped_values(tuple(images.shape), float(self.fraction), whole, draws)
        return hide(images, hidden, float(self.fill), low, high, draws)


class RandomErasing(Corruption):
    """A box left out of each image, of random size and place [1]_.

    The box's share of the image is uniform in `scale` and the logarithm of its
    aspect ratio uniform between those of `ratio`. Sides are rounded to whole
    pixels, and one that is longer than the image is cut to it. Every image
    gets a box.

    Parameters
    ----------
    scale : tuple (low, high) of float, default=(0.02, 0.33)
        Smallest and largest share of the image's area, 0 <= low <= high < 1.

    ratio : tuple (low, high) of float, default=(0.3, 3.3)
        Smallest and largest height divided by width, 0 < low <= high.

    fill : float, default=0.0
        What is put in place of it, on the [0, 1] scale.

    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows, needed for all but square grey images.

    value_range : "auto" or tuple (low, high), default="auto"
        Pixel values that stand for 0 and 1. "auto" takes 0-255 for uint8, 0-1
        for other numbers that lie in it, else the smallest and largest value
        seen in `fit`.

    random_state : int, RandomState instance or None, default=None
        Seeds the boxes. With an int, every `transform` draws the same.

    Attributes
    ----------
    image_shape_ : tuple (height, width, channels)
        Shape of an image.
    value_range_ : tuple (low, high)
        Pixel values that stand for 0 and 1.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen in `fit`, if X was a table with string column names.

    References
    ----------
    .. [1] Z. Zhong et al., "Random erasing data augmentation", AAAI 2020, arXiv
       1708.04896.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.corruption import RandomErasing
    >>> images = np.ones((1, 4, 5))
    >>> RandomErasing((0.3, 0.3), ratio=(1, 1), random_state=0).transform(images)[0]
    array([[1., 1., 1., 1., 1.],
           [1., 1., 0., 0., 1.],
           [1., 1., 0., 0., 1.],
           [1., 1., 1., 1., 1.]])
    """

    def __init__(
        self,
        scale: tuple[float, float] = (0.02, 0.33),
        *,
        ratio: tuple[float, float] = (0.3, 3.3),
        fill: float = 0.0,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        random_state: RandomState = None,
    ):
        self.scale = scale
        self.ratio = ratio
        self.fill = fill
        self.image_shape = image_shape
        self.value_range = value_range
        self.random_state = random_state

    def _check_parameters(self) -> None:
        _check_pair("scale", self.scale, "0 <= low <= high < 1", lambda a, b: 0 <= a <= b < 1)
        _check_pair(
            "ratio", self.ratio, "0 < low <= high, finite", lambda a, b: 0 < a <= b < np.inf
        )
        check_fill(self.fill)

    def _corrupt(self, images: Any, draws: Draws, low: float, high: float) -> Any:
        hidden = erased_boxes(tuple(images.shape), self.scale, self.ratio, draws)
        return hide(images, hidden, float(self.fill), low, high, draws)


def _check_pair(
    name: str, value: Any, allowed: str, is_allowed: Callable[[float, float], bool]
) -> None:
    pair = tuple(value) if isinstance(value, tuple | list | np.ndarray) else ()
    if len(pair) != 2 or not all(isinstance(v, Real) for v in pair) or not is_allowed(*pair):
        raise ValueError(f"{name} must be a pair (low, high) with {allowed}; got {value!r}.")


class Mask(Corruption):
    """Pixels that are missing in all images at the same places.

    Parameters
    ----------
    mask : array-like of shape (height, width) or (height, width, channels), bool
        True where a pixel, or a channel value, is missing; not everywhere. A
        side of length 1 stands for any length: a mask of shape (height, 1)
        hides rows, and one of shape (1, 1, 3) colours.

    fill : float, default=0.0
        What is put in place of it, on the [0, 1] scale.

    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows. None takes that of the mask where it has
        as many values.

    value_range : "auto" or tuple (low, high), default="auto"
        Pixel values that stand for 0 and 1. "auto" takes 0-255 for uint8, 0-1
        for other numbers that lie in it, else the smallest and largest value
        seen in `fit`.

    Attributes
    ----------
    image_shape_ : tuple (height, width, channels)
        Shape of an image.
    value_range_ : tuple (low, high)
        Pixel values that stand for 0 and 1.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen in `fit`, if X was a table with string column names.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.corruption import Mask
    >>> Mask([[False], [True]]).transform(np.ones((1, 2, 3)))
    array([[[1., 1., 1.],
            [0., 0., 0.]]])
    """

    def __init__(
        self,
        mask: ArrayLike,
        *,
        fill: float = 0.0,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
    ):
        self.mask = mask
        self.fill = fill
        self.image_shape = image_shape
        self.value_range = value_range

    def _as_array(self) -> BoolArray:
        """Return the mask with three dimensions (height, width, channels), bool."""
        allowed = "a boolean array of shape (height, width) or (height, width, channels)"
        mask = as_numeric_array(self.mask, "mask", allowed)
        if mask.ndim not in (2, 3) or mask.size == 0:
            raise ValueError(f"mask must be {allowed}; got shape {mask.shape}.")
        if mask.dtype != bool and not np.isin(mask, (0, 1)).all():
            raise ValueError(f"mask must hold True and False, or 1 and 0; got dtype {mask.dtype}.")
        if mask.all():
            raise ValueError("mask must leave at least one pixel: it is True everywhere.")
        return mask.astype(bool).reshape((*mask.shape, 1)[:3])

    def _check_parameters(self) -> None:
        self._as_array()
        check_fill(self.fill)

    def _shape_for(self, images: AnyArray) -> Any:
        mask = self._as_array()
        fits = images.ndim == 2 and mask.size == images.shape[1]
        return mask.shape if self.image_shape is None and fits else self.image_shape

    def _check_image_shape(self, image_shape: tuple[int, int, int]) -> None:
        came = self._as_array().shape
        if any(m not in (1, side) for m, side in zip(came, image_shape, strict=True)):
            raise ValueError(
                f"mask must have the shape of an image, {image_shape}, or sides of length 1; "
                f"got {came}."
            )

    def _corrupt(self, images: Any, draws: Draws, low: float, high: float) -> Any:
        hidden = draws.asarray(self._as_array()[None])
        return hide(images, hidden, float(self.fill), low, high, draws)
