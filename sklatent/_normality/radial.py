"""Shape that is left once distances from the centre are those of a normal."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from .columns import ColumnShapes, column_shapes
from .frame import Frame
from .mardia import direction_pvalue, mardia_skewness
from .pairs import PairDependence, PairSums, pair_dependence, rank_table
from .two_sample import whiten_own

__all__ = ["RadialShape", "central_share", "goes_around", "is_shell", "radial_shape"]

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
    >>>
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
    >>>
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
    >>>
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
