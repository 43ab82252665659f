"""Shape that is left once distances from the centre are those of a normal."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from sklatent._typing import FloatArray

from .columns import ColumnShapes, column_shapes
from .frame import Frame, Rows, Settings
from .mardia import direction_pvalue, mardia_skewness
from .pairs import SQUARES_TOLERANCE, PairDependence, dependence_of
from .two_sample import whiten_own

__all__ = [
    "RadialShape",
    "central_share",
    "goes_around",
    "hollow_and_ring",
    "is_shell",
    "radial_shape",
]

RADIAL_STEPS = 10
HOLLOW_SHARE = 0.02
# A shell of standard deviation a tenth of its radius has 0.1, a normal in 20 dimensions 0.16.
SHELL_SPREAD = 0.25
SECTORS = 12
LEAST_SECTOR = 0.25
# Distances spread evenly from 0.65 to 1.35 times a radius have 0.56; windings of a roll more.
BAND_WIDTH = 0.6
# Fewer points show no ring.
LEAST_RING = 100


class RadialShape(NamedTuple):
    """Shape that is left after each point's distance is replaced by a normal's.

    `elliptic_pvalue` is the chance of directions as uneven if points were elliptic,
    `independent_pvalue` the same after each column was shuffled by itself: not small where the
    points could not tell elliptic from independent columns.
    """

    skewness_effect: float
    skewness_pvalue: float
    shapes: ColumnShapes
    pairs: PairDependence
    principal_shapes: ColumnShapes
    principal_pairs: PairDependence
    elliptic_pvalue: float
    independent_pvalue: float


def _normal_radii(white: FloatArray) -> FloatArray:
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


def radial_shape(frame: Frame, rows: Rows, random_state: np.random.RandomState) -> RadialShape:
    """Replace distances from the centre by those of a normal, and measure what is left.

    Elliptic points, such as a multivariate t, become normal by that.
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


def _shape_of(columns: FloatArray) -> tuple[ColumnShapes, PairDependence]:
    return column_shapes(np.sort(columns, axis=0)), dependence_of(columns)


def central_share(squared: FloatArray, dimension: int) -> float:
    """Return the share of points inside the ellipsoid that holds a tenth of a normal."""
    return float((squared < stats.chi2.ppf(0.1, dimension)).mean())


def is_shell(squared: FloatArray) -> bool:
    """Return whether distances have a standard deviation below a quarter of their mean.

    That is the rule for normal points of more than eight dimensions: a shell has an empty centre
    besides.
    """
    radius = np.sqrt(squared)
    return bool(radius.std() < SHELL_SPREAD * radius.mean())


def goes_around(plane: FloatArray) -> bool:
    """Return whether whitened points, (n, 2), lie in one closed band around the centre.

    In each of twelve sectors there are at least a quarter as many points as on average, and
    in most of them the middle four fifths of the distances span less than 0.6 of their median.
    An arc leaves sectors empty; a spiral has several distances in one.
    """
    n = len(plane)
    if n < LEAST_RING:
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


def hollow_and_ring(
    frame: Frame,
    squared: FloatArray,
    component_pairs: PairDependence,
    principal_pairs: PairDependence,
    settings: Settings,
) -> tuple[bool, bool]:
    """Return whether the centre is empty, and points go around it, in space or in a plane."""
    n, rank = len(squared), frame.normal.rank
    if not frame.shows_shape or n < LEAST_RING:
        return False, False
    hollow = central_share(squared, rank) < HOLLOW_SHARE
    if hollow and rank > 2 and is_shell(squared):
        return True, True
    rows = settings.rows(n)
    both = (component_pairs, frame.components), (principal_pairs, frame.principal)
    for pairs, columns_of in both:
        if len(pairs.squares) < 2 or pairs.squares.min() > -SQUARES_TOLERANCE:
            continue
        pair = np.array(np.unravel_index(pairs.squares.argmin(), pairs.squares.shape))
        white = whiten_own(columns_of(rows, pair))
        if central_share(np.square(white).sum(axis=1), 2) < HOLLOW_SHARE:
            hollow = True
            if goes_around(white):
                return True, True
    return hollow, False
