"""Copies are seen, new points are not, and a classifier's area is what it must be."""

import numpy as np
import pytest
from scipy.special import ndtr

from sklatent.metrics import copy_check, two_sample_auc


def test_distances_on_a_line():
    train = np.array([[0.0], [10.0]])
    held_out = np.array([[1.0], [8.0], [14.0]])
    found = copy_check(train, held_out, np.array([[0.5], [11.5], [30.0]]))
    np.testing.assert_allclose(found.distances, [0.5, 1.5, 20])
    np.testing.assert_allclose(found.held_out_distances, [1, 2, 4])
    assert found.ratio == pytest.approx(1.5 / 2)
    assert found.share_closer == pytest.approx(1 / 3)
    assert found.share_close == pytest.approx(1 / 3)


def test_new_points_are_as_far_as_held_out_ones(rng):
    train, held_out, new = rng.normal(size=(3, 2000, 6))
    found = copy_check(train, held_out, new)
    # Medians of 2,000 distances, each known to about 1.5 %.
    assert found.ratio == pytest.approx(1, abs=0.06)
    # 20 points expected on each side of the limit: three standard deviations of the difference.
    assert found.share_close == pytest.approx(0.01, abs=3 * (2 * 0.01 / 2000) ** 0.5)


def test_copies_with_little_noise(rng):
    train, held_out = rng.normal(size=(2, 1000, 6)) + 50.0
    found = copy_check(train, held_out, train[:200] + 0.01 * rng.normal(size=(200, 6)))
    assert found.ratio < 0.05
    assert found.share_closer > 0.9
    exact = copy_check(train, held_out, train)
    np.testing.assert_allclose(exact.distances, 0, atol=1e-6)


def test_held_out_points_from_the_training_set(rng):
    X = rng.integers(0, 3, size=(20, 1)).astype(float)
    found = copy_check(X, X, X + 1.0)
    assert np.isnan(found.ratio)
    assert found.share_closer == 0


def test_area_of_shifted_normals(rng):
    """The best classifier of N(0, I) and N(s, I) has the area Phi(|s| / sqrt 2)."""
    X, Y = rng.normal(size=(2, 3000, 3))
    found = two_sample_auc(X, Y + 0.5, random_state=0)
    best = ndtr(np.sqrt(3) * 0.5 / np.sqrt(2))
    assert best - 0.06 < found.auc < best + 0.03
    assert found.pvalue < 1e-10


def test_sets_alike(rng):
    X, Y = rng.normal(size=(2, 1000, 3))
    found = two_sample_auc(X, Y, random_state=0)
    # Standard deviation 0.018 of one split of 500 and 500 points.
    assert found.auc == pytest.approx(0.5, abs=3 * 0.0183)
    assert 0.001 < found.pvalue < 0.999
    assert two_sample_auc(X, Y, random_state=0) == found


def test_sets_of_different_size_and_low_rank(rng):
    turn = rng.normal(size=(2, 6))
    X, Y = rng.normal(size=(400, 2)) @ turn, (rng.normal(size=(150, 2)) + 3) @ turn
    assert two_sample_auc(X, Y, n_repeats=1, random_state=0).auc > 0.95


def test_equal_points_are_refused():
    with pytest.raises(ValueError, match="X and Y must hold points that differ"):
        two_sample_auc(np.ones((5, 2)), np.ones((5, 2)))


def test_rows_for_halves(rng):
    with pytest.raises(ValueError, match="Y must have at least 4 rows; got 3"):
        two_sample_auc(rng.normal(size=(5, 2)), rng.normal(size=(3, 2)))
