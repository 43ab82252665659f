"""Histogram, fitted curve, mode and distances of one sample."""

import numpy as np
import pytest
from scipy import integrate, stats

from sklatent._gaussian.univariate import (
    Histogram,
    fit_gaussian_curve,
    gaussian_curve,
    histogram_density,
    ks_distance,
    mode_estimate,
    normal_grid,
    wasserstein_distance,
)


def quantile_points(distribution, n=20_000):
    return distribution.ppf((np.arange(n) + 0.5) / n)


SAMPLES = {
    "normal": stats.norm(0.1, 1.2),
    "heavy": stats.t(2),
    "skew": stats.expon(-1),
    "away": stats.norm(6, 0.1),
}


def test_histogram_equals_numpys(rng):
    x = rng.normal(3.0, 2.0, 5000)
    density, edges = histogram_density(x, 0.3, 3.1)
    expected, _ = np.histogram(x, bins=edges, density=True)
    np.testing.assert_allclose(density, expected, rtol=1e-12)
    np.testing.assert_allclose(np.diff(edges), 0.3, rtol=1e-12)
    assert edges[0] <= x.min() < edges[1]
    assert edges[-2] <= x.max() < edges[-1]
    centers = (edges[1:] + edges[:-1]) / 2
    assert np.abs(centers - 3.1).min() < 1e-12


def test_too_many_bins():
    with pytest.raises(ValueError, match="bin_width must give at most 100,000 bins; got 1e-06"):
        histogram_density(np.array([0.0, 1.0]), 1e-6, 0.0)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_a_curve_is_found_again(unit):
    edges = unit * np.arange(-12.0, 20.0)
    heights = gaussian_curve((edges[1:] + edges[:-1]) / 2, 4.3 * unit, 2.1 * unit, 7.0 / unit)
    center, sigma, amplitude, r_squared = fit_gaussian_curve(Histogram(heights, edges))
    assert center == pytest.approx(4.3 * unit, rel=1e-7)
    assert sigma == pytest.approx(2.1 * unit, rel=1e-7)
    assert amplitude == pytest.approx(7.0 / unit, rel=1e-7)
    assert r_squared == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("n_bins", [1, 2, 3])
def test_too_few_bins_for_a_curve(n_bins):
    histogram = Histogram(np.ones(n_bins), np.arange(n_bins + 1.0))
    assert np.isnan(fit_gaussian_curve(histogram)).all()


def test_a_peak_within_one_bin_does_not_determine_a_curve():
    edges = np.arange(-5.0, 6.0)
    spike = np.where(edges[:-1] == 0, 0.9, 0.01)
    assert np.isnan(fit_gaussian_curve(Histogram(spike, edges))).all()
    heights = gaussian_curve((edges[1:] + edges[:-1]) / 2, 0.4, 0.6, 0.7)
    assert fit_gaussian_curve(Histogram(heights, edges))[1] == pytest.approx(0.6, rel=1e-6)


@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_a_peak_far_outside_is_none(slope):
    edges = np.arange(-10.0, 11.0)
    u_shape = np.cosh(np.linspace(-2, 2, 20)) + 0.1 * slope * np.linspace(-1, 1, 20)
    assert np.isnan(fit_gaussian_curve(Histogram(u_shape, edges))).all()
    # The flank of a curve whose peak is just outside is a fit.
    heights = gaussian_curve((edges[1:] + edges[:-1]) / 2, slope * 11.0, 5.0, 0.1)
    assert fit_gaussian_curve(Histogram(heights, edges))[0] == pytest.approx(slope * 11, rel=1e-5)


def test_a_spike_does_not_hide_the_broad_curve():
    edges = np.arange(-20.0, 21.0)
    heights = gaussian_curve((edges[1:] + edges[:-1]) / 2, 3.0, 5.0, 0.08)
    heights[4] += 0.1
    center, sigma, _, r_squared = fit_gaussian_curve(Histogram(heights, edges))
    # The spike, of 1 / 6 of the squared heights, pulls little on a curve 15 bins away.
    assert center == pytest.approx(3.0, abs=0.1)
    assert sigma == pytest.approx(5.0, abs=0.2)
    assert r_squared > 0.7


def test_a_curve_that_explains_nothing():
    # A flat histogram has no variance of which a share could be explained.
    assert np.isnan(fit_gaussian_curve(Histogram(np.full(8, 0.125), np.arange(9.0)))).all()


@pytest.mark.parametrize("distribution", SAMPLES.values(), ids=SAMPLES)
def test_ks_distance_equals_scipys(distribution):
    x = np.sort(distribution.rvs(500, random_state=1))
    assert ks_distance(x) == pytest.approx(stats.kstest(x, "norm").statistic, abs=1e-14)


def test_ks_distance_with_ties():
    x = np.repeat([-1.0, 0.0, 1.0], [3, 2, 5])
    assert ks_distance(x) == pytest.approx(stats.kstest(x, "norm").statistic, abs=1e-14)


@pytest.mark.parametrize("distribution", SAMPLES.values(), ids=SAMPLES)
def test_wasserstein_distance_is_the_area_between_the_cumulative_curves(distribution):
    x = np.sort(distribution.rvs(30, random_state=2))
    ends = np.concatenate([[-12.0], x, [max(12.0, x[-1] + 9)]])
    area = 0.0
    for i in range(31):
        # The cumulative share jumps at points alone, and crosses the normal's at one place.
        low, high, crossing = ends[i], ends[i + 1], stats.norm.ppf(i / 30)
        at = [crossing] if low < crossing < high else None
        area += integrate.quad(
            lambda t, i=i: abs(i / 30 - stats.norm.cdf(t)), low, high, points=at
        )[0]
    assert wasserstein_distance(x) == pytest.approx(area, rel=1e-7)


def test_wasserstein_distance_of_a_shift_and_of_a_scale():
    z = quantile_points(stats.norm)
    assert wasserstein_distance(z) < 1e-3
    assert wasserstein_distance(z + 0.7) == pytest.approx(0.7, abs=1e-3)
    # |s - 1| times the mean of |z|.
    assert wasserstein_distance(1.5 * z) == pytest.approx(0.5 * np.sqrt(2 / np.pi), abs=1e-3)


def test_the_grid_may_be_at_hand(rng):
    z = np.sort(rng.normal(size=50))
    assert wasserstein_distance(z, normal_grid(50)) == wasserstein_distance(z)


MODES = {
    "normal": (stats.norm(), 0.0),
    "skew-normal": (stats.skewnorm(3), 0.4734),
    "gamma": (stats.gamma(4), 3.0),
    "heavy": (stats.t(3), 0.0),
    "logistic": (stats.logistic(), 0.0),
}


@pytest.mark.parametrize(("distribution", "mode"), MODES.values(), ids=MODES)
def test_mode(distribution, mode):
    x = quantile_points(distribution)
    found = x.mean() + x.std() * mode_estimate((x - x.mean()) / x.std())
    # The kernel moves a peak by about h^2 f''' / 2 f'', with h about 0.24 sigma here.
    assert found == pytest.approx(mode, abs=0.08 * x.std())


def test_mode_of_the_denser_of_two_clouds():
    clouds = quantile_points(stats.norm(-3, 1), 500), quantile_points(stats.norm(3, 0.3), 500)
    x = np.concatenate(clouds)
    found = x.mean() + x.std() * mode_estimate((x - x.mean()) / x.std())
    assert found == pytest.approx(3, abs=0.03)


@pytest.mark.parametrize("z", [[-1.0, 1.0], [-1.0, -1.0, 2.0], [-0.5] * 4 + [2.0]])
def test_mode_of_few_values(z):
    x = np.array(z) - np.mean(z)
    z = x / x.std()
    assert z.min() - 0.6 <= mode_estimate(z) <= z.max() + 0.6


def test_the_grid_cuts_the_normal_into_equal_shares():
    quantiles, pdf = normal_grid(4)
    np.testing.assert_allclose(stats.norm.cdf(quantiles), [0, 0.25, 0.5, 0.75, 1], atol=1e-15)
    np.testing.assert_allclose(pdf, stats.norm.pdf(quantiles), atol=1e-15)


def test_the_curve_is_the_density_of_a_normal_where_its_area_is_one():
    x = np.linspace(-3, 9, 50)
    curve = gaussian_curve(x, 2.0, 1.5, 1 / (1.5 * np.sqrt(2 * np.pi)))
    np.testing.assert_allclose(curve, stats.norm(2.0, 1.5).pdf(x), rtol=1e-12)
