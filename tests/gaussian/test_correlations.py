"""Confidence intervals of correlations, and what chance alone reaches."""

import numpy as np
import pytest
from scipy import stats

from sklatent._gaussian.correlations import (
    bootstrap_intervals,
    chance_correlation,
    fisher_intervals,
    strongest_pairs,
)

PAIR = np.array([[0, 1]])


def draw(n, rho, seed=0):
    return np.random.default_rng(seed).multivariate_normal([3, -50], [[1, rho], [rho, 1]], n)


def bootstrap(X, pairs=PAIR, level=0.95, n_resamples=1000, seed=0):
    return bootstrap_intervals(pairs, level, X, n_resamples, np.random.RandomState(seed))


@pytest.mark.parametrize("rho", [-0.95, 0.0, 0.6])
@pytest.mark.parametrize("level", [0.5, 0.99])
def test_fisher_equals_scipys(rho, level):
    result = stats.pearsonr(*draw(40, rho).T)
    low, high = fisher_intervals(np.array([result.statistic]), 40, level)
    np.testing.assert_allclose([low[0], high[0]], result.confidence_interval(level), rtol=1e-12)


def test_fisher_at_its_limits():
    correlations = np.array([-1.0, 0.3, 1.0])
    for ends in fisher_intervals(correlations, 100, 0.95):
        np.testing.assert_array_equal(ends[[0, 2]], [-1, 1])
    low, high = fisher_intervals(correlations, 3, 0.95)
    np.testing.assert_array_equal(low, -1)
    np.testing.assert_array_equal(high, 1)


def test_fisher_holds_the_true_value_as_often_as_it_says():
    rng, n_trials = np.random.default_rng(1), 2000
    Z = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], (n_trials, 30))
    found = np.array([np.corrcoef(trial.T)[0, 1] for trial in Z])
    low, high = fisher_intervals(found, 30, 0.9)
    # Fisher's transform leaves a bias of the order 1 / n.
    assert ((low < 0.7) & (high > 0.7)).mean() == pytest.approx(
        0.9, abs=5 * np.sqrt(0.09 / n_trials)
    )


def test_the_bootstrap_equals_scipys():
    X = draw(300, 0.6)
    peer = stats.bootstrap(
        tuple(X.T),
        lambda x, y: stats.pearsonr(x, y).statistic,
        paired=True,
        vectorized=False,
        method="percentile",
        n_resamples=2000,
        rng=np.random.default_rng(0),
    ).confidence_interval
    low, high = bootstrap(X, n_resamples=8000)
    # A 2.5 % quantile of B draws of deviation s has the error s sqrt(0.025 * 0.975 / B) / 0.058.
    error = (1 - 0.6**2) / np.sqrt(300) * np.sqrt(0.025 * 0.975 / 2000) / 0.058
    np.testing.assert_allclose([low[0], high[0]], peer, atol=5 * error)


def test_the_bootstrap_sees_heavy_tails():
    n, dof = 20_000, 10
    t = stats.multivariate_t([0, 0], [[1, 0.5], [0.5, 1]], dof, seed=1).rvs(n)
    (low,), (high,) = bootstrap(t)
    fisher = np.ptp(fisher_intervals(np.corrcoef(t.T)[:1, 1], n, 0.95))
    # Elliptic points of kurtosis 3 (1 + k), with k = 2 / (dof - 4) here, have
    # var r = (1 + k) (1 - rho^2)^2 / n.
    assert (high - low) / fisher == pytest.approx(np.sqrt(1 + 2 / (dof - 4)), rel=0.1)


def test_bootstrap_of_many_pairs_and_in_many_chunks(monkeypatch):
    X = np.column_stack([draw(500, 0.4), draw(500, -0.8, seed=1)])
    pairs = np.array([[3, 2], [0, 1], [1, 0]])
    low, high = bootstrap(X, pairs, n_resamples=100)
    np.testing.assert_allclose(low[1], low[2], rtol=1e-12)
    assert low[0] < np.corrcoef(X.T)[2, 3] < high[0]
    monkeypatch.setattr("sklatent._gaussian.correlations.CHUNK_ROWS", 37)
    np.testing.assert_allclose(bootstrap(X, pairs, n_resamples=100), [low, high], rtol=1e-9)


def test_seeds_of_the_bootstrap():
    X = draw(50, 0.3)
    assert bootstrap(X, seed=1) == bootstrap(X, seed=1)
    assert bootstrap(X, seed=1) != bootstrap(X, seed=2)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_units_do_not_matter(scale):
    X = draw(100, 0.3)
    np.testing.assert_allclose(bootstrap(X * [scale, 1]), bootstrap(X), rtol=1e-6)


def test_degenerate_columns():
    X = np.column_stack([draw(200, 0.3)[:, 0], np.full(200, 0.1)])
    X = np.column_stack([X, -3 * X[:, 0]])
    low, high = bootstrap(X, np.array([[0, 1], [0, 2]]))
    np.testing.assert_array_equal(np.isnan([low, high]), [[True, False]] * 2)
    np.testing.assert_allclose([low[1], high[1]], -1)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_hardly_any_points(n):
    ends = np.concatenate(bootstrap(np.random.default_rng(0).normal(size=(n, 2))))
    assert np.isnan(ends).all() if n == 1 else (np.abs(ends) <= 1).all()


def test_chance_level_is_what_independent_components_reach():
    rng, n_trials = np.random.default_rng(2), 1000
    level = chance_correlation(100, 45, 0.9)
    strongest = np.array(
        [
            np.abs(np.corrcoef(rng.normal(size=(10, 100))) - np.eye(10)).max()
            for _ in range(n_trials)
        ]
    )
    # Bonferroni: at most 10 %; for pairwise independent coefficients 1 - (1 - 0.1/45)^45 = 9.5 %.
    assert (strongest > level).mean() == pytest.approx(0.095, abs=5 * np.sqrt(0.09 / n_trials))


def test_chance_level_at_its_limits():
    assert chance_correlation(100, 0, 0.95) == 0
    assert chance_correlation(3, 10, 0.95) == 1
    one = fisher_intervals(np.zeros(1), 50, 0.95)[1][0]
    assert chance_correlation(50, 1, 0.95) == pytest.approx(one, rel=1e-12)


def test_correlated_pairs_of_the_model(scaled_model, scaled):
    record = scaled_model.correlated_pairs(2, confidence_level=0.9)
    np.testing.assert_array_equal(record.pairs[0], [1, 3])
    result = stats.pearsonr(scaled[:, 1], scaled[:, 3])
    assert record.correlations[0] == pytest.approx(result.statistic, rel=1e-12)
    expected = result.confidence_interval(0.9)
    np.testing.assert_allclose([record.low[0], record.high[0]], expected, rtol=1e-10)
    assert (record.method, record.n_samples, record.n_pairs) == ("fisher", 4000, 6)
    assert record.correlations[0] > 0.5 > record.chance_level > 0.03
    assert len(scaled_model.correlated_pairs().pairs) == 6


def test_bootstrap_of_the_model(scaled_model, scaled):
    def call(seed, X=scaled):
        return scaled_model.correlated_pairs(2, method="bootstrap", X=X, random_state=seed)

    assert str(call(0)) == str(call(0))
    assert call(0).low[0] != call(1).low[0]
    fisher = scaled_model.correlated_pairs(2)
    np.testing.assert_allclose(call(0).low, fisher.low, atol=0.01)
    np.testing.assert_allclose(call(0).high, fisher.high, atol=0.01)
    held_out = call(0, scaled[:500])
    assert held_out.n_samples == 500
    np.testing.assert_array_equal(held_out.correlations, fisher.correlations)


def test_the_strongest_pairs_stand_first():
    correlation = np.eye(4)
    for i, j, value in [(0, 1, 0.2), (0, 3, -0.9), (1, 2, 0.5), (2, 3, 0.1)]:
        correlation[i, j] = correlation[j, i] = value
    live = np.ones(4, dtype=bool)
    expected = [[0, 3], [1, 2], [0, 1], [2, 3], [0, 2], [1, 3]]
    np.testing.assert_array_equal(strongest_pairs(correlation, live, 100), expected)
    np.testing.assert_array_equal(strongest_pairs(correlation, live, 2), expected[:2])
    live[3] = False
    np.testing.assert_array_equal(strongest_pairs(correlation, live, 2), [[1, 2], [0, 1]])
    assert strongest_pairs(correlation, np.zeros(4, dtype=bool), 2).shape == (0, 2)
