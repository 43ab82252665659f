"""How long, and at which rates, a network learns."""

import fnmatch
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from skorch.callbacks import LRScheduler
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from .linear_path import LINEAR_PATH_WEIGHTS
from .optimizers import Optimizing

__all__ = [
    "ScheduleName",
    "enough_epochs",
    "learning_rates",
    "one_cycle",
    "parameter_groups",
]

ScheduleName: TypeAlias = Literal["one_cycle", "constant"]

_WARM_UP_SHARE = 0.15
# A rate that suits convolutions would throw principal axes away.
_LINEAR_PATH_SHARE = 0.003
_USUAL_EPOCHS = 10
# Steps that are enough for each optimizer on few images, and the most passes to make them.
_ENOUGH_STEPS = {"adam": (2000, 100), "muon": (900, 60)}


def enough_epochs(n_images: int, batch_size: int, optimizer: Optimizing = "adam") -> int:
    """Return 10 passes, or on few images as many as give enough steps, up to the most."""
    n_batches = -(-n_images // batch_size)
    n_steps, most = _ENOUGH_STEPS[optimizer]
    return max(_USUAL_EPOCHS, min(most, -(-n_steps // n_batches)))


def parameter_groups(
    learning_rate: float, turned: Sequence[str] | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """Return patterns of the names of parameters that have a rate, or a side, of their own.

    Without `turned` there are no options but rates. Wide matrices of a linear path, which hardly
    move, are not worth orthogonal steps.
    """
    linear_path: dict[str, Any] = {"lr": _LINEAR_PATH_SHARE * learning_rate}
    if turned is None:
        return [(LINEAR_PATH_WEIGHTS, linear_path)]
    linear_path["orthogonal"] = False
    return [
        (LINEAR_PATH_WEIGHTS, linear_path),
        *((name, {"lr": learning_rate, "turned": True}) for name in turned),
    ]


def learning_rates(
    module: nn.Module, learning_rate: float, turned: Sequence[str] | None = None
) -> list[float]:
    """Return the learning rate of each group of parameters of a module, the usual one last."""
    names = [name for name, _ in module.named_parameters()]
    rates = []
    for pattern, options in parameter_groups(learning_rate, turned):
        own = set(fnmatch.filter(names, pattern))
        names = [name for name in names if name not in own]
        rates += [options["lr"]] if own else []
    return [*rates, learning_rate] if names else rates


def one_cycle(n_steps: int, rates: list[float]) -> LRScheduler:
    """Return a cycle that rises linearly to `rates` in 0.15 of the steps, and falls linearly."""
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
