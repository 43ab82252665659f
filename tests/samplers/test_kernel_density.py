"""Kernel densities with local covariances, and scores of bandwidths."""

import numpy as np
import pytest
from scipy import stats

from sklatent.samplers import KernelSampler
from sklatent.samplers._kernel_density import (
    LocalShapes,
    held_out_scores,
    kernel_log_density,
    local_deviations,
)

N = 20_000


def test_local_kernels_have_the_covariance_of_neighbours(rng):
    points = rng.normal(size=(60, 3)) * [1.0, 0.3, 0.1]
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    neighbors = np.argsort(distances, axis=1)[:, :6]
    shapes = LocalShapes(points, neighbors)
    covariances = np.array([np.cov(points[near].T, bias=True) for near in neighbors])
    ridge = 0.1 * np.trace(covariances, axis1=1, axis2=2) / 3
    covariances += ridge[:, None, None] * np.eye(3)
    deviations, found = local_deviations(shapes, np.arange(60))
    np.testing.assert_allclose(found, ridge)
    full = deviations.transpose(0, 2, 1) @ deviations + found[:, None, None] * np.eye(3)
    np.testing.assert_allclose(full, covariances)
    at = rng.normal(size=(20, 3))
    expected = np.log(
        np.mean(
            [
                stats.multivariate_normal(m, 0.8**2 * c).pdf(at)
                for m, c in zip(points, covariances, strict=True)
            ],
            axis=0,
        )
    )
    np.testing.assert_allclose(kernel_log_density(at, points, 0.8, shapes), expected, rtol=1e-9)
    sampler = KernelSampler("local", n_neighbors=6, bandwidth=0.8).fit(points)
    white = sampler.model_.transform(sampler.sample(N, random_state=0))
    inner, ridge = local_deviations(sampler._shapes, np.arange(60))
    noise = (inner.transpose(0, 2, 1) @ inner + ridge[:, None, None] * np.eye(3)).mean(axis=0)
    np.testing.assert_allclose(np.cov(white.T), np.eye(3) + 0.64 * noise, atol=0.05)


@pytest.mark.parametrize("local", [False, True])
def test_held_out_scores_are_those_of_the_density(rng, local):
    points, held = rng.normal(size=(300, 2)), rng.normal(size=(100, 2))
    neighbors = np.argsort(np.linalg.norm(points[:, None] - points, axis=2), axis=1)[:, :7]
    shapes = LocalShapes(points, neighbors) if local else None
    found = held_out_scores(held, points, shapes)
    assert (np.diff(np.sort(found.bandwidths)) > 0).all()
    for index in (0, 7, 16, len(found.scores) - 1):
        h = found.bandwidths[index]
        expected = kernel_log_density(held, points, h, shapes).mean()
        assert found.scores[index] == pytest.approx(expected, rel=1e-6)
