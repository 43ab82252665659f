"""Pairs of components, named or strongest."""

import numpy as np
import pandas as pd
import pytest

from sklatent import LatentGaussianModel
from sklatent._gaussian.component_names import (
    check_components,
    check_pair,
    check_pairs,
    replace_names,
)


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
    "names": ([("a", "b")], ValueError, "pairs must hold indices: fit saw no names; got 'a'"),
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


def test_names_of_components(scaled):
    frame = pd.DataFrame(scaled, columns=["low", "wide", "narrow", "mixed"])
    model = LatentGaussianModel().fit(frame)
    assert model.component_fits(frame).to_frame().index.tolist() == frame.columns.tolist()
    pairs = model.correlated_pairs(1)
    np.testing.assert_array_equal(pairs.names, [["wide", "mixed"]])
    assert pairs.to_frame()["first"].tolist() == ["wide"]
    assert "wide, mixed" in str(pairs)


def test_pairs_by_name(rng):
    frame = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"])
    model = LatentGaussianModel().fit(frame)
    by_name = model.ellipses([("a", "c"), (1, 2)], n_std=2)
    np.testing.assert_array_equal(by_name.pairs, [[0, 2], [1, 2]])
    contours = [
        model.density_contours(frame, pair, random_state=0) for pair in (("a", "c"), (0, 2))
    ]
    np.testing.assert_array_equal(contours[0].levels, contours[1].levels)
    with pytest.raises(
        ValueError, match=r"pairs must hold one of the feature names \['a', 'b', 'c'\]; got 'z'"
    ):
        model.ellipses([("a", "z")])


def test_names_are_replaced_at_any_depth():
    names = ["a", "b", "c"]
    assert replace_names("pairs", [("a", "c"), (1, "b")], names) == [[0, 2], [1, 1]]
    assert replace_names("pair", "b", np.array(names)) == 1
    assert replace_names("pairs", [(0, 2)], names) == [(0, 2)]
    with pytest.raises(ValueError, match="pair must hold indices: fit saw no names; got 'a'"):
        replace_names("pair", ("a", 1), ())


def test_components_by_index_and_name():
    np.testing.assert_array_equal(check_components("x", ["c", 0], 3, ["a", "b", "c"]), [2, 0])
    np.testing.assert_array_equal(check_components("x", np.array([1]), 3), [1])
    with pytest.raises(ValueError, match=r"x must name each component at most once; .* 2 2 times"):
        check_components("x", ["c", 2], 3, ["a", "b", "c"])
    with pytest.raises(TypeError, match=r"x must hold integer indices or feature names; got 1.0"):
        check_components("x", [1.0], 3)
