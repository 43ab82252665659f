"""Complexity of images, and the distance of an error beside it, against closed forms."""

import numpy as np
import pytest
from sklearn.covariance import EmpiricalCovariance
from sklearn.linear_model import LinearRegression

from sklatent._outliers.complexity import (
    fit_error_model,
    image_complexity,
    mahalanobis_squared,
    relative_error,
    shape_of_images,
)


def test_of_a_ramp_and_of_stripes():
    ramp = np.broadcast_to(np.arange(8.0), (6, 8))
    stripes = np.indices((6, 8)).sum(axis=0) % 2 * 3.0
    flat = np.full((6, 8), 2.0)
    found = image_complexity(np.stack([ramp, stripes, flat]), (6, 8, 1))
    # Steps of 1 along one axis; steps of 3 along both; none.
    expected = [[17.5, 5.25, 1], [4.5, 2.25, 18], [4, 0, 0]]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_of_any_layout_and_in_blocks(rng):
    images = rng.integers(0, 256, size=(1_100, 5, 4, 3)).astype(np.uint8)
    found = image_complexity(images, (5, 4, 3))
    np.testing.assert_array_equal(image_complexity(images.reshape(1_100, -1), (5, 4, 3)), found)
    floats = images.astype(np.float64)
    np.testing.assert_allclose(found[:, 1], floats.reshape(1_100, -1).var(axis=1))
    steps = [np.square(np.diff(floats, axis=axis)).mean(axis=(1, 2, 3)) for axis in (1, 2)]
    np.testing.assert_allclose(found[:, 2], sum(steps))


def test_a_line_has_no_steps_down():
    np.testing.assert_allclose(image_complexity(np.array([[0.0, 2.0, 4.0]]), (1, 3, 1))[0, 2], 4)


def test_shapes(small, digits):
    assert shape_of_images(None, digits) == (8, 8, 1)
    assert shape_of_images(None, np.zeros((3, 64))) == (8, 8, 1)
    fitted = small().fit(digits.reshape(len(digits), 4, 16))
    assert shape_of_images(fitted, digits) == (4, 16, 1)


@pytest.fixture
def values(rng):
    mixing = rng.normal(size=(4, 4))
    return np.exp(rng.normal(size=(2_000, 4)) @ mixing)


def test_the_distance_is_that_of_logarithms(values):
    model = fit_error_model(values)
    np.testing.assert_allclose(model.floors, 1e-4 * values.mean(axis=0))
    logs = np.log(values + model.floors)
    reference = EmpiricalCovariance().fit(logs)
    np.testing.assert_allclose(
        mahalanobis_squared(values, model), reference.mahalanobis(logs), rtol=1e-3
    )


def test_the_relative_error_is_the_residual_of_a_regression(values):
    model = fit_error_model(values)
    logs = np.log(values + model.floors)
    line = LinearRegression().fit(logs[:, 1:], logs[:, 0])
    residual = logs[:, 0] - line.predict(logs[:, 1:])
    found = relative_error(values, model)
    np.testing.assert_allclose(found, residual / residual.std(), atol=1e-3)


def test_the_distance_splits_into_relative_error_and_complexity(values):
    model = fit_error_model(values)
    logs = np.log(values + model.floors)[:, 1:] - model.mean[1:]
    rest = np.einsum("ni,ij,nj->n", logs, np.linalg.inv(model.covariance[1:, 1:]), logs)
    total = mahalanobis_squared(values, model)
    np.testing.assert_allclose(np.square(relative_error(values, model)) + rest, total, rtol=1e-8)


def test_units_do_not_matter(values):
    units = np.array([1e-3, 255.0**2, 255.0**2, 255.0**2])
    first, second = (mahalanobis_squared(X, fit_error_model(X)) for X in (values, units * values))
    np.testing.assert_allclose(first, second, rtol=1e-8)


def test_what_is_the_same_in_all_images_tells_where_it_differs(values):
    values[:, 2] = 7.0
    model = fit_error_model(values)
    assert np.isfinite(mahalanobis_squared(values, model)).all()
    other = values[:1] * [1, 1, 1.1, 1]
    assert mahalanobis_squared(other, model)[0] > 1e4
    nothing = np.zeros((5, 4))
    np.testing.assert_array_equal(mahalanobis_squared(nothing, fit_error_model(nothing)), 0)
