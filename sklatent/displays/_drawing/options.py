"""The keywords that `plot` of each display takes, for type checkers and for messages."""

import inspect
from collections.abc import Callable, Mapping
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
    """Let class methods `from_*` of a display say which keywords they and `plot` take."""
    for name, method in list(vars(display).items()):
        if name.startswith("from_"):
            setattr(display, name, _NamesKeywords(method.__func__))
    return display


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
