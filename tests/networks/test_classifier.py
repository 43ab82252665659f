"""A classifier in the form of an autoencoder."""

import numpy as np
import pytest
import torch

from sklatent._networks.classifier import (
    ClassificationLoss,
    ClassScores,
    best_classes,
    one_hot_images,
)
from sklatent._networks.convolutional import ModuleOutput


def test_one_hot_images():
    images = one_hot_images(np.array([2, 0]), 3)
    assert images.shape == (2, 1, 1, 3)
    np.testing.assert_array_equal(images[:, 0, 0], [[0, 0, 255], [255, 0, 0]])


def test_loss_is_the_cross_entropy_of_labels():
    scores = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])[:, :, None, None]
    targets = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])[:, :, None, None]
    first = np.log(np.exp([1, 2, 3]).sum()) - 3
    found = ClassificationLoss()(ModuleOutput(scores, scores, None), targets)
    assert float(found) == pytest.approx((first + np.log(3)) / 2)


@pytest.mark.parametrize("activation", ["leaky_relu", "gelu"])
def test_scores_leave_features_alone(activation):
    features = torch.tensor([[-1.0, 2.0], [3.0, -4.0]])
    kept = features.clone()
    module = ClassScores(2, 3, activation)
    scores = module(features)
    assert scores.shape == (2, 3, 1, 1)
    assert torch.equal(features, kept)
    expected = scores.flatten(1).argmax(dim=1).numpy()
    np.testing.assert_array_equal(best_classes(module, kept.numpy(), torch.device("cpu")), expected)
