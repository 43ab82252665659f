"""Repeated values are counted and spread."""

import numpy as np

from sklatent._normality.ties import count_ties, spread_ties


def test_counts_are_those_of_unique(rng):
    columns = np.sort(np.round(rng.normal(size=(500, 3)), 1), axis=0)
    ties = count_ties(columns)
    for j in range(3):
        counts = np.unique(columns[:, j], return_counts=True)[1]
        assert ties.n_distinct[j] == len(counts)
        assert ties.top_share[j] == counts.max() / 500


def test_one_point_and_equal_points():
    assert count_ties(np.zeros((1, 1))).top_share.tolist() == [1.0]
    assert count_ties(np.zeros((7, 1))).n_distinct.tolist() == [1]


def test_spread_values_go_back_to_the_nearest_old_one(rng):
    column = rng.choice([-3.0, 0.0, 1.0, 5.0], size=400)
    spread = spread_ties(column, np.random.RandomState(0))
    values = np.unique(column)
    nearest = values[np.abs(spread[:, None] - values).argmin(axis=1)]
    np.testing.assert_array_equal(nearest, column)
    assert len(np.unique(spread)) == 400


def test_a_rounded_uniform_becomes_uniform_again():
    column = np.floor(np.random.default_rng(0).uniform(0, 10, 20_000)) + 0.5
    spread = np.sort(spread_ties(column, np.random.RandomState(0)))
    gap = np.abs(spread / 10 - (np.arange(20_000) + 0.5) / 20_000).max()
    # Ten counts of 2,000 each scatter by some 45; the largest gap of a uniform sample is 0.0115.
    assert gap < 0.0115


def test_spread_values_stay_in_their_share_of_the_axis():
    column = np.array([0.0, 1.0, 1.0, 0.0, 2.0])
    assert (np.abs(spread_ties(column, np.random.RandomState(0)) - column) <= 0.5).all()
    assert count_ties(np.array([[0.0, 1.0], [0.0, 2.0], [5.0, 4.0]])).n_distinct.tolist() == [2, 3]
