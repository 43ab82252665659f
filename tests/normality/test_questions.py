"""The five answers and their reasons."""

import numpy as np
import pandas as pd

from sklatent import LatentGaussianModel
from sklatent._normality.questions import percent
from sklatent._normality.report import QUESTIONS


def report(Z, model=None, **options):
    model = model or LatentGaussianModel().fit(Z)
    return model.normality_report(Z, **({"random_state": 0} | options))


def answers(found):
    return {verdict.question: verdict.answer for verdict in found.verdicts}


def replies(found):
    return [verdict.answer for verdict in found.verdicts]


def page(found):
    return " ".join(str(found).split())


def test_each_question_is_answered_once_and_in_order(rng):
    found = report(rng.normal(size=(100, 2)))
    assert tuple(verdict.question for verdict in found.verdicts) == QUESTIONS
    few = report(rng.normal(size=(3, 2)))
    assert tuple(verdict.question for verdict in few.verdicts) == QUESTIONS
    assert {verdict.reason for verdict in few.verdicts} == {
        "3 points are too few; at least 8 are needed."
    }


def test_percent_has_two_digits_where_it_is_small():
    assert [percent(share) for share in (0.0123, 0.05, 0.5)] == ["1.2 %", "5 %", "50 %"]


def test_one_component():
    found = report(np.random.default_rng(0).exponential(size=(500, 1)))
    assert answers(found)["linear correlations?"] == "n/a"
    reason = found.verdicts[1].reason
    skewness, kurtosis = found.components.skewness[0], found.components.excess_kurtosis[0]
    assert reason == f"It is not; skewness {skewness:.2f}, excess kurtosis {kurtosis:.2f}."
    assert "with 1 component\n(they vary in 1 dimension;" in str(found)


def test_skewness_keeps_its_sign():
    found = report(-np.random.default_rng(0).exponential(size=(500, 2)))
    low, high = sorted(found.components.skewness)
    assert high < -1
    assert f"skewness {low:.2f} to {high:.2f}, excess" in found.verdicts[1].reason


def test_no_more_points_than_components(rng):
    found = report(rng.normal(size=(50, 60)))
    assert answers(found)["jointly normal?"] == "unclear"
    assert "do not show a shape in 49 dimensions" in str(found)
    assert np.isnan(found.coverage_gap)


def test_principal_components_that_bend_are_told_of():
    # A bend shared by all components shows in single pairs of them by little.
    rng = np.random.default_rng(1)
    x = rng.normal(size=3_000)
    Z = np.c_[3 * x, x**2, 2 * rng.normal(size=(3_000, 10))]
    Z = Z @ np.linalg.qr(np.random.default_rng(2).normal(size=(12, 12)))[0]
    found = report(Z)
    rows = {check.name: check for check in found.checks}
    assert rows["pair of principal components: bend"].violated(0.01)
    assert answers(found)["linear correlations?"] == "no"
    assert "Nothing bends" not in str(found)


def test_mixtures_of_skewed_components_bend_but_components_do_not():
    found = report(np.random.default_rng(0).exponential(size=(2_000, 3)))
    rows = {check.name: check for check in found.checks}
    assert rows["pair of principal components: bend"].violated(0.01)
    assert not rows["pair of components: bend"].violated(0.01)
    reason = found.verdicts[2].reason
    assert reason.startswith("Between components nothing bends. Principal component")


def test_few_points_are_no_yes():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 20)
    for Z in (np.c_[np.cos(angle), np.sin(angle)], rng.normal(size=(59, 2))):
        assert set(replies(report(Z))) == {"unclear"}
    many = report(rng.normal(size=(70, 60)))
    assert replies(many)[2] == "unclear"
    assert "too few to tell: of 1770 pairs one may bend" in page(many)


def test_components_are_called_by_name():
    Z = np.random.default_rng(0).normal(size=(1_000, 3))
    Z[:, 2] = np.exp(Z[:, 2])
    found = report(pd.DataFrame(Z, columns=["alpha", "beta", "gamma"]))
    assert "1 of 3 is not (component gamma)" in page(found)


def test_one_number_gets_one_answer():
    rng = np.random.default_rng(15)
    mixing = rng.normal(size=(3, 3))
    found = report(rng.normal(size=(300, 3)) @ mixing)
    assert found.model_coverage_gap == found.coverage_gap > 0.07
    assert replies(found)[3:] == ["yes", "yes"]
