"""Squared distances against their distribution under a normal."""

import numpy as np
import pytest
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent._normality.distances import (
    distance_gap,
    distance_gap_pvalue,
    reference_distribution,
    tail_degrees_of_freedom,
)
from sklatent._normality.two_sample import whiten_own


def white(n, d, seed=0):
    return whiten_own(np.random.default_rng(seed).normal(size=(n, d)))


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


def test_reference_distributions_of_squared_distances():
    rng, n, d = np.random.default_rng(0), 12, 4
    own, new = [], []
    for _ in range(1_000):
        model = LatentGaussianModel().fit(Z := rng.normal(size=(n, d)))
        own.append(model.mahalanobis_squared(Z[:1])[0])
        new.append(model.mahalanobis_squared(rng.normal(size=(1, d)))[0])
    assert stats.kstest(own, reference_distribution(d, n, True).cdf).pvalue > 0.001
    assert stats.kstest(new, reference_distribution(d, n, False).cdf).pvalue > 0.001
    assert reference_distribution(d, 10**7, False).ppf(0.9) == pytest.approx(
        stats.chi2(d).ppf(0.9), rel=1e-5
    )


def test_equal_points_are_as_far_off_as_can_be():
    gap, wasserstein = distance_gap(np.zeros(10), stats.chi2(2))
    assert gap == 1
    # The mean of the quantiles, close to 2, over a standard deviation of 2.
    assert wasserstein == pytest.approx(1, abs=0.05)
    assert distance_gap_pvalue(0.5, 1_000, 2, np.random.RandomState(0)) == 0.001
    assert np.isnan(tail_degrees_of_freedom(np.zeros(10), 2))


def test_the_mean_squared_distance_of_training_points_is_the_rank():
    assert reference_distribution(3, 50, True).mean() == pytest.approx(3, rel=1e-12)
    assert reference_distribution(3, 4, True).dist.name == "chi2"
