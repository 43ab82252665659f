"""Gibbs sampling within all pairwise ellipses of correlated components."""

import numpy as np

from ._interval import draw_truncated

__all__ = ["gibbs_sweep", "pair_distances", "run_chains"]

CHUNK_VALUES = 2**20


def pair_distances(S, correlation):
    r"""Return the smallest n for which all pairwise ellipses of size n hold a point.

    It is the root of the largest
    :math:`(s_i^2 - 2 \rho_{ij} s_i s_j + s_j^2) / (1 - \rho_{ij}^2)` over all pairs.

    Parameters
    ----------
    S : ndarray of shape (n, d)
        Standardised points.
    correlation : ndarray of shape (d, d)
        Correlations within (-1, 1) off the diagonal.

    Returns
    -------
    ndarray of shape (n,)
        Largest pairwise Mahalanobis distances.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers._gibbs import pair_distances
    >>> pair_distances(np.array([[3.0, 4.0, 0.0]]), np.eye(3))
    array([5.])
    """
    n, d = S.shape
    if d == 1:
        return np.abs(S[:, 0])
    left, right = np.triu_indices(d, 1)
    rho = correlation[left, right]
    squared = np.empty(n)
    height = max(1, CHUNK_VALUES // len(left))
    for start in range(0, n, height):
        a, b = S[start : start + height, left], S[start : start + height, right]
        squared[start : start + height] = ((a - rho * b) ** 2 / (1 - rho**2) + b * b).max(axis=1)
    return np.sqrt(squared)


def gibbs_sweep(S, correlation, n_std: float, generator: np.random.Generator, precision=None):
    r"""Replace each component of each chain by a draw given the others, in place.

    Given the others, component i lies in the intersection over j of
    :math:`\rho s_j \pm \sqrt{(1 - \rho^2) (n^2 - s_j^2)}`.

    Parameters
    ----------
    S : ndarray of shape (n_chains, d)
        Standardised points inside all ellipses.
    correlation : ndarray of shape (d, d)
        Correlations within (-1, 1) off the diagonal.
    n_std : float
        Size of the ellipses.
    generator : numpy.random.Generator
        Source of random numbers.
    precision : ndarray of shape (d, d) or None, default=None
        Inverse of `correlation`, for a normal distribution cut off to the ellipses; None draws
        uniformly.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers._gibbs import gibbs_sweep, pair_distances
    >>> S, correlation = np.zeros((5, 2)), np.array([[1.0, 0.9], [0.9, 1.0]])
    >>> gibbs_sweep(S, correlation, 2.0, np.random.default_rng(0))
    >>> bool(pair_distances(S, correlation).max() <= 2)
    True
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


def run_chains(start, n_draws: int, thinning: int, sweep):
    """Run chains and keep each state that comes `thinning` sweeps after the last.

    Parameters
    ----------
    start : ndarray of shape (n_chains, d)
        States to start from; they stay as they are.
    n_draws : int
        Number of states to keep of each chain.
    thinning : int
        Number of sweeps before each of them.
    sweep : callable
        Changes states (n_chains, d) in place.

    Returns
    -------
    ndarray of shape (n_draws, n_chains, d)
        States in the order of sweeps.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers._gibbs import run_chains
    >>> run_chains(np.zeros((1, 1)), 3, 2, lambda S: np.add(S, 1, out=S)).ravel()
    array([2., 4., 6.])
    """
    states, kept = start.copy(), np.empty((n_draws, *start.shape))
    for draw in range(n_draws):
        for _ in range(thinning):
            sweep(states)
        kept[draw] = states
    return kept
