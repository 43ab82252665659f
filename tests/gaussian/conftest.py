"""Points of unlike scales, and their normal distribution."""

import pytest

from sklatent import LatentGaussianModel


@pytest.fixture
def scaled(rng):
    """4,000 normal points of 4 components, the second and last of them correlated."""
    Z = rng.normal(size=(4000, 4)) * [1.0, 5.0, 0.1, 3.0] + [0, -3, 20, 0]
    Z[:, 3] += 0.4 * Z[:, 1]
    return Z


@pytest.fixture
def scaled_model(scaled):
    """The normal distribution of `scaled`."""
    return LatentGaussianModel().fit(scaled)
