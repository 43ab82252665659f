"""Moments, support, distances and densities of the normal distribution."""

from functools import reduce

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from sklatent._covariance import moments as moments_module
from sklatent._covariance import support as support_module
from sklatent._covariance.moments import (
    compute_moments,
    correlation_matrix,
    covariance_matrix,
    merge_moments,
)
from sklatent._covariance.support import (
    distance_to_support,
    draw_points,
    find_support,
    log_density,
    mahalanobis_squared,
    unwhiten,
    whiten,
)

EPS = np.finfo(np.float64).eps
MIXING = np.array([[2.0, 0.0, 0.0], [1.0, 0.5, 0.0], [-1.0, 0.2, 3.0]])


def draw(rng, n=500, mean=0.0):
    return rng.standard_normal((n, 3)) @ MIXING.T + mean


def support_of(X):
    moments = compute_moments(X)
    return moments.mean, find_support(moments.mean, covariance_matrix(moments), moments.eps)


def test_moments_equal_numpy(rng):
    X = draw(rng)
    moments = compute_moments(X)
    assert moments.n_samples == 500
    np.testing.assert_allclose(moments.mean, X.mean(axis=0), atol=1e-14)
    np.testing.assert_allclose(covariance_matrix(moments), np.cov(X.T, bias=True), rtol=1e-12)


def test_moments_of_many_chunks_equal_those_of_one(rng, monkeypatch):
    X = draw(rng)
    whole = compute_moments(X)
    monkeypatch.setattr(moments_module, "CHUNK_VALUES", 21)
    chunked = compute_moments(X)
    np.testing.assert_allclose(chunked.mean, whole.mean, atol=1e-14)
    np.testing.assert_allclose(chunked.scatter, whole.scatter, rtol=1e-12)
    np.testing.assert_allclose(
        mahalanobis_squared(X, *support_of(X)), np.square(whiten(X, *support_of(X))).sum(axis=1)
    )


@pytest.mark.parametrize("mean", [0.0, 1e8])
def test_merge_in_any_order_equals_one_pass(rng, mean):
    X = draw(rng, mean=mean)
    whole = compute_moments(X)
    parts = [compute_moments(part) for part in np.split(X, [1, 30, 250])]
    # A mean is off by half a unit in its last place, a product with a
    # difference of means, here below 10, by as much times that.
    atol = 10 * EPS * max(mean, 10.0)
    for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]):
        merged = reduce(merge_moments, [parts[index] for index in order])
        assert merged.n_samples == whole.n_samples
        np.testing.assert_allclose(merged.mean, whole.mean, rtol=2 * EPS, atol=1e-14)
        np.testing.assert_allclose(
            covariance_matrix(merged), covariance_matrix(whole), atol=atol, rtol=1e-12
        )


@pytest.mark.parametrize("mean", [0.0, 1e8])
def test_higher_moments_of_one_pass_and_of_a_merge(rng, mean):
    X = np.round(draw(rng), 3) + mean
    centred = (X.astype(np.longdouble) - X.astype(np.longdouble).mean(axis=0)).astype(np.float64)
    squared = np.square(centred).sum(axis=1)
    merged = reduce(merge_moments, [compute_moments(part) for part in np.split(X, [1, 30, 250])])
    for moments in (compute_moments(X), merged):
        # A mean is off by its rounding; so is each centred point.
        rtol = 1e-12 + 10 * EPS * mean
        size = (squared**1.5).sum()
        np.testing.assert_allclose(moments.third, squared @ centred, atol=rtol * size)
        assert moments.fourth == pytest.approx(squared @ squared, rel=rtol)


def test_drawn_points_have_the_moments_of_the_model(rng, monkeypatch):
    monkeypatch.setattr(support_module, "CHUNK_VALUES", 3 * 999)
    n, mean, covariance = 200_000, np.array([1.0, -2.0, 0.5]), MIXING @ MIXING.T
    support = find_support(mean, covariance)
    white = whiten(draw_points(n, mean, support, rng), mean, support)
    # Means have variance 1 / n, variances 2 / n, covariances 1 / n.
    assert np.abs(white.mean(axis=0)).max() < 5 / np.sqrt(n)
    assert np.abs(np.cov(white.T) - np.eye(3)).max() < 5 * np.sqrt(2 / n)


def test_drawn_points_are_the_colored_numbers_of_the_generator(monkeypatch):
    support = find_support(np.ones(3), MIXING @ MIXING.T)
    expected = np.random.default_rng(1).standard_normal((50, 3)) @ support.coloring + 1.0
    for chunk in (2**17, 21):
        monkeypatch.setattr(support_module, "CHUNK_VALUES", chunk)
        drawn = draw_points(50, np.ones(3), support, np.random.default_rng(1))
        np.testing.assert_allclose(drawn, expected, rtol=1e-13)


@pytest.mark.parametrize("d", [1, 7, 400])
@pytest.mark.parametrize("order", ["C", "F"])
def test_moments_of_any_layout_and_width(rng, d, order):
    X = np.asarray(rng.normal(3.0, 1.0, (2100, d)), order=order)[::2]
    moments = compute_moments(X)
    np.testing.assert_allclose(moments.mean, X.mean(axis=0), rtol=1e-13)
    expected = np.cov(X.T, bias=True).reshape(d, d)
    np.testing.assert_allclose(covariance_matrix(moments), expected, atol=1e-12)


def test_support_of_a_part_has_the_rounding_of_the_whole():
    # A component of spread 1e-14 beside one of spread 100 is rounding; alone it would count.
    covariance = np.array([[1e-28]])
    assert find_support(np.zeros(1), covariance).rank == 1
    assert find_support(np.zeros(1), covariance, spread=1e4).rank == 0


def test_a_large_mean_does_not_spoil_the_covariance(rng):
    X = np.round(draw(rng), 3) + 1e8
    expected = np.cov((X - 1e8).T, bias=True)
    np.testing.assert_allclose(covariance_matrix(compute_moments(X)), expected, rtol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_component_has_no_variance_at_all(rng, dtype, monkeypatch):
    monkeypatch.setattr(moments_module, "CHUNK_VALUES", 30)
    X = draw(rng).astype(dtype)
    X[:, 1] = 0.1
    moments = compute_moments(X)
    assert moments.scatter[1, 1] == 0
    assert moments.mean[1] == dtype(0.1)
    assert moments.eps == np.finfo(dtype).eps


def test_coarsest_type_is_kept():
    coarse = compute_moments(np.ones((2, 1), np.float32))
    fine = compute_moments(np.ones((2, 1), np.int64))
    assert fine.eps == EPS
    assert merge_moments(fine, coarse).eps == np.finfo(np.float32).eps


@pytest.mark.parametrize("X", [np.empty((0, 2)), np.ones(3)])
def test_moments_need_rows(X):
    with pytest.raises(ValueError, match="X must be of shape"):
        compute_moments(X)


def test_correlation_of_a_dead_component_is_that_of_an_independent_one():
    covariance = np.array([[4.0, 0.0, -1.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 1.0]])
    correlation = correlation_matrix(covariance, np.array([True, False, True]))
    np.testing.assert_array_equal(correlation, [[1, 0, -0.5], [0, 1, 0], [-0.5, 0, 1]])


def test_density_and_distance_equal_scipy_at_full_rank(rng):
    X, mean, covariance = draw(rng), np.array([1.0, -2.0, 0.5]), MIXING @ MIXING.T
    support = find_support(mean, covariance)
    squared = mahalanobis_squared(X, mean, support)
    expected = multivariate_normal(mean, covariance).logpdf(X)
    np.testing.assert_allclose(log_density(squared, support), expected, rtol=1e-12)
    inverse = np.linalg.inv(covariance)
    np.testing.assert_allclose(squared, [(x - mean) @ inverse @ (x - mean) for x in X], rtol=1e-10)


@pytest.mark.parametrize(
    "columns",
    [
        np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]),
        np.array([[1.0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]),
        np.array([[1.0, 0, 0, 2], [0, 1, 0, -1], [0, 0, 1, 0.5]]),
    ],
    ids=["dead", "duplicated", "combined"],
)
def test_density_on_the_support_equals_scipy(rng, columns):
    X = draw(rng) @ columns + 7.0
    mean, support = support_of(X)
    covariance = np.cov(X.T, bias=True)
    assert support.rank == 3
    expected = multivariate_normal(mean, covariance, allow_singular=True).logpdf(X)
    actual = log_density(mahalanobis_squared(X, mean, support), support)
    np.testing.assert_allclose(actual, expected, rtol=1e-10)
    np.testing.assert_allclose(support.coloring.T @ support.coloring, covariance, atol=1e-12)
    assert distance_to_support(X, mean, support).max() < 1e-12


def test_whitening_and_back(rng):
    X = draw(rng, mean=3.0)
    mean, support = support_of(X)
    white = whiten(X, mean, support)
    np.testing.assert_allclose(white.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(3), atol=1e-12)
    np.testing.assert_allclose(unwhiten(white, mean, support), X, rtol=1e-12)
    np.testing.assert_allclose(whiten(unwhiten(white, mean, support), mean, support), white)


def test_units_of_a_component_change_nothing_but_the_volume(rng):
    X, units = draw(rng), np.array([1e-6, 1.0, 1e6])
    mean, support = support_of(X)
    scaled_mean, scaled = support_of(X * units)
    np.testing.assert_allclose(
        mahalanobis_squared(X * units, scaled_mean, scaled), mahalanobis_squared(X, mean, support)
    )
    assert scaled.log_determinant == pytest.approx(support.log_determinant, rel=1e-10)


def test_volume_of_a_degenerate_support_of_mixed_scales():
    # (a, b, c) -> (1e-6 a, b, 1e6 c, a + b): the Gram determinant of that map.
    columns = np.array([[1e-6, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1e6, 0]])
    support = find_support(np.zeros(4), columns.T @ columns)
    assert support.rank == 3
    expected = np.log((1 + 1e-12) * 2 - 1) + np.log(1e12)
    assert support.log_determinant == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("n", "d", "rank"), [(1, 4, 0), (2, 4, 1), (4, 4, 3), (30, 100, 29)])
def test_few_points_span_one_dimension_less_than_their_number(rng, n, d, rank, dtype):
    X = rng.normal(5.0, 1.0, (n, d)).astype(dtype)
    mean, support = support_of(X)
    assert support.rank == rank
    np.testing.assert_allclose(unwhiten(whiten(X, mean, support), mean, support), X, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mean", [0.0, 10.0, 1e4])
def test_rounding_of_the_points_own_type_is_no_direction(rng, dtype, mean):
    X = rng.normal(mean, 1.0, (400, 5)).astype(dtype)
    X[:, 3] = X[:, 0] + X[:, 1]
    X[:, 4] = X[0, 0] * (1 + rng.integers(-1, 2, 400) * np.finfo(dtype).eps)
    assert support_of(X)[1].rank == 3


def test_nearly_collinear_components_count(rng):
    x = rng.standard_normal((1000, 1))
    X = np.hstack([x, x + 1e-4 * rng.standard_normal((1000, 1))])
    assert support_of(X)[1].rank == 2
    assert support_of(X.astype(np.float32))[1].rank == 2


def test_a_point_mass_has_log_density_zero():
    support = find_support(np.ones(2), np.zeros((2, 2)))
    assert support.rank == 0
    assert log_density(0.0, support) == 0
    np.testing.assert_array_equal(unwhiten(np.empty((3, 0)), np.ones(2), support), np.ones((3, 2)))


def test_signs_are_fixed(rng):
    _, support = support_of(draw(rng))
    correlations = support.coloring / np.linalg.norm(support.coloring, axis=0)
    assert (correlations.max(axis=1) == np.abs(correlations).max(axis=1)).all()
