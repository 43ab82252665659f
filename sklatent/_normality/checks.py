"""Effect sizes of columns and pairs, beside their tolerances and corrected p-values."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import stats

from sklatent._typing import BoolArray, FloatArray

from .columns import KS_TOLERANCE, KURTOSIS_TOLERANCE, SKEWNESS_TOLERANCE, ColumnShapes
from .pairs import CURVATURE_TOLERANCE, SQUARES_TOLERANCE, PairDependence
from .report import NAN, Check, ColumnSubject, PairSubject, Statistic, Subject

__all__ = ["ColumnChecks", "adjust", "beyond", "column_checks", "pair_checks"]


class ColumnChecks(NamedTuple):
    """Checks, adjusted p-values of the k columns, and which are beyond tolerance and chance."""

    checks: list[Check]
    adjusted: FloatArray
    odd: BoolArray


class _Row(NamedTuple):
    """Values of one statistic for all columns or pairs, beside its tolerance and test."""

    statistic: Statistic
    values: FloatArray
    pvalues: FloatArray
    tolerance: float
    test: str

    @property
    def adjusted(self) -> FloatArray:
        """P-values after the Benjamini-Hochberg correction."""
        return _adjusted(self.pvalues)

    def check(self, subject: Subject, n_samples: int, significance: float) -> Check:
        """Return the largest effect among those beyond chance, or of all if none is."""
        size, adjusted = np.abs(self.values), self.adjusted
        sure = adjusted < significance
        worst = int(np.where(sure, size, -1.0).argmax() if sure.any() else size.argmax())
        effect, pvalue = float(self.values[worst]), float(adjusted[worst])
        numbers = effect, self.tolerance, pvalue, NAN, n_samples
        return Check(subject, self.statistic, *numbers, self.test)


def column_checks(
    subject: ColumnSubject, shapes: ColumnShapes, n_samples: int, significance: float
) -> ColumnChecks:
    """Return the checks of columns; their adjusted p-values take three tests together."""
    skewness, kurtosis = shapes.skewness, shapes.excess_kurtosis
    rows = (
        _Row("KS distance", shapes.ks_distance, shapes.ks_pvalue, KS_TOLERANCE, "Lilliefors"),
        _Row("skewness", skewness, shapes.skewness_pvalue, SKEWNESS_TOLERANCE, "D'Agostino"),
        _Row(
            "excess kurtosis",
            kurtosis,
            shapes.kurtosis_pvalue,
            KURTOSIS_TOLERANCE,
            "Anscombe-Glynn",
        ),
    )
    odd = np.zeros(len(shapes.pvalue), dtype=bool)
    for row in rows:
        odd |= (3 * row.adjusted < significance) & (np.abs(row.values) > row.tolerance)
    checks = [row.check(subject, n_samples, significance) for row in rows]
    return ColumnChecks(checks, _adjusted(shapes.pvalue), odd)


def pair_checks(
    subject: PairSubject, pairs: PairDependence, n_samples: int, significance: float
) -> list[Check]:
    """Return the checks of all pairs of at least two columns."""
    upper = np.triu_indices(len(pairs.squares), 1)
    off = ~np.eye(len(pairs.squares), dtype=bool)
    bends, bend_pvalues = pairs.curvature[off], pairs.curvature_pvalue[off]
    squares, square_pvalues = pairs.squares[upper], pairs.squares_pvalue[upper]
    rows = (
        _Row("bend", bends, bend_pvalues, CURVATURE_TOLERANCE, "chi-squared of ranks"),
        _Row("squares together", squares, square_pvalues, SQUARES_TOLERANCE, "z of ranks"),
    )
    return [row.check(subject, n_samples, significance) for row in rows]


def adjust(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Return checks whose p-values are corrected for the number of those that were tested."""
    pvalues = np.array([check.pvalue for check in checks])
    adjusted, known = np.full(len(pvalues), np.nan), ~np.isnan(pvalues)
    if known.any():
        adjusted[known] = stats.false_discovery_control(pvalues[known])
    return tuple(
        replace(check, adjusted_pvalue=float(p)) for check, p in zip(checks, adjusted, strict=True)
    )


def beyond(
    checks: Sequence[Check],
    significance: float,
    *subjects: Subject,
    statistic: Statistic | None = None,
) -> list[Check]:
    """Return violated checks, of some subjects or all, and of one statistic or all."""
    return [
        check
        for check in checks
        if (not subjects or check.subject in subjects)
        and statistic in (None, check.statistic)
        and check.violated(significance)
    ]


def _adjusted(pvalues: FloatArray) -> FloatArray:
    """Benjamini-Hochberg adjusted p-values; all are NaN where one is."""
    if np.isnan(pvalues).any():
        return np.full(len(pvalues), np.nan)
    return stats.false_discovery_control(pvalues)
