"""CelebA in its official formats."""

import os
import zipfile

import numpy as np
import pytest

from sklatent.datasets import load_celeba

Image = pytest.importorskip("PIL.Image")

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
def celeba_folder(tmp_path, jpeg):
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
        ("list_attr_celeba.txt", "", "must be a text file of a count, a line of attribute names"),
        ("list_attr_celeba.txt", "1\nBald\n000001.jpg 1\n", "it lacks '000002.jpg'"),
        ("list_attr_celeba.txt", "2\nBald\n000001.jpg 2\n000002.jpg 1", "neither -1 nor 1"),
        ("list_attr_celeba.txt", "2\nBald\n000001.jpg 1", "holds 1 images where '2' are counted"),
        ("list_attr_celeba.txt", "x\nBald\n000001.jpg 1", "where 'x' are counted"),
        ("list_attr_celeba.txt", "2\nBald\n000001.jpg 1\n000001.jpg 1", "is there twice"),
        ("list_attr_celeba.txt", "1\nBald Old\n000001.jpg 1 1 1\n", "has 3 values, not 2"),
        ("list_attr_celeba.txt", "1\nBald Old\n000001.jpg 1\n", "has 1 values, not 2"),
        ("list_attr_celeba.txt", "1\nBald\n000001.jpg +1\n", "neither -1 nor 1"),
        ("list_eval_partition.txt", "../../000001.jpg 0\n", "must be a file name without folder"),
        ("list_eval_partition.txt", "/dev/zero 0\n", "must be a file name without folder"),
        ("list_eval_partition.txt", ".. 0\n", "must be a file name without folder"),
        ("list_eval_partition.txt", "000001.jpg 0\n000001.jpg 1\n", "must not be there twice"),
        ("img_align_celeba/000002.jpg", "", r"000002\.jpg must be a whole JPEG file"),
    ],
)
def test_celeba_files_of_another_format(name, content, message, celeba_folder):
    (celeba_folder / name).write_text(content)
    with pytest.raises(ValueError, match=message) as caught:
        load_celeba(data_home=celeba_folder)
    assert str(celeba_folder) in str(caught.value)


def test_celeba_image_of_another_size(celeba_folder, jpeg):
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


@pytest.mark.parametrize(
    "name", ["img_align_celeba/000001.jpg", "list_eval_partition.txt", "list_attr_celeba.txt"]
)
def test_celeba_devices_and_pipes_are_not_read(name, celeba_folder):
    path = celeba_folder / name
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(ValueError, match=f"{path.name} must be .* a device or a pipe"):
        load_celeba(data_home=celeba_folder)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ValueError, match=f"{path.name} must be .* a device or a pipe"):
        load_celeba(data_home=celeba_folder)


def test_celeba_image_of_many_bytes(celeba_folder):
    with (celeba_folder / "img_align_celeba" / "000001.jpg").open("ab") as stream:
        stream.truncate(2**32)
    with pytest.raises(ValueError, match=r"000001\.jpg must be a JPEG file; .* more than 4194304"):
        load_celeba(data_home=celeba_folder)
