"""Squared Mahalanobis distances against the chi-squared distribution of a normal."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from scipy import stats

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import ArrayLike, FloatArray, IntArray, Self
from sklatent._validation import check_bool, check_number, check_share
from sklatent.displays._drawing.axes import get_ax
from sklatent.displays._drawing.legends import add_legend
from sklatent.displays._drawing.options import MahalanobisQQOptions, names_keywords
from sklatent.displays._drawing.points import (
    as_latent_sample,
    check_varies,
    latent_points_and_model,
)
from sklatent.displays._drawing.style import ACCENT, GREY, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

__all__ = ["MahalanobisQQDisplay"]

LARGEST = 200


@names_keywords
@dataclass(eq=False, repr=False)
class MahalanobisQQDisplay:
    r"""Quantiles of squared Mahalanobis distances against those of chi-squared.

    For normal points :math:`d^2` is chi-squared with as many degrees of freedom as the model's
    rank, and the sorted distances lie along the line of equal quantiles. Above it at the right
    end the tails are heavy; a steeper or flatter course is a wrong scale.

    The band is pointwise: of normal samples, the share `confidence_level` has its i-th smallest
    distance inside, at each i by itself, and fewer have all of them inside. It takes mean and
    covariance as known. For the points that they were estimated from it is too wide, since the
    mean of their :math:`d^2` is fixed: about 1 % of normal ones lie outside a band of 95 %.

    Make it with `from_estimator` or `from_points`.

    Parameters
    ----------
    distances : ndarray of shape (m,)
        Squared Mahalanobis distances, sorted, those to be shown of n.
    quantiles : ndarray of shape (m,)
        Chi-squared quantiles at (i - 1/2) / n for the ranks i of these.
    low, high : ndarray of shape (m,)
        Ends of the band at each.
    dimension : int
        Degrees of freedom.
    confidence_level : float
        Of the band, in (0, 1).
    n_samples : int
        Number of points, n.
    share_outside : float
        Share of all n sorted distances that lie outside the band, in [0, 1].

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    ax_ : matplotlib.axes.Axes
        The axes, after `plot`.
    points_ : matplotlib.lines.Line2D
        Distances over quantiles, after `plot`.
    line_ : matplotlib.lines.Line2D
        Where both are equal, after `plot`.
    band_ : matplotlib.collections.PolyCollection
        The band, after `plot`.
    legend_ : matplotlib.legend.Legend
        The legend, after `plot`.

    See Also
    --------
    sklatent.LatentGaussianModel.mahalanobis_squared : The distances.
    sklatent.LatentGaussianModel.normality_report : Measures how far they are from normal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays import MahalanobisQQDisplay
    >>> Z = np.random.default_rng(0).normal(size=(1000, 8))
    >>> display = MahalanobisQQDisplay.from_estimator(LatentGaussianModel().fit(Z), Z)
    >>> display.dimension, display.share_outside < 0.3
    (8, True)
    """

    distances: FloatArray
    quantiles: FloatArray
    low: FloatArray
    high: FloatArray
    dimension: int
    confidence_level: float
    n_samples: int
    share_outside: float
    figure_: "Figure" = field(init=False)
    ax_: "Axes" = field(init=False)
    points_: "Line2D" = field(init=False)
    line_: "Line2D" = field(init=False)
    band_: "PolyCollection" = field(init=False)
    legend_: "Legend" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        *,
        confidence_level: float = 0.95,
        max_points: int = 2000,
        ax: "Axes | None" = None,
        **plot_options: Unpack[MahalanobisQQOptions],
    ) -> Self:
        """Make and draw the display from what a fitted estimator makes of `X`.

        Parameters
        ----------
        estimator : estimator or sklearn.pipeline.Pipeline
            Fitted. A `LatentGaussianModel`, with latent points as `X`; a pipeline that ends
            in one, with images; another density or a pipeline that ends in it; or an
            autoencoder or other transformer, with images. A `LatentGaussianModel` is used as
            it is; in all other cases one is fitted to the latent points of `X`.
        X : array-like
            What `estimator` takes.
        confidence_level : float, default=0.95
            Of the band, in (0, 1).
        max_points : int, default=2000
            Sorted distances to show, at least 2: the 200 largest, and others evenly by rank,
            where there are more.
        ax : matplotlib.axes.Axes or None, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `log`, `point_kwargs`, `line_kwargs`, `band_kwargs`.

        Returns
        -------
        MahalanobisQQDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If `estimator` is no density, transformer or pipeline, or as `from_points`.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        return cls.from_points(
            *latent_points_and_model(estimator, X),
            confidence_level=confidence_level,
            max_points=max_points,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_points(
        cls,
        points: ArrayLike,
        model: LatentGaussianModel | None = None,
        *,
        confidence_level: float = 0.95,
        max_points: int = 2000,
        ax: "Axes | None" = None,
        **plot_options: Unpack[MahalanobisQQOptions],
    ) -> Self:
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units.
        model : LatentGaussianModel or None, default=None
            Gives mean and covariance; None fits one to the points.
        confidence_level, max_points, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        MahalanobisQQDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If the points are no finite array of d columns, none of their components varies in
            the model, or a parameter is out of its range.
        """
        level = check_share("confidence_level", confidence_level)
        max_points = check_number("max_points", max_points, low=2, integer=True)
        sample = as_latent_sample(points, model)
        check_varies(sample.model)
        dimension = sample.model.rank_
        distances = np.sort(sample.model.mahalanobis_squared(sample.points))
        n = len(distances)
        ranks = shown_ranks(n, max_points)
        low, high = order_statistic_band(ranks, n, dimension, level)
        display = cls(
            distances=distances[ranks],
            quantiles=stats.chi2.ppf((ranks + 0.5) / n, dimension),
            low=low,
            high=high,
            dimension=dimension,
            confidence_level=level,
            n_samples=n,
            share_outside=_share_outside(distances, dimension, level),
        )
        return display.plot(ax, **plot_options)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        log: bool = False,
        point_kwargs: Style = None,
        line_kwargs: Style = None,
        band_kwargs: Style = None,
    ) -> Self:
        """Draw distances, line and band.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where to draw; None makes a figure.
        log : bool, default=False
            Whether both axes are logarithmic, as very heavy tails need.
        point_kwargs, line_kwargs, band_kwargs : dict or None, default=None
            Styling of distances and line (`matplotlib.axes.Axes.plot`) and of the band
            (`matplotlib.axes.Axes.fill_between`).

        Returns
        -------
        MahalanobisQQDisplay
            The display itself.

        Raises
        ------
        TypeError
            If `ax` is no Axes, keywords are no dictionary, or `log` is no bool.
        """
        from matplotlib.collections import PolyCollection
        from matplotlib.lines import Line2D

        log = check_bool("log", log)
        self.figure_, self.ax_ = get_ax(ax, figsize=(4.6, 4.4))
        level, outside = 100 * self.confidence_level, 100 * self.share_outside
        style: dict[str, Any] = {"color": GREY, "alpha": 0.4, "linewidth": 0}
        style["label"] = f"holds {level:g} % of normal samples at each quantile by itself"
        style = merge_keywords("band_kwargs", style, band_kwargs, PolyCollection)
        self.band_ = self.ax_.fill_between(self.quantiles, self.low, self.high, **style)
        ends = self.quantiles[[0, -1]]
        style = {"color": "black", "linestyle": "--", "linewidth": 1.0, "label": "equal quantiles"}
        style = merge_keywords("line_kwargs", style, line_kwargs, Line2D)
        self.line_ = self.ax_.plot(ends, ends, **style)[0]
        style = {"color": ACCENT, "marker": "o", "markersize": 3, "linestyle": "none"}
        style["markeredgewidth"] = 0
        style["label"] = f"{self.n_samples:,} points, {outside:.0f} % outside the band"
        style = merge_keywords("point_kwargs", style, point_kwargs, Line2D)
        self.points_ = self.ax_.plot(self.quantiles, self.distances, **style)[0]
        degrees = f"{self.dimension} degree{'s' if self.dimension > 1 else ''} of freedom"
        self.ax_.set(
            xlabel=f"quantile of chi-squared with {degrees}",
            ylabel="squared Mahalanobis distance",
        )
        if log:
            self.ax_.set(xscale="log", yscale="log")
        handles = [self.points_, self.line_, self.band_]
        self.legend_ = add_legend(self.figure_, self.ax_, handles, own=ax is None)
        return self


def order_statistic_band(
    ranks: IntArray, n_samples: int, dimension: int, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    """Return where chi-squared values of ranks (m,) from 0 lie, with equal tails to both sides.

    The i-th smallest of n has a cumulative probability of the beta distribution with parameters
    i and n + 1 - i (H. A. David, H. N. Nagaraja, "Order Statistics", 2003, section 2.3).
    """
    below, above = ranks + 1, n_samples - ranks
    tail = (1 - confidence_level) / 2
    low = stats.chi2.ppf(stats.beta.ppf(tail, below, above), dimension)
    # One minus a beta variable is one of exchanged parameters: no rounding in the upper tail.
    high = stats.chi2.isf(stats.beta.ppf(tail, above, below), dimension)
    return low, high


def _share_outside(distances: FloatArray, dimension: int, confidence_level: float) -> float:
    """Share of sorted values outside the band, without its costly quantiles at all ranks."""
    n, tail = len(distances), (1 - confidence_level) / 2
    below = np.arange(1, n + 1)
    up_to = stats.beta.cdf(stats.chi2.cdf(distances, dimension), below, n + 1 - below)
    beyond = stats.beta.cdf(stats.chi2.sf(distances, dimension), n + 1 - below, below)
    return float(np.mean((up_to < tail) | (beyond < tail)))


def shown_ranks(n: int, max_points: int) -> IntArray:
    """Return ranks from 0: all, or the 200 largest and others evenly over the rest."""
    if n <= max_points:
        return np.arange(n)
    largest = min(LARGEST, max_points // 2)
    others = np.linspace(0, n - largest - 1, max_points - largest).astype(np.intp)
    return np.concatenate([others, np.arange(n - largest, n)])
