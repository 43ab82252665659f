"""Look for separate clouds: views of points in which the density may have several peaks."""

from collections.abc import Iterator

import numpy as np

from sklatent._typing import FloatArray

from .frame import Frame, Settings
from .modality import (
    PEAK_RATIO,
    Peaks,
    density_peaks,
    joining_directions,
    separating_directions,
    valley_depth,
    valley_pvalue,
    valley_share,
)
from .pairs import dependence_of
from .report import Clouds

__all__ = ["find_clouds"]

CLEAR_VALLEY = 0.001
# In simulations with 0.05, five of twelve pairs of clouds 5 sigma apart were missed at
# 1,000 x 10, with 0.001 one; no ring or S-shaped sheet among noise was taken for two clouds.
# Where all coordinates are in one view, that view shows gaps, and any dependence counts.
DEPENDENT, DEPENDENT_IN_VIEW = 0.001, 0.05
PROJECTED_RATIO = 6.0
# Between both: beside a direction that was chosen for its valley, of S-shaped sheets 3.
BESIDE_RATIO = 4.0
MAX_VIEW = 5
WHOLE_VIEW, VALLEY_VIEW = "all varying components", "the components with a valley"
MAX_STARTS = 3
VIEW_SIZES = (2, 3, 5)


def find_clouds(
    frame: Frame, valleys: FloatArray, principal_valleys: FloatArray, settings: Settings
) -> Clouds:
    """Look for separate peaks of the density in several views of at most eight coordinates.

    Valleys are depths of components, (d_live,), and of principal components, (rank,). Besides,
    points are split in two, at the deepest valley of a principal component and by k-means; a
    clear valley of other points between the means of the two groups is a gap, unless coordinates
    that depend on this direction lead around it.
    """
    n, max_points = len(frame.points), settings.max_points
    pvalues = valley_pvalue(valleys, n, settings.random_state)
    if len(valleys) == 1:
        return Clouds(*_one_component(frame, valleys, pvalues, 0), n, valleys, pvalues)
    found: list[tuple[Peaks, str, int]] = []
    for name, points in _views(frame, valleys, pvalues, settings):
        whole = name in (WHOLE_VIEW, VALLEY_VIEW)
        ratio = PEAK_RATIO if whole else PROJECTED_RATIO
        found.append((density_peaks(points, ratio), name, len(points)))
    if frame.shows_shape and min(max_points, n // 2) >= 10 * frame.normal.rank:
        found += _joined_groups(frame, principal_valleys, settings)
    best = max(found, key=lambda one: (one[0].n_peaks, one[0].saddle_ratio))
    # A ring or bent sheet has valleys in two components or more; a gap may have one.
    split = np.flatnonzero(pvalues < CLEAR_VALLEY)
    if best[0].n_peaks == 1 and len(split) == 1 and valleys[split[0]] > PROJECTED_RATIO:
        best = *_one_component(frame, valleys, pvalues, int(split[0])), n
    return Clouds(*best, valleys, pvalues)


def _one_component(
    frame: Frame, valleys: FloatArray, pvalues: FloatArray, index: int
) -> tuple[Peaks, str]:
    """Peaks of a single component: a valley there is a gap."""
    name = f"varying component {index}, alone"
    if pvalues[index] >= CLEAR_VALLEY or valleys[index] <= PEAK_RATIO:
        return Peaks(np.ones(1), float(valleys[index]), PEAK_RATIO), name
    column = np.sort(frame.components(slice(None), [index])[:, 0])
    return _two_peaks(column, float(valleys[index])), name


def _two_peaks(sorted_column: FloatArray, valley: float) -> Peaks:
    share = valley_share(sorted_column)
    return Peaks(np.sort([share, 1 - share])[::-1], valley, PEAK_RATIO)


def _joined_groups(
    frame: Frame, principal_valleys: FloatArray, settings: Settings
) -> list[tuple[Peaks, str, int]]:
    """Peaks along directions that join the means of two groups of points."""
    n, random_state = len(frame.points), settings.random_state
    half = min(settings.max_points, n // 2)
    chosen = random_state.permutation(n)[: 2 * half]
    white = frame.principal(np.sort(chosen[:half]))
    others = frame.principal(np.sort(chosen[half:]))
    found = []
    for direction in joining_directions(
        white, principal_valleys, frame.to_standard, frame.std, random_state
    ):
        along = np.sort(others @ direction)
        valley = valley_depth(along[:, None])
        # Bonferroni over the directions.
        pvalue = MAX_STARTS * valley_pvalue(valley, half, random_state)[0]
        if pvalue < CLEAR_VALLEY and valley[0] > PEAK_RATIO:
            found.append((*_around(others, direction, float(valley[0]), along), half))
    return found


def _around(
    white: FloatArray, direction: FloatArray, valley: float, along: FloatArray
) -> tuple[Peaks, str]:
    """Peaks along a direction, or beside coordinates that depend on it where some do."""
    rank = white.shape[1]
    # Orthonormal coordinates, the first of them along the direction.
    axes, _ = np.linalg.qr(np.column_stack([direction, np.eye(rank)]))
    rotated = white @ axes[:, :rank]
    pairs = dependence_of(rotated)
    bend = np.maximum(pairs.curvature[0], pairs.curvature[:, 0])
    pvalues = np.minimum(pairs.curvature_pvalue[0], pairs.curvature_pvalue[:, 0])
    pvalues = 3 * np.minimum(pvalues, pairs.squares_pvalue[0])
    strength = np.maximum(bend, np.abs(pairs.squares[0]))
    # Where nothing depends on the direction, a valley along it is one of the joint density.
    level = DEPENDENT if rank > MAX_VIEW else DEPENDENT_IN_VIEW
    beside = [j for j in np.argsort(-strength)[:2] if (rank - 1) * pvalues[j] < level]
    name = "the direction that joins two groups"
    if beside:
        if rank <= MAX_VIEW:
            # All coordinates together have been looked at, and show what leads around.
            return Peaks(np.ones(1), 1.0, BESIDE_RATIO), name
        peaks = density_peaks(rotated[:, [0, *beside]], BESIDE_RATIO)
        return peaks, f"{name}, and those that bend with it"
    return _two_peaks(along, valley), name


def _views(
    frame: Frame, valleys: FloatArray, pvalues: FloatArray, settings: Settings
) -> Iterator[tuple[str, FloatArray]]:
    """Names and points of views, a few coordinates each."""
    n, max_points = len(frame.points), settings.max_points
    # Groups are sought in other points than those in which they are then looked at.
    chosen = settings.random_state.permutation(n)[: 2 * max_points]
    half = min(max_points, n // 2)
    rows, others = np.sort(chosen[: min(max_points, n)]), np.sort(chosen[:half])
    standard = frame.components(rows) / frame.std
    dominant = np.argsort(-frame.std, kind="stable")
    if len(valleys) <= MAX_VIEW:
        yield WHOLE_VIEW, standard
        return
    for size in VIEW_SIZES:
        yield f"the {size} components of largest spread", standard[:, dominant[:size]]
    split = np.flatnonzero(pvalues < CLEAR_VALLEY)
    split = split[np.argsort(-valleys[split], kind="stable")][:3]
    if len(split):
        beside = dominant[~np.isin(dominant, split)][:1]
        yield VALLEY_VIEW, standard[:, np.r_[split, beside]]
    rank = frame.normal.rank
    if not frame.shows_shape or rank < MAX_VIEW:
        return
    principal = frame.principal(rows) * np.linalg.norm(frame.to_standard, axis=1)
    for size in VIEW_SIZES:
        yield f"the first {size} principal components", principal[:, :size]
    if half >= 10 * rank:
        rest, white = np.sort(chosen[half : 2 * half]), frame.principal(others)
        directions = separating_directions(white, MAX_VIEW, settings.random_state)
        for size in VIEW_SIZES:
            name = f"{size} directions that separate groups"
            yield name, frame.principal(rest) @ directions[:, :size]
