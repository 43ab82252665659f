"""Name the options of a constructor that hands them on, in its signature and its docstring."""

import inspect
import re
from functools import wraps
from inspect import Parameter, Signature

__all__ = ["spell_options"]


def spell_options(method, target, plot):
    """Return a class method that names the options which it hands to others.

    Parameters
    ----------
    method : function
        Of a class and further parameters, with `**options` for `target`.
    target : function
        Of points, a model and options, the last of them `**plot_options` for `plot`.
    plot : function
        Method that draws.

    Returns
    -------
    function
        As `method`, but with the signature and the documented parameters of all three.

    Examples
    --------
    >>> import inspect
    >>> from sklatent.displays import ComponentPairDisplay
    >>> list(inspect.signature(ComponentPairDisplay.from_estimator).parameters)[:4]
    ['estimator', 'X', 'pair', 'n_std']
    """

    @wraps(method)
    def spelled(cls, *args, **options):
        return method(cls, *args, **options)

    own = list(inspect.signature(method).parameters.values())[:-1]
    known = {parameter.name for parameter in own}
    handed = list(inspect.signature(target).parameters.values())
    handed = [each for each in handed if each.name not in known | {"cls", "points", "model"}]
    spelled.__signature__ = Signature([*own, *handed])  # type: ignore[attr-defined]
    if method.__doc__ and target.__doc__:
        items = _documented(target.__doc__)
        kept = [text for names, text in items if names[0] not in known | {"points", "model"}]
        kept[-1] = _plot_options(plot)
        spelled.__doc__ = _OPTIONS.sub(
            lambda _: "\n".join(kept) + "\n\n", inspect.cleandoc(method.__doc__)
        )
    return spelled


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
