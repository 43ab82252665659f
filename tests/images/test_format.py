"""Layouts and units of image arrays, and the way to [0, 1] and back."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from sklatent._images.format import (
    ImageFormat,
    as_image_array,
    as_rounded,
    check_same_units,
    is_label_array,
    resolve_value_range,
    shape_as_is,
    squared_error,
)

SIZES = [(1, 1), (1, 5), (8, 8), (28, 28), (50, 37), (96, 96)]
BYTES = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)


def test_images_pass_without_a_copy():
    for dtype in (np.uint8, np.int16, np.float32, np.float64, np.bool_):
        images = np.zeros((3, 4, 5), dtype)
        passed = as_image_array(images)
        assert passed.dtype == dtype
        assert np.shares_memory(passed, images)


def test_lists_tables_and_objects_that_are_numbers_become_arrays():
    rows = [[1.5, 2.0], [3.0, 4.0]]
    for data in (rows, pd.DataFrame(rows), np.array(rows, dtype=object)):
        passed = as_image_array(data)
        assert passed.dtype == np.float64
        np.testing.assert_array_equal(passed, rows)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.zeros((0, 8, 8)), ValueError, r"images must hold at least one image.*\(0, 8, 8\)"),
        (np.zeros((3, 0, 8)), ValueError, r"images must hold at least one image.*\(3, 0, 8\)"),
        (np.zeros((0, 8)), ValueError, "minimum of 1 is required"),
        (np.zeros((8, 0)), ValueError, "minimum of 1 is required"),
        (np.zeros(8), ValueError, r"images must be an array of shape .* got shape \(8,\)"),
        (np.zeros((1, 2, 3, 4, 5)), ValueError, r"images must be .* got shape \(1, 2, 3, 4, 5\)"),
        (np.float64(3), ValueError, r"images must be .* got shape \(\)"),
        ([[1.0], [2.0, 3.0]], ValueError, "images must be .* all images of one size"),
        (np.full((2, 3), np.nan), ValueError, "images contains NaN"),
        (np.full((2, 3, 3), np.inf), ValueError, "images contains infinity"),
        (np.ones((2, 3, 3)) * 1j, ValueError, "[Cc]omplex"),
        (np.full((2, 3), "a"), TypeError, "images must hold numbers; got dtype <U1"),
        (np.full((2, 3), "a", object), TypeError, "images must hold numbers; got dtype object"),
        (np.full((2, 3), None), ValueError, "images contains NaN"),
        (np.zeros((2, 3), "M8[D]"), TypeError, "images must hold numbers; got dtype datetime64"),
        (np.zeros((2, 3), [("red", int)]), TypeError, "images must hold numbers"),
        (sparse.csr_array(np.eye(3)), TypeError, "images must be .* got a sparse csr_array"),
    ],
)
def test_what_is_no_image_array(X, error, message):
    with pytest.raises(error, match=message):
        as_image_array(X, "images")


def test_labels_are_told_from_images():
    labels = (None, [1, 2, 3], np.zeros((4, 1)), ["a", "b"], np.array(["a", "b"]))
    assert all(is_label_array(y) for y in labels)
    images = (np.zeros((4, 2)), np.zeros((4, 3, 3)), np.zeros((4, 1, 1)))
    assert not any(is_label_array(y) for y in images)


@pytest.mark.parametrize(
    ("X", "value_range", "expected"),
    [
        (np.array([[3, 7]], np.uint8), "auto", (0, 255)),
        (np.array([[0, 1]], np.uint8), "auto", (0, 255)),
        (np.array([[True, True]]), "auto", (0, 1)),
        (np.array([[0.2, 0.4]]), "auto", (0, 1)),
        (np.array([[0, 1]]), "auto", (0, 1)),
        (np.array([[0.0, 1.5]]), "auto", (0, 1.5)),
        (np.array([[-0.5, 0.5]]), "auto", (-0.5, 0.5)),
        (np.array([[-300, 500]], np.int16), "auto", (-300, 500)),
        (np.array([[7.0, 7.0]]), "auto", (7, 7)),
        (np.array([[3, 7]], np.uint8), (0, 16), (0, 16)),
        (np.array([[3.0, 7.0]]), [3, 7], (3, 7)),
        (np.array([[3.0, 7.0]]), np.array([0, 7]), (0, 7)),
    ],
)
def test_value_range(X, value_range, expected):
    found = resolve_value_range(X, value_range)
    assert found == expected
    assert all(type(value) is float for value in found)


@pytest.mark.parametrize(
    "value_range",
    ["full", None, 255, (0,), (0, 1, 2), (1, 1), (2, 1), (0, np.inf), (np.nan, 1), ("0", "1"), {}],
)
def test_what_is_no_value_range(value_range):
    with pytest.raises(ValueError, match=r"value_range must be 'auto' or a pair .* got"):
        resolve_value_range(np.zeros((1, 2)), value_range)


def test_values_outside_an_explicit_range():
    with pytest.raises(ValueError, match=r"y must lie in value_range \[0, 16\]; .* from -1 to 17"):
        resolve_value_range(np.array([[-1, 17]]), (0, 16), "y")


@pytest.mark.parametrize("n_channels", [None, 1, 3, 5])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_every_layout_and_size_comes_back(rng, size, n_channels, dtype):
    shape = size if n_channels is None else (*size, n_channels)
    X = rng.integers(0, 256, (2, *shape)).astype(dtype)
    X.reshape(2, -1)[0, 0] = 255
    image_format = ImageFormat.of(X, shape)
    unit = image_format.to_unit(X)
    assert image_format.image_shape == (*size, n_channels or 1)
    assert (unit.dtype, unit.shape) == (np.float32, (2, *size, n_channels or 1))
    back = image_format.from_unit(unit)
    assert (back.dtype, back.shape) == (X.dtype, X.shape)
    np.testing.assert_allclose(back, X, atol=0 if dtype in (np.uint8, np.int16) else 255 * 2**-23)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_flat_rows_hold_the_pixels_in_the_order_of_the_image(rng, shape):
    images = rng.random((2, *shape))
    flat = images.reshape(2, -1)
    of_images, of_rows = ImageFormat.of(images), ImageFormat.of(flat, shape)
    unit = of_images.to_unit(images)
    np.testing.assert_array_equal(of_rows.to_unit(flat), unit)
    np.testing.assert_array_equal(unit.reshape(images.shape), images.astype(np.float32))
    np.testing.assert_array_equal(of_rows.from_unit(unit), of_images.from_unit(unit).reshape(2, -1))


@pytest.mark.parametrize(
    ("X", "value_range"),
    [
        (BYTES, "auto"),
        (BYTES, (0, 300)),
        (np.arange(-(2**15), 2**15).astype(np.int16).reshape(1, 256, 256), "auto"),
        (np.arange(2**16).astype(np.uint16).reshape(1, 256, 256), "auto"),
        (np.array([[[-3, 7]]], np.int64), (-10, 10)),
        (np.array([[[7, 7]]], np.int64), "auto"),
    ],
)
def test_integers_come_back_exactly(X, value_range):
    image_format = ImageFormat.of(X, value_range=value_range)
    back = image_format.from_unit(image_format.to_unit(X))
    assert back.dtype == X.dtype
    np.testing.assert_array_equal(back, X)


@pytest.mark.parametrize(
    ("X", "value_range", "dtype"),
    [
        (np.array([[[False, True]]]), "auto", np.float32),
        (np.array([[[0.0, 16.0, 3.5]]]), "auto", np.float64),
        (np.array([[[-1.5, 0.25, 2.5]]]), "auto", np.float64),
        (np.array([[[-1.5, 0.25, 2.5]]], np.float32), (-2, 3), np.float32),
        (np.array([[[0.0, 0.5, 1.0]]], np.float16), "auto", np.float32),
    ],
)
def test_other_numbers_come_back_to_rounding(X, value_range, dtype):
    image_format = ImageFormat.of(X, value_range=value_range)
    low, high = image_format.value_range
    unit = image_format.to_unit(X)
    expected = (X.astype(float) - low) / (high - low)
    np.testing.assert_allclose(unit[..., 0], expected, atol=2**-23)
    back = image_format.from_unit(unit)
    assert back.dtype == dtype
    np.testing.assert_allclose(back, X, atol=(high - low) * 2**-23)


def test_integers_are_rounded_not_cut():
    image_format = ImageFormat.of(BYTES)
    grey = np.full((1, 16, 16, 1), 100.6 / 255, np.float32)
    assert np.all(image_format.from_unit(grey) == 101)


def test_rows_without_a_shape():
    widths = {1: (1, 1, 1), 4: (1, 4, 1), 49: (1, 49, 1), 63: (1, 63, 1), 64: (8, 8, 1)}
    for width, shape in (widths | {66: (1, 66, 1), 784: (28, 28, 1)}).items():
        assert ImageFormat.of(np.zeros((2, width))).image_shape == shape


@pytest.mark.parametrize(
    ("shape", "image_shape", "message"),
    [
        ((2, 12), (3, 5), r"X has 12 pixel values a row, but image_shape=\(3, 5, 1\) has 15"),
        (
            (2, 3, 4),
            (4, 3),
            r"image_shape=\(4, 3, 1\) was asked for: the axes are in another order",
        ),
        ((2, 3, 4), (5, 5), r"image_shape=\(5, 5, 1\) was asked for\."),
        ((2, 3, 4, 2), (3, 4), r"image_shape=\(3, 4, 1\) was asked for"),
        ((2, 3, 8, 8), None, r"channels last.*\(2, 3, 8, 8\).*moveaxis"),
        ((2, 1, 8, 8), None, "channels last"),
        ((2, 65), None, r"X has 65 values a row, one more than .* 8 x 8 .*label.*\(1, 65\)"),
        ((2, 785), None, "one more than images of 28 x 28 have"),
        ((2, 3073), None, "one more than images of 32 x 32 x 3 have"),
        ((2, 16, 8, 9), None, r"at most 4 channels .*\(2, 16, 8, 9\).*image_shape=\(16, 8, 9\)"),
        ((2, 9, 8, 5), None, "volumes are none"),
        ((2, 12), (0, 12), r"image_shape must be None.*got \(0, 12\)"),
        ((2, 12), (12,), r"image_shape must be None.*got \(12,\)"),
        ((2, 12), (2.0, 6), "image_shape must be None.*got"),
        ((2, 12), (True, 12), "image_shape must be None.*got"),
        ((2, 12), 12, "image_shape must be None.*got 12"),
        ((2, 12), "ab", "image_shape must be None.*got 'ab'"),
    ],
)
def test_image_shapes_that_do_not_fit(shape, image_shape, message):
    with pytest.raises(ValueError, match=message):
        ImageFormat.of(np.zeros(shape), image_shape)


def test_a_shape_asked_for_settles_what_looks_like_channels_first():
    assert ImageFormat.of(np.zeros((2, 3, 8, 8)), (3, 8, 8)).image_shape == (3, 8, 8)


@pytest.mark.parametrize(
    ("fit_shape", "shape", "hint"),
    [
        ((2, 8, 12), (2, 12, 8), "the axes are in another order"),
        ((2, 8, 12, 3), (2, 3, 8, 12), "the axes are in another order"),
        ((2, 8, 12), (2, 8, 13), "got shape"),
        ((2, 8, 12), (2, 96), "got shape"),
        ((2, 8, 12), (2, 8, 12, 1), "got shape"),
        ((2, 96), (2, 8, 12), "got shape"),
        ((2, 96), (2, 95), "got shape"),
    ],
)
def test_another_layout_than_in_fit(fit_shape, shape, hint):
    wanted = ", ".join(map(str, fit_shape[1:]))
    message = rf"X must have the layout and image size seen in fit, \(n, {wanted}\).*{hint}"
    with pytest.raises(ValueError, match=message) as caught:
        ImageFormat.of(np.zeros(fit_shape)).check(np.zeros(shape))
    assert re.escape(str(shape)) in re.escape(str(caught.value))


RAMP = np.linspace(0, 1, 12).reshape(1, 12)


@pytest.mark.parametrize(
    ("seen", "value_range", "other"),
    [
        ((255 * RAMP).astype(np.uint8), "auto", RAMP),
        (255 * RAMP, "auto", RAMP.astype(np.float32)),
        (16 * RAMP, "auto", RAMP),
        (RAMP, "auto", (255 * RAMP).astype(np.uint8)),
        (RAMP, "auto", np.full((1, 12), 2, np.uint8)),
        (RAMP, "auto", 255 * RAMP),
        (16 * RAMP, "auto", (255 * RAMP).astype(np.uint8)),
        (2 * RAMP - 1, "auto", 255 * RAMP),
        ((255 * RAMP).astype(np.uint8), "auto", 65535 * RAMP),
        ((255 * RAMP).astype(np.uint8), "auto", -255 * RAMP - 1),
    ],
)
def test_other_units_than_in_fit(seen, value_range, other):
    with pytest.raises(ValueError, match="X must be in the units seen in fit, where pixel values"):
        ImageFormat.of(seen, value_range=value_range).check(other)


@pytest.mark.parametrize(
    ("seen", "value_range", "other"),
    [
        ((255 * RAMP).astype(np.uint8), "auto", 255 * RAMP),
        ((255 * RAMP).astype(np.uint8), "auto", np.ones((1, 12), np.uint8)),
        ((255 * RAMP).astype(np.uint8), "auto", np.zeros((1, 12))),
        (16 * RAMP, "auto", 17 * RAMP),
        (RAMP, "auto", np.zeros((1, 12), np.uint8)),
        (RAMP, "auto", RAMP > 0.5),
        (16 * RAMP, (0, 16), RAMP),
    ],
)
def test_the_same_units_in_other_dtypes(seen, value_range, other):
    ImageFormat.of(seen, value_range=value_range).check(other)


def test_an_explicit_range_holds_later_too():
    image_format = ImageFormat.of(RAMP, value_range=(0, 1))
    with pytest.raises(ValueError, match=r"X must lie in value_range \[0, 1\]; .*from 0 to 1.001"):
        image_format.check(1.001 * RAMP)


@pytest.mark.parametrize(
    ("shape", "image_shape"),
    [
        ((2, 6, 5), (6, 5, 1)),
        ((2, 6, 5, 3), (6, 5, 3)),
        ((2, 90), (6, 5, 3)),
        ((2, 30), (6, 5, 1)),
        ((2, 6, 5, 7), (6, 5, 7)),
    ],
)
def test_targets_may_differ_in_channels_layout_and_units(shape, image_shape):
    of_inputs = ImageFormat.of(np.full((2, 6, 5), 200, np.uint8))
    of_targets = of_inputs.of_targets(np.ones(shape))
    assert (of_targets.ndim, of_targets.image_shape) == (len(shape), image_shape)
    assert (of_targets.value_range, of_targets.dtype) == ((0, 1), np.float64)


def test_mean_pixel_is_that_of_each_channel(rng):
    images = rng.integers(0, 256, (40, 3, 4, 2), dtype=np.uint8)
    mean = ImageFormat.of(images).mean_pixel(images)
    np.testing.assert_allclose(mean, images.mean(axis=(0, 1, 2)) / 255, rtol=1e-5)
    # Of many images some from all over are enough: here the first half is black.
    many = np.repeat(np.array([0, 200], np.uint8), 5000).reshape(-1, 1, 1)
    assert ImageFormat.of(many).mean_pixel(many) == pytest.approx([100 / 255], rel=0.01)


def test_a_memory_mapped_file_is_not_converted(tmp_path):
    np.save(tmp_path / "images.npy", BYTES)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    passed = as_image_array(mapped)
    assert np.shares_memory(passed, mapped)
    image_format = ImageFormat.of(passed)
    np.testing.assert_array_equal(
        image_format.to_unit(passed), ImageFormat.of(BYTES).to_unit(BYTES)
    )


def test_rows_that_may_be_colour_images_warn():
    with pytest.warns(UserWarning, match=r"image_shape=\(8, 8, 3\)"):
        found = ImageFormat.of(np.zeros((2, 192)))
    assert found.image_shape == (1, 192, 1)


def test_a_single_colour_image_is_refused():
    with pytest.raises(ValueError, match=r"X of shape \(40, 30, 3\) looks like a single image"):
        ImageFormat.of(np.zeros((40, 30, 3)))
    assert ImageFormat.of(np.zeros((40, 30, 3)), (30, 3)).image_shape == (30, 3, 1)


@pytest.mark.parametrize("came", [2.0, -0.6])
def test_images_far_outside_the_unit_range_are_refused(came):
    images = np.linspace(0, 1, 64).reshape(1, 8, 8)
    with pytest.raises(ValueError, match="X must be in the units seen in fit"):
        ImageFormat.of(images).check(np.where(images == 1, came, images))


def test_dark_images_are_no_other_units():
    seen = np.arange(256.0).reshape(4, 8, 8)
    ImageFormat.of(seen).check(np.ones((2, 8, 8)))
    with pytest.raises(ValueError, match="X must be in the units seen in fit"):
        ImageFormat.of(seen).check(seen / 255)


def test_squared_error_is_the_mean_over_pixel_values_of_each_image():
    images = np.zeros((2, 2, 2, 3))
    other = images.copy()
    other[1, 0, 0, 0] = 6.0
    np.testing.assert_allclose(squared_error(images, other), [0.0, 3.0])
    np.testing.assert_allclose(squared_error(images, other, width=2.0), [0.0, 0.75])
    np.testing.assert_array_equal(images, 0.0)


def test_squared_errors_of_float32_images_are_float64():
    images = np.full((1, 4), 3.0, dtype=np.float32)
    found = squared_error(images, images - np.float32(1.5))
    assert found.dtype == np.float64
    assert found == 2.25


def test_squared_errors_of_images_that_would_be_spread_over_others():
    with pytest.raises(ValueError, match=r"one shape; got \(3, 4\) and \(1, 4\)"):
        squared_error(np.zeros((3, 4)), np.zeros((1, 4)))


def test_shapes_that_are_asked_for_settle_labels_and_channels():
    assert ImageFormat.of(np.zeros((2, 65)), (1, 65)).image_shape == (1, 65, 1)
    assert ImageFormat.of(np.zeros((2, 9, 8, 5)), (9, 8, 5)).image_shape == (9, 8, 5)
    for shape, found in {(65,): (1, 65, 1), (9, 8): (9, 8, 1), (9, 8, 5): (9, 8, 5)}.items():
        assert shape_as_is(np.zeros((2, *shape))) == found


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint32, np.int32, np.uint64, np.int64])
def test_the_full_range_of_integers_comes_back(dtype):
    limits = np.iinfo(dtype)
    images = np.array([[[limits.min, limits.max]]], dtype=dtype)
    image_format = ImageFormat.of(images)
    np.testing.assert_array_equal(image_format.from_unit(image_format.to_unit(images)), images)
    beyond = np.array([-1e30, 0.6, 1e30])
    assert as_rounded(beyond, np.dtype(dtype)).tolist() == [limits.min, 1, limits.max]


@pytest.mark.parametrize(
    ("other", "value_range", "dtype"),
    [
        (np.array([0.0, 255.0]), (0.0, 1.0), float),
        (np.array([0.0, 10.5], np.float32), (0.0, 1.0), np.float32),
        (np.array([0, 255]), (0.0, 1.0), float),
        (np.array([0.0, 0.5]), (0.0, 255.0), np.uint8),
        (np.array([False, True]), (0.0, 255.0), np.uint8),
        (np.array([0.0, 65535.0]), (0.0, 255.0), np.uint8),
        (np.array([0, 255], np.uint8), (0.0, 65535.0), np.uint16),
    ],
)
def test_images_in_two_units(other, value_range, dtype):
    with pytest.raises(ValueError, match=r"y must be in the units of X, .* run from 0 to"):
        check_same_units("y", other, value_range, np.dtype(dtype))


@pytest.mark.parametrize(
    ("other", "value_range", "dtype"),
    [
        (np.array([-8.0, 9.0]), (0.0, 1.0), float),
        (np.array([0.0, 1.0]), (0.0, 255.0), np.uint8),
        (np.array([0, 255], np.uint8), (0.0, 1000.0), np.uint8),
        (np.array([0.0, 400.0]), (3.0, 17.0), float),
        (np.array([False, True]), (0.0, 1.0), float),
    ],
)
def test_images_that_may_be_in_the_same_units(other, value_range, dtype):
    check_same_units("y", other, value_range, np.dtype(dtype))
