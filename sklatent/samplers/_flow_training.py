"""Spline flows on whitened points: built, trained and run with torch and zuko."""

import copy
from importlib import import_module
from typing import Any

import numpy as np
import torch

from sklatent._networks.architecture import seeded_torch
from sklatent._typing import FloatArray

__all__ = ["flow_log_density", "flow_points", "train_flow"]

BATCH_SIZE = 256
N_BINS = 8
LARGEST_NORM = 5.0
RATE_OF_ONE_COMPONENT = 10.0
BLOCK = 8192


@torch.inference_mode(False)
@torch.enable_grad()
def train_flow(
    Y: FloatArray,
    *,
    n_transforms: int,
    hidden_features: tuple[int, ...],
    max_epochs: int,
    learning_rate: float,
    validation_fraction: float,
    seed: int,
) -> tuple[Any, list[float]]:
    """Fit a neural spline flow by maximum likelihood, with Adam and a falling learning rate.

    Points are of about unit variance; beyond 5 in a component the flow is the identity, as it is
    at the start. The weights of the epoch that suits the held-out points best are kept; without
    such points, those of the last epoch. Returns the flow in float64, and the mean log-density
    of the held-out points, or of all, after each epoch.
    """
    flow = _make_flow(Y.shape[1], n_transforms, hidden_features, seed)
    rng = np.random.default_rng(seed)
    points = torch.from_numpy(rng.permutation(Y).astype(np.float32))
    n_held = int(validation_fraction * len(points))
    held, rest = points[:n_held], points[n_held:]
    # Of a single component no network makes the splines: their parameters are weights themselves.
    rate = learning_rate * (RATE_OF_ONE_COMPONENT if Y.shape[1] == 1 else 1)
    n_steps = max_epochs * -(-len(rest) // BATCH_SIZE)
    optimizer = torch.optim.Adam(flow.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)
    history: list[float] = []
    best = copy.deepcopy(flow.state_dict())
    for _ in range(max_epochs):
        _run_epoch(flow, rest[rng.permutation(len(rest))], optimizer, schedule)
        history.append(_mean_log_density(flow, held if n_held else rest))
        if not np.isfinite(history[-1]):
            raise ValueError(
                "The likelihood of the flow is not finite. Lower learning_rate from "
                f"{learning_rate}."
            )
        if n_held == 0 or history[-1] == max(history):
            best = copy.deepcopy(flow.state_dict())
    flow.load_state_dict(best)
    return flow.double().eval().requires_grad_(False), history


def _make_flow(d: int, n_transforms: int, hidden_features: tuple[int, ...], seed: int) -> Any:
    """Return a flow of d components that starts as the identity."""
    zuko = _load_zuko()
    with seeded_torch(seed, torch.device("cpu")):
        flow = zuko.flows.NICE(
            d,
            transforms=n_transforms,
            univariate=zuko.transforms.MonotonicRQSTransform,
            shapes=[(N_BINS,), (N_BINS,), (N_BINS - 1,)],
            hidden_features=hidden_features,
        )
    if torch.get_default_dtype() != torch.float32:
        # Another type of new tensors, set elsewhere in the process, draws other weights.
        flow = flow.float()
        with seeded_torch(seed, torch.device("cpu")):
            for module in flow.modules():
                if hasattr(module, "reset_parameters"):
                    module.reset_parameters()
    _start_as_identity(flow)
    return flow


def _load_zuko() -> Any:
    """Return zuko, or say how to install it."""
    try:
        return import_module("zuko")
    except ImportError as error:
        raise ImportError(
            "FlowSampler needs the package zuko: pip install sklatent[flow]"
        ) from error


@torch.no_grad()
def _start_as_identity(flow: Any) -> None:
    """Set all that splines are made of to 0: bins of equal width and height, slopes of 1."""
    for layer in flow.transform.transforms:
        source = layer.hyper[-1] if hasattr(layer, "hyper") else layer.phi
        for parameter in source.parameters():
            parameter.zero_()


def _run_epoch(flow: Any, points: torch.Tensor, optimizer: Any, schedule: Any) -> None:
    flow.train()
    for batch in points.split(BATCH_SIZE):
        optimizer.zero_grad()
        (-flow().log_prob(batch).mean()).backward()
        torch.nn.utils.clip_grad_norm_(flow.parameters(), LARGEST_NORM)
        optimizer.step()
        schedule.step()


@torch.no_grad()
def _mean_log_density(flow: Any, points: torch.Tensor) -> float:
    flow.eval()
    return float(torch.cat([flow().log_prob(part) for part in points.split(BLOCK)]).mean())


@torch.no_grad()
def flow_points(flow: Any, noise: FloatArray) -> FloatArray:
    """Return the points (n, r) to which a flow takes noise, with the rounding of float32."""
    # Draws need no more digits than the weights were trained in, and float32 takes half the time.
    transform = copy.deepcopy(flow).float()().transform.inv
    parts = torch.from_numpy(noise).float().split(BLOCK)
    return torch.cat([transform(part) for part in parts]).double().numpy()


@torch.no_grad()
def flow_log_density(flow: Any, Y: FloatArray, temperature: float) -> FloatArray:
    """Return log-densities (n,) of points, for noise of standard deviation `temperature`."""
    heights = []
    for part in torch.from_numpy(Y).split(BLOCK):
        noise, log_slope = flow().transform.call_and_ladj(part)
        squared = (noise / temperature).square().sum(dim=1).numpy()
        norm = Y.shape[1] * np.log(np.sqrt(2 * np.pi) * temperature)
        heights.append(log_slope.numpy() - 0.5 * squared - norm)
    return np.concatenate(heights)
