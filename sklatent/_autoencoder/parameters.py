"""Checks of the parameters of estimators that train a network."""

import inspect
from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from sklatent._networks.architecture import check_module
from sklatent._networks.callbacks import check_callbacks
from sklatent._networks.convolutional import ActivationName, ArchitectureName
from sklatent._networks.inference import PrecisionChoice
from sklatent._networks.losses import LossName
from sklatent._networks.optimizers import OptimizerName, check_optimizer_params
from sklatent._networks.schedules import ScheduleName
from sklatent._validation import check_bool, check_choice, check_number
from sklatent.corruption._base import check_corruption

from .settings import auto_optimizer, has_weights

__all__ = [
    "auto_may_take_linear_path",
    "check_network_parameters",
    "check_parameters",
    "may_have_linear_path",
]

_CHOICES = {
    "architecture": ArchitectureName,
    "activation": ActivationName,
    "loss": LossName,
    "optimizer": OptimizerName,
    "schedule": ScheduleName,
    "precision": PrecisionChoice,
}
_FLAGS = ("batch_norm", "decoder_spectral_norm", "warm_start")
_MAY_BE_AUTO = ("activation", "batch_size", "channels", "learning_rate", "max_epochs", "mirror")
_COUNT: dict[str, Any] = {"low": 1, "integer": True}
_WEIGHT = {"low": 0, "open_high": True}
_NUMBERS: dict[str, dict[str, Any]] = {
    "latent_dim": _COUNT,
    "n_features": _COUNT,
    "blocks_per_stage": _COUNT,
    "batch_size": _COUNT,
    "n_iter_no_change": _COUNT,
    "kl_weight": _WEIGHT,
    "latent_penalty": _WEIGHT,
    "decoder_weight_decay": _WEIGHT,
    "kl_annealing": {"low": 0, "high": 1},
}
_RATE: dict[str, Any] = {"low": 0, "open_low": True, "open_high": True}


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"


def _check_channels(name: str, value: Any) -> None:
    if not isinstance(value, tuple | list | np.ndarray) or len(value) == 0:
        raise TypeError(f"{name} must be a tuple of one or more ints; got {value!r}.")
    for index, n_maps in enumerate(value):
        check_number(f"{name}[{index}]", n_maps, **_COUNT)


def _check_mirror(name: str, value: Any) -> None:
    if not (isinstance(value, bool | np.bool_) or (isinstance(value, str) and value == "both")):
        raise TypeError(f"{name} must be True, False, 'both' or 'auto'; got {value!r}.")


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "channels": _check_channels,
    "learning_rate": lambda name, value: check_number(name, value, **_RATE),
    "max_epochs": lambda name, value: check_number(name, value, **_COUNT),
    "mirror": _check_mirror,
    "encoder": check_module,
    "decoder": check_module,
    "callbacks": lambda _, value: check_callbacks(value),
    "verbose": lambda name, value: (
        isinstance(value, bool) or check_number(name, value, low=0, integer=True)
    ),
}


def _may_be_auto(name: str, estimator: Any) -> bool:
    """Return whether a parameter is "auto" by default."""
    return _is_auto(inspect.signature(type(estimator)).parameters[name].default)


def check_network_parameters(estimator: Any) -> None:
    """Raise a ValueError or TypeError for each parameter of an estimator that is out of bounds."""
    for name, value in estimator.get_params(deep=False).items():
        if name in _MAY_BE_AUTO and _is_auto(value) and _may_be_auto(name, estimator):
            continue
        if name in _CHOICES:
            also = ("auto",) if name in _MAY_BE_AUTO and _may_be_auto(name, estimator) else ()
            check_choice(name, value, (*also, *get_args(_CHOICES[name])))
        elif name in _FLAGS:
            check_bool(name, value)
        elif name in _NUMBERS:
            check_number(name, value, **_NUMBERS[name])
        elif name in _CHECKS:
            _CHECKS[name](name, value)


def may_have_linear_path(autoencoder: Any) -> bool:
    """Return whether the networks of a `ConvAutoencoder` are such that a linear path fits in."""
    own = autoencoder.encoder is not None or autoencoder.decoder is not None
    return not own and not autoencoder.decoder_spectral_norm


def auto_may_take_linear_path(autoencoder: Any) -> bool:
    """Return whether ``linear_path="auto"`` takes one where principal axes explain enough."""
    return may_have_linear_path(autoencoder) and not has_weights(autoencoder)


def check_parameters(autoencoder: Any) -> None:
    """Check the parameters of a `ConvAutoencoder`, and which of them go together."""
    check_network_parameters(autoencoder)
    check_optimizer_params(auto_optimizer(autoencoder), autoencoder.optimizer_params)
    if autoencoder.corruption is not None:
        check_corruption("corruption", autoencoder.corruption)
    if autoencoder.decoder_spectral_norm and autoencoder.decoder is not None:
        raise ValueError(
            "decoder_spectral_norm must be False where decoder is given: it normalises the "
            "layers of the default decoder; got True."
        )
    path = autoencoder.linear_path
    auto = _is_auto(path)
    if not (auto or isinstance(path, bool | np.bool_)):
        raise TypeError(f"linear_path must be True, False or 'auto'; got {path!r}.")
    if path and not auto and not may_have_linear_path(autoencoder):
        raise ValueError(
            "linear_path must be 'auto' or False where encoder or decoder is given or "
            "decoder_spectral_norm=True; got True."
        )
    if autoencoder.batch_norm and autoencoder.batch_size == 1:
        raise ValueError(
            "batch_size must be an integer of at least 2 where batch_norm=True; got 1."
        )
    bypass = autoencoder.bypass
    if not (isinstance(bypass, str) and bypass == "auto") and not isinstance(
        bypass, bool | np.bool_
    ):
        raise TypeError(f"bypass must be True, False or 'auto'; got {bypass!r}.")
    stopping = autoencoder.early_stopping
    auto = _is_auto(stopping)
    if not (auto or isinstance(stopping, bool | np.bool_)):
        raise TypeError(f"early_stopping must be True, False or 'auto'; got {stopping!r}.")
    if stopping:
        share = autoencoder.validation_fraction
        check_number("validation_fraction", share, low=0, high=1, open_low=True, open_high=True)
