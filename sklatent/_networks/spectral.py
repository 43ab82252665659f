"""Spectral normalisation of the layers of a network.

torch's own is a parametrisation, whose modules cannot be pickled, and draws from
the global generator.
"""

from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["SpectralNorm", "normalise_layers"]

Layer: TypeAlias = nn.Linear | nn.Conv2d | nn.ConvTranspose2d

_FIRST_ITERATIONS = 15
_EPSILON = 1e-12


def as_matrix(layer: Layer) -> Tensor:
    """Return the weights of a layer as a matrix of one row for each output channel."""
    weight = layer.weight
    if isinstance(layer, nn.ConvTranspose2d):
        weight = weight.transpose(0, 1)
    return weight.flatten(1)


class SpectralNorm(nn.Module):
    """A layer whose weights are divided by their largest singular value.

    The weights W are taken as a matrix of one row for each output channel. Vectors
    u and v follow its first singular vectors by one power iteration in each step of
    training, and u' W v is the singular value (Miyato et al., arXiv 1802.05957).
    """

    u: Tensor
    v: Tensor

    def __init__(self, layer: Layer, generator: torch.Generator):
        super().__init__()
        self.layer: Layer = layer
        matrix = as_matrix(layer)
        self.register_buffer(
            "u", torch.randn(matrix.shape[0], generator=generator, dtype=torch.float32)
        )
        self.register_buffer(
            "v", torch.randn(matrix.shape[1], generator=generator, dtype=torch.float32)
        )
        for _ in range(_FIRST_ITERATIONS):
            self._iterate(matrix)

    @torch.no_grad()
    def _iterate(self, matrix: Tensor) -> None:
        self.u.copy_(functional.normalize(matrix @ self.v, dim=0, eps=_EPSILON))
        self.v.copy_(functional.normalize(matrix.T @ self.u, dim=0, eps=_EPSILON))

    def weight(self) -> Tensor:
        """Return the weights divided by their largest singular value."""
        with torch.autocast(self.u.device.type, enabled=False):
            matrix = as_matrix(self.layer)
            if self.training:
                self._iterate(matrix)
            # Copies, since the next step changes u and v before a gradient may want them.
            value = self.u.clone() @ (matrix @ self.v.clone())
            return self.layer.weight / value.clamp_min(_EPSILON)

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply the layer with its normalised weights."""
        layer, weight = self.layer, self.weight()
        if isinstance(layer, nn.Linear):
            return functional.linear(inputs, weight, layer.bias)
        if 1 in inputs.shape[2:]:
            # As in `convolutional`: bfloat16 is not safe there.
            with torch.autocast(inputs.device.type, enabled=False):
                return self._convolved(inputs.float(), weight)
        return self._convolved(inputs, weight)

    def _convolved(self, inputs: Tensor, weight: Tensor) -> Tensor:
        layer = self.layer
        assert not isinstance(layer, nn.Linear)
        options: dict[str, Any] = {
            "stride": layer.stride,
            "padding": layer.padding,
            "groups": layer.groups,
            "dilation": layer.dilation,
        }
        if isinstance(layer, nn.Conv2d):
            return functional.conv2d(inputs, weight, layer.bias, **options)
        options["output_padding"] = layer.output_padding
        return functional.conv_transpose2d(inputs, weight, layer.bias, **options)


def normalise_layers(network: nn.Module, generator: torch.Generator) -> None:
    """Put each linear and convolutional layer of `network` into a `SpectralNorm`, in place."""
    for name, child in list(network.named_children()):
        if isinstance(child, Layer):
            setattr(network, name, SpectralNorm(child, generator))
        else:
            normalise_layers(child, generator)
