"""A small classifier of images, whose encoder gives features."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sklatent._typing import FloatArray, IntArray

from .architecture import Architecture, default_encoder, seeded_torch
from .convolutional import ACTIVATIONS

__all__ = ["ClassificationLoss", "Classifier", "best_classes", "build_classifier"]


class Classifier(nn.Module):
    """An encoder, and an activation and a linear layer from its features to scores of classes."""

    def __init__(self, encoder: nn.Module, head: nn.Linear, activation: str):
        super().__init__()
        self.encoder = encoder
        self.activation = ACTIVATIONS[activation]()
        self.head = head

    def encode(self, images: Tensor) -> tuple[Tensor, None]:
        """Return features (n, d) of images (n, C, H, W), which are given without a variance."""
        return self.encoder(images), None

    def scores(self, features: Tensor) -> Tensor:
        """Map features (n, d) to one raw score a class, (n, n_classes)."""
        # An activation in place would overwrite the features.
        return self.head(self.activation(features.clone()))

    def forward(self, images: Tensor) -> Tensor:
        """Map images to raw scores."""
        return self.scores(self.encoder(images))


@torch.inference_mode(False)
def build_classifier(architecture: Architecture, n_classes: int, seed: int) -> Classifier:
    """Return a classifier on the CPU, whose features are the codes of the default encoder."""
    encoder = default_encoder(architecture, torch.Generator().manual_seed(seed))
    with seeded_torch(seed, torch.device("cpu")):
        head = nn.Linear(architecture.n_codes, n_classes, dtype=torch.float32)
    return Classifier(encoder, head, architecture.activation)


class ClassificationLoss(nn.Module):
    """Mean over images of the cross-entropy of class probabilities, in nats."""

    def forward(self, output: Tensor, target: Tensor, module: nn.Module | None = None) -> Tensor:
        """Return the loss of raw scores (n, n_classes) against numbers of classes (n,)."""
        return functional.cross_entropy(output.float(), target)


@torch.inference_mode()
def best_classes(classifier: Classifier, features: FloatArray, device: torch.device) -> IntArray:
    """Return the number of the class of highest score for each row of features (n, d)."""
    scores = classifier.scores(torch.tensor(features, dtype=torch.float32, device=device))
    return scores.argmax(dim=1).cpu().numpy()
