"""The space that a path lies in: points, the model that measures them, the way to images."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from sklearn.utils.validation import check_is_fitted

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._pipeline.steps import density_of, encode_images, image_steps
from sklatent._points import check_squares, rows_of
from sklatent._typing import AnyArray, ArrayLike, FloatArray
from sklatent._validation import as_numeric_array

__all__ = ["LatentSpace", "find_space", "without_names"]

# What says of points how usual they are; an autoencoder has none of it.
_MEASURES = ("sample", "score_samples", "mahalanobis_squared", "mean_", "steps")


@dataclass(frozen=True)
class LatentSpace:
    """A model of latent points, a pipeline that makes images of them, and reference points.

    Each may be None.
    """

    model: Any
    pipeline: Any
    reference: Any

    def points(self, X: ArrayLike, name: str = "X") -> FloatArray:
        """Return points (k, d), of images where there is a pipeline."""
        if self.pipeline is not None:
            X = self._encoded(X, name)
        found = as_numeric_array(X, name, "a finite array of latent points of shape (k, d)")
        if found.ndim != 2:
            raise ValueError(
                f"{name} must be latent points of shape (k, d), or images with pipeline; got an "
                f"array of shape {found.shape}."
            )
        return self._checked(check_squares(rows_of(found, name, dtype=np.float64), name), name)

    def _encoded(self, X: ArrayLike, name: str) -> AnyArray:
        try:
            return encode_images(self.pipeline, X)
        except ValueError as error:
            wide = getattr(self.model, "n_features_in_", None)
            if wide is None or np.shape(X)[1:] != (wide,):
                raise
            raise ValueError(
                f"{name} must be images where pipeline is given: {error} Latent points go in "
                "without pipeline, with model=pipeline[-1]; decode(pipeline) then makes images."
            ) from error

    def center(self, center: ArrayLike | None) -> FloatArray:
        """Return one point (d,): that of an image or a point without leading axis, or the mean."""
        if center is None:
            if not hasattr(self.model, "mean_"):
                raise ValueError(
                    "center must be given where there is no model with a mean, such as "
                    "LatentGaussianModel."
                )
            return np.asarray(self.model.mean_, dtype=np.float64)
        found = as_numeric_array(center, "center", "one point of shape (d,), or one image")
        return self.points(found[None], "center")[0]

    def gaussian(self, purpose: str) -> LatentGaussianModel:
        """Return the model if it whitens, or raise a TypeError that says what needs it."""
        wanted = ("mahalanobis_squared", "transform", "inverse_transform", "covariance_")
        if all(hasattr(self.model, name) for name in wanted):
            return self.model
        came = "None" if self.model is None else f"a {type(self.model).__name__}"
        raise TypeError(
            f"model must be a LatentGaussianModel for {purpose}; got {came}. Fit one to the "
            "points that come into the density, LatentGaussianModel().fit(Z)."
        )

    def measure(self, points: FloatArray) -> tuple[FloatArray | None, FloatArray | None]:
        """Return squared Mahalanobis distances and density percentiles of points (..., d)."""
        flat = points.reshape(-1, points.shape[-1])
        squared, percentile = _mahalanobis_squared(self.model, flat), self._percentile(flat)
        shape = points.shape[:-1]
        return (
            None if squared is None else squared.reshape(shape),
            None if percentile is None else percentile.reshape(shape),
        )

    def _percentile(self, points: FloatArray) -> FloatArray | None:
        if self.reference is None:
            if not isinstance(self.model, LatentGaussianModel):
                return None
            return _chi_squared_percentile(self.model, points)
        if not hasattr(self.model, "score_samples"):
            raise TypeError(
                "reference needs a model with score_samples, by which its points are ranked; got "
                f"{self.model!r}."
            )
        heights = np.sort(self.model.score_samples(self.points(self.reference, "reference")))
        below = np.searchsorted(heights, self.model.score_samples(points), side="right")
        return 100 * below / len(heights)

    def _checked(self, points: FloatArray, name: str) -> FloatArray:
        d = getattr(self.model, "n_features_in_", points.shape[1])
        if points.shape[1] != d:
            hint = (
                " A pipeline of images goes into pipeline=." if hasattr(self.model, "steps") else ""
            )
            raise ValueError(
                f"{name} must have {d} components, as the model has; got {points.shape[1]}.{hint}"
            )
        return points


def _mahalanobis_squared(model: Any, points: FloatArray) -> FloatArray | None:
    return model.mahalanobis_squared(points) if hasattr(model, "mahalanobis_squared") else None


def _chi_squared_percentile(model: LatentGaussianModel, points: FloatArray) -> FloatArray:
    if model.rank_ == 0:
        return np.full(len(points), 100.0)
    return 100 * stats.chi2.sf(model.mahalanobis_squared(points), model.rank_)


def find_space(model: Any, pipeline: Any, reference: ArrayLike | None) -> LatentSpace:
    """Return the space of a model and a pipeline, of which the density is the model by default.

    Raises a TypeError where the pipeline cannot take images to points and back.
    """
    if pipeline is not None:
        image_steps(pipeline)
        model = density_of(pipeline) if model is None else model
    if model is not None:
        if not hasattr(model, "fit") or isinstance(model, type):
            raise TypeError(f"model must be a fitted density of latent points; got {model!r}.")
        if not any(hasattr(model, name) for name in _MEASURES):
            raise TypeError(
                "model must be a density of latent points, such as LatentGaussianModel; got a "
                f"{type(model).__name__}. What makes points of images goes into pipeline=."
            )
        check_is_fitted(model)
        model = without_names(model)
    return LatentSpace(model, pipeline, reference)


def without_names(model: Any) -> Any:
    """Return a model that takes arrays silently though it was fitted to named components."""
    if "feature_names_in_" not in getattr(model, "__dict__", ()):
        return model
    model = copy.copy(model)
    del model.feature_names_in_
    return model
