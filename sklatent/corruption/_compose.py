"""Corruptions one after the other."""

from collections.abc import Sequence
from typing import Any

from sklatent._typing import ImageShape, RandomState, ValueRange

from ._arithmetic import Draws
from ._base import Corruption, check_corruption

__all__ = ["Compose"]


class Compose(Corruption):
    """Corruptions one after the other, from one source of random numbers.

    Parameters
    ----------
    corruptions : list of corruptions, default=()
        Applied in this order. Their own `random_state`, `image_shape` and
        `value_range` do not count; those below do. With none, images stay as
        they are.

    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows, needed for those with channels.

    value_range : "auto" or tuple (low, high), default="auto"
        Pixel values that stand for 0 and 1. "auto" takes 0-255 for uint8, 0-1
        for other numbers that lie in it, else the smallest and largest value
        seen in `fit`.

    random_state : int, RandomState instance or None, default=None
        Seeds all of them. With an int, every `transform` draws the same.

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
    >>> from sklatent.corruption import Compose, GaussianNoise, Grayscale
    >>> images = np.full((2, 8, 8, 3), 128, np.uint8)
    >>> faded = Compose([Grayscale(), GaussianNoise(0.1)], random_state=0).transform(images)
    >>> faded.shape, faded.dtype
    ((2, 8, 8, 3), dtype('uint8'))
    """

    def __init__(
        self,
        corruptions: Sequence[Corruption] = (),
        *,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        random_state: RandomState = None,
    ):
        self.corruptions = corruptions
        self.image_shape = image_shape
        self.value_range = value_range
        self.random_state = random_state

    def _check_parameters(self) -> None:
        if not isinstance(self.corruptions, list | tuple):
            raise TypeError(f"corruptions must be a list of corruptions; got {self.corruptions!r}.")
        for index, corruption in enumerate(self.corruptions):
            check_corruption(f"corruptions[{index}]", corruption)

    def _check_image_shape(self, image_shape: tuple[int, int, int]) -> None:
        for corruption in self.corruptions:
            corruption._check_image_shape(image_shape)

    def _corrupt(self, images: Any, draws: Draws, low: float, high: float) -> Any:
        for corruption in self.corruptions:
            images = corruption._corrupt(images, draws, low, high)
        return images
