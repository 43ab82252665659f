"""Gibbs sampling within all pairwise ellipses of correlated components."""

from collections.abc import Callable

import numpy as np
from sklearn.utils import gen_batches

from sklatent._typing import FloatArray

from ._truncated import draw_truncated

__all__ = ["gibbs_sweep", "pair_distances", "run_chains"]

CHUNK_VALUES = 2**20


def pair_distances(S: FloatArray, correlation: FloatArray) -> FloatArray:
    r"""Return the smallest n for which all pairwise ellipses of size n hold a standardised point.

    It is the root of the largest
    :math:`(s_i^2 - 2 \rho_{ij} s_i s_j + s_j^2) / (1 - \rho_{ij}^2)` over all pairs.
    """
    n, d = S.shape
    if d == 1:
        return np.abs(S[:, 0])
    left, right = np.triu_indices(d, 1)
    rho = correlation[left, right]
    squared = np.empty(n)
    for rows in gen_batches(n, max(1, CHUNK_VALUES // len(left))):
        a, b = S[rows, left], S[rows, right]
        squared[rows] = ((a - rho * b) ** 2 / (1 - rho**2) + b * b).max(axis=1)
    return np.sqrt(squared)


def gibbs_sweep(
    S: FloatArray,
    correlation: FloatArray,
    n_std: float,
    generator: np.random.Generator,
    precision: FloatArray | None = None,
) -> None:
    r"""Replace each component of each chain (n_chains, d) by a draw given the others, in place.

    Given the others, component i lies in the intersection over j of
    :math:`\rho s_j \pm \sqrt{(1 - \rho^2) (n^2 - s_j^2)}`. With the inverse of `correlation` as
    `precision` draws are those of a normal distribution cut off to the ellipses, else uniform.
    """
    n_chains, d = S.shape
    slack = np.sqrt(np.maximum(n_std**2 - S * S, 0.0))
    spread = np.sqrt(1 - correlation**2)
    low, high = np.full(n_chains, -n_std), np.full(n_chains, n_std)
    for i in range(d):
        others = np.delete(np.arange(d), i) if d > 1 else np.empty(0, int)
        if len(others):
            middle = S[:, others] * correlation[i, others]
            reach = slack[:, others] * spread[i, others]
            low, high = (middle - reach).max(axis=1), (middle + reach).min(axis=1)
            # On the surface, rounding can turn an interval around.
            high = np.maximum(high, low)
        if precision is None:
            S[:, i] = low + (high - low) * generator.random(n_chains)
        else:
            std = 1 / np.sqrt(precision[i, i])
            mean = S[:, i] - S @ precision[i] * std**2
            ends = (low - mean) / std, (high - mean) / std
            S[:, i] = mean + std * draw_truncated(*ends, (n_chains,), generator)
        slack[:, i] = np.sqrt(np.maximum(n_std**2 - S[:, i] ** 2, 0.0))


def run_chains(
    start: FloatArray, n_draws: int, thinning: int, sweep: Callable[[FloatArray], None]
) -> FloatArray:
    """Return the states (n_draws, n_chains, d) of chains, each `thinning` sweeps after the last."""
    states, kept = start.copy(), np.empty((n_draws, *start.shape))
    for draw in range(n_draws):
        for _ in range(thinning):
            sweep(states)
        kept[draw] = states
    return kept
