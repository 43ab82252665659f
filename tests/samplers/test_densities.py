"""Copula, mixture and kernels."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

from sklatent import LatentGaussianModel
from sklatent.samplers import CopulaSampler, KernelSampler, MixtureSampler
from sklatent.samplers._kernel_density import (
    LocalShapes,
    held_out_scores,
    kernel_log_density,
    local_deviations,
)
from sklatent.samplers._normal_scores import fit_empirical, fit_smoothed

N = 20_000


@pytest.fixture(scope="module")
def skewed():
    """5,000 points with skewed margins and a normal copula of 0.7."""
    rng = np.random.default_rng(0)
    scores = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 5000)
    return np.column_stack(
        [stats.gumbel_r.ppf(stats.norm.cdf(scores[:, 0])), np.sinh(scores[:, 1])]
    )


@pytest.mark.parametrize("margins", ["kernel", "empirical"])
def test_copulas_keep_margins_and_normal_dependence(skewed, margins):
    Z = skewed
    sampler = CopulaSampler(margins).fit(Z)
    rank = stats.spearmanr(Z).statistic
    # Of a normal copula: correlation 2 sin(pi rank / 6), with a standard error of 0.01.
    assert sampler.correlation_[0, 1] == pytest.approx(2 * np.sin(np.pi * rank / 6), abs=0.03)
    drawn = sampler.sample(N, random_state=0)
    for j in range(2):
        # 5,000 points fix a distribution function to 0.02; kernels of width h smear it a little.
        assert stats.ks_2samp(drawn[:, j], Z[:, j]).statistic < 0.03
    assert stats.spearmanr(drawn).statistic == pytest.approx(rank, abs=0.03)
    if margins == "empirical":
        assert (drawn.min(axis=0) >= Z.min(axis=0)).all()
        assert (drawn.max(axis=0) <= Z.max(axis=0)).all()


def test_a_copula_of_normal_points_is_nearly_the_gaussian(rng):
    covariance = np.array([[4.0, 1.0], [1.0, 1.0]])
    Z = rng.multivariate_normal([1, 2], covariance, 20_000)
    held = rng.multivariate_normal([1, 2], covariance, 5000)
    gaussian = LatentGaussianModel().fit(Z)
    # Smoothed margins cost a little likelihood, and gain none.
    loss = gaussian.score(held) - CopulaSampler().fit(Z).score(held)
    assert 0 < loss < 0.03


def test_temperature_brings_a_copula_nearer_to_the_medians(rng):
    Z = rng.exponential(size=(4000, 2))
    drawn = CopulaSampler("empirical", temperature=0.5).fit(Z).sample(N, random_state=0)
    scores = stats.norm.ppf(stats.expon.cdf(drawn[:, 0]))
    assert scores.std() == pytest.approx(0.5, abs=0.03)
    assert np.median(drawn[:, 0]) == pytest.approx(np.log(2), abs=0.05)


def test_a_copula_of_duplicates_samples_but_has_no_density(rng):
    x = rng.normal(size=(200, 1))
    Z = np.hstack([x, np.exp(x)])
    sampler = CopulaSampler("kernel").fit(Z)
    assert sampler.rank_ == 1
    drawn = sampler.sample(100, random_state=0)
    assert stats.spearmanr(drawn).statistic == pytest.approx(1.0)
    with pytest.raises(ValueError, match="covariance='oas'"):
        sampler.score_samples(Z)
    assert np.isfinite(CopulaSampler(covariance="oas").fit(Z).score(Z))


@pytest.mark.parametrize("fit", [fit_empirical, fit_smoothed])
@pytest.mark.parametrize(
    "x",
    [
        np.random.default_rng(0).normal(size=300),
        np.random.default_rng(1).integers(3, size=5000).astype(float),
        np.array([1.0, 2.0]),
        np.append(np.zeros(999), 1.0),
        np.random.default_rng(2).standard_cauchy(2000),
    ],
    ids=["normal", "integers", "two", "spike", "cauchy"],
)
def test_maps_to_normal_scores_are_inverted(fit, x):
    scale = fit(x)
    scores = np.linspace(scale.scores[0], scale.scores[-1], 57)
    assert (np.diff(scale.scores) > 0).all()
    assert (np.diff(scale.inverse(scores)) >= 0).all()
    if fit is fit_smoothed:
        wide = np.append(scores, [-6.0, 6.0])
        np.testing.assert_allclose(scale.forward(scale.inverse(wide)), wide, atol=1e-6)
        at = scale.inverse(np.linspace(-2, 2, 21)) + 1e-7
        slope = (scale.forward(at + 1e-9) - scale.forward(at - 1e-9)) / 2e-9
        smooth = np.abs(at[:, None] - scale.x).min(axis=1) > 1e-8
        np.testing.assert_allclose(
            np.exp(scale.log_slope(at))[smooth], slope[smooth], rtol=1e-3, atol=1e-3
        )


def _full_precisions(mixture, kind):
    precisions = mixture.precisions_
    if kind == "full":
        return precisions
    if kind == "tied":
        return np.tile(precisions, (3, 1, 1))
    return np.array([np.eye(3) * p for p in precisions])


@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_mixtures_draw_what_they_score(rng, kind):
    centres = np.array([[-4.0, 0.0, 1.0], [4.0, 0.0, 0.0], [0.0, 6.0, -2.0]])
    Z = centres[rng.choice(3, size=3000, p=[0.5, 0.3, 0.2])] + rng.normal(size=(3000, 3))
    sampler = MixtureSampler(3, covariance_type=kind, random_state=0).fit(Z)
    white = sampler.model_.transform(Z)
    log_slope = 0.5 * np.linalg.slogdet(sampler.model_.covariance_)[1]
    expected = sampler.mixture_.score_samples(white) - log_slope
    np.testing.assert_allclose(sampler.score_samples(Z), expected)
    # Weights, means and covariances of the draws are those of the mixture: five standard errors.
    drawn = sampler.sample(N, random_state=0)
    label = sampler.mixture_.predict(sampler.model_.transform(drawn))
    for k in range(3):
        share, weight = np.mean(label == k), sampler.mixture_.weights_[k]
        assert abs(share - weight) < 5 * np.sqrt(weight / N) + 2e-3
    white, means = sampler.model_.transform(drawn), sampler.mixture_.means_
    weights = sampler.mixture_.weights_
    within = np.linalg.inv(_full_precisions(sampler.mixture_, kind))
    total = np.einsum("k,kij->ij", weights, within) + np.cov(means.T, aweights=weights, ddof=0)
    error = np.sqrt(np.diag(total) / N)
    assert np.all(np.abs(white.mean(axis=0) - weights @ means) < 5 * error)
    np.testing.assert_allclose(np.cov(white.T), total, atol=5 * np.sqrt(3 / N) * total.max())
    assert np.abs(np.diff(label)).astype(bool).mean() > 0.5


def test_a_mixture_matches_scikit_learns(rng):
    Z = np.concatenate([rng.normal(-4, 1, (500, 2)), rng.normal(4, 2, (500, 2))])
    ours = MixtureSampler(2, tol=1e-6, reg_covar=1e-9, random_state=0).fit(Z)
    theirs = GaussianMixture(2, tol=1e-6, reg_covar=1e-9, random_state=0).fit(Z)
    np.testing.assert_allclose(ours.score_samples(Z), theirs.score_samples(Z), atol=1e-3)


def test_the_number_of_components_is_chosen_by_held_out_points(rng):
    centres = 8 * rng.normal(size=(5, 4))
    Z = centres[rng.integers(5, size=3000)] + rng.normal(size=(3000, 4))
    sampler = MixtureSampler(random_state=0).fit(Z)
    assert sampler.n_components_ == 5
    assert list(sampler.held_out_scores_) == [1, 2, 3, 5, 10, 20]
    # The mean log-density of the true mixture, entropy of the labels and of the noise.
    truth = -np.log(5) - 2 * np.log(2 * np.pi * np.e)
    assert sampler.held_out_scores_[5] == pytest.approx(truth, abs=0.2)
    few = MixtureSampler(candidates=(1, 2), max_samples=100, patience=1, random_state=0).fit(Z)
    assert few.n_components_ <= 2
    one = MixtureSampler(random_state=0).fit(rng.normal(size=(2000, 3)))
    assert one.n_components_ == 1


def test_heavy_tails_do_not_multiply_components(rng):
    # BIC on all points asks for several components of a skewed blob; so may held-out points.
    Z = rng.gamma(2.0, size=(1000, 2))
    sampler = MixtureSampler(random_state=0).fit(Z)
    held = rng.gamma(2.0, size=(4000, 2))
    single = MixtureSampler(1, random_state=0).fit(Z)
    assert sampler.n_components_ < 35
    assert sampler.score(held) > single.score(held)


def test_temperature_shrinks_the_spread_within_components(rng):
    Z = np.concatenate([rng.normal(-9, 1, (500, 1)), rng.normal(9, 2, (500, 1))])
    drawn = MixtureSampler(2, temperature=0.25, random_state=0).fit(Z).sample(N, random_state=0)
    low = drawn[drawn < 0]
    assert len(low) / N == pytest.approx(0.5, abs=0.02)
    assert low.std() == pytest.approx(0.25 * Z[:500].std(), rel=0.03)
    assert low.mean() == pytest.approx(Z[:500].mean(), abs=0.02)


@pytest.mark.parametrize("bandwidth", [0.05, 0.3, 1.5])
def test_a_kernel_density_is_that_of_its_formula(rng, bandwidth):
    Z = rng.normal(size=(700, 3)) @ rng.normal(size=(3, 3))
    sampler = KernelSampler(bandwidth=bandwidth).fit(Z)
    white = sampler.model_.transform(Z)
    held = rng.normal(size=(1500, 3))
    at = sampler.model_.transform(held)
    squared = cdist(at, white, "sqeuclidean")
    expected = logsumexp(-0.5 * squared / bandwidth**2, axis=1) - np.log(700)
    expected -= 3 * np.log(bandwidth * np.sqrt(2 * np.pi))
    # scikit-learn's is off by much where the density is small.
    theirs = KernelDensity(bandwidth=bandwidth).fit(white).score_samples(at)
    dense = expected > -8
    np.testing.assert_allclose(theirs[dense], expected[dense], atol=0.01)
    expected -= 0.5 * np.linalg.slogdet(sampler.model_.covariance_)[1]
    np.testing.assert_allclose(sampler.score_samples(held), expected, rtol=1e-6)
    # A draw is a training point plus noise: its covariance is (1 + h^2) that of the points.
    drawn = sampler.sample(N, random_state=0)
    ratio = np.trace(np.linalg.solve(np.cov(Z.T, bias=True), np.cov(drawn.T))) / 3
    assert ratio == pytest.approx(1 + bandwidth**2, rel=5 * np.sqrt(2 / (3 * N)) * 2)


def test_local_kernels_have_the_covariance_of_neighbours(rng):
    points = rng.normal(size=(60, 3)) * [1.0, 0.3, 0.1]
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    neighbors = np.argsort(distances, axis=1)[:, :6]
    shapes = LocalShapes(points, neighbors)
    covariances = np.array([np.cov(points[near].T, bias=True) for near in neighbors])
    ridge = 0.1 * np.trace(covariances, axis1=1, axis2=2) / 3
    covariances += ridge[:, None, None] * np.eye(3)
    deviations, found = local_deviations(shapes, np.arange(60))
    np.testing.assert_allclose(found, ridge)
    full = deviations.transpose(0, 2, 1) @ deviations + found[:, None, None] * np.eye(3)
    np.testing.assert_allclose(full, covariances)
    at = rng.normal(size=(20, 3))
    expected = np.log(
        np.mean(
            [
                stats.multivariate_normal(m, 0.8**2 * c).pdf(at)
                for m, c in zip(points, covariances, strict=True)
            ],
            axis=0,
        )
    )
    np.testing.assert_allclose(kernel_log_density(at, points, 0.8, shapes), expected, rtol=1e-9)
    sampler = KernelSampler("local", n_neighbors=6, bandwidth=0.8).fit(points)
    white = sampler.model_.transform(sampler.sample(N, random_state=0))
    inner, ridge = local_deviations(sampler._shapes, np.arange(60))
    noise = (inner.transpose(0, 2, 1) @ inner + ridge[:, None, None] * np.eye(3)).mean(axis=0)
    np.testing.assert_allclose(np.cov(white.T), np.eye(3) + 0.64 * noise, atol=0.05)


@pytest.mark.parametrize("local", [False, True])
def test_held_out_scores_are_those_of_the_density(rng, local):
    points, held = rng.normal(size=(300, 2)), rng.normal(size=(100, 2))
    neighbors = np.argsort(np.linalg.norm(points[:, None] - points, axis=2), axis=1)[:, :7]
    shapes = LocalShapes(points, neighbors) if local else None
    found = held_out_scores(held, points, shapes)
    assert (np.diff(np.sort(found.bandwidths)) > 0).all()
    for index in (0, 7, 16, len(found.scores) - 1):
        h = found.bandwidths[index]
        expected = kernel_log_density(held, points, h, shapes).mean()
        assert found.scores[index] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("covariance", ["full", "local"])
def test_the_bandwidth_is_chosen_by_held_out_points(rng, covariance):
    Z = np.concatenate([rng.normal(-5, 1, (1000, 2)), rng.normal(5, 1, (1000, 2))])
    sampler = KernelSampler(covariance, random_state=0).fit(Z)
    assert sampler.held_out_scores_[sampler.bandwidth_] == max(sampler.held_out_scores_.values())
    fresh = np.concatenate([rng.normal(-5, 1, (200, 2)), rng.normal(5, 1, (200, 2))])
    scores = [
        KernelSampler(covariance, bandwidth=factor * sampler.bandwidth_).fit(Z).score(fresh)
        for factor in (0.25, 1.0, 4.0)
    ]
    assert scores[1] == max(scores)


def test_repeated_points_have_a_smallest_bandwidth():
    Z = np.repeat([[0.0, 1.0], [2.0, 5.0], [3.0, 3.0]], 20, axis=0)
    for covariance in ("full", "local"):
        sampler = KernelSampler(covariance, random_state=0).fit(Z)
        assert np.isfinite(sampler.score_samples(Z)).all()
        assert np.isfinite(sampler.sample(10, random_state=0)).all()
