"""How well Markov chains mix: R-hat and effective sample sizes."""

from dataclasses import dataclass

import numpy as np

from sklatent._typing import FloatArray

__all__ = ["Mixing", "autocorrelation_time", "measure_mixing", "split_r_hat"]


@dataclass(frozen=True)
class Mixing:
    """Mixing of several Markov chains, by the statistic that mixes worst.

    Attributes
    ----------
    n_chains : int
        Number of chains.
    n_sweeps : int
        Number of sweeps of each chain that were looked at, after as many to warm up.
    r_hat : float
        Largest potential scale reduction over all components and the squared Mahalanobis
        distance; near 1 where chains agree, and more than about 1.01 where they do not.
    autocorrelation_time : float
        Largest integrated autocorrelation time, in sweeps, at least 1: as many sweeps are worth
        one independent point.
    effective_sample_size : float
        Number of independent points that the chains are worth: chains times sweeps over
        `autocorrelation_time`.
    """

    n_chains: int
    n_sweeps: int
    r_hat: float
    autocorrelation_time: float
    effective_sample_size: float


def split_r_hat(draws: FloatArray) -> FloatArray:
    r"""Return the potential scale reduction (k,) of chains (n_sweeps, n_chains, k) cut in halves.

    :math:`\hat R = \sqrt{((n - 1) W / n + B / n) / W}` with the mean variance within the halves,
    W, and n times the variance of their means, B; NaN for a statistic that does not vary.
    A. Gelman et al., "Bayesian Data Analysis", 3rd ed., 2013, section 11.4.
    """
    half = len(draws) // 2
    halves = np.concatenate([draws[:half], draws[-half:]], axis=1)
    within = halves.var(axis=0, ddof=1).mean(axis=0)
    between = halves.mean(axis=0).var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt((half - 1) / half + between / within)


def autocorrelation_time(draws: FloatArray) -> FloatArray:
    r"""Return the integrated autocorrelation time (k,) of draws (n_sweeps, n_chains, k).

    :math:`\tau = 1 + 2 \sum_t \rho_t`, around the common mean, summed as long as sums of two
    neighbours are positive and decrease; NaN for a statistic that does not vary.
    C. J. Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7(4), 1992.
    """
    n = len(draws)
    centred = draws - draws.mean(axis=(0, 1))
    spectrum = np.abs(np.fft.rfft(centred, n=2 * n, axis=0)) ** 2
    covariances = np.fft.irfft(spectrum, n=2 * n, axis=0)[:n].mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = covariances / covariances[0]
    pairs = correlations[: n // 2 * 2].reshape(n // 2, 2, -1).sum(axis=1)
    positive = np.logical_and.accumulate(pairs > 0, axis=0)
    pairs = np.minimum.accumulate(np.where(positive, pairs, 0.0), axis=0)
    time = np.maximum(2 * pairs.sum(axis=0) - 1, 1.0)
    return np.where(covariances[0] > 0, time, np.nan)


def measure_mixing(draws: FloatArray) -> Mixing:
    """Return the mixing of chains (n_sweeps, n_chains, k), by the statistic that mixes worst."""
    n_sweeps, n_chains = draws.shape[:2]
    time = float(np.nanmax(autocorrelation_time(draws)))
    r_hat = float(np.nanmax(split_r_hat(draws)))
    return Mixing(n_chains, n_sweeps, r_hat, time, n_sweeps * n_chains / time)
