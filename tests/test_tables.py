"""Tables of text and data frames."""

import sys

import numpy as np
import pytest

from sklatent._tables import decimals_for, format_numbers, format_table, to_data_frame

DECIMALS = {
    "ones": ([1.2, -0.1], 3),
    "thousands": ([1234.5], 0),
    "millions": ([9e6], 0),
    "small": ([0.002, 1e-9], 6),
    "tiny": ([1e-6], None),
    "huge": ([1e7], None),
    "zero": ([0.0], 0),
    "not finite": ([np.nan, np.inf, 3.0], 3),
    "nothing": ([], 0),
}


@pytest.mark.parametrize(("values", "decimals"), DECIMALS.values(), ids=DECIMALS)
def test_decimals(values, decimals):
    assert decimals_for(values) == decimals


def test_numbers_of_one_form():
    assert format_numbers([1.25, -0.0001, np.nan], 2) == ["1.25", "0.00", "-"]
    assert format_numbers([1.5e-9], None) == ["1.500e-09"]


def test_columns_are_aligned():
    lines = format_table({"a": ["1", "-20"], "long head": ["3", "4"]}).split("\n")
    assert lines == ["  a  long head", "  1          3", "-20          4"]


def test_without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"to_frame needs pandas.*to_dict"):
        to_data_frame({"mean": np.zeros(1)}, [0], "component")
