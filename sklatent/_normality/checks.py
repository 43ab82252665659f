"""Effect sizes of columns and pairs, beside their tolerances and corrected p-values."""

import numpy as np
from scipy import stats

from .columns import KS_TOLERANCE, KURTOSIS_TOLERANCE, SKEWNESS_TOLERANCE
from .pairs import CURVATURE_TOLERANCE, SQUARES_TOLERANCE

__all__ = ["column_checks", "pair_checks"]


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
    checks : list of (str, float, float, float, str)
        Name, effect, tolerance and p-value of the column that shows most, and its test.
    adjusted : ndarray of shape (k,)
        P-values of the three tests together after the Benjamini-Hochberg correction.
    odd : ndarray of shape (k,), dtype bool
        Columns beyond tolerance and chance.
    """
    limits = KS_TOLERANCE, SKEWNESS_TOLERANCE, KURTOSIS_TOLERANCE
    rows = (
        ("KS distance", shapes.ks_distance, shapes.ks_pvalue, "Lilliefors"),
        ("skewness", shapes.skewness, shapes.skewness_pvalue, "D'Agostino"),
        ("excess kurtosis", shapes.excess_kurtosis, shapes.kurtosis_pvalue, "Anscombe-Glynn"),
    )
    checks, odd = [], np.zeros(len(shapes.pvalue), dtype=bool)
    for (name, values, pvalues, test), tolerance in zip(rows, limits, strict=True):
        adjusted = _over_columns(pvalues)
        odd |= (3 * adjusted < significance) & (np.abs(values) > tolerance)
        worst = _most_telling(np.abs(values), adjusted, significance)
        checks.append((f"{kind}: {name}", values[worst], tolerance, adjusted[worst], test))
    return checks, _over_columns(shapes.pvalue), odd


def _over_columns(pvalues):
    if np.isnan(pvalues).any():
        return np.full(len(pvalues), np.nan)
    return stats.false_discovery_control(pvalues)


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
    list of (str, float, float, float, str)
        Name, effect, tolerance and p-value of the pair that shows most, and its test.
    """
    checks = []
    upper = np.triu_indices(len(pairs.squares), 1)
    off = ~np.eye(len(pairs.squares), dtype=bool)
    rows = (
        ("bend", pairs.curvature[off], pairs.curvature_pvalue[off], "chi-squared of ranks"),
        ("squares together", pairs.squares[upper], pairs.squares_pvalue[upper], "z of ranks"),
    )
    tolerances = (CURVATURE_TOLERANCE, SQUARES_TOLERANCE)
    for (name, values, pvalues, test), tolerance in zip(rows, tolerances, strict=True):
        adjusted = stats.false_discovery_control(pvalues)
        worst = _most_telling(np.abs(values), adjusted, significance)
        checks.append((f"pair of {kind}: {name}", values[worst], tolerance, adjusted[worst], test))
    return checks


def _most_telling(size, adjusted, significance):
    """Index of the largest effect among those beyond chance, or of all if none is."""
    beyond = adjusted < significance
    return int(np.where(beyond, size, -1.0).argmax() if beyond.any() else size.argmax())
