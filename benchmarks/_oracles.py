"""What other packages compute for the same features and images, where they are installed.

torchmetrics, torch-fidelity and prdc are no requirements. Each function imports its own.
"""

from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO

import numpy as np
import torch

from sklatent import metrics

__all__ = [
    "is_installed",
    "neighbors_here",
    "neighbors_of_prdc",
    "of_features",
    "of_images",
]

N_NEIGHBORS = 5
_BORDER = 5


def is_installed(package):
    """Tell whether a package can be imported, without importing it."""
    return find_spec(package) is not None


def frechet_of_torchmetrics(X, Y):
    from torchmetrics.image.fid import _compute_fid

    moments = [part for Z in (X, Y) for part in (Z.mean(axis=0), np.cov(Z, rowvar=False))]
    return float(_compute_fid(*map(torch.from_numpy, moments)))


def frechet_of_torch_fidelity(X, Y):
    from torch_fidelity.metric_fid import fid_statistics_to_metric

    parts = [{"mu": Z.mean(axis=0), "sigma": np.cov(Z, rowvar=False)} for Z in (X, Y)]
    return fid_statistics_to_metric(*parts, verbose=False)["frechet_inception_distance"]


def kernel_of_torchmetrics(X, Y):
    from torchmetrics.image.kid import poly_mmd

    return float(poly_mmd(torch.from_numpy(X), torch.from_numpy(Y)))


def kernel_of_torch_fidelity(X, Y):
    """Of all points in one subset, which makes it the estimate of all pairs."""
    from torch_fidelity.metric_kid import kid_features_to_metric

    found = kid_features_to_metric(
        torch.from_numpy(X),
        torch.from_numpy(Y),
        kid_subsets=1,
        kid_subset_size=len(X),
        verbose=False,
    )
    return found["kernel_inception_distance_mean"]


def neighbors_of_torch_fidelity(X, Y):
    from torch_fidelity.metric_prc import prc_features_to_metric

    found = prc_features_to_metric(
        torch.from_numpy(Y),
        torch.from_numpy(X),
        prc_neighborhood=N_NEIGHBORS,
        prc_batch_size=10_000,
        save_cpu_ram=False,
        verbose=False,
    )
    return found["precision"], found["recall"]


def neighbors_of_prdc(X, Y):
    from prdc import compute_prdc

    with redirect_stdout(StringIO()):
        found = compute_prdc(X, Y, N_NEIGHBORS)
    return tuple(float(found[name]) for name in ("precision", "recall", "density", "coverage"))


def neighbors_here(X, Y):
    return (
        *metrics.precision_recall(X, Y, N_NEIGHBORS),
        *metrics.density_coverage(X, Y, N_NEIGHBORS),
    )


def _channels_first(images):
    return torch.from_numpy(images).permute(0, 3, 1, 2)


def psnr_of_torchmetrics(images, other):
    from torchmetrics.functional.image import peak_signal_noise_ratio

    return peak_signal_noise_ratio(
        _channels_first(other),
        _channels_first(images),
        data_range=1.0,
        reduction="none",
        dim=(1, 2, 3),
    ).numpy()


def ssim_of_torchmetrics(images, other, *, border=True):
    """With the windows across the border, which it mirrors, or without them."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    values, everywhere = structural_similarity_index_measure(
        _channels_first(other),
        _channels_first(images),
        data_range=1.0,
        reduction="none",
        return_full_image=True,
    )
    if border:
        return values.numpy()
    inside = slice(_BORDER, -_BORDER)
    return everywhere[:, :, inside, inside].mean(dim=(1, 2, 3)).numpy()


def of_features():
    """Return rows of metric, package, its function of two sets, and the function here."""
    return [
        ("Frechet", "torchmetrics", frechet_of_torchmetrics, metrics.frechet_distance),
        ("Frechet", "torch_fidelity", frechet_of_torch_fidelity, metrics.frechet_distance),
        ("kernel", "torchmetrics", kernel_of_torchmetrics, _kernel_value),
        ("kernel", "torch_fidelity", kernel_of_torch_fidelity, _kernel_value),
        ("precision, recall", "torch_fidelity", neighbors_of_torch_fidelity, _precision_recall),
        ("the same, density, coverage", "prdc", neighbors_of_prdc, neighbors_here),
    ]


def of_images():
    """Return the same rows for metrics of images in [0, 1] and reconstructions."""
    ssim = "SSIM, Gaussian window"
    return [
        ("PSNR", "torchmetrics", psnr_of_torchmetrics, metrics.psnr),
        (ssim, "torchmetrics", ssim_of_torchmetrics, _gaussian_ssim),
        (f"{ssim}, inside", "torchmetrics", _ssim_inside, _gaussian_ssim),
        ("SSIM, flat window", "torchmetrics", ssim_of_torchmetrics, metrics.ssim),
    ]


def _kernel_value(X, Y):
    return metrics.kernel_distance(X, Y).value


def _precision_recall(X, Y):
    return tuple(metrics.precision_recall(X, Y, N_NEIGHBORS))


def _gaussian_ssim(images, other):
    return metrics.ssim(images, other, gaussian_weights=True)


def _ssim_inside(images, other):
    return ssim_of_torchmetrics(images, other, border=False)
