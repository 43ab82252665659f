"""Name the options of a constructor that hands them on, in its signature and its docstring."""

import inspect
import re
from functools import wraps
from inspect import Parameter, Signature

__all__ = ["spell_options"]


def spell_options(display: type) -> None:
    """Let `from_estimator` of a display name the options that it hands to others.

    Parameters
    ----------
    display : type
        With the class methods `from_estimator`, of which the last parameter is `**options`, and
        `from_points`, to which they go; of this the last one is `**plot_options`, for `plot`.
        The first gets the signature and the documented parameters of all three.

    Examples
    --------
    >>> import inspect
    >>> from sklatent.displays import ComponentPairDisplay
    >>> list(inspect.signature(ComponentPairDisplay.from_estimator).parameters)[:4]
    ['estimator', 'X', 'pair', 'n_std']
    """
    method, target, plot = (
        getattr(display, name) for name in ("from_estimator", "from_points", "plot")
    )
    method, target = method.__func__, target.__func__

    @wraps(method)
    def spelled(cls, *args, **options):
        return method(cls, *args, **options)

    own = list(inspect.signature(method).parameters.values())[:-1]
    known = {parameter.name for parameter in own} | {"points", "model"}
    handed = inspect.signature(target).parameters.values()
    signature = Signature([*own, *(each for each in handed if each.name not in known)])
    setattr(spelled, "__signature__", signature)  # noqa: B010
    if method.__doc__ and target.__doc__:
        items = _documented(target.__doc__)
        kept = [text for names, text in items if names[0] not in known]
        kept[-1] = _plot_options(plot)
        words = "\n".join(kept) + "\n\n"
        spelled.__doc__ = _OPTIONS.sub(lambda _: words, inspect.cleandoc(method.__doc__))
    setattr(display, "from_estimator", classmethod(spelled))  # noqa: B010


_OPTIONS = re.compile(r"\*\*options : .*?\n\n", re.DOTALL)


def _documented(doc: str) -> list[tuple[list[str], str]]:
    """Return names and text of each entry under the parameters of a docstring."""
    body = inspect.cleandoc(doc).split("Parameters\n----------\n")[1].split("\n\nReturns")[0]
    entries = re.split(r"\n(?=\S)", body)
    return [(entry.split(" :")[0].split(", "), entry) for entry in entries]


def _plot_options(plot) -> str:
    names = [
        parameter.name
        for parameter in inspect.signature(plot).parameters.values()
        if parameter.kind is Parameter.KEYWORD_ONLY
    ]
    return (
        "**plot_options : dict\n    Handed to `plot`: " + ", ".join(f"`{n}`" for n in names) + "."
    )
