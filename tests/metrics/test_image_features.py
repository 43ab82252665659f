"""Pixel values and their principal components."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent.metrics import PixelFeatures, _image_features


def test_pixel_values_on_the_unit_scale(digits):
    found = PixelFeatures().fit(digits).transform(digits)
    np.testing.assert_allclose(found, digits.reshape(len(digits), -1) / 16, rtol=1e-6)
    assert found.dtype == np.float32


def test_units_and_layout_do_not_matter(rng):
    images = rng.integers(0, 256, size=(10, 8, 9, 3)).astype(np.uint8)
    images[0, 0, 0] = [0, 255, 255]
    expected = PixelFeatures().fit_transform(images)
    flat = images.reshape(10, -1) / 255
    found = PixelFeatures(image_shape=(8, 9, 3)).fit_transform(flat)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_principal_components_are_those_of_scikit_learn(digits):
    features = PixelFeatures(5, random_state=0).fit(digits[:200])
    expected = PCA(5, random_state=0).fit(digits[:200].reshape(200, -1) / 16)
    rest = digits[200:].reshape(100, -1) / 16
    signs = np.sign((features.pca_.components_ * expected.components_).sum(axis=1))
    np.testing.assert_allclose(
        features.transform(digits[200:]) * signs, expected.transform(rest), atol=1e-4
    )
    assert list(features.get_feature_names_out())[-1] == "pixelfeatures4"


def test_batches_give_the_same(digits, monkeypatch):
    features = PixelFeatures(5, random_state=0).fit(digits)
    expected = features.transform(digits)
    monkeypatch.setattr("sklatent.metrics._blocks._BLOCK_VALUES", 1)
    np.testing.assert_allclose(features.transform(digits), expected, rtol=1e-6, atol=1e-6)


def test_other_images_are_refused(digits):
    features = PixelFeatures().fit(digits)
    with pytest.raises(ValueError, match="must have the layout and image size seen in fit"):
        features.transform(digits[:, :4])
    with pytest.raises(ValueError, match="must be in the units seen in fit"):
        features.transform(digits * 100)
    with pytest.raises(TypeError, match="n_components must be an integer"):
        PixelFeatures(0.5).fit(digits)


def test_a_failed_fit_leaves_the_earlier_one(digits):
    features = PixelFeatures(5).fit(digits)
    expected = features.transform(digits)
    features.n_components = 100
    with pytest.raises(ValueError, match="n_components"):
        features.fit(digits)
    np.testing.assert_array_equal(features.transform(digits), expected)


@pytest.mark.parametrize("side", [8, 40])
def test_axes_found_block_by_block_are_those_of_scikit_learn(side, rng, monkeypatch):
    # Few strong patterns and weak noise: above 1,024 pixel values axes come from iterations.
    patterns = rng.normal(size=(6, side * side)) * np.arange(6, 0, -1)[:, None]
    images = rng.normal(size=(400, 6)) @ patterns + 0.01 * rng.normal(size=(400, side * side))
    images = images.reshape(400, side, side)
    whole = PixelFeatures(4, random_state=0).fit(images)
    monkeypatch.setattr(_image_features, "_MOST_VALUES", 1)
    parts = PixelFeatures(4, random_state=0).fit(images)
    np.testing.assert_allclose(
        np.abs(parts.transform(images)), np.abs(whole.transform(images)), rtol=1e-3, atol=1e-3
    )
    for name in ("explained_variance_", "explained_variance_ratio_", "singular_values_"):
        np.testing.assert_allclose(getattr(parts.pca_, name), getattr(whole.pca_, name), rtol=1e-3)
    np.testing.assert_allclose(parts.pca_.mean_, whole.pca_.mean_, atol=1e-6)
    noise = parts.pca_.noise_variance_, whole.pca_.noise_variance_
    np.testing.assert_allclose(*noise, rtol=1e-3)
    with pytest.raises(ValueError, match=r"n_components must be at most .*; got 401"):
        PixelFeatures(401).fit(images)


def test_images_without_variance_have_features_of_zero(monkeypatch):
    monkeypatch.setattr(_image_features, "_MOST_VALUES", 1)
    features = PixelFeatures(2).fit_transform(np.full((5, 8, 8), 0.5))
    np.testing.assert_array_equal(features, np.zeros((5, 2)))
