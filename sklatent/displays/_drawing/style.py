"""Colours, markers and dashes of all displays, and keywords for styling over their defaults."""

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = [
    "ACCENT",
    "CONTRAST",
    "GREY",
    "LINESTYLES",
    "MARKERS",
    "PALETTE",
    "Style",
    "came",
    "merge_keywords",
]

Style: TypeAlias = Mapping[str, Any] | None
"""Keywords for artists of matplotlib."""

# M. Okabe, K. Ito, "Color Universal Design", 2008: told apart with any form of colour vision.
# Grey stands in for their yellow, which is hard to see on white.
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#999999",
)
ACCENT, CONTRAST, GREY = PALETTE[0], PALETTE[1], PALETTE[7]
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "p", "*", ">", "h")
LINESTYLES = ("-", "--", ":", "-.")


def merge_keywords(
    name: str, defaults: Mapping[str, Any], given: Style, artist: type | None = None
) -> dict[str, Any]:
    """Return the caller's keywords over the defaults; of an artist, `lw` replaces `linewidth`."""
    if given is None:
        return dict(defaults)
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a dictionary of keywords or None; got {came(given)}.")
    if artist is not None:
        from matplotlib.cbook import normalize_kwargs

        try:
            given = normalize_kwargs(dict(given), artist)
        except TypeError as error:
            raise TypeError(f"{name} must hold each keyword once: {error}") from error
    return {**defaults, **given}


def came(value: object) -> str:
    """Return what came, with its type, for an error."""
    return f"{value!r} of type {type(value).__name__}"
