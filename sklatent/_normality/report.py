"""The record that `LatentGaussianModel.normality_report` returns, and its printed page."""

from dataclasses import dataclass
from textwrap import fill
from typing import Literal, TypeAlias, get_args

import numpy as np

from sklatent._tables import TabularRecord, count
from sklatent._typing import AnyArray, BoolArray, FloatArray, IntArray

from .columns import ColumnShapes
from .modality import Peaks
from .pairs import PairDependence

__all__ = ["Check", "Clouds", "Measurements", "NormalityReport", "Verdict"]

WIDTH = 88
NAN = float("nan")

Question: TypeAlias = Literal[
    "one cloud?",
    "bell-shaped components?",
    "linear correlations?",
    "jointly normal?",
    "described by the model?",
]
QUESTIONS: tuple[Question, ...] = get_args(Question)
Answer: TypeAlias = Literal["yes", "mostly", "no", "unclear", "n/a"]
Reply: TypeAlias = tuple[Answer, str]
"""An answer and its reason."""
ColumnSubject: TypeAlias = Literal["component", "principal component"]
PairSubject: TypeAlias = Literal["pair of components", "pair of principal components"]
Subject: TypeAlias = Literal["joint shape"] | ColumnSubject | PairSubject
JointStatistic: TypeAlias = Literal[
    "coverage gap", "classifier AUC", "Mardia kurtosis", "Mardia skewness"
]
ColumnStatistic: TypeAlias = Literal["KS distance", "skewness", "excess kurtosis"]
PairStatistic: TypeAlias = Literal["bend", "squares together"]
Statistic: TypeAlias = JointStatistic | ColumnStatistic | PairStatistic
# Of the joint shape there is one of each, so that the subject goes without saying.
JOINT_LABELS: dict[Statistic, str] = {
    "coverage gap": "coverage gap of squared distances",
    "classifier AUC": "classifier AUC against normal draws",
    "Mardia kurtosis": "Mardia kurtosis effect",
    "Mardia skewness": "Mardia skewness effect",
}


@dataclass(frozen=True)
class Verdict:
    """Answer to one question.

    Attributes
    ----------
    question : str
        For example "one cloud?".
    answer : {"yes", "mostly", "no", "unclear", "n/a"}
        "mostly" where at most a tenth of the components deviate, or by little, "unclear" where
        the points cannot tell, as where they are fewer than 60 and nothing speaks against a
        "yes", "n/a" where the question does not apply.
    reason : str
        What the answer rests on, in a sentence.
    """

    question: Question
    answer: Answer
    reason: str


@dataclass(frozen=True)
class Check:
    """One effect size, its tolerance and its test.

    Attributes
    ----------
    subject : str
        What it is about: "joint shape", or the one that shows most of all columns ("component",
        "principal component") or pairs ("pair of components", "pair of principal components").
    statistic : str
        What is measured: of the joint shape "coverage gap", "classifier AUC", "Mardia kurtosis"
        or "Mardia skewness", of columns "KS distance", "skewness" or "excess kurtosis", of
        pairs "bend" or "squares together".
    name : str
        Both in words, as the page has them.
    effect : float
        Effect size; NaN where it could not be measured.
    tolerance : float
        Largest absolute effect that is passed over, however significant.
    pvalue : float
        Chance of such an effect under a normal, in [0, 1], by `test` and for the column or
        pair that `effect` belongs to, corrected for the number of those that were looked at.
    adjusted_pvalue : float
        The same after the Benjamini-Hochberg correction over all checks.
    n_samples : int
        Number of points that it rests on.
    test : str
        The test behind the p-value.
    """

    subject: Subject
    statistic: Statistic
    effect: float
    tolerance: float
    pvalue: float
    adjusted_pvalue: float
    n_samples: int
    test: str

    @property
    def name(self) -> str:
        """What is measured, in words."""
        return JOINT_LABELS.get(self.statistic, f"{self.subject}: {self.statistic}")

    def violated(self, significance: float) -> bool:
        """Return whether the effect is beyond its tolerance and beyond chance.

        Parameters
        ----------
        significance : float
            Largest adjusted p-value that counts as beyond chance.

        Returns
        -------
        bool
            False where the effect is NaN.
        """
        return abs(self.effect) > self.tolerance and self.adjusted_pvalue < significance


@dataclass(frozen=True)
class Clouds:
    """What was found when looking for several clouds.

    Attributes
    ----------
    peaks : Peaks
        Separate peaks of the density, in the view that shows most of them.
    view : str
        Which coordinates that view consists of.
    n_samples : int
        Number of points in the view.
    component_valleys : ndarray of shape (d_live,)
        Depth of the valley in each varying component: density of the lower peak over
        that of the valley, 1 for a single peak.
    component_pvalues : ndarray of shape (d_live,)
        Chance of such a valley with a single flat peak.
    """

    peaks: Peaks
    view: str
    n_samples: int
    component_valleys: FloatArray
    component_pvalues: FloatArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Measurements:
    """What is measured of points and model; fields as in `NormalityReport`."""

    n_samples: int
    n_components: int
    rank: int
    n_fitted: int
    training: bool
    significance: float
    visible_gap: float
    live: BoolArray
    components: ColumnShapes | None = None
    principal_components: ColumnShapes | None = None
    component_adjusted_pvalues: FloatArray | None = None
    principal_adjusted_pvalues: FloatArray | None = None
    component_pairs: PairDependence | None = None
    principal_pairs: PairDependence | None = None
    clouds: Clouds | None = None
    coverage_gap: float = NAN
    distance_wasserstein: float = NAN
    mardia_skewness: float = NAN
    mardia_kurtosis: float = NAN
    shape_auc: float = NAN
    model_auc: float = NAN
    model_coverage_gap: float = NAN
    model_scale: float = NAN
    model_support_distance: float = NAN
    tail_degrees_of_freedom: float = NAN
    n_distinct: IntArray | None = None
    top_share: FloatArray | None = None
    outlier_share: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class NormalityReport(Measurements, TabularRecord):
    """How normal a set of latent points is, and how well a model describes them.

    ``print(report)`` gives one page. Shape is measured on the points'
    own mean and covariance, so it does not depend on the model; the last question
    and the fields that start with ``model_`` compare the points with the model.

    Attributes
    ----------
    name : str
        What the points are, in one line.
    verdicts : tuple of Verdict
        "one cloud?", "bell-shaped components?", "linear correlations?", "jointly
        normal?", "described by the model?", in this order.
    checks : tuple of Check
        Effect sizes with tolerances and tests; those that could not be made are left out.
    n_samples, n_components, rank, n_fitted : int
        Number of points, of components, dimension of the points' support, and number
        of points that the model was fitted to.
    training : bool
        Whether the points are those that the model was fitted to.
    significance : float
        Rate at which a verdict on truly normal points may be "no".
    visible_gap : float
        Smallest coverage gap that n points can tell from chance.
    live : ndarray of shape (d,), dtype bool
        Whether a component varies. The others have no shape.
    components, principal_components : ColumnShapes or None
        Shape of each varying component, (d_live,), and of each principal component of
        the standardised components, (rank,).
    component_adjusted_pvalues, principal_adjusted_pvalues : ndarray
        Their `pvalue`, for all three tests of a column together, after the
        Benjamini-Hochberg correction over the columns.
    component_pairs, principal_pairs : PairDependence or None
        Dependence that no linear correlation explains, (k, k); the squares of
        principal components are ``principal_pairs.squares``.
    clouds : Clouds or None
        Check for several modes.
    coverage_gap, distance_wasserstein : float
        Largest gap between the share of points inside an ellipsoid and the share that
        a normal has there, and the 1-D Wasserstein distance of squared
        distances in units of their standard deviation under a normal.
    mardia_skewness, mardia_kurtosis : float
        Mardia's statistics; `checks` has their effect sizes.
    shape_auc : float
        How well a classifier tells the points from normal draws with the same mean and
        covariance, on held-out points: 0.5 for not at all. An area A below 0.5 also tells
        them apart and is given as 1 - A. The p-value is two-sided.
    model_auc : float
        The same for draws from the model.
    model_coverage_gap : float
        Coverage gap of the squared distances that the model gives.
    model_scale : float
        Mean squared distance in the model over that of a normal: 1 by construction where the
        points are those that an "empirical" model was fitted to.
    model_support_distance : float
        Mean distance of the points from the model's support, in latent units: 0 at full
        rank, for the points that it was fitted to, and where rounding accounts for it.
    tail_degrees_of_freedom : float
        Of the multivariate t whose radii fit best: large for a normal.
    n_distinct, top_share : ndarray of shape (d_live,) or None
        Number of different values of each varying component, and the share of the points, in
        (0, 1], at the commonest of them.
    outlier_share : float
        Share of the points, in [0, 1], that lie far from all others where those are about
        normal.
    notes : tuple of str
        What was left out or rests on a part of the points, and why.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> Z = np.random.default_rng(0).normal(size=(400, 2))
    >>> report = LatentGaussianModel().fit(Z).normality_report(Z, random_state=0)
    >>> report.name
    'normal, as far as 400 points can tell'
    >>> [verdict.answer for verdict in report.verdicts]
    ['yes', 'yes', 'yes', 'yes', 'yes']
    """

    name: str
    verdicts: tuple[Verdict, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, AnyArray]:
        """Return the table of effect sizes, the rows of `checks`, by name.

        Returns
        -------
        dict of str to ndarray of shape (c,)
            "effect", "tolerance", "pvalue", "adjusted_pvalue", "n_samples", "test" and
            "violated", whether a row is beyond what is tolerated and beyond chance.

        Examples
        --------
        >>> import numpy as np
        >>> from sklatent import LatentGaussianModel
        >>> Z = np.random.default_rng(0).normal(size=(400, 2))
        >>> report = LatentGaussianModel().fit(Z).normality_report(Z, random_state=0)
        >>> report.to_dict()["violated"].any()
        np.False_
        """
        names = ("effect", "tolerance", "pvalue", "adjusted_pvalue", "n_samples", "test")
        rows = {name: np.array([getattr(check, name) for check in self.checks]) for name in names}
        violated = [check.violated(self.significance) for check in self.checks]
        return rows | {"violated": np.array(violated, dtype=bool)}

    def _labels(self) -> tuple[AnyArray, str]:
        return np.array([check.name for check in self.checks]), "check"

    def __str__(self) -> str:
        return "\n".join([*_head(self), "", *_answers(self), "", *_table(self), *_foot(self)])

    def __repr__(self) -> str:
        return f"<NormalityReport of {self.n_samples:,} points: {self.name}>"


def _head(report: NormalityReport) -> list[str]:
    origin = "these" if report.training else "not these"
    lines = [
        f"Normality of {count(report.n_samples, 'latent point')} with "
        f"{count(report.n_components, 'component')}",
        f"(they vary in {count(report.rank, 'dimension')}; the model was fitted to "
        f"{count(report.n_fitted, 'point')}, {origin})",
        "",
    ]
    return [*lines, fill(f"In short: {report.name}.", WIDTH)]


def _answers(report: NormalityReport) -> list[str]:
    lines: list[str] = []
    for verdict in report.verdicts:
        start = f"  {verdict.question:<25}{verdict.answer.upper():<9}"
        lines.append(
            fill(verdict.reason, WIDTH, initial_indent=start, subsequent_indent=" " * len(start))
        )
    return lines


def _table(report: NormalityReport) -> list[str]:
    if not report.checks:
        return []
    lines = [f"  {'effect size':<47}{'value':>8}{'tolerated':>11}{'p':>9}{'points':>9}"]
    for check in report.checks:
        if np.isnan(check.effect) or np.isnan(check.adjusted_pvalue):
            continue
        mark = " *" if check.violated(report.significance) else ""
        lines.append(
            f"  {check.name:<47}{check.effect:>8.3f}{_tolerance(check):>11}"
            f"{_pvalue(check.adjusted_pvalue):>9}{check.n_samples:>9,}{mark}"
        )
    tail = report.tail_degrees_of_freedom
    if np.isnan(tail):
        return lines
    degrees = "above 100, tails no heavier than a normal" if tail > 100 else f"{tail:.1f}"
    lines += [
        f"  {'Wasserstein distance of squared distances':<47}{report.distance_wasserstein:>8.3f}",
        f"  {'degrees of freedom of the closest t: ' + degrees}",
    ]
    return lines


def _tolerance(check: Check) -> str:
    return f"{check.tolerance:.2g}" if check.tolerance >= 0.01 else f"{check.tolerance:.4f}"


def _pvalue(pvalue: float) -> str:
    if np.isnan(pvalue):
        return "-"
    return "< 0.001" if pvalue < 0.001 else f"{pvalue:.3f}"


def _foot(report: NormalityReport) -> list[str]:
    rule = (
        f"* beyond what is tolerated and beyond chance (p < {report.significance:g}). Tolerated "
        "is the effect at which five points of a hundred would have to move to be normal. A "
        "question gets a 'no' on truly normal "
        f"points in about {100 * report.significance:g} of 100 reports. p belongs to the value "
        "beside it, that of the column or pair that shows most, and is corrected "
        "(Benjamini-Hochberg) over columns or pairs and over the rows. Tests: "
        f"{_tests(report)}."
    )
    notes = [fill(f"- {note}", WIDTH, subsequent_indent="  ") for note in report.notes]
    return ["", fill(rule, WIDTH), *notes] if report.checks else ["", *notes]


def _tests(report: NormalityReport) -> str:
    """Name each test once, after the first row that it belongs to."""
    names: dict[str, Statistic] = {}
    for check in report.checks:
        names.setdefault(check.test, check.statistic)
    return ", ".join(f"{test} ({name})" for test, name in names.items())
