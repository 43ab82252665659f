"""Labelled images held as arrays in one npz file, or at OpenML."""

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import fetch_openml

from sklatent._files.archives import read_npz
from sklatent._typing import AnyArray
from sklatent._validation import check_bool, check_choice

from ._bunches import DataHome, LabelledArrays, LabelledImages, as_result
from ._files import find_file, missing_file_error, search_folders

__all__ = ["ArraySet", "fetch_arrays"]

# So many times its own size may an array have that stands for the complete set.
_MOST_TIMES = 4
_KIND = "an npz file with the arrays x_train, y_train, x_test and y_test"


@dataclass(frozen=True)
class ArraySet:
    """What is known of a data set before its file is read.

    `train_counts` are the training images per class of the complete set; they
    show whether rows from OpenML stand in the original order.
    """

    title: str
    file_names: tuple[str, ...]
    openml_name: str
    image_shape: tuple[int, ...]
    target_names: tuple[str, ...]
    train_counts: tuple[int, ...]
    description: str


def _parts(subset: str) -> tuple[str, ...]:
    return ("train", "test") if subset == "all" else (subset,)


def _check_arrays(
    path: Path, part: str, images: AnyArray, target: AnyArray, data: ArraySet
) -> LabelledArrays:
    """Return `images` without an axis for one grey channel, and `target` as int64."""
    if images.shape[1:] == (*data.image_shape, 1):
        images = images[..., 0]
    if images.dtype != np.uint8 or images.shape[1:] != data.image_shape:
        shape = ", ".join(map(str, data.image_shape))
        raise ValueError(
            f"{path}: x_{part} must be uint8 of shape (n, {shape}); "
            f"got {images.dtype} of shape {images.shape}."
        )
    n_classes = len(data.target_names)
    if target.shape != images.shape[:1] or target.dtype.kind not in "iu":
        raise ValueError(
            f"{path}: y_{part} must be integers of shape ({len(images)},); "
            f"got {target.dtype} of shape {target.shape}."
        )
    if np.any((target < 0) | (target >= n_classes)):
        raise ValueError(
            f"{path}: y_{part} must lie in 0..{n_classes - 1}; got {target.min()}..{target.max()}."
        )
    return images, target.astype(np.int64)


def _read_npz(path: Path, subset: str, data: ArraySet) -> LabelledArrays:
    """Return images and target of a subset from an npz file, reading no other part."""
    keys = [f"{axis}_{part}" for part in _parts(subset) for axis in "xy"]
    n_images = _MOST_TIMES * sum(data.train_counts)
    most = {key: n_images * (prod(data.image_shape) if key[0] == "x" else 8) for key in keys}
    arrays = read_npz(path, keys, _KIND, most)
    checked = [
        _check_arrays(path, part, images, target, data)
        for part, images, target in zip(_parts(subset), arrays[::2], arrays[1::2], strict=True)
    ]
    if len(checked) == 1:
        return checked[0]
    images, target = zip(*checked, strict=True)
    return np.concatenate(images), np.concatenate(target)


def _fetch_openml(subset: str, data: ArraySet, data_home: DataHome) -> LabelledArrays:
    """Return images and target of a subset from OpenML, which holds train, then test."""
    rows, labels = fetch_openml(
        data.openml_name, version=1, data_home=data_home, as_frame=False, return_X_y=True
    )
    target = labels.astype(np.int64)
    n_train = sum(data.train_counts)
    counts = np.bincount(target[:n_train], minlength=len(data.train_counts))
    if tuple(counts) != data.train_counts:
        raise ValueError(
            f"OpenML's {data.openml_name} must begin with the {n_train} training images, "
            f"{data.train_counts} per class; its first rows have {tuple(map(int, counts))}."
        )
    part = {"train": slice(n_train), "test": slice(n_train, None), "all": slice(None)}[subset]
    images = rows[part].astype(np.uint8)
    if len(data.image_shape) == 2:
        return images.reshape(-1, *data.image_shape), target[part]
    height, width, n_channels = data.image_shape
    # A row from OpenML holds one colour plane after another.
    planes = images.reshape(-1, n_channels, height, width)
    return np.ascontiguousarray(np.moveaxis(planes, 1, -1)), target[part]


def fetch_arrays(
    data: ArraySet, subset: str, data_home: DataHome, download_if_missing: bool, return_X_y: bool
) -> Any:
    """Check the parameters of `fetch_mnist` and its like, and return what they do."""
    check_choice("subset", subset, ("train", "test", "all"))
    download_if_missing = check_bool("download_if_missing", download_if_missing)
    return_X_y = check_bool("return_X_y", return_X_y)
    folders = search_folders(data_home)
    path = find_file(data.file_names, folders)
    if path is not None:
        images, target = _read_npz(path, subset, data)
    elif download_if_missing:
        images, target = _fetch_openml(subset, data, data_home)
    else:
        raise missing_file_error(data.title, data.file_names, folders, "fetch_openml")
    bunch = LabelledImages(
        images=images,
        target=target,
        target_names=np.array(data.target_names),
        DESCR=f"{data.title}\n\n{data.description}",
    )
    return as_result(bunch, return_X_y)
