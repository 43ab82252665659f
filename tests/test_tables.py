"""Tables of text and data frames."""

import sys

import numpy as np
import pytest

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._tables import count, decimals_for, format_numbers, format_table, to_data_frame

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


def test_counts():
    assert [count(k, "point") for k in (0, 1, 2, 12_000)] == [
        "0 points", "1 point", "2 points", "12,000 points",
    ]  # fmt: skip


def test_records_as_tables():
    Z = np.random.default_rng(0).normal(size=(300, 3))
    model = LatentGaussianModel().fit(Z)
    ellipses = model.ellipses(n_std=2)
    contours = model.density_contours(Z, (0, 1), random_state=0)
    report = model.normality_report(Z, random_state=0)
    for record, rows in ((ellipses, 3), (contours, 3), (report, len(report.checks))):
        frame = record.to_frame()
        assert len(frame) == rows
        for name, values in record.to_dict().items():
            np.testing.assert_array_equal(frame[name], values)
    frame = ellipses.to_frame()
    np.testing.assert_array_equal(frame[["first", "second"]], ellipses.pairs)
    np.testing.assert_array_equal(frame["short_half_axis"], ellipses.half_axes[:, 1])
    assert contours.to_frame()["coverage"].tolist() == [0.5, 0.9, 0.95]
    row = report.to_frame().loc["Mardia kurtosis effect"]
    (check,) = (c for c in report.checks if c.name == "Mardia kurtosis effect")
    assert (row["effect"], row["pvalue"], row["test"]) == (check.effect, check.pvalue, check.test)
    assert not row["violated"]


def test_a_report_without_checks_is_an_empty_table():
    Z = np.ones((30, 2))
    frame = LatentGaussianModel().fit(Z).normality_report(Z).to_frame()
    assert len(frame) == 0
    assert "effect" in frame
