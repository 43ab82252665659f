"""Ellipses and shells: exactness, mixing, volumes."""

import warnings

import numpy as np
import pytest
from scipy import integrate, special, stats
from sklearn.exceptions import ConvergenceWarning

from sklatent import LatentGaussianModel
from sklatent.samplers import EllipseSampler, ShellSampler, log_volume_ratio
from sklatent.samplers._chain_diagnostics import autocorrelation_time, measure_mixing, split_r_hat
from sklatent.samplers._ellipse_body import (
    draw_normal_in_body,
    draw_uniform_in_body,
    log_body_probability,
    log_body_volume,
    pair_radius,
)
from sklatent.samplers._gibbs import gibbs_sweep, pair_distances

N = 20_000


def by_rejection(d, n_std, normal, rng, size=400_000):
    shape = (size, d)
    proposals = rng.standard_normal(shape) if normal else rng.uniform(-n_std, n_std, shape)
    inside = pair_radius(proposals) <= n_std
    return proposals[inside], inside.mean()


@pytest.mark.parametrize("d", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("normal", [False, True])
def test_draws_in_the_body_are_those_of_rejection(rng, d, normal):
    draw = draw_normal_in_body if normal else draw_uniform_in_body
    exact = draw(N, d, 1.8, rng)
    assert pair_radius(exact).max() <= 1.8 * (1 + 1e-12)
    proposals, share = by_rejection(d, 1.8, normal, rng)
    # One coordinate, the radius, the two largest and the sum tell the distributions apart.
    for statistic in (
        lambda Y: Y[:, 0],
        lambda Y: np.linalg.norm(Y, axis=1),
        lambda Y: np.abs(Y).max(axis=1),
        pair_radius,
        lambda Y: Y.sum(axis=1),
    ):
        assert stats.ks_2samp(statistic(exact), statistic(proposals[:N])).pvalue > 1e-3
    # The share that rejection accepts is the probability, or the volume over that of the box.
    closed = log_body_probability(d, 1.8) if normal else log_body_volume(d, 1.8) - d * np.log(3.6)
    error = np.sqrt(share * (1 - share) / 400_000)
    assert abs(np.exp(closed) - share) < 5 * error + 1e-12


@pytest.mark.parametrize("d", [2, 10, 200, 1200])
def test_volume_and_probability_are_those_of_the_formulas(d):
    # A = 2^(-d/2) and B = d * integral of (1 - m^2)^((d-1)/2), in units of (2n)^d.
    scale = 2.0 ** (0.5 * (d - 1))
    large = integrate.quad(
        lambda m: scale * (1 - m * m) ** ((d - 1) / 2), np.sqrt(0.5), 1, points=[0.71, 0.75]
    )[0]
    parts = np.log1p(np.sqrt(2) * d * large) - 0.5 * d * np.log(2)
    assert log_body_volume(d, 3.0) == pytest.approx(parts + d * np.log(6.0), rel=1e-8)
    if d == 2:
        assert log_body_probability(2, 2.5) == pytest.approx(np.log1p(-np.exp(-3.125)), rel=1e-9)
    assert log_body_probability(d, 50.0) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("n_std", "share"), [(3.0, 0.0018), (3.5, 0.110), (4.0, 0.543), (5, 0.983)]
)
def test_shares_of_normal_points_inside_in_200_dimensions(rng, n_std, share):
    assert np.exp(log_body_probability(200, n_std)) == pytest.approx(share, rel=0.01)
    drawn = np.mean(pair_radius(rng.standard_normal((N, 200))) <= n_std)
    error = np.sqrt(share * (1 - share) / N)
    assert abs(drawn - np.exp(log_body_probability(200, n_std))) < 5 * error


@pytest.mark.parametrize(("n_std", "radius"), [(3.0, 17.3), (np.sqrt(6), 14.1), (2.0, 11.5)])
def test_radii_of_uniform_points_in_200_dimensions(rng, n_std, radius):
    points = draw_uniform_in_body(2000, 200, n_std, rng)
    assert np.linalg.norm(points, axis=1).mean() == pytest.approx(radius, abs=0.06)


def test_draws_stay_exact_where_rejection_is_hopeless(rng):
    # Gibbs in whitened coordinates has the same stationary distribution: compare in 60 dimensions.
    d, n_std = 60, 2.0
    assert log_body_probability(d, n_std) < np.log(1e-4)
    exact = draw_normal_in_body(4000, d, n_std, rng)
    chains = draw_normal_in_body(4000, d, n_std, rng)[::-1].copy()
    for _ in range(3):
        gibbs_sweep(chains, np.eye(d), n_std, rng, np.eye(d))
    for statistic in (pair_radius, lambda Y: np.linalg.norm(Y, axis=1)):
        assert stats.ks_2samp(statistic(exact), statistic(chains)).pvalue > 1e-3


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


def test_mixing_of_autoregressive_chains(rng):
    # x_t = a x_{t-1} + e_t has the autocorrelation time (1 + a) / (1 - a).
    draws = np.zeros((4000, 8, 2))
    coefficient = np.array([0.5, 0.8])
    for t in range(1, 4000):
        draws[t] = coefficient * draws[t - 1] + rng.normal(size=(8, 2))
    np.testing.assert_allclose(autocorrelation_time(draws), [3.0, 9.0], rtol=0.15)
    assert measure_mixing(draws).autocorrelation_time == pytest.approx(9.0, rel=0.15)
    np.testing.assert_allclose(split_r_hat(draws), 1.0, atol=0.01)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        still = np.concatenate([draws, np.zeros((4000, 8, 1))], axis=2)
        assert measure_mixing(still).r_hat < 1.02


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


def test_volume_ratios_are_those_of_rejection(rng):
    covariance = np.array([[1.0, 0.6, 0], [0.6, 1.0, 0.2], [0, 0.2, 0.5]])
    ratio = log_volume_ratio(covariance, 4.0, coverage=0.9)
    points = rng.uniform(-4, 4, (400_000, 3))
    squared = np.einsum("ij,ij->i", points, np.linalg.solve(covariance, points.T).T)
    share = np.mean(squared <= stats.chi2.ppf(0.9, 3))
    assert np.exp(ratio) == pytest.approx(share, abs=5 * np.sqrt(share / 400_000))
    positive = log_volume_ratio(covariance, 4.0, coverage=0.9, signed=False)
    assert positive == pytest.approx(ratio + 3 * np.log(2))
    # In 200 dimensions: a ball of radius D over a cube.
    expected = 100 * np.log(np.pi * stats.chi2.ppf(0.95, 200)) - special.gammaln(101)
    assert log_volume_ratio(np.eye(200), 5.0) == pytest.approx(expected - 200 * np.log(10))
    assert log_volume_ratio(np.zeros((2, 2)), 1.0) == -np.inf
    with pytest.raises(ValueError, match="covariance must be a square matrix"):
        log_volume_ratio(np.zeros((2, 3)), 1.0)
    with pytest.raises(ValueError, match="covariance must be symmetric"):
        log_volume_ratio(np.triu(np.ones((2, 2))), 1.0)
    with pytest.raises(
        ValueError, match="covariance must have no negative eigenvalue; got one of -1"
    ):
        log_volume_ratio(np.diag([1.0, -1.0, -1.0]), 1.0)
    with pytest.raises(TypeError, match="covariance must hold numbers"):
        log_volume_ratio(object(), 1.0)
    with pytest.raises(ValueError, match="coverage must be"):
        log_volume_ratio(np.eye(2), 1.0, coverage=1.0)
