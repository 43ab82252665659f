"""JPEG files decoded one at a time into one array."""

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode_images"]


def _import_pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            "Reading JPEG images needs pillow, which is not installed: pip install pillow"
        ) from error
    return Image


def decode_images(
    files: Iterable[tuple[str, bytes]],
    n_images: int,
    size: tuple[int, int],
    image_size: int,
) -> NDArray[np.uint8]:
    """Decode JPEG files by (name, content), each cut to its central square and resized.

    Every one must measure `size` (height, width). One file's content is held at a time. There is
    no resampling where the central square has the wanted `image_size` already.
    """
    Image = _import_pillow()
    height, width = size
    side = min(size)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    images = np.empty((n_images, image_size, image_size, 3), dtype=np.uint8)
    for i, (name, content) in enumerate(files):
        try:
            with Image.open(io.BytesIO(content), formats=["JPEG"]) as opened:
                image = opened.convert("RGB")
        except OSError as error:
            raise ValueError(f"{name} must be a whole JPEG file; got: {error}.") from error
        if image.size != (width, height):
            raise ValueError(
                f"{name} must be {width} pixels wide and {height} high; "
                f"got {image.width} and {image.height}."
            )
        # Bilinear resizing in pillow averages over all source pixels, so nothing aliases.
        images[i] = image.resize((image_size, image_size), Image.Resampling.BILINEAR, box=box)
    return images
