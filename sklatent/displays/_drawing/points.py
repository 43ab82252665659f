"""Latent points, their normal distribution and their names, from whatever was fitted."""

from copy import copy
from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from sklatent._gaussian.component_names import replace_names
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._random import check_seed, subsample
from sklatent._validation import check_number

from .options import spell_options

__all__ = [
    "LatentPointsDisplay",
    "LatentSample",
    "as_latent_sample",
    "check_components",
    "check_model",
    "component_label",
    "latent_points_and_model",
    "subsample_rows",
]

DTYPES = (np.float64, np.float32)


class LatentSample(NamedTuple):
    """Points of a latent space, with a normal distribution of them.

    Attributes
    ----------
    points : ndarray of shape (n, d)
        In latent units.
    model : LatentGaussianModel
        Fitted; it takes components by index only.
    names : ndarray of shape (d,)
        Names of the components, or their indices.
    """

    points: np.ndarray
    model: LatentGaussianModel
    names: np.ndarray


def latent_points_and_model(estimator, X):
    """Return the points that a density sees where `X` comes in, and the model of them.

    Parameters
    ----------
    estimator : estimator or sklearn.pipeline.Pipeline
        Fitted. Where it, or its last step, is a density, which means that it has `sample`,
        the points are those that come into the density: `X` goes through the steps before.
        Else they are what comes out of `transform`.
    X : array-like
        Images for an autoencoder or a pipeline, latent points for a density.

    Returns
    -------
    points : array-like of shape (n, d)
        In latent units.
    model : LatentGaussianModel or None
        The density, if it is of this class.

    Raises
    ------
    TypeError
        If `estimator` has neither `sample` nor `transform`.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import LatentGaussianModel, make_latent_pipeline
    >>> from sklatent.datasets import load_digit_images
    >>> from sklatent.displays._drawing.points import latent_points_and_model
    >>> rows = load_digit_images().images.reshape(-1, 64)
    >>> pipeline = make_latent_pipeline(PCA(3), LatentGaussianModel()).fit(rows)
    >>> points, model = latent_points_and_model(pipeline, rows)
    >>> points.shape, model is pipeline[-1]
    ((1797, 3), True)
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
        return X, last if isinstance(last, LatentGaussianModel) else None
    return estimator.transform(X), None


def as_latent_sample(points, model=None) -> LatentSample:
    """Return checked points with their model, fitted to them where there is none.

    Parameters
    ----------
    points : array-like of shape (n, d)
        In latent units.
    model : LatentGaussianModel or None, default=None
        Fitted to these points or to others of d components.

    Returns
    -------
    LatentSample
        The points, a model that knows no names, and the names.

    Raises
    ------
    TypeError
        If `model` is no LatentGaussianModel.
    ValueError
        If `points` is not a finite array of d columns.

    Examples
    --------
    >>> from sklatent.displays._drawing.points import as_latent_sample
    >>> as_latent_sample([[0.0, 1.0], [2.0, 3.0]]).model.mean_
    array([1., 2.])
    """
    array = check_array(points, dtype=DTYPES, input_name="points")
    model = LatentGaussianModel().fit(points) if model is None else check_model(model)
    d = len(model.mean_)
    if array.shape[1] != d:
        raise ValueError(
            f"points must have {d} columns, the components of the model; got {array.shape[1]}."
        )
    names = np.asarray(getattr(model, "feature_names_in_", np.arange(d)))
    nameless = copy(model)
    if hasattr(nameless, "feature_names_in_"):
        del nameless.feature_names_in_
    return LatentSample(array, nameless, names)


def check_model(model) -> LatentGaussianModel:
    """Return the model if it is a fitted one.

    Parameters
    ----------
    model : LatentGaussianModel
        To be checked.

    Returns
    -------
    LatentGaussianModel
        The same.

    Raises
    ------
    TypeError
        If it is no LatentGaussianModel.
    sklearn.exceptions.NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays._drawing.points import check_model
    >>> check_model(LatentGaussianModel().fit([[1.0]]))
    LatentGaussianModel()
    """
    if not isinstance(model, LatentGaussianModel):
        raise TypeError(
            "model must be a fitted LatentGaussianModel; got an object of type "
            f"{type(model).__name__}."
        )
    check_is_fitted(model)
    return model


def check_components(
    components, sample: LatentSample, k: int, at_least: int = 1, name: str = "components"
):
    """Return the indices of chosen components, or of the k with the largest spread.

    Parameters
    ----------
    components : array-like of shape (m,) of int or str, or None
        Different components by index or name; None takes the dominant ones.
    sample : LatentSample
        Points, model and names.
    k : int
        Number of components where none are chosen; all where there are fewer.
    at_least : int, default=1
        Smallest number allowed.
    name : str, default="components"
        Of the parameter, for errors.

    Returns
    -------
    ndarray of shape (m,), dtype int

    Raises
    ------
    TypeError
        If `components` holds neither indices nor names.
    ValueError
        If an index is out of range or given twice, or there are too few.

    Examples
    --------
    >>> from sklatent.displays._drawing.points import as_latent_sample, check_components
    >>> sample = as_latent_sample([[0.0, 1.0, 2.0], [1.0, 9.0, 0.0]])
    >>> check_components(None, sample, 2)
    array([1, 2])
    """
    d = len(sample.names)
    if components is None:
        components = sample.model.dominant_components(check_number("k", k, low=1, integer=True))
    named = sample.names if sample.names.dtype.kind in "OU" else ()
    array = np.atleast_1d(np.asarray(replace_names(name, components, named)))
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold indices or names of components; got {components!r}.")
    if len(array) < at_least:
        raise ValueError(f"{name} must hold at least {at_least} components; got {len(array)}.")
    if ((array < 0) | (array >= d)).any():
        raise ValueError(f"{name} must hold indices from 0 to {d - 1}; got {array.tolist()}.")
    if len(np.unique(array)) < len(array):
        raise ValueError(f"{name} must hold different components; got {array.tolist()}.")
    return array


def component_label(name) -> str:
    """Return how a component is called in a picture.

    Parameters
    ----------
    name : int or str
        Index or name.

    Returns
    -------
    str

    Examples
    --------
    >>> from sklatent.displays._drawing.points import component_label
    >>> component_label(3), component_label("smile")
    ('component 3', 'smile')
    """
    return str(name) if isinstance(name, str) else f"component {name}"


def subsample_rows(n: int, max_points: int, random_state) -> np.ndarray | slice:
    """Return the rows of a random subsample, in order; all rows where there are no more."""
    max_points = check_number("max_points", max_points, low=1, integer=True)
    return subsample(n, max_points, check_seed(random_state))


class LatentPointsDisplay:
    """Displays of latent points and their normal distribution.

    A subclass has the class method `from_points(points, model=None, *, ax=None, ...)`. Its
    options are those of `from_estimator`, too, and stand in its signature and docstring.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        spell_options(cls)

    @classmethod
    def from_estimator(cls, estimator, X, **options):
        """Make and draw the display from what a fitted estimator makes of `X`.

        Parameters
        ----------
        estimator : estimator or sklearn.pipeline.Pipeline
            Fitted. A `LatentGaussianModel`, with latent points as `X`; a pipeline that ends
            in one, with images; another density or a pipeline that ends in it; or an
            autoencoder or other transformer, with images. A `LatentGaussianModel` is used as
            it is; in all other cases one is fitted to the latent points of `X`.
        X : array-like
            What `estimator` takes.
        **options : dict
            Handed to `from_points`, such as `ax`.

        Returns
        -------
        display
            Drawn, with its artists as attributes.

        Raises
        ------
        TypeError
            If `estimator` is no density, transformer or pipeline.
        ValueError
            If an option is not as above.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        points, model = latent_points_and_model(estimator, X)
        return cls.from_points(points, model, **options)  # type: ignore[attr-defined]
