"""Shape of single columns against definitions and scipy."""

import numpy as np
import pytest
from scipy import stats

from sklatent._normality.columns import (
    KURTOSIS_TOLERANCE,
    SKEWNESS_TOLERANCE,
    column_shapes,
    largest_gap,
    lilliefors_pvalue,
)


def test_column_shapes_equal_scipys():
    columns = np.sort(np.random.default_rng(0).gamma(3.0, size=(200, 3)), axis=0) * [1e-9, 1, 1e9]
    shapes = column_shapes(columns)
    np.testing.assert_allclose(shapes.skewness, stats.skew(columns), rtol=1e-10)
    np.testing.assert_allclose(shapes.excess_kurtosis, stats.kurtosis(columns), rtol=1e-10)
    for j in range(3):
        fitted = stats.norm(columns[:, j].mean(), columns[:, j].std())
        expected = stats.kstest(columns[:, j], fitted.cdf).statistic
        assert shapes.ks_distance[j] == pytest.approx(expected, rel=1e-10)
    assert (shapes.pvalue < 0.001).all()
    assert np.isnan(column_shapes(columns[:10]).pvalue).all()


def test_largest_gap_of_each_column(rng):
    columns = np.sort(rng.uniform(size=(50, 3)), axis=0)
    expected = [stats.kstest(column, "uniform").statistic for column in columns.T]
    np.testing.assert_allclose(largest_gap(columns), expected, rtol=1e-12)
    assert largest_gap(columns[:, 1]) == largest_gap(columns)[1]
    assert largest_gap(np.array([0.5])) == 0.5


def test_lilliefors_percent_points_are_those_published():
    # Stephens 1974, table 1A: upper tail points of the modified statistic.
    for level, point in ((0.15, 0.775), (0.10, 0.819), (0.05, 0.895), (0.01, 1.035)):
        distance = point / (np.sqrt(500) - 0.01 + 0.85 / np.sqrt(500))
        assert lilliefors_pvalue(distance, 500) == pytest.approx(level, rel=0.25)


def test_lilliefors_pvalue_equals_scipys_monte_carlo():
    points = np.random.default_rng(4).gamma(20.0, size=60)
    test = stats.goodness_of_fit(
        stats.norm, points, statistic="ks", n_mc_samples=1999, rng=np.random.default_rng(0)
    )
    fitted = stats.norm(points.mean(), points.std(ddof=1))
    distance = stats.kstest(points, fitted.cdf).statistic
    found = lilliefors_pvalue(distance, 60)
    error = np.sqrt(test.pvalue * (1 - test.pvalue) / 1999)
    assert found == pytest.approx(test.pvalue, abs=4 * error + 0.01)


def test_critical_distance_at_170_000_points():
    # 1.358 / sqrt(n) is for a known normal; estimating two parameters makes it smaller.
    n = 170_000
    assert stats.kstwo.isf(0.05, n) == pytest.approx(0.0033, abs=5e-5)
    assert lilliefors_pvalue(0.0033, n) < 0.001
    assert lilliefors_pvalue(0.0022, n) == pytest.approx(0.05, abs=0.01)


def test_tolerances_of_one_component():
    # E|H3| and E|H4| under a normal, by quadrature, for densities with that term alone.
    grid = np.linspace(-12, 12, 200_001)
    for degree, factorial, tolerance in (
        (3, 6, SKEWNESS_TOLERANCE),
        (4, 24, KURTOSIS_TOLERANCE),
    ):
        polynomial = np.polynomial.hermite_e.hermeval(grid, np.eye(degree + 1)[degree])
        mean = np.trapezoid(np.abs(polynomial) * stats.norm.pdf(grid), grid)
        assert tolerance / factorial * mean / 2 == pytest.approx(0.05, rel=0.02)
