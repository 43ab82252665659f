"""From effect sizes to plain answers."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sklatent._tables import count

from .columns import KS_TOLERANCE, MIN_TESTED, ColumnShapes
from .model_fit import FEW_POINTS
from .pairs import CURVATURE_TOLERANCE, SQUARES_TOLERANCE, PairDependence
from .radial import RadialShape
from .report import Check, Clouds, Verdict

__all__ = [
    "Evidence",
    "answer_all",
    "common_radius",
    "noise",
    "percent",
]

MOSTLY = 0.1
# Where chance alone makes a pair bend by so much, no bend that is found says anything.
VISIBLE_BEND = 0.6


@dataclass(frozen=True)
class Evidence:
    """All that verdicts and names rest on; fields as in `NormalityReport`.

    `hollow` says whether the centre is empty, `ring` whether points go around it, `ties` in a
    few words which values are shared by many points, if any, `hardly_any` whether a component
    has three of them at most, `names` what the varying components are called.
    `unmixes` says whether a linear mixture of independent columns explains all dependence,
    `spread_depends` whether a spread that depends on another component does, `leaning` whether
    skewness has a direction.
    """

    n_samples: int
    rank: int
    joint: bool
    significance: float
    visible_gap: float
    checks: dict[str, Check]
    clouds: Clouds | None
    names: np.ndarray
    odd_components: np.ndarray
    odd_principal: np.ndarray
    components: ColumnShapes
    component_pairs: PairDependence
    principal_pairs: PairDependence
    radial: RadialShape | None
    hollow: bool
    ring: bool
    tail: float
    ties: str
    hardly_any: bool
    outlier_share: float
    unmixes: bool
    spread_depends: bool
    leaning: bool

    def violated(self, *starts: str) -> list[Check]:
        """Return violated checks whose names start with one of the given words."""
        return [
            check
            for name, check in self.checks.items()
            if name.startswith(starts) and check.violated(self.significance)
        ]


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
        return Verdict(question, "unclear", f"{count(e.n_samples, 'point')}: too few to tell.")
    peaks = e.clouds.peaks
    if peaks.n_peaks > 1:
        return Verdict(question, "no", _clouds_in_words(peaks, e.clouds.view))
    deep = (e.clouds.component_pvalues < 0.001) & (e.clouds.component_valleys > 1.5)
    if e.hollow:
        reason = "Connected, but hollow: hardly a point near the centre."
    elif deep.any() and e.violated("component", "principal component"):
        which = ", ".join(map(str, e.names[deep][:5])) + (" ..." if deep.sum() > 5 else "")
        verb = "component {} has" if deep.sum() == 1 else "components {} have"
        reason = f"Connected, though {verb.format(which)} two peaks, seen alone."
    elif e.n_samples < FEW_POINTS:
        return Verdict(question, "unclear", f"{e.n_samples} points are too few to tell.")
    else:
        reason = "A single peak of the density in every view."
    if e.outlier_share:
        reason += f" {percent(e.outlier_share)} of the points lie far from it."
    return Verdict(question, "yes", reason)


def _clouds_in_words(peaks, view):
    shares = ", ".join(f"{100 * share:.0f} %" for share in peaks.shares[:6])
    start = f"{peaks.n_peaks} separate peaks with {shares} of the points, seen in {view}; "
    if np.isinf(peaks.saddle_ratio):
        return start + "nothing lies between them."
    ratio = f"{peaks.saddle_ratio:.1f} times as dense"
    return f"{start}the peaks are {ratio} as the pass between them."


def percent(share: float) -> str:
    """Return a share of the points in percent, with two digits where it is small.

    Parameters
    ----------
    share : float
        In [0, 1].

    Returns
    -------
    str
        For example "1.2 %".

    Examples
    --------
    >>> from sklatent._normality.questions import percent
    >>> percent(0.0123), percent(0.5)
    ('1.2 %', '50 %')
    """
    return f"{100 * share:.0f} %" if share > 0.095 else f"{100 * share:.2g} %"


def _range(values):
    low, high = f"{values.min():z.2f}", f"{values.max():z.2f}"
    return low if low == high else f"{low} to {high}"


def _bell_shaped(e):
    question = "bell-shaped components?"
    shapes, odd = e.components, e.odd_components
    size = f"skewness {_range(shapes.skewness)}, excess kurtosis {_range(shapes.excess_kurtosis)}"
    size += " (of values spread evenly)" if e.ties else ""
    if e.n_samples < MIN_TESTED:
        return Verdict(question, "unclear", f"{e.n_samples} points are too few; {size}.")
    alone = len(odd) == 1
    if not (e.violated("component") and odd.any()):
        extra = ""
        if e.violated("principal component") and e.odd_principal.any():
            n_odd = e.odd_principal.sum()
            verb = "is" if n_odd == 1 else "are"
            extra = f" But {n_odd} of {len(e.odd_principal)} principal ones {verb} not."
        if e.n_samples < FEW_POINTS:
            reason = f"{e.n_samples} points are too few to tell; {size}.{extra}"
            return Verdict(question, "unclear", reason)
        start = "It is" if alone else f"All {len(odd)} are"
        return Verdict(question, "yes", f"{start}; {size}.{extra}")
    listed = ", ".join(map(str, e.names[odd][:5])) + (" ..." if odd.sum() > 5 else "")
    answer = "mostly" if odd.mean() <= MOSTLY else "no"
    verb = "is" if odd.sum() == 1 else "are"
    start = "It is not" if alone else f"{odd.sum()} of {len(odd)} {verb} not (component {listed})"
    return Verdict(question, answer, f"{start}; {size}.")


def _linear(e):
    question = "linear correlations?"
    if len(e.odd_components) < 2:
        reason = "A single component varies, so that there is nothing to correlate it with."
        return Verdict(question, "n/a", reason)
    if e.n_samples < MIN_TESTED:
        return Verdict(question, "unclear", f"{e.n_samples} points are too few to tell.")
    found = e.violated("pair of components")
    principal = e.violated("pair of principal components")
    if not found and not principal:
        return _nothing_found(e, question)
    if common_radius(e):
        return _tails_in_words(e, question)
    if found:
        told = _pairs_in_words(found, e.component_pairs, e.names, "component")
        return Verdict(question, "no", f"{told}.".capitalize())
    told = _pairs_in_words(principal, e.principal_pairs, np.arange(e.rank), "principal component")
    if e.violated("component:"):
        reason = (
            f"Between components nothing bends. {told[0].upper()}{told[1:]}, as mixtures of "
            "components that are not normal do."
        )
        return Verdict(question, "yes", reason)
    return Verdict(question, "no", f"Not seen in single components, but {told}.")


def _nothing_found(e, question):
    """Answer where no pair is beyond chance: pairs may bend that so few points do not show."""
    pairs = e.component_pairs.curvature
    least = len(pairs) * (len(pairs) - 1)
    visible = float(np.sqrt(stats.chi2.isf(e.significance / least, 2) / e.n_samples))
    if e.n_samples < FEW_POINTS or visible > VISIBLE_BEND:
        reason = (
            f"{e.n_samples} points are too few to tell: of {least // 2} pairs one may bend with "
            f"a correlation of up to {min(visible, 1.0):.2f} by chance; the strongest has "
            f"{pairs.max():.2f}."
        )
        return Verdict(question, "unclear", reason)
    reason = "Nothing bends, and spreads are independent."
    if pairs.max() > CURVATURE_TOLERANCE:
        reason = (
            f"No bend is beyond chance; those with a correlation below {visible:.2f} would not "
            "show."
        )
    return Verdict(question, "yes", reason)


def _tails_in_words(e, question):
    both = e.component_pairs, e.principal_pairs
    start = (
        "components are far out together, as heavy tails make them (squares correlate by up "
        f"to {max(pairs.squares.max() for pairs in both):.2f})."
    )
    if not any(check.name.endswith("bend") for check in e.violated("pair")):
        return Verdict(question, "yes", f"Nothing bends, but {start}")
    bend = max(pairs.curvature.max() for pairs in both)
    return Verdict(
        question, "mostly", f"Bends are weak (correlation up to {bend:.2f}), and {start}"
    )


def _pairs_in_words(found, pairs, names, kind):
    bend, squares = pairs.curvature, pairs.squares
    parts = []
    if any(check.name.endswith("bend") for check in found):
        i, j = np.unravel_index(bend.argmax(), bend.shape)
        size = f"(correlation {bend[i, j]:.2f})"
        parts.append(f"{kind} {names[j]} bends along {kind} {names[i]} {size}")
    if any(check.name.endswith("together") for check in found):
        i, j = np.unravel_index(np.abs(squares).argmax(), squares.shape)
        how = "is far out where" if squares[i, j] > 0 else "is near its centre where"
        parts.append(
            f"{kind} {names[j]} {how} {kind} {names[i]} is far out (squares correlate by "
            f"{squares[i, j]:.2f})"
        )
    return " and ".join(parts)


def common_radius(e: Evidence) -> bool:
    """Return whether dependence vanishes once distances are those of a normal.

    Parameters
    ----------
    e : Evidence
        Of the points.

    Returns
    -------
    bool
        False where it was not measured.
    """
    if e.radial is None:
        return False
    return all(
        pairs.curvature.max() < CURVATURE_TOLERANCE + noise(e)
        and np.abs(pairs.squares).max() < SQUARES_TOLERANCE + noise(e)
        for pairs in (e.radial.pairs, e.radial.principal_pairs)
    )


def noise(e: Evidence) -> float:
    """Return twice the standard error of a correlation, for names, which no test decides.

    Parameters
    ----------
    e : Evidence
        Of the points.

    Returns
    -------
    float
        Of at most 5,000 points.
    """
    return float(2 / np.sqrt(min(e.n_samples, 5_000)))


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
    if e.ties:
        return Verdict(question, "no", f"{e.ties[0].upper()}{e.ties[1:]}. Coverage gap {gap:.3f}.")
    if found:
        names = "; ".join(check.name for check in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        return Verdict(question, "no", f"Coverage gap {gap:.3f}. Beyond: {names}{more}.")
    sure = any(check.adjusted_pvalue < e.significance for check in e.checks.values())
    if e.n_samples < FEW_POINTS:
        reason = f"{e.n_samples} points are too few to tell. The coverage gap is {gap:.3f}."
        return Verdict(question, "unclear", reason)
    reason = f"The largest coverage gap is {gap:.3f}"
    if sure:
        reason += "; deviations are certain at this number of points, but too small to matter"
    elif e.visible_gap > KS_TOLERANCE:
        reason += f"; gaps below {e.visible_gap:.2f} would not show in {e.n_samples} points"
    return Verdict(question, "yes", reason + ".")
