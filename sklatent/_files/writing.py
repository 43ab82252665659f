"""Files written whole or not at all: what was there stays until all of the new one is on disk."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["replacing", "write_bytes"]


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Give the path of a new file that takes the place of `path` after the block.

    It lies in the same folder. Where the block, or bringing the file to disk, fails, it is removed,
    and the old one stays as it was; an OSError then says so.
    """
    path = Path(path)
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        yield new
        _to_disk(new)
        os.replace(new, path)
    except BaseException as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            message = f"{path} could not be written, and is as it was: {reason}"
            raise OSError(error.errno, message) from error
        raise
    # The new file is there, whole; whether the folder's entry outlives a power cut is all that
    # is open, and some file systems cannot say.
    with suppress(OSError):
        _to_disk(path.parent)


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write a file whole, or raise an OSError and leave what was there."""
    with replacing(path) as new, new.open("xb") as stream:
        stream.write(content)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
