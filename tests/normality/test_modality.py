"""Valleys and peaks: several clouds are found, odd shapes of one cloud are not."""

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import make_s_curve

from sklatent._normality.modality import (
    density_peaks,
    joining_directions,
    separating_directions,
    valley_depth,
    valley_pvalue,
    valley_share,
)


def ring(rng, n, noise):
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.c_[np.cos(angle), np.sin(angle)] + noise * rng.normal(size=(n, 2))


ONE_CLOUD = {
    "normal 2": lambda rng, n: rng.normal(size=(n, 2)),
    "normal 8": lambda rng, n: rng.normal(size=(n, 8)),
    "t(3)": lambda rng, n: rng.normal(size=(n, 2)) / np.sqrt(rng.chisquare(3, (n, 1))),
    "Cauchy": lambda rng, n: rng.normal(size=(n, 3)) / np.sqrt(rng.chisquare(1, (n, 1))),
    "exponential": lambda rng, n: rng.exponential(size=(n, 2)),
    "lognormal": lambda rng, n: np.exp(rng.normal(size=(n, 3))),
    "uniform": lambda rng, n: rng.uniform(size=(n, 2)),
    "ring": lambda rng, n: ring(rng, n, 0.1),
    "thin ring": lambda rng, n: ring(rng, n, 0.01),
    "S": lambda rng, n: make_s_curve(n, noise=0.05, random_state=int(rng.integers(2**31)))[0],
}


@pytest.mark.parametrize("n", [300, 1500])
@pytest.mark.parametrize("draw", ONE_CLOUD.values(), ids=ONE_CLOUD)
def test_one_cloud_is_one(draw, n):
    for seed in range(6):
        assert density_peaks(draw(np.random.default_rng(seed), n)).n_peaks == 1


@pytest.mark.parametrize(("n", "d"), [(500, 2), (1500, 2), (1500, 5)])
def test_two_clouds_are_two(n, d):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(n, d))
    points[: n // 3, 0] += 7
    peaks = density_peaks(points)
    assert peaks.n_peaks == 2
    assert peaks.saddle_ratio > peaks.noise_ratio
    np.testing.assert_allclose(peaks.shares, [2 / 3, 1 / 3], atol=0.06)


def test_three_clouds_and_moved_points():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(900, 2)) + 9 * np.eye(3, 2)[rng.integers(0, 3, 900)]
    assert density_peaks(points).n_peaks == 3
    assert density_peaks(1e-6 * points[::-1] - 5).n_peaks == 3


def test_few_or_equal_points_are_one_peak():
    assert density_peaks(np.zeros((20, 2))).n_peaks == 1
    assert density_peaks(np.zeros((500, 2))).n_peaks == 1


@pytest.mark.parametrize("n", [50, 500, 20_000])
def test_valley_pvalue_keeps_its_level_for_the_flattest_peak(n):
    columns = np.sort(np.random.default_rng(0).uniform(size=(n, 200)), axis=0)
    pvalues = valley_pvalue(valley_depth(columns), n, np.random.RandomState(0))
    for level in (0.01, 0.1):
        assert (pvalues < level).sum() <= stats.binom.isf(0.001, 200, level)


@pytest.mark.parametrize(
    "draw", [stats.norm, stats.t(3), stats.expon, stats.laplace, stats.gamma(2)]
)
def test_a_single_peak_has_no_valley(draw):
    columns = np.sort(draw.rvs(size=(1_000, 50), random_state=0), axis=0)
    pvalues = valley_pvalue(valley_depth(columns), 1_000, np.random.RandomState(0))
    assert (pvalues < 0.01).sum() <= stats.binom.isf(0.001, 50, 0.01)


def test_depth_of_a_known_valley():
    # Density 2, 1, 2 on three stretches of length 1, 1, 1: ratio 2.
    quantiles = np.interp((np.arange(100_000) + 0.5) / 1e5, [0, 0.4, 0.6, 1], [0, 1, 2, 3])
    column = quantiles[:, None]
    assert valley_depth(column)[0] == pytest.approx(2, rel=0.05)
    assert valley_depth(1e-9 * column + 5)[0] == pytest.approx(2, rel=0.05)
    assert valley_share(quantiles) == pytest.approx(0.5, abs=0.1)


def test_ties_are_no_error():
    column = np.sort(np.maximum(np.random.default_rng(0).normal(size=(1_000, 1)), 0), axis=0)
    assert np.isfinite(valley_depth(column)).all()


def test_separating_directions_find_the_line_between_clouds():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(1_000, 6)) + np.outer(rng.choice([-6, 6], 1_000), [0, 0, 3, 4, 0, 0])
    direction = separating_directions(points, 2, np.random.RandomState(0))[:, 0]
    cosine = abs(direction @ [0, 0, 0.6, 0.8, 0, 0]) / np.linalg.norm(direction)
    assert cosine > 0.99


def test_valleys_of_two_clouds(rng):
    x = rng.normal(size=1_000)
    columns = np.sort(np.c_[x, x + 9 * np.sign(x)], axis=0)
    assert (valley_depth(columns) > 3).tolist() == [False, True]
    pvalues = valley_pvalue(np.array([1.0, 9.0]), 1_000, np.random.RandomState(0))
    assert pvalues.tolist() == [1.0, 1e-4]
    line = np.linspace(0, 1, 100)
    assert valley_share(np.r_[line[:25], line[25:] + 3]) == pytest.approx(0.25, abs=0.06)


def test_joining_directions_go_from_cloud_to_cloud(rng):
    points = rng.normal(size=(500, 3))
    points[:250, 1] += 30
    white = (points - points.mean(axis=0)) / points.std(axis=0)
    found = joining_directions(
        white, np.array([1, 9, 1]), np.eye(3), np.ones(3), np.random.RandomState(0)
    )
    assert [int(np.abs(direction).argmax()) for direction in found] == [1, 1, 1]
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
