"""One sample of numbers beside a normal distribution: histogram, fitted curve, distances."""

import warnings
from typing import NamedTuple

import numpy as np
from scipy import ndimage, optimize, special

from sklatent._normality.columns import largest_gap

__all__ = [
    "Histogram",
    "fit_gaussian_curve",
    "gaussian_curve",
    "histogram_density",
    "ks_distance",
    "mode_estimate",
    "normal_grid",
    "wasserstein_distance",
]

MAX_BINS = 100_000
N_PARAMETERS = 3
NO_FIT = (np.nan, np.nan, np.nan, np.nan)


class Histogram(NamedTuple):
    """Histogram of one component, scaled to the density of its points.

    Attributes
    ----------
    density : ndarray of shape (n_bins,)
        Share of the points in each bin over the bin's width, per latent unit.
    edges : ndarray of shape (n_bins + 1,)
        Ends of the bins, in latent units.
    """

    density: np.ndarray
    edges: np.ndarray


def histogram_density(x, width: float, origin: float) -> Histogram:
    """Return the density histogram of `x` with bins of one width.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Values in latent units.
    width : float
        Width of the bins, in latent units.
    origin : float
        Centre of one of the bins, in latent units.

    Returns
    -------
    Histogram
        From the bin of the smallest value to that of the largest.

    Raises
    ------
    ValueError
        If there would be more than 100,000 bins.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.univariate import histogram_density
    >>> histogram_density(np.array([0.0, 0.1, 1.0, 2.0]), 1.0, 0.0)
    Histogram(density=array([0.5 , 0.25, 0.25]), edges=array([-0.5,  0.5,  1.5,  2.5]))
    """
    low, high = np.floor((np.array([x.min(), x.max()]) - origin) / width + 0.5)
    if high - low >= MAX_BINS:
        raise ValueError(
            f"bin_width must give at most {MAX_BINS:,} bins; got {width:.3g} latent units "
            f"for values that span {np.ptp(x):.3g}."
        )
    index = np.floor((x - origin) / width + 0.5) - low
    counts = np.bincount(index.astype(np.int64), minlength=int(high - low) + 1)
    edges = origin + width * (low + np.arange(len(counts) + 1) - 0.5)
    return Histogram(counts / (len(x) * width), edges)


def gaussian_curve(x, center, sigma, amplitude):
    r"""Return :math:`a \exp(-(x - c)^2 / 2 \sigma^2)`.

    Parameters
    ----------
    x : float or ndarray
        Where, in latent units.
    center, sigma, amplitude : float or ndarray
        :math:`c`, :math:`\sigma` and :math:`a`, as in `ComponentFits`.

    Returns
    -------
    float or ndarray
        Heights, in the unit of `amplitude`.

    Examples
    --------
    >>> from sklatent._gaussian.univariate import gaussian_curve
    >>> float(gaussian_curve(5.0, 5.0, 1.0, 0.4))
    0.4
    """
    return amplitude * np.exp(-0.5 * np.square((x - center) / sigma))


def _curve_derivatives(x, center, sigma, amplitude):
    u = (x - center) / sigma
    height = np.exp(-0.5 * u * u)
    slope = amplitude * height * u / sigma
    return np.column_stack([slope, slope * u, height])


def fit_gaussian_curve(histogram: Histogram) -> tuple[float, float, float, float]:
    """Fit a Gaussian curve to a density histogram by least squares.

    The curve is fitted to the heights at the bins' centres by `scipy.optimize.curve_fit`, once
    from the highest bin and once from the histogram's moments; the better fit counts.

    Parameters
    ----------
    histogram : Histogram
        From `histogram_density`, with bins of one width.

    Returns
    -------
    center, sigma, amplitude, r_squared : float
        As in `ComponentFits`. All NaN with fewer than four bins, without convergence, or where
        the heights do not determine a peak: sigma would be less than half a bin, or the centre
        more than sigma beyond the last bin.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.univariate import Histogram, fit_gaussian_curve, gaussian_curve
    >>> edges = np.arange(-4.0, 5.0)
    >>> exact = Histogram(gaussian_curve(edges[:-1] + 0.5, 1.0, 2.0, 0.2), edges)
    >>> [round(value, 6) for value in fit_gaussian_curve(exact)]
    [1.0, 2.0, 0.2, 1.0]
    """
    density, edges = histogram
    if len(density) <= N_PARAMETERS:
        return NO_FIT
    # In units of the peak's height and width, no scale of the data can upset the solver.
    centers, top, width = 0.5 * (edges[:-1] + edges[1:]), density.max(), edges[1] - edges[0]
    peak, unit = centers[density.argmax()], width * density.sum() / (np.sqrt(2 * np.pi) * top)
    u, height = (centers - peak) / unit, density / top
    mean = np.average(u, weights=height)
    std = np.sqrt(np.average(np.square(u - mean), weights=height))
    starts = (0.0, 1.0, 1.0), (mean, std, 1 / std)
    residual, solution = min((_solve(u, height, start) for start in starts), key=lambda fit: fit[0])
    total = np.square(height - height.mean()).sum()
    if not (np.isfinite(residual) and total > 0 and abs(solution[1]) * unit >= width / 2):
        return NO_FIT
    center, sigma, amplitude = solution[0], abs(solution[1]), solution[2]
    if not u[0] - sigma <= center <= u[-1] + sigma:
        return NO_FIT
    values = peak + unit * center, unit * sigma, top * amplitude, 1 - residual / total
    center, sigma, amplitude, r_squared = (float(value) for value in values)
    return center, sigma, amplitude, r_squared


def _solve(u, height, start):
    """Return the sum of squared residuals and the solution; infinity where there is none."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", optimize.OptimizeWarning)
            solution = optimize.curve_fit(
                gaussian_curve, u, height, p0=start, jac=_curve_derivatives
            )[0]
            residual = np.square(height - gaussian_curve(u, *solution)).sum()
    except RuntimeError:
        return np.inf, np.full(N_PARAMETERS, np.nan)
    return (residual if np.isfinite(residual) else np.inf), solution


def mode_estimate(z) -> float:
    r"""Return the peak of a Gaussian kernel estimate of standardised values.

    The bandwidth is that which the normal distribution asks for where the slope of a density
    is estimated, :math:`s (4/5n)^{1/7}` [1]_, with :math:`s` the smaller of 1 and the length of
    the shortest interval that holds half of the values over 1.349 [2]_, so that neither heavy
    tails nor a second cloud blur the peak. It is sought within 4 standard deviations of the
    mean.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Sorted values of mean 0 and standard deviation 1.

    Returns
    -------
    float
        The mode, in standard deviations from the mean.

    References
    ----------
    .. [1] J. E. Chacon, T. Duong, M. P. Wand, "Asymptotics for general multivariate kernel
       density derivative estimators", Statistica Sinica 21(2), 807-840, 2011.
    .. [2] P. J. Rousseeuw, A. M. Leroy, "A robust scale estimator based on the shortest
       half", Statistica Neerlandica 42(2), 103-116, 1988.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import stats
    >>> from sklatent._gaussian.univariate import mode_estimate
    >>> abs(mode_estimate(stats.norm.ppf((np.arange(1000) + 0.5) / 1000))) < 0.01
    True
    """
    n = len(z)
    spread = min(1.0, (z[n // 2 :] - z[: n - n // 2]).min() / 1.349)
    step = max(spread * (0.8 / n) ** (1 / 7), 1e-3) / 8
    half = int(np.ceil(4 / step))
    inside = z[np.searchsorted(z, -4) : np.searchsorted(z, 4, side="right")]
    index = np.rint(inside / step).astype(np.int64) + half
    counts = np.bincount(index, minlength=2 * half + 1).astype(float)
    density = ndimage.gaussian_filter1d(counts, 8, mode="constant")
    top = int(density[1:-1].argmax()) + 1
    before, peak, after = density[top - 1 : top + 2]
    bend = before - 2 * peak + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float((top - half + shift) * step)


def ks_distance(z) -> float:
    """Return the largest gap between the cumulative shares of `z` and of a standard normal.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Sorted values, in standard deviations from the mean of the normal.

    Returns
    -------
    float
        Kolmogorov-Smirnov distance, in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.univariate import ks_distance
    >>> ks_distance(np.array([0.0]))
    0.5
    """
    return float(largest_gap(special.ndtr(z)))


def normal_grid(n: int):
    """Return the quantiles that cut a standard normal into n equal shares.

    Parameters
    ----------
    n : int
        Number of shares, at least 1.

    Returns
    -------
    quantiles : ndarray of shape (n + 1,)
        From minus to plus infinity.
    pdf : ndarray of shape (n + 1,)
        Density of the standard normal there.

    Examples
    --------
    >>> from sklatent._gaussian.univariate import normal_grid
    >>> normal_grid(2)[0]
    array([-inf,   0.,  inf])
    """
    quantiles = special.ndtri(np.arange(n + 1) / n)
    return quantiles, _pdf(quantiles)


def _pdf(z):
    return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)


def wasserstein_distance(z, grid=None) -> float:
    r"""Return the Wasserstein distance of order 1 between `z` and a standard normal.

    It is :math:`\int_0^1 |F^{-1}(u) - \Phi^{-1}(u)| du`. The i-th smallest value faces the
    i-th of n equal shares of the normal, :math:`(a, b)`; with :math:`c` that value
    clipped to the share, the integral over it is
    :math:`z (2 \Phi(c) - \Phi(a) - \Phi(b)) + 2 \phi(c) - \phi(a) - \phi(b)`.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Sorted values, in standard deviations from the mean of the normal.
    grid : tuple of two ndarray of shape (n + 1,) or None, default=None
        Ends of the shares and the density there, where they are at hand already.

    Returns
    -------
    float
        Distance, in standard deviations of the normal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.univariate import wasserstein_distance
    >>> round(wasserstein_distance(np.array([0.0])), 4)  # the mean of |z|, sqrt(2 / pi)
    0.7979
    """
    n = len(z)
    quantiles, pdf = grid if grid is not None else normal_grid(n)
    clipped = np.clip(z, quantiles[:-1], quantiles[1:])
    shares = 2 * special.ndtr(clipped) - (2 * np.arange(n) + 1) / n
    return float((z * shares + 2 * _pdf(clipped) - pdf[:-1] - pdf[1:]).sum())
