"""Pictures of latent points, of images, and of what models say about them.

Each display computes first and draws afterwards: `from_estimator` and its like store arrays,
`plot` draws them. Names are loaded when first used, and matplotlib when the first is drawn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._corner import CornerDisplay
    from ._correlation import CorrelationDisplay
    from ._histograms import ComponentHistogramsDisplay
    from ._latent_map import LatentMapDisplay
    from ._pair import ComponentPairDisplay
    from ._quantiles import MahalanobisQQDisplay
    from ._shapes import ComponentShapesDisplay
    from ._variance import PrincipalVarianceDisplay

__all__ = [
    "ComponentHistogramsDisplay",
    "ComponentPairDisplay",
    "ComponentShapesDisplay",
    "CornerDisplay",
    "CorrelationDisplay",
    "LatentMapDisplay",
    "MahalanobisQQDisplay",
    "PrincipalVarianceDisplay",
]

_HOMES = {
    "ComponentHistogramsDisplay": "_histograms",
    "ComponentPairDisplay": "_pair",
    "ComponentShapesDisplay": "_shapes",
    "CornerDisplay": "_corner",
    "CorrelationDisplay": "_correlation",
    "LatentMapDisplay": "_latent_map",
    "MahalanobisQQDisplay": "_quantiles",
    "PrincipalVarianceDisplay": "_variance",
}

# Of images and studies.
_OF_IMAGES = {
    "LatentDimensionDisplay": "_dimension_study",
    "OutlierGalleryDisplay": "_outlier_gallery",
    "PathDisplay": "_path_strips",
    "PlaneGridDisplay": "_plane_grid",
    "ReconstructionDisplay": "_reconstructions",
    "SampleGridDisplay": "_sample_grid",
    "TrainingHistoryDisplay": "_training_history",
}
_HOMES |= _OF_IMAGES
__all__ += [*_OF_IMAGES]


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
