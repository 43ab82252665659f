"""Copulas keep margins and the dependence of a normal distribution."""

import numpy as np
import pytest
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent.samplers import CopulaSampler

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
