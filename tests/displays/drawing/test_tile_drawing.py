"""Tiles of images as they are drawn."""

import matplotlib.pyplot as plt
import numpy as np

from sklatent.displays._drawing.tile_drawing import draw_tile_rows, tile_inches


def test_tiles_stand_side_by_side_and_keep_their_shape(rng):
    _, ax = plt.subplots()
    rows = [rng.random((3, 8, 4, 1)), rng.random((2, 8, 4, 3))]
    images, texts = draw_tile_rows(
        ax, rows, labels=["grey", "colour"], captions=[["a", "b", "c"], None]
    )
    assert [len(row) for row in images] == [3, 2]
    left, right, bottom, top = images[0][1].get_extent()
    assert (right - left, bottom - top) == (1.0, 2.0)
    assert left > images[0][0].get_extent()[1]
    # The second row stands below the captions of the first.
    assert images[1][0].get_extent()[3] > texts[0][0].get_position()[1]
    assert [text.get_text() for text in texts[0]] == ["a", "b", "c"]
    assert texts[1] == []
    np.testing.assert_array_equal(images[0][0].get_array(), rows[0][0][..., 0])
    np.testing.assert_array_equal(images[1][1].get_array(), rows[1][1])
    np.testing.assert_allclose(ax.get_yticks(), [1.0, images[1][0].get_extent()[3] + 1.0])
    assert images[0][0].get_clim() == (0.0, 1.0)


def test_captions_leave_no_overlap_when_drawn(rng):
    figure, ax = plt.subplots(figsize=(5, 3), layout="constrained")
    images, texts = draw_tile_rows(
        ax, [rng.random((4, 8, 8, 1))] * 2, captions=[["0.0123"] * 4] * 2
    )
    figure.canvas.draw()
    for text in texts[0]:
        box = text.get_window_extent()
        assert not any(box.overlaps(image.get_window_extent()) for image in images[1])


def test_tiles_shrink_with_their_number():
    assert tile_inches(30)[0] < tile_inches(9)[0] < tile_inches(2)[0] + 1e-9
    assert tile_inches(5, ["two lines\nlonger of them"])[1] > tile_inches(5, ["short"])[1]
