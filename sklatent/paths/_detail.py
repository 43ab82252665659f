"""Edits that keep the photograph: what a decoder changes, added to the original image."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sklatent._images.format import as_rounded, resolve_value_range
from sklatent._pipeline.steps import gives_back_other_images, learned_units
from sklatent._typing import AnyArray, FloatArray

__all__ = ["check_gives_back", "decode_with_detail"]


def check_gives_back(pipeline: Any) -> None:
    """Raise a ValueError if a pipeline learned to turn images into others."""
    if gives_back_other_images(pipeline):
        raise ValueError(
            "keep_detail must be False where the pipeline was trained to turn images into others, "
            "of another number of channels or in other units; got True."
        )


def decode_with_detail(
    decode: Callable[[FloatArray], AnyArray],
    points: FloatArray,
    originals: AnyArray,
    origins: FloatArray,
    pipeline: Any,
) -> AnyArray:
    """Return x + D(z') - D(z) of points z' (r, c, d), for images x (r, ...) with points z (r, d).

    What leaves the range of values that the pipeline learned, or else that the images show, is
    cut off. At z' = z it is x itself, whatever rounding says.
    """
    check_gives_back(pipeline)
    r, c, d = points.shape
    decoded = decode(np.concatenate([points.reshape(-1, d), origins]))
    if decoded.shape[1:] != originals.shape[1:]:
        raise ValueError(
            "pipeline must give images of the shape of those that were moved with keep_detail, "
            f"{originals.shape[1:]}; got {decoded.shape[1:]}."
        )
    whole = decoded.astype(np.float64)
    change = whole[: r * c].reshape(r, c, *whole.shape[1:]) - whole[r * c :, None]
    low, high = learned_units(pipeline).value_range or resolve_value_range(originals)
    images = (originals[:, None] + change).clip(low, high)
    dtype = originals.dtype if originals.dtype.kind in "uif" else decoded.dtype
    images = as_rounded(images, dtype) if dtype.kind in "ui" else images.astype(dtype)
    row, column = np.nonzero((points == origins[:, None]).all(axis=-1))
    images[row, column] = originals[row]
    return images
