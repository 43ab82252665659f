"""From effect sizes to plain answers, and to a name for what the points are."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sklatent import _dependence, _normality
from sklatent._report import Check, Clouds, Verdict

__all__ = ["Evidence", "answer_all", "column_checks", "name_points", "pair_checks"]

MOSTLY = 0.1
# Half a skewed cloud bends conditional means by up to 0.15 (skew-normal, simulated).
CLEAR_BEND = 0.2
HOLLOW_SHARE = 0.02
HEAVY_TAIL = 8
UNSURE = "elliptic or not is unclear"
# From here on a common heavy tail says more than what single pairs do.
MANY = 20


@dataclass(frozen=True)
class Evidence:
    """All that verdicts rest on; fields as in `NormalityReport`."""

    n_samples: int
    rank: int
    joint: bool
    significance: float
    visible_gap: float
    checks: dict[str, Check]
    clouds: Clouds | None
    live: np.ndarray
    odd_components: np.ndarray
    odd_principal: np.ndarray
    components: _normality.ColumnShapes
    component_pairs: _dependence.PairDependence
    radial: object
    hollow: bool
    tail: float

    def violated(self, *starts: str) -> list[Check]:
        """Return violated checks whose names start with one of the given words."""
        return [
            check
            for name, check in self.checks.items()
            if name.startswith(starts) and check.violated(self.significance)
        ]


def column_checks(kind: str, shapes, significance: float):
    """Return raw checks of columns, their adjusted p-values and which columns are odd.

    Parameters
    ----------
    kind : str
        "component" or "principal component".
    shapes : ColumnShapes
        Of k columns.
    significance : float
        Largest adjusted p-value that counts as beyond chance.

    Returns
    -------
    checks : list of (str, float, float, float)
        Name, effect, tolerance and p-value of the column that shows most.
    adjusted : ndarray of shape (k,)
        P-values after the Benjamini-Hochberg correction.
    odd : ndarray of shape (k,), dtype bool
        Columns beyond tolerance and chance.
    """
    if np.isnan(shapes.pvalue).any():
        adjusted = np.full(len(shapes.pvalue), np.nan)
    else:
        adjusted = stats.false_discovery_control(shapes.pvalue)
    rows = (
        ("KS distance", shapes.ks_distance, _normality.KS_TOLERANCE),
        ("skewness", shapes.skewness, _normality.SKEWNESS_TOLERANCE),
        ("excess kurtosis", shapes.excess_kurtosis, _normality.KURTOSIS_TOLERANCE),
    )
    checks, odd = [], np.zeros(len(adjusted), dtype=bool)
    for name, values, tolerance in rows:
        odd |= (adjusted < significance) & (np.abs(values) > tolerance)
        worst = _most_telling(np.abs(values), adjusted, significance)
        checks.append((f"{kind}: {name}", values[worst], tolerance, adjusted[worst]))
    return checks, adjusted, odd


def pair_checks(kind: str, pairs, significance: float):
    """Return raw checks of pairs of columns, as `column_checks` does.

    Parameters
    ----------
    kind : str
        "components" or "principal components".
    pairs : PairDependence
        Of k columns, at least 2.
    significance : float
        Largest adjusted p-value that counts as beyond chance.

    Returns
    -------
    list of (str, float, float, float)
        Name, effect, tolerance and p-value of the pair that shows most.
    """
    checks = []
    upper = np.triu_indices(len(pairs.squares), 1)
    off = ~np.eye(len(pairs.squares), dtype=bool)
    rows = (
        ("bend", pairs.curvature[off], pairs.curvature_pvalue[off]),
        ("squares together", pairs.squares[upper], pairs.squares_pvalue[upper]),
    )
    tolerances = (_dependence.CURVATURE_TOLERANCE, _dependence.SQUARES_TOLERANCE)
    for (name, values, pvalues), tolerance in zip(rows, tolerances, strict=True):
        adjusted = stats.false_discovery_control(pvalues)
        worst = _most_telling(np.abs(values), adjusted, significance)
        checks.append((f"pair of {kind}: {name}", values[worst], tolerance, adjusted[worst]))
    return checks


def _most_telling(size, adjusted, significance):
    """Index of the largest effect among those beyond chance, or of all if none is."""
    beyond = adjusted < significance
    return int(np.where(beyond, size, -1.0).argmax() if beyond.any() else size.argmax())


def answer_all(e: Evidence, model) -> tuple[Verdict, ...]:
    """Return the five verdicts.

    Parameters
    ----------
    e : Evidence
        Of the points.
    model : Verdict
        The last one, which compares points and model.

    Returns
    -------
    tuple of Verdict
        In the order in which they are printed.
    """
    joint = _jointly_normal(e)
    if model.answer == "yes" and joint.answer == "no":
        reason = f"{model.reason} But they are not normal, as stated above."
        model = Verdict(model.question, "mostly", reason)
    return _one_cloud(e), _bell_shaped(e), _linear(e), joint, model


def _one_cloud(e):
    question = "one cloud?"
    if e.clouds is None:
        return Verdict(question, "unclear", f"{e.n_samples} points are too few to tell.")
    peaks = e.clouds.peaks
    if peaks.n_peaks > 1:
        shares = ", ".join(f"{100 * share:.0f} %" for share in peaks.shares[:6])
        ratio = peaks.saddle_ratio
        depth = "nothing lies between them" if np.isinf(ratio) else f"{ratio:.1f} times as dense"
        reason = (
            f"{peaks.n_peaks} separate peaks with {shares} of the points, seen in "
            f"{e.clouds.view}; "
            + (depth if np.isinf(ratio) else f"the peaks are {depth} as the pass between them")
        )
        return Verdict(question, "no", reason + ".")
    if e.hollow:
        return Verdict(question, "yes", "Connected, but hollow: hardly a point near the centre.")
    deep = (e.clouds.component_pvalues < 0.001) & (e.clouds.component_valleys > 1.5)
    if deep.any() and e.violated("component", "principal component"):
        which = ", ".join(map(str, e.live[deep][:5])) + (" ..." if deep.sum() > 5 else "")
        verb = "component {} has" if deep.sum() == 1 else "components {} have"
        reason = f"Connected, though {verb.format(which)} two peaks, seen alone."
        return Verdict(question, "yes", reason)
    if e.n_samples < 60:
        return Verdict(question, "unclear", f"{e.n_samples} points are too few to tell.")
    return Verdict(question, "yes", "A single peak of the density in every view.")


def _bell_shaped(e):
    question = "bell-shaped components?"
    shapes, odd = e.components, e.odd_components
    size = (
        f"skewness up to {np.abs(shapes.skewness).max():.2f}, excess kurtosis "
        f"{shapes.excess_kurtosis.min():.2f} to {shapes.excess_kurtosis.max():.2f}"
    )
    if e.n_samples < _normality.MIN_TESTED:
        return Verdict(question, "unclear", f"{e.n_samples} points are too few; {size}.")
    principal = e.violated("principal component")
    if not (e.violated("component") and odd.any()):
        extra = ""
        if principal and e.odd_principal.any():
            extra = f" But {e.odd_principal.sum()} of {len(e.odd_principal)} principal ones are not"
        return Verdict(question, "yes", f"All {len(odd)} are; {size}.{extra}".rstrip(".") + ".")
    worst = e.live[odd][:5]
    listed = ", ".join(map(str, worst)) + (" ..." if odd.sum() > 5 else "")
    answer = "mostly" if odd.mean() <= MOSTLY else "no"
    verb = "is" if odd.sum() == 1 else "are"
    reason = f"{odd.sum()} of {len(odd)} {verb} not (component {listed}); {size}."
    return Verdict(question, answer, reason)


def _linear(e):
    question = "linear correlations?"
    if e.n_samples < _normality.MIN_TESTED:
        return Verdict(question, "unclear", f"{e.n_samples} points are too few to tell.")
    if len(e.odd_components) < 2:
        return Verdict(question, "yes", "There is only one varying component.")
    found = e.violated("pair of components")
    bend, squares = e.component_pairs.curvature, e.component_pairs.squares
    if not found:
        return Verdict(question, "yes", "Nothing bends, and spreads are independent.")
    if _common_radius(e):
        reason = (
            "Nothing bends, but components are far out together, as heavy tails make them "
            f"(squares correlate by up to {squares.max():.2f})."
        )
        return Verdict(question, "yes", reason)
    parts = []
    if any(check.name.endswith("bend") for check in found):
        i, j = np.unravel_index(bend.argmax(), bend.shape)
        size = f"(correlation {bend[i, j]:.2f})"
        parts.append(f"component {e.live[j]} bends along component {e.live[i]} {size}")
    if any(check.name.endswith("together") for check in found):
        i, j = np.unravel_index(np.abs(squares).argmax(), squares.shape)
        how = "is far out where" if squares[i, j] > 0 else "is near its centre where"
        parts.append(
            f"component {e.live[j]} {how} component {e.live[i]} is far out (squares correlate by "
            f"{squares[i, j]:.2f})"
        )
    return Verdict(question, "no", f"{' and '.join(parts)}.".capitalize())


def _common_radius(e):
    """Whether dependence of components vanishes once distances are those of a normal."""
    if e.radial is None:
        return False
    limit = _noise(e)
    pairs = e.radial.pairs
    return (
        pairs.curvature.max() < _dependence.CURVATURE_TOLERANCE + limit
        and np.abs(pairs.squares).max() < _dependence.SQUARES_TOLERANCE + limit
    )


def _noise(e):
    """Twice the standard error of a correlation, for names, which no test decides."""
    return 2 / np.sqrt(min(e.n_samples, 5_000))


def _jointly_normal(e):
    question = "jointly normal?"
    if not e.joint:
        reason = (
            f"{e.n_samples} points do not show a shape in {e.rank} dimensions; "
            f"{max(20, 2 * e.rank + 20)} would."
        )
        return Verdict(question, "unclear", reason)
    gap = e.checks["coverage gap of squared distances"].effect
    found = e.violated("")
    if e.clouds is not None and e.clouds.peaks.n_peaks > 1:
        return Verdict(question, "no", f"They are not one cloud. Coverage gap {gap:.3f}.")
    if found:
        names = "; ".join(check.name for check in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        return Verdict(question, "no", f"Coverage gap {gap:.3f}. Beyond: {names}{more}.")
    sure = any(check.adjusted_pvalue < e.significance for check in e.checks.values())
    reason = f"The largest coverage gap is {gap:.3f}"
    if sure:
        reason += "; deviations are certain at this number of points, but too small to matter"
    elif e.visible_gap > _normality.KS_TOLERANCE:
        reason += f"; gaps below {e.visible_gap:.2f} would not show in {e.n_samples} points"
    return Verdict(question, "yes", reason + ".")


def name_points(e: Evidence) -> str:
    """Return what the points are, in a line.

    Parameters
    ----------
    e : Evidence
        Of the points.

    Returns
    -------
    str
        Without a full stop.
    """
    if e.clouds is not None and e.clouds.peaks.n_peaks > 1:
        return f"two or more clouds ({e.clouds.peaks.n_peaks} found)"
    found = e.violated("")
    if not found:
        return _name_of_normal(e)
    bell = not e.violated("component:") or e.odd_components.mean() <= MOSTLY
    if e.hollow:
        return "a ring or a hollow shell: hardly a point lies near the centre"
    heavy = any(check.effect > 0 for check in e.violated("Mardia kurtosis"))
    elliptic = e.radial is not None and _elliptic(e, bell)
    if heavy and elliptic:
        start = "components look normal, but jointly " if bell else ""
        return (
            f"{start}heavy-tailed: elliptic but not normal, like a multivariate t with "
            f"about {_rounded(e.tail)} degrees of freedom"
        )
    if heavy and not bell and _elliptic_or_not(e):
        return f"heavy-tailed; {UNSURE}"
    pairs = e.violated("pair of components")
    joint_tails = heavy and len(e.odd_components) >= MANY
    if bell and pairs and not joint_tails and not (_skewed(e) and not _curved(e)):
        return (
            "normal components with a joint distribution that is not: they depend on one "
            "another beyond correlation"
        )
    if _curved(e):
        return "curved: components depend on one another along a bend"
    if _skewed(e):
        return "skewed" + (" and heavy-tailed" if heavy and e.tail < HEAVY_TAIL else "")
    if heavy:
        start = "components look normal, but jointly heavy-tailed" if bell else "heavy-tailed"
        return f"{start}, and not elliptic"
    if e.violated("Mardia kurtosis", "coverage gap", "component", "principal"):
        return "light-tailed: flatter than a normal, with fewer points far out"
    return "not normal in a way that has no short name; see the effect sizes"


def _name_of_normal(e):
    if not e.joint:
        return f"unclear: {e.n_samples} points are too few for {e.rank} dimensions"
    if any(check.adjusted_pvalue < e.significance for check in e.checks.values()):
        return "close to normal: deviations are certain, but too small to matter"
    if e.visible_gap > _normality.KS_TOLERANCE:
        return f"normal, as far as {e.n_samples} points can tell"
    return "normal"


def _rounded(tail):
    return f"{tail:.0f}" if tail >= 2.95 else f"{tail:.1f}"


def _elliptic(e, bell):
    """Whether points look elliptic, and independent heavy tails are ruled out."""
    if not _roughly_elliptic(e):
        return False
    # Components that look normal would be jointly normal if they were independent.
    return bell or (e.radial.elliptic_pvalue >= e.significance and _independence_would_show(e))


def _elliptic_or_not(e):
    if e.radial is None or not _roughly_elliptic(e):
        return False
    return e.radial.elliptic_pvalue >= e.significance and not _independence_would_show(e)


def _independence_would_show(e):
    together = e.checks.get("pair of components: squares together")
    correlate = together is not None and together.effect > 0
    correlate = correlate and together.adjusted_pvalue < e.significance
    return correlate or e.radial.independent_pvalue < e.significance


def _roughly_elliptic(e):
    kurtosis = np.abs(e.radial.shapes.excess_kurtosis).max()
    # Half the tolerance, and three standard errors of a normal's kurtosis.
    limit = _normality.KURTOSIS_TOLERANCE / 2 + 3 * np.sqrt(6) * _noise(e)
    return _common_radius(e) and not _skewed(e) and kurtosis < limit


def _curved(e):
    if len(e.odd_components) < 2:
        return False
    pairs = e.violated("pair of components")
    bent = any(c.name.endswith("bend") and c.effect > CLEAR_BEND for c in pairs)
    folded = any(c.name.endswith("together") and c.effect < -c.tolerance for c in pairs)
    return bent or folded


def _skewed(e):
    """Whether skewness remains that is not the work of a few points far out."""
    if e.radial is None:
        return bool(e.violated("component: skewness"))
    beyond = e.radial.skewness_pvalue < e.significance
    names = "component: skewness", "principal component: skewness"
    return bool(beyond and e.violated(*names))
