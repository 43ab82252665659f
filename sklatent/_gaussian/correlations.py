"""The strongest correlations of latent components, and how well they are known."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special
from sklearn.utils import gen_batches

from sklatent._covariance.support import Normal
from sklatent._tables import TabularRecord, format_numbers, format_table
from sklatent._typing import AnyArray, BoolArray, FloatArray, IntArray

__all__ = [
    "CorrelatedPairs",
    "bootstrap_intervals",
    "chance_correlation",
    "correlated_pairs",
    "fisher_intervals",
    "strongest_pairs",
]

CHUNK_ROWS = 8192
CHUNK_RESAMPLES = 32
NO_VARIANCE = 1e-12
ROUNDING = 10.0
SHOWN = 20


@dataclass(frozen=True, eq=False, repr=False)
class CorrelatedPairs(TabularRecord):
    """The most strongly correlated pairs of components, with confidence intervals.

    Attributes
    ----------
    pairs : ndarray of shape (k, 2), dtype int
        Indices of the components, the smaller one first; strongest pairs first.
    names : ndarray of shape (k, 2)
        Names of the components, or their indices.
    correlations : ndarray of shape (k,)
        Pearson coefficients of the model, in [-1, 1].
    low, high : ndarray of shape (k,)
        Ends of the confidence intervals, in [-1, 1].
    confidence_level : float
        Probability, in (0, 1), that one interval holds the true coefficient.
    method : {"fisher", "bootstrap"}
        How the intervals were made.
    n_samples : int
        Number of points behind them.
    n_pairs : int
        Number of all pairs of components that vary, from which the k were taken.
    chance_level : float
        What the strongest of so many pairs reaches by chance, in [0, 1]: if all were
        independent and normal, with probability 1 - `confidence_level` at most.

    See Also
    --------
    LatentGaussianModel.correlated_pairs : Makes this record.
    """

    pairs: IntArray
    names: AnyArray
    correlations: FloatArray
    low: FloatArray
    high: FloatArray
    confidence_level: float
    method: Literal["fisher", "bootstrap"]
    n_samples: int
    n_pairs: int
    chance_level: float

    def to_dict(self) -> dict[str, AnyArray]:
        """Return the numbers of each pair by name.

        Returns
        -------
        dict of str to ndarray of shape (k,)
            "first", "second", "correlation", "low" and "high".

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> X = [[0.0, 0.0], [1.0, 1.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0]]
        >>> LatentGaussianModel().fit(X).correlated_pairs().to_dict()["low"].round(3)
        array([-0.069])
        """
        return {
            "first": self.names[:, 0],
            "second": self.names[:, 1],
            "correlation": self.correlations,
            "low": self.low,
            "high": self.high,
        }

    def _labels(self) -> tuple[AnyArray, str]:
        return np.arange(1, len(self.pairs) + 1), "rank"

    def __repr__(self) -> str:
        k, level = len(self.pairs), f"{100 * self.confidence_level:g} %"
        title = (
            f"Strongest correlations, {k:,} of {self.n_pairs:,} pairs, with {level} intervals "
            f"({self.method}, {self.n_samples:,} points)"
        )
        if k > SHOWN:
            title += f"; the first {SHOWN} are shown, {k - SHOWN:,} are left out"
        if k == 0:
            return title
        numbers = self.to_dict()
        columns = {
            "components": [f"{a}, {b}" for a, b in self.names[:SHOWN]],
            "correlation": format_numbers(self.correlations[:SHOWN], 3),
            "low": format_numbers(numbers["low"][:SHOWN], 3),
            "high": format_numbers(numbers["high"][:SHOWN], 3),
        }
        return (
            f"{title}\n\n{format_table(columns)}\n\n"
            f"Each interval is for its pair alone. Among {self.n_pairs:,} independent pairs the "
            f"strongest\nwould reach {self.chance_level:.3f} with a probability of at most "
            f"{100 * (1 - self.confidence_level):.3g} %: below that, strength may be chance."
        )


def correlated_pairs(
    normal: Normal,
    n_samples: int,
    names: AnyArray,
    k: int,
    confidence_level: float,
    bootstrap: tuple[FloatArray, int, np.random.RandomState] | None = None,
) -> CorrelatedPairs:
    """Return the k strongest pairs of a normal of `n_samples` points, with Fisher's intervals.

    `bootstrap`, of points (n, d), a number of draws and their source, gives those of the bootstrap.
    """
    pairs = strongest_pairs(normal.correlation, normal.live, k)
    correlations = normal.correlation[pairs[:, 0], pairs[:, 1]]
    if bootstrap is None:
        low, high = fisher_intervals(correlations, n_samples, confidence_level)
    else:
        low, high = bootstrap_intervals(pairs, confidence_level, *bootstrap)
    n_pairs = int(normal.live.sum() * (normal.live.sum() - 1) // 2)
    return CorrelatedPairs(
        pairs=pairs,
        names=names[pairs],
        correlations=correlations,
        low=low,
        high=high,
        confidence_level=confidence_level,
        method="bootstrap" if bootstrap else "fisher",
        n_samples=len(bootstrap[0]) if bootstrap else n_samples,
        n_pairs=n_pairs,
        chance_level=chance_correlation(n_samples, n_pairs, confidence_level),
    )


def strongest_pairs(correlation: FloatArray, live: BoolArray, k: int) -> IntArray:
    """Return the k pairs (k, 2) of live components of the largest absolute correlation.

    They stand in decreasing order, the smaller index first; fewer where there are fewer pairs.
    """
    index = np.flatnonzero(live)
    first, second = np.triu_indices(len(index), 1)
    first, second = index[first], index[second]
    weakness = -np.abs(correlation[first, second])
    order = np.argsort(weakness, kind="stable")[:k]
    return np.column_stack([first[order], second[order]])


def fisher_intervals(
    correlations: FloatArray, n_samples: int, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    r"""Return confidence intervals (k,), (k,) of Pearson coefficients by Fisher's transform.

    For normal pairs :math:`\operatorname{artanh} r` is about normal with the standard
    deviation :math:`1 / \sqrt{n - 3}` [1]_. Heavy tails make the intervals too short.

    References
    ----------
    .. [1] R. A. Fisher, "On the probable error of a coefficient of correlation deduced from
       a small sample", Metron 1, 3-32, 1921.
    """
    if n_samples <= 3:
        return np.full_like(correlations, -1.0), np.full_like(correlations, 1.0)
    half = -special.ndtri((1 - confidence_level) / 2) / np.sqrt(n_samples - 3)
    with np.errstate(divide="ignore"):
        transformed = np.arctanh(correlations)
    return np.tanh(transformed - half), np.tanh(transformed + half)


def chance_correlation(n_samples: int, n_pairs: int, confidence_level: float) -> float:
    r"""Return what the strongest of many correlations of independent components reaches.

    By Bonferroni's inequality and Fisher's transform, :math:`\tanh(z / \sqrt{n - 3})` with
    :math:`z` the :math:`1 - \alpha / 2m` quantile of the standard normal is exceeded by any of m
    correlations of n independent normal points with probability :math:`\alpha` at most.
    """
    if n_pairs == 0:
        return 0.0
    if n_samples <= 3:
        return 1.0
    quantile = -special.ndtri((1 - confidence_level) / (2 * n_pairs))
    return float(np.tanh(quantile / np.sqrt(n_samples - 3)))


def bootstrap_intervals(
    pairs: IntArray,
    confidence_level: float,
    X: FloatArray,
    n_resamples: int,
    rng: np.random.RandomState,
) -> tuple[FloatArray, FloatArray]:
    """Return percentile bootstrap intervals (k,), (k,) of the Pearson coefficients of columns.

    Rows are drawn again, n at a time, with replacement [1]_; the same rows for all pairs.
    The intervals assume no distribution, and are NaN where a column does not vary. Rows are
    weighed by how often they were drawn, so
    that nothing is copied: memory beyond `X` is about 32 n values.

    References
    ----------
    .. [1] B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall,
       1993, chapter 13.
    """
    used, places = np.unique(pairs, return_inverse=True)
    first, second = places.reshape(pairs.shape).T
    mean, scale = _means_and_scales(X, used)
    drawn = np.empty((n_resamples, len(pairs)))
    for batch in gen_batches(n_resamples, CHUNK_RESAMPLES):
        counts = _draw_counts(len(X), batch.stop - batch.start, rng)
        sums = np.zeros((len(counts), 2 * len(used) + len(pairs)))
        for rows in gen_batches(len(X), CHUNK_ROWS):
            z = (X[rows][:, used] - mean) * scale
            sums += counts[:, rows] @ np.hstack([z, z * z, z[:, first] * z[:, second]])
        ends = len(used), 2 * len(used)
        means, squares, products = np.split(sums / len(X), ends, axis=1)
        deviations = _roots(squares - means**2)
        covariances = products - means[:, first] * means[:, second]
        drawn[batch] = covariances / (deviations[:, first] * deviations[:, second])
    return _percentiles(drawn.clip(-1, 1), confidence_level)


def _means_and_scales(X: FloatArray, columns: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return means and inverse deviations of columns; NaN for one that does not vary."""
    eps = np.finfo(X.dtype if X.dtype.kind == "f" else np.float64).eps
    mean = np.array([X[:, column].mean(dtype=np.float64) for column in columns])
    std = np.array([X[:, column].std(dtype=np.float64) for column in columns])
    return mean, 1 / np.where(std > ROUNDING * eps * np.abs(mean), std, np.nan)


def _draw_counts(n: int, size: int, rng: np.random.RandomState) -> FloatArray:
    counts = np.empty((size, n))
    for row in counts:
        row[:] = np.bincount(rng.randint(n, size=n), minlength=n)
    return counts


def _roots(variances: FloatArray) -> FloatArray:
    """Square roots, NaN where a draw of few different rows left a column no variance."""
    return np.sqrt(np.where(variances > NO_VARIANCE, variances, np.nan))


def _percentiles(drawn: FloatArray, confidence_level: float) -> tuple[FloatArray, FloatArray]:
    tail = (1 - confidence_level) / 2
    ends = np.full((2, drawn.shape[1]), np.nan)
    known = ~np.isnan(drawn).all(axis=0)
    ends[:, known] = np.nanquantile(drawn[:, known], [tail, 1 - tail], axis=0)
    return ends[0], ends[1]
