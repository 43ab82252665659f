"""Principal axes of images read block by block, against scikit-learn and closed forms."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression

import sklatent._images.principal as principal
from sklatent._autoencoder.start import unit_reader
from sklatent._images.format import ImageFormat
from sklatent._images.principal import (
    errors_by_number,
    principal_axes,
    principal_regression,
    projection_errors,
    random_subset,
)


def axes_of(images, n_components, rows=None, seed=0):
    rows = np.arange(len(images)) if rows is None else rows
    rng = np.random.RandomState(seed)
    return principal_axes(reader(images), rows, images[0].size, n_components, rng)


def reader(images):
    return unit_reader(images, ImageFormat.of(images))


def flat(images):
    return ImageFormat.of(images).to_unit(images).reshape(len(images), -1).astype(np.float64)


@pytest.mark.parametrize("n_rows", [1, 7, 1000])
def test_axes_are_those_of_scikit_learn(digits, monkeypatch, n_rows):
    monkeypatch.setattr(principal, "_BLOCK_VALUES", 64 * n_rows)
    axes, peer = axes_of(digits, 10), PCA(10).fit(flat(digits))
    np.testing.assert_allclose(axes.mean, peer.mean_, atol=1e-6)
    np.testing.assert_allclose(axes.variances, peer.explained_variance_, rtol=1e-4)
    np.testing.assert_allclose(np.abs(axes.components @ peer.components_.T), np.eye(10), atol=1e-3)
    assert axes.explained == pytest.approx(peer.explained_variance_ratio_.sum(), rel=1e-4)


def test_axes_of_some_rows_are_those_of_these_images(digits):
    rows = np.arange(3, 300, 4)
    some, alone = axes_of(digits, 5, rows), axes_of(digits[rows], 5)
    np.testing.assert_allclose(some.variances, alone.variances, rtol=1e-5)
    np.testing.assert_allclose(some.mean, alone.mean, atol=1e-6)


def falling_images(rng, n_images=200, side=40, n_axes=60):
    """Images whose variances along random axes fall as 1 / k^2."""
    axes = np.linalg.qr(rng.normal(size=(side * side, n_axes)))[0].T
    scores = rng.normal(size=(n_images, n_axes)) / np.arange(1, n_axes + 1)
    return (scores @ axes).reshape(n_images, side, side)


def test_wide_images_take_the_way_of_subspace_iteration(rng):
    images = falling_images(rng)
    axes, peer = axes_of(images, 20), PCA(20, svd_solver="full").fit(flat(images))
    assert images[0].size > principal._EXACT_WIDTH
    np.testing.assert_allclose(axes.components @ axes.components.T, np.eye(20), atol=1e-5)
    # Variances within a subspace are at most the true ones. With 10 columns more,
    # 4 steps leave a share of at most (variance 31 / variance 20)^8 = (20 / 31)^16 < 0.001.
    ratio = axes.variances / peer.explained_variance_
    assert np.all(ratio < 1 + 1e-4)
    assert np.all(ratio > 1 - 1e-3)


def test_the_seed_alone_decides(rng):
    images = falling_images(rng)
    first, again = axes_of(images, 20), axes_of(images, 20)
    np.testing.assert_array_equal(first.components, again.components)
    assert not np.array_equal(first.components, axes_of(images, 20, seed=1).components)


@pytest.mark.parametrize(("n", "expected"), [(1, 0), (2, 1), (5, 4)])
def test_few_images_have_fewer_axes(digits, n, expected):
    axes = axes_of(digits[:n], 10)
    assert axes.components.shape == (expected, 64)
    assert axes.variances.shape == (expected,)
    assert projection_errors(axes, reader(digits[:n]), np.arange(n))[0] < 1e-10


def test_axes_without_variance_are_left_out(digits):
    # Three pixels of the digits are always 0.
    rank = np.linalg.matrix_rank(flat(digits) - flat(digits).mean(axis=0))
    axes = axes_of(digits, 64)
    assert len(axes.variances) == rank < 64
    assert np.all(axes.variances > 0)
    same = np.full((4, 8, 8), 0.3)
    assert len(axes_of(same, 3).variances) == 0


def test_projection_error_is_that_of_scikit_learn(digits):
    train, test = np.arange(200), np.arange(200, 300)
    axes, peer = axes_of(digits, 8, train), PCA(8).fit(flat(digits)[train])
    expected = flat(digits)[test]
    back = peer.inverse_transform(peer.transform(expected))
    error, each = projection_errors(axes, reader(digits), test)
    assert error == pytest.approx(np.square(back - expected).mean(), rel=1e-5)
    np.testing.assert_allclose(each, np.square(back - expected).mean(axis=1), rtol=1e-4)


def test_images_as_their_own_targets_have_the_axes_as_loadings(digits):
    read, rows = reader(digits), np.arange(300)
    axes = axes_of(digits, 8)
    mean, loadings = principal_regression(axes, read, read, rows, 64)
    other_mean, others = principal_regression(axes, read, reader(digits.copy()), rows, 64)
    np.testing.assert_allclose(loadings, axes.components.T * np.sqrt(axes.variances), rtol=1e-6)
    np.testing.assert_allclose(mean, other_mean, atol=1e-6)
    np.testing.assert_allclose(loadings, others, atol=1e-5)


def test_loadings_of_other_targets_are_those_of_least_squares(digits, rng, monkeypatch):
    monkeypatch.setattr(principal, "_BLOCK_VALUES", 64 * 3 * 40)
    y = np.stack([digits**2 / 16, 16 - digits, rng.uniform(0, 16, digits.shape)], axis=-1)
    rows = np.arange(10, 250)
    axes = axes_of(digits, 8, rows)
    mean, loadings = principal_regression(axes, reader(digits), reader(y), rows, 3 * 64)
    scores = (flat(digits)[rows] - axes.mean) @ axes.components.T / np.sqrt(axes.variances)
    peer = LinearRegression().fit(scores, flat(y)[rows])
    np.testing.assert_allclose(mean, peer.intercept_, atol=1e-5)
    np.testing.assert_allclose(loadings, peer.coef_, atol=1e-5)


def test_subsets_are_sorted_draws_without_repeats():
    few = np.array([5, 3, 9])
    np.testing.assert_array_equal(random_subset(few, np.random.RandomState(0)), [3, 5, 9])
    rows = np.arange(0, 60_000, 2)
    subset = random_subset(rows, np.random.RandomState(0))
    assert len(np.unique(subset)) == len(subset) == 10_000
    assert set(subset) <= set(rows)
    assert np.all(np.diff(subset) > 0)
    again, other = (random_subset(rows, np.random.RandomState(seed)) for seed in (0, 1))
    np.testing.assert_array_equal(subset, again)
    assert not np.array_equal(subset, other)


def test_errors_of_several_numbers_of_axes_are_those_of_single_decompositions(digits, monkeypatch):
    """Digits have fewer than 64 axes: beyond these nothing is left but rounding."""
    monkeypatch.setattr(principal, "_BLOCK_VALUES", 64 * 30)
    rows, test = np.arange(200), np.arange(200, 300)
    numbers = [12, 3, 40, 1]
    errors = errors_by_number(axes_of(digits, 40, rows), reader(digits), test, numbers)
    for error, k in zip(errors, numbers, strict=True):
        peer = PCA(k, svd_solver="full").fit(flat(digits[rows]))
        back = peer.inverse_transform(peer.transform(flat(digits[test])))
        assert error == pytest.approx(np.square(back - flat(digits[test])).mean(), rel=1e-4)
        alone = projection_errors(axes_of(digits, k, rows), reader(digits), test)[0]
        assert error == pytest.approx(alone, rel=1e-4)


def test_beyond_all_axes_the_error_is_that_of_all(digits):
    axes, rows = axes_of(digits, 6), np.arange(300)
    six, seven = errors_by_number(axes, reader(digits), rows, [6, 7])
    assert six == seven == pytest.approx(projection_errors(axes, reader(digits), rows)[0], rel=1e-6)
