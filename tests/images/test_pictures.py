"""Pictures of pillow, as arrays of what they show."""

import numpy as np
import pytest

from sklatent._images.format import as_image_array, is_label_array
from sklatent._images.pictures import as_shown

Image = pytest.importorskip("PIL.Image")

# Of the palette of pillow.
GREEN = (0, 204, 0)


def picture(mode, colour=GREEN):
    return Image.new("RGB", (9, 8), colour).convert(mode)


@pytest.mark.parametrize("mode", ["P", "CMYK", "YCbCr", "HSV"])
def test_colours_are_those_that_are_seen(mode):
    shown = as_image_array([picture(mode), picture(mode)])
    assert shown.shape == (2, 8, 9, 3)
    # Two roundings, to the other colours and back.
    np.testing.assert_allclose(shown, np.broadcast_to(GREEN, shown.shape), atol=2)


def test_an_index_of_a_palette_is_no_brightness():
    palettes = Image.new("P", (9, 8), 1)
    palettes.putpalette([255, 255, 255, *GREEN])
    assert np.asarray(palettes).max() == 1
    np.testing.assert_array_equal(as_image_array((palettes,))[0], np.full((8, 9, 3), GREEN))


def test_a_colour_that_stands_for_none_is_transparent():
    palettes = Image.new("P", (9, 8), 1)
    palettes.putpalette([255, 255, 255, *GREEN])
    palettes.info["transparency"] = 1
    np.testing.assert_array_equal(as_image_array([palettes])[0, 0, 0], [*GREEN, 0])


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "F", "1"])
def test_pictures_whose_numbers_are_brightnesses_are_taken_as_they_are(mode):
    given = picture(mode)
    assert as_shown(given) is given
    np.testing.assert_array_equal(as_image_array([given, given])[1], np.asarray(given))


def test_other_things_are_left_alone():
    for other in (None, "P", [1, 2], np.zeros((2, 3)), [np.zeros((8, 8))]):
        assert as_shown(other) is other
    assert not is_label_array([picture("P")] * 2)
