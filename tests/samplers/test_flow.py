"""Spline flows, where zuko is installed."""

import pickle
import sys

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklatent import LatentGaussianModel
from sklatent.samplers import FlowSampler

TINY = FlowSampler(2, hidden_features=(8,), max_epochs=1, random_state=0)


def test_without_zuko_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "zuko", None)
    with pytest.raises(ImportError, match=r"pip install sklatent\[flow\]"):
        TINY.fit([[0.0], [1.0], [3.0]])


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"n_transforms": 0}, ValueError),
        ({"hidden_features": 64}, TypeError),
        ({"hidden_features": (0,)}, ValueError),
        ({"max_epochs": 0}, ValueError),
        ({"learning_rate": 0.0}, ValueError),
        ({"validation_fraction": 1.0}, ValueError),
        ({"temperature": -1.0}, ValueError),
    ],
)
def test_impossible_settings_are_errors(parameters, error):
    with pytest.raises(error, match=next(iter(parameters))):
        FlowSampler(**parameters).fit([[0.0], [1.0], [3.0]])


@pytest.fixture(scope="module")
def banana():
    pytest.importorskip("zuko")
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    return np.column_stack([x, x * x + 0.3 * rng.normal(size=4000)])


@pytest.fixture(scope="module")
def flow(banana):
    return FlowSampler(3, hidden_features=(32, 32), max_epochs=15, random_state=0).fit(banana)


def test_a_flow_starts_as_one_gaussian(banana):
    # A rate near 0 leaves the weights where they start.
    flow = FlowSampler(2, hidden_features=(8,), max_epochs=1, learning_rate=1e-12).fit(banana)
    expected = LatentGaussianModel().fit(banana).score_samples(banana[:50])
    np.testing.assert_allclose(flow.score_samples(banana[:50]), expected, rtol=1e-4, atol=1e-4)


def test_one_component_is_learnt():
    pytest.importorskip("zuko")
    Z = np.random.default_rng(0).gamma(2.0, size=(2000, 1))
    flow = FlowSampler(random_state=0).fit(Z)
    # A Gaussian of the same mean and variance is off by 0.10; 1.36 / sqrt(n) is chance at 5 %.
    distance = stats.kstest(flow.sample(5000, random_state=0)[:, 0], stats.gamma(2.0).cdf).statistic
    assert distance < 0.04
    assert flow.score(Z) > LatentGaussianModel().fit(Z).score(Z) + 0.05


def test_a_flow_bends_where_a_gaussian_cannot(banana, flow):
    rng = np.random.default_rng(1)
    x = rng.normal(size=4000)
    held = np.column_stack([x, x * x + 0.3 * rng.normal(size=4000)])
    truth = -np.log(2 * np.pi * np.e) - np.log(0.3)
    assert flow.score(held) > LatentGaussianModel().fit(banana).score(held) + 0.5
    # No density has a higher mean log-likelihood than the true one: five standard errors.
    assert truth - 0.35 < flow.score(held) < truth + 5 / np.sqrt(4000)
    drawn = flow.sample(4000, random_state=0)
    residual = drawn[:, 1] - drawn[:, 0] ** 2
    assert np.median(np.abs(residual)) == pytest.approx(0.3 * 0.6745, abs=0.08)
    assert len(flow.history_) == 15


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_densities_integrate_to_one(flow, temperature):
    sampler = pickle.loads(pickle.dumps(flow)).set_params(temperature=temperature)
    x, y = np.meshgrid(np.linspace(-5, 5, 201), np.linspace(-4, 20, 401))
    density = np.exp(sampler.score_samples(np.column_stack([x.ravel(), y.ravel()])))
    assert density.sum() * 0.05 * 0.06 == pytest.approx(1.0, abs=0.01)
    # E[1_A / f] over draws is the area of A.
    drawn = sampler.sample(8000, random_state=0)
    inside = (np.abs(drawn[:, 0]) < 0.5) & (np.abs(drawn[:, 1] - 0.2) < 0.3)
    values = np.where(inside, np.exp(-sampler.score_samples(drawn)), 0.0)
    assert abs(values.mean() - 0.6) < 5 * values.std() / np.sqrt(8000)


def test_draws_and_fits_are_seeded(banana, flow):
    before = torch.get_rng_state()
    again = clone(flow).fit(banana)
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(again.sample(5, 0), flow.sample(5, 0))
    assert not np.array_equal(flow.sample(5), flow.sample(5))
    other = pickle.loads(pickle.dumps(flow))
    np.testing.assert_array_equal(other.sample(5, 0), flow.sample(5, 0))


def test_flows_of_one_component_and_of_one_point():
    pytest.importorskip("zuko")
    rng = np.random.default_rng(0)
    Z = rng.gamma(2.0, size=(500, 1))
    sampler = clone(TINY).set_params(max_epochs=3).fit(np.hstack([Z, np.ones((500, 1))]))
    drawn = sampler.sample(10, random_state=0)
    np.testing.assert_allclose(drawn[:, 1], 1.0)
    same = clone(TINY).fit([[1.0, 2.0]])
    np.testing.assert_array_equal(same.sample(2), [[1.0, 2.0]] * 2)
    np.testing.assert_array_equal(same.score_samples([[1.0, 2.0]]), [0.0])


@parametrize_with_checks([TINY])
def test_sklearn_checks(estimator, check):
    pytest.importorskip("zuko")
    check(estimator)
