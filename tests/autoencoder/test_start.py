"""Where training starts: at the best linear map from corrupted images to clean ones."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from sklatent._autoencoder.start import unit_reader
from sklatent._images.format import ImageFormat
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
