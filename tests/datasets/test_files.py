"""Where files are looked for, and what is said where they are missing."""

import numpy as np
import pytest

from sklatent.datasets import (
    fetch_cifar10,
    fetch_fashion_mnist,
    fetch_lfw_faces,
    fetch_mnist,
    load_celeba,
)

FETCHERS = [fetch_mnist, fetch_fashion_mnist, fetch_cifar10, fetch_lfw_faces]


READERS = [*FETCHERS, load_celeba]


@pytest.mark.parametrize("reader", READERS)
def test_missing_file_error_says_where_it_looked_and_what_to_do(reader, tmp_path, monkeypatch):
    monkeypatch.delenv("SKLATENT_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match=r"SKLATENT_DATA is not set.*\n.*as data_home"):
        reader()
    with pytest.raises(FileNotFoundError) as caught:
        reader(data_home=tmp_path / "nowhere")
    message = str(caught.value)
    assert str(tmp_path / "nowhere") in message
    assert ("download_if_missing=True" in message) == (reader in FETCHERS)


def test_missing_file_error_names_every_file(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        fetch_cifar10(data_home=tmp_path)
    assert str(tmp_path / "cifar10.npz") in str(caught.value)
    assert str(tmp_path / "cifar10_subset.npz") in str(caught.value)
    assert "sklearn.datasets.fetch_openml" in str(caught.value)


def test_data_home_goes_before_the_environment(tmp_path, rng, monkeypatch, write_npz):
    for name, label in [("argument", 1), ("environment", 2)]:
        (tmp_path / name).mkdir()
        write_npz(tmp_path / name / "mnist.npz", (28, 28), rng, y_train=np.full(3, label))
    monkeypatch.setenv("SKLATENT_DATA", str(tmp_path / "environment"))
    assert fetch_mnist().target[0] == 2
    assert fetch_mnist(data_home=str(tmp_path / "argument")).target[0] == 1


def test_complete_file_goes_before_a_part(tmp_path, rng, write_npz):
    write_npz(tmp_path / "cifar10_subset.npz", (32, 32, 3), rng, y_train=np.full(3, 1))
    assert fetch_cifar10(data_home=tmp_path).target[0] == 1
    write_npz(tmp_path / "cifar10.npz", (32, 32, 3), rng, y_train=np.full(3, 2))
    assert fetch_cifar10(data_home=tmp_path).target[0] == 2


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"subset": "training"}, ValueError, "subset must be one of 'train', .*got 'training'"),
        ({"return_X_y": 1}, TypeError, "return_X_y must be True or False; got 1"),
        ({"data_home": 3}, TypeError, "data_home must be a path or None; got 3 of type int"),
    ],
)
def test_bad_parameters_of_readers(reader, parameters, error, message):
    with pytest.raises(error, match=message):
        reader(**parameters)


@pytest.mark.parametrize("fetcher", FETCHERS)
def test_download_if_missing_must_be_a_bool(fetcher):
    with pytest.raises(TypeError, match="download_if_missing must be True or False; got 'no'"):
        fetcher(download_if_missing="no")
