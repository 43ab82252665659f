"""Gaussian mixtures, and the choice of the number of components."""

import numpy as np
import pytest
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
