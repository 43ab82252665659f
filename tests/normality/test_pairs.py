"""Dependence of pairs beyond correlation, and the two-sample classifier."""

import numpy as np
import pytest
from scipy import stats

from sklatent._normality.pairs import (
    CURVATURE_TOLERANCE,
    SQUARES_TOLERANCE,
    PairSums,
    pair_dependence,
    rank_table,
)
from sklatent._normality.two_sample import auc_pvalue, two_sample_auc, whiten_own


def dependence(points, parts=3):
    sums = PairSums(rank_table(np.sort(points, axis=0)), len(points))
    for part in np.array_split(points, parts):
        sums.add(part)
    return pair_dependence(sums)


def correlated(n, rho, seed):
    return np.random.default_rng(seed).multivariate_normal([0, 0], [[1, rho], [rho, 1]], n)


@pytest.mark.parametrize("rho", [0.0, 0.5, -0.95])
def test_normal_pairs_keep_the_level(rho):
    found = [dependence(correlated(100, rho, seed)) for seed in range(300)]
    for pvalues in (
        [one.curvature_pvalue[0, 1] for one in found],
        [one.squares_pvalue[0, 1] for one in found],
    ):
        for level in (0.01, 0.05):
            assert (np.array(pvalues) < level).sum() <= stats.binom.isf(0.001, 300, level)


def test_shape_of_single_columns_does_not_count():
    points = correlated(3_000, 0.6, 1)
    one, two = dependence(points), dependence(np.exp(points) * [1e-5, 1e5])
    # Between ranks of a table the maps are not quite straight lines.
    np.testing.assert_allclose(one.curvature, two.curvature, atol=5e-3)
    np.testing.assert_allclose(one.squares, two.squares, atol=5e-3)


def test_chunks_do_not_matter():
    points = correlated(700, 0.3, 2)
    one, two = dependence(points, 1), dependence(points, 7)
    np.testing.assert_allclose(one.curvature, two.curvature, atol=1e-12)


def test_each_kind_of_dependence_is_seen(rng):
    x, e = rng.normal(size=(2, 5_000))
    assert dependence(np.c_[x, x**2 + 0.3 * e]).curvature[0, 1] > 0.8
    flipped = dependence(np.c_[x, np.abs(x) * np.sign(e)])
    assert flipped.squares[0, 1] == pytest.approx(1, abs=0.01)
    assert flipped.curvature.max() < 0.05
    angle = rng.uniform(0, 2 * np.pi, 5_000)
    assert dependence(np.c_[np.cos(angle), np.sin(angle)]).squares[0, 1] < -0.7
    tailed = correlated(5_000, 0.0, 3) / np.sqrt(rng.chisquare(3, (5_000, 1)))
    assert dependence(tailed).squares[0, 1] > SQUARES_TOLERANCE
    assert dependence(tailed).curvature.max() < CURVATURE_TOLERANCE / 2


def test_columns_that_are_functions_of_each_other_do_not_bend(rng):
    x = rng.normal(size=1_000)
    assert dependence(np.c_[x, np.exp(x)]).curvature.max() < 0.01


def test_auc_of_shifted_normals(rng):
    # Phi(delta / sqrt 2) is the best that any classifier can reach.
    first, second = rng.normal(size=(2, 4_000, 1))
    best = stats.norm.cdf(1.5 / np.sqrt(2))
    found = two_sample_auc(first + 1.5, second, np.random.RandomState(0))
    assert best - 0.03 < found < best + 0.02


def test_auc_sees_products(rng):
    x = rng.normal(size=(2_000, 1))
    flipped = np.hstack([x, x * rng.choice([-1, 1], size=x.shape)])
    assert two_sample_auc(flipped, rng.normal(size=(2_000, 2)), np.random.RandomState(0)) > 0.9


def test_auc_pvalue_is_mann_whitneys(rng):
    first, second = rng.normal(0.3, size=40), rng.normal(size=50)
    test = stats.mannwhitneyu(
        first, second, alternative="greater", method="asymptotic", use_continuity=False
    )
    auc = test.statistic / (40 * 50)
    assert auc_pvalue(auc, 40, 50) == pytest.approx(test.pvalue, rel=1e-9)


def test_auc_with_own_moments_forgets_them(rng):
    first, second = rng.normal(size=(2, 600, 3))
    auc = two_sample_auc(first * 9 + 5, second, np.random.RandomState(0), own_moments=True)
    assert auc_pvalue(auc, 300, 300) > 0.001


def test_whiten_own(rng):
    points = whiten_own(rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4)))
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(points.T @ points / 50, np.eye(4), atol=1e-10)
