"""Where training starts: at the best linear map from corrupted images to clean ones."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression

from sklatent._autoencoder.start import (
    explain_enough,
    find_start,
    pca_errors,
    unit_reader,
)
from sklatent._images.format import ImageFormat
from sklatent._networks.batches import ImagePairs
from sklatent.corruption import GaussianNoise, PixelDropout


def test_rows_are_read_in_unit_scale(digits):
    read = unit_reader(digits, ImageFormat.of(digits))
    rows = np.array([4, 9, 250])
    np.testing.assert_allclose(read(rows), digits[rows].reshape(3, 64) / 16, rtol=1e-6)


def test_the_same_rows_are_corrupted_in_the_same_way(digits):
    read = unit_reader(digits, ImageFormat.of(digits), PixelDropout(0.5), seed=3)
    rows = np.arange(200)
    first = read(rows)
    np.testing.assert_array_equal(first, read(rows))
    assert not np.array_equal(first, unit_reader(digits, ImageFormat.of(digits))(rows))
    # Of 12,800 pixels half are lost, to four standard deviations.
    dark = (digits[rows] == 0).mean()
    lost = (first == 0).mean()
    assert lost == pytest.approx(dark + 0.5 * (1 - dark), abs=4 * 0.5 / np.sqrt(first.size))


def test_training_on_noise_starts_at_the_best_linear_restoration(small, digits):
    std = 0.4
    # A step of Adam moves a weight by about the rate: too little for float32 to see.
    still = {"learning_rate": 1e-12, "max_epochs": 1, "linear_path": True}
    autoencoder = small(8, corruption=GaussianNoise(std), **still).fit(digits)
    noisy = GaussianNoise(std, random_state=1).fit_transform(digits)
    latent = autoencoder.transform(noisy)
    clean = digits.reshape(len(digits), -1) / 16
    best = LinearRegression().fit(latent, clean).predict(latent).clip(0.01, 0.99)
    expected = np.square(best - clean).mean()
    # Fitted to another draw of the noise, it can only be worse, and by little.
    assert expected <= -autoencoder.score(noisy, digits) < 1.05 * expected
    # Variances along axes fitted to n points of p values of noise alone are at most
    # (1 + sqrt(p / n))^2 too large.
    deviations = latent.std(axis=0)
    assert np.all(deviations > 1 / (1 + np.sqrt(64 / 300)))
    assert np.all(deviations < 1.1)


def pairs_of(images):
    seen = ImageFormat.of(images)
    return ImagePairs(images, seen, images, seen)


@pytest.mark.parametrize("latent_dim", [2, 10])
def test_a_start_explains_enough_or_is_none(digits, latent_dim):
    rows = np.arange(200)
    explained = PCA(latent_dim).fit(digits[rows].reshape(200, -1)).explained_variance_ratio_.sum()
    pairs = pairs_of(digits)
    for least in (0.99 * explained, 1.01 * explained):
        _, start = find_start(pairs, rows, latent_dim, None, 0, least)
        assert (start is None) == (explained < least)
    axes, start = find_start(pairs, rows, latent_dim, None, 0, 0.0)
    assert start.axes is axes
    assert start.axes.explained == pytest.approx(explained, rel=1e-5)
    np.testing.assert_allclose(start.mean, digits[rows].mean(axis=0).ravel() / 16, atol=1e-6)


def test_the_error_of_pca_on_other_images(digits):
    rows = np.arange(200), np.arange(200, 300)
    train, test = (digits[part].reshape(len(part), -1) / 16 for part in rows)
    peer = PCA(6).fit(train)
    expected = np.square(peer.inverse_transform(peer.transform(test)) - test).mean(axis=1)
    pairs = pairs_of(digits)
    for axes in (None, find_start(pairs, rows[0], 6, None, 0, 1.0)[0]):
        mean, each = pca_errors(pairs, rows, 6, 0, axes)
        np.testing.assert_allclose(each, expected, rtol=1e-4)
        assert mean == pytest.approx(expected.mean(), rel=1e-5)


def test_enough_is_explained_where_scikit_learn_says_so(digits):
    shares = PCA().fit(digits.reshape(len(digits), -1)).explained_variance_ratio_.cumsum()
    enough = 1 + int(np.argmax(shares >= 0.8))
    seen = ImageFormat.of(digits)
    assert not explain_enough(digits, seen, enough - 1, None, 0, 0.8)
    assert explain_enough(digits, seen, enough, None, 0, 0.8)
    # Noise in 64 directions alike takes more axes.
    assert not explain_enough(digits, seen, enough, GaussianNoise(0.5), 0, 0.8)
