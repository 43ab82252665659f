"""The keywords that `plot` of each display takes: for type checkers, for messages, for errors."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from types import MethodType
from typing import Any, Literal, TypedDict, TypeVar

from .style import Style

__all__ = [
    "ComponentHistogramsOptions",
    "ComponentPairOptions",
    "ComponentShapesOptions",
    "CornerOptions",
    "CorrelationOptions",
    "LatentDimensionOptions",
    "LatentMapOptions",
    "MahalanobisQQOptions",
    "OutlierGalleryOptions",
    "PathOptions",
    "PlaneGridOptions",
    "PrincipalVarianceOptions",
    "ReconstructionOptions",
    "SampleGridOptions",
    "TrainingHistoryOptions",
    "keywords_of_plot",
    "names_keywords",
]

_Display = TypeVar("_Display")


def names_keywords(display: type[_Display]) -> type[_Display]:
    """Let class methods `from_*` of a display say which keywords they and `plot` take.

    A `plot` that fails names the parameter too, and leaves no new figure open.
    """
    for name, method in list(vars(display).items()):
        if name.startswith("from_"):
            setattr(display, name, _NamesKeywords(method.__func__))
    display.plot = _all_or_nothing(display.plot)  # type: ignore[attr-defined]
    return display


def _all_or_nothing(plot: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(plot)
    def drawn(self: Any, *args: Any, **options: Any) -> Any:
        own = keywords_of_plot(type(self))
        for name in options:
            if name not in (*own, "ax"):
                raise TypeError(
                    f"{type(self).__name__}.plot takes the keywords {', '.join(own)}; got {name!r}."
                )
        with _closing_new_figures():
            try:
                return plot(self, *args, **options)
            except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
                _name_styles(error, options, ["ax", *own])
                raise

    return drawn


@contextmanager
def _closing_new_figures() -> Iterator[None]:
    """Close the figures of matplotlib that were made in the block if an exception leaves it."""
    before = _open_figures()
    try:
        yield
    except BaseException:
        for number in _open_figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)
        raise


def _open_figures() -> set[int]:
    drawing = sys.modules.get("matplotlib.pyplot")
    return set() if drawing is None else set(drawing.get_fignums())


def _name_styles(error: Exception, options: Mapping[str, Any], own: list[str]) -> None:
    """Raise an error that names the styles given, where the one of matplotlib names none."""
    styles = {name: value for name, value in options.items() if name.endswith("_kwargs") and value}
    told = str(error)
    if not styles or any(told.startswith(name) for name in own):
        return
    # Most of its messages hold the keyword that it does not know, or the value.
    held = [
        name
        for name, style in styles.items()
        if any(f"{part}" in told for pair in style.items() for part in pair)
    ]
    kind = ValueError if isinstance(error, ValueError) else TypeError
    raise kind(
        f"{' or '.join(held or styles)} must hold keywords and values that matplotlib takes: "
        f"{error}"
    ) from error


class _NamesKeywords(classmethod):
    """A class method that refuses an unknown keyword first; its `__func__` is the plain function.

    Doctests are looked for in `__func__`, and would not be found in a function around it.
    """

    def __get__(self, instance: Any, owner: Any = None) -> MethodType:
        function: Callable[..., Any] = self.__func__

        @wraps(function)
        def checked(kind: Any, /, *args: Any, **keywords: Any) -> Any:
            _check_keywords(kind, function, keywords)
            return function(kind, *args, **keywords)

        return MethodType(checked, type(instance) if owner is None else owner)


def _check_keywords(kind: Any, function: Callable[..., Any], keywords: Mapping[str, Any]) -> None:
    own, of_plot = list(inspect.signature(function).parameters)[1:-1], keywords_of_plot(kind)
    for name in keywords:
        if name not in own and name not in of_plot:
            raise TypeError(
                f"{kind.__name__}.{function.__name__} takes the keywords {', '.join(own)}, and "
                f"those of plot, {', '.join(of_plot)}; got {name!r}."
            )


def keywords_of_plot(display: Any) -> list[str]:
    """Return the names of the keywords of `plot`, without the Axes."""
    parameters = inspect.signature(display.plot).parameters.values()
    return [each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]


class CornerOptions(TypedDict, total=False):
    """Keywords of `CornerDisplay.plot`."""

    bar_kwargs: Style
    line_kwargs: Style
    scatter_kwargs: Style
    ellipse_kwargs: Style
    contour_kwargs: Style


class CorrelationOptions(TypedDict, total=False):
    """Keywords of `CorrelationDisplay.plot`."""

    limit: float | None
    numbers: bool | None
    image_kwargs: Style
    colorbar_kwargs: Style


class LatentDimensionOptions(TypedDict, total=False):
    """Keywords of `LatentDimensionDisplay.plot`."""

    show_reason: bool
    errorbar_kwargs: Style


class ComponentHistogramsOptions(TypedDict, total=False):
    """Keywords of `ComponentHistogramsDisplay.plot`."""

    overlay: bool
    curves: Literal["both", "least_squares", "moments"]
    n_columns: int | None
    bar_kwargs: Style
    fit_kwargs: Style
    moment_kwargs: Style


class LatentMapOptions(TypedDict, total=False):
    """Keywords of `LatentMapDisplay.plot`."""

    centers: bool
    scatter_kwargs: Style
    text_kwargs: Style


class OutlierGalleryOptions(TypedDict, total=False):
    """Keywords of `OutlierGalleryDisplay.plot`."""

    image_kwargs: Style
    text_kwargs: Style
    hist_kwargs: Style


class ComponentPairOptions(TypedDict, total=False):
    """Keywords of `ComponentPairDisplay.plot`."""

    scatter_kwargs: Style
    ellipse_kwargs: Style
    contour_kwargs: Style
    center_kwargs: Style


class PathOptions(TypedDict, total=False):
    """Keywords of `PathDisplay.plot`."""

    image_kwargs: Style
    line_kwargs: Style


class PlaneGridOptions(TypedDict, total=False):
    """Keywords of `PlaneGridDisplay.plot`."""

    image_kwargs: Style
    ellipse_kwargs: Style


class MahalanobisQQOptions(TypedDict, total=False):
    """Keywords of `MahalanobisQQDisplay.plot`."""

    log: bool
    point_kwargs: Style
    line_kwargs: Style
    band_kwargs: Style


class ReconstructionOptions(TypedDict, total=False):
    """Keywords of `ReconstructionDisplay.plot`."""

    show_errors: bool
    image_kwargs: Style
    text_kwargs: Style


class SampleGridOptions(TypedDict, total=False):
    """Keywords of `SampleGridDisplay.plot`."""

    n_columns: int | None
    image_kwargs: Style


class ComponentShapesOptions(TypedDict, total=False):
    """Keywords of `ComponentShapesDisplay.plot`."""

    kind: Literal["shape", "profile"]
    n_labels: int
    point_kwargs: Style
    band_kwargs: Style


class TrainingHistoryOptions(TypedDict, total=False):
    """Keywords of `TrainingHistoryDisplay.plot`."""

    logarithmic: bool
    show_learning_rate: bool
    line_kwargs: Style


class PrincipalVarianceOptions(TypedDict, total=False):
    """Keywords of `PrincipalVarianceDisplay.plot`."""

    bar_kwargs: Style
    line_kwargs: Style
