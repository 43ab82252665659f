"""Shapes of components: moments against scipy, bands against simulation."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

from sklatent.displays import ComponentShapesDisplay
from sklatent.displays._shapes import shape_bands


@pytest.fixture(scope="module")
def shaped():
    """1,000 points: normal, uniform, exponential, t with 5 degrees of freedom."""
    rng = np.random.default_rng(0)
    columns = (rng.normal(size=1000), rng.uniform(size=1000), rng.exponential(size=1000))
    return np.column_stack([*columns, rng.standard_t(5, size=1000)])


def test_points_are_skewness_and_kurtosis(shaped):
    display = ComponentShapesDisplay.from_points(shaped)
    x, y = display.points_[0].get_data()
    np.testing.assert_allclose(x, stats.skew(shaped), rtol=1e-9)
    np.testing.assert_allclose(y, stats.kurtosis(shaped), rtol=1e-9)


def test_those_farthest_from_normal_are_named(shaped):
    display = ComponentShapesDisplay.from_points(shaped, n_labels=2)
    assert {text.get_text() for text in display.texts_} == {"2", "3"}
    named = ComponentShapesDisplay.from_points(shaped, components=[0, 1], n_labels=9)
    assert [text.get_text() for text in named.texts_] == ["1", "0"]


def test_names_of_near_components_do_not_overlap():
    x = np.random.default_rng(0).exponential(size=(2000, 1))
    points = x + 1e-3 * np.random.default_rng(1).normal(size=(2000, 3))
    display = ComponentShapesDisplay.from_points(np.hstack([points, -x]))
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.texts_]
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert not any(a.overlaps(b) for a, b in pairs)


def test_bands_are_where_normal_samples_lie():
    skewness, kurtosis = shape_bands(500, 0.9)
    samples = np.random.default_rng(0).normal(size=(500, 4000))
    found = stats.skew(samples)
    # Four standard deviations of a share of 0.9 in 4,000 samples.
    inside = ((found > skewness[0]) & (found < skewness[1])).mean()
    assert inside == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 4000))
    found = stats.kurtosis(samples)
    assert kurtosis[0] < 0 < kurtosis[1]
    center, half = sum(kurtosis) / 2, (kurtosis[1] - kurtosis[0]) / 2
    spread = half / stats.norm.ppf(0.95)
    assert found.mean() == pytest.approx(center, abs=4 * spread / np.sqrt(4000))
    # The variance of kurtosis is exact; of 4,000 values it scatters by some 4 %.
    assert found.std() == pytest.approx(spread, rel=0.1)


def test_bands_are_drawn_at_the_ends_of_the_intervals(shaped):
    display = ComponentShapesDisplay.from_points(shaped, confidence_level=0.9)
    skewness, kurtosis = shape_bands(1000, 0.9)
    upright, level = display.bands_
    assert (upright.get_x(), upright.get_x() + upright.get_width()) == pytest.approx(skewness)
    assert (level.get_y(), level.get_y() + level.get_height()) == pytest.approx(kurtosis)
    assert "90 %" in display.legend_.get_texts()[1].get_text()


def test_the_parabola_is_named_where_it_is_in_sight():
    rng = np.random.default_rng(0)
    display = ComponentShapesDisplay.from_points(rng.choice([0.0, 1.0], size=(500, 3)))
    assert "smallest possible" in [text.get_text() for text in display.legend_.get_texts()]


def test_profiles_show_four_moments(shaped):
    display = ComponentShapesDisplay.from_points(shaped, kind="profile")
    wanted = shaped.mean(0), shaped.std(0), stats.skew(shaped), stats.kurtosis(shaped)
    for line, values in zip(display.points_, wanted, strict=True):
        np.testing.assert_allclose(line.get_ydata(), values, rtol=1e-9)
    assert [text.get_text() for text in display.axes_[3].get_xticklabels()] == list("0123")
    assert len(display.bands_) == 2


def test_profiles_go_into_one_axes_of_the_caller(shaped):
    figure, ax = plt.subplots()
    display = ComponentShapesDisplay.from_points(shaped, kind="profile", ax=ax)
    assert display.figure_ is figure
    assert len(display.axes_) == 4


def test_wrong_input_is_an_error(shaped):
    with pytest.raises(ValueError, match="points must have at least 4 rows; got 3"):
        ComponentShapesDisplay.from_points(shaped[:3])
    with pytest.raises(ValueError, match="kind must be one of 'shape', 'profile'"):
        ComponentShapesDisplay.from_points(shaped, kind="violin")
    with pytest.raises(ValueError, match="n_labels must be an integer of at least 0"):
        ComponentShapesDisplay.from_points(shaped, n_labels=-1)


def test_means_that_are_rounding_errors_do_not_fill_their_panel(shaped):
    centred = shaped - shaped.mean(axis=0)
    display = ComponentShapesDisplay.from_points(centred, kind="profile")
    low, high = display.axes_[0].get_ylim()
    assert high - low == pytest.approx(0.1 * centred.std(axis=0).max(), rel=0.01)
    assert low < 0 < high
