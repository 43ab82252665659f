"""A linear path beside the convolutions of an autoencoder, started at principal components.

The best linear autoencoder spans the principal axes (Baldi and Hornik, Neural Networks 2, 1989).
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from sklatent._images.principal import PrincipalAxes
from sklatent._typing import FloatArray

from .convolutional import Autoencoder, ConvDecoder, ConvEncoder

__all__ = [
    "LINEAR_PATH_WEIGHTS",
    "LinearPathDecoder",
    "LinearPathEncoder",
    "start_linear_path",
]

# Pattern of the names of the linear weights among the parameters of an `Autoencoder`.
LINEAR_PATH_WEIGHTS = "*coder.linear_path"
_LEAST_PIXEL = 0.01
_FIRST_LOG_VARIANCE = -4.6


class LinearPathEncoder(nn.Module):
    """Latent values A (x - m) + f(x), with f a convolutional encoder that starts at 0.

    Where f gives log-variances behind the means, A reaches the means alone.
    """

    mean: Tensor

    def __init__(
        self, convolutional: ConvEncoder, image_shape: tuple[int, int, int], latent_dim: int
    ):
        super().__init__()
        n_values = int(np.prod(image_shape))
        self.convolutional = convolutional
        self.linear_path = nn.Parameter(torch.zeros(latent_dim, n_values, dtype=torch.float32))
        self.register_buffer("mean", torch.zeros(n_values, dtype=torch.float32))
        with torch.no_grad():
            convolutional.head.weight.zero_()
            # Noise of a tenth of the spread of a component leaves the images recognisable.
            convolutional.head.bias[latent_dim:] = _FIRST_LOG_VARIANCE

    def forward(self, images: Tensor) -> Tensor:
        """Map images (n, C, H, W) to values (n, n_outputs)."""
        rows = images.permute(0, 2, 3, 1).flatten(1)
        linear = functional.linear(rows - self.mean, self.linear_path)
        values = self.convolutional(images)
        further = values.shape[1] - linear.shape[1]
        return values + functional.pad(linear, (0, further)) if further else values + linear


class LinearPathDecoder(nn.Module):
    """Raw outputs logit(B z + m) + g(z), with g a convolutional decoder that starts at 0.

    B z + m is clamped to [0.01, 0.99] before the logit.
    """

    mean: Tensor

    def __init__(
        self, convolutional: ConvDecoder, image_shape: tuple[int, int, int], latent_dim: int
    ):
        super().__init__()
        height, width, n_channels = image_shape
        self.image_shape = image_shape
        self.convolutional = convolutional
        n_values = height * width * n_channels
        self.linear_path = nn.Parameter(torch.zeros(n_values, latent_dim, dtype=torch.float32))
        self.register_buffer("mean", torch.zeros(n_values, dtype=torch.float32))
        with torch.no_grad():
            for weights in convolutional.convolutions[-1].parameters():
                weights.zero_()

    def forward(self, latent: Tensor) -> Tensor:
        """Map latent points (n, latent_dim) to raw outputs (n, C, H, W)."""
        rows = functional.linear(latent, self.linear_path).float() + self.mean
        linear = torch.logit(rows.clamp(_LEAST_PIXEL, 1.0 - _LEAST_PIXEL))
        images = linear.unflatten(1, self.image_shape).permute(0, 3, 1, 2)
        return images + self.convolutional(latent)


@torch.no_grad()
def start_linear_path(
    module: Autoencoder, axes: PrincipalAxes, mean: FloatArray, loadings: FloatArray
) -> None:
    """Start a linear path at principal components, in place.

    The encoder gives the principal components of the images, each divided by
    its standard deviation, and the decoder `mean` (n_values,) + `loadings`
    (n_values, k) @ z. Latent components beyond those of `axes` start at 0.
    """
    encoder, decoder = module.encoder, module.decoder
    assert isinstance(encoder, LinearPathEncoder)
    assert isinstance(decoder, LinearPathDecoder)
    whitening = axes.components / np.sqrt(axes.variances)[:, None]
    encoder.linear_path[: len(whitening)] = torch.from_numpy(whitening.astype(np.float32))
    encoder.mean.copy_(torch.from_numpy(axes.mean))
    decoder.linear_path[:, : loadings.shape[1]] = torch.from_numpy(loadings.astype(np.float32))
    decoder.mean.copy_(torch.from_numpy(mean))
