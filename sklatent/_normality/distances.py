"""Squared distances against the distribution that they have under a normal."""

import numpy as np
from scipy import optimize, special, stats

__all__ = [
    "distance_gap",
    "distance_gap_pvalue",
    "reference_distribution",
    "tail_degrees_of_freedom",
]

MONTE_CARLO_DRAWS = 999
MONTE_CARLO_SIZE = 1_000


def distance_gap(squared, reference) -> tuple[float, float]:
    """Return how far squared distances are from their distribution under a normal.

    Parameters
    ----------
    squared : ndarray of shape (n,)
        Squared Mahalanobis distances, without unit.
    reference : scipy.stats frozen distribution
        Chi-squared, scaled beta or scaled F.

    Returns
    -------
    gap : float
        Largest coverage gap in [0, 1]: by how much the share of points inside an ellipsoid
        differs, at worst, from the share that the distribution gives it.
    wasserstein : float
        1-D Wasserstein distance in units of the reference's standard deviation: how far a
        point's squared distance is off on average.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import stats
    >>>
    >>> gap, wasserstein = distance_gap(np.zeros(10), stats.chi2(2))
    >>> round(gap, 2), round(wasserstein, 1)
    (1.0, 1.0)
    """
    ordered, n = np.sort(squared), len(squared)
    probability = reference.cdf(ordered)
    steps = np.arange(n + 1) / n
    gap = max((steps[1:] - probability).max(), (probability - steps[:-1]).max())
    quantiles = reference.ppf((np.arange(n) + 0.5) / n)
    return float(gap), float(np.abs(ordered - quantiles).mean() / reference.std())


def distance_gap_pvalue(gap: float, n_samples: int, dimension: int, random_state) -> float:
    """Return the chance of a coverage gap where mean and covariance are the sample's own.

    To first order an estimated mean moves no squared distance, and an estimated covariance
    only their common scale, since normal points have all directions alike. So the
    gap is that of a chi-squared sample divided by its own mean, and is simulated as such.

    Parameters
    ----------
    gap : float
        Largest coverage gap in [0, 1].
    n_samples : int
        Number of points.
    dimension : int
        Degrees of freedom, at least 1.
    random_state : RandomState instance
        Source of 999 simulated samples of at most 1,000 points; their gaps shrink
        with the square root of the number.

    Returns
    -------
    float
        Probability, from 0.001 to 1.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> distance_gap_pvalue(0.5, 1_000, 2, np.random.RandomState(0))
    0.001
    """
    size = min(n_samples, MONTE_CARLO_SIZE)
    drawn = random_state.chisquare(dimension, (MONTE_CARLO_DRAWS, size))
    drawn *= dimension / drawn.mean(axis=1, keepdims=True)
    drawn.sort(axis=1)
    probability = special.gammainc(dimension / 2, drawn / 2)
    steps = np.arange(size + 1) / size
    above, below = steps[1:] - probability, probability - steps[:-1]
    null = np.maximum(above.max(axis=1), below.max(axis=1)) * np.sqrt(size)
    exceeding = (null >= gap * np.sqrt(n_samples)).sum()
    return float((exceeding + 1) / (MONTE_CARLO_DRAWS + 1))


def tail_degrees_of_freedom(squared, dimension: int) -> float:
    r"""Return the degrees of freedom of the multivariate t that fits the radii best.

    Where points are multivariate t, :math:`d^2 / (c r)` is F-distributed with r and nu
    degrees of freedom; nu and the scale c maximise the likelihood of the squared distances.

    Parameters
    ----------
    squared : ndarray of shape (n,)
        Squared Mahalanobis distances.
    dimension : int
        Dimension r.

    Returns
    -------
    float
        Degrees of freedom nu, from 0.5 to 1,000: large for a normal.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> rng = np.random.default_rng(0)
    >>> radii = 3 * rng.f(3, 5, 10_000)
    >>> round(tail_degrees_of_freedom(radii, 3))
    5
    """
    value = squared[squared > 0] / dimension
    if not len(value):
        return float("nan")

    def loss(parameters):
        log_scale, log_nu = parameters
        return -stats.f.logpdf(value * np.exp(-log_scale), dimension, np.exp(log_nu)).mean() + (
            log_scale
        )

    start = (np.log(np.median(value)), np.log(8.0))
    bounds = [(None, None), (np.log(0.5), np.log(1e3))]
    found = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return float(np.exp(found.x[1]))


def reference_distribution(rank: int, n_fitted: int, training: bool):
    r"""Return the distribution of squared distances under a normal of estimated moments [1]_.

    With mean and maximum-likelihood covariance of n points in dimension r, the squared distance
    of one of them is :math:`(n - 1) B(r/2, (n - r - 1)/2)`, beta-distributed, and that of
    a new point :math:`r (n + 1) / (n - r) F(r, n - r)`. Both go to chi-squared.

    Parameters
    ----------
    rank : int
        Dimension r, at least 1.
    n_fitted : int
        Number n of points that the moments come from; for n of at most r + 1, where neither
        exists, chi-squared is returned.
    training : bool
        Whether the distances are those of the same points.

    Returns
    -------
    scipy.stats frozen distribution
        Of squared Mahalanobis distances.

    References
    ----------
    .. [1] K. V. Mardia, J. T. Kent, J. M. Bibby, "Multivariate Analysis", Academic
       Press, 1979.

    Examples
    --------
    >>>
    >>> round(float(reference_distribution(3, 50, True).mean()), 12)
    3.0
    """
    if n_fitted <= rank + 1:
        return stats.chi2(rank)
    if training:
        return stats.beta(rank / 2, (n_fitted - rank - 1) / 2, scale=n_fitted - 1)
    scale = rank * (n_fitted + 1) / (n_fitted - rank)
    return stats.f(rank, n_fitted - rank, scale=scale)
