"""Grids of images over two latent components."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.displays import PlaneGridDisplay
from sklatent.paths import plane_grid


@pytest.fixture(scope="module")
def pipeline(fitted, digits):
    return make_latent_pipeline(fitted, LatentGaussianModel()).fit_density(digits)


def test_images_and_axes_in_standard_deviations(pipeline, fitted):
    display = PlaneGridDisplay.from_estimator(pipeline, (1, 2), extent=2, n_points=(5, 3))
    model = pipeline[-1]
    np.testing.assert_allclose(display.x, [-2, -1, 0, 1, 2])
    np.testing.assert_allclose(display.y, [-2, 0, 2])
    point = model.mean_.copy()
    point[1] += 2 * model.std_[1]
    point[2] -= 2 * model.std_[2]
    image = fitted.inverse_transform(point[None])[0] / 16
    artist = display.images_[0, 4]
    np.testing.assert_allclose(artist.get_array(), image, atol=1e-6)
    left, right, bottom, top = artist.get_extent()
    assert (left + right) / 2 == pytest.approx(2)
    assert (bottom + top) / 2 == pytest.approx(-2)
    assert top > bottom
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["-2", "0", "2"]
    assert display.ax_.get_xlabel() == "component 1, standard deviations from the mean"


def test_images_are_square_on_the_page(pipeline):
    display = PlaneGridDisplay.from_estimator(pipeline, (0, 1), units="latent", n_points=(6, 3))
    display.figure_.canvas.draw()
    box = display.images_[1, 1].get_window_extent()
    assert box.width == pytest.approx(box.height, rel=0.02)


@pytest.mark.parametrize("units", ["std", "latent"])
def test_ellipses_lie_at_their_distance(pipeline, units):
    model = pipeline[-1]
    display = PlaneGridDisplay.from_estimator(
        pipeline, (0, 3), units=units, n_std=(1, 2.5), n_points=3
    )
    offsets = np.stack(display.ellipses_[1].get_data(), axis=1)
    pair = [0, 3]
    offsets = offsets * model.std_[pair] if units == "std" else offsets - model.mean_[pair]
    inverse = np.linalg.inv(model.covariance_[np.ix_(pair, pair)])
    np.testing.assert_allclose(np.einsum("ni,ij,nj->n", offsets, inverse, offsets), 2.5**2)
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["1 sigma, 39.3 %", "2.5 sigma, 95.6 %"]


def test_no_ellipses_where_none_are_asked_for(pipeline):
    display = PlaneGridDisplay.from_estimator(pipeline, n_std=(), n_points=2)
    assert display.ellipses_ == []
    assert display.ax_.get_legend() is None


def test_ticks_of_many_columns_do_not_run_together(pipeline):
    display = PlaneGridDisplay.from_estimator(
        pipeline, n_points=(13, 3), extent=1.2345, units="latent"
    )
    display.figure_.canvas.draw()
    boxes = [label.get_window_extent() for label in display.ax_.get_xticklabels()]
    assert all(first.x1 < second.x0 for first, second in pairwise(boxes))
    assert len(boxes) == 7


def test_plain_arrays(digits):
    _, ax = plt.subplots()
    display = PlaneGridDisplay.from_images(
        digits[:6], [0, 1, 2], [5, 7], names=("width", "slant"), covariance=np.eye(2), n_std=1
    ).plot(ax, ellipse_kwargs={"lw": 5})
    assert display.ax_ is ax
    np.testing.assert_allclose(display.images_[1, 0].get_array(), digits[3] / 16, atol=1e-6)
    assert display.ellipses_[0].get_linewidth() == 5
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("width", "slant")


def test_grids_of_the_package(pipeline, fitted):
    grid = plane_grid(axes=(0, 2), n_points=3, pipeline=pipeline)
    display = PlaneGridDisplay.from_grid(grid, names=("a", "b"))
    np.testing.assert_allclose(display.images[..., 0], grid.decode() / 16, atol=1e-6)
    np.testing.assert_array_equal(display.x, grid.columns)
    assert display.names == (
        "a, standard deviations from the centre",
        "b, standard deviations from the centre",
    )
    with pytest.raises(ValueError, match="decoder must be given"):
        PlaneGridDisplay.from_grid(plane_grid(n_points=3, model=pipeline[-1]))
    with pytest.raises(TypeError, match="grid must have points, rows and columns"):
        PlaneGridDisplay.from_grid(np.zeros((3, 3, 4)))


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"pair": (0, 0)}, ValueError, "pair must hold different components"),
        ({"pair": (0, 4)}, ValueError, r"pair must hold indices from 0 to 3; got \[0, 4\]"),
        ({"extent": 0}, ValueError, "extent must be"),
        ({"n_points": 1}, ValueError, "n_points must be"),
        ({"n_points": (2, 2, 2)}, ValueError, "n_points must be one number or two"),
        ({"units": "pixels"}, ValueError, "units must be one of"),
        ({"others": "zero"}, ValueError, "others must be one of"),
        ({"n_std": (0,)}, ValueError, "n_std must be"),
        ({"density": 3}, TypeError, "density must be fitted and have mean_"),
    ],
)
def test_bad_parameters_are_named(pipeline, changes, error, match):
    with pytest.raises(error, match=match):
        PlaneGridDisplay.from_estimator(pipeline, **changes)


def test_components_that_do_not_vary_are_refused(fitted, digits):
    points = fitted.transform(digits).astype(float)
    points[:, 1] = 2.0
    with pytest.raises(ValueError, match="pair must be of components that vary"):
        PlaneGridDisplay.from_estimator(fitted, density=LatentGaussianModel().fit(points))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"x": [0, 1]}, "images must hold 4 images for a grid"),
        ({"x": [0, 1, 3]}, "x must increase at even distances"),
        ({"n_std": (1,)}, "covariance must be given"),
        ({"names": ("one",)}, "names must be two"),
        ({"center": [1, 2, 3]}, r"center must be finite numbers of shape \(2,\)"),
        ({"covariance": np.full((2, 2), np.nan)}, r"covariance must be finite numbers"),
    ],
)
def test_bad_arrays_are_named(digits, changes, match):
    arrays = {"images": digits[:6], "x": [0, 1, 2], "y": [0, 1]}
    with pytest.raises(ValueError, match=match):
        PlaneGridDisplay.from_images(**(arrays | changes))


def test_labels_are_no_longer_than_their_axes(pipeline):
    _, axes = plt.subplots(2, 2, figsize=(7, 6), layout="constrained")
    for ax in (None, axes[0, 0]):
        display = PlaneGridDisplay.from_estimator(pipeline, n_points=(6, 3), n_std=(), ax=ax)
        display.figure_.canvas.draw()
        label = display.ax_.yaxis.label.get_window_extent()
        assert display.figure_.bbox.y0 <= label.y0 <= label.y1 <= display.figure_.bbox.y1
        assert label.height < 1.2 * display.ax_.get_window_extent().height
