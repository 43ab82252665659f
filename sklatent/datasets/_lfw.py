"""Labeled Faces in the Wild, split by person."""

import re
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeAlias, Unpack, overload

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import fetch_lfw_people

from sklatent._files.archives import open_tar
from sklatent._typing import BoolArray, IntArray
from sklatent._validation import check_bool, check_choice

from ._bunches import DataHome, LabelledArrays, LabelledImages, Subset, Where, as_result
from ._files import find_file, missing_file_error, search_folders
from ._jpeg import MOST_BYTES, decode_images

__all__ = ["fetch_lfw_faces"]

_FILE_NAMES = ("lfw_faces_64.tar",)
_IMAGE_SIZE = 64
_KIND = "a tar file of JPEG images named First_Last_0001.jpg"
# The square of the 250 x 250 originals that the 64 x 64 faces show.
_FACE_ROWS, _FACE_COLUMNS = slice(62, 190), slice(61, 189)

_DESCRIPTION = """Labeled Faces in the Wild

Photographs of 5,749 people from news pages of 2002 to 2004: 13,233 colour faces, cut out and
reduced to 64 x 64. Published by the University of Massachusetts, Amherst, without a licence, as
a benchmark for research; the photographs remain with their copyright holders. Do not pass them
on as part of a package, and do not use them to identify people."""


_Faces: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.str_]]


def _in_subset(names: NDArray[np.str_], subset: str) -> BoolArray:
    """Tell of each person, by a checksum of the name, whether the subset has them."""
    checksums = [zlib.crc32(name.replace(" ", "_").encode()) for name in names]
    is_test = np.array(checksums) % 5 == 0
    return {"train": ~is_test, "test": is_test, "all": np.ones_like(is_test)}[subset]


def _select(people: IntArray, names: NDArray[np.str_], subset: str) -> IntArray:
    """Return the indices of a subset's images, person after person.

    `people` (n_images,) holds indices into `names` (n_people,).
    """
    by_person = np.argsort(people, kind="stable")
    return by_person[_in_subset(names, subset)[people[by_person]]]


def _person(path: Path, member: str) -> str:
    match = re.fullmatch(r"(.+)_\d{4}\.jpg", PurePosixPath(member).name)
    if match is None:
        raise ValueError(f"{path}: members must be named First_Last_0001.jpg; got {member!r}.")
    return match[1].replace("_", " ")


def _read_tar(path: Path, subset: str) -> _Faces:
    """Return images (n, 64, 64, 3), target (n,) and the people's names."""
    with open_tar(path, _KIND, MOST_BYTES) as archive:
        members = sorted(archive.names)
        if not members:
            raise ValueError(f"{path} must be {_KIND}; it could not be read so: it holds no file.")
        names, people = np.unique([_person(path, name) for name in members], return_inverse=True)
        chosen = _select(people, names, subset)
        files = ((f"{path}: {members[i]}", archive.read(members[i])) for i in chosen)
        images = decode_images(files, len(chosen), (_IMAGE_SIZE, _IMAGE_SIZE), _IMAGE_SIZE)
    return images, people[chosen].astype(np.int64), names


def _fetch_people(subset: str, data_home: DataHome) -> _Faces:
    """Return what `_read_tar` does, from scikit-learn's fetcher."""
    people: Any = fetch_lfw_people(
        data_home=data_home,
        color=True,
        resize=0.5,
        slice_=(_FACE_ROWS, _FACE_COLUMNS),
    )
    chosen = _select(people.target, people.target_names, subset)
    images = np.empty((len(chosen), _IMAGE_SIZE, _IMAGE_SIZE, 3), dtype=np.uint8)
    for i, source in enumerate(chosen):
        # scikit-learn gives float32 on [0, 1].
        images[i] = np.rint(255 * people.images[source])
    return images, people.target[chosen].astype(np.int64), people.target_names


@overload
def fetch_lfw_faces(
    *, return_X_y: Literal[False] = ..., **where: Unpack[Where]
) -> LabelledImages: ...
@overload
def fetch_lfw_faces(*, return_X_y: Literal[True], **where: Unpack[Where]) -> LabelledArrays: ...
def fetch_lfw_faces(
    *,
    subset: Subset = "train",
    data_home: DataHome = None,
    download_if_missing: bool = False,
    return_X_y: bool = False,
) -> LabelledImages | LabelledArrays:
    """Load Labeled Faces in the Wild from ``lfw_faces_64.tar``.

    The file holds JPEG images of 64 x 64 pixels, named ``First_Last_0001.jpg``
    by person and running number; decoding takes some seconds and needs pillow. The tar file must
    not be compressed. Its headers have checksums, and no member is left out in silence; the
    compressed pixels have none, so that a changed bit there can pass as another picture.

    The subsets are split by person, so that nobody in the test images is seen
    in training: a person is a test person where ``zlib.crc32`` of the name as
    in the file names, ``b"First_Last"``, is a multiple of 5.

    =========  ======  ======
    subset     people  images
    =========  ======  ======
    "train"     4,613  10,931
    "test"      1,136   2,302
    "all"       5,749  13,233
    =========  ======  ======

    The photographs come from news pages of 2002 to 2004 and were published [1]_
    without a licence, as a benchmark for research; they remain with their
    copyright holders. Do not pass them on as part of a package, and do not use
    them to identify people.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        Which people to load.
    data_home : str or path-like, default=None
        The folder of the file. None takes the folder named by the environment
        variable ``SKLATENT_DATA``.
    download_if_missing : bool, default=False
        Whether to call :func:`sklearn.datasets.fetch_lfw_people` where the file
        is missing; it caches in `data_home`, or by default in scikit-learn's
        own data folder. Its faces are cut and reduced in the same way, but come
        from the funneled images, where the file was made from the deep-funneled
        ones [2]_. Unlike scikit-learn's, this default never touches the network.
    return_X_y : bool, default=False
        Return ``(images, target)`` in place of the Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        images : ndarray of shape (n_samples, 64, 64, 3), uint8
            Red, green and blue, 0 to 255, person after person.
        target : ndarray of shape (n_samples,), int64
            The person of each image, an index into `target_names`.
        target_names : ndarray of shape (5749,), str
            The names of all people, whatever the subset.
        DESCR : str
            A short description, with the terms of use.

    (images, target) : tuple, if `return_X_y` is True

    Raises
    ------
    FileNotFoundError
        If the file is missing and `download_if_missing` is False.
    ValueError
        If `subset` is unknown, or the file is damaged or holds other members.
    TypeError
        If `data_home`, `download_if_missing` or `return_X_y` has a wrong type.
    ImportError
        If pillow is not installed.

    References
    ----------
    .. [1] G. B. Huang, M. Ramesh, T. Berg, E. Learned-Miller, "Labeled Faces in
       the Wild: A Database for Studying Face Recognition in Unconstrained
       Environments", University of Massachusetts, Amherst, TR 07-49, 2007.
    .. [2] G. B. Huang, M. Mattar, H. Lee, E. Learned-Miller, "Learning to Align
       from Scratch", NIPS 2012.

    Examples
    --------
    A made file stands in for the real one:

    >>> import tarfile
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from sklatent.datasets import fetch_lfw_faces
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     image = Path(folder, "Ada_Lovelace_0001.jpg")
    ...     Image.new("RGB", (64, 64), "gray").save(image)
    ...     with tarfile.open(f"{folder}/lfw_faces_64.tar", "w") as archive:
    ...         archive.add(image, image.name)
    ...     faces = fetch_lfw_faces(subset="all", data_home=folder)
    >>> faces.images.shape, faces.target_names.tolist()
    ((1, 64, 64, 3), ['Ada Lovelace'])
    """
    check_choice("subset", subset, ("train", "test", "all"))
    download_if_missing = check_bool("download_if_missing", download_if_missing)
    return_X_y = check_bool("return_X_y", return_X_y)
    folders = search_folders(data_home)
    path = find_file(_FILE_NAMES, folders)
    if path is not None:
        images, target, target_names = _read_tar(path, subset)
    elif download_if_missing:
        images, target, target_names = _fetch_people(subset, data_home)
    else:
        raise missing_file_error(
            "Labeled Faces in the Wild", _FILE_NAMES, folders, "fetch_lfw_people"
        )
    bunch = LabelledImages(
        images=images, target=target, target_names=target_names, DESCR=_DESCRIPTION
    )
    return as_result(bunch, return_X_y)
