"""The network past the bottleneck: what it starts from, keeps and learns."""

import numpy as np
import pytest
import torch

from sklatent._images.format import ImageFormat
from sklatent._networks.batches import ImageBatches, ImagePairs, batch_corruptions
from sklatent._networks.bypass import (
    BypassNetwork,
    Damaged,
    luma_of,
    restore_batch,
    spread,
    train_bypass,
)
from sklatent._networks.inference import TrainedNetwork
from sklatent.corruption import GaussianNoise, PixelDropout

CPU = torch.device("cpu")


def uniform(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(len(shape)))


def still(n_inputs, n_outputs):
    """Return a network that corrects nothing."""
    network = BypassNetwork(n_inputs, n_outputs)
    with torch.no_grad():
        network.last.weight.zero_()
        network.last.bias.zero_()
    return network


def test_luma_is_of_rec_601():
    primaries = torch.eye(3)[..., None, None]
    torch.testing.assert_close(luma_of(primaries).flatten(), torch.tensor([0.299, 0.587, 0.114]))


@pytest.mark.parametrize("size", [(8, 8), (5, 7), (1, 9), (6, 1), (1, 1)])
def test_one_known_value_is_spread_everywhere(size):
    known = torch.zeros(2, 3, *size)
    known[..., 0, 0] = 1
    values = torch.where(known > 0, torch.tensor(0.7), uniform(2, 3, *size))
    torch.testing.assert_close(spread(values, known), torch.full((2, 3, *size), 0.7))
    torch.testing.assert_close(spread(values, 0 * known), torch.zeros(2, 3, *size))


def test_spreading_is_linear_and_stays_within_the_values():
    known = (uniform(2, 1, 9, 6) < 0.3).float()
    first, second = uniform(2, 1, 9, 6), uniform(1, 1, 9, 6)
    torch.testing.assert_close(
        spread(first - 2 * second, known), spread(first, known) - 2 * spread(second, known)
    )
    shown = first[known > 0]
    filled = spread(first, known)
    assert shown.min() - 1e-6 <= filled.min()
    assert filled.max() <= shown.max() + 1e-6


@pytest.mark.parametrize("size", [(8, 12), (7, 5), (1, 10), (2, 2)])
def test_sizes_that_blocks_do_not_divide(size):
    network = BypassNetwork(2, 3)
    correction = network(uniform(4, 2, *size))
    assert correction.shape == (4, 3, *size)


def test_known_values_stay_and_the_rest_agrees_with_them():
    images, reconstruction = uniform(2, 1, 8, 8), uniform(1, 1, 8, 8).expand(2, 1, 8, 8)
    known = (uniform(2, 1, 8, 8) < 0.5).float()
    damaged = Damaged(images, reconstruction, known)
    restored = damaged.restored(still(4, 1), "float32")
    assert torch.equal(restored[known > 0], images[known > 0])
    expected = reconstruction + spread(images - reconstruction, known)
    torch.testing.assert_close(restored[known == 0], expected[known == 0])
    # What stands in place of a lost value is not looked at.
    other = Damaged(torch.where(known > 0, images, torch.tensor(0.3)), reconstruction, known)
    network = BypassNetwork(4, 1)
    torch.testing.assert_close(
        other.restored(network, "float32")[known == 0],
        damaged.restored(network, "float32")[known == 0],
    )


def test_the_luma_stays():
    reconstruction, luma = uniform(2, 3, 8, 8), uniform(2, 1, 8, 8)
    damaged = Damaged(luma.expand(2, 3, 8, 8), reconstruction, luma=luma)
    restored = damaged.restored(BypassNetwork(6, 3), "float32")
    torch.testing.assert_close(luma_of(restored), luma)
    torch.testing.assert_close(
        damaged.start() - luma, reconstruction - luma_of(reconstruction), atol=1e-6, rtol=0
    )


@pytest.fixture(scope="module")
def autoencoder(small, digits):
    return small(bypass=False, corruption=GaussianNoise(0.3)).fit(digits)


def trained(autoencoder, digits, corruption, remains, n_steps=40, **options):
    image_format = ImageFormat.of(digits)
    pairs = ImagePairs(digits, image_format, digits, image_format)
    rng = np.random.RandomState(0)
    noise = batch_corruptions(corruption, CPU, rng)[0]
    batches = ImageBatches(pairs, np.arange(len(digits)), 32, CPU, rng, corruption=noise)
    return train_bypass(
        *(autoencoder.net_.module_, batches, n_steps),
        remains=remains,
        corruption=corruption,
        seed=0,
        **options,
    )


def test_training_restores_noise(autoencoder, digits, rng):
    noise = GaussianNoise(0.3)
    bypass, interrupted = trained(autoencoder, digits, noise, "nothing")
    assert not interrupted
    network = TrainedNetwork(autoencoder.net_.module_, CPU, 64)
    clean = (digits / 16).astype(np.float32)[..., None]
    noisy = np.clip(clean + 0.3 * rng.normal(size=clean.shape), 0, 1).astype(np.float32)
    restored = restore_batch(network, bypass, noisy, None, None)
    reconstruction = autoencoder.reconstruct(noisy[..., 0] * 16)[..., None] / 16
    errors = [np.square(images - clean).mean() for images in (restored, reconstruction, noisy)]
    assert errors[0] < 0.8 * min(errors[1:])


def test_the_same_seed_gives_the_same_weights_and_training_goes_on(autoencoder, digits):
    lost = PixelDropout(0.5)
    first, second = (trained(autoencoder, digits, lost, "values", 5)[0] for _ in range(2))
    assert first.weights.keys() == second.weights.keys()
    for name, values in first.weights.items():
        np.testing.assert_array_equal(values, second.weights[name])
    before = {name: values.copy() for name, values in first.weights.items()}
    further, _ = trained(autoencoder, digits, lost, "values", 1, earlier=first)
    for name, values in first.weights.items():
        np.testing.assert_array_equal(values, before[name])
        step = np.abs(further.weights[name] - values).max()
        # A step of Muon is orthogonal times the rate, and the rate is a tenth.
        assert 0 < step < 0.02, name


def test_an_interrupt_keeps_the_weights_so_far(autoencoder, digits, monkeypatch):
    calls = iter(range(3))

    def interrupted_at_last(self, *args, **kwargs):
        if next(calls) == 2:
            raise KeyboardInterrupt
        return Damaged.start(self)

    class Interrupted(Damaged):
        start = interrupted_at_last

    monkeypatch.setattr("sklatent._networks.bypass.Damaged", Interrupted)
    bypass, interrupted = trained(autoencoder, digits, GaussianNoise(0.3), "nothing")
    assert interrupted
    assert np.abs(bypass.weights["last.weight"]).max() > 0
