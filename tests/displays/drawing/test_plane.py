"""Planes through a normal distribution."""

import numpy as np
import pytest

from sklatent import LatentGaussianModel
from sklatent.displays._drawing.plane import (
    checked_array,
    checked_counts,
    checked_places,
    checked_sizes,
    plane_points,
)


def test_points_of_the_plane():
    mean, covariance = np.array([1.0, 2.0, 3.0]), np.diag([1.0, 4.0, 9.0])
    points = plane_points(mean, covariance, (2, 0), [3.0, 6.0], [1.0, 0.0])
    np.testing.assert_array_equal(points, [[1, 2, 3], [1, 2, 6], [0, 2, 3], [0, 2, 6]])


def test_other_components_follow_their_conditional_mean(rng):
    Z = rng.normal(size=(500, 4)) @ rng.normal(size=(4, 4))
    model = LatentGaussianModel().fit(Z)
    points = plane_points(
        model.mean_, model.covariance_, (1, 3), [0.5], [-1.5], others="conditional"
    )
    rest = model.conditional({1: 0.5, 3: -1.5})
    np.testing.assert_allclose(points[0, [0, 2]], rest.mean_)
    np.testing.assert_allclose(points[0, [1, 3]], [0.5, -1.5])


def test_numbers_of_images_and_sizes_of_ellipses_are_one_or_several():
    assert checked_counts(3) == (3, 3)
    assert checked_counts((2, 5)) == (2, 5)
    assert checked_sizes(2) == (2.0,)
    assert checked_sizes([1, 2.5]) == (1.0, 2.5)
    with pytest.raises(ValueError, match="n_points must be an integer of at least 2; got 1"):
        checked_counts((2, 1))
    with pytest.raises(ValueError, match="n_std must be a number above 0"):
        checked_sizes([1, 0])


@pytest.mark.parametrize("places", [[0.0, 1.0, 3.0], [1.0], [2.0, 1.0], [[0.0, 1.0]]])
def test_uneven_places_are_errors(places):
    np.testing.assert_array_equal(checked_places("x", [0, 1, 2]), [0.0, 1.0, 2.0])
    with pytest.raises(ValueError, match="x must increase at even distances"):
        checked_places("x", places)


def test_arrays_have_their_shape():
    np.testing.assert_array_equal(checked_array("center", [1, 2], (2,)), [1.0, 2.0])
    with pytest.raises(ValueError, match=r"center must be finite numbers of shape \(2,\); got"):
        checked_array("center", [1, np.inf], (2,))
