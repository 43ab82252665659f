"""Two latent components: points, ellipses of the normal, density contours."""

import numpy as np

from sklatent._validation import check_at_most_one
from sklatent.displays._drawing.axes import (
    ACCENT,
    CONTRAST,
    LINESTYLES,
    add_legend,
    get_ax,
    line_handle,
    merge_keywords,
)
from sklatent.displays._drawing.points import (
    LatentPointsDisplay,
    as_latent_sample,
    check_components,
    component_label,
    subsample_rows,
)

__all__ = ["ComponentPairDisplay"]


class ComponentPairDisplay(LatentPointsDisplay):
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
        The figure.
    ax_ : matplotlib.axes.Axes
        The axes.
    scatter_ : matplotlib.collections.PathCollection
        The m points.
    ellipses_ : list of matplotlib.patches.Ellipse
        Ellipses, in the order of `ellipses`.
    center_ : matplotlib.lines.Line2D
        The mean.
    contours_ : matplotlib.contour.QuadContourSet or None
        The density contours, lowest level first.
    legend_ : matplotlib.legend.Legend
        The legend.

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

    def __init__(self, points, ellipses, empirical_coverage, contours, names, n_samples):
        self.points = points
        self.ellipses = ellipses
        self.empirical_coverage = empirical_coverage
        self.contours = contours
        self.names = names
        self.n_samples = n_samples

    @classmethod
    def from_points(
        cls,
        points,
        model=None,
        *,
        pair=None,
        n_std=None,
        coverage=None,
        density_coverages=(0.5, 0.9),
        max_points=5000,
        random_state=None,
        ax=None,
        **plot_options,
    ):
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units.
        model : LatentGaussianModel or None, default=None
            Gives centre and ellipses; None fits one to the points.
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
        pair = check_components(pair, sample, 2, 2, "pair")
        if len(pair) != 2:
            raise ValueError(f"pair must name two components; got {len(pair)}.")
        ellipses = ellipses_of_sizes(sample.model, [pair], n_std, coverage)
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
        ax=None,
        *,
        scatter_kwargs=None,
        ellipse_kwargs=None,
        contour_kwargs=None,
        center_kwargs=None,
    ):
        """Draw points, ellipses, centre and contours.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where to draw; None makes a figure.
        scatter_kwargs, ellipse_kwargs, contour_kwargs, center_kwargs : dict or None, \
default=None
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
        self.contours_, handles = None, [self.scatter_]
        if self.contours is not None:
            self.contours_ = draw_contours(self.ax_, self.contours, contour_kwargs)
        self.ellipses_ = [
            draw_ellipse(self.ax_, each, 0, index, ellipse_kwargs)
            for index, each in enumerate(self.ellipses)
        ]
        for patch, each, found in zip(
            self.ellipses_, self.ellipses, self.empirical_coverage, strict=True
        ):
            patch.set_label(f"{ellipse_label(each)}, {100 * found:.1f} % of the points")
        style = {"color": "black", "marker": "+", "markersize": 10, "linestyle": "none"}
        style = merge_keywords("center_kwargs", {**style, "markeredgewidth": 2}, center_kwargs)
        self.center_ = self.ax_.plot(*self.ellipses[0].centers[0], label="mean", **style)[0]
        handles += [line_handle(patch, patch.get_label()) for patch in self.ellipses_]
        handles.append(self.center_)
        if self.contours is not None:
            handles.append(contour_handle(self.contours_, self.contours))
        first, second = (component_label(name) for name in self.names)
        self.ax_.set(xlabel=f"{first} (latent units)", ylabel=f"{second} (latent units)")
        self.legend_ = add_legend(self.figure_, self.ax_, handles, own=ax is None)
        return self


def ellipses_of_sizes(model, pairs, n_std=None, coverage=None):
    """Return ellipses of pairs in several sizes, of 2 and 3 sigma where none are given.

    Parameters
    ----------
    model : LatentGaussianModel
        Fitted.
    pairs : array-like of shape (k, 2) of int
        Components.
    n_std, coverage : float, array-like of float, or None
        Sizes in sigma, or nominal coverages.

    Returns
    -------
    list of ConfidenceEllipses
        One for each size.

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays._pair import ellipses_of_sizes
    >>> model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    >>> [each.n_std for each in ellipses_of_sizes(model, [(0, 1)])]
    [2.0, 3.0]
    """
    check_at_most_one(n_std=n_std, coverage=coverage)
    name = "n_std" if coverage is None else "coverage"
    sizes = (2, 3) if n_std is None else n_std
    sizes = np.atleast_1d(sizes if coverage is None else coverage)
    if sizes.ndim != 1 or len(sizes) == 0:
        raise ValueError(f"{name} must be a number or several; got shape {sizes.shape}.")
    return [model.ellipses(pairs, **{name: _plain(size)}) for size in sizes]


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def pair_contours(sample, pair, density_coverages, **options):
    """Return density contours of a pair of components.

    Parameters
    ----------
    sample : LatentSample
        Points and model.
    pair : sequence of two int
        Components.
    density_coverages : array-like of float
        Shares inside the contours, in (0, 1).
    **options : dict
        Handed to `LatentGaussianModel.density_contours`.

    Returns
    -------
    DensityContours
        The contours.

    Raises
    ------
    ValueError
        If a share is out of its range, or the pair has no density.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.displays._pair import pair_contours
    >>> from sklatent.displays._drawing.points import as_latent_sample
    >>> sample = as_latent_sample(np.random.default_rng(0).normal(size=(100, 3)))
    >>> pair_contours(sample, (0, 2), [0.5]).pair
    (0, 2)
    """
    pair = tuple(int(index) for index in pair)
    try:
        return sample.model.density_contours(sample.points, pair, density_coverages, **options)
    except ValueError as error:
        raise ValueError(
            "density_coverages must be None, or shares in (0, 1) of components that have a "
            f"density: {error}"
        ) from error


def ellipse_label(ellipses) -> str:
    """Return in words what an ellipse shows.

    Parameters
    ----------
    ellipses : ConfidenceEllipses
        Of one size.

    Returns
    -------
    str

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays._pair import ellipse_label
    >>> model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    >>> ellipse_label(model.ellipses(coverage=0.95))
    'ellipse of 2.45 sigma: 95.0 % of a normal'
    """
    nominal = 100 * ellipses.nominal_coverage
    return f"ellipse of {ellipses.n_std:.3g} sigma: {nominal:.1f} % of a normal"


def draw_scatter(ax, points, given=None, small=False):
    """Draw points, paler the more there are, and return them."""
    from matplotlib.collections import PathCollection

    n = len(points)
    size = (2 if n > 500 else 5) if small else (6 if n > 1000 else 12)
    style = {"s": size, "color": ACCENT, "linewidths": 0}
    style["alpha"] = float(np.clip(1000 / max(n, 1), 0.25, 0.7))
    style = merge_keywords("scatter_kwargs", style, given, PathCollection)
    if "facecolor" in style or "c" in style:
        style.pop("color")
    return ax.scatter(*points.T, **style)


def draw_ellipse(ax, ellipses, row: int, size: int, given=None):
    """Draw one row of a record of ellipses, styled by the number of its size."""
    from matplotlib.patches import Ellipse

    style = {"fill": False, "edgecolor": CONTRAST, "linewidth": 1.6}
    style["linestyle"] = LINESTYLES[size % len(LINESTYLES)]
    style = merge_keywords("ellipse_kwargs", style, given, Ellipse)
    long, short = ellipses.half_axes[row]
    angle = np.degrees(ellipses.angles[row])
    patch = Ellipse(ellipses.centers[row], 2 * long, 2 * short, angle=angle, **style)
    ax.add_patch(patch)
    ax.autoscale_view()
    return patch


def draw_contours(ax, contours, given=None):
    """Draw the boundaries of highest-density regions, and return them."""
    style = {"colors": "black", "linewidths": 1.0}
    style = merge_keywords("contour_kwargs", style, given)
    if "cmap" in style:
        style.pop("colors")
    levels = np.unique(contours.levels)
    return ax.contour(contours.x, contours.y, contours.density, levels=levels, **style)


def contour_handle(drawn, contours):
    """Return a line for the legend that says what the contours show."""
    from matplotlib.lines import Line2D

    shares = [f"{100 * value:g} %" for value in np.sort(contours.coverages)]
    words = shares[0] if len(shares) == 1 else f"{', '.join(shares[:-1])} and {shares[-1]}"
    label = f"densest regions that hold {words} of the points"
    color, width = drawn.get_edgecolor()[0], drawn.get_linewidth()[0]
    return Line2D([], [], color=color, linewidth=width, label=label)
