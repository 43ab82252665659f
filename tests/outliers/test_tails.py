"""Scaled chi-squared fits and their tails, against scipy and against exact values."""

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA

from sklatent._outliers.tails import ScaledChiSquare, fit_scaled_chi_square, log_tail


def test_moments_of_the_fit_are_those_of_the_distances(rng):
    distances = rng.gamma(3.0, 2.0, size=500)
    mean, degrees = fit_scaled_chi_square(distances)
    fitted = stats.chi2(degrees, scale=mean / degrees)
    assert fitted.mean() == pytest.approx(distances.mean())
    assert fitted.var() == pytest.approx(distances.var())


def test_joint_tails_of_normal_data_are_chi_squared(rng):
    """Fisher: of independent distances, -2 sum log p has 4 degrees of freedom.

    The residual has five equal variances, so that it is exactly chi-squared.
    """
    n = 20_000
    X = rng.normal(size=(n, 8)) * [5, 4, 3, 1, 1, 1, 1, 1]
    pca = PCA(3).fit(X)
    latent = pca.transform(X)
    far = (np.square(latent) / pca.explained_variance_).sum(axis=1)
    residual = np.square(X - pca.inverse_transform(latent)).sum(axis=1)
    fits = [fit_scaled_chi_square(values) for values in (residual, far)]
    # 2 m^2 / s^2 has a relative standard error of about sqrt((24 / d + 8) / n), under 0.03.
    np.testing.assert_allclose([fit.degrees_of_freedom for fit in fits], [5, 3], rtol=0.1)
    joint = log_tail(residual, fits[0]) + log_tail(far, fits[1])
    assert stats.kstest(-2 * joint, stats.chi2(4).cdf).statistic < 0.02


@pytest.mark.parametrize("degrees", [0.3, 2.0, 7.5, 300.0, 1e4])
def test_tails_against_scipy(degrees):
    fit = ScaledChiSquare(3.0, degrees)
    x = stats.chi2(degrees, scale=3.0 / degrees).isf([0.99, 0.5, 0.1, 1e-10, 1e-200])
    np.testing.assert_allclose(log_tail(x, fit), np.log([0.99, 0.5, 0.1, 1e-10, 1e-200]), rtol=1e-8)


def test_two_degrees_of_freedom_are_exponential_however_far():
    x = np.array([0.0, 1.0, 599.0, 601.0, 1e3, 1e9])
    np.testing.assert_allclose(log_tail(x, ScaledChiSquare(1.0, 2.0)), -x, rtol=1e-12)


@pytest.mark.parametrize("degrees", [0.3, 7.5, 300.0, 1e4])
def test_far_tails_join_without_a_step(degrees):
    """Where one way of computing takes over from the other."""
    fit = ScaledChiSquare(1.0, degrees)
    upper = stats.chi2(degrees, scale=1 / degrees).isf(1e-230)
    x = np.linspace(upper, 2 * upper, 2_001)
    logs = log_tail(x, fit)
    assert logs[0] > -600 > logs[-1]
    slopes = np.diff(logs)
    assert (slopes < 0).all()
    np.testing.assert_allclose(slopes[1:], slopes[:-1], rtol=0.01)


def test_units_do_not_matter(rng):
    values = rng.chisquare(4, size=300)
    fits = [fit_scaled_chi_square(scale * values) for scale in (1.0, 1e-6)]
    np.testing.assert_allclose(log_tail(values, fits[0]), log_tail(1e-6 * values, fits[1]))


def test_a_distance_that_does_not_vary_tells_nothing():
    fit = fit_scaled_chi_square(np.full(100, 0.1))
    assert fit.degrees_of_freedom == 0
    np.testing.assert_array_equal(log_tail([0.0, 5.0], fit), 0)
    assert fit_scaled_chi_square(np.zeros(3)).degrees_of_freedom == 0


def test_negative_distances_count_as_zero():
    assert log_tail([-1.0], ScaledChiSquare(1.0, 3.0))[0] == 0
