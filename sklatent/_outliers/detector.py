"""Outliers among images, by an autoencoder's error and by where its latent points lie."""

import inspect
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from sklatent._autoencoder.estimator import ConvAutoencoder
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._images.estimator import known_images, new_images
from sklatent._images.format import squared_error
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
from sklatent._validation import check_choice, check_estimator, check_number, keep_state_on_error

from .tails import ScaledChiSquare, fit_scaled_chi_square, log_tail

__all__ = ["ImageOutlierDetector", "OutlierDistances"]

_METHODS = ("reconstruction", "latent", "both")
_BATCH = 1024


class OutlierDistances(NamedTuple):
    """How far images lie from those of `fit`, in two ways.

    Attributes
    ----------
    reconstruction : ndarray of shape (n,)
        Mean squared error of the reconstruction.
    latent : ndarray of shape (n,)
        Squared Mahalanobis distance of the latent point, or minus its log-density in nats.
    """

    reconstruction: FloatArray
    latent: FloatArray


class ImageOutlierDetector(OutlierMixin, BaseEstimator):
    r"""Detector of images that are unlike most, through an autoencoder.

    An image is an outlier because the autoencoder cannot reconstruct it, or because
    its latent point lies far from the others. The first finds shapes that the training images
    lack. The second finds what is reconstructed well and still rare; it needs a density that
    fits the latent points, and alone does not see an unknown image whose point falls amid them.

    "both" joins the two. Each distance x is taken as a multiple of a chi-squared variable with
    mean m and :math:`d = 2 m^2 / s^2` degrees of freedom, estimated on the training
    images [1]_, of which a share p lies farther out. The score is
    :math:`\log p_1 + \log p_2` [2]_. For principal components of normal data
    the distances are independent, and -2 times the score has four degrees of freedom.

    Parameters
    ----------
    autoencoder : estimator, default=None
        Transformer with `inverse_transform`, of which a clone is trained; None takes
        ``ConvAutoencoder()``. A trained one stays as it is inside
        `sklearn.frozen.FrozenEstimator`.
    density : estimator, default=None
        Density of latent points, of which a clone is fitted; None takes
        ``LatentGaussianModel()``. It has `mahalanobis_squared`, or else `score_samples`,
        whose negative is then the distance, for "both" counted from the smallest in training.
    method : {"reconstruction", "latent", "both"}, default="reconstruction"
        The distance that counts.
    contamination : float, default=0.1
        Share of outliers among the training images, in (0, 0.5], which `predict` finds there.
    random_state : int, RandomState instance or None, default=None
        Seeds the autoencoder and the density where they have a `random_state` of None.

    Attributes
    ----------
    autoencoder_ : estimator
        The trained autoencoder.
    density_ : estimator
        The fitted density. Not with "reconstruction".
    reconstruction_fit_, latent_fit_ : ScaledChiSquare
        `mean` and `degrees_of_freedom` of the distances of training images, the latent one
        counted from `latent_origin_`. Only with "both".
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
    reconstruction_fit_: ScaledChiSquare
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
        method: Literal["reconstruction", "latent", "both"] = "reconstruction",
        contamination: float = 0.1,
        random_state: RandomState = None,
    ):
        self.autoencoder = autoencoder
        self.density = density
        self.method: Literal["reconstruction", "latent", "both"] = method
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
        autoencoder = ConvAutoencoder() if self.autoencoder is None else self.autoencoder
        density = LatentGaussianModel() if self.density is None else self.density
        _check_methods(autoencoder, density)
        rng = check_seed(self.random_state)
        with keep_state_on_error(self):
            images = new_images(self, X)
            if len(images) < 2:
                raise ValueError(f"X must hold at least 2 images; got n_samples={len(images)}.")
            for name in ("density_", "reconstruction_fit_", "latent_fit_"):
                self.__dict__.pop(name, None)
            self.latent_origin_ = 0.0
            self.autoencoder_ = seeded_clone(autoencoder, rng).fit(images, None)
            latent = self.autoencoder_.transform(images)
            if self.method != "reconstruction":
                self.density_ = seeded_clone(density, rng).fit(latent)
            if self.method == "both":
                self._fit_distances(self._distances(images, latent))
            scores = self._scores(images, latent)
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
            the squared Mahalanobis distance, or minus the log-density in nats; each (n,).

        Raises
        ------
        ValueError
            If `method` is "reconstruction", where there is no density, or X holds no such
            images.
        TypeError
            If X is not an array of images.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        images = self._known_images(X)
        if not hasattr(self, "density_"):
            raise ValueError(
                "distances needs a density: method must be 'latent' or 'both' in fit; it was "
                "'reconstruction'."
            )
        return self._distances(images, self.autoencoder_.transform(images))

    def score_samples(self, X: ArrayLike) -> FloatArray:
        """Return how usual images are: minus the distance, or the joint log-tail of both.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        scores : ndarray of shape (n,)
            The lower, the more unusual. With "both" in nats, at most 0.

        Raises
        ------
        ValueError, TypeError
            If X is not an array of such images.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        images = self._known_images(X)
        return self._scores(images, self.autoencoder_.transform(images))

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

    def _distances(self, images: AnyArray, latent: AnyArray) -> OutlierDistances:
        return OutlierDistances(
            reconstruction_distance(self.autoencoder_, images, latent),
            latent_distance(self.density_, latent),
        )

    def _fit_distances(self, distances: OutlierDistances) -> None:
        if not hasattr(self.density_, "mahalanobis_squared"):
            self.latent_origin_ = float(distances.latent.min())
        self.reconstruction_fit_ = fit_scaled_chi_square(distances.reconstruction)
        self.latent_fit_ = fit_scaled_chi_square(distances.latent - self.latent_origin_)

    def _scores(self, images: AnyArray, latent: AnyArray) -> FloatArray:
        if self.method == "reconstruction":
            return -reconstruction_distance(self.autoencoder_, images, latent)
        if self.method == "latent":
            return -latent_distance(self.density_, latent)
        errors, far = self._distances(images, latent)
        tails = log_tail(errors, self.reconstruction_fit_)
        return tails + log_tail(far - self.latent_origin_, self.latent_fit_)


def reconstruction_distance(autoencoder: Any, images: AnyArray, latent: AnyArray) -> FloatArray:
    """Return the mean squared error (n,) of images decoded from their latent points."""
    method = getattr(autoencoder, "reconstruction_error", None)
    if method is not None and "latent" in inspect.signature(method).parameters:
        return method(images, latent=latent)
    errors = np.empty(len(images))
    for part in gen_batches(len(images), _BATCH):
        back = autoencoder.inverse_transform(latent[part])
        errors[part] = squared_error(images[part].astype(np.float64), back)
    return errors


def latent_distance(density: Any, latent: AnyArray) -> FloatArray:
    """Return squared Mahalanobis distances (n,), or minus log-densities where there are none."""
    if hasattr(density, "mahalanobis_squared"):
        return density.mahalanobis_squared(latent)
    return -density.score_samples(latent)


def _check_methods(autoencoder: Any, density: Any) -> None:
    check_estimator("autoencoder", autoencoder, "fit", "transform", "inverse_transform")
    check_estimator("density", density)
    has_distance = any(
        hasattr(density, method) for method in ("mahalanobis_squared", "score_samples")
    )
    if not (hasattr(density, "fit") and has_distance):
        raise TypeError(
            "density must have fit and one of mahalanobis_squared and score_samples; got "
            f"{density!r}."
        )
