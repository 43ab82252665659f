"""Losses by epoch."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from skorch.callbacks import LRScheduler

from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline
from sklatent.displays import TrainingHistoryDisplay


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
def test_lines_are_the_history(small, digits):
    autoencoder = small(loss="mse", early_stopping=True, max_epochs=3).fit(digits)
    display = TrainingHistoryDisplay.from_estimator(autoencoder)
    for name in ("train_loss", "valid_loss"):
        np.testing.assert_array_equal(display.lines_[name].get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(display.lines_[name].get_ydata(), autoencoder.history_[name])
    best = int(np.argmin(autoencoder.history_["valid_loss"])) + 1
    assert display.best_epoch == best
    assert display.lines_["best_epoch"].get_xdata() == [best]
    assert display.pca_error == autoencoder.pca_validation_error_
    assert display.lines_["pca_error"].get_ydata()[0] == autoencoder.pca_validation_error_
    assert display.ax_.get_ylabel() == "mean squared error"
    assert display.axes_[-1].get_xlabel() == "epoch"


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
def test_pca_is_no_line_among_losses_of_another_kind(small, digits):
    autoencoder = small(early_stopping=True).fit(digits)
    pipeline = make_latent_pipeline(autoencoder, LatentGaussianModel())
    display = TrainingHistoryDisplay.from_estimator(pipeline)
    assert display.pca_error is None
    assert display.note == (
        f"squared error of images for validation: {autoencoder.validation_error_:.3g}, "
        f"of PCA {autoencoder.pca_validation_error_:.3g}"
    )
    assert display.ax_.get_title(loc="left") == display.note
    assert display.loss_name == "loss (binary cross-entropy)"
    decayed = small(loss="mse", early_stopping=True, latent_penalty=0.1).fit(digits)
    assert TrainingHistoryDisplay.from_estimator(decayed).pca_error is None


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
def test_validation_starts_before_training_where_it_was_looked_at(small):
    images = load_digits().images[:500]
    autoencoder = small(max_epochs=3).fit(images)
    display = TrainingHistoryDisplay.from_estimator(autoencoder)
    curve = display.lines_["valid_loss"]
    np.testing.assert_array_equal(curve.get_xdata(), [0, 1, 2, 3])
    assert curve.get_ydata()[0] == autoencoder.initial_valid_loss_
    np.testing.assert_array_equal(curve.get_ydata()[1:], autoencoder.history_["valid_loss"])
    np.testing.assert_array_equal(display.lines_["train_loss"].get_xdata(), [1, 2, 3])
    assert display.best_epoch == autoencoder.best_epoch_ > 0


def test_the_best_epoch_may_be_before_training():
    history = {"train_loss": [0.3, 0.5], "valid_loss": [0.3, 0.5]}
    display = TrainingHistoryDisplay.from_history(history, initial_valid_loss=0.2)
    assert display.best_epoch == 0
    point = display.lines_["best_epoch"]
    assert (list(point.get_xdata()), list(point.get_ydata())) == ([0], [0.2])
    # 0.2 to 0.5 is more than a factor of 2.
    assert display.ax_.get_yscale() == "log"
    higher = TrainingHistoryDisplay.from_history(history, initial_valid_loss=0.31)
    assert higher.best_epoch == 1
    with pytest.raises(ValueError, match="initial_valid_loss must be None where"):
        TrainingHistoryDisplay.from_history({"train_loss": [1.0]}, initial_valid_loss=0.2)
    with pytest.raises(ValueError, match="initial_valid_loss must be a number"):
        TrainingHistoryDisplay.from_history(history, initial_valid_loss=np.inf)


def test_without_validation_there_is_no_best_epoch(fitted, small, digits):
    display = TrainingHistoryDisplay.from_estimator(fitted)
    assert display.best_epoch is None
    assert set(display.lines_) == {"train_loss", "learning_rate"}
    steady = small(schedule="constant").fit(digits)
    assert set(TrainingHistoryDisplay.from_estimator(steady).history) == {"train_loss"}


def test_learning_rates_that_were_recorded_have_a_panel(small, digits):
    scheduler = LRScheduler("StepLR", step_size=1, gamma=0.5, event_name="event_lr")
    autoencoder = small(max_epochs=2, callbacks=[scheduler], schedule="constant").fit(digits)
    display = TrainingHistoryDisplay.from_estimator(autoencoder)
    np.testing.assert_allclose(display.lines_["learning_rate"].get_ydata(), [2e-3, 1e-3])
    assert len(display.axes_) == 2


def test_the_rates_of_a_cycle_are_those_of_most_parameters(small, digits):
    for linear_path in (False, True):
        autoencoder = small(max_epochs=20, linear_path=linear_path).fit(digits)
        display = TrainingHistoryDisplay.from_estimator(autoencoder)
        rates = display.history["learning_rate"]
        peak = int(rates.argmax())
        # Of 60 batches the mean of three is near the highest rate.
        assert rates[peak] == pytest.approx(2e-3, rel=0.15)
        assert (np.diff(rates[peak:]) < 0).all()
    assert set(display.plot(show_learning_rate=False).lines_) == {"train_loss"}


def test_losses_that_fall_far_stand_on_a_logarithmic_axis():
    history = {"train_loss": [1.0, 0.1], "valid_loss": [1.0, np.nan], "duration": [3, 3]}
    display = TrainingHistoryDisplay.from_history(history, pca_error=0.3)
    assert display.ax_.get_yscale() == "log"
    assert display.best_epoch == 1
    assert "duration" not in display.history
    _, ax = plt.subplots()
    assert display.plot(ax, logarithmic=False).ax_.get_yscale() == "linear"
    assert display.ax_ is ax
    losses = TrainingHistoryDisplay.from_history({"train_loss": [-1.0, -9.0]})
    assert losses.ax_.get_yscale() == "linear"


@pytest.mark.parametrize(
    ("history", "error", "match"),
    [
        ([1, 2], TypeError, "history must be a dictionary"),
        ({"loss": [1]}, ValueError, "history must hold 'train_loss'"),
        ({"train_loss": [1, 2], "valid_loss": [1]}, ValueError, "one number for each epoch"),
        ({"train_loss": []}, ValueError, "at least one"),
    ],
)
def test_bad_histories_are_named(history, error, match):
    with pytest.raises(error, match=match):
        TrainingHistoryDisplay.from_history(history)


def test_estimators_without_history_are_refused(digits):
    with pytest.raises(NotFittedError):
        TrainingHistoryDisplay.from_estimator(ConvAutoencoder())
    with pytest.raises(TypeError, match="estimator must have history_"):
        TrainingHistoryDisplay.from_estimator(PCA())
    with pytest.raises(ValueError, match="pca_error must be"):
        TrainingHistoryDisplay.from_history({"train_loss": [1.0]}, pca_error=-1)
