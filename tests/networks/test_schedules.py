"""How long networks learn, and at which rates."""

from typing import get_args

import numpy as np
import pytest
from skorch.callbacks import Callback
from torch import nn

from sklatent._networks.schedules import (
    ScheduleName,
    enough_epochs,
    learning_rates,
    parameter_groups,
)


class Rates(Callback):
    """Keeps the learning rate of the convolutions, which are in the last group, in each step."""

    def on_train_begin(self, net, **kwargs):
        self.rates = []

    def on_batch_begin(self, net, training=False, **kwargs):
        if training:
            self.rates.append(net.optimizer_.param_groups[-1]["lr"])


def test_one_cycle_rises_to_the_learning_rate_and_falls(small, digits):
    recorder = Rates()
    small(max_epochs=10, batch_size=30, learning_rate=0.01, callbacks=[recorder]).fit(digits)
    rates = np.array(recorder.rates)
    top = rates.argmax()
    assert len(rates) == 100
    assert rates.max() == pytest.approx(0.01, rel=1e-3)
    assert 13 <= top <= 16
    assert np.all(np.diff(rates[: top + 1]) > 0)
    assert np.all(np.diff(rates[top:]) < 0)
    # Straight lines up and down.
    np.testing.assert_allclose(np.diff(rates[:top], 2), 0, atol=1e-12)
    np.testing.assert_allclose(np.diff(rates[top + 1 :], 2), 0, atol=1e-12)


def test_constant_schedule_stays_at_the_learning_rate(small, digits):
    recorder = Rates()
    small(schedule="constant", learning_rate=0.007, callbacks=[recorder]).fit(digits)
    assert recorder.rates == [0.007] * 6


@pytest.mark.parametrize("n_images", [1, 5, 300])
def test_cycles_of_few_steps(small, digits, n_images):
    recorder = Rates()
    small(max_epochs=1, learning_rate=0.01, callbacks=[recorder]).fit(digits[:n_images])
    assert len(recorder.rates) == -(-n_images // 128)
    assert 0 < min(recorder.rates) <= max(recorder.rates) <= 0.01


def test_names_of_schedules():
    assert get_args(ScheduleName) == ("one_cycle", "constant")


def test_linear_paths_learn_slowly():
    module = nn.Module()
    module.other = nn.Linear(2, 2)
    assert learning_rates(module, 0.5) == [0.5]
    module.encoder = nn.Module()
    module.encoder.linear_path = nn.Parameter(module.other.weight.detach())
    assert learning_rates(module, 0.5) == pytest.approx([0.0015, 0.5])
    ((pattern, options),) = parameter_groups(0.5)
    assert (pattern, options) == ("*coder.linear_path", {"lr": pytest.approx(0.0015)})


def test_groups_of_turned_weights():
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False))
    assert parameter_groups(0.5, ["1.weight"])[1] == ("1.weight", {"lr": 0.5, "turned": True})
    assert learning_rates(module, 0.5, ["1.weight"]) == [0.5, 0.5]
    # Where no parameter is left, there is no group of others.
    assert learning_rates(module[1], 0.5, ["weight"]) == [0.5]


@pytest.mark.parametrize(
    ("n_images", "batch_size", "epochs"),
    [
        (60_000, 64, 10),
        (12_800, 64, 10),
        (6_400, 64, 20),
        (6_401, 64, 20),
        (300, 32, 100),
        (1, 1, 100),
    ],
)
def test_epochs_that_are_enough(n_images, batch_size, epochs):
    """Two thousand steps on few images, and between 10 and 100 epochs."""
    assert enough_epochs(n_images, batch_size) == epochs
