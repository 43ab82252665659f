"""Scorers of pipelines of images, for searches and cross-validation."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast, get_args, overload

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._images.format import ImageFormat, as_image_array, checked_pair, is_label_array
from sklatent._pipeline.pipeline import LatentPipeline
from sklatent._pipeline.steps import (
    back_through,
    goes_both_ways,
    learned_units,
    split_density,
    used,
)
from sklatent._random import check_seed, draw_from, seeded_clone
from sklatent._typing import AnyArray, ArrayLike, FloatArray, RandomState, ValueRange
from sklatent._validation import check_equal_length, check_number

from ._blocks import by_blocks
from ._feature_sets import features_of
from ._frechet import frechet_distance
from ._kernel import kernel_distance
from ._neighbors import density_coverage, precision_recall
from ._reconstruction import reconstruction_error, ssim_in_format

__all__ = ["ImageScorer", "is_sample_metric", "make_image_scorer"]

Metric: TypeAlias = Literal[
    "neg_mse",
    "psnr",
    "ssim",
    "log_likelihood",
    "neg_frechet",
    "neg_kernel",
    "precision",
    "recall",
    "density",
    "coverage",
    "feature_log_likelihood",
]
Scores = TypeVar("Scores", float, dict[str, float])
_SAMPLE_SCORES: dict[str, Callable[[FloatArray, FloatArray], float]] = {
    "neg_frechet": lambda real, drawn: -frechet_distance(real, drawn),
    "neg_kernel": lambda real, drawn: -kernel_distance(real, drawn).value,
    "precision": lambda real, drawn: precision_recall(real, drawn).precision,
    "recall": lambda real, drawn: precision_recall(real, drawn).recall,
    "density": lambda real, drawn: density_coverage(real, drawn).density,
    "coverage": lambda real, drawn: density_coverage(real, drawn).coverage,
}
_FEATURE_LIKELIHOOD = "feature_log_likelihood"
# One more than the neighbours that are counted.
_LEAST_IMAGES = {"precision": 4, "recall": 4, "density": 6, "coverage": 6}


def is_sample_metric(name: str) -> bool:
    """Tell whether a metric is one of samples, which needs features."""
    return name in _SAMPLE_SCORES or name == _FEATURE_LIKELIHOOD


@overload
def make_image_scorer(
    metrics: Metric = ...,
    *,
    features: Any = ...,
    feature_density: Any = ...,
    value_range: ValueRange = ...,
    n_samples: int | None = ...,
    random_state: RandomState = ...,
) -> "ImageScorer[float]": ...
@overload
def make_image_scorer(
    metrics: tuple[Metric, ...] | list[Metric],
    *,
    features: Any = ...,
    feature_density: Any = ...,
    value_range: ValueRange = ...,
    n_samples: int | None = ...,
    random_state: RandomState = ...,
) -> "ImageScorer[dict[str, float]]": ...
def make_image_scorer(
    metrics: Metric | Sequence[Metric] = "neg_mse",
    *,
    features: Any = None,
    feature_density: Any = None,
    value_range: ValueRange = "auto",
    n_samples: int | None = None,
    random_state: RandomState = None,
) -> "ImageScorer[Any]":
    """Make a scorer for `GridSearchCV`, `cross_validate` and the like.

    It is called with a fitted pipeline and held-out images, and samples once for whatever it
    is asked for. Higher is better in all scores but "density":
    distances and errors come with a minus.

    ====================== ======================================================
    metric                 score
    ====================== ======================================================
    neg_mse                minus the mean squared error of reconstructions on the
                           [0, 1] scale
    psnr                   mean peak signal-to-noise ratio of reconstructions, in
                           decibels
    ssim                   mean structural similarity of reconstructions, at
                           most 1
    log_likelihood         mean log-density of latent points, in nats
    neg_frechet            minus the Frechet distance of samples and held-out images
    neg_kernel             minus their kernel distance
    precision              share of samples near held-out images
    recall                 share of held-out images near samples
    density                how thickly samples lie where held-out images are
    coverage               how completely
    feature_log_likelihood mean log-density of held-out images' features, in nats,
                           under a density fitted to those of samples
    ====================== ======================================================

    Do not choose a latent dimension, or anything else that changes the latent space, by
    "log_likelihood": densities in two spaces have different units, and do not compare. It
    chooses between densities behind one and the same trained autoencoder. A scorer that has
    seen latent points of two dimensions in one process warns. "feature_log_likelihood" does
    compare, since the space of `features` is the same for all; it says how well samples
    cover held-out images as one Gaussian, or `feature_density`, sees them, and it is no
    likelihood of the model itself [1]_.

    Parameters
    ----------
    metrics : str or sequence of str, default="neg_mse"
        One metric, for a score that is a number; or several, for a dict of scores,
        which a search takes with ``refit="neg_mse"``, for example.
    features : fitted transformer, default=None
        From images to features, such as `ClassifierFeatures`; needed for metrics of samples. The
        same in all calls, so that scores compare.
    feature_density : estimator, default=None
        Fitted to features of samples for "feature_log_likelihood", with `fit` and
        `score_samples`; None takes ``LatentGaussianModel(covariance="ledoit_wolf")``.
    value_range : "auto" or tuple (low, high), default="auto"
        Pixel values that stand for 0 and 1 in scores of reconstructions, and to which samples
        are clipped. "auto" takes what the fitted autoencoder learned; without one as the
        first step, the range of held-out images. For pixel values other than bytes and
        0-1 either may differ between folds; a pair is the same in all.
    n_samples : int, default=None
        Number of samples to draw, at least 8; None draws as many as there are held-out images.
    random_state : int, RandomState instance or None, default=None
        Seeds the samples. With an int all candidates of a search get the same seed.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y=None)``. The estimator is a pipeline, a search over
        pipelines, or for scores of reconstructions any transformer with `inverse_transform`.
        Target images in `y` are compared with; labels are not used.

    Raises
    ------
    ValueError
        If a metric is unknown or no metric is given, or a number is out of bounds.
    TypeError
        If features are needed and not given, or are no transformer, or a parameter is of a
        wrong type.
    sklearn.exceptions.NotFittedError
        If the features are not fitted.

    References
    ----------
    .. [1] L. Theis, A. van den Oord, M. Bethge, "A note on the evaluation of generative
       models", ICLR 2016, arXiv 1511.01844.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklatent import LatentGaussianModel, make_latent_pipeline
    >>> from sklatent.metrics import PixelFeatures, make_image_scorer
    >>> rows = load_digits().data
    >>> scorer = make_image_scorer(
    ...     ("neg_mse", "neg_frechet"), features=PixelFeatures().fit(rows), random_state=0
    ... )
    >>> pipeline = make_latent_pipeline(PCA(), LatentGaussianModel())
    >>> search = GridSearchCV(
    ...     pipeline, {"pca__n_components": [2, 12]}, scoring=scorer, refit="neg_mse", cv=3
    ... )
    >>> search.fit(rows).best_params_
    {'pca__n_components': 12}
    >>> search.cv_results_["mean_test_neg_frechet"].shape
    (2,)
    """
    single = isinstance(metrics, str)
    names = _checked_names(metrics)
    _check_features(features, [name for name in names if is_sample_metric(name)])
    for method in ("fit", "score_samples"):
        if feature_density is not None and not hasattr(feature_density, method):
            raise TypeError(
                "feature_density must be an estimator with fit and score_samples; got "
                f"{feature_density!r}."
            )
    auto = isinstance(value_range, str) and value_range == "auto"
    pair = None if auto else checked_pair(value_range)
    if n_samples is not None:
        n_samples = check_number("n_samples", n_samples, low=8, integer=True)
    check_seed(random_state)
    return ImageScorer(names, single, features, feature_density, pair, n_samples, random_state)


def _checked_names(metrics: Metric | Sequence[Metric]) -> tuple[Metric, ...]:
    allowed = f"one or several of {', '.join(map(repr, get_args(Metric)))}"
    if not np.iterable(metrics):
        raise TypeError(f"metrics must be {allowed}; got {metrics!r}.")
    names = (metrics,) if isinstance(metrics, str) else tuple(metrics)
    if not names or any(name not in get_args(Metric) for name in names):
        raise ValueError(f"metrics must be {allowed}; got {metrics!r}.")
    return names


def _check_features(features: Any, of_samples: list[Metric]) -> None:
    """Raise unless `features` are a fitted transformer, where metrics of samples need them."""
    if not of_samples:
        return
    if isinstance(features, type) or not hasattr(features, "transform"):
        raise TypeError(
            "features must be a fitted transformer from images to features for "
            f"{', '.join(of_samples)}; got {features!r}. CallableFeatures makes one of a "
            "function or a torch module."
        )
    check_is_fitted(features)


@dataclass(frozen=True)
class ImageScorer(Generic[Scores]):
    """What `make_image_scorer` makes; it can be pickled, for parallel searches."""

    names: tuple[Metric, ...]
    single: bool
    features: Any = None
    feature_density: Any = None
    value_range: tuple[float, float] | None = None
    n_samples: int | None = None
    random_state: RandomState = None
    latent_dims: set[int] = field(default_factory=set, init=False, compare=False)

    def __call__(self, estimator: Any, X: ArrayLike, y: ArrayLike | None = None) -> Scores:
        """Score a fitted estimator on held-out images: a float, or a dict of them."""
        pipeline = _as_pipeline(estimator)
        target = as_image_array(X if is_label_array(y) else y)
        if not hasattr(X, "shape"):
            X = as_image_array(X)
        check_equal_length("y", target, X)
        scores = self._reconstruction(pipeline, X, y, target)
        if "log_likelihood" in self.names:
            scores["log_likelihood"] = self._log_likelihood(pipeline, X)
        if any(map(is_sample_metric, self.names)):
            self._check_number(target)
            scores |= self._compare(target, self._drawn_features(pipeline, target))
        wanted = {name: scores[name] for name in self.names}
        return cast(Scores, wanted[self.names[0]] if self.single else wanted)

    def __repr__(self) -> str:
        return f"make_image_scorer({self.names[0] if self.single else self.names!r})"

    def _reconstruction(
        self, estimator: LatentPipeline, X: Any, y: ArrayLike | None, target: AnyArray
    ) -> dict[str, float]:
        scores: dict[str, float] = {}
        if {"neg_mse", "psnr"} & set(self.names):
            error = self._errors(estimator, X, y, target)
            with np.errstate(divide="ignore"):
                ratio = -10.0 * np.log10(error)
            scores = {"neg_mse": -float(error.mean()), "psnr": float(ratio.mean())}
        if "ssim" in self.names:
            image_format = self._image_format(estimator, target)

            def similarity(rows: slice) -> FloatArray:
                return ssim_in_format(target[rows], estimator.reconstruct(X[rows]), image_format)

            scores["ssim"] = float(by_blocks(similarity, len(target), target[0].size).mean())
        return scores

    def _errors(
        self, estimator: LatentPipeline, X: Any, y: ArrayLike | None, target: AnyArray
    ) -> FloatArray:
        """Return squared errors (n,), rescaled where a range was given."""
        if self.value_range is None:
            return estimator.reconstruction_error(X, y)
        first = next((step for _, step in used(estimator.steps)), None)
        learned = learned_units(first).value_range
        if learned is None or not hasattr(first, "reconstruction_error"):
            limits = self.value_range

            def error(rows: slice) -> FloatArray:
                back = estimator.reconstruct(X[rows])
                return reconstruction_error(target[rows], back, value_range=limits)

            return by_blocks(error, len(target), target[0].size)
        low, high = learned
        ratio = ((high - low) or 1.0) / (self.value_range[1] - self.value_range[0])
        return ratio**2 * estimator.reconstruction_error(X, y)

    def _image_format(self, estimator: LatentPipeline, target: AnyArray) -> ImageFormat:
        learned = learned_units(estimator)
        found = ImageFormat.of(target, learned.image_shape)
        value_range = self.value_range or learned.value_range or found.value_range
        return replace(found, value_range=value_range)

    def _log_likelihood(self, estimator: LatentPipeline, X: ArrayLike) -> float:
        density = estimator.steps[-1][1]
        if not hasattr(density, "score_samples"):
            raise TypeError(
                "log_likelihood needs a pipeline that ends in a density with score_samples; "
                f"got a {type(density).__name__} as the last step."
            )
        self._note_dimension(getattr(density, "n_features_in_", None))
        return float(np.mean(estimator.score_samples(X)))

    def _note_dimension(self, dim: int | None) -> None:
        """Warn once for each dimension beyond the first that was scored."""
        if dim is None or dim in self.latent_dims:
            return
        self.latent_dims.add(dim)
        if len(self.latent_dims) > 1:
            warnings.warn(
                "log_likelihood was asked of latent points of different dimensions, "
                f"{sorted(self.latent_dims)}: such scores do not compare. "
                f"{_FEATURE_LIKELIHOOD!r} does, and so do other metrics of samples.",
                UserWarning,
                stacklevel=4,
            )

    def compare(self, target: AnyArray, images: AnyArray) -> dict[str, float]:
        """Score images beside real ones, in the metrics of samples among `names`."""
        if not any(map(is_sample_metric, self.names)):
            return {}
        self._check_number(target)
        return self._compare(target, self._features(images, self._sample_range(target)))

    def _check_number(self, target: AnyArray) -> None:
        for name in filter(is_sample_metric, self.names):
            if len(target) < _LEAST_IMAGES.get(name, 2):
                raise ValueError(
                    f"X must hold at least {_LEAST_IMAGES.get(name, 2)} held-out images for "
                    f"{name!r}; got {len(target)}."
                )

    def _features(self, images: AnyArray, limits: tuple[float, float]) -> FloatArray:
        return features_of(self.features, images, limits)

    def _drawn_features(self, pipeline: LatentPipeline, target: AnyArray) -> FloatArray:
        """Return features of samples, of which only the latent points are there at once."""
        before, density = split_density(pipeline)
        points = draw_from(density, self.n_samples or len(target), self.random_state)
        limits = self._sample_range(target)

        def found(rows: slice) -> FloatArray:
            return self._features(back_through(before, points[rows]), limits)

        return by_blocks(found, len(points), target[0].size)

    def _compare(self, target: AnyArray, drawn: FloatArray) -> dict[str, float]:
        real = features_of(self.features, target)
        names = filter(is_sample_metric, self.names)
        return {name: self._sample_score(name, real, drawn) for name in names}

    def _sample_score(self, name: str, real: FloatArray, drawn: FloatArray) -> float:
        if name != _FEATURE_LIKELIHOOD:
            return float(_SAMPLE_SCORES[name](real, drawn))
        density = self.feature_density
        if density is None:
            density = LatentGaussianModel(covariance="ledoit_wolf")
        fitted = seeded_clone(density, check_seed(self.random_state)).fit(drawn)
        return float(np.mean(fitted.score_samples(real)))

    def _sample_range(self, images: AnyArray) -> tuple[float, float]:
        """Range of pixel values that was given, that the features know, or that images have."""
        if self.value_range is not None:
            return self.value_range
        return getattr(self.features, "value_range_", (images.min(), images.max()))


def _as_pipeline(estimator: Any) -> LatentPipeline:
    """Return an estimator, or what a search chose, as a pipeline that reconstructs."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, LatentPipeline):
        return estimator
    if isinstance(estimator, Pipeline):
        return LatentPipeline(estimator.steps)
    if goes_both_ways(estimator):
        return LatentPipeline([("estimator", estimator)])
    raise TypeError(
        "estimator must be a pipeline of transformers and a density, or a transformer with "
        f"inverse_transform; got {estimator!r}."
    )
