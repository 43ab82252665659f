"""Training: the one place that builds a skorch net."""

import fnmatch
from collections.abc import Sequence

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback, EarlyStopping, LRScheduler
from skorch.utils import noop
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from tqdm.auto import tqdm

from .batches import ImageBatches
from .inference import autocast
from .linear_path import LINEAR_PATH_WEIGHTS
from .losses import AutoencoderLoss

__all__ = ["check_callbacks", "enough_epochs", "history_arrays", "join_histories", "train"]

_ADAM_BETAS = (0.9, 0.99)
_WARM_UP_SHARE = 0.15
# A rate that suits convolutions would throw principal axes away.
_LINEAR_PATH_SHARE = 0.003
_USUAL_EPOCHS, _MOST_EPOCHS, _ENOUGH_STEPS = 10, 100, 2000


class _Net(NeuralNet):
    """A skorch net over ready-made batches."""

    def __init__(self, *args, precision: str = "float32", **kwargs):
        super().__init__(*args, **kwargs)
        self.precision = precision

    def get_split_datasets(self, X, y=None, **fit_params):
        return X

    def get_iterator(self, dataset, training=False):
        return dataset

    def fit_loop(self, X, y=None, epochs=None, **fit_params):
        self.interrupted_ = False
        try:
            return super().fit_loop(X, y, epochs, **fit_params)
        except KeyboardInterrupt:
            # skorch takes it for the end of training; early stopping raises it too.
            stopping = dict(self.callbacks_).get("early_stopping")
            self.interrupted_ = stopping is None or stopping.misses_ < stopping.patience
            raise

    def infer(self, x, **fit_params):
        with autocast(torch.device(self.device), self.precision):
            return self.module_(**x)

    def get_loss(self, y_pred, y_true, X=None, training=False):
        return self.criterion_(y_pred, y_true, self.module_.decoder)


class _StopAtNonFinite(Callback):
    """Ends training with an error as soon as a loss, or at the end a weight, is not finite."""

    def on_batch_end(self, net, training=False, **kwargs):
        batches = net.history[-1]["batches"]
        prefix = "train" if training else "valid"
        value = batches[-1][f"{prefix}_loss"]
        if not np.isfinite(value):
            raise ValueError(_non_finite_message(net, f"the loss became {value}"))

    def on_epoch_end(self, net, **kwargs):
        if not all(torch.isfinite(weight).all() for weight in net.module_.parameters()):
            raise ValueError(_non_finite_message(net, "a weight became infinite or NaN"))


class _KLAnnealing(Callback):
    """Raises the weight of the divergence linearly over the first steps of training.

    Losses of validation have the full weight, so that epochs compare.
    """

    def __init__(self, n_steps: int):
        self.n_steps = n_steps

    def on_train_begin(self, net, **kwargs):
        self.step_ = 0

    def on_batch_begin(self, net, training=False, **kwargs):
        net.criterion_.kl_share = min(1.0, self.step_ / self.n_steps) if training else 1.0
        self.step_ += training

    def on_train_end(self, net, **kwargs):
        net.criterion_.kl_share = 1.0


class _EarlyStopping(EarlyStopping):
    """Restores the best weights; the first `n_uncounted` epochs are none without improvement."""

    def __init__(self, patience: int, n_uncounted: int):
        super().__init__(patience=patience, threshold=0.0, load_best=True, sink=noop)
        self.n_uncounted = n_uncounted

    def on_epoch_end(self, net, **kwargs):
        if len(net.history) <= self.n_uncounted:
            self.misses_ = -1
        super().on_epoch_end(net, **kwargs)


def _non_finite_message(net, what: str) -> str:
    return (
        f"Training stopped in epoch {len(net.history)} of {net.max_epochs}: {what}. Try a smaller "
        f"learning_rate (now {net.lr:g}), precision='float32', or another activation or loss."
    )


class _ProgressBar(Callback):
    """Shows images per second, the epoch, and the losses so far."""

    def on_train_begin(self, net, X=None, **kwargs):
        train_batches, _ = X
        total = net.max_epochs * len(train_batches.rows)
        self.bar_ = tqdm(total=total, unit="img", unit_scale=True, dynamic_ncols=True)

    def on_epoch_begin(self, net, **kwargs):
        self.bar_.set_description(f"epoch {len(net.history)}/{net.max_epochs}")

    def on_batch_end(self, net, batch=None, training=False, **kwargs):
        if training:
            self.bar_.update(len(batch[1]))
            loss = net.history[-1]["batches"][-1]["train_loss"]
            self.bar_.set_postfix(loss=f"{loss:.4f}", refresh=False)

    def on_epoch_end(self, net, **kwargs):
        row = net.history[-1]
        losses = {key: row[f"{key}_loss"] for key in ("train", "valid") if f"{key}_loss" in row}
        self.bar_.set_postfix({key: f"{value:.4f}" for key, value in losses.items()})

    def close(self):
        if hasattr(self, "bar_"):
            self.bar_.close()
            del self.bar_


def check_callbacks(callbacks) -> None:
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


def _rates(module: nn.Module, learning_rate: float) -> list[float]:
    """Return the learning rate of each group of parameters, that of a linear path first."""
    names = [name for name, _ in module.named_parameters()]
    if fnmatch.filter(names, LINEAR_PATH_WEIGHTS):
        return [_LINEAR_PATH_SHARE * learning_rate, learning_rate]
    return [learning_rate]


def _schedule(n_steps: int, rates: list[float]) -> LRScheduler:
    return LRScheduler(
        OneCycleLR,
        step_every="batch",
        max_lr=rates,
        # The warm-up of a shorter cycle would have no step.
        total_steps=max(n_steps, 4),
        pct_start=_WARM_UP_SHARE,
        anneal_strategy="linear",
        cycle_momentum=False,
    )


def train(
    module: nn.Module,
    batches: ImageBatches,
    validation: ImageBatches | None,
    *,
    loss: AutoencoderLoss,
    max_epochs: int,
    learning_rate: float,
    one_cycle: bool,
    patience: int | None,
    precision: str,
    callbacks: Sequence,
    progress: bool,
    kl_annealing: float = 0.0,
    optimizer_state: dict | None = None,
) -> NeuralNet:
    """Train `module` in place with Adam and return the skorch net that holds it.

    An interrupt from the keyboard ends training and keeps the weights so far; the net's
    `interrupted_` tells of it.

    Raises
    ------
    ValueError
        If a loss or a weight stops being finite.
    """
    rates = _rates(module, learning_rate)
    all_callbacks: list = [("stop_at_non_finite", _StopAtNonFinite())]
    annealed_steps = round(kl_annealing * max_epochs * len(batches)) if loss.kl_weight else 0
    if annealed_steps:
        all_callbacks.append(("kl_annealing", _KLAnnealing(annealed_steps)))
    if one_cycle:
        all_callbacks.append(("schedule", _schedule(max_epochs * len(batches), rates)))
    if patience is not None:
        stopping = _EarlyStopping(patience, n_uncounted=-(-annealed_steps // len(batches)))
        all_callbacks.append(("early_stopping", stopping))
    bar = _ProgressBar() if progress else None
    if bar is not None:
        all_callbacks.append(("progress_bar", bar))
    net = _Net(
        module,
        criterion=loss,
        optimizer=torch.optim.Adam,
        optimizer__betas=_ADAM_BETAS,
        optimizer__fused=True,
        optimizer__param_groups=[(LINEAR_PATH_WEIGHTS, {"lr": rates[0]})],
        lr=learning_rate,
        max_epochs=max_epochs,
        train_split=None,
        callbacks=[*all_callbacks, *callbacks],
        callbacks__print_log=None,
        warm_start=True,
        verbose=0,
        device=str(batches.device),
        precision=precision,
    ).initialize()
    if optimizer_state is not None:
        net.optimizer_.load_state_dict(optimizer_state)
        for group, rate in zip(net.optimizer_.param_groups, rates, strict=True):
            group["lr"] = rate
    try:
        net.fit((batches, validation))
    finally:
        if bar is not None:
            bar.close()
    for _, callback in net.callbacks_:
        if isinstance(callback, LRScheduler):
            # It holds the optimizer, which a pickle would then hold twice.
            callback.lr_scheduler_ = None
    net.module_.eval()
    return net


def history_arrays(net: NeuralNet) -> dict[str, np.ndarray]:
    """Return the record of the completed epochs of `net`, one array of shape (n_epochs,) each.

    Losses are means over the epoch's images, durations are in seconds.
    """
    rows = [row for row in net.history if "dur" in row]
    keys = {"train_loss": "train_loss", "duration": "dur"}
    if rows and "valid_loss" in rows[0]:
        keys["valid_loss"] = "valid_loss"
    return {name: np.array([row[key] for row in rows]) for name, key in keys.items()}


def join_histories(first: dict, second: dict) -> dict[str, np.ndarray]:
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


def enough_epochs(n_images: int, batch_size: int) -> int:
    """Return 10 passes, or on few images as many as give 2,000 steps, and at most 100."""
    n_batches = -(-n_images // batch_size)
    return max(_USUAL_EPOCHS, min(_MOST_EPOCHS, -(-_ENOUGH_STEPS // n_batches)))
