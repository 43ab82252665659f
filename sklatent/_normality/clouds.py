"""Look for separate clouds: views of points in which the density may have several peaks."""

import numpy as np

from .frame import Frame
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
from .pairs import PairSums, pair_dependence, rank_table

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
    frame: Frame, valleys, principal_valleys, max_points: int, joint: bool, random_state
):
    """Look for separate peaks of the density in several views of at most eight coordinates.

    Besides, points are split in two, at the deepest valley of a principal component and by
    k-means; a clear valley of other points between the means of the two groups is
    a gap, unless coordinates that depend on this direction lead around it.

    Parameters
    ----------
    frame : Frame
        Of all points.
    valleys : ndarray of shape (d_live,)
        Depths of the valleys of the components.
    principal_valleys : ndarray of shape (rank,)
        The same of the principal components.
    max_points : int
        Number of points in a view.
    joint : bool
        Whether there are points enough for views across all components.
    random_state : RandomState instance
        Chooses points and seeds.

    Returns
    -------
    peaks : Peaks
        Of the view with most peaks.
    view : str
        Its coordinates in words.
    n_points : int
        Number of points in it.
    pvalues : ndarray of shape (d_live,)
        Of the valleys.
    """
    n = len(frame.points)
    pvalues = valley_pvalue(valleys, n, random_state)
    if len(valleys) == 1:
        return *_one_component(frame, valleys, pvalues), n, pvalues
    found = []
    for name, points in _views(frame, valleys, pvalues, max_points, joint, random_state):
        whole = name in (WHOLE_VIEW, VALLEY_VIEW)
        ratio = PEAK_RATIO if whole else PROJECTED_RATIO
        found.append((density_peaks(points, ratio), name, len(points)))
    if joint and min(max_points, n // 2) >= 10 * frame.support.rank:
        found += _joined_groups(frame, principal_valleys, max_points, random_state)
    best = max(found, key=lambda one: (one[0].n_peaks, one[0].saddle_ratio))
    # A ring or bent sheet has valleys in two components or more; a gap may have one.
    split = np.flatnonzero(pvalues < CLEAR_VALLEY)
    if best[0].n_peaks == 1 and len(split) == 1 and valleys[split[0]] > PROJECTED_RATIO:
        return *_one_component(frame, valleys, pvalues, split[0]), n, pvalues
    return *best, pvalues


def _one_component(frame, valleys, pvalues, index=0):
    """Peaks of a single component: a valley there is a gap."""
    name = f"varying component {index}, alone"
    if pvalues[index] >= CLEAR_VALLEY or valleys[index] <= PEAK_RATIO:
        return Peaks(np.ones(1), float(valleys[index]), PEAK_RATIO), name
    column = np.sort(frame.components(slice(None), [index])[:, 0])
    share = valley_share(column)
    shares = np.sort([share, 1 - share])[::-1]
    return Peaks(shares, float(valleys[index]), PEAK_RATIO), name


def _joined_groups(frame, principal_valleys, max_points, random_state):
    """Peaks along directions that join the means of two groups of points."""
    n = len(frame.points)
    half = min(max_points, n // 2)
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
        if pvalue >= CLEAR_VALLEY or valley[0] <= PEAK_RATIO:
            continue
        peaks, name = _around(others, direction, valley[0], along)
        found.append((peaks, name, half))
    return found


def _around(white, direction, valley, along):
    """Peaks along a direction, or beside coordinates that depend on it where some do."""
    n, rank = white.shape
    # Orthonormal coordinates, the first of them along the direction.
    frame, _ = np.linalg.qr(np.column_stack([direction, np.eye(rank)]))
    rotated = white @ frame[:, :rank]
    sums = PairSums(rank_table(np.sort(rotated, axis=0)), n)
    sums.add(rotated)
    pairs = pair_dependence(sums)
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
    share = valley_share(along)
    shares = np.sort([share, 1 - share])[::-1]
    return Peaks(shares, float(valley), PEAK_RATIO), name


def _views(frame, valleys, pvalues, max_points, joint, random_state):
    n, width = len(frame.points), len(valleys)
    # Groups are sought in other points than those in which they are then looked at.
    chosen = random_state.permutation(n)[: 2 * max_points]
    half = min(max_points, n // 2)
    rows, others = np.sort(chosen[: min(max_points, n)]), np.sort(chosen[:half])
    standard = frame.components(rows) / frame.std
    dominant = np.argsort(-frame.std, kind="stable")
    if width <= MAX_VIEW:
        yield WHOLE_VIEW, standard
        return
    for size in VIEW_SIZES:
        yield f"the {size} components of largest spread", standard[:, dominant[:size]]
    split = np.flatnonzero(pvalues < CLEAR_VALLEY)
    split = split[np.argsort(-valleys[split], kind="stable")][:3]
    if len(split):
        beside = dominant[~np.isin(dominant, split)][:1]
        yield VALLEY_VIEW, standard[:, np.r_[split, beside]]
    if not joint or frame.support.rank < MAX_VIEW:
        return
    spread, rank = np.linalg.norm(frame.to_standard, axis=1), frame.support.rank
    principal = frame.principal(rows) * spread
    for size in VIEW_SIZES:
        yield f"the first {size} principal components", principal[:, :size]
    if half >= 10 * rank:
        rest = np.sort(chosen[half : 2 * half])
        directions = separating_directions(frame.principal(others), MAX_VIEW, random_state)
        for size in VIEW_SIZES:
            name = f"{size} directions that separate groups"
            yield name, frame.principal(rest) @ directions[:, :size]
