"""Distances as scaled chi-squared variables, and how unlikely larger ones are."""

from typing import NamedTuple

import numpy as np
from scipy import special

from sklatent._typing import ArrayLike, FloatArray

__all__ = ["ScaledChiSquare", "fit_scaled_chi_square", "log_tail"]

_SMALLEST_LOG = -600.0
_TERMS = 60


class ScaledChiSquare(NamedTuple):
    """A distribution of `degrees_of_freedom` d and mean m: a chi-squared variable times m / d."""

    mean: float
    degrees_of_freedom: float


def fit_scaled_chi_square(distances: FloatArray) -> ScaledChiSquare:
    """Fit by moments to squared distances (n,): m is their mean, d = 2 m^2 / variance.

    Where they do not differ they tell nothing, and d is 0.
    """
    mean = float(distances.mean())
    variance = float(distances.var())
    rounding = (8 * np.finfo(np.float32).eps * mean) ** 2
    degrees = 2 * mean**2 / variance if variance > rounding else 0.0
    return ScaledChiSquare(mean, degrees)


def log_tail(distances: ArrayLike, fit: ScaledChiSquare) -> FloatArray:
    """Return the logarithm of the share of a fitted distribution farther out than (n,) distances.

    Where the share is too small for float64, its continued fraction is taken (NIST Digital
    Library of Mathematical Functions, 8.9.2, https://dlmf.nist.gov/8.9.E2). Distances below 0
    count as 0; with 0 degrees of freedom, all tails are 1.
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
