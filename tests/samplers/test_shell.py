"""Shells and spheres."""

import numpy as np
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent.samplers import ShellSampler

N = 20_000


def test_shells_cut_the_distances_of_a_normal(rng):
    Z = rng.normal(size=(3000, 6)) @ rng.normal(size=(6, 6)) + 3.0
    sampler = ShellSampler(quantiles=(0.3, 0.6)).fit(Z)
    points = sampler.sample(N, random_state=0)
    squared = sampler.model_.mahalanobis_squared(points)
    share = (stats.chi2.cdf(squared, 6) - 0.3) / 0.3
    assert stats.kstest(share, "uniform").pvalue > 1e-3
    white = sampler.model_.transform(points)
    directions = white / np.linalg.norm(white, axis=1, keepdims=True)
    # A squared coordinate of a uniform direction is beta-distributed.
    assert stats.kstest(directions[:, 0] ** 2, stats.beta(0.5, 2.5).cdf).pvalue > 1e-3
    assert np.all(np.abs(directions.mean(axis=0)) < 5 / np.sqrt(6 * N))
    heights = sampler.model_.score_samples(points) - np.log(0.3)
    np.testing.assert_allclose(sampler.score_samples(points), heights)
    assert sampler.score_samples(sampler.model_.mean_[None])[0] == -np.inf


def test_the_whole_shell_is_the_normal_distribution(rng):
    Z = rng.normal(size=(2000, 3)) @ rng.normal(size=(3, 3))
    sampler = ShellSampler(quantiles=(0.0, 1.0)).fit(Z)
    np.testing.assert_allclose(
        sampler.score_samples(Z), LatentGaussianModel().fit(Z).score_samples(Z)
    )
    drawn = sampler.model_.transform(sampler.sample(N, random_state=0))
    assert stats.kstest(drawn[:, 1], "norm").pvalue > 1e-3


def test_spheres_have_the_radius_of_a_standard_normal(rng):
    points = ShellSampler("sphere").fit(np.full((1, 256), 7.0)).sample(100, random_state=0)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 16.0)
    sampler = ShellSampler("sphere", radius=2.5).fit(np.zeros((1, 3)))
    points = sampler.sample(N, random_state=0)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 2.5)
    # Archimedes: each coordinate of a sphere in three dimensions is uniform.
    assert stats.kstest(points[:, 2], stats.uniform(-2.5, 5).cdf).pvalue > 1e-3
