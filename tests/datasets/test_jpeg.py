"""JPEG files decoded one at a time."""

import sys

import numpy as np
import pytest

from sklatent.datasets import fetch_lfw_faces
from sklatent.datasets._jpeg import decode_images

pytest.importorskip("PIL")


def test_missing_pillow_is_said(tmp_path, monkeypatch, jpeg, write_tar):
    write_tar(tmp_path / "lfw_faces_64.tar", {"A_B_0001.jpg": jpeg(((64, 64), "red"))})
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="pip install pillow"):
        fetch_lfw_faces(subset="all", data_home=tmp_path)


def test_the_central_square_is_taken_as_it_is(jpeg):
    image = np.full((48, 16, 3), 255, dtype=np.uint8)
    image[16:32] = 40
    images = decode_images([("image", jpeg(image))], 1, (48, 16), 16)
    assert images.dtype == np.uint8
    np.testing.assert_allclose(images, np.full((1, 16, 16, 3), 40), atol=1)


def test_images_are_averaged_down(jpeg):
    image = np.full((16, 16, 3), 40, dtype=np.uint8)
    image[:, 8:] = 120
    images = decode_images([("image", jpeg(image))], 1, (16, 16), 2)
    # A triangle of half width 8 around 4, inside the image: 6 parts of one grey, 1 of the other.
    np.testing.assert_allclose(images[0, :, 0], (6 * 40 + 120) / 7, atol=2)
    np.testing.assert_allclose(images[0, :, 1], (40 + 6 * 120) / 7, atol=2)


def test_images_of_another_size_or_kind(jpeg):
    with pytest.raises(ValueError, match="first must be 8 pixels wide and 6 high; got 6 and 6"):
        decode_images([("first", jpeg(((6, 6), "red")))], 1, (6, 8), 4)
    with pytest.raises(ValueError, match="first must be a whole JPEG file; got: "):
        decode_images([("first", b"text")], 1, (6, 8), 4)
