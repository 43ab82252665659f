"""Encoder and decoder modules.

Images are float32 tensors of shape (n, C, H, W) in [0, 1]. A decoder gives raw
outputs of that shape; `to_pixels` maps them to [0, 1].
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

__all__ = [
    "ACTIVATIONS",
    "ActivationName",
    "ArchitectureName",
    "Autoencoder",
    "ConvDecoder",
    "ConvEncoder",
    "ModuleOutput",
    "ResidualBlock",
    "initialise",
    "start_at_mean",
    "stage_sizes",
    "to_pixels",
]

ActivationName: TypeAlias = Literal["leaky_relu", "relu", "selu", "gelu", "silu"]
ArchitectureName: TypeAlias = Literal["plain", "residual"]

_LEAKY_SLOPE = 0.1
_GAINS = {
    "leaky_relu": (2 / (1 + _LEAKY_SLOPE**2)) ** 0.5,
    "relu": 2**0.5,
    "selu": 1.0,
    "gelu": 2**0.5,
    "silu": 2**0.5,
}

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "leaky_relu": lambda: nn.LeakyReLU(_LEAKY_SLOPE, inplace=True),
    "relu": lambda: nn.ReLU(inplace=True),
    "selu": lambda: nn.SELU(inplace=True),
    "gelu": nn.GELU,
    "silu": lambda: nn.SiLU(inplace=True),
}


def stage_sizes(height: int, width: int, n_stages: int) -> list[tuple[int, int]]:
    """Return the (height, width) before, between and after convolutions of stride 2."""
    sizes = [(height, width)]
    for _ in range(n_stages):
        height, width = (height + 1) // 2, (width + 1) // 2
        sizes.append((height, width))
    return sizes


def to_pixels(raw: Tensor) -> Tensor:
    """Map raw decoder outputs to pixel values in [0, 1]."""
    return torch.sigmoid(raw)


class _Conv2d(nn.Conv2d):
    """A convolution that is safe in bfloat16.

    On the CPU torch fills the gradients of taps that reach nothing but padding, as some do where
    the input is one pixel wide, with anything, NaN too; such a layer runs in float32.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Map feature maps (n, n_in, H, W) to others."""
        if 1 not in input.shape[2:]:
            return super().forward(input)
        with torch.autocast(input.device.type, enabled=False):
            return super().forward(input.float())


class _ConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution that is safe in bfloat16, as above."""

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Map feature maps (n, n_in, H, W) to others."""
        if 1 not in input.shape[2:]:
            return super().forward(input, output_size)
        with torch.autocast(input.device.type, enabled=False):
            return super().forward(input.float(), output_size)


def _activated(n_maps: int, activation: str, batch_norm: bool) -> list[nn.Module]:
    norm: list[nn.Module] = [nn.BatchNorm2d(n_maps)] if batch_norm else []
    return [*norm, ACTIVATIONS[activation]()]


class ResidualBlock(nn.Module):
    """x + f(x), where f activates and convolves (kernel 3) twice.

    It is figure 4e of He et al., arXiv 1603.05027. `initialise` sets the last convolution
    of f to 0, so that an untrained block is the identity (Goyal et al., arXiv 1706.02677,
    section 5.1).
    """

    def __init__(self, n_maps: int, activation: str, batch_norm: bool):
        super().__init__()
        # An activation in place would overwrite x.
        first = _activated(n_maps, activation, batch_norm)
        if isinstance(first[-1], nn.LeakyReLU | nn.ReLU | nn.SELU | nn.SiLU):
            first[-1].inplace = batch_norm
        self.branch = nn.Sequential(
            *first,
            _Conv2d(n_maps, n_maps, 3, padding=1),
            *_activated(n_maps, activation, batch_norm),
            _Conv2d(n_maps, n_maps, 3, padding=1),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Map feature maps (n, n_maps, H, W) to others of the same shape."""
        return maps + self.branch(maps)


def _blocks(
    n_maps: int, architecture: str, n_blocks: int, activation: str, batch_norm: bool
) -> tuple[list[nn.Module], list[nn.Module]]:
    """Return what comes before and what behind the first activation of a stage."""
    if architecture == "residual":
        return [ResidualBlock(n_maps, activation, batch_norm) for _ in range(n_blocks)], []
    further: list[nn.Module] = []
    for _ in range(n_blocks - 1):
        convolution = _Conv2d(n_maps, n_maps, 3, padding=1)
        further += [convolution, *_activated(n_maps, activation, batch_norm)]
    return [], further


class ConvEncoder(nn.Module):
    """Stages that halve height and width, then a linear layer to `n_outputs` values.

    A stage starts with a convolution of kernel 3 and stride 2. In a "plain"
    network `blocks_per_stage - 1` convolutions of stride 1 follow, in a
    "residual" one `blocks_per_stage` residual blocks. A stride that does not
    divide a size rounds it up, by zero padding inside.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        n_outputs: int,
        channels: Sequence[int],
        activation: str,
        batch_norm: bool,
        architecture: str = "plain",
        blocks_per_stage: int = 1,
    ):
        super().__init__()
        self.activation = activation
        height, width, n_channels = image_shape
        last_height, last_width = stage_sizes(height, width, len(channels))[-1]
        layers: list[nn.Module] = []
        for n_maps in channels:
            layers.append(_Conv2d(n_channels, n_maps, 3, stride=2, padding=1))
            before, behind = _blocks(n_maps, architecture, blocks_per_stage, activation, batch_norm)
            layers += [*before, *_activated(n_maps, activation, batch_norm), *behind]
            n_channels = n_maps
        self.convolutions = nn.Sequential(*layers)
        self.head = nn.Linear(n_channels * last_height * last_width, n_outputs)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (n, C, H, W) to values (n, n_outputs)."""
        return self.head(self.convolutions(images).flatten(1))


class ConvDecoder(nn.Module):
    """The way back: a linear layer, then transposed convolutions through the same sizes.

    Before each transposed convolution come as many blocks as the encoder has at that size.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        latent_dim: int,
        channels: Sequence[int],
        activation: str,
        batch_norm: bool,
        architecture: str = "plain",
        blocks_per_stage: int = 1,
    ):
        super().__init__()
        self.activation = activation
        height, width, n_channels = image_shape
        sizes = stage_sizes(height, width, len(channels))[::-1]
        self.first_shape = (channels[-1], *sizes[0])
        self.head = nn.Linear(latent_dim, channels[-1] * sizes[0][0] * sizes[0][1])
        layers: list[nn.Module] = []
        maps = [*channels[::-1], n_channels]
        for stage, ((n_in, n_out), size) in enumerate(zip(pairwise(maps), sizes[1:], strict=True)):
            before, behind = _blocks(n_in, architecture, blocks_per_stage, activation, batch_norm)
            # The linear layer has no batch normalisation right behind it.
            first = _activated(n_in, activation, batch_norm and stage > 0)
            layers += [*before, *first, *behind]
            # An odd size is one less than twice its half, rounded up.
            extra = (1 - size[0] % 2, 1 - size[1] % 2)
            layers.append(_ConvTranspose2d(n_in, n_out, 3, 2, 1, output_padding=extra))
        self.convolutions = nn.Sequential(*layers)

    def forward(self, latent: Tensor) -> Tensor:
        """Map latent points (n, latent_dim) to raw outputs (n, C, H, W)."""
        return self.convolutions(self.head(latent).unflatten(1, self.first_shape))


class ModuleOutput(NamedTuple):
    """What the autoencoder gives for a batch."""

    raw: Tensor
    mean: Tensor
    log_variance: Tensor | None


class Autoencoder(nn.Module):
    """An encoder and a decoder; with `variational`, noise between the two.

    The variational encoder gives 2 * latent_dim values: the mean, then the
    logarithm of the variance, of the posterior of each latent component.

    Images come channels last in memory; an encoder that is not `channels_last`
    gets them in torch's usual order, which own modules may count on.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        variational: bool = False,
        channels_last: bool = False,
    ):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.variational = variational
        self.channels_last = channels_last

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the latent mean (n, latent_dim), and the log-variance if variational."""
        values = self.encoder(images if self.channels_last else images.contiguous())
        if not self.variational:
            return values, None
        mean, log_variance = values.chunk(2, dim=1)
        return mean, log_variance

    def forward(self, images: Tensor, noise: Tensor | None = None) -> ModuleOutput:
        """Encode and decode; `noise` (n, latent_dim) is standard normal."""
        mean, log_variance = self.encode(images)
        latent = mean
        if log_variance is not None and noise is not None:
            latent = mean + noise * torch.exp(0.5 * log_variance)
        return ModuleOutput(self.decoder(latent), mean, log_variance)


def _fan_in(layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear) -> float:
    """Return the number of inputs that reach one output of a layer, on average."""
    if isinstance(layer, nn.ConvTranspose2d):
        # A stride spreads the kernel's values over stride^2 outputs.
        return layer.weight[:, 0].numel() / (layer.stride[0] * layer.stride[1])
    return layer.weight[0].numel()


@torch.no_grad()
def initialise(network: ConvEncoder | ConvDecoder, generator: torch.Generator) -> None:
    """Draw the first weights of a default network from `generator`, in place.

    Weights are normal with standard deviation gain / sqrt(fan-in) and biases 0 (He et al.,
    arXiv 1502.01852). The gain keeps the variance through a rectifier, and is 1 for layers
    that none follows. Residual blocks start as the identity.
    """
    unactivated = network.head if isinstance(network, ConvEncoder) else network.convolutions[-1]
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            gain = 1.0 if layer is unactivated else _GAINS[network.activation]
            layer.weight.normal_(0.0, gain * _fan_in(layer) ** -0.5, generator=generator)
            if layer.bias is not None:
                layer.bias.zero_()
        elif isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()
    for block in network.modules():
        if isinstance(block, ResidualBlock):
            last = block.branch[-1]
            assert isinstance(last, nn.Conv2d)
            last.weight.zero_()


@torch.no_grad()
def start_at_mean(decoder: ConvDecoder, mean_pixel: Tensor) -> None:
    """Set the last bias so that an untrained decoder gives the mean pixel of each channel."""
    last = decoder.convolutions[-1]
    assert isinstance(last, nn.ConvTranspose2d)
    assert last.bias is not None
    last.bias.copy_(torch.logit(mean_pixel, eps=0.01))
