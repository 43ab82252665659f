"""The digits that come with scikit-learn, as images."""

from typing import Any, Literal, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from sklatent._validation import check_bool

from ._bunches import DigitImages, as_result

__all__ = ["load_digit_images"]

_Arrays: TypeAlias = tuple[NDArray[np.float64], NDArray[np.int64]]


@overload
def load_digit_images(*, return_X_y: Literal[False] = ...) -> DigitImages: ...
@overload
def load_digit_images(*, return_X_y: Literal[True]) -> _Arrays: ...
def load_digit_images(*, return_X_y: bool = False) -> DigitImages | _Arrays:
    """Load scikit-learn's 1,797 handwritten digits as 8 x 8 images.

    The images are part of scikit-learn, so that neither a file nor the network
    is needed. They are the test part of the UCI set "Optical Recognition of
    Handwritten Digits" (CC BY 4.0).

    Parameters
    ----------
    return_X_y : bool, default=False
        Return ``(images, target)`` in place of the Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        images : ndarray of shape (1797, 8, 8), float64
            Grey levels, whole numbers from 0 (background) to 16.
        target : ndarray of shape (1797,), int64
            The digit that each image shows, 0 to 9.
        target_names : ndarray of shape (10,), int64
            The digits.
        DESCR : str
            The description of the data set.

    (images, target) : tuple, if `return_X_y` is True

    Raises
    ------
    TypeError
        If `return_X_y` is not a bool.

    Examples
    --------
    >>> from sklatent.datasets import load_digit_images
    >>> digits = load_digit_images()
    >>> digits.images.shape, float(digits.images.max())
    ((1797, 8, 8), 16.0)
    """
    return_X_y = check_bool("return_X_y", return_X_y)
    digits: Any = load_digits()
    bunch = DigitImages(
        images=digits.images,
        target=digits.target,
        target_names=digits.target_names,
        DESCR=digits.DESCR,
    )
    return as_result(bunch, return_X_y)
