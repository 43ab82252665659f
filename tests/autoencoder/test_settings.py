"""What "auto" takes."""

import numpy as np
import pytest
import torch
from torch import nn

from sklatent import ConvAutoencoder
from sklatent._autoencoder.settings import (
    auto_activation,
    auto_channels,
    auto_optimizer,
    resolve_settings,
)
from sklatent._images.format import ImageFormat
from sklatent._networks.inference import resolve_precision

CPU = torch.device("cpu")


def settings(n, shape=(8, 8), one_pass=False, **parameters):
    images = np.random.default_rng(0).integers(0, 256, (n, *shape), dtype=np.uint8)
    autoencoder = ConvAutoencoder(device="cpu", **parameters)
    found = ImageFormat.of(images)
    return resolve_settings(autoencoder, images, found, np.arange(n), 0, one_pass)


@pytest.mark.parametrize(
    ("size", "last"),
    [(1, 1), (2, 1), (3, 2), (8, 2), (16, 2), (28, 2), (48, 3), (64, 4), (80, 5), (96, 3)],
)
def test_stages_leave_a_few_pixels(size, last):
    channels, side = auto_channels(size, size), size
    for _ in channels:
        side = (side + 1) // 2
    assert side == last
    assert channels == (32, 64, 128, 256, 256)[: len(channels)]
    assert auto_channels(1, size) == auto_channels(size, 1) == channels


@pytest.mark.parametrize(
    ("n", "batch_size", "max_epochs", "decay"),
    [
        (300, 32, 60, 0.3),
        (1188, 32, 24, 0.3),
        (2000, 32, 15, 0.3),
        (3000, 32, 10, 0.3),
        (4999, 32, 10, 0.3),
        (5000, 64, 12, 0.3),
        (19_999, 64, 10, 0.3),
        (20_000, 64, 10, None),
        (30_000, 64, 10, None),
    ],
)
def test_by_number_of_images(n, batch_size, max_epochs, decay):
    found = settings(n, (2, 2))
    assert (found.batch_size, found.max_epochs) == (batch_size, max_epochs)
    assert found.optimizer_params.get("weight_decay") == decay
    assert (found.optimizer, found.learning_rate) == ("muon", 0.03)


def test_what_is_given_is_kept():
    given = {"channels": [4, 6], "mirror": True, "batch_size": 7, "max_epochs": 3}
    given |= {"optimizer": "adam", "learning_rate": 0.1, "precision": "bfloat16"}
    found = settings(40, **given, optimizer_params={"eps": 1e-6})
    for name, value in (given | {"channels": (4, 6)}).items():
        assert getattr(found, name) == value
    assert found.optimizer_params == {"eps": 1e-6}
    assert settings(40, optimizer_params={"weight_decay": 0.1}).optimizer_params == {
        "weight_decay": 0.1
    }
    assert settings(40, optimizer="muon").optimizer_params == {}
    for weight in ("kl_weight", "latent_penalty", "decoder_weight_decay"):
        assert settings(40, **{weight: 0.1}).optimizer_params == {}


def test_adam_where_a_rate_of_muon_would_not_suit():
    assert auto_optimizer(ConvAutoencoder()) == "muon"
    for change in (
        {"learning_rate": 1e-3},
        {"schedule": "constant"},
        {"encoder": nn.Identity()},
        {"decoder": nn.Identity()},
        {"optimizer": "adam"},
    ):
        assert auto_optimizer(ConvAutoencoder(**change)) == "adam"
    found = settings(200, one_pass=True)
    assert (found.optimizer, found.learning_rate, found.max_epochs) == ("adam", 3e-3, 1)
    assert (found.batch_size, found.mirror) == (64, False)


def test_activation_by_linear_path():
    assert auto_activation(ConvAutoencoder(), True) == "leaky_relu"
    assert auto_activation(ConvAutoencoder(), False) == "silu"
    assert auto_activation(ConvAutoencoder(activation="relu"), True) == "relu"


def test_few_steps_want_a_start_at_pca():
    found = settings(640, max_epochs=5, batch_size=32)
    assert found.least_explained(640) == 0.8
    assert found.least_explained(639 - 32) == 0.0


def test_mirrors_where_images_say_so(digits):
    found = ImageFormat.of(digits)
    rows = np.arange(len(digits))
    both = np.concatenate([digits, digits[:, :, ::-1]])
    plain = ConvAutoencoder()
    assert not resolve_settings(plain, digits, found, rows, 0).mirror
    assert resolve_settings(plain, both, found, np.arange(600), 0).mirror is True
    upwards = np.concatenate([both, both[:, ::-1]])
    assert resolve_settings(plain, upwards, found, np.arange(1200), 0).mirror == "both"
    assert not resolve_settings(plain.set_params(mirror=False), both, found, rows, 0).mirror


def test_precision_is_what_the_machine_multiplies(monkeypatch):
    for features, expected in (
        ({"amx_bf16": True}, "bfloat16"),
        ({"avx512_bf16": True}, "bfloat16"),
        ({"avx2": True}, "float32"),
        ({}, "float32"),
    ):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda f=features: f, raising=False)
        assert resolve_precision("auto", CPU) == expected
    assert resolve_precision("bfloat16", CPU) == "bfloat16"


def test_read_outs_are_float32_unless_asked_otherwise(digits, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True}, raising=False)
    recipe = {"channels": (4, 4), "max_epochs": 1, "random_state": 0, "device": "cpu"}
    rough = ConvAutoencoder(4, **recipe).fit(digits)
    assert rough.settings_["precision"] == "bfloat16"
    points = rough.transform(digits)
    rounded = rough.set_params(precision="bfloat16").transform(digits)
    fine = rough.set_params(precision="float32").transform(digits)
    np.testing.assert_array_equal(points, fine)
    assert np.abs(rounded - fine).max() > 0


def test_the_estimator_tells(digits):
    fitted = ConvAutoencoder(4, max_epochs=1, random_state=0, device="cpu").fit(digits)
    assert fitted.settings_["channels"] == (32, 64)
    assert fitted.settings_["batch_size"] == 32
    assert fitted.settings_["mirror"] is False
    assert fitted.settings_["max_epochs"] == fitted.n_iter_ == 1
    assert type(fitted.net_.optimizer_).__name__ == "Muon"
    assert fitted.net_.optimizer_.param_groups[-1]["weight_decay"] == 0.3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channels", "x"),
        ("mirror", "yes"),
        ("batch_size", "x"),
        ("activation", "x"),
        ("precision", "half"),
        ("learning_rate", "x"),
        ("max_epochs", "x"),
    ],
)
def test_other_words_than_auto(digits, name, value):
    with pytest.raises((ValueError, TypeError), match=rf"^{name} must be"):
        ConvAutoencoder(**{name: value}).fit(digits)
