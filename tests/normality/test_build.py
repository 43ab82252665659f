"""The whole sequence: how often it errs, ties, outliers, few points and bad input."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.exceptions import NotFittedError

from sklatent import LatentGaussianModel

N = 700


def report(Z, model=None, **options):
    model = model or LatentGaussianModel().fit(Z)
    return model.normality_report(Z, **({"random_state": 0} | options))


def answers(found):
    return {verdict.question: verdict.answer for verdict in found.verdicts}


def replies(found):
    return [verdict.answer for verdict in found.verdicts]


def page(found):
    return " ".join(str(found).split())


def normal(rng, n, d):
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 5 * rng.normal(size=d)


@pytest.mark.parametrize(("n", "d", "runs"), [(60, 2, 25), (400, 2, 12), (300, 20, 10)])
def test_normal_points_pass_at_the_stated_rate(n, d, runs):
    wrong = 0
    for seed in range(runs):
        found = report(normal(np.random.default_rng(seed), n, d), random_state=seed)
        wrong += "no" in answers(found).values() or not found.name.startswith(("normal", "close"))
    # Two families of tests, points and model, at 1 % each.
    assert wrong <= stats.binom.isf(0.001, runs, 0.02)


def test_normal_points_in_200_dimensions_pass():
    found = report(normal(np.random.default_rng(0), 450, 200), max_points=450)
    assert set(answers(found).values()) == {"yes"}


def test_a_trivial_deviation_passes_in_many_points():
    # t(60) has an excess kurtosis of 0.1, certain at 60,000 points.
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(60_000, 2)) / np.sqrt(rng.chisquare(60, (60_000, 1)) / 60)
    found = report(Z, max_points=500)
    assert min(check.adjusted_pvalue for check in found.checks) < 0.001
    assert answers(found)["jointly normal?"] == "yes"
    assert found.name.startswith("close to normal")


def test_shape_does_not_depend_on_the_units_of_all_components(rng):
    Z = rng.exponential(size=(300, 3))
    one, two = report(Z), report(1e5 * Z - 7)
    assert one.coverage_gap == pytest.approx(two.coverage_gap, rel=1e-6)
    assert one.mardia_skewness == pytest.approx(two.mardia_skewness, rel=1e-6)
    mixed = report(Z @ rng.normal(size=(3, 3)))
    assert one.mardia_kurtosis == pytest.approx(mixed.mardia_kurtosis, rel=1e-6)
    assert one.coverage_gap == pytest.approx(mixed.coverage_gap, rel=1e-6)


def test_a_seed_gives_the_same_page(rng):
    Z = rng.normal(size=(400, 3))
    assert str(report(Z, max_points=150)) == str(report(Z, max_points=150))
    state = np.random.RandomState(0)
    one, two = report(Z, random_state=state), report(Z, random_state=state)
    assert one.shape_auc != two.shape_auc


def test_dead_and_double_components(rng):
    Z = rng.normal(size=(500, 4))
    Z[:, 0], Z[:, 1] = 0.3, 2 * Z[:, 2]
    Z[:, 3] = rng.exponential(size=500)
    found = report(Z)
    assert (found.rank, found.live.tolist()) == (2, [False, True, True, True])
    assert "component 3" in found.verdicts[1].reason
    assert "1 component does not vary and is left out" in str(found)


@pytest.mark.parametrize("Z", [[[1.0, 2.0]], [[1.0, 2.0]] * 30, [[0.0, 1.0], [1.0, 0.0]]])
def test_hardly_any_points(Z):
    found = report(np.array(Z))
    assert set(answers(found).values()) == {"unclear"}
    assert found.name.startswith("unclear")
    assert "UNCLEAR" in str(found)


@pytest.mark.parametrize("n", [8, 15, 25])
@pytest.mark.parametrize("d", [1, 3])
def test_small_samples_give_a_page(rng, n, d):
    found = report(rng.normal(size=(n, d)))
    assert "no" not in answers(found).values()
    assert str(found)


def test_subsamples_are_stated(rng):
    found = report(rng.normal(size=(1_000, 2)), max_points=200)
    assert "rest on 200 points" in str(found)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_other_types_and_frames(rng, dtype):
    Z = rng.normal(size=(300, 2))
    found = report(pd.DataFrame(Z.astype(dtype), columns=["a", "b"]))
    assert found.coverage_gap == pytest.approx(report(Z).coverage_gap, abs=0.01)


def test_a_memory_mapped_file(rng, tmp_path):
    Z = rng.normal(size=(400, 3)).astype(np.float32)
    np.save(tmp_path / "Z.npy", Z)
    mapped = np.load(tmp_path / "Z.npy", mmap_mode="r")
    assert str(report(mapped)) == str(report(Z))


@pytest.mark.parametrize("step", [1.0, 2.0])
def test_few_values_are_named_and_make_no_clouds(step):
    for seed in range(3):
        Z = step * np.round(np.random.default_rng(seed).normal(size=(2_000, 2)) * 1.5 / step)
        found = report(Z)
        low, high = sorted(len(np.unique(column)) for column in Z.T)
        values = f"({low})" if low == high else f"({low} to {high})"
        assert found.name.startswith(f"2 of 2 components take few different values {values}; apart")
        assert answers(found)["one cloud?"] == "yes"
        assert answers(found)["jointly normal?"] == "no"
        assert found.n_distinct.tolist() == [len(np.unique(column)) for column in Z.T]


def test_a_value_that_half_of_the_points_share():
    Z = np.maximum(np.random.default_rng(0).normal(size=(1_000, 2)), [0, -9])
    found = report(Z)
    share = (Z[:, 0] == 0).mean()
    assert found.top_share[0] == share
    assert found.name.startswith(f"1 of 2 components has one value at up to {100 * share:.2g} %")
    assert answers(found)["one cloud?"] == "yes"


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_rounding_to_a_short_type_is_not_few_values(dtype):
    Z = np.random.default_rng(0).normal(size=(20_000, 2)).astype(dtype)
    assert report(Z, max_points=500).name == "normal"


@pytest.mark.parametrize("d", [2, 10])
def test_outliers_are_counted_and_the_rest_is_named(d):
    Z = np.random.default_rng(5).normal(size=(2_000, d))
    Z[:20] += 12
    found = report(Z)
    assert found.outlier_share == 0.01
    assert found.name == "outliers: 1 % of the points lie far from all others; without them normal"
    assert "1 % of the points lie far from it" in " ".join(str(found).split())


def tied_and_dependent():
    rng = np.random.default_rng(0)
    integers = rng.integers(0, 5, (1000, 3)).astype(float)
    rounded = np.round(rng.normal(size=(1000, 3)))
    relu = np.maximum(rng.normal(size=(1000, 3)), 0)
    return {
        "one of four": np.eye(4)[rng.integers(0, 4, 1000)],
        "integers": np.c_[integers, integers[:, 0]],
        "sum": np.c_[integers, integers.sum(axis=1)],
        "single precision": np.c_[integers, 0.1 * integers[:, 0]].astype(np.float32),
        "rounded": np.c_[rounded, rounded[:, 0]],
        "ReLU": np.c_[relu, relu[:, 0]],
        "counts": rng.multinomial(20, [0.2, 0.3, 0.5], 1000).astype(float),
    }


@pytest.mark.parametrize("kind", tied_and_dependent())
def test_shared_values_of_dependent_columns(kind):
    Z = tied_and_dependent()[kind]
    model = LatentGaussianModel().fit(Z)
    found = report(Z, model)
    assert found.rank == model.rank_ == Z.shape[1] - 1
    assert "values" in found.name or "one value" in found.name
    assert replies(found)[3] == "no"


def test_double_columns_stay_double_when_values_are_spread():
    found = report(tied_and_dependent()["rounded"])
    assert found.name == "4 of 4 components take few different values (7); apart from that normal"
    assert found.components.skewness[0] == pytest.approx(found.components.skewness[3])


def test_two_values_have_no_shape():
    found = report(np.eye(4)[np.random.default_rng(0).integers(0, 4, 1000)])
    assert found.name == "4 of 4 components take few different values (2)"
    assert "(of values spread evenly)" in page(found)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_columns_that_are_rounded_alike_are_counted_alike(seed):
    Z = np.round(np.random.default_rng(seed).normal(size=(2_000, 3)) / 0.12) * 0.12
    assert (report(Z).top_share > 0.025).all()
    name = report(Z).name
    assert name.startswith(("3 of 3 components take few", "normal", "close to normal"))


@pytest.mark.parametrize("seed", range(3))
def test_outliers_that_are_left_do_not_name_the_rest(seed):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(1_000, 2))
    way = rng.normal(size=(10, 2))
    Z[:10] += 8 * way / np.linalg.norm(way, axis=1, keepdims=True)
    name = report(Z).name
    if name.startswith("outliers"):
        assert name.endswith("from all others") or "without them normal" in name or "close" in name


def test_repeated_rows_are_noted():
    Z = np.repeat(np.random.default_rng(0).normal(size=(100, 3)), 10, axis=0)
    assert "only 100 of 1,000 rows differ" in page(report(Z))
    assert "rows differ" not in page(report(Z[::10]))


def test_components_below_rounding_are_not_said_to_be_constant():
    Z = (np.random.default_rng(0).normal(size=(1_000, 3)) * [1e6, 1, 1e-3]).astype(np.float32)
    note = "do not vary, or by less than the rounding of all components together, and are left out"
    assert f"2 components {note}" in page(report(Z))


def test_errors_name_the_components_and_values():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 2)), columns=["a", "b"])
    model = LatentGaussianModel().fit(frame)
    with pytest.raises(ValueError, match=r"(?s)components that fit saw: .*same order"):
        model.normality_report(frame[["b", "a"]])
    with pytest.raises(ValueError, match=r"given\['a'\] must be a number that is finite; got nan"):
        model.conditional({"a": np.nan})


BAD_CALLS = {
    "significance 0": ({"significance": 0}, ValueError, r"significance .* in \(0, 1\); got 0"),
    "significance text": ({"significance": "1%"}, TypeError, "significance must be a number"),
    "max_points": ({"max_points": 99}, ValueError, r"max_points .* of at least 100; got 99"),
    "max_points float": ({"max_points": 1e3}, TypeError, "max_points must be an integer"),
    "random_state": ({"random_state": "x"}, ValueError, "'x' cannot be used to seed"),
}


@pytest.mark.parametrize(("options", "error", "message"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_bad_options(rng, options, error, message):
    with pytest.raises(error, match=message):
        report(rng.normal(size=(50, 2)), **options)


def test_bad_points(rng):
    model = LatentGaussianModel().fit(rng.normal(size=(50, 2)))
    with pytest.raises(ValueError, match="X has 3 features"):
        model.normality_report(np.zeros((5, 3)))
    with pytest.raises(ValueError, match="X contains NaN"):
        model.normality_report([[np.nan, 1.0]])
    with pytest.raises(ValueError, match="X must hold values whose squares"):
        model.normality_report(np.array([[1e200, 0.0], [-1e200, 0.0]]))
    with pytest.raises(NotFittedError):
        LatentGaussianModel().normality_report(np.zeros((5, 3)))
