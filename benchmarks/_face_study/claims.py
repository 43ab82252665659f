"""A statement of the texts, and what the study says to it."""

from typing import NamedTuple

__all__ = ["CONFIRMED", "CORRECTED", "NOT_SEEN", "Claim", "percent", "span"]

CONFIRMED, CORRECTED, NOT_SEEN = "confirmed", "corrected", "not seen here"


class Claim(NamedTuple):
    """A statement by number, in few words, with the verdict and the numbers behind it."""

    number: int
    quote: str
    verdict: str
    text: str


def percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def span(values, digits: int = 2) -> str:
    """Return smallest and largest value in words."""
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"
