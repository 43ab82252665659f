"""Shape that is left once distances from the centre are those of a normal."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from .columns import ColumnShapes, column_shapes, direction_pvalue, mardia_skewness
from .frame import Frame
from .pairs import PairDependence, PairSums, pair_dependence, rank_table, whiten_own

__all__ = ["RadialShape", "radial_shape"]

RADIAL_STEPS = 10


class RadialShape(NamedTuple):
    """Shape that is left after each point's distance is replaced by a normal's.

    Attributes
    ----------
    skewness_effect, skewness_pvalue : float
        Mardia skewness, as `mardia_skewness` returns it.
    shapes : ColumnShapes
        Of the components.
    pairs : PairDependence
        Of the components.
    principal_shapes, principal_pairs : ColumnShapes, PairDependence
        Of the principal components.
    elliptic_pvalue : float
        Chance of directions as uneven if points were elliptic.
    independent_pvalue : float
        The same after each column was shuffled by itself: not small where the points could
        not tell elliptic from independent columns.
    """

    skewness_effect: float
    skewness_pvalue: float
    shapes: ColumnShapes
    pairs: PairDependence
    principal_shapes: ColumnShapes
    principal_pairs: PairDependence
    elliptic_pvalue: float
    independent_pvalue: float


def _normal_radii(white):
    """Whitened points whose distances are those of a normal."""
    n, rank = white.shape
    quantiles = np.sqrt(stats.chi2.ppf((np.arange(n) + 0.5) / n, rank))
    # Far points blur mean and covariance: shrunk ones give better, step by step.
    for _ in range(RADIAL_STEPS):
        radius = np.maximum(np.sqrt(np.einsum("ij,ij->i", white, white)), 1e-300)
        ratio = np.empty(n)
        ratio[np.argsort(radius, kind="stable")] = quantiles
        ratio /= radius
        center = ratio @ white / ratio.sum()
        near = white * ratio[:, None]
        factor = np.linalg.cholesky(np.cov(near.T, bias=True).reshape(rank, rank))
        white = np.linalg.solve(factor, (white - center).T).T
    return whiten_own(near)


def radial_shape(frame: Frame, rows, random_state) -> RadialShape:
    """Replace distances from the centre by those of a normal, and measure what is left.

    Elliptic points, such as a multivariate t, become normal by that.

    Parameters
    ----------
    frame : Frame
        Of all points.
    rows : ndarray of int or slice
        Which to use.
    random_state : RandomState instance
        Shuffles columns.

    Returns
    -------
    RadialShape
        Skewness, components, pairs and evenness of directions.
    """
    first = whiten_own(frame.principal(rows))
    white = _normal_radii(first)
    # Turned as close to the components as uncorrelated coordinates can be.
    left, _, right = np.linalg.svd(frame.to_standard, full_matrices=False)
    turn = left @ right if left.shape[0] == right.shape[1] else np.eye(len(left))
    even = direction_pvalue(white @ turn)
    shuffled = np.column_stack([random_state.permutation(c) for c in (first @ turn).T])
    apart = direction_pvalue(_normal_radii(whiten_own(shuffled)))
    _, effect, pvalue = mardia_skewness(white)
    components, principal = _shape_of(white @ frame.to_standard), _shape_of(white)
    return RadialShape(effect, pvalue, *components, *principal, even, apart)


def _shape_of(columns) -> tuple[ColumnShapes, PairDependence]:
    ordered = np.sort(columns, axis=0)
    sums = PairSums(rank_table(ordered), len(columns))
    sums.add(columns)
    return column_shapes(ordered), pair_dependence(sums)
