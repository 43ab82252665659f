"""How near reconstructed images are to the images: squared and absolute error, PSNR, SSIM."""

from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias, overload

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter
from sklearn.utils import gen_batches

from sklatent._images.format import (
    ImageFormat,
    as_image_array,
    check_same_units,
    shape_as_is,
    squared_error,
)
from sklatent._typing import AnyArray, ArrayLike, FloatArray, ImageShape, ValueRange
from sklatent._validation import check_bool, check_choice, check_number

__all__ = ["psnr", "reconstruction_error", "ssim", "ssim_in_format"]

Comparison: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]
_BLOCK_VALUES = 2**19
_K1, _K2 = 0.01, 0.03
_GAUSSIAN_STD, _GAUSSIAN_SIZE = 1.5, 11


@overload
def reconstruction_error(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    metric: Literal["mse", "mae"] = ...,
    value_range: ValueRange = ...,
    image_shape: ImageShape | None = ...,
    average: Literal[False] = ...,
) -> FloatArray: ...
@overload
def reconstruction_error(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    metric: Literal["mse", "mae"] = ...,
    value_range: ValueRange = ...,
    image_shape: ImageShape | None = ...,
    average: Literal[True],
) -> float: ...
def reconstruction_error(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    metric: Literal["mse", "mae"] = "mse",
    value_range: ValueRange = "auto",
    image_shape: ImageShape | None = None,
    average: bool = False,
) -> FloatArray | float:
    """Squared or absolute error of reconstructed images, on the [0, 1] scale.

    Parameters
    ----------
    X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
        Images.
    reconstructed : array-like of the shape of X
        Their reconstructions, in the units of X.
    metric : {"mse", "mae"}, default="mse"
        Mean over pixel values of the squared or of the absolute difference.
    value_range : "auto" or tuple (low, high), default="auto"
        Pixel values that stand for 0 and 1. "auto" takes 0-255 for uint8, 0-1
        for other numbers that lie in it, else the smallest and largest value
        of X. With a pair, values of X outside it are an error.
    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows; needed for none of these errors.
    average : bool, default=False
        Whether to return the mean over images.

    Returns
    -------
    error : ndarray of shape (n,), or float if `average`
        In [0, 1] for reconstructions within `value_range`, squared or not as `metric` says.

    Raises
    ------
    ValueError
        If a parameter is none of the allowed, if the arrays differ in shape, hold NaN or
        infinity, or come in different units.
    TypeError
        If an array does not hold numbers.

    See Also
    --------
    sklatent.ConvAutoencoder.reconstruction_error : Squared errors of an estimator's own
        reconstructions, without rounding in between.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.metrics import reconstruction_error
    >>> images = np.full((2, 8, 8), 51, dtype=np.uint8)
    >>> darker = images - np.uint8(51)
    >>> reconstruction_error(images, darker).round(3)
    array([0.04, 0.04])
    >>> round(reconstruction_error(images, darker, metric="mae", average=True), 3)
    0.2
    """
    check_choice("metric", metric, ["mse", "mae"])
    error = squared_error if metric == "mse" else _absolute_error
    return _per_image(error, X, reconstructed, value_range, image_shape, average)


def _absolute_error(images: FloatArray, other: FloatArray) -> FloatArray:
    return np.abs(images - other).mean(axis=(1, 2, 3))


@overload
def psnr(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    value_range: ValueRange = ...,
    image_shape: ImageShape | None = ...,
    average: Literal[False] = ...,
) -> FloatArray: ...
@overload
def psnr(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    value_range: ValueRange = ...,
    image_shape: ImageShape | None = ...,
    average: Literal[True],
) -> float: ...
def psnr(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    value_range: ValueRange = "auto",
    image_shape: ImageShape | None = None,
    average: bool = False,
) -> FloatArray | float:
    r"""Peak signal-to-noise ratio of reconstructed images, in decibels.

    :math:`10 \log_{10}(1 / \mathrm{MSE})`, with the mean squared error of an image on
    the [0, 1] scale. The average is the mean of the images' ratios, which is at
    most the ratio of their mean error.

    Parameters
    ----------
    X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
        Images.
    reconstructed : array-like of the shape of X
        Their reconstructions, in the units of X.
    value_range : "auto" or tuple (low, high), default="auto"
        As in `reconstruction_error`; its width is the peak.
    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows; not needed here.
    average : bool, default=False
        Whether to return the mean over images.

    Returns
    -------
    ratio : ndarray of shape (n,), or float if `average`
        In decibels; infinite for an image that equals its reconstruction.

    Raises
    ------
    ValueError, TypeError
        As `reconstruction_error`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.metrics import psnr
    >>> images = np.zeros((2, 8, 8))
    >>> psnr(images, images + 0.1)
    array([20., 20.])
    """
    error = reconstruction_error(X, reconstructed, value_range=value_range, image_shape=image_shape)
    with np.errstate(divide="ignore"):
        ratio = -10.0 * np.log10(error)
    return float(ratio.mean()) if check_bool("average", average) else ratio


@overload
def ssim(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    win_size: int | None = ...,
    gaussian_weights: bool = ...,
    value_range: ValueRange = ...,
    image_shape: ImageShape | None = ...,
    average: Literal[False] = ...,
) -> FloatArray: ...
@overload
def ssim(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    win_size: int | None = ...,
    gaussian_weights: bool = ...,
    value_range: ValueRange = ...,
    image_shape: ImageShape | None = ...,
    average: Literal[True],
) -> float: ...
def ssim(
    X: ArrayLike,
    reconstructed: ArrayLike,
    *,
    win_size: int | None = None,
    gaussian_weights: bool = False,
    value_range: ValueRange = "auto",
    image_shape: ImageShape | None = None,
    average: bool = False,
) -> FloatArray | float:
    r"""Structural similarity of reconstructed images [1]_.

    In a window around each pixel, with means :math:`\mu`, variances and covariance
    :math:`\sigma` of both images on the [0, 1] scale,

    .. math:: \frac{(2 \mu_x \mu_y + c_1)(2 \sigma_{xy} + c_2)}
              {(\mu_x^2 + \mu_y^2 + c_1)(\sigma_x^2 + \sigma_y^2 + c_2)},

    :math:`c_1 = 0.01^2`, :math:`c_2 = 0.03^2`, averaged over the windows that lie inside the
    image, and over channels. Equal to `skimage.metrics.structural_similarity`.

    Parameters
    ----------
    X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
        Images, at least as high and wide as the window.
    reconstructed : array-like of the shape of X
        Their reconstructions, in the units of X.
    win_size : int, default=None
        Odd side of the window in pixels, at least 3; None is 7, or 11 with Gaussian weights,
        for which it is fixed.
    gaussian_weights : bool, default=False
        Weights in the window: all alike, with unbiased variances, as scikit-image has it; or
        Gaussian with a standard deviation of 1.5 pixels, as in [1]_.
    value_range : "auto" or tuple (low, high), default="auto"
        As in `reconstruction_error`.
    image_shape : tuple (height, width) or (height, width, channels), default=None
        Shape of an image in flat rows. None takes square grey images.
    average : bool, default=False
        Whether to return the mean over images.

    Returns
    -------
    similarity : ndarray of shape (n,), or float if `average`
        At most 1, which equal images have.

    Raises
    ------
    ValueError, TypeError
        As `reconstruction_error`, and if the window is larger than the images.

    References
    ----------
    .. [1] Z. Wang et al., "Image quality assessment: from error visibility to structural
       similarity", IEEE Transactions on Image Processing 13, 600-612, 2004.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklatent.metrics import ssim
    >>> images = load_digits().images
    >>> ssim(images[:2], images[:2])
    array([1., 1.])
    >>> bool(ssim(images[:2], images[2:4], average=True) < 0.5)
    True
    """
    gaussian = check_bool("gaussian_weights", gaussian_weights)
    side = _window_side(win_size, gaussian)
    similarity = partial(_similarity, side=side, gaussian=gaussian)
    return _per_image(similarity, X, reconstructed, value_range, image_shape, average, side)


def ssim_in_format(X: AnyArray, reconstructed: AnyArray, image_format: ImageFormat) -> FloatArray:
    """Return the `ssim` of images in a known shape and value range, which X may leave a little."""
    side = _window_side(None, False)
    similarity = partial(_similarity, side=side, gaussian=False)
    return _over_blocks(similarity, X, reconstructed, image_format, side)


def _window_side(win_size: int | None, gaussian: bool) -> int:
    if win_size is None:
        return _GAUSSIAN_SIZE if gaussian else 7
    side = check_number("win_size", win_size, low=3, integer=True)
    if side % 2 == 0:
        raise ValueError(f"win_size must be an odd integer; got {side}.")
    if gaussian and side != _GAUSSIAN_SIZE:
        raise ValueError(
            f"win_size must be None or {_GAUSSIAN_SIZE} where gaussian_weights=True; got {side}."
        )
    return side


def _similarity(first: FloatArray, second: FloatArray, side: int, gaussian: bool) -> FloatArray:
    """Structural similarity of images (b, H, W, C) in [0, 1], of shape (b,)."""

    def local_mean(values: FloatArray) -> FloatArray:
        if gaussian:
            radius = _GAUSSIAN_SIZE // 2
            return gaussian_filter(values, _GAUSSIAN_STD, radius=radius, axes=(1, 2))
        return uniform_filter(values, side, axes=(1, 2))

    unbiased = 1.0 if gaussian else side**2 / (side**2 - 1)
    mean_x, mean_y = local_mean(first), local_mean(second)
    var_x = unbiased * (local_mean(first * first) - mean_x * mean_x)
    var_y = unbiased * (local_mean(second * second) - mean_y * mean_y)
    cov = unbiased * (local_mean(first * second) - mean_x * mean_y)
    c1, c2 = _K1**2, _K2**2
    above = (2 * mean_x * mean_y + c1) * (2 * cov + c2)
    below = (mean_x * mean_x + mean_y * mean_y + c1) * (var_x + var_y + c2)
    margin = side // 2
    inside = slice(margin, -margin)
    return (above / below)[:, inside, inside].mean(axis=(1, 2, 3))


def _per_image(
    function: Comparison,
    X: ArrayLike,
    reconstructed: ArrayLike,
    value_range: ValueRange,
    image_shape: ImageShape | None,
    average: bool,
    side: int = 1,
) -> FloatArray | float:
    """Check images, then apply a function of two arrays (b, H, W, C) in [0, 1]."""
    check_bool("average", average)
    images, other = as_image_array(X), as_image_array(reconstructed, "reconstructed")
    if image_shape is None and side == 1:
        image_shape = shape_as_is(images)
    image_format = ImageFormat.of(images, image_shape, value_range)
    values = _over_blocks(function, images, other, image_format, side)
    return float(values.mean()) if average else values


def _over_blocks(
    function: Comparison, X: AnyArray, other: AnyArray, image_format: ImageFormat, side: int
) -> FloatArray:
    if X.shape != other.shape:
        raise ValueError(f"reconstructed must have the shape of X, {X.shape}; got {other.shape}.")
    check_same_units("reconstructed", other, image_format.value_range, X.dtype)
    if min(image_format.image_shape[:2]) < side:
        hint = " Flat rows that are no square grey images need image_shape." if X.ndim == 2 else ""
        raise ValueError(
            f"win_size must be at most the height and width of the images, "
            f"{image_format.image_shape[:2]}; got {side}.{hint}"
        )
    values = np.empty(len(X))
    for rows in gen_batches(len(X), max(1, _BLOCK_VALUES // image_format.n_values)):
        pair = (_to_unit(images[rows], image_format) for images in (X, other))
        values[rows] = function(*pair)
    return values


def _to_unit(images: AnyArray, image_format: ImageFormat) -> FloatArray:
    low, high = image_format.value_range
    unit = (images.astype(np.float64) - low) / ((high - low) or 1.0)
    return unit.reshape(len(images), *image_format.image_shape)
