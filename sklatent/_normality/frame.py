"""Measure the shape of latent points in passes over columns and rows of their array."""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from scipy import linalg, stats
from sklearn.utils import gen_batches

from sklatent._covariance.moments import Moments, compute_moments, covariance_matrix
from sklatent._covariance.support import Normal, make_normal, squared_distances
from sklatent._covariance.truncated import robust_start
from sklatent._random import subsample
from sklatent._typing import BoolArray, FloatArray, IntArray

from .columns import ColumnShapes, column_shapes
from .modality import valley_depth
from .pairs import PairDependence, PairSums, pair_dependence, rank_table
from .ties import Ties, count_ties, spread_ties

__all__ = [
    "FEW_POINTS",
    "Columns",
    "Frame",
    "Settings",
    "far_points",
    "measure_columns",
    "measure_rows",
    "own_frame",
    "points_for_shape",
    "spread_columns",
]

# Fewer do not show a shape, so that no answer is a "yes".
FEW_POINTS = 60
# Extra points, over twice the dimension, for a statement about the joint shape.
SPARE = 20
BLOCK_VALUES = 2**21
# Points so much further out than the furthest of a normal are far from all others, unless
# many lie between or the others have heavy tails themselves.
FAR, FEWEST_FAR, MOST_FAR = 1.4, 3, 0.1


Rows: TypeAlias = IntArray | slice


class Settings(NamedTuple):
    """Parameters of `LatentGaussianModel.normality_report`."""

    significance: float
    max_points: int
    random_state: np.random.RandomState

    def rows(self, n: int, least: int = 0) -> Rows:
        """Return which of n rows to take where `max_points`, or `least` if larger, are enough."""
        return subsample(n, max(self.max_points, least), self.random_state)


def points_for_shape(rank: int) -> int:
    """Return how many points it takes for a statement about the joint shape."""
    return 2 * rank + SPARE


@dataclass(frozen=True)
class Frame:
    """Points, (n, d), as they came, with their own moments and normal distribution."""

    points: FloatArray
    normal: Normal
    moments: Moments

    @property
    def mean(self) -> FloatArray:
        """Mean of the points, (d,)."""
        return self.normal.mean

    @property
    def shows_shape(self) -> bool:
        """Whether there are points enough for a statement about the joint shape."""
        rank = self.normal.rank
        return rank > 0 and len(self.points) >= points_for_shape(rank)

    @property
    def std(self) -> FloatArray:
        """Standard deviations of the varying components, of shape (d_live,)."""
        return np.sqrt(np.diag(covariance_matrix(self.moments)))[self.normal.live]

    def components(self, rows: Rows, columns: Any = slice(None)) -> FloatArray:
        """Return centred varying components of some rows, in latent units."""
        live = np.flatnonzero(self.normal.live)[columns]
        return self.points[rows][:, live] - self.mean[live]

    def principal(self, rows: Rows, columns: Any = slice(None)) -> FloatArray:
        """Return principal components of unit variance of some rows."""
        return (self.points[rows] - self.mean) @ self.normal.whitening[:, columns]

    @property
    def to_standard(self) -> FloatArray:
        """Matrix (rank, d_live) from principal components to standardised components."""
        return self.normal.coloring[:, self.normal.live] / self.std


class Columns(NamedTuple):
    """What one pass over k sorted columns gives; `tables` are from `rank_table`, (m, k)."""

    shapes: ColumnShapes
    valleys: FloatArray
    tables: FloatArray
    ties: Ties


def own_frame(points: FloatArray) -> Frame:
    """Return mean, covariance and support of the points themselves, of which it holds no copy."""
    moments = compute_moments(points)
    covariance = covariance_matrix(moments)
    return Frame(points, make_normal(moments.mean, covariance, moments.eps), moments)


def measure_columns(frame: Frame, principal: bool) -> Columns:
    """Sort each component, or principal component, a few at a time, and measure its shape."""
    n, live = len(frame.points), frame.normal.live
    width = frame.normal.rank if principal else int(live.sum())
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


def spread_columns(frame: Frame, columns: IntArray, random_state: np.random.RandomState) -> Frame:
    """Return the frame of a float64 copy of the points whose ties in some columns are spread.

    Where columns are linear combinations of each other, those of as many columns as the rank
    has are spread, and the others follow from them, so that they are combinations still.
    """
    points = frame.points.astype(np.float64)
    for column in columns:
        points[:, column] = spread_ties(points[:, column], random_state)
    if frame.normal.rank < frame.normal.live.sum():
        live, standard = np.flatnonzero(frame.normal.live), frame.to_standard
        order = linalg.qr(standard, mode="r", pivoting=True)[1]
        basis, rest = np.split(order, [frame.normal.rank])
        weights = linalg.solve(standard[:, basis], standard[:, rest])
        centred = (points[:, live[basis]] - frame.mean[live[basis]]) / frame.std[basis]
        points[:, live[rest]] = frame.mean[live[rest]] + centred @ weights * frame.std[rest]
    return own_frame(points)


def far_points(frame: Frame, rows: Rows) -> BoolArray | None:
    r"""Return which points lie far from all others, (n,), where those are about normal, or None.

    Distances are measured from the tighter half of `rows`, which outliers do not stretch; none
    are found where there are fewer than 20 rows a dimension. With q the squared distance that one
    of a hundred samples of a normal exceeds at all, a point is far beyond :math:`1.4 \sqrt q`.
    They count if there are three of them or more, at most a tenth of the points, five times as
    many as between :math:`\sqrt q` and there, and if of the others no more than 5 % exceed what
    1 % of a normal does. Points between are then returned with them.
    """
    n, rank = len(frame.points), frame.normal.rank
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


def measure_rows(
    frame: Frame, components: Columns, principal: Columns
) -> tuple[FloatArray, PairDependence, PairDependence]:
    """Return squared distances, (n,), and dependence of pairs, in one pass over the rows.

    Distances are those from the points' own mean and covariance; pairs are those of components
    and those of principal components.
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
