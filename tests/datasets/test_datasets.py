import hashlib
import io
import struct
import sys
import tarfile
import zipfile
import zlib

import numpy as np
import pytest
from scipy.special import logit
from sklearn.utils import Bunch

from sklatent import datasets
from sklatent.datasets import (
    fetch_cifar10,
    fetch_fashion_mnist,
    fetch_lfw_faces,
    fetch_mnist,
    load_celeba,
    load_digit_images,
    make_gaussian_images,
)

Image = pytest.importorskip("PIL.Image")

ARRAY_SETS = [
    (fetch_mnist, "mnist.npz", (28, 28)),
    (fetch_fashion_mnist, "fashion_mnist.npz", (28, 28)),
    (fetch_cifar10, "cifar10.npz", (32, 32, 3)),
]
FETCHERS = [fetch_mnist, fetch_fashion_mnist, fetch_cifar10, fetch_lfw_faces]
READERS = [*FETCHERS, load_celeba]


def jpeg(values):
    """A JPEG file's content, from pixel values or a size and one colour."""
    image = Image.fromarray(values) if isinstance(values, np.ndarray) else Image.new("RGB", *values)
    content = io.BytesIO()
    image.save(content, format="JPEG", quality=95, subsampling=0)
    return content.getvalue()


def write_npz(path, image_shape, rng, **changes):
    """A made file of three training and two test images; None leaves an array out."""
    arrays = {
        "x_train": rng.integers(0, 256, (3, *image_shape), dtype=np.uint8),
        "y_train": np.array([5, 0, 4], dtype=np.uint8),
        "x_test": rng.integers(0, 256, (2, *image_shape), dtype=np.uint8),
        "y_test": np.array([7, 2], dtype=np.uint8),
        **changes,
    }
    arrays = {key: array for key, array in arrays.items() if array is not None}
    np.savez_compressed(path, **arrays)
    return arrays


def write_tar(path, files):
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


# ---------------------------------------------------------------- digits


def test_digits_are_scikit_learns():
    digits = load_digit_images()
    assert digits.images.shape == (1797, 8, 8)
    assert digits.images.min() == 0
    assert digits.images.max() == 16
    assert digits.target[:10].tolist() == list(range(10))
    images, target = load_digit_images(return_X_y=True)
    np.testing.assert_array_equal(images, digits.images)
    np.testing.assert_array_equal(target, digits.target)


# ---------------------------------------------------------------- where files are looked for


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


def test_data_home_goes_before_the_environment(tmp_path, rng, monkeypatch):
    for name, label in [("argument", 1), ("environment", 2)]:
        (tmp_path / name).mkdir()
        write_npz(tmp_path / name / "mnist.npz", (28, 28), rng, y_train=np.full(3, label))
    monkeypatch.setenv("SKLATENT_DATA", str(tmp_path / "environment"))
    assert fetch_mnist().target[0] == 2
    assert fetch_mnist(data_home=str(tmp_path / "argument")).target[0] == 1


def test_complete_file_goes_before_a_part(tmp_path, rng):
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


# ---------------------------------------------------------------- npz files


@pytest.mark.parametrize(("fetcher", "file_name", "image_shape"), ARRAY_SETS)
def test_subsets_of_npz_files(fetcher, file_name, image_shape, tmp_path, rng):
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


def test_axis_for_one_grey_channel_is_dropped(tmp_path, rng):
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
        ({"y_train": np.array([{}, 1, 2], dtype=object)}, "could not be read so: Object arrays"),
    ],
)
def test_npz_files_with_other_arrays(changes, message, tmp_path, rng):
    write_npz(tmp_path / "mnist.npz", (28, 28), rng, **changes)
    with pytest.raises(ValueError, match=message) as caught:
        fetch_mnist(data_home=tmp_path)
    assert str(tmp_path / "mnist.npz") in str(caught.value)


def damage_nothing_left(content):
    return b""


def damage_cut_off(content):
    return content[: len(content) // 2]


def damage_changed(content):
    middle = len(content) // 4
    return (
        content[:middle]
        + bytes(255 - byte for byte in content[middle : middle + 64])
        + content[middle + 64 :]
    )


def damage_text(content):
    return b"no array here"


def damage_npy(content):
    file = io.BytesIO()
    np.save(file, np.arange(3))
    return file.getvalue()


@pytest.mark.parametrize(
    "damage", [damage_nothing_left, damage_cut_off, damage_changed, damage_text, damage_npy]
)
def test_damaged_npz_files(damage, tmp_path, rng):
    path = tmp_path / "mnist.npz"
    write_npz(path, (28, 28), rng)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="must be an npz file with the arrays x_train") as caught:
        fetch_mnist(data_home=tmp_path)
    assert str(path) in str(caught.value)


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


# ---------------------------------------------------------------- scikit-learn's fetchers


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


def test_present_file_is_not_fetched(tmp_path, rng, monkeypatch):
    write_npz(tmp_path / "mnist.npz", (28, 28), rng)
    monkeypatch.setattr("sklatent.datasets._npz.fetch_openml", None)
    assert len(fetch_mnist(data_home=tmp_path, download_if_missing=True).images) == 3


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


# ---------------------------------------------------------------- Labeled Faces in the Wild


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


def test_lfw_split_follows_the_documented_rule(tmp_path):
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
        ({}, "must be a tar file of JPEG images .* it holds no file"),
        ({"readme.txt": b"x"}, "members must be named First_Last_0001.jpg; got 'readme.txt'"),
        ({"A_B_0001.jpg": b"x"}, "A_B_0001.jpg must be a whole JPEG file; got: cannot identify"),
        ({"A_B_0001.jpg": jpeg(((64, 64), "red"))[:400]}, "A_B_0001.jpg must be a whole JPEG"),
        ({"A_B_0001.jpg": jpeg(((64, 62), "red"))}, "must be 64 pixels wide and 64 .* 64 and 62"),
    ],
)
def test_lfw_files_with_other_members(files, message, tmp_path):
    write_tar(tmp_path / "lfw_faces_64.tar", files)
    with pytest.raises(ValueError, match=message) as caught:
        fetch_lfw_faces(subset="all", data_home=tmp_path)
    assert str(tmp_path / "lfw_faces_64.tar") in str(caught.value)


@pytest.mark.parametrize("damage", [damage_nothing_left, damage_cut_off, damage_text])
def test_damaged_lfw_file(damage, tmp_path, rng):
    face = jpeg(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    path = tmp_path / "lfw_faces_64.tar"
    write_tar(path, {"A_B_0001.jpg": face, "C_D_0001.jpg": face})
    # Without the padding at its end, half of the file ends inside a member.
    path.write_bytes(damage(path.read_bytes()[: 2 * len(face)]))
    with pytest.raises(ValueError, match="must be a tar file of JPEG images"):
        fetch_lfw_faces(subset="all", data_home=tmp_path)


def test_missing_pillow_is_said(tmp_path, monkeypatch):
    write_tar(tmp_path / "lfw_faces_64.tar", {"A_B_0001.jpg": jpeg(((64, 64), "red"))})
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="pip install pillow"):
        fetch_lfw_faces(subset="all", data_home=tmp_path)


# ---------------------------------------------------------------- CelebA

# In the official order of the files: file name, partition, the attributes' values.
CELEBA = [
    ("000001.jpg", 0, (-1, 1, 1)),
    ("000002.jpg", 0, (1, -1, -1)),
    ("000003.jpg", 1, (-1, -1, 1)),
    ("000004.jpg", 2, (1, 1, 1)),
]


def celeba_image(index):
    """White above and below the central square; in it, a grey that tells the image."""
    image = np.full((218, 178, 3), 255, dtype=np.uint8)
    image[20:198] = 40 * (index + 1)
    return image


@pytest.fixture
def celeba_folder(tmp_path):
    images = tmp_path / "img_align_celeba"
    images.mkdir()
    for index, (name, _, _) in enumerate(CELEBA):
        (images / name).write_bytes(jpeg(celeba_image(index)))
    partition = "".join(f"{name} {part}\n" for name, part, _ in CELEBA)
    (tmp_path / "list_eval_partition.txt").write_text(partition)
    rows = "".join(
        f"{name} {' '.join(f'{value:2d}' for value in values)}\n" for name, _, values in CELEBA
    )
    (tmp_path / "list_attr_celeba.txt").write_text(f"4\nBald Smiling Young \n{rows}")
    return tmp_path


def zip_images(folder):
    """Put the images into a zip file as the official one, in place of the folder."""
    images = folder / "img_align_celeba"
    with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as archive:
        archive.mkdir("img_align_celeba")
        for path in sorted(images.iterdir()):
            archive.write(path, f"img_align_celeba/{path.name}")
            path.unlink()
    images.rmdir()


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    ("subset", "indices"), [("train", [0, 1]), ("valid", [2]), ("test", [3]), ("all", range(4))]
)
def test_celeba_subsets(zipped, subset, indices, celeba_folder):
    if zipped:
        zip_images(celeba_folder)
    faces = load_celeba(subset=subset, data_home=celeba_folder)
    assert faces.images.shape == (len(indices), 64, 64, 3)
    assert faces.images.dtype == np.uint8
    # JPEG blocks of 8 x 8 mix the white bands into the square's outer rows.
    for image, index in zip(faces.images[:, 4:-4], indices, strict=True):
        np.testing.assert_allclose(image, 40 * (index + 1), atol=2)
    assert faces.target.tolist() == [[int(v > 0) for v in CELEBA[i][2]] for i in indices]
    assert faces.target_names.tolist() == ["Bald", "Smiling", "Young"]


def test_celeba_at_full_size_is_the_central_square(celeba_folder):
    name = celeba_folder / "img_align_celeba" / "000002.jpg"
    images, _ = load_celeba(data_home=celeba_folder, image_size=178, return_X_y=True)
    np.testing.assert_array_equal(images[1], np.asarray(Image.open(name))[20:198])


def test_celeba_in_its_own_folder_without_attributes(celeba_folder, tmp_path_factory):
    (celeba_folder / "list_attr_celeba.txt").unlink()
    home = tmp_path_factory.mktemp("home")
    celeba_folder.rename(home / "celeba")
    faces = load_celeba(data_home=home, n_samples=1, image_size=8)
    assert faces.images.shape == (1, 8, 8, 3)
    assert faces.target is None
    assert faces.target_names is None


@pytest.mark.parametrize("name", ["img_align_celeba", "list_eval_partition.txt"])
def test_celeba_names_the_missing_part(name, celeba_folder):
    (celeba_folder / name).rename(celeba_folder / "elsewhere")
    with pytest.raises(FileNotFoundError, match=f"CelebA: no {name}") as caught:
        load_celeba(data_home=celeba_folder)
    assert str(celeba_folder / "celeba" / name) in str(caught.value)


@pytest.mark.parametrize("zipped", [False, True])
def test_celeba_names_the_missing_image(zipped, celeba_folder):
    (celeba_folder / "img_align_celeba" / "000002.jpg").unlink()
    if zipped:
        zip_images(celeba_folder)
    with pytest.raises(FileNotFoundError, match=r"it lacks 000002\.jpg"):
        load_celeba(data_home=celeba_folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("list_eval_partition.txt", "000001.jpg 0\n2\n", "line 2: must be a file name and 0, 1"),
        ("list_eval_partition.txt", "000001.jpg 3\n", "line 1: .* got '000001.jpg 3'"),
        ("list_eval_partition.txt", "000001.jpg 2\n", "must name an image of the subset 'train'"),
        ("list_attr_celeba.txt", "", "must hold a count, a line of attribute names"),
        ("list_attr_celeba.txt", "1\nBald\n000001.jpg 1\n", "could not be read so: '000002.jpg'"),
        ("list_attr_celeba.txt", "1\nBald\n000001.jpg 2\n000002.jpg 1", "neither -1 nor 1"),
        ("list_attr_celeba.txt", "1\nBald Old\n000001.jpg 1 1 1\n", "must hold a count"),
        ("img_align_celeba/000002.jpg", "", r"000002\.jpg must be a whole JPEG file"),
    ],
)
def test_celeba_files_of_another_format(name, content, message, celeba_folder):
    (celeba_folder / name).write_text(content)
    with pytest.raises(ValueError, match=message) as caught:
        load_celeba(data_home=celeba_folder)
    assert str(celeba_folder) in str(caught.value)


def test_celeba_image_of_another_size(celeba_folder):
    (celeba_folder / "img_align_celeba" / "000001.jpg").write_bytes(jpeg(((178, 178), "red")))
    with pytest.raises(ValueError, match="must be 178 pixels wide and 218 high; got 178 and 178"):
        load_celeba(data_home=celeba_folder)


def test_celeba_damaged_zip(celeba_folder):
    zip_images(celeba_folder)
    (celeba_folder / "img_align_celeba.zip").write_bytes(b"no zip file")
    with pytest.raises(ValueError, match="must be a zip file of JPEG images"):
        load_celeba(data_home=celeba_folder)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"image_size": 0}, ValueError, r"image_size must be an integer in \[1, 178\]; got 0"),
        ({"image_size": 179}, ValueError, "image_size"),
        ({"image_size": 64.0}, TypeError, "image_size must be an integer; got 64.0"),
        ({"n_samples": 3}, ValueError, r"n_samples must be an integer in \[1, 2\]; got 3"),
    ],
)
def test_celeba_bad_parameters(parameters, error, message, celeba_folder):
    with pytest.raises(error, match=message):
        load_celeba(data_home=celeba_folder, **parameters)


# ---------------------------------------------------------------- synthetic images


@pytest.mark.parametrize(
    ("image_shape", "latent_dim"),
    [((16, 16), 4), ((9, 5), 45), ((8, 12, 3), 20), ((1, 2, 3), 6), ((1, 1), 1)],
)
def test_gaussian_images_give_back_their_latents(image_shape, latent_dim):
    data = make_gaussian_images(30, image_shape, latent_dim, random_state=0)
    assert data.images.shape == (30, *image_shape)
    assert data.images.dtype == np.float32
    assert 0 < data.images.min() < data.images.max() < 1
    patterns = data.patterns.reshape(latent_dim, -1)
    # Orthogonal with mean square 1 / latent_dim: an injective map of condition 1.
    gram = patterns @ patterns.T * latent_dim / patterns.shape[1]
    np.testing.assert_allclose(gram, np.eye(latent_dim), atol=1e-12)
    logits = data.latent @ patterns
    np.testing.assert_allclose(np.linalg.lstsq(patterns.T, logits.T)[0].T, data.latent, atol=1e-12)
    # Rounding x to float32 changes it by 2**-24 * x at most, so its logit by 2**-24 / (1 - x), and
    # the least squares by at most sqrt(latent_dim) times that, as the patterns are orthogonal.
    images = data.images.reshape(30, -1).astype(np.float64)
    bound = np.sqrt(latent_dim) * 2.0**-24 / (1 - images.max())
    latent = np.linalg.lstsq(patterns.T, logit(images).T)[0].T
    np.testing.assert_allclose(latent, data.latent, rtol=0, atol=bound)


def test_gaussian_latents_have_the_given_moments():
    mean, covariance = [1.0, -2.0], [[2.0, 0.6], [0.6, 0.5]]
    n_samples = 20000
    data = make_gaussian_images(
        n_samples, (2, 2), 2, mean=mean, covariance=covariance, random_state=0
    )
    np.testing.assert_array_equal(data.mean, mean)
    np.testing.assert_array_equal(data.covariance, covariance)
    # Five standard errors: variance / n of a mean, 2 variance**2 / n at most of a covariance.
    np.testing.assert_allclose(data.latent.mean(axis=0), mean, atol=5 * np.sqrt(2 / n_samples))
    np.testing.assert_allclose(
        np.cov(data.latent.T), covariance, atol=5 * np.sqrt(2 * 2**2 / n_samples)
    )


def test_random_covariance_is_well_conditioned_with_correlations():
    covariance = make_gaussian_images(1, latent_dim=6, random_state=3).covariance
    np.testing.assert_allclose(np.linalg.eigvalsh(covariance)[[0, -1]], (0.25, 2.0))
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() > 0.1


def test_singular_covariance_is_allowed():
    data = make_gaussian_images(20, latent_dim=2, covariance=np.ones((2, 2)), random_state=0)
    centred = data.latent - data.mean
    np.testing.assert_allclose(centred[:, 0], centred[:, 1], atol=1e-7)


def test_gaussian_images_are_seeded():
    first, again = (make_gaussian_images(5, random_state=7) for _ in range(2))
    np.testing.assert_array_equal(first.images, again.images)
    longer = make_gaussian_images(9, random_state=7)
    np.testing.assert_array_equal(first.mean, longer.mean)
    np.testing.assert_array_equal(first.covariance, longer.covariance)
    assert not np.array_equal(make_gaussian_images(5).latent, make_gaussian_images(5).latent)


def test_given_moments_are_copied():
    mean = np.zeros(4)
    data = make_gaussian_images(2, mean=mean, random_state=0)
    data.mean += 1
    np.testing.assert_array_equal(mean, 0)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_samples": 0}, ValueError, "n_samples must be an integer of at least 1; got 0"),
        ({"n_samples": 2.0}, TypeError, "n_samples must be an integer; got 2.0"),
        ({"image_shape": 16}, TypeError, r"image_shape must be \(H, W\) or .* got 16"),
        ({"image_shape": (16,)}, ValueError, r"image_shape must be \(H, W\) or .* got \(16,\)"),
        (
            {"image_shape": (16, 0)},
            ValueError,
            r"image_shape\[1\] must be an integer of at least 1; got 0",
        ),
        ({"image_shape": (16, "a")}, TypeError, r"image_shape\[1\] must be an integer; got 'a'"),
        ({"latent_dim": 257}, ValueError, r"latent_dim must be an integer in \[1, 256\]; got 257"),
        ({"mean": [0.0]}, ValueError, r"mean must have shape \(4,\); got \(1,\)"),
        ({"mean": "abc"}, TypeError, "mean must be an array of numbers; got 'abc'"),
        ({"mean": [0, 0, 0, np.nan]}, ValueError, "mean must be finite"),
        ({"covariance": np.eye(3)}, ValueError, r"covariance must have shape \(4, 4\)"),
        ({"covariance": np.triu(np.ones((4, 4)))}, ValueError, "covariance must be symmetric"),
        ({"covariance": np.diag([1, 1, 1, -1.0])}, ValueError, "semi-definite; .* is -1"),
        ({"random_state": "seed"}, ValueError, "'seed' cannot be used to seed"),
    ],
)
def test_gaussian_images_bad_parameters(parameters, error, message):
    with pytest.raises(error, match=message):
        make_gaussian_images(**parameters)


def test_index_lists_every_function():
    assert all(callable(getattr(datasets, name)) for name in datasets.__all__)
