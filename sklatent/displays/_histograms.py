"""Histograms of latent components, with the normal curves fitted to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

import numpy as np

from sklatent._gaussian.components import ComponentFits, fit_components
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._gaussian.univariate import gaussian_curve
from sklatent._typing import ArrayLike, Self
from sklatent._validation import check_bool, check_choice
from sklatent.displays._drawing.axes import (
    AnyAxes,
    AxesArray,
    count_axes,
    get_ax,
    get_axes_grid,
    grid_shape,
)
from sklatent.displays._drawing.legends import add_legend, line_handle
from sklatent.displays._drawing.options import ComponentHistogramsOptions, names_keywords
from sklatent.displays._drawing.points import (
    as_latent_sample,
    check_components,
    chosen_components,
    component_label,
    latent_points_and_model,
)
from sklatent.displays._drawing.style import ACCENT, CONTRAST, PALETTE, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import StepPatch

__all__ = ["ComponentHistogramsDisplay"]

CURVE_POINTS = 400
REACH = 5.0
HEADROOM = 1.2
FIT_LABEL = "Gaussian, least squares on histogram"
MOMENT_LABEL = "Gaussian, mean and standard deviation"
CURVES = ("both", "least_squares", "moments")


Styles = Sequence[dict[str, Any]]


@names_keywords
@dataclass(eq=False, repr=False)
class ComponentHistogramsDisplay:
    """Density histograms of latent components, with fitted Gaussians.

    The dashed curve is the least-squares fit to the histogram, the dotted one has the mean and
    standard deviation of the points. They part where tails are heavy or the histogram is
    skewed. A panel shows five standard deviations to both sides of the mean at most; what share
    of the points lies beyond is written into it. So is KS, the largest gap, in [0, 1], between
    the cumulative shares of the points and of the model's normal: 0 if they agree.

    Make it with `from_estimator` or `from_points`.

    Parameters
    ----------
    fits : ComponentFits
        Histograms, curves and moments of k components, as
        `LatentGaussianModel.component_fits` returns them.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    axes_ : ndarray of shape (k,) or (1,)
        Axes, one a component, or a single one where histograms are overlaid, after `plot`.
    ax_ : matplotlib.axes.Axes
        The first of them, after `plot`.
    bars_ : list of matplotlib.patches.StepPatch or matplotlib.lines.Line2D
        k histograms, after `plot`; densities per latent unit, a line where nothing varies.
    fit_lines_, moment_lines_ : list of matplotlib.lines.Line2D or None
        Curves of the k components, after `plot`; None where there is none to draw.
    legend_ : matplotlib.legend.Legend
        The legend, after `plot`.

    See Also
    --------
    sklatent.LatentGaussianModel.component_fits : The numbers behind it.
    ComponentShapesDisplay : All components at once, by their shape.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays import ComponentHistogramsDisplay
    >>> Z = np.random.default_rng(0).normal([5.0, 0.0], [1.0, 3.0], size=(1000, 2))
    >>> model = LatentGaussianModel().fit(Z)
    >>> display = ComponentHistogramsDisplay.from_estimator(model, Z)
    >>> len(display.axes_), display.fit_lines_[0].get_linestyle()
    (2, '--')
    """

    fits: ComponentFits
    figure_: "Figure" = field(init=False)
    axes_: AxesArray = field(init=False)
    ax_: "Axes" = field(init=False)
    bars_: "list[StepPatch | Line2D]" = field(init=False)
    fit_lines_: "list[Line2D | None]" = field(init=False)
    moment_lines_: "list[Line2D | None]" = field(init=False)
    legend_: "Legend" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        *,
        components: ArrayLike | None = None,
        k: int = 20,
        bin_width: float = 0.25,
        bin_unit: Literal["sigma", "absolute"] = "sigma",
        ax: AnyAxes = None,
        **plot_options: Unpack[ComponentHistogramsOptions],
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
            Components by index or name; None takes those with the largest standard deviation.
        k : int, default=20
            How many of those, at least 1.
        bin_width : float, default=0.25
            Width of the bins, above 0.
        bin_unit : {"sigma", "absolute"}, default="sigma"
            Unit of `bin_width`: the standard deviation of each component, or the latent unit.
        ax : matplotlib.axes.Axes, array-like of them, or None, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `overlay`, `curves`, `n_columns`, `bar_kwargs`, `fit_kwargs`,
            `moment_kwargs`.

        Returns
        -------
        ComponentHistogramsDisplay
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
            bin_width=bin_width,
            bin_unit=bin_unit,
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
        k: int = 20,
        bin_width: float = 0.25,
        bin_unit: Literal["sigma", "absolute"] = "sigma",
        ax: AnyAxes = None,
        **plot_options: Unpack[ComponentHistogramsOptions],
    ) -> Self:
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units.
        model : LatentGaussianModel or None, default=None
            Whose normal KS refers to; None fits one to the points.
        components, k, bin_width, bin_unit, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        ComponentHistogramsDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If the points are no finite array of d columns, or a parameter is not as above.
        """
        sample = as_latent_sample(points, model)
        chosen = check_components(chosen_components(components, sample, k), sample.names)
        fits = fit_components(
            sample.points[:, chosen],
            bin_width=bin_width,
            bin_unit=bin_unit,
            mean=sample.model.mean_[chosen],
            std=sample.model.normal_.live_std[chosen],
            names=sample.names[chosen],
        )
        return cls(fits).plot(ax, **plot_options)

    def plot(
        self,
        ax: AnyAxes = None,
        *,
        overlay: bool = False,
        curves: Literal["both", "least_squares", "moments"] = "both",
        n_columns: int | None = None,
        bar_kwargs: Style = None,
        fit_kwargs: Style = None,
        moment_kwargs: Style = None,
    ) -> Self:
        """Draw the histograms and curves.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, array-like of k of them, or None, default=None
            Where to draw; a single Axes is divided into panels. None makes a figure.
        overlay : bool, default=False
            Whether all go into one axes, in different colours, instead of a panel each. Up to
            eight components.
        curves : {"both", "least_squares", "moments"}, default="both"
            Which Gaussians to draw.
        n_columns : int or None, default=None
            Panels in a row; None chooses at most five.
        bar_kwargs, fit_kwargs, moment_kwargs : dict or None, default=None
            Styling of histograms (`matplotlib.axes.Axes.stairs`) and of the least-squares and
            moment curves (`matplotlib.axes.Axes.plot`).

        Returns
        -------
        ComponentHistogramsDisplay
            The display itself.

        Raises
        ------
        TypeError, ValueError
            If `ax` is no Axes or the wrong number of them, a choice is unknown, keywords are no
            dictionary, or more than eight components are to be overlaid.
        """
        from matplotlib.lines import Line2D
        from matplotlib.patches import StepPatch

        overlay = check_bool("overlay", overlay)
        check_choice("curves", curves, CURVES)
        self.bars_, self.fit_lines_, self.moment_lines_ = [], [], []
        styles = [
            merge_keywords("bar_kwargs", {}, bar_kwargs, StepPatch),
            merge_keywords("fit_kwargs", {}, fit_kwargs, Line2D),
            merge_keywords("moment_kwargs", {}, moment_kwargs, Line2D),
        ]
        if overlay:
            self._plot_overlaid(cast("Axes | None", ax), curves, styles)
        else:
            self._plot_panels(ax, curves, n_columns, styles)
        self.ax_ = self.axes_[0]
        return self

    def _plot_panels(self, ax: AnyAxes, curves: str, n_columns: int | None, styles: Styles) -> None:
        k = len(self.fits.names)
        shape = grid_shape(k, n_columns) if count_axes(ax) == 1 else (1, k)
        size = (1.6, 1.35 if shape[0] > 1 else 1.8)
        self.figure_, grid = get_axes_grid(ax, shape, panel_size=size, legend_lines=3)
        for unused in grid.ravel()[k:]:
            unused.set_axis_off()
        self.axes_ = grid.ravel()[:k]
        defaults = (
            {"fill": True, "color": "#BFD7EA", "label": "points"},
            {"color": CONTRAST, "linestyle": "--", "linewidth": 1.4, "label": FIT_LABEL},
            {"color": "#000000", "linestyle": ":", "linewidth": 1.4, "label": MOMENT_LABEL},
        )
        for index, panel in enumerate(self.axes_):
            self._draw(panel, index, curves, _over(defaults, styles))
            panel.set_title(component_label(self.fits.names[index]), fontsize=8)
            ks = self.fits.ks[index]
            if np.isfinite(ks):
                _write_corner(panel, f"KS\n{ks:.3f}", 0.03, "left")
            self._limit_view(panel, index)
            panel.tick_params(labelsize=7)
            panel.set_yticks([])
            panel.set_ylim(0, HEADROOM * panel.get_ylim()[1])
            # Panels in one axes of the caller are narrow.
            panel.locator_params(axis="x", nbins=4 if ax is None or count_axes(ax) > 1 else 3)
        _label_outer(grid, k, "latent units", "density")
        handles = self._handles()
        self.legend_ = add_legend(self.figure_, self.axes_[0], handles, own=ax is None, below=ax)

    def _plot_overlaid(self, ax: "Axes | None", curves: str, styles: Styles) -> None:
        k = len(self.fits.names)
        if k > len(PALETTE):
            raise ValueError(
                f"overlay holds at most {len(PALETTE)} components; got {k}. Choose some with "
                "components or k, or use panels."
            )
        self.figure_, only = get_ax(ax, figsize=(5.5, 3.6))
        self.axes_ = np.array([only], dtype=object)
        for index, color in enumerate(PALETTE[:k]):
            label = component_label(self.fits.names[index])
            defaults = (
                {"fill": False, "color": color, "linewidth": 1.2, "label": label},
                {"color": color, "linestyle": "--", "linewidth": 1.6},
                {"color": color, "linestyle": ":", "linewidth": 1.6},
            )
            self._draw(only, index, curves, _over(defaults, styles))
        only.set(xlabel="latent units", ylabel="density per latent unit")
        handles: list[Any] = list(self.bars_)
        for lines, label in ((self.fit_lines_, FIT_LABEL), (self.moment_lines_, MOMENT_LABEL)):
            drawn = [line for line in lines if line is not None]
            if drawn:
                handles.append(line_handle(drawn[0], label))
                handles[-1].set_color("black")
        views = [self._view(index) for index in range(k) if len(self.fits.histograms[index][0])]
        if views:
            only.set_xlim(np.min(views, axis=0)[0], np.max(views, axis=0)[1])
        self.legend_ = add_legend(self.figure_, only, handles, own=ax is None, n_columns=2)

    def _draw(self, ax: "Axes", index: int, curves: str, styles: Styles) -> None:
        """Draw one component with the styles of its bars and two curves."""
        fits, (density, edges) = self.fits, self.fits.histograms[index]
        if len(density) == 0:
            line = ax.axvline(fits.mean[index], color=ACCENT)
            line.set_label("value of a component that does not vary")
            self.bars_.append(line)
            self.fit_lines_.append(None)
            self.moment_lines_.append(None)
            return
        self.bars_.append(ax.stairs(density, edges, **styles[0]))
        x = np.linspace(edges[0], edges[-1], CURVE_POINTS)
        std = fits.std[index]
        least_squares = (fits.center[index], fits.sigma[index], fits.amplitude[index])
        moments = (fits.mean[index], std, 1 / (std * np.sqrt(2 * np.pi)))
        for lines, kind, (center, sigma, amplitude), style in (
            (self.fit_lines_, "least_squares", least_squares, styles[1]),
            (self.moment_lines_, "moments", moments, styles[2]),
        ):
            if curves in ("both", kind) and np.isfinite(sigma):
                lines += ax.plot(x, gaussian_curve(x, center, sigma, amplitude), **style)
            else:
                lines.append(None)

    def _view(self, index: int) -> tuple[float, float]:
        """Return the ends of the histogram, or of what is shown of it if it reaches further."""
        edges = self.fits.histograms[index].edges
        reach = REACH * self.fits.std[index]
        mean = self.fits.mean[index]
        return max(edges[0], mean - reach), min(edges[-1], mean + reach)

    def _limit_view(self, ax: "Axes", index: int) -> None:
        density, edges = self.fits.histograms[index]
        if len(density) == 0:
            return
        low, high = self._view(index)
        ax.set_xlim(low, high)
        beyond = (edges[1:] <= low) | (edges[:-1] >= high)
        share = (density * np.diff(edges))[beyond].sum()
        if share > 0:
            _write_corner(ax, f"{100 * share:.2g} %\nbeyond", 0.97, "right")

    def _handles(self) -> list[Any]:
        handles: list[Any] = []
        for artists in (self.bars_, self.fit_lines_, self.moment_lines_):
            drawn = {artist.get_label(): artist for artist in artists if artist is not None}
            handles.extend(drawn.values())
        return handles


def _over(defaults: Iterable[dict[str, Any]], styles: Styles) -> Styles:
    return [{**default, **style} for default, style in zip(defaults, styles, strict=True)]


def _write_corner(ax: "Axes", words: str, x: float, side: Literal["left", "right"]) -> None:
    ax.text(x, 0.95, words, ha=side, va="top", fontsize=6.5, transform=ax.transAxes)


def _label_outer(grid: AxesArray, k: int, xlabel: str, ylabel: str) -> None:
    columns = grid.shape[1]
    for index, ax in enumerate(grid.ravel()[:k]):
        if index + columns >= k:
            ax.set_xlabel(xlabel, fontsize=8)
        if index % columns == 0:
            ax.set_ylabel(ylabel, fontsize=8)
