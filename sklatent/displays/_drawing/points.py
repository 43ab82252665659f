"""Latent points, their normal distribution and their names, from whatever was fitted."""

from copy import copy
from typing import Any, NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklatent._gaussian.component_names import replace_names
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._random import check_seed, subsample
from sklatent._typing import AnyArray, ArrayLike, FloatArray, IntArray, RandomState
from sklatent._validation import check_number, check_points

__all__ = [
    "LatentSample",
    "as_latent_sample",
    "check_components",
    "check_model",
    "check_varies",
    "chosen_components",
    "component_label",
    "component_names",
    "latent_points_and_model",
    "subsample_rows",
]

DTYPES = (np.float64, np.float32)


class LatentSample(NamedTuple):
    """Points (n, d) in latent units, a model of them that takes indices only, and names (d,)."""

    points: FloatArray
    model: LatentGaussianModel
    names: AnyArray


def latent_points_and_model(estimator: Any, X: ArrayLike) -> tuple[Any, LatentGaussianModel | None]:
    """Return the points (n, d) that a density sees where `X` comes in, and the model of them.

    Without a density at the end, which means something that has `sample`, the points are what
    comes out of `transform`. The model is None where the density is of another class.
    """
    last = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    able = isinstance(estimator, Pipeline) and last in (None, "passthrough")
    able = able or hasattr(last, "sample") or hasattr(last, "transform")
    if isinstance(last, type) or not able:
        raise TypeError(
            "estimator must be a fitted density, transformer, or pipeline of such; "
            f"got {estimator!r}."
        )
    if hasattr(last, "sample"):
        check_is_fitted(last)
        if isinstance(estimator, Pipeline) and len(estimator.steps) > 1:
            X = Pipeline(estimator.steps[:-1]).transform(X)
        elif np.ndim(X) != 2:
            raise ValueError(
                "X must be latent points of shape (n, d) where estimator is a density; got an "
                f"array of shape {np.shape(X)}. Images go to a pipeline that ends in the density."
            )
        return X, last if isinstance(last, LatentGaussianModel) else None
    return estimator.transform(X), None


def as_latent_sample(points: ArrayLike, model: LatentGaussianModel | None = None) -> LatentSample:
    """Return checked points with their model, fitted to them where there is none."""
    array = check_points(points, "points", DTYPES)
    model = LatentGaussianModel().fit(points) if model is None else check_model(model)
    d = len(model.mean_)
    if array.shape[1] != d:
        raise ValueError(
            f"points must have {d} columns, the components of the model; got {array.shape[1]}."
        )
    nameless = copy(model)
    if hasattr(nameless, "feature_names_in_"):
        del nameless.feature_names_in_
    return LatentSample(array, nameless, component_names(model))


def check_model(model: Any) -> LatentGaussianModel:
    """Return the model, or raise an error unless it is a fitted LatentGaussianModel."""
    if not isinstance(model, LatentGaussianModel):
        raise TypeError(
            "model must be a fitted LatentGaussianModel; got an object of type "
            f"{type(model).__name__}."
        )
    check_is_fitted(model)
    return model


def check_varies(model: LatentGaussianModel) -> None:
    """Raise a ValueError unless a component of the model varies."""
    if model.rank_ == 0:
        raise ValueError("model must have a component that varies; got one of rank 0.")


def component_names(model: LatentGaussianModel) -> AnyArray:
    """Return the names (d,) of the components, or their indices."""
    return np.asarray(getattr(model, "feature_names_in_", np.arange(len(model.mean_))))


def chosen_components(components: ArrayLike | None, sample: LatentSample, k: int) -> ArrayLike:
    """Return the components, or the k of largest spread where there are none."""
    if components is not None:
        return components
    return sample.model.dominant_components(check_number("k", k, low=1, integer=True))


def check_components(
    components: ArrayLike,
    names: AnyArray,
    *,
    at_least: int = 1,
    exactly: int | None = None,
    name: str = "components",
) -> IntArray:
    """Return indices (m,) of different components, given by index or name, or raise an error."""
    d = len(names)
    indices = replace_names(name, components, names if names.dtype.kind in "OU" else ())
    array = np.atleast_1d(np.asarray(indices))
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold indices or names of components; got {components!r}.")
    if exactly is not None and len(array) != exactly:
        raise ValueError(f"{name} must hold {exactly} components; got {len(array)}.")
    if len(array) < at_least:
        raise ValueError(f"{name} must hold at least {at_least} components; got {len(array)}.")
    if ((array < 0) | (array >= d)).any():
        raise ValueError(f"{name} must hold indices from 0 to {d - 1}; got {array.tolist()}.")
    if len(np.unique(array)) < len(array):
        raise ValueError(f"{name} must hold different components; got {array.tolist()}.")
    return array


def component_label(name: object) -> str:
    """Return how a component is called in a picture: its name, or "component" and its index."""
    return str(name) if isinstance(name, str) else f"component {name}"


def subsample_rows(n: int, max_points: int, random_state: RandomState) -> IntArray | slice:
    """Return the rows of a random subsample, in order; all rows where there are no more."""
    max_points = check_number("max_points", max_points, low=1, integer=True)
    return subsample(n, max_points, check_seed(random_state))
