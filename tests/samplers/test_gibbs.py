"""Gibbs sampling within pairwise ellipses."""

import numpy as np
import pytest
from scipy import stats

from sklatent.samplers._gibbs import gibbs_sweep, pair_distances, run_chains

CORRELATION = np.array([[1.0, 0.9], [0.9, 1.0]])


def test_distances_of_pairs_are_those_of_mahalanobis(rng):
    np.testing.assert_allclose(pair_distances(np.array([[3.0, 4.0, 0.0]]), np.eye(3)), 5)
    S = rng.normal(size=(50, 2))
    squared = np.einsum("ij,ij->i", S @ np.linalg.inv(CORRELATION), S)
    np.testing.assert_allclose(pair_distances(S, CORRELATION), np.sqrt(squared))
    np.testing.assert_array_equal(pair_distances(S[:, :1], np.eye(1)), np.abs(S[:, 0]))


def test_many_points_are_measured_in_blocks(rng, monkeypatch):
    S, correlation = rng.normal(size=(40, 4)), np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    whole = pair_distances(S, correlation)
    monkeypatch.setattr("sklatent.samplers._gibbs.CHUNK_VALUES", 42)
    np.testing.assert_array_equal(pair_distances(S, correlation), whole)


@pytest.mark.parametrize("precision", [None, np.linalg.inv(CORRELATION)], ids=["uniform", "normal"])
def test_sweeps_stay_inside_and_reach_the_distribution(rng, precision):
    S = np.zeros((4000, 2))
    for _ in range(60):
        gibbs_sweep(S, CORRELATION, 2.0, rng, precision)
    distances = pair_distances(S, CORRELATION)
    assert distances.max() <= 2 * (1 + 1e-12)
    # Shares of the area, or of a chi-squared distribution of 2 degrees of freedom, within r.
    share = distances**2 / 4 if precision is None else stats.chi2.cdf(distances**2, 2)
    law = stats.uniform(0, 1 if precision is None else stats.chi2.cdf(4, 2))
    assert stats.kstest(share, law.cdf).pvalue > 1e-3


def test_states_are_kept_after_sweeps_and_the_start_stays():
    start = np.zeros((1, 1))
    kept = run_chains(start, 3, 2, lambda S: np.add(S, 1, out=S))
    np.testing.assert_array_equal(kept.ravel(), [2, 4, 6])
    assert start == 0
