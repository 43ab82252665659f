"""Images on the scale of the page."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklatent.displays._drawing.tiles import (
    Units,
    as_groups,
    evenly_spaced,
    known_range,
    unit_images,
    units_of,
)


def test_layouts_and_units_come_to_one_scale(rng):
    expected = rng.random((3, 8, 6, 1)).astype(np.float32)
    bytes_ = np.rint(expected * 255).astype(np.uint8)
    np.testing.assert_array_equal(unit_images(bytes_), bytes_ * np.float32(1 / 255))
    np.testing.assert_array_equal(unit_images(expected[..., 0]), expected)
    rows = expected.reshape(3, -1) * 16
    np.testing.assert_allclose(unit_images(rows, units=Units((8, 6), (0, 16))), expected, atol=1e-6)


def test_values_beyond_the_range_are_cut_off():
    image = np.array([[[-1.0, 0.25], [0.5, 3.0]]])
    found = unit_images(image, units=Units(None, (0, 1)))[0, ..., 0]
    np.testing.assert_array_equal(found, [[0.0, 0.25], [0.5, 1.0]])


def test_flat_rows_with_other_channels_share_height_and_width(rng):
    rows = rng.random((2, 8 * 6 * 3))
    images = unit_images(rows, units=Units((8, 6, 1), (0, 1)))
    np.testing.assert_allclose(images, rows.reshape(2, 8, 6, 3), rtol=1e-6)


@pytest.mark.parametrize(
    ("images", "units", "match"),
    [
        (np.zeros((2, 8, 8, 2)), Units(), r"images must have 1, 3 or 4 channels.*got 2"),
        (np.zeros((2, 8, 8)), Units(None, (1, 0)), r"value_range must be .* got \(1, 0\)"),
        (np.zeros((2, 8, 8)), Units(None, "best"), r"value_range must be .* got 'best'"),
        (np.full((2, 8, 8), 9), Units(None, (0, 1)), r"units where .* from 0 to 1; got int64"),
        (np.full((2, 8, 8), 0.3), Units(None, (0, 255)), r"units where .* from 0 to 255; got"),
    ],
)
def test_images_that_cannot_be_drawn_are_errors(images, units, match):
    with pytest.raises(ValueError, match=match):
        unit_images(images, units=units)


def test_range_of_constant_images_has_a_width():
    assert known_range(np.full((2, 8, 8), 7.0), "auto") == (7.0, 8.0)
    assert known_range(np.zeros((2, 8, 8), np.uint8), "auto") == (0.0, 255.0)


def test_units_of_an_autoencoder_and_of_pipelines(fitted):
    known = Units((8, 8, 1), (0.0, 16.0))
    assert units_of(fitted) == known
    assert units_of(make_pipeline(fitted, PCA())) == known
    assert units_of(make_pipeline("passthrough", fitted)) == known
    # What stands before the autoencoder may have changed the units.
    assert units_of(make_pipeline(FunctionTransformer(), fitted)) == Units((8, 8, 1), "auto")
    assert units_of(PCA(), (4, 4), (0, 1)) == Units((4, 4), (0, 1))
    assert units_of(fitted, value_range=(0, 20)) == Units((8, 8, 1), (0, 20))


def test_units_are_those_of_target_images(small, digits):
    coloured = np.repeat(digits[..., None] / 16, 3, axis=-1)
    autoencoder = small(max_epochs=1).fit(digits, coloured)
    assert units_of(autoencoder) == Units((8, 8, 3), (0.0, 1.0))


def test_groups_are_dictionaries():
    assert as_groups({1: "images"}) == {"1": "images"}
    with pytest.raises(TypeError, match=r"images must be a dictionary of arrays"):
        as_groups([1, 2])


def test_even_spacing_of_uneven_positions():
    np.testing.assert_array_equal(evenly_spaced([0, 0.1, 0.2, 5, 10], 3), [0, 3, 4])
    np.testing.assert_array_equal(evenly_spaced([0, 1], 9), [0, 1])
