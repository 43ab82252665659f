"""What data sets come as: bunches, whose fields a type checker knows.

At run time all of them are scikit-learn's Bunch.
"""

import os
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from sklatent._typing import Bunch, FloatArray

__all__ = [
    "CelebAFaces",
    "DataHome",
    "DigitImages",
    "GaussianImages",
    "LabelledArrays",
    "LabelledImages",
    "Subset",
    "Where",
    "as_result",
]

Subset: TypeAlias = Literal["train", "test", "all"]
DataHome: TypeAlias = str | os.PathLike[str] | None
LabelledArrays: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.int64]]


class Where(TypedDict, total=False):
    """What all fetchers take."""

    subset: Subset
    data_home: DataHome
    download_if_missing: bool


if TYPE_CHECKING:

    class LabelledImages(Bunch):
        """Images with a class each."""

        images: NDArray[np.uint8]
        target: NDArray[np.int64]
        target_names: NDArray[np.str_]
        DESCR: str

    class DigitImages(Bunch):
        """Digits of scikit-learn."""

        images: NDArray[np.float64]
        target: NDArray[np.int64]
        target_names: NDArray[np.int64]
        DESCR: str

    class CelebAFaces(Bunch):
        """Faces with attributes, where the file of these is there."""

        images: NDArray[np.uint8]
        target: NDArray[np.int8] | None
        target_names: NDArray[np.str_] | None
        DESCR: str

    class GaussianImages(Bunch):
        """Synthetic images with their latents, and what these were drawn with."""

        images: NDArray[np.float32]
        latent: FloatArray
        mean: FloatArray
        covariance: FloatArray
        patterns: FloatArray
        DESCR: str

else:
    LabelledImages = DigitImages = CelebAFaces = GaussianImages = Bunch


def as_result(bunch: Any, return_X_y: bool) -> Any:
    """Return the bunch, or its images and target where `return_X_y` is set."""
    return (bunch.images, bunch.target) if return_X_y else bunch
