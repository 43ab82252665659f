"""Normal noise."""

from typing import Any

from sklatent._typing import AnyArray, RandomState, ValueRange
from sklatent._validation import check_number

from ._arithmetic import Draws, add_gaussian_noise
from ._base import Corruption

__all__ = ["GaussianNoise"]


class GaussianNoise(Corruption):
    """Normal noise on each pixel value, clipped to the range of the images.

    A value x becomes x + `std` * (high - low) * e, clipped to [low, high], with
    e drawn from N(0, 1) for each value alone, and (low, high) the
    `value_range`. Noise of 0 leaves images as they are.

    Parameters
    ----------
    std : float, default=0.1
        Standard deviation on the [0, 1] scale, at least 0: 0.1 is 25.5 grey
        levels of uint8 images.

    value_range : "auto" or tuple (low, high), default="auto"
        Pixel values that stand for 0 and 1. "auto" takes 0-255 for uint8, 0-1
        for other numbers that lie in it, else the smallest and largest value
        seen in `fit`.

    random_state : int, RandomState instance or None, default=None
        Seeds the noise. With an int, every `transform` draws the same.

    Attributes
    ----------
    image_shape_ : tuple (height, width, channels)
        Shape of an image; (1, n_pixels, 1) for flat rows.
    value_range_ : tuple (low, high)
        Pixel values that stand for 0 and 1.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen in `fit`, if X was a table with string column names.

    See Also
    --------
    sklatent.ConvAutoencoder : Restores images; its `corruption` draws noise for each batch.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklatent.corruption import GaussianNoise
    >>> images = load_digits().images
    >>> noisy = GaussianNoise(0.3, random_state=0).fit_transform(images)
    >>> noisy.shape, float(noisy.min()), float(noisy.max())
    ((1797, 8, 8), 0.0, 16.0)
    """

    def __init__(
        self,
        std: float = 0.1,
        *,
        value_range: ValueRange = "auto",
        random_state: RandomState = None,
    ):
        self.std = std
        self.value_range = value_range
        self.random_state = random_state

    def _check_parameters(self) -> None:
        check_number("std", self.std, low=0, open_high=True)

    def _shape_for(self, images: AnyArray) -> Any:
        return (1, images.shape[1], 1) if images.ndim == 2 else images.shape[1:]

    def _corrupt(self, images: Any, draws: Draws, low: float, high: float) -> Any:
        if self.std == 0:
            return images
        return add_gaussian_noise(images, float(self.std), low, high, draws)
