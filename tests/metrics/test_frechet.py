"""The Frechet distance against closed forms, the matrix square root, and its known bias."""

import numpy as np
import pytest
from scipy import linalg

from sklatent.metrics import extrapolated_frechet_distance, frechet_distance


def with_moments(rng, n, mean, covariance):
    """Points whose own mean and covariance are exactly those given."""
    points = rng.normal(size=(n, len(mean)))
    points -= points.mean(axis=0)
    points = linalg.solve_triangular(
        linalg.cholesky(points.T @ points / (n - 1), lower=True), points.T, lower=True
    ).T
    return points @ linalg.cholesky(covariance) + mean


def by_square_root(X, Y):
    A, B = np.cov(X, rowvar=False), np.cov(Y, rowvar=False)
    trace = np.trace(A) + np.trace(B) - 2 * np.trace(linalg.sqrtm(A @ B)).real
    return np.square(X.mean(axis=0) - Y.mean(axis=0)).sum() + trace


def test_identical_sets(rng):
    X = rng.normal(size=(50, 7))
    assert frechet_distance(X, X) == pytest.approx(0, abs=1e-12)
    assert frechet_distance(X, X[::-1]) == pytest.approx(0, abs=1e-12)


def test_shifted_sets(rng):
    X = rng.normal(size=(50, 7))
    assert frechet_distance(X, X + np.arange(7)) == pytest.approx(91)


def test_scaled_sets(rng):
    X = rng.normal(size=(50, 7))
    X -= X.mean(axis=0)
    expected = (3 - 1) ** 2 * np.trace(np.cov(X, rowvar=False))
    assert frechet_distance(X, 3 * X) == pytest.approx(expected)


def test_normals_of_commuting_covariances(rng):
    first = with_moments(rng, 40, np.zeros(3), np.diag([1.0, 4.0, 9.0]))
    second = with_moments(rng, 60, np.ones(3), np.diag([16.0, 4.0, 1.0]))
    assert frechet_distance(first, second) == pytest.approx(3 + 9 + 0 + 4)


def test_general_covariances_against_the_matrix_square_root(rng):
    X = rng.normal(size=(200, 12)) @ rng.normal(size=(12, 12))
    Y = rng.normal(size=(90, 12)) @ rng.normal(size=(12, 12)) + 0.5
    assert frechet_distance(X, Y) == pytest.approx(by_square_root(X, Y), rel=1e-9)
    assert frechet_distance(Y, X) == pytest.approx(frechet_distance(X, Y), rel=1e-12)


def test_fewer_points_than_features_lie_in_their_span(rng):
    """A rotation into more dimensions changes no distance."""
    X, Y = rng.normal(size=(2, 15, 4)) * np.array([1.0, 2.0])[:, None, None]
    turn = np.linalg.qr(rng.normal(size=(40, 40)))[0][:4]
    expected = by_square_root(X, Y)
    assert frechet_distance(X, Y) == pytest.approx(expected)
    assert frechet_distance(X @ turn, Y @ turn) == pytest.approx(expected, rel=1e-12)


def test_more_points_than_features_of_low_rank(rng):
    X, Y = rng.normal(size=(2, 100, 4)) * np.array([1.0, 2.0])[:, None, None]
    turn = np.linalg.qr(rng.normal(size=(40, 40)))[0][:4]
    expected = by_square_root(X, Y)
    assert frechet_distance(X @ turn, Y @ turn) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(X @ turn, Y[:20] @ turn) == pytest.approx(
        by_square_root(X, Y[:20]), rel=1e-9
    )


def test_supports_at_right_angles(rng):
    X, Y = np.zeros((2, 30, 6))
    X[:, :3], Y[:, 3:] = rng.normal(size=(2, 30, 3))
    X -= X.mean(axis=0)
    Y -= Y.mean(axis=0)
    expected = np.trace(np.cov(X, rowvar=False)) + np.trace(np.cov(Y, rowvar=False))
    assert frechet_distance(X, Y) == pytest.approx(expected, rel=1e-12)


def test_constant_features():
    assert frechet_distance(np.ones((5, 3)), np.ones((4, 3))) == 0
    assert frechet_distance(np.zeros((5, 3)), np.full((4, 3), 2.0)) == pytest.approx(12)


@pytest.mark.parametrize("unit", [1e-120, 1e100])
def test_very_small_and_large_features(rng, unit):
    X, Y = rng.normal(size=(2, 30, 4))
    expected = frechet_distance(X, Y) * unit**2
    assert frechet_distance(X * unit, Y * unit) == pytest.approx(expected, rel=1e-9, abs=0)


def test_float32_is_not_lost(rng):
    X, Y = (rng.normal(size=(2, 200, 5)) + 1000.0).astype(np.float32)
    expected = frechet_distance(X.astype(float), Y.astype(float))
    assert frechet_distance(X, Y) == pytest.approx(expected, rel=1e-12)


def test_bias_of_sets_from_one_distribution(rng):
    n, d = 1000, 16
    found = [frechet_distance(*rng.normal(size=(2, n, d))) for _ in range(30)]
    # Means of 30; the standard deviation of one is about 0.02.
    assert np.mean(found) == pytest.approx(2 * d / n + d * (d + 1) / (2 * n), abs=0.02)


def test_extrapolation_takes_the_bias_away(rng):
    n, d = 1000, 16
    expected = d * 0.2**2
    found = [
        extrapolated_frechet_distance(X, Y + 0.2, random_state=0)
        for X, Y in rng.normal(size=(20, 2, n, d))
    ]
    values = np.array([one.value for one in found])
    # Of 20 values with a standard deviation of about 0.07, three standard errors.
    assert values.mean() == pytest.approx(expected, abs=3 * 0.07 / 20**0.5)
    assert np.mean([one.distances[0] for one in found]) > expected + 0.1
    # 20 intervals of nominal 95 %: fewer than 16 has a chance of 3 in 1,000.
    assert sum(one.low < expected < one.high for one in found) >= 16
    errors = [one.standard_error for one in found]
    assert np.mean(errors) == pytest.approx(values.std(ddof=1), rel=0.5)


def test_extrapolation_tells_what_it_saw(rng):
    X, Y = rng.normal(size=(400, 3)), rng.normal(size=(300, 3))
    found = extrapolated_frechet_distance(X, Y, n_sizes=3, random_state=1)
    np.testing.assert_array_equal(found.sizes, [300, 150, 100])
    assert found.distances[0] == pytest.approx(frechet_distance(X, Y))
    line = np.polynomial.Polynomial.fit([1, 2, 3], found.distances, 1)
    assert found.value == pytest.approx(line(0))
    assert found.low < found.value < found.high
    again = extrapolated_frechet_distance(X, Y, n_sizes=3, random_state=1)
    assert again.value == found.value
    assert again.standard_error == found.standard_error
    wider = extrapolated_frechet_distance(X, Y, n_sizes=3, confidence=0.99, random_state=1)
    assert wider.low < found.low


REFUSED = {
    "n_sizes": (dict(n_sizes=1), ValueError, "n_sizes must be an integer of at least 2"),
    "n_groups": (dict(n_groups=2.0), TypeError, "n_groups must be an integer"),
    "confidence": (dict(confidence=1.0), ValueError, "confidence must be a number in"),
    "few": (dict(n_groups=20), ValueError, "X must have at least 40 rows; got 30"),
}


@pytest.mark.parametrize(("changes", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(rng, changes, error, message):
    X, Y = rng.normal(size=(2, 30, 2))
    with pytest.raises(error, match=message):
        extrapolated_frechet_distance(X, Y, **changes)
