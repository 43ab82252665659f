"""Losses of an autoencoder, each with its reduction stated."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ._networks import ModuleOutput, to_pixels

__all__ = ["RECONSTRUCTION_LOSSES", "AutoencoderLoss", "kl_divergence"]


def binary_cross_entropy(raw: Tensor, target: Tensor) -> Tensor:
    """Mean over all pixel values of the cross-entropy of `target` in [0, 1], in nats."""
    return functional.binary_cross_entropy_with_logits(raw, target)


def squared_error(raw: Tensor, target: Tensor) -> Tensor:
    """Mean over all pixel values of the squared error on the [0, 1] scale."""
    return functional.mse_loss(to_pixels(raw), target)


RECONSTRUCTION_LOSSES = {"bce": binary_cross_entropy, "mse": squared_error}


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of N(mean, diag(variance)) from N(0, I), in nats, shape (n,).

    0.5 * sum(mean^2 + variance - 1 - log variance) over the latent components
    (Kingma and Welling, ICLR 2014, appendix B).
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=1)


class AutoencoderLoss(nn.Module):
    """Reconstruction, plus the weighted divergence and latent penalty, per pixel value.

    With N pixel values in an image the loss is the batch mean of

        reconstruction + (kl_weight * KL + latent_penalty * |z|^2) / N

    where reconstruction is a mean over pixel values, and KL and |z|^2 are sums
    over latent components.
    """

    def __init__(self, loss: str, kl_weight: float = 0.0, latent_penalty: float = 0.0):
        super().__init__()
        self.reconstruction = RECONSTRUCTION_LOSSES[loss]
        self.kl_weight = kl_weight
        self.latent_penalty = latent_penalty

    def forward(self, output: ModuleOutput, target: Tensor) -> Tensor:
        """Return the loss of a batch as a scalar."""
        raw = output.raw.float()
        loss = self.reconstruction(raw, target)
        n_values = target[0].numel()
        if output.log_variance is not None:
            divergence = kl_divergence(output.mean.float(), output.log_variance.float())
            loss = loss + self.kl_weight * divergence.mean() / n_values
        if self.latent_penalty:
            square_norm = torch.linalg.vector_norm(output.mean.float(), dim=1).square()
            loss = loss + self.latent_penalty * square_norm.mean() / n_values
        return loss
