"""Losses against closed forms and torch's distributions."""

import numpy as np
import pytest
import torch
from scipy import special
from torch.distributions import Bernoulli, Independent, Normal
from torch.distributions import kl_divergence as torch_divergence

from sklatent._losses import AutoencoderLoss, kl_divergence
from sklatent._networks import ModuleOutput

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


def test_losses_of_the_perfect_reconstruction(target):
    raw = torch.logit(target)
    output = ModuleOutput(raw, torch.zeros(6, 4), None)
    assert float(AutoencoderLoss("mse")(output, target)) == pytest.approx(0, abs=1e-12)
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


def test_half_precision_outputs_are_summed_in_single_precision(target):
    raw = torch.zeros(SHAPE, dtype=torch.bfloat16)
    loss = AutoencoderLoss("bce")(ModuleOutput(raw, torch.zeros(6, 4), None), target)
    assert loss.dtype == torch.float32
    assert float(loss) == pytest.approx(np.log(2), rel=1e-6)
