"""Pairs of components: points, ellipses and contours against closed forms."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklatent import LatentGaussianModel
from sklatent.displays import ComponentPairDisplay


@pytest.fixture
def display(latent, latent_model):
    return ComponentPairDisplay.from_estimator(
        latent_model, latent, pair=(0, 1), n_std=(1, 2.5), random_state=0
    )


def test_the_scatter_holds_the_points(display, latent):
    np.testing.assert_array_equal(display.scatter_.get_offsets(), latent[:, :2])


def test_ellipses_have_the_eigenvalues_and_angle_of_the_covariance(display, latent):
    covariance = np.cov(latent[:, :2].T, bias=True)
    values, vectors = np.linalg.eigh(covariance)
    for patch, n_std in zip(display.ellipses_, (1, 2.5), strict=True):
        np.testing.assert_allclose(patch.center, latent[:, :2].mean(axis=0))
        assert patch.width == pytest.approx(2 * n_std * np.sqrt(values[1]))
        assert patch.height == pytest.approx(2 * n_std * np.sqrt(values[0]))
        along = np.cos(np.radians(patch.angle)), np.sin(np.radians(patch.angle))
        assert abs(vectors[:, 1] @ along) == pytest.approx(1)


def test_the_legend_states_nominal_and_empirical_coverage(display, latent):
    inverse = np.linalg.inv(np.cov(latent[:, :2].T, bias=True))
    offset = latent[:, :2] - latent[:, :2].mean(axis=0)
    inside = np.einsum("ni,ij,nj->n", offset, inverse, offset) <= 2.5**2
    words = [text.get_text() for text in display.legend_.get_texts()]
    assert words[2] == (
        f"ellipse of 2.5 sigma: 95.6 % of a normal, {100 * inside.mean():.1f} % of the points"
    )
    assert words[-1] == "densest regions that hold 50 % and 90 % of the points"
    assert words[-2] == "mean"


def test_contours_are_drawn_at_the_levels_of_the_record(display, latent, latent_model):
    record = latent_model.density_contours(latent, (0, 1), (0.5, 0.9), random_state=0)
    np.testing.assert_allclose(display.contours_.levels, np.sort(record.levels))
    paths = [path for path in display.contours_.get_paths() if len(path.vertices)]
    assert len(paths) == 2
    inside = paths[0].contains_points(latent[:, :2])
    # 600 points: three standard deviations of a share of 0.9 are 0.04; the kernel adds a little.
    assert inside.mean() == pytest.approx(0.9, abs=0.05)


def test_sizes_are_sigma_or_coverage_and_two_and_three_by_default(latent, latent_model):
    options = {"pair": (0, 1), "density_coverages": None}
    display = ComponentPairDisplay.from_estimator(latent_model, latent, **options)
    assert [each.n_std for each in display.ellipses] == [2.0, 3.0]
    assert display.contours_ is None
    display = ComponentPairDisplay.from_estimator(latent_model, latent, coverage=0.95, **options)
    assert display.ellipses[0].n_std == pytest.approx(np.sqrt(-2 * np.log(0.05)))
    with pytest.raises(ValueError, match="Only one of n_std, coverage"):
        ComponentPairDisplay.from_estimator(latent_model, latent, coverage=0.9, n_std=2)


def test_subsamples_are_seeded_and_coverage_counts_all_points(latent, latent_model):
    options = {"pair": (2, 3), "max_points": 50, "density_coverages": None}
    first, again, other = (
        ComponentPairDisplay.from_estimator(latent_model, latent, random_state=seed, **options)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.points, again.points)
    assert not np.array_equal(first.points, other.points)
    np.testing.assert_array_equal(first.empirical_coverage, other.empirical_coverage)
    assert first.legend_.get_texts()[0].get_text() == "50 of 600 points"


def test_the_dominant_pair_is_the_default(latent, latent_model):
    display = ComponentPairDisplay.from_estimator(latent_model, latent)
    np.testing.assert_array_equal(display.names, latent_model.dominant_components(2))
    assert display.ax_.get_xlabel() == "component 0 (latent units)"


def test_the_axes_of_the_caller_are_used_and_keywords_style(latent, latent_model):
    figure, ax = plt.subplots()
    display = ComponentPairDisplay.from_estimator(
        latent_model,
        latent,
        ax=ax,
        scatter_kwargs={"c": "red", "s": 1},
        ellipse_kwargs={"ec": "blue"},
        contour_kwargs={"cmap": "viridis"},
        center_kwargs={"marker": "x"},
    )
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert display.ellipses_[0].get_edgecolor() == (0, 0, 1, 1)
    assert display.scatter_.get_sizes()[0] == 1
    assert display.center_.get_marker() == "x"
    assert display.legend_ is ax.get_legend()
    figure.canvas.draw()
    legend = display.legend_.get_window_extent()
    places = ax.transData.transform(latent[:, [0, 1]])
    assert not legend.count_contains(places)


def test_wrong_pairs_are_errors(latent, latent_model):
    with pytest.raises(ValueError, match="pair must hold 2 components; got 3"):
        ComponentPairDisplay.from_estimator(latent_model, latent, pair=(0, 1, 2))
    with pytest.raises(ValueError, match="pair must hold 2 components; got 1"):
        ComponentPairDisplay.from_points(latent[:, :1])
    flat = np.column_stack([latent[:, 0], 2 * latent[:, 0]])
    with pytest.raises(ValueError, match="pair must name two components that vary"):
        ComponentPairDisplay.from_points(flat)
    with pytest.raises(ValueError, match="density_coverages must be None, or shares in"):
        ComponentPairDisplay.from_points(latent, density_coverages=[1.5])
    with pytest.raises(ValueError, match=r"n_std must be a number or several; got shape \(0,\)"):
        ComponentPairDisplay.from_points(latent, n_std=[])
    display = ComponentPairDisplay.from_points(flat, density_coverages=None)
    assert display.ellipses_[0].height == 0


def test_a_model_from_other_points_gives_the_ellipses(latent):
    model = LatentGaussianModel().fit(latent + 100)
    display = ComponentPairDisplay.from_estimator(model, latent, density_coverages=None)
    np.testing.assert_array_equal(display.empirical_coverage, [0, 0])
    np.testing.assert_allclose(display.center_.get_xydata()[0], model.mean_[[0, 1]])
