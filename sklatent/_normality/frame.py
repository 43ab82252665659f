"""Measure the shape of latent points in passes over columns and rows of their array."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import linalg, stats
from sklearn.utils import gen_batches

from sklatent._covariance.moments import Moments, compute_moments, covariance_matrix
from sklatent._covariance.support import Normal, make_normal, squared_distances
from sklatent._covariance.truncated import robust_start

from .columns import ColumnShapes, column_shapes
from .modality import valley_depth
from .pairs import PairSums, pair_dependence, rank_table
from .ties import Ties, count_ties, spread_ties

__all__ = [
    "Columns",
    "Frame",
    "far_points",
    "measure_columns",
    "measure_rows",
    "own_frame",
    "spread_columns",
]

BLOCK_VALUES = 2**21
# Points so much further out than the furthest of a normal are far from all others, unless
# many lie between or the others have heavy tails themselves.
FAR, FEWEST_FAR, MOST_FAR = 1.4, 3, 0.1


@dataclass(frozen=True)
class Frame:
    """The points' own mean and covariance, and the two sets of columns to look at.

    Attributes
    ----------
    points : ndarray of shape (n, d)
        Latent points of any floating-point type, as they came.
    mean : ndarray of shape (d,)
        Their mean.
    support : sklatent._covariance.support.Normal
        Their support.
    moments : sklatent._covariance.moments.Moments
        Their moments.
    """

    points: np.ndarray
    mean: np.ndarray
    support: Normal
    moments: Moments

    @property
    def std(self):
        """Standard deviations of the varying components, of shape (d_live,)."""
        return np.sqrt(np.diag(covariance_matrix(self.moments)))[self.support.live]

    def components(self, rows, columns=slice(None)):
        """Return centred varying components of some rows, in latent units."""
        live = np.flatnonzero(self.support.live)[columns]
        return self.points[rows][:, live] - self.mean[live]

    def principal(self, rows, columns=slice(None)):
        """Return principal components of unit variance of some rows."""
        return (self.points[rows] - self.mean) @ self.support.whitening[:, columns]

    @property
    def to_standard(self):
        """Matrix (rank, d_live) from principal components to standardised components."""
        return self.support.coloring[:, self.support.live] / self.std


class Columns(NamedTuple):
    """What one pass over sorted columns gives."""

    shapes: ColumnShapes
    valleys: np.ndarray
    tables: np.ndarray
    ties: Ties


def own_frame(points) -> Frame:
    """Return mean, covariance and support of the points themselves.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        Latent points.

    Returns
    -------
    Frame
        It holds the array, not a copy.
    """
    moments = compute_moments(points)
    covariance = covariance_matrix(moments)
    support = make_normal(moments.mean, covariance, moments.eps)
    return Frame(points, moments.mean, support, moments)


def measure_columns(frame: Frame, principal: bool) -> Columns:
    """Sort each column, a few at a time, and measure its shape.

    Parameters
    ----------
    frame : Frame
        Of all points.
    principal : bool
        Principal components rather than components.

    Returns
    -------
    Columns
        Values for each of k columns.
    """
    n, live = len(frame.points), frame.support.live
    width = frame.support.rank if principal else int(live.sum())
    columns_of = frame.principal if principal else frame.components
    parts = []
    for block in gen_batches(width, max(1, BLOCK_VALUES // n)):
        columns = np.empty((block.stop - block.start, n))
        for rows in gen_batches(n, max(1, BLOCK_VALUES // len(live))):
            columns[:, rows] = columns_of(rows, block).T
        columns.sort(axis=1)
        sorted_columns = columns.T
        parts.append(
            (
                column_shapes(sorted_columns),
                valley_depth(sorted_columns),
                rank_table(sorted_columns),
                count_ties(sorted_columns),
            )
        )
    shapes, valleys, tables, ties = zip(*parts, strict=True)
    return Columns(
        ColumnShapes(*map(np.concatenate, zip(*shapes, strict=True))),
        np.concatenate(valleys),
        np.hstack(tables),
        Ties(*map(np.concatenate, zip(*ties, strict=True))),
    )


def spread_columns(frame: Frame, columns, random_state) -> Frame:
    """Return the frame of a copy of the points whose ties in some columns are spread.

    Where columns are linear combinations of each other, those of as many columns as the rank
    has are spread, and the others follow from them, so that they are combinations still.

    Parameters
    ----------
    frame : Frame
        Of all points.
    columns : ndarray of int
        Indices of components, counted among all.
    random_state : RandomState instance
        Source of uniform numbers.

    Returns
    -------
    Frame
        It holds a copy of the points in float64.
    """
    points = frame.points.astype(np.float64)
    for column in columns:
        points[:, column] = spread_ties(points[:, column], random_state)
    if frame.support.rank < frame.support.live.sum():
        live, standard = np.flatnonzero(frame.support.live), frame.to_standard
        order = linalg.qr(standard, mode="r", pivoting=True)[1]
        basis, rest = np.split(order, [frame.support.rank])
        weights = linalg.solve(standard[:, basis], standard[:, rest])
        centred = (points[:, live[basis]] - frame.mean[live[basis]]) / frame.std[basis]
        points[:, live[rest]] = frame.mean[live[rest]] + centred @ weights * frame.std[rest]
    return own_frame(points)


def far_points(frame: Frame, rows):
    r"""Return which points lie far from all others, where those are about normal.

    Distances are measured from the tighter half of the points, which outliers do not stretch.
    With q the squared distance that one of a hundred samples of a normal exceeds at all, a
    point is far beyond :math:`1.4 \sqrt q`. They count if there are three of them
    or more, at most a tenth of the points, five times as many as between :math:`\sqrt q` and
    there, and if of the others no more than 5 % exceed what 1 % of a normal does. Points
    between are then returned with them.

    Parameters
    ----------
    frame : Frame
        Of all points.
    rows : ndarray of int or slice
        Which to look at first.

    Returns
    -------
    ndarray of shape (n,), dtype bool, or None
        None where no points are far, or there are fewer than 20 a dimension.
    """
    n, rank = len(frame.points), frame.support.rank
    some = frame.principal(rows)
    if len(some) < max(100, 20 * rank):
        return None
    unit = make_normal(np.zeros(rank), np.eye(rank))
    try:
        inner = robust_start(some, unit)
    except ValueError:
        return None
    edge = stats.chi2.isf(0.01 / n, rank)
    squared = np.empty(n)
    for part in gen_batches(n, max(1, BLOCK_VALUES // len(frame.mean))):
        squared[part] = squared_distances(frame.principal(part), *inner)
    far = squared > FAR**2 * edge
    n_far, between = int(far.sum()), int((squared > edge).sum() - far.sum())
    tail = (squared > stats.chi2.isf(0.01, rank)).sum() - n_far
    if FEWEST_FAR <= n_far <= MOST_FAR * n and 5 * between <= n_far and tail <= 0.05 * n:
        # What lies between is no part of a normal rest either.
        return squared > edge
    return None


def measure_rows(frame: Frame, components: Columns, principal: Columns):
    """Take squared distances and dependence of pairs in one pass over the rows.

    Parameters
    ----------
    frame : Frame
        Of all points.
    components, principal : Columns
        From `measure_columns`.

    Returns
    -------
    squared : ndarray of shape (n,)
        Squared Mahalanobis distances from the points' own mean and covariance.
    component_pairs, principal_pairs : PairDependence
        Dependence beyond linear correlation.
    """
    n = len(frame.points)
    squared = np.empty(n)
    component_sums, principal_sums = PairSums(components.tables, n), PairSums(principal.tables, n)
    for rows in gen_batches(n, max(1, BLOCK_VALUES // (2 * len(frame.mean)))):
        white = frame.principal(rows)
        squared[rows] = np.einsum("ij,ij->i", white, white)
        principal_sums.add(white)
        component_sums.add(frame.components(rows))
    return squared, pair_dependence(component_sums), pair_dependence(principal_sums)
