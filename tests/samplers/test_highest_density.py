"""Densities restricted to where they are highest."""

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import KernelDensity

from sklatent.samplers import BoxSampler, EllipseSampler, HighestDensity, IntervalSampler


def test_highest_density_holds_its_share(rng):
    Z = rng.normal(size=(5000, 3))
    sampler = HighestDensity(keep=0.5, random_state=0).fit(Z)
    squared = sampler.sampler_.mahalanobis_squared(sampler.sample(5000, random_state=0))
    # The median of chi-squared; the share inside has a standard error of 0.005.
    low, high = stats.chi2.ppf([0.475, 0.525], 3)
    assert low < squared.max() < high
    # Inside, distances are those of the normal distribution, cut off.
    share = stats.chi2.cdf(squared, 3) / stats.chi2.cdf(squared.max(), 3)
    assert stats.kstest(share, "uniform").pvalue > 1e-3
    inside = sampler.score_samples(np.zeros((1, 3))) - sampler.sampler_.score_samples(
        np.zeros((1, 3))
    )
    np.testing.assert_allclose(inside, np.log(2))
    assert sampler.score_samples([[9.0, 9.0, 9.0]])[0] == -np.inf
    whole = HighestDensity(KernelDensity(), keep=1.0, n_reference=200, random_state=0)
    assert whole.fit(Z[:400, :2]).sample(7, random_state=0).shape == (7, 2)
    assert whole.threshold_ == -np.inf


@pytest.mark.parametrize("uniform", [BoxSampler(2.0), IntervalSampler(), EllipseSampler()])
def test_a_uniform_distribution_is_kept_whole(uniform, rng):
    Z = rng.normal(size=(500, 2))
    sampler = HighestDensity(uniform, keep=0.5, random_state=0).fit(Z)
    assert sampler.share_ == 1
    np.testing.assert_allclose(sampler.score_samples(Z), sampler.sampler_.score_samples(Z))
