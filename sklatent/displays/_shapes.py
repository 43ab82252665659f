"""Centre, spread and shape of all latent components at once."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

import numpy as np
from scipy import special

from sklatent._gaussian.components import ComponentFits, fit_components
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import ArrayLike, FloatArray, Self
from sklatent._validation import check_choice, check_number, check_share
from sklatent.displays._drawing.axes import AnyAxes, AxesArray, get_ax, get_axes_grid
from sklatent.displays._drawing.legends import add_legend
from sklatent.displays._drawing.options import ComponentShapesOptions, names_keywords
from sklatent.displays._drawing.points import (
    as_latent_sample,
    check_components,
    latent_points_and_model,
)
from sklatent.displays._drawing.style import ACCENT, CONTRAST, GREY, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle
    from matplotlib.text import Annotation

__all__ = ["ComponentShapesDisplay"]

IN_SIGHT = 0.2
MEAN_SPAN = 0.1
Bands = tuple[tuple[float, float], tuple[float, float]]
PROFILES = (
    ("mean", "mean\n(latent units)"),
    ("std", "std. deviation\n(latent units)"),
    ("skewness", "skewness"),
    ("excess_kurtosis", "excess kurtosis"),
)


@names_keywords
@dataclass(eq=False, repr=False)
class ComponentShapesDisplay:
    r"""Skewness against excess kurtosis of each component, or all four moments in profile.

    A normal has 0 of both. The grey band holds, for each of the two by itself, the share
    `confidence_level` of normal samples of as many independent points; it takes their sampling
    distribution as normal with the exact mean and variance [1]_, which is rough for kurtosis
    below some 1,000 points. With many components some lie outside by chance. No distribution
    lies below the parabola, drawn where it is near: excess kurtosis is at least the squared
    skewness less 2.

    Make it with `from_estimator` or `from_points`.

    Parameters
    ----------
    fits : ComponentFits
        Moments of k components.
    confidence_level : float
        Of the bands, in (0, 1).

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    axes_ : ndarray of shape (1,) or (4,)
        Axes, one, or four in profile, after `plot`.
    ax_ : matplotlib.axes.Axes
        The first of them, after `plot`.
    points_ : list of matplotlib.lines.Line2D
        The components, in each axes, after `plot`.
    bands_ : list of matplotlib.patches.Rectangle
        Bands of skewness and of excess kurtosis, after `plot`.
    texts_ : list of matplotlib.text.Text
        Names beside the components farthest from normal, after `plot`.
    legend_ : matplotlib.legend.Legend or None
        The legend, after `plot`; None in profile.

    See Also
    --------
    sklatent.LatentGaussianModel.component_fits : The numbers behind it.
    ComponentHistogramsDisplay : Components one by one.

    References
    ----------
    .. [1] R. A. Fisher, "The moments of the distribution for normal samples of measures of
       departure from normality", Proceedings of the Royal Society A 130, 16-28, 1930.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays import ComponentShapesDisplay
    >>> Z = np.random.default_rng(0).normal(size=(1000, 5))
    >>> Z[:, 3] = np.exp(Z[:, 3])
    >>> display = ComponentShapesDisplay.from_estimator(LatentGaussianModel().fit(Z), Z, n_labels=1)
    >>> [text.get_text() for text in display.texts_]
    ['3']
    """

    fits: ComponentFits
    confidence_level: float
    figure_: "Figure" = field(init=False)
    axes_: AxesArray = field(init=False)
    ax_: "Axes" = field(init=False)
    points_: "list[Line2D]" = field(init=False)
    bands_: "list[Rectangle]" = field(init=False)
    texts_: "list[Annotation]" = field(init=False)
    legend_: "Legend | None" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        *,
        components: ArrayLike | None = None,
        confidence_level: float = 0.95,
        ax: AnyAxes = None,
        **plot_options: Unpack[ComponentShapesOptions],
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
            Components by index or name; None takes all.
        confidence_level : float, default=0.95
            Of the bands, in (0, 1).
        ax : matplotlib.axes.Axes, array-like of them, or None, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `kind`, `n_labels`, `point_kwargs`, `band_kwargs`.

        Returns
        -------
        ComponentShapesDisplay
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
            confidence_level=confidence_level,
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
        confidence_level: float = 0.95,
        ax: AnyAxes = None,
        **plot_options: Unpack[ComponentShapesOptions],
    ) -> Self:
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units, n at least 4.
        model : LatentGaussianModel or None, default=None
            Gives names and number of the components; moments are of the points.
        components, confidence_level, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        ComponentShapesDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If the points are no finite array of d columns and 4 rows, or a parameter is not as
            above.
        """
        level = check_share("confidence_level", confidence_level)
        sample = as_latent_sample(points, model)
        if len(sample.points) < 4:
            raise ValueError(f"points must have at least 4 rows; got {len(sample.points)}.")
        components = np.arange(len(sample.names)) if components is None else components
        chosen = check_components(components, sample.names)
        fits = fit_components(sample.points[:, chosen], names=sample.names[chosen])
        return cls(fits, level).plot(ax, **plot_options)

    def plot(
        self,
        ax: AnyAxes = None,
        *,
        kind: Literal["shape", "profile"] = "shape",
        n_labels: int = 5,
        point_kwargs: Style = None,
        band_kwargs: Style = None,
    ) -> Self:
        """Draw the components.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, array-like of four of them, or None, default=None
            Where to draw; a single Axes is divided for profiles. None makes a figure.
        kind : {"shape", "profile"}, default="shape"
            "shape": excess kurtosis over skewness. "profile": mean, standard deviation,
            skewness and excess kurtosis, over the components.
        n_labels : int, default=5
            How many components, those farthest from normal, to name in "shape"; from 0.
        point_kwargs, band_kwargs : dict or None, default=None
            Styling of the components (`matplotlib.axes.Axes.plot`) and of the bands
            (`matplotlib.axes.Axes.axhspan`).

        Returns
        -------
        ComponentShapesDisplay
            The display itself.

        Raises
        ------
        TypeError, ValueError
            If `ax` is no Axes or the wrong number of them, a choice is unknown, or keywords are
            no dictionary.
        """
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        check_choice("kind", kind, ("shape", "profile"))
        n_labels = check_number("n_labels", n_labels, low=0, integer=True)
        style = {"color": ACCENT, "marker": "o", "markersize": 5, "linestyle": "none"}
        points = merge_keywords("point_kwargs", style, point_kwargs, Line2D)
        style = {"color": GREY, "alpha": 0.3, "linewidth": 0}
        band = merge_keywords("band_kwargs", style, band_kwargs, Patch)
        self.texts_, self.legend_ = [], None
        if kind == "shape":
            self._plot_shape(cast("Axes | None", ax), n_labels, points, band)
        else:
            self._plot_profile(ax, points, band)
        self.ax_ = self.axes_[0]
        return self

    def _plot_shape(
        self, ax: "Axes | None", n_labels: int, points: dict[str, Any], band: dict[str, Any]
    ) -> None:
        fits, bands = self.fits, shape_bands(self.fits.n_samples, self.confidence_level)
        self.figure_, only = get_ax(ax, figsize=(5.0, 4.4))
        self.axes_ = np.array([only], dtype=object)
        label = f"each holds {100 * self.confidence_level:g} % of normal samples"
        self.bands_ = [
            only.axvspan(*bands[0], **{"label": label, **band}),
            only.axhspan(*bands[1], **band),
        ]
        only.axvline(0, color="black", linewidth=0.6)
        only.axhline(0, color="black", linewidth=0.6)
        label = f"{len(fits.names):,} components of {fits.n_samples:,} points"
        x, y = fits.skewness, fits.excess_kurtosis
        self.points_ = only.plot(x, y, **{"label": label, **points})
        only.margins(0.12)
        limits = only.get_xlim(), only.get_ylim()
        handles: list[Any] = [*self.points_, self.bands_[0]]
        grid = np.linspace(limits[0][0], limits[0][1], 200)
        if (grid**2 - 2 > limits[1][0]).mean() > IN_SIGHT:
            style: dict[str, Any] = {"color": CONTRAST, "linestyle": ":"}
            style["label"] = "smallest possible"
            handles += only.plot(grid, grid**2 - 2, **style)
        only.set(xlim=limits[0], ylim=limits[1], xlabel="skewness", ylabel="excess kurtosis")
        self._name_farthest(only, n_labels, bands)
        self.legend_ = add_legend(self.figure_, only, handles, own=ax is None)

    def _name_farthest(self, ax: "Axes", n_labels: int, bands: Bands) -> None:
        widths = [high - low for low, high in bands]
        distance = np.hypot(self.fits.skewness / widths[0], self.fits.excess_kurtosis / widths[1])
        order = np.argsort(-np.where(np.isfinite(distance), distance, -1.0), kind="stable")
        taken: list[FloatArray] = []
        for index in order[:n_labels]:
            if np.isfinite(distance[index]):
                at = self.fits.skewness[index], self.fits.excess_kurtosis[index]
                corner = _free_corner(ax.transData.transform(at), taken, self.figure_.dpi / 72)
                side = "left" if corner[0] > 0 else "right"
                style: dict[str, Any] = {"ha": side, "va": "center", "fontsize": 8}
                style |= {"xytext": corner, "textcoords": "offset points"}
                self.texts_.append(ax.annotate(str(self.fits.names[index]), at, **style))

    def _plot_profile(self, ax: AnyAxes, points: dict[str, Any], band: dict[str, Any]) -> None:
        fits, bands = self.fits, shape_bands(self.fits.n_samples, self.confidence_level)
        size = (float(np.clip(1.5 + 0.22 * len(fits.names), 4.0, 7.0)), 1.15)
        self.figure_, grid = get_axes_grid(ax, (4, 1), panel_size=size, sharex=ax is None)
        self.axes_, self.points_, self.bands_ = grid.ravel(), [], []
        x = np.arange(len(fits.names))
        for panel, (name, label) in zip(self.axes_, PROFILES, strict=True):
            if name in ("skewness", "excess_kurtosis"):
                self.bands_.append(panel.axhspan(*bands[len(self.bands_)], **band))
                panel.axhline(0, color="black", linewidth=0.6)
            self.points_ += panel.plot(x, getattr(fits, name), **points)
            panel.margins(y=0.15)
            panel.set_ylabel(label, fontsize=8)
            panel.tick_params(labelsize=7)
        self.axes_[1].set_ylim(bottom=0)
        _widen_to(self.axes_[0], MEAN_SPAN * float(np.max(fits.std)))
        last = self.axes_[-1]
        if len(x) <= 40:
            names = [str(name) for name in fits.names]
            long = len(x) > 20 or fits.names.dtype.kind in "OU"
            turned: dict[str, Any] = {"rotation": 90} if long else {}
            last.set_xticks(x, names, fontsize=7, **turned)
        words = f"component (grey: holds {100 * self.confidence_level:g} % of normal samples)"
        last.set_xlabel(words, fontsize=8)


def _widen_to(ax: "Axes", span: float) -> None:
    """Widen the ordinate around its middle, so that rounding errors do not fill it."""
    low, high = ax.get_ylim()
    if high - low < span:
        ax.set_ylim((low + high - span) / 2, (low + high + span) / 2)


def _free_corner(
    at: FloatArray, taken: list[FloatArray], pixels_per_point: float
) -> tuple[int, int]:
    """Return the offset, in points, of a label from its point that keeps off earlier ones."""
    corners = ((5, 5), (5, -6), (-5, 5), (-5, -6))
    gaps = []
    for corner in corners:
        place = at / pixels_per_point + np.array(corner) * (2, 1)
        gaps.append(min((np.abs(place - other).max() for other in taken), default=np.inf))
    # Ten points are a line's height: the first corner that leaves so much, else the best.
    best = next((i for i, gap in enumerate(gaps) if gap >= 10), int(np.argmax(gaps)))
    taken.append(at / pixels_per_point + np.array(corners[best]) * (2, 1))
    return corners[best]


def shape_bands(n_samples: int, confidence_level: float) -> Bands:
    r"""Return the intervals where skewness and excess kurtosis of n normal samples lie.

    Means are 0 and :math:`-6 / (n + 1)`, variances :math:`6 (n - 2) / ((n + 1)(n + 3))` and
    :math:`24 n (n - 2)(n - 3) / ((n + 1)^2 (n + 3)(n + 5))` (R. A. Fisher, Proceedings of the
    Royal Society A 130, 16-28, 1930).
    """
    n = n_samples
    z = float(-special.ndtri((1 - confidence_level) / 2))
    skew = z * float(np.sqrt(6 * (n - 2) / ((n + 1) * (n + 3))))
    variance = 24 * n * (n - 2) * (n - 3) / ((n + 1) ** 2 * (n + 3) * (n + 5))
    half, center = z * float(np.sqrt(variance)), -6 / (n + 1)
    return (-skew, skew), (center - half, center + half)
