"""A small network past the bottleneck, for the detail that latent points cannot hold.

Tensors of images are (n, C, H, W) in [0, 1], channels last in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from sklatent._typing import BoolArray, FloatArray
from sklatent.corruption._arithmetic import LUMA_WEIGHTS
from sklatent.corruption._base import Corruption
from sklatent.corruption._remains import Remains, known_values

from .batches import ImageBatches, TorchDraws, as_tensor
from .convolutional import Autoencoder, to_pixels
from .inference import Precision, TrainedNetwork, autocast
from .optimizers import Muon

__all__ = [
    "Bypass",
    "BypassNetwork",
    "Damaged",
    "luma_of",
    "restore_batch",
    "spread",
    "train_bypass",
]

_WIDTH, _INNER_WIDTH, _N_INNER = 64, 96, 2
_RATE = 0.02
_WARM_UP_SHARE = 0.1
_TRUST = 0.05
_SHARE_OF_TRUE_MASKS = 0.5


def luma_of(images: Tensor) -> Tensor:
    """Return the luma (n, 1, H, W) of images of three channels."""
    weights = torch.tensor(LUMA_WEIGHTS, device=images.device, dtype=images.dtype)
    return (images * weights[:, None, None]).sum(1, keepdim=True)


def _blurred(maps: Tensor) -> Tensor:
    """Average with weights 1, 2, 1 along both sides; there is nothing past the borders."""
    for side, stride in ((2, 1), (3, 1)):
        n = maps.shape[side]
        padded = functional.pad(maps, (0, 0, stride, stride) if side == 2 else (stride, stride))
        ends = padded.narrow(side, 0, n) + padded.narrow(side, 2, n)
        maps = 0.25 * ends + 0.5 * maps
    return maps


def spread(values: Tensor, known: Tensor) -> Tensor:
    """Spread known values over all: local averages, from coarse to fine.

    At each size it is (B(v w) + t c) / (B(w) + t) with weights w, a blur B, what the half size
    gave c, and t = 0.05; 0 where nothing is known.
    """
    weighted = values * known
    height, width = values.shape[2:]
    if height * width == 1:
        return weighted / known.clamp(min=1e-6)
    pooled = functional.avg_pool2d(
        torch.cat([weighted, known], 1), (min(2, height), min(2, width)), ceil_mode=True
    )
    coarse_values, coarse_known = pooled.chunk(2, dim=1)
    coarse = spread(coarse_values / coarse_known.clamp(min=1e-6), coarse_known)
    coarse = functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)
    return (_blurred(weighted) + _TRUST * coarse) / (_blurred(known) + _TRUST)


class BypassNetwork(nn.Module):
    """Convolutions at half the size of the images, and two at a quarter, to a correction.

    Blocks of 2 x 2 pixels are the first channels and the last, so that each convolution sees
    twice as far at a quarter of the cost. The last one starts at 0.
    """

    def __init__(self, n_inputs: int, n_outputs: int):
        super().__init__()
        self.first = nn.ModuleList(
            [nn.Conv2d(n_in, _WIDTH, 3, padding=1) for n_in in (4 * n_inputs, _WIDTH)]
        )
        self.down = nn.Conv2d(_WIDTH, _INNER_WIDTH, 2, stride=2)
        self.inner = nn.ModuleList(
            [nn.Conv2d(_INNER_WIDTH, _INNER_WIDTH, 3, padding=1) for _ in range(_N_INNER)]
        )
        self.up = nn.ConvTranspose2d(_INNER_WIDTH, _WIDTH, 2, stride=2)
        self.mixing = nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1)
        self.last = nn.Conv2d(_WIDTH, 4 * n_outputs, 3, padding=1)

    def forward(self, maps: Tensor) -> Tensor:
        """Map inputs (n, n_inputs, H, W) to a correction (n, n_outputs, H, W)."""
        height, width = maps.shape[2:]
        # A multiple of 4, with the last row and column again.
        padded = functional.pad(maps, (0, -width % 4, 0, -height % 4), mode="replicate")
        outer = functional.pixel_unshuffle(padded, 2)
        for layer in self.first:
            outer = functional.relu(layer(outer))
        inner = functional.relu(self.down(outer))
        for layer in self.inner:
            inner = functional.relu(layer(inner))
        outer = functional.relu(outer + self.up(inner))
        outer = functional.relu(self.mixing(outer))
        correction = functional.pixel_shuffle(self.last(outer), 2)
        return correction[:, :, :height, :width]


def _empty(n_inputs: int, n_outputs: int) -> BypassNetwork:
    """Return a network whose weights are still to be set; torch's own generator is not touched."""
    with torch.device("meta"):
        network = BypassNetwork(n_inputs, n_outputs)
    return network.float().to_empty(device="cpu")


def _initialise(network: BypassNetwork, generator: torch.Generator) -> None:
    """Draw weights with standard deviation sqrt(2 / fan-in), biases 0; the last layer is 0."""
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                turned = isinstance(layer, nn.ConvTranspose2d)
                fan_in = layer.weight[:, 0, 0, 0].numel() if turned else layer.weight[0].numel()
                layer.weight.normal_(0.0, (2 / fan_in) ** 0.5, generator=generator)
                assert layer.bias is not None
                layer.bias.zero_()
        network.last.weight.zero_()


@dataclass(frozen=True, eq=False)
class Damaged:
    """A damaged batch, its reconstruction, and what of it is right.

    `known` holds 1 for values to keep, or None; `luma` (n, 1, H, W) is to keep, or None.
    """

    images: Tensor
    reconstruction: Tensor
    known: Tensor | None = None
    luma: Tensor | None = None

    def start(self) -> Tensor:
        """Return the reconstruction, moved to agree with what is right."""
        if self.known is not None:
            residual = self.images - self.reconstruction
            return self.reconstruction + spread(residual, self.known)
        if self.luma is not None:
            return self.reconstruction + (self.luma - luma_of(self.reconstruction))
        return self.reconstruction

    def restored(self, network: nn.Module, precision: Precision) -> Tensor:
        """Return the start with the correction of a network, right where that is known."""
        start = self.start()
        images = self.images if self.known is None else self.images * self.known
        inputs = [images, self.reconstruction]
        inputs += [] if self.known is None else [start, self.known]
        maps = torch.cat(inputs, 1).contiguous(memory_format=torch.channels_last)
        with autocast(maps.device, precision):
            correction = network(maps)
        restored = start + correction.float()
        if self.known is not None:
            return torch.where(self.known > 0, self.images, restored)
        if self.luma is not None:
            return restored + (self.luma - luma_of(restored))
        return restored


@dataclass(frozen=True, eq=False)
class Bypass:
    """Weights of a `BypassNetwork`, and what it counts on to be right."""

    remains: Remains
    n_inputs: int
    n_outputs: int
    weights: dict[str, FloatArray]

    def network(self, device: torch.device) -> BypassNetwork:
        """Return the network on a device."""
        network = _empty(self.n_inputs, self.n_outputs)
        state = {name: torch.from_numpy(np.array(values)) for name, values in self.weights.items()}
        network.load_state_dict(state)
        return network.to(device)


def _damage(
    module: Autoencoder,
    batch: dict[str, Tensor],
    target: Tensor,
    remains: Remains,
    corruption: Corruption | None,
    use_true: bool,
    draws: TorchDraws,
    precision: Precision,
) -> Damaged:
    """Return a batch of training as `restore` will see it."""
    images = batch["images"]
    with torch.no_grad(), autocast(images.device, precision):
        reconstruction = to_pixels(module(images).raw.float())
    if remains == "luma":
        return Damaged(images, reconstruction, luma=luma_of(images))
    known = None
    if remains == "values":
        assert corruption is not None
        left = images == target
        if not use_true:
            left = known_values(corruption, images.permute(0, 2, 3, 1), draws).permute(0, 3, 1, 2)
        known = left.float()
    return Damaged(images, reconstruction, known)


def _rates(n_steps: int, constant: bool) -> Iterator[float]:
    """Yield the rate of each step: up in 0.1 of the steps and down linearly, or constant."""
    warm_up = max(1, round(_WARM_UP_SHARE * n_steps))
    for step in range(n_steps):
        share = min((step + 1) / warm_up, (n_steps - step) / max(1, n_steps - warm_up))
        yield _RATE * (0.1 if constant else share)


@torch.inference_mode(False)
@torch.enable_grad()
def train_bypass(
    module: Autoencoder,
    batches: ImageBatches,
    n_steps: int,
    *,
    remains: Remains,
    corruption: Corruption | None,
    seed: int,
    precision: Precision = "float32",
    earlier: Bypass | None = None,
) -> tuple[Bypass, bool]:
    """Train a bypass of a trained autoencoder; return it, and whether it was interrupted.

    The loss is the squared error of what is not known. Training goes on from an `earlier` bypass
    at a constant rate.
    """
    device = batches.device
    generator = torch.Generator().manual_seed(seed)
    rng = np.random.RandomState(seed)
    draws = TorchDraws(torch.Generator(device))
    n_in, n_out = _n_channels(batches)
    n_inputs = n_in + n_out + (n_out + n_in if remains == "values" else 0)
    if earlier is None:
        network = _empty(n_inputs, n_out)
        _initialise(network, generator)
        network = network.to(device)
    else:
        network = earlier.network(device)
    optimizer = _optimizer(network)
    rates, interrupted = _rates(n_steps, constant=earlier is not None), False
    module.eval()
    try:
        for (batch, target), rate in zip(_endless(batches), rates, strict=False):
            use_true = rng.random_sample() < _SHARE_OF_TRUE_MASKS
            damaged = _damage(
                *(module, batch, target, remains, corruption, use_true, draws, precision)
            )
            loss = (damaged.restored(network, precision) - target).square().mean()
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    except KeyboardInterrupt:
        interrupted = True
    state = network.state_dict().items()
    weights = {name: values.cpu().contiguous().numpy() for name, values in state}
    return Bypass(remains, n_inputs, n_out, weights), interrupted


def _optimizer(network: BypassNetwork) -> Muon:
    """Return Muon, for which the transposed convolution is turned."""
    usual = [values for name, values in network.named_parameters() if name != "up.weight"]
    return Muon([{"params": usual}, {"params": [network.up.weight], "turned": True}], lr=_RATE)


def _endless(batches: ImageBatches) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
    while True:
        yield from batches


def _n_channels(batches: ImageBatches) -> tuple[int, int]:
    """Return the number of channels of images, and that of targets."""
    target_format = batches.pairs.target_format
    assert target_format is not None
    return batches.pairs.image_format.image_shape[2], target_format.image_shape[2]


def restore_batch(
    network: TrainedNetwork,
    bypass: Bypass,
    unit: FloatArray,
    known: BoolArray | None,
    luma: FloatArray | None,
) -> FloatArray:
    """Return images (n, H, W, C) in [0, 1] as an autoencoder and its bypass restore them.

    What is `known`, of the shape of the images, or the luma (n, H, W, 1), is as given; values may
    leave [0, 1].
    """
    device, precision = network.device, network.precision
    network.module.eval()
    with torch.inference_mode():
        images = as_tensor(unit, device)
        with autocast(device, precision):
            raw = network.module(images).raw
        damaged = Damaged(
            images,
            to_pixels(raw.float()),
            None if known is None else as_tensor(known.astype(np.float32), device),
            None if luma is None else as_tensor(luma, device),
        )
        restored = damaged.restored(bypass.network(device), precision)
    return restored.permute(0, 2, 3, 1).cpu().numpy()
