"""Points beside a model: its support, its distances and its draws."""

import numpy as np
import pytest

from sklatent import LatentGaussianModel
from sklatent._covariance.moments import compute_moments
from sklatent._normality.frame import own_frame
from sklatent._normality.model_fit import read_model, same_moments


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


def test_moments_are_those_of_the_same_points_up_to_rounding(rng):
    points = rng.normal(size=(50, 3))
    moments = compute_moments(points)
    assert same_moments(moments, compute_moments(points[::-1]))
    assert not same_moments(moments, compute_moments(points[1:]))
    assert not same_moments(moments, compute_moments(points * 1.001))
    assert not same_moments(None, moments)


def test_a_model_knows_the_points_that_it_was_fitted_to(rng):
    points = rng.normal(size=(50, 3))
    frame = own_frame(points)
    own = read_model(LatentGaussianModel().fit(points), frame)
    assert (own.training, own.own, own.n_samples) == (True, True, 50)
    shrunk = read_model(LatentGaussianModel(covariance="ledoit_wolf").fit(points), frame)
    assert (shrunk.training, shrunk.own) == (True, False)
    other = read_model(LatentGaussianModel().fit(points[:40]), frame)
    assert (other.training, other.own) == (False, False)


def test_held_out_points_and_points_of_another_mean(rng):
    model = LatentGaussianModel().fit(
        normal(rng, 5_000, 1) @ np.ones((1, 2)) + rng.normal(size=(5_000, 2))
    )
    same = model.normality_report(model.sample(600, random_state=1), random_state=0)
    assert not same.training
    assert set(answers(same).values()) == {"yes"}
    moved = model.normality_report(
        model.sample(600, random_state=1) + 2 * model.std_, random_state=0
    )
    assert answers(moved)["jointly normal?"] == "yes"
    assert answers(moved)["described by the model?"] == "no"
    assert moved.model_auc > 0.8 > moved.shape_auc


def test_a_mean_distance_that_is_one_by_construction_is_not_told():
    Z = np.random.default_rng(0).normal(size=(500, 3))
    assert "times a normal's" not in str(report(Z))
    core = LatentGaussianModel(core_coverage=0.5).fit(np.r_[Z, 9 + Z[:100]])
    found = core.normality_report(np.r_[Z, 9 + Z[:100]], random_state=0)
    assert found.training
    assert f"{found.model_scale:.2f} times a normal's on average" in str(found).replace(
        "\n" + " " * 36, " "
    )
    assert found.model_auc != found.shape_auc


@pytest.mark.parametrize("change", [lambda Z: 1.5 * Z, lambda Z: Z + 1])
def test_normal_points_of_another_model_are_not_called_normal_alone(change):
    Z = np.random.default_rng(77).normal(size=(2_000, 3))
    model = LatentGaussianModel().fit(Z)
    assert model.normality_report(Z, random_state=0).name == "normal"
    report = model.normality_report(change(Z), random_state=0)
    assert report.name == "normal; but not as the model has it"


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
    assert replies(found)[4] == "yes"


def test_points_off_the_support_are_not_described():
    rng = np.random.default_rng(2)
    flat = np.c_[rng.normal(size=(1_000, 2)), np.ones(1_000)]
    model = LatentGaussianModel().fit(flat)
    moved = np.c_[rng.normal(size=(1_000, 2)), 10 * rng.normal(size=1_000)]
    found = report(moved, model)
    assert replies(found)[4] == "no"
    assert found.name == "normal; but not as the model has it"
    assert found.model_support_distance == pytest.approx(model.support_distance(moved).mean())
    assert "100 % of the points lie off the 2 of 3 dimensions in which it varies" in page(found)
    same = report(np.c_[rng.normal(size=(1_000, 2)), np.ones(1_000)], model)
    assert replies(same)[4] == "yes"
    assert same.model_support_distance == report(flat, model).model_support_distance == 0
