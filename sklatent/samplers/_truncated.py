"""Standard normal numbers between bounds."""

import numpy as np
from scipy import special

from sklatent._typing import ArrayLike, FloatArray

__all__ = ["draw_truncated"]


def draw_truncated(
    low: ArrayLike, high: ArrayLike, shape: tuple[int, ...], generator: np.random.Generator
) -> FloatArray:
    """Draw standard normal numbers between bounds, by inversion on the side of zero nearer to 0.

    Beyond 37 standard deviations, where probabilities underflow, the bound nearer to zero.
    """
    low, high = np.broadcast_to(low, shape), np.broadcast_to(high, shape)
    # The lower tail keeps its relative accuracy, so that intervals above zero are mirrored.
    mirrored = low > 0
    left, right = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
    below, above = special.ndtr(left), special.ndtr(right)
    drawn = special.ndtri(below + (above - below) * generator.random(shape))
    drawn = np.clip(drawn, left, right)
    return np.where(mirrored, -drawn, drawn)
