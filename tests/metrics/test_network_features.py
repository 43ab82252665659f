"""Features of another autoencoder, of a torch module, and of a function."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from sklatent.metrics import CallableFeatures, EncoderFeatures


def row_means(images):
    return images.mean(axis=(2, 3))


def test_encoder_features_are_scaled_latent_points(small, digits):
    features = EncoderFeatures(small(3)).fit(digits)
    latent = small(3).fit(digits).transform(digits).astype(float)
    spread = np.sqrt(latent.var(axis=0).mean())
    expected = (latent - latent.mean(axis=0)) / spread
    np.testing.assert_allclose(features.transform(digits), expected, atol=1e-5)
    assert features.scale_ == pytest.approx(spread, rel=1e-6)
    assert not hasattr(features.autoencoder, "net_")
    again = pickle.loads(pickle.dumps(features))
    np.testing.assert_array_equal(again.transform(digits), features.transform(digits))


def test_any_transformer_can_encode(digits):
    rows = digits.reshape(len(digits), -1)
    features = EncoderFeatures(PCA(4)).fit(rows)
    assert features.transform(rows).var(axis=0).mean() == pytest.approx(1, rel=1e-5)
    with pytest.raises(TypeError, match="autoencoder must be None or a transformer"):
        EncoderFeatures(row_means).fit(rows)


def test_a_function_sees_unit_images(digits):
    features = CallableFeatures(row_means, batch_size=7).fit(digits)
    np.testing.assert_allclose(
        features.transform(digits), digits.mean(axis=2) / 16, rtol=1e-5, atol=1e-7
    )
    assert features.get_feature_names_out()[0] == "callablefeatures0"


def test_a_module_runs_in_evaluation_mode_in_a_copy(rng):
    module = torch.nn.Sequential(
        torch.nn.Dropout(0.9), torch.nn.Conv2d(3, 5, 4, bias=False), torch.nn.AdaptiveAvgPool2d(1)
    )
    images = rng.integers(0, 256, size=(9, 6, 8, 3)).astype(np.uint8)
    features = CallableFeatures(module, batch_size=4, device="cpu").fit(images)
    found = features.transform(images)
    tensor = torch.from_numpy(images.astype(np.float32) / 255).permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = module[2](module[1](tensor)).flatten(1).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert module.training
    again = pickle.loads(pickle.dumps(features))
    np.testing.assert_array_equal(again.transform(images), found)


def test_a_module_that_fails_is_told_what_it_got(digits):
    with pytest.raises(ValueError, match=r"function must take a batch of images of 1 channels.*3"):
        CallableFeatures(torch.nn.Conv2d(3, 2, 3)).fit(digits)
    with pytest.raises(TypeError, match="function must be a torch module or callable"):
        CallableFeatures(torch.nn.ReLU).fit(digits)


REFUSED = {
    "no function": (3, TypeError, "function must be a torch module or callable; got 3"),
    "one number": (lambda X: X.mean(), ValueError, "must give an array of numbers of shape"),
    "means": (lambda X: X.mean(axis=(1, 2, 3)), ValueError, r"gave float32 of shape \(2,\)"),
    "words": (lambda X: np.full((len(X), 1), "a"), ValueError, "must give an array of numbers"),
    "NaN": (lambda X: row_means(X) * np.nan, ValueError, "must give finite features"),
}


@pytest.mark.parametrize(("function", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(digits, function, error, message):
    with pytest.raises(error, match=message):
        CallableFeatures(function).fit(digits)


def test_features_that_change_in_number(digits):
    features = CallableFeatures(lambda X: X[:, : len(X), 0, 0], batch_size=8).fit(digits)
    with pytest.raises(ValueError, match="must give 2 features an image, as in fit; got 8"):
        features.transform(digits)
