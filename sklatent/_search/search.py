"""Search for the number of latent components, with one training for all densities behind it."""

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import check_memory

from sklatent._autoencoder.estimator import ConvAutoencoder
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._images.estimator import new_images
from sklatent._images.format import (
    as_image_array,
    is_label_array,
    resolve_value_range,
    shape_as_is,
)
from sklatent._pipeline.pipeline import LatentPipeline
from sklatent._random import check_seed, draw_seed, seeded_clone
from sklatent._typing import AnyArray, ArrayLike, BaseEstimator, RandomState, Self
from sklatent._validation import (
    check_bool,
    check_choice,
    check_equal_length,
    check_estimator,
    check_number,
    keep_state_on_error,
)
from sklatent.metrics._image_features import PixelFeatures
from sklatent.metrics._scorers import ImageScorer, is_sample_metric, make_image_scorer

from .folds import collect, score_real_images, split, train_all
from .linear_path import with_one_choice
from .principal import pca_errors
from .results import DimensionResults, describe_choice

__all__ = ["LatentDimensionSearch"]

_DEFAULT_FEATURES = 32

ComparableMetric: TypeAlias = Literal[
    "neg_mse",
    "psnr",
    "ssim",
    "neg_frechet",
    "neg_kernel",
    "precision",
    "recall",
    "density",
    "coverage",
    "feature_log_likelihood",
]


class LatentDimensionSearch(BaseEstimator):
    r"""Cross-validated search for the number of latent components.

    For each dimension and fold one autoencoder is trained and its training images are encoded
    once; all `densities` are fitted to these points and scored by decoded
    samples. A grid search without `memory` trains anew for each density.

    Held-out images are compared with their reconstructions, and with samples in one fixed
    space of features. Likelihoods of latent points are refused: each dimension has a space of
    its own, and they do not compare. The dimension chosen is the smallest that scores within
    one standard error of the best [1]_ [2]_. The standard error from few folds
    is rough, and folds share training images; look at the table, not at the choice alone.

    All dimensions are trained alike. ``linear_path="auto"`` of a `ConvAutoencoder` is decided
    once, for all dimensions and folds and for the refit, as it would be for the largest of `dims`
    with all images; else the curve would have a cliff where it switches. The error of PCA with as
    many components, on the same folds, stands beside each row.

    Parameters
    ----------
    autoencoder : estimator, default=None
        Transformer with `inverse_transform`, of which clones are trained; None takes
        ``ConvAutoencoder()``. All dimensions get the same number of epochs, and the same choice
        of a linear path: one that is True or False is kept.
    dims : sequence of int, default=(2, 4, 8, 12, 20, 32, 64)
        Numbers of latent components, at least 1, none twice.
    densities : dict of str to estimator, default=None
        Densities with `fit` and `sample`, tried behind each trained autoencoder; None takes
        ``{"gaussian": LatentGaussianModel()}``. A `LatentPipeline` of PCA and a density is one
        too.
    param_name : str, default="latent_dim"
        The parameter of `autoencoder` that is the dimension: "n_components" for PCA.
    cv : int or splitter, default=3
        Number of folds, at least 2, or a splitter of scikit-learn. A number gives
        shuffled folds, seeded by `random_state`, and stratified ones where `y` holds labels.
    features : fitted transformer, default=None
        From images to features for the comparison of samples, such as `ClassifierFeatures`.
        None takes 32 principal components of pixels of all images, which is rough.
    scoring : sequence of str, default=("neg_mse", "neg_frechet")
        Metrics of `make_image_scorer` but "log_likelihood"; "feature_log_likelihood" compares.
    criterion : str, default="neg_frechet"
        The metric in `scoring` that chooses dimension and density. By the reconstruction
        error alone the largest dimension wins in most cases.
    n_samples : int, default=None
        Number of samples from each density, at least 8; None draws as many as a fold holds out.
    refit : bool, default=True
        Whether to train the chosen pipeline on all images.
    n_jobs : int, default=None
        Trainings at once, in processes of their own; None is one.
    memory : str or object with the joblib.Memory interface, default=None
        A folder that keeps each trained autoencoder with its latent points, found there again
        by parameters and images. A search that was stopped goes on where it was,
        and other densities, dimensions, features or metrics need no new training for what is
        there. That needs an int as `random_state`. Interrupted trainings and that of `refit`
        are not kept. None keeps nothing.
    error_score : "raise" or nan, default=nan
        What becomes of a density that cannot be fitted to the latent points of a fold. NaN goes
        on without it, as scikit-learn's searches do: its scores there are NaN, it cannot be
        chosen in that dimension, and a `FitFailedWarning` tells why. A training that fails
        always raises.
    verbose : int, default=0
        1 shows a progress bar over trainings.
    random_state : int, RandomState instance or None, default=None
        Seeds the folds and samples, and autoencoder and densities where they have a
        `random_state` of None. In one fold all dimensions get the same seeds.

    Attributes
    ----------
    results_ : DimensionResults
        All scores; printed, it is a table. `to_frame` makes a data frame.
    best_dim_ : int
        The dimension chosen.
    best_density_ : str
        The name of the density chosen.
    reason_ : str
        Why, with the figures.
    best_pipeline_ : LatentPipeline
        Steps "autoencoder" and "density", trained on all images. Only with `refit`.
    linear_path_ : bool or None
        Whether all autoencoders had a linear path; None where `autoencoder` neither is a
        `ConvAutoencoder` nor has one among its steps.
    features_ : transformer
        The features in which samples were compared.
    n_splits_ : int
        Number of folds.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen by `fit`, if X was a table with string column names.

    See Also
    --------
    sklatent.metrics.make_image_scorer : Scorers for `GridSearchCV` and others.

    References
    ----------
    .. [1] L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone, "Classification and regression
       trees", 1984, section 3.4.3.
    .. [2] T. Hastie, R. Tibshirani, J. Friedman, "The elements of statistical learning", 2nd
       edition, 2009, section 7.10.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.mixture import GaussianMixture
    >>> from sklatent import ConvAutoencoder, LatentDimensionSearch, LatentGaussianModel
    >>> search = LatentDimensionSearch(
    ...     ConvAutoencoder(channels=(8, 16), linear_path=True, max_epochs=2),
    ...     dims=(2, 8),
    ...     densities={"gaussian": LatentGaussianModel(), "mixture": GaussianMixture(5)},
    ...     cv=2,
    ...     random_state=0,
    ... )
    >>> search = search.fit(load_digits().images)
    >>> search.best_dim_, search.best_pipeline_.sample(3, random_state=0).shape
    (8, (3, 8, 8))
    >>> search.results_.scores["neg_frechet"].shape
    (4, 2)
    """

    results_: DimensionResults
    best_dim_: int
    best_density_: str
    reason_: str
    best_pipeline_: LatentPipeline
    linear_path_: bool | None
    features_: Any
    n_splits_: int
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def __init__(
        self,
        autoencoder: Any = None,
        *,
        dims: Sequence[int] = (2, 4, 8, 12, 20, 32, 64),
        densities: Mapping[str, Any] | None = None,
        param_name: str = "latent_dim",
        cv: Any = 3,
        features: Any = None,
        scoring: Sequence[ComparableMetric] = ("neg_mse", "neg_frechet"),
        criterion: ComparableMetric = "neg_frechet",
        n_samples: int | None = None,
        refit: bool = True,
        n_jobs: int | None = None,
        memory: Any = None,
        error_score: float | Literal["raise"] = np.nan,
        verbose: int = 0,
        random_state: RandomState = None,
    ):
        self.autoencoder = autoencoder
        self.dims = dims
        self.densities = densities
        self.param_name = param_name
        self.cv = cv
        self.features = features
        self.scoring: Sequence[ComparableMetric] = scoring
        self.criterion: ComparableMetric = criterion
        self.n_samples = n_samples
        self.refit = refit
        self.n_jobs = n_jobs
        self.memory = memory
        self.error_score: float | Literal["raise"] = error_score
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Train and score all dimensions and densities, and choose.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images.
        y : array-like, default=None
            Target images, as in `ConvAutoencoder.fit`, or labels, which densities may use.

        Returns
        -------
        self : LatentDimensionSearch

        Raises
        ------
        ValueError
            If a parameter or the images are out of bounds, "log_likelihood" is in `scoring`, or
            a training fails.
        TypeError
            If a parameter or the images are of a wrong type.
        sklearn.exceptions.NotFittedError
            If `features` are not fitted.
        """
        autoencoder = ConvAutoencoder() if self.autoencoder is None else self.autoencoder
        dims = self._checked_dims(autoencoder)
        densities = self._checked_densities()
        self._check_parameters()
        rng = check_seed(self.random_state)
        with keep_state_on_error(self):
            images, given, target = self._take_images(X, y)
            self.features_ = self._fitted_features(autoencoder, target)
            scorer = self._scorer(autoencoder, target)
            labels = None if given is None or target is not images else given.ravel()
            folds = split(self.cv, images, labels, rng)
            if len(folds) < 2:
                raise ValueError(f"cv must give at least 2 folds; got {len(folds)}.")
            autoencoder, self.linear_path_ = with_one_choice(
                *(autoencoder, dims, self.param_name, images, draw_seed(rng))
            )
            candidates = [clone(autoencoder).set_params(**{self.param_name: dim}) for dim in dims]
            found = train_all(
                *(candidates, list(densities.values()), images, given, folds, scorer),
                memory=check_memory(self.memory),
                error_score=self.error_score,
                n_jobs=self.n_jobs,
                verbose=bool(self.verbose),
            )
            real = [score_real_images(target, fold, scorer) for fold in folds]
            pca = None
            if target is images:
                pca = pca_errors(images, folds, dims, scorer.value_range or (0.0, 1.0))
            self.results_ = collect(
                *(dims, list(densities), found, real, self.criterion, pca, self.linear_path_)
            )
            chosen = self.results_.chosen
            self.n_splits_ = len(folds)
            self.best_dim_ = int(self.results_.dims[chosen])
            self.best_density_ = self.results_.densities[chosen]
            self.reason_ = describe_choice(self.results_)
            self.__dict__.pop("best_pipeline_", None)
            if self.refit:
                density = densities[self.best_density_]
                self.best_pipeline_ = self._chosen(autoencoder, density, rng).fit(images, given)
        return self

    def _chosen(self, autoencoder: Any, density: Any, rng: np.random.RandomState) -> LatentPipeline:
        """Return the chosen pipeline, seeded, before it is fitted."""
        best = seeded_clone(autoencoder, rng).set_params(**{self.param_name: self.best_dim_})
        return LatentPipeline([("autoencoder", best), ("density", seeded_clone(density, rng))])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _checked_dims(self, autoencoder: Any) -> list[int]:
        check_estimator("autoencoder", autoencoder, "fit", "transform", "inverse_transform")
        if self.param_name not in autoencoder.get_params(deep=True):
            raise ValueError(
                f"param_name must be a parameter of autoencoder, {autoencoder!r}; got "
                f"{self.param_name!r}."
            )
        given = list(self.dims) if np.iterable(self.dims) else []
        if isinstance(self.dims, str) or not given:
            raise TypeError(f"dims must be a sequence of one or more ints; got {self.dims!r}.")
        dims = [
            check_number(f"dims[{index}]", dim, low=1, integer=True)
            for index, dim in enumerate(given)
        ]
        if len(set(dims)) < len(dims):
            raise ValueError(f"dims must hold no number twice; got {self.dims!r}.")
        return dims

    def _checked_densities(self) -> dict[str, Any]:
        densities = self.densities
        if densities is None:
            return {"gaussian": LatentGaussianModel()}
        if not isinstance(densities, Mapping) or not densities:
            raise TypeError(
                f"densities must be a dict of one or more estimators by name; got {densities!r}."
            )
        for name, density in densities.items():
            if not (hasattr(density, "fit") and hasattr(density, "sample")):
                raise TypeError(
                    f"densities[{name!r}] must have fit and sample methods; got {density!r}."
                )
        return {str(name): density for name, density in densities.items()}

    def _check_parameters(self) -> None:
        check_bool("refit", self.refit)
        if not isinstance(self.verbose, bool):
            check_number("verbose", self.verbose, low=0, integer=True)
        if isinstance(self.scoring, str) or not np.iterable(self.scoring):
            raise TypeError(
                "scoring must be a sequence of metrics, such as ('neg_mse', 'neg_frechet'); got "
                f"{self.scoring!r}."
            )
        if "log_likelihood" in self.scoring:
            raise ValueError(
                "scoring must be a sequence of metrics without 'log_likelihood', which belongs to "
                "another space for each dimension; 'feature_log_likelihood' does compare. Got "
                f"{self.scoring!r}."
            )
        if not tuple(self.scoring):
            raise ValueError(f"scoring must hold at least one metric; got {self.scoring!r}.")
        check_memory(self.memory)
        if self.error_score != "raise" and not _is_nan(self.error_score):
            raise ValueError(f"error_score must be 'raise' or nan; got {self.error_score!r}.")
        check_choice("criterion", self.criterion, list(self.scoring), "the metrics in scoring, ")
        if not hasattr(self.cv, "split") and not np.iterable(self.cv):
            check_number("cv", self.cv, low=2, integer=True)

    def _take_images(self, X: ArrayLike, y: Any) -> tuple[AnyArray, Any, AnyArray]:
        """Return images, `y` as an array or None, and the images to compare with."""
        images = new_images(self, X)
        if len(images) < 2:
            raise ValueError(f"X must hold at least 2 images; got n_samples={len(images)}.")
        if y is None:
            return images, None, images
        if is_label_array(y):
            y = np.asarray(y)
            check_equal_length("y", y, images)
            return images, y, images
        y = as_image_array(y, "y")
        check_equal_length("y", y, images)
        return images, y, y

    def _fitted_features(self, autoencoder: Any, target: AnyArray) -> Any:
        if self.features is not None or not any(map(is_sample_metric, self.scoring)):
            return self.features
        known = autoencoder.get_params(deep=False)
        units = {name: known[name] for name in ("image_shape", "value_range") if name in known}
        units.setdefault("image_shape", shape_as_is(target))
        n_components = min(_DEFAULT_FEATURES, len(target), target[0].size)
        return PixelFeatures(n_components, random_state=0, **units).fit(target)

    def _scorer(self, autoencoder: Any, target: AnyArray) -> ImageScorer:
        """Return the scorer; its range of pixel values is that of all images, in all folds."""
        value_range = autoencoder.get_params(deep=False).get("value_range", "auto")
        # Constant images have no range.
        low, high = resolve_value_range(target, value_range)
        return make_image_scorer(
            tuple(self.scoring),
            features=self.features_,
            value_range=(low, high) if high > low else "auto",
            n_samples=self.n_samples,
        )


def _is_nan(value: Any) -> bool:
    return isinstance(value, Real) and math.isnan(float(value))
