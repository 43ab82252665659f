"""Images in npz files, and at OpenML."""

import numpy as np
import pytest

from sklatent.datasets import fetch_cifar10, fetch_fashion_mnist, fetch_mnist


def test_axis_for_one_grey_channel_is_dropped(tmp_path, rng, write_npz):
    arrays = write_npz(tmp_path / "mnist.npz", (28, 28, 1), rng)
    images = fetch_mnist(data_home=tmp_path).images
    np.testing.assert_array_equal(images, arrays["x_train"][..., 0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_train": None}, "arrays x_train, .* it lacks x_train"),
        ({"x_train": None, "y_train": None}, "it lacks x_train, y_train"),
        (
            {"x_train": np.zeros((3, 28, 28))},
            r"x_train must be uint8 .* 28, 28\); got float64",
        ),
        (
            {"x_train": np.zeros((3, 784), np.uint8)},
            r"x_train must .* uint8 of shape \(3, 784\)",
        ),
        ({"y_train": np.zeros(2, np.uint8)}, r"y_train must be .* shape \(3,\); .* \(2,\)"),
        ({"y_train": np.zeros(3)}, "y_train must be integers .* got float64"),
        ({"y_train": np.array([0, 1, 10])}, r"y_train must lie in 0\.\.9; got 0\.\.10"),
        (
            {"y_train": np.array([{}, 1, 2], dtype=object)},
            "it holds Python objects",
        ),
    ],
)
def test_npz_files_with_other_arrays(changes, message, tmp_path, rng, write_npz):
    write_npz(tmp_path / "mnist.npz", (28, 28), rng, **changes)
    with pytest.raises(ValueError, match=message) as caught:
        fetch_mnist(data_home=tmp_path)
    assert str(tmp_path / "mnist.npz") in str(caught.value)


@pytest.mark.parametrize("how", ["nothing left", "cut off", "changed", "text", "npy"])
def test_damaged_npz_files(how, damaged, tmp_path, rng, write_npz):
    path = tmp_path / "mnist.npz"
    write_npz(path, (28, 28), rng)
    path.write_bytes(damaged(how, path.read_bytes()))
    with pytest.raises(ValueError, match="must be an npz file with the arrays x_train") as caught:
        fetch_mnist(data_home=tmp_path)
    assert str(path) in str(caught.value)


def openml_stand_in(train_counts, n_test, n_values):
    """A function like fetch_openml, and the calls made to it."""
    calls = []

    def fetch_openml(name, **parameters):
        calls.append((name, parameters))
        train = np.repeat(np.arange(10), train_counts)
        target = np.concatenate([train, np.arange(n_test) % 10])
        rows = np.zeros((len(target), n_values))
        rows[len(train) :] = np.arange(n_values) % 256
        return rows, target.astype(str).astype(object)

    return fetch_openml, calls


def test_mnist_falls_back_to_openml(tmp_path, monkeypatch):
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    fetch_openml, calls = openml_stand_in(counts, n_test=10, n_values=784)
    monkeypatch.setattr("sklatent.datasets._npz.fetch_openml", fetch_openml)
    with pytest.raises(FileNotFoundError):
        fetch_mnist(data_home=tmp_path)
    assert calls == []
    mnist = fetch_mnist(subset="test", data_home=tmp_path, download_if_missing=True)
    assert calls[0][0] == "mnist_784"
    assert calls[0][1]["version"] == 1
    assert calls[0][1]["data_home"] == tmp_path
    assert mnist.images.shape == (10, 28, 28)
    assert mnist.images.dtype == np.uint8
    assert mnist.target.tolist() == list(range(10))


def test_cifar10_from_openml_has_channels_last(monkeypatch, tmp_path):
    fetch_openml, calls = openml_stand_in([5000] * 10, n_test=3, n_values=3072)
    monkeypatch.setattr("sklatent.datasets._npz.fetch_openml", fetch_openml)
    cifar10 = fetch_cifar10(subset="test", data_home=tmp_path, download_if_missing=True)
    assert calls[0][0] == "CIFAR_10"
    planes = np.arange(3072).reshape(3, 32, 32) % 256
    for channel in range(3):
        np.testing.assert_array_equal(cifar10.images[0, :, :, channel], planes[channel])


def test_openml_in_another_order_is_an_error(monkeypatch, tmp_path):
    fetch_openml, _ = openml_stand_in([7000] * 10, n_test=0, n_values=784)
    monkeypatch.setattr("sklatent.datasets._npz.fetch_openml", fetch_openml)
    with pytest.raises(ValueError, match="Fashion-MNIST must begin with the 60000 training"):
        fetch_fashion_mnist(data_home=tmp_path, download_if_missing=True)


def test_present_file_is_not_fetched(tmp_path, rng, monkeypatch, write_npz):
    write_npz(tmp_path / "mnist.npz", (28, 28), rng)
    monkeypatch.setattr("sklatent.datasets._npz.fetch_openml", None)
    assert len(fetch_mnist(data_home=tmp_path, download_if_missing=True).images) == 3
