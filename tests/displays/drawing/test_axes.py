"""Axes, colours and keywords that displays share."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D

from sklatent.displays._drawing.axes import (
    add_legend,
    get_ax,
    get_axes_grid,
    grid_shape,
    merge_keywords,
)


def test_listing_displays_loads_no_matplotlib():
    code = (
        "import sys, sklatent;"
        "[getattr(sklatent.displays, name) for name in sklatent.displays.__all__];"
        "print('matplotlib' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_axes_of_the_caller_are_used():
    figure, ax = plt.subplots()
    assert get_ax(ax) == (figure, ax)
    assert len(plt.get_fignums()) == 1


def test_what_is_no_axes_is_an_error():
    with pytest.raises(TypeError, match=r"ax must be a matplotlib Axes or None; got 'here'"):
        get_ax("here")
    with pytest.raises(TypeError, match=r"ax must be a matplotlib Axes, an array of them or None"):
        get_axes_grid([1, 2], (1, 2))


def test_grid_in_a_new_figure_has_the_asked_panel_size():
    figure, axes = get_axes_grid(None, (2, 3), panel_size=(1.5, 1.0), sharex=True)
    assert axes.shape == (2, 3)
    assert tuple(figure.get_size_inches()) == (4.5, 2.0)
    axes[0, 0].set_xlim(0, 7)
    assert axes[1, 2].get_xlim() == (0, 7)


def test_grid_takes_the_place_of_one_axes():
    figure, (left, right) = plt.subplots(1, 2)
    got, axes = get_axes_grid(right, (2, 2))
    assert got is figure
    assert not right.axison
    box, frame = right.get_position(), axes[0, 0].get_position()
    assert box.x0 - 1e-9 <= frame.x0
    assert frame.x1 <= box.x1
    assert left.axison


def test_grid_takes_an_array_of_axes_row_by_row():
    _, panels = plt.subplots(1, 4)
    _, axes = get_axes_grid(panels, (2, 2))
    assert list(axes.ravel()) == list(panels)
    with pytest.raises(ValueError, match=r"ax must hold 6 Axes, 2 rows of 3; got 4\."):
        get_axes_grid(panels, (2, 3))


def test_axes_at_a_place_of_its_own_holds_no_grid():
    ax = plt.figure().add_axes((0, 0, 1, 1))
    with pytest.raises(ValueError, match="Give an array of Axes instead"):
        get_axes_grid(ax, (2, 2))


@pytest.mark.parametrize("n_panels", range(1, 41))
def test_grids_hold_all_panels_and_no_empty_row(n_panels):
    rows, columns = grid_shape(n_panels)
    assert columns <= 5
    assert (rows - 1) * columns < n_panels <= rows * columns


def test_keywords_of_the_caller_win_under_either_name():
    defaults = {"linewidth": 1.0, "color": "red"}
    assert merge_keywords("line_kwargs", defaults, None) == defaults
    merged = merge_keywords("line_kwargs", defaults, {"c": "blue"}, Line2D)
    assert merged == {"linewidth": 1.0, "color": "blue"}
    assert defaults == {"linewidth": 1.0, "color": "red"}


def test_keywords_that_are_no_dictionary_are_an_error():
    with pytest.raises(TypeError, match="line_kwargs must be a dictionary of keywords or None"):
        merge_keywords("line_kwargs", {}, ["red"])
    with pytest.raises(TypeError, match="scatter_kwargs must hold each keyword once"):
        merge_keywords("scatter_kwargs", {}, {"lw": 1, "linewidth": 2}, PathCollection)


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
