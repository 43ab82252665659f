"""CelebA faces in the official file formats."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias, TypedDict, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from sklatent._validation import check_bool, check_choice, check_number

from ._bunches import CelebAFaces, DataHome, as_result
from ._files import find_file, missing_file_error, search_folders
from ._jpeg import decode_images

__all__ = ["load_celeba"]

_Subset: TypeAlias = Literal["train", "valid", "test", "all"]
_Arrays: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.int8] | None]

_IMAGE_NAMES = ("img_align_celeba", "img_align_celeba.zip")
_PARTITION_NAMES = ("list_eval_partition.txt",)
_ATTRIBUTE_NAMES = ("list_attr_celeba.txt",)
_SIZE = (218, 178)
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


def _read_partition(path: Path, subset: str) -> list[str]:
    """Return the file names of a subset's images from lines such as "000001.jpg 0"."""
    names = []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        fields = line.split()
        if len(fields) != 2 or fields[1] not in _PARTITIONS["all"]:
            raise ValueError(
                f"{path}, line {number}: must be a file name and 0, 1 or 2; got {line!r}."
            )
        if fields[1] in _PARTITIONS[subset]:
            names.append(fields[0])
    if not names:
        raise ValueError(f"{path} must name an image of the subset {subset!r}; it names none.")
    return names


def _read_attributes(path: Path, names: Sequence[str]) -> tuple[NDArray[np.int8], NDArray[np.str_]]:
    """Return the attributes (n_images, n_attributes) as 0 or 1, and their names.

    The first line holds the number of images, the second the attributes' names,
    each further one a file name and -1 or 1 for each attribute.
    """
    try:
        _, header, *lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        rows = {name: values for name, _, values in (line.partition(" ") for line in lines)}
        attributes = header.split()
        target = np.empty((len(names), len(attributes)), dtype=np.int8)
        for i, name in enumerate(names):
            target[i] = np.array(rows[name].split(), dtype=np.int8)
        if not np.isin(target, (-1, 1)).all():
            raise ValueError("a value is neither -1 nor 1")
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"{path} must hold a count, a line of attribute names, and for each image its file "
            f"name and a -1 or 1 per attribute; it could not be read so: {error}."
        ) from error
    return (target > 0).astype(np.int8), np.array(attributes)


@contextmanager
def _open_images(path: Path) -> Iterator[Callable[[str], bytes]]:
    """Give a function from a file name to its content, for a folder or a zip file."""
    if path.is_dir():
        yield lambda name: (path / name).read_bytes()
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = {PurePosixPath(member).name: member for member in archive.namelist()}
            yield lambda name: archive.read(members[name])
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"{path} must be a zip file of JPEG images; it could not be read so: {error}."
        ) from error


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
