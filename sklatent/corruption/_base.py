"""What all corruptions share: they are scikit-learn transformers of image arrays."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.utils import gen_batches

from sklatent._images.estimator import known_images, new_images, note_format, tables_of_rows
from sklatent._images.format import ImageFormat, as_image_array, as_rounded
from sklatent._random import check_seed
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    BaseEstimator,
    OneToOneFeatureMixin,
    Self,
    TransformerMixin,
)
from sklatent._validation import check_number, keep_state_on_error

from ._arithmetic import Draws, NumpyDraws

__all__ = ["Corruption", "check_corruption", "check_fill", "corrupt"]

_VALUES_AT_ONCE = 2**21


@tables_of_rows
class Corruption(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Base of all corruptions; a subclass checks its parameters and corrupts a batch."""

    _keeps_units: ClassVar[bool] = False

    image_shape_: tuple[int, int, int]
    value_range_: tuple[float, float]
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]
    _format: ImageFormat

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Note the shape and the units of images X; nothing is learned otherwise.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images, of any numeric dtype.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            If a parameter or the images are out of bounds or of a wrong type.
        """
        self._check_parameters()
        check_seed(getattr(self, "random_state", None))
        with keep_state_on_error(self):
            images = new_images(self, X)
            self._format = note_format(self, images, *self._layout_and_range(images))
            self._check_image_shape(self.image_shape_)
        return self

    def transform(self, X: ArrayLike) -> AnyArray:
        """Corrupt images.

        With an int as `random_state`, every call on as many images draws the
        same corruption; with None or a generator, each call draws another.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`. Before `fit`,
            images of any layout, whose units must be known: uint8, or values
            in [0, 1], or `value_range` given.

        Returns
        -------
        corrupted : ndarray of the shape of X
            A new array with the dtype of X, float32 for booleans. Values of
            integer images are rounded. `set_output` makes a table of flat rows only.

        Raises
        ------
        ValueError, TypeError
            If a parameter or the images are out of bounds or of a wrong type.
        sklearn.exceptions.NotFittedError
            Before `fit`, if the units of X are not known.
        """
        self._check_parameters()
        if hasattr(self, "_format"):
            images, image_format = known_images(self, X, self._format), self._format
        else:
            images = as_image_array(X)
            image_format = self._format_of_unfitted(images)
        image_shape, value_range = image_format.image_shape, image_format.value_range
        # Half precision is too rough to work in; integers need a fraction.
        working = np.result_type(images.dtype, np.float32)
        draws = NumpyDraws(check_seed(getattr(self, "random_state", None)), working)
        corrupted = np.empty(images.shape, np.float32 if images.dtype == bool else images.dtype)
        for part in gen_batches(len(images), max(1, _VALUES_AT_ONCE // image_format.n_values)):
            batch = images[part].astype(working).reshape(-1, *image_shape)
            batch = self._corrupt(batch, draws, *value_range).reshape(corrupted[part].shape)
            whole = corrupted.dtype.kind in "ui"
            corrupted[part] = as_rounded(batch, corrupted.dtype) if whole else batch
        return corrupted

    def inverse_transform(self, X: ArrayLike) -> AnyArray:
        """Return images as they are, since what a corruption took is not known.

        It lets the way back through a pipeline end in the images that an
        autoencoder restored.

        Parameters
        ----------
        X : array-like
            Images.

        Returns
        -------
        X : ndarray
            The same images.
        """
        return as_image_array(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _format_of_unfitted(self, images: AnyArray) -> ImageFormat:
        found = ImageFormat.of(images, *self._layout_and_range(images))
        self._check_image_shape(found.image_shape)
        known = found.strict or images.dtype == np.uint8 or found.value_range == (0.0, 1.0)
        if not (known or self._keeps_units):
            low, high = found.value_range
            raise NotFittedError(
                f"The units of X are not known: its {images.dtype} values run from {low:g} to "
                f"{high:g}. Call fit on all images first, or give value_range=(low, high)."
            )
        return found

    def _layout_and_range(self, images: AnyArray) -> tuple[Any, Any]:
        return self._shape_for(images), getattr(self, "value_range", "auto")

    def _shape_for(self, images: AnyArray) -> Any:
        """Return the `image_shape` to read images with, or None."""
        return getattr(self, "image_shape", None)

    def _check_parameters(self) -> None:
        """Raise a ValueError or TypeError that names a parameter out of bounds."""

    def _check_image_shape(self, image_shape: tuple[int, int, int]) -> None:
        """Raise a ValueError if images of this shape (H, W, C) cannot be corrupted so."""

    def _corrupt(self, images: Any, draws: Draws, low: float, high: float) -> Any:
        """Corrupt floating-point images (n, H, W, C), black at `low` and white at `high`."""
        raise NotImplementedError


def check_fill(fill: Any) -> None:
    """Raise unless `fill` is a number in [0, 1]."""
    check_number("fill", fill, low=0, high=1)


def check_corruption(name: str, value: Any) -> None:
    """Raise a TypeError unless `value` is a corruption, and what its parameters raise."""
    if not isinstance(value, Corruption):
        raise TypeError(
            f"{name} must be a corruption from sklatent.corruption: GaussianNoise, PixelDropout, "
            f"RandomErasing, Mask, Grayscale or Compose; got {value!r}."
        )
    value._check_parameters()


def corrupt(corruption: Corruption, images: Any, draws: Draws) -> Any:
    """Corrupt a batch (n, H, W, C) of values in [0, 1], in the library of `draws`."""
    corruption._check_image_shape(tuple(images.shape[1:]))
    return corruption._corrupt(images, draws, 0.0, 1.0)
