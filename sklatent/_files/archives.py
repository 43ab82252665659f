"""Archives read safely: all members or an error, none larger than agreed, nothing unpacked."""

import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np

from sklatent._typing import AnyArray

from .reading import open_plain, reading

__all__ = ["Archive", "open_tar", "open_zip", "read_npz"]

_BLOCK = 2**20
# Two blocks of zeros close a tar file.
_TAR_END = 1024


@dataclass(frozen=True)
class Archive:
    """The files of an open archive by name, and `read`, from a name to its content.

    `read` raises a KeyError for a name that is not there, and a ValueError where a file is damaged
    or larger than was agreed.
    """

    path: Path
    names: tuple[str, ...]
    read: Callable[[str], bytes]


@contextmanager
def open_tar(path: Path, kind: str, most: int) -> Iterator[Archive]:
    """Open a tar file that is not compressed, whose members have at most `most` bytes each.

    A header of which a bit has changed ends the list of members for `tarfile`. Here it is an error,
    as what follows the last member must be zeros. The content of members has no checksum.
    """
    with reading(path, kind):
        stream = open_plain(path)
    with stream:
        with reading(path, kind):
            members = _tar_members(stream, most)

        def read(name: str) -> bytes:
            member = members[name]
            with reading(path, kind):
                stream.seek(member.offset_data)
                content = stream.read(member.size)
                if len(content) < member.size:
                    raise EOFError(f"it ends within {name!r}")
            return content

        yield Archive(path, tuple(members), read)


def _tar_members(stream: BinaryIO, most: int) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        members = [member for member in archive.getmembers() if not member.isdir()]
        _check_tar_end(stream, archive.offset)
    found: dict[str, tarfile.TarInfo] = {}
    for member in members:
        if not member.isreg() or member.issparse():
            raise ValueError(f"{member.name!r} is no plain file")
        if member.size > most:
            raise ValueError(f"{member.name!r} has {member.size} bytes, more than {most}")
        if member.name in found:
            raise ValueError(f"{member.name!r} is there twice")
        found[member.name] = member
    return found


def _check_tar_end(stream: BinaryIO, start: int) -> None:
    """Raise a ValueError unless only zeros follow, two blocks at least."""
    stream.seek(start)
    n_zeros = 0
    while block := stream.read(_BLOCK):
        if block.strip(b"\0"):
            raise ValueError(f"the header of a member, at byte {start}, is damaged")
        n_zeros += len(block)
    if n_zeros < _TAR_END:
        raise ValueError("it is cut off: the zeros at its end are missing")


@contextmanager
def open_zip(path: Path, kind: str, most: int) -> Iterator[Archive]:
    """Open a zip file, whose members, by file name without folder, have at most `most` bytes."""
    with reading(path, kind):
        stream = open_plain(path)
    with stream:
        with reading(path, kind):
            archive = zipfile.ZipFile(stream)
            members = _by_name(archive.infolist())

        def read(name: str) -> bytes:
            with reading(path, kind):
                if name not in members:
                    # A damaged name of another member would hide this one.
                    for member in archive.infolist():
                        archive.open(member).close()
                return b"" if name not in members else _content(archive, members[name], most)

        def read_known(name: str) -> bytes:
            content = read(name)
            if name not in members:
                raise KeyError(name)
            return content

        yield Archive(path, tuple(members), read_known)


def _by_name(members: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        name = PurePosixPath(member.filename).name
        if member.is_dir():
            continue
        if name in found:
            raise ValueError(f"{name!r} is there twice")
        found[name] = member
    return found


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    if member.file_size > most:
        raise ValueError(f"{member.filename!r} has {member.file_size} bytes, more than {most}")
    with archive.open(member) as stream:
        # To read beyond the end has the checksum compared.
        content = stream.read(most + 1)
    if len(content) != member.file_size:
        raise ValueError(f"{member.filename!r} is not as long as it should be")
    return content


def read_npz(path: Path, keys: Sequence[str], kind: str, most: Mapping[str, int]) -> list[AnyArray]:
    """Return named arrays of an npz file, whose sizes in bytes are at most those of `most`.

    Checksums are compared before anything is made of a member.
    """
    with reading(path, kind), open_plain(path) as stream, zipfile.ZipFile(stream) as archive:
        members = _by_name(archive.infolist())
        missing = [key for key in keys if f"{key}.npy" not in members]
        if missing:
            raise ValueError(f"it lacks {', '.join(missing)}")
        return [_read_npy(archive, members[f"{key}.npy"], most[key]) for key in keys]


def _read_npy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> AnyArray:
    _check_sum(archive, member)
    with archive.open(member) as stream:
        shape, dtype = npy_header(stream)
        n_bytes = prod(shape) * dtype.itemsize
        if n_bytes > most:
            raise ValueError(f"{member.filename!r} holds {n_bytes} bytes, more than {most}")
        if member.file_size - stream.tell() != n_bytes:
            raise ValueError(f"{member.filename!r} is not as long as it should be")
        stream.seek(0)
        return np.lib.format.read_array(stream, allow_pickle=False)


def _check_sum(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Read a member to its end, block by block, where its checksum is compared."""
    n_bytes = 0
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            n_bytes += len(block)
    if n_bytes != member.file_size:
        raise ValueError(f"{member.filename!r} is not as long as it should be")


def npy_header(stream: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and type that the header of an npy file tells, without objects."""
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise ValueError(f"it is of version {version} of the npy format; 1.0 and 2.0 are read")
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are not read")
    return shape, dtype
