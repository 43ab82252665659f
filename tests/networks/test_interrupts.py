"""An interrupt from the keyboard ends a training, or the call that it is part of."""

import signal
import warnings

import numpy as np
import pytest
import skorch.callbacks
from joblib import Memory
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from skorch.callbacks import Callback

from sklatent import LatentDimensionSearch, LatentGaussianModel, LatentPipeline
from sklatent._networks.interrupts import part_of_a_call, raised_by_code
from sklatent.metrics import ClassifierFeatures

CALLS = []


class Interrupt(Callback):
    """Presses control-C in the first batch of the n-th training of this process."""

    def __init__(self, n=1):
        self.n = n

    def on_train_begin(self, net, **kwargs):
        CALLS.append(1)

    def on_batch_end(self, net, training=False, **kwargs):
        if training and len(CALLS) == self.n:
            CALLS.append("pressed")
            signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def no_calls():
    CALLS.clear()


def test_a_single_training_keeps_its_weights(small, digits):
    with pytest.warns(ConvergenceWarning, match="interrupted after 0 of 2 epochs"):
        autoencoder = small(callbacks=[Interrupt()]).fit(digits)
    assert autoencoder.transform(digits).shape == (300, 4)


@pytest.mark.parametrize("n", [1, 2])
def test_an_interrupt_ends_a_search(small, digits, n):
    search = GridSearchCV(small(callbacks=[Interrupt(n)]), {"latent_dim": [2, 3]}, cv=2)
    with pytest.raises(KeyboardInterrupt):
        search.fit(digits)
    assert CALLS.count(1) == n
    assert not hasattr(search, "cv_results_")


def test_a_search_keeps_what_was_finished_in_its_memory(small, digits, tmp_path):
    search = LatentDimensionSearch(
        small(callbacks=[Interrupt(3)]), dims=(2, 3), cv=2, memory=str(tmp_path), random_state=0
    )
    with pytest.raises(KeyboardInterrupt):
        search.fit(digits)
    assert CALLS.count(1) == 3
    search.fit(digits)
    # Two of four trainings were there; the third was not kept. One more is the refit.
    assert CALLS.count(1) == 3 + 2 + 1


@pytest.mark.parametrize("kind", [LatentPipeline, Pipeline])
def test_no_cache_keeps_an_interrupted_training(small, digits, tmp_path, kind):
    steps = [("coder", small(callbacks=[Interrupt()])), ("density", LatentGaussianModel())]
    pipeline = kind(steps, memory=Memory(tmp_path, verbose=0))
    with pytest.raises(KeyboardInterrupt):
        pipeline.fit(digits)
    pipeline.fit(digits)
    assert pipeline[0].n_iter_ == 2
    assert not pipeline[0].net_.interrupted_
    before = CALLS.count(1)
    pipeline.fit(digits)
    assert CALLS.count(1) == before == 2


def test_an_interrupt_ends_a_pipeline_which_stays_as_it_was(small, digits):
    steps = [("coder", small()), ("density", LatentGaussianModel())]
    pipeline = LatentPipeline(steps).fit(digits)
    first, drawn = pipeline.transform(digits), pipeline.sample(3, random_state=0)
    pipeline.set_params(coder__callbacks=[Interrupt()], coder__random_state=1)
    with pytest.raises(KeyboardInterrupt):
        pipeline.fit(digits[:100])
    np.testing.assert_array_equal(pipeline.transform(digits), first)
    np.testing.assert_array_equal(pipeline.sample(3, random_state=0), drawn)


class Failing(LatentGaussianModel):
    """A density whose second fit fails half-way."""

    def fit(self, X, y=None):
        if hasattr(self, "mean_"):
            self.mean_ = None
            raise ValueError("bad luck")
        return super().fit(X)


def test_a_refit_that_fails_leaves_all_steps_as_they_were(small, digits):
    pipeline = LatentPipeline([("coder", small()), ("density", Failing())]).fit(digits)
    first, drawn = pipeline[:-1].transform(digits), pipeline.sample(3, random_state=0)
    pipeline.set_params(coder__random_state=1)
    with pytest.raises(ValueError, match="bad luck"):
        pipeline.fit(digits)
    np.testing.assert_array_equal(pipeline[:-1].transform(digits), first)
    np.testing.assert_array_equal(pipeline.sample(3, random_state=0), drawn)


def test_clones_and_parts_of_calls_raise(small, digits):
    with pytest.raises(KeyboardInterrupt):
        clone(small(callbacks=[Interrupt()])).fit(digits)
    CALLS.clear()
    with part_of_a_call(), pytest.raises(KeyboardInterrupt):
        small(callbacks=[Interrupt()]).fit(digits)


def test_features_of_a_classifier_warn(digits, monkeypatch):
    y = np.arange(300) % 2
    features = ClassifierFeatures(4, channels=(4, 4), max_epochs=2, random_state=0)
    from sklatent._networks import batches

    found = batches.ImageBatches._read

    def press(self, part):
        signal.raise_signal(signal.SIGINT)
        return found(self, part)

    monkeypatch.setattr(batches.ImageBatches, "_read", press)
    with pytest.warns(ConvergenceWarning, match="interrupted after 0 of 2 epochs"):
        features.fit(digits, y)
    with pytest.raises(KeyboardInterrupt):
        clone(features).fit(digits, y)


def test_a_callback_that_ends_training_is_no_interrupt(small, digits):
    stop = skorch.callbacks.EarlyStopping(monitor="train_loss", patience=1, threshold=10.0)
    stop.sink = lambda text: None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        autoencoder = small(max_epochs=9, callbacks=[("early_stopping", stop)]).fit(digits)
    assert autoencoder.n_iter_ < 9
    assert not autoencoder.net_.interrupted_


def test_statements_are_told_from_signals():
    def raised(press):
        try:
            press()
        except KeyboardInterrupt as error:
            return raised_by_code(error)

    def statement():
        raise KeyboardInterrupt

    assert raised(statement)
    assert not raised(lambda: signal.raise_signal(signal.SIGINT))
    assert not raised_by_code(KeyboardInterrupt())


class Recorder(Callback):
    """Records numbers, and a word, of each epoch."""

    def on_epoch_end(self, net, **kwargs):
        net.history.record("epochs_so_far", len(net.history))
        net.history.record("word", "a")


def test_history_holds_what_callbacks_record(small, digits):
    history = small(callbacks=[Recorder()]).fit(digits).history_
    np.testing.assert_array_equal(history["epochs_so_far"], [1, 2])
    assert set(history) == {"train_loss", "duration", "epochs_so_far"}


def mean_loss(net, X, y=None):
    return 0.5


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (skorch.callbacks.EarlyStopping(), "callbacks must not wait for .* as EarlyStopping does"),
        (skorch.callbacks.EarlyStopping, "callbacks must not wait for .* as EarlyStopping does"),
        (skorch.callbacks.EpochScoring("neg_mean_squared_error"), "callbacks must hold no EpochS"),
        (skorch.callbacks.EpochScoring(mean_loss), "callbacks must not wait for .* EpochScoring"),
        (("schedule", skorch.callbacks.LRScheduler()), "callbacks must hold no LRScheduler unless"),
    ],
)
def test_callbacks_that_wait_in_vain(small, digits, callback, message):
    with pytest.raises(ValueError, match=message):
        small(callbacks=[callback]).fit(digits)


def test_a_schedule_of_ones_own_beside_a_constant_rate(small, digits):
    schedule = skorch.callbacks.LRScheduler("StepLR", step_size=1, gamma=0.1)
    autoencoder = small(schedule="constant", callbacks=[("schedule", schedule)]).fit(digits)
    assert autoencoder.n_iter_ == 2
