"""What watches over training: annealing, early stopping, the progress bar, and their checks."""

from types import SimpleNamespace

import numpy as np
import pytest
from skorch.callbacks import Callback, EpochTimer
from skorch.history import History
from torch import nn

from sklatent._networks.callbacks import EarlyStopping, StopAtNonFinite, check_callbacks


class Shares(Callback):
    """Keeps the share of the divergence's weight in each batch."""

    def on_train_begin(self, net, **kwargs):
        self.train, self.valid = [], []

    def on_batch_end(self, net, training=False, **kwargs):
        (self.train if training else self.valid).append(net.criterion_.kl_share)


@pytest.mark.parametrize(("annealing", "n_rising"), [(0.0, 0), (0.5, 10), (1.0, 20)])
def test_the_weight_of_the_divergence_rises_linearly(small, digits, annealing, n_rising):
    shares = Shares()
    recipe = {"kl_weight": 1.0, "kl_annealing": annealing, "callbacks": [shares]}
    autoencoder = small(max_epochs=4, batch_size=60, **recipe).fit(digits)
    expected = np.ones(20)
    expected[:n_rising] = np.arange(n_rising) / max(n_rising, 1)
    np.testing.assert_allclose(shares.train, expected)
    assert autoencoder.net_.criterion_.kl_share == 1
    autoencoder.partial_fit(digits)
    assert shares.train == [1.0] * 5


def test_annealing_with_early_stopping(small, digits):
    """Validation has the full weight, so that the losses of all epochs compare."""
    shares = Shares()
    recipe = {"kl_weight": 10.0, "early_stopping": True, "max_epochs": 4, "batch_size": 30}
    autoencoder = small(**recipe, kl_annealing=0.9, callbacks=[shares]).fit(digits)
    assert set(shares.valid) == {1.0}
    assert shares.train[-1] == 1.0
    assert np.mean(shares.train) < 0.6
    assert np.isfinite(autoencoder.history_["valid_loss"]).all()


@pytest.mark.parametrize(("n_uncounted", "stops_in"), [(0, 3), (1, 3), (2, 4), (3, 5), (5, None)])
def test_epochs_of_annealing_do_not_end_training(n_uncounted, stops_in):
    net = SimpleNamespace(history=History(), module_=nn.Linear(1, 1), verbose=0)
    stopping = EarlyStopping(2, n_uncounted)
    stopping.on_train_begin(net)
    stopped_in = None
    for epoch, loss in enumerate([1.0, 2.0, 2.0, 2.0, 2.0, 0.5], start=1):
        net.history.new_epoch()
        net.history.record("epoch", epoch)
        net.history.record("valid_loss", loss)
        try:
            stopping.on_epoch_end(net)
        except KeyboardInterrupt:
            stopped_in = epoch
            break
    assert stopped_in == stops_in
    assert stopping.best_epoch_ == (6 if stops_in is None else 1)


@pytest.mark.parametrize(("training", "key"), [(True, "train_loss"), (False, "valid_loss")])
def test_the_loss_of_each_batch_is_looked_at(training, key):
    net = SimpleNamespace(history=History(), max_epochs=7, lr=0.5, module_=nn.Linear(1, 1))
    net.history.new_epoch()
    watch = StopAtNonFinite()
    for value in (1.0, np.nan, np.inf):
        net.history.new_batch()
        net.history.record_batch(key, value)
        if value == 1:
            watch.on_batch_end(net, training=training)
            continue
        with pytest.raises(ValueError, match=rf"in epoch 1 of 7: the loss became {value}.*now 0.5"):
            watch.on_batch_end(net, training=training)


def test_progress_bar(small, digits, capfd):
    small(verbose=1, early_stopping=True).fit(digits)
    out, err = capfd.readouterr()
    assert out == ""
    for part in ("img/s", "epoch 2/2", "train=", "valid=", "100%"):
        assert part in err


def test_progress_bar_is_closed_after_an_error(small, digits, capfd):
    autoencoder = small(verbose=1, learning_rate=1e30)
    with pytest.raises(ValueError, match="Training stopped"):
        autoencoder.fit(digits)
    assert capfd.readouterr().err.endswith("\n")


@pytest.mark.parametrize(
    "callbacks", [None, [], (), [EpochTimer], [EpochTimer()], [("timer", EpochTimer())]]
)
def test_callbacks(callbacks):
    check_callbacks(callbacks)


@pytest.mark.parametrize(
    "callbacks", ["print", [3], EpochTimer(), [("a", "b", EpochTimer())], [int]]
)
def test_what_is_no_list_of_callbacks(callbacks):
    with pytest.raises(TypeError, match="callbacks must be None or a list of skorch callbacks"):
        check_callbacks(callbacks)
