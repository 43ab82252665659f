"""Optimizers by name: Adam, and Muon, which steps along orthogonalised matrices."""

import copy
import glob
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from sklatent._validation import check_number

__all__ = [
    "Muon",
    "OptimizerName",
    "Optimizing",
    "check_optimizer_params",
    "go_on",
    "optimizer_kind",
    "optimizer_options",
    "orthogonalise",
    "turned_weights",
    "usual_rate",
]

Optimizing: TypeAlias = Literal["adam", "muon"]
OptimizerName: TypeAlias = Literal["auto", "adam", "muon"]

_LEAST_NORM = 1e-7
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_BOUNDS: dict[str, dict[str, Any]] = {
    "lr": {"low": 0, "open_high": True},
    "momentum": {"low": 0, "high": 1, "open_high": True},
    "weight_decay": {"low": 0, "open_high": True},
    "adam_share": {"low": 0, "open_high": True},
    "betas[0]": {"low": 0, "high": 1, "open_high": True},
    "betas[1]": {"low": 0, "high": 1, "open_high": True},
    "eps": {"low": 0, "open_low": True, "open_high": True},
    "ns_steps": {"low": 1, "integer": True},
}


def orthogonalise(matrix: Tensor, n_steps: int = 5) -> Tensor:
    """Return U f(S) V' of a matrix U S V' (r, c), with f(S) roughly 1 where S is not tiny.

    Each Newton-Schulz step is X <- (a I + b G + c G^2) X with G = X X' (K. Jordan, "Muon",
    2024). As G and the factors commute, the steps need G alone, of the shorter side, and the
    factors are applied to X once; this wants float32, and is then faster than X in bfloat16.
    """
    X = matrix if matrix.dtype == torch.float64 else matrix.float()
    tall = X.shape[0] > X.shape[1]
    if tall:
        X = X.T
    X = X / torch.linalg.matrix_norm(X).clamp(min=_LEAST_NORM)
    gram, product = X @ X.T, None
    for step in range(n_steps):
        factor = torch.addmm(gram, gram, gram, beta=-4.7750, alpha=2.0315)
        factor.diagonal().add_(3.4445)
        product = factor if product is None else factor @ product
        if step < n_steps - 1:
            gram = factor @ gram @ factor
    X = X if product is None else product @ X
    return (X.T if tall else X).to(matrix.dtype)


class Muon(Optimizer):
    """Orthogonalised Nesterov momentum for matrices, Adam for what has fewer dimensions.

    A weight is a matrix of its first dimension by the rest, or in groups with `turned` of its
    second by the rest. Its step is the rate times sqrt(rows / columns), where that is above 1,
    and it first shrinks by the rate times `weight_decay` (K. Jordan, "Muon", 2024). Biases and
    norms, and groups that are not `orthogonal`, have `adam_share` of the rate and do not decay.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 0.03,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        adam_share: float = 0.1,
        betas: tuple[float, float] = (0.9, 0.99),
        eps: float = 1e-8,
        ns_steps: int = 5,
    ):
        first, second = betas
        options = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        options |= {"adam_share": adam_share, "eps": eps, "ns_steps": ns_steps}
        for name, value in (options | {"betas[0]": first, "betas[1]": second}).items():
            check_number(name, value, **_BOUNDS[name])
        super().__init__(
            params, options | {"betas": (first, second), "turned": False, "orthogonal": True}
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make a step, and return what `closure` gives."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    matrix = weight.ndim > 1 and group["orthogonal"]
                    step = _matrix_step if matrix else _adam_step
                    step(weight, weight.grad, self.state[weight], group)
        return loss


def _matrix_step(
    weight: Tensor, gradient: Tensor, state: dict[str, Any], group: dict[str, Any]
) -> None:
    """Step along orthogonalised Nesterov momentum, in place."""
    if not state:
        state["momentum"] = torch.zeros_like(weight)
    momentum = state["momentum"].lerp_(gradient, 1 - group["momentum"])
    update = gradient.lerp(momentum, group["momentum"])
    if group["turned"]:
        update = update.transpose(0, 1)
    matrix = update.flatten(1)
    n_rows, n_columns = matrix.shape
    step = orthogonalise(matrix, group["ns_steps"]).view(update.shape)
    if group["turned"]:
        step = step.transpose(0, 1)
    if group["weight_decay"]:
        weight.mul_(1 - group["lr"] * group["weight_decay"])
    weight.add_(step, alpha=-group["lr"] * max(1.0, n_rows / n_columns) ** 0.5)


def _adam_step(
    weight: Tensor, gradient: Tensor, state: dict[str, Any], group: dict[str, Any]
) -> None:
    """Step as Adam does, at a share of the rate, in place."""
    if not state:
        state |= {"step": 0, "mean": torch.zeros_like(weight), "square": torch.zeros_like(weight)}
    state["step"] += 1
    first, second = group["betas"]
    mean = state["mean"].lerp_(gradient, 1 - first)
    square = state["square"].mul_(second).addcmul_(gradient, gradient, value=1 - second)
    spread = (square / (1 - second ** state["step"])).sqrt_().add_(group["eps"])
    rate = group["lr"] * group["adam_share"] / (1 - first ** state["step"])
    weight.addcdiv_(mean, spread, value=-rate)


def turned_weights(module: nn.Module) -> list[str]:
    """Return patterns of the names of weights whose outputs stand in the second dimension."""
    turned = {
        id(weight)
        for layer in module.modules()
        if isinstance(layer, _TRANSPOSED)
        for weight in layer.parameters()
        if weight.ndim > 1
    }
    return [glob.escape(name) for name, w in module.named_parameters() if id(w) in turned]


# The class, the usual rate, and what differs from the defaults of the class.
_KINDS: dict[Optimizing, tuple[type[Optimizer], float, dict[str, Any]]] = {
    "adam": (torch.optim.Adam, 3e-3, {"betas": (0.9, 0.99), "fused": True}),
    "muon": (Muon, 0.03, {}),
}


def optimizer_kind(optimizer: Optimizing) -> type[Optimizer]:
    """Return the class of a name."""
    return _KINDS[optimizer][0]


def usual_rate(optimizer: Optimizing) -> float:
    """Return the learning rate that suits the optimizer."""
    return _KINDS[optimizer][1]


def optimizer_options(
    optimizer: Optimizing, params: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the keywords to make an optimizer with: ours, and over them those given."""
    return _KINDS[optimizer][2] | dict(params or {})


def check_optimizer_params(optimizer: Optimizing, params: Any) -> None:
    """Raise a ValueError or TypeError unless `params` are keywords that the optimizer takes."""
    if params is None:
        return
    if not isinstance(params, Mapping):
        raise TypeError(f"optimizer_params must be None or a dict of keywords; got {params!r}.")
    if "lr" in params:
        raise ValueError(
            "optimizer_params must not hold 'lr', since the rate is learning_rate; "
            f"got {dict(params)!r}."
        )
    kind = optimizer_kind(optimizer)
    taken = [name for name in inspect.signature(kind).parameters if name not in ("params", "lr")]
    for name in params:
        if name not in taken:
            raise ValueError(
                f"optimizer_params must hold keywords of optimizer={optimizer!r}, which takes "
                f"{', '.join(taken)}; got {name!r}."
            )
    try:
        kind([torch.zeros(1, requires_grad=True)], **optimizer_options(optimizer, params))
    except Exception as error:
        raise (TypeError if isinstance(error, TypeError) else ValueError)(
            f"optimizer_params must be such that optimizer={optimizer!r} can be made with them; "
            f"with {dict(params)!r} it raised {type(error).__name__}: {error}"
        ) from error


def go_on(optimizer: Optimizer, earlier: Optimizer) -> None:
    """Copy the moments of an earlier optimizer, if it is of the same kind; no options."""
    if type(optimizer) is type(earlier):
        moments = copy.deepcopy(earlier.state_dict()["state"])
        optimizer.load_state_dict(optimizer.state_dict() | {"state": moments})
