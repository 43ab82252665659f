"""The arithmetic of corruptions, with random numbers that are given."""

import numpy as np
import pytest

from sklatent.corruption._arithmetic import (
    NumpyDraws,
    add_gaussian_noise,
    dropped_values,
    erased_boxes,
    hide,
    luma,
)


class Given:
    """Draws that are known beforehand, in the order in which they are asked for."""

    xp = np

    def __init__(self, *values):
        self.values = list(values)

    def normal(self, shape):
        return np.full(shape, self.values.pop(0))

    uniform = normal

    def asarray(self, values):
        return values


def test_noise_is_scaled_and_clipped():
    images = np.full((1, 2, 2, 1), 5.0)
    np.testing.assert_array_equal(add_gaussian_noise(images, 0.1, 0, 10, Given(2.0)), 7.0)
    np.testing.assert_array_equal(add_gaussian_noise(images, 0.1, 0, 10, Given(9.0)), 10.0)
    np.testing.assert_array_equal(add_gaussian_noise(images, 0.1, 0, 10, Given(-9.0)), 0.0)


@pytest.mark.parametrize(("whole", "shape"), [(True, (4, 3, 2, 1)), (False, (4, 3, 2, 5))])
def test_what_is_dropped_lies_below_the_fraction(whole, shape):
    assert dropped_values((4, 3, 2, 5), 0.5, whole, Given(0.4)).shape == shape
    assert dropped_values((4, 3, 2, 5), 0.5, whole, Given(0.4)).all()
    assert not dropped_values((4, 3, 2, 5), 0.5, whole, Given(0.5)).any()


@pytest.mark.parametrize(
    ("place", "rows", "columns"),
    [((0.0, 0.0), (0, 4), (0, 1)), ((0.999, 0.999), (4, 8), (7, 8)), ((0.5, 0.25), (2, 6), (2, 3))],
)
def test_a_box_has_the_drawn_area_ratio_and_place(place, rows, columns):
    """An area of 1/16 of 64 pixels at a ratio of 4 is four pixels high and one wide."""
    hidden = erased_boxes((1, 8, 8, 3), (0.0, 0.125), (1.0, 16.0), Given(0.5, 0.5, *place))
    expected = np.zeros((1, 8, 8, 1), bool)
    expected[:, slice(*rows), slice(*columns)] = True
    np.testing.assert_array_equal(hidden, expected)


def test_what_is_hidden_gets_the_fill_on_the_scale_of_the_images():
    images = np.arange(4.0).reshape(1, 2, 2, 1)
    hidden = np.array([[True], [False]])[None, ..., None]
    filled = hide(images, hidden, 0.25, -1.0, 3.0, Given())
    np.testing.assert_array_equal(filled.ravel(), [0.0, 0.0, 2.0, 3.0])


def test_luma_stands_in_every_channel():
    pure = np.eye(3).reshape(3, 1, 1, 3)
    expected = np.repeat([0.299, 0.587, 0.114], 3).reshape(3, 1, 1, 3)
    np.testing.assert_allclose(luma(pure, Given()), expected)


def test_draws_of_numpy_are_those_of_the_generator():
    draws = NumpyDraws(np.random.RandomState(0), np.dtype(np.float32))
    rng = np.random.RandomState(0)
    normal = draws.normal((2, 3))
    assert normal.dtype == np.float32
    np.testing.assert_array_equal(normal, rng.standard_normal((2, 3)).astype(np.float32))
    np.testing.assert_array_equal(draws.uniform((4,)), rng.random_sample(4))
