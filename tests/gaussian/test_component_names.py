"""Pairs of components, named or strongest."""

import numpy as np
import pytest

from sklatent._gaussian.component_names import check_pair, check_pairs, strongest_pairs


def test_all_pairs():
    pairs = check_pairs(None, 200)
    assert pairs.shape == (19_900, 2)
    assert len(np.unique(pairs, axis=0)) == 19_900
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert check_pairs(None, 1).shape == (0, 2)


def test_named_pairs_keep_their_order():
    np.testing.assert_array_equal(check_pairs([(2, 0), (0, 1)], 3), [[2, 0], [0, 1]])
    np.testing.assert_array_equal(check_pairs(np.array([[2, 1]], dtype=np.uint8), 3), [[2, 1]])


BAD_PAIRS = {
    "one pair": ((0, 1), ValueError, r"pairs must be of shape \(k, 2\); got shape \(2,\)"),
    "empty": ([], ValueError, r"pairs must be of shape \(k, 2\); got shape \(0,\)"),
    "triples": ([(0, 1, 2)], ValueError, r"pairs must be of shape \(k, 2\); got shape \(1, 3\)"),
    "ragged": ([(0, 1), (1,)], ValueError, r"pairs must be of shape \(k, 2\); got rows"),
    "floats": ([(0.0, 1.0)], TypeError, "pairs must hold integer indices; got .* float64"),
    "bools": ([(False, True)], TypeError, "pairs must hold integer indices; got .* bool"),
    "names": ([("a", "b")], TypeError, "pairs must hold integer indices"),
    "too large": ([(0, 1), (0, 3)], ValueError, r"pairs .* from 0 to 2; got \(0, 3\)"),
    "negative": ([(-1, 0)], ValueError, r"pairs .* from 0 to 2; got \(-1, 0\)"),
    "equal": ([(1, 1)], ValueError, r"pairs must name two different .* got \(1, 1\)"),
}


@pytest.mark.parametrize(("pairs", "error", "message"), BAD_PAIRS.values(), ids=BAD_PAIRS)
def test_bad_pairs(pairs, error, message):
    with pytest.raises(error, match=message):
        check_pairs(pairs, 3)


BAD_PAIR = {
    "one index": (1, ValueError, "pair must be two indices; got 1"),
    "two pairs": ([(0, 1), (0, 2)], ValueError, "pair must be two indices"),
    "float": ((0, 1.0), TypeError, "pair must be an integer; got 1.0"),
    "too large": ((0, 3), ValueError, r"pair must be an integer in \[0, 2\]; got 3"),
    "equal": ((2, 2), ValueError, r"pair must name two different components; got \(2, 2\)"),
}


@pytest.mark.parametrize(("pair", "error", "message"), BAD_PAIR.values(), ids=BAD_PAIR)
def test_bad_pair(pair, error, message):
    with pytest.raises(error, match=message):
        check_pair(pair, 3)


def test_one_pair_from_an_array():
    assert check_pair(np.array([2, 0]), 3) == (2, 0)


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
