"""How good reconstructions and samples are.

Names are loaded when first used: most need numpy, scipy and scikit-learn alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._classifier_features import ClassifierFeatures
    from ._copying import copy_check, two_sample_auc
    from ._cycle import meaningful_share
    from ._frechet import extrapolated_frechet_distance, frechet_distance
    from ._image_features import PixelFeatures
    from ._kernel import kernel_distance
    from ._neighbors import density_coverage, precision_recall
    from ._network_features import CallableFeatures, EncoderFeatures
    from ._reconstruction import psnr, reconstruction_error, ssim
    from ._sample_report import sample_report
    from ._scorers import make_image_scorer

__all__ = [
    "CallableFeatures",
    "ClassifierFeatures",
    "EncoderFeatures",
    "PixelFeatures",
    "copy_check",
    "density_coverage",
    "extrapolated_frechet_distance",
    "frechet_distance",
    "kernel_distance",
    "make_image_scorer",
    "meaningful_share",
    "precision_recall",
    "psnr",
    "reconstruction_error",
    "sample_report",
    "ssim",
    "two_sample_auc",
]

_HOMES = {
    "CallableFeatures": "_network_features",
    "ClassifierFeatures": "_classifier_features",
    "EncoderFeatures": "_network_features",
    "PixelFeatures": "_image_features",
    "copy_check": "_copying",
    "density_coverage": "_neighbors",
    "extrapolated_frechet_distance": "_frechet",
    "frechet_distance": "_frechet",
    "kernel_distance": "_kernel",
    "make_image_scorer": "_scorers",
    "meaningful_share": "_cycle",
    "precision_recall": "_neighbors",
    "psnr": "_reconstruction",
    "reconstruction_error": "_reconstruction",
    "sample_report": "_sample_report",
    "ssim": "_reconstruction",
    "two_sample_auc": "_copying",
}


if not TYPE_CHECKING:

    def __getattr__(name: str):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
