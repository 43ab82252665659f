"""Statistics of normality against definitions, scipy and closed forms."""

import numpy as np
import pytest
from scipy import stats

from sklatent._normality.columns import (
    KURTOSIS_TOLERANCE,
    SKEWNESS_TOLERANCE,
    column_shapes,
    lilliefors_pvalue,
)
from sklatent._normality.distances import distance_gap, distance_gap_pvalue, tail_degrees_of_freedom
from sklatent._normality.mardia import (
    kurtosis_tolerance,
    mardia_kurtosis,
    mardia_skewness,
    skewness_subsample,
)
from sklatent._normality.two_sample import whiten_own


def white(n, d, seed=0):
    return whiten_own(np.random.default_rng(seed).normal(size=(n, d)))


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


@pytest.mark.parametrize(("n", "d"), [(40, 3), (30, 8)])
def test_mardia_equals_its_definition(n, d):
    points = white(n, d)
    products = points @ points.T
    skewness = mardia_skewness(points)[0]
    assert skewness == pytest.approx((products**3).mean(), rel=1e-10)
    kurtosis = mardia_kurtosis(np.diag(products), d)[0]
    assert kurtosis == pytest.approx((np.diag(products) ** 2).mean(), rel=1e-12)


def test_mardia_in_one_dimension_is_skewness_squared_and_kurtosis():
    points = whiten_own(np.random.default_rng(1).gamma(2.0, size=(300, 1)))
    assert mardia_skewness(points)[0] == pytest.approx(stats.skew(points[:, 0]) ** 2)
    kurtosis = mardia_kurtosis(points[:, 0] ** 2, 1)[0]
    assert kurtosis == pytest.approx(stats.kurtosis(points[:, 0], fisher=False))


def test_mardia_does_not_depend_on_affine_maps(rng):
    points = rng.exponential(size=(200, 4))
    moved = points @ rng.normal(size=(4, 4)) + 7
    one, two = whiten_own(points), whiten_own(moved)
    np.testing.assert_allclose(mardia_skewness(one), mardia_skewness(two), rtol=1e-8, atol=1e-200)
    squared = [np.square(points).sum(axis=1) for points in (one, two)]
    np.testing.assert_allclose(*squared, rtol=1e-8)


@pytest.mark.parametrize(("n", "d"), [(60, 2), (100, 10), (60, 20)])
def test_mardia_pvalues_keep_their_level(n, d):
    kurtosis, skewness = [], []
    for seed in range(400):
        points = white(n, d, seed)
        kurtosis.append(mardia_kurtosis(np.square(points).sum(axis=1), d)[2])
        skewness.append(mardia_skewness(points)[2])
    for pvalues in (kurtosis, skewness):
        # More than the 99.9 % quantile of Binomial(400, level) would be too many.
        for level in (0.01, 0.05):
            assert (np.array(pvalues) < level).sum() <= stats.binom.isf(0.001, 400, level)


def test_kurtosis_effect_of_a_multivariate_t():
    # 2 / (nu - 4): a third for nu = 10; its eighth moment exists, so the mean settles.
    rng = np.random.default_rng(2)
    radii = 4 * rng.f(4, 10, 400_000)
    effect = mardia_kurtosis(radii * 4 / radii.mean(), 4)[1]
    assert effect == pytest.approx(1 / 3, abs=0.03)


@pytest.mark.parametrize("d", [2, 20, 200])
def test_kurtosis_tolerance_moves_five_points_of_a_hundred(d):
    theta = kurtosis_tolerance(d) / 8

    def share(r):
        polynomial = r**2 - 2 * (d + 2) * r + d * (d + 2)
        return 0.5 * theta * abs(polynomial) * stats.chi2.pdf(r, d)

    grid = np.linspace(1e-6, d + 40 + 12 * np.sqrt(2 * d), 400_001)
    assert np.trapezoid(share(grid), grid) == pytest.approx(0.05, rel=0.02)


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
    assert 3 * kurtosis_tolerance(1) == pytest.approx(0.86, abs=0.005)


@pytest.mark.parametrize(("n", "d"), [(100, 2), (100, 20)])
def test_gap_pvalue_keeps_its_level(n, d):
    reference = stats.beta(d / 2, (n - d - 1) / 2, scale=n - 1)
    random_state, pvalues = np.random.RandomState(0), []
    for seed in range(150):
        gap, _ = distance_gap(np.square(white(n, d, seed)).sum(axis=1), reference)
        pvalues.append(distance_gap_pvalue(gap, n, d, random_state))
    for level in (0.01, 0.1):
        assert (np.array(pvalues) < level).sum() <= stats.binom.isf(0.001, 150, level)
    assert np.mean(pvalues) == pytest.approx(0.5, abs=0.1)


def test_distance_gap_of_known_distributions():
    quantiles = stats.chi2(3).ppf((np.arange(10_000) + 0.5) / 10_000)
    gap, wasserstein = distance_gap(quantiles, stats.chi2(3))
    assert gap == pytest.approx(5e-5, rel=1e-6)
    assert wasserstein == pytest.approx(0, abs=1e-12)
    gap, wasserstein = distance_gap(quantiles + np.sqrt(6), stats.chi2(3))
    assert wasserstein == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize(("nu", "d"), [(3, 2), (5, 20)])
def test_tail_degrees_of_freedom(nu, d):
    radii = np.random.default_rng(0).f(d, nu, 20_000) * 17.0
    assert tail_degrees_of_freedom(radii, d) == pytest.approx(nu, rel=0.1)
    normal = np.random.default_rng(0).chisquare(d, 20_000)
    assert tail_degrees_of_freedom(normal, d) > 50


def test_skewness_subsample_never_takes_more_than_there_are():
    assert skewness_subsample(500, 200) == 500
    assert skewness_subsample(10**6, 2000) >= 4000
