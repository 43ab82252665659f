"""Squared distances against the distribution that they have under a normal."""

from typing import Any

import numpy as np
from scipy import optimize, special, stats

from sklatent._typing import FloatArray

from .columns import largest_gap

__all__ = [
    "distance_gap",
    "distance_gap_pvalue",
    "reference_distribution",
    "tail_degrees_of_freedom",
]

MONTE_CARLO_DRAWS = 999
MONTE_CARLO_SIZE = 1_000


def distance_gap(squared: FloatArray, reference: Any) -> tuple[float, float]:
    """Return the coverage gap and the 1-D Wasserstein distance of squared distances, (n,).

    The gap is by how much the share of points inside an ellipsoid differs, at worst, from what
    the frozen distribution `reference` gives it; the Wasserstein distance, how far a squared
    distance is off on average, is in units of the reference's standard deviation.
    """
    ordered, n = np.sort(squared), len(squared)
    gap = largest_gap(reference.cdf(ordered))
    quantiles = reference.ppf((np.arange(n) + 0.5) / n)
    return float(gap), float(np.abs(ordered - quantiles).mean() / reference.std())


def distance_gap_pvalue(
    gap: float, n_samples: int, dimension: int, random_state: np.random.RandomState
) -> float:
    """Return the chance, at least 0.001, of a coverage gap under the sample's own moments.

    To first order an estimated mean moves no squared distance, and an estimated covariance only
    their common scale, since normal points have all directions alike. So the gap is that of a
    chi-squared sample divided by its own mean, and is simulated as such, with at most 1,000
    points: gaps shrink with the square root of the number.
    """
    size = min(n_samples, MONTE_CARLO_SIZE)
    drawn = random_state.chisquare(dimension, (MONTE_CARLO_DRAWS, size))
    drawn *= dimension / drawn.mean(axis=1, keepdims=True)
    drawn.sort(axis=1)
    probability = special.gammainc(dimension / 2, drawn / 2)
    null = largest_gap(probability.T) * np.sqrt(size)
    exceeding = (null >= gap * np.sqrt(n_samples)).sum()
    return float((exceeding + 1) / (MONTE_CARLO_DRAWS + 1))


def tail_degrees_of_freedom(squared: FloatArray, dimension: int) -> float:
    r"""Return the degrees of freedom, 0.5 to 1,000, of the multivariate t that fits radii best.

    There :math:`d^2 / (c r)` is F-distributed with r and nu degrees of freedom; nu and the scale
    c maximise the likelihood of the squared distances.
    """
    value = squared[squared > 0] / dimension
    if not len(value):
        return float("nan")

    def loss(parameters: FloatArray) -> float:
        log_scale, log_nu = parameters
        return -stats.f.logpdf(value * np.exp(-log_scale), dimension, np.exp(log_nu)).mean() + (
            log_scale
        )

    start = (np.log(np.median(value)), np.log(8.0))
    bounds = [(None, None), (np.log(0.5), np.log(1e3))]
    found = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return float(np.exp(found.x[1]))


def reference_distribution(rank: int, n_fitted: int, training: bool) -> Any:
    r"""Return the distribution of squared distances under a normal of estimated moments.

    With mean and maximum-likelihood covariance of n points in dimension r, the squared distance
    of one of them is :math:`(n - 1) B(r/2, (n - r - 1)/2)`, beta-distributed, and that of a new
    point :math:`r (n + 1) / (n - r) F(r, n - r)`; both go to chi-squared, which stands in where
    n is at most r + 1 and neither exists. Mardia, Kent, Bibby, "Multivariate Analysis", 1979.
    """
    if n_fitted <= rank + 1:
        return stats.chi2(rank)
    if training:
        return stats.beta(rank / 2, (n_fitted - rank - 1) / 2, scale=n_fitted - 1)
    scale = rank * (n_fitted + 1) / (n_fitted - rank)
    return stats.f(rank, n_fitted - rank, scale=scale)
