"""Uniform points in a box."""

import numpy as np
import pytest
from scipy import stats

from sklatent.samplers import BoxSampler

N = 20_000


@pytest.mark.parametrize("signed", [True, False])
def test_box_components_are_uniform(signed):
    sampler = BoxSampler(8.0, signed=signed).fit(np.zeros((2, 3)))
    points = sampler.sample(N, random_state=0)
    low, width = (-8.0, 16.0) if signed else (0.0, 8.0)
    for x in points.T:
        assert stats.kstest(x, stats.uniform(low, width).cdf).pvalue > 1e-3
    expected = stats.uniform(low, width).logpdf(points).sum(axis=1)
    np.testing.assert_allclose(sampler.score_samples(points), expected)
    assert sampler.score_samples([[9.0, 1.0, 1.0]])[0] == -np.inf


@pytest.mark.parametrize(("boundary", "radius"), [(0.5, 4.08), (50, 408.2)])
def test_radii_of_a_box_are_those_of_the_closed_form(boundary, radius):
    points = BoxSampler(boundary).fit(np.zeros((1, 200))).sample(500, random_state=0)
    assert np.linalg.norm(points, axis=1).mean() == pytest.approx(radius, rel=0.01)
