"""CelebA faces in the official file formats."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias, TypedDict, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from sklatent._files.archives import open_zip
from sklatent._files.reading import read_bytes, read_text, reading
from sklatent._validation import check_bool, check_choice, check_number

from ._bunches import CelebAFaces, DataHome, as_result
from ._files import find_file, missing_file_error, search_folders
from ._jpeg import MOST_BYTES, decode_images

__all__ = ["load_celeba"]

_Subset: TypeAlias = Literal["train", "valid", "test", "all"]
_Arrays: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.int8] | None]

_IMAGE_NAMES = ("img_align_celeba", "img_align_celeba.zip")
_PARTITION_NAMES = ("list_eval_partition.txt",)
_ATTRIBUTE_NAMES = ("list_attr_celeba.txt",)
_SIZE = (218, 178)
# The official files have 27 MB at most.
_MOST_TEXT = 2**28
_ATTRIBUTES = (
    "a text file of a count, a line of attribute names, and for each image its file name and a "
    "-1 or 1 per attribute"
)
_PARTITIONS = {"train": {"0"}, "valid": {"1"}, "test": {"2"}, "all": {"0", "1", "2"}}

_DESCRIPTION = """CelebA

202,599 photographs of 10,177 celebrities, aligned by the face and cut to 178 x 218, of which the
central square is taken, with 40 binary attributes. By Ziwei Liu, Ping Luo, Xiaogang Wang and
Xiaoou Tang, for non-commercial research only; the photographs are not to be passed on."""


def _require(names: Sequence[str], folders: Sequence[Path]) -> Path:
    path = find_file(names, folders)
    if path is None:
        raise missing_file_error("CelebA", names, folders)
    return path


def _lines(path: Path, kind: str) -> list[str]:
    with reading(path, kind):
        return read_text(path, _MOST_TEXT).splitlines()


def _read_partition(path: Path, subset: str) -> list[str]:
    """Return the file names of a subset's images from lines such as "000001.jpg 0"."""
    parts: dict[str, str] = {}
    for number, line in enumerate(_lines(path, "a text file"), start=1):
        fields = line.split()
        if len(fields) != 2 or fields[1] not in _PARTITIONS["all"]:
            raise ValueError(
                f"{path}, line {number}: must be a file name and 0, 1 or 2; got {line!r}."
            )
        name, part = fields
        # Also that of a folder above, or of a device, would be opened.
        if name != PurePosixPath(name).name or name == ".." or "\\" in name or "\0" in name:
            raise ValueError(f"{path}, line {number}: {name!r} must be a file name without folder.")
        if name in parts:
            raise ValueError(f"{path}, line {number}: {name!r} must not be there twice.")
        parts[name] = part
    names = [name for name, part in parts.items() if part in _PARTITIONS[subset]]
    if not names:
        raise ValueError(f"{path} must name an image of the subset {subset!r}; it names none.")
    return names


def _read_attributes(path: Path, names: Sequence[str]) -> tuple[NDArray[np.int8], NDArray[np.str_]]:
    """Return the attributes (n_images, n_attributes) as 0 or 1, and their names.

    The first line holds the number of images, the second the attributes' names,
    each further one a file name and -1 or 1 for each attribute.
    """
    with reading(path, _ATTRIBUTES):
        count, header, *lines = _lines(path, _ATTRIBUTES)
        if not count.strip().isdecimal() or int(count) != len(lines):
            raise ValueError(f"it holds {len(lines)} images where {count.strip()!r} are counted")
        attributes = header.split()
        rows = {fields[0]: fields[1:] for fields in map(str.split, lines) if fields}
        if len(rows) < len(lines):
            raise ValueError("an image is there twice, or a line is empty")
        target = np.empty((len(names), len(attributes)), dtype=np.int8)
        for i, name in enumerate(names):
            values = rows.get(name)
            if values is None:
                raise ValueError(f"it lacks {name!r}")
            if len(values) != len(attributes):
                raise ValueError(f"{name!r} has {len(values)} values, not {len(attributes)}")
            if not {"-1", "1"}.issuperset(values):
                raise ValueError(f"a value of {name!r} is neither -1 nor 1")
            target[i] = [value == "1" for value in values]
    return target, np.array(attributes)


@contextmanager
def _open_images(path: Path) -> Iterator[Callable[[str], bytes]]:
    """Give a function from a file name to its content, for a folder or a zip file."""
    if path.is_dir():

        def read(name: str) -> bytes:
            with reading(path / name, "a JPEG file"):
                return read_bytes(path / name, MOST_BYTES)

        yield read
        return
    with open_zip(path, "a zip file of JPEG images", MOST_BYTES) as archive:
        yield archive.read


def _read_images(path: Path, names: Sequence[str], image_size: int) -> NDArray[np.uint8]:
    """Return the named images (n_images, image_size, image_size, 3)."""

    def files(read: Callable[[str], bytes]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            try:
                yield f"{path}: {name}", read(name)
            except (FileNotFoundError, KeyError) as error:
                raise FileNotFoundError(
                    f"{path} must hold all images of {_PARTITION_NAMES[0]}; it lacks {name}."
                ) from error

    with _open_images(path) as read:
        return decode_images(files(read), len(names), _SIZE, image_size)


class _Which(TypedDict, total=False):
    subset: _Subset
    image_size: int
    n_samples: int | None
    data_home: DataHome


@overload
def load_celeba(*, return_X_y: Literal[False] = ..., **which: Unpack[_Which]) -> CelebAFaces: ...
@overload
def load_celeba(*, return_X_y: Literal[True], **which: Unpack[_Which]) -> _Arrays: ...
def load_celeba(
    *,
    subset: _Subset = "train",
    image_size: int = 64,
    n_samples: int | None = None,
    data_home: DataHome = None,
    return_X_y: bool = False,
) -> CelebAFaces | _Arrays:
    """Load CelebA faces from a local copy of the official files.

    The copy, in `data_home` or its folder ``celeba``, holds the JPEG images in
    a folder ``img_align_celeba`` or as ``img_align_celeba.zip``, the split as
    ``list_eval_partition.txt``, and may hold the attributes as
    ``list_attr_celeba.txt``. No fetcher exists: the files are at the project's
    page [2]_, for non-commercial research only, and are not to be passed on.

    Of each image, 178 x 218 pixels, the central square of 178 x 178 is taken
    and resized. Images are decoded one at a time, by pillow, into one array:
    all 202,599 of them take ``202599 * image_size**2 * 3`` bytes, 2.5 GB at the
    default size, and several minutes.

    Parameters
    ----------
    subset : {"train", "valid", "test", "all"}, default="train"
        The official split: 162,770, 19,867 and 19,962 images of different
        people, or all of them.
    image_size : int, default=64
        Height and width of the images, 1 to 178 pixels.
    n_samples : int, default=None
        Load the first `n_samples` images of the subset only. None loads all.
    data_home : str or path-like, default=None
        The folder of the files. None takes the folder named by the environment
        variable ``SKLATENT_DATA``.
    return_X_y : bool, default=False
        Return ``(images, target)`` in place of the Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        images : ndarray of shape (n_samples, image_size, image_size, 3), uint8
            Red, green and blue, 0 to 255, in the order of the split file.
        target : ndarray of shape (n_samples, n_attributes), int8, or None
            1 where an image has an attribute, else 0; None without the file.
        target_names : ndarray of shape (n_attributes,), str, or None
            The names of the attributes, 40 in the official file.
        DESCR : str
            A short description, with the terms of use.

    (images, target) : tuple, if `return_X_y` is True

    Raises
    ------
    FileNotFoundError
        If the images or the split file are missing, or one image is.
    ValueError
        If a parameter is out of its range, `n_samples` is more than the subset
        has, or a file is damaged or has another format.
    TypeError
        If a parameter has a wrong type.
    ImportError
        If pillow is not installed.

    References
    ----------
    .. [1] Z. Liu, P. Luo, X. Wang, X. Tang, "Deep Learning Face Attributes in
       the Wild", ICCV 2015.
    .. [2] https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html

    Examples
    --------
    Made files stand in for the real ones:

    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from sklatent.datasets import load_celeba
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     images = Path(folder, "img_align_celeba")
    ...     images.mkdir()
    ...     Image.new("RGB", (178, 218), "gray").save(images / "000001.jpg")
    ...     _ = Path(folder, "list_eval_partition.txt").write_text("000001.jpg 0")
    ...     faces = load_celeba(data_home=folder)
    >>> faces.images.shape
    (1, 64, 64, 3)
    """
    check_choice("subset", subset, tuple(_PARTITIONS))
    image_size = check_number("image_size", image_size, low=1, high=min(_SIZE), integer=True)
    return_X_y = check_bool("return_X_y", return_X_y)
    folders = [path for home in search_folders(data_home) for path in (home, home / "celeba")]
    image_path = _require(_IMAGE_NAMES, folders)
    names = _read_partition(_require(_PARTITION_NAMES, folders), subset)
    if n_samples is not None:
        high = len(names)
        names = names[: check_number("n_samples", n_samples, low=1, high=high, integer=True)]
    attribute_path = find_file(_ATTRIBUTE_NAMES, folders)
    target, target_names = (
        (None, None) if attribute_path is None else _read_attributes(attribute_path, names)
    )
    bunch = CelebAFaces(
        images=_read_images(image_path, names, image_size),
        target=target,
        target_names=target_names,
        DESCR=_DESCRIPTION,
    )
    return as_result(bunch, return_X_y)
