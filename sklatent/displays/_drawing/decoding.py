"""From latent points to images, through any estimator or pipeline."""

from typing import Any

from sklearn.pipeline import Pipeline

from sklatent._pipeline.steps import decode_points
from sklatent._typing import AnyArray, ArrayLike

__all__ = ["decode", "decoder_for"]


def decode(decoder: Any, points: ArrayLike) -> AnyArray:
    """Return images of points (n, d) as they come into the density at the end of a pipeline."""
    if isinstance(decoder, Pipeline):
        return decode_points(decoder, points)
    if isinstance(decoder, type) or not hasattr(decoder, "inverse_transform"):
        raise TypeError(f"The decoder must have inverse_transform; got {decoder!r}.")
    return decoder.inverse_transform(points)


def decoder_for(record: Any, decoder: Any, kind: str) -> Any:
    """Return the decoder, or the pipeline that made a path or grid; a ValueError without both."""
    decoder = getattr(record, "pipeline", None) if decoder is None else decoder
    if decoder is None:
        raise ValueError(f"decoder must be given where the {kind} was made without a pipeline.")
    return decoder
