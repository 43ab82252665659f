"""The cut-off normal: what it lacks, and the core of points with outliers."""

import warnings

import numpy as np
import pytest
from scipy import integrate, stats
from sklearn.base import clone
from sklearn.covariance import OAS, LedoitWolf, ShrunkCovariance
from sklearn.exceptions import ConvergenceWarning

from sklatent import LatentGaussianModel
from sklatent._covariance import truncated
from sklatent._covariance.moments import compute_moments, covariance_matrix
from sklatent._covariance.support import make_normal, squared_distances
from sklatent._covariance.truncated import core_factor, masked_moments, robust_start

COVARIANCE = np.array([[4.0, 1.2, 0.0], [1.2, 1.0, -0.3], [0.0, -0.3, 0.5]])
MEAN = np.array([1.0, -2.0, 30.0])


def draw(n, seed=3):
    return np.random.default_rng(seed).multivariate_normal(MEAN, COVARIANCE, n)


def largest_ratio(found, true):
    """Largest deviation from 1 of the variance ratio over all directions."""
    inverse = np.linalg.inv(np.linalg.cholesky(true))
    return np.abs(np.linalg.eigvalsh(inverse @ found @ inverse.T) - 1).max()


def test_a_core_of_few_points():
    with pytest.warns(UserWarning, match=r"core_coverage=0.9 is unreliable .*n_samples=29"):
        LatentGaussianModel(core_coverage=0.9).fit(draw(29))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LatentGaussianModel(core_coverage=0.9).fit(draw(30))


@pytest.mark.parametrize("rank", [1, 2, 5, 200])
@pytest.mark.parametrize("p", [0.3, 0.95])
def test_core_factor_is_the_variance_within_the_radius(rank, p):
    # E(d^2 given d^2 <= D^2) / r, by quadrature of the chi-squared density.
    edge = stats.chi2.ppf(p, rank)
    low = stats.chi2.ppf(1e-14, rank)
    first, _ = integrate.quad(
        lambda x: x * stats.chi2.pdf(x, rank), low, edge, points=[min(rank, edge)], limit=200
    )
    assert core_factor(p, rank) == pytest.approx(first / p / rank, rel=1e-7)


def test_core_factor_in_one_and_two_dimensions():
    # The variance of a normal variable cut off at +-a is 1 - 2 a phi(a) / p.
    a = stats.norm.ppf(0.975)
    assert core_factor(0.95, 1) == pytest.approx(1 - 2 * a * stats.norm.pdf(a) / 0.95, rel=1e-12)
    # In two dimensions d^2 / 2 is exponential, cut off at -log(1 - p).
    edge = -np.log(0.1)
    assert core_factor(0.9, 2) == pytest.approx(1 - edge * 0.1 / 0.9, rel=1e-12)


@pytest.mark.parametrize("d", [1, 3, 20])
@pytest.mark.parametrize("p", [0.8, 0.95])
def test_the_core_is_unbiased_on_normals(d, p):
    # Over many seeds, the mean log of the determinant's d-th root is that of all points, up to
    # its standard error and the bias of order d / n that any nonlinear estimate has.
    n, gaps, shares = 60 * d + 500, [], []
    for seed in range(30):
        Z = np.random.default_rng(seed).standard_normal((n, d)) * np.linspace(1, 9, d) + 2
        model, whole = LatentGaussianModel(core_coverage=p).fit(Z), LatentGaussianModel().fit(Z)
        gaps.append((model.normal_.log_determinant - whole.normal_.log_determinant) / d)
        shares.append(model.core_share_)
    assert abs(np.mean(gaps)) < 4 * np.std(gaps) / np.sqrt(len(gaps)) + 2 * d / n
    assert abs(np.mean(shares) - p) < 4 * np.std(shares) / np.sqrt(len(shares)) + 2 * d / n


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3])
@pytest.mark.parametrize("kind", ["cluster", "scatter", "line"])
@pytest.mark.parametrize("d", [1, 5, 30])
def test_far_outliers_lose_all_influence(share, kind, d):
    rng = np.random.default_rng(d)
    mixing = rng.standard_normal((d, d)) + np.diag(np.linspace(2, 6, d))
    n = 4000
    k = int(share * n)
    Z = rng.standard_normal((n, d)) @ mixing + 3
    inliers = Z[k:].copy()
    far = {
        "cluster": 1e4 + rng.standard_normal((k, d)),
        "scatter": 1e4 * rng.standard_normal((k, d)) + 1e4,
        "line": 1e4 * (1 + rng.random((k, 1))) * np.ones(d),
    }
    Z[:k] = far[kind]
    model = LatentGaussianModel(core_coverage=0.95).fit(Z)
    clean = LatentGaussianModel(core_coverage=0.95).fit(inliers)
    # Fixed points from two starts differ by less than the sampling error.
    kept = model.core_share_ * n / len(inliers)
    assert abs(kept - clean.core_share_) < np.sqrt(0.95 * 0.05 / len(inliers)) * 3
    assert largest_ratio(model.covariance_, clean.covariance_) < np.sqrt(d / len(inliers))
    # Eigenvalue ratios of a sample covariance span 1 +- 2 sqrt(d / n); a core's are noisier.
    assert largest_ratio(model.covariance_, mixing.T @ mixing) < 4 * np.sqrt(d / len(inliers))


def test_a_cluster_cannot_hide_by_stretching_the_covariance():
    # Their d^2 in the covariance of all points is (1 - share) / share = 9, well within the
    # radius of 31.4 at d = 20: rounds from that covariance would cut nothing.
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((5000, 20))
    Z[:500] = 100.0
    assert LatentGaussianModel().fit(Z).mahalanobis_squared(Z[:1]) == pytest.approx(9, abs=0.3)
    model = LatentGaussianModel(core_coverage=0.95).fit(Z)
    assert model.core_share_ == pytest.approx(0.9 * 0.95, abs=0.02)
    assert (model.predict(Z[:500]) == -1).all()


def test_units_do_not_change_the_core():
    Z, units = draw(1000), np.array([1e-6, 1.0, 1e6])
    model = LatentGaussianModel(core_coverage=0.9).fit(Z)
    scaled = LatentGaussianModel(core_coverage=0.9).fit(Z * units)
    assert scaled.core_share_ == model.core_share_
    np.testing.assert_allclose(scaled.mean_, model.mean_ * units, rtol=1e-12)
    np.testing.assert_allclose(scaled.covariance_, model.covariance_ * np.outer(units, units))


def test_the_core_lives_on_the_support():
    Z = np.random.default_rng(4).normal(size=(2000, 4))
    Z[:, 1], Z[:, 2] = 0.3, 2 * Z[:, 0]
    model = LatentGaussianModel(core_coverage=0.95).fit(Z)
    free = LatentGaussianModel(core_coverage=0.95).fit(Z[:, [0, 3]])
    assert model.rank_ == 2
    # The start measures in other coordinates; the fixed points differ by a few points at most.
    assert model.core_share_ == pytest.approx(free.core_share_, abs=3 / 2000)
    np.testing.assert_allclose(
        model.covariance_[np.ix_([0, 3], [0, 3])], free.covariance_, atol=0.02
    )


def test_the_core_of_many_points_is_found_from_a_subsample(monkeypatch):
    Z = draw(5000)
    Z[::10] += 500.0
    whole = LatentGaussianModel(core_coverage=0.95).fit(Z)
    monkeypatch.setattr(truncated, "START_POINTS", 300)
    part = LatentGaussianModel(core_coverage=0.95).fit(Z)
    assert part.core_share_ == pytest.approx(whole.core_share_, abs=3 / 5000)
    np.testing.assert_allclose(part.covariance_, whole.covariance_, atol=0.02)


@pytest.mark.parametrize("kind", ["ledoit_wolf", "oas", ShrunkCovariance(shrinkage=0.2)])
def test_other_estimates_of_the_core(kind):
    Z = draw(800)
    Z[:80] += 1000.0
    model = LatentGaussianModel(covariance=kind, core_coverage=0.95).fit(Z)
    core = LatentGaussianModel(core_coverage=0.95).fit(Z)
    inside = core.mahalanobis_squared(Z) <= stats.chi2.ppf(0.95, 3)
    peer = {"ledoit_wolf": LedoitWolf(), "oas": OAS()}.get(str(kind), kind)
    expected = clone(peer).fit(Z[inside]).covariance_ / core_factor(0.95, 3)
    np.testing.assert_allclose(model.covariance_, expected, rtol=1e-9, atol=1e-12)
    assert model.core_share_ == inside.mean()
    assert model.n_samples_seen_ == 800


def test_the_core_of_heavy_tails_keeps_its_own_scale():
    # The variance of t(3) is 3; without its tails it looks like less than half of that.
    Z = np.random.default_rng(0).standard_t(3, (20_000, 1))
    model = LatentGaussianModel(core_coverage=0.9).fit(Z)
    assert model.std_[0] ** 2 < 1.5
    assert model.core_share_ < 0.9


def test_a_core_that_collapses():
    Z = draw(300)
    Z[:200, 1] = 0.0
    with pytest.raises(ValueError, match="core_coverage must leave a core that varies in all 3"):
        LatentGaussianModel(core_coverage=0.9).fit(Z)


def test_rounds_that_do_not_end(monkeypatch):
    monkeypatch.setattr(truncated, "ITERATIONS", 1)
    with pytest.warns(ConvergenceWarning, match=r"core_coverage=0.9: .* after 1 rounds"):
        LatentGaussianModel(core_coverage=0.9).fit(draw(500))


def test_moments_of_masked_rows(monkeypatch):
    Z = draw(500)
    mask = Z[:, 0] > 1
    expected = compute_moments(Z[mask])
    monkeypatch.setattr(truncated, "CHUNK_VALUES", 3)
    found = masked_moments(Z, mask)
    assert found.n_samples == mask.sum()
    np.testing.assert_allclose(found.scatter, expected.scatter, rtol=1e-11)
    assert masked_moments(Z, np.zeros(500, dtype=bool)) is None


def test_the_robust_start_does_not_see_far_outliers():
    Z = draw(4000)
    Z[:1200] += 1e4
    moments = compute_moments(Z)
    start = robust_start(Z, make_normal(moments.mean, covariance_matrix(moments)))
    # The half is taken from 2,800 points; means of 2,000 have standard errors up to 0.05.
    assert np.abs(start.center - MEAN).max() < 0.3
    squared = squared_distances(Z, *start)
    assert np.median(squared) == pytest.approx(stats.chi2.ppf(0.5, 3), rel=1e-12)
    true = squared_distances(Z[1200:], MEAN, np.linalg.cholesky(np.linalg.inv(COVARIANCE)))
    assert np.corrcoef(squared[1200:], true)[0, 1] > 0.95
