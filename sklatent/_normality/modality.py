"""Whether points form one cloud: valleys of the density, in one direction and in several."""

from typing import NamedTuple

import numpy as np
from scipy import linalg
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors

from sklatent._typing import FloatArray

__all__ = [
    "Peaks",
    "density_peaks",
    "joining_directions",
    "separating_directions",
    "valley_depth",
    "valley_pvalue",
    "valley_share",
]

MONTE_CARLO_DRAWS = 9_999
MIN_SHARE = 0.02
LINKED = 10
JOINING_STEPS = 5
# The first is in units of the noise of the logarithm of a density ratio. In simulations
# normal, t(3), exponential and uniform samples reach 3 at most; rings and S-shaped sheets 5
# and a ratio of 2.5, since nothing leads around a gap along a line.
PEAK_NOISE = 5.5
PEAK_RATIO = 3.0


class Peaks(NamedTuple):
    """Separate peaks of the density of a set of points.

    Attributes
    ----------
    shares : ndarray of shape (p,)
        Share of the points in (0, 1] that belongs to each peak, the largest first.
    saddle_ratio : float
        Density of the second most separate peak over that of the pass which leads
        from it to a higher one: 1 for a single peak, infinity for no pass.
    noise_ratio : float
        Smallest ratio that counts as separate at this number of points.
    """

    shares: FloatArray
    saddle_ratio: float
    noise_ratio: float

    @property
    def n_peaks(self) -> int:
        """Number of separate peaks, at least 1."""
        return len(self.shares)


def valley_depth(sorted_columns: FloatArray) -> FloatArray:
    """Return the density of the lower of two peaks over that of the valley between, of columns.

    Columns, (n, k), are in increasing order, n at least 8. The density is the share of points
    over the width, for about n^0.4 stretches that hold equally many points. A single peak has
    values little above 1, by noise alone.
    """
    n = len(sorted_columns)
    edges = np.linspace(0, n - 1, _n_stretches(n) + 1).astype(int)
    widths = np.diff(sorted_columns[edges], axis=0)
    # Ties give no width; a millionth of the range keeps their peak finite.
    floor = 1e-6 * (sorted_columns[-1] - sorted_columns[0])
    density = np.diff(edges)[:, None] / np.maximum(widths, np.maximum(floor, 1e-300))
    return _depth(density)


def _n_stretches(n: int) -> int:
    return max(4, round(n**0.4))


def _depth(density: FloatArray) -> FloatArray:
    left = np.maximum.accumulate(density, axis=0)
    right = np.maximum.accumulate(density[::-1], axis=0)[::-1]
    return (np.minimum(left, right) / density).max(axis=0)


def valley_pvalue(
    depth: FloatArray, n_samples: int, random_state: np.random.RandomState
) -> FloatArray:
    """Return the chance, at least 0.0001, of valleys as deep under a single flat top.

    Widths of stretches of a uniform distribution are gamma-distributed. That is the unimodal
    distribution with the deepest valleys by noise, so the test is on the safe side.
    """
    stretches = _n_stretches(n_samples)
    shape = (stretches, MONTE_CARLO_DRAWS)
    null = np.sort(_depth(1 / random_state.standard_gamma(max(1, n_samples // stretches), shape)))
    exceeding = MONTE_CARLO_DRAWS - np.searchsorted(null, depth)
    return (exceeding + 1) / (MONTE_CARLO_DRAWS + 1)


def density_peaks(points: FloatArray, ratio: float = PEAK_RATIO) -> Peaks:
    r"""Return the separate peaks of the density of a few coordinates of about equal spread, (n, q).

    The density at a point is that of its k nearest neighbours, :math:`\log f = -q \log r_k`, with
    k the square root of n from 20 to 70 and q the dimension in which they spread (Levina, Bickel
    2004), so that a thin sheet counts as a sheet; it is averaged over k / 7 neighbours. From the
    densest point downward each point joins the peak of its neighbours; where two peaks meet, the
    lower one ends (Chazal and others 2013). A peak is separate if it holds two points of a
    hundred, rises to `ratio` times the density of the pass, and by 5.5 times the noise
    :math:`\sqrt{2 / k}` of the logarithm of such a ratio. Paths follow the points, so a ring or a
    bent sheet is one peak, as are heavy tails and skewed clouds; in a projection, where the edges
    of a ring or sheet are dense, seen from the side, a larger ratio is needed.
    """
    n, q = points.shape
    k = int(np.clip(np.sqrt(n), 20, 70))
    if n < 3 * k:
        return Peaks(np.ones(1), 1.0, np.inf)
    search = NearestNeighbors(n_neighbors=k + 1).fit(points)
    distances, neighbors = search.kneighbors(points)
    spacing = max(float(np.median(distances[:, k])), 1e-300)
    logs = np.log(np.maximum(distances[:, 1:], 1e-6 * spacing))
    spread = min(q, 1 / max(float((logs[:, -1:] - logs[:, :-1]).mean()), 1e-6))
    smooth = (-spread * logs[:, -1])[neighbors[:, : k // 7 + 1]].mean(axis=1)
    # Close points are linked too, lest a line break where two happen to lie apart.
    close = distances[:, 1:] <= spacing
    close[:, :LINKED] = True
    linked = [row[mark].tolist() for row, mark in zip(neighbors[:, 1:], close, strict=True)]
    roots, merges = _climb(smooth, linked)
    noise = max(np.log(ratio), PEAK_NOISE * np.sqrt(2 / k))
    enough = max(MIN_SHARE * n, k)
    heights = [height for height, size in merges if size >= enough]
    highest = max(heights, default=0.0)
    return Peaks(_shares(roots, merges, noise, enough), float(np.exp(highest)), np.exp(noise))


def _climb(
    log_density: FloatArray, neighbors: list[list[int]]
) -> tuple[list[int], list[tuple[float, int]]]:
    """Sizes of unconnected sets, and (height over the pass, size) of each peak that ends."""
    n = len(log_density)
    order = np.argsort(-log_density, kind="stable")
    rank = np.empty(n, dtype=int)
    rank[order] = np.arange(n)
    edges: list[list[int]] = [[] for _ in range(n)]
    for i, row in enumerate(neighbors):
        for j in row:
            low, high = (i, j) if rank[i] > rank[j] else (j, i)
            edges[low].append(high)
    root, size = list(range(n)), np.ones(n, dtype=int)
    merges: list[tuple[float, int]] = []

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for i in order.tolist():
        met = sorted({find(j) for j in edges[i]}, key=rank.__getitem__)
        for peak in met[1:]:
            merges.append((log_density[peak] - log_density[i], int(size[peak])))
            root[peak] = met[0]
            size[met[0]] += size[peak]
        if met:
            root[i] = met[0]
            size[met[0]] += 1
    unconnected = sorted((int(size[i]) for i in range(n) if root[i] == i), reverse=True)
    merges += [(np.inf, count) for count in unconnected[1:]]
    return unconnected, merges


def _shares(
    roots: list[int], merges: list[tuple[float, int]], noise: float, enough: float
) -> FloatArray:
    """Shares of the points in separate peaks, the largest first."""
    sizes = [size for height, size in merges if height >= noise and size >= enough]
    total = sum(roots)
    first = total - sum(sizes)
    return np.sort(np.array([max(first, 0), *sizes]))[::-1] / total


def separating_directions(
    points: FloatArray, n_directions: int, random_state: np.random.RandomState
) -> FloatArray:
    """Return the leading discriminant directions, (r, q), of at most ten k-means groups.

    Look for valleys in other points than these whitened ones, (n, r): groups of the same points
    are always somewhat apart. Within groups coordinates along the directions have unit variance.
    """
    n, r = points.shape
    n_groups = int(np.clip(n // (5 * r), 2, 10))
    found = KMeans(n_groups, n_init=2, max_iter=50, random_state=random_state).fit(points)
    centers, sizes = found.cluster_centers_, np.bincount(found.labels_, minlength=n_groups)
    within = np.cov((points - centers[found.labels_]).T, bias=True).reshape(r, r)
    offset = (centers - points.mean(axis=0)) * np.sqrt(sizes / n)[:, None]
    within += 1e-6 * np.trace(within) / r * np.eye(r)
    return linalg.eigh(offset.T @ offset, within)[1][:, ::-1][:, :n_directions]


def joining_directions(
    white: FloatArray,
    valleys: FloatArray,
    to_standard: FloatArray,
    std: FloatArray,
    random_state: np.random.RandomState,
) -> list[FloatArray]:
    """Return unit vectors, (r,), that join the means of two groups of whitened points, (n, r).

    Groups are the points on both sides of the deepest valley of a coordinate, and two k-means
    groups of the standardised and of the unscaled components; of these three those count in which
    none is empty. A few steps of assigning points to the nearer mean along the direction follow.
    In whitened coordinates the line that joins the means is also the discriminant direction, and
    coordinates at right angles to it do not depend on it if clouds differ by their mean alone.
    Look for valleys in other points than these.
    """
    deepest = white[:, int(valleys.argmax())]
    place = int(valley_share(np.sort(deepest)) * len(white))
    groups = [deepest > np.sort(deepest)[place]]
    standard = white @ to_standard
    for points in (standard, standard * std):
        means = KMeans(2, n_init=2, max_iter=50, random_state=random_state).fit(points)
        groups.append(means.labels_ == 1)
    directions = []
    for inside in groups:
        for _ in range(JOINING_STEPS):
            if inside.all() or not inside.any():
                break
            high, low = white[inside].mean(axis=0), white[~inside].mean(axis=0)
            direction = (high - low) / max(np.linalg.norm(high - low), 1e-300)
            inside = white @ direction > (high + low) @ direction / 2
        else:
            directions.append(direction)
    return directions


def valley_share(sorted_column: FloatArray) -> float:
    """Return which share of a column, (n,), lies below its deepest valley."""
    edges = np.linspace(0, len(sorted_column) - 1, _n_stretches(len(sorted_column)) + 1).astype(int)
    density = 1 / np.maximum(np.diff(sorted_column[edges]), 1e-300)
    left = np.maximum.accumulate(density)
    right = np.maximum.accumulate(density[::-1])[::-1]
    deepest = int((np.minimum(left, right) / density).argmax())
    return float((edges[deepest] + edges[deepest + 1]) / 2 / len(sorted_column))
