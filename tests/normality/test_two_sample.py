"""The classifier that tells two sets of points apart, and its test."""

import numpy as np
import pytest
from scipy import stats

from sklatent._normality.two_sample import auc_pvalue, two_sample_auc, two_sided, whiten_own


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


def test_an_even_chance_has_a_p_value_of_one():
    assert auc_pvalue(0.5, 100, 100) == pytest.approx(0.5)
    assert two_sided(0.5, 100) == 1
    assert two_sided(0.6, 100) == pytest.approx(2 * auc_pvalue(0.6, 100, 100))


def test_separate_sets_are_always_told_apart(rng):
    first, second = rng.normal(size=(2, 200, 2))
    assert two_sample_auc(first, second + 9, np.random.RandomState(0)) == 1
