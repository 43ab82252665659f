"""Pictures of latent points, of images, and of what models say about them.

Each display computes first and draws afterwards: `from_estimator` and its like store arrays,
`plot` draws them. Names are loaded when first used, and matplotlib when the first is drawn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._histograms import ComponentHistogramsDisplay
    from ._pair import ComponentPairDisplay

__all__ = [
    "ComponentHistogramsDisplay",
    "ComponentPairDisplay",
]

_HOMES = {
    "ComponentHistogramsDisplay": "_histograms",
    "ComponentPairDisplay": "_pair",
}


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
