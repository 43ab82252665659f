"""Paths between points and between images: ends, lengths, distributions, and what cannot be."""

import numpy as np
import pytest
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent.paths import linear_path, matched_path, slerp_path
from sklatent.paths._between import interpolate, match, turn

PATHS = (linear_path, slerp_path, matched_path)


@pytest.fixture(scope="module")
def flat():
    """A Gaussian of rank 3 in 5 components, one of them dead."""
    rng = np.random.default_rng(1)
    Z = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 5))
    Z[:, 4] = 2.0
    return LatentGaussianModel().fit(Z)


def at_radii(model, radii, seed=0):
    """Return points of given Mahalanobis distances in random directions."""
    white = np.random.default_rng(seed).normal(size=(len(radii), model.rank_))
    white *= (np.array(radii) / np.linalg.norm(white, axis=1))[:, None]
    return model.inverse_transform(white)


@pytest.mark.parametrize("path", PATHS)
def test_waypoints_are_met_exactly(path, model, flat, rng):
    for gaussian, d in ((model, 6), (flat, 5)):
        X = rng.normal(size=(4, d)) * 7
        found = path(X, 5, model=gaussian)
        np.testing.assert_array_equal(found.points[::4], X)
        np.testing.assert_array_equal(found.positions[::4], np.arange(4))
        assert found.points.shape == (13, d)
        np.testing.assert_array_equal(path(X[:2], 2, model=gaussian).points, X[:2])
        # Neighbours of a waypoint lie near it, also off the support.
        fine = path(X[:2], 10_001, model=gaussian).points
        step = np.linalg.norm(np.diff(fine, axis=0), axis=1)
        assert step.max() < 1e-2 * np.linalg.norm(X[1] - X[0])


def test_the_straight_path_is_straight(model):
    X = model.sample(2, random_state=0)
    found = linear_path(X, 11, model=model)
    np.testing.assert_allclose(found.points, np.linspace(*X, 11), atol=1e-12)
    np.testing.assert_allclose(found.mahalanobis_squared, model.mahalanobis_squared(found.points))


def test_the_turning_path_keeps_the_radius_and_turns_evenly(model):
    X = at_radii(model, [2.5, 2.5])
    found = slerp_path(X, 9, model=model)
    np.testing.assert_allclose(found.mahalanobis_squared, 2.5**2)
    white = model.transform(found.points) / 2.5
    cosines = (white[1:] * white[:-1]).sum(axis=1)
    np.testing.assert_allclose(cosines, cosines[0])
    u, v = white[[0, -1]]
    omega, t = np.arccos(u @ v), np.linspace(0, 1, 9)[:, None]
    np.testing.assert_allclose(
        white, (np.sin((1 - t) * omega) * u + np.sin(t * omega) * v) / np.sin(omega), atol=1e-9
    )


def test_unequal_radii_go_linearly_from_one_to_the_other(model):
    found = slerp_path(at_radii(model, [1.0, 4.0]), 7, model=model)
    np.testing.assert_allclose(np.sqrt(found.mahalanobis_squared), np.linspace(1, 4, 7))


def test_half_way_between_two_axes():
    a, b, t = np.array([1.0, 0.0]), np.array([0.0, 3.0]), np.array([0.5])
    np.testing.assert_allclose(turn(a, b, t), [[np.sqrt(2), np.sqrt(2)]])
    np.testing.assert_allclose(match(a, b, t), [[np.sqrt(0.5), 3 * np.sqrt(0.5)]])
    np.testing.assert_allclose(interpolate(a, b, t), [[0.5, 1.5]])


def test_nearly_opposite_points_stay_at_their_radii():
    a, b = np.array([1.0, 0.0]), np.array([-2.0, 1e-6])
    radii = np.linalg.norm(turn(a, b, np.linspace(0, 1, 5)), axis=1)
    np.testing.assert_allclose(radii, np.linspace(1, 2, 5))


def test_distributions_half_way_between_draws(model):
    """Linear midpoints of draws have half the covariance, matched ones all of it."""
    draws = model.sample(4_001, random_state=0)
    middles = slice(1, None, 4)  # Every other leg, so that midpoints are independent.
    linear = linear_path(draws, 3, model=model).mahalanobis_squared[middles]
    matched = matched_path(draws, 3, model=model)
    squared = matched.mahalanobis_squared[middles]
    assert stats.kstest(2 * linear, stats.chi2(6).cdf).pvalue > 0.01
    assert stats.kstest(squared, stats.chi2(6).cdf).pvalue > 0.01
    covariance = np.cov(model.transform(matched.points[middles]).T)
    # Elements of a covariance of 2,000 points of N(0, I) scatter by 0.022, or 0.032 on the
    # diagonal: five standard deviations.
    np.testing.assert_allclose(covariance, np.eye(6), atol=0.16)
    quarters = matched_path(draws, 5, model=model).mahalanobis_squared[1::8]
    assert stats.kstest(quarters, stats.chi2(6).cdf).pvalue > 0.01


def test_percentiles_are_shares_of_the_distribution(model):
    X = at_radii(model, [0.5, 4.0])
    found = linear_path(X, 5, model=model)
    np.testing.assert_allclose(
        found.density_percentile, 100 * stats.chi2.sf(found.mahalanobis_squared, 6)
    )
    ranked = linear_path(X, 5, model=model, reference=model.sample(20_000, random_state=0))
    # Shares of 20,000 points have a standard error of at most 0.36 %.
    np.testing.assert_allclose(ranked.density_percentile, found.density_percentile, atol=1.5)


def test_equal_points(model):
    X = np.repeat(at_radii(model, [2.0]), 2, axis=0)
    for path in (linear_path, slerp_path):
        np.testing.assert_allclose(path(X, 5, model=model).points, X[[0] * 5])
    bulge = matched_path(X, 3, model=model).mahalanobis_squared
    np.testing.assert_allclose(bulge, [4, 8, 4])


def test_from_the_mean_a_turning_path_goes_straight(model):
    X = np.stack([model.mean_, at_radii(model, [3.0])[0]])
    for ends in (X, X[::-1]):
        turned = slerp_path(ends, 5, model=model).points
        np.testing.assert_allclose(turned, linear_path(ends, 5).points)
    still = slerp_path(X[[0, 0]], 3, model=model)
    np.testing.assert_array_equal(still.mahalanobis_squared, [0, 0, 0])


def test_opposite_points_have_no_one_arc(model):
    white = np.eye(6)[:1] * 2
    X = model.inverse_transform(np.concatenate([white, -white]))
    with pytest.raises(ValueError, match="X must not have two neighbouring points in opposite"):
        slerp_path(X, model=model)
    middle = matched_path(X, 3, model=model).mahalanobis_squared
    np.testing.assert_allclose(middle, [4, 0, 4], atol=1e-20)
    by_way_of = model.inverse_transform(np.stack([white[0], 2 * np.eye(6)[1], -white[0]]))
    np.testing.assert_allclose(slerp_path(by_way_of, 5, model=model).mahalanobis_squared, 4)


def test_what_lies_off_the_support_goes_along_linearly(flat):
    off = np.array([0.0, 0.0, 0.0, 0.0, 1.0])
    X = at_radii(flat, [2.0, 2.0]) + np.array([[0.0], [3.0]]) * off
    for path in (slerp_path, matched_path):
        found = path(X, 4, model=flat)
        np.testing.assert_allclose(found.points[:, 4], [2, 3, 4, 5])
        np.testing.assert_allclose(flat.support_distance(found.points), [0, 1, 2, 3], atol=1e-9)
    np.testing.assert_allclose(slerp_path(X, 4, model=flat).mahalanobis_squared, 4)


def test_a_model_of_one_point_has_straight_paths():
    model = LatentGaussianModel().fit([[1.0, 2.0], [1.0, 2.0]])
    X = np.array([[1.0, 2.0], [3.0, 2.0]])
    for path in PATHS:
        found = path(X, 3, model=model)
        np.testing.assert_allclose(found.points, [[1, 2], [2, 2], [3, 2]])
        np.testing.assert_array_equal(found.density_percentile, [100, 100, 100])


@pytest.mark.parametrize("path", PATHS)
def test_images_are_joined_by_images(path, pipeline, digits):
    found = path(digits[:3], 4, pipeline=pipeline)
    assert found.points.shape == (7, 3)
    images = found.decode()
    assert images.shape == (7, 8, 8)
    np.testing.assert_allclose(images[::3], pipeline.reconstruct(digits[:3]), atol=1e-4)
    same = path(pipeline[:-1].transform(digits[:3]), 4, model=pipeline[-1])
    np.testing.assert_allclose(same.points, found.points)
    np.testing.assert_allclose(same.decode(pipeline), images)
    np.testing.assert_allclose(same.density_percentile, found.density_percentile)
    ranked = path(digits[:3], 4, pipeline=pipeline, reference=digits)
    steps = np.asarray(ranked.density_percentile) * len(digits) / 100
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"X": [[0.0] * 6]}, ValueError, "X must hold two waypoints or more; got 1"),
        ({"X": [[0.0] * 5] * 2}, ValueError, "X must have 6 components, as the model has; got 5"),
        ({"X": [0.0] * 6}, ValueError, "X must be latent points of shape"),
        ({"X": [[np.nan] * 6] * 2}, ValueError, "X contains NaN"),
        ({"X": [["a"] * 6] * 2}, TypeError, "X must hold numbers"),
        ({"n_points": 1}, ValueError, "n_points must be an integer of at least 2; got 1"),
        ({"n_points": 2.5}, TypeError, "n_points must be an integer"),
        ({"model": "gaussian"}, TypeError, "model must be a fitted density"),
        ({"model": None}, TypeError, "model must be a LatentGaussianModel for slerp_path; got N"),
        ({"pipeline": "x"}, TypeError, "pipeline must be a scikit-learn Pipeline, or an auto"),
        ({"reference": [[0.0] * 5] * 2}, ValueError, "reference must have 6 components"),
        ({"pipeline": LatentGaussianModel()}, TypeError, "pipeline must be a scikit-learn Pipe"),
    ],
)
def test_errors_name_the_parameter(model, arguments, error, message):
    given = {"X": at_radii(model, [1.0, 2.0]), "n_points": 3, "model": model} | arguments
    with pytest.raises(error, match=message):
        slerp_path(**given)
