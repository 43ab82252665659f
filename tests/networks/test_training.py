"""Training: batches, early stopping, going on, interrupts, and losses that blow up."""

import copy
import pickle

import numpy as np
import pytest
import torch
from scipy import special
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback
from torch import nn

from sklatent._networks.training import join_histories


class Recorder(Callback):
    """Keeps the images of all batches of each epoch."""

    def on_train_begin(self, net, **kwargs):
        self.train, self.valid = [], []

    def on_epoch_begin(self, net, **kwargs):
        self.train.append([])
        self.valid.append([])

    def on_batch_begin(self, net, batch=None, training=False, **kwargs):
        images = batch[1].permute(0, 2, 3, 1).cpu().numpy()
        (self.train if training else self.valid)[-1].append(images)


class Interrupt(Callback):
    """Raises KeyboardInterrupt in the first batch of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_batch_end(self, net, training=False, **kwargs):
        if training and len(net.history) == self.epoch:
            self.weights = torch.cat([w.detach().flatten() for w in net.module_.parameters()])
            self.max_epochs = net.max_epochs
            raise KeyboardInterrupt


class BrokenInTraining(nn.Module):
    """An encoder that yields NaN from a given training step on."""

    def __init__(self, first_broken):
        super().__init__()
        self.linear = nn.Linear(64, 4)
        self.first_broken, self.step = first_broken, 0

    def forward(self, images):
        self.step += self.training
        broken = self.training and self.step >= self.first_broken
        return self.linear(images.flatten(1)) * (np.nan if broken else 1.0)


def weights(autoencoder):
    return torch.cat([w.detach().flatten() for w in autoencoder.net_.module_.parameters()])


def state(autoencoder, images):
    """Return the bits that an estimator's later use depends on."""
    return pickle.dumps(
        (
            autoencoder.transform(images),
            autoencoder.history_,
            autoencoder.n_iter_,
            autoencoder.value_range_,
            autoencoder.image_shape_,
            sorted(name for name in vars(autoencoder) if name.endswith("_")),
        )
    )


def cross_entropy(pixels, target):
    return -(special.xlogy(target, pixels) + special.xlog1py(1 - target, -pixels)).mean()


def test_training_lowers_the_loss(small, digits):
    settings = {"max_epochs": 8, "learning_rate": 0.01, "batch_size": 32}
    history = small(**settings, linear_path=False).fit(digits).history_
    assert set(history) == {"train_loss", "duration"}
    assert all(len(values) == 8 for values in history.values())
    assert history["train_loss"][-1] < 0.85 * history["train_loss"][0]
    assert np.all(history["duration"] > 0)


def test_every_epoch_shows_every_image_once(small, digits):
    recorder = Recorder()
    small(max_epochs=3, batch_size=70, callbacks=[recorder]).fit(digits)
    orders = [np.concatenate(epoch)[..., 0] * 16 for epoch in recorder.train]
    for order in orders:
        key = order.reshape(300, -1)
        seen, given = np.unique(key, axis=0), np.unique(digits.reshape(300, -1), axis=0)
        np.testing.assert_allclose(seen, given, atol=1e-5)
        assert len(key) == 300
    assert not np.array_equal(orders[0], orders[1])


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
@pytest.mark.parametrize(("fraction", "epochs"), [(None, 14), (0.8, 67)])
def test_automatic_epochs_count_the_images_that_are_trained_on(small, digits, fraction, epochs):
    interrupt = Interrupt(epoch=1)
    autoencoder = small(max_epochs="auto", batch_size=2, callbacks=[interrupt])
    if fraction is not None:
        autoencoder.set_params(early_stopping=True, validation_fraction=fraction)
    with pytest.warns(ConvergenceWarning, match=f"after 0 of {epochs} epochs"):
        autoencoder.fit(digits)
    # 2,000 steps in batches of two of all 300 images, or of the 60 that are not held out.
    assert interrupt.max_epochs == epochs


def test_annealing_of_a_plain_model_changes_nothing(small, digits):
    first, second = (small(kl_annealing=share).fit(digits) for share in (0.0, 0.7))
    assert torch.equal(weights(first), weights(second))


def test_weight_decay_shrinks_the_decoder_alone(small, digits):
    def norms(autoencoder):
        module = autoencoder.net_.module_
        return [
            float(sum(w.detach().square().sum() for w in part.parameters() if w.ndim > 1))
            for part in (module.encoder, module.decoder)
        ]

    recipe = {"max_epochs": 8, "batch_size": 16, "learning_rate": 0.01}
    plain, decayed = (
        norms(small(decoder_weight_decay=weight, **recipe).fit(digits)) for weight in (0, 3)
    )
    assert decayed[1] < 0.5 * plain[1]
    assert decayed[0] > 0.5 * plain[0]


def test_joined_records():
    first = {"train_loss": np.array([3.0, 2.0]), "valid_loss": np.array([4.0, 3.0])}
    joined = join_histories(first, {"train_loss": np.array([1.0])})
    np.testing.assert_array_equal(joined["train_loss"], [3, 2, 1])
    np.testing.assert_array_equal(joined["valid_loss"], [4, 3, np.nan])


@pytest.fixture(scope="module")
def stopped(small, digits):
    """An autoencoder that stopped early, with the batches that it saw."""
    recorder = Recorder()
    settings = {"schedule": "constant", "learning_rate": 0.05, "batch_size": 16, "max_epochs": 60}
    autoencoder = small(
        16,
        channels=(16, 32),
        linear_path="auto",
        early_stopping=True,
        validation_fraction=0.25,
        n_iter_no_change=3,
        callbacks=[recorder],
        **settings,
    )
    return autoencoder.fit(digits[:80]), recorder


def test_early_stopping_ends_after_epochs_without_improvement(stopped):
    losses = stopped[0].history_["valid_loss"]
    assert stopped[0].n_iter_ == len(losses) < 60
    assert losses.argmin() == len(losses) - 1 - 3


def test_early_stopping_restores_the_best_weights(stopped, digits):
    autoencoder, recorder = stopped
    held_out = np.concatenate(recorder.valid[-1])
    latent = autoencoder.transform(held_out[..., 0].astype(float) * 16)
    pixels = autoencoder.inverse_transform(latent) / 16
    kept = cross_entropy(pixels, held_out[..., 0].astype(float))
    losses = autoencoder.history_["valid_loss"]
    assert kept == pytest.approx(losses.min(), rel=1e-5)
    # The last weights would be told from the best ones.
    assert abs(kept - losses[-1]) > 1e-4 * kept


def test_validation_images_are_not_trained_on(stopped, digits):
    _, recorder = stopped
    valid = {image.tobytes() for image in np.concatenate(recorder.valid[0])}
    assert len(valid) == 20
    for train_epoch, valid_epoch in zip(recorder.train, recorder.valid, strict=True):
        train = {image.tobytes() for image in np.concatenate(train_epoch)}
        assert len(train) == 60
        assert not train & valid
        assert {image.tobytes() for image in np.concatenate(valid_epoch)} == valid


@pytest.mark.parametrize(("n", "fraction"), [(1, 0.1), (2, 0.9)])
def test_too_few_images_for_validation(small, digits, n, fraction):
    autoencoder = small(early_stopping=True, validation_fraction=fraction)
    with pytest.raises(ValueError, match=f"validation_fraction={fraction}.*got n_samples={n}"):
        autoencoder.fit(digits[:n])


def test_partial_fit_is_an_epoch_of_training_that_goes_on(small, digits):
    first = small().partial_fit(digits)
    assert first.n_iter_ == 1
    after_one = weights(first).clone()
    second = copy.deepcopy(first).partial_fit(digits)
    assert second.n_iter_ == len(second.history_["train_loss"]) == 2
    assert second.history_["train_loss"][0] == first.history_["train_loss"][0]
    assert second.history_["train_loss"][1] < second.history_["train_loss"][0]
    assert torch.equal(weights(first), after_one)
    assert not torch.allclose(weights(second), after_one)


def test_partial_fits_show_the_images_in_new_orders(small, digits):
    autoencoder, orders = small(), []
    for _ in range(3):
        recorder = Recorder()
        autoencoder.set_params(callbacks=[recorder]).partial_fit(digits)
        orders.append(np.concatenate(recorder.train[0]))
    assert not any(np.array_equal(orders[i], orders[j]) for i, j in ((0, 1), (1, 2), (0, 2)))


def test_partial_fits_are_the_epochs_of_a_fit_at_a_constant_rate(small, digits):
    # With all images in one batch their order does not count, and Adam's moments do.
    fit = small(max_epochs=3, schedule="constant", batch_size=300).fit(digits)
    parts = small(batch_size=300)
    for _ in range(3):
        parts.partial_fit(digits)
    assert torch.equal(weights(parts), weights(fit))
    np.testing.assert_array_equal(parts.history_["train_loss"], fit.history_["train_loss"])


def test_partial_fit_goes_on_from_fit(small, digits):
    autoencoder = small(max_epochs=6, learning_rate=0.01).fit(digits)
    losses = autoencoder.history_["train_loss"].copy()
    autoencoder.partial_fit(digits)
    assert autoencoder.n_iter_ == 7
    np.testing.assert_array_equal(autoencoder.history_["train_loss"][:6], losses)
    assert autoencoder.history_["train_loss"][6] < losses[2]


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
def test_partial_fit_after_early_stopping_has_no_validation_loss(small, digits):
    autoencoder = small(early_stopping=True).fit(digits).partial_fit(digits)
    losses = autoencoder.history_["valid_loss"]
    np.testing.assert_array_equal(np.isnan(losses), [False, False, True])


def test_partial_fit_keeps_the_units_of_the_first_call(small, digits):
    autoencoder = small().partial_fit(digits).partial_fit(digits[:50] / 2)
    assert autoencoder.value_range_ == (0, 16)
    assert autoencoder.inverse_transform(autoencoder.transform(digits)).max() > 1.5


def test_warm_start_goes_on(small, digits):
    autoencoder = small(warm_start=True, learning_rate=0.01, max_epochs=5).fit(digits)
    first = autoencoder.history_["train_loss"]
    autoencoder.fit(digits)
    second = autoencoder.history_["train_loss"]
    assert autoencoder.n_iter_ == len(second) == 5
    assert second[0] < first[1]
    cold = small(learning_rate=0.01, max_epochs=5).fit(digits).fit(digits)
    np.testing.assert_array_equal(cold.history_["train_loss"], first)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latent_dim", 5),
        ("channels", (8, 9)),
        ("channels", np.array([8, 9])),
        ("architecture", "residual"),
        ("blocks_per_stage", 2),
        ("linear_path", True),
        ("activation", "relu"),
        ("batch_norm", True),
        ("encoder", nn.Flatten()),
        ("decoder", nn.Flatten),
        ("kl_weight", 0.5),
        ("decoder_spectral_norm", True),
    ],
)
def test_going_on_with_another_network(small, digits, method, name, value):
    autoencoder = small(warm_start=True).fit(digits)
    before = state(autoencoder, digits)
    autoencoder.set_params(**{name: value})
    with pytest.raises(ValueError, match=f"{name} must stay as it was"):
        getattr(autoencoder, method)(digits)
    assert state(autoencoder, digits) == before


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_going_on_with_the_same_network_in_other_words(small, digits, method):
    autoencoder = small(warm_start=True).fit(digits)
    assert not autoencoder.linear_path_
    autoencoder.set_params(linear_path=False, channels=[8, 8], latent_dim=np.int64(4))
    before = autoencoder.history_["train_loss"][-1]
    getattr(autoencoder, method)(digits)
    assert autoencoder.history_["train_loss"][-1] < before


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_going_on_with_other_images(small, digits, method):
    autoencoder = small(warm_start=True).fit(digits)
    before = state(autoencoder, digits)
    with pytest.raises(ValueError, match="X must have the layout and image size seen in fit"):
        getattr(autoencoder, method)(digits[:, :7])
    with pytest.raises(ValueError, match="X must be in the units seen in fit"):
        getattr(autoencoder, method)(digits / 16)
    assert state(autoencoder, digits) == before


def test_an_interrupt_keeps_the_weights_so_far(small, digits):
    whole = small(max_epochs=5).fit(digits)
    interrupt = Interrupt(epoch=3)
    with pytest.warns(ConvergenceWarning, match="interrupted after 2 of 5 epochs"):
        autoencoder = small(max_epochs=5, callbacks=[interrupt]).fit(digits)
    assert autoencoder.n_iter_ == 2
    assert torch.equal(weights(autoencoder), interrupt.weights)
    losses = autoencoder.history_["train_loss"]
    np.testing.assert_array_equal(losses, whole.history_["train_loss"][:2])
    assert not autoencoder.net_.module_.training


def test_an_interrupt_in_the_first_epoch_leaves_an_empty_record(small, digits):
    with pytest.warns(ConvergenceWarning, match="interrupted after 0 of 2 epochs"):
        autoencoder = small(callbacks=[Interrupt(epoch=1)]).fit(digits)
    assert autoencoder.n_iter_ == 0
    assert {name: len(values) for name, values in autoencoder.history_.items()} == {
        "train_loss": 0,
        "duration": 0,
    }
    assert np.all(np.isfinite(autoencoder.transform(digits)))


def test_an_interrupted_partial_fit_adds_no_validation_loss(small, digits):
    autoencoder = small().fit(digits)
    with pytest.warns(ConvergenceWarning, match="interrupted after 0 of 1 epochs"):
        autoencoder.set_params(callbacks=[Interrupt(epoch=1)]).partial_fit(digits)
    assert autoencoder.n_iter_ == 2
    assert set(autoencoder.history_) == {"train_loss", "duration"}


MESSAGE = r"Training stopped in epoch {} of {}: .*smaller learning_rate \(now {}\)"


@pytest.mark.parametrize("change", [{}, {"warm_start": True}])
def test_a_loss_that_blows_up_leaves_the_earlier_fit(small, digits, change):
    autoencoder = small().fit(digits)
    before = state(autoencoder, digits)
    autoencoder.set_params(learning_rate=1e30, **change)
    with pytest.raises(ValueError, match=MESSAGE.format(1, 2, r"1e\+30")):
        autoencoder.fit(digits)
    assert state(autoencoder, digits) == before


def test_a_first_fit_that_blows_up_leaves_nothing(small, digits):
    autoencoder = small(learning_rate=1e30)
    before = vars(autoencoder).copy()
    with pytest.raises(ValueError, match="Training stopped in epoch 1 of 2"):
        autoencoder.fit(digits)
    assert vars(autoencoder) == before


def test_a_partial_fit_that_blows_up_changes_nothing(small, digits):
    autoencoder = small().partial_fit(digits)
    before, untroubled = state(autoencoder, digits), copy.deepcopy(autoencoder)
    autoencoder.set_params(learning_rate=1e30)
    with pytest.raises(ValueError, match=MESSAGE.format(1, 1, r"1e\+30")):
        autoencoder.partial_fit(digits)
    assert state(autoencoder, digits) == before
    # The next call goes on as if the failed one had not been.
    autoencoder.set_params(learning_rate=untroubled.learning_rate).partial_fit(digits)
    assert torch.equal(weights(autoencoder), weights(untroubled.partial_fit(digits)))


@pytest.mark.parametrize(("first_broken", "epoch"), [(1, 1), (7, 3)])
def test_an_own_module_that_yields_nan(small, digits, first_broken, epoch):
    autoencoder = small(encoder=BrokenInTraining(first_broken), max_epochs=4)
    with pytest.raises(ValueError, match=MESSAGE.format(epoch, 4, "0.002") + ".*precision"):
        autoencoder.fit(digits)
    assert not hasattr(autoencoder, "net_")


def test_the_weights_after_the_last_step_are_looked_at_too(small, digits):
    autoencoder = small(max_epochs=1, batch_size=300, learning_rate=1e38, schedule="constant")
    with pytest.raises(ValueError, match="Training stopped in epoch 1 of 1: a weight became inf"):
        autoencoder.fit(digits)


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
@pytest.mark.parametrize("verbose", [0, False])
def test_nothing_is_printed(small, digits, capfd, verbose):
    autoencoder = small(verbose=verbose, early_stopping=True).fit(digits).partial_fit(digits)
    autoencoder.reconstruct(digits)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("sizes", [(3, 2), (5, 2), (9, 4)])
def test_batch_normalisation_with_small_batches(small, digits, sizes):
    n, batch_size = sizes
    autoencoder = small(batch_norm=True, channels=(4,) * 4, batch_size=batch_size, max_epochs=1)
    latent = autoencoder.fit(digits[:n]).transform(digits[:n])
    # In use the statistics are those of training, whatever the batch.
    np.testing.assert_allclose(autoencoder.transform(digits[:1]), latent[:1], atol=1e-5)


def test_batch_normalisation_of_one_image(small, digits):
    with pytest.raises(ValueError, match=r"batch_norm=True needs at least 2 images.*n_samples=1"):
        small(batch_norm=True).fit(digits[:1])


def test_batch_normalisation_of_batches_of_one_image(small, digits):
    with pytest.raises(ValueError, match=r"batch_size must be .* at least 2.*batch_norm"):
        small(batch_norm=True, channels=(4,) * 4, batch_size=1).fit(digits[:4])


@pytest.mark.parametrize("kind", [{}, {"kl_weight": 1.0}, {"linear_path": True}])
def test_what_the_process_has_set_changes_no_bit(small, digits, kind):
    """Neither torch's default type nor gradients that are switched off."""
    plain = small(**kind, precision="auto").fit(digits).transform(digits)
    with torch.no_grad():
        np.testing.assert_array_equal(small(**kind, precision="auto").fit_transform(digits), plain)
    torch.set_default_dtype(torch.float64)
    try:
        found = small(**kind, precision="auto").fit_transform(digits)
    finally:
        torch.set_default_dtype(torch.float32)
    np.testing.assert_array_equal(found, plain)
