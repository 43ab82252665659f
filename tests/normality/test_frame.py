"""Passes over the points, and points that lie far from all others."""

import numpy as np
import pytest

from sklatent import LatentGaussianModel
from sklatent._normality.frame import (
    Settings,
    far_points,
    measure_columns,
    measure_rows,
    own_frame,
    points_for_shape,
    spread_columns,
)


def report(Z, model=None, **options):
    model = model or LatentGaussianModel().fit(Z)
    return model.normality_report(Z, **({"random_state": 0} | options))


def mixed(rng, n=400):
    return rng.normal(size=(n, 3)) @ rng.normal(size=(3, 3)) + 5


def test_two_sets_of_columns_hold_the_same_points(rng):
    points = np.c_[mixed(rng), np.ones(400)]
    frame = own_frame(points)
    every = slice(None)
    components, principal = frame.components(every), frame.principal(every)
    np.testing.assert_allclose(components.std(axis=0), frame.std)
    np.testing.assert_allclose(np.cov(principal.T, bias=True), np.eye(3), atol=1e-8)
    np.testing.assert_allclose(principal @ frame.to_standard, components / frame.std, atol=1e-8)


def test_squared_distances_are_those_of_a_model(rng):
    points = mixed(rng)
    frame = own_frame(points)
    columns = [measure_columns(frame, principal) for principal in (False, True)]
    squared, pairs, principal_pairs = measure_rows(frame, *columns)
    expected = LatentGaussianModel().fit(points).mahalanobis_squared(points)
    np.testing.assert_allclose(squared, expected, rtol=1e-8)
    assert pairs.squares.shape == principal_pairs.squares.shape == (3, 3)


def test_how_many_points_a_shape_takes(rng):
    assert points_for_shape(3) == 26
    assert own_frame(mixed(rng, 26)).shows_shape
    assert not own_frame(mixed(rng, 25)).shows_shape
    assert not own_frame(np.ones((100, 3))).shows_shape


def test_rows_are_no_more_than_asked_for():
    settings = Settings(0.01, 100, np.random.RandomState(0))
    assert len(settings.rows(500)) == 100
    assert len(settings.rows(500, least=200)) == 200
    assert settings.rows(80) == slice(None)


def test_points_far_from_normal_ones(rng):
    points = rng.normal(size=(1_000, 2))
    assert far_points(own_frame(points), slice(None)) is None
    points[:5] += 40
    assert np.flatnonzero(far_points(own_frame(points), slice(None))).tolist() == [0, 1, 2, 3, 4]
    # One more than a tenth are no outliers.
    points[:101] += 40
    assert far_points(own_frame(points), slice(None)) is None


def test_combinations_of_columns_stay_combinations_when_spread(rng):
    integers = rng.integers(0, 5, (300, 2)).astype(float)
    points = np.c_[integers, integers.sum(axis=1)]
    spread = spread_columns(own_frame(points), np.arange(3), np.random.RandomState(0))
    assert spread.normal.rank == 2
    np.testing.assert_allclose(spread.points[:, 2], spread.points[:, :2].sum(axis=1))
    assert len(np.unique(spread.points[:, 0])) == 300


@pytest.mark.parametrize("seed", range(3))
def test_outliers_of_one_component_are_taken_whole(seed):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(2_000, 1))
    Z[:100] += 8
    assert report(Z).outlier_share == pytest.approx(0.05, abs=0.001)
    assert "heavy" not in report(Z).name
