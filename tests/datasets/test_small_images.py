"""MNIST, Fashion-MNIST and CIFAR-10: subsets, and the real files."""

import hashlib
import struct

import numpy as np
import pytest

from sklatent.datasets import fetch_cifar10, fetch_fashion_mnist, fetch_mnist

ARRAY_SETS = [
    (fetch_mnist, "mnist.npz", (28, 28)),
    (fetch_fashion_mnist, "fashion_mnist.npz", (28, 28)),
    (fetch_cifar10, "cifar10.npz", (32, 32, 3)),
]


@pytest.mark.parametrize(("fetcher", "file_name", "image_shape"), ARRAY_SETS)
def test_subsets_of_npz_files(fetcher, file_name, image_shape, tmp_path, rng, write_npz):
    arrays = write_npz(tmp_path / file_name, image_shape, rng)
    train, test = (fetcher(subset=subset, data_home=tmp_path) for subset in ("train", "test"))
    np.testing.assert_array_equal(train.images, arrays["x_train"])
    np.testing.assert_array_equal(test.images, arrays["x_test"])
    assert train.target.dtype == np.int64
    assert train.target.tolist() == [5, 0, 4]
    assert test.target.tolist() == [7, 2]
    assert len(train.target_names) == 10
    assert "licence" in train.DESCR or "Creative Commons" in train.DESCR
    images, target = fetcher(subset="all", data_home=tmp_path, return_X_y=True)
    np.testing.assert_array_equal(images, np.concatenate([train.images, test.images]))
    assert target.tolist() == [5, 0, 4, 7, 2]
    assert [path.name for path in tmp_path.iterdir()] == [file_name]


def idx_md5(array):
    """The MD5 sum of the array as an IDX file of unsigned bytes."""
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return hashlib.md5(header + array.astype(np.uint8).tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("fetcher", "subset", "first_labels", "image_md5"),
    [
        (fetch_mnist, "train", [5, 0, 4, 1, 9], "6bbc9ace898e44ae57da46a324031adb"),
        (fetch_mnist, "test", [7, 2, 1, 0, 4], "2646ac647ad5339dbf082846283269ea"),
        (fetch_fashion_mnist, "train", [9, 0, 0, 3, 0], "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
        (fetch_fashion_mnist, "test", [9, 2, 1, 1, 6], "8181f5470baa50b63fa0f6fddb340f0a"),
    ],
)
def test_real_images_have_the_published_sums(fetcher, subset, first_labels, image_md5, data_folder):
    images, target = fetcher(subset=subset, data_home=data_folder, return_X_y=True)
    assert target[:5].tolist() == first_labels
    assert idx_md5(images) == image_md5


def test_real_mnist_labels_have_the_published_sum(data_folder):
    target = fetch_mnist(data_home=data_folder).target
    assert idx_md5(target) == "a25bea736e30d166cdddb491f175f624"


def test_real_cifar10_is_balanced_and_has_the_known_channel_means(data_folder):
    images, target = fetch_cifar10(data_home=data_folder, return_X_y=True)
    assert len(set(np.bincount(target))) == 1
    means = images.mean(axis=(0, 1, 2)) / 255
    # Five standard errors: an image's own means deviate by about 0.15, and there are 10,000.
    np.testing.assert_allclose(means, (0.4914, 0.4822, 0.4465), atol=5 * 0.15 / 100)
