"""The record: what it holds, and its page."""

from dataclasses import FrozenInstanceError, fields
from typing import get_args

import numpy as np
import pytest

from sklatent import LatentGaussianModel
from sklatent._normality.report import (
    QUESTIONS,
    Check,
    ColumnStatistic,
    ColumnSubject,
    JointStatistic,
    Measurements,
    NormalityReport,
    PairStatistic,
    PairSubject,
)

N = 700


def report(Z, model=None, **options):
    model = model or LatentGaussianModel().fit(Z)
    return model.normality_report(Z, **({"random_state": 0} | options))


def student(rng, nu, d):
    scale = np.sqrt(rng.chisquare(nu, (N, 1)) / nu)
    return rng.normal(size=(N, d)) @ (np.eye(d) + 0.3) / scale


def page(found):
    return " ".join(str(found).split())


def test_the_page(rng):
    found = report(student(rng, 3, 20))
    lines = str(found).splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 90
    for verdict in found.verdicts:
        assert verdict.question in str(found)
    assert repr(found).startswith("<NormalityReport of 700 points: heavy-tailed")


def test_the_record_is_frozen_and_complete(rng):
    found = report(rng.normal(size=(300, 3)))
    assert isinstance(found, NormalityReport)
    with pytest.raises(FrozenInstanceError):
        found.name = "other"
    assert found.components.skewness.shape == (3,)
    assert found.principal_pairs.squares.shape == (3, 3)
    assert all(isinstance(check, Check) and check.n_samples == 300 for check in found.checks)
    documented = NormalityReport.__doc__
    assert all(field.name in documented for field in fields(found))


def check(subject, statistic):
    return Check(subject, statistic, 0.0, 0.1, 1.0, 1.0, 100, "none")


def test_labels_are_made_of_the_fields():
    assert [check("joint shape", statistic).name for statistic in get_args(JointStatistic)] == [
        "coverage gap of squared distances",
        "classifier AUC against normal draws",
        "Mardia kurtosis effect",
        "Mardia skewness effect",
    ]
    for subjects, statistics in (
        (ColumnSubject, ColumnStatistic),
        (PairSubject, PairStatistic),
    ):
        for subject in get_args(subjects):
            for statistic in get_args(statistics):
                assert check(subject, statistic).name == f"{subject}: {statistic}"


def test_a_check_is_violated_beyond_tolerance_and_chance():
    small = Check("component", "skewness", 0.1, 0.4, 0.0, 0.0, 100, "none")
    assert not small.violated(0.01)
    assert Check("component", "skewness", -0.5, 0.4, 0.0, 0.0, 100, "none").violated(0.01)
    assert not Check("component", "skewness", -0.5, 0.4, 0.1, 0.1, 100, "none").violated(0.01)
    assert not Check("component", "skewness", np.nan, 0.4, 0.0, 0.0, 9, "none").violated(0.01)


def test_measurements_are_attributes_of_the_report(rng):
    found = report(rng.normal(size=(100, 2)))
    assert isinstance(found, Measurements)
    own = {field.name for field in fields(found)} - {field.name for field in fields(Measurements)}
    assert own == {"name", "verdicts", "checks", "notes"}
    assert QUESTIONS[3] == "jointly normal?"
    kurtosis = next(c for c in found.checks if c.statistic == "Mardia kurtosis")
    assert kurtosis.subject == "joint shape"
    assert found.to_frame().index.tolist() == [c.name for c in found.checks]


def test_rows_that_were_not_measured_are_left_out_of_the_page():
    assert "nan" not in str(report(np.random.default_rng(0).normal(size=(12, 3))))
