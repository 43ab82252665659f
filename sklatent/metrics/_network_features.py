"""Features of networks that come from elsewhere: a separate autoencoder, a module, a function."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from sklatent._autoencoder.estimator import ConvAutoencoder
from sklatent._networks.inference import DeviceChoice, resolve_device
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

from ._image_features import ImageFeatures, common_scale

__all__ = ["CallableFeatures", "EncoderFeatures"]

_DEFAULT_LATENT_DIM = 64


class EncoderFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """The latent points of a separate autoencoder, as features of images without labels.

    Points are centred and divided by one number, so that the mean variance of a
    component is 1 on the images of `fit`: latent units are arbitrary. Use
    another autoencoder than the one that is judged.

    Parameters
    ----------
    autoencoder : transformer of images, default=None
        Copied and fitted in `fit`. None is ``ConvAutoencoder(latent_dim=64)``.
    random_state : int, RandomState instance or None, default=None
        Seeds the default autoencoder; one of your own has its seed itself.

    Attributes
    ----------
    autoencoder_ : estimator
        The fitted copy.
    mean_ : ndarray of shape (d,)
        Mean latent point of the images of `fit`.
    scale_ : float
        Square root of the mean variance of a component.
    n_features_in_ : int
        Number of pixel values of an image.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklatent import ConvAutoencoder
    >>> from sklatent.metrics import EncoderFeatures
    >>> images = load_digits().images
    >>> autoencoder = ConvAutoencoder(
    ...     8, channels=(16, 32), linear_path=True, max_epochs=2, random_state=1
    ... )
    >>> features = EncoderFeatures(autoencoder).fit(images)
    >>> round(float(features.transform(images).var(axis=0).mean()), 3)
    1.0
    """

    autoencoder_: Any
    mean_: FloatArray
    scale_: float
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def __init__(self, autoencoder: Any = None, *, random_state: RandomState = None) -> None:
        self.autoencoder = autoencoder
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Train the autoencoder on images.

        Parameters
        ----------
        X : array-like
            Images, in any layout that the autoencoder takes.
        y : array-like, default=None
            Passed on to the autoencoder.

        Returns
        -------
        self : EncoderFeatures

        Raises
        ------
        TypeError
            If `autoencoder` cannot fit and transform.
        ValueError
            If the autoencoder refuses the images.
        """
        autoencoder = self.autoencoder
        if autoencoder is None:
            autoencoder = ConvAutoencoder(_DEFAULT_LATENT_DIM, random_state=self.random_state)
        if not (hasattr(autoencoder, "fit") and hasattr(autoencoder, "transform")):
            raise TypeError(
                "autoencoder must be None or a transformer with fit and transform; "
                f"got {autoencoder!r}."
            )
        with keep_state_on_error(self):
            self.autoencoder_ = clone(autoencoder).fit(X, y)
            latent = np.asarray(self.autoencoder_.transform(X))
            self.mean_, self.scale_ = common_scale(latent)
            self._n_features_out = latent.shape[1]
            for name in ("n_features_in_", "feature_names_in_"):
                if hasattr(self.autoencoder_, name):
                    setattr(self, name, getattr(self.autoencoder_, name))
                elif hasattr(self, name):
                    delattr(self, name)
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
            Without unit.
        """
        check_is_fitted(self)
        latent = np.asarray(self.autoencoder_.transform(X))
        return ((latent - self.mean_) / self.scale_).astype(np.float32)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags


class CallableFeatures(ImageFeatures):
    """Features from a function of your own, or from a torch module with its weights.

    With a module of Inception-v3 weights that ends in its last pooling layer, the Frechet
    distance is the usual Frechet inception distance.

    Parameters
    ----------
    function : torch.nn.Module or callable
        A module takes a float32 tensor (n, channels, height, width) in [0, 1] and gives
        a tensor whose first axis is n; it runs in evaluation mode, without gradients, and in a
        copy. Any other callable takes a float32 array (n, height, width, channels) in [0, 1] and
        gives an array whose first axis is n. Resizing, copying grey to colours and
        normalising are its own affair. Further axes are flattened.
    image_shape : tuple (height, width) or (height, width, channels), default=None
        As in `ConvAutoencoder`.
    value_range : "auto" or tuple (low, high), default="auto"
        As in `ConvAutoencoder`.
    batch_size : int, default=256
        The most images at once.
    device : str or torch.device, default="auto"
        Where a module runs. "auto" takes CUDA, then MPS, then the CPU.

    Attributes
    ----------
    function_ : torch.nn.Module or callable
        The function, or the copy of the module.
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
    >>> from sklatent.metrics import CallableFeatures
    >>> images = load_digits().images
    >>> def row_means(batch):
    ...     return batch.mean(axis=(2, 3))
    >>> CallableFeatures(row_means).fit_transform(images).shape
    (1797, 8)
    """

    function_: Callable[[Any], Any]
    image_shape_: tuple[int, int, int]
    value_range_: tuple[float, float]
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def __init__(
        self,
        function: Callable[[Any], Any],
        *,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        batch_size: int = 256,
        device: DeviceChoice = "auto",
    ) -> None:
        self.function = function
        self.image_shape = image_shape
        self.value_range: ValueRange = value_range
        self.batch_size = batch_size
        self.device: DeviceChoice = device

    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Note layout and units of images, and try the function on two of them.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images.
        y : None
            Ignored.

        Returns
        -------
        self : CallableFeatures

        Raises
        ------
        TypeError
            If `function` cannot be called.
        ValueError
            If it gives no features, or if a parameter or the images are out of bounds.
        """
        if isinstance(self.function, type) or not callable(self.function):
            raise TypeError(f"function must be a torch module or callable; got {self.function!r}.")
        check_number("batch_size", self.batch_size, low=1, integer=True)
        resolve_device(self.device)
        with keep_state_on_error(self):
            images = self._new_images(X)
            self.function_ = self.function
            if isinstance(self.function, torch.nn.Module):
                self.function_ = copy.deepcopy(self.function).eval()
            self._n_features_out = self._tried(images[:2])
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
            In the function's own units.

        Raises
        ------
        ValueError
            If the function gives other than `d` finite numbers an image.
        """
        images = self._known_images(X)
        features = np.empty((len(images), self._n_features_out), dtype=np.float32)
        for part in gen_batches(len(images), self.batch_size):
            found = self._features(images[part])
            if found.shape[1] != self._n_features_out:
                raise ValueError(
                    f"function must give {self._n_features_out} features an image, as in fit; "
                    f"got {found.shape[1]}."
                )
            features[part] = found
        return features

    def _tried(self, images: AnyArray) -> int:
        """Return the number of features; a module that fails on such images is named."""
        try:
            return self._features(images).shape[1]
        except RuntimeError as error:
            height, width, channels = self.image_shape_
            raise ValueError(
                f"function must take a batch of images of {channels} channels, height {height} and "
                f"width {width}; it failed on {len(images)} of them: {error}"
            ) from error

    def _features(self, images: AnyArray) -> FloatArray:
        unit = self._format.to_unit(images)
        if isinstance(self.function_, torch.nn.Module):
            device = resolve_device(self.device)
            with torch.inference_mode():
                tensor = torch.from_numpy(unit).permute(0, 3, 1, 2).contiguous().to(device)
                found = self.function_.to(device)(tensor)
        else:
            found = self.function_(unit)
        if isinstance(found, torch.Tensor):
            found = found.detach().float().cpu().numpy()
        found = np.asarray(found)
        if found.ndim < 2 or len(found) != len(images) or found.dtype.kind not in "biuf":
            raise ValueError(
                f"function must give an array of numbers of shape (n, d) for n images; for "
                f"{len(images)} it gave {found.dtype} of shape {found.shape}."
            )
        found = found.reshape(len(found), -1)
        if not np.isfinite(found).all():
            raise ValueError("function must give finite features; got NaN or infinity.")
        return found
