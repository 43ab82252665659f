"""Corruptions of images, to restore images from: noise, lost pixels, lost colours.

Each is a transformer of image arrays, and can be given to
`ConvAutoencoder(corruption=...)`, which then draws it afresh for each batch.
"""

from ._colour import Grayscale
from ._compose import Compose
from ._hiding import Mask, PixelDropout, RandomErasing
from ._noise import GaussianNoise

__all__ = [
    "Compose",
    "GaussianNoise",
    "Grayscale",
    "Mask",
    "PixelDropout",
    "RandomErasing",
]
