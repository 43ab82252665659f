"""The steps to a normality report: measure, judge, and put together."""

from typing import Any

import numpy as np
from scipy import stats

from sklatent._random import subsample
from sklatent._tables import count

from .checks import column_checks, pair_checks
from .clouds import find_clouds
from .columns import KS_TOLERANCE, SKEWNESS_TOLERANCE
from .diagnosis import name_points
from .distances import (
    distance_gap,
    distance_gap_pvalue,
    reference_distribution,
    tail_degrees_of_freedom,
)
from .frame import far_points, measure_columns, measure_rows, own_frame, spread_columns
from .mardia import (
    kurtosis_tolerance,
    mardia_kurtosis,
    mardia_skewness,
    skewness_share,
    skewness_subsample,
)
from .model_fit import AgainstModel, same_moments, two_sided
from .pairs import SQUARES_TOLERANCE
from .questions import Evidence, answer_all, percent
from .radial import central_share, goes_around, is_shell, radial_shape
from .report import Check, Clouds, NormalityReport, Verdict
from .two_sample import AUC_TOLERANCE, two_sample_auc, whiten_own
from .unmixing import spread_alone_depends
from .unmixing import unmixes as are_unmixed

__all__ = ["ReportSteps"]

# Extra points, over twice the dimension, for a statement about the joint shape.
SPARE = 20
HOLLOW_SHARE = 0.02
COVERAGE_GAP = "coverage gap of squared distances"
MOMENTS = "skewness", "kurtosis", "skewness effect", "kurtosis effect"
CLASSIFIER = "classifier AUC against normal draws"
# A value that more points share is itself a gap beyond what is tolerated.
TIED_SHARE = KS_TOLERANCE
FEW_VALUES, FEWEST_TIED = 0.1, 4
# So few values have no shape, however they are spread.
HARDLY_ANY = 3
# Rotations in more dimensions take long to search, and pairs of many components hardly bend.
MOST_UNMIXED = 20
REPEATED_SHARE = 0.05
LEANING_SHARE = 0.25


class ReportSteps:
    """The steps to a report, which share the points, the settings and the notes.

    Parameters
    ----------
    model : LatentGaussianModel
        Fitted.
    frame : sklatent._normality.frame.Frame
        Of the points.
    significance, max_points, random_state : float, int, RandomState instance
        As for `LatentGaussianModel.normality_report`.
    whole : bool, default=True
        False for points from which those far away have been taken: none are looked for again,
        and the name says nothing of the model.
    """

    def __init__(self, model, frame, significance, max_points, random_state, whole=True):
        self.model, self.frame, self.whole = model, frame, whole
        # Ties are spread in a frame of its own.
        self.raw_frame, self.points = frame, frame.points
        self.significance, self.max_points = significance, max_points
        self.random_state = random_state
        self.n, self.rank = len(frame.points), frame.support.rank
        self.joint = self.rank > 0 and self.n >= max(20, 2 * self.rank + SPARE)
        self.training = same_moments(model.moments_, frame.moments)
        # Then model and points have the same mean and covariance.
        self.own = self.training and model.covariance == "empirical" and model.core_coverage is None
        self.raw: list[tuple[str, float, float, float, int, str]] = []
        # Nothing is known of points that are too few to measure.
        self.columns: Any = None
        self.principal: Any = None
        self.pairs: Any = None
        self.principal_pairs: Any = None
        self.clouds = self.radial = self.adjusted = self.principal_adjusted = None
        self.far: Any = None
        self.leaning = True
        self.ties, self.hardly_any = "", False
        self.notes: list[str] = []
        self.values: dict = dict.fromkeys(
            ("coverage_gap", "distance_wasserstein", "mardia_skewness", "mardia_kurtosis",
             "shape_auc", "model_auc", "model_coverage_gap", "model_scale",
             "model_support_distance", "tail_degrees_of_freedom"), float("nan"),
        )  # fmt: skip

    def build(self) -> NormalityReport:
        """Return the report.

        Returns
        -------
        NormalityReport
            Of the points in the frame.
        """
        if self.rank == 0 or self.n < 8:
            return self._too_few()
        self._measure_parts()
        if self.joint:
            self._measure_joint()
        checks = self._adjusted_checks()
        model_verdict = self._judge_model(checks)
        self._note_subsamples()
        evidence = self._evidence(checks)
        verdicts = answer_all(evidence, model_verdict)
        name = name_points(evidence)
        if self.far is not None:
            name = self._name_with_outliers()
        elif (
            not evidence.violated("")
            and self.whole
            and not self.ties
            and model_verdict.answer == "no"
        ):
            name += "; but not as the model has it"
        return self._record(name, verdicts, tuple(checks.values()))

    def _evidence(self, checks):
        hollow, ring = self._hollow_and_ring()
        unmixes, spread_depends = self._explain_pairs(checks)
        return Evidence(
            n_samples=self.n, rank=self.rank, joint=self.joint, significance=self.significance,
            visible_gap=self._visible_gap(), checks=checks, clouds=self.clouds,
            names=self._names()[self.frame.support.live],
            odd_components=self.odd, odd_principal=self.odd_principal,
            components=self.columns.shapes, component_pairs=self.pairs,
            principal_pairs=self.principal_pairs, radial=self.radial, hollow=hollow, ring=ring,
            tail=self.values["tail_degrees_of_freedom"], ties=self.ties,
            hardly_any=self.hardly_any,
            outlier_share=self._outlier_share(), unmixes=unmixes, spread_depends=spread_depends,
            leaning=self.leaning,
        )  # fmt: skip

    def _explain_pairs(self, checks) -> tuple[bool, bool]:
        """Whether a linear mixture, or a spread that depends, explains dependent pairs."""
        found = [check for name, check in checks.items() if name.startswith("pair of components")]
        dependent = any(check.violated(self.significance) for check in found)
        if not (self.joint and dependent and 2 <= self.rank <= MOST_UNMIXED):
            return False, False
        rows = subsample(self.n, self.max_points, self.random_state)
        bend = self.pairs.curvature
        first, second = np.unravel_index(bend.argmax(), bend.shape)
        spread = spread_alone_depends(*self.frame.components(rows, [first, second]).T)
        return are_unmixed(self.frame.principal(rows), self.random_state), spread

    def _names(self):
        names = getattr(self.model, "feature_names_in_", None)
        return np.arange(len(self.frame.mean)) if names is None else np.asarray(names, dtype=str)

    def _measure_parts(self):
        self.columns = measure_columns(self.frame, principal=False)
        self.values |= self.columns.ties._asdict()
        self._spread_ties()
        self.principal = measure_columns(self.frame, principal=True)
        self.squared, self.pairs, self.principal_pairs = measure_rows(
            self.frame, self.columns, self.principal
        )
        peaks, view, n_points, pvalues = find_clouds(
            self.frame, self.columns.valleys, self.principal.valleys, self.max_points,
            self.joint, self.random_state,
        )  # fmt: skip
        self.clouds = Clouds(peaks, view, n_points, self.columns.valleys, pvalues)
        if self.whole and self.joint and peaks.n_peaks == 1:
            size = max(self.max_points, 20 * self.rank)
            rows = subsample(self.n, size, self.random_state)
            self.far = far_points(self.frame, rows)
        self._check_parts()

    def _check_parts(self):
        checks, self.adjusted, self.odd = column_checks(
            "component", self.columns.shapes, self.significance
        )
        if len(self.odd) > 1:
            checks += pair_checks("components", self.pairs, self.significance)
        rows, self.principal_adjusted, self.odd_principal = column_checks(
            "principal component", self.principal.shapes, self.significance
        )
        # With as few points as dimensions, principal components are bent by the points.
        if self.joint and self.rank > 1:
            checks += rows + pair_checks(
                "principal components", self.principal_pairs, self.significance
            )
        else:
            self.odd_principal = np.zeros_like(self.odd_principal)
        self.raw += [(*check[:4], self.n, check[4]) for check in checks]

    def _spread_ties(self):
        """Spread values that many points share, and say which components have them."""
        distinct, share = self.columns.ties
        tied = (share > TIED_SHARE) & (share * self.n >= FEWEST_TIED)
        if not tied.any():
            return
        few = tied & (distinct <= FEW_VALUES * self.n)
        if few.any():
            # Columns that are rounded alike are hardly above or below the limit by chance.
            few |= (distinct <= FEW_VALUES * self.n) & (share > TIED_SHARE / 2)
            tied |= few
        said = []
        if few.any():
            low, high = distinct[few].min(), distinct[few].max()
            values = f"{low}" if low == high else f"{low} to {high}"
            said.append(f"{_of_all(few, 'take')} few different values ({values})")
        if (single := tied & ~few).any():
            top = percent(share[single].max())
            said.append(f"{_of_all(single, 'have')} one value at up to {top} of the points")
        self.ties = " and ".join(said)
        self.hardly_any = bool((distinct <= HARDLY_ANY).any())
        self.frame = spread_columns(
            self.frame, np.flatnonzero(self.frame.support.live)[tied], self.random_state
        )
        self.columns = measure_columns(self.frame, principal=False)
        self.notes.append(
            "values that many points share were spread evenly over their part of the axis, "
            "halfway to the next values, before shape was measured"
        )

    def _measure_joint(self):
        n, rank = self.n, self.rank
        reference = reference_distribution(rank, n, training=True)
        gap, wasserstein = distance_gap(self.squared, reference)
        gap_pvalue = distance_gap_pvalue(gap, n, rank, self.random_state)
        kurtosis, kurtosis_effect, kurtosis_p = mardia_kurtosis(self.squared, rank)
        size = skewness_subsample(n, rank)
        rows = subsample(n, size, self.random_state)
        white = whiten_own(self.frame.principal(rows))
        skewness, skewness_effect, skewness_p = mardia_skewness(white)
        self.leaning = skewness_share(white) > LEANING_SHARE
        auc, n_auc, auc_p = self._shape_auc()
        self.values |= {
            "coverage_gap": gap, "distance_wasserstein": wasserstein,
            "mardia_skewness": skewness, "mardia_kurtosis": kurtosis, "shape_auc": auc,
            "tail_degrees_of_freedom": tail_degrees_of_freedom(
                self.squared[subsample(n, 20_000, self.random_state)], rank),
        }  # fmt: skip
        self.raw = [
            (COVERAGE_GAP, gap, KS_TOLERANCE,
             gap_pvalue, n, "simulation"),
            (CLASSIFIER, auc, AUC_TOLERANCE, auc_p, n_auc,
             "Mann-Whitney"),
            ("Mardia kurtosis effect", kurtosis_effect, kurtosis_tolerance(rank),
             kurtosis_p, n, "Pearson III"),
            ("Mardia skewness effect", skewness_effect, SKEWNESS_TOLERANCE,
             skewness_p, size, "chi-squared"),
            *self.raw,
        ]  # fmt: skip
        rows = subsample(n, max(self.max_points, 2 * rank + SPARE), self.random_state)
        self.radial = radial_shape(self.frame, rows, self.random_state)

    def _shape_auc(self):
        """AUC against draws, both with the same mean and covariance."""
        size = min(self.n, max(self.max_points, 2 * self.rank + SPARE))
        rows = subsample(self.n, size, self.random_state)
        drawn = self.random_state.standard_normal((size, self.rank))
        auc = two_sample_auc(self.frame.principal(rows), drawn, self.random_state, own_moments=True)
        held_out = size - size // 2
        auc = max(auc, 1 - auc)
        return auc, size, two_sided(auc, held_out)

    def _judge_model(self, checks) -> Verdict:
        """Compare the points as they came with the distances and draws of the model."""
        frame = self.raw_frame
        against = AgainstModel(
            self.model, frame, self.training, self.own, self.significance, self.max_points,
            self.random_state,
        )  # fmt: skip
        shape = None
        if self.own and self.joint and self.frame is frame:
            shape = checks[COVERAGE_GAP], checks[CLASSIFIER]
        verdict = against.judge(self.joint, shape)
        self.values |= against.values
        return verdict

    def _hollow_and_ring(self) -> tuple[bool, bool]:
        """Whether the centre is empty and points go around it, in all dimensions or a plane."""
        if not self.joint or self.n < 100:
            return False, False
        hollow = central_share(self.squared, self.rank) < HOLLOW_SHARE
        if hollow and self.rank > 2 and is_shell(self.squared):
            return True, True
        rows = subsample(self.n, self.max_points, self.random_state)
        both = ((self.pairs, self.frame.components), (self.principal_pairs, self.frame.principal))
        for pairs, columns_of in both:
            if len(pairs.squares) < 2 or pairs.squares.min() > -SQUARES_TOLERANCE:
                continue
            pair = np.array(np.unravel_index(pairs.squares.argmin(), pairs.squares.shape))
            white = whiten_own(columns_of(rows, pair))
            if central_share(np.square(white).sum(axis=1), 2) < HOLLOW_SHARE:
                hollow = True
                if goes_around(white):
                    return True, True
        return hollow, False

    def _outlier_share(self):
        return 0.0 if self.far is None else float(self.far.mean())

    def _name_with_outliers(self):
        """Name the points that are not far from all others by a report of their own."""
        rest = own_frame(self.points[~self.far])
        steps = ReportSteps(
            self.model, rest, self.significance, self.max_points, self.random_state, whole=False
        )
        share = percent(self._outlier_share())
        name = f"outliers: {share} of the points lie far from all others"
        report = steps.build()
        beyond = [check.name for check in report.checks if check.violated(self.significance)]
        # A few outliers that are left have large moments, and move little else.
        clear = any(not row.endswith(MOMENTS) for row in beyond)
        return f"{name}; without them {report.name}" if clear or not beyond else name

    def _adjusted_checks(self) -> dict[str, Check]:
        pvalues = np.array([row[3] for row in self.raw])
        known = ~np.isnan(pvalues)
        adjusted = np.full(len(pvalues), np.nan)
        if known.any():
            adjusted[known] = stats.false_discovery_control(pvalues[known])
        return {
            name: Check(name, float(effect), tolerance, float(pvalue), float(p), n, test)
            for (name, effect, tolerance, pvalue, n, test), p in zip(
                self.raw, adjusted, strict=True
            )
        }

    def _visible_gap(self) -> float:
        # About the 1 % quantile of the simulated null distribution in few dimensions.
        return 1.3 / np.sqrt(self.n)

    def _note_subsamples(self):
        if self.n > self.max_points:
            self.notes.append(
                f"classifier, search for clouds and the name of the tails rest on "
                f"{self.max_points:,} points each, drawn at random"
            )
        skewness = min(self.n, skewness_subsample(self.n, self.rank))
        if self.joint and skewness < self.n:
            self.notes.append(f"Mardia skewness rests on {skewness:,} points drawn at random")
        dead = int((~self.frame.support.live).sum())
        if dead:
            self.notes.append(self._dead_in_words(dead))
        elif self.rank < len(self.frame.mean):
            self.notes.append(
                f"components are linear combinations of each other: shape is that of the "
                f"{count(self.rank, 'dimension')} in which points vary"
            )
        if not self.joint:
            self.notes.append(
                f"no joint statistics: they need {max(20, 2 * self.rank + SPARE)} points"
            )

        self._note_repeated()

    def _dead_in_words(self, dead):
        variance = np.diag(self.frame.moments.scatter)[~self.frame.support.live]
        verb = "does not vary" if dead == 1 else "do not vary"
        if variance.any():
            verb += ", or by less than the rounding of all components together,"
        return f"{count(dead, 'component')} {verb} and {'is' if dead == 1 else 'are'} left out"

    def _note_repeated(self):
        distinct = len({hash(row.tobytes()) for row in self.points})
        if not self.ties and distinct <= (1 - REPEATED_SHARE) * self.n:
            self.notes.append(
                f"only {distinct:,} of {self.n:,} rows differ; tests take all rows as independent"
            )

    def _too_few(self) -> NormalityReport:
        if self.rank == 0:
            reason = "All points are equal." if self.n > 1 else "There is a single point."
        else:
            reason = f"{self.n} points are too few; at least 8 are needed."
        questions = [
            "one cloud?", "bell-shaped components?", "linear correlations?", "jointly normal?",
            "described by the model?",
        ]  # fmt: skip
        verdicts = tuple(Verdict(question, "unclear", reason) for question in questions)
        return self._record(f"unclear: {reason[0].lower()}{reason[1:-1]}", verdicts, ())

    def _record(self, name, verdicts, checks) -> NormalityReport:
        values = {"n_distinct": None, "top_share": None} | self.values
        return NormalityReport(
            name=name, verdicts=verdicts, checks=checks, n_samples=self.n,
            n_components=len(self.frame.mean), rank=self.rank,
            n_fitted=self.model.n_samples_seen_, training=self.training,
            significance=self.significance, visible_gap=self._visible_gap(),
            live=self.frame.support.live,
            components=self.columns and self.columns.shapes,
            principal_components=self.principal and self.principal.shapes,
            component_adjusted_pvalues=self.adjusted,
            principal_adjusted_pvalues=self.principal_adjusted,
            component_pairs=self.pairs, principal_pairs=self.principal_pairs,
            clouds=self.clouds, outlier_share=self._outlier_share(),
            notes=tuple(self.notes), **values,
        )  # fmt: skip


def _of_all(which, verb) -> str:
    verb = {"take": "takes", "have": "has"}[verb] if which.sum() == 1 else verb
    return f"{which.sum()} of {count(len(which), 'component')} {verb}"
