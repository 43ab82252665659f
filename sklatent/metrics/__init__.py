"""How good reconstructions and samples are.

Names are loaded when first used: most need numpy, scipy and scikit-learn alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._reconstruction import psnr, reconstruction_error, ssim

__all__ = [
    "psnr",
    "reconstruction_error",
    "ssim",
]

_HOMES = {
    "psnr": "_reconstruction",
    "reconstruction_error": "_reconstruction",
    "ssim": "_reconstruction",
}


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
