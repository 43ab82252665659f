"""Training points with noise."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.neighbors import KernelDensity

from sklatent.samplers import KernelSampler

N = 20_000


@pytest.mark.parametrize("bandwidth", [0.05, 0.3, 1.5])
def test_a_kernel_density_is_that_of_its_formula(rng, bandwidth):
    Z = rng.normal(size=(700, 3)) @ rng.normal(size=(3, 3))
    sampler = KernelSampler(bandwidth=bandwidth).fit(Z)
    white = sampler.model_.transform(Z)
    held = rng.normal(size=(1500, 3))
    at = sampler.model_.transform(held)
    squared = cdist(at, white, "sqeuclidean")
    expected = logsumexp(-0.5 * squared / bandwidth**2, axis=1) - np.log(700)
    expected -= 3 * np.log(bandwidth * np.sqrt(2 * np.pi))
    # scikit-learn's is off by much where the density is small.
    theirs = KernelDensity(bandwidth=bandwidth).fit(white).score_samples(at)
    dense = expected > -8
    np.testing.assert_allclose(theirs[dense], expected[dense], atol=0.01)
    expected -= 0.5 * np.linalg.slogdet(sampler.model_.covariance_)[1]
    np.testing.assert_allclose(sampler.score_samples(held), expected, rtol=1e-6)
    # A draw is a training point plus noise: its covariance is (1 + h^2) that of the points.
    drawn = sampler.sample(N, random_state=0)
    ratio = np.trace(np.linalg.solve(np.cov(Z.T, bias=True), np.cov(drawn.T))) / 3
    assert ratio == pytest.approx(1 + bandwidth**2, rel=5 * np.sqrt(2 / (3 * N)) * 2)


@pytest.mark.parametrize("covariance", ["full", "local"])
def test_the_bandwidth_is_chosen_by_held_out_points(rng, covariance):
    Z = np.concatenate([rng.normal(-5, 1, (1000, 2)), rng.normal(5, 1, (1000, 2))])
    sampler = KernelSampler(covariance, random_state=0).fit(Z)
    assert sampler.held_out_scores_[sampler.bandwidth_] == max(sampler.held_out_scores_.values())
    fresh = np.concatenate([rng.normal(-5, 1, (200, 2)), rng.normal(5, 1, (200, 2))])
    scores = [
        KernelSampler(covariance, bandwidth=factor * sampler.bandwidth_).fit(Z).score(fresh)
        for factor in (0.25, 1.0, 4.0)
    ]
    assert scores[1] == max(scores)


def test_repeated_points_have_a_smallest_bandwidth():
    Z = np.repeat([[0.0, 1.0], [2.0, 5.0], [3.0, 3.0]], 20, axis=0)
    for covariance in ("full", "local"):
        sampler = KernelSampler(covariance, random_state=0).fit(Z)
        assert np.isfinite(sampler.score_samples(Z)).all()
        assert np.isfinite(sampler.sample(10, random_state=0)).all()
