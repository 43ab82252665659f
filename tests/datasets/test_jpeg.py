"""JPEG files decoded one at a time."""

import sys

import numpy as np
import pytest

from sklatent.datasets import fetch_lfw_faces
from sklatent.datasets._jpeg import decode_images, frame_size

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


def test_the_size_is_looked_at_before_pixels_are_decoded(jpeg):
    content = bytearray(jpeg(((8, 8), "red")))
    frame = content.index(b"\xff\xc0") + 5
    content[frame : frame + 4] = (13_000).to_bytes(2, "big") * 2
    assert frame_size(bytes(content)) == (13_000, 13_000)
    with pytest.raises(ValueError, match="got 13000 and 13000"):
        decode_images([("large", bytes(content))], 1, (8, 8), 8)


def test_each_cut_of_a_file(jpeg):
    content = jpeg(((16, 16), "red"))
    assert frame_size(content) == (16, 16)
    for end in range(len(content)):
        with pytest.raises(ValueError, match="first must be a whole JPEG file; got: "):
            decode_images([("first", content[:end])], 1, (16, 16), 16)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"\xff\xd9", b"\xff\xd9more", "something follows its end"),
        (b"\xff\xd9", b"\xff\xd0\xff\xd9", "restart where they may not"),
        (b"\xff\xd9", b"\xff\x02\xff\xd9", "marker 0x2 stands where none may"),
        (b"\xff\xda", b"\xff\xd9", "something follows its end"),
        (b"\xff\xc0", b"\xff\xc8", "it holds no frame"),
    ],
)
def test_markers_where_none_may_stand(old, new, message, jpeg):
    content = jpeg(((16, 16), "red"))
    at = content.rindex(old)
    with pytest.raises(ValueError, match=message):
        frame_size(content[:at] + new + content[at + 2 :])
