"""Axes to draw on."""

import matplotlib.pyplot as plt
import pytest

from sklatent.displays._drawing.axes import (
    count_axes,
    get_ax,
    get_axes_grid,
    get_inches,
    grid_shape,
    open_frame,
    stack_axes,
)


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


def test_stacked_axes_take_the_place_of_one():
    figure, ax = plt.subplots(1, 2)
    found, axes = stack_axes(ax[1], (3, 1), (4, 4))
    assert found is figure
    assert not ax[1].axison
    heights = [axis.get_position().height for axis in axes]
    assert heights[0] / heights[1] == pytest.approx(3.0)
    _, given = stack_axes([ax[0], ax[1]], (3, 1), (4, 4))
    assert list(given) == [ax[0], ax[1]]


def test_one_axes_is_stacked_as_it_is():
    figure, ax = plt.subplots()
    found, axes = stack_axes(ax, (1,), (4, 4))
    assert found is figure
    assert list(axes) == [ax]
    assert ax.axison


def test_panels_by_their_number_and_width():
    assert [grid_shape(n) for n in (3, 6, 20)] == [(1, 3), (2, 3), (4, 5)]
    assert grid_shape(7, n_columns=4) == (2, 4)
    assert [grid_shape(n, widths=(5, 10))[1] for n in (4, 10, 11, 18, 30)] == [4, 10, 6, 9, 10]


def test_inches_are_those_of_a_share_of_the_page():
    ax = plt.figure(figsize=(4, 2)).add_axes((0, 0, 1, 0.5))
    assert get_inches(ax) == pytest.approx((4.0, 1.0))


def test_axes_are_counted():
    _, axes = plt.subplots(2, 3)
    assert [count_axes(ax) for ax in (None, axes[0, 0], axes, list(axes[0]))] == [1, 1, 6, 3]


def test_open_frames_have_two_sides():
    _, ax = plt.subplots()
    open_frame(ax)
    assert [name for name, spine in ax.spines.items() if spine.get_visible()] == ["left", "bottom"]
