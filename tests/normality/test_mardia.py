"""Mardia's statistics against their definitions."""

import numpy as np
import pytest
from scipy import stats

from sklatent._normality.mardia import (
    direction_pvalue,
    kurtosis_tolerance,
    mardia_kurtosis,
    mardia_skewness,
    skewness_share,
    skewness_subsample,
)
from sklatent._normality.two_sample import whiten_own


def white(n, d, seed=0):
    return whiten_own(np.random.default_rng(seed).normal(size=(n, d)))


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


def test_skewness_subsample_never_takes_more_than_there_are():
    assert skewness_subsample(500, 200) == 500
    assert skewness_subsample(10**6, 2000) >= 4000


def test_skewness_subsample_takes_the_stated_work():
    assert skewness_subsample(170_000, 20) == 170_000
    assert skewness_subsample(170_000, 200) == 22_360


def test_known_kurtosis_and_skewness():
    assert mardia_kurtosis(np.full(1_000, 2.0), 2)[1] == pytest.approx(-0.5, abs=0.01)
    points = np.array([[1.0], [1.0], [-2.0]]) / np.sqrt(2)
    assert mardia_skewness(points)[0] == pytest.approx(0.5)


def test_tolerance_of_the_kurtosis_in_one_component():
    # Excess kurtosis is three times the effect, of which 0.86 is tolerated.
    assert 3 * kurtosis_tolerance(1) == pytest.approx(0.86, abs=0.005)


def test_independent_skewed_columns_lean_and_signs_in_threes_do_not(rng):
    skewed = whiten_own(rng.exponential(size=(5_000, 2)))
    assert skewness_share(skewed) == pytest.approx(1, abs=0.05)
    points = rng.normal(size=(5_000, 3))
    points[:, 2] = np.abs(points[:, 2]) * np.sign(points[:, 0] * points[:, 1])
    assert skewness_share(whiten_own(points)) < 0.1


def test_directions_tell_elliptic_from_independent_columns(rng):
    assert direction_pvalue(rng.laplace(size=(2_000, 3))) < 0.001
    assert direction_pvalue(rng.uniform(-1, 1, size=(2_000, 3))) < 0.001
    elliptic = rng.normal(size=(2_000, 3)) / np.sqrt(rng.chisquare(3, (2_000, 1)))
    assert direction_pvalue(elliptic) > 0.001
    assert direction_pvalue(rng.laplace(size=(20, 1))) == 1
