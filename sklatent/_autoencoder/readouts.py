"""What a trained autoencoder reads out: latent points, images, errors."""

from typing import Any

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from sklatent._images.format import ImageFormat, as_image_array, is_label_array
from sklatent._networks.inference import (
    batch_slices,
    decode,
    encode,
    encode_posterior,
    inference_batch_size,
    resolve_device,
)
from sklatent._validation import as_numeric_array, check_equal_length, check_number

from .posterior import ACTIVE_VARIANCE, Posterior, report_posterior

__all__ = ["AutoencoderReadouts"]

_ENOUGH_TO_TELL = 2000


class AutoencoderReadouts(ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """The methods of `ConvAutoencoder` that need its trained network and change nothing."""

    net_: Any
    batch_size: int
    precision: str
    _input_format: ImageFormat
    _target_format: ImageFormat
    _n_features_out: int

    def transform(self, X):
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
        return self._encoded(self._known_images(X))

    def posterior(self, X):
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

    def posterior_report(self, X, *, threshold=ACTIVE_VARIANCE):
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

    def inverse_transform(self, X):
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
        points = self._checked_points(X)
        parts = [self._target_format.from_unit(unit) for _, unit in self._decoded(points)]
        return np.concatenate(parts)

    def reconstruct(self, X):
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
        return self.inverse_transform(self._encoded(self._known_images(X)))

    def reconstruction_error(self, X, y=None, *, latent=None):
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
        X = self._known_images(X)
        target, target_format = X, self._input_format
        if not is_label_array(y):
            target, target_format = as_image_array(y, "y"), self._target_format
            target_format.check(target, "y")
            check_equal_length("y", target, X)
        elif self._input_format.image_shape != self._target_format.image_shape:
            raise ValueError(
                "y must be given: the network was trained towards images of shape "
                f"{self._target_format.image_shape}, and X has {self._input_format.image_shape}."
            )
        if latent is None:
            latent = self._encoded(X)
        points = self._checked_points(latent, "latent")
        check_equal_length("latent", points, X)
        error = np.empty(len(X))
        for part, unit in self._decoded(points):
            difference = unit - target_format.to_unit(target[part])
            error[part] = np.square(difference).mean(axis=(1, 2, 3), dtype=np.float64)
        return error

    def score(self, X, y=None):
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
    def device_(self):
        """Where the network runs: after unpickling on a machine without a GPU, the CPU."""
        return resolve_device(self.net_.device)

    def _known_images(self, X):
        images = as_image_array(X)
        if images.ndim == 2 == self._input_format.ndim:
            validate_data(self, X, skip_check_array=True, reset=False)
        self._input_format.check(images)
        return images

    def _checked_points(self, X, name="X") -> np.ndarray:
        X = as_numeric_array(X, name, "a finite array of shape (n, latent_dim)")
        X = check_array(X, dtype=[np.float32, np.float64], input_name=name)
        if max(-X.min(), X.max()) > np.finfo(np.float32).max:
            raise ValueError(f"{name} must hold values that float32 can hold; got larger ones.")
        if X.shape[1] != self._n_features_out:
            raise ValueError(
                f"{name} must have {self._n_features_out} columns, one for each latent component; "
                f"got shape {X.shape}."
            )
        return X

    def _encoded(self, X) -> np.ndarray:
        return encode(self.net_.module_, X, self._input_format, **self._ways())

    def _encoded_posterior(self, X, method: str):
        check_is_fitted(self)
        if not self.net_.module_.variational:
            raise ValueError(
                f"{method} needs a variational model: kl_weight must be above 0 in fit; it was 0."
            )
        images = self._known_images(X)
        return encode_posterior(self.net_.module_, images, self._input_format, **self._ways())

    def _say_what_collapsed(self, X) -> None:
        """Print how many components collapsed, if any, judged by some of the images."""
        rows = np.unique(np.linspace(0, len(X) - 1, min(len(X), _ENOUGH_TO_TELL)).astype(int))
        if len(rows) > 1:
            report = self.posterior_report(X[rows])
            if not report.active.all():
                print(report.summary)

    def _ways(self) -> dict[str, Any]:
        return {
            "batch_size": inference_batch_size(self.batch_size, self._input_format.n_values),
            "device": self.device_,
            "precision": self.precision,
        }

    def _decoded(self, points):
        """Yield slices of `points`, each with its images (n, H, W, C) in [0, 1]."""
        module, device = self.net_.module_, self.device_
        size = inference_batch_size(self.batch_size, self._target_format.n_values)
        for part in batch_slices(len(points), size):
            unit = decode(module, points[part], device=device, precision=self.precision)
            if np.isnan(unit).any():
                raise ValueError("Latent points must be smaller: the decoder overflows.")
            yield part, unit
