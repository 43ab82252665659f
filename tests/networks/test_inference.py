"""Networks outside training: devices, encoding, decoding, and errors, in batches of any size."""

from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from sklatent._images.format import ImageFormat
from sklatent._networks.batches import ImageBatches, ImagePairs
from sklatent._networks.convolutional import Autoencoder, ConvDecoder, ConvEncoder
from sklatent._networks.inference import (
    Precision,
    TrainedNetwork,
    autocast,
    decode,
    encode,
    encode_posterior,
    inference_batch_size,
    resolve_device,
    squared_errors,
    validation_errors,
)

CPU = torch.device("cpu")


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (23, 5, 4, 3), dtype=np.uint8)


@pytest.fixture
def module():
    torch.manual_seed(0)
    shape = (5, 4, 3)
    return Autoencoder(
        ConvEncoder(shape, 2, (4, 4), "relu", True), ConvDecoder(shape, 2, (4, 4), "relu", True)
    )


@pytest.mark.parametrize("batch_size", [1, 4, 23, 100])
def test_encoding_is_the_encoder_in_inference_mode(module, images, batch_size, monkeypatch):
    before = {name: value.clone() for name, value in module.state_dict().items()}
    image_format = ImageFormat.of(images)
    monkeypatch.setattr("sklatent._networks.inference._INFERENCE_IMAGES", 1)
    points = encode(TrainedNetwork(module.train(), CPU, batch_size), images, image_format)
    direct = module.eval().encoder(torch.from_numpy(images / 255).float().permute(0, 3, 1, 2))
    np.testing.assert_allclose(points, direct.detach(), atol=1e-6)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(weights.grad is None for weights in module.parameters())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_decoding_is_the_decoder_then_the_logistic_function(
    module, rng, dtype, batch_size, monkeypatch
):
    monkeypatch.setattr("sklatent._networks.inference._INFERENCE_IMAGES", 1)
    points = rng.normal(size=(4, 2)).astype(dtype)
    seen = ImageFormat.of(np.zeros((1, 5, 4, 3), np.float32), value_range=(-1, 3))
    images = decode(TrainedNetwork(module.train(), CPU, batch_size), points, seen)
    direct = torch.sigmoid(module.eval().decoder(torch.from_numpy(points).float()))
    expected = 4 * direct.detach().permute(0, 2, 3, 1).numpy() - 1
    np.testing.assert_allclose(images, expected, atol=1e-5)
    assert images.dtype == np.float32
    to = rng.uniform(-1, 3, images.shape).astype(np.float32)
    errors = squared_errors(TrainedNetwork(module, CPU, batch_size), points, to, seen)
    np.testing.assert_allclose(
        errors, np.square((to - expected) / 4).mean(axis=(1, 2, 3)), rtol=1e-5
    )
    assert errors.dtype == np.float64


def test_decoders_that_overflow(images):
    module = Autoencoder(nn.Identity(), nn.Unflatten(1, (1, 1, 1)))
    seen = ImageFormat.of(np.zeros((1, 1, 1)))
    with pytest.raises(ValueError, match="Latent points must be smaller: the decoder overflows"):
        decode(TrainedNetwork(module, CPU, 1), np.full((3, 1), np.nan), seen)


@pytest.mark.parametrize("batch_size", [7, 100])
def test_variational_encoding_is_the_mean(images, batch_size, monkeypatch):
    monkeypatch.setattr("sklatent._networks.inference._INFERENCE_IMAGES", 1)
    module = Autoencoder(nn.Flatten(), nn.Identity(), variational=True)
    image_format = ImageFormat.of(images)
    network = TrainedNetwork(module, CPU, batch_size)
    flat = np.moveaxis(images, -1, 1).reshape(23, -1) / 255
    np.testing.assert_allclose(encode(network, images, image_format), flat[:, :30], atol=1e-6)
    mean, log_variance = encode_posterior(network, images, image_format)
    np.testing.assert_allclose(mean, flat[:, :30], atol=1e-6)
    np.testing.assert_allclose(log_variance, flat[:, 30:], atol=1e-6)


def test_devices():
    assert resolve_device("cpu") == resolve_device(CPU) == CPU
    assert resolve_device("auto").type in ("cpu", "cuda", "mps")
    if not torch.cuda.is_available():
        assert resolve_device("auto").type in ("cpu", "mps")


@pytest.mark.parametrize("device", ["gpu", "cuda:99", 1.5, None, [1]])
def test_devices_that_are_not_there(device):
    with pytest.raises(ValueError, match=r"device must be 'auto', or a torch device.*got"):
        resolve_device(device)


def test_precision_decides_the_arithmetic():
    layer = nn.Linear(2, 2)
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    assert tuple(kinds) == get_args(Precision)
    for precision, dtype in kinds.items():
        with autocast(CPU, precision):
            assert layer(torch.ones(1, 2)).dtype == dtype
    assert layer(torch.ones(1, 2)).dtype == torch.float32


@pytest.mark.parametrize(
    ("batch_size", "n_values", "expected"),
    [(64, 784, 256), (64, 64 * 64 * 3, 170), (64, 10**7, 64), (1000, 784, 1000)],
)
def test_images_at_once_outside_training(batch_size, n_values, expected):
    assert inference_batch_size(batch_size, n_values) == expected


def test_squared_errors_over_uneven_batches(images):
    module = Autoencoder(nn.Flatten(), nn.Unflatten(1, (3, 5, 4)))
    unit = images / 255
    expected = np.square(1 / (1 + np.exp(-unit)) - unit).mean(axis=(1, 2, 3))
    for batch_size in (4, 23):
        seen = ImageFormat.of(images)
        pairs = ImagePairs(images, seen, images, seen)
        batches = ImageBatches(pairs, np.arange(23), batch_size, CPU)
        mean, each = validation_errors(module, batches, "float32")
        assert mean == pytest.approx(expected.mean(), rel=1e-6)
        np.testing.assert_allclose(each, expected, rtol=1e-5)
    assert not module.training
