"""Distances as scaled chi-squared variables, and how unlikely larger ones are."""

from typing import NamedTuple

import numpy as np
from scipy import special

__all__ = ["ScaledChiSquare", "fit_scaled_chi_square", "log_tail"]

_SMALLEST_LOG = -600.0
_TERMS = 60


class ScaledChiSquare(NamedTuple):
    """A distribution of `degrees_of_freedom` d and mean m: a chi-squared variable times m / d."""

    mean: float
    degrees_of_freedom: float


def fit_scaled_chi_square(distances: np.ndarray) -> ScaledChiSquare:
    r"""Fit by moments: :math:`m = \bar x`, :math:`d = 2 \bar x^2 / s^2`.

    Parameters
    ----------
    distances : ndarray of shape (n,)
        Squared distances, at least 0.

    Returns
    -------
    ScaledChiSquare
        With 0 degrees of freedom where the distances do not differ: they then tell nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._outliers.tails import fit_scaled_chi_square
    >>> distances = 3 * np.random.default_rng(0).chisquare(5, size=100_000)
    >>> fit = fit_scaled_chi_square(distances)
    >>> round(fit.mean, 1), round(fit.degrees_of_freedom, 1)
    (15.0, 5.0)
    """
    mean = float(distances.mean())
    variance = float(distances.var())
    rounding = (8 * np.finfo(np.float32).eps * mean) ** 2
    degrees = 2 * mean**2 / variance if variance > rounding else 0.0
    return ScaledChiSquare(mean, degrees)


def log_tail(distances, fit: ScaledChiSquare) -> np.ndarray:
    """Return the logarithm of the share of a fitted distribution that lies farther out.

    Where the share is too small for float64, its continued fraction [1]_ is taken.

    Parameters
    ----------
    distances : array-like of shape (n,)
        Squared distances; those below 0 count as 0.
    fit : ScaledChiSquare
        The distribution; with 0 degrees of freedom, all tails are 1.

    Returns
    -------
    ndarray of shape (n,)
        At most 0, and finite.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.9.2, https://dlmf.nist.gov/8.9.E2.

    Examples
    --------
    >>> from sklatent._outliers.tails import ScaledChiSquare, log_tail
    >>> log_tail([2.0, 4e4], ScaledChiSquare(mean=2.0, degrees_of_freedom=2.0)).round(6)
    array([-1.e+00, -2.e+04])
    """
    x = np.maximum(np.asarray(distances, dtype=np.float64), 0.0)
    if fit.degrees_of_freedom == 0:
        return np.zeros(len(x))
    a = fit.degrees_of_freedom / 2
    x = x * (a / fit.mean)
    with np.errstate(divide="ignore"):
        logs = np.log(special.gammaincc(a, x))
    far = logs < _SMALLEST_LOG
    x = x[far]
    fraction = x + 2 * _TERMS + 1 - a
    for k in range(_TERMS, 0, -1):
        fraction = x + 2 * k - 1 - a - k * (k - a) / fraction
    logs[far] = a * np.log(x) - x - special.gammaln(a) - np.log(fraction)
    return logs
