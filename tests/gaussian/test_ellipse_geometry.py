"""Ellipses of the two-dimensional normal: the two constructions, sizes and outlines."""

import numpy as np
import pytest
from scipy import stats

from sklatent._gaussian.ellipse_geometry import (
    axes_from_correlation,
    axes_from_covariance,
    ellipse_coverage,
    ellipse_n_std,
    ellipse_outlines,
)

EPS = np.finfo(float).eps


def covariances_of(stds, rho):
    x, y = stds.T
    return np.stack(
        [np.stack([x * x, rho * x * y], -1), np.stack([rho * x * y, y * y], -1)], axis=1
    )


def matrices_of(half_axes, angles):
    long = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    short = np.stack([-np.sin(angles), np.cos(angles)], axis=1)
    axes = np.stack([long, short], axis=2) * half_axes[:, None, :]
    return axes @ axes.transpose(0, 2, 1)


@pytest.fixture
def random_ellipses(rng):
    stds = 10 ** rng.uniform(-3, 3, (5000, 2))
    rho = rng.uniform(-1, 1, 5000)
    rho[:6] = [1, -1, 0, -0.0, 1 - EPS, 0.5]
    stds[6:20, 1] = stds[6:20, 0]
    rho[10:15] = 0
    return stds, rho


def test_both_constructions_agree_to_rounding(random_ellipses):
    stds, rho = random_ellipses
    covariances = covariances_of(stds, rho)
    scale = np.square(stds).sum(axis=1)
    eigen, pearson = axes_from_covariance(covariances), axes_from_correlation(stds, rho)
    assert (np.abs(eigen[0] ** 2 - pearson[0] ** 2) <= 16 * EPS * scale[:, None]).all()
    for half_axes, angles in (eigen, pearson):
        error = np.abs(matrices_of(half_axes, angles) - covariances).max(axis=(1, 2))
        assert (error <= 16 * EPS * scale).all()
        assert (half_axes[:, 0] >= half_axes[:, 1]).all()
        assert ((angles > -np.pi / 2) & (angles <= np.pi / 2)).all()
    # Rounding turns the axes by at most itself over the gap of the eigenvalues.
    gap = (eigen[0][:, 0] ** 2 - eigen[0][:, 1] ** 2) / scale
    turned = np.abs((eigen[1] - pearson[1] + np.pi / 2) % np.pi - np.pi / 2)
    clear = gap > 1e-9
    assert (turned[clear] <= 16 * EPS / gap[clear]).all()


def test_standardised_axes_are_roots_of_one_plus_and_minus_rho():
    rho = np.array([-0.9, -0.2, 0.2, 0.9])
    half_axes, angles = axes_from_correlation(np.ones((4, 2)), rho)
    np.testing.assert_allclose(half_axes[:, 0], np.sqrt(1 + np.abs(rho)), rtol=1e-14)
    np.testing.assert_allclose(half_axes[:, 1], np.sqrt(1 - np.abs(rho)), rtol=1e-14)
    np.testing.assert_allclose(np.degrees(angles), [-45, -45, 45, 45], rtol=1e-14)


def test_in_latent_units_the_axes_do_not_stand_at_45_degrees():
    half_axes, angles = axes_from_correlation(np.array([[3.0, 1.0]]), np.array([0.5]))
    # Of [[9, 1.5], [1.5, 1]]: trace 10, determinant 6.75.
    np.testing.assert_allclose(
        half_axes[0] ** 2, 5 + np.sqrt(18.25) * np.array([1, -1]), rtol=1e-14
    )
    assert angles[0] == pytest.approx(0.5 * np.arctan2(3, 8), rel=1e-14)


def test_a_short_axis_survives_beside_a_long_one():
    half_axes, _ = axes_from_correlation(np.array([[1e6, 1e-6]]), np.array([0.8]))
    # The product of the half-axes is sigma_x sigma_y sqrt(1 - rho^2).
    np.testing.assert_allclose(half_axes[0], [1e6, 0.6e-6], rtol=1e-12)


LIMITS = {
    "circle": ([2.0, 2.0], 0.0, [2.0, 2.0], 0.0),
    "along x": ([2.0, 1.0], 0.0, [2.0, 1.0], 0.0),
    "along y": ([1.0, 2.0], -0.0, [2.0, 1.0], 90.0),
    "dead y": ([2.0, 0.0], 0.0, [2.0, 0.0], 0.0),
    "dead x": ([0.0, 2.0], 0.0, [2.0, 0.0], 90.0),
    "both dead": ([0.0, 0.0], 0.0, [0.0, 0.0], 0.0),
    "line": ([3.0, 4.0], 1.0, [5.0, 0.0], np.degrees(np.arctan(4 / 3))),
    "falling line": ([3.0, 4.0], -1.0, [5.0, 0.0], -np.degrees(np.arctan(4 / 3))),
}


@pytest.mark.parametrize(("stds", "rho", "expected", "angle"), LIMITS.values(), ids=LIMITS)
def test_limits(stds, rho, expected, angle):
    half_axes, angles = axes_from_correlation(np.array([stds]), np.array([rho]))
    np.testing.assert_allclose(half_axes[0], expected, rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(np.degrees(angles), angle, rtol=1e-14)


@pytest.mark.parametrize(
    ("n_std", "coverage"), [(1, 0.3935), (2, 0.8647), (2.5, 0.9561), (2.65, 0.970), (3, 0.9889)]
)
def test_coverage_of_an_ellipse(n_std, coverage):
    assert ellipse_coverage(n_std) == pytest.approx(coverage, abs=2e-4)
    assert ellipse_coverage(n_std) == pytest.approx(stats.chi2(2).cdf(n_std**2), rel=1e-12)


def test_sizes():
    assert ellipse_n_std() == ellipse_n_std(coverage=0.95) == pytest.approx(2.4477, abs=1e-4)
    assert ellipse_n_std(n_std=2) == 2.0
    for coverage in (1e-12, 0.5, 1 - 1e-9):
        assert ellipse_coverage(ellipse_n_std(coverage=coverage)) == pytest.approx(coverage)


BAD = {
    "both": ({"n_std": 2, "coverage": 0.9}, ValueError, "Only one of n_std, coverage .*n_std=2"),
    "n_std": ({"n_std": -1.0}, ValueError, r"n_std .* above 0 and finite; got -1.0"),
    "n_std array": ({"n_std": np.array([1.0, 2.0])}, TypeError, "n_std must be a number"),
    "coverage": ({"coverage": 1}, ValueError, r"coverage .* \(0, 1\); got 1"),
    "coverage bool": ({"coverage": True}, TypeError, "coverage must be a number; got True"),
}


@pytest.mark.parametrize(("size", "error", "message"), BAD.values(), ids=BAD)
def test_bad_sizes(size, error, message):
    with pytest.raises(error, match=message):
        ellipse_n_std(**size)


def test_outlines_lie_on_the_ellipse(random_ellipses):
    stds, rho = (values[20:40] for values in random_ellipses)
    centers = 5 * stds
    half_axes, angles = axes_from_correlation(stds, rho)
    outlines = ellipse_outlines(centers, 1.5 * half_axes, angles, 61)
    assert outlines.shape == (20, 61, 2)
    np.testing.assert_allclose(outlines[:, 0], outlines[:, -1], rtol=1e-12)
    offsets = outlines - centers[:, None]
    inverse = np.linalg.inv(covariances_of(stds, rho))
    squared = np.einsum("kni,kij,knj->kn", offsets, inverse, offsets)
    # Inverting loses the condition number of each covariance.
    condition = np.linalg.cond(covariances_of(stds, rho))
    assert (np.abs(squared / 1.5**2 - 1) <= 100 * EPS * condition[:, None]).all()
