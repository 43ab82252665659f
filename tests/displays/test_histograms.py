"""Histograms of components: bars and curves against the numbers behind them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent.displays import ComponentHistogramsDisplay


@pytest.fixture
def display(latent, latent_model):
    return ComponentHistogramsDisplay.from_estimator(latent_model, latent)


def test_bars_are_the_density_histogram_and_sum_to_one(display, latent, latent_model):
    for bar, column in zip(display.bars_, latent_model.dominant_components(), strict=True):
        values, edges, _ = bar.get_data()
        assert values @ np.diff(edges) == pytest.approx(1)
        counted = np.histogram(latent[:, column], edges)[0] / len(latent) / np.diff(edges)
        np.testing.assert_allclose(values, counted, rtol=1e-9, atol=1e-12)


def test_the_dashed_curve_is_the_least_squares_fit(display, latent, latent_model):
    fits = latent_model.component_fits(latent)
    for line, column in zip(display.fit_lines_, latent_model.dominant_components(), strict=True):
        x, y = line.get_data()
        center, sigma = fits.center[column], fits.sigma[column]
        curve = fits.amplitude[column] * np.exp(-((x - center) ** 2) / (2 * sigma**2))
        np.testing.assert_allclose(y, curve, rtol=1e-9)
        assert line.get_linestyle() == "--"


def test_the_dotted_curve_has_mean_and_standard_deviation_of_the_points(
    display, latent, latent_model
):
    for line, column in zip(display.moment_lines_, latent_model.dominant_components(), strict=True):
        x, y = line.get_data()
        normal = stats.norm(latent[:, column].mean(), latent[:, column].std())
        np.testing.assert_allclose(y, normal.pdf(x), rtol=1e-9)


def test_panels_are_named_and_the_legend_says_what_is_what(display):
    titles = [ax.get_title() for ax in display.axes_]
    assert titles == ["component 0", "component 1", "component 3", "component 2"]
    words = [text.get_text() for text in display.legend_.get_texts()]
    assert words[0] == "points"
    assert "least squares" in words[1]
    assert "mean and standard deviation" in words[2]


def test_overlaid_histograms_share_one_axes_in_different_colours(latent, latent_model):
    display = ComponentHistogramsDisplay.from_estimator(
        latent_model, latent, components=[1, 2], overlay=True, curves="least_squares"
    )
    assert len(display.axes_) == 1
    assert len({bar.get_edgecolor() for bar in display.bars_}) == 2
    assert display.moment_lines_ == [None, None]
    for bar, line in zip(display.bars_, display.fit_lines_, strict=True):
        assert plt.matplotlib.colors.same_color(bar.get_edgecolor(), line.get_color())


def test_a_heavy_tail_is_not_shown_and_counted():
    x = np.append(np.random.default_rng(0).normal(size=999), 100.0)[:, None]
    display = ComponentHistogramsDisplay.from_points(x, bin_width=0.05)
    low, high = display.ax_.get_xlim()
    assert high == pytest.approx(x.mean() + 5 * x.std())
    assert low > -5 * x.std()
    assert "0.1 %\nbeyond" in [text.get_text() for text in display.ax_.texts]
    values, edges, _ = display.bars_[0].get_data()
    assert values @ np.diff(edges) == pytest.approx(1)


def test_a_component_that_does_not_vary_is_a_line(latent):
    points = np.column_stack([latent[:, 0], np.full(len(latent), 3.0)])
    display = ComponentHistogramsDisplay.from_points(points)
    assert display.fit_lines_[1] is None
    np.testing.assert_array_equal(display.bars_[1].get_xdata(), [3.0, 3.0])


def test_keywords_style_bars_and_curves(latent, latent_model):
    display = ComponentHistogramsDisplay.from_estimator(
        latent_model, latent, k=1, bar_kwargs={"color": "k"}, fit_kwargs={"lw": 3, "ls": ":"}
    )
    assert display.fit_lines_[0].get_linewidth() == 3
    assert display.fit_lines_[0].get_linestyle() == ":"
    assert display.bars_[0].get_facecolor() == (0, 0, 0, 1)


def test_panels_go_into_axes_of_the_caller(latent, latent_model):
    figure, axes = plt.subplots(2, 2)
    display = ComponentHistogramsDisplay.from_estimator(latent_model, latent, ax=axes)
    assert display.figure_ is figure
    assert list(display.axes_) == list(axes.ravel())
    figure, (_, right) = plt.subplots(1, 2, layout="constrained")
    display = ComponentHistogramsDisplay.from_estimator(latent_model, latent, ax=right, n_columns=2)
    assert display.figure_ is figure
    assert not right.axison
    figure.canvas.draw()
    boxes = [ax.get_tightbbox() for ax in display.axes_]
    assert not any(display.legend_.get_window_extent().overlaps(box) for box in boxes)


def test_wrong_choices_are_errors(latent):
    model = LatentGaussianModel().fit(np.random.default_rng(0).normal(size=(50, 9)))
    with pytest.raises(ValueError, match="overlay holds at most 8 components; got 9"):
        ComponentHistogramsDisplay.from_estimator(model, model.sample(50), overlay=True)
    with pytest.raises(ValueError, match="curves must be one of"):
        ComponentHistogramsDisplay.from_points(latent, curves="none")
    with pytest.raises(TypeError, match="bar_kwargs must be a dictionary"):
        ComponentHistogramsDisplay.from_points(latent, bar_kwargs=3)
