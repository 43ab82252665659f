"""Density contours of two components, and how far they are from confidence ellipses."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sklatent._covariance.support import Normal
from sklatent._tables import TabularRecord, decimals_for, format_numbers, format_table
from sklatent._typing import AnyArray, ArrayLike, FloatArray

from .ellipse_geometry import ellipse_n_std
from .ellipses import build_ellipses

__all__ = ["DensityContours", "check_coverages", "density_contours", "highest_density_levels"]

MARGIN = 4.0

LEGEND = """\
overlap: area shared by region and ellipse over the area of both together, 1 if they agree.
On 2,000 normal points it is 0.9 to 0.96, with an area ratio of 0.9 to 1.1 (coverage to 95 %)."""


@dataclass(frozen=True, eq=False, repr=False)
class DensityContours(TabularRecord):
    """Highest-density regions of two components at m coverages, beside ellipses.

    A region is where the kernel density is at least the level; its boundary is the contour,
    which any routine for contour lines finds from `x`, `y`, `density` and `levels`. Where a
    coverage takes in points so far from all others that the estimate says nothing about the
    density there, areas, ratio and overlap are NaN.

    Attributes
    ----------
    pair : tuple of two int
        Indices of the components on the first and second axis.
    coverages : ndarray of shape (m,)
        Shares of points in the regions, in (0, 1), as asked for.
    levels : ndarray of shape (m,)
        Densities on the contours, per squared latent unit.
    areas : ndarray of shape (m,)
        Areas of the regions, in squared latent units.
    ellipse_areas : ndarray of shape (m,)
        Areas of the ellipses of the same coverages, in squared latent units.
    area_ratios : ndarray of shape (m,)
        `areas` over `ellipse_areas`; 1 for a normal. Below 1 the ellipse is too large.
    overlaps : ndarray of shape (m,)
        Area of the intersection over that of the union (Jaccard index), in [0, 1].
    x, y : ndarray of shape (g,)
        Grid along the first and second component, in latent units.
    density : ndarray of shape (g, g)
        Kernel density at (x[j], y[i]) in row i and column j, per squared latent unit.
    n_samples : int
        Number of points behind the density.

    See Also
    --------
    LatentGaussianModel.density_contours : Makes this record.
    """

    pair: tuple[int, int]
    coverages: FloatArray
    levels: FloatArray
    areas: FloatArray
    ellipse_areas: FloatArray
    area_ratios: FloatArray
    overlaps: FloatArray
    x: FloatArray
    y: FloatArray
    density: FloatArray
    n_samples: int

    def to_dict(self) -> dict[str, AnyArray]:
        """Return the numbers of each contour by name, without the grid.

        Returns
        -------
        dict of str to ndarray of shape (m,)
            "coverage", "level", "area", "ellipse_area", "area_ratio" and "overlap"; units as
            in the attributes.

        Examples
        --------
        >>> import numpy as np
        >>> from sklatent import LatentGaussianModel
        >>> Z = np.random.default_rng(0).normal(size=(500, 2))
        >>> record = LatentGaussianModel().fit(Z).density_contours(Z, (0, 1), [0.5, 0.9])
        >>> record.to_dict()["coverage"]
        array([0.5, 0.9])
        """
        return {
            "coverage": self.coverages,
            "level": self.levels,
            "area": self.areas,
            "ellipse_area": self.ellipse_areas,
            "area_ratio": self.area_ratios,
            "overlap": self.overlaps,
        }

    def _labels(self) -> tuple[AnyArray, str]:
        return np.arange(len(self.coverages)), "contour"

    def __repr__(self) -> str:
        columns = {"coverage": [f"{100 * value:g} %" for value in self.coverages]}
        decimals = decimals_for(np.append(self.areas, self.ellipse_areas))
        for head, values, places in (
            ("region's area", self.areas, decimals),
            ("ellipse's area", self.ellipse_areas, decimals),
            ("area ratio", self.area_ratios, 2),
            ("overlap", self.overlaps, 2),
        ):
            columns[head] = format_numbers(values, places)
        first, second = self.pair
        return (
            f"Density contours of components {first} and {second}, from {self.n_samples:,} points"
            f"\n\n{format_table(columns)}\n\n{LEGEND}"
        )


def check_coverages(coverages: ArrayLike) -> FloatArray:
    """Return shares (m,) in (0, 1), at least one."""
    array = np.atleast_1d(np.asarray(coverages))
    if array.ndim != 1 or array.dtype.kind not in "fiu" or array.size == 0:
        raise ValueError(f"coverages must be numbers in (0, 1), at least one; got {coverages!r}.")
    if not ((array > 0) & (array < 1)).all():
        raise ValueError(f"coverages must be numbers in (0, 1); got {coverages!r}.")
    return array.astype(np.float64)


def highest_density_levels(
    kde: stats.gaussian_kde, coverages: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""Return the densities (m,) that given shares of points exceed, and those at points (n,).

    The region of probability p on which a density is highest is where it exceeds the 1 - p
    quantile of its own values at random points [1]_. Each point's own kernel is left out,
    :math:`(n f(x_i) - K(0)) / (n - 1)`, for else points would stand higher than new ones do.

    References
    ----------
    .. [1] R. J. Hyndman, "Computing and graphing highest density regions", The American
       Statistician 50(2), 120-126, 1996.
    """
    at_points = (kde.n * kde(kde.dataset) - _kernel_height(kde)) / (kde.n - 1)
    levels = np.quantile(at_points, 1 - np.asarray(coverages), method="inverted_cdf")
    return levels, at_points


def _kernel_height(kde: stats.gaussian_kde) -> float:
    """K(0), the height of the kernel of a single point."""
    return 1 / np.sqrt(np.linalg.det(2 * np.pi * kde.covariance))


def density_contours(
    X: FloatArray,
    normal: Normal,
    pair: tuple[int, int],
    coverages: FloatArray,
    grid_size: int = 128,
) -> DensityContours:
    """Return highest-density regions of points (n, d) in the plane of a pair, beside ellipses.

    The density is `scipy.stats.gaussian_kde` with its own bandwidth, Scott's rule, which
    follows the covariance of the points: it blurs clouds far apart and a core within heavy
    tails, so that their regions come out too large. Areas are counted in cells of a grid over
    the largest region; the ellipses of `normal` have closed forms. Time and memory grow with the
    square of `grid_size`.
    """
    ellipse = build_ellipses(normal, np.array([pair]), 1.0)
    points = X[:, list(pair)].astype(np.float64)
    if ellipse.ranks[0] < 2 or np.linalg.matrix_rank(points - points[0]) < 2:
        raise ValueError(
            f"pair must name two components that vary and are no multiples of each other; "
            f"got {pair}."
        )
    mean, std, correlation = ellipse.centers[0], ellipse.stds[0], float(ellipse.correlations[0])
    # Both axes in standard deviations: gaussian_kde refuses very different scales.
    z = (points - mean) / std
    try:
        kde = stats.gaussian_kde(z.T)
    except np.linalg.LinAlgError as error:
        raise ValueError(
            "X must hold points that spread in both components of pair, as the model does; got "
            "some that are nearly one."
        ) from error
    levels, at_points = highest_density_levels(kde, coverages)
    reach = MARGIN * np.sqrt(np.diag(kde.covariance))
    # Below this, a kernel alone would reach further than the margin of the grid.
    known = levels >= np.exp(-0.5 * MARGIN**2) * _kernel_height(kde) / kde.n
    dense = z[at_points >= levels[known].min(initial=at_points.max())]
    u, v = np.linspace(dense.min(axis=0) - reach, dense.max(axis=0) + reach, grid_size).T
    across, up = np.meshgrid(u, v)
    density = kde(np.stack([across.ravel(), up.ravel()])).reshape(across.shape)
    flatness = 1 - correlation**2
    squared = (across**2 + up**2 - 2 * correlation * across * up) / flatness
    limits = np.array([ellipse_n_std(coverage=float(value)) ** 2 for value in coverages])
    cell, unit = (u[1] - u[0]) * (v[1] - v[0]), std[0] * std[1]
    inside = density >= levels[:, None, None]
    areas = np.where(known, cell * np.count_nonzero(inside, axis=(1, 2)), np.nan)
    shared = cell * np.count_nonzero(inside & (squared <= limits[:, None, None]), axis=(1, 2))
    ellipse_areas = np.pi * limits * np.sqrt(flatness)
    return DensityContours(
        pair=pair,
        coverages=coverages,
        levels=levels / unit,
        areas=areas * unit,
        ellipse_areas=ellipse_areas * unit,
        area_ratios=areas / ellipse_areas,
        overlaps=shared / (areas + ellipse_areas - shared),
        x=mean[0] + std[0] * u,
        y=mean[1] + std[1] * v,
        density=density / unit,
        n_samples=len(points),
    )
