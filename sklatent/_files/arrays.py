"""Arrays on disk, as npy files mapped into memory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from sklatent._typing import AnyArray

from .archives import npy_header
from .reading import open_plain, reading
from .writing import replacing

__all__ = ["new_array", "open_array"]


@contextmanager
def new_array(path: Path | str, shape: tuple[int, ...], dtype: Any) -> Iterator[AnyArray]:
    """Give a new mapped array to fill; after the block it is the npy file `path`, whole."""
    with replacing(path) as new:
        array = np.lib.format.open_memmap(new, mode="w+", dtype=np.dtype(dtype), shape=shape)
        _reserve(new)
        yield array
        array.flush()


def _reserve(path: Path) -> None:
    """Take all of a file's place on disk: a mapped page without one would end the process."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as stream:
            os.posix_fallocate(stream.fileno(), 0, path.stat().st_size)


def open_array(path: Path | str) -> AnyArray:
    """Return the array of an npy file, mapped to read, or raise a ValueError if it is none."""
    path = Path(path)
    with reading(path, "an npy file of numbers"):
        with open_plain(path) as stream:
            shape, dtype = npy_header(stream)
            start = stream.tell()
            came, wanted = os.fstat(stream.fileno()).st_size, start + prod(shape) * dtype.itemsize
            if came != wanted:
                raise ValueError(f"it has {came} bytes where {wanted} are due")
        return np.load(path, mmap_mode="r", allow_pickle=False)
