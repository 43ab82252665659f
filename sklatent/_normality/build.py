"""The sequence that makes a normality report: measure, judge, name, and put together."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from sklatent._random import subsample
from sklatent._tables import count
from sklatent._typing import AnyArray, BoolArray, FloatArray

from .checks import ColumnChecks, adjust, beyond, column_checks, pair_checks
from .clouds import find_clouds
from .columns import KS_TOLERANCE, SKEWNESS_TOLERANCE
from .diagnosis import name_points
from .distances import (
    distance_gap,
    distance_gap_pvalue,
    reference_distribution,
    tail_degrees_of_freedom,
)
from .frame import (
    Frame,
    Settings,
    far_points,
    measure_columns,
    measure_rows,
    own_frame,
    points_for_shape,
    spread_columns,
)
from .mardia import (
    kurtosis_tolerance,
    mardia_kurtosis,
    mardia_skewness,
    skewness_share,
    skewness_subsample,
)
from .model_fit import Fitted, judge_model, read_model
from .questions import Evidence, Parts, all_unclear, answer_all, percent
from .radial import RadialShape, hollow_and_ring, radial_shape
from .report import NAN, Check, JointStatistic, Measurements, NormalityReport
from .ties import Ties
from .two_sample import AUC_TOLERANCE, two_sample_auc, two_sided, whiten_own
from .unmixing import spread_alone_depends, unmixes

__all__ = ["build_report"]

LEAST_POINTS = 8
# About the 1 % quantile of the simulated null distribution in few dimensions, times root n.
VISIBLE_GAP = 1.3
TAIL_POINTS = 20_000
MOMENTS = "skewness", "excess kurtosis", "Mardia skewness", "Mardia kurtosis"
MODEL_STATISTICS = "coverage gap", "classifier AUC"
# A value that more points share is itself a gap beyond what is tolerated.
TIED_SHARE = KS_TOLERANCE
FEW_VALUES, FEWEST_TIED = 0.1, 4
# Rotations in more dimensions take long to search, and pairs of many components hardly bend.
MOST_UNMIXED = 20
REPEATED_SHARE = 0.05
LEANING_SHARE = 0.25


class Joint(NamedTuple):
    """Checks of the joint shape, none where points are too few, and what they leave open.

    `leaning` says whether skewness has a direction.
    """

    checks: list[Check]
    radial: RadialShape | None
    leaning: bool


class Checks(NamedTuple):
    """All checks with adjusted p-values, and what those of columns say of each column."""

    all: tuple[Check, ...]
    components: ColumnChecks
    principal: ColumnChecks


def build_report(
    model: Any, frame: Frame, settings: Settings, whole: bool = True
) -> NormalityReport:
    """Measure, judge and name points beside a fitted model.

    Without `whole` they are points from which those far away have been taken: none are looked for
    again, and the name says nothing of the model.
    """
    fitted = read_model(model, frame)
    if frame.normal.rank == 0 or len(frame.points) < LEAST_POINTS:
        return _too_few(_measurements(fitted, frame, settings))
    parts = _measure_parts(frame, settings, whole)
    joint_values, joint = _measure_joint(parts, settings)
    checks = _check(parts, joint, settings)
    # Where the model has the points' own mean and covariance, their shape is its own.
    own = fitted.own and not parts.tied
    shape = [check for check in checks.all if own and check.statistic in MODEL_STATISTICS]
    model_values, reply = judge_model(fitted, frame, settings, shape)
    values = _fields(parts, checks) | joint_values | model_values._asdict()
    measured = _measurements(fitted, parts.frame, settings, **values)
    evidence = _weigh(measured, parts, joint, checks, fitted.names, settings)
    if parts.far is not None:
        name = _name_of_outliers(model, own_frame(frame.points[~parts.far]), settings, measured)
    else:
        name = name_points(evidence)
        if whole and reply[0] == "no" and not evidence.violated() and not parts.tied:
            name += "; but not as the model has it"
    return NormalityReport(
        **vars(measured),
        name=name,
        verdicts=answer_all(evidence, reply),
        checks=checks.all,
        notes=tuple(_notes(frame.points, parts, settings)),
    )


def _measurements(fitted: Fitted, frame: Frame, settings: Settings, **values: Any) -> Measurements:
    n = len(frame.points)
    return Measurements(
        n_samples=n,
        n_components=len(frame.mean),
        rank=frame.normal.rank,
        n_fitted=fitted.n_samples,
        training=fitted.training,
        significance=settings.significance,
        visible_gap=VISIBLE_GAP / np.sqrt(n),
        live=frame.normal.live,
        **values,
    )


def _fields(parts: Parts, checks: Checks) -> dict[str, Any]:
    """Fields of `NormalityReport` on columns, pairs and clouds."""
    return parts.ties._asdict() | {
        "components": parts.components.shapes,
        "principal_components": parts.principal.shapes,
        "component_adjusted_pvalues": checks.components.adjusted,
        "principal_adjusted_pvalues": checks.principal.adjusted,
        "component_pairs": parts.component_pairs,
        "principal_pairs": parts.principal_pairs,
        "clouds": parts.clouds,
        "outlier_share": 0.0 if parts.far is None else float(parts.far.mean()),
    }


def _too_few(measured: Measurements) -> NormalityReport:
    n = measured.n_samples
    if measured.rank == 0:
        reason = "All points are equal." if n > 1 else "There is a single point."
    else:
        reason = f"{n} points are too few; at least {LEAST_POINTS} are needed."
    name, verdicts = f"unclear: {reason[0].lower()}{reason[1:-1]}", all_unclear(reason)
    return NormalityReport(**vars(measured), name=name, verdicts=verdicts, checks=(), notes=())


def _measure_parts(frame: Frame, settings: Settings, whole: bool) -> Parts:
    """Measure columns and pairs, after ties are spread, and look for clouds and far points."""
    components = measure_columns(frame, principal=False)
    ties, n = components.ties, len(frame.points)
    mask, tied = _tied(ties, n)
    if tied:
        columns = np.flatnonzero(frame.normal.live)[mask]
        frame = spread_columns(frame, columns, settings.random_state)
        components = measure_columns(frame, principal=False)
    principal = measure_columns(frame, principal=True)
    rows = measure_rows(frame, components, principal)
    clouds = find_clouds(frame, components.valleys, principal.valleys, settings)
    far = None
    if whole and frame.shows_shape and clouds.peaks.n_peaks == 1:
        far = far_points(frame, settings.rows(n, 20 * frame.normal.rank))
    return Parts(frame, ties, tied, components, principal, *rows, clouds, far)


def _tied(ties: Ties, n: int) -> tuple[BoolArray, str]:
    """Which components have values that many points share, and what they share in words."""
    distinct, share = ties
    tied = (share > TIED_SHARE) & (share * n >= FEWEST_TIED)
    few = tied & (distinct <= FEW_VALUES * n)
    said = []
    if few.any():
        # Columns that are rounded alike are hardly above or below the limit by chance.
        few |= (distinct <= FEW_VALUES * n) & (share > TIED_SHARE / 2)
        tied |= few
        low, high = distinct[few].min(), distinct[few].max()
        values = f"{low}" if low == high else f"{low} to {high}"
        said.append(f"{_of_all(few, 'takes', 'take')} few different values ({values})")
    if (single := tied & ~few).any():
        top = percent(share[single].max())
        said.append(f"{_of_all(single, 'has', 'have')} one value at up to {top} of the points")
    return tied, " and ".join(said)


def _of_all(which: BoolArray, singular: str, plural: str) -> str:
    verb = singular if which.sum() == 1 else plural
    return f"{which.sum()} of {count(len(which), 'component')} {verb}"


def _measure_joint(parts: Parts, settings: Settings) -> tuple[dict[str, float], Joint]:
    """Measure the joint shape: fields of `NormalityReport`, and what is judged."""
    frame, squared, random_state = parts.frame, parts.squared, settings.random_state
    n, rank = len(squared), frame.normal.rank
    if not frame.shows_shape:
        return {}, Joint([], None, True)
    gap, wasserstein = distance_gap(squared, reference_distribution(rank, n, training=True))
    gap_pvalue = distance_gap_pvalue(gap, n, rank, random_state)
    kurtosis, kurtosis_effect, kurtosis_pvalue = mardia_kurtosis(squared, rank)
    size = skewness_subsample(n, rank)
    white = whiten_own(frame.principal(subsample(n, size, random_state)))
    skewness, skewness_effect, skewness_pvalue = mardia_skewness(white)
    auc, n_auc, auc_pvalue = _shape_auc(frame, settings)
    tail = tail_degrees_of_freedom(squared[subsample(n, TAIL_POINTS, random_state)], rank)
    radial = radial_shape(frame, settings.rows(n, points_for_shape(rank)), random_state)
    kurtosis_limit, pearson = kurtosis_tolerance(rank), "Pearson III"
    rows: tuple[tuple[JointStatistic, float, float, float, int, str], ...] = (
        ("coverage gap", gap, KS_TOLERANCE, gap_pvalue, n, "simulation"),
        ("classifier AUC", auc, AUC_TOLERANCE, auc_pvalue, n_auc, "Mann-Whitney"),
        ("Mardia kurtosis", kurtosis_effect, kurtosis_limit, kurtosis_pvalue, n, pearson),
        (
            "Mardia skewness",
            skewness_effect,
            SKEWNESS_TOLERANCE,
            skewness_pvalue,
            size,
            "chi-squared",
        ),
    )
    checks = [Check("joint shape", *row[:4], NAN, *row[4:]) for row in rows]
    values = {
        "coverage_gap": gap,
        "distance_wasserstein": wasserstein,
        "mardia_skewness": skewness,
        "mardia_kurtosis": kurtosis,
        "shape_auc": auc,
        "tail_degrees_of_freedom": tail,
    }
    return values, Joint(checks, radial, skewness_share(white) > LEANING_SHARE)


def _shape_auc(frame: Frame, settings: Settings) -> tuple[float, int, float]:
    """AUC against draws, both with the same mean and covariance, number of points and p-value."""
    rank, random_state = frame.normal.rank, settings.random_state
    points = frame.principal(settings.rows(len(frame.points), points_for_shape(rank)))
    size = len(points)
    drawn = random_state.standard_normal((size, rank))
    auc = two_sample_auc(points, drawn, random_state, own_moments=True)
    auc = max(auc, 1 - auc)
    return auc, size, two_sided(auc, size - size // 2)


def _check(parts: Parts, joint: Joint, settings: Settings) -> Checks:
    n, significance = len(parts.squared), settings.significance
    components = column_checks("component", parts.components.shapes, n, significance)
    principal = column_checks("principal component", parts.principal.shapes, n, significance)
    found = joint.checks + components.checks
    if len(components.odd) > 1:
        found += pair_checks("pair of components", parts.component_pairs, n, significance)
    # With as few points as dimensions, principal components are bent by the points.
    if joint.checks and len(principal.odd) > 1:
        pairs = parts.principal_pairs
        found += principal.checks
        found += pair_checks("pair of principal components", pairs, n, significance)
    else:
        principal = principal._replace(odd=np.zeros_like(principal.odd))
    return Checks(adjust(found), components, principal)


def _weigh(
    measured: Measurements,
    parts: Parts,
    joint: Joint,
    checks: Checks,
    names: AnyArray,
    settings: Settings,
) -> Evidence:
    """Look for what explains an empty centre and pairs that depend on each other."""
    pairs = parts.component_pairs, parts.principal_pairs
    hollow, ring = hollow_and_ring(parts.frame, parts.squared, *pairs, settings)
    dependent = beyond(checks.all, settings.significance, "pair of components")
    unmixed = spread_depends = False
    if dependent and joint.checks and 2 <= measured.rank <= MOST_UNMIXED:
        rows, bend = settings.rows(measured.n_samples), parts.component_pairs.curvature
        first, second = np.unravel_index(bend.argmax(), bend.shape)
        spread_depends = spread_alone_depends(*parts.frame.components(rows, [first, second]).T)
        unmixed = unmixes(parts.frame.principal(rows), settings.random_state)
    return Evidence(
        measured=measured,
        parts=parts,
        checks=checks.all,
        names=names[measured.live],
        odd_components=checks.components.odd,
        odd_principal=checks.principal.odd,
        radial=joint.radial,
        leaning=joint.leaning,
        hollow=hollow,
        ring=ring,
        unmixes=unmixed,
        spread_depends=spread_depends,
    )


def _name_of_outliers(model: Any, rest: Frame, settings: Settings, measured: Measurements) -> str:
    """Name the points that are not far from all others by a report of their own."""
    share = percent(measured.outlier_share)
    name = f"outliers: {share} of the points lie far from all others"
    report = build_report(model, rest, settings, whole=False)
    found = beyond(report.checks, settings.significance)
    # A few outliers that are left have large moments, and move little else.
    clear = any(check.statistic not in MOMENTS for check in found)
    return f"{name}; without them {report.name}" if clear or not found else name


def _notes(points: FloatArray, parts: Parts, settings: Settings) -> Iterator[str]:
    """Say what was left out or rests on a part of the points, which came with their ties."""
    frame, n, rank = parts.frame, len(points), parts.frame.normal.rank
    if parts.tied:
        yield (
            "values that many points share were spread evenly over their part of the axis, "
            "halfway to the next values, before shape was measured"
        )
    if n > settings.max_points:
        yield (
            f"classifier, search for clouds and the name of the tails rest on "
            f"{settings.max_points:,} points each, drawn at random"
        )
    if frame.shows_shape and (size := skewness_subsample(n, rank)) < n:
        yield f"Mardia skewness rests on {size:,} points drawn at random"
    if not frame.normal.live.all():
        yield _dead_in_words(frame)
    elif rank < len(frame.mean):
        yield (
            f"components are linear combinations of each other: shape is that of the "
            f"{count(rank, 'dimension')} in which points vary"
        )
    if not frame.shows_shape:
        yield f"no joint statistics: they need {points_for_shape(rank)} points"
    distinct = len({hash(row.tobytes()) for row in points})
    if not parts.tied and distinct <= (1 - REPEATED_SHARE) * n:
        yield f"only {distinct:,} of {n:,} rows differ; tests take all rows as independent"


def _dead_in_words(frame: Frame) -> str:
    variance = np.diag(frame.moments.scatter)[~frame.normal.live]
    verb, are = ("does not vary", "is") if len(variance) == 1 else ("do not vary", "are")
    if variance.any():
        verb += ", or by less than the rounding of all components together,"
    return f"{count(len(variance), 'component')} {verb} and {are} left out"
