"""A network beside PCA with as many components, on images that were held out."""

from typing import Any, NamedTuple

import numpy as np

from sklatent._typing import FloatArray

from .parameters import may_have_linear_path

__all__ = ["FEWEST_IMAGES", "MOST_HELD_OUT", "Comparison", "compare", "loss_to_pca"]

FEWEST_IMAGES = 500
MOST_HELD_OUT = 2000
_N_STANDARD_ERRORS = 2.0
_WEIGHTS = ("kl_weight", "latent_penalty", "decoder_weight_decay")


class Comparison(NamedTuple):
    """How much larger the network's squared error is, on average over images held out.

    `standard_error` is that of the mean of the differences, image by image; NaN for one image.
    """

    n_images: int
    difference: float
    standard_error: float

    @property
    def lost(self) -> bool:
        """Whether the network loses by more than two standard errors."""
        return self.difference > _N_STANDARD_ERRORS * self.standard_error


def compare(of_network: FloatArray, of_pca: FloatArray) -> Comparison:
    """Compare the squared errors of the same images, each (n,)."""
    differences = of_network - of_pca
    n = len(differences)
    deviation = differences.std(ddof=1) if n > 1 else np.nan
    return Comparison(n, float(differences.mean()), float(deviation / np.sqrt(n)))


def _advice(autoencoder: Any) -> list[str]:
    """Return what may bring the error of a fitted `ConvAutoencoder` down."""
    weights = [name for name in _WEIGHTS if getattr(autoencoder, name) > 0]
    advice = [f"a smaller {' and '.join(weights)}"] if weights else []
    if autoencoder.loss in ("l1", "ssim"):
        advice.append("loss='mse'")
    if autoencoder.best_epoch_ == 0:
        advice.append(f"a smaller learning_rate (now {autoencoder.net_.lr:g})")
    else:
        advice.append(f"more epochs (max_epochs; it made {autoencoder.n_iter_})")
    if not autoencoder.linear_path_ and may_have_linear_path(autoencoder):
        advice.append("linear_path=True")
    if autoencoder.encoder is None or autoencoder.decoder is None:
        advice.append("a wider network (channels)")
    return advice


def loss_to_pca(autoencoder: Any, comparison: Comparison) -> str:
    """Say by how much a fitted `ConvAutoencoder` loses to PCA, and what to try."""
    of_network, of_pca = autoencoder.validation_error_, autoencoder.pca_validation_error_
    return (
        f"The network loses to PCA with as many components: on the {comparison.n_images} images "
        f"held out its mean squared error is {of_network:.4g} against {of_pca:.4g}, "
        f"{comparison.difference:.2g} more with a standard error of "
        f"{comparison.standard_error:.1g}. Try {', '.join(_advice(autoencoder))}, or take PCA "
        "itself in its place."
    )
