"""A name, in one line, for what points are."""

import numpy as np

from .columns import KS_TOLERANCE, KURTOSIS_TOLERANCE, SKEWNESS_TOLERANCE
from .model_fit import FEW_POINTS
from .questions import MOSTLY, Evidence, common_radius, noise

__all__ = ["name_points"]

# Half a skewed cloud bends conditional means by up to 0.15 (skew-normal, simulated).
CLEAR_BEND = 0.2
HEAVY_TAIL = 8
# From here on a common heavy tail says more than what single pairs do.
MANY = 20
SMALL_KURTOSIS = 10
DEPENDENT = (
    "normal components with a joint distribution that is not: they depend on one another beyond "
    "correlation"
)
UNNAMED = "not normal in a way that has no short name; see the effect sizes"


def name_points(e: Evidence) -> str:
    """Return what the points are, the departure that explains most first.

    Parameters
    ----------
    e : Evidence
        Of the points.

    Returns
    -------
    str
        Without a full stop.
    """
    if e.hardly_any:
        return e.ties
    name = _name_of_shape(e)
    return f"{e.ties}; apart from that {name}" if e.ties else name


def _name_of_shape(e):
    if e.clouds is not None and e.clouds.peaks.n_peaks > 1:
        return f"two or more clouds ({e.clouds.peaks.n_peaks} found)"
    if not e.violated(""):
        return _name_of_normal(e)
    if e.ring:
        return "a ring or a hollow shell: hardly a point lies near the centre"
    bell = not e.violated("component:") or e.odd_components.mean() <= MOSTLY
    heavy = any(check.effect > 0 for check in e.violated("Mardia kurtosis"))
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


def _name_of_bends(e):
    if not _curved(e):
        return ""
    if e.spread_depends and e.violated("pair of components: bend"):
        return "the spread of one component depends on another"
    if any(check.name.endswith("bend") for check in e.violated("pair")):
        return "curved: components depend on one another along a bend"
    return "components depend on one another beyond correlation, and none bends along another"


def _name_of_rest(e, bell, heavy, skewed):
    plain = not e.violated("component:")
    if e.n_samples < FEW_POINTS and heavy and e.violated("component: skewness"):
        return f"skewed or heavy-tailed; {e.n_samples} points do not tell which"
    if skewed:
        heavy_too = " and heavy-tailed" if heavy and e.tail < HEAVY_TAIL else ""
        return DEPENDENT if plain and not e.leaning else f"skewed{heavy_too}"
    if heavy:
        besides = _besides(e)
        return f"{_start(bell)}heavy-tailed, and not elliptic{besides}"
    if _light(e):
        return f"{_start(plain)}light-tailed: flatter than a normal, with fewer points far out"
    if e.violated("component: skewness"):
        return "skewed"
    # Spread values stand too evenly for a normal, whatever they depend on.
    return DEPENDENT if plain and not e.ties else UNNAMED


def _light(e):
    """Whether something is beyond that has the sign of light tails, and nothing the other."""
    kurtosis = e.violated("Mardia kurtosis", "component: excess", "principal component: excess")
    mardia = e.checks.get("Mardia kurtosis effect")
    if kurtosis or mardia is None:
        return bool(kurtosis) and all(check.effect < 0 for check in kurtosis)
    return mardia.effect < -mardia.tolerance and bool(e.violated("coverage gap", "component"))


def _name_of_normal(e):
    if not e.joint:
        return f"unclear: {e.n_samples} points are too few for {e.rank} dimensions"
    if any(check.adjusted_pvalue < e.significance for check in e.checks.values()):
        return "close to normal: deviations are certain, but too small to matter"
    if e.visible_gap > KS_TOLERANCE:
        return f"normal, as far as {e.n_samples} points can tell"
    return "normal"


def _start(bell):
    return "components look normal, but jointly " if bell else ""


def _besides(e):
    if e.radial is None or not _skewed(e):
        return ""
    both = e.radial.shapes.skewness, e.radial.principal_shapes.skewness
    left = max(np.abs(skewness).max() for skewness in both)
    # Half the tolerance, since few points far out no longer add to it.
    clear = left > SKEWNESS_TOLERANCE / 2
    return "; a few components are skewed besides" if clear else ""


def _name_of_tails(e, bell):
    """Name of heavy tails that a common radius explains, or nothing."""
    if e.rank == 1:
        return "heavy-tailed"
    if not _roughly_elliptic(e):
        return ""
    uneven = e.radial.elliptic_pvalue < e.significance
    if bell:
        # Components that look normal would be jointly normal if they were independent.
        kind = "roughly elliptic" if uneven else "elliptic but not normal"
    elif uneven:
        return ""
    elif _independence_would_show(e):
        kind = "elliptic but not normal"
    else:
        return "heavy-tailed; elliptic or not is unclear"
    like = f", like a multivariate t with about {_rounded(e.tail)} degrees of freedom"
    if e.tail < 2 and e.components.excess_kurtosis.max() < SMALL_KURTOSIS:
        # Such a t has no variance, and samples of it a kurtosis of their size.
        like = ""
    return f"{_start(bell)}heavy-tailed: {kind}{like}{_besides(e)}"


def _rounded(tail):
    return f"{tail:.0f}" if tail >= 2.95 else f"{tail:.1f}"


def _independence_would_show(e):
    together = e.checks.get("pair of components: squares together")
    correlate = together is not None and together.effect > 0
    correlate = correlate and together.adjusted_pvalue < e.significance
    return correlate or e.radial.independent_pvalue < e.significance


def _roughly_elliptic(e):
    if e.radial is None:
        return False
    kurtosis = np.abs(e.radial.shapes.excess_kurtosis).max()
    # Half the tolerance, and three standard errors of a normal's kurtosis.
    limit = KURTOSIS_TOLERANCE / 2 + 3 * np.sqrt(6) * noise(e)
    return common_radius(e) and kurtosis < limit


def _curved(e):
    if len(e.odd_components) < 2:
        return False
    pairs = e.violated("pair of components")
    bent = any(c.name.endswith("bend") and c.effect > CLEAR_BEND + noise(e) / 2 for c in pairs)
    folded = any(c.name.endswith("together") and c.effect < -c.tolerance for c in pairs)
    return bent or folded


def _skewed(e):
    """Whether skewness remains that is not the work of a few points far out."""
    if e.radial is None:
        return bool(e.violated("component: skewness"))
    beyond = e.radial.skewness_pvalue < e.significance
    names = "component: skewness", "principal component: skewness"
    return bool(beyond and e.violated(*names))


def _few_skewed(e):
    """Whether few columns stay skewed once distances are those of a normal."""
    if e.radial is None:
        return False
    both = e.radial.shapes.skewness, e.radial.principal_shapes.skewness
    limit = SKEWNESS_TOLERANCE
    return all((np.abs(skewness) > limit).mean() <= MOSTLY for skewness in both)
