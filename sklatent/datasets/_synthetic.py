"""Synthetic images whose latent distribution is known."""

from itertools import product
from math import prod
from typing import Any

import numpy as np
from scipy.fft import idctn
from scipy.linalg import eigh
from scipy.special import expit

from sklatent._random import check_seed
from sklatent._typing import ArrayLike, FloatArray, ImageShape, RandomState
from sklatent._validation import as_numeric_array, check_n_samples, check_number

from ._bunches import GaussianImages

__all__ = ["make_gaussian_images"]


def _check_image_shape(image_shape: Any) -> tuple[int, ...]:
    if not isinstance(image_shape, tuple | list):
        raise TypeError(f"image_shape must be (H, W) or (H, W, C); got {image_shape!r}.")
    if len(image_shape) not in (2, 3):
        raise ValueError(f"image_shape must be (H, W) or (H, W, C); got {image_shape!r}.")
    return tuple(
        check_number(f"image_shape[{i}]", n, low=1, integer=True) for i, n in enumerate(image_shape)
    )


def _check_array(name: str, value: Any, shape: tuple[int, ...]) -> FloatArray:
    allowed = f"an array of numbers of shape {shape}"
    array = np.array(as_numeric_array(value, name, allowed), dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got {value!r}.")
    return array


def _covariance_root(covariance: FloatArray) -> FloatArray:
    """Return A (d, d) with ``A @ A.T == covariance``, which may be singular."""
    tolerance = len(covariance) * np.finfo(np.float64).eps * np.abs(covariance).max()
    if np.abs(covariance - covariance.T).max() > tolerance:
        raise ValueError(f"covariance must be symmetric; got {covariance!r}.")
    variances, axes = eigh(covariance)
    if variances[0] < -tolerance:
        raise ValueError(
            "covariance must be positive semi-definite; "
            f"its smallest eigenvalue is {variances[0]:.3g}."
        )
    return axes * np.sqrt(np.maximum(variances, 0))


def _random_covariance(latent_dim: int, random_state: np.random.RandomState) -> FloatArray:
    """Return a covariance (d, d) with variances 0.25 to 2 along random axes."""
    axes, _ = np.linalg.qr(random_state.standard_normal((latent_dim, latent_dim)))
    covariance = (axes * np.geomspace(0.25, 2.0, latent_dim)) @ axes.T
    return (covariance + covariance.T) / 2


def _cosine_patterns(latent_dim: int, image_shape: tuple[int, ...]) -> FloatArray:
    """Return the smoothest cosine patterns (latent_dim, *image_shape), mean square 1."""
    frequencies = sorted(
        product(*map(range, image_shape)), key=lambda index: sum(k * k for k in index)
    )
    spectra = np.zeros((latent_dim, *image_shape))
    for spectrum, index in zip(spectra, frequencies[:latent_dim], strict=True):
        spectrum[index] = np.sqrt(prod(image_shape))
    return idctn(spectra, axes=tuple(range(1, spectra.ndim)), norm="ortho")


def make_gaussian_images(
    n_samples: int = 1000,
    image_shape: ImageShape = (16, 16),
    latent_dim: int = 4,
    *,
    mean: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    random_state: RandomState = None,
) -> GaussianImages:
    r"""Make images from latent Gaussians that are known.

    Latents are drawn and rendered by an injective map,

    .. math:: z \sim N(\mu, \Sigma), \qquad
        x = \sigma\Bigl(\sum_{k=1}^{d} z_k \, P_k\Bigr),
        \qquad \sigma(t) = \frac{1}{1 + e^{-t}},

    where the patterns :math:`P_k` are the smoothest products of cosines over
    the axes of the image (the discrete cosine basis in the order of its squared
    frequency), each with mean square 1 / `latent_dim`. They are orthogonal, so
    an image gives back its latents by least squares on :math:`\log(x / (1 - x))`.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of images.
    image_shape : tuple, default=(16, 16)
        (H, W) for grey images, (H, W, C) for images with channels.
    latent_dim : int, default=4
        Number d of latents, at most the number of pixel values of an image.
    mean : array-like of shape (latent_dim,), default=None
        The latents' mean. None draws it uniformly from -1 to 1.
    covariance : array-like of shape (latent_dim, latent_dim), default=None
        The latents' covariance, symmetric and positive semi-definite. None
        draws one with correlations: variances from 0.25 to 2, in geometric
        steps, along random axes.
    random_state : int, RandomState instance or None, default=None
        The seed. Two calls with the same int give the same images; mean and
        covariance do not depend on `n_samples`.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        images : ndarray of shape (n_samples, H, W) or (n_samples, H, W, C), float32
            Pixel values between 0 and 1.
        latent : ndarray of shape (n_samples, latent_dim), float64
            The latents of each image.
        mean : ndarray of shape (latent_dim,), float64
            The mean that the latents were drawn with.
        covariance : ndarray of shape (latent_dim, latent_dim), float64
            The covariance that they were drawn with.
        patterns : ndarray of shape (latent_dim, H, W) or (latent_dim, H, W, C), float64
            The patterns :math:`P_k`.
        DESCR : str
            A short description.

    Raises
    ------
    ValueError
        If a parameter is out of its range or has a wrong shape, or `covariance`
        is not symmetric and positive semi-definite.
    TypeError
        If a parameter has a wrong type.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.special import logit
    >>> from sklatent.datasets import make_gaussian_images
    >>> data = make_gaussian_images(50, image_shape=(8, 8), latent_dim=2, random_state=0)
    >>> data.images.shape, data.latent.shape
    ((50, 8, 8), (50, 2))
    >>> rows = logit(data.images.astype(float)).reshape(50, 64)
    >>> latent = np.linalg.lstsq(data.patterns.reshape(2, 64).T, rows.T)[0].T
    >>> bool(np.allclose(latent, data.latent, atol=1e-4))
    True
    """
    n_samples = check_n_samples(n_samples)
    shape = _check_image_shape(image_shape)
    latent_dim = check_number("latent_dim", latent_dim, low=1, high=prod(shape), integer=True)
    rng = check_seed(random_state)
    if mean is None:
        mean = rng.uniform(-1, 1, latent_dim)
    if covariance is None:
        covariance = _random_covariance(latent_dim, rng)
    center = _check_array("mean", mean, (latent_dim,))
    moments = _check_array("covariance", covariance, (latent_dim, latent_dim))
    noise = rng.standard_normal((n_samples, latent_dim))
    latent = center + noise @ _covariance_root(moments).T
    patterns = _cosine_patterns(latent_dim, shape) / np.sqrt(latent_dim)
    images = expit(np.tensordot(latent, patterns, axes=1)).astype(np.float32)
    return GaussianImages(
        images=images,
        latent=latent,
        mean=center,
        covariance=moments,
        patterns=patterns,
        DESCR="Synthetic images: cosine patterns weighted by Gaussian latents, through a sigmoid.",
    )
