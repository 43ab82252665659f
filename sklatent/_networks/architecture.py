"""What decides the layers of an autoencoder, as plain data, and seeded modules made of it."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from threading import RLock
from typing import Any, TypeAlias

import torch
from torch import nn

from sklatent._typing import FloatArray

from .convolutional import (
    ActivationName,
    ArchitectureName,
    Autoencoder,
    ConvDecoder,
    ConvEncoder,
    initialise,
    start_at_mean,
)
from .linear_path import LinearPathDecoder, LinearPathEncoder
from .spectral import normalise_layers

__all__ = [
    "Architecture",
    "OwnModule",
    "build_autoencoder",
    "check_module",
    "check_unchanged",
    "default_encoder",
    "seeded_torch",
]

# A module can be called, too, and torch's own type is unknown where only stubs are read.
OwnModule: TypeAlias = Callable[[tuple[int, int, int], int], Any] | None

_GLOBAL_GENERATOR = RLock()
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Architecture:
    """What decides the layers of an autoencoder, but for own modules: equal where layers are.

    Shapes are (height, width, channels).
    """

    image_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]
    latent_dim: int
    channels: tuple[int, ...]
    linear_path: bool = False
    kind: ArchitectureName = "plain"
    blocks_per_stage: int = 1
    activation: ActivationName = "leaky_relu"
    batch_norm: bool = False
    variational: bool = False
    decoder_spectral_norm: bool = False

    @property
    def n_codes(self) -> int:
        """Number of values that the encoder gives for an image."""
        return 2 * self.latent_dim if self.variational else self.latent_dim


# Parameters of estimators that are not called as the field that they decide.
_PARAMETERS = {"kind": "architecture", "variational": "kl_weight"}


def check_unchanged(
    before: Architecture, now: Architecture, own_before: dict[str, Any], own_now: dict[str, Any]
) -> None:
    """Raise a ValueError that names the parameter in which two networks, or own modules, differ."""
    was = asdict(before) | own_before
    for name, value in (asdict(now) | own_now).items():
        if value != was[name]:
            pair = [was[name], value]
            if name == "variational":
                pair = ["above 0" if variational else 0 for variational in pair]
            raise ValueError(
                f"{_PARAMETERS.get(name, name)} must stay as it was in the fit that training goes "
                f"on from; it was {pair[0]!r} and is {pair[1]!r}."
            )


@contextmanager
def seeded_torch(seed: int, device: torch.device) -> Iterator[None]:
    """Seed torch's global generators, and leave them as they were.

    Modules of a user may draw from them at any time. They are shared by all
    threads, so threads take turns.
    """
    cuda = device.type == "cuda"
    with _GLOBAL_GENERATOR, torch.random.fork_rng(devices=[device] if cuda else []):
        torch.default_generator.manual_seed(seed)
        if cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield


def check_module(name: str, value: Any) -> None:
    """Raise a TypeError unless value is None, a module, or a callable that makes one."""
    if value is not None and not callable(value):
        raise TypeError(
            f"{name} must be None, a torch.nn.Module, or a callable that takes "
            f"(image_shape, latent_dim) and returns one; got {value!r}."
        )


def _own_module(name: str, value: Any, image_shape: tuple, n_values: int) -> nn.Module:
    if isinstance(value, nn.Module):
        return copy.deepcopy(value)
    try:
        module = value(image_shape, n_values)
    except Exception as error:
        raise ValueError(
            f"{name} must be callable with an image shape (height, width, channels) and a number "
            f"of values; with {image_shape}, {n_values} it raised {type(error).__name__}: {error}"
        ) from error
    if not isinstance(module, nn.Module):
        raise TypeError(f"{name} must make a torch.nn.Module; got {type(module).__name__}.")
    return module


def _check_output(name: str, module: nn.Module, inputs: torch.Tensor, expected: tuple) -> None:
    module.eval()
    try:
        output = module(inputs)
    except Exception as error:
        raise ValueError(
            f"{name} must take a float32 tensor of shape {tuple(inputs.shape)}; "
            f"it raised {type(error).__name__}: {error}"
        ) from error
    came = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
    if came != expected:
        raise ValueError(
            f"{name} must map a tensor of shape {tuple(inputs.shape)} to one of shape {expected}; "
            f"got {came}."
        )


def _default(make, shape, n_values, architecture: Architecture, generator: torch.Generator):
    """Return a default encoder or decoder with weights drawn from `generator`."""
    # On the meta device, construction draws nothing from the global generator.
    with torch.device("meta"):
        module = make(
            *(shape, n_values, architecture.channels, architecture.activation),
            *(architecture.batch_norm, architecture.kind, architecture.blocks_per_stage),
        )
    module.float().to_empty(device="cpu")
    initialise(module, generator)
    return module.to(memory_format=torch.channels_last)


def default_encoder(architecture: Architecture, generator: torch.Generator) -> ConvEncoder:
    """Return the default encoder of an architecture, with weights drawn from `generator`."""
    return _default(
        ConvEncoder, architecture.image_shape, architecture.n_codes, architecture, generator
    )


def _default_decoder(
    architecture: Architecture, mean_pixel: FloatArray, generator: torch.Generator
) -> ConvDecoder:
    shape, latent_dim = architecture.output_shape, architecture.latent_dim
    decoder = _default(ConvDecoder, shape, latent_dim, architecture, generator)
    start_at_mean(decoder, torch.from_numpy(mean_pixel))
    if architecture.decoder_spectral_norm:
        normalise_layers(decoder, generator)
    return decoder


@torch.inference_mode(False)
def build_autoencoder(
    architecture: Architecture,
    encoder: OwnModule = None,
    decoder: OwnModule = None,
    *,
    mean_pixel: FloatArray,
    seed: int,
) -> Autoencoder:
    """Return an autoencoder on the CPU, with its shapes tried out.

    `mean_pixel` (channels,), in [0, 1], is what an untrained default decoder gives. A linear
    path waits for `start_linear_path`. Own modules that do not fit are an error.
    """
    generator = torch.Generator().manual_seed(seed)
    image_shape, output_shape = architecture.image_shape, architecture.output_shape
    latent_dim = architecture.latent_dim
    own = encoder is not None or decoder is not None
    with seeded_torch(seed, _CPU) if own else nullcontext():
        first: Any = (
            default_encoder(architecture, generator)
            if encoder is None
            else _own_module("encoder", encoder, image_shape, architecture.n_codes)
        )
        second: Any = (
            _default_decoder(architecture, mean_pixel, generator)
            if decoder is None
            else _own_module("decoder", decoder, output_shape, latent_dim)
        )
        if architecture.linear_path:
            first = LinearPathEncoder(first, image_shape, latent_dim)
            second = LinearPathDecoder(second, output_shape, latent_dim)
        autoencoder = Autoencoder(
            first, second, architecture.variational, channels_last=encoder is None
        )
        _try_out(autoencoder, architecture)
    return autoencoder


@torch.no_grad()
def _try_out(autoencoder: Autoencoder, architecture: Architecture) -> None:
    height, width, n_channels = architecture.image_shape
    images = torch.zeros(2, n_channels, height, width, dtype=torch.float32)
    _check_output("encoder", autoencoder.encoder, images, (2, architecture.n_codes))
    height, width, n_channels = architecture.output_shape
    latent = torch.zeros(2, architecture.latent_dim, dtype=torch.float32)
    _check_output("decoder", autoencoder.decoder, latent, (2, n_channels, height, width))
