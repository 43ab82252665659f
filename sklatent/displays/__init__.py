"""Pictures of latent points, of images, and of what models say about them.

Each display computes first and draws afterwards: `from_estimator` and its like store arrays and
call `plot`, which draws them. Names are loaded when first used, and matplotlib when the first is
drawn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._corner import CornerDisplay
    from ._correlation import CorrelationDisplay
    from ._dimension_study import LatentDimensionDisplay
    from ._histograms import ComponentHistogramsDisplay
    from ._latent_map import LatentMapDisplay
    from ._outlier_gallery import OutlierGalleryDisplay
    from ._pair import ComponentPairDisplay
    from ._path_strips import PathDisplay
    from ._plane_grid import PlaneGridDisplay
    from ._quantiles import MahalanobisQQDisplay
    from ._reconstructions import ReconstructionDisplay
    from ._sample_grid import SampleGridDisplay
    from ._shapes import ComponentShapesDisplay
    from ._training_history import TrainingHistoryDisplay
    from ._variance import PrincipalVarianceDisplay

__all__ = [
    "ComponentHistogramsDisplay",
    "ComponentPairDisplay",
    "ComponentShapesDisplay",
    "CornerDisplay",
    "CorrelationDisplay",
    "LatentDimensionDisplay",
    "LatentMapDisplay",
    "MahalanobisQQDisplay",
    "OutlierGalleryDisplay",
    "PathDisplay",
    "PlaneGridDisplay",
    "PrincipalVarianceDisplay",
    "ReconstructionDisplay",
    "SampleGridDisplay",
    "TrainingHistoryDisplay",
]

_HOMES = {
    "ComponentHistogramsDisplay": "_histograms",
    "ComponentPairDisplay": "_pair",
    "ComponentShapesDisplay": "_shapes",
    "CornerDisplay": "_corner",
    "CorrelationDisplay": "_correlation",
    "LatentDimensionDisplay": "_dimension_study",
    "LatentMapDisplay": "_latent_map",
    "MahalanobisQQDisplay": "_quantiles",
    "OutlierGalleryDisplay": "_outlier_gallery",
    "PathDisplay": "_path_strips",
    "PlaneGridDisplay": "_plane_grid",
    "PrincipalVarianceDisplay": "_variance",
    "ReconstructionDisplay": "_reconstructions",
    "SampleGridDisplay": "_sample_grid",
    "TrainingHistoryDisplay": "_training_history",
}


if not TYPE_CHECKING:  # Type checkers are to notice a misspelt name.

    def __getattr__(name: str):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
