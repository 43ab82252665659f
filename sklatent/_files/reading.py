"""Plain files read within bounds, and one error for all that a damaged one has a parser raise."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["open_plain", "read_bytes", "read_text", "reading"]


@contextmanager
def reading(path: Path | str, kind: str) -> Iterator[None]:
    """Turn whatever is raised while a file is read into a ValueError that names it.

    A parser can raise anything of a damaged file. `kind` says what the file must be.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise ValueError(
            f"{path} must be {kind}; it could not be read so: {reason.rstrip('.')}."
        ) from error


def open_plain(path: Path) -> BinaryIO:
    """Open a file to read, or raise a ValueError unless it is one: no folder, device or pipe."""
    # A pipe would be waited for, and a device may have no end.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is no file but a folder, a device or a pipe")
    return path.open("rb")


def read_bytes(path: Path, most: int) -> bytes:
    """Return the content of a plain file, or raise a ValueError beyond `most` bytes."""
    with open_plain(path) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it has more than {most} bytes")
    return content


def read_text(path: Path, most: int) -> str:
    """Return the text of a plain file in UTF-8, of at most `most` bytes."""
    return read_bytes(path, most).decode("utf-8")
