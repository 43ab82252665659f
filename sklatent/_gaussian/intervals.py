"""Intervals about the mean of a normal distribution, and the units of their width."""

import numpy as np
from scipy import special

from sklatent._points import check_scale
from sklatent._typing import FloatArray
from sklatent._validation import check_at_most_one, check_number

__all__ = ["HALF_WIDTH", "interval_n_std", "normal_intervals"]

HALF_WIDTH = float(np.sqrt(2 * np.log(2)))


def interval_n_std(
    n_std: float | None = None, coverage: float | None = None, n_half_widths: float | None = None
) -> float:
    r"""Return the half-length of an interval in units of sigma, from at most one measure.

    A normal distribution gives the interval of n sigma to both sides of its mean the
    probability :math:`2 \Phi(n) - 1`, 0.95 where nothing is given. Its density is half the maximum
    at :math:`\sqrt{2 \log 2} = 1.1774` sigma from the mean, the half-width at half maximum.
    """
    if n_half_widths is None:
        check_at_most_one(n_std=n_std, coverage=coverage)
    check_at_most_one(n_std=n_std, coverage=coverage, n_half_widths=n_half_widths)
    if n_std is not None:
        return check_scale("n_std", n_std)
    if n_half_widths is not None:
        return HALF_WIDTH * check_scale("n_half_widths", n_half_widths)
    coverage = 0.95 if coverage is None else coverage
    coverage = check_number("coverage", coverage, low=0, high=1, open_low=True, open_high=True)
    # Below the spacing of float64 the quantile is that of the density at the mean.
    n = float(-special.ndtri((1 - coverage) / 2))
    return n if n > 0 else check_scale("coverage", coverage) * float(np.sqrt(np.pi / 2))


def normal_intervals(mean: FloatArray, std: FloatArray, n_std: float) -> FloatArray:
    """Return the intervals (d, 2) of `n_std` sigma to both sides of means (d,)."""
    return np.column_stack([mean - n_std * std, mean + n_std * std])
