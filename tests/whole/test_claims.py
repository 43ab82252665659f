"""Statements about latent distributions that are often made, and what is right of them."""

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from sklatent import LatentGaussianModel


def model_of(covariance):
    """A model with mean 0 and exactly this covariance."""
    root = np.linalg.cholesky(covariance)
    points = np.sqrt(len(covariance)) * np.vstack([root.T, -root.T])
    return LatentGaussianModel().fit(points)


def test_intervals_of_components_are_no_sufficient_restriction(rng):
    """Of points within all intervals, pi / 4 * sqrt(1 - rho^2) lie in the ellipse inscribed."""
    rho = 0.95
    model = model_of(np.array([[1.0, rho], [rho, 1.0]]))
    bounds = model.intervals(n_std=2.4477)
    points = rng.uniform(bounds[:, 0], bounds[:, 1], size=(20_000, 2))
    inside = model.mahalanobis_squared(points) <= 2.4477**2
    share = np.pi / 4 * np.sqrt(1 - rho**2)
    assert share == pytest.approx(0.245, abs=0.001)
    assert inside.sum() == pytest.approx(20_000 * share, abs=4 * np.sqrt(20_000 * share))


def test_principal_components_of_covariance_and_of_correlation_differ(rng):
    """Both decorrelate, on different axes."""
    Z = rng.multivariate_normal([0, 0], [[100.0, 6.0], [6.0, 1.0]], size=2_000)
    of_covariance, of_correlation = PCA().fit(Z), PCA().fit(StandardScaler().fit_transform(Z))
    for decorrelated in (
        of_covariance.transform(Z),
        of_correlation.transform(StandardScaler().fit_transform(Z)),
        LatentGaussianModel().fit(Z).transform(Z),
    ):
        assert abs(np.corrcoef(decorrelated.T)[0, 1]) < 1e-9
    # The long axis of the covariance leans by 0.5 * atan2(2 * 6, 100 - 1) = 3.46 degrees.
    cosine = abs(of_covariance.components_[0, 0])
    assert np.degrees(np.arccos(cosine)) == pytest.approx(3.46, abs=0.6)
    np.testing.assert_allclose(np.abs(of_correlation.components_[0]), np.sqrt(0.5), atol=1e-9)


def test_all_pairs_within_two_sigma_do_not_make_a_likely_point():
    """Three variables at rho = -0.49: each pair is inside, and the joint distance is 150."""
    model = model_of(np.full((3, 3), -0.49) + 1.49 * np.eye(3))
    point = np.full((1, 3), np.sqrt(0.999 * 4 * 0.51 / 2))
    assert model.ellipses(n_std=2).contains(point).all()
    (squared,) = model.mahalanobis_squared(point)
    assert squared == pytest.approx(3 * point[0, 0] ** 2 / 0.02)
    assert squared > 150
    assert stats.chi2.sf(squared, 3) < 1e-30


def test_three_sigma_in_every_plane_excludes_most_true_points(rng):
    """In 200 dimensions 11 % of the points lie within 3.5 sigma in every plane, 0.2 % within 3."""
    Z = rng.standard_normal((4_000, 200))
    largest_two = np.sort(Z**2, axis=1)[:, -2:].sum(axis=1)
    model = model_of(np.eye(200))
    for n_std, share in ((3.0, 0.0018), (3.5, 0.11), (4.0, 0.55)):
        inside = model.ellipses(n_std=n_std).joint_coverage(Z)
        assert inside == pytest.approx((largest_two <= n_std**2).mean(), abs=2 / 4_000)
        assert inside == pytest.approx(share, abs=4 * np.sqrt(share / 4_000))
