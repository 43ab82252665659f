"""Several latent components at once: each by itself, and each pair."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from sklatent._gaussian.components import ComponentFits, fit_components
from sklatent._gaussian.contours import DensityContours
from sklatent._gaussian.ellipses import ConfidenceEllipses
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._gaussian.univariate import gaussian_curve
from sklatent._typing import ArrayLike, FloatArray, RandomState, Self
from sklatent.displays._drawing.axes import AnyAxes, AxesArray, get_axes_grid, get_inches
from sklatent.displays._drawing.legends import add_legend, line_handle
from sklatent.displays._drawing.options import CornerOptions, names_keywords
from sklatent.displays._drawing.pairs import (
    contour_handle,
    draw_contours,
    draw_ellipse,
    draw_scatter,
    ellipse_label,
    ellipses_of_sizes,
    pair_contours,
)
from sklatent.displays._drawing.points import (
    as_latent_sample,
    check_components,
    chosen_components,
    component_label,
    latent_points_and_model,
    subsample_rows,
)
from sklatent.displays._drawing.style import CONTRAST, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.contour import QuadContourSet
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import Ellipse, StepPatch

__all__ = ["CornerDisplay"]

CURVE_POINTS = 200
REACH = 4.5
DENSITY_POINTS = 1000


@names_keywords
@dataclass(eq=False, repr=False)
class CornerDisplay:
    """Corner plot: histograms of several components, and scatter plots of their pairs.

    On the diagonal stand density histograms with the normal of the points' mean and standard
    deviation (dashed); below it the points of each pair with ellipses, and density contours if
    wanted; above it the correlation of each pair. A panel shows 4.5 standard deviations to both
    sides of the mean at most. The legend gives the nominal coverage of each ellipse and the
    range of the shares of all points that it holds in the pairs shown.

    Make it with `from_estimator` or `from_points`.

    Parameters
    ----------
    points : ndarray of shape (m, k)
        Points to show, in latent units.
    fits : ComponentFits
        Histograms and moments of the k components, of all n points.
    ellipses : list of ConfidenceEllipses
        One for each size, of the k (k - 1) / 2 pairs (i, j) of columns with j < i, row by row.
    empirical_coverage : ndarray of shape (len(ellipses), k (k - 1) / 2)
        Share of all n points in each, in [0, 1].
    contours : list of DensityContours or None
        Of the same pairs.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    axes_ : ndarray of shape (k, k)
        Axes, row by row, after `plot`.
    ax_ : matplotlib.axes.Axes
        The first of them, after `plot`.
    bars_ : list of matplotlib.patches.StepPatch
        k histograms, after `plot`.
    lines_ : list of matplotlib.lines.Line2D
        k normal curves, after `plot`.
    scatters_ : list of matplotlib.collections.PathCollection
        One for each pair, after `plot`.
    ellipses_ : list of list of matplotlib.patches.Ellipse
        For each pair, one of each size, after `plot`.
    contours_ : list of matplotlib.contour.QuadContourSet
        One for each pair, or none, after `plot`.
    legend_ : matplotlib.legend.Legend
        The legend, after `plot`.

    See Also
    --------
    ComponentPairDisplay : One pair, larger.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays import CornerDisplay
    >>> Z = np.random.default_rng(0).normal(size=(500, 6))
    >>> model = LatentGaussianModel().fit(Z)
    >>> display = CornerDisplay.from_estimator(model, Z, components=[0, 1, 4])
    >>> display.axes_.shape, len(display.scatters_)
    ((3, 3), 3)
    """

    points: FloatArray
    fits: ComponentFits
    ellipses: list[ConfidenceEllipses]
    empirical_coverage: FloatArray
    contours: list[DensityContours] | None = None
    figure_: "Figure" = field(init=False)
    axes_: AxesArray = field(init=False)
    ax_: "Axes" = field(init=False)
    bars_: "list[StepPatch]" = field(init=False)
    lines_: "list[Line2D]" = field(init=False)
    scatters_: "list[PathCollection]" = field(init=False)
    ellipses_: "list[list[Ellipse]]" = field(init=False)
    contours_: "list[QuadContourSet]" = field(init=False)
    legend_: "Legend" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        *,
        components: ArrayLike | None = None,
        k: int = 5,
        n_std: ArrayLike | None = None,
        coverage: ArrayLike | None = None,
        density_coverages: ArrayLike | None = None,
        max_points: int = 2000,
        random_state: RandomState = None,
        ax: AnyAxes = None,
        **plot_options: Unpack[CornerOptions],
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
        components : array-like of shape (k,) of int or str, or None, default=None
            Two or more components by index or name; None takes those with the largest standard
            deviation.
        k : int, default=5
            How many of those.
        n_std, coverage : float, array-like of float, or None, default=None
            Sizes of the ellipses in sigma, above 0, or their nominal coverages, in (0, 1).
            Where neither is given they are of 2 and 3 sigma.
        density_coverages : array-like of float or None, default=None
            Shares of points inside density contours, in (0, 1); None draws none. The density
            is estimated from 1,000 points at most.
        max_points : int, default=2000
            Points to show, at least 1: a random subsample where there are more.
        random_state : int, RandomState instance or None, default=None
            Source of the subsamples.
        ax : matplotlib.axes.Axes, array-like of them, or None, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `bar_kwargs`, `line_kwargs`, `scatter_kwargs`, `ellipse_kwargs`,
            `contour_kwargs`.

        Returns
        -------
        CornerDisplay
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
            components=components,
            k=k,
            n_std=n_std,
            coverage=coverage,
            density_coverages=density_coverages,
            max_points=max_points,
            random_state=random_state,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_points(
        cls,
        points: ArrayLike,
        model: LatentGaussianModel | None = None,
        *,
        components: ArrayLike | None = None,
        k: int = 5,
        n_std: ArrayLike | None = None,
        coverage: ArrayLike | None = None,
        density_coverages: ArrayLike | None = None,
        max_points: int = 2000,
        random_state: RandomState = None,
        ax: AnyAxes = None,
        **plot_options: Unpack[CornerOptions],
    ) -> Self:
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units.
        model : LatentGaussianModel or None, default=None
            Gives the ellipses; None fits one to the points.
        components, k, n_std, coverage, density_coverages, max_points, random_state, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        CornerDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If the points are no finite array of d columns, or a parameter is not as above, or
            contours are wanted of components that lie on a line.
        """
        sample = as_latent_sample(points, model)
        components = chosen_components(components, sample, k)
        chosen = check_components(components, sample.names, at_least=2)
        pairs = [(chosen[column], chosen[row]) for row, column in _places(len(chosen))]
        ellipses = ellipses_of_sizes(sample.model, pairs, n_std, coverage)
        contours = None
        if density_coverages is not None:
            options = {"max_samples": DENSITY_POINTS, "grid_size": 64, "random_state": random_state}
            contours = [pair_contours(sample, pair, density_coverages, **options) for pair in pairs]
        rows = subsample_rows(len(sample.points), max_points, random_state)
        display = cls(
            points=sample.points[rows][:, chosen],
            fits=fit_components(sample.points[:, chosen], names=sample.names[chosen]),
            ellipses=ellipses,
            empirical_coverage=np.array([each.coverage(sample.points) for each in ellipses]),
            contours=contours,
        )
        return display.plot(ax, **plot_options)

    def plot(
        self,
        ax: AnyAxes = None,
        *,
        bar_kwargs: Style = None,
        line_kwargs: Style = None,
        scatter_kwargs: Style = None,
        ellipse_kwargs: Style = None,
        contour_kwargs: Style = None,
    ) -> Self:
        """Draw the grid.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, array-like of k * k of them, or None, default=None
            Where to draw; a single Axes is divided into panels. None makes a figure.
        bar_kwargs, line_kwargs, scatter_kwargs, ellipse_kwargs, contour_kwargs : dict, default=None
            Styling of histograms (`matplotlib.axes.Axes.stairs`), normal curves
            (`matplotlib.axes.Axes.plot`), points (`matplotlib.axes.Axes.scatter`), ellipses
            (`matplotlib.patches.Ellipse`) and contours (`matplotlib.axes.Axes.contour`).

        Returns
        -------
        CornerDisplay
            The display itself.

        Raises
        ------
        TypeError, ValueError
            If `ax` is no Axes or the wrong number of them, or keywords are no dictionary.
        """
        k = len(self.fits.names)
        self.figure_, self.axes_ = get_axes_grid(
            ax, (k, k), panel_size=(1.45, 1.35), legend_lines=5
        )
        self.ax_ = self.axes_[0, 0]
        self.bars_, self.lines_, self.contours_ = [], [], []
        self.scatters_, self.ellipses_ = [], []
        for index in range(k):
            self._draw_histogram(index, bar_kwargs, line_kwargs)
        for pair, (row, column) in enumerate(_places(k)):
            panel = self.axes_[row, column]
            points = self.points[:, [column, row]]
            self.scatters_.append(draw_scatter(panel, points, scatter_kwargs, small=True))
            if self.contours is not None:
                self.contours_.append(draw_contours(panel, self.contours[pair], contour_kwargs))
            sizes = enumerate(self.ellipses)
            self.ellipses_.append(
                [draw_ellipse(panel, each, pair, size, ellipse_kwargs) for size, each in sizes]
            )
            self._write_correlation(pair, self.axes_[column, row])
        self._label()
        handles = self._handles()
        self.legend_ = add_legend(self.figure_, self.ax_, handles, own=ax is None, below=ax)
        return self

    def _draw_histogram(self, index: int, bar_kwargs: Style, line_kwargs: Style) -> None:
        from matplotlib.lines import Line2D
        from matplotlib.patches import StepPatch

        panel, (density, edges) = self.axes_[index, index], self.fits.histograms[index]
        mean, std = self.fits.mean[index], self.fits.std[index]
        if len(density) == 0:
            panel.axvline(mean, color=CONTRAST)
            return
        style: dict[str, Any] = {"fill": True, "color": "#BFD7EA"}
        style = merge_keywords("bar_kwargs", style, bar_kwargs, StepPatch)
        self.bars_.append(panel.stairs(density, edges, **style))
        x = np.linspace(edges[0], edges[-1], CURVE_POINTS)
        style = {"color": CONTRAST, "linestyle": "--", "linewidth": 1.2}
        style = merge_keywords("line_kwargs", style, line_kwargs, Line2D)
        curve = gaussian_curve(x, mean, std, 1 / (std * np.sqrt(2 * np.pi)))
        self.lines_ += panel.plot(x, curve, **style)

    def _write_correlation(self, pair: int, panel: "Axes") -> None:
        panel.set(xticks=[], yticks=[], frame_on=False)
        words = f"r = {self.ellipses[0].correlations[pair]:.2f}".replace("-0.00", "0.00")
        panel.text(0.5, 0.5, words, ha="center", va="center", fontsize=9, transform=panel.transAxes)

    def _label(self) -> None:
        k = len(self.fits.names)
        limits = [self._limits(index) for index in range(k)]
        for row in range(k):
            for column in range(row + 1):
                panel = self.axes_[row, column]
                panel.tick_params(labelsize=7)
                panel.locator_params(nbins=4)
                panel.set_xlim(limits[column])
                if row == column:
                    panel.set_yticks([])
                else:
                    panel.set_ylim(limits[row])
                panel.tick_params(labelbottom=row == k - 1, labelleft=0 == column < row)
        # Words of 8 points are about as long as a panel of a figure of our own is high.
        size = float(np.clip(8 * get_inches(self.ax_)[1] / 0.9, 5, 8))
        for index, name in enumerate(self.fits.names):
            self.axes_[k - 1, index].set_xlabel(component_label(name), fontsize=size)
            label = component_label(name) if index else "density"
            self.axes_[index, 0].set_ylabel(label, fontsize=size)

    def _limits(self, index: int) -> tuple[float, float]:
        own = self.points[:, index]
        mean, reach = self.fits.mean[index], REACH * self.fits.std[index]
        low, high = max(own.min(), mean - reach), min(own.max(), mean + reach)
        for each in self.ellipses:
            extent = each.n_std * self.fits.std[index]
            low, high = min(low, mean - extent), max(high, mean + extent)
        margin = 0.04 * (high - low) or 0.5
        return low - margin, high + margin

    def _handles(self) -> list[Any]:
        first = self.scatters_[0]
        first.set_label(f"{len(self.points):,} of {self.fits.n_samples:,} points")
        if len(self.points) == self.fits.n_samples:
            first.set_label(f"{len(self.points):,} points")
        handles: list[Any] = [first]
        sizes = zip(self.ellipses_[0], self.ellipses, self.empirical_coverage, strict=True)
        for patch, each, found in sizes:
            low, high = 100 * found.min(), 100 * found.max()
            shares = f"{low:.1f} to {high:.1f}" if len(found) > 1 else f"{low:.1f}"
            handles.append(line_handle(patch, f"{ellipse_label(each)}, {shares} % of the points"))
        if self.contours is not None:
            handles.append(contour_handle(self.contours_[0], self.contours[0]))
        if self.lines_:
            handles.append(line_handle(self.lines_[0], "normal curve; all axes in latent units"))
        return handles


def _places(k: int) -> list[tuple[int, int]]:
    """Rows and columns of the panels below the diagonal, row by row."""
    return [(row, column) for row in range(k) for column in range(row)]
