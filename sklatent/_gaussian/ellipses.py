"""Confidence ellipses of pairs of components, and the points inside them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.utils import gen_batches

from sklatent._covariance.support import Normal
from sklatent._tables import TabularRecord, decimals_for, format_numbers, format_table
from sklatent._typing import AnyArray, ArrayLike, BoolArray, FloatArray, IntArray
from sklatent._validation import check_number, check_points

from .ellipse_geometry import axes_from_correlation, ellipse_coverage, ellipse_outlines

__all__ = ["ConfidenceEllipses", "build_ellipses"]

FLAT = 1e3 * 2 * float(np.finfo(np.float64).eps)
CHUNK_ROWS = 512
CHUNK_PAIRS = 64
SHOWN = 20


@dataclass(frozen=True, eq=False, repr=False)
class ConfidenceEllipses(TabularRecord):
    r"""Confidence ellipses of k pairs of components of a normal distribution.

    A point is inside an ellipse if its Mahalanobis distance to the centre, with the pair's
    own mean and covariance, is at most `n_std`. Where a component of a pair does not vary, or
    the correlation is +1 or -1 up to rounding, the pair has rank 1: the ellipse is a line
    segment, and what counts is a point's projection onto the line, orthogonal in components of
    unit variance. A pair of two components that do not vary has rank 0 and holds every point.

    Attributes
    ----------
    pairs : ndarray of shape (k, 2), dtype int
        Indices of the components on the first and second axis.
    centers : ndarray of shape (k, 2)
        Means of the two components, in latent units.
    half_axes : ndarray of shape (k, 2)
        Long and short half-axis, in latent units.
    angles : ndarray of shape (k,)
        From the first component's axis to the long half-axis, in radians, in (-pi/2, pi/2].
        A circle has 0.
    n_std : float
        Half-axes over standard deviations along them.
    nominal_coverage : float
        Probability that a normal pair of rank 2 lies inside, :math:`1 - e^{-n^2/2}`. At
        rank 1 it is :math:`2 \Phi(n) - 1`, at rank 0 it is 1.
    correlations : ndarray of shape (k,)
        Pearson coefficients in [-1, 1]; exactly +1 or -1 at rank 1 of two varying components.
    stds : ndarray of shape (k, 2)
        Standard deviations, in latent units; 0 for a component that does not vary.
    ranks : ndarray of shape (k,), dtype int
        2 for an ellipse, 1 for a segment, 0 for a point.
    n_components : int
        Number of columns, d, of the points that the methods take.

    See Also
    --------
    LatentGaussianModel.ellipses : Makes this record.
    """

    pairs: IntArray
    centers: FloatArray
    half_axes: FloatArray
    angles: FloatArray
    n_std: float
    nominal_coverage: float
    correlations: FloatArray
    stds: FloatArray
    ranks: IntArray
    n_components: int

    def contains(self, X: ArrayLike) -> BoolArray:
        """Return which points lie inside which ellipse.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, with all components of the model.

        Returns
        -------
        ndarray of shape (n, k), dtype bool
            n times k bytes; `coverage` needs no such memory.

        Raises
        ------
        ValueError, TypeError
            If `X` is not a finite array of d columns.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
        >>> model.ellipses([(0, 1)], n_std=2).contains([[1.4, 0.0], [1.5, 0.0]])
        array([[ True],
               [False]])
        """
        points = self._check_points(X)
        inside = np.empty((len(points), len(self.pairs)), dtype=bool)
        for rows, pairs, squared in self._squared_distances(points):
            inside[rows, pairs] = (squared <= self._limit).T
        return inside

    def coverage(self, X: ArrayLike) -> FloatArray:
        """Return the share of the points that each ellipse holds.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, with all components of the model.

        Returns
        -------
        ndarray of shape (k,)
            Shares in [0, 1], to be held against `nominal_coverage`. For n normal points
            they scatter about it by sqrt(p (1 - p) / n).

        Raises
        ------
        ValueError, TypeError
            If `X` is not a finite array of d columns.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> X = [[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]]
        >>> LatentGaussianModel().fit(X).ellipses([(0, 1)], n_std=1.5).coverage(X)
        array([1.])
        """
        points = self._check_points(X)
        counts = np.zeros(len(self.pairs), dtype=np.int64)
        for _, pairs, squared in self._squared_distances(points):
            counts[pairs] += np.count_nonzero(squared <= self._limit, axis=1)
        return counts / len(points)

    def joint_coverage(self, X: ArrayLike) -> float:
        """Return the share of the points that lie inside all ellipses.

        With many pairs it falls far below the coverage of each: at d = 200, all ellipses of
        3 sigma together hold 0.2 % of the points of a normal.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, with all components of the model.

        Returns
        -------
        float
            Share in [0, 1]; 1 where there are no pairs.

        Raises
        ------
        ValueError, TypeError
            If `X` is not a finite array of d columns.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> X = [[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]]
        >>> LatentGaussianModel().fit(X).ellipses(n_std=1).joint_coverage(X)
        0.0
        """
        return float(np.mean(self._largest_squared(X) <= self._limit))

    def joint_n_std(self, X: ArrayLike, coverage: float = 0.95) -> float:
        """Return the size at which a share of the points lies inside all ellipses.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, with all components of the model.
        coverage : float, default=0.95
            Share of the points, in (0, 1].

        Returns
        -------
        float
            The smallest size, in units of sigma, at which `joint_coverage` of `X` reaches the
            share: `model.ellipses(pairs, n_std=...)` takes it.

        Raises
        ------
        ValueError, TypeError
            If `X` is not a finite array of d columns, or `coverage` is no number in its range.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> X = [[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]]
        >>> round(LatentGaussianModel().fit(X).ellipses().joint_n_std(X, coverage=1.0), 4)
        1.4142
        """
        coverage = check_number("coverage", coverage, low=0, high=1, open_low=True)
        squared = np.quantile(self._largest_squared(X), coverage, method="inverted_cdf")
        n_std = np.sqrt(squared)
        # The root may round down, which would leave the last point outside.
        return float(n_std if n_std * n_std >= squared else np.nextafter(n_std, np.inf))

    def outlines(self, n_points: int = 100) -> FloatArray:
        """Return points on the ellipses, as for drawing them.

        Parameters
        ----------
        n_points : int, default=100
            Number of points on each, at least 2.

        Returns
        -------
        ndarray of shape (k, n_points, 2)
            In latent units, in order around each ellipse, the last equal to the first.

        Raises
        ------
        TypeError, ValueError
            If `n_points` is not an integer or less than 2.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
        >>> model.ellipses().outlines(50).shape
        (1, 50, 2)
        """
        n_points = check_number("n_points", n_points, low=2, integer=True)
        return ellipse_outlines(self.centers, self.half_axes, self.angles, n_points)

    def to_dict(self) -> dict[str, AnyArray]:
        """Return the numbers of each ellipse by name.

        Returns
        -------
        dict of str to ndarray of shape (k,)
            "first", "second", "center_first", "center_second", "long_half_axis",
            "short_half_axis", "angle" (radians), "correlation", "std_first", "std_second" and
            "rank"; units as in the attributes.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
        >>> model.ellipses(n_std=1).to_dict()["long_half_axis"].round(3)
        array([1.414])
        """
        return {
            "first": self.pairs[:, 0],
            "second": self.pairs[:, 1],
            "center_first": self.centers[:, 0],
            "center_second": self.centers[:, 1],
            "long_half_axis": self.half_axes[:, 0],
            "short_half_axis": self.half_axes[:, 1],
            "angle": self.angles,
            "correlation": self.correlations,
            "std_first": self.stds[:, 0],
            "std_second": self.stds[:, 1],
            "rank": self.ranks,
        }

    def _labels(self) -> tuple[AnyArray, str]:
        return np.arange(len(self.pairs)), "ellipse"

    @property
    def _limit(self) -> float:
        return self.n_std * self.n_std

    def _check_points(self, X: ArrayLike) -> FloatArray:
        points = check_points(X)
        if points.shape[1] != self.n_components:
            raise ValueError(
                f"X must have {self.n_components} columns, the components of the model; "
                f"got {points.shape[1]}."
            )
        return points

    def _largest_squared(self, X: ArrayLike) -> FloatArray:
        points = self._check_points(X)
        largest = np.zeros(len(points))
        for rows, _, squared in self._squared_distances(points):
            np.maximum(largest[rows], squared.max(axis=0), out=largest[rows])
        return largest

    def _squared_distances(self, X: FloatArray) -> Iterator[tuple[slice, slice, FloatArray]]:
        """Yield row slices, pair slices and squared distances of shape (pairs, rows).

        In components of unit variance the axes of every ellipse are the two diagonals, so
        that sums and differences of standardised components are all that is needed.
        """
        used, places = np.unique(self.pairs, return_index=True)
        mean, std = self.centers.ravel()[places], self.stds.ravel()[places]
        scale = np.divide(1.0, std, out=np.zeros_like(std), where=std > 0)
        first, second = np.searchsorted(used, self.pairs).T
        weights = _diagonal_weights(self.correlations)
        for rows in gen_batches(len(X), CHUNK_ROWS):
            standard = np.ascontiguousarray(((X[rows][:, used] - mean) * scale).T)
            # gen_batches takes no empty range, and there may be no pairs.
            for start in range(0, len(first), CHUNK_PAIRS):
                pairs = slice(start, start + CHUNK_PAIRS)
                a, b = standard[first[pairs]], standard[second[pairs]]
                squared, across = a + b, np.subtract(a, b, out=b)
                squared *= squared
                squared *= weights[0, pairs, None]
                across *= across
                across *= weights[1, pairs, None]
                squared += across
                yield rows, pairs, squared

    def __repr__(self) -> str:
        k = len(self.pairs)
        title = (
            f"{k:,} {'ellipse' if k == 1 else 'ellipses'} of {self.n_std:.4g} sigma; "
            f"nominal coverage {100 * self.nominal_coverage:.2f} %"
        )
        if k > SHOWN:
            title += f"; the first {SHOWN} are shown, {k - SHOWN:,} are left out"
        if k == 0:
            return title
        columns = {"components": [f"{i}, {j}" for i, j in self.pairs[:SHOWN]]}
        decimals = decimals_for(self.half_axes[:SHOWN])
        for head, values in (
            ("center 1", self.centers[:, 0]),
            ("center 2", self.centers[:, 1]),
            ("long half-axis", self.half_axes[:, 0]),
            ("short half-axis", self.half_axes[:, 1]),
        ):
            columns[head] = format_numbers(values[:SHOWN], decimals)
        columns["angle (degrees)"] = format_numbers(np.degrees(self.angles[:SHOWN]), 1)
        columns["correlation"] = format_numbers(self.correlations[:SHOWN], 3)
        return f"{title}\n\n{format_table(columns)}"


def _diagonal_weights(correlations: FloatArray) -> FloatArray:
    """Return what squared sums and differences of standardised components count."""
    variances = 2 * np.stack([1 + correlations, 1 - correlations])
    return np.divide(1.0, variances, out=np.zeros_like(variances), where=variances > 0)


def build_ellipses(normal: Normal, pairs: IntArray, n_std: float) -> ConfidenceEllipses:
    """Return the confidence ellipses of pairs (k, 2) of components, of `n_std` sigma."""
    stds = normal.live_std[pairs]
    live = stds > 0
    rho = np.where(live.all(axis=1), normal.live_correlation[pairs[:, 0], pairs[:, 1]], 0.0)
    rho = np.where(1 - np.abs(rho) <= FLAT, np.sign(rho), rho)
    half_axes, angles = axes_from_correlation(stds, rho)
    return ConfidenceEllipses(
        pairs=pairs,
        centers=normal.mean[pairs],
        half_axes=n_std * half_axes,
        angles=angles,
        n_std=n_std,
        nominal_coverage=ellipse_coverage(n_std),
        correlations=rho,
        stds=stds,
        ranks=live.sum(axis=1) - (np.abs(rho) == 1),
        n_components=len(normal.mean),
    )
