"""Centres of classes and attributes, and directions between them."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.paths import attribute_centers, attribute_direction, class_centers, move_along


@pytest.fixture(scope="module")
def groups():
    """Points with a shift along component 0, which is correlated with component 1."""
    rng = np.random.default_rng(0)
    y = rng.random(4000) < 0.3
    noise = rng.multivariate_normal([0, 0, 0], [[1, 0.8, 0], [0.8, 1, 0], [0, 0, 4]], 4000)
    return noise + np.outer(y, [2.0, 0.0, 0.0]), y


def test_centres_are_means(rng):
    Z, y = rng.normal(size=(200, 3)), rng.choice(["b", "a", "c"], size=200)
    found = class_centers(Z.astype(np.float32), y)
    assert found.classes.tolist() == ["a", "b", "c"]
    for name, center, n in zip(*found, strict=True):
        np.testing.assert_allclose(center, Z[y == name].mean(axis=0), atol=1e-6)
        assert n == np.sum(y == name)


def test_attributes_have_two_centres_each(rng):
    Z, Y = rng.normal(size=(100, 3)), rng.choice([-1, 1], size=(100, 4))
    found = attribute_centers(Z, Y)
    for a in range(4):
        np.testing.assert_allclose(found.having[a], Z[Y[:, a] == 1].mean(axis=0))
        np.testing.assert_allclose(found.without[a], Z[Y[:, a] == -1].mean(axis=0))
    np.testing.assert_array_equal(found.counts[:, 1], (Y == 1).sum(axis=0))
    np.testing.assert_allclose(attribute_direction(Z, Y), found.having - found.without)


def test_the_difference_of_means(groups):
    Z, y = groups
    found = attribute_direction(Z, y)
    np.testing.assert_allclose(found, Z[y].mean(axis=0) - Z[~y].mean(axis=0))
    np.testing.assert_allclose(attribute_direction(Z, np.where(y, "yes", "no")), found)
    np.testing.assert_allclose(attribute_direction(Z, ~y), -found)


def test_the_adjusted_direction_is_the_discriminant(groups):
    Z, y = groups
    found = attribute_direction(Z, y, method="covariance-adjusted", shrinkage=None)
    difference = attribute_direction(Z, y)
    within = (y.sum() * np.cov(Z[y].T, bias=True) + (~y).sum() * np.cov(Z[~y].T, bias=True)) / len(
        y
    )
    weights = np.linalg.solve(within, difference)
    np.testing.assert_allclose(found, weights * (weights @ difference) / (weights @ weights))
    # The projection of both on the discriminant is the same.
    np.testing.assert_allclose(weights @ found, weights @ difference)
    # Component 1 does not differ, but says what component 0 would be without the attribute.
    assert abs(difference[1]) < 0.15
    assert found[1] / found[0] == pytest.approx(-0.8, abs=0.05)
    shrunk = attribute_direction(Z, y, method="covariance-adjusted")
    np.testing.assert_allclose(shrunk, found, atol=0.05)


def test_of_moves_along_the_discriminant_each_is_shortest_in_its_metric(groups, rng):
    Z, y = groups
    means = attribute_direction(Z, y)
    adjusted = attribute_direction(Z, y, method="covariance-adjusted", shrinkage=None)
    within = np.cov((Z - np.outer(y, means)).T, bias=True)
    others = means + rng.normal(size=(500, 3)) @ (
        np.eye(3) - np.outer(adjusted, adjusted) / (adjusted @ adjusted)
    )
    np.testing.assert_allclose(others @ adjusted, means @ adjusted)
    assert np.all(np.einsum("ij,ij->i", others, others) >= adjusted @ adjusted)
    lengths = np.einsum("ij,ij->i", others @ np.linalg.inv(within), others)
    assert np.all(lengths >= means @ np.linalg.inv(within) @ means)


def test_dead_components_get_no_part(groups):
    Z, y = groups
    wide = np.column_stack([Z, np.full(len(Z), 3.0)])
    for shrinkage in ("auto", None):
        found = attribute_direction(wide, y, method="covariance-adjusted", shrinkage=shrinkage)
        alone = attribute_direction(Z, y, method="covariance-adjusted", shrinkage=shrinkage)
        assert found[3] == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(found[:3], alone, atol=0.05)


def test_equal_means_have_no_direction():
    Z, y = [[0.0, 1.0], [2.0, 1.0], [1.0, 0.0], [1.0, 2.0]], [0, 0, 1, 1]
    for method in ("means", "covariance-adjusted"):
        np.testing.assert_array_equal(attribute_direction(Z, y, method=method), [0, 0])


@pytest.mark.parametrize("method", ["means", "covariance-adjusted"])
def test_digits_become_others(method):
    images, labels = load_digits(return_X_y=True)
    pipeline = make_latent_pipeline(PCA(16, random_state=0), LatentGaussianModel()).fit(images)
    Z = pipeline[:-1].transform(images)
    two = np.isin(labels, [1, 7])
    direction = attribute_direction(Z[two], labels[two], method=method)
    classifier = LinearDiscriminantAnalysis().fit(Z[two], labels[two])
    edited = move_along(images[labels == 1], direction, [0, 1], unit="direction", pipeline=pipeline)
    before, after = edited.points.swapaxes(0, 1)
    assert np.mean(classifier.predict(before) == 7) < 0.02
    assert np.mean(classifier.predict(after) == 7) > 0.98
    assert edited.decode().shape == (np.sum(labels == 1), 2, 64)
    if method == "means":
        np.testing.assert_allclose(after.mean(axis=0), Z[labels == 7].mean(axis=0))
    seven = attribute_direction(Z, labels, positive=7)
    np.testing.assert_allclose(seven, Z[labels == 7].mean(axis=0) - Z[labels != 7].mean(axis=0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": [0, 1]}, "y must have one row for each of 4 points of Z; got 2"),
        ({"y": 0}, r"y must be of shape \(n,\) or \(n, a\)"),
        ({"y": [0, 1, 2, 2]}, "y must have two classes where positive is None; got 3"),
        ({"y": [1, 1, 1, 1]}, "y must have two classes where positive is None; got 1"),
        ({"positive": 5}, r"positive must be one of at least two classes, \[0, 1\]; got 5"),
        ({"y": [[0], [1], [1], [0]], "positive": 1}, "positive must be None"),
        ({"y": [[0, 1], [1, 1], [1, 1], [0, 1]]}, "column 1 has 1"),
        ({"y": [[0.0], [1.0], [np.nan], [1.0]]}, "y must be finite"),
        ({"y": [0.1, 0.2, 0.3, 0.4]}, "Unknown label type"),
        ({"method": "lda"}, "method must be one of 'means', 'covariance-adjusted'"),
        ({"Z": [[np.nan]] * 4}, "Z contains NaN"),
    ],
)
def test_errors_name_the_parameter(arguments, message):
    given = {"Z": np.arange(8.0).reshape(4, 2), "y": [0, 0, 1, 1]} | arguments
    with pytest.raises(ValueError, match=message):
        attribute_direction(**given)
