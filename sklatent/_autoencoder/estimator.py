"""The convolutional autoencoder as a scikit-learn transformer."""

import copy
import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from sklatent._images.estimator import known_images, new_images, note_format
from sklatent._images.format import ImageFormat, as_image_array, is_label_array
from sklatent._images.principal import PrincipalAxes
from sklatent._networks.architecture import (
    Architecture,
    OwnModule,
    build_autoencoder,
    check_unchanged,
    seeded_torch,
)
from sklatent._networks.batches import ImageBatches, ImagePairs, batch_corruptions, split_rows
from sklatent._networks.convolutional import ActivationName, ArchitectureName, Autoencoder
from sklatent._networks.inference import (
    Device,
    DeviceChoice,
    Precision,
    PrecisionChoice,
    TrainedNetwork,
    decode,
    encode,
    encode_posterior,
    resolve_device,
    squared_errors,
    validation_errors,
)
from sklatent._networks.interrupts import end_if_interrupted, note_clone
from sklatent._networks.linear_path import start_linear_path
from sklatent._networks.losses import AutoencoderLoss, LossName
from sklatent._networks.optimizers import OptimizerName
from sklatent._networks.schedules import ScheduleName
from sklatent._networks.training import (
    best_epoch,
    history_arrays,
    initial_loss,
    join_histories,
    train,
)
from sklatent._random import check_seed, draw_seed
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    FloatArray,
    ImageShape,
    IntArray,
    RandomState,
    Self,
    TransformerMixin,
    ValueRange,
)
from sklatent._validation import (
    as_numeric_array,
    check_equal_length,
    check_groups,
    check_number,
    keep_state_on_error,
)
from sklatent.corruption._base import Corruption

from .comparison import FEWEST_IMAGES, MOST_HELD_OUT, Comparison, compare, loss_to_pca
from .parameters import auto_may_take_linear_path, check_parameters
from .posterior import ACTIVE_VARIANCE, Posterior, PosteriorReport, report_posterior
from .restoring import Bypass, Restorer, check_bypass, make_restorer, restore
from .settings import Settings, auto_activation, resolve_settings
from .start import Start, find_start, pca_errors

__all__ = ["ConvAutoencoder"]

_ENOUGH_TO_TELL = 2000
_Rows = tuple[IntArray, IntArray | None]
_OF_VALIDATION = (
    "validation_error_",
    "pca_validation_error_",
    "best_epoch_",
    "initial_valid_loss_",
)


class ConvAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Convolutional autoencoder: images to latent points and back.

    An encoder of strided convolutions maps each image to a point of
    `latent_dim` components, and a decoder of transposed convolutions maps it
    back. Both are trained together to give the image back, by default with Muon
    [10]_ and a one-cycle learning rate [1]_. Trained with a `corruption`, or towards other
    images, given as `y`, it restores or recolours.

    Images come as (n, height, width), (n, height, width, channels), or as flat
    rows (n, n_pixels); heights and widths from 1 upward. They stay in the
    dtype and place that they came in, and are converted batch by batch, so
    that a memory-mapped file larger than the memory can be fitted.

    Parameters
    ----------
    latent_dim : int, default=16
        Number of latent components, at least 1.

    channels : tuple of int or "auto", default="auto"
        Feature maps of each stage of the encoder; the decoder mirrors them.
        Each stage starts with a convolution that halves height and width,
        rounded up. "auto" takes the first of (32, 64, 128, 256, 256): as many
        as leave no side above 3 pixels, but at most 4 up to 80 pixels, and 5 above.

    architecture : {"plain", "residual"}, default="plain"
        What follows the convolution of stride 2 in each stage: further
        convolutions of stride 1, or residual blocks of two convolutions [8]_,
        which start as the identity. The decoder mirrors it.

    blocks_per_stage : int, default=1
        Depth of a stage, at least 1: all its convolutions if "plain", or its
        residual blocks if "residual".

    linear_path : bool or "auto", default="auto"
        Whether to put a linear map beside the convolutions of encoder and
        decoder, started at the principal components of the training images,
        with unit variance each. The convolutions start at 0, so that training
        starts at the error of PCA. "auto" does so in `fit` where the principal
        components explain at least 0.8 of the variance, as in wide latent
        spaces; below, convolutions alone came to smaller errors. It also does so
        where there are fewer than 100 steps, in which they hardly come down to
        PCA. The linear
        weights learn at 0.003 of the rate, of a tenth of it with Muon. The components come from at
        most 10,000 of the images, read in blocks; beside the network this takes
        memory for five times `latent_dim` images of float64. Where targets are
        given as `y`, or images corrupted, the decoder starts at the best linear
        map from the components of its input to the targets.
        It does not combine with an own encoder or decoder, nor with
        `decoder_spectral_norm`. "auto" leaves it out there, in `partial_fit`,
        and where `kl_weight`, `latent_penalty` or `decoder_weight_decay` is above
        0, which move points and weights from where it starts.

    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows. None takes a row whose width is the
        square of 8 or more as a square grey image, and any other row as an
        image of one line. For images that are not flat it must be their shape,
        and need only be given where that looks like channels first, or like a
        single image with channels.

    activation : {"auto", "leaky_relu", "relu", "selu", "gelu", "silu"}, default="auto"
        Activation behind each convolution but the last. "auto" is "silu", or
        "leaky_relu" beside a linear path.

    batch_norm : bool, default=False
        Whether to normalise each feature map over the batch.

    value_range : "auto" or tuple (low, high), default="auto"
        Pixel values that stand for 0 and 1. "auto" takes 0-255 for uint8, 0-1
        for other numbers that lie in it, else the smallest and largest value
        of the images that `fit`, or the first `partial_fit`, sees; for target
        images `y` it is found by itself. An explicit pair holds for both, and
        values outside it are an error.

    loss : {"bce", "mse", "l1", "ssim"}, default="bce"
        Reconstruction loss, a mean over pixel values on the [0, 1] scale:
        binary cross-entropy in nats, squared error, or absolute error; "ssim"
        is 0.84 (1 - SSIM) + 0.16 times the absolute error, with the structural
        similarity [4]_ at one scale and the shares of [5]_. The cross-entropy
        of grey targets is not 0 at perfect reconstruction.

    kl_weight : float, default=0.0
        Above 0 the encoder is variational [2]_: it gives mean and variance of
        each component, and points are drawn from them in training. The
        Kullback-Leibler divergence from N(0, I), summed over components and
        divided by the number of pixel values of an image, is added with this
        weight; with the loss "bce", 1.0 is the evidence lower bound for any
        image size. `transform` gives the mean, `posterior` the variance too.

    kl_annealing : float, default=0.0
        Share of the steps of `fit`, in [0, 1], over which the weight of the
        divergence rises linearly from 0 to `kl_weight` [6]_. Losses on
        validation images have the full weight, as has `partial_fit`; early
        stopping counts epochs without improvement from its end on.

    latent_penalty : float, default=0.0
        Weight of the squared length of latent points, divided by the number
        of pixel values of an image, that is added to the loss [3]_.

    mirror : bool, "both" or "auto", default="auto"
        Whether to turn left and right, in each pass over the images, in a random
        half of them, and in their targets; "both" also turns a random half upside
        down. It multiplies the images where a mirror
        image is as good as the first, as with faces and unlike with digits.
        "auto" asks how well 32 principal axes of half of the images, of at most
        2,000, give back the other half, as they are and mirrored: it mirrors if
        the error grows by at most a share of min(0.35, 0.05 + 500 / n), with n
        images for training, since the fewer there are, the more it helps; and
        upside down too if it then grows by at most 0.05. In `partial_fit`
        it does not.

    corruption : corruption from `sklatent.corruption`, default=None
        What is done to the images on their way into the network in training,
        drawn afresh for each batch; the network learns to give the clean image
        back, or `y` [9]_. Images for validation are corrupted in the same way in
        every epoch. Its own `random_state`, `image_shape` and `value_range` do
        not count. Outside training nothing is corrupted: `reconstruct(noisy)`
        restores, and `score(noisy, clean)` tells how well.

    bypass : bool or "auto", default="auto"
        Whether to train, behind the autoencoder, a small network of convolutions on the
        pixels of the damaged image and of its reconstruction, which `restore` uses for the
        detail that the bottleneck does not hold; nothing else does. It makes as many passes
        as the autoencoder, or 600 batches of 32 images if that is less. "auto" trains it where
        there is a `corruption`. True needs a corruption, or target images `y`.

    decoder_weight_decay : float, default=0.0
        Weight of the sum of the squared weights of the decoder, biases left
        out, divided by the number of pixel values of an image, that is added
        to the loss [3]_.

    decoder_spectral_norm : bool, default=False
        Whether each layer of the default decoder divides its weights, as a
        matrix of one row for each output channel, by their largest singular
        value [3]_ [7]_. For an own `decoder` it must be False.

    encoder : torch.nn.Module or callable, default=None
        Own encoder, in place of the default one. It maps a float32 tensor
        (n, channels, height, width) in [0, 1] to (n, latent_dim), or to
        (n, 2 * latent_dim), means before log-variances, where `kl_weight` is
        above 0. A module is copied and training starts from its weights; a
        callable, such as a class, is called with the image shape (height,
        width, channels) and the number of values to give.

    decoder : torch.nn.Module or callable, default=None
        Own decoder. It maps (n, latent_dim) to raw outputs (n, channels,
        height, width), of which the logistic function makes pixel values in
        [0, 1]. A callable is called with the image shape and `latent_dim`.

    max_epochs : int or "auto", default="auto"
        Number of passes over the images in `fit`. "auto" makes 10, or on fewer
        images as many as give 900 steps, and at most 60; with Adam 2,000 steps,
        and at most 100.

    batch_size : int or "auto", default="auto"
        The most images in a training step. "auto" is 64, or with Muon 32 for
        fewer than 5,000 images. Outside training up to 256 images go
        through the network at once, if that is more and they are small.

    optimizer : {"auto", "adam", "muon"}, default="auto"
        How steps follow gradients. "muon" orthogonalises the
        step of each weight, as a matrix of its output channels by the rest
        [10]_, and leaves biases and norms, and a linear path, to Adam at a tenth
        of the rate; it comes to smaller errors in as many steps, most on small
        sets, and there best with a decay. "auto" is "muon", for fewer than 20,000
        images, and a loss of the reconstruction alone, with a `weight_decay` of 0.3;
        or "adam" where `encoder`, `decoder` or
        a `learning_rate` is given, and where that is constant, as in `partial_fit`.

    optimizer_params : dict, default=None
        Keywords of the optimizer. "adam" takes those of `torch.optim.Adam`, of
        which ours sets betas=(0.9, 0.99) and fused=True. "muon" takes
        `momentum` (0.95), `weight_decay` (0; in each step weights shrink by the
        rate times it, biases and norms do not), `ns_steps` (5; of the
        orthogonalisation), and for biases and norms `adam_share` (0.1), `betas`
        (0.9, 0.99) and `eps` (1e-8). The rate is `learning_rate`.

    learning_rate : float or "auto", default="auto"
        The highest rate of the one-cycle schedule, or the constant rate, above
        0. "auto" takes 3e-3 for "adam" and 0.03 for "muon".

    schedule : {"one_cycle", "constant"}, default="one_cycle"
        Learning rate over the steps of `fit`; `partial_fit` is constant.

    early_stopping : bool or "auto", default="auto"
        Whether to hold images out for validation and keep the best weights.
        "auto" holds out a share of 500 images or more, at most 2,000, and keeps
        the weights with the smallest loss on them; those before training count
        as epoch 0, so that a network that starts at PCA never ends at a larger
        loss than there. All epochs are made. It holds nothing out, so that the
        last weights stay and nothing is compared with PCA, of fewer images,
        with target images `y`, with a `corruption`, and in `partial_fit`. True
        holds the share out in every `fit`, ends training when the loss has not
        improved for `n_iter_no_change` epochs, and restores the weights of the
        best epoch, of which there is no epoch 0. False holds nothing out. In a
        warm start, which images are held out follows `random_state`: only an
        int, and as many images, hold the same ones out again.

    validation_fraction : float, default=0.1
        The share held out, in (0, 1), unless `early_stopping` is False.

    n_iter_no_change : int, default=5
        Epochs without improvement that end training, if `early_stopping=True`.

    device : str or torch.device, default="auto"
        "auto" takes CUDA, then MPS, then the CPU.

    precision : {"auto", "float32", "bfloat16"}, default="auto"
        Arithmetic of the network: float32, or bfloat16 autocast. "auto" trains
        in bfloat16 on GPUs and processors that multiply in it, and is float32
        elsewhere, and in all that comes after training.

    warm_start : bool, default=False
        Whether a second `fit` goes on from the weights of the first. Images
        must then have the same layout and size, and the network parameters
        must not have changed.

    callbacks : list of skorch callbacks, default=None
        Called in training, after our own.

    verbose : int, default=0
        1 shows a progress bar with the loss and images per second, and says at
        the end of `fit` how many components of a variational model collapsed.

    random_state : int, RandomState instance or None, default=None
        Seeds initial weights, order of images, validation split, noise and
        corruption.
        An int makes the result reproducible on one machine.

    Attributes
    ----------
    net_ : skorch.NeuralNet
        The trained net; `net_.module_` holds `encoder` and `decoder`.
    image_shape_ : tuple (height, width, channels)
        Shape of an image.
    value_range_ : tuple (low, high)
        Pixel values that stand for 0 and 1.
    history_ : dict of ndarray, each of shape (n_epochs,)
        "train_loss", "valid_loss" if images were held out, "duration" in
        seconds, and numbers that `callbacks` recorded under names of theirs, for
        each epoch of the last `fit` and of the `partial_fit` calls after it.
    n_iter_ : int
        Number of completed epochs.
    best_epoch_ : int
        The epoch, counted from 1, whose weights `fit` kept; 0 for the weights
        before training. Only where images were held out.
    initial_valid_loss_ : float
        Loss on the images held out, before training: "valid_loss" of epoch 0.
        Only where `early_stopping="auto"` held images out.
    settings_ : dict
        Settings of the last training, with what stands for each "auto":
        "channels", "mirror", "batch_size", "max_epochs", "optimizer",
        "optimizer_params", "learning_rate" and "precision".
    linear_path_ : bool
        Whether the network has a linear path.
    bypass_ : Bypass or None
        The network past the bottleneck, as plain data, or None without one: its `weights` by name.
    n_parameters_ : int
        Number of trainable network parameters.
    validation_error_ : float
        Mean squared error per pixel value, on the [0, 1] scale, of the images
        held out, at the end of `fit`, restored where there is a `corruption`.
        Only where images were held out.
    pca_validation_error_ : float
        The same for PCA with `latent_dim` components of the training images,
        or of 10,000 of them if there are more. Only where images were held
        out, are their own targets, and `corruption` is None.
    device_ : torch.device
        Where the network runs.
    n_features_in_ : int
        Number of pixel values of an image.
    feature_names_in_ : ndarray of str
        Column names seen in `fit`, if X was a table with string column names.

    References
    ----------
    .. [1] L. N. Smith and N. Topin, "Super-convergence: very fast training of
       neural networks using large learning rates", arXiv 1708.07120.
    .. [2] D. P. Kingma and M. Welling, "Auto-encoding variational Bayes",
       ICLR 2014, arXiv 1312.6114.
    .. [3] P. Ghosh et al., "From variational to deterministic autoencoders",
       ICLR 2020, arXiv 1903.12436.
    .. [4] Z. Wang et al., "Image quality assessment: from error visibility to
       structural similarity", IEEE Transactions on Image Processing 13, 2004.
    .. [5] H. Zhao et al., "Loss functions for image restoration with neural
       networks", 2017, arXiv 1511.08861.
    .. [6] S. R. Bowman et al., "Generating sentences from a continuous space",
       CoNLL 2016, arXiv 1511.06349.
    .. [7] T. Miyato et al., "Spectral normalization for generative adversarial
       networks", ICLR 2018, arXiv 1802.05957.
    .. [8] K. He et al., "Identity mappings in deep residual networks", ECCV
       2016, arXiv 1603.05027.
    .. [9] P. Vincent et al., "Extracting and composing robust features with
       denoising autoencoders", ICML 2008, doi:10.1145/1390156.1390294.
    .. [10] K. Jordan et al., "Muon: an optimizer for hidden layers in neural
       networks", 2024, https://kellerjordan.github.io/posts/muon/.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklatent import ConvAutoencoder
    >>> images = load_digits().images
    >>> autoencoder = ConvAutoencoder(
    ...     latent_dim=8, channels=(16, 32), linear_path=True, max_epochs=2, random_state=0
    ... )
    >>> latent = autoencoder.fit_transform(images)
    >>> latent.shape
    (1797, 8)
    >>> autoencoder.inverse_transform(latent).shape
    (1797, 8, 8)
    """

    net_: Any
    image_shape_: tuple[int, int, int]
    value_range_: tuple[float, float]
    history_: dict[str, FloatArray]
    n_iter_: int
    settings_: dict[str, Any]
    linear_path_: bool
    n_parameters_: int
    bypass_: Bypass | None
    best_epoch_: int
    initial_valid_loss_: float
    validation_error_: float
    pca_validation_error_: float
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]
    _input_format: ImageFormat
    _target_format: ImageFormat
    _architecture: Architecture
    _own_modules: dict[str, Any]
    _n_features_out: int
    _rng: np.random.RandomState
    _restorer: Restorer

    def __init__(
        self,
        latent_dim: int = 16,
        *,
        channels: Sequence[int] | Literal["auto"] = "auto",
        architecture: ArchitectureName = "plain",
        blocks_per_stage: int = 1,
        linear_path: bool | Literal["auto"] = "auto",
        image_shape: ImageShape | None = None,
        activation: ActivationName | Literal["auto"] = "auto",
        batch_norm: bool = False,
        value_range: ValueRange = "auto",
        loss: LossName = "bce",
        kl_weight: float = 0.0,
        kl_annealing: float = 0.0,
        latent_penalty: float = 0.0,
        mirror: bool | Literal["both", "auto"] = "auto",
        corruption: Corruption | None = None,
        bypass: bool | Literal["auto"] = "auto",
        decoder_weight_decay: float = 0.0,
        decoder_spectral_norm: bool = False,
        encoder: OwnModule = None,
        decoder: OwnModule = None,
        max_epochs: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        optimizer: OptimizerName = "auto",
        optimizer_params: Mapping[str, Any] | None = None,
        learning_rate: float | Literal["auto"] = "auto",
        schedule: ScheduleName = "one_cycle",
        early_stopping: bool | Literal["auto"] = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        device: DeviceChoice = "auto",
        precision: PrecisionChoice = "auto",
        warm_start: bool = False,
        callbacks: Sequence[Any] | None = None,
        verbose: int = 0,
        random_state: RandomState = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.channels = channels
        self.architecture: ArchitectureName = architecture
        self.blocks_per_stage = blocks_per_stage
        self.linear_path: bool | Literal["auto"] = linear_path
        self.image_shape = image_shape
        self.activation: ActivationName | Literal["auto"] = activation
        self.batch_norm = batch_norm
        self.value_range: ValueRange = value_range
        self.loss: LossName = loss
        self.kl_weight = kl_weight
        self.kl_annealing = kl_annealing
        self.latent_penalty = latent_penalty
        self.mirror = mirror
        self.corruption = corruption
        self.bypass: bool | Literal["auto"] = bypass
        self.decoder_weight_decay = decoder_weight_decay
        self.decoder_spectral_norm = decoder_spectral_norm
        self.encoder = encoder
        self.decoder = decoder
        self.max_epochs: int | Literal["auto"] = max_epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.optimizer_params = optimizer_params
        self.learning_rate = learning_rate
        self.schedule: ScheduleName = schedule
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.device: DeviceChoice = device
        self.precision: PrecisionChoice = precision
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.verbose = verbose
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike | None = None, *, groups: ArrayLike | None = None
    ) -> Self:
        """Train on images X.

        An interrupt from the keyboard ends training with a warning and keeps
        the weights so far, the best of them where images are held out. In a clone,
        as searches and caches make them, and in `LatentPipeline.fit` it ends the
        whole call. A callback may end training at the end of an epoch, as
        `skorch.callbacks.EarlyStopping` does; that is no interrupt. An error
        leaves an earlier fit as it was.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images, of any numeric dtype.
        y : array-like, default=None
            Target images, as many and of the same height and width as X, in
            any layout and number of channels; the network is trained to turn X
            into y. Labels, in one dimension or one column, are ignored.
        groups : array-like of shape (n,), default=None
            Which images belong together, as the photographs of one person, by
            numbers or strings. Where images are held out they are whole groups:
            those, in random order, that fit into the share, and at least one. With
            images of the same person on both sides the comparison with PCA, and
            `early_stopping`, would be too kind.

        Returns
        -------
        self : ConvAutoencoder

        Raises
        ------
        ValueError
            If a parameter or the data are out of bounds, or if the loss stops
            being finite.
        TypeError
            If a parameter or the data are of a wrong type.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If training was interrupted, or if on the images held out the network
            loses to PCA with as many components of the training images: if its
            squared error is larger by more than two standard errors of the mean
            difference, image by image. It says by how much, and what to try.
        UserWarning
            If flat rows without `image_shape` look like images with channels.
        """
        check_parameters(self)
        with keep_state_on_error(self):
            go_on = self.warm_start and hasattr(self, "net_")
            pairs = self._take_images(X, y, reset=not go_on)
            seed = draw_seed(check_seed(self.random_state))
            self._rng = np.random.RandomState(seed)
            rows = self._split(pairs, groups)
            settings = resolve_settings(self, pairs.images, pairs.image_format, rows[0], seed)
            axes, start = (None, None)
            if not go_on:
                least = settings.least_explained(len(rows[0]))
                axes, start = self._find_start(pairs, rows[0], seed, least)
                module = self._new_module(settings, start, pairs.targets)
            else:
                module = self._module_so_far(settings)
            errors = self._train(
                *(module, pairs, rows, settings),
                cycle=self.schedule == "one_cycle",
                kl_annealing=self.kl_annealing if self.kl_weight else 0.0,
            )
            self._make_restorer(pairs, rows[0], settings, seed, go_on)
            comparison = self._compare_with_pca(pairs, rows, axes, seed, errors)
            if self.verbose and self._architecture.variational:
                self._say_what_collapsed(pairs.images)
        self._end_if_interrupted(settings.max_epochs)
        if comparison is not None and comparison.lost:
            warnings.warn(loss_to_pca(self, comparison), ConvergenceWarning, stacklevel=2)
        return self

    def partial_fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Train on one more pass over images X, at a constant learning rate.

        The first call builds the network; its images decide layout, size, and
        the range of pixel values. The moments of the optimizer go on from call to
        call, unless `optimizer` has changed.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images.
        y : array-like, default=None
            Target images, as in `fit`.

        Returns
        -------
        self : ConvAutoencoder

        Raises
        ------
        ValueError, TypeError
            As in `fit`; weights and attributes are then as before the call.
        """
        check_parameters(self)
        with keep_state_on_error(self):
            reset, start = not hasattr(self, "net_"), None
            pairs = self._take_images(X, y, reset=reset)
            rows = np.arange(len(pairs.images))
            earlier = None if reset else self.net_.optimizer_
            if reset:
                seed = draw_seed(check_seed(self.random_state))
                self._rng = np.random.RandomState(seed)
                if self.linear_path != "auto":
                    _, start = self._find_start(pairs, rows, seed, 0.0)
            else:
                seed, self._rng = 0, copy.deepcopy(self._rng)
            settings = resolve_settings(
                self, pairs.images, pairs.image_format, rows, seed, one_pass=True
            )
            if reset:
                module = self._new_module(settings, start, pairs.targets)
            else:
                module = self._module_so_far(settings)
            self._train(module, pairs, (rows, None), settings, earlier=earlier)
            self._make_restorer(
                *(pairs, rows, settings, draw_seed(copy.deepcopy(self._rng))), go_on=not reset
            )
        self._end_if_interrupted(1)
        return self

    def transform(self, X: ArrayLike) -> FloatArray:
        """Encode images.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        latent : ndarray of shape (n, latent_dim), float32
            Latent points; the posterior mean if variational.

        Raises
        ------
        ValueError, TypeError
            If X is not an array of such images.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self)
        return self._encoded(X)

    def posterior(self, X: ArrayLike) -> Posterior:
        """Mean and variance that a variational encoder gives for each image.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        posterior : Posterior
            A named tuple of `mean`, as from `transform`, and `variance`, each
            an ndarray of shape (n, latent_dim), float32: latent components are
            independent and normal given the image. Its `sample` draws a point
            for each image.

        Raises
        ------
        ValueError
            If the model is not variational (`kl_weight` was 0 in `fit`), or X
            holds no such images.
        TypeError
            If X is not an array of images.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        mean, log_variance = self._encoded_posterior(X, "posterior")
        return Posterior(mean, np.exp(log_variance))

    def posterior_report(
        self, X: ArrayLike, *, threshold: float = ACTIVE_VARIANCE
    ) -> PosteriorReport:
        """Say which latent components of a variational model tell of the image.

        A component whose posterior is the prior N(0, 1) whatever the image has
        collapsed: the decoder cannot learn anything from it.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`, at least 2.
        threshold : float, default=0.01
            A component is active if the variance over images of its posterior
            mean is above this, in squared latent units.

        Returns
        -------
        report : PosteriorReport
            `active`, `mean_variance` and `kl` for each component; printed, it
            is a table.

        Raises
        ------
        ValueError
            If the model is not variational (`kl_weight` was 0 in `fit`), if
            the threshold is below 0, or X holds fewer than 2 such images.
        TypeError
            If X is not an array of images, or the threshold no number.
        sklearn.exceptions.NotFittedError
            Before `fit`.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from sklatent import ConvAutoencoder
        >>> images = load_digits().images
        >>> recipe = {"channels": (16, 32), "max_epochs": 2, "random_state": 0}
        >>> recipe["early_stopping"] = False  # it would say that PCA has a smaller error
        >>> autoencoder = ConvAutoencoder(8, kl_weight=100.0, **recipe).fit(images)
        >>> report = autoencoder.posterior_report(images)
        >>> print(report.summary)
        8 of 8 latent components collapsed (variance of the posterior mean at most 0.01); ...
        >>> bool(report.active.any())
        False
        >>> mean, variance = autoencoder.posterior(images)
        >>> variance.shape
        (1797, 8)
        """
        check_number("threshold", threshold, low=0, open_high=True)
        mean, log_variance = self._encoded_posterior(X, "posterior_report")
        return report_posterior(mean, log_variance, threshold)

    def inverse_transform(self, X: ArrayLike) -> AnyArray:
        """Decode latent points.

        Parameters
        ----------
        X : array-like of shape (n, latent_dim)
            Latent points.

        Returns
        -------
        images : ndarray
            Images in the layout, units and dtype seen in `fit`: integers stay
            integers, rounded, and float64 stays; all else is float32. Where
            `fit` had target images, theirs.

        Raises
        ------
        ValueError, TypeError
            If X is no finite numeric array of that width.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self)
        return decode(self._network, self._checked_points(X), self._target_format)

    def reconstruct(self, X: ArrayLike) -> AnyArray:
        """Encode and decode images.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.

        Returns
        -------
        images : ndarray
            As from `inverse_transform`.
        """
        check_is_fitted(self)
        return self.inverse_transform(self._encoded(X))

    def restore(self, X: ArrayLike, *, known: ArrayLike | None = None) -> AnyArray:
        """Make the best picture of a damaged one; what is known of it stays as it is.

        `reconstruct` gives back what latent points hold. This adds what they do not: with
        a `bypass` that `fit` trained beside a corruption, by a network that sees the damaged
        image, its reconstruction, and which values are given; else by the difference of image and
        reconstruction at given values, carried smoothly over the others.

        Parameters
        ----------
        X : array-like
            Damaged images with the layout, size and units seen in `fit`. Where a mask says
            that a value is lost, it may be anything, NaN included.

        known : array-like, default=None
            What of X is right.

            - None: what the `corruption` of training leaves. After lost pixels, these are the
              values other than its fill, or outside its mask; after `Grayscale`, the luma
              of X; after noise, nothing.
            - A boolean mask (n, height, width) or (n, height, width, channels), or without n
              for all images alike, or of the shape of flat rows: True where a value of X is
              given. These values come back exactly.
            - Numbers (n, height, width), in the units of X: the luma 0.299 R + 0.587 G + 0.114 B
              that restored images of three channels must have. Colours that would leave the range
              of values are paled to keep it.

        Returns
        -------
        images : ndarray
            As from `inverse_transform`.

        Raises
        ------
        ValueError
            If X holds no such images, `known` has another shape or knows nothing of an image,
            or if it is None and the network was trained with neither a corruption nor targets;
            if it is a mask and targets have another number of channels than X, or
            a luma and they have not three.
        TypeError
            If X or `known` are not arrays of numbers.
        sklearn.exceptions.NotFittedError
            Before `fit`.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import load_digits
        >>> from sklatent import ConvAutoencoder
        >>> images = load_digits().images
        >>> autoencoder = ConvAutoencoder(
        ...     8, channels=(16, 32), linear_path=True, max_epochs=2, random_state=0
        ... ).fit(images)
        >>> known = np.random.default_rng(0).random(images.shape) < 0.5
        >>> restored = autoencoder.restore(np.where(known, images, np.nan), known=known)
        >>> bool((restored[known] == images[known]).all())
        True
        """
        check_is_fitted(self)
        formats = self._input_format, self._target_format
        return restore(self, X, known, formats, self._network, self._restorer)

    def reconstruction_error(
        self, X: ArrayLike, y: ArrayLike | None = None, *, latent: ArrayLike | None = None
    ) -> FloatArray:
        """Mean squared error of each reconstructed image, on the [0, 1] scale.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.
        y : array-like, default=None
            Images to compare with, in the layout and units of the targets seen
            in `fit`; X if None or labels.
        latent : array-like of shape (n, latent_dim), default=None
            Points to decode, in place of `transform(X)`.

        Returns
        -------
        error : ndarray of shape (n,)
            Mean over pixel values of the squared difference, in [0, 1] scale
            units; no rounding to integers comes in between.

        Raises
        ------
        ValueError
            If the targets seen in `fit` had another number of channels than X
            and no `y` is given.
        """
        check_is_fitted(self)
        images = known_images(self, X, self._input_format)
        target, target_format = images, self._input_format
        if not is_label_array(y):
            target, target_format = as_image_array(y, "y"), self._target_format
            target_format.check(target, "y")
            check_equal_length("y", target, images)
        elif self._input_format.image_shape != self._target_format.image_shape:
            raise ValueError(
                "y must be given: the network was trained towards images of shape "
                f"{self._target_format.image_shape}, and X has {self._input_format.image_shape}."
            )
        if latent is None:
            latent = encode(self._network, images, self._input_format)
        points = self._checked_points(latent, "latent")
        check_equal_length("latent", points, images)
        return squared_errors(self._network, points, target, target_format)

    def score(self, X: ArrayLike, y: ArrayLike | None = None) -> float:
        """Minus the mean squared error per pixel value, on the [0, 1] scale.

        Parameters
        ----------
        X : array-like
            Images with the layout, size and units seen in `fit`.
        y : array-like, default=None
            As in `reconstruction_error`: give the clean images to score
            the restoration of noisy ones.

        Returns
        -------
        score : float
            At most 0; higher is better.
        """
        return -float(self.reconstruction_error(X, y).mean())

    @property
    def device_(self) -> Device:
        """Where the network runs: after unpickling on a machine without a GPU, the CPU."""
        return resolve_device(self.net_.device)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    @property
    def _network(self) -> TrainedNetwork:
        module, device = self.net_.module_, self.device_
        return TrainedNetwork(module, device, self.settings_["batch_size"], self._reading)

    @property
    def _reading(self) -> Precision:
        """Arithmetic outside training: rounding to bfloat16 is for those who ask for it."""
        return "float32" if self.precision == "auto" else self.precision

    def _take_images(self, X: ArrayLike, y: ArrayLike | None, reset: bool) -> ImagePairs:
        """Return images and targets; with `reset`, note their formats."""
        if reset:
            images = new_images(self, X)
            self._input_format = note_format(self, images, self.image_shape, self.value_range)
        else:
            images = known_images(self, X, self._input_format)
        if is_label_array(y):
            targets = images
            if y is not None:
                check_equal_length("y", y, images)
            if reset:
                self._target_format = self._input_format
            elif self._target_format != self._input_format:
                raise ValueError("y must be images, as in the training that this goes on from.")
        else:
            targets = as_image_array(y, "y")
            check_equal_length("y", targets, images)
            if reset:
                self._target_format = self._input_format.of_targets(targets, self.value_range)
            else:
                self._target_format.check(targets, "y")
        pairs = ImagePairs(images, self._input_format, targets, self._target_format)
        check_bypass(self.bypass, pairs, self.corruption)
        return pairs

    def _checked_points(self, X: ArrayLike, name: str = "X") -> FloatArray:
        X = as_numeric_array(X, name, "a finite array of shape (n, latent_dim)")
        points = check_array(X, dtype=[np.float32, np.float64], input_name=name)
        if max(-points.min(), points.max()) > np.finfo(np.float32).max:
            raise ValueError(f"{name} must hold values that float32 can hold; got larger ones.")
        if points.shape[1] != self._n_features_out:
            raise ValueError(
                f"{name} must have {self._n_features_out} columns, one for each latent component; "
                f"got shape {points.shape}."
            )
        return points

    def _encoded(self, X: ArrayLike) -> FloatArray:
        images = known_images(self, X, self._input_format)
        return encode(self._network, images, self._input_format)

    def _encoded_posterior(self, X: ArrayLike, method: str) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self)
        if not self._architecture.variational:
            raise ValueError(
                f"{method} needs a variational model: kl_weight must be above 0 in fit; it was 0."
            )
        images = known_images(self, X, self._input_format)
        return encode_posterior(self._network, images, self._input_format)

    def _has_peer(self, pairs: ImagePairs) -> bool:
        """Return whether PCA does what the network is to learn."""
        return pairs.itself and self.corruption is None

    def _split(self, pairs: ImagePairs, groups: ArrayLike | None) -> _Rows:
        """Return the rows for training, and those held out, if any."""
        n, auto = len(pairs.images), self.early_stopping == "auto"
        kept_together = None if groups is None else check_groups(groups, pairs.images)
        holds_out = self.early_stopping
        if auto:
            holds_out = n >= FEWEST_IMAGES and self._has_peer(pairs)
        share = self.validation_fraction if holds_out else None
        return split_rows(n, share, self._rng, MOST_HELD_OUT if auto else None, kept_together)

    def _find_start(
        self, pairs: ImagePairs, rows: IntArray, seed: int, least_explained: float
    ) -> tuple[PrincipalAxes | None, Start | None]:
        """Return axes that were looked at, and where a linear path starts, if there is one."""
        auto = self.linear_path == "auto"
        if not self.linear_path or (auto and not auto_may_take_linear_path(self)):
            return None, None
        least = least_explained if auto else 0.0
        return find_start(pairs, rows, int(self.latent_dim), self.corruption, seed, least)

    def _described(self, settings: Settings, linear_path: bool) -> Architecture:
        """Return the architecture that the settings ask for."""
        return Architecture(
            image_shape=self._input_format.image_shape,
            output_shape=self._target_format.image_shape,
            latent_dim=int(self.latent_dim),
            channels=settings.channels,
            kind=self.architecture,
            blocks_per_stage=int(self.blocks_per_stage),
            activation=auto_activation(self, linear_path),
            batch_norm=bool(self.batch_norm),
            variational=bool(self.kl_weight > 0),
            linear_path=linear_path,
            decoder_spectral_norm=bool(self.decoder_spectral_norm),
        )

    def _new_module(
        self, settings: Settings, start: Start | None, targets: AnyArray
    ) -> Autoencoder:
        """Return a new autoencoder, of which the attributes tell."""
        self.linear_path_ = start is not None
        self._architecture = self._described(settings, self.linear_path_)
        self._own_modules = {"encoder": self.encoder, "decoder": self.decoder}
        self._n_features_out = self._architecture.latent_dim
        module = build_autoencoder(
            self._architecture,
            **self._own_modules,
            mean_pixel=self._target_format.mean_pixel(targets),
            seed=draw_seed(self._rng),
        )
        if start is not None:
            start_linear_path(module, *start)
        return module

    def _module_so_far(self, settings: Settings) -> Autoencoder:
        """Return a copy of the trained autoencoder, if the parameters still ask for such a one."""
        auto = self.linear_path == "auto"
        now = self._described(settings, self.linear_path_ if auto else bool(self.linear_path))
        own = {"encoder": self.encoder, "decoder": self.decoder}
        check_unchanged(self._architecture, now, self._own_modules, own)
        return copy.deepcopy(self.net_.module_)

    def _batches(
        self, pairs: ImagePairs, rows: _Rows, settings: Settings
    ) -> tuple[ImageBatches, ImageBatches | None]:
        """Return the batches of training, and those of validation if there are any."""
        device = resolve_device(self.device)
        corruptions = batch_corruptions(self.corruption, device, self._rng)
        batches = ImageBatches(
            *(pairs, rows[0], settings.batch_size, device, self._rng),
            noise_dim=self._n_features_out if self.kl_weight else 0,
            mirror=settings.mirror,
            corruption=corruptions[0],
        )
        if rows[1] is None:
            return batches, None
        corruption = corruptions[1]
        return batches, ImageBatches(
            *(pairs, rows[1], settings.batch_size, device), corruption=corruption
        )

    def _train(
        self,
        module: Autoencoder,
        pairs: ImagePairs,
        rows: _Rows,
        settings: Settings,
        cycle: bool = False,
        kl_annealing: float = 0.0,
        earlier: Any = None,
    ) -> FloatArray | None:
        """Train `module`, set the attributes that tell of it, and return errors of validation."""
        if self.batch_norm and len(rows[0]) < 2:
            raise ValueError(
                "batch_norm=True needs at least 2 images to train on; got n_samples=1."
            )
        batches, validation = self._batches(pairs, rows, settings)
        may_stop = validation is not None and self.early_stopping != "auto"
        seed = draw_seed(self._rng)
        own = self.encoder is not None or self.decoder is not None
        with seeded_torch(seed, batches.device) if own else nullcontext():
            net = train(
                module,
                batches,
                validation,
                loss=AutoencoderLoss(
                    self.loss, self.kl_weight, self.latent_penalty, self.decoder_weight_decay
                ),
                max_epochs=settings.max_epochs,
                learning_rate=settings.learning_rate,
                optimizer=settings.optimizer,
                optimizer_params=settings.optimizer_params,
                cycle=cycle,
                patience=self.n_iter_no_change if may_stop else None,
                precision=settings.precision,
                callbacks=self.callbacks or (),
                progress=bool(self.verbose),
                kl_annealing=kl_annealing,
                earlier=earlier,
            )
        self.net_ = net
        self.settings_ = asdict(settings)
        history, goes_on = history_arrays(net), earlier is not None
        self.history_ = join_histories(self.history_, history) if goes_on else history
        self.n_iter_ = len(self.history_["train_loss"])
        self.n_parameters_ = sum(p.numel() for p in module.parameters() if p.requires_grad)
        for name in _OF_VALIDATION:
            self.__dict__.pop(name, None)
        return None if validation is None else self._validate(net, validation)

    def _make_restorer(
        self, pairs: ImagePairs, rows: IntArray, settings: Settings, seed: int, go_on: bool
    ) -> None:
        """Set how to restore, with a bypass where one is asked for and nothing was interrupted."""
        asked = self.corruption is not None if self.bypass == "auto" else bool(self.bypass)
        self._restorer, interrupted = make_restorer(
            self.net_.module_,
            pairs,
            rows,
            self.corruption,
            with_bypass=asked and not self.net_.interrupted_,
            n_passes=settings.max_epochs,
            device=self.device_,
            precision=settings.precision,
            mirror=settings.mirror,
            seed=seed,
            earlier=getattr(self, "bypass_", None) if go_on else None,
        )
        self.bypass_ = self._restorer.bypass
        self.net_.interrupted_ |= interrupted

    def _validate(self, net: Any, validation: ImageBatches) -> FloatArray:
        """Set what images held out tell, and return the squared error of each (n,)."""
        mean, errors = validation_errors(net.module_, validation, self._reading)
        self.validation_error_ = mean
        told = {"best_epoch_": best_epoch(net), "initial_valid_loss_": initial_loss(net)}
        self.__dict__.update({key: value for key, value in told.items() if value is not None})
        return errors

    def _compare_with_pca(
        self,
        pairs: ImagePairs,
        rows: _Rows,
        axes: PrincipalAxes | None,
        seed: int,
        errors: FloatArray | None,
    ) -> Comparison | None:
        """Set the error of PCA on images held out, and compare, if PCA does the same thing."""
        if rows[1] is None or errors is None or not self._has_peer(pairs):
            return None
        mean, of_pca = pca_errors(pairs, (rows[0], rows[1]), int(self.latent_dim), seed, axes)
        self.pca_validation_error_ = mean
        return compare(errors, of_pca)

    def _end_if_interrupted(self, max_epochs: int) -> None:
        done = len(history_arrays(self.net_)["train_loss"])
        end_if_interrupted(self, self.net_.interrupted_, done, max_epochs, stacklevel=4)

    def __sklearn_clone__(self) -> Any:
        return note_clone(super().__sklearn_clone__())

    def _say_what_collapsed(self, images: AnyArray) -> None:
        """Print how many components of a variational model collapsed, if any."""
        n_rows = min(len(images), _ENOUGH_TO_TELL)
        rows = np.unique(np.linspace(0, len(images) - 1, n_rows).astype(int))
        if len(rows) > 1:
            report = self.posterior_report(images[rows])
            if not report.active.all():
                print(report.summary)
