"""The steps of a pipeline, from images to points and back, and what they know of the images."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from sklatent._images.format import (
    as_image_array,
    check_same_units,
    is_label_array,
    resolve_value_range,
    squared_error,
)
from sklatent._random import draw_from
from sklatent._typing import AnyArray, FloatArray, RandomState
from sklatent._validation import (
    as_numeric_array,
    check_equal_length,
    check_n_samples,
    refuse_mask,
)
from sklatent.corruption._base import Corruption

__all__ = [
    "ImageUnits",
    "all_steps",
    "back_through",
    "check_way_back",
    "can_transform",
    "checked_points",
    "decode_points",
    "density_of",
    "encode_images",
    "ends_in_density",
    "gives_back_other_images",
    "goes_both_ways",
    "image_steps",
    "is_density",
    "hint_of_search",
    "learned_units",
    "reconstruction_errors",
    "restore_images",
    "sample_images",
    "split_density",
    "through",
    "used",
]

_BLOCK_VALUES = 2**21

Steps: TypeAlias = Sequence[tuple[str, Any]]


def is_density(step: Any) -> bool:
    """Return whether a step of a pipeline draws points."""
    return hasattr(step, "sample") and not isinstance(step, type)


def goes_both_ways(estimator: Any) -> bool:
    """Return whether an estimator takes images to points and back."""
    both = hasattr(estimator, "transform") and hasattr(estimator, "inverse_transform")
    return both and not isinstance(estimator, type)


def used(steps: Steps) -> list[tuple[str, Any]]:
    """Return the named steps but those that are left out."""
    return [(name, step) for name, step in steps if step is not None and step != "passthrough"]


def all_steps(pipeline: Any) -> list[Any]:
    """Return the steps of a pipeline, and those of pipelines and wrappers among its parameters."""
    inside = pipeline.get_params(deep=True).values()
    found = {id(value): value for value in inside if hasattr(value, "get_params")}
    return [value for value in found.values() if not isinstance(value, type)]


def through(steps: Steps, X: Any) -> Any:
    """Take images through named steps."""
    for _, step in used(steps):
        X = step.transform(X)
    return X


def back_through(steps: Steps, points: Any) -> Any:
    """Take points back through named steps, the last one first."""
    check_way_back(steps)
    for _, step in reversed(used(steps)):
        points = step.inverse_transform(points)
    return points


def check_way_back(steps: Steps, pipeline: str = "pipeline") -> None:
    """Raise a TypeError if a step does not take points back to what it made them of."""
    for name, step in used(steps):
        if not hasattr(step, "inverse_transform"):
            raise TypeError(
                f"Every step of {pipeline} before the density must have inverse_transform; "
                f"{name!r} is a {type(step).__name__} without it."
            )
        if isinstance(step, Pipeline):
            check_way_back(step.steps, f"{name!r}")
        one_way = getattr(step, "func", None) is not None
        if isinstance(step, FunctionTransformer) and one_way and step.inverse_func is None:
            raise TypeError(
                f"Every step of {pipeline} before the density must take back what it did, or "
                f"images come in other units; {name!r} is a {type(step).__name__} without "
                "inverse_func."
            )


def image_steps(pipeline: Any) -> list[tuple[str, Any]]:
    """Return the named steps between images and latent points, or raise a TypeError.

    They are those before the density of a pipeline, all of a pipeline without one, and an
    autoencoder itself.
    """
    if isinstance(pipeline, Pipeline):
        return pipeline.steps[:-1] if is_density(pipeline.steps[-1][1]) else pipeline.steps
    if not goes_both_ways(pipeline) or is_density(pipeline):
        raise TypeError(
            "pipeline must be a scikit-learn Pipeline, or an autoencoder with transform and "
            f"inverse_transform; got {pipeline!r}.{hint_of_search(pipeline)}"
        )
    return [(type(pipeline).__name__.lower(), pipeline)]


def hint_of_search(estimator: Any) -> str:
    """Return where a fitted search holds what it has chosen, as a sentence, or nothing."""
    held = [name for name in ("best_pipeline_", "best_estimator_") if hasattr(estimator, name)]
    return f" What a fitted search has chosen is its {held[0]}." if held else ""


def density_of(pipeline: Any) -> Any:
    """Return the density in which a pipeline ends, or None."""
    last = pipeline.steps[-1][1] if isinstance(pipeline, Pipeline) else None
    return last if is_density(last) else None


def checked_points(steps: Steps, latent: Any) -> Any:
    """Return points as they come into the last step, or raise if they cannot be such."""
    points = as_numeric_array(latent, "latent", "an array of shape (n, d)")
    if points.ndim != 2:
        raise ValueError(f"latent must be an array of shape (n, d); got shape {points.shape}.")
    if all(hasattr(step, "inverse_transform") for _, step in used(steps)):
        try:
            back_through(steps, points[:1])
        except ValueError as error:
            raise ValueError(
                "latent must hold points as they come into the last step, of which the steps "
                f"before it make images; of the first of points of shape {points.shape} they made "
                f"none: {error}"
            ) from error
    return latent


def restore_images(pipeline: Any, X: Any, known: Any = None) -> AnyArray:
    """Return damaged images as the first step of a pipeline that has `restore` makes them.

    They go through the steps before it, corruptions left out, and back.
    """
    before: list[tuple[str, Any]] = []
    for name, step in used(image_steps(pipeline)):
        if hasattr(step, "restore"):
            return back_through(before, step.restore(through(before, X), known=known))
        if not isinstance(step, Corruption):
            before.append((name, step))
    names = ", ".join(type(step).__name__ for _, step in used(image_steps(pipeline)))
    raise TypeError(
        f"restore needs a ConvAutoencoder among the steps of the pipeline; got {names}."
    )


def encode_images(pipeline: Any, images: Any) -> Any:
    """Return images as points that come into the density of a pipeline."""
    refuse_mask(images, "X")
    return through(image_steps(pipeline), images)


def decode_points(pipeline: Any, points: Any) -> Any:
    """Return the images of points that come into the density of a pipeline."""
    return back_through(image_steps(pipeline), points)


def ends_in_density(pipeline: Pipeline) -> bool:
    """Return whether the last step of a pipeline draws points."""
    return density_of(pipeline) is not None


def can_transform(pipeline: Pipeline) -> bool:
    """Return whether a pipeline transforms; a density at its end may be left out."""
    last = used(pipeline.steps[-1:])
    return not last or hasattr(last[0][1], "transform") or hasattr(last[0][1], "sample")


def split_density(pipeline: Any, name: str = "pipeline") -> tuple[list[tuple[str, Any]], Any]:
    """Return the steps before the density of a fitted pipeline, and the density.

    Raises a TypeError where it cannot draw images; `name` is that of the caller's parameter.
    """
    if not isinstance(pipeline, Pipeline):
        raise TypeError(
            f"{name} must be a scikit-learn Pipeline; got a {type(pipeline).__name__}."
            f"{hint_of_search(pipeline)}"
        )
    before, (last, density) = pipeline.steps[:-1], pipeline.steps[-1]
    if not is_density(density):
        raise TypeError(
            f"The last step of {name} must have a sample method; {last!r} is a "
            f"{type(density).__name__}."
        )
    check_is_fitted(density, msg=f"The last step of {name} is a %(name)s that is not fitted.")
    check_way_back(before, name)
    return before, density


def sample_images(
    pipeline: Any, n_samples: int = 1, *, random_state: RandomState = None, y: Any = None
) -> AnyArray:
    """Draw points from the last step of a pipeline, and take them back through the others.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted; its last step has `sample`, and every step before it
        `inverse_transform`.
    n_samples : int, default=1
        Number of images, at least 1.
    random_state : int, RandomState instance or None, default=None
        Two calls without one differ; two with the same int agree.
    y : object, default=None
        Class of the images, or one class for each, for a last step that draws by
        class, such as `sklatent.samplers.PerClassSampler`.

    Returns
    -------
    images : ndarray of shape (n_samples, ...)
        In the layout and units that `fit` saw.

    Raises
    ------
    TypeError
        If the last step has no `sample`, or another no `inverse_transform`, or `y` is
        given and the last step draws without regard to classes.
    ValueError
        If `n_samples` is below 1.
    sklearn.exceptions.NotFittedError
        Before `fit`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.mixture import GaussianMixture
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklatent import sample_images
    >>> pipeline = make_pipeline(PCA(16), GaussianMixture(10, random_state=0))
    >>> pipeline = pipeline.fit(load_digits().data)
    >>> sample_images(pipeline, 5, random_state=0).shape
    (5, 64)
    """
    n_samples = check_n_samples(n_samples)
    before, density = split_density(pipeline)
    return back_through(before, draw_from(density, n_samples, random_state, y))


def reconstruction_errors(reconstruct: Callable[[Any], AnyArray], X: Any, y: Any) -> FloatArray:
    """Return mean squared errors (n,) of what `reconstruct` gives for images, block by block.

    They are on the [0, 1] scale that is read off the images compared with.
    """
    target = as_image_array(X if is_label_array(y) else y)
    check_equal_length("y", target, X)
    low, high = resolve_value_range(target)
    errors, given = np.empty(len(target)), X
    for rows in gen_batches(len(target), max(1, _BLOCK_VALUES // target[0].size)):
        back = reconstruct(given[rows])
        check_same_units("The pipeline's reconstructions", back, (low, high), target.dtype)
        images = target[rows].astype(np.float64)
        errors[rows] = squared_error(images, back, width=(high - low) or 1.0)
    return errors


class ImageUnits(NamedTuple):
    """Shape of images, and the pixel values that stand for 0 and 1; None where not known."""

    image_shape: tuple[int, int, int] | None
    value_range: tuple[float, float] | None


def learned_units(estimator: Any) -> ImageUnits:
    """Return what an estimator, or the steps of a pipeline, learned of the images they give back.

    The range of values is that of the images only where the first step learned it.
    """
    named = used(estimator.steps) if isinstance(estimator, Pipeline) else [("", estimator)]
    units = [_units_of(step) for _, step in named]
    shapes = [each.image_shape for each in units if each.image_shape is not None]
    return ImageUnits(shapes[-1] if shapes else None, units[0].value_range if units else None)


def gives_back_other_images(pipeline: Any) -> bool:
    """Return whether an autoencoder among the steps was trained towards other units or shapes."""
    named = used(pipeline.steps) if isinstance(pipeline, Pipeline) else [("", pipeline)]
    for _, step in named:
        formats = [getattr(step, name, None) for name in ("_input_format", "_target_format")]
        kinds = [seen and (seen.image_shape, seen.value_range) for seen in formats]
        if kinds[0] != kinds[1]:
            return True
    return False


def _units_of(step: Any) -> ImageUnits:
    # Images that come out of an autoencoder may be unlike those that go in.
    output = getattr(step, "_target_format", None)
    if output is not None:
        return ImageUnits(output.image_shape, output.value_range)
    shape = getattr(step, "image_shape_", None)
    # Corruptions take flat rows for images of one line.
    of_rows = shape is not None and shape[0] == shape[2] == 1
    return ImageUnits(None if of_rows else shape, getattr(step, "value_range_", None))
