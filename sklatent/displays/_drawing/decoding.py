"""From latent points to images, through any estimator or pipeline."""

from functools import partial
from typing import Any

from sklearn.pipeline import Pipeline

from sklatent._pipeline.steps import decode_points
from sklatent._typing import AnyArray, ArrayLike, IntArray
from sklatent.paths._detail import decode_with_detail

from .path_arrays import Strips

__all__ = ["decode", "decode_strips", "decoder_for"]


def decode(decoder: Any, points: ArrayLike) -> AnyArray:
    """Return images of points (n, d) as they come into the density at the end of a pipeline."""
    if isinstance(decoder, Pipeline):
        return decode_points(decoder, points)
    if isinstance(decoder, type) or not hasattr(decoder, "inverse_transform"):
        raise TypeError(f"The decoder must have inverse_transform; got {decoder!r}.")
    return decoder.inverse_transform(points)


def decode_strips(decoder: Any, strips: Strips, shown: IntArray) -> dict[str, AnyArray]:
    """Return the images of some points of paths, by name; with originals, these, changed."""
    images = {}
    for name, points in strips.points.items():
        if strips.originals is None:
            images[name] = decode(decoder, points[shown])
            continue
        image, origin = strips.originals[name]
        images[name] = decode_with_detail(
            *(partial(decode, decoder), points[None, shown], image[None], origin[None], decoder)
        )[0]
    return images


def decoder_for(record: Any, decoder: Any, kind: str) -> Any:
    """Return the decoder, or the pipeline that made a path or grid; a ValueError without both."""
    decoder = getattr(record, "pipeline", None) if decoder is None else decoder
    if decoder is None:
        raise ValueError(f"decoder must be given where the {kind} was made without a pipeline.")
    return decoder
