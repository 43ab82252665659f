"""Moments of points: exact, merged in any order, of parts."""

from functools import reduce

import numpy as np
import pytest

from sklatent._covariance import moments as moments_module
from sklatent._covariance.moments import (
    compute_moments,
    correlation_matrix,
    covariance_matrix,
    merge_moments,
    select_moments,
)

EPS = np.finfo(np.float64).eps
MIXING = np.array([[2.0, 0.0, 0.0], [1.0, 0.5, 0.0], [-1.0, 0.2, 3.0]])


def draw(rng, n=500, mean=0.0):
    return rng.standard_normal((n, 3)) @ MIXING.T + mean


def test_moments_equal_numpy(rng):
    X = draw(rng)
    moments = compute_moments(X)
    assert moments.n_samples == 500
    np.testing.assert_allclose(moments.mean, X.mean(axis=0), atol=1e-14)
    np.testing.assert_allclose(covariance_matrix(moments), np.cov(X.T, bias=True), rtol=1e-12)


def test_moments_of_many_chunks_equal_those_of_one(rng, monkeypatch):
    X = draw(rng)
    whole = compute_moments(X)
    monkeypatch.setattr(moments_module, "CHUNK_VALUES", 21)
    chunked = compute_moments(X)
    np.testing.assert_allclose(chunked.mean, whole.mean, atol=1e-14)
    np.testing.assert_allclose(chunked.scatter, whole.scatter, rtol=1e-12)


@pytest.mark.parametrize("mean", [0.0, 1e8])
def test_merge_in_any_order_equals_one_pass(rng, mean):
    X = draw(rng, mean=mean)
    whole = compute_moments(X)
    parts = [compute_moments(part) for part in np.split(X, [1, 30, 250])]
    # A mean is off by half a unit in its last place, a product with a
    # difference of means, here below 10, by as much times that.
    atol = 10 * EPS * max(mean, 10.0)
    for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]):
        merged = reduce(merge_moments, [parts[index] for index in order])
        assert merged.n_samples == whole.n_samples
        np.testing.assert_allclose(merged.mean, whole.mean, rtol=2 * EPS, atol=1e-14)
        np.testing.assert_allclose(
            covariance_matrix(merged), covariance_matrix(whole), atol=atol, rtol=1e-12
        )


@pytest.mark.parametrize("mean", [0.0, 1e8])
def test_higher_moments_of_one_pass_and_of_a_merge(rng, mean):
    X = np.round(draw(rng), 3) + mean
    centred = (X.astype(np.longdouble) - X.astype(np.longdouble).mean(axis=0)).astype(np.float64)
    squared = np.square(centred).sum(axis=1)
    merged = reduce(merge_moments, [compute_moments(part) for part in np.split(X, [1, 30, 250])])
    for moments in (compute_moments(X), merged):
        # A mean is off by its rounding; so is each centred point.
        rtol = 1e-12 + 10 * EPS * mean
        size = (squared**1.5).sum()
        np.testing.assert_allclose(moments.third, squared @ centred, atol=rtol * size)
        assert moments.fourth == pytest.approx(squared @ squared, rel=rtol)


@pytest.mark.parametrize("d", [1, 7, 400])
@pytest.mark.parametrize("order", ["C", "F"])
def test_moments_of_any_layout_and_width(rng, d, order):
    X = np.asarray(rng.normal(3.0, 1.0, (2100, d)), order=order)[::2]
    moments = compute_moments(X)
    np.testing.assert_allclose(moments.mean, X.mean(axis=0), rtol=1e-13)
    expected = np.cov(X.T, bias=True).reshape(d, d)
    np.testing.assert_allclose(covariance_matrix(moments), expected, atol=1e-12)


def test_a_large_mean_does_not_spoil_the_covariance(rng):
    X = np.round(draw(rng), 3) + 1e8
    expected = np.cov((X - 1e8).T, bias=True)
    np.testing.assert_allclose(covariance_matrix(compute_moments(X)), expected, rtol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_component_has_no_variance_at_all(rng, dtype, monkeypatch):
    monkeypatch.setattr(moments_module, "CHUNK_VALUES", 30)
    X = draw(rng).astype(dtype)
    X[:, 1] = 0.1
    moments = compute_moments(X)
    assert moments.scatter[1, 1] == 0
    assert moments.mean[1] == dtype(0.1)
    assert moments.eps == np.finfo(dtype).eps


def test_coarsest_type_is_kept():
    coarse = compute_moments(np.ones((2, 1), np.float32))
    fine = compute_moments(np.ones((2, 1), np.int64))
    assert fine.eps == EPS
    assert merge_moments(fine, coarse).eps == np.finfo(np.float32).eps


@pytest.mark.parametrize("X", [np.empty((0, 2)), np.ones(3)])
def test_moments_need_rows(X):
    with pytest.raises(ValueError, match="X must be of shape"):
        compute_moments(X)


def test_correlation_of_a_dead_component_is_that_of_an_independent_one():
    covariance = np.array([[4.0, 0.0, -1.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 1.0]])
    correlation = correlation_matrix(covariance, np.array([True, False, True]))
    np.testing.assert_array_equal(correlation, [[1, 0, -0.5], [0, 1, 0], [-0.5, 0, 1]])


def test_moments_of_some_components(rng):
    X, chosen = draw(rng), np.array([2, 0])
    part, expected = select_moments(compute_moments(X), chosen), compute_moments(X[:, chosen])
    np.testing.assert_allclose(part.mean, expected.mean, rtol=1e-13)
    np.testing.assert_allclose(part.scatter, expected.scatter, rtol=1e-13)
    # Lengths of whole points are not those of their parts.
    assert np.isnan([*part.third, part.fourth]).all()
    assert (part.whole, expected.whole) == (False, True)
