"""Parameters out of bounds, alone and together; estimators are left as they were."""

import copy
import pickle

import numpy as np
import pytest
from torch import nn

from sklatent import ConvAutoencoder
from sklatent._autoencoder.parameters import (
    auto_may_take_linear_path,
    check_network_parameters,
    check_parameters,
    may_have_linear_path,
)
from sklatent.metrics import ClassifierFeatures


def bits(autoencoder, images):
    latent = autoencoder.transform(images)
    public = {name: value for name, value in vars(autoencoder).items() if name.endswith("_")}
    del public["net_"]
    return pickle.dumps((latent, autoencoder.inverse_transform(latent), sorted(public.items())))


BAD_PARAMETERS = [
    ("latent_dim", 0, ValueError),
    ("latent_dim", -3, ValueError),
    ("latent_dim", 2.0, TypeError),
    ("latent_dim", "4", TypeError),
    ("latent_dim", True, TypeError),
    ("latent_dim", None, TypeError),
    ("channels", (), TypeError),
    ("channels", 8, TypeError),
    ("channels", (8, 0), ValueError),
    ("channels", (8, 2.5), TypeError),
    ("image_shape", (8, 9), ValueError),
    ("image_shape", "8x8", ValueError),
    ("activation", "tanh", ValueError),
    ("activation", None, ValueError),
    ("architecture", "resnet", ValueError),
    ("architecture", None, ValueError),
    ("blocks_per_stage", 0, ValueError),
    ("blocks_per_stage", 1.5, TypeError),
    ("linear_path", "pca", TypeError),
    ("batch_norm", "yes", TypeError),
    ("value_range", "minmax", ValueError),
    ("value_range", (1, 0), ValueError),
    ("loss", "huber", ValueError),
    ("kl_weight", -0.1, ValueError),
    ("kl_weight", np.inf, ValueError),
    ("kl_weight", None, TypeError),
    ("kl_annealing", -0.1, ValueError),
    ("kl_annealing", 1.1, ValueError),
    ("kl_annealing", np.nan, ValueError),
    ("kl_annealing", "half", TypeError),
    ("decoder_weight_decay", -1e-3, ValueError),
    ("decoder_weight_decay", np.inf, ValueError),
    ("decoder_weight_decay", None, TypeError),
    ("decoder_spectral_norm", 1, TypeError),
    ("latent_penalty", -1, ValueError),
    ("latent_penalty", "1", TypeError),
    ("encoder", "linear", TypeError),
    ("decoder", 3, TypeError),
    ("max_epochs", 0, ValueError),
    ("max_epochs", 1.5, TypeError),
    ("batch_size", 0, ValueError),
    ("batch_size", 32.0, TypeError),
    ("learning_rate", 0, ValueError),
    ("learning_rate", -1e-3, ValueError),
    ("learning_rate", np.nan, ValueError),
    ("learning_rate", np.inf, ValueError),
    ("learning_rate", "fast", TypeError),
    ("optimizer", "sgd", ValueError),
    ("optimizer", None, ValueError),
    ("optimizer_params", {"lr": 0.1}, ValueError),
    ("optimizer_params", {"momentum": 0.9}, ValueError),
    ("optimizer_params", "fast", TypeError),
    ("schedule", "cosine", ValueError),
    ("early_stopping", 1, TypeError),
    ("early_stopping", "yes", TypeError),
    ("early_stopping", None, TypeError),
    ("n_iter_no_change", 0, ValueError),
    ("n_iter_no_change", 2.5, TypeError),
    ("device", "gpu", ValueError),
    ("device", "cuda:99", ValueError),
    ("device", "meta", ValueError),
    ("precision", "float16", ValueError),
    ("precision", 32, ValueError),
    ("warm_start", "no", TypeError),
    ("callbacks", "print", TypeError),
    ("callbacks", [3], TypeError),
    ("verbose", -1, ValueError),
    ("verbose", "all", TypeError),
]


# A partial_fit that goes on keeps the layout and units of the first.
FOR_A_NEW_FIT = ("image_shape", "value_range")


@pytest.mark.parametrize(
    ("method", "name", "value", "error"),
    [("fit", *row) for row in BAD_PARAMETERS]
    + [("partial_fit", *row) for row in BAD_PARAMETERS if row[0] not in FOR_A_NEW_FIT],
)
def test_bad_parameters(fitted, digits, method, name, value, error):
    autoencoder = copy.deepcopy(fitted)
    before = bits(autoencoder, digits)
    autoencoder.set_params(**{name: value})
    with pytest.raises(error, match=name):
        getattr(autoencoder, method)(digits)
    autoencoder.set_params(**{name: getattr(fitted, name)})
    assert bits(autoencoder, digits) == before


@pytest.mark.parametrize(
    ("value", "error"), [(0, ValueError), (1, ValueError), (1.5, ValueError), (None, TypeError)]
)
def test_bad_validation_fractions(small, digits, value, error):
    with pytest.raises(error, match="validation_fraction must be a number"):
        small(early_stopping=True, validation_fraction=value).fit(digits)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"linear_path": np.True_},
        {"verbose": True},
        {"optimizer": "muon", "optimizer_params": {"weight_decay": 0.3, "momentum": 0.95}},
    ],
)
def test_good_parameters(change):
    check_parameters(ConvAutoencoder(**change))


# The others are read off images, or off the machine, in fit.
SHARED = ("channels", "activation", "batch_norm", "max_epochs", "batch_size", "learning_rate")


@pytest.mark.parametrize(
    ("name", "value", "error"), [row for row in BAD_PARAMETERS if row[0] in SHARED]
)
def test_the_classifier_has_the_same_bounds(name, value, error):
    with pytest.raises(error, match=name):
        check_network_parameters(ClassifierFeatures(**{name: value}))


def test_the_rate_of_the_classifier_is_a_number():
    check_network_parameters(ConvAutoencoder(learning_rate="auto"))
    with pytest.raises(TypeError, match="learning_rate must be a number; got 'auto'"):
        check_network_parameters(ClassifierFeatures(learning_rate="auto"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"decoder": nn.Flatten, "decoder_spectral_norm": True}, "decoder_spectral_norm must be F"),
        ({"encoder": nn.Flatten, "linear_path": True}, "linear_path must be 'auto' or False where"),
        ({"decoder_spectral_norm": True, "linear_path": np.True_}, "linear_path must be 'auto'"),
        ({"batch_norm": True, "batch_size": 1}, "batch_size must be an integer of at least 2"),
    ],
)
def test_parameters_that_do_not_go_together(changes, message):
    with pytest.raises(ValueError, match=message):
        check_parameters(ConvAutoencoder(**changes))


def test_networks_that_may_have_a_linear_path():
    assert may_have_linear_path(ConvAutoencoder())
    for change in ({"encoder": nn.Flatten}, {"decoder": nn.Flatten}, {"decoder_spectral_norm": 1}):
        assert not may_have_linear_path(ConvAutoencoder(**change))


def test_auto_takes_no_linear_path_where_weights_pull_on_it():
    assert auto_may_take_linear_path(ConvAutoencoder())
    for name in ("kl_weight", "latent_penalty", "decoder_weight_decay"):
        assert not auto_may_take_linear_path(ConvAutoencoder(**{name: 0.1}))
    assert not auto_may_take_linear_path(ConvAutoencoder(decoder_spectral_norm=True))
