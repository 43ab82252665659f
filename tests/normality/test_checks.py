"""Checks: the column or pair that shows most, and corrected p-values."""

import numpy as np
import pytest
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent._normality.checks import adjust, beyond, column_checks, pair_checks
from sklatent._normality.columns import SKEWNESS_TOLERANCE, column_shapes
from sklatent._normality.pairs import dependence_of
from sklatent._normality.report import Check


def report(Z, **options):
    return LatentGaussianModel().fit(Z).normality_report(Z, **({"random_state": 0} | options))


def check(pvalue, effect=1.0, subject="component", statistic="skewness"):
    return Check(subject, statistic, effect, 0.4, pvalue, pvalue, 100, "D'Agostino")


def test_adjusted_p_values_are_those_of_benjamini_and_hochberg():
    found = adjust([check(0.01), check(0.04), check(np.nan), check(0.03)])
    assert [one.adjusted_pvalue for one in found[:2]] == pytest.approx([0.03, 0.04])
    assert np.isnan(found[2].adjusted_pvalue)
    assert found[3].adjusted_pvalue == pytest.approx(0.04)
    assert adjust([]) == ()


def test_beyond_chooses_by_subject_and_statistic():
    bend = check(0.001, subject="pair of components", statistic="bend")
    checks = [check(0.001), check(0.5), check(0.001, effect=0.1), bend]
    assert beyond(checks, 0.01) == [checks[0], bend]
    assert beyond(checks, 0.01, "component") == [checks[0]]
    assert beyond(checks, 0.01, statistic="bend") == [bend]
    assert beyond(checks, 0.01, "component", "pair of components", statistic="bend") == [bend]
    assert beyond(checks, 0.01, "principal component") == []


def test_the_column_that_shows_most_is_told_of(rng):
    columns = np.sort(np.c_[rng.normal(size=(500, 4)), rng.exponential(size=500)], axis=0)
    shapes = column_shapes(columns)
    found = column_checks("component", shapes, 500, 0.01)
    assert found.odd.tolist() == [False, False, False, False, True]
    skewness = found.checks[1]
    assert (skewness.subject, skewness.statistic) == ("component", "skewness")
    assert skewness.effect == shapes.skewness[4] > SKEWNESS_TOLERANCE == skewness.tolerance
    assert skewness.pvalue == stats.false_discovery_control(shapes.skewness_pvalue)[4]
    few = column_checks("component", column_shapes(columns[:10]), 10, 0.01)
    assert not few.odd.any()
    assert np.isnan(few.adjusted).all()


def test_the_pair_that_shows_most_is_told_of(rng):
    x = rng.normal(size=(1_000, 3))
    x[:, 2] = x[:, 0] ** 2
    pairs = dependence_of(x)
    bend, squares = pair_checks("pair of components", pairs, 1_000, 0.01)
    assert (bend.statistic, squares.statistic) == ("bend", "squares together")
    assert bend.effect == pairs.curvature[0, 2]
    assert bend.n_samples == 1_000


@pytest.mark.parametrize("seed", [15, 36])
def test_a_classifier_that_errs_on_purpose_tells_a_difference(seed):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=2_000)
    found = report(np.c_[z, z * rng.choice([-1, 1], 2_000)], random_state=3)
    (check,) = (c for c in found.checks if c.name.startswith("classifier"))
    assert check.effect > 0.55
    assert check.violated(0.01)


def test_each_row_has_the_p_value_of_its_own_statistic():
    # Symmetric and heavy-tailed: the kurtosis is beyond chance, the skewness is not.
    z = np.sort(np.random.default_rng(0).standard_t(6, size=1_000))
    Z = np.concatenate([z, -z])[:, None]
    rows = {check.name: check for check in report(Z).checks}
    assert rows["component: skewness"].effect == pytest.approx(0, abs=1e-12)
    assert rows["component: skewness"].pvalue == pytest.approx(1, abs=1e-6)
    kurtosis = rows["component: excess kurtosis"]
    assert kurtosis.pvalue == pytest.approx(stats.kurtosistest(Z[:, 0]).pvalue, rel=1e-6)
    assert kurtosis.pvalue < 1e-6
    assert "D'Agostino (skewness), Anscombe-Glynn (excess kurtosis)" in " ".join(
        str(report(Z)).split()
    )
