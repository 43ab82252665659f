"""Training: the one place that builds a skorch net."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, Literal, Protocol

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import LRScheduler
from torch import Tensor, nn
from torch.optim import Optimizer

from sklatent._typing import FloatArray

from .batches import ImageBatches
from .callbacks import (
    EarlyStopping,
    KeepBest,
    KLAnnealing,
    ProgressBar,
    StopAtNonFinite,
    check_watched,
)
from .inference import Precision, autocast
from .interrupts import raised_by_code
from .optimizers import (
    Muon,
    Optimizing,
    go_on,
    optimizer_kind,
    optimizer_options,
    turned_weights,
    usual_rate,
)
from .schedules import learning_rates, one_cycle, parameter_groups

# What skorch notes of an epoch beside what we hand on.
_OF_SKORCH = {"batches", "epoch", "dur", "train_batch_count", "valid_batch_count"}
_OF_SKORCH |= {"train_loss_best", "valid_loss_best"}

__all__ = ["Loss", "best_epoch", "history_arrays", "initial_loss", "join_histories", "train"]


class Loss(Protocol):
    """What training asks of a loss, a torch module: a number for a batch, to be made small.

    It gets what the network gave, the targets, and the network, of whose weights it may make a
    penalty. Only where annealing is asked for must it have a `kl_share`, which is then set.
    """

    def __call__(self, output: Any, target: Tensor, module: nn.Module) -> Tensor:
        """Return the loss as a scalar."""


class _Net(NeuralNet):
    """A skorch net over ready-made batches."""

    def __init__(self, *args, precision: Precision = "float32", **kwargs):
        super().__init__(*args, **kwargs)
        self.precision: Precision = precision

    def get_split_datasets(self, X, y=None, **fit_params):
        return X

    def get_iterator(self, dataset, training=False):
        return dataset

    def notify(self, method_name, **cb_kwargs):
        try:
            super().notify(method_name, **cb_kwargs)
        except KeyboardInterrupt as error:
            # So callbacks of skorch, and of users, say at the end of an epoch that it is the last.
            self.ended_ = method_name == "on_epoch_end" and raised_by_code(error)
            raise

    def fit_loop(self, X, y=None, epochs=None, **fit_params):
        self.interrupted_ = self.ended_ = False
        try:
            return super().fit_loop(X, y, epochs, **fit_params)
        except KeyboardInterrupt:
            # skorch takes it for the end of training.
            self.interrupted_ = not self.ended_
            raise

    def infer(self, x, **fit_params):
        with autocast(torch.device(self.device), self.precision):
            return self.module_(**x)

    def get_loss(self, y_pred, y_true, X=None, training=False):
        return self.criterion_(y_pred, y_true, self.module_)


def _own_callbacks(
    n_epochs: int,
    n_batches: int,
    cycle_rates: list[float] | None,
    keep_best: bool,
    patience: int | None,
    kl_annealing: float,
    progress: bool,
) -> list[tuple[str, Any]]:
    """Return our callbacks by name, in the order in which they are called."""
    callbacks: list[tuple[str, Any]] = [("sklatent_stop_at_non_finite", StopAtNonFinite())]
    annealed_steps = round(kl_annealing * n_epochs * n_batches)
    if annealed_steps:
        callbacks.append(("sklatent_kl_annealing", KLAnnealing(annealed_steps)))
    if cycle_rates is not None:
        callbacks.append(("sklatent_schedule", one_cycle(n_epochs * n_batches, cycle_rates)))
    if patience is not None:
        stopping = EarlyStopping(patience, n_uncounted=-(-annealed_steps // n_batches))
        callbacks.append(("sklatent_early_stopping", stopping))
    elif keep_best:
        callbacks.append(("sklatent_keep_best", KeepBest()))
    if progress:
        callbacks.append(("sklatent_progress_bar", ProgressBar()))
    return callbacks


def train(
    module: nn.Module,
    batches: ImageBatches,
    validation: ImageBatches | None = None,
    *,
    loss: Loss,
    max_epochs: int,
    learning_rate: float | Literal["auto"],
    optimizer: Optimizing = "adam",
    optimizer_params: Mapping[str, Any] | None = None,
    cycle: bool = True,
    patience: int | None = None,
    precision: Precision = "float32",
    callbacks: Sequence[Any] = (),
    progress: bool = False,
    kl_annealing: float = 0.0,
    earlier: Optimizer | None = None,
) -> Any:
    """Train `module` in place and return the skorch net that holds it.

    Where an `earlier` optimizer is of the same kind, its moments go on.

    With `validation` the weights of the best epoch on it are kept: with a `patience` training ends
    after so many epochs without improvement, else the weights before training count too.
    `kl_annealing` is the share of all steps over which `kl_share` of the loss rises from 0 to 1.
    An interrupt from the keyboard ends training and keeps the weights so far; the net's
    `interrupted_` tells of it, unless a callback ended training at the end of an epoch. A loss or
    weight that is not finite is a ValueError.
    """
    check_watched(callbacks, validation is not None, cycle)
    rate = usual_rate(optimizer) if learning_rate == "auto" else learning_rate
    kind = optimizer_kind(optimizer)
    turned = turned_weights(module) if kind is Muon else None
    rates = learning_rates(module, rate, turned)
    cycle_rates = rates if cycle else None
    own = _own_callbacks(
        *(max_epochs, len(batches), cycle_rates, validation is not None, patience),
        *(kl_annealing, progress),
    )
    given = optimizer_options(optimizer, optimizer_params)
    options = {f"optimizer__{name}": value for name, value in given.items()}
    net = _Net(
        module,
        criterion=loss,
        optimizer=kind,
        optimizer__param_groups=parameter_groups(rate, turned),
        lr=rate,
        max_epochs=max_epochs,
        train_split=None,
        callbacks=[*own, *callbacks],
        callbacks__print_log=None,
        warm_start=True,
        verbose=0,
        device=str(batches.device),
        precision=precision,
        **options,
    ).initialize()
    if earlier is not None:
        go_on(net.optimizer_, earlier)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            net.fit((batches, validation))
    finally:
        if progress:
            dict(own)["sklatent_progress_bar"].close()
    for _, callback in net.callbacks_:
        if isinstance(callback, LRScheduler):
            # It holds the optimizer, which a pickle would then hold twice.
            callback.lr_scheduler_ = None
    net.module_.eval()
    return net


def history_arrays(net: NeuralNet) -> dict[str, FloatArray]:
    """Return losses, means over images, and durations in seconds of the completed epochs.

    Numbers that callbacks recorded in each of them are there under their names.
    """
    rows = [row for row in net.history if "dur" in row]
    keys = {"train_loss": "train_loss", "duration": "dur"}
    for key in set(rows[0] if rows else ()).intersection(*rows) - _OF_SKORCH:
        if all(isinstance(row[key], Real) and not isinstance(row[key], bool) for row in rows):
            keys[key] = key
    return {name: np.array([row[key] for row in rows]) for name, key in sorted(keys.items())}


def best_epoch(net: NeuralNet) -> int | None:
    """Return the epoch, from 1, whose weights were kept, 0 for those before training, if known."""
    own = dict(net.callbacks_)
    keeper = own.get("sklatent_keep_best", own.get("sklatent_early_stopping"))
    return getattr(keeper, "best_epoch_", None)


def initial_loss(net: NeuralNet) -> float | None:
    """Return the loss on validation before training, if it was looked at."""
    return getattr(dict(net.callbacks_).get("sklatent_keep_best"), "initial_loss_", None)


def join_histories(
    first: dict[str, FloatArray], second: dict[str, FloatArray]
) -> dict[str, FloatArray]:
    """Append the second record to the first; what one of them lacks is NaN there."""
    lengths = (len(first["train_loss"]), len(second["train_loss"]))
    return {
        key: np.concatenate(
            [
                record.get(key, np.full(length, np.nan))
                for record, length in zip((first, second), lengths, strict=True)
            ]
        )
        for key in first | second
    }
