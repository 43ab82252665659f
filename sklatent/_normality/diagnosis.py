"""A name, in one line, for what points are."""

import numpy as np

from .columns import KS_TOLERANCE, KURTOSIS_TOLERANCE, SKEWNESS_TOLERANCE
from .frame import FEW_POINTS
from .questions import MOSTLY, Evidence, common_radius, noise
from .radial import RadialShape

__all__ = ["name_points"]

# Half a skewed cloud bends conditional means by up to 0.15 (skew-normal, simulated).
CLEAR_BEND = 0.2
HEAVY_TAIL = 8
# From here on a common heavy tail says more than what single pairs do.
MANY = 20
SMALL_KURTOSIS = 10
# So few values have no shape, however they are spread.
HARDLY_ANY = 3
DEPENDENT = (
    "normal components with a joint distribution that is not: they depend on one another beyond "
    "correlation"
)
UNNAMED = "not normal in a way that has no short name; see the effect sizes"


def name_points(e: Evidence) -> str:
    """Return what the points are, the departure that explains most first."""
    tied = e.parts.tied
    if tied and (e.parts.ties.n_distinct <= HARDLY_ANY).any():
        return tied
    name = _name_of_shape(e)
    return f"{tied}; apart from that {name}" if tied else name


def _name_of_shape(e: Evidence) -> str:
    n_peaks = e.parts.clouds.peaks.n_peaks
    if n_peaks > 1:
        return f"two or more clouds ({n_peaks} found)"
    if not e.violated():
        return _name_of_normal(e)
    if e.ring:
        return "a ring or a hollow shell: hardly a point lies near the centre"
    bell = not e.violated("component") or bool(e.odd_components.mean() <= MOSTLY)
    heavy = any(check.effect > 0 for check in e.violated(statistic="Mardia kurtosis"))
    skewed = _skewed(e) and not (heavy and _few_skewed(e))
    tails = _name_of_tails(e, bell) if heavy and not skewed else ""
    if tails:
        return tails
    pairs = e.violated("pair of components")
    joint_tails = heavy and len(e.odd_components) >= MANY
    dependent = bell and pairs and not joint_tails and not (skewed and not _curved(e))
    if e.unmixes and (dependent or _curved(e)):
        return "a linear mixture of independent components that are not normal"
    if dependent:
        return DEPENDENT
    return _name_of_bends(e) or _name_of_rest(e, bell, heavy, skewed)


def _name_of_bends(e: Evidence) -> str:
    if not _curved(e):
        return ""
    if e.spread_depends and e.violated("pair of components", statistic="bend"):
        return "the spread of one component depends on another"
    if e.violated("pair of components", "pair of principal components", statistic="bend"):
        return "curved: components depend on one another along a bend"
    return "components depend on one another beyond correlation, and none bends along another"


def _name_of_rest(e: Evidence, bell: bool, heavy: bool, skewed: bool) -> str:
    plain, n = not e.violated("component"), e.measured.n_samples
    skewed_alone = e.violated("component", statistic="skewness")
    if n < FEW_POINTS and heavy and skewed_alone:
        return f"skewed or heavy-tailed; {n} points do not tell which"
    if skewed:
        heavy_too = heavy and e.measured.tail_degrees_of_freedom < HEAVY_TAIL
        besides = " and heavy-tailed" if heavy_too else ""
        return DEPENDENT if plain and not e.leaning else f"skewed{besides}"
    if heavy:
        return f"{_start(bell)}heavy-tailed, and not elliptic{_besides(e)}"
    if _light(e):
        return f"{_start(plain)}light-tailed: flatter than a normal, with fewer points far out"
    if skewed_alone:
        return "skewed"
    # Spread values stand too evenly for a normal, whatever they depend on.
    return DEPENDENT if plain and not e.parts.tied else UNNAMED


def _light(e: Evidence) -> bool:
    """Whether something is beyond that has the sign of light tails, and nothing the other."""
    joint, columns = (
        e.violated(statistic="Mardia kurtosis"),
        e.violated(statistic="excess kurtosis"),
    )
    mardia = e.find("joint shape", "Mardia kurtosis")
    if joint or columns or mardia is None:
        found = joint + columns
        return bool(found) and all(check.effect < 0 for check in found)
    gap = e.violated("component") or e.violated(statistic="coverage gap")
    return mardia.effect < -mardia.tolerance and bool(gap)


def _name_of_normal(e: Evidence) -> str:
    m = e.measured
    if not e.parts.frame.shows_shape:
        return f"unclear: {m.n_samples} points are too few for {m.rank} dimensions"
    if any(check.adjusted_pvalue < m.significance for check in e.checks):
        return "close to normal: deviations are certain, but too small to matter"
    if m.visible_gap > KS_TOLERANCE:
        return f"normal, as far as {m.n_samples} points can tell"
    return "normal"


def _start(bell: bool) -> str:
    return "components look normal, but jointly " if bell else ""


def _besides(e: Evidence) -> str:
    if e.radial is None or not _skewed(e):
        return ""
    both = e.radial.shapes.skewness, e.radial.principal_shapes.skewness
    left = max(np.abs(skewness).max() for skewness in both)
    # Half the tolerance, since few points far out no longer add to it.
    clear = left > SKEWNESS_TOLERANCE / 2
    return "; a few components are skewed besides" if clear else ""


def _name_of_tails(e: Evidence, bell: bool) -> str:
    """Name of heavy tails that a common radius explains, or nothing."""
    if e.measured.rank == 1:
        return "heavy-tailed"
    if e.radial is None or not _roughly_elliptic(e, e.radial):
        return ""
    uneven = e.radial.elliptic_pvalue < e.measured.significance
    if bell:
        # Components that look normal would be jointly normal if they were independent.
        kind = "roughly elliptic" if uneven else "elliptic but not normal"
    elif uneven:
        return ""
    elif _independence_would_show(e, e.radial):
        kind = "elliptic but not normal"
    else:
        return "heavy-tailed; elliptic or not is unclear"
    return f"{_start(bell)}heavy-tailed: {kind}{_like_a_t(e)}{_besides(e)}"


def _like_a_t(e: Evidence) -> str:
    tail = e.measured.tail_degrees_of_freedom
    if tail < 2 and e.parts.components.shapes.excess_kurtosis.max() < SMALL_KURTOSIS:
        # Such a t has no variance, and samples of it a kurtosis of their size.
        return ""
    about = f"{tail:.0f}" if tail >= 2.95 else f"{tail:.1f}"
    return f", like a multivariate t with about {about} degrees of freedom"


def _independence_would_show(e: Evidence, radial: RadialShape) -> bool:
    significance, squares = (
        e.measured.significance,
        e.find("pair of components", "squares together"),
    )
    if squares is not None and squares.effect > 0 and squares.adjusted_pvalue < significance:
        return True
    return radial.independent_pvalue < significance


def _roughly_elliptic(e: Evidence, radial: RadialShape) -> bool:
    kurtosis = np.abs(radial.shapes.excess_kurtosis).max()
    # Half the tolerance, and three standard errors of a normal's kurtosis.
    limit = KURTOSIS_TOLERANCE / 2 + 3 * np.sqrt(6) * noise(e)
    return common_radius(e) and bool(kurtosis < limit)


def _curved(e: Evidence) -> bool:
    bends = e.violated("pair of components", statistic="bend")
    folds = e.violated("pair of components", statistic="squares together")
    bent = any(check.effect > CLEAR_BEND + noise(e) / 2 for check in bends)
    return bent or any(check.effect < -check.tolerance for check in folds)


def _skewed(e: Evidence) -> bool:
    """Whether skewness remains that is not the work of a few points far out."""
    if e.radial is None:
        return bool(e.violated("component", statistic="skewness"))
    remains = e.radial.skewness_pvalue < e.measured.significance
    return remains and bool(e.violated(statistic="skewness"))


def _few_skewed(e: Evidence) -> bool:
    """Whether few columns stay skewed once distances are those of a normal."""
    if e.radial is None:
        return False
    both = e.radial.shapes.skewness, e.radial.principal_shapes.skewness
    limit = SKEWNESS_TOLERANCE
    return all((np.abs(skewness) > limit).mean() <= MOSTLY for skewness in both)
