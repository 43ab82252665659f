"""Splits and merges of components."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from sklatent.samplers._expectation import Mixture, climb, log_densities, single
from sklatent.samplers._splitting import exchange, grow, merge_losses, split_gain

KINDS = ["full", "tied", "diag", "spherical"]
RULES = {"reg_covar": 1e-6, "tol": 1e-4, "max_iter": 200}


def clouds(rng, centres, n=400):
    return np.concatenate([c + rng.normal(size=(n, len(c))) for c in np.asarray(centres, float)])


def test_a_split_gains_what_two_clouds_are_apart(rng):
    Y = clouds(rng, [[-10, 0], [10, 0]])
    gain, halves = split_gain(Y, "full", 1e-6)
    # Log-likelihoods at their maxima: half the log-determinants, and log 2 for the labels.
    apart = np.mean([np.linalg.slogdet(np.cov(Z.T, ddof=0))[1] for Z in (Y[:400], Y[400:])])
    expected = (np.linalg.slogdet(np.cov(Y.T, ddof=0))[1] - apart) / 2 - np.log(2)
    assert gain == pytest.approx(expected, abs=1e-4)
    np.testing.assert_allclose(np.sort(halves.means[:, 0]), [-10, 10], atol=5 / np.sqrt(400))


def test_one_normal_cloud_gains_what_chance_gives(rng):
    gain, _ = split_gain(rng.normal(size=(1000, 3)), "full", 1e-6)
    # Twice the log-likelihood ratio of ten more parameters is of the order of ten to thirty.
    assert 0 <= gain < 30 / 1000


def test_a_small_and_a_wide_cloud_at_one_place_are_told_apart(rng):
    Y = np.concatenate([rng.normal(size=(500, 4)), 6 * rng.normal(size=(500, 4))])
    gain, halves = split_gain(Y, "full", 1e-6)
    assert gain > 0.5
    ratio = np.diagonal(halves.covariances, axis1=1, axis2=2).mean(axis=1)
    assert ratio.max() / ratio.min() > 15


def test_too_few_points_or_no_spread_are_not_split(rng):
    assert split_gain(rng.normal(size=(11, 2)), "full", 1e-6) == (-np.inf, None)
    assert split_gain(np.zeros((50, 2)), "full", 0.0) == (-np.inf, None)


@pytest.mark.parametrize("kind", KINDS)
def test_growth_splits_what_gains_most(rng, kind):
    Y = rng.permutation(clouds(rng, [[-20, 0], [20, -6], [20, 6]]))
    two, _ = climb(Y, grow(Y, single(Y, kind, 1e-6), 2, 1e-6), **RULES)
    three, _ = climb(Y, grow(Y, two, 3, 1e-6), **RULES)
    assert three.weights.sum() == pytest.approx(1, abs=1e-12)
    order = np.lexsort(np.round(three.means).T)
    expected = np.array([[20, -6], [-20, 0], [20, 6]])
    np.testing.assert_allclose(three.means[order], expected, atol=5 / np.sqrt(400))
    # Each once: from three at most six.
    assert len(grow(Y, three, 50, 1e-6).means) == 6


@pytest.mark.parametrize("kind", KINDS)
def test_losses_of_merging_are_those_of_the_moments(rng, kind):
    Y = clouds(rng, [[0, 0], [0, 0], [9, 0]])
    means = np.array([[0.0, 0.0], [0.0, 0.0], [9.0, 0.0]])
    covariances = {
        "full": np.tile(np.eye(2), (3, 1, 1)),
        "tied": np.eye(2),
        "diag": np.ones((3, 2)),
        "spherical": np.ones(3),
    }[kind]
    losses = merge_losses(Mixture(np.full(3, 1 / 3), means, covariances, kind))
    # Equal halves on one axis, 9 apart, have variance 1 + 81 / 4 there.
    far = (2 / 3) * np.log(1 + 81 / 4) / 2
    np.testing.assert_allclose(losses[[0, 0, 1], [1, 2, 2]], [0, far, far], atol=1e-12)
    assert np.isinf(losses[np.tril_indices(3)]).all()
    # A bound: what the likelihood of points of the whole loses is less.
    whole = Mixture(np.full(3, 1 / 3), means, covariances, kind)
    merged = multivariate_normal([4.5, 0], [[1 + 81 / 4, 0], [0, 1]]).logpdf(Y)
    one = multivariate_normal([0, 0], np.eye(2)).logpdf(Y)
    after = np.logaddexp(np.log(2 / 3) + merged, np.log(1 / 3) + one)
    assert log_densities(Y, whole).mean() - after.mean() < far


@pytest.mark.parametrize("kind", KINDS)
def test_a_component_moves_to_where_one_sits_on_two_clouds(rng, kind):
    centres = [[-30, 0], [30, -8], [30, 8]]
    Y = rng.permutation(clouds(rng, centres))
    covariances = {
        "full": np.tile(np.eye(2), (3, 1, 1)),
        "tied": np.eye(2),
        "diag": np.ones((3, 2)),
        "spherical": np.ones(3),
    }[kind]
    # Two components on one cloud and one on two are a local maximum.
    means = np.array([[-31.0, 0.0], [-29.0, 0.0], [30.0, 0.0]])
    wrong = Mixture(np.array([1, 1, 4]) / 6, means, covariances, kind)
    stuck, heights = climb(Y, wrong, **RULES)
    found, reached = exchange(Y, stuck, heights, **RULES)
    assert reached[-1] > heights[-1] + 0.1
    order = np.lexsort(np.round(found.means).T)
    expected = np.array([[30, -8], [-30, 0], [30, 8]])
    np.testing.assert_allclose(found.means[order], expected, atol=5 / np.sqrt(400))


def test_nothing_moves_where_all_is_well(rng):
    Y = rng.permutation(clouds(rng, [[-9, 0], [0, 9], [9, 0]]))
    means = np.array([[-9.0, 0.0], [0.0, 9.0], [9.0, 0.0]])
    well = Mixture(np.full(3, 1 / 3), means, np.tile(np.eye(2), (3, 1, 1)), "full")
    fitted, heights = climb(Y, well, **RULES)
    found, reached = exchange(Y, fitted, heights, **RULES)
    assert found is fitted
    assert reached is heights
