"""`normality_report` on points with ties, few points, parts of models, and odd names."""

import numpy as np
import pandas as pd
import pytest

from sklatent import LatentGaussianModel


def report(Z, model=None, **options):
    model = model or LatentGaussianModel().fit(Z)
    return model.normality_report(Z, **({"random_state": 0} | options))


def answers(found):
    return [verdict.answer for verdict in found.verdicts]


def page(found):
    return " ".join(str(found).split())


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
    assert answers(found)[3] == "no"


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


def test_marginal_and_conditional_models():
    rng = np.random.default_rng(1)
    Z = rng.normal(size=(1_000, 3)) @ rng.normal(size=(3, 3))
    for covariance in ("empirical", "ledoit_wolf"):
        model = LatentGaussianModel(covariance=covariance).fit(Z)
        part = report(Z[:, [2, 0]], model.marginal([2, 0]))
        assert part.training
        assert part.name == "normal"
        assert report(Z[:, [2]], model.marginal([2, 0]).marginal([0])).training
    rest = model.conditional({0: 0.5})
    drawn = rest.sample(1_000, random_state=0)
    found = report(drawn, rest)
    assert not found.training
    assert answers(found)[4] == "yes"


def test_points_off_the_support_are_not_described():
    rng = np.random.default_rng(2)
    flat = np.c_[rng.normal(size=(1_000, 2)), np.ones(1_000)]
    model = LatentGaussianModel().fit(flat)
    moved = np.c_[rng.normal(size=(1_000, 2)), 10 * rng.normal(size=1_000)]
    found = report(moved, model)
    assert answers(found)[4] == "no"
    assert found.name == "normal; but not as the model has it"
    assert found.model_support_distance == pytest.approx(model.support_distance(moved).mean())
    assert "100 % of the points lie off the 2 of 3 dimensions in which it varies" in page(found)
    same = report(np.c_[rng.normal(size=(1_000, 2)), np.ones(1_000)], model)
    assert answers(same)[4] == "yes"
    assert same.model_support_distance == report(flat, model).model_support_distance == 0


def test_one_number_gets_one_answer():
    rng = np.random.default_rng(15)
    mixing = rng.normal(size=(3, 3))
    found = report(rng.normal(size=(300, 3)) @ mixing)
    assert found.model_coverage_gap == found.coverage_gap > 0.07
    assert answers(found)[3:] == ["yes", "yes"]


def test_one_component_is_not_elliptic():
    name = report(np.random.default_rng(0).standard_t(3, size=(1_000, 1))).name
    assert name == "heavy-tailed"


@pytest.mark.parametrize("seed", range(4))
def test_few_skewed_points_are_not_called_light_tailed(seed):
    found = report(np.exp(np.random.default_rng(seed).normal(size=(25, 2))))
    assert found.name.startswith(("skewed", "heavy-tailed"))


def test_few_points_are_no_yes():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 20)
    for Z in (np.c_[np.cos(angle), np.sin(angle)], rng.normal(size=(59, 2))):
        assert set(answers(report(Z))) == {"unclear"}
    many = report(rng.normal(size=(70, 60)))
    assert answers(many)[2] == "unclear"
    assert "too few to tell: of 1770 pairs one may bend" in page(many)


@pytest.mark.parametrize("seed", [0, 1])
def test_linear_mixtures_are_not_curved(seed):
    rng = np.random.default_rng(seed)
    cube = rng.uniform(size=(2_000, 3)) @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    found = report(cube)
    assert found.name == "a linear mixture of independent components that are not normal"


@pytest.mark.parametrize("seed", [0, 1])
def test_a_spread_that_depends_is_not_curved(seed):
    Z = np.random.default_rng(seed).normal(size=(1_000, 3))
    Z[:, 1] *= np.exp(0.7 * Z[:, 0])
    assert report(Z).name == "the spread of one component depends on another"
    Z = np.random.default_rng(seed).normal(size=(1_000, 3))
    Z[:, 1] += 0.7 * Z[:, 0] ** 2
    assert report(Z).name.startswith("curved")


def test_a_cross_bends_nowhere():
    Z = np.random.default_rng(0).normal(size=(2_000, 2)) * [5, 0.3]
    Z[:1_000] = Z[:1_000, ::-1].copy()
    assert report(Z).name.endswith("and none bends along another")


@pytest.mark.parametrize("seed", range(4))
def test_signs_that_depend_in_threes(seed):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(1_000, 3))
    Z[:, 2] = np.abs(Z[:, 2]) * np.sign(Z[:, 0] * Z[:, 1])
    found = report(Z)
    assert answers(found)[1] == "yes"
    assert found.name.startswith("normal components with a joint distribution that is not")


def test_a_t_without_variance_is_not_named_for_small_kurtosis():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(2_000, 2)) * rng.choice([1, 0.2], (2_000, 1))
    found = report(Z)
    assert found.tail_degrees_of_freedom < 2
    assert "multivariate t" not in found.name


@pytest.mark.parametrize("seed", range(3))
def test_outliers_that_are_left_do_not_name_the_rest(seed):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(1_000, 2))
    way = rng.normal(size=(10, 2))
    Z[:10] += 8 * way / np.linalg.norm(way, axis=1, keepdims=True)
    name = report(Z).name
    if name.startswith("outliers"):
        assert name.endswith("from all others") or "without them normal" in name or "close" in name


@pytest.mark.parametrize("seed", range(3))
def test_outliers_of_one_component_are_taken_whole(seed):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(2_000, 1))
    Z[:100] += 8
    assert report(Z).outlier_share == pytest.approx(0.05, abs=0.001)
    assert "heavy" not in report(Z).name


def test_repeated_rows_are_noted():
    Z = np.repeat(np.random.default_rng(0).normal(size=(100, 3)), 10, axis=0)
    assert "only 100 of 1,000 rows differ" in page(report(Z))
    assert "rows differ" not in page(report(Z[::10]))


def test_components_are_called_by_name():
    Z = np.random.default_rng(0).normal(size=(1_000, 3))
    Z[:, 2] = np.exp(Z[:, 2])
    found = report(pd.DataFrame(Z, columns=["alpha", "beta", "gamma"]))
    assert "1 of 3 is not (component gamma)" in page(found)


def test_components_below_rounding_are_not_said_to_be_constant():
    Z = (np.random.default_rng(0).normal(size=(1_000, 3)) * [1e6, 1, 1e-3]).astype(np.float32)
    note = "do not vary, or by less than the rounding of all components together, and are left out"
    assert f"2 components {note}" in page(report(Z))


def test_rows_that_were_not_measured_are_left_out_of_the_page():
    assert "nan" not in str(report(np.random.default_rng(0).normal(size=(12, 3))))


def test_errors_name_the_components_and_values():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 2)), columns=["a", "b"])
    model = LatentGaussianModel().fit(frame)
    with pytest.raises(ValueError, match=r"(?s)components that fit saw: .*same order"):
        model.normality_report(frame[["b", "a"]])
    with pytest.raises(ValueError, match=r"given\['a'\] must be a number that is finite; got nan"):
        model.conditional({"a": np.nan})
