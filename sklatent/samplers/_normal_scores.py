"""Maps of single components to normal scores, and back."""

import numpy as np
from scipy import special, stats

__all__ = ["NormalScores", "fit_empirical", "fit_smoothed", "normal_scores"]

N_CENTRES = 1000
N_KNOTS = 200


class NormalScores:
    """A continuous increasing map of a component to normal scores, straight between knots.

    Beyond the outer knots it goes on straight where `tails` says so, which gives the component
    normal tails; else it ends there.

    Parameters
    ----------
    x : ndarray of shape (k,)
        Knots in latent units, in increasing order, at least 2 that differ.
    scores : ndarray of shape (k,)
        Their normal scores, in increasing order.
    tails : bool
        Whether the map goes on beyond the knots.
    """

    def __init__(self, x, scores, tails: bool):
        self.x, self.scores, self.tails = x, scores, tails

    def forward(self, x):
        """Return normal scores of values in latent units."""
        return _straight(x, self.x, self.scores, self.tails)

    def inverse(self, scores):
        """Return the values in latent units of normal scores."""
        return _straight(scores, self.scores, self.x, self.tails)

    def log_slope(self, x):
        """Return the logarithm of the map's slope at values in latent units."""
        cell = np.clip(np.searchsorted(self.x, x, side="right") - 1, 0, len(self.x) - 2)
        return np.log(np.diff(self.scores) / np.diff(self.x))[cell]


def _straight(at, x, y, tails: bool):
    value = np.interp(at, x, y)
    if tails:
        value += np.minimum(at - x[0], 0) * (y[1] - y[0]) / (x[1] - x[0])
        value += np.maximum(at - x[-1], 0) * (y[-1] - y[-2]) / (x[-1] - x[-2])
    return value


def normal_scores(X):
    r"""Return :math:`\Phi^{-1}(r / (n + 1))` with the ranks r of each column, ties at their mean.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points in latent units.

    Returns
    -------
    ndarray of shape (n, d)
        Normal scores.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers._normal_scores import normal_scores
    >>> normal_scores(np.array([[1.0], [100.0], [2.0]])).round(2).ravel()
    array([-0.67,  0.67,  0.  ])
    """
    return special.ndtri(stats.rankdata(X, axis=0) / (len(X) + 1))


def fit_empirical(x) -> NormalScores:
    r"""Return the map whose inverse is the empirical quantile function of `x`.

    The i-th smallest of n values is the quantile at :math:`(i - 1/2) / n`, with straight lines
    in normal scores between them; nothing lies beyond the smallest and the largest.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Values in latent units.

    Returns
    -------
    NormalScores
        Without tails.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers._normal_scores import fit_empirical
    >>> fit_empirical(np.array([3.0, 1.0, 7.0])).inverse(np.array([-9.0, 0.0, 9.0]))
    array([1., 3., 7.])
    """
    n = len(x)
    return NormalScores(np.sort(x), special.ndtri((np.arange(n) + 0.5) / n), tails=False)


def fit_smoothed(x) -> NormalScores:
    r"""Return the map to normal scores of a kernel estimate of the distribution of `x`.

    Normal kernels of Silverman's bandwidth :math:`0.9 \min(s, q / 1.349) n^{-1/5}` [1]_ stand on
    the values, or on a thousand quantiles of more; s is their standard deviation and q the
    distance of their quartiles. The distribution function is taken at 200 knots from the
    smallest to the largest of these, dense where values are. Beyond them, tails are normal.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Values in latent units, at least 2 that differ.

    Returns
    -------
    NormalScores
        With tails.

    References
    ----------
    .. [1] B. W. Silverman, "Density Estimation for Statistics and Data Analysis", Chapman and
       Hall, 1986, equation 3.31.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers._normal_scores import fit_smoothed
    >>> x = np.random.default_rng(0).exponential(size=20_000)
    >>> fit_smoothed(x).inverse(np.array([-1.0, 0.0, 1.0])).round(1)  # 0.17, 0.69, 1.84
    array([0.2, 0.7, 1.8])
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
