"""Steps of expectation and maximisation, against scikit-learn's."""

import warnings

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from sklatent.samplers import _expectation
from sklatent.samplers._expectation import (
    Mixture,
    climb,
    expect,
    log_densities,
    maximise,
    most_likely,
    root_precisions,
    single,
)

KINDS = ["full", "tied", "diag", "spherical"]


def unit(kind, k, d):
    """Return unit covariances of a kind."""
    return {
        "full": np.tile(np.eye(d), (k, 1, 1)),
        "tied": np.eye(d),
        "diag": np.ones((k, d)),
        "spherical": np.ones(k),
    }[kind]


def start(Y, kind, k=5):
    return Mixture(np.full(k, 1 / k), Y[:k].astype(float), unit(kind, k, Y.shape[1]), kind)


def theirs(Y, mixture, rounds, reg_covar=1e-3):
    """Return scikit-learn's fit after some rounds from where a mixture stands."""
    roots = root_precisions(mixture)
    flat = mixture.kind in ("diag", "spherical")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianMixture(
            len(mixture.means),
            covariance_type=mixture.kind,
            max_iter=rounds,
            tol=0,
            reg_covar=reg_covar,
            weights_init=mixture.weights,
            means_init=mixture.means,
            precisions_init=roots**2 if flat else roots @ roots.swapaxes(-1, -2),
        ).fit(Y)


@pytest.fixture
def points(rng):
    clouds = [rng.normal(-1, 1, (300, 3)), rng.normal(1, 2, (400, 3))]
    return rng.permutation(np.concatenate(clouds))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("k", "rows"), [(5, 256), (5, 5000), (2, 256)])
def test_rounds_are_scikit_learns(points, kind, k, rows, monkeypatch):
    # Few components go another way; the smaller blocks leave a rest of 700 points.
    monkeypatch.setattr(_expectation, "BLOCK", 0)
    monkeypatch.setattr(_expectation, "LEAST_ROWS", rows)
    other = theirs(points, start(points, kind, k), 7)
    ours, heights = climb(
        points, start(points, kind, k), reg_covar=1e-3, tol=-1.0, max_iter=7, n_parts=1
    )
    # Rounding of 700 numbers of the order 10, amplified by seven rounds.
    close = {"rtol": 1e-9, "atol": 1e-11}
    np.testing.assert_allclose(ours.weights, other.weights_, **close)
    np.testing.assert_allclose(ours.means, other.means_, **close)
    np.testing.assert_allclose(ours.covariances, other.covariances_, **close)
    np.testing.assert_allclose(root_precisions(ours), other.precisions_cholesky_, **close)
    np.testing.assert_allclose(log_densities(points, ours), other.score_samples(points), **close)
    np.testing.assert_array_equal(most_likely(points, ours), other.predict(points))
    assert heights[-1] == pytest.approx(other.lower_bound_, rel=1e-10)
    assert len(heights) == 7
    assert ours.weights.sum() == pytest.approx(1, abs=1e-14)


def test_densities_are_those_of_normals(rng):
    Y, roots = rng.normal(size=(50, 4)), rng.normal(size=(3, 4, 4))
    weights, means = np.array([0.5, 0.3, 0.2]), rng.normal(size=(3, 4))
    covariances = roots @ roots.swapaxes(1, 2) + 0.1 * np.eye(4)
    terms = [
        np.log(w) + multivariate_normal(m, c).logpdf(Y)
        for w, m, c in zip(weights, means, covariances, strict=True)
    ]
    found = log_densities(Y, Mixture(weights, means, covariances, "full"))
    np.testing.assert_allclose(found, logsumexp(terms, axis=0), rtol=1e-10)
    # The sums' last column counts the points of each component.
    statistics, height = expect(Y, Mixture(weights, means, covariances, "full"))
    shares = np.exp(terms - logsumexp(terms, axis=0))
    np.testing.assert_allclose(statistics[:, -1], shares.sum(axis=1), rtol=1e-10)
    np.testing.assert_allclose(statistics[:, -5:-1], shares @ Y, rtol=1e-8, atol=1e-10)
    assert height == pytest.approx(found.sum(), rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_parts", [1, 4])
def test_the_likelihood_rises_with_each_round(points, kind, n_parts):
    heights, mixture = [], start(points, kind)
    for _ in range(12):
        mixture, _ = climb(points, mixture, reg_covar=0.0, tol=0.0, max_iter=2, n_parts=n_parts)
        heights.append(log_densities(points, mixture).mean())
    assert np.all(np.diff(heights) > -1e-12)
    assert heights[-1] > heights[0] + 1e-3


def test_parts_reach_the_same_summit(rng):
    Y = np.concatenate([rng.normal(-4, 1, (2000, 2)), rng.normal(4, 2, (2000, 2))])
    first = Mixture(
        np.full(2, 0.5), np.array([[-1.0, 0.0], [1.0, 0.0]]), unit("full", 2, 2), "full"
    )
    whole, slow = climb(Y, first, reg_covar=0.0, tol=1e-12, max_iter=500, n_parts=1)
    parts, quick = climb(Y, first, reg_covar=0.0, tol=1e-12, max_iter=500, n_parts=10)
    np.testing.assert_allclose(parts.means, whole.means, atol=1e-4)
    np.testing.assert_allclose(parts.covariances, whole.covariances, atol=1e-3)
    assert len(quick) < len(slow)


@pytest.mark.parametrize("kind", KINDS)
def test_one_component_has_the_moments_of_the_points(points, kind):
    found = single(points, kind, 0.5)
    covariance = np.cov(points.T, ddof=0) + 0.5 * np.eye(3)
    expected = {
        "full": covariance[None],
        "tied": covariance,
        "diag": np.diag(covariance)[None],
        "spherical": np.diag(covariance).mean(keepdims=True),
    }[kind]
    np.testing.assert_allclose(found.covariances, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.means[0], points.mean(axis=0), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_component_without_points_stays_finite(points, kind):
    far = start(points, kind)
    far.means[0] = 1e4
    found, heights = climb(points, far, reg_covar=1e-3, tol=0.0, max_iter=5, n_parts=1)
    other = theirs(points, far, 5)
    assert found.weights[0] < 1e-15
    assert np.all(np.isfinite(heights))
    np.testing.assert_allclose(found.covariances, other.covariances_, rtol=1e-9, atol=1e-11)


def test_points_on_top_of_each_other_get_the_least_spread():
    Y = np.repeat([[0.0, 0.0], [3.0, 1.0]], 50, axis=0)
    first = Mixture(np.full(2, 0.5), Y[[0, -1]], unit("full", 2, 2), "full")
    found, _ = climb(Y, first, reg_covar=1e-4, tol=1e-6, max_iter=50)
    np.testing.assert_allclose(found.covariances, np.tile(1e-4 * np.eye(2), (2, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(found.means, Y[[0, -1]], atol=1e-12)
    with pytest.raises(np.linalg.LinAlgError):
        climb(Y, first, reg_covar=0.0, tol=1e-6, max_iter=50)


def test_single_precision_is_computed_in_double(points):
    rough = points.astype(np.float32)
    one, _ = climb(rough, start(points, "full"), reg_covar=0.0, tol=0.0, max_iter=5)
    two, _ = climb(rough.astype(float), start(points, "full"), reg_covar=0.0, tol=0.0, max_iter=5)
    assert one.covariances.dtype == np.float64
    np.testing.assert_array_equal(one.covariances, two.covariances)


def test_all_components_share_tied_statistics(points):
    statistics, _ = expect(points, start(points, "tied"))
    found = maximise(statistics, 3, "tied", 0.0)
    # Total scatter is scatter within and between.
    between = np.cov(found.means.T, aweights=found.weights, ddof=0)
    total = np.cov(points.T, ddof=0)
    np.testing.assert_allclose(found.covariances + between, total, rtol=1e-9, atol=1e-12)
