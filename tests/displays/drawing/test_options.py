"""Keywords of displays: their types do not drift from `plot`, and unknown ones are named."""

import inspect
from typing import Unpack, get_args, get_type_hints

import matplotlib.pyplot as plt
import pytest
from sklearn.model_selection import GridSearchCV

from sklatent import displays
from sklatent.displays import CornerDisplay, CorrelationDisplay, PrincipalVarianceDisplay
from sklatent.displays._drawing import options
from sklatent.displays._drawing.options import keywords_of_plot, names_keywords
from sklatent.samplers import BoxSampler


def makers(name):
    """Return the class methods `from_*` of a display."""
    members = inspect.getmembers(getattr(displays, name), inspect.ismethod)
    return [method for found, method in members if found.startswith("from_")]


@pytest.mark.parametrize("name", displays.__all__)
def test_types_of_keywords_are_those_of_plot(name):
    display = getattr(displays, name)
    keywords = getattr(options, name.removesuffix("Display") + "Options")
    assert keywords.__total__ is False
    assert makers(name)
    for maker in makers(name):
        last = list(inspect.signature(maker).parameters.values())[-1]
        assert (last.name, last.kind) == ("plot_options", inspect.Parameter.VAR_KEYWORD)
        assert last.annotation == Unpack[keywords]
        assert get_args(last.annotation) == (keywords,)
    parameters = inspect.signature(display.plot).parameters.values()
    of_plot = {each.name: each.annotation for each in parameters if each.kind is each.KEYWORD_ONLY}
    assert get_type_hints(keywords) == of_plot
    assert keywords_of_plot(display) == list(of_plot) == list(keywords.__annotations__)


@pytest.mark.parametrize("name", displays.__all__)
def test_an_unknown_keyword_is_named_before_anything_is_made(name):
    display, before = getattr(displays, name), plt.get_fignums()
    for maker in makers(name):
        required = [
            None
            for each in inspect.signature(maker).parameters.values()
            if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
        ]
        with pytest.raises(TypeError) as raised:
            maker(*required, axe=None)
        message = str(raised.value)
        assert message.startswith(f"{name}.{maker.__name__} takes the keywords ")
        assert f"of plot, {', '.join(keywords_of_plot(display))}; got 'axe'." in message
        assert ", ax, and those" in message
    assert plt.get_fignums() == before


def test_class_methods_stay_what_they_were():
    class Made:
        @classmethod
        def from_points(cls, points, *, ax=None, **plot_options):
            """Give back what came."""
            return cls, points, ax, plot_options

        def plot(self, ax=None, *, color=None):
            """Draw nothing."""

    plain = vars(Made)["from_points"].__func__
    assert names_keywords(Made) is Made

    class Child(Made):
        pass

    assert Made.from_points(1, color=2) == (Made, 1, None, {"color": 2})
    assert Child.from_points(points=1, ax=3) == (Child, 1, 3, {})
    assert Child().from_points(1) == (Child, 1, None, {})
    assert vars(Made)["from_points"].__func__ is plain
    assert Made.from_points.__doc__ == "Give back what came."
    assert str(inspect.signature(Made.from_points)) == "(points, *, ax=None, **plot_options)"
    with pytest.raises(TypeError, match=r"Child.from_points takes the keywords points, ax, and th"):
        Child.from_points(1, colour=2)


@pytest.mark.parametrize(
    ("styles", "error", "message"),
    [
        ({"line_kwargs": {"foo": 1}}, TypeError, "^line_kwargs must hold keywords and values"),
        ({"line_kwargs": {"color": "no"}}, ValueError, "^line_kwargs must hold keywords and"),
        (
            {"bar_kwargs": {"foo": 1}, "line_kwargs": {"lw": 2}},
            TypeError,
            "^bar_kwargs must hold keywords and values that matplotlib takes",
        ),
        ({"scatter_kwargs": {"s": "x"}}, ValueError, "^scatter_kwargs must hold"),
        ({"line_kwargs": 3}, TypeError, "^line_kwargs must be a dictionary"),
        ({"foo": 1}, TypeError, "takes the keywords .*bar_kwargs.*; got 'foo'"),
    ],
)
def test_a_plot_that_fails_names_the_style_and_leaves_no_figure(latent, styles, error, message):
    display = CornerDisplay.from_points(latent)
    own = plt.figure()
    before = plt.get_fignums()
    with pytest.raises(error, match=message):
        display.plot(**styles)
    with pytest.raises(error, match=message if "foo" not in styles else "got 'foo'"):
        CornerDisplay.from_points(latent, **styles)
    assert plt.get_fignums() == before
    assert plt.fignum_exists(own.number)


def test_models_alone_and_what_a_search_has_chosen(latent, latent_model):
    for display in (CorrelationDisplay, PrincipalVarianceDisplay):
        drawn = display.from_estimator(latent_model)
        assert drawn.figure_ is display.from_model(latent_model, ax=drawn.ax_).figure_
        with pytest.raises(TypeError, match="X must be given but for a LatentGaussianModel"):
            display.from_estimator(BoxSampler().fit(latent))
    search = GridSearchCV(BoxSampler(), {"boundary": [5.0]}, scoring=lambda *_: 0.0, cv=2)
    with pytest.raises(TypeError, match="chosen is its best_estimator_"):
        CornerDisplay.from_estimator(search.fit(latent), latent)
