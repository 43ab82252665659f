"""Maps of single components to normal scores, and back."""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from sklatent._typing import FloatArray

__all__ = ["NormalScores", "fit_empirical", "fit_smoothed", "normal_scores"]

N_CENTRES = 1000
N_KNOTS = 200


@dataclass(frozen=True)
class NormalScores:
    """An increasing map from knots (k,) in latent units to their scores, straight in between.

    Beyond the outer knots it goes on straight where `tails` says so, which gives the component
    normal tails; else it ends there.
    """

    x: FloatArray
    scores: FloatArray
    tails: bool

    def forward(self, x: FloatArray) -> FloatArray:
        """Return normal scores of values in latent units."""
        return _straight(x, self.x, self.scores, self.tails)

    def inverse(self, scores: FloatArray) -> FloatArray:
        """Return the values in latent units of normal scores."""
        return _straight(scores, self.scores, self.x, self.tails)

    def log_slope(self, x: FloatArray) -> FloatArray:
        """Return the logarithm of the map's slope at values in latent units."""
        cell = np.clip(np.searchsorted(self.x, x, side="right") - 1, 0, len(self.x) - 2)
        return np.log(np.diff(self.scores) / np.diff(self.x))[cell]


def _straight(at: FloatArray, x: FloatArray, y: FloatArray, tails: bool) -> FloatArray:
    value = np.interp(at, x, y)
    if tails:
        value += np.minimum(at - x[0], 0) * (y[1] - y[0]) / (x[1] - x[0])
        value += np.maximum(at - x[-1], 0) * (y[-1] - y[-2]) / (x[-1] - x[-2])
    return value


def normal_scores(X: FloatArray) -> FloatArray:
    r"""Return :math:`\Phi^{-1}(r / (n + 1))` with ranks r of each column, ties at their mean."""
    return special.ndtri(stats.rankdata(X, axis=0) / (len(X) + 1))


def fit_empirical(x: FloatArray) -> NormalScores:
    """Return the map whose inverse is the empirical quantile function of `x`, without tails.

    The i-th smallest of n values is the quantile at (i - 1/2) / n, with straight lines
    in normal scores between them; nothing lies beyond the smallest and the largest.
    """
    n = len(x)
    return NormalScores(np.sort(x), special.ndtri((np.arange(n) + 0.5) / n), tails=False)


def fit_smoothed(x: FloatArray) -> NormalScores:
    r"""Return the map to normal scores of a kernel estimate of the distribution of `x`.

    Normal kernels of Silverman's bandwidth :math:`0.9 \min(s, q / 1.349) n^{-1/5}` stand on
    the values, or on a thousand quantiles of more; s is their standard deviation and q the
    distance of their quartiles. The distribution function is taken at 200 knots from the
    smallest to the largest of these, dense where values are. Beyond them, tails are normal.
    B. W. Silverman, "Density Estimation for Statistics and Data Analysis", 1986, equation 3.31.
    """
    n = len(x)
    centres = np.sort(x)
    spread = x.std()
    quartiles = (np.quantile(centres, 0.75) - np.quantile(centres, 0.25)) / 1.349
    width = 0.9 * (min(spread, quartiles) or spread) * n**-0.2
    if n > N_CENTRES:
        centres = np.quantile(centres, (np.arange(N_CENTRES) + 0.5) / N_CENTRES)
    levels = special.ndtr(np.linspace(-3.0, 3.0, N_KNOTS - 2))
    knots = np.unique(np.concatenate([centres[[0, -1]], np.quantile(centres, levels)]))
    below = special.ndtr((knots[:, None] - centres) / width).mean(axis=1)
    above = special.ndtr((centres - knots[:, None]) / width).mean(axis=1)
    scores = np.where(below < 0.5, special.ndtri(below), -special.ndtri(above))
    # Knots that rounding cannot tell apart in their scores are left out.
    kept = np.append(True, np.diff(scores) > 1e-9)
    return NormalScores(knots[kept], scores[kept], tails=True)
