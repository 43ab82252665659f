"""The convolutional autoencoder as a scikit-learn transformer."""

import copy
import warnings
from contextlib import nullcontext
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import validate_data

from sklatent._images.format import ImageFormat, as_image_array, is_label_array
from sklatent._networks.architecture import build_autoencoder, check_module, seeded_torch
from sklatent._networks.batches import BatchCorruption, ImageBatches
from sklatent._networks.convolutional import ACTIVATIONS, ARCHITECTURES
from sklatent._networks.inference import mean_squared_error, resolve_device
from sklatent._networks.linear_path import start_linear_path
from sklatent._networks.losses import RECONSTRUCTION_LOSSES, AutoencoderLoss
from sklatent._networks.training import (
    check_callbacks,
    enough_epochs,
    history_arrays,
    join_histories,
    train,
)
from sklatent._random import check_seed, draw_seed
from sklatent._validation import (
    check_bool,
    check_choice,
    check_equal_length,
    check_number,
    keep_state_on_error,
)
from sklatent.corruption._base import check_corruption

from .readouts import AutoencoderReadouts
from .start import PrincipalStart, Start

__all__ = ["ConvAutoencoder"]

_ARCHITECTURE = (
    *("latent_dim", "channels", "architecture", "blocks_per_stage", "linear_path"),
    *("activation", "batch_norm", "decoder_spectral_norm", "encoder", "decoder"),
)


class ConvAutoencoder(PrincipalStart, AutoencoderReadouts, BaseEstimator):
    """Convolutional autoencoder: images to latent points and back.

    An encoder of strided convolutions maps each image to a point of
    `latent_dim` components, and a decoder of transposed convolutions maps it
    back. Both are trained together to give the image back, with Adam and a
    one-cycle learning rate [1]_. Trained with a `corruption`, or towards other
    images, given as `y`, it restores or recolours.

    Images come as (n, height, width), (n, height, width, channels), or as flat
    rows (n, n_pixels); heights and widths from 1 upward. They stay in the
    dtype and place that they came in, and are converted batch by batch, so
    that a memory-mapped file larger than the memory can be fitted.

    Parameters
    ----------
    latent_dim : int, default=16
        Number of latent components, at least 1.

    channels : tuple of int, default=(32, 64, 128, 256)
        Feature maps of each stage of the encoder; the decoder mirrors them.
        Each stage starts with a convolution that halves height and width,
        rounded up.

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
        spaces; below, convolutions alone came to smaller errors. The linear
        weights learn at 0.003 of the learning rate. The components come from at
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

    activation : {"leaky_relu", "relu", "selu", "gelu", "silu"}, default="leaky_relu"
        Activation behind each convolution but the last.

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

    mirror : bool, default=False
        Whether to turn left and right, in each pass over the images, in a random
        half of them, and in their targets. It doubles the images where a mirror
        image is as good as the first, as with faces and unlike with digits.

    corruption : corruption from `sklatent.corruption`, default=None
        What is done to the images on their way into the network in training,
        drawn afresh for each batch; the network learns to give the clean image
        back, or `y` [9]_. Images for validation are corrupted in the same way in
        every epoch. Its own `random_state`, `image_shape` and `value_range` do
        not count. Outside training nothing is corrupted: `reconstruct(noisy)`
        restores, and `score(noisy, clean)` tells how well.

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
        images as many as give 2,000 steps, and at most 100.

    batch_size : int, default=64
        The most images in a training step. Outside training up to 256 images go
        through the network at once, if that is more and they are small.

    learning_rate : float, default=3e-3
        The highest rate of the one-cycle schedule, or the constant rate.

    schedule : {"one_cycle", "constant"}, default="one_cycle"
        Learning rate over the steps of `fit`; `partial_fit` is constant.

    early_stopping : bool, default=False
        Whether to keep a share of the images for validation, to end training
        when the loss on them has not improved for `n_iter_no_change` epochs,
        and to restore the weights of the best epoch.

    validation_fraction : float, default=0.1
        The share kept for validation, in (0, 1), if `early_stopping`.

    n_iter_no_change : int, default=5
        Epochs without improvement that end training, if `early_stopping`.

    device : str or torch.device, default="auto"
        "auto" takes CUDA, then MPS, then the CPU.

    precision : {"float32", "bfloat16"}, default="float32"
        Arithmetic of the network: float32, or bfloat16 autocast.

    warm_start : bool, default=False
        Whether a second `fit` goes on from the weights of the first. Images
        must then have the same layout and size, and the network parameters
        must not have changed.

    callbacks : list of skorch callbacks, default=None
        Called in training, after our own.

    verbose : int, default=0
        1 shows a progress bar with the loss and images per second, and says at
        the end of `fit` how many components of a variational model collapsed,
        and if the network loses to PCA on the images for validation.

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
        "train_loss", "valid_loss" if there was a validation split, and
        "duration" in seconds, for each epoch of the last `fit` and of the
        `partial_fit` calls after it.
    n_iter_ : int
        Number of completed epochs.
    linear_path_ : bool
        Whether the network has a linear path.
    n_parameters_ : int
        Number of trainable network parameters.
    validation_error_ : float
        Mean squared error per pixel value, on the [0, 1] scale, of the images
        for validation at the end of `fit`, restored where there is a
        `corruption`. Only with `early_stopping`.
    pca_validation_error_ : float
        The same for PCA with `latent_dim` components of the training images,
        or of 10,000 of them if there are more. Only with `early_stopping`, and
        where the images are their own targets and `corruption` is None.
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

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklatent import ConvAutoencoder
    >>> images = load_digits().images
    >>> autoencoder = ConvAutoencoder(latent_dim=8, channels=(16, 32), max_epochs=2, random_state=0)
    >>> latent = autoencoder.fit_transform(images)
    >>> latent.shape
    (1797, 8)
    >>> autoencoder.inverse_transform(latent).shape
    (1797, 8, 8)
    """

    net_: Any
    history_: dict[str, np.ndarray]
    _architecture: dict[str, Any]

    def __init__(
        self,
        latent_dim=16,
        *,
        channels=(32, 64, 128, 256),
        architecture="plain",
        blocks_per_stage=1,
        linear_path="auto",
        image_shape=None,
        activation="leaky_relu",
        batch_norm=False,
        value_range="auto",
        loss="bce",
        kl_weight=0.0,
        kl_annealing=0.0,
        latent_penalty=0.0,
        mirror=False,
        corruption=None,
        decoder_weight_decay=0.0,
        decoder_spectral_norm=False,
        encoder=None,
        decoder=None,
        max_epochs="auto",
        batch_size=64,
        learning_rate=3e-3,
        schedule="one_cycle",
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=5,
        device="auto",
        precision="float32",
        warm_start=False,
        callbacks=None,
        verbose=0,
        random_state=None,
    ):
        self.latent_dim = latent_dim
        self.channels = channels
        self.architecture = architecture
        self.blocks_per_stage = blocks_per_stage
        self.linear_path = linear_path
        self.image_shape = image_shape
        self.activation = activation
        self.batch_norm = batch_norm
        self.value_range = value_range
        self.loss = loss
        self.kl_weight = kl_weight
        self.kl_annealing = kl_annealing
        self.latent_penalty = latent_penalty
        self.mirror = mirror
        self.corruption = corruption
        self.decoder_weight_decay = decoder_weight_decay
        self.decoder_spectral_norm = decoder_spectral_norm
        self.encoder = encoder
        self.decoder = decoder
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.device = device
        self.precision = precision
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X, y=None):
        """Train on images X.

        An interrupt from the keyboard ends training with a warning and keeps
        the weights so far. An error leaves an earlier fit as it was.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or \
                (n, height, width, channels)
            Images, of any numeric dtype.
        y : array-like, default=None
            Target images, as many and of the same height and width as X, in
            any layout and number of channels; the network is trained to turn X
            into y. Labels, in one dimension or one column, are ignored.

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
            If training was interrupted.
        UserWarning
            If flat rows without `image_shape` look like images with channels.
        """
        self._check_parameters()
        with keep_state_on_error(self):
            go_on = self.warm_start and hasattr(self, "net_")
            X, y = self._take_images(X, y, reset=not go_on)
            seed = draw_seed(check_seed(self.random_state))
            self._rng = np.random.RandomState(seed)
            rows = self._split(len(X))
            start = None if go_on else self._find_start(X, y, rows[0], seed)
            module = self._module(y, not go_on, start)
            max_epochs = self.max_epochs
            if max_epochs == "auto":
                max_epochs = enough_epochs(len(rows[0]), self.batch_size)
            self._train(
                module, X, y, rows, max_epochs, self.schedule, kl_annealing=self.kl_annealing
            )
            if rows[1] is not None and y is X and self.corruption is None:
                self._compare_with_pca(X, rows, start, seed)
            if self.verbose and self.kl_weight:
                self._say_what_collapsed(X)
        self._warn_if_interrupted(max_epochs)
        return self

    def partial_fit(self, X, y=None):
        """Train on one more pass over images X, at a constant learning rate.

        The first call builds the network; its images decide layout, size, and
        the range of pixel values.

        Parameters
        ----------
        X : array-like of shape (n, n_pixels), (n, height, width) or \
                (n, height, width, channels)
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
        self._check_parameters()
        with keep_state_on_error(self):
            reset, start = not hasattr(self, "net_"), None
            X, y = self._take_images(X, y, reset=reset)
            rows = (np.arange(len(X)), None)
            if reset:
                seed = draw_seed(check_seed(self.random_state))
                self._rng = np.random.RandomState(seed)
                optimizer_state = None
                if not isinstance(self.linear_path, str):
                    start = self._find_start(X, y, rows[0], seed)
            else:
                self._rng = copy.deepcopy(self._rng)
                optimizer_state = copy.deepcopy(self.net_.optimizer_.state_dict())
            module = self._module(y, reset, start)
            self._train(module, X, y, rows, 1, "constant", optimizer_state)
        self._warn_if_interrupted(1)
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _check_parameters(self):
        check_number("latent_dim", self.latent_dim, low=1, integer=True)
        if not isinstance(self.channels, tuple | list | np.ndarray) or len(self.channels) == 0:
            raise TypeError(f"channels must be a tuple of one or more ints; got {self.channels!r}.")
        for index, n_maps in enumerate(self.channels):
            check_number(f"channels[{index}]", n_maps, low=1, integer=True)
        check_choice("architecture", self.architecture, list(ARCHITECTURES))
        check_number("blocks_per_stage", self.blocks_per_stage, low=1, integer=True)
        check_choice("activation", self.activation, list(ACTIVATIONS))
        check_choice("loss", self.loss, list(RECONSTRUCTION_LOSSES))
        check_choice("schedule", self.schedule, ["one_cycle", "constant"])
        check_choice("precision", self.precision, ["float32", "bfloat16"])
        flags = ("batch_norm", "decoder_spectral_norm", "mirror", "early_stopping", "warm_start")
        for name in flags:
            check_bool(name, getattr(self, name))
        for name in ("kl_weight", "latent_penalty", "decoder_weight_decay"):
            check_number(name, getattr(self, name), low=0, high=np.inf, open_high=True)
        check_number("kl_annealing", self.kl_annealing, low=0, high=1)
        if self.max_epochs != "auto":
            check_number("max_epochs", self.max_epochs, low=1, integer=True)
        for name in ("batch_size", "n_iter_no_change"):
            check_number(name, getattr(self, name), low=1, integer=True)
        check_number("learning_rate", self.learning_rate, low=0, open_low=True, open_high=True)
        for name in ("encoder", "decoder"):
            check_module(name, getattr(self, name))
        if self.decoder_spectral_norm and self.decoder is not None:
            raise ValueError(
                "decoder_spectral_norm must be False where decoder is given: it normalises the "
                "layers of the default decoder; got True."
            )
        self._check_linear_path()
        if self.corruption is not None:
            check_corruption("corruption", self.corruption)
        check_callbacks(self.callbacks)
        if not isinstance(self.verbose, bool):
            check_number("verbose", self.verbose, low=0, integer=True)
        if self.early_stopping:
            share = self.validation_fraction
            check_number("validation_fraction", share, low=0, high=1, open_low=True, open_high=True)

    def _take_images(self, X, y, reset: bool):
        """Return images and targets as arrays; with `reset`, note their formats."""
        if not reset:
            X = self._known_images(X)
        else:
            X = self._new_images(X)
            self._input_format = ImageFormat.of(X, self.image_shape, self.value_range)
            self.n_features_in_ = self._input_format.n_values
            self.image_shape_ = self._input_format.image_shape
            self.value_range_ = self._input_format.value_range
        if is_label_array(y):
            if y is not None:
                check_equal_length("y", y, X)
            if reset:
                self._target_format = self._input_format
            elif self._target_format != self._input_format:
                raise ValueError("y must be images, as in the training that this goes on from.")
            return X, X
        y = as_image_array(y, "y")
        check_equal_length("y", y, X)
        if reset:
            self._target_format = self._input_format.of_targets(y, self.value_range)
        else:
            self._target_format.check(y, "y")
        return X, y

    def _new_images(self, X):
        images = as_image_array(X)
        # Notes the column names of a table, and forgets those of an earlier fit.
        rows = X if images.ndim == 2 else images[:1].reshape(1, -1)
        validate_data(self, rows, skip_check_array=True)
        return images

    def _split(self, n_images: int):
        """Return the rows for training and for validation, or None."""
        rows = np.arange(n_images)
        if not self.early_stopping:
            return rows, None
        n_validation = max(1, round(self.validation_fraction * n_images))
        if n_validation >= n_images:
            raise ValueError(
                f"early_stopping with validation_fraction={self.validation_fraction} needs images "
                f"for training and for validation; got n_samples={n_images}."
            )
        rows = self._rng.permutation(rows)
        return np.sort(rows[n_validation:]), np.sort(rows[:n_validation])

    def _module(self, targets, reset: bool, start: Start | None):
        """Return a new autoencoder, or a copy of the trained one to go on with."""
        architecture = {name: getattr(self, name) for name in _ARCHITECTURE}
        architecture["channels"] = tuple(int(n_maps) for n_maps in self.channels)
        architecture["kl_weight"] = "above 0" if self.kl_weight > 0 else "0"
        if not reset:
            for name, before in self._architecture.items():
                now = architecture[name]
                if now is not before and (callable(now) or callable(before) or now != before):
                    raise ValueError(
                        f"{name} must stay as it was in the fit that training goes on from; "
                        f"it was {before!r} and is {now!r}."
                    )
            return copy.deepcopy(self.net_.module_)
        self._architecture = architecture
        self._n_features_out = int(self.latent_dim)
        self.linear_path_ = start is not None
        module = build_autoencoder(
            self.encoder,
            self.decoder,
            image_shape=self._input_format.image_shape,
            output_shape=self._target_format.image_shape,
            latent_dim=int(self.latent_dim),
            channels=architecture["channels"],
            activation=self.activation,
            batch_norm=self.batch_norm,
            architecture=self.architecture,
            blocks_per_stage=int(self.blocks_per_stage),
            linear_path=self.linear_path_,
            variational=self.kl_weight > 0,
            mean_pixel=self._target_format.mean_pixel(targets),
            seed=draw_seed(self._rng),
            decoder_spectral_norm=self.decoder_spectral_norm,
        )
        if start is not None:
            start_linear_path(module, *start)
        return module

    def _corruptions(self, device):
        """Return what corrupts the batches of training and those of validation."""
        if self.corruption is None:
            return None, None
        seeds = draw_seed(self._rng), draw_seed(self._rng)
        return tuple(
            BatchCorruption(self.corruption, device, int(seed), afresh)
            for seed, afresh in zip(seeds, (True, False), strict=True)
        )

    def _warn_if_interrupted(self, max_epochs: int) -> None:
        if self.net_.interrupted_:
            done = len(history_arrays(self.net_)["train_loss"])
            warnings.warn(
                f"Training was interrupted after {done} of {max_epochs} epochs; the weights so far "
                "are kept.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def _train(
        self, module, X, y, rows, max_epochs, schedule, optimizer_state=None, kl_annealing=0.0
    ):
        """Train `module`, and set the attributes that tell of it."""
        if self.batch_norm and len(rows[0]) < 2:
            raise ValueError(
                "batch_norm=True needs at least 2 images to train on; got n_samples=1."
            )
        if self.batch_norm and self.batch_size < 2:
            raise ValueError(
                "batch_size must be an integer of at least 2 where batch_norm=True; got 1."
            )
        device = resolve_device(self.device)
        data = (X, self._input_format, y, self._target_format)
        noise_dim = self._n_features_out if self.kl_weight else 0
        corruptions = self._corruptions(device)
        batches = ImageBatches(
            *(*data, rows[0], self.batch_size, device, self._rng, noise_dim),
            mirror=self.mirror,
            corruption=corruptions[0],
        )
        validation = None
        if rows[1] is not None:
            validation = ImageBatches(
                *data, rows[1], self.batch_size, device, corruption=corruptions[1]
            )
        own = self.encoder is not None or self.decoder is not None
        seed = draw_seed(self._rng)
        with seeded_torch(seed, device) if own else nullcontext():
            net = train(
                module,
                batches,
                validation,
                loss=AutoencoderLoss(
                    self.loss, self.kl_weight, self.latent_penalty, self.decoder_weight_decay
                ),
                max_epochs=max_epochs,
                learning_rate=self.learning_rate,
                one_cycle=schedule == "one_cycle",
                patience=self.n_iter_no_change if validation else None,
                precision=self.precision,
                callbacks=self.callbacks or (),
                progress=bool(self.verbose),
                kl_annealing=kl_annealing,
                optimizer_state=optimizer_state,
            )
        history = history_arrays(net)
        if optimizer_state is not None:
            history = join_histories(self.history_, history)
        self.net_ = net
        self.history_ = history
        self.n_iter_ = len(history["train_loss"])
        for name in ("validation_error_", "pca_validation_error_"):
            self.__dict__.pop(name, None)
        if validation is not None:
            self.validation_error_ = mean_squared_error(module, validation, self.precision)
        self.n_parameters_ = sum(p.numel() for p in module.parameters() if p.requires_grad)
