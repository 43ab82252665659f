"""Features of images that need no network: pixel values, or their principal components."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted

from sklatent._images.estimator import known_images, new_images, note_format
from sklatent._images.format import ImageFormat
from sklatent._images.principal import PrincipalAxes, principal_axes
from sklatent._random import check_seed
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    FloatArray,
    ImageShape,
    RandomState,
    Self,
    TransformerMixin,
    ValueRange,
)
from sklatent._validation import check_number, keep_state_on_error

from ._blocks import block_rows

__all__ = ["ImageFeatures", "PixelFeatures", "common_scale"]

# Of so many pixel values a copy in float32 takes 64 MB.
_MOST_VALUES = 2**24


def common_scale(features: FloatArray) -> tuple[FloatArray, float]:
    """Return the mean (d,) of features (n, d), and the root of the mean variance of a column."""
    spread = np.sqrt(features.var(axis=0, dtype=np.float64).mean())
    return features.mean(axis=0, dtype=np.float64), float(spread) or 1.0


class ImageFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What transformers from images to features share: they know the images seen in `fit`."""

    image_shape: ImageShape | None
    value_range: ValueRange
    image_shape_: tuple[int, int, int]
    value_range_: tuple[float, float]
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]
    _format: ImageFormat
    _n_features_out: int

    def _new_images(self, X: ArrayLike) -> AnyArray:
        """Return images as an array, and note their layout, size and units."""
        images = new_images(self, X)
        self._format = note_format(self, images, self.image_shape, self.value_range)
        return images

    def _known_images(self, X: ArrayLike) -> AnyArray:
        check_is_fitted(self)
        return known_images(self, X, self._format)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags


class PixelFeatures(ImageFeatures):
    """Pixel values on the [0, 1] scale, or their principal components, as features.

    They need no training and no labels, but distances between pixel values say
    little about what is seen: a shift by a pixel is large. Samples of a model that
    is linear in pixels look better in them than they are.

    Parameters
    ----------
    n_components : int, default=None
        Number of principal components, at most the number of images and of
        pixel values; None takes the pixel values themselves.
    image_shape : tuple (height, width) or (height, width, channels), default=None
        As in `ConvAutoencoder`.
    value_range : "auto" or tuple (low, high), default="auto"
        As in `ConvAutoencoder`.
    random_state : int, RandomState instance or None, default=None
        Seeds the randomised solver, which scikit-learn takes for large images.

    Attributes
    ----------
    pca_ : sklearn.decomposition.PCA or None
        The fitted principal components.
    image_shape_ : tuple (height, width, channels)
        Shape of an image.
    value_range_ : tuple (low, high)
        Pixel values that stand for 0 and 1.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen in `fit`, if X was a table with string column names.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklatent.metrics import PixelFeatures
    >>> images = load_digits().images
    >>> PixelFeatures(n_components=10).fit_transform(images).shape
    (1797, 10)
    """

    value_range: ValueRange
    pca_: Any

    def __init__(
        self,
        n_components: int | None = None,
        *,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        random_state: RandomState = None,
    ) -> None:
        self.n_components = n_components
        self.image_shape = image_shape
        self.value_range = value_range
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Note layout and units of images, and fit the principal components.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images.
        y : None
            Ignored.

        Returns
        -------
        self : PixelFeatures

        Raises
        ------
        ValueError, TypeError
            If a parameter or the images are out of bounds.
        """
        if self.n_components is not None:
            check_number("n_components", self.n_components, low=1, integer=True)
        with keep_state_on_error(self):
            images = self._new_images(X)
            self.pca_ = None
            self._n_features_out = self.n_features_in_
            if self.n_components is not None:
                self._n_features_out = int(self.n_components)
                self.pca_ = self._fitted_pca(images)
        return self

    def transform(self, X: ArrayLike) -> FloatArray:
        """Return the features of images.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        features : ndarray of shape (n, d), float32
            Pixel values on the [0, 1] scale, or principal components in its units.
        """
        images = self._known_images(X)
        features = np.empty((len(images), self._n_features_out), dtype=np.float32)
        for part in block_rows(len(images), self._format.n_values):
            pixels = self._pixels(images[part])
            if self.pca_ is not None:
                pixels = self.pca_.transform(pixels.astype(np.float64))
            features[part] = pixels
        return features

    def _fitted_pca(self, images: AnyArray) -> Any:
        """Return scikit-learn's fit, or block by block the same where a float copy were large."""
        pca = PCA(self._n_features_out, random_state=self.random_state)
        n, width = len(images), self._format.n_values
        if n * width <= _MOST_VALUES:
            return pca.fit(self._pixels(images))
        if self._n_features_out > min(n, width):
            raise ValueError(
                f"n_components must be at most the number of images and of pixel values, "
                f"{min(n, width)}; got {self._n_features_out}."
            )
        rng = check_seed(self.random_state)
        axes = principal_axes(
            lambda rows: self._pixels(images[rows]), np.arange(n), width, self._n_features_out, rng
        )
        return _set_axes(pca, axes, n, self._n_features_out)

    def _pixels(self, images: AnyArray) -> FloatArray:
        return self._format.to_unit(images).reshape(len(images), -1)


def _set_axes(pca: Any, axes: PrincipalAxes, n_images: int, n_components: int) -> Any:
    """Return a PCA of scikit-learn with these axes; those that have no variance are zeros."""
    k, width = axes.components.shape
    pca.mean_ = axes.mean
    pca.components_ = np.zeros((n_components, width), np.float32)
    pca.components_[:k] = axes.components
    pca.explained_variance_ = np.zeros(n_components)
    pca.explained_variance_[:k] = axes.variances
    total = axes.variances.sum() / axes.explained if axes.explained else 1.0
    pca.explained_variance_ratio_ = pca.explained_variance_ / total
    pca.singular_values_ = np.sqrt((n_images - 1) * pca.explained_variance_)
    rest = min(n_images, width) - n_components
    pca.noise_variance_ = max(0.0, total - axes.variances.sum()) / rest if rest else 0.0
    pca.n_components_, pca.n_samples_, pca.n_features_in_ = n_components, n_images, width
    return pca
