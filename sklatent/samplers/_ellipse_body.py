r"""The intersection of all pairwise circles of radius n in whitened coordinates, exactly.

It is the body :math:`\{y : y_{(1)}^2 + y_{(2)}^2 \le n^2\}`, with the two largest squares. Either
all coordinates are at most :math:`n / \sqrt 2`, or one, m, is larger and confines the others to
:math:`\pm \sqrt{n^2 - m^2}`. Everything follows from these two cases, without a Markov chain.
"""

import numpy as np
from scipy import special
from sklearn.utils import gen_batches

from sklatent._covariance.support import Normal, whiten
from sklatent._typing import FloatArray, IntArray

__all__ = [
    "draw_normal_in_body",
    "draw_uniform_in_body",
    "log_body_probability",
    "log_body_volume",
    "pair_radii",
    "pair_radius",
]

N_CELLS = 2000
# Points are whitened so many numbers at a time.
BLOCK_VALUES = 2**19
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


def pair_radius(Y: FloatArray) -> FloatArray:
    """Return the n (n_points,) at which whitened points (n_points, d) lie on the surface."""
    if Y.shape[1] > 2:
        Y = np.partition(np.abs(Y), Y.shape[1] - 2, axis=1)[:, -2:]
    return np.sqrt(np.square(Y).sum(axis=1))


def pair_radii(X: FloatArray, normal: Normal) -> FloatArray:
    """Return the `pair_radius` (n,) of latent points (n, d), without a copy of them."""
    radii = np.empty(len(X))
    for rows in gen_batches(len(X), max(1, BLOCK_VALUES // X.shape[1])):
        radii[rows] = pair_radius(whiten(X[rows], normal))
    return radii


def _odds_of_large(d: int) -> float:
    r"""Volume with a coordinate above :math:`n / \sqrt 2`, over that without; 1 for many d.

    With :math:`w = 2 (1 - m^2)` the integral :math:`d \int_{1/\sqrt 2}^1 (1 - m^2)^{(d-1)/2} dm`
    becomes hypergeometric, and the powers of 2 that would underflow cancel.
    """
    return float(d / (d + 1) * special.hyp2f1(0.5, (d + 1) / 2, (d + 3) / 2, 0.5) / np.sqrt(2))


def log_body_volume(d: int, n_std: float) -> float:
    """Return the log-volume of the body in d dimensions."""
    if d == 0:
        return 0.0
    return float(d * np.log(np.sqrt(2) * n_std) + np.log1p(_odds_of_large(d)))


def draw_uniform_in_body(
    n_samples: int, d: int, n_std: float, generator: np.random.Generator
) -> FloatArray:
    """Draw independent uniform points (n_samples, d) of the body."""
    uniform = generator.uniform(-1.0, 1.0, (n_samples, d))
    if d == 0:
        return uniform
    bound = np.full(n_samples, np.sqrt(0.5))
    odds = _odds_of_large(d)
    large = np.flatnonzero(generator.random(n_samples) < odds / (1 + odds))
    squared = 0.5 * _draw_rest(len(large), d, generator)
    bound[large] = np.sqrt(squared)
    uniform *= (n_std * bound)[:, None]
    _place(uniform, large, n_std * np.sqrt(1 - squared), generator)
    return uniform


def _draw_rest(size: int, d: int, generator: np.random.Generator) -> FloatArray:
    """Draw w of density w^((d-1)/2) / sqrt(1 - w/2) on [0, 1]; 0.7 of proposals or more pass."""
    drawn = np.empty(0)
    while len(drawn) < size:
        w = generator.random(2 * (size - len(drawn)) + 8) ** (2 / (d + 1))
        passed = generator.random(len(w)) * np.sqrt(2 - w) < 1
        drawn = np.append(drawn, w[passed])
    return drawn[:size]


def _place(
    points: FloatArray, rows: IntArray, magnitudes: FloatArray, generator: np.random.Generator
) -> None:
    """Put a coordinate of given magnitude, random sign and random index into each row."""
    index = generator.integers(points.shape[1], size=len(rows))
    signs = 2.0 * generator.integers(2, size=len(rows)) - 1.0
    points[rows, index] = signs * magnitudes


def _log_share(m: FloatArray, d: int, n_std: float) -> FloatArray:
    r"""Log-density at m of the largest magnitude of a normal point that lies in the body.

    :math:`\log (2 d \phi(m) P(|\varepsilon| \le \sqrt{n^2 - m^2})^{d-1})` for m above
    :math:`n / \sqrt 2`: concave and decreasing.
    """
    rest = np.sqrt(np.maximum(n_std**2 - m * m, 0.0))
    with np.errstate(divide="ignore"):
        others = (d - 1) * np.log(special.erf(rest / np.sqrt(2))) if d > 1 else 0.0
    return np.log(d * np.sqrt(2 / np.pi)) - 0.5 * m * m + others


def _edges(n_std: float) -> FloatArray:
    """Cells of the largest magnitude. They narrow on both sides, where the density is steep."""
    half = 0.5 * (1 - np.cos(np.pi * np.linspace(0, 1, N_CELLS + 1)))
    return n_std * (np.sqrt(0.5) + (1 - np.sqrt(0.5)) * half)


def _log_parts(d: int, n_std: float) -> tuple[float, float]:
    """Log-probabilities of a standard normal point in the body, by the two cases."""
    edges = _edges(n_std)
    half_width = 0.5 * np.diff(edges)[:, None]
    nodes = edges[:-1, None] + half_width * (1 + NODES)
    large = special.logsumexp(_log_share(nodes, d, n_std), b=WEIGHTS * half_width)
    return float(d * np.log(special.erf(n_std / 2))), float(large)


def log_body_probability(d: int, n_std: float) -> float:
    """Return the log-probability of the body under a standard normal distribution."""
    return 0.0 if d == 0 else min(0.0, float(np.logaddexp(*_log_parts(d, n_std))))


def draw_normal_in_body(
    n_samples: int, d: int, n_std: float, generator: np.random.Generator
) -> FloatArray:
    """Draw independent points (n_samples, d) of N(0, I) cut off to the body.

    The largest magnitude comes from its own density, by rejection under steps, which pass
    nearly always; given it, the other coordinates are independent.
    """
    if d == 0:
        return np.empty((n_samples, 0))
    small, large = _log_parts(d, n_std)
    bound = np.full(n_samples, n_std * np.sqrt(0.5))
    rows = np.flatnonzero(generator.random(n_samples) < special.expit(large - small))
    magnitudes = _draw_largest(len(rows), d, n_std, generator)
    bound[rows] = np.sqrt(n_std**2 - magnitudes**2)
    reach = special.erf(bound / np.sqrt(2))[:, None]
    points = special.erfinv(reach * generator.uniform(-1.0, 1.0, (n_samples, d)))
    points *= np.sqrt(2)
    # Rounding of the inverse must not leave the body.
    np.clip(points, -bound[:, None], bound[:, None], out=points)
    _place(points, rows, magnitudes, generator)
    return points


def _draw_largest(size: int, d: int, n_std: float, generator: np.random.Generator) -> FloatArray:
    """Draw largest magnitudes exactly: the left end of a cell bounds a decreasing density."""
    edges = _edges(n_std)
    heights = _log_share(edges[:-1], d, n_std)
    steps = np.exp(heights - heights.max()) * np.diff(edges)
    steps /= steps.sum()
    drawn = np.empty(0)
    while len(drawn) < size:
        cell = generator.choice(N_CELLS, size=2 * (size - len(drawn)) + 8, p=steps)
        m = edges[cell] + np.diff(edges)[cell] * generator.random(len(cell))
        passed = np.log(generator.random(len(cell))) < _log_share(m, d, n_std) - heights[cell]
        drawn = np.append(drawn, m[passed])
    return drawn[:size]
