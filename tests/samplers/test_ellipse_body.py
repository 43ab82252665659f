"""The body inside all pairwise circles: exact draws, volume and probability."""

import numpy as np
import pytest
from scipy import integrate, stats

from sklatent.samplers._ellipse_body import (
    draw_normal_in_body,
    draw_uniform_in_body,
    log_body_probability,
    log_body_volume,
    pair_radius,
)
from sklatent.samplers._gibbs import gibbs_sweep

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


def test_the_surface_is_that_of_the_two_largest_squares():
    np.testing.assert_allclose(pair_radius(np.array([[3.0, -1.0, 4.0], [0.0, 0.0, -2.0]])), [5, 2])
    np.testing.assert_array_equal(pair_radius(np.zeros((2, 0))), [0, 0])


def test_a_body_of_two_components_is_a_disc(rng):
    assert np.exp(log_body_volume(2, 1.5)) == pytest.approx(np.pi * 1.5**2)
    assert (log_body_volume(0, 1.5), log_body_probability(0, 1.5)) == (0, 0)
    assert draw_normal_in_body(3, 0, 1.5, rng).shape == (3, 0)
    assert draw_uniform_in_body(3, 0, 1.5, rng).shape == (3, 0)
