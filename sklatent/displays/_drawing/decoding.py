"""Images from latent points or other images, through any estimator or pipeline."""

from copy import copy
from functools import partial
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from sklatent._pipeline.steps import decode_points, hint_of_search
from sklatent._typing import AnyArray, ArrayLike, IntArray, ValueRange
from sklatent.corruption._base import Corruption
from sklatent.paths._detail import decode_with_detail

from .path_arrays import Strips

__all__ = ["corrupted", "decode", "decode_strips", "decoder_for", "reconstruct"]


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


def corrupted(corruption: Any, X: Any, value_range: ValueRange) -> Any:
    """Return images corrupted; one of ours that is not fitted takes their range where it must."""
    if not hasattr(corruption, "transform"):
        raise TypeError(f"corruption must have transform; got {corruption!r}.")
    try:
        return corruption.transform(X)
    except NotFittedError as error:
        if isinstance(corruption, Corruption) and not isinstance(value_range, str):
            # A shallow copy draws from the same generator.
            return copy(corruption).set_params(value_range=value_range).transform(X)
        raise NotFittedError(
            "corruption must be fitted to images first, or one of sklatent.corruption with "
            f"value_range=(low, high); got {corruption!r}: {error}"
        ) from error


def reconstruct(estimator: Any, X: Any, name: str) -> Any:
    """Return images taken to points and back, by the estimator of a row of this name."""
    both = hasattr(estimator, "transform") and hasattr(estimator, "inverse_transform")
    if isinstance(estimator, type) or not (both or hasattr(estimator, "reconstruct")):
        raise TypeError(
            f"The estimator of the row {name!r} must have reconstruct, or transform and "
            f"inverse_transform; got {estimator!r}.{hint_of_search(estimator)}"
        )
    if hasattr(estimator, "reconstruct"):
        return estimator.reconstruct(X)
    if isinstance(estimator, Pipeline) or getattr(X, "ndim", 2) == 2:
        return estimator.inverse_transform(estimator.transform(X))
    images = np.asarray(X)
    rows = images.reshape(len(images), -1)
    back = np.asarray(estimator.inverse_transform(estimator.transform(rows)))
    return back.reshape(images.shape) if back.size == images.size else back
