"""JPEG files decoded one at a time into one array."""

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_BYTES", "decode_images"]

# Far more than a small photograph takes, with all that cameras write beside it.
MOST_BYTES = 2**22

_START, _END, _SCAN, _INTERVAL = 0xD8, 0xD9, 0xDA, 0xDD
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_RESTARTS = frozenset(range(0xD0, 0xD8))


def _import_pillow() -> Any:
    try:
        from PIL import Image, JpegImagePlugin
    except ImportError as error:
        raise ImportError(
            "Reading JPEG images needs pillow, which is not installed: pip install pillow"
        ) from error
    return Image, JpegImagePlugin.JpegImageFile


def decode_images(
    files: Iterable[tuple[str, bytes]],
    n_images: int,
    size: tuple[int, int],
    image_size: int,
) -> NDArray[np.uint8]:
    """Decode JPEG files by (name, content), each cut to its central square and resized.

    Every one must measure `size` (height, width), which is looked at before it is decoded. One
    file's content is held at a time. There is no resampling where the central square has the
    wanted `image_size` already.
    """
    Image, JpegImageFile = _import_pillow()
    height, width = size
    side = min(size)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    images = np.empty((n_images, image_size, image_size, 3), dtype=np.uint8)
    for i, (name, content) in enumerate(files):
        with _decoding(name):
            came = frame_size(content)
        if came != size:
            raise ValueError(
                f"{name} must be {width} pixels wide and {height} high; "
                f"got {came[1]} and {came[0]}."
            )
        with _decoding(name), JpegImageFile(io.BytesIO(content)) as opened:
            if opened.size != (width, height):
                raise ValueError("it holds two sizes")
            image = opened.convert("RGB")
        # Bilinear resizing in pillow averages over all source pixels, so nothing aliases.
        images[i] = image.resize((image_size, image_size), Image.Resampling.BILINEAR, box=box)
    return images


class _decoding:
    """Turns whatever a decoder raises of a damaged file into a ValueError that names it."""

    def __init__(self, name: str):
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception):
            reason = str(error).rstrip(".") or type(error).__name__
            raise ValueError(f"{self.name} must be a whole JPEG file; got: {reason}.") from error


def frame_size(content: bytes) -> tuple[int, int]:
    """Return the (height, width) that a JPEG file tells, walked from marker to marker to its end.

    A ValueError is raised where one is cut off, a marker stands where none may, or something
    follows the end. Compressed pixels have no checksum: a bit that changed there goes unnoticed
    wherever it makes no marker.
    """
    if content[:2] != bytes([0xFF, _START]):
        raise ValueError("it does not begin as one")
    at, size, intervals = 2, None, False
    while True:
        kind, at = _marker(content, at)
        if kind == _END:
            break
        if kind < 0xC0 or kind == _START or kind in _RESTARTS:
            raise ValueError(f"marker {kind:#x} stands where none may")
        length = int.from_bytes(content[at : at + 2], "big")
        segment = content[at + 2 : at + length]
        if length < 2 or len(segment) < length - 2:
            raise ValueError("it is cut off within a segment")
        if kind in _FRAMES:
            if size is not None or len(segment) < 6:
                raise ValueError("it must have one whole frame header")
            size = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
        intervals = intervals or kind == _INTERVAL
        at += length
        if kind == _SCAN:
            at = _end_of_scan(content, at, intervals)
    if size is None:
        raise ValueError("it holds no frame")
    if content[at:].strip(b"\0\r\n"):
        raise ValueError("something follows its end")
    return size


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """Return the marker at a place, behind bytes that fill, and the place behind it."""
    start = at
    while content[at : at + 1] == b"\xff":
        at += 1
    if at == start or at >= len(content):
        raise ValueError("it is cut off, or no marker stands where one must")
    return content[at], at + 1


def _end_of_scan(content: bytes, at: int, intervals: bool) -> int:
    """Return the place of the marker behind compressed pixels, from which restarts are told."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise ValueError("it is cut off within its pixels")
        following = content[at + 1]
        if following in _RESTARTS and not intervals:
            raise ValueError("its pixels restart where they may not")
        if following != 0 and following not in _RESTARTS:
            return at
        at += 2
