"""Losses of an autoencoder, each with its reduction stated."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from .convolutional import Autoencoder, ModuleOutput, to_pixels

__all__ = [
    "RECONSTRUCTION_LOSSES",
    "AutoencoderLoss",
    "LossName",
    "kl_divergence",
    "squared_weights",
    "structural_similarity",
]

LossName: TypeAlias = Literal["bce", "mse", "l1", "ssim"]

_WINDOW, _WINDOW_STD = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2
_SSIM_SHARE = 0.84


def binary_cross_entropy(raw: Tensor, target: Tensor) -> Tensor:
    """Mean over all pixel values of the cross-entropy of `target` in [0, 1], in nats."""
    return functional.binary_cross_entropy_with_logits(raw, target)


def squared_error(raw: Tensor, target: Tensor) -> Tensor:
    """Mean over all pixel values of the squared error on the [0, 1] scale."""
    return functional.mse_loss(to_pixels(raw), target)


def absolute_error(raw: Tensor, target: Tensor) -> Tensor:
    """Mean over all pixel values of the absolute error on the [0, 1] scale."""
    return functional.l1_loss(to_pixels(raw), target)


def _window_means(size: int, like: Tensor) -> Tensor:
    """Return the matrix (size - k + 1, size) of Gaussian means over all windows of k values."""
    width = min(_WINDOW, size - 1 + size % 2)
    offsets = torch.arange(width, dtype=like.dtype, device=like.device) - width // 2
    kernel = torch.exp(-0.5 * (offsets / _WINDOW_STD).square())
    matrix = like.new_zeros(size - width + 1, size + 1)
    matrix[:, :width] = kernel / kernel.sum()
    # Rows that are one longer than they are read move the kernel on by one in each.
    return matrix.flatten()[: (size - width + 1) * size].view(-1, size)


def structural_similarity(images: Tensor, target: Tensor) -> Tensor:
    """Return the mean structural similarity of each image on the [0, 1] scale, shape (n,).

    Over windows x, y of a channel, weighted by a Gaussian of standard deviation 1.5
    in 11 x 11 pixels, with c1 = 0.01^2 and c2 = 0.03^2,

        SSIM = (2 mx my + c1) (2 sxy + c2) / ((mx^2 + my^2 + c1) (sx^2 + sy^2 + c2))

    where m are means, s^2 variances and sxy the covariance; then the mean over all
    windows that lie inside the image, and over channels (Wang et al., IEEE Transactions
    on Image Processing 13, 2004, equation 13). An axis shorter than 11 pixels has the
    largest odd window that fits.

    `images` and `target` are (n, C, H, W) in [0, 1].
    """
    vertical = _window_means(images.shape[2], images)
    horizontal = _window_means(images.shape[3], images).T
    x, y = images.contiguous(), target.contiguous()
    products = torch.stack([x, y, x * x, y * y, x * y])
    mx, my, xx, yy, xy = vertical @ products @ horizontal
    luminance = (2 * mx * my + _C1) / (mx.square() + my.square() + _C1)
    structure = (2 * (xy - mx * my) + _C2) / (xx - mx.square() + yy - my.square() + _C2)
    return (luminance * structure).mean(dim=(1, 2, 3))


def structural_dissimilarity(raw: Tensor, target: Tensor) -> Tensor:
    """Mean over images of 0.84 (1 - SSIM) + 0.16 |error|.

    The absolute error, a mean over pixel values, keeps the brightness, which the
    similarity hardly sees. The shares are those of Zhao et al., IEEE Transactions on
    Computational Imaging 3, 2017, arXiv 1511.08861, who take the similarity at
    several scales; here it is at one.
    """
    pixels = to_pixels(raw)
    dissimilarity = 1.0 - structural_similarity(pixels, target).mean()
    error = functional.l1_loss(pixels, target)
    return _SSIM_SHARE * dissimilarity + (1 - _SSIM_SHARE) * error


RECONSTRUCTION_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "bce": binary_cross_entropy,
    "mse": squared_error,
    "l1": absolute_error,
    "ssim": structural_dissimilarity,
}


def squared_weights(decoder: nn.Module) -> Tensor:
    """Return the sum of the squared weights of a decoder's layers; biases and scales are none."""
    weights = (weight for weight in decoder.parameters() if weight.ndim > 1)
    return sum(
        (weight.square().sum() for weight in weights), start=torch.zeros((), dtype=torch.float32)
    )


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of N(mean, diag(variance)) from N(0, I), in nats, shape (n,).

    0.5 * sum(mean^2 + variance - 1 - log variance) over the latent components
    (Kingma and Welling, ICLR 2014, appendix B).
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=1)


class AutoencoderLoss(nn.Module):
    """Reconstruction, plus weighted divergence and penalties, per pixel value.

    With N pixel values in an image the loss is the batch mean of

        reconstruction
        + (kl_share * kl_weight * KL + latent_penalty * |z|^2 + decoder_weight_decay * |w|^2) / N

    where reconstruction is a mean over pixel values, KL and |z|^2 are sums over
    latent components, and |w|^2 is the sum over the weights of the decoder of the
    module, where one is given. `kl_share`, in [0, 1], is 1 unless training sets it.
    """

    def __init__(
        self,
        loss: str,
        kl_weight: float = 0.0,
        latent_penalty: float = 0.0,
        decoder_weight_decay: float = 0.0,
    ):
        super().__init__()
        self.reconstruction = RECONSTRUCTION_LOSSES[loss]
        self.kl_weight = kl_weight
        self.kl_share = 1.0
        self.latent_penalty = latent_penalty
        self.decoder_weight_decay = decoder_weight_decay

    def forward(
        self, output: ModuleOutput, target: Tensor, module: Autoencoder | None = None
    ) -> Tensor:
        """Return the loss of a batch as a scalar."""
        raw = output.raw.float()
        loss = self.reconstruction(raw, target)
        n_values = target[0].numel()
        if output.log_variance is not None:
            divergence = kl_divergence(output.mean.float(), output.log_variance.float())
            loss = loss + self.kl_share * self.kl_weight * divergence.mean() / n_values
        if self.latent_penalty:
            square_norm = torch.linalg.vector_norm(output.mean.float(), dim=1).square()
            loss = loss + self.latent_penalty * square_norm.mean() / n_values
        if self.decoder_weight_decay and module is not None:
            loss = loss + self.decoder_weight_decay * squared_weights(module.decoder) / n_values
        return loss
