"""Colours that are lost."""

from typing import Any

from sklatent._typing import ImageShape

from ._arithmetic import Draws, luma
from ._base import Corruption

__all__ = ["Grayscale"]


class Grayscale(Corruption):
    """Grey images in place of coloured ones, with as many channels.

    Red, green and blue all become the luma 0.299 R + 0.587 G + 0.114 B
    [1]_. Images of one channel stay as they are.

    Parameters
    ----------
    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows, needed for those with channels. Channels
        must be 1 or 3.

    Attributes
    ----------
    image_shape_ : tuple (height, width, channels)
        Shape of an image.
    value_range_ : tuple (low, high)
        Pixel values that stand for 0 and 1, read off the images seen in `fit`:
        0-255 for uint8, 0-1 for other numbers that lie in it, else the smallest
        and largest.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen in `fit`, if X was a table with string column names.

    References
    ----------
    .. [1] Recommendation ITU-R BT.601-7, "Studio encoding parameters of digital
       television for standard 4:3 and wide-screen 16:9 aspect ratios", 2011,
       section 2.5.1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.corruption import Grayscale
    >>> red_and_white = np.array([[[[255, 0, 0], [255, 255, 255]]]], np.uint8)
    >>> Grayscale().transform(red_and_white)
    array([[[[ 76,  76,  76],
             [255, 255, 255]]]], dtype=uint8)
    """

    _keeps_units = True

    def __init__(self, *, image_shape: ImageShape | None = None):
        self.image_shape = image_shape

    def _check_image_shape(self, image_shape: tuple[int, int, int]) -> None:
        if image_shape[2] not in (1, 3):
            raise ValueError(
                f"Grayscale needs images of 1 or 3 channels; got {image_shape[2]} channels, "
                f"image_shape={image_shape}."
            )

    def _corrupt(self, images: Any, draws: Draws, low: float, high: float) -> Any:
        return images if images.shape[3] == 1 else luma(images, draws)
