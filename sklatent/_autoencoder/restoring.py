"""The best picture from a damaged one: what is known stays, and the network tells the rest."""

import copy
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.utils import gen_batches
from sklearn.utils.validation import validate_data

from sklatent._images.estimator import known_images
from sklatent._images.format import ImageFormat, as_image_array
from sklatent._images.smoothing import fill_smoothly
from sklatent._networks.batches import ImageBatches, ImagePairs, batch_corruptions
from sklatent._networks.bypass import Bypass, restore_batch, train_bypass
from sklatent._networks.inference import (
    Device,
    Precision,
    TrainedNetwork,
    decode,
    encode,
    inference_batch_size,
)
from sklatent._random import draw_seed
from sklatent._typing import AnyArray, BoolArray, FloatArray, IntArray
from sklatent._validation import as_numeric_array
from sklatent.corruption._arithmetic import LUMA_WEIGHTS, NumpyDraws
from sklatent.corruption._base import Corruption
from sklatent.corruption._hiding import Mask
from sklatent.corruption._remains import Remains, fill_of, known_values, remains_of

__all__ = [
    "Bypass",
    "Known",
    "Restorer",
    "check_bypass",
    "check_known",
    "luma_kept",
    "make_restorer",
    "restore",
    "restore_block",
    "restore_images",
    "with_lost_values",
]

_MASK = "a boolean mask, True where values are given"
_MOST_STEPS, _BATCH_SIZE = 600, 32
_N_FILLS = 2


class Restorer(NamedTuple):
    """What restoring needs beside the autoencoder: what training left of images, and a bypass.

    `clean` tells that training changed nothing; `n_channels` is that of targets.
    """

    remains: Remains
    corruption: Corruption | None
    clean: bool
    n_channels: int
    bypass: Bypass | None = None


class Known(NamedTuple):
    """What of images is right: a mask (n or 1, H, W, C or 1), or their luma (n, H, W, 1) in [0, 1].

    At most one of the two is there.
    """

    mask: BoolArray | None = None
    luma: FloatArray | None = None

    def part(self, rows: slice) -> "Known":
        """Return what is known of some of the images."""
        mask = self.mask if self.mask is None or len(self.mask) == 1 else self.mask[rows]
        return Known(mask, None if self.luma is None else self.luma[rows])


def luma_of(colours: FloatArray) -> FloatArray:
    """Return the luma (n, H, W, 1) of colours (n, H, W, 3)."""
    return (colours @ np.array(LUMA_WEIGHTS, colours.dtype))[..., None]


def luma_kept(colours: FloatArray, luma: FloatArray) -> FloatArray:
    """Return colours of the given luma in [0, 1]: Y + s (c - Y(c)), s <= 1 the largest allowed.

    As the weights of the luma sum to 1, it is kept for any s; colours that would leave [0, 1]
    are paled until they do not.
    """
    chroma = colours - luma_of(colours)
    luma = np.clip(luma, 0, 1)
    room = np.where(chroma > 0, 1 - luma, luma)
    size = np.abs(chroma)
    share = np.divide(room, size, out=np.ones_like(size), where=size > room)
    return np.clip(luma + share.min(axis=-1, keepdims=True) * chroma, 0, 1)


def _mask_shape(mask: BoolArray, n: int, image_shape: tuple[int, int, int]) -> BoolArray:
    """Return a mask as (n or 1, H, W, C or 1), or raise a ValueError."""
    height, width, channels = image_shape
    whole = ((height, width), (height, width, 1), image_shape)
    for count in (n, None):
        lead = () if count is None else (n,)
        if mask.shape == (*lead, height * width * channels):
            return mask.reshape(-1, *image_shape)
        for inner in whole:
            if mask.shape == (*lead, *inner):
                return mask.reshape(-1, *(*inner, 1)[:3])
    raise ValueError(
        f"known must be {_MASK}, of shape (n, height, width), (n, height, width, channels), or "
        f"without n for all images alike; for {n} images of shape {image_shape} got {mask.shape}."
    )


def check_known(known: Any, n: int, image_format: ImageFormat, target_format: ImageFormat) -> Known:
    """Return what `known` says of n images, or raise a ValueError or TypeError."""
    if known is None:
        return Known()
    allowed = f"None, {_MASK}, or the luma (n, height, width) of colours"
    array = as_numeric_array(known, "known", allowed)
    if array.dtype != bool:
        return Known(luma=_checked_luma(array, n, image_format, target_format))
    mask = _mask_shape(array, n, image_format.image_shape)
    if image_format.image_shape != target_format.image_shape:
        raise ValueError(
            "known must be None or a luma where targets have other channels than X: no value of X "
            f"can be kept in them; X has images of shape {image_format.image_shape}, and the "
            f"targets {target_format.image_shape}."
        )
    empty = ~mask.any(axis=(1, 2, 3))
    if empty.any():
        which = "" if len(mask) == 1 else f" {int(np.flatnonzero(empty)[0])}"
        raise ValueError(
            f"known must be True somewhere in each image; nothing of image{which} is given."
        )
    return Known(mask)


def _check_is_not_of_lost(
    mask: BoolArray | None, corruption: Corruption | None, image_format: ImageFormat
) -> None:
    """Raise a ValueError for the mask that a `Mask` takes, which is True where values are lost."""
    if mask is None or not isinstance(corruption, Mask):
        return
    lost = _mask_shape(np.asarray(corruption.mask, dtype=bool), 1, image_format.image_shape)
    if lost.any() and np.all(mask == lost):
        raise ValueError(
            "known must be True where a value is given; got the mask of the corruption, which is "
            "True where one is lost. Take known=~mask, or leave it out."
        )


def _checked_luma(
    array: AnyArray, n: int, image_format: ImageFormat, target_format: ImageFormat
) -> FloatArray:
    height, width, channels = target_format.image_shape
    if array.shape not in ((n, height, width), (n, height, width, 1)):
        raise ValueError(
            f"known must be {_MASK}, or with another dtype than bool a luma of shape (n, height, "
            f"width), {(n, height, width)}; got {array.dtype} of shape {array.shape}."
        )
    if channels != 3:
        raise ValueError(
            f"known must be None or {_MASK}: a luma is for targets of three channels, and these "
            f"have {channels}; got {array.dtype}."
        )
    luma = as_image_array(array.reshape(n, height, width), "known")
    values = np.unique(luma)
    if len(values) <= 2 and set(values.tolist()) <= {0, 1, 255}:
        raise ValueError(
            f"known must be {_MASK}, or the luma of colours; got {array.dtype} with the values "
            f"{', '.join(f'{value:g}' for value in values)} alone, as masks have them: "
            "known.astype(bool) is a mask, True where a value is given."
        )
    grey = replace(image_format, ndim=3, image_shape=(height, width, 1))
    grey.check(luma, "known")
    return grey.to_unit(luma)


def with_lost_values(
    images: AnyArray, mask: BoolArray, corruption: Corruption | None, image_format: ImageFormat
) -> AnyArray:
    """Return images with the fill of the corruption where they are lost: NaN may stand there."""
    if images.ndim != image_format.ndim or images.size != len(images) * image_format.n_values:
        return images
    low, high = image_format.value_range
    value = low + (fill_of(corruption) or 0.0) * (high - low)
    if images.dtype.kind in "ui":
        value = round(value)
    shaped = images.reshape(-1, *image_format.image_shape)
    return np.where(mask, shaped, np.asarray(value, images.dtype)).reshape(images.shape)


def _smooth(unit: FloatArray, mask: BoolArray) -> FloatArray:
    """Return images with gaps filled smoothly, and by their mean far from what is given."""
    shown = np.broadcast_to(mask, unit.shape)
    n_shown = np.maximum(shown.sum(axis=(1, 2, 3), keepdims=True), 1)
    mean = (unit * shown).sum(axis=(1, 2, 3), keepdims=True) / n_shown
    return np.clip(mean + fill_smoothly(unit - mean, mask), 0, 1).astype(np.float32)


def _reconstructed(unit: FloatArray, network: TrainedNetwork, n_channels: int) -> FloatArray:
    """Return what the autoencoder makes of images (n, H, W, C) in [0, 1]."""
    shape = unit.shape[1:]
    formats = [
        ImageFormat(4, (*shape[:2], c), (0.0, 1.0), np.dtype(np.float32), False)
        for c in (shape[2], n_channels)
    ]
    return decode(network, encode(network, unit, formats[0]), formats[1])


def _estimate(
    unit: FloatArray,
    mask: BoolArray | None,
    luma: FloatArray | None,
    network: TrainedNetwork,
    restorer: Restorer,
) -> FloatArray:
    """Return images restored by the bypass where it was trained for such, else without it."""
    bypass = restorer.bypass
    wanted: Remains = "values" if mask is not None else "luma" if luma is not None else "nothing"
    if bypass is not None and bypass.remains == wanted:
        whole = None if mask is None else np.broadcast_to(mask, unit.shape)
        return restore_batch(network, bypass, unit, whole, luma)

    def base_of(images: FloatArray) -> FloatArray:
        if bypass is not None and bypass.remains == "nothing":
            return restore_batch(network, bypass, images, None, None)
        return _reconstructed(images, network, restorer.n_channels)

    if mask is None:
        return base_of(unit)
    if restorer.remains == "values":
        base = base_of(unit)
        return base + fill_smoothly(unit - base, mask)
    filled = _smooth(unit, mask)
    for _ in range(_N_FILLS):
        base = base_of(filled)
        filled = np.clip(base + fill_smoothly(unit - base, mask), 0, 1).astype(np.float32)
    return filled


def restore_block(
    unit: FloatArray, known: Known, network: TrainedNetwork, restorer: Restorer
) -> FloatArray:
    """Return restored images (n, H, W, C) in [0, 1] of damaged ones.

    What is right is what is `known`, or without a word what the corruption of training leaves.
    Where no bypass was trained for it, the residual of the reconstruction at values that are
    given is smoothly interpolated, and added.
    """
    mask, luma = known
    if mask is None and restorer.corruption is not None and restorer.remains == "values":
        draws = NumpyDraws(np.random.RandomState(0), np.dtype(np.float32))
        mask = known_values(restorer.corruption, unit, draws)
    if known.mask is None and luma is None and restorer.remains == "luma":
        luma = luma_of(unit)
    restored = _estimate(unit, mask, luma, network, restorer)
    return np.clip(restored, 0, 1) if luma is None else luma_kept(restored, luma)


def restore(
    autoencoder: Any,
    X: Any,
    known: Any,
    formats: tuple[ImageFormat, ImageFormat],
    network: TrainedNetwork,
    restorer: Restorer,
) -> AnyArray:
    """Return what `ConvAutoencoder.restore` does, or raise what it raises."""
    if known is None and restorer.clean:
        raise ValueError(
            "known must be given, a mask or a luma: the network was trained with neither a "
            "corruption nor target images, so that it does not know what is wrong with X; got None."
        )
    right = Known()
    if known is not None:
        given = as_numeric_array(X, "X", "images as in fit")
        right = check_known(known, len(given) if given.ndim else 0, *formats)
        _check_is_not_of_lost(right.mask, restorer.corruption, formats[0])
    if right.mask is None:
        images = known_images(autoencoder, X, formats[0])
    else:
        if given.ndim == 2 and formats[0].ndim == 2:
            validate_data(autoencoder, X, skip_check_array=True, reset=False)
        filled = with_lost_values(given, right.mask, restorer.corruption, formats[0])
        images = as_image_array(filled)
        formats[0].check(images)
    return restore_images(images, formats, right, network, restorer)


def restore_images(
    images: AnyArray,
    formats: tuple[ImageFormat, ImageFormat],
    known: Known,
    network: TrainedNetwork,
    restorer: Restorer,
) -> AnyArray:
    """Return restored images in the format of targets, block by block, given values as given."""
    image_format, target_format = formats
    n = len(images)
    shape = (n, *target_format.from_unit(np.zeros((1, *target_format.image_shape))).shape[1:])
    restored = np.empty(shape, target_format.dtype)
    block = inference_batch_size(1, image_format.n_values)
    for part in gen_batches(n, block):
        some = known.part(part)
        unit = image_format.to_unit(images[part])
        best = target_format.from_unit(restore_block(unit, some, network, restorer))
        if some.mask is not None:
            mask = np.broadcast_to(some.mask, unit.shape).reshape(images[part].shape)
            given = images[part]
            if image_format.value_range != target_format.value_range:
                given = target_format.from_unit(unit)
            best = np.where(mask.reshape(best.shape), given.reshape(best.shape), best)
        restored[part] = best
    return restored


def check_bypass(bypass: Any, pairs: ImagePairs, corruption: Corruption | None) -> None:
    """Raise a ValueError if a bypass is asked for and there is nothing to restore from."""
    if bypass is not False and bypass != "auto" and pairs.itself and corruption is None:
        raise ValueError(
            "bypass must be 'auto' or False where there is neither a corruption nor target images "
            "y: there is nothing to restore from; got True."
        )


def make_restorer(
    module: Any,
    pairs: ImagePairs,
    rows: IntArray,
    corruption: Corruption | None,
    *,
    with_bypass: bool,
    n_passes: int,
    device: Device,
    precision: Precision,
    mirror: bool | Literal["both"],
    seed: int,
    earlier: Bypass | None = None,
) -> tuple[Restorer, bool]:
    """Return how to restore with a trained autoencoder, and whether that was interrupted.

    A bypass is trained on as many passes over the images, or 600 batches of 32 if that is less.
    """
    assert pairs.target_format is not None
    shape = pairs.target_format.image_shape
    remains: Remains = remains_of(corruption, shape) if pairs.itself else "nothing"
    clean = pairs.itself and corruption is None
    restorer = Restorer(remains, copy.deepcopy(corruption), clean, shape[2])
    if not with_bypass:
        return restorer, False
    rng = np.random.RandomState([seed, 2])
    batches = ImageBatches(
        *(pairs, rows, _BATCH_SIZE, device, rng),
        mirror=mirror,
        corruption=batch_corruptions(corruption, device, rng)[0],
    )
    bypass, interrupted = train_bypass(
        *(module, batches, min(n_passes * len(batches), _MOST_STEPS)),
        remains=remains,
        corruption=corruption,
        seed=draw_seed(rng),
        precision=precision,
        earlier=earlier if earlier is not None and earlier.remains == remains else None,
    )
    return restorer._replace(bypass=bypass), interrupted
