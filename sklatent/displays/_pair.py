"""Two latent components: points, ellipses of the normal, density contours."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from sklatent._gaussian.contours import DensityContours
from sklatent._gaussian.ellipses import ConfidenceEllipses
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import AnyArray, ArrayLike, FloatArray, RandomState, Self
from sklatent.displays._drawing.axes import get_ax
from sklatent.displays._drawing.legends import add_legend, line_handle
from sklatent.displays._drawing.options import ComponentPairOptions, names_keywords
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
from sklatent.displays._drawing.style import Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.contour import QuadContourSet
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import Ellipse

__all__ = ["ComponentPairDisplay"]


@names_keywords
@dataclass(eq=False, repr=False)
class ComponentPairDisplay:
    r"""Scatter plot of two latent components with ellipses and density contours.

    The legend gives the size of each ellipse in sigma, the share that it holds of a normal
    distribution, :math:`1 - e^{-n^2/2}`, and the share of all points that it does hold. The
    contours are boundaries of the smallest regions that hold the shares given, by a kernel
    density estimate. For normal points both agree.

    Make it with `from_estimator` or `from_points`.

    Parameters
    ----------
    points : ndarray of shape (m, 2)
        Points to show, in latent units.
    ellipses : list of ConfidenceEllipses
        Of this pair, one for each size.
    empirical_coverage : ndarray of shape (len(ellipses),)
        Share of all n points in each, in [0, 1].
    contours : DensityContours or None
        Kernel density on a grid, with levels.
    names : ndarray of shape (2,)
        Names or indices of the two components.
    n_samples : int
        Number of points, n, of which m are shown.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    ax_ : matplotlib.axes.Axes
        The axes, after `plot`.
    scatter_ : matplotlib.collections.PathCollection
        The m points, after `plot`.
    ellipses_ : list of matplotlib.patches.Ellipse
        Ellipses, in the order of `ellipses`, after `plot`.
    center_ : matplotlib.lines.Line2D
        The mean, after `plot`.
    contours_ : matplotlib.contour.QuadContourSet or None
        The density contours, lowest level first, after `plot`.
    legend_ : matplotlib.legend.Legend
        The legend, after `plot`.

    See Also
    --------
    sklatent.LatentGaussianModel.ellipses : The ellipses behind it.
    sklatent.LatentGaussianModel.density_contours : The contours behind it.
    CornerDisplay : All pairs of several components.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays import ComponentPairDisplay
    >>> Z = np.random.default_rng(0).normal([5.0, 0.0], [1.0, 3.0], size=(1000, 2))
    >>> model = LatentGaussianModel().fit(Z)
    >>> display = ComponentPairDisplay.from_estimator(model, Z, pair=(0, 1), random_state=0)
    >>> print(display.legend_.get_texts()[1].get_text())
    ellipse of 2 sigma: 86.5 % of a normal, ... % of the points
    """

    points: FloatArray
    ellipses: list[ConfidenceEllipses]
    empirical_coverage: FloatArray
    contours: DensityContours | None
    names: AnyArray
    n_samples: int
    figure_: "Figure" = field(init=False)
    ax_: "Axes" = field(init=False)
    scatter_: "PathCollection" = field(init=False)
    ellipses_: "list[Ellipse]" = field(init=False)
    center_: "Line2D" = field(init=False)
    contours_: "QuadContourSet | None" = field(init=False)
    legend_: "Legend" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        *,
        pair: ArrayLike | None = None,
        n_std: ArrayLike | None = None,
        coverage: ArrayLike | None = None,
        density_coverages: ArrayLike | None = (0.5, 0.9),
        max_points: int = 5000,
        random_state: RandomState = None,
        ax: "Axes | None" = None,
        **plot_options: Unpack[ComponentPairOptions],
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
        pair : tuple of two int or str, or None, default=None
            The components on the first and second axis, by index or name; None takes the two
            with the largest standard deviations.
        n_std, coverage : float, array-like of float, or None, default=None
            Sizes of the ellipses in sigma, above 0, or their nominal coverages, in (0, 1).
            Where neither is given they are of 2 and 3 sigma.
        density_coverages : array-like of float or None, default=(0.5, 0.9)
            Shares of points inside the density contours, in (0, 1); None draws none.
        max_points : int, default=5000
            Points to show, at least 1: a random subsample where there are more.
        random_state : int, RandomState instance or None, default=None
            Source of the subsamples of scatter and density.
        ax : matplotlib.axes.Axes or None, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `scatter_kwargs`, `ellipse_kwargs`, `contour_kwargs`,
            `center_kwargs`.

        Returns
        -------
        ComponentPairDisplay
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
            pair=pair,
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
        pair: ArrayLike | None = None,
        n_std: ArrayLike | None = None,
        coverage: ArrayLike | None = None,
        density_coverages: ArrayLike | None = (0.5, 0.9),
        max_points: int = 5000,
        random_state: RandomState = None,
        ax: "Axes | None" = None,
        **plot_options: Unpack[ComponentPairOptions],
    ) -> Self:
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units.
        model : LatentGaussianModel or None, default=None
            Gives centre and ellipses; None fits one to the points.
        pair, n_std, coverage, density_coverages, max_points, random_state, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        ComponentPairDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If the points are no finite array of d columns, or a parameter is not as above, or
            contours are wanted of components that lie on a line.
        """
        sample = as_latent_sample(points, model)
        pair = chosen_components(pair, sample, 2)
        pair = check_components(pair, sample.names, exactly=2, name="pair")
        ellipses = ellipses_of_sizes(sample.model, pair[None], n_std, coverage)
        contours = None
        if density_coverages is not None:
            contours = pair_contours(sample, pair, density_coverages, random_state=random_state)
        rows = subsample_rows(len(sample.points), max_points, random_state)
        display = cls(
            points=sample.points[rows][:, pair],
            ellipses=ellipses,
            empirical_coverage=np.array([each.coverage(sample.points)[0] for each in ellipses]),
            contours=contours,
            names=sample.names[pair],
            n_samples=len(sample.points),
        )
        return display.plot(ax, **plot_options)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        scatter_kwargs: Style = None,
        ellipse_kwargs: Style = None,
        contour_kwargs: Style = None,
        center_kwargs: Style = None,
    ) -> Self:
        """Draw points, ellipses, centre and contours.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where to draw; None makes a figure.
        scatter_kwargs, ellipse_kwargs, contour_kwargs, center_kwargs : dict, default=None
            Styling of the points (`matplotlib.axes.Axes.scatter`), of the ellipses
            (`matplotlib.patches.Ellipse`), of the contours (`matplotlib.axes.Axes.contour`)
            and of the centre (`matplotlib.axes.Axes.plot`).

        Returns
        -------
        ComponentPairDisplay
            The display itself.

        Raises
        ------
        TypeError
            If `ax` is no Axes, or keywords are no dictionary.
        """
        self.figure_, self.ax_ = get_ax(ax, figsize=(5.0, 5.2))
        self.scatter_ = draw_scatter(self.ax_, self.points, scatter_kwargs)
        shown = "" if len(self.points) == self.n_samples else f" of {self.n_samples:,}"
        self.scatter_.set_label(f"{len(self.points):,}{shown} points")
        self.contours_ = None
        handles: list[Any] = [self.scatter_]
        if self.contours is not None:
            self.contours_ = draw_contours(self.ax_, self.contours, contour_kwargs)
        self.ellipses_ = [
            draw_ellipse(self.ax_, each, 0, index, ellipse_kwargs)
            for index, each in enumerate(self.ellipses)
        ]
        sizes = zip(self.ellipses_, self.ellipses, self.empirical_coverage, strict=True)
        for patch, each, found in sizes:
            patch.set_label(f"{ellipse_label(each)}, {100 * found:.1f} % of the points")
        style: dict[str, Any] = {"color": "black", "marker": "+", "markersize": 10}
        style |= {"linestyle": "none", "markeredgewidth": 2}
        style = merge_keywords("center_kwargs", style, center_kwargs)
        self.center_ = self.ax_.plot(*self.ellipses[0].centers[0], label="mean", **style)[0]
        handles += [line_handle(patch, str(patch.get_label())) for patch in self.ellipses_]
        handles.append(self.center_)
        if self.contours is not None and self.contours_ is not None:
            handles.append(contour_handle(self.contours_, self.contours))
        first, second = (component_label(name) for name in self.names)
        self.ax_.set(xlabel=f"{first} (latent units)", ylabel=f"{second} (latent units)")
        self.legend_ = add_legend(self.figure_, self.ax_, handles, own=ax is None)
        return self
