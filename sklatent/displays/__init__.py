"""Pictures of latent points, of images, and of what models say about them.

Each display computes first and draws afterwards: `from_estimator` and its like store arrays,
`plot` draws them. Names are loaded when first used, and matplotlib when the first is drawn.
"""

from importlib import import_module

__all__: list[str] = []

_HOMES: dict[str, str] = {}

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
