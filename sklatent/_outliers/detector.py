"""Outliers among images, by an autoencoder's error and by where its latent points lie."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from sklatent._autoencoder.estimator import ConvAutoencoder
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._images.estimator import known_images, new_images
from sklatent._random import check_seed, seeded_clone
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    BaseEstimator,
    FloatArray,
    IntArray,
    OutlierMixin,
    RandomState,
    Self,
)
from sklatent._validation import check_at_most_one, check_choice, check_number, keep_state_on_error

from .complexity import ErrorModel, fit_error_model, mahalanobis_squared, relative_error
from .distances import (
    OutlierDistances,
    check_methods,
    errors_and_complexity,
    latent_distance,
    nearest_neighbours,
    reconstruction_distance,
    training_distance,
)
from .tails import ScaledChiSquare, fit_scaled_chi_square, log_tail

__all__ = ["ImageOutlierDetector", "OutlierDistances"]

Method = Literal["reconstruction", "latent", "both", "complexity", "all"]

_METHODS = ("all", "complexity", "reconstruction", "latent", "both")
_WITH_LATENT = ("latent", "both", "all")
_WITH_COMPLEXITY = ("complexity", "all")
_TAILS = ("reconstruction_fit_", "complexity_fit_", "latent_fit_")
_FITTED = ("density_", "detector_", "error_model_", *_TAILS)


class ImageOutlierDetector(OutlierMixin, BaseEstimator):
    r"""Detector of images that are unlike most, through an autoencoder.

    An image is an outlier because the autoencoder cannot reconstruct it, or because
    its latent point lies far from the others. The first finds shapes that the training images
    lack. The second finds what is reconstructed well and still rare, and alone does not see an
    unknown image whose point falls amid the known ones.

    An error tells little by itself: smooth and flat images are reconstructed well whatever they
    show [3]_. "complexity" therefore looks at it beside the image's brightness, contrast and
    gradient. With u the logarithms of error, mean square, variance and gradient energy, the
    distance is :math:`(u - m)^T C^{-1} (u - m)`, with mean and covariance of the training
    images. This is the square of `relative_error`, how far the error lies from what is usual for
    such an image, plus how unusual brightness, contrast and gradient are.

    "both" joins error and latent distance, and "all" joins the three. Each distance x is taken as
    a multiple of a chi-squared variable with mean m and :math:`d = 2 m^2 / s^2` degrees of freedom,
    estimated on the training images [1]_, of which a share p lies farther out. The score is the
    sum of the :math:`\log p` [2]_: an image far out in one way is not excused by the others. For
    principal components of normal data error and Mahalanobis distance are independent, and -2
    times the score of "both" has four degrees of freedom.

    Parameters
    ----------
    autoencoder : estimator, default=None
        Transformer with `inverse_transform`, of which a clone is trained; None takes
        ``ConvAutoencoder()``. A trained one stays as it is inside
        `sklearn.frozen.FrozenEstimator`.
    density : estimator, default=None
        Density of latent points, of which a clone is fitted. It has `mahalanobis_squared`, or
        else `score_samples`, whose negative is then the distance, where distances are joined
        counted from the smallest in training. With neither a density nor a `detector`, "latent"
        and "both" take ``LatentGaussianModel()``, and "all" takes
        ``LocalOutlierFactor(novelty=True)``, of 20 neighbours or all where there are fewer.
    method : {"all", "complexity", "reconstruction", "latent", "both"}, default="all"
        What counts: the mean squared error ("reconstruction"), the error beside the complexity of
        the image ("complexity"), the latent distance ("latent"), the tails of error and latent
        distance ("both"), or those of all three ("all").
    detector : estimator, default=None
        Outlier detector of scikit-learn for latent points, in place of a density, of which a clone
        is fitted, such as ``IsolationForest()``. It has `score_samples`, or else
        `decision_function`, lower for more unusual points.
    contamination : float, default=0.1
        Share of outliers among the training images, in (0, 0.5], which `predict` finds there.
    random_state : int, RandomState instance or None, default=None
        Seeds the autoencoder, and the density or detector, where they have a `random_state` of
        None.

    Attributes
    ----------
    autoencoder_ : estimator
        The trained autoencoder.
    density_, detector_ : estimator
        The fitted density, or the fitted detector of latent points. Neither with "reconstruction"
        and "complexity".
    error_model_ : ErrorModel
        `mean` (4,) and `covariance` (4, 4) of the logarithms of error, mean square, variance and
        gradient energy of training images, each plus one of `floors` (4,). Only with
        "complexity" and "all".
    reconstruction_fit_, complexity_fit_, latent_fit_ : ScaledChiSquare
        `mean` and `degrees_of_freedom` of the distances of training images, the latent one
        counted from `latent_origin_`. Those that are joined with "both" and "all".
    latent_origin_ : float
        What latent distances are counted from: 0 for Mahalanobis distances.
    offset_ : float
        Score below which `predict` says -1.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen in `fit`, if X was a table with string column names.

    References
    ----------
    .. [1] A. L. Pomerantsev, "Acceptance areas for multivariate classification derived by
       projection methods", Journal of Chemometrics 22, 601-609, 2008, doi:10.1002/cem.1147.
    .. [2] R. A. Fisher, "Statistical methods for research workers", 4th edition, 1932,
       section 21.1.
    .. [3] J. Serra et al., "Input complexity and out-of-distribution detection with
       likelihood-based generative models", ICLR 2020, https://arxiv.org/abs/1909.11480.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklatent import ConvAutoencoder, ImageOutlierDetector
    >>> digits = load_digits()
    >>> zeros, ones = digits.images[digits.target == 0], digits.images[digits.target == 1]
    >>> autoencoder = ConvAutoencoder(4, channels=(8, 16), max_epochs=20)
    >>> detector = ImageOutlierDetector(autoencoder, contamination=0.05, random_state=0)
    >>> detector = detector.fit(zeros)
    >>> bool((detector.predict(ones) == -1).mean() > 0.9)
    True
    """

    autoencoder_: Any
    density_: Any
    detector_: Any
    error_model_: ErrorModel
    reconstruction_fit_: ScaledChiSquare
    complexity_fit_: ScaledChiSquare
    latent_fit_: ScaledChiSquare
    latent_origin_: float
    offset_: float
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def __init__(
        self,
        autoencoder: Any = None,
        density: Any = None,
        *,
        method: Method = "all",
        detector: Any = None,
        contamination: float = 0.1,
        random_state: RandomState = None,
    ):
        self.autoencoder = autoencoder
        self.density = density
        self.method: Method = method
        self.detector = detector
        self.contamination = contamination
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Train the autoencoder on images, fit the density, and set the threshold.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images, most of them usual ones; at least 2.
        y : None
            Ignored.

        Returns
        -------
        self : ImageOutlierDetector

        Raises
        ------
        ValueError
            If a parameter or the images are out of bounds.
        TypeError
            If a parameter or the images are of a wrong type, or an estimator lacks a method.
        """
        check_choice("method", self.method, _METHODS)
        contamination = check_number(
            "contamination", self.contamination, low=0, high=0.5, open_low=True
        )
        check_at_most_one(density=self.density, detector=self.detector)
        autoencoder = ConvAutoencoder() if self.autoencoder is None else self.autoencoder
        check_methods(autoencoder, self.density, self.detector)
        rng = check_seed(self.random_state)
        with keep_state_on_error(self):
            images = new_images(self, X)
            if len(images) < 2:
                raise ValueError(f"X must hold at least 2 images; got n_samples={len(images)}.")
            for name in _FITTED:
                self.__dict__.pop(name, None)
            self.latent_origin_ = 0.0
            self.autoencoder_ = seeded_clone(autoencoder, rng).fit(images, None)
            latent = self.autoencoder_.transform(images)
            if self.method in _WITH_LATENT:
                self._fit_latent(latent, rng)
            values = self._values(images, latent)
            self._fit_values(values)
            scores = self._scores(values, latent)
            self.offset_ = float(np.percentile(scores, 100.0 * contamination))
        return self

    def distances(self, X: ArrayLike) -> OutlierDistances:
        """Return both distances of images.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        distances : OutlierDistances
            Named tuple of `reconstruction`, the mean squared error on the [0, 1] scale if the
            autoencoder has `reconstruction_error`, else in squared units of X, and `latent`,
            the squared Mahalanobis distance, minus the log-density in nats, or minus the score
            of a detector; each (n,).

        Raises
        ------
        ValueError
            If `method` is "reconstruction" or "complexity", where there is no latent distance, or X
            holds no such images.
        TypeError
            If X is not an array of images.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        images = self._known_images(X)
        model = self._latent_model
        if model is None:
            raise ValueError(
                "distances needs a density: method must be 'latent', 'both' or 'all' in fit; it "
                "was 'reconstruction' or 'complexity'."
            )
        latent = self.autoencoder_.transform(images)
        return OutlierDistances(
            reconstruction_distance(self.autoencoder_, images, latent),
            latent_distance(model, latent),
        )

    def relative_error(self, X: ArrayLike) -> FloatArray:
        """Return how far the log-error of images lies from what is usual for such images.

        Usual is a linear regression on the logarithms of mean square, variance and
        gradient energy, over the training images.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        relative_error : ndarray of shape (n,)
            In standard deviations of training images; above 0 for larger errors than usual.

        Raises
        ------
        ValueError, TypeError
            If `method` was neither "complexity" nor "all" in `fit`, or X holds no such images.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        images = self._known_images(X)
        if not hasattr(self, "error_model_"):
            raise ValueError(
                "relative_error needs the complexity of training images: method must be "
                "'complexity' or 'all' in fit."
            )
        latent = self.autoencoder_.transform(images)
        return relative_error(self._values(images, latent), self.error_model_)

    def score_samples(self, X: ArrayLike) -> FloatArray:
        """Return how usual images are: minus the distance, or the sum of log-tails.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        scores : ndarray of shape (n,)
            The lower, the more unusual. With "both" and "all" in nats, at most 0.

        Raises
        ------
        ValueError, TypeError
            If X is not an array of such images.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        images = self._known_images(X)
        latent = self.autoencoder_.transform(images)
        return self._scores(self._values(images, latent), latent)

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Return `score_samples` minus `offset_`.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        decision : ndarray of shape (n,)
            Below 0 for outliers.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X: ArrayLike) -> IntArray:
        """Say which images are outliers.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        labels : ndarray of shape (n,), int
            -1 for outliers, +1 for others.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _known_images(self, X: ArrayLike) -> AnyArray:
        check_is_fitted(self)
        return known_images(self, X)

    @property
    def _latent_model(self) -> Any:
        return getattr(self, "density_", getattr(self, "detector_", None))

    def _fit_latent(self, latent: AnyArray, rng: np.random.RandomState) -> None:
        """Fit the density or detector, and for a joint score its distances."""
        density, detector = self.density, self.detector
        if density is None and detector is None and self.method == "all":
            detector = nearest_neighbours(len(latent))
        if detector is None:
            density = LatentGaussianModel() if density is None else density
            self.density_ = model = seeded_clone(density, rng).fit(latent)
        else:
            self.detector_ = model = seeded_clone(detector, rng).fit(latent)
        if self.method == "latent":
            return
        far = training_distance(model, latent)
        if not hasattr(model, "mahalanobis_squared"):
            self.latent_origin_ = float(far.min())
        self.latent_fit_ = fit_scaled_chi_square(far - self.latent_origin_)

    def _values(self, images: AnyArray, latent: AnyArray) -> FloatArray:
        """Return errors (n, 1) of images, with complexity (n, 4), or (n, 0) where none counts."""
        if self.method == "latent":
            return np.empty((len(images), 0))
        with_complexity = self.method in _WITH_COMPLEXITY
        return errors_and_complexity(self.autoencoder_, images, latent, with_complexity)

    def _fit_values(self, values: FloatArray) -> None:
        if self.method in _WITH_COMPLEXITY:
            self.error_model_ = fit_error_model(values)
        if self.method in ("both", "all"):
            self.reconstruction_fit_ = fit_scaled_chi_square(values[:, 0])
        if self.method == "all":
            self.complexity_fit_ = fit_scaled_chi_square(
                mahalanobis_squared(values, self.error_model_)
            )

    def _scores(self, values: FloatArray, latent: AnyArray) -> FloatArray:
        if self.method == "reconstruction":
            return -values[:, 0]
        if self.method == "complexity":
            return -mahalanobis_squared(values, self.error_model_)
        away = latent_distance(self._latent_model, latent)
        if self.method == "latent":
            return -away
        tails = log_tail(values[:, 0], self.reconstruction_fit_)
        tails += log_tail(away - self.latent_origin_, self.latent_fit_)
        if self.method == "all":
            tails += log_tail(mahalanobis_squared(values, self.error_model_), self.complexity_fit_)
        return tails
