"""Points inside all pairwise ellipses."""

import numpy as np
import pytest
from scipy import stats
from sklearn.exceptions import ConvergenceWarning

from sklatent import LatentGaussianModel
from sklatent.samplers import EllipseSampler
from sklatent.samplers._ellipse_body import log_body_probability, pair_radius
from sklatent.samplers._gibbs import pair_distances

N = 20_000


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_the_share_inside_is_calibrated(rng, distribution):
    Z = rng.multivariate_normal(np.zeros(3), [[1, 0.8, 0], [0.8, 1, 0], [0, 0, 9.0]], 5000)
    sampler = EllipseSampler(distribution, share=0.8).fit(Z)
    assert sampler.share_inside_ == pytest.approx(0.8, abs=2e-4)
    # Normal points: the nominal share agrees within five standard errors.
    assert abs(sampler.nominal_share_ - 0.8) < 5 * np.sqrt(0.16 / 5000)
    white = sampler.model_.transform(sampler.sample(3000, random_state=0))
    assert pair_radius(white).max() <= sampler.n_std_ * (1 + 1e-9)
    assert EllipseSampler().fit(Z).share_inside_ == pytest.approx(0.95, abs=3e-4)
    assert EllipseSampler(n_std=2.0).fit(Z).n_std_ == 2.0


def test_the_normal_density_is_cut_off(rng):
    Z = rng.normal(size=(500, 4))
    sampler = EllipseSampler("normal", n_std=2.0).fit(Z)
    model = LatentGaussianModel().fit(Z)
    expected = model.score_samples(Z) - log_body_probability(4, 2.0)
    outside = pair_radius(model.transform(Z)) > 2.0
    np.testing.assert_allclose(sampler.score_samples(Z), np.where(outside, -np.inf, expected))
    cool = EllipseSampler("normal", n_std=2.0, temperature=0.5).fit(Z)
    points = model.transform(cool.sample(N, random_state=0))
    proposals = 0.5 * rng.standard_normal((100_000, 4))
    proposals = proposals[pair_radius(proposals) <= 2.0][:N]
    assert stats.ks_2samp(pair_radius(points), pair_radius(proposals)).pvalue > 1e-3


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_gibbs_in_original_coordinates_matches_rejection(rng, distribution):
    correlation = np.array([[1, 0.6, -0.3], [0.6, 1, 0.2], [-0.3, 0.2, 1]])
    std, mean = np.array([1.0, 3.0, 0.2]), np.array([5.0, 0.0, -1.0])
    Z = rng.multivariate_normal(mean, correlation * std * std[:, None], 3000)
    sampler = EllipseSampler(distribution, coordinates="original", n_std=2.0, random_state=0)
    sampler.fit(Z)
    mixing = sampler.mixing_
    assert mixing.r_hat < 1.03
    assert 1 <= mixing.autocorrelation_time < 20
    assert mixing.effective_sample_size == pytest.approx(
        mixing.n_chains * mixing.n_sweeps / mixing.autocorrelation_time
    )
    model = sampler.model_
    drawn = (sampler.sample(4000, random_state=1) - model.mean_) / model.std_
    assert pair_distances(drawn, model.correlation_).max() <= 2.0 * (1 + 1e-9)
    if distribution == "uniform":
        proposals = rng.uniform(-2, 2, (100_000, 3))
    else:
        proposals = rng.multivariate_normal(np.zeros(3), model.correlation_, 100_000)
    proposals = proposals[pair_distances(proposals, model.correlation_) <= 2.0]
    # Draws of one chain depend on each other a little: take a quarter of those of 256 chains.
    independent = drawn[:1000]
    for statistic in (
        lambda S: S[:, 0],
        lambda S: S[:, 2],
        lambda S: S[:, 0] * S[:, 1],
        lambda S: np.linalg.norm(S, axis=1),
    ):
        assert stats.ks_2samp(statistic(independent), statistic(proposals)).pvalue > 1e-3


def test_all_pairs_can_lie_inside_far_from_the_distribution():
    correlation = np.full((3, 3), -0.49) + 1.49 * np.eye(3)
    # (s, s, s) has a pairwise distance of s sqrt(2 / 0.51) and a joint one of s^2 3 / 0.02.
    s = np.full((1, 3), 1.0)
    assert pair_distances(s, correlation)[0] == pytest.approx(np.sqrt(2 / 0.51))
    assert pair_distances(s, correlation)[0] < 2
    assert (s @ np.linalg.solve(correlation, s.T)).item() == pytest.approx(150.0)
    Z = np.random.default_rng(0).multivariate_normal(np.zeros(3), correlation, 2000)
    sampler = EllipseSampler(coordinates="original", n_std=2.0, n_sweeps=300, random_state=0)
    drawn = sampler.fit(Z).sample(2000, random_state=0)
    squared = sampler.model_.mahalanobis_squared(drawn)
    # Normal points have 3 on average.
    assert squared.mean() > 15
    assert squared.max() > 80


def test_pairs_are_one_component_or_two(rng):
    S = rng.normal(size=(5, 1))
    np.testing.assert_allclose(pair_distances(S, np.eye(1)), np.abs(S[:, 0]))
    sampler = EllipseSampler(coordinates="original", n_std=1.0, n_sweeps=50, random_state=0)
    Z = rng.normal(3.0, 2.0, (500, 1))
    drawn = sampler.fit(Z).sample(2000, random_state=0)[:, 0]
    law = stats.uniform(Z.mean() - Z.std(), 2 * Z.std())
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-3


def test_original_coordinates_want_full_rank(rng):
    x = rng.normal(size=(50, 1))
    with pytest.raises(ValueError, match="coordinates='original' needs a covariance of full rank"):
        EllipseSampler(coordinates="original").fit(np.hstack([x, x]))


def test_chains_that_do_not_mix_warn():
    correlation = [[1, 0.99999], [0.99999, 1]]
    Z = np.random.default_rng(0).multivariate_normal([0, 0], correlation, 500)
    sampler = EllipseSampler(coordinates="original", n_std=2.0, n_sweeps=20, random_state=0)
    with pytest.warns(ConvergenceWarning, match="R-hat"):
        sampler.fit(Z)
    assert sampler.mixing_.autocorrelation_time > 5
