"""Checks of parameters and counts."""

import numpy as np
import pytest

from sklatent._validation import (
    check_bool,
    check_choice,
    check_n_samples,
    check_number,
    keep_state_on_error,
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
        (0, {"low": 1, "integer": True}, ValueError, r"k must be an integer in \[1, inf\]; got 0"),
        (0, {"low": 0, "open_low": True}, ValueError, r"k must be a number in \(0, inf\]; got 0"),
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


@pytest.mark.parametrize("value", [0, 1, None, "yes"])
def test_what_is_no_bool(value):
    with pytest.raises(TypeError, match="flag must be True or False; got"):
        check_bool("flag", value)


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (-3, ValueError), (2.5, TypeError)])
def test_counts_of_samples_below_one(value, error):
    with pytest.raises(error, match=f"n_samples must be an integer.*got {value}"):
        check_n_samples(value)


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
