"""Dependence of pairs beyond correlation."""

import numpy as np
import pytest
from scipy import stats

from sklatent._normality.pairs import (
    CURVATURE_TOLERANCE,
    SQUARES_TOLERANCE,
    PairSums,
    dependence_of,
    is_weak,
    pair_dependence,
    rank_table,
)


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


def test_a_table_has_the_values_at_equally_spaced_ranks():
    assert rank_table(np.arange(1025.0)[:, None])[:3, 0].tolist() == [0, 2, 4]
    assert rank_table(np.arange(10.0)[:, None])[:, 0].tolist() == list(range(10))


def test_weak_pairs_are_below_what_is_tolerated():
    points = correlated(700, 0.3, 2)
    found = dependence_of(points)
    np.testing.assert_allclose(found.squares, dependence(points).squares, atol=1e-12)
    assert is_weak(found, 0.0)
    assert not is_weak(found._replace(curvature=found.curvature + CURVATURE_TOLERANCE), 0.0)
    assert not is_weak(found._replace(squares=found.squares - 1.2 * SQUARES_TOLERANCE), 0.0)
    assert is_weak(found._replace(squares=found.squares - 1.2 * SQUARES_TOLERANCE), 0.5)
    assert not is_weak(found, 0.0, share=0.0)
