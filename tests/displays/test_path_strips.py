"""Strips of images along paths, and curves below them."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.displays import PathDisplay
from sklatent.paths import axis_traversal, linear_path, move_along


@pytest.fixture(scope="module")
def pipeline(fitted, digits):
    return make_latent_pipeline(fitted, LatentGaussianModel()).fit_density(digits)


@pytest.fixture(scope="module")
def points(fitted, digits):
    return np.linspace(*fitted.transform(digits[:2]), 9)


def path_of(points, pipeline, **values):
    positions = np.linspace(0, 1, len(points))
    return SimpleNamespace(points=points, positions=positions, pipeline=pipeline, **values)


def test_curve_and_images_are_those_of_the_points(pipeline, fitted, points):
    display = PathDisplay.from_points(pipeline, points, n_images=5)
    np.testing.assert_array_equal(display.shown, [0, 2, 4, 6, 8])
    images = fitted.inverse_transform(points[::2]) / 16
    for artist, image in zip(display.images_["path"], images, strict=True):
        np.testing.assert_allclose(artist.get_array(), image, atol=1e-6)
    line = display.lines_["path"]
    np.testing.assert_allclose(line.get_ydata(), pipeline[-1].mahalanobis_squared(points))
    assert display.band == pytest.approx(stats.chi2.ppf([0.025, 0.975], 4))
    ticks = [label.get_text() for label in display.curve_ax_.get_xticklabels()]
    assert ticks == ["0", "0.25", "0.5", "0.75", "1"]


def test_images_stand_above_their_points(pipeline, points):
    display = PathDisplay.from_points(pipeline, points, n_images=5)
    display.figure_.canvas.draw()
    for artist, x in zip(display.images_["path"], np.linspace(0, 1, 5), strict=True):
        box = artist.get_window_extent()
        on_curve = display.curve_ax_.transData.transform((x, 0))[0]
        assert on_curve == pytest.approx((box.x0 + box.x1) / 2, abs=0.5)
    assert display.leaders_ is None


def test_lines_lead_to_points_at_uneven_places(pipeline, points):
    positions = np.arange(9.0) ** 2
    display = PathDisplay.from_points(pipeline, points, positions=positions, n_images=4)
    np.testing.assert_array_equal(display.lines_["path"].get_xdata(), positions)
    display.figure_.canvas.draw()
    curve = display.curve_ax_
    box = curve.get_window_extent()
    leaders = display.leaders_.get_segments()
    assert len(leaders) == len(display.shown)
    for line, artist, x in zip(
        leaders, display.images_["path"], positions[display.shown], strict=True
    ):
        (upper, _), (lower, end) = display.ax_.transData.transform(line)
        tile = artist.get_window_extent()
        assert upper == pytest.approx((tile.x0 + tile.x1) / 2, abs=0.5)
        assert lower == pytest.approx(curve.transData.transform((x, 0))[0], abs=0.5)
        assert end == pytest.approx(box.y1, abs=0.5)


def test_eleven_points_are_all_shown_or_led_to(pipeline, points):
    eleven = np.linspace(points[0], points[-1], 11)
    display = PathDisplay.from_points(pipeline, eleven)
    np.testing.assert_array_equal(display.shown, np.arange(11))
    assert display.leaders_ is None
    nine = PathDisplay.from_points(pipeline, eleven, n_images=9)
    assert len(nine.shown) == 9
    np.testing.assert_allclose(nine.lines_["path"].get_xdata(), np.linspace(0, 1, 11))
    assert len(nine.leaders_.get_segments()) == 9


def test_the_same_curves_are_listed_once(pipeline):
    steps = np.linspace(-2, 2, 5)
    grid = axis_traversal(n_points=5, extent=2, basis="principal", pipeline=pipeline)
    display = PathDisplay.from_path(grid)
    for line in display.lines_.values():
        np.testing.assert_allclose(line.get_ydata(), steps**2, atol=1e-6)
    words = [text.get_text() for text in display.legend_.get_texts()]
    assert words == ["all 4 alike", "95 % of points, if normal"]


@pytest.mark.parametrize("step", [0.0, 1.0])
def test_many_rows_stay_on_a_page(digits, step):
    rows = {f"row {row}": digits[row : row + 5] for row in range(14)}
    curves = {name: step * k + np.arange(5) for k, name in enumerate(rows)}
    display = PathDisplay.from_images(rows, curves, band=np.array([1.0, 2.0]))
    assert len(display.legend_.get_texts()) == (15 if step else 2)
    assert display.figure_.get_figheight() < 10
    display.figure_.canvas.draw()
    legend, page = display.legend_.get_window_extent(), display.figure_.bbox
    assert page.x0 <= legend.x0 <= legend.x1 <= page.x1
    assert legend.y1 < display.curve_ax_.get_window_extent().y0


def test_curves_lie_below_the_images(pipeline, points):
    display = PathDisplay.from_points(pipeline, {"a": points, "b": points[::-1]})
    display.figure_.canvas.draw()
    lowest = min(a.get_window_extent().y0 for row in display.images_.values() for a in row)
    assert display.curve_ax_.get_window_extent().y1 < lowest
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["a", "b"]
    assert display.lines_["a"].get_color() != display.lines_["b"].get_color()
    assert display.lines_["a"].get_linestyle() != display.lines_["b"].get_linestyle()


def test_records_of_paths(pipeline, points):
    squared = pipeline[-1].mahalanobis_squared(points)
    path = path_of(points, pipeline, mahalanobis_squared=squared, density_percentile=None)
    display = PathDisplay.from_path(path)
    np.testing.assert_array_equal(display.values["path"], squared)
    assert display.band == pytest.approx(stats.chi2.interval(0.95, 4))
    assert display.position_name == "position on the path"
    other = path_of(points, pipeline, density_percentile=np.linspace(0, 100, 9))
    shown = PathDisplay.from_path({"a": other}, measure="density_percentile")
    assert shown.curve_ax_.get_ylabel() == "percentile\nof density"
    assert shown.band is None
    without = PathDisplay.from_path(path, measure="density_percentile")
    assert without.values is None
    assert without.curve_ax_ is None
    assert [label.get_text() for label in without.ax_.get_xticklabels()][-1] == "1"


def test_rows_of_grids_are_paths(pipeline, fitted):
    steps = np.linspace(-2, 2, 5)
    grid = SimpleNamespace(
        points=pipeline[-1].mean_ + steps[None, :, None] * np.eye(4)[:2][:, None],
        rows=np.array([0, 1], dtype=object), columns=steps,
        mahalanobis_squared=np.arange(10.0).reshape(2, 5), pipeline=pipeline,
    )  # fmt: skip
    display = PathDisplay.from_path(grid)
    assert list(display.images) == ["axis 0", "axis 1"]
    np.testing.assert_array_equal(display.values["axis 1"], np.arange(5.0, 10.0))
    assert display.position_name == "standard deviations from the centre"
    np.testing.assert_allclose(
        display.images["axis 1"][..., 0], fitted.inverse_transform(grid.points[1]) / 16, atol=1e-6
    )
    named = PathDisplay.from_path(grid, names=["slant", "width"])
    assert list(named.images) == ["slant", "width"]
    with pytest.raises(ValueError, match="names must be 2 different ones"):
        PathDisplay.from_path(grid, names=["slant"])


def test_other_densities_give_log_densities(fitted, digits, points):
    mixture = GaussianMixture(2, random_state=0).fit(fitted.transform(digits).astype(float))
    display = PathDisplay.from_points(make_pipeline(fitted, mixture), points)
    np.testing.assert_allclose(display.values["path"], mixture.score_samples(points))
    assert display.curve_ax_.get_ylabel() == "log-density\n(nats)"
    assert PathDisplay.from_points(fitted, points).values is None


def test_plain_arrays(digits):
    _, ax = plt.subplots()
    display = PathDisplay.from_images(digits[:6], np.arange(6.0), band=(1, 2), n_images=3)
    display.plot(ax, line_kwargs={"lw": 4})
    assert display.ax_ is ax
    assert display.lines_["path"].get_linewidth() == 4
    np.testing.assert_allclose(display.images["path"][-1, ..., 0], digits[5] / 16, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda d: PathDisplay.from_images(d[:3], [1, 2]), ValueError, r"shape \(3,\)"),
        (
            lambda d: PathDisplay.from_images(d[:3], positions=[0, 2, 1]),
            ValueError,
            "positions must be finite and increase",
        ),
        (
            lambda d: PathDisplay.from_images({"a": d[:3], "b": d[:2]}),
            ValueError,
            "'b' has 2",
        ),
        (
            lambda d: PathDisplay.from_images({"a": d[:3]}, {"b": [1, 2, 3]}),
            ValueError,
            "values must have the names of images",
        ),
        (lambda d: PathDisplay.from_images(d[:3], n_images=1), ValueError, "n_images must be"),
        (lambda d: PathDisplay.from_images({}), ValueError, "images must hold at least one"),
        (lambda d: PathDisplay.from_path(d), TypeError, "must have points and positions"),
        (lambda d: PathDisplay.from_path(d, measure="mean"), ValueError, "measure must be one of"),
    ],
)
def test_bad_input_is_named(digits, call, error, match):
    with pytest.raises(error, match=match):
        call(digits)


def test_paths_that_do_not_fit_are_refused(fitted, points):
    path = path_of(points, None)
    with pytest.raises(ValueError, match="decoder must be given"):
        PathDisplay.from_path(path)
    with pytest.raises(ValueError, match="must have the positions of the others"):
        PathDisplay.from_path({"a": path, "b": path_of(points[:3], None)}, fitted)
    with pytest.raises(ValueError, match="names must be None but for a grid"):
        PathDisplay.from_path(path, fitted, names=["a"])
    with pytest.raises(ValueError, match=r"points must be of shape \(n, d\)"):
        PathDisplay.from_points(fitted, points[0])
    with pytest.raises(ValueError, match="points must be finite; got NaN"):
        PathDisplay.from_points(fitted, np.full((2, 4), np.nan))
    with pytest.raises(TypeError, match="density must have mahalanobis_squared"):
        PathDisplay.from_points(fitted, points, density=3)
    with pytest.raises(TypeError, match="decoder must have inverse_transform"):
        PathDisplay.from_points(GaussianMixture(), points)


def test_paths_and_grids_of_the_package(pipeline, digits):
    path = linear_path(digits[:2], 5, pipeline=pipeline)
    display = PathDisplay.from_path(path)
    np.testing.assert_allclose(display.images["path"][..., 0], path.decode() / 16, atol=1e-6)
    np.testing.assert_array_equal(display.values["path"], path.mahalanobis_squared)
    by_share = PathDisplay.from_path(path, measure="density_percentile")
    np.testing.assert_array_equal(by_share.values["path"], path.density_percentile)

    grid = axis_traversal(axes=[1, (0, 2)], n_points=5, pipeline=pipeline)
    display = PathDisplay.from_path(grid)
    assert list(display.images) == ["axis 1", "axes 0, 2"]
    np.testing.assert_allclose(
        display.images["axes 0, 2"][..., 0], grid.decode()[1] / 16, atol=1e-6
    )
    moved = move_along(digits[:2], [1.0, 0, 0, 0], [0, 1, 2], pipeline=pipeline)
    display = PathDisplay.from_path(moved)
    assert list(display.images) == ["point 0", "point 1"]
    assert display.curve_ax_.get_xlabel() == "distance moved"
