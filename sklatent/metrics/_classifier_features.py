"""Features of a small network that was trained to tell labels apart."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from sklatent._autoencoder.parameters import check_network_parameters
from sklatent._networks.architecture import Architecture
from sklatent._networks.batches import ImageBatches, ImagePairs
from sklatent._networks.classifier import ClassificationLoss, best_classes, build_classifier
from sklatent._networks.convolutional import ActivationName
from sklatent._networks.inference import (
    Device,
    DeviceChoice,
    TrainedNetwork,
    encode,
    resolve_device,
)
from sklatent._networks.interrupts import end_if_interrupted, note_clone
from sklatent._networks.schedules import enough_epochs
from sklatent._networks.training import history_arrays, train
from sklatent._random import check_seed, draw_seed
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    FloatArray,
    ImageShape,
    IntArray,
    RandomState,
    Self,
    ValueRange,
)
from sklatent._validation import as_labels, check_equal_length, keep_state_on_error

from ._image_features import ImageFeatures, common_scale

__all__ = ["ClassifierFeatures"]


class ClassifierFeatures(ImageFeatures):
    """The layer before the last of a small convolutional classifier, as features of images.

    Fit it once on labelled images, save it with joblib, and use it in all runs that are to be
    compared: features of two networks differ, and so do all figures in them. A
    separate network is fairer than the latent points of the autoencoder that
    is judged, which favour the density that was fitted to them.

    Values before the last activation are centred and divided by one number, so that
    their mean variance is 1 on the images of `fit`: a network's own units are arbitrary.

    Parameters
    ----------
    n_features : int, default=64
        Number of features, at least 1.
    channels : tuple of int, default=(32, 64, 128)
        Feature maps of each convolution; each halves height and width, rounded up.
    activation : {"leaky_relu", "relu", "selu", "gelu", "silu"}, default="leaky_relu"
        Activation behind each convolution, and between features and classes.
    batch_norm : bool, default=False
        Whether to normalise each feature map over the batch.
    image_shape : tuple (height, width) or (height, width, channels), default=None
        As in `ConvAutoencoder`.
    value_range : "auto" or tuple (low, high), default="auto"
        As in `ConvAutoencoder`.
    max_epochs : int or "auto", default="auto"
        Number of passes over the images. "auto" makes 10, or on fewer images as many as give
        2,000 steps, and at most 100.
    batch_size : int, default=64
        The most images in a training step.
    learning_rate : float, default=3e-3
        The highest rate of the one-cycle schedule.
    device : str or torch.device, default="auto"
        "auto" takes CUDA, then MPS, then the CPU.
    verbose : int, default=0
        1 shows a progress bar.
    random_state : int, RandomState instance or None, default=None
        Seeds initial weights and the order of images.

    Attributes
    ----------
    net_ : skorch.NeuralNet
        The trained net; `net_.module_.encoder` gives the features.
    classes_ : ndarray of shape (n_classes,)
        The labels.
    mean_ : ndarray of shape (n_features,)
        Mean of the values before the last activation on the images of `fit`.
    scale_ : float
        Square root of their mean variance.
    history_ : dict of ndarray, each of shape (n_epochs,)
        "train_loss", the cross-entropy in nats, and "duration" in seconds.
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
    >>> from sklatent.metrics import ClassifierFeatures
    >>> images, labels = load_digits().images, load_digits().target
    >>> features = ClassifierFeatures(16, channels=(16, 32), max_epochs=3, random_state=0)
    >>> features.fit(images[:1000], labels[:1000]).transform(images[1000:]).shape
    (797, 16)
    >>> features.score(images[1000:], labels[1000:]) > 0.5
    True
    """

    net_: Any
    classes_: AnyArray
    mean_: FloatArray
    scale_: float
    history_: dict[str, FloatArray]
    image_shape_: tuple[int, int, int]
    value_range_: tuple[float, float]
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def __init__(
        self,
        n_features: int = 64,
        *,
        channels: Sequence[int] = (32, 64, 128),
        activation: ActivationName = "leaky_relu",
        batch_norm: bool = False,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        max_epochs: int | Literal["auto"] = "auto",
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        device: DeviceChoice = "auto",
        verbose: int = 0,
        random_state: RandomState = None,
    ) -> None:
        self.n_features = n_features
        self.channels = channels
        self.activation: ActivationName = activation
        self.batch_norm = batch_norm
        self.image_shape = image_shape
        self.value_range: ValueRange = value_range
        self.max_epochs: int | Literal["auto"] = max_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.device: DeviceChoice = device
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train the classifier on labelled images.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images.
        y : array-like of shape (n,)
            Labels of at least two classes: numbers or words.

        Returns
        -------
        self : ClassifierFeatures

        Raises
        ------
        ValueError, TypeError
            If a parameter, the images or the labels are out of bounds.
        """
        check_network_parameters(self)
        with keep_state_on_error(self):
            images = self._new_images(X)
            if y is None:
                raise ValueError(
                    "y must be labels: ClassifierFeatures requires y to be passed, but the "
                    "target y is None."
                )
            given = column_or_1d(as_labels(y), warn=True)
            check_equal_length("y", given, images)
            check_classification_targets(given)
            self.classes_, labels = np.unique(given, return_inverse=True)
            if len(self.classes_) < 2:
                raise ValueError(
                    f"y must hold at least 2 classes; got one class, {self.classes_[0]!r}."
                )
            self._n_features_out = int(self.n_features)
            max_epochs = self._train(images, labels)
            self.mean_, self.scale_ = common_scale(self._before_activation(images))
        done = len(self.history_["train_loss"])
        end_if_interrupted(self, self.net_.interrupted_, done, max_epochs)
        return self

    def __sklearn_clone__(self) -> Any:
        return note_clone(super().__sklearn_clone__())

    def transform(self, X: ArrayLike) -> FloatArray:
        """Return the features of images.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        features : ndarray of shape (n, n_features), float32
            Without unit.
        """
        values = self._before_activation(self._known_images(X))
        return ((values - self.mean_) / self.scale_).astype(np.float32)

    def predict(self, X: ArrayLike) -> AnyArray:
        """Return the most likely label of images.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        labels : ndarray of shape (n,)
            Of `classes_`.
        """
        check_is_fitted(self)
        values = self._before_activation(self._known_images(X))
        return self.classes_[best_classes(self.net_.module_, values, self.device_)]

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the share of images whose label is right.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.
        y : array-like of shape (n,)
            True labels.

        Returns
        -------
        accuracy : float
            In [0, 1].

        Raises
        ------
        ValueError, TypeError
            If the labels are not one for each image, or the images are not as in `fit`.
        """
        check_is_fitted(self)
        labels = column_or_1d(as_labels(y))
        check_equal_length("y", labels, X)
        return float(np.mean(self.predict(X) == labels))

    @property
    def device_(self) -> Device:
        """Where the network runs: after unpickling on a machine without a GPU, the CPU."""
        return resolve_device(self.net_.device)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def _before_activation(self, images: AnyArray) -> FloatArray:
        network = TrainedNetwork(self.net_.module_, self.device_, self.batch_size)
        return encode(network, images, self._format)

    def _train(self, images: AnyArray, labels: IntArray) -> int:
        """Train, and return how many epochs were asked for."""
        rng = np.random.RandomState(draw_seed(check_seed(self.random_state)))
        architecture = Architecture(
            image_shape=self._format.image_shape,
            output_shape=(1, 1, len(self.classes_)),
            latent_dim=self._n_features_out,
            channels=tuple(int(n_maps) for n_maps in self.channels),
            activation=self.activation,
            batch_norm=self.batch_norm,
        )
        max_epochs = self.max_epochs
        if max_epochs == "auto":
            max_epochs = enough_epochs(len(images), self.batch_size)
        self.net_ = train(
            build_classifier(architecture, len(self.classes_), draw_seed(rng)),
            ImageBatches(
                ImagePairs(images, self._format, labels, None),
                *(np.arange(len(images)), self.batch_size, resolve_device(self.device), rng),
            ),
            loss=ClassificationLoss(),
            max_epochs=max_epochs,
            learning_rate=self.learning_rate,
            progress=bool(self.verbose),
        )
        self.history_ = history_arrays(self.net_)
        return max_epochs
