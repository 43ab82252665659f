"""Intervals about the mean of a normal distribution, and the units of their width."""

import numpy as np
from scipy import special

from sklatent._validation import check_at_most_one, check_number

__all__ = ["HALF_WIDTH", "interval_n_std", "normal_intervals"]

HALF_WIDTH = float(np.sqrt(2 * np.log(2)))


def interval_n_std(n_std=None, coverage=None, n_half_widths=None) -> float:
    r"""Return the half-length of an interval in units of sigma, from one of three measures.

    A normal distribution gives the interval of n sigma to both sides of its mean the
    probability :math:`2 \Phi(n) - 1`. Its density is half the maximum at
    :math:`\sqrt{2 \log 2} = 1.1774` sigma from the mean, the half-width at half maximum.

    Parameters
    ----------
    n_std : float or None, default=None
        Half-length in units of sigma, above 0.
    coverage : float or None, default=None
        Probability of the interval, in (0, 1). 0.95 where nothing is given.
    n_half_widths : float or None, default=None
        Half-length in half-widths at half maximum, above 0.

    Returns
    -------
    float
        Half-length in units of sigma.

    Raises
    ------
    ValueError
        If more than one is given, or one is out of its range.
    TypeError
        If one is no number.

    Examples
    --------
    >>> from sklatent._gaussian.intervals import interval_n_std
    >>> round(interval_n_std(), 4), round(interval_n_std(n_half_widths=1), 4)
    (1.96, 1.1774)
    """
    if n_half_widths is None:
        check_at_most_one(n_std=n_std, coverage=coverage)
    check_at_most_one(n_std=n_std, coverage=coverage, n_half_widths=n_half_widths)
    if n_std is not None:
        return check_number("n_std", n_std, low=0, open_low=True, open_high=True)
    if n_half_widths is not None:
        name = "n_half_widths"
        return HALF_WIDTH * check_number(name, n_half_widths, low=0, open_low=True, open_high=True)
    coverage = 0.95 if coverage is None else coverage
    coverage = check_number("coverage", coverage, low=0, high=1, open_low=True, open_high=True)
    return float(-special.ndtri((1 - coverage) / 2))


def normal_intervals(mean, std, n_std: float):
    """Return the interval of `n_std` sigma to both sides of each mean.

    Parameters
    ----------
    mean, std : ndarray of shape (d,)
        Means and standard deviations, in latent units.
    n_std : float
        Half-length of the intervals in units of sigma.

    Returns
    -------
    ndarray of shape (d, 2)
        Lower and upper ends, in latent units.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.intervals import normal_intervals
    >>> normal_intervals(np.array([5.0, 0.0]), np.array([1.0, 3.0]), 2.0)
    array([[ 3.,  7.],
           [-6.,  6.]])
    """
    return np.column_stack([mean - n_std * std, mean + n_std * std])
