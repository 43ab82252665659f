"""Highest-density regions beside ellipses."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sklatent._covariance.support import make_normal
from sklatent._gaussian.contours import density_contours, highest_density_levels

COVERAGES = np.array([0.5, 0.9, 0.95])


def contours_of(points, coverages=COVERAGES, **params):
    normal = make_normal(points.mean(axis=0), np.cov(points.T, bias=True))
    return density_contours(points, normal, (0, 1), coverages, **params)


@pytest.fixture
def normal():
    return np.random.default_rng(0).multivariate_normal([5, -1], [[4, 1.2], [1.2, 1]], 2000)


def test_normal_points_have_the_ellipses_for_contours(normal):
    contours = contours_of(normal)
    np.testing.assert_allclose(contours.area_ratios, 1, atol=0.1)
    assert (contours.overlaps > 0.88).all()
    # Area of an ellipse: pi n^2 times the root of the determinant, n^2 = -2 log(1 - p).
    root = np.sqrt(np.linalg.det(np.cov(normal.T, bias=True)))
    expected = -2 * np.pi * np.log(1 - COVERAGES) * root
    np.testing.assert_allclose(contours.ellipse_areas, expected, rtol=1e-9)


def test_regions_hold_the_stated_share_of_new_points(normal):
    kde = stats.gaussian_kde(normal.T)
    levels, _ = highest_density_levels(kde, COVERAGES)
    rng, n = np.random.default_rng(1), 20_000
    new = rng.multivariate_normal([5, -1], [[4, 1.2], [1.2, 1]], n)
    shares = (kde(new.T)[:, None] >= levels).mean(axis=0)
    error = np.sqrt(COVERAGES * (1 - COVERAGES) * (1 / n + 1 / len(normal)))
    assert (np.abs(shares - COVERAGES) < 5 * error).all()


def test_densities_at_points_leave_each_point_out():
    points = np.random.default_rng(2).normal(size=(2, 60))
    kde = stats.gaussian_kde(points)
    _, at_points = highest_density_levels(kde, [0.5])
    for i in range(0, 60, 7):
        others = np.delete(points, i, axis=1)
        kernels = stats.multivariate_normal(points[:, i], kde.covariance).pdf(others.T)
        assert at_points[i] == pytest.approx(kernels.mean(), rel=1e-9)


def test_the_density_is_scipys_on_the_grid(normal):
    contours = contours_of(normal, grid_size=32)
    assert contours.density.shape == (32, 32)
    kde = stats.gaussian_kde(normal.T)
    for i, j in ((0, 0), (16, 9), (20, 30)):
        expected = kde([contours.x[j], contours.y[i]])[0]
        assert contours.density[i, j] == pytest.approx(expected, rel=1e-8)
    cell = np.diff(contours.x[:2])[0] * np.diff(contours.y[:2])[0]
    # The grid spans the region of 95 % and four bandwidths around it.
    assert 0.95 < contours.density.sum() * cell < 1.0
    np.testing.assert_allclose(
        contours.areas,
        [cell * (contours.density >= level).sum() for level in contours.levels],
        rtol=1e-9,
    )
    edge = np.concatenate([contours.density[[0, -1]].ravel(), contours.density[:, [0, -1]].ravel()])
    assert edge.max() < contours.levels.min()


def test_a_finer_grid_changes_little(normal):
    coarse, fine = contours_of(normal[:1000]), contours_of(normal[:1000], grid_size=300)
    np.testing.assert_allclose(coarse.areas, fine.areas, rtol=0.02)
    np.testing.assert_allclose(coarse.overlaps, fine.overlaps, atol=0.02)


def test_a_ring_is_no_ellipse():
    rng = np.random.default_rng(3)
    turn = rng.uniform(0, 2 * np.pi, 2000)
    ring = 4 * np.column_stack([np.cos(turn), np.sin(turn)]) + rng.normal(0, 0.3, (2000, 2))
    contours = contours_of(ring)
    assert contours.overlaps[0] < 0.05
    assert (contours.area_ratios < 0.4).all()


def test_heavy_tails_have_a_dense_core():
    t = stats.multivariate_t([0, 0], np.eye(2), 3, seed=4).rvs(2000)
    contours = contours_of(t)
    # Exact: region and ellipse of half the points are circles whose squared radii are
    # 2 F_{2,3}^-1(0.5) and 3 * 2 log 2, whose ratio is 0.42 at unlimited n; samples of
    # t(3) have a very uncertain variance.
    assert contours.area_ratios[0] < 0.6
    assert contours.overlaps[0] < 0.6


@pytest.mark.parametrize("scale", [[1e-6, 1e6], [1e-8, 1e-8]])
def test_units_do_not_matter(normal, scale):
    contours, other = contours_of(normal), contours_of(normal * scale)
    np.testing.assert_allclose(other.areas, contours.areas * np.prod(scale), rtol=1e-3)
    np.testing.assert_allclose(other.levels, contours.levels / np.prod(scale), rtol=1e-6)
    np.testing.assert_allclose(other.overlaps, contours.overlaps, atol=1e-3)


def test_points_that_stand_alone_have_no_region():
    points = np.random.default_rng(5).normal(size=(200, 2))
    points[:2] = [[100, 0], [-100, 0]]
    # Of 200 points, 99.5 % take in one of the two that lie 25 bandwidths away.
    contours = contours_of(points, np.array([0.5, 0.9, 0.995]))
    for values in (contours.areas, contours.area_ratios, contours.overlaps):
        np.testing.assert_array_equal(np.isnan(values), [False, False, True])
    assert np.isfinite(contours.ellipse_areas).all()
    assert np.abs(contours.x).max() < 50
    assert str(contours).split("\n")[5].split()[2] == "-"


def test_where_all_points_stand_alone_at_the_coverage(normal):
    points = np.vstack([normal[:20], [[1e3, 0]]])
    contours = contours_of(points, np.array([0.999]))
    assert np.isnan(contours.areas).all()
    assert np.isfinite(contours.density).all()


def test_printed(normal):
    lines = str(replace(contours_of(normal), pair=(3, 7))).split("\n")
    assert lines[0] == "Density contours of components 3 and 7, from 2,000 points"
    assert [line.split()[0] for line in lines[3:6]] == ["50", "90", "95"]


def test_contours_of_the_model(scaled_model, scaled):
    contours = scaled_model.density_contours(scaled, (1, 3), [0.8], random_state=0)
    assert contours.pair == (1, 3)
    assert contours.n_samples == 2000
    ellipse = scaled_model.ellipses([(1, 3)], coverage=0.8)
    area = np.pi * ellipse.half_axes[0].prod()
    assert contours.ellipse_areas[0] == pytest.approx(area, rel=1e-12)
    assert contours.area_ratios[0] == pytest.approx(1, abs=0.1)
    again = scaled_model.density_contours(scaled, (1, 3), [0.8], random_state=0)
    np.testing.assert_array_equal(again.density, contours.density)
    other = scaled_model.density_contours(scaled, (1, 3), [0.8], random_state=1)
    assert not np.array_equal(other.density, contours.density)
    assert scaled_model.density_contours(scaled[:300], (1, 3)).n_samples == 300


def test_contours_see_another_centre(scaled_model, scaled):
    shifted = scaled_model.density_contours(
        scaled + 2 * scaled_model.std_, (0, 1), [0.5], random_state=0
    )
    assert shifted.area_ratios[0] == pytest.approx(1, abs=0.1)
    assert shifted.overlaps[0] < 0.1


def test_points_on_a_line_have_no_contours(scaled_model):
    line = np.outer(np.linspace(-1, 1, 50), scaled_model.std_)
    with pytest.raises(ValueError, match=r"pair must name .* got \(0, 1\)"):
        scaled_model.density_contours(line, (0, 1))
