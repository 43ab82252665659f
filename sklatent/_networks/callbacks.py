"""What watches over training: losses that blow up, annealing, best weights, the progress bar."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import skorch.callbacks
import torch
from skorch import NeuralNet
from skorch.callbacks import BatchScoring, Callback, EpochScoring
from skorch.utils import noop
from tqdm.auto import tqdm

__all__ = [
    "EarlyStopping",
    "KLAnnealing",
    "KeepBest",
    "ProgressBar",
    "StopAtNonFinite",
    "check_callbacks",
    "check_watched",
]


class StopAtNonFinite(Callback):
    """Ends training with an error as soon as a loss, or at the end a weight, is not finite."""

    def on_batch_end(self, net: NeuralNet, training: bool = False, **kwargs: Any) -> None:
        """Look at the loss of a batch."""
        value = net.history[-1]["batches"][-1]["train_loss" if training else "valid_loss"]
        if not np.isfinite(value):
            raise ValueError(_non_finite_message(net, f"the loss became {value}"))

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Look at all weights."""
        if not all(torch.isfinite(weight.detach()).all() for weight in net.module_.parameters()):
            raise ValueError(_non_finite_message(net, "a weight became infinite or NaN"))


def _non_finite_message(net: NeuralNet, what: str) -> str:
    return (
        f"Training stopped in epoch {len(net.history)} of {net.max_epochs}: {what}. Try a smaller "
        f"learning_rate (now {net.lr:g}), precision='float32', or another activation or loss."
    )


class KLAnnealing(Callback):
    """Raises `kl_share` of the loss linearly from 0 to 1 over the first steps of training.

    Losses of validation have the full share, so that epochs compare.
    """

    def __init__(self, n_steps: int):
        self.n_steps = n_steps

    def on_train_begin(self, net: NeuralNet, **kwargs: Any) -> None:
        """Count steps from 0."""
        self.step_ = 0

    def on_batch_begin(self, net: NeuralNet, training: bool = False, **kwargs: Any) -> None:
        """Set the share of a batch."""
        net.criterion_.kl_share = min(1.0, self.step_ / self.n_steps) if training else 1.0
        self.step_ += training

    def on_train_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Leave the full share."""
        net.criterion_.kl_share = 1.0


class EarlyStopping(skorch.callbacks.EarlyStopping):
    """Restores the best weights; the first `n_uncounted` epochs are none without improvement."""

    def __init__(self, patience: int, n_uncounted: int):
        super().__init__(patience=patience, threshold=0.0, load_best=True, sink=noop)
        self.n_uncounted = n_uncounted

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Count the epoch, or end training."""
        if len(net.history) <= self.n_uncounted:
            self.misses_ = -1
        super().on_epoch_end(net, **kwargs)


class KeepBest(Callback):
    """Restores the weights with the smallest loss on validation; those before training are epoch 0.

    The weights of an epoch that an interrupt cut short have a say too.
    """

    def on_train_begin(self, net: NeuralNet, X: Any = None, **kwargs: Any) -> None:
        """Take the weights before training for the best."""
        _, self.validation_ = X
        self.initial_loss_ = self._loss(net)
        self._keep(net, self.initial_loss_, epoch=0)

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Keep the weights of the epoch if they are the best."""
        loss = net.history[-1]["valid_loss"]
        if loss < self.best_loss_:
            self._keep(net, loss, epoch=len(net.history))

    def on_train_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Restore the best weights."""
        cut_short = len(net.history) > 0 and "dur" not in net.history[-1]
        if cut_short and self._loss(net) < self.best_loss_:
            self.best_epoch_ = len(net.history)
        elif self.best_epoch_ < len(net.history):
            net.module_.load_state_dict(self.best_weights_)
        # A pickle of the net would hold the images, and the weights twice.
        del self.validation_, self.best_weights_

    def _keep(self, net: NeuralNet, loss: float, epoch: int) -> None:
        self.best_weights_ = copy.deepcopy(net.module_.state_dict())
        self.best_loss_, self.best_epoch_ = loss, epoch

    def _loss(self, net: NeuralNet) -> float:
        """Return the mean loss over the images for validation, as the history has it."""
        parts = [(float(net.validation_step(b)["loss"]), len(b[1])) for b in self.validation_]
        losses, sizes = np.array(parts).T
        return float(np.average(losses, weights=sizes))


class ProgressBar(Callback):
    """Shows images per second, the epoch, and the losses so far."""

    def on_train_begin(self, net: NeuralNet, X: Any = None, **kwargs: Any) -> None:
        """Open the bar."""
        train_batches, _ = X
        total = net.max_epochs * len(train_batches.rows)
        self.bar_ = tqdm(total=total, unit="img", unit_scale=True, dynamic_ncols=True)

    def on_epoch_begin(self, net: NeuralNet, **kwargs: Any) -> None:
        """Show the epoch."""
        self.bar_.set_description(f"epoch {len(net.history)}/{net.max_epochs}")

    def on_batch_end(
        self, net: NeuralNet, batch: Any = None, training: bool = False, **kwargs: Any
    ) -> None:
        """Count the images, and show their loss."""
        if training:
            self.bar_.update(len(batch[1]))
            loss = net.history[-1]["batches"][-1]["train_loss"]
            self.bar_.set_postfix(loss=f"{loss:.4f}", refresh=False)

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Show the losses of the epoch."""
        row = net.history[-1]
        losses = {key: row[f"{key}_loss"] for key in ("train", "valid") if f"{key}_loss" in row}
        self.bar_.set_postfix({key: f"{value:.4f}" for key, value in losses.items()})

    def close(self) -> None:
        """Close the bar, if it is open."""
        if hasattr(self, "bar_"):
            self.bar_.close()
            del self.bar_


def check_callbacks(callbacks: Any) -> None:
    """Raise a TypeError unless `callbacks` is None or a list of what skorch takes for one."""
    items = () if callbacks is None else callbacks
    if isinstance(items, list | tuple):
        found = [item[1] if isinstance(item, tuple) and len(item) == 2 else item for item in items]
        if all(
            isinstance(item, Callback) or (isinstance(item, type) and issubclass(item, Callback))
            for item in found
        ):
            return
    raise TypeError(f"callbacks must be None or a list of skorch callbacks; got {callbacks!r}.")


def check_watched(callbacks: Sequence[Any], held_out: bool, one_cycle: bool) -> None:
    """Raise a ValueError for a callback that waits for what a training does not give."""
    for item in callbacks:
        callback = item[1] if isinstance(item, tuple) else item
        callback = callback() if isinstance(callback, type) else callback
        name = type(callback).__name__
        if isinstance(callback, skorch.callbacks.LRScheduler) and one_cycle:
            raise ValueError(
                f"callbacks must hold no {name} unless schedule='constant', as both would set the "
                "learning rate; got schedule='one_cycle'."
            )
        scores = isinstance(callback, EpochScoring | BatchScoring)
        if scores and not callable(callback.scoring):
            raise ValueError(
                f"callbacks must hold no {name} but with a function of (net, X, y): what is scored "
                f"are batches, not labels; got scoring={callback.scoring!r}."
            )
        monitor = getattr(callback, "monitor", None)
        validates = (isinstance(monitor, str) and monitor.startswith("valid")) or (
            scores and not callback.on_train
        )
        if validates and not held_out:
            raise ValueError(
                f"callbacks must not wait for images that are held out, as {name} does, where "
                "there are none; set early_stopping=True, or let it watch 'train_loss'."
            )
