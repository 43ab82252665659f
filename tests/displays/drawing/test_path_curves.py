"""Curves below strips."""

import matplotlib.pyplot as plt
import numpy as np

from sklatent.displays._drawing.path_curves import (
    BAND_LABEL,
    add_curve_axes,
    curve_inches,
    curve_labels,
    draw_band,
    draw_curves,
    draw_leaders,
    groups,
    places_of_images,
)

STEPS = np.linspace(-2, 2, 5)


def test_the_same_curves_are_one_group():
    values = {"a": STEPS, "b": -STEPS, "c": STEPS}
    assert groups(values) == [["a", "c"], ["b"]]
    assert curve_labels(values) == {"a": "a and 1 more", "b": "b"}
    assert curve_labels({"a": STEPS, "b": STEPS}) == {"a": "all 2 alike"}
    assert curve_labels({"a": STEPS}) == {}


def test_the_same_curves_look_the_same():
    _, ax = plt.subplots()
    values = {"a": STEPS, "b": -STEPS, "c": STEPS}
    lines = draw_curves(ax, np.arange(5), values, np.array([0, 4]), {"lw": 3})
    assert lines["a"].get_color() == lines["c"].get_color() != lines["b"].get_color()
    assert lines["a"].get_markevery() == [0, 4]
    assert lines["b"].get_linewidth() == 3
    assert [line.get_label() for line in lines.values()] == ["a and 1 more", "b", "c"]


def test_ends_stand_above_their_points():
    places = places_of_images(np.array([0.0, 1.0, 4.0]), np.arange(3), np.array([0.5, 1.5, 2.5]))
    np.testing.assert_allclose(places, [0.5, 1.0, 2.5])


def test_the_axis_of_curves_is_true_to_the_positions():
    _, ax = plt.subplots()
    ax.set(xlim=(0, 3), ylim=(2, 0))
    axes = add_curve_axes(ax, 2.0, 0.5, 1.0, np.array([10.0, 20.0]), np.array([0.5, 2.5]))
    np.testing.assert_allclose(axes.get_xlim(), [7.5, 22.5])
    assert ax.get_ylim()[0] == 4.0


def test_leaders_join_images_and_places():
    _, ax = plt.subplots()
    lines = draw_leaders(ax, np.array([0.5, 1.5]), np.array([0.5, 1.0]), 2.0, 3.0)
    np.testing.assert_allclose(lines.get_segments()[1], [(1.5, 2.0), (1.0, 3.0)])


def test_bands_span_their_ends_and_lengthen_the_legend():
    _, ax = plt.subplots()
    band = draw_band(ax, (1.0, 3.0))
    assert (band.get_y(), band.get_height(), band.get_label()) == (1.0, 2.0, BAND_LABEL)
    assert curve_inches({"a": STEPS}, (1.0, 3.0), 5.0) > curve_inches({"a": STEPS}, None, 5.0)
