"""What all displays have in common."""

import dataclasses
import inspect
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text
from numpydoc.docscrape import NumpyDocString

from sklatent import LatentGaussianModel, displays, make_latent_pipeline

pd = pytest.importorskip("pandas")

OF_POINTS = [
    "ComponentHistogramsDisplay",
    "ComponentPairDisplay",
    "ComponentShapesDisplay",
    "CornerDisplay",
    "CorrelationDisplay",
    "LatentMapDisplay",
    "MahalanobisQQDisplay",
    "PrincipalVarianceDisplay",
]
# Paths lie in latent space: there is nothing to be estimated from images.
WITHOUT_ESTIMATOR = ["PathDisplay"]


def test_listing_displays_loads_no_matplotlib():
    code = (
        "import sys, sklatent;"
        "[getattr(sklatent.displays, name) for name in sklatent.displays.__all__];"
        "print('matplotlib' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_each_display_is_listed():
    assert len(displays.__all__) == 15
    with pytest.raises(AttributeError, match="has no attribute 'CornrDisplay'"):
        displays.CornrDisplay  # noqa: B018


@pytest.mark.parametrize("name", displays.__all__)
def test_from_estimator_takes_the_estimator_first(name):
    display = getattr(displays, name)
    assert hasattr(display, "from_estimator") == (name not in WITHOUT_ESTIMATOR)
    if name not in WITHOUT_ESTIMATOR:
        first = next(iter(inspect.signature(display.from_estimator).parameters.values()))
        assert first.name == "estimator"
        assert first.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        assert first.default is inspect.Parameter.empty


@pytest.mark.parametrize("name", displays.__all__)
def test_class_methods_take_axes_and_options_of_plot(name):
    display = getattr(displays, name)
    for method_name, method in inspect.getmembers(display, inspect.ismethod):
        if method_name.startswith("from_"):
            parameters = inspect.signature(method).parameters
            assert parameters["ax"].kind is inspect.Parameter.KEYWORD_ONLY
            assert list(parameters)[-1] == "plot_options"
    options = inspect.signature(display.plot).parameters
    assert all(options[option].default is None for option in options if "kwargs" in option)


@pytest.mark.parametrize("name", displays.__all__)
def test_docstrings_say_what_is_there_after_plot_alone(name):
    display = getattr(displays, name)
    described = {}
    for each in NumpyDocString(inspect.getdoc(display))["Attributes"]:
        described |= dict.fromkeys(each.name.split(", "), " ".join(each.desc))
    drawn = [each.name for each in dataclasses.fields(display) if not each.init]
    assert drawn
    assert [each for each in drawn if "fter `plot`" not in described[each]] == []


@pytest.mark.parametrize("name", OF_POINTS)
def test_every_display_goes_from_images_to_a_figure(name, digits, fitted):
    kind = getattr(displays, name)
    pipeline = make_latent_pipeline(fitted, LatentGaussianModel())
    pipeline[-1].fit(fitted.transform(digits))
    display = kind.from_estimator(pipeline, digits)
    display.figure_.canvas.draw()
    assert isinstance(display.ax_, Axes)
    assert display.ax_ in display.figure_.axes
    again = display.plot()
    assert again is display


@pytest.mark.parametrize("name", OF_POINTS)
def test_every_display_of_components_writes_their_names(name, latent):
    frame = pd.DataFrame(latent, columns=["size", "slant", "width", "shade"])
    model = LatentGaussianModel().fit(frame)
    chosen = ["slant", "shade"]
    options = {
        "ComponentPairDisplay": {"pair": chosen},
        "LatentMapDisplay": {"components": chosen},
    }.get(name, {})
    display = getattr(displays, name).from_estimator(model, frame, **options)
    display.figure_.canvas.draw()
    drawn = " ".join(text.get_text() for text in display.figure_.findobj(Text))
    all_together = {"MahalanobisQQDisplay", "PrincipalVarianceDisplay"}
    expected = [] if name in all_together else chosen if options else list(frame)
    assert [column for column in frame if column in drawn] == expected


@pytest.mark.parametrize("name", OF_POINTS)
def test_every_display_draws_components_that_do_not_vary(name, latent):
    points = np.column_stack([latent[:, 0], np.full(len(latent), 3.0), latent[:, 1], latent[:, 0]])
    options = {"pair": (0, 2)} if name == "ComponentPairDisplay" else {}
    display = getattr(displays, name).from_points(points, **options)
    display.figure_.canvas.draw()
    drawn = " ".join(text.get_text() for text in display.figure_.findobj(Text))
    assert "nan" not in drawn
    assert "inf" not in drawn


@pytest.mark.parametrize("name", OF_POINTS)
def test_options_of_from_points_are_those_of_from_estimator(name):
    display = getattr(displays, name)
    wanted = inspect.signature(display.from_points).parameters
    found = inspect.signature(display.from_estimator).parameters
    for option in set(wanted) - {"points", "model"}:
        assert found[option].default == wanted[option].default
        assert option in display.from_estimator.__doc__
    styles = [option for option in inspect.signature(display.plot).parameters if "kwargs" in option]
    assert all(f"`{option}`" in display.from_estimator.__doc__ for option in styles)
