"""Legends below and inside axes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Ellipse

from sklatent.displays._drawing.axes import get_ax
from sklatent.displays._drawing.legends import add_legend, legend_columns, line_handle


def test_a_pale_dot_is_dark_in_the_legend():
    figure, ax = get_ax()
    dots = ax.scatter([0], [0], alpha=0.1, s=1, label="points")
    legend = add_legend(figure, ax, [dots], own=False)
    assert legend.legend_handles[0].get_alpha() == 1
    assert dots.get_alpha() == 0.1


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_legend_inside_covers_no_points(scale):
    figure, ax = plt.subplots()
    ax.set_yscale(scale)
    x, y = np.linspace(0, 1, 50), np.linspace(1, 100, 50)
    (line,) = ax.plot(x, y, "o", label="points")
    legend = add_legend(figure, ax, [line], own=False)
    figure.canvas.draw()
    assert not legend.get_window_extent().count_contains(ax.transData.transform(np.c_[x, y]))


def test_a_legend_inside_is_no_wider_than_its_axes():
    figure, axes = plt.subplots(2, 2, figsize=(7, 6), layout="constrained")
    ax = axes[0, 0]
    (line,) = ax.plot(
        [0, 1], label="an ellipse of 2 sigma: 86.5 % of a normal, 85.9 % of the points"
    )
    legend = add_legend(figure, ax, [line], own=False)
    figure.canvas.draw()
    box, panel = legend.get_window_extent(), ax.get_window_extent()
    assert panel.x0 <= box.x0
    assert box.x1 <= panel.x1
    assert legend.get_texts()[0].get_text().replace("\n", " ") == line.get_label()


def test_a_legend_of_our_own_figure_stands_below_its_axes():
    figure, ax = get_ax()
    legend = add_legend(figure, ax, ax.plot([0, 1], label="line"), own=True)
    figure.canvas.draw()
    assert [text.get_text() for text in legend.get_texts()] == ["line"]
    assert legend.get_window_extent().y1 < ax.get_window_extent().y0


def test_lines_stand_for_patches_and_lines():
    line = line_handle(Ellipse((0, 0), 1, 1, linewidth=3, edgecolor="red", ls="--"), "ellipse")
    assert (line.get_linewidth(), line.get_label(), line.get_linestyle()) == (3, "ellipse", "--")
    assert line.get_color() == (1, 0, 0, 1)
    again = line_handle(line, "line")
    assert again.get_color() == line.get_color()


def test_columns_of_a_legend_fit_into_its_width():
    assert legend_columns(["straight", "on a sphere"], 7) == 2
    assert legend_columns(12 * ["on a sphere"], 7) == 6
    assert legend_columns(["far too long for any page" * 9] * 2, 7) == 1
