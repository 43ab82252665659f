"""How estimators take images in: as one array, of which they note layout, units and names."""

from functools import wraps
from typing import Any, TypeVar

import numpy as np
from sklearn.utils.validation import validate_data

from sklatent._typing import AnyArray

from .format import ImageFormat, as_image_array

__all__ = ["known_images", "new_images", "note_format", "tables_of_rows"]

_Transformer = TypeVar("_Transformer", bound=type)


def new_images(estimator: Any, X: Any) -> AnyArray:
    """Return images to fit as an array; `n_features_in_` and column names of a table are noted."""
    images = as_image_array(X)
    rows = X if images.ndim == 2 else images[:1].reshape(1, -1)
    validate_data(estimator, rows, skip_check_array=True)
    return images


def note_format(
    estimator: Any, images: AnyArray, image_shape: Any = None, value_range: Any = "auto"
) -> ImageFormat:
    """Return the format of new images, of which `image_shape_` and `value_range_` are noted."""
    found = ImageFormat.of(images, image_shape, value_range)
    estimator.image_shape_ = found.image_shape
    estimator.value_range_ = found.value_range
    return found


def known_images(estimator: Any, X: Any, known: ImageFormat | None = None) -> AnyArray:
    """Return images as an array, or raise a ValueError if they are not as in `fit`.

    Column names are checked, and the format, where the estimator knows it.
    """
    images = as_image_array(X)
    if images.ndim == 2 and (known is None or known.ndim == 2):
        validate_data(estimator, X, skip_check_array=True, reset=False)
    if known is not None:
        known.check(images)
    return images


def _n_axes(X: Any) -> int:
    """Return the number of axes of what may be no array."""
    return len(X.shape) if hasattr(X, "shape") else np.asarray(X).ndim


def tables_of_rows(transformer: _Transformer) -> _Transformer:
    """Let a class of transformers return images with axes of their own as an array.

    `set_output` makes tables of flat rows alone: scikit-learn cannot put three axes into one.
    """
    for name in ("transform", "fit_transform"):
        setattr(transformer, name, _array_of_images(getattr(transformer, name)))
    return transformer


def _array_of_images(wrapped: Any) -> Any:
    plain = wrapped.__wrapped__

    @wraps(plain)
    def method(self: Any, X: Any, *args: Any, **params: Any) -> Any:
        return (wrapped if _n_axes(X) == 2 else plain)(self, X, *args, **params)

    return method
