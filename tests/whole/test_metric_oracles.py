"""Metrics against torchmetrics, torch-fidelity and prdc, where they are installed."""

import warnings

import numpy as np
import pytest
import torch

from sklatent import metrics as m


def optional(module):
    """Import a module of a package that is no requirement, or skip and say so."""
    with warnings.catch_warnings():
        # What others warn of when they are imported is no concern here.
        warnings.simplefilter("ignore")
        return pytest.importorskip(module, reason=f"{module.split('.')[0]} is not installed")


@pytest.fixture
def sets(rng):
    """Two sets of as many points, which differ a little."""
    return rng.normal(size=(300, 12)), 0.1 + 0.9 * rng.normal(size=(300, 12))


@pytest.fixture
def pair(rng):
    """Colour images and noisy ones, in [0, 1]."""
    images = rng.uniform(size=(5, 20, 18, 3))
    return images, np.clip(images + 0.1 * rng.normal(size=images.shape), 0, 1)


def moments(X):
    return X.mean(axis=0), np.cov(X, rowvar=False)


def channels_first(images):
    return torch.from_numpy(images).permute(0, 3, 1, 2)


def test_frechet_of_torchmetrics(sets):
    module = optional("torchmetrics.image.fid")
    parts = [torch.from_numpy(part) for X in sets for part in moments(X)]
    assert m.frechet_distance(*sets) == pytest.approx(float(module._compute_fid(*parts)))


def test_frechet_of_torch_fidelity(sets):
    module = optional("torch_fidelity.metric_fid")
    parts = [dict(zip(("mu", "sigma"), moments(X), strict=True)) for X in sets]
    found = module.fid_statistics_to_metric(*parts, verbose=False)
    assert m.frechet_distance(*sets) == pytest.approx(found["frechet_inception_distance"])


def test_kernel_distance_of_torchmetrics(sets):
    module = optional("torchmetrics.image.kid")
    found = module.poly_mmd(*map(torch.from_numpy, sets))
    assert m.kernel_distance(*sets).value == pytest.approx(float(found))


def test_kernel_distance_of_torch_fidelity(sets):
    """One subset of all points is the estimate of all pairs."""
    module = optional("torch_fidelity.metric_kid")
    found = module.kid_features_to_metric(
        *map(torch.from_numpy, sets), kid_subsets=1, kid_subset_size=300, verbose=False
    )
    expected = found["kernel_inception_distance_mean"]
    assert m.kernel_distance(*sets).value == pytest.approx(expected)


def test_precision_and_recall_of_torch_fidelity(sets):
    module = optional("torch_fidelity.metric_prc")
    real, generated = map(torch.from_numpy, sets)
    found = module.prc_features_to_metric(
        generated,
        real,
        prc_neighborhood=4,
        prc_batch_size=100,
        save_cpu_ram=False,
        verbose=False,
    )
    expected = found["precision"], found["recall"]
    # It takes means in float32.
    assert tuple(m.precision_recall(*sets, 4)) == pytest.approx(expected, rel=1e-6)


def test_neighbours_of_prdc(sets):
    module = optional("prdc")
    found = module.compute_prdc(*sets, 5)
    ours = (*m.precision_recall(*sets, 5), *m.density_coverage(*sets, 5))
    assert ours == pytest.approx(
        [float(found[name]) for name in ("precision", "recall", "density", "coverage")]
    )


def test_psnr_of_torchmetrics(pair):
    module = optional("torchmetrics.functional.image")
    images, noisy = map(channels_first, pair)
    found = module.peak_signal_noise_ratio(
        noisy, images, data_range=1.0, reduction="none", dim=(1, 2, 3)
    )
    np.testing.assert_allclose(m.psnr(*pair, value_range=(0, 1)), found.numpy())


def test_ssim_of_torchmetrics(pair):
    """Equal on windows inside the image; torchmetrics averages mirrored borders too."""
    module = optional("torchmetrics.functional.image")
    images, noisy = map(channels_first, pair)
    _, everywhere = module.structural_similarity_index_measure(
        noisy, images, data_range=1.0, reduction="none", return_full_image=True
    )
    inside = everywhere[:, :, 5:-5, 5:-5].mean(dim=(1, 2, 3)).numpy()
    np.testing.assert_allclose(m.ssim(*pair, gaussian_weights=True, value_range=(0, 1)), inside)
