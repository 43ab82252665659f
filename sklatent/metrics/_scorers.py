"""Scorers of pipelines of images, for searches and cross-validation."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklatent._images import as_image_array, is_label_array
from sklatent._pipeline import LatentPipeline, sample_images
from sklatent._validation import check_number, check_seed

from ._frechet import frechet_distance
from ._kernel import kernel_distance
from ._neighbors import density_coverage, precision_recall
from ._reconstruction import ssim

__all__ = ["ImageScorer", "is_sample_metric", "make_image_scorer"]

_SAMPLE_SCORES = {
    "neg_frechet": lambda real, drawn: -frechet_distance(real, drawn),
    "neg_kernel": lambda real, drawn: -kernel_distance(real, drawn).value,
    "precision": lambda real, drawn: precision_recall(real, drawn).precision,
    "recall": lambda real, drawn: precision_recall(real, drawn).recall,
    "density": lambda real, drawn: density_coverage(real, drawn).density,
    "coverage": lambda real, drawn: density_coverage(real, drawn).coverage,
}
_RECONSTRUCTION_SCORES = ("neg_mse", "psnr", "ssim")
_ALL = (*_RECONSTRUCTION_SCORES, "log_likelihood", *_SAMPLE_SCORES)


def is_sample_metric(name: str) -> bool:
    """Tell whether a metric is one of samples, which needs features."""
    return name in _SAMPLE_SCORES


def make_image_scorer(metrics="neg_mse", *, features=None, n_samples=None, random_state=None):
    """Make a scorer for `GridSearchCV`, `cross_validate` and the like.

    It is called with a fitted pipeline and held-out images, reconstructs them once, and
    samples once, for whatever it is asked for. Higher is better in all scores but "density":
    distances and errors come with a minus.

    ============== ===========================================================
    metric         score
    ============== ===========================================================
    neg_mse        minus the mean squared error of reconstructions on the [0, 1] scale
    psnr           mean peak signal-to-noise ratio of reconstructions, in decibels
    ssim           mean structural similarity of reconstructions, at most 1
    log_likelihood mean log-density of latent points, in nats
    neg_frechet    minus the Frechet distance of samples and held-out images
    neg_kernel     minus their kernel distance
    precision      share of samples near held-out images
    recall         share of held-out images near samples
    density        how thickly samples lie where held-out images are
    coverage       how completely
    ============== ===========================================================

    Do not choose a latent dimension, or anything else that changes the latent space, by
    "log_likelihood": densities in two spaces have different units, and do not compare. It
    chooses between densities behind one and the same trained autoencoder.

    Parameters
    ----------
    metrics : str or sequence of str, default="neg_mse"
        One metric, for a score that is a number; or several, for a dict of scores,
        which a search takes with ``refit="neg_mse"``, for example.
    features : fitted transformer, default=None
        From images to features, such as `ClassifierFeatures`; needed for metrics of samples. The
        same in all calls, so that scores compare.
    n_samples : int, default=None
        Number of samples to draw, at least 8; None draws as many as there are held-out images.
    random_state : int, RandomState instance or None, default=None
        Seeds the samples. With an int all candidates of a search get the same seed.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y=None)``. Target images in `y` are compared with; labels are
        not used.

    Raises
    ------
    ValueError
        If a metric is unknown or no metric is given.
    TypeError
        If features are needed and not given, or are no transformer.
    sklearn.exceptions.NotFittedError
        If the features are not fitted.

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
    names = (metrics,) if single else tuple(metrics)
    if not names or any(name not in _ALL for name in names):
        raise ValueError(
            f"metrics must be one or several of {', '.join(map(repr, _ALL))}; got {metrics!r}."
        )
    if any(name in _SAMPLE_SCORES for name in names):
        if not hasattr(features, "transform"):
            raise TypeError(
                "features must be a fitted transformer from images to features for "
                f"{', '.join(name for name in names if name in _SAMPLE_SCORES)}; got {features!r}."
            )
        check_is_fitted(features)
    if n_samples is not None:
        n_samples = check_number("n_samples", n_samples, low=8, integer=True)
    check_seed(random_state)
    return ImageScorer(names, single, features, n_samples, random_state)


class ImageScorer:
    """What `make_image_scorer` makes; it can be pickled, for parallel searches."""

    def __init__(self, names: tuple[str, ...], single: bool, features, n_samples, random_state):
        self.names = names
        self.single = single
        self.features = features
        self.n_samples = n_samples
        self.random_state = random_state

    def __call__(self, estimator, X, y=None):
        """Score a fitted estimator on held-out images: a float, or a dict of them."""
        scores = self._reconstruction(estimator, X, y)
        if "log_likelihood" in self.names:
            scores["log_likelihood"] = float(np.mean(estimator.score_samples(X)))
        scores |= self._samples(estimator, X, y)
        if self.single:
            return scores[self.names[0]]
        return {name: scores[name] for name in self.names}

    def __repr__(self) -> str:
        return f"make_image_scorer({self.names[0] if self.single else self.names!r})"

    def _reconstruction(self, estimator, X, y) -> dict[str, float]:
        scores = {}
        if not hasattr(estimator, "reconstruct") and isinstance(estimator, Pipeline):
            estimator = LatentPipeline(estimator.steps)
        if {"neg_mse", "psnr"} & set(self.names):
            error = estimator.reconstruction_error(X, y)
            with np.errstate(divide="ignore"):
                ratio = -10.0 * np.log10(error)
            scores = {"neg_mse": -float(error.mean()), "psnr": float(ratio.mean())}
        if "ssim" in self.names:
            target = as_image_array(X if is_label_array(y) else y)
            scores["ssim"] = ssim(target, estimator.reconstruct(X), average=True)
        return scores

    def _samples(self, estimator, X, y) -> dict[str, float]:
        if not any(map(is_sample_metric, self.names)):
            return {}
        target = as_image_array(X if is_label_array(y) else y)
        n_samples = self.n_samples or len(target)
        return self.compare(
            target, sample_images(estimator, n_samples, random_state=self.random_state)
        )

    def compare(self, target, images) -> dict[str, float]:
        """Score images beside real ones, in the metrics of samples among `names`."""
        names = [name for name in self.names if is_sample_metric(name)]
        if not names:
            return {}
        low, high = self._value_range(target)
        real = self.features.transform(target)
        drawn = self.features.transform(np.clip(images, low, high))
        return {name: float(_SAMPLE_SCORES[name](real, drawn)) for name in names}

    def _value_range(self, images) -> tuple[float, float]:
        """Range of pixel values that the features know, or that images have."""
        return getattr(self.features, "value_range_", (images.min(), images.max()))
