"""Keywords for styling, and colours."""

import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D

from sklatent.displays._drawing.style import PALETTE, merge_keywords


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


def test_colours_differ():
    assert len({to_rgb(color) for color in PALETTE}) == len(PALETTE)
