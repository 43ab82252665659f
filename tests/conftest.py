"""Fixtures shared by all tests."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from sklatent import ConvAutoencoder, LatentGaussianModel

torch.set_num_threads(1)
threadpool_limits(1)


@pytest.fixture(scope="session")
def data_folder():
    """The folder of real image files, or a skip that says why."""
    folder = os.environ.get("SKLATENT_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SKLATENT_DATA names no folder of image files")
    return Path(folder)


@pytest.fixture(autouse=True)
def same_numbers_each_run():
    """What draws from NumPy's own state, as a PCA without a seed may, is the same in each run."""
    np.random.seed(0)  # noqa: NPY002


@pytest.fixture
def rng():
    """A generator with a fixed seed."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def digits():
    """300 digits (n, 8, 8), float64 from 0 to 16; not to be written to."""
    images = load_digits().images[:300].copy()
    images.flags.writeable = False
    return images


@pytest.fixture(scope="session")
def small():
    """Make a tiny seeded autoencoder on the CPU, with parameters of one's own."""

    def make(latent_dim=4, **parameters):
        tiny = {
            "channels": (8, 8),
            "max_epochs": 2,
            "batch_size": 128,
            "learning_rate": 2e-3,
            "random_state": 0,
            "device": "cpu",
            "linear_path": False,
            "mirror": False,
            "precision": "float32",
        }
        return ConvAutoencoder(latent_dim, **(tiny | parameters))

    return make


@pytest.fixture(scope="session")
def fitted(small, digits):
    """A tiny autoencoder fitted to `digits`; not to be changed."""
    return small().fit(digits)


@pytest.fixture(scope="session")
def latent():
    """600 normal points of 4 correlated components; not to be written to."""
    root = np.array([[2.0, 0, 0, 0], [1.0, 1.0, 0, 0], [0, 0, 0.5, 0], [0.3, 0, 0.2, 1.0]])
    points = np.random.default_rng(0).normal(size=(600, 4)) @ root.T + [0.0, 1.0, -2.0, 5.0]
    points.flags.writeable = False
    return points


@pytest.fixture(scope="session")
def latent_model(latent):
    """The normal distribution of `latent`; not to be changed."""
    return LatentGaussianModel().fit(latent)
