"""Independent components within intervals."""

import numpy as np
import pytest
from scipy import stats

from sklatent.samplers import IntervalSampler

N = 20_000


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_intervals_hold_independent_components(rng, distribution):
    Z = rng.multivariate_normal([5.0, -1.0], [[4.0, 1.8], [1.8, 1.0]], 5000)
    sampler = IntervalSampler(distribution, n_std=1.5).fit(Z)
    np.testing.assert_allclose(sampler.std_, Z.std(axis=0))
    np.testing.assert_allclose(sampler.intervals_[:, 1], Z.mean(axis=0) + 1.5 * Z.std(axis=0))
    points = sampler.sample(N, random_state=0)
    standard = (points - sampler.mean_) / sampler.std_
    law = stats.uniform(-1.5, 3) if distribution == "uniform" else stats.truncnorm(-1.5, 1.5)
    for x in standard.T:
        assert stats.kstest(x, law.cdf).pvalue > 1e-3
    # Correlation 0.9 is lost: five standard errors of none.
    assert abs(np.corrcoef(points.T)[0, 1]) < 5 / np.sqrt(N)
    expected = law.logpdf(standard).sum(axis=1) - np.log(sampler.std_).sum()
    np.testing.assert_allclose(sampler.score_samples(points), expected)
    assert sampler.score_samples(Z[:1] + 100)[0] == -np.inf


def test_coverage_gives_the_length_of_intervals(rng):
    sampler = IntervalSampler(coverage=0.9973002).fit(rng.normal(size=(50, 2)))
    assert sampler.n_std_ == pytest.approx(3.0, abs=1e-4)
