"""Labeled Faces in the Wild, split by person."""

import io
import tarfile
import zlib

import numpy as np
import pytest
from sklearn.utils import Bunch

from sklatent.datasets import fetch_lfw_faces

Image = pytest.importorskip("PIL.Image")


def test_lfw_falls_back_to_scikit_learn(tmp_path, monkeypatch):
    calls = []

    def fetch_lfw_people(**parameters):
        calls.append(parameters)
        images = np.zeros((3, 64, 64, 3), dtype=np.float32)
        images += np.array([1, 128, 255], dtype=np.float32).reshape(3, 1, 1, 1) / 255
        names = np.array(["Ada Lovelace", "Emmy Noether"])
        return Bunch(images=images, target=np.array([1, 0, 1]), target_names=names)

    monkeypatch.setattr("sklatent.datasets._lfw.fetch_lfw_people", fetch_lfw_people)
    faces = fetch_lfw_faces(subset="all", data_home=tmp_path, download_if_missing=True)
    assert calls[0]["data_home"] == tmp_path
    assert calls[0]["color"]
    assert faces.images.dtype == np.uint8
    assert faces.images[:, 0, 0, 0].tolist() == [128, 1, 255]
    assert faces.target.tolist() == [0, 1, 1]


@pytest.fixture(scope="module")
def lfw(data_folder):
    """The training and the test faces, decoded once."""
    return [fetch_lfw_faces(subset=subset, data_home=data_folder) for subset in ("train", "test")]


def test_real_lfw_subsets_share_nobody(lfw):
    train, test = lfw
    assert train.images.shape == (10931, 64, 64, 3)
    assert test.images.shape == (2302, 64, 64, 3)
    people = [set(faces.target_names[faces.target]) for faces in lfw]
    assert [len(names) for names in people] == [4613, 1136]
    assert people[0].isdisjoint(people[1])
    np.testing.assert_array_equal(train.target_names, test.target_names)
    counts = np.bincount(train.target, minlength=5749)
    assert counts.max() == 530
    assert train.target_names[counts.argmax()] == "George W Bush"


def test_real_lfw_images_are_the_files_pixels(lfw, data_folder):
    with tarfile.open(data_folder / "lfw_faces_64.tar") as archive:
        content = archive.extractfile("George_W_Bush_0001.jpg").read()
    expected = np.asarray(Image.open(io.BytesIO(content)))
    train = lfw[0]
    first = np.argmax(train.target_names[train.target] == "George W Bush")
    np.testing.assert_array_equal(train.images[first], expected)


def test_lfw_split_follows_the_documented_rule(tmp_path, jpeg, write_tar):
    people = [f"Person_{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
    # Written backwards: the order of members in the file must not matter.
    names = [f"{person}_{i:04d}.jpg" for person in people[::-1] for i in (2, 1)]
    face = jpeg(((64, 64), "gray"))
    write_tar(tmp_path / "lfw_faces_64.tar", dict.fromkeys(names, face))
    test = fetch_lfw_faces(subset="test", data_home=tmp_path)
    train = fetch_lfw_faces(subset="train", data_home=tmp_path)
    expected = [person for person in people if zlib.crc32(person.encode()) % 5 == 0]
    assert 0 < len(expected) < len(people)
    found = test.target_names[np.unique(test.target)]
    assert found.tolist() == [person.replace("_", " ") for person in expected]
    assert len(test.images) == 2 * len(expected)
    assert len(train.images) + len(test.images) == len(names)
    assert (np.diff(train.target) >= 0).all()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (lambda jpeg: {}, "must be a tar file of JPEG images .* it holds no file"),
        (
            lambda jpeg: {"readme.txt": b"x"},
            "members must be named First_Last_0001.jpg; got 'readme.txt'",
        ),
        (
            lambda jpeg: {"A_B_0001.jpg": b"x"},
            "A_B_0001.jpg must be a whole JPEG file; got: it does not begin as one",
        ),
        (
            lambda jpeg: {"A_B_0001.jpg": jpeg(((64, 64), "red"))[:400]},
            "A_B_0001.jpg must be a whole JPEG",
        ),
        (
            lambda jpeg: {"A_B_0001.jpg": jpeg(((64, 62), "red"))},
            "must be 64 pixels wide and 64 .* 64 and 62",
        ),
    ],
)
def test_lfw_files_with_other_members(files, message, tmp_path, jpeg, write_tar):
    write_tar(tmp_path / "lfw_faces_64.tar", files(jpeg))
    with pytest.raises(ValueError, match=message) as caught:
        fetch_lfw_faces(subset="all", data_home=tmp_path)
    assert str(tmp_path / "lfw_faces_64.tar") in str(caught.value)


@pytest.mark.parametrize("how", ["nothing left", "cut off", "text"])
def test_damaged_lfw_file(how, damaged, tmp_path, rng, jpeg, write_tar):
    face = jpeg(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    path = tmp_path / "lfw_faces_64.tar"
    write_tar(path, {"A_B_0001.jpg": face, "C_D_0001.jpg": face})
    # Without the padding at its end, half of the file ends inside a member.
    path.write_bytes(damaged(how, path.read_bytes()[: 2 * len(face)]))
    with pytest.raises(ValueError, match="must be a tar file of JPEG images"):
        fetch_lfw_faces(subset="all", data_home=tmp_path)


def test_a_changed_bit_in_a_header_leaves_no_image_out(tmp_path, jpeg, write_tar):
    face = jpeg(((64, 64), "gray"))
    path = tmp_path / "lfw_faces_64.tar"
    write_tar(path, {f"A_B_000{i}.jpg": face for i in range(1, 5)})
    content = bytearray(path.read_bytes())
    content[content.index(b"A_B_0003")] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"must be a tar file .* the header of a member, at byte"):
        fetch_lfw_faces(subset="all", data_home=tmp_path)
