"""What watches over training: annealing, best weights, the progress bar, and their checks."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback, EpochTimer
from skorch.history import History
from torch import nn

from sklatent._networks.callbacks import EarlyStopping, KeepBest, StopAtNonFinite, check_callbacks


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


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
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


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
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


PCA_WINS = pytest.mark.filterwarnings("ignore:The network loses to PCA")
# A rate so high that the network gets worse from a start at PCA, and stays finite.
DIVERGING = {"linear_path": True, "learning_rate": 1.0, "schedule": "constant", "max_epochs": 3}


@pytest.fixture(scope="module")
def many():
    """600 digits (n, 8, 8), float64 from 0 to 16."""
    return load_digits().images[:600]


class Held(Callback):
    """Keeps which images were held out, and the weights after each epoch.

    It may interrupt in a batch of an epoch, or make the steps far too large after some epochs.
    """

    def __init__(self, epoch=0, batch=0, last_calm=np.inf):
        self.epoch, self.batch, self.last_calm = epoch, batch, last_calm

    def on_epoch_begin(self, net, **kwargs):
        if len(net.history) > self.last_calm:
            for group in net.optimizer_.param_groups:
                group["lr"] = 0.5

    def on_train_begin(self, net, X=None, **kwargs):
        self.rows, self.first, self.each = X[1].rows, self.weights(net), []

    def on_batch_end(self, net, training=False, **kwargs):
        here = (len(net.history), len(net.history[-1]["batches"]))
        if training and here == (self.epoch, self.batch):
            self.interrupted = self.weights(net)
            raise KeyboardInterrupt

    def on_epoch_end(self, net, **kwargs):
        self.each.append(self.weights(net))

    @staticmethod
    def weights(net):
        return torch.cat([w.detach().flatten().clone() for w in net.module_.parameters()])


def fit_held(autoencoder, images, **upset):
    """Fit, and return what was held, and the weights that were kept."""
    held = Held(**upset)
    autoencoder.set_params(callbacks=[held]).fit(images)
    return held, held.weights(autoencoder.net_)


def test_training_that_diverges_from_pca_ends_where_it_began(small, many):
    autoencoder = small(12, **DIVERGING)
    held, kept = fit_held(autoencoder, many)
    losses = autoencoder.history_["valid_loss"]
    assert len(losses) == 3
    assert np.isfinite(losses).all()
    assert losses.min() > autoencoder.initial_valid_loss_
    assert autoencoder.best_epoch_ == 0
    assert torch.equal(kept, held.first)
    assert not torch.equal(kept, held.each[-1])
    # It starts at PCA, whose pixels the decoder clamps to [0.01, 0.99].
    train = np.delete(many.reshape(600, -1) / 16, held.rows, axis=0)
    aside = many[held.rows].reshape(60, -1) / 16
    peer = PCA(12, svd_solver="full").fit(train)
    back = peer.inverse_transform(peer.transform(aside)).clip(0.01, 0.99)
    assert autoencoder.validation_error_ == pytest.approx(np.square(back - aside).mean(), rel=1e-4)
    entropy = -(aside * np.log(back) + (1 - aside) * np.log1p(-back)).mean()
    assert autoencoder.initial_valid_loss_ == pytest.approx(entropy, rel=1e-4)


@PCA_WINS
def test_the_weights_of_the_best_epoch_are_kept_and_no_epoch_is_left_out(small, many):
    autoencoder = small(schedule="constant", max_epochs=6, n_iter_no_change=1)
    held, kept = fit_held(autoencoder, many, last_calm=3)
    losses = autoencoder.history_["valid_loss"]
    assert autoencoder.n_iter_ == len(losses) == 6
    assert losses.argmin() == 2
    assert losses[2] < autoencoder.initial_valid_loss_
    assert autoencoder.best_epoch_ == 3
    assert torch.equal(kept, held.each[2])
    assert not torch.equal(kept, held.each[5])


@PCA_WINS
def test_an_interrupt_keeps_the_best_so_far(small, many):
    with pytest.warns(ConvergenceWarning, match="interrupted after 0 of 5 epochs"):
        held, kept = fit_held(small(max_epochs=5, batch_size=30), many, epoch=1, batch=12)
    # The weights of an epoch cut short are better than those before training.
    assert torch.equal(kept, held.interrupted)
    autoencoder = small(12, **DIVERGING)
    with pytest.warns(ConvergenceWarning, match="interrupted after 1 of 3 epochs"):
        held, kept = fit_held(autoencoder, many, epoch=2, batch=3)
    assert torch.equal(kept, held.first)
    assert autoencoder.best_epoch_ == 0


@PCA_WINS
def test_a_warm_start_begins_at_the_weights_that_were_kept(small, many):
    autoencoder = small(warm_start=True, max_epochs=2).fit(many)
    kept = min(autoencoder.initial_valid_loss_, *autoencoder.history_["valid_loss"])
    autoencoder.set_params(learning_rate=1.0).fit(many)
    # The same seed holds the same images out again.
    assert autoencoder.initial_valid_loss_ == pytest.approx(kept, rel=1e-6)
    losses = [autoencoder.initial_valid_loss_, *autoencoder.history_["valid_loss"]]
    assert autoencoder.best_epoch_ == np.argmin(losses)


@PCA_WINS
def test_the_first_loss_has_the_full_weight_of_the_divergence(small, many):
    recipe = {"kl_weight": 20.0, "kl_annealing": 0.9, "linear_path": True, "max_epochs": 2}
    autoencoder = small(3, **recipe, learning_rate=1e-12)
    held, _ = fit_held(autoencoder, many)
    aside = many[held.rows]
    mean, variance = autoencoder.posterior(aside)
    divergence = 0.5 * (mean**2 + variance - 1 - np.log(variance)).sum(axis=1).mean()
    back, unit = autoencoder.reconstruct(aside) / 16, aside / 16
    entropy = -(unit * np.log(back) + (1 - unit) * np.log1p(-back)).mean()
    expected = entropy + 20 * divergence / 64
    assert autoencoder.initial_valid_loss_ == pytest.approx(expected, rel=1e-4)
    np.testing.assert_allclose(autoencoder.history_["valid_loss"], expected, rtol=1e-4)


@PCA_WINS
def test_nothing_of_it_stays_in_the_net(small, many):
    autoencoder = small().fit(many)
    keeper = dict(autoencoder.net_.callbacks_)["sklatent_keep_best"]
    assert isinstance(keeper, KeepBest)
    assert set(vars(keeper)) == {"initial_loss_", "best_loss_", "best_epoch_"}
    again = pickle.loads(pickle.dumps(autoencoder))
    np.testing.assert_array_equal(again.transform(many), autoencoder.transform(many))
    assert again.best_epoch_ == autoencoder.best_epoch_
