"""ConvAutoencoder on all layouts, sizes and units of images, and on bad input."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state

from sklatent import ConvAutoencoder

SIZES = [(1, 1), (1, 5), (8, 8), (28, 28), (50, 37), (96, 96)]


def bits(autoencoder, images):
    latent = autoencoder.transform(images)
    public = {name: value for name, value in vars(autoencoder).items() if name.endswith("_")}
    del public["net_"]
    return pickle.dumps((latent, autoencoder.inverse_transform(latent), sorted(public.items())))


@pytest.mark.parametrize("n_channels", [None, 1, 3, 5])
@pytest.mark.parametrize("size", SIZES)
def test_layouts_and_sizes_come_back(small, rng, size, n_channels):
    shape = size if n_channels is None else (*size, n_channels)
    X = rng.integers(0, 256, (4, *shape), dtype=np.uint8)
    autoencoder = small(image_shape=shape, max_epochs=1).fit(X)
    assert autoencoder.image_shape_ == (*size, n_channels or 1)
    assert autoencoder.n_features_in_ == X[0].size
    latent = autoencoder.transform(X)
    images = autoencoder.inverse_transform(latent)
    assert (images.dtype, images.shape) == (np.uint8, X.shape)
    # The same network on flat rows, and on floats, says the same.
    rows = X.reshape(4, -1)
    flat = small(image_shape=shape, max_epochs=1).fit(rows)
    np.testing.assert_array_equal(flat.transform(rows), latent)
    np.testing.assert_array_equal(flat.inverse_transform(latent), images.reshape(4, -1))
    np.testing.assert_array_equal(autoencoder.transform(X.astype(float)), latent)


@pytest.mark.parametrize("shape", [(8, 8), (5, 7, 3)])
def test_shape_is_read_off_images_and_square_rows(small, rng, shape):
    X = rng.random((4, *shape))
    assert small(max_epochs=1).fit(X).image_shape_ == (*shape, 1)[:3]
    assert small(max_epochs=1).fit(rng.random((4, 64))).image_shape_ == (8, 8, 1)
    assert small(max_epochs=1).fit(rng.random((4, 15))).image_shape_ == (1, 15, 1)


@pytest.mark.parametrize(
    ("scale", "shift", "dtype", "value_range", "expected_range", "expected_dtype"),
    [
        (1, 0, np.float64, "auto", (0, 16), np.float64),
        (1, 0, np.float32, "auto", (0, 16), np.float32),
        (1, 0, np.float32, (0, 16), (0, 16), np.float32),
        (15.9375, 0, np.uint8, "auto", (0, 255), np.uint8),
        (1 / 16, 0, np.float64, "auto", (0, 1), np.float64),
        (1 / 16, 0, np.float32, (0, 1), (0, 1), np.float32),
        (100, -900, np.int16, "auto", (-900, 700), np.int16),
        (100, -900, np.int16, (-1000, 1000), (-1000, 1000), np.int16),
        (0.2, -1.7, np.float64, "auto", (-1.7, 1.5), np.float64),
        (1 / 16, 0, np.float16, "auto", (0, 1), np.float32),
        (1 / 16, 0, np.bool_, "auto", (0, 1), np.float32),
    ],
)
def test_units_come_back(
    small, digits, scale, shift, dtype, value_range, expected_range, expected_dtype
):
    X = (scale * digits + shift).astype(dtype)
    recipe = {"channels": (16, 32), "batch_size": 32, "learning_rate": 0.01, "max_epochs": 8}
    autoencoder = small(8, value_range=value_range, **recipe).fit(X)
    np.testing.assert_allclose(autoencoder.value_range_, expected_range)
    images = autoencoder.reconstruct(X)
    low, high = expected_range
    assert images.dtype == expected_dtype
    assert low <= images.min() < images.max() <= high
    # On the [0, 1] scale a reconstruction is better than the constant mean image, so that
    # a wrong scale or shift on the way back would show.
    truth, back = ((np.asarray(a, float) - low) / (high - low) for a in (X, images))
    assert np.square(back - truth).mean() < 0.8 * truth.var(axis=0).mean()
    # A rounding by at most r turns a mean square m into at most (sqrt(m) + r)^2.
    rounding = (0.5 if np.issubdtype(expected_dtype, np.integer) else 1e-4) / (high - low)
    error = np.sqrt(autoencoder.reconstruction_error(X))
    rounded = np.sqrt(np.square(back - truth).mean(axis=(1, 2)))
    assert np.all(np.abs(error - rounded) <= rounding)


@pytest.mark.parametrize("scale", [1, 1000])
def test_normal_data(small, rng, scale):
    X = scale * rng.normal(size=(50, 12))
    autoencoder = small(schedule="constant", learning_rate=0.01, max_epochs=20).fit(X)
    assert autoencoder.value_range_ == (X.min(), X.max())
    assert np.square(autoencoder.reconstruct(X) - X).mean() < 1.5 * X.var()


@pytest.mark.parametrize("factor", [1 / 16, 1e30, 1e300])
def test_scale_does_not_matter_for_the_network(small, digits, factor):
    first, X = small().fit(digits), factor * digits
    scaled = small().fit(X)
    np.testing.assert_allclose(scaled.transform(X), first.transform(digits), atol=1e-5)
    assert scaled.score(X) == pytest.approx(first.score(digits), rel=1e-5)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_memory_mapped_images(small, digits, tmp_path, dtype):
    X = (digits * (15 if dtype == np.uint8 else 1)).astype(dtype)
    np.save(tmp_path / "images.npy", X)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    in_memory, from_file = small().fit(X), small().fit(mapped)
    np.testing.assert_array_equal(from_file.transform(mapped), in_memory.transform(X))
    np.testing.assert_array_equal(from_file.reconstruct(mapped), in_memory.reconstruct(X))
    assert from_file.score(mapped) == in_memory.score(X)
    from_file.partial_fit(mapped)
    np.testing.assert_array_equal(from_file.transform(X), in_memory.partial_fit(X).transform(X))
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, X)
    held = [value for value in vars(from_file).values() if isinstance(value, np.ndarray)]
    assert not any(np.shares_memory(value, mapped) for value in held)


@pytest.mark.parametrize("make", [np.ndarray.tolist, pd.DataFrame, np.asfortranarray])
def test_other_containers_of_rows(small, digits, make):
    rows = digits.reshape(300, -1)
    wrapped = make(rows)
    autoencoder = small().fit(wrapped)
    np.testing.assert_array_equal(autoencoder.transform(wrapped), small().fit(rows).transform(rows))


@pytest.mark.parametrize("value", [0.0, 0.5, 7.0, -3.0])
def test_constant_images(small, value):
    X = np.full((6, 4, 4), value)
    autoencoder = small(max_epochs=20, learning_rate=0.05).fit(X)
    latent = autoencoder.transform(X)
    assert np.all(latent == latent[0])
    np.testing.assert_allclose(autoencoder.inverse_transform(latent), X, atol=0.05)


def test_one_image_one_pixel_one_component(small):
    X = np.full((1, 1, 1), 200, np.uint8)
    autoencoder = small(1, max_epochs=1).fit(X)
    assert autoencoder.transform(X).shape == (1, 1)
    # An untrained decoder starts at the mean, which is the image.
    np.testing.assert_allclose(autoencoder.inverse_transform([[0.0]]), X, atol=5)


BAD_IMAGES = [
    (np.empty((0, 8, 8)), ValueError, "X must hold at least one image"),
    (np.empty((0, 64)), ValueError, "minimum of 1 is required"),
    (np.full((5, 8, 8), np.nan), ValueError, "X contains NaN"),
    (np.full((5, 8, 8), np.inf), ValueError, "X contains infinity"),
    (np.full((5, 8, 8), "a", object), TypeError, "X must hold numbers; got dtype object"),
    (np.full((5, 8, 8), "a"), TypeError, "X must hold numbers; got dtype <U1"),
    (np.ones((5, 8, 8)) * 1j, ValueError, "Complex data not supported"),
    (np.ones(8), ValueError, r"X must be an array of shape .*; got shape \(8,\)"),
    (np.ones((2, 2, 8, 8, 1)), ValueError, r"X must be an .*; got shape \(2, 2, 8, 8, 1\)"),
    (sparse.csr_array(np.ones((5, 64))), TypeError, "X must be .*; got a sparse csr_array"),
    ([np.ones((8, 8)), np.ones((7, 8))], ValueError, "X must be .* all images of one size"),
]


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(("X", "error", "message"), BAD_IMAGES)
def test_bad_images_in_fit(fitted, digits, method, X, error, message):
    autoencoder = copy.deepcopy(fitted)
    before = bits(autoencoder, digits)
    with pytest.raises(error, match=message):
        getattr(autoencoder, method)(X)
    assert bits(autoencoder, digits) == before


@pytest.mark.parametrize("method", ["transform", "reconstruct", "reconstruction_error", "score"])
@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        *BAD_IMAGES,
        (np.ones((5, 8, 7)), ValueError, r"X must have .* seen in fit, \(n, 8, 8\); got .* 7\)"),
        (np.ones((5, 64)), ValueError, r"X must have the layout .*; got shape \(5, 64\)"),
        (np.ones((5, 8, 8, 1)), ValueError, "X must have the layout and image size seen in fit"),
        (
            np.full((5, 8, 8), 0.7),
            ValueError,
            "X must be in the units seen in fit, .* from 0 to 16",
        ),
        (np.full((5, 8, 8), 99), ValueError, "X must be in the units seen in fit, .* from 0 to 16"),
    ],
)
def test_bad_images_after_fit(fitted, method, X, error, message):
    with pytest.raises(error, match=message):
        getattr(fitted, method)(X)


@pytest.mark.parametrize(
    ("seen", "came"),
    [
        (255 * np.eye(8, dtype=np.uint8), np.eye(8)),
        (np.eye(8), 255 * np.eye(8, dtype=np.uint8)),
        (np.eye(8), 255 * np.eye(8)),
    ],
)
def test_other_units_than_in_fit(small, seen, came):
    autoencoder = small(max_epochs=1).fit(seen[None])
    with pytest.raises(ValueError, match="X must be in the units seen in fit"):
        autoencoder.transform(came[None])


def test_values_outside_an_explicit_range(small, digits):
    with pytest.raises(ValueError, match=r"X must lie in value_range \[0, 15\]; .*from 0 to 16"):
        small(value_range=(0, 15)).fit(digits)
    autoencoder = small(value_range=(0, 16)).fit(digits)
    with pytest.raises(ValueError, match=r"X must lie in value_range \[0, 16\]; .*from 0 to 17"):
        autoencoder.transform(digits * 17 / 16)
    with pytest.raises(ValueError, match=r"y must lie in value_range \[0, 16\]"):
        autoencoder.fit(digits, -digits)


@pytest.mark.parametrize(
    ("shape", "other", "message"),
    [
        ((5, 8, 12), (5, 12, 8), "the axes are in another order"),
        ((5, 8, 12, 3), (5, 3, 8, 12), "the axes are in another order"),
        ((5, 8, 12, 3), (5, 12, 8, 3), "the axes are in another order"),
    ],
)
def test_swapped_axes(small, shape, other, message):
    autoencoder = small(max_epochs=1).fit(np.ones(shape))
    with pytest.raises(ValueError, match=f"X must have the layout.*{message}"):
        autoencoder.transform(np.ones(other))


def test_channels_first_in_fit(small):
    with pytest.raises(ValueError, match="X must have its channels last"):
        small().fit(np.ones((5, 3, 8, 12)))


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        (np.ones((3, 5)), ValueError, r"X must have 4 columns.*; got shape \(3, 5\)"),
        (np.ones((3, 3)), ValueError, r"X must have 4 columns.*; got shape \(3, 3\)"),
        (np.full((3, 4), np.nan), ValueError, "X contains NaN"),
        (np.full((3, 4), np.inf), ValueError, "X contains infinity"),
        (np.full((3, 4), "a"), (TypeError, ValueError), "X must hold numbers"),
        (np.full((3, 4), "a", object), (TypeError, ValueError), "X must hold numbers"),
        (np.ones((3, 4)) * 1j, ValueError, "Complex data not supported"),
        (np.full((3, 4), 1e300), ValueError, "X .*float32"),
        (np.ones(4), ValueError, "Expected 2D array, got 1D array"),
        (np.ones((3, 4, 1)), ValueError, "Found array with dim 3"),
        (np.ones((0, 4)), ValueError, "minimum of 1 is required"),
        (sparse.csr_array(np.ones((3, 4))), TypeError, "X must be .*; got a sparse csr_array"),
    ],
)
def test_bad_points(fitted, digits, points, error, message):
    with pytest.raises(error, match=message):
        fitted.inverse_transform(points)


def test_bad_points_to_score(fitted, digits):
    with pytest.raises(ValueError, match="latent must have 4 columns"):
        fitted.reconstruction_error(digits, latent=np.ones((300, 5)))
    with pytest.raises(ValueError, match="latent must have as many rows as X has images, 300"):
        fitted.reconstruction_error(digits, latent=np.ones((299, 4)))


def test_bad_random_states(small, digits):
    with pytest.raises(ValueError, match="seed") as ours:
        small(random_state="a").fit(digits)
    with pytest.raises(ValueError, match="seed") as peers:
        check_random_state("a")
    assert str(peers.value) in str(ours.value)


@pytest.mark.parametrize(
    "method", ["transform", "inverse_transform", "reconstruct", "reconstruction_error", "score"]
)
def test_use_before_fit(digits, method):
    with pytest.raises(NotFittedError, match="This ConvAutoencoder instance is not fitted yet"):
        getattr(ConvAutoencoder(), method)(digits)
    with pytest.raises(NotFittedError):
        ConvAutoencoder().get_feature_names_out()


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (
            np.ones((299, 8, 8)),
            ValueError,
            "y must have as many rows as X has .*; got 299",
        ),
        (np.ones((300, 8, 7)), ValueError, r"y must have images .* \(8, 8\); got .*\(300, 8, 7\)"),
        (np.ones((300, 4, 4, 3)), ValueError, "y must have images of the same height and width"),
        (np.ones((300, 10)), ValueError, "y must be labels .* or images .*; got rows of 10 values"),
        (np.full((300, 8, 8), np.nan), ValueError, "y contains NaN"),
        (np.full((300, 8, 8), "a"), TypeError, "y must hold numbers"),
        (np.ones((300, 3, 8, 8)), ValueError, "y must have"),
    ],
)
def test_bad_targets(fitted, digits, y, error, message):
    autoencoder = copy.deepcopy(fitted)
    before = bits(autoencoder, digits)
    with pytest.raises(error, match=message):
        autoencoder.fit(digits, y)
    assert bits(autoencoder, digits) == before


def test_bad_targets_to_score(fitted, digits):
    with pytest.raises(ValueError, match="y must have as many rows as X has images, 300; got 5"):
        fitted.score(digits, digits[:5])
    with pytest.raises(ValueError, match=r"y must have the layout and image size seen in fit"):
        fitted.score(digits, digits[:, :5])
    with pytest.raises(ValueError, match=r"y must be in the units seen in fit"):
        fitted.score(digits, digits / 16)


def test_bad_targets_in_training_that_goes_on(small, digits):
    to_images = small(warm_start=True).fit(digits, digits)
    colour = small(warm_start=True).fit(digits, np.stack([digits] * 3, axis=-1))
    for method in ("fit", "partial_fit"):
        with pytest.raises(ValueError, match="y must be images, as in the training"):
            getattr(colour, method)(digits)
        with pytest.raises(ValueError, match="y must have the layout and image size seen in fit"):
            getattr(colour, method)(digits, digits)
    assert to_images.partial_fit(digits).n_iter_ == 3


@pytest.mark.parametrize(
    ("y", "error"),
    [
        (sparse.csr_array(np.eye(300)), TypeError),
        (3, TypeError),
        ([[1], [2, 3]], ValueError),
        (np.arange(299), ValueError),
    ],
)
def test_bad_labels(small, digits, y, error):
    with pytest.raises(error, match="y must"):
        small().fit(digits, y)


def test_points_beyond_the_decoder(fitted):
    with pytest.raises(ValueError, match="the decoder overflows"):
        fitted.inverse_transform(np.full((1, 4), 3e38, np.float32))


@pytest.mark.parametrize("value", [1.7e308, 1e-309])
def test_ranges_beyond_float64(small, value):
    images = np.zeros((4, 8, 8))
    images[0, 0, :2] = value, -value
    with pytest.raises(ValueError, match="X must have values whose range float64 can hold"):
        small().fit(images)
