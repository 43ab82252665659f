"""Flows on whitened points: densities, the way from noise to points, held-out points."""

import numpy as np
import pytest
from scipy import stats

from sklatent.samplers._flow_training import flow_log_density, flow_points, train_flow


def train(Y, **changes):
    pytest.importorskip("zuko")
    options = {"n_transforms": 2, "hidden_features": (8,), "max_epochs": 3, "seed": 0}
    options |= {"learning_rate": 1e-2, "validation_fraction": 0.1}
    return train_flow(Y, **(options | changes))


@pytest.fixture(scope="module")
def trained():
    Y = np.random.default_rng(0).gamma(2.0, size=(1000, 1))
    return train((Y - Y.mean()) / Y.std())


def test_the_score_of_each_epoch_is_finite(trained):
    flow, history = trained
    assert len(history) == 3
    assert np.isfinite(history).all()
    assert not any(parameter.requires_grad for parameter in flow.parameters())


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_densities_integrate_to_one(trained, temperature):
    grid = np.linspace(-12, 12, 4001)
    heights = np.exp(flow_log_density(trained[0], grid[:, None], temperature))
    assert np.trapezoid(heights, grid) == pytest.approx(1, abs=1e-3)


def test_points_have_the_density_of_their_noise_over_the_slope(trained):
    noise = np.linspace(-2, 2, 9)
    step = 1e-2
    points, after, before = (
        flow_points(trained[0], (noise + shift)[:, None])[:, 0] for shift in (0.0, step, -step)
    )
    expected = stats.norm.logpdf(noise) - np.log((after - before) / (2 * step))
    # Splines are bent at their knots, and points are rounded to float32.
    found = flow_log_density(trained[0], points[:, None], 1.0)
    np.testing.assert_allclose(found, expected, atol=0.03)


def test_without_held_out_points_all_are_scored(rng):
    Y = rng.normal(size=(200, 2))
    flow, history = train(Y, validation_fraction=0.0, max_epochs=1)
    # Training ran in float32.
    assert history[0] == pytest.approx(flow_log_density(flow, Y, 1.0).mean(), abs=1e-4)


def test_a_likelihood_that_is_not_finite_is_an_error(rng):
    with pytest.raises(ValueError, match="Lower learning_rate from 1e"):
        train(rng.normal(size=(600, 2)), learning_rate=1e30)
