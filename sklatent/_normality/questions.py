"""From measurements to plain answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats

from sklatent._typing import AnyArray, BoolArray, FloatArray

from .checks import beyond
from .columns import KS_TOLERANCE, MIN_TESTED
from .frame import FEW_POINTS, Columns, Frame, points_for_shape
from .modality import Peaks
from .pairs import CURVATURE_TOLERANCE, PairDependence, is_weak
from .radial import RadialShape
from .report import QUESTIONS, Check, Clouds, Measurements, Reply, Statistic, Subject, Verdict
from .ties import Ties

__all__ = ["Evidence", "Parts", "all_unclear", "answer_all", "common_radius", "noise", "percent"]

MOSTLY = 0.1
# Where chance alone makes a pair bend by so much, no bend that is found says anything.
VISIBLE_BEND = 0.6


class Parts(NamedTuple):
    """Columns, pairs and clouds, in a frame where ties are spread.

    `ties` are those of the points as they came, `tied` says in a few words which values many
    points share, if any; `far` is from `far_points`.
    """

    frame: Frame
    ties: Ties
    tied: str
    components: Columns
    principal: Columns
    squared: FloatArray
    component_pairs: PairDependence
    principal_pairs: PairDependence
    clouds: Clouds
    far: BoolArray | None


@dataclass(frozen=True)
class Evidence:
    """All that verdicts and names rest on.

    `names` says what the varying components are called, `leaning` whether skewness has a
    direction, `hollow` whether the centre is empty, `ring` whether points go around it, `unmixes`
    whether a linear mixture of independent columns explains all dependence, `spread_depends`
    whether a spread that depends on another component does.
    """

    measured: Measurements
    parts: Parts
    checks: tuple[Check, ...]
    names: AnyArray
    odd_components: BoolArray
    odd_principal: BoolArray
    radial: RadialShape | None
    leaning: bool
    hollow: bool
    ring: bool
    unmixes: bool
    spread_depends: bool

    def violated(self, *subjects: Subject, statistic: Statistic | None = None) -> list[Check]:
        """Return violated checks, of some subjects or all, and of one statistic or all."""
        return beyond(self.checks, self.measured.significance, *subjects, statistic=statistic)

    def find(self, subject: Subject, statistic: Statistic) -> Check | None:
        """Return one check, or None where it could not be made."""
        found = (c for c in self.checks if (c.subject, c.statistic) == (subject, statistic))
        return next(found, None)


def answer_all(e: Evidence, model: Reply) -> tuple[Verdict, ...]:
    """Return the five verdicts; the last reply, which compares points and model, is given."""
    joint = _jointly_normal(e)
    if model[0] == "yes" and joint[0] == "no":
        model = "mostly", f"{model[1]} But they are not normal, as stated above."
    replies = _one_cloud(e), _bell_shaped(e), _linear(e), joint, model
    return tuple(Verdict(q, *reply) for q, reply in zip(QUESTIONS, replies, strict=True))


def all_unclear(reason: str) -> tuple[Verdict, ...]:
    """Return five verdicts on points that are too few to measure."""
    return tuple(Verdict(question, "unclear", reason) for question in QUESTIONS)


def _one_cloud(e: Evidence) -> Reply:
    n, clouds, share = e.measured.n_samples, e.parts.clouds, e.measured.outlier_share
    if clouds.peaks.n_peaks > 1:
        return "no", _clouds_in_words(clouds.peaks, clouds.view)
    deep = (clouds.component_pvalues < 0.001) & (clouds.component_valleys > 1.5)
    if e.hollow:
        reason = "Connected, but hollow: hardly a point near the centre."
    elif deep.any() and e.violated("component", "principal component"):
        verb = "component {} has" if deep.sum() == 1 else "components {} have"
        reason = f"Connected, though {verb.format(_listed(e.names[deep]))} two peaks, seen alone."
    elif n < FEW_POINTS:
        return "unclear", f"{n} points are too few to tell."
    else:
        reason = "A single peak of the density in every view."
    if share:
        reason += f" {percent(share)} of the points lie far from it."
    return "yes", reason


def _listed(names: AnyArray) -> str:
    return ", ".join(map(str, names[:5])) + (" ..." if len(names) > 5 else "")


def _clouds_in_words(peaks: Peaks, view: str) -> str:
    shares = ", ".join(f"{100 * share:.0f} %" for share in peaks.shares[:6])
    start = f"{peaks.n_peaks} separate peaks with {shares} of the points, seen in {view}; "
    if np.isinf(peaks.saddle_ratio):
        return start + "nothing lies between them."
    ratio = f"{peaks.saddle_ratio:.1f} times as dense"
    return f"{start}the peaks are {ratio} as the pass between them."


def percent(share: float) -> str:
    """Return a share of the points in percent, with two digits where it is small."""
    return f"{100 * share:.0f} %" if share > 0.095 else f"{100 * share:.2g} %"


def _range(values: FloatArray) -> str:
    low, high = f"{values.min():z.2f}", f"{values.max():z.2f}"
    return low if low == high else f"{low} to {high}"


def _bell_shaped(e: Evidence) -> Reply:
    n, shapes, odd = e.measured.n_samples, e.parts.components.shapes, e.odd_components
    size = f"skewness {_range(shapes.skewness)}, excess kurtosis {_range(shapes.excess_kurtosis)}"
    size += " (of values spread evenly)" if e.parts.tied else ""
    if n < MIN_TESTED:
        return "unclear", f"{n} points are too few; {size}."
    alone = len(odd) == 1
    if not (e.violated("component") and odd.any()):
        extra = ""
        if e.violated("principal component") and e.odd_principal.any():
            n_odd = e.odd_principal.sum()
            verb = "is" if n_odd == 1 else "are"
            extra = f" But {n_odd} of {len(e.odd_principal)} principal ones {verb} not."
        if n < FEW_POINTS:
            return "unclear", f"{n} points are too few to tell; {size}.{extra}"
        return "yes", f"{'It is' if alone else f'All {len(odd)} are'}; {size}.{extra}"
    verb = "is" if odd.sum() == 1 else "are"
    named = f"{odd.sum()} of {len(odd)} {verb} not (component {_listed(e.names[odd])})"
    reason = f"{'It is not' if alone else named}; {size}."
    return "mostly" if odd.mean() <= MOSTLY else "no", reason


def _linear(e: Evidence) -> Reply:
    if len(e.odd_components) < 2:
        return "n/a", "A single component varies, so that there is nothing to correlate it with."
    if e.measured.n_samples < MIN_TESTED:
        return "unclear", f"{e.measured.n_samples} points are too few to tell."
    found = e.violated("pair of components")
    principal = e.violated("pair of principal components")
    if not found and not principal:
        return _nothing_found(e)
    if common_radius(e):
        return _tails_in_words(e)
    if found:
        told = _pairs_in_words(found, e.parts.component_pairs, e.names, "component")
        return "no", f"{told}.".capitalize()
    numbers = np.arange(e.measured.rank)
    told = _pairs_in_words(principal, e.parts.principal_pairs, numbers, "principal component")
    if e.violated("component"):
        reason = (
            f"Between components nothing bends. {told[0].upper()}{told[1:]}, as mixtures of "
            "components that are not normal do."
        )
        return "yes", reason
    return "no", f"Not seen in single components, but {told}."


def _nothing_found(e: Evidence) -> Reply:
    """Answer where no pair is beyond chance: pairs may bend that so few points do not show."""
    n, pairs = e.measured.n_samples, e.parts.component_pairs.curvature
    least = len(pairs) * (len(pairs) - 1)
    visible = float(np.sqrt(stats.chi2.isf(e.measured.significance / least, 2) / n))
    if n < FEW_POINTS or visible > VISIBLE_BEND:
        reason = (
            f"{n} points are too few to tell: of {least // 2} pairs one may bend with "
            f"a correlation of up to {min(visible, 1.0):.2f} by chance; the strongest has "
            f"{pairs.max():.2f}."
        )
        return "unclear", reason
    if pairs.max() <= CURVATURE_TOLERANCE:
        return "yes", "Nothing bends, and spreads are independent."
    shown = f"those with a correlation below {visible:.2f} would not show"
    return "yes", f"No bend is beyond chance; {shown}."


def _tails_in_words(e: Evidence) -> Reply:
    both = e.parts.component_pairs, e.parts.principal_pairs
    start = (
        "components are far out together, as heavy tails make them (squares correlate by up "
        f"to {max(pairs.squares.max() for pairs in both):.2f})."
    )
    if not e.violated("pair of components", "pair of principal components", statistic="bend"):
        return "yes", f"Nothing bends, but {start}"
    bend = max(pairs.curvature.max() for pairs in both)
    return "mostly", f"Bends are weak (correlation up to {bend:.2f}), and {start}"


def _pairs_in_words(
    found: Sequence[Check], pairs: PairDependence, names: AnyArray, kind: str
) -> str:
    bend, squares = pairs.curvature, pairs.squares
    parts, beyond_both = [], {check.statistic for check in found}
    if "bend" in beyond_both:
        i, j = np.unravel_index(bend.argmax(), bend.shape)
        size = f"(correlation {bend[i, j]:.2f})"
        parts.append(f"{kind} {names[j]} bends along {kind} {names[i]} {size}")
    if "squares together" in beyond_both:
        i, j = np.unravel_index(np.abs(squares).argmax(), squares.shape)
        how = "is far out where" if squares[i, j] > 0 else "is near its centre where"
        parts.append(
            f"{kind} {names[j]} {how} {kind} {names[i]} is far out (squares correlate by "
            f"{squares[i, j]:.2f})"
        )
    return " and ".join(parts)


def common_radius(e: Evidence) -> bool:
    """Return whether dependence vanishes once distances are those of a normal, if measured."""
    if e.radial is None:
        return False
    both = e.radial.pairs, e.radial.principal_pairs
    return all(is_weak(pairs, noise(e)) for pairs in both)


def noise(e: Evidence) -> float:
    """Return twice the standard error of a correlation of at most 5,000 points.

    It is for names, which no test decides.
    """
    return float(2 / np.sqrt(min(e.measured.n_samples, 5_000)))


def _jointly_normal(e: Evidence) -> Reply:
    m, n, tied = e.measured, e.measured.n_samples, e.parts.tied
    if not e.parts.frame.shows_shape:
        needed = points_for_shape(m.rank)
        return "unclear", f"{n} points do not show a shape in {m.rank} dimensions; {needed} would."
    gap = f"Coverage gap {m.coverage_gap:.3f}."
    if e.parts.clouds.peaks.n_peaks > 1:
        return "no", f"They are not one cloud. {gap}"
    if tied:
        return "no", f"{tied[0].upper()}{tied[1:]}. {gap}"
    if found := e.violated():
        names = "; ".join(check.name for check in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        return "no", f"{gap} Beyond: {names}{more}."
    if n < FEW_POINTS:
        return (
            "unclear",
            f"{n} points are too few to tell. The coverage gap is {m.coverage_gap:.3f}.",
        )
    reason = f"The largest coverage gap is {m.coverage_gap:.3f}"
    if any(check.adjusted_pvalue < m.significance for check in e.checks):
        reason += "; deviations are certain at this number of points, but too small to matter"
    elif m.visible_gap > KS_TOLERANCE:
        reason += f"; gaps below {m.visible_gap:.2f} would not show in {n} points"
    return "yes", reason + "."
