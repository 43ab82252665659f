"""Losses against closed forms and torch's distributions."""

from typing import get_args

import numpy as np
import pytest
import torch
from scipy import special
from skimage.metrics import structural_similarity as reference_similarity
from torch import nn
from torch.distributions import Bernoulli, Independent, Normal
from torch.distributions import kl_divergence as torch_divergence

from sklatent._networks.convolutional import Autoencoder, ModuleOutput
from sklatent._networks.losses import (
    RECONSTRUCTION_LOSSES,
    AutoencoderLoss,
    LossName,
    kl_divergence,
    squared_weights,
    structural_similarity,
)

SHAPE = (6, 3, 4, 5)
N_VALUES = 3 * 4 * 5


@pytest.fixture
def raw(rng):
    return torch.tensor(rng.normal(0, 3, SHAPE), dtype=torch.float32)


@pytest.fixture
def target(rng):
    return torch.tensor(rng.random(SHAPE), dtype=torch.float32)


@pytest.fixture
def posterior(rng):
    return (torch.tensor(rng.normal(size=(6, 4)), dtype=torch.float32) for _ in range(2))


def test_divergence_equals_torchs(posterior):
    mean, log_variance = posterior
    expected = torch_divergence(
        Independent(Normal(mean, (log_variance / 2).exp()), 1),
        Independent(Normal(torch.zeros(4), torch.ones(4)), 1),
    )
    torch.testing.assert_close(kl_divergence(mean, log_variance), expected)


def test_divergence_of_the_prior_is_nothing():
    assert torch.equal(kl_divergence(torch.zeros(3, 4), torch.zeros(3, 4)), torch.zeros(3))
    # Of N(2, 1): 2^2 / 2; of N(0, e): (e - 1 - 1) / 2.
    mean, log_variance = torch.tensor([[2.0], [0.0]]), torch.tensor([[0.0], [1.0]])
    expected = torch.tensor([2.0, (np.e - 2) / 2])
    torch.testing.assert_close(kl_divergence(mean, log_variance), expected, check_dtype=False)


def test_cross_entropy(raw, target):
    p, t = special.expit(raw.numpy().astype(float)), target.numpy().astype(float)
    expected = -(special.xlogy(t, p) + special.xlog1py(1 - t, -p)).mean()
    loss = AutoencoderLoss("bce")(ModuleOutput(raw, torch.ones(6, 4), None), target)
    assert float(loss) == pytest.approx(expected, rel=1e-6)


def test_squared_error(raw, target):
    expected = np.square(special.expit(raw.numpy()) - target.numpy()).mean()
    loss = AutoencoderLoss("mse")(ModuleOutput(raw, torch.ones(6, 4), None), target)
    assert float(loss) == pytest.approx(expected, rel=1e-6)


def test_absolute_error(raw, target):
    expected = np.abs(special.expit(raw.numpy()) - target.numpy()).mean()
    loss = AutoencoderLoss("l1")(ModuleOutput(raw, torch.ones(6, 4), None), target)
    assert float(loss) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("size", [(11, 11), (11, 17), (28, 28), (50, 37), (64, 64)])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_similarity_is_that_of_scikit_image(rng, size, n_channels):
    images = rng.random((4, n_channels, *size))
    noisy = np.clip(
        images + rng.normal(0, [[[[0.0]]], [[[0.1]]], [[[0.5]]], [[[2]]]], images.shape), 0, 1
    )
    expected = [
        reference_similarity(
            *pair,
            data_range=1.0,
            channel_axis=0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for pair in zip(images, noisy, strict=True)
    ]
    found = structural_similarity(torch.from_numpy(images), torch.from_numpy(noisy))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    single = structural_similarity(*(torch.from_numpy(x).float() for x in (images, noisy)))
    # Differences of squares in [0, 1] lose up to 1e-7, beside c2 = 9e-4.
    np.testing.assert_allclose(single, expected, atol=1e-3)
    assert float(found[0]) == pytest.approx(1)


@pytest.mark.parametrize(("size", "window"), [((7, 7), (7, 7)), ((8, 5), (7, 5)), ((1, 2), (1, 1))])
def test_small_images_have_smaller_windows(rng, size, window):
    """Where one window fits, weighted moments give its similarity; else the mean over places."""
    x, y = rng.random((2, *size))
    kernels = [np.exp(-0.5 * ((np.arange(k) - k // 2) / 1.5) ** 2) for k in window]
    weights = np.outer(*(kernel / kernel.sum() for kernel in kernels)).ravel()
    values = []
    for row in range(size[0] - window[0] + 1):
        for column in range(size[1] - window[1] + 1):
            place = np.s_[row : row + window[0], column : column + window[1]]
            a, b = x[place].ravel(), y[place].ravel()
            covariance = np.cov(a, b, aweights=weights, ddof=0) if a.size > 1 else np.zeros((2, 2))
            ma, mb = weights @ a, weights @ b
            values.append(
                (2 * ma * mb + 1e-4)
                / (ma**2 + mb**2 + 1e-4)
                * (2 * covariance[0, 1] + 9e-4)
                / (np.trace(covariance) + 9e-4)
            )
    pair = (torch.from_numpy(image)[None, None] for image in (x, y))
    assert float(structural_similarity(*pair)) == pytest.approx(np.mean(values))


def test_similarity_loss_mixes_in_the_absolute_error(raw, target):
    pixels = torch.sigmoid(raw)
    similarity = structural_similarity(pixels, target)
    assert similarity.shape == (6,)
    expected = 0.84 * (1 - similarity.mean()) + 0.16 * (pixels - target).abs().mean()
    loss = AutoencoderLoss("ssim")(ModuleOutput(raw, torch.ones(6, 4), None), target)
    torch.testing.assert_close(loss, expected)


def test_gradients_of_the_similarity_are_right(rng):
    first, second = (torch.from_numpy(rng.random((2, 1, 12, 9))) for _ in "ab")
    torch.autograd.gradcheck(structural_similarity, (first.requires_grad_(), second))


def test_losses_of_the_perfect_reconstruction(target):
    raw = torch.logit(target)
    output = ModuleOutput(raw, torch.zeros(6, 4), None)
    assert float(AutoencoderLoss("mse")(output, target)) == pytest.approx(0, abs=1e-12)
    for loss in ("l1", "ssim"):
        assert float(AutoencoderLoss(loss)(output, target)) == pytest.approx(0, abs=1e-6)
    entropy = Bernoulli(probs=target).entropy().mean()
    torch.testing.assert_close(AutoencoderLoss("bce")(output, target), entropy)


def test_extreme_outputs_have_finite_cross_entropy():
    raw, target = torch.tensor([[[[200.0, -200.0]]]]), torch.tensor([[[[0.0, 0.0]]]])
    loss = AutoencoderLoss("bce")(ModuleOutput(raw, torch.zeros(1, 1), None), target)
    assert float(loss) == pytest.approx(100.0)


def test_weight_one_is_the_evidence_lower_bound(raw, target, posterior):
    mean, log_variance = posterior
    target = target.round()
    bound = Independent(Bernoulli(logits=raw), 3).log_prob(target) - torch_divergence(
        Independent(Normal(mean, (log_variance / 2).exp()), 1),
        Independent(Normal(torch.zeros(4), torch.ones(4)), 1),
    )
    loss = AutoencoderLoss("bce", kl_weight=1.0)(ModuleOutput(raw, mean, log_variance), target)
    torch.testing.assert_close(-loss * N_VALUES, bound.mean())


def test_weights_are_linear_and_per_pixel_value(raw, target, posterior):
    mean, log_variance = posterior
    output = ModuleOutput(raw, mean, log_variance)
    plain = AutoencoderLoss("mse")(output, target)
    weighted = AutoencoderLoss("mse", kl_weight=3.0)(output, target)
    expected = 3.0 * kl_divergence(mean, log_variance).mean() / N_VALUES
    torch.testing.assert_close(weighted - plain, expected, atol=1e-6, rtol=1e-5)


def test_latent_penalty_is_the_squared_length_per_pixel_value(raw, target):
    mean = torch.tensor([[3.0, 4.0]] * 6)
    output = ModuleOutput(raw, mean, None)
    plain = AutoencoderLoss("bce")(output, target)
    penalised = AutoencoderLoss("bce", latent_penalty=2.0)(output, target)
    assert float(penalised - plain) == pytest.approx(2 * 25 / N_VALUES, rel=1e-5)


def test_share_of_the_divergence(raw, target, posterior):
    output = ModuleOutput(raw, *posterior)
    loss = AutoencoderLoss("mse", kl_weight=3.0)
    full, plain = loss(output, target), AutoencoderLoss("mse")(output, target)
    loss.kl_share = 0.25
    torch.testing.assert_close(loss(output, target) - plain, (full - plain) / 4)


def test_weight_decay_is_the_sum_of_squared_weights_per_pixel_value(raw, target):
    decoder = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        decoder[0].weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        decoder[0].bias.fill_(100.0)
    output = ModuleOutput(raw, torch.ones(6, 4), None)
    assert float(squared_weights(decoder).detach()) == 30
    assert float(squared_weights(nn.Identity())) == 0
    module = Autoencoder(nn.Linear(5, 5), decoder)
    plain = AutoencoderLoss("bce")(output, target, module)
    decayed = AutoencoderLoss("bce", decoder_weight_decay=2.0)(output, target, module)
    assert float((decayed - plain).detach()) == pytest.approx(2 * 30 / N_VALUES, rel=1e-5)


def test_half_precision_outputs_are_summed_in_single_precision(target):
    raw = torch.zeros(SHAPE, dtype=torch.bfloat16)
    loss = AutoencoderLoss("bce")(ModuleOutput(raw, torch.zeros(6, 4), None), target)
    assert loss.dtype == torch.float32
    assert float(loss) == pytest.approx(np.log(2), rel=1e-6)


def test_names_of_losses():
    assert get_args(LossName) == tuple(RECONSTRUCTION_LOSSES)
