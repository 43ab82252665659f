"""Volumes of ellipsoids over those of boxes."""

import numpy as np
import pytest
from scipy import special, stats

from sklatent.samplers import log_volume_ratio


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
