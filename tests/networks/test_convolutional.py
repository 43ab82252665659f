"""Encoder and decoder modules, their sizes, first weights and the noise between them."""

from typing import get_args

import numpy as np
import pytest
import torch
from scipy import special, stats
from torch import nn

from sklatent._networks.convolutional import (
    _GAINS,
    ACTIVATIONS,
    ActivationName,
    Autoencoder,
    ConvDecoder,
    ConvEncoder,
    ResidualBlock,
    _Conv2d,
    _ConvTranspose2d,
    initialise,
    stage_sizes,
    start_at_mean,
    to_pixels,
)

SIZES = [(1, 1), (1, 5), (8, 8), (28, 28), (32, 32), (50, 37), (64, 64), (96, 96)]
KINDS = [("plain", 1), ("plain", 3), ("residual", 1), ("residual", 2)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("size", SIZES)
def test_each_stage_halves_the_size_rounded_up(size):
    for n_stages, found in enumerate(stage_sizes(*size, 5)):
        assert found == tuple(int(np.ceil(side / 2**n_stages)) for side in size)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_channels", [1, 3, 5])
@pytest.mark.parametrize("size", SIZES)
def test_sizes_of_the_first_and_last_layers(size, n_channels, kind):
    shape, maps = (*size, n_channels), (2, 3, 4, 5)
    n_inner = 5 * int(np.ceil(size[0] / 16) * np.ceil(size[1] / 16))
    encoder = ConvEncoder(shape, 7, maps, "relu", False, *kind)
    decoder = ConvDecoder(shape, 7, maps, "relu", False, *kind)
    assert (encoder.head.in_features, encoder.head.out_features) == (n_inner, 7)
    assert (decoder.head.in_features, decoder.head.out_features) == (7, n_inner)
    images = torch.rand(2, n_channels, *size, generator=generator())
    assert encoder(images).shape == (2, 7)
    assert decoder(encoder(images)).shape == images.shape


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(5, 7), (8, 8)])
def test_every_pixel_reaches_the_encoder_and_is_reached_by_the_decoder(size, kind):
    encoder = ConvEncoder((*size, 2), 6, (4, 4, 4), "gelu", False, *kind)
    decoder = ConvDecoder((*size, 2), 6, (4, 4, 4), "gelu", False, *kind)
    initialise(encoder, generator())
    initialise(decoder, generator())
    images = torch.rand(1, 2, *size, generator=generator()).requires_grad_()
    encoder(images).square().sum().backward()
    assert torch.all(images.grad != 0)
    first, second = decoder(torch.ones(1, 6)), decoder(-torch.ones(1, 6))
    assert torch.all(first != second)


def test_number_of_parameters():
    # Kernels 3 x 3: 2 -> 4 -> 6 maps of 9 x 5, 5 x 3, 3 x 2 pixels.
    encoder = ConvEncoder((9, 5, 2), 7, (4, 6), "relu", False)
    decoder = ConvDecoder((9, 5, 2), 7, (4, 6), "relu", False)
    n_encoder = (2 * 9 * 4 + 4) + (4 * 9 * 6 + 6) + (6 * 3 * 2 * 7 + 7)
    n_decoder = (7 * 6 * 3 * 2 + 6 * 3 * 2) + (6 * 9 * 4 + 4) + (4 * 9 * 2 + 2)
    assert sum(weights.numel() for weights in encoder.parameters()) == n_encoder
    assert sum(weights.numel() for weights in decoder.parameters()) == n_decoder


@pytest.mark.parametrize(
    ("architecture", "blocks_per_stage", "n_convolutions"),
    [("plain", 2, 1), ("plain", 4, 3), ("residual", 1, 2), ("residual", 3, 6)],
)
def test_blocks_add_convolutions_of_kernel_3(architecture, blocks_per_stage, n_convolutions):
    further = n_convolutions * sum(9 * n_maps**2 + n_maps for n_maps in (4, 6))
    for kind in (ConvEncoder, ConvDecoder):
        counts = [
            sum(w.numel() for w in kind((9, 5, 2), 7, (4, 6), "relu", False, *more).parameters())
            for more in ((), (architecture, blocks_per_stage))
        ]
        assert counts[1] - counts[0] == further


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_residual_blocks_start_as_the_identity(activation, batch_norm):
    block = ResidualBlock(3, activation, batch_norm)
    encoder = ConvEncoder((8, 8, 1), 2, (3,), activation, batch_norm, "residual")
    initialise(encoder, generator())
    block.load_state_dict(encoder.convolutions[1].state_dict())
    maps = torch.randn(4, 3, 5, 5, generator=generator())
    before = maps.clone()
    assert torch.equal(block(maps), before)
    assert torch.equal(maps, before)
    # It learns: the gradient of its last convolution is not zero.
    block(maps).square().sum().backward()
    assert torch.any(block.branch[-1].weight.grad != 0)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_residual_blocks_add_two_activated_convolutions(batch_norm):
    block = ResidualBlock(3, "leaky_relu", batch_norm).eval()
    for layer in block.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.fill_(0.5)
    maps = torch.randn(4, 3, 5, 5, generator=generator())
    x = maps
    for layer in [layer for layer in block.branch if isinstance(layer, nn.Conv2d)]:
        if batch_norm:
            x = (x - 0.5) / np.sqrt(1 + 1e-5)
        x = layer(nn.functional.leaky_relu(x, 0.1))
    torch.testing.assert_close(block(maps), maps + x)


@pytest.mark.parametrize("kind", [ConvEncoder, ConvDecoder])
def test_an_untrained_residual_network_is_the_plain_one(kind):
    plain = kind((9, 6, 2), 4, (3, 5), "leaky_relu", False)
    residual = kind((9, 6, 2), 4, (3, 5), "leaky_relu", False, "residual", 2)
    initialise(residual, generator())
    outside = [w for n, w in residual.named_parameters() if "branch" not in n]
    with torch.no_grad():
        for weight, value in zip(plain.parameters(), outside, strict=True):
            weight.copy_(value)
    shape = (3, 2, 9, 6) if kind is ConvEncoder else (3, 4)
    inputs = torch.randn(shape, generator=generator())
    assert torch.equal(residual(inputs), plain(inputs))


def test_names_of_activations():
    assert get_args(ActivationName) == tuple(ACTIVATIONS) == tuple(_GAINS)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("leaky_relu", lambda x: np.where(x > 0, x, 0.1 * x)),
        ("relu", lambda x: np.maximum(x, 0)),
        ("gelu", lambda x: x * stats.norm.cdf(x)),
        ("silu", lambda x: x * special.expit(x)),
        ("selu", lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632 * np.expm1(x))),
    ],
)
def test_activations(name, function):
    x = np.linspace(-4, 4, 41)
    np.testing.assert_allclose(ACTIVATIONS[name]()(torch.tensor(x)), function(x), atol=1e-6)


@pytest.mark.parametrize("name", ["leaky_relu", "relu", "selu"])
def test_gains_keep_the_mean_square_of_normal_values(name):
    values, weights = np.linspace(-12, 12, 24001), stats.norm.pdf(np.linspace(-12, 12, 24001))
    after = ACTIVATIONS[name]()(torch.tensor(values)).numpy()
    assert _GAINS[name] ** 2 * np.trapezoid(after**2 * weights, values) == pytest.approx(
        1, abs=1e-5
    )


@pytest.mark.parametrize("kind", [ConvEncoder, ConvDecoder])
def test_first_weights(kind):
    network = kind((16, 16, 3), 50, (40, 60), "relu", True)
    initialise(network, generator())
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    if kind is ConvEncoder:
        gains_fans = [(2, 3 * 9), (2, 40 * 9), (1, 60 * 4 * 4)]
        layers = [*convolutions, network.head]
    else:
        # Of the nine weights a stride of two lets 9 / 4 reach an output, on average.
        gains_fans = [(2, 50), (2, 60 * 9 / 4), (1, 40 * 9 / 4)]
        layers = [network.head, *convolutions]
    for layer, (gain, fan_in) in zip(layers, gains_fans, strict=True):
        n, standard = layer.weight.numel(), layer.weight.detach() * np.sqrt(fan_in / gain)
        # Five standard errors of the mean and of the standard deviation of n normal values.
        assert float(standard.mean()) == pytest.approx(0, abs=5 / np.sqrt(n))
        assert float(standard.std()) == pytest.approx(1, abs=5 / np.sqrt(2 * n))
        assert torch.all(layer.bias == 0)


def test_first_weights_come_from_the_generator_alone():
    networks = [ConvEncoder((8, 8, 1), 3, (4, 4), "relu", False) for _ in range(3)]
    for network, seed in zip(networks, (1, 1, 2), strict=True):
        before = torch.random.get_rng_state()
        initialise(network, generator(seed))
        assert torch.equal(torch.random.get_rng_state(), before)
    images = torch.rand(2, 1, 8, 8, generator=generator())
    first, same, other = (network(images) for network in networks)
    assert torch.equal(first, same)
    assert not torch.allclose(first, other)


def test_untrained_decoder_gives_the_mean_pixel():
    decoder = ConvDecoder((8, 5, 3), 4, (4, 4), "selu", False)
    initialise(decoder, generator())
    mean = torch.tensor([0.2, 0.5, 0.9])
    start_at_mean(decoder, mean)
    pixels = to_pixels(decoder(torch.zeros(1, 4)))
    torch.testing.assert_close(pixels, mean.reshape(1, 3, 1, 1).expand(1, 3, 8, 5))
    start_at_mean(decoder, torch.tensor([0.0, 1.0, 0.5]))
    black_and_white = to_pixels(decoder(torch.zeros(1, 4)))[0, :2, 0, 0]
    torch.testing.assert_close(black_and_white, torch.tensor([0.01, 0.99]))


def test_pixels_are_the_logistic_function_of_raw_outputs():
    raw = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(to_pixels(torch.tensor(raw)), special.expit(raw), rtol=1e-12)


def test_plain_autoencoder_decodes_what_it_encodes():
    autoencoder = Autoencoder(nn.Flatten(), nn.Unflatten(1, (1, 2, 3)))
    images = torch.rand(4, 1, 2, 3, generator=generator())
    output = autoencoder(images, noise=torch.ones(4, 6))
    assert torch.equal(output.raw, images)
    assert torch.equal(output.mean, images.flatten(1))
    assert output.log_variance is None


def test_variational_autoencoder_adds_scaled_noise():
    autoencoder = Autoencoder(nn.Flatten(), nn.Identity(), variational=True)
    mean, variance = torch.tensor([[1.0, -2.0]]), torch.tensor([[4.0, 0.25]])
    images = torch.cat([mean, variance.log()], dim=1).reshape(1, 1, 2, 2)
    noise = torch.tensor([[3.0, -1.0]])
    output = autoencoder(images, noise)
    torch.testing.assert_close(output.raw, torch.tensor([[1 + 3 * 2.0, -2 - 0.5]]))
    torch.testing.assert_close(output.mean, mean)
    torch.testing.assert_close(output.log_variance, variance.log())
    assert torch.equal(autoencoder(images).raw, mean)


def test_own_encoders_get_the_usual_memory_order():
    class Viewer(nn.Module):
        def forward(self, images):
            return images.view(len(images), -1)

    images = torch.rand(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    mean, _ = Autoencoder(Viewer(), nn.Identity()).encode(images)
    assert torch.equal(mean, images.flatten(1))


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (5, 1), (1, 5), (2, 2)])
def test_bfloat16_leaves_taps_that_reach_nothing_alone(transposed, size):
    """Gradients are those of float32, rounded to 8 bits, and 0 where those are."""
    layer = _ConvTranspose2d(16, 32, 3, 2, 1) if transposed else _Conv2d(16, 32, 3, 2, 1)
    maps = torch.randn(8, 16, *size, generator=generator()).bfloat16().float()
    gradients = []
    for enabled in (True, False):
        # Memory that a layer might take as it is.
        waste = [torch.full((32 * 16 * 9,), torch.nan) for _ in range(50)]
        del waste
        layer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            output = layer(maps)
        output.float().sum().backward()
        gradients.append(layer.weight.grad.clone())
    rough, fine = gradients
    assert torch.equal(rough == 0, fine == 0)
    torch.testing.assert_close(rough, fine, rtol=2**-6, atol=2**-6 * float(fine.abs().max()))
