"""Ellipses and ticks over images of a plane."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklatent.displays._drawing.plane_drawing import draw_ellipses, label_places


def test_ellipses_are_quantiles_of_the_normal():
    _, ax = plt.subplots()
    lines = draw_ellipses(ax, np.array([1.0, 2.0]), np.diag([4.0, 1.0]), (1, 2), {"lw": 5})
    for line, n_std in zip(lines, (1, 2), strict=True):
        x, y = np.array(line.get_data())
        np.testing.assert_allclose(((x - 1) / 2) ** 2 + (y - 2) ** 2, n_std**2)
        assert line.get_linewidth() == 5
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["1 sigma, 39.3 %", "2 sigma, 86.5 %"]


@pytest.mark.parametrize(
    ("room", "labels"), [(1.0, ["-2", "-1", "0", "1", "2"]), (0.1, ["-2", "0", "2"])]
)
def test_places_are_labelled_where_there_is_room(room, labels):
    _, ax = plt.subplots()
    label_places(ax.set_xticks, np.arange(-2.0, 3.0), room)
    assert [label.get_text() for label in ax.get_xticklabels()] == labels
