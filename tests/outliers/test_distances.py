"""Distances of images, by whichever methods estimators have."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor

from sklatent import LatentGaussianModel
from sklatent._outliers.complexity import image_complexity
from sklatent._outliers.distances import (
    check_methods,
    errors_and_complexity,
    latent_distance,
    nearest_neighbours,
    reconstruction_distance,
    training_distance,
)


@pytest.fixture
def points(rng):
    return rng.normal(size=(300, 3))


def test_errors_of_principal_components_in_blocks(rng):
    X = rng.normal(size=(1_100, 5))
    pca = PCA(2).fit(X)
    latent = pca.transform(X)
    expected = np.square(X - pca.inverse_transform(latent)).mean(axis=1)
    np.testing.assert_allclose(reconstruction_distance(pca, X, latent), expected)


def test_errors_of_an_autoencoder_are_its_own(small, digits):
    fitted = small().fit(digits)
    found = reconstruction_distance(fitted, digits, fitted.transform(digits))
    np.testing.assert_allclose(found, fitted.reconstruction_error(digits))


def test_complexity_stands_beside_errors(small, digits):
    fitted = small().fit(digits)
    latent = fitted.transform(digits)
    errors = fitted.reconstruction_error(digits)
    alone = errors_and_complexity(fitted, digits, latent, False)
    np.testing.assert_allclose(alone, errors[:, None])
    beside = errors_and_complexity(fitted, digits, latent, True)
    np.testing.assert_allclose(beside[:, 0], errors)
    np.testing.assert_array_equal(beside[:, 1:], image_complexity(digits, (8, 8, 1)))


def test_latent_distances(points):
    model = LatentGaussianModel().fit(points)
    np.testing.assert_array_equal(latent_distance(model, points), model.mahalanobis_squared(points))
    forest = IsolationForest(n_estimators=20, random_state=0).fit(points)
    np.testing.assert_array_equal(latent_distance(forest, points), -forest.score_samples(points))
    np.testing.assert_array_equal(
        training_distance(forest, points), latent_distance(forest, points)
    )


def test_no_point_of_training_is_its_own_neighbour(points):
    factors = LocalOutlierFactor(novelty=True).fit(points)
    found = training_distance(factors, points)
    np.testing.assert_array_equal(found, -LocalOutlierFactor().fit(points).negative_outlier_factor_)
    # Beside itself a point looks less alone.
    assert found.mean() > latent_distance(factors, points).mean()


def test_few_points_have_few_neighbours():
    assert nearest_neighbours(12).n_neighbors == 11
    assert nearest_neighbours(50).n_neighbors == 20


def test_methods_are_checked():
    check_methods(PCA(), None, None)
    check_methods(PCA(), LatentGaussianModel(), None)
    check_methods(PCA(), None, IsolationForest())
    with pytest.raises(TypeError, match="autoencoder must have"):
        check_methods(IsolationForest(), None, None)
    with pytest.raises(TypeError, match="density must have fit and one of mahalanobis_squared"):
        check_methods(PCA(), LocalOutlierFactor(), None)
