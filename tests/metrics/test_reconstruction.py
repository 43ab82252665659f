"""Errors, PSNR and SSIM of reconstructions, against closed forms and scikit-image."""

import numpy as np
import pytest
from skimage import metrics as reference

from sklatent import metrics

FUNCTIONS = [metrics.reconstruction_error, metrics.psnr, metrics.ssim]


@pytest.fixture
def pair(rng):
    """Five colour images and noisy ones, float64 in [0, 1]."""
    images = rng.uniform(size=(5, 16, 13, 3))
    return images, np.clip(images + 0.2 * rng.normal(size=images.shape), 0, 1)


def test_errors_are_means_over_pixel_values(pair):
    images, noisy = pair
    squared = [reference.mean_squared_error(*two) for two in zip(*pair, strict=True)]
    np.testing.assert_allclose(metrics.reconstruction_error(images, noisy), squared)
    absolute = np.abs(images - noisy).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(metrics.reconstruction_error(*pair, metric="mae"), absolute)


def test_psnr_against_scikit_image(pair):
    expected = [
        reference.peak_signal_noise_ratio(*two, data_range=1.0) for two in zip(*pair, strict=True)
    ]
    np.testing.assert_allclose(metrics.psnr(*pair), expected)
    assert metrics.psnr(*pair, average=True) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("win_size", [None, 3, 13])
def test_ssim_against_scikit_image(pair, win_size):
    expected = [
        reference.structural_similarity(*two, win_size=win_size, data_range=1.0, channel_axis=-1)
        for two in zip(*pair, strict=True)
    ]
    np.testing.assert_allclose(metrics.ssim(*pair, win_size=win_size), expected)


def test_ssim_with_gaussian_weights_against_scikit_image(pair):
    expected = [
        reference.structural_similarity(
            *two,
            gaussian_weights=True,
            use_sample_covariance=False,
            data_range=1.0,
            channel_axis=-1,
        )
        for two in zip(*pair, strict=True)
    ]
    np.testing.assert_allclose(metrics.ssim(*pair, gaussian_weights=True), expected)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_units_and_layouts_do_not_matter(function, pair):
    images, noisy = ((part * 255).astype(np.uint8) for part in pair)
    expected = function(images, noisy)
    unit = function(images / 255, noisy / 255, value_range=(0, 1))
    np.testing.assert_allclose(unit, expected)
    flat = (part.reshape(5, -1) for part in (images, noisy))
    np.testing.assert_allclose(function(*flat, image_shape=(16, 13, 3)), expected)
    shifted = (part / 255 * 3.0 - 7.0 for part in (images, noisy))
    np.testing.assert_allclose(function(*shifted, value_range=(-7, -4)), expected)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_grey_images_are_images_of_one_channel(function, pair):
    images, noisy = (part[..., 0] for part in pair)
    expected = function(images[..., None], noisy[..., None])
    np.testing.assert_array_equal(function(images, noisy), expected)
    assert function(images, noisy, average=True) == expected.mean()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_many_blocks_give_the_same(function, pair, monkeypatch):
    expected = function(*pair)
    monkeypatch.setattr("sklatent.metrics._reconstruction._BLOCK_VALUES", 1300)
    np.testing.assert_array_equal(function(*pair), expected)


def test_equal_images(digits):
    assert metrics.reconstruction_error(digits, digits, average=True) == 0
    assert np.all(metrics.psnr(digits, digits) == np.inf)
    np.testing.assert_allclose(metrics.ssim(digits, digits), 1)


def test_agrees_with_the_estimator(fitted, digits):
    expected = fitted.reconstruction_error(digits)
    error = metrics.reconstruction_error(
        digits, fitted.reconstruct(digits), value_range=fitted.value_range_
    )
    np.testing.assert_allclose(error, expected, rtol=1e-5)


REFUSED = {
    "shapes": (dict(reconstructed=np.zeros((3, 8, 8))), "reconstructed must have the shape of X"),
    "metric": (dict(metric="rmse"), "metric must be one of 'mse', 'mae'; got 'rmse'"),
    "range": (dict(value_range=(0, 0.5)), "X must lie in value_range"),
    "NaN": (dict(reconstructed=np.full((2, 8, 8), np.nan)), "reconstructed contains NaN"),
    "units": (dict(reconstructed=np.full((2, 8, 8), 255)), "must be in the units of X"),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(changes, message):
    given = {"X": np.ones((2, 8, 8)), "reconstructed": np.ones((2, 8, 8))} | changes
    with pytest.raises(ValueError, match=message):
        metrics.reconstruction_error(**given)


@pytest.mark.parametrize("function", [metrics.psnr, metrics.reconstruction_error, metrics.ssim])
def test_floats_in_two_units_are_refused(function, digits):
    with pytest.raises(ValueError, match="reconstructed must be in the units of X"):
        function(digits / 16, digits / 16 * 255)


def test_shapes_that_errors_need_not_know(rng):
    for shape in ((3, 65), (3, 192), (3, 6, 5, 9)):
        images = rng.random(shape)
        expected = np.full(3, 0.25)
        np.testing.assert_allclose(metrics.reconstruction_error(images, images + 0.5), expected)
    with pytest.raises(ValueError, match="at most 4 channels"):
        metrics.ssim(images, images)


def test_fractions_for_bytes_are_refused():
    images = np.full((2, 8, 8), 200, dtype=np.uint8)
    with pytest.raises(ValueError, match="reconstructed must be in the units of X"):
        metrics.psnr(images, images / 255)


WINDOWS = {
    "large": (dict(win_size=9), "at most the height and width of the images"),
    "even": (dict(win_size=4), "win_size must be an odd integer; got 4"),
    "small": (dict(win_size=1), "win_size must be an integer of at least 3"),
    "gaussian": (dict(win_size=7, gaussian_weights=True), "win_size must be None or 11"),
}


@pytest.mark.parametrize(("parameters", "message"), WINDOWS.values(), ids=WINDOWS)
def test_refused_windows(digits, parameters, message):
    with pytest.raises(ValueError, match=message):
        metrics.ssim(digits, digits, **parameters)


def test_average_is_a_bool(digits):
    with pytest.raises(TypeError, match="average must be True or False"):
        metrics.psnr(digits, digits, average="mean")
