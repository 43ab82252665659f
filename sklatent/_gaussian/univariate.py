"""One sample of numbers beside a normal distribution: histogram, fitted curve, distances."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from scipy import ndimage, optimize, special

from sklatent._normality.columns import largest_gap
from sklatent._typing import FloatArray

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

    density: FloatArray
    edges: FloatArray


def histogram_density(x: FloatArray, width: float, origin: float) -> Histogram:
    """Return the density histogram of `x` (n,) with bins of one width, one centred at `origin`."""
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


def gaussian_curve(x: Any, center: Any, sigma: Any, amplitude: Any) -> FloatArray:
    r"""Return :math:`a \exp(-(x - c)^2 / 2 \sigma^2)`, in the unit of the amplitude."""
    return amplitude * np.exp(-0.5 * np.square((x - center) / sigma))


def _curve_derivatives(x: FloatArray, center: float, sigma: float, amplitude: float) -> FloatArray:
    u = (x - center) / sigma
    height = np.exp(-0.5 * u * u)
    slope = amplitude * height * u / sigma
    return np.column_stack([slope, slope * u, height])


def fit_gaussian_curve(histogram: Histogram) -> tuple[float, float, float, float]:
    """Fit a Gaussian curve to a density histogram: centre, sigma, amplitude and R squared.

    The curve is fitted to the heights at the bins' centres by `scipy.optimize.curve_fit`, once
    from the highest bin and once from the histogram's moments; the better fit counts. All four
    are NaN with fewer than four bins, without convergence, or where the heights do not determine
    a peak: sigma would be less than half a bin, or the centre more than sigma beyond the last bin.
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


def _solve(
    u: FloatArray, height: FloatArray, start: tuple[float, float, float]
) -> tuple[float, FloatArray]:
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


def mode_estimate(z: FloatArray) -> float:
    r"""Return the peak of a Gaussian kernel estimate of sorted, standardised values (n,).

    The bandwidth is that which the normal distribution asks for where the slope of a density
    is estimated, :math:`s (4/5n)^{1/7}` [1]_, with :math:`s` the smaller of 1 and the length of
    the shortest interval that holds half of the values over 1.349 [2]_, so that neither heavy
    tails nor a second cloud blur the peak. It is sought within 4 standard deviations of the
    mean.

    References
    ----------
    .. [1] J. E. Chacon, T. Duong, M. P. Wand, "Asymptotics for general multivariate kernel
       density derivative estimators", Statistica Sinica 21(2), 807-840, 2011.
    .. [2] P. J. Rousseeuw, A. M. Leroy, "A robust scale estimator based on the shortest
       half", Statistica Neerlandica 42(2), 103-116, 1988.
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


def ks_distance(z: FloatArray) -> float:
    """Return the largest gap between the cumulative shares of sorted `z` and a standard normal."""
    return float(largest_gap(special.ndtr(z)))


def normal_grid(n: int) -> tuple[FloatArray, FloatArray]:
    """Return the quantiles (n + 1,) that cut a standard normal into n equal shares, and its pdf."""
    quantiles = special.ndtri(np.arange(n + 1) / n)
    return quantiles, _pdf(quantiles)


def _pdf(z: FloatArray) -> FloatArray:
    return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)


def wasserstein_distance(z: FloatArray, grid: tuple[FloatArray, FloatArray] | None = None) -> float:
    r"""Return the Wasserstein distance of order 1 between sorted `z` (n,) and a standard normal.

    It is :math:`\int_0^1 |F^{-1}(u) - \Phi^{-1}(u)| du`. The i-th smallest value faces the
    i-th of n equal shares of the normal, :math:`(a, b)`; with :math:`c` that value
    clipped to the share, the integral over it is
    :math:`z (2 \Phi(c) - \Phi(a) - \Phi(b)) + 2 \phi(c) - \phi(a) - \phi(b)`. `grid` is
    `normal_grid(n)`, where it is at hand.
    """
    n = len(z)
    quantiles, pdf = grid if grid is not None else normal_grid(n)
    clipped = np.clip(z, quantiles[:-1], quantiles[1:])
    shares = 2 * special.ndtr(clipped) - (2 * np.arange(n) + 1) / n
    return float((z * shares + 2 * _pdf(clipped) - pdf[:-1] - pdf[1:]).sum())
