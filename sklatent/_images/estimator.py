"""How estimators take images in: as one array, of which they note layout, units and names."""

from typing import Any

from sklearn.utils.validation import validate_data

from sklatent._typing import AnyArray

from .format import ImageFormat, as_image_array

__all__ = ["known_images", "new_images", "note_format"]


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
