"""The support of a normal distribution: maps, distances, densities and draws."""

import copy
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from sklatent._covariance import support as support_module
from sklatent._covariance.moments import compute_moments, covariance_matrix
from sklatent._covariance.support import (
    distance_to_support,
    draw_points,
    log_density,
    mahalanobis_squared,
    make_normal,
    squared_distances,
    unwhiten,
    whiten,
)

MIXING = np.array([[2.0, 0.0, 0.0], [1.0, 0.5, 0.0], [-1.0, 0.2, 3.0]])


def draw(rng, n=500, mean=0.0):
    return rng.standard_normal((n, 3)) @ MIXING.T + mean


def normal_of(X):
    moments = compute_moments(X)
    return make_normal(moments.mean, covariance_matrix(moments), moments.eps)


def test_drawn_points_have_the_moments_of_the_model(rng, monkeypatch):
    monkeypatch.setattr(support_module, "CHUNK_VALUES", 3 * 999)
    n, mean, covariance = 200_000, np.array([1.0, -2.0, 0.5]), MIXING @ MIXING.T
    normal = make_normal(mean, covariance)
    white = whiten(draw_points(n, normal, rng), normal)
    # Means have variance 1 / n, variances 2 / n, covariances 1 / n.
    assert np.abs(white.mean(axis=0)).max() < 5 / np.sqrt(n)
    assert np.abs(np.cov(white.T) - np.eye(3)).max() < 5 * np.sqrt(2 / n)


def test_drawn_points_are_the_colored_numbers_of_the_generator(monkeypatch):
    normal = make_normal(np.ones(3), MIXING @ MIXING.T)
    expected = np.random.default_rng(1).standard_normal((50, 3)) @ normal.coloring + 1.0
    for chunk in (2**17, 21):
        monkeypatch.setattr(support_module, "CHUNK_VALUES", chunk)
        drawn = draw_points(50, normal, np.random.default_rng(1))
        np.testing.assert_allclose(drawn, expected, rtol=1e-13)


def test_support_of_a_part_has_the_rounding_of_the_whole():
    # A component of spread 1e-14 beside one of spread 100 is rounding; alone it would count.
    covariance = np.array([[1e-28]])
    assert make_normal(np.zeros(1), covariance).rank == 1
    assert make_normal(np.zeros(1), covariance, spread=1e4).rank == 0


def test_density_and_distance_equal_scipy_at_full_rank(rng):
    X, mean, covariance = draw(rng), np.array([1.0, -2.0, 0.5]), MIXING @ MIXING.T
    normal = make_normal(mean, covariance)
    squared = mahalanobis_squared(X, normal)
    expected = multivariate_normal(mean, covariance).logpdf(X)
    np.testing.assert_allclose(log_density(squared, normal), expected, rtol=1e-12)
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
    normal = normal_of(X)
    covariance = np.cov(X.T, bias=True)
    assert normal.rank == 3
    expected = multivariate_normal(normal.mean, covariance, allow_singular=True).logpdf(X)
    actual = log_density(mahalanobis_squared(X, normal), normal)
    np.testing.assert_allclose(actual, expected, rtol=1e-10)
    np.testing.assert_allclose(normal.coloring.T @ normal.coloring, covariance, atol=1e-12)
    assert distance_to_support(X, normal).max() < 1e-12


def test_whitening_and_back(rng):
    X = draw(rng, mean=3.0)
    normal = normal_of(X)
    white = whiten(X, normal)
    np.testing.assert_allclose(white.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(3), atol=1e-12)
    np.testing.assert_allclose(unwhiten(white, normal), X, rtol=1e-12)
    np.testing.assert_allclose(whiten(unwhiten(white, normal), normal), white)


def test_units_of_a_component_change_nothing_but_the_volume(rng):
    X, units = draw(rng), np.array([1e-6, 1.0, 1e6])
    normal = normal_of(X)
    scaled = normal_of(X * units)
    np.testing.assert_allclose(
        mahalanobis_squared(X * units, scaled), mahalanobis_squared(X, normal)
    )
    assert scaled.log_determinant == pytest.approx(normal.log_determinant, rel=1e-10)


def test_volume_of_a_degenerate_support_of_mixed_scales():
    # (a, b, c) -> (1e-6 a, b, 1e6 c, a + b): the Gram determinant of that map.
    columns = np.array([[1e-6, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1e6, 0]])
    normal = make_normal(np.zeros(4), columns.T @ columns)
    assert normal.rank == 3
    expected = np.log((1 + 1e-12) * 2 - 1) + np.log(1e12)
    assert normal.log_determinant == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("n", "d", "rank"), [(1, 4, 0), (2, 4, 1), (4, 4, 3), (30, 100, 29)])
def test_few_points_span_one_dimension_less_than_their_number(rng, n, d, rank, dtype):
    X = rng.normal(5.0, 1.0, (n, d)).astype(dtype)
    normal = normal_of(X)
    assert normal.rank == rank
    np.testing.assert_allclose(unwhiten(whiten(X, normal), normal), X, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mean", [0.0, 10.0, 1e4])
def test_rounding_of_the_points_own_type_is_no_direction(rng, dtype, mean):
    X = rng.normal(mean, 1.0, (400, 5)).astype(dtype)
    X[:, 3] = X[:, 0] + X[:, 1]
    X[:, 4] = X[0, 0] * (1 + rng.integers(-1, 2, 400) * np.finfo(dtype).eps)
    assert normal_of(X).rank == 3


def test_nearly_collinear_components_count(rng):
    x = rng.standard_normal((1000, 1))
    X = np.hstack([x, x + 1e-4 * rng.standard_normal((1000, 1))])
    assert normal_of(X).rank == 2
    assert normal_of(X.astype(np.float32)).rank == 2


def test_a_point_mass_has_log_density_zero():
    normal = make_normal(np.ones(2), np.zeros((2, 2)))
    assert normal.rank == 0
    assert log_density(0.0, normal) == 0
    np.testing.assert_array_equal(unwhiten(np.empty((3, 0)), normal), np.ones((3, 2)))


def test_signs_are_fixed(rng):
    coloring = normal_of(draw(rng)).coloring
    correlations = coloring / np.linalg.norm(coloring, axis=0)
    assert (correlations.max(axis=1) == np.abs(correlations).max(axis=1)).all()


def test_chunks_do_not_matter(rng, monkeypatch):
    X = draw(rng, mean=3.0)
    normal = normal_of(X)
    white, squared = whiten(X, normal), mahalanobis_squared(X, normal)
    np.testing.assert_allclose(squared, np.square(white).sum(axis=1))
    off = distance_to_support(X + 1.0, make_normal(normal.mean, np.diag([1.0, 1.0, 0.0])))
    np.testing.assert_allclose(off, np.abs(X[:, 2] + 1.0 - normal.mean[2]))
    monkeypatch.setattr(support_module, "CHUNK_VALUES", 21)
    np.testing.assert_allclose(whiten(X, normal), white, rtol=1e-13)
    np.testing.assert_allclose(mahalanobis_squared(X, normal), squared, rtol=1e-13)


def test_squared_distances_from_any_centre():
    X, center, whitening = np.array([[3.0, 1.0]]), np.array([1.0, 1.0]), np.array([[2.0], [7.0]])
    np.testing.assert_array_equal(squared_distances(X, center, whitening), [16.0])


def test_what_varies_of_a_normal():
    covariance = np.array([[4.0, 0.0, 8.0], [0.0, 1e-40, 0.0], [8.0, 0.0, 16.0]])
    normal = make_normal(np.array([0.0, 5.0, 0.0]), covariance)
    assert normal.rank == 1
    assert normal.live.tolist() == [True, False, True]
    np.testing.assert_array_equal(normal.live_std, [2.0, 0.0, 4.0])
    np.testing.assert_allclose(
        normal.live_correlation, [[1, 0, 1], [0, 1, 0], [1, 0, 1]], rtol=1e-15
    )
    assert normal.spread == 20.0


def test_a_normal_is_a_value():
    normal = make_normal(np.zeros(2), np.diag([4.0, 1.0]))
    with pytest.raises(FrozenInstanceError):
        normal.eps = 1.0
    for again in (pickle.loads(pickle.dumps(normal)), copy.deepcopy(normal)):
        np.testing.assert_array_equal(again.whitening, normal.whitening)
        assert again.log_determinant == normal.log_determinant == pytest.approx(np.log(4.0))
