"""Gaussian mixtures, and the choice of the number of components."""

import warnings

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from sklatent.samplers import MixtureSampler

N = 20_000


def _full_precisions(mixture, kind):
    precisions = mixture.precisions_
    if kind == "full":
        return precisions
    if kind == "tied":
        return np.tile(precisions, (3, 1, 1))
    return np.array([np.eye(3) * p for p in precisions])


@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_mixtures_draw_what_they_score(rng, kind):
    centres = np.array([[-4.0, 0.0, 1.0], [4.0, 0.0, 0.0], [0.0, 6.0, -2.0]])
    Z = centres[rng.choice(3, size=3000, p=[0.5, 0.3, 0.2])] + rng.normal(size=(3000, 3))
    sampler = MixtureSampler(3, covariance_type=kind, random_state=0).fit(Z)
    white = sampler.model_.transform(Z)
    log_slope = 0.5 * np.linalg.slogdet(sampler.model_.covariance_)[1]
    expected = sampler.mixture_.score_samples(white) - log_slope
    np.testing.assert_allclose(sampler.score_samples(Z), expected)
    # Weights, means and covariances of the draws are those of the mixture: five standard errors.
    drawn = sampler.sample(N, random_state=0)
    label = sampler.mixture_.predict(sampler.model_.transform(drawn))
    for k in range(3):
        share, weight = np.mean(label == k), sampler.mixture_.weights_[k]
        assert abs(share - weight) < 5 * np.sqrt(weight / N) + 2e-3
    white, means = sampler.model_.transform(drawn), sampler.mixture_.means_
    weights = sampler.mixture_.weights_
    within = np.linalg.inv(_full_precisions(sampler.mixture_, kind))
    total = np.einsum("k,kij->ij", weights, within) + np.cov(means.T, aweights=weights, ddof=0)
    error = np.sqrt(np.diag(total) / N)
    assert np.all(np.abs(white.mean(axis=0) - weights @ means) < 5 * error)
    np.testing.assert_allclose(np.cov(white.T), total, atol=5 * np.sqrt(3 / N) * total.max())
    assert np.abs(np.diff(label)).astype(bool).mean() > 0.5


def test_a_mixture_matches_scikit_learns(rng):
    Z = np.concatenate([rng.normal(-4, 1, (500, 2)), rng.normal(4, 2, (500, 2))])
    ours = MixtureSampler(2, tol=1e-6, reg_covar=1e-9, random_state=0).fit(Z)
    theirs = GaussianMixture(2, tol=1e-6, reg_covar=1e-9, random_state=0).fit(Z)
    np.testing.assert_allclose(ours.score_samples(Z), theirs.score_samples(Z), atol=1e-3)


def test_the_number_of_components_is_chosen_by_held_out_points(rng):
    centres = 8 * rng.normal(size=(5, 4))
    Z = centres[rng.integers(5, size=3000)] + rng.normal(size=(3000, 4))
    sampler = MixtureSampler(random_state=0).fit(Z)
    assert sampler.n_components_ == 5
    assert list(sampler.held_out_scores_) == [1, 2, 3, 5, 10, 20]
    # The mean log-density of the true mixture, entropy of the labels and of the noise.
    truth = -np.log(5) - 2 * np.log(2 * np.pi * np.e)
    assert sampler.held_out_scores_[5] == pytest.approx(truth, abs=0.2)
    few = MixtureSampler(candidates=(1, 2), max_samples=100, patience=1, random_state=0).fit(Z)
    assert few.n_components_ <= 2
    one = MixtureSampler(random_state=0).fit(rng.normal(size=(2000, 3)))
    assert one.n_components_ == 1


def test_heavy_tails_do_not_multiply_components(rng):
    # BIC on all points asks for several components of a skewed blob; so may held-out points.
    Z = rng.gamma(2.0, size=(1000, 2))
    sampler = MixtureSampler(random_state=0).fit(Z)
    held = rng.gamma(2.0, size=(4000, 2))
    single = MixtureSampler(1, random_state=0).fit(Z)
    assert sampler.n_components_ < 35
    assert sampler.score(held) > single.score(held)


def test_temperature_shrinks_the_spread_within_components(rng):
    Z = np.concatenate([rng.normal(-9, 1, (500, 1)), rng.normal(9, 2, (500, 1))])
    drawn = MixtureSampler(2, temperature=0.25, random_state=0).fit(Z).sample(N, random_state=0)
    low = drawn[drawn < 0]
    assert len(low) / N == pytest.approx(0.5, abs=0.02)
    assert low.std() == pytest.approx(0.25 * Z[:500].std(), rel=0.03)
    assert low.mean() == pytest.approx(Z[:500].mean(), abs=0.02)


@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_the_fitted_mixture_is_scikit_learns(rng, kind):
    Z = rng.normal(size=(500, 3)) + rng.choice([-6.0, 6.0], size=(500, 1))
    sampler = MixtureSampler(3, covariance_type=kind, random_state=0).fit(Z)
    mixture, white = sampler.mixture_, sampler.model_.transform(Z)
    # A fit of scikit-learn's that starts there, and stops at once, sees the same mixture.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        other = GaussianMixture(
            3,
            covariance_type=kind,
            reg_covar=1e-4,
            max_iter=1,
            weights_init=mixture.weights_,
            means_init=mixture.means_,
            precisions_init=mixture.precisions_,
        ).fit(white)
    missing = {name for name in vars(other) if name.endswith("_")} - vars(mixture).keys()
    assert missing == set()
    assert mixture.converged_
    assert mixture.n_iter_ == len(mixture.lower_bounds_)
    assert mixture.lower_bound_ == mixture.lower_bounds_[-1]
    # The first bound of the other fit is the mixture's likelihood.
    assert other.lower_bounds_[0] == pytest.approx(mixture.score(white), rel=1e-10)
    assert 0 <= mixture.score(white) - mixture.lower_bound_ < sampler.tol
    assert mixture.sample(5)[0].shape == (5, 3)


def test_scales_around_one_centre_are_found(rng):
    scale = rng.choice([0.3, 1.0, 3.0], size=4000)
    Z, held = np.split(scale[:, None] * rng.normal(size=(4000, 8)), 2)
    sampler = MixtureSampler(3, random_state=0).fit(Z)
    # Scores of the true mixture, and what 3 * 45 - 1 parameters lose at 2,000 points: half of
    # them over the number of points on average, and as much as four standard errors more.
    squared = np.square(held).sum(axis=1)
    truth = logsumexp(
        [-squared / (2 * s**2) - 8 * np.log(s) - np.log(3) for s in (0.3, 1.0, 3.0)], axis=0
    ) - 4 * np.log(2 * np.pi)
    lost = truth - sampler.score_samples(held)
    assert lost.mean() < 134 / 4000 + 4 * lost.std() / np.sqrt(len(held))


def test_clouds_are_not_shared_unevenly(rng):
    # k-means with one start puts two components on one of these clouds for most seeds.
    centres = 8 * rng.normal(size=(9, 6))
    Z = centres[rng.integers(9, size=3000)] + rng.normal(size=(3000, 6))
    truth = -np.log(9) - 3 * np.log(2 * np.pi * np.e)
    for seed in range(3):
        sampler = MixtureSampler(9, random_state=seed).fit(Z)
        np.testing.assert_allclose(
            sampler.mixture_.weights_, 1 / 9, atol=5 * np.sqrt(8 / 81 / 3000)
        )
        assert sampler.score(Z) > truth - 5 * np.sqrt(3 / 3000)


def test_few_points_for_many_components_start_from_clusters(rng):
    Z = rng.normal(size=(60, 4))
    for k in (7, 30, 60):
        sampler = MixtureSampler(k, random_state=0).fit(Z)
        assert sampler.mixture_.means_.shape == (k, 4)
        assert sampler.mixture_.weights_.sum() == pytest.approx(1, abs=1e-12)
        again = MixtureSampler(k, random_state=0).fit(Z)
        np.testing.assert_array_equal(sampler.mixture_.covariances_, again.mixture_.covariances_)


def test_points_without_spread_ask_for_reg_covar():
    Z = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], 40, axis=0)
    with pytest.raises(ValueError, match=r"reg_covar must be larger.* got 0"):
        MixtureSampler(3, reg_covar=0, random_state=0).fit(Z)
    sampler = MixtureSampler(3, random_state=0).fit(Z)
    np.testing.assert_allclose(sampler.mixture_.weights_, 1 / 3, atol=1e-9)
    # One point alone, and equal points, are one place.
    one = MixtureSampler(2, random_state=0).fit(np.ones((5, 2)))
    np.testing.assert_array_equal(one.sample(3, random_state=0), np.ones((3, 2)))
    single = MixtureSampler(1, random_state=0).fit(np.ones((1, 2)))
    np.testing.assert_array_equal(single.sample(3, random_state=0), np.ones((3, 2)))
