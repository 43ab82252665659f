"""Checks of parameters and counts."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import KernelDensity

from sklatent._validation import (
    as_labels,
    as_numeric_array,
    check_at_most_one,
    check_bool,
    check_choice,
    check_equal_length,
    check_estimator,
    check_n_samples,
    check_number,
    keep_state_on_error,
    refuse_mask,
)


class Holder:
    """An object with attributes."""


def test_values_that_pass_come_back_plain():
    assert check_choice("loss", "mse", ["bce", "mse"]) == "mse"
    for value, kind in ((np.int64(3), int), (3, int)):
        assert type(check_number("n", value, low=1, integer=True)) is kind
    assert type(check_number("rate", np.float32(0.5), low=0, high=1)) is float
    assert check_number("rate", 0, low=0, high=1) == 0.0
    assert check_number("rate", 1, low=0, high=1) == 1.0
    assert type(check_bool("flag", np.True_)) is bool
    assert check_n_samples(np.int32(1)) == 1


@pytest.mark.parametrize(
    ("value", "limits", "error", "message"),
    [
        (0, {"low": 1, "integer": True}, ValueError, r"k must be an integer of at least 1; got 0"),
        (0, {"low": 0, "open_low": True}, ValueError, r"k must be a number above 0; got 0"),
        (1, {"high": 1, "open_high": True}, ValueError, r"k must be .* 1\); got 1"),
        (np.nan, {}, ValueError, "k must be a number .* got nan"),
        (np.inf, {"low": 0, "open_high": True}, ValueError, "k must be a number .* got inf"),
        (2.0, {"integer": True}, TypeError, "k must be an integer; got 2.0 of type float"),
        (True, {"integer": True}, TypeError, "k must be an integer; got True of type bool"),
        ("2", {}, TypeError, "k must be a number; got '2' of type str"),
        (None, {}, TypeError, "k must be a number; got None"),
        (1j, {}, TypeError, "k must be a number; got 1j"),
        ([1], {}, TypeError, r"k must be a number; got \[1\]"),
    ],
)
def test_numbers_that_do_not_pass(value, limits, error, message):
    with pytest.raises(error, match=message):
        check_number("k", value, **limits)


@pytest.mark.parametrize("value", ["MSE", None, 1, ["mse"], np.array(["mse", "bce"])])
def test_choices_that_do_not_pass(value):
    with pytest.raises(ValueError, match="loss must be one of 'bce', 'mse'; got"):
        check_choice("loss", value, ["bce", "mse"])
    with pytest.raises(ValueError, match="loss must be one of the known, 'bce', 'mse'; got"):
        check_choice("loss", value, ["bce", "mse"], "the known, ")


@pytest.mark.parametrize("value", [0, 1, None, "yes"])
def test_what_is_no_bool(value):
    with pytest.raises(TypeError, match="flag must be True or False; got"):
        check_bool("flag", value)


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (-3, ValueError), (2.5, TypeError)])
def test_counts_of_samples_below_one(value, error):
    with pytest.raises(error, match=f"n_samples must be an integer.*got {value}"):
        check_n_samples(value)


def test_lengths_of_images_and_what_goes_with_them():
    check_equal_length("y", [1, 2], np.zeros((2, 3)))
    with pytest.raises(ValueError, match="y must have as many rows as X has images, 2; got 3"):
        check_equal_length("y", [1, 2, 3], np.zeros((2, 3)))


def test_at_most_one_of_several():
    check_at_most_one(pairs=None, coverage=None)
    check_at_most_one(pairs=[1], coverage=None)
    with pytest.raises(ValueError, match="Only one of n_std, coverage may be given; got n_std=2"):
        check_at_most_one(n_std=2, coverage=0)


def test_numeric_arrays_pass_without_a_copy():
    points = np.ones((2, 3), np.float32)
    assert as_numeric_array(points, "Z", "anything") is points
    np.testing.assert_array_equal(as_numeric_array([[1, None]], "Z", "anything"), [[1, np.nan]])
    with pytest.raises(TypeError, match="Z must hold numbers; got dtype <U1"):
        as_numeric_array([["a"]], "Z", "anything")
    with pytest.raises(ValueError, match="Z must be even"):
        as_numeric_array([[1, 2], [3]], "Z", "even")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_state_comes_back_after_an_error(error):
    holder = Holder()
    holder.kept, holder.lost = 1, 2

    def change():
        with keep_state_on_error(holder):
            holder.kept, holder.new = 5, 6
            del holder.lost
            raise error

    with pytest.raises(error):
        change()
    assert vars(holder) == {"kept": 1, "lost": 2}


def test_state_stays_changed_without_an_error():
    holder = Holder()
    with keep_state_on_error(holder):
        holder.new = 6
    assert vars(holder) == {"new": 6}


def test_estimators_and_their_methods():
    check_estimator("density", KernelDensity(), "fit", "sample")
    check_estimator("density", KernelDensity())
    for wrong in (KernelDensity, "kernel", None):
        with pytest.raises(TypeError, match="density must be an estimator; got "):
            check_estimator("density", wrong, "fit")
    with pytest.raises(TypeError, match=r"PCA\(\) without sample") as raised:
        check_estimator("density", PCA(), "fit", "transform", "sample")
    assert str(raised.value).startswith("density must have fit, transform and sample; got ")
    with pytest.raises(TypeError, match="density must have sample; got"):
        check_estimator("density", PCA(), "sample")


def test_masks_that_hide_something():
    hidden = np.ma.array([1, 2], mask=[True, False])
    refuse_mask(np.ma.array([1, 2], mask=[False, False]), "y")
    assert as_labels(("a", "b")).tolist() == ["a", "b"]
    for value in (hidden, [hidden], ((1, 2), [hidden])):
        with pytest.raises(ValueError, match="groups must have no masked values"):
            as_labels(value, "groups")
