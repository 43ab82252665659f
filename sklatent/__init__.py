"""Estimators for the latent space of convolutional autoencoders.

Names are loaded when first used, so that importing the package is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sklatent._autoencoder.estimator import ConvAutoencoder
    from sklatent._gaussian.model import LatentGaussianModel
    from sklatent._outliers.detector import ImageOutlierDetector
    from sklatent._pipeline.pipeline import LatentPipeline, make_latent_pipeline
    from sklatent._pipeline.steps import sample_images
    from sklatent._search.search import LatentDimensionSearch

    from . import corruption, datasets, displays, metrics, paths, samplers

__version__ = "0.1.0"

__all__ = [
    "ConvAutoencoder",
    "ImageOutlierDetector",
    "LatentDimensionSearch",
    "LatentGaussianModel",
    "LatentPipeline",
    "corruption",
    "datasets",
    "displays",
    "make_latent_pipeline",
    "metrics",
    "paths",
    "sample_images",
    "samplers",
]

_HOMES = {
    "ConvAutoencoder": "_autoencoder.estimator",
    "ImageOutlierDetector": "_outliers.detector",
    "LatentDimensionSearch": "_search.search",
    "LatentGaussianModel": "_gaussian.model",
    "LatentPipeline": "_pipeline.pipeline",
    "make_latent_pipeline": "_pipeline.pipeline",
    "sample_images": "_pipeline.steps",
}

_MODULES = ("corruption", "datasets", "displays", "metrics", "paths", "samplers")


if not TYPE_CHECKING:  # Type checkers are to notice a misspelt name.

    def __getattr__(name: str):
        if name in _HOMES:
            value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        elif name in _MODULES:
            value = import_module(f".{name}", __name__)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, *_MODULES])
