"""From parameters to an autoencoder module with seeded weights."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from threading import RLock

import numpy as np
import torch
from torch import nn

from .convolutional import Autoencoder, ConvDecoder, ConvEncoder, initialise, start_at_mean
from .linear_path import LinearPathDecoder, LinearPathEncoder
from .spectral import normalise_layers

__all__ = ["build_autoencoder", "check_module", "seeded_torch"]

_GLOBAL_GENERATOR = RLock()


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


def check_module(name: str, value) -> None:
    """Raise a TypeError unless value is None, a module, or a callable that makes one."""
    if value is not None and not callable(value):
        raise TypeError(
            f"{name} must be None, a torch.nn.Module, or a callable that takes "
            f"(image_shape, latent_dim) and returns one; got {value!r}."
        )


def _own_module(name: str, value, image_shape: tuple, n_values: int) -> nn.Module:
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


def build_autoencoder(
    encoder,
    decoder,
    *,
    image_shape: tuple[int, int, int],
    output_shape: tuple[int, int, int],
    latent_dim: int,
    channels: Sequence[int],
    activation: str,
    batch_norm: bool,
    variational: bool,
    mean_pixel: np.ndarray,
    seed: int,
    architecture: str = "plain",
    blocks_per_stage: int = 1,
    linear_path: bool = False,
    decoder_spectral_norm: bool = False,
) -> Autoencoder:
    """Return an autoencoder on the CPU, with its shapes tried out.

    `mean_pixel` (channels,), in [0, 1], is what an untrained default decoder
    gives. A linear path waits for `start_linear_path`. `decoder_spectral_norm`
    has no part in an own decoder.

    Raises
    ------
    TypeError, ValueError
        If an own encoder or decoder is no module, fails, or gives a wrong shape.
    """
    generator = torch.Generator().manual_seed(seed)
    n_codes = 2 * latent_dim if variational else latent_dim

    def default(kind, shape, n_values):
        # On the meta device, construction draws nothing from the global generator.
        with torch.device("meta"):
            module = kind(
                *(shape, n_values, channels, activation, batch_norm),
                *(architecture, blocks_per_stage),
            )
        module.to_empty(device="cpu")
        initialise(module, generator)
        return module.to(memory_format=torch.channels_last)

    own = encoder is not None or decoder is not None
    with seeded_torch(seed, torch.device("cpu")) if own else nullcontext():
        if encoder is None:
            encoder_module = default(ConvEncoder, image_shape, n_codes)
        else:
            encoder_module = _own_module("encoder", encoder, image_shape, n_codes)
        if decoder is None:
            decoder_module = default(ConvDecoder, output_shape, latent_dim)
            start_at_mean(decoder_module, torch.from_numpy(mean_pixel))
            if decoder_spectral_norm:
                normalise_layers(decoder_module, generator)
        else:
            decoder_module = _own_module("decoder", decoder, output_shape, latent_dim)
        if linear_path:
            encoder_module = LinearPathEncoder(encoder_module, image_shape, latent_dim)
            decoder_module = LinearPathDecoder(decoder_module, output_shape, latent_dim)
        autoencoder = Autoencoder(
            encoder_module, decoder_module, variational, channels_last=encoder is None
        )
        _try_out(autoencoder, image_shape, output_shape, n_codes, latent_dim)
    return autoencoder


@torch.no_grad()
def _try_out(autoencoder, image_shape, output_shape, n_codes: int, latent_dim: int) -> None:
    height, width, n_channels = image_shape
    images = torch.zeros(2, n_channels, height, width)
    _check_output("encoder", autoencoder.encoder, images, (2, n_codes))
    height, width, n_channels = output_shape
    latent = torch.zeros(2, latent_dim)
    _check_output("decoder", autoencoder.decoder, latent, (2, n_channels, height, width))
