"""Precision, recall, density, coverage: on points that can be counted, and null values."""

import numpy as np
import pytest

from sklatent.metrics import density_coverage, precision_recall


def test_points_on_a_line():
    """Balls of real points around 0, 1, 3, 6 reach 1, 1, 2, 3; of generated ones 1, 1, 6."""
    real = np.array([[0.0], [1.0], [3.0], [6.0]])
    generated = np.array([[1.5], [2.5], [8.5]])
    found = density_coverage(real, generated, n_neighbors=1)
    # 1.5 lies in the balls of 1 and 3; 2.5 in that of 3; 8.5 in that of 6.
    assert found.density == pytest.approx(4 / 3)
    assert found.coverage == pytest.approx(3 / 4)
    found = precision_recall(real, generated, n_neighbors=1)
    assert found.precision == 1
    # 1 and 3 lie in balls of radius 1 around 1.5 and 2.5; 3 and 6 in that of 6 around 8.5.
    assert found.recall == pytest.approx(3 / 4)


def test_sets_far_apart(rng):
    real, generated = rng.normal(size=(2, 50, 3))
    assert precision_recall(real, generated + 100) == (0, 0)
    assert density_coverage(real, generated + 100) == (0, 0)


def test_the_same_set(rng):
    X = rng.normal(size=(60, 3))
    assert precision_recall(X, X) == (1, 1)
    found = density_coverage(X, X)
    # In the ball of a point to its fifth neighbour are the five and itself.
    assert found.density == pytest.approx(6 / 5)
    assert found.coverage == 1


def test_points_that_stand_several_times():
    X = np.repeat([[0.0, 1.0], [2.0, 3.0]], 5, axis=0)
    assert precision_recall(X, X) == (1, 1)
    assert precision_recall(X, X + 0.5) == (0, 0)


def test_one_set_in_the_middle_of_the_other(rng):
    real, generated = rng.normal(size=(2, 300, 3))
    found = precision_recall(real, 0.1 * generated)
    assert found.precision > 0.99
    assert found.recall < 0.05
    swapped = precision_recall(0.1 * generated, real)
    assert (swapped.recall, swapped.precision) == tuple(found)


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_a_shift_and_blocks_change_nothing(rng, shift, monkeypatch):
    real, generated = rng.normal(size=(90, 4)), 0.9 * rng.normal(size=(70, 4))
    expected = precision_recall(real, generated), density_coverage(real, generated)
    monkeypatch.setattr("sklatent.metrics._neighbors._BLOCK_VALUES", 70 * 7)
    real, generated = real + shift, generated + shift
    assert precision_recall(real, generated) == expected[0]
    assert density_coverage(real, generated) == expected[1]


# Means over 12 seeds, with the same figures from the package prdc.
@pytest.mark.parametrize(("dimension", "precision"), [(20, 0.84), (200, 0.62)])
def test_null_of_precision(rng, dimension, precision):
    found = precision_recall(*rng.normal(size=(2, 2000, dimension)), n_neighbors=5)
    # The standard deviation over 12 seeds is 0.011 in dimension 20, and 0.017 in 200.
    assert found.precision == pytest.approx(precision, abs=0.06)
    assert found.recall == pytest.approx(precision, abs=0.06)


@pytest.mark.parametrize("k", [1, 3, 5])
def test_null_of_density_and_coverage(rng, k):
    found = density_coverage(*rng.normal(size=(2, 2000, 10)), n_neighbors=k)
    assert found.coverage == pytest.approx(1 - 0.5**k, abs=3 * 0.5 / 2000**0.5)
    assert found.density == pytest.approx(1, abs=0.1)


def test_shrunk_samples_are_dense(rng):
    real, generated = rng.normal(size=(2, 1000, 200))
    assert density_coverage(real, 0.9 * generated).density > 5


def test_refused(rng):
    X = rng.normal(size=(5, 2))
    with pytest.raises(ValueError, match="smaller than the number of rows of generated, 3; got 3"):
        precision_recall(X, X[:3])
    with pytest.raises(ValueError, match="n_neighbors must be an integer of at least 1"):
        density_coverage(X, X, n_neighbors=0)
    assert density_coverage(X, X[:1], n_neighbors=2).density >= 1
