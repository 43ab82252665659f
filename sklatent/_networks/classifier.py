"""A classifier of images in the form of an autoencoder.

The encoder gives features, and what stands for the decoder maps them to one raw score a
class: an image of one pixel whose channels are the classes. So batches, training and
read-outs are those of autoencoders.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .convolutional import ACTIVATIONS, ModuleOutput

__all__ = ["ClassScores", "ClassificationLoss", "best_classes", "one_hot_images"]


def one_hot_images(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return labels (n,), from 0 upward, as images (n, 1, 1, n_classes) of 0 and 255."""
    images = np.zeros((len(labels), 1, 1, n_classes), dtype=np.uint8)
    images[np.arange(len(labels)), 0, 0, labels] = 255
    return images


class ClassScores(nn.Module):
    """An activation and a linear layer: features (n, d) to raw scores (n, n_classes, 1, 1)."""

    def __init__(self, n_features: int, n_classes: int, activation: str):
        super().__init__()
        self.activation = ACTIVATIONS[activation]()
        self.head = nn.Linear(n_features, n_classes)

    def forward(self, features: Tensor) -> Tensor:
        """Map features to raw scores."""
        # An activation in place would overwrite the features.
        return self.head(self.activation(features.clone()))[:, :, None, None]


class ClassificationLoss(nn.Module):
    """Mean over images of the cross-entropy of class probabilities, in nats."""

    kl_weight = 0.0

    def forward(
        self, output: ModuleOutput, target: Tensor, decoder: nn.Module | None = None
    ) -> Tensor:
        """Return the loss of a batch, of raw scores against images from `one_hot_images`."""
        return functional.cross_entropy(output.raw.float().flatten(1), target.flatten(1))


@torch.inference_mode()
def best_classes(module: nn.Module, features: np.ndarray, device: torch.device) -> np.ndarray:
    """Return the number of the class of highest score for each row of features (n, d)."""
    scores = module(torch.tensor(features, dtype=torch.float32, device=device))
    return scores.flatten(1).argmax(dim=1).cpu().numpy()
