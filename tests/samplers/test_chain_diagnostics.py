"""Mixing of chains whose autocorrelation is known."""

import warnings

import numpy as np
import pytest

from sklatent.samplers._chain_diagnostics import autocorrelation_time, measure_mixing, split_r_hat


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


def test_chains_around_different_means_do_not_agree(rng):
    draws = rng.normal(size=(1000, 4, 1)) + np.arange(4)[:, None]
    # Halves of unit variance around 0, 0, 1, 1, 2, 2, 3, 3, whose means have the variance 10 / 7.
    np.testing.assert_allclose(split_r_hat(draws), np.sqrt(1 + 10 / 7), rtol=0.03)
    apart = measure_mixing(draws)
    assert (apart.n_sweeps, apart.n_chains) == (1000, 4)
    assert apart.r_hat == pytest.approx(split_r_hat(draws)[0])
