"""A density and a pipeline that paths run in."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel, make_latent_pipeline


@pytest.fixture(scope="module")
def model():
    """A Gaussian of 6 correlated components that lies off the origin."""
    rng = np.random.default_rng(0)
    return LatentGaussianModel().fit(rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6)) + 5)


@pytest.fixture(scope="module")
def pipeline(digits, small):
    return make_latent_pipeline(small(), PCA(3), LatentGaussianModel()).fit(digits)
