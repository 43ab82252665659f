"""A small classifier: its loss, its scores, its first weights."""

import numpy as np
import pytest
import torch

from sklatent._networks.architecture import Architecture, build_autoencoder
from sklatent._networks.classifier import ClassificationLoss, best_classes, build_classifier

CPU = torch.device("cpu")


def build(activation="leaky_relu", seed=0):
    architecture = Architecture((4, 5, 1), (1, 1, 3), 2, (3,), activation=activation)
    return build_classifier(architecture, 3, seed)


def test_loss_is_the_cross_entropy_of_labels():
    scores = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    first = np.log(np.exp([1, 2, 3]).sum()) - 3
    found = ClassificationLoss()(scores, torch.tensor([2, 0]))
    assert float(found) == pytest.approx((first + np.log(3)) / 2)


@pytest.mark.parametrize("activation", ["leaky_relu", "gelu"])
def test_scores_leave_features_alone(activation):
    features = torch.tensor([[-1.0, 2.0], [3.0, -4.0]])
    kept = features.clone()
    module = build(activation)
    scores = module.scores(features)
    assert scores.shape == (2, 3)
    assert torch.equal(features, kept)
    expected = scores.argmax(dim=1).numpy()
    np.testing.assert_array_equal(best_classes(module, kept.numpy(), CPU), expected)


def test_scores_are_linear_in_activated_features():
    module, images = build(), torch.rand(6, 1, 4, 5, generator=torch.Generator().manual_seed(0))
    features, variance = module.encode(images)
    assert variance is None
    activated = torch.where(features > 0, features, 0.1 * features)
    expected = activated @ module.head.weight.T + module.head.bias
    torch.testing.assert_close(module(images), expected)


def test_first_weights_are_those_of_the_seed():
    before = torch.random.get_rng_state()
    first, again, other = build(), build(), build(seed=1)
    assert torch.equal(torch.random.get_rng_state(), before)
    for name, value in first.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])
        assert "bias" in name or not torch.equal(value, other.state_dict()[name])
    architecture = Architecture((4, 5, 1), (4, 5, 1), 2, (3,))
    peer = build_autoencoder(architecture, mean_pixel=np.zeros(1), seed=0).encoder
    assert torch.equal(first.encoder.head.weight, peer.head.weight)
