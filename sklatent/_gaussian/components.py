"""The distribution of each latent component by itself, beside a normal one."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from sklearn.utils import gen_batches

from sklatent._tables import TabularRecord, decimals_for, format_numbers, format_table
from sklatent._typing import AnyArray, FloatArray
from sklatent._validation import check_choice, check_number

from .univariate import (
    Histogram,
    fit_gaussian_curve,
    histogram_density,
    ks_distance,
    mode_estimate,
    normal_grid,
    wasserstein_distance,
)

__all__ = ["ComponentFits", "fit_components"]

CHUNK_VALUES = 2**20
ROUNDING = 10.0
SHOWN = 20

LEGEND = """\
mean, std: moments. center, sigma: least-squares Gaussian on the histogram, with its R2.
KS: largest gap between cumulative shares of points and of the normal, in [0, 1].
W1: mean distance by which the points would have to move to be normal, in std.
skewness and kurtosis (excess over 3) are 0 for a normal. A good R2 alone proves little.
-: no curve fits, or the component does not vary."""


@dataclass(frozen=True, eq=False, repr=False)
class ComponentFits(TabularRecord):
    """Moments, least-squares Gaussian and distance from normal of each component.

    Prints as a table of the 20 components with the largest standard deviation. A component
    that does not vary has its value as mean, median and mode, a standard deviation of 0 up to
    rounding, and NaN for all else.

    Attributes
    ----------
    n_samples : int
        Number of points, n.
    names : ndarray of shape (d,)
        Names of the components, or their indices.
    mean, median, mode : ndarray of shape (d,)
        Of the points, in latent units. The mode is the peak of a kernel estimate.
    std : ndarray of shape (d,)
        Standard deviation of the points, with divisor n, in latent units.
    center, sigma : ndarray of shape (d,)
        Of the least-squares Gaussian on the histogram, in latent units; sigma is positive.
        NaN where the histogram determines no peak: fewer than four bins, no convergence, a
        sigma of less than half a bin (a spike of equal values, very heavy tails) or a centre
        more than sigma beyond the bins (U-shaped histograms).
    amplitude : ndarray of shape (d,)
        Height of that Gaussian, per latent unit; 1 / (sigma sqrt(2 pi)) if its area is 1.
    r_squared : ndarray of shape (d,)
        Share of the variance of the histogram's heights that it explains, at most 1.
    ks : ndarray of shape (d,)
        Kolmogorov-Smirnov distance to the normal, in [0, 1].
    wasserstein : ndarray of shape (d,)
        Wasserstein distance of order 1 to the normal, in its standard deviations.
    skewness, excess_kurtosis : ndarray of shape (d,)
        Standardised third moment, and fourth moment minus 3, of the points: 0 for a normal.
    bin_width : ndarray of shape (d,)
        Width of the histogram's bins, in latent units.
    histograms : tuple of Histogram
        d histograms, with no bin for a component that does not vary.

    See Also
    --------
    LatentGaussianModel.component_fits : Makes this record.
    """

    n_samples: int
    names: AnyArray
    mean: FloatArray
    median: FloatArray
    mode: FloatArray
    std: FloatArray
    center: FloatArray
    sigma: FloatArray
    amplitude: FloatArray
    r_squared: FloatArray
    ks: FloatArray
    wasserstein: FloatArray
    skewness: FloatArray
    excess_kurtosis: FloatArray
    bin_width: FloatArray
    histograms: tuple[Histogram, ...]

    def to_dict(self) -> dict[str, AnyArray]:
        """Return the numbers of each component by name.

        Returns
        -------
        dict of str to ndarray of shape (d,)
            All attributes but `n_samples`, `names` and `histograms`.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> Z = [[1.0], [3.0]]
        >>> LatentGaussianModel().fit(Z).component_fits(Z).to_dict()["std"]
        array([1.])
        """
        return {name: getattr(self, name) for name in _NUMBERS}

    def _labels(self) -> tuple[AnyArray, str]:
        return self.names, "component"

    def __repr__(self) -> str:
        shown = np.argsort(-self.std, kind="stable")[:SHOWN]
        title = f"{len(self.mean):,} components of {self.n_samples:,} points"
        if len(shown) < len(self.mean):
            left = len(self.mean) - len(shown)
            title += f"; the {SHOWN} with the largest std are shown, {left:,} are left out"
        columns = {"component": [str(name) for name in self.names[shown]]}
        decimals = decimals_for(self.std)
        for name in ("mean", "median", "mode", "std", "center", "sigma"):
            columns[name] = format_numbers(getattr(self, name)[shown], decimals)
        for head, name, decimals in (
            ("R2", "r_squared", 4),
            ("KS", "ks", 4),
            ("W1", "wasserstein", 3),
            ("skewness", "skewness", 2),
            ("kurtosis", "excess_kurtosis", 2),
        ):
            columns[head] = format_numbers(getattr(self, name)[shown], decimals)
        return f"{title}\n\n{format_table(columns)}\n\n{LEGEND}"


_NUMBERS = [
    field.name
    for field in fields(ComponentFits)
    if field.name not in ("n_samples", "names", "histograms")
]


def fit_components(
    X: FloatArray,
    *,
    bin_width: float = 0.25,
    bin_unit: Literal["sigma", "absolute"] = "sigma",
    mean: FloatArray | None = None,
    std: FloatArray | None = None,
    names: AnyArray | None = None,
) -> ComponentFits:
    r"""Describe each column of points (n, d) and its distance from a normal distribution.

    That normal has the moments `mean` and `std` (d,); None takes those of `X`.

    Bins of width w add :math:`w^2/12` to the variance of what is fitted to a histogram, so
    that the least-squares sigma is about :math:`\sqrt{1 + w^2 / 12 \sigma^2}` times the true
    one (Sheppard [1]_): 1.003 for w of 0.25 sigma, whatever sigma, but 1.066 for an absolute
    width of 0.25 and a sigma of 0.2. One bin is centred at the mean.

    Columns are converted to float64 and sorted a few at a time: memory beyond `X` stays at a
    few times 8 MB, or a few columns.

    References
    ----------
    .. [1] W. F. Sheppard, "On the calculation of the most probable values of frequency
       constants", Proceedings of the London Mathematical Society 29, 353-380, 1898.
    """
    bin_width = check_number("bin_width", bin_width, low=0, open_low=True, open_high=True)
    check_choice("bin_unit", bin_unit, ("sigma", "absolute"))
    n, d = X.shape
    eps = float(np.finfo(X.dtype if X.dtype.kind == "f" else np.float64).eps)
    grid = normal_grid(n)
    rows, histograms = [], []
    for column, x in enumerate(_sorted_columns(X)):
        own = _mean_and_std(x)
        if own[1] <= ROUNDING * eps * abs(own[0]):
            rows.append({"mean": own[0], "std": own[1], "median": own[0], "mode": own[0]})
            histograms.append(Histogram(np.empty(0), np.empty(0)))
            continue
        width = bin_width * (own[1] if bin_unit == "sigma" else 1.0)
        histogram = histogram_density(x, width, own[0])
        histograms.append(histogram)
        normal = own if mean is None or std is None else (float(mean[column]), float(std[column]))
        rows.append(_describe(x, own, normal, histogram, grid) | {"bin_width": width})
    numbers = {name: np.array([row.get(name, np.nan) for row in rows]) for name in _NUMBERS}
    names = np.arange(d) if names is None else np.asarray(names)
    return ComponentFits(n_samples=n, names=names, histograms=tuple(histograms), **numbers)


def _sorted_columns(X: FloatArray) -> Iterator[FloatArray]:
    """Yield each column in float64, sorted; several are read at once for the cache's sake."""
    step = max(8, CHUNK_VALUES // len(X))
    for columns in gen_batches(X.shape[1], step):
        block = np.array(X[:, columns].T, dtype=np.float64, order="C")
        block.sort(axis=1)
        yield from block


@np.errstate(over="ignore", invalid="ignore")
def _mean_and_std(x: FloatArray) -> tuple[float, float]:
    # Subtracting a point first keeps a constant component's deviation exactly 0.
    offset = x - x[len(x) // 2]
    mean = x[len(x) // 2] + offset.mean()
    std = offset.std()
    if not np.isfinite(std):
        raise ValueError("X must hold values whose squares float64 can hold; got larger ones.")
    return float(mean), float(std)


def _describe(
    x: FloatArray,
    own: tuple[float, float],
    normal: tuple[float, float],
    histogram: Histogram,
    grid: tuple[FloatArray, FloatArray],
) -> dict[str, float]:
    z = (x - own[0]) / own[1]
    center, sigma, amplitude, r_squared = fit_gaussian_curve(histogram)
    live = normal[1] > 0
    from_normal = (x - normal[0]) / normal[1] if live else z
    return {
        "mean": own[0],
        "median": float(np.median(x)),
        "mode": own[0] + own[1] * mode_estimate(z),
        "std": own[1],
        "center": center,
        "sigma": sigma,
        "amplitude": amplitude,
        "r_squared": r_squared,
        "ks": ks_distance(from_normal) if live else np.nan,
        "wasserstein": wasserstein_distance(from_normal, grid) if live else np.nan,
        "skewness": float(np.mean(z * z * z)),
        "excess_kurtosis": float(np.mean(np.square(z * z)) - 3),
    }
