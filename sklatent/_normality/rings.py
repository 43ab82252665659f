"""Whether points leave their centre empty, and whether they go around it."""

import numpy as np
from scipy import stats

__all__ = ["central_share", "goes_around", "is_shell"]

# A shell of standard deviation a tenth of its radius has 0.1, a normal in 20 dimensions 0.16.
SHELL_SPREAD = 0.25
SECTORS = 12
LEAST_SECTOR = 0.25
# Distances spread evenly from 0.65 to 1.35 times a radius have 0.56; windings of a roll more.
BAND_WIDTH = 0.6


def central_share(squared, dimension: int) -> float:
    """Return the share of points inside the ellipsoid that holds a tenth of a normal.

    Parameters
    ----------
    squared : ndarray of shape (n,)
        Squared Mahalanobis distances.
    dimension : int
        Dimension r.

    Returns
    -------
    float
        Share in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.rings import central_share
    >>> central_share(np.full(10, 2.0), 2)
    0.0
    """
    return float((squared < stats.chi2.ppf(0.1, dimension)).mean())


def is_shell(squared) -> bool:
    """Return whether points lie at about one distance from their centre.

    Parameters
    ----------
    squared : ndarray of shape (n,)
        Squared Mahalanobis distances.

    Returns
    -------
    bool
        Whether the distances' standard deviation is below a quarter of their mean, as is the
        rule for normal points of more than eight dimensions: it takes an empty centre besides.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.rings import is_shell
    >>> is_shell(np.full(10, 2.0)), is_shell(np.arange(10.0))
    (True, False)
    """
    radius = np.sqrt(squared)
    return bool(radius.std() < SHELL_SPREAD * radius.mean())


def goes_around(plane) -> bool:
    """Return whether points lie in one closed band around the centre of a plane.

    In each of twelve sectors there are at least a quarter as many points as on average, and
    in most of them the middle four fifths of the distances span less than 0.6 of their median.
    An arc leaves sectors empty; a spiral has several distances in one.

    Parameters
    ----------
    plane : ndarray of shape (n, 2)
        Whitened points.

    Returns
    -------
    bool
        False below 100 points.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.rings import goes_around
    >>> angle = np.linspace(0, 2 * np.pi, 500)
    >>> spiral = np.column_stack([np.cos(3 * angle), np.sin(3 * angle)]) * (1 + angle)[:, None]
    >>> goes_around(np.column_stack([np.cos(angle), np.sin(angle)])), goes_around(spiral)
    (True, False)
    """
    n = len(plane)
    if n < 100:
        return False
    turn = (np.arctan2(plane[:, 1], plane[:, 0]) / (2 * np.pi) + 0.5) * SECTORS
    sector = np.minimum(turn.astype(int), SECTORS - 1)
    counts = np.bincount(sector, minlength=SECTORS)
    if counts.min() < LEAST_SECTOR * n / SECTORS:
        return False
    radius = np.hypot(plane[:, 0], plane[:, 1])
    bands = [np.quantile(radius[sector == k], (0.1, 0.5, 0.9)) for k in range(SECTORS)]
    widths = [(high - low) / middle for low, middle, high in bands]
    return bool(np.median(widths) < BAND_WIDTH)
