"""Latent points in a plane, coloured by class."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._points import check_classes
from sklatent._typing import AnyArray, ArrayLike, FloatArray, RandomState, Self
from sklatent._validation import as_labels, check_bool
from sklatent.displays._drawing.axes import get_ax
from sklatent.displays._drawing.options import LatentMapOptions, names_keywords
from sklatent.displays._drawing.points import (
    LatentSample,
    as_latent_sample,
    check_components,
    component_label,
    latent_points_and_model,
    subsample_rows,
)
from sklatent.displays._drawing.style import MARKERS, PALETTE, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.text import Annotation

__all__ = ["LatentMapDisplay"]

MOST_CLASSES = 24


@names_keywords
@dataclass(eq=False, repr=False)
class LatentMapDisplay:
    """Map of latent points: two components, or the first two principal ones, by class.

    Classes differ in colour and marker, and their names stand at their medians, or near where these
    are too close; from the ninth class on colours come again, with open markers. The map is a
    projection: clouds that overlap here may be apart in other components. Axis labels say what
    share of the variance a principal component holds.

    Make it with `from_estimator` or `from_points`.

    Parameters
    ----------
    points : ndarray of shape (m, 2)
        Points to show: in latent units, or along principal components from the mean.
    labels : ndarray of shape (m,) or None
        Class of each.
    axis_labels : tuple of two str
        In words, with units.
    n_samples : int
        Number of points of which m are shown.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    ax_ : matplotlib.axes.Axes
        The axes, after `plot`.
    scatters_ : list of matplotlib.collections.PathCollection
        One for each class, in sorted order, after `plot`.
    texts_ : list of matplotlib.text.Text
        Names of the classes at their medians, after `plot`.
    legend_ : matplotlib.legend.Legend or None
        The legend, after `plot`; None without classes.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.displays import LatentMapDisplay
    >>> rng = np.random.default_rng(0)
    >>> Z = np.vstack([rng.normal(0, 1, (50, 6)), rng.normal(4, 1, (50, 6))])
    >>> display = LatentMapDisplay.from_points(Z, y=np.repeat(["cat", "dog"], 50))
    >>> [text.get_text() for text in display.texts_]
    ['cat', 'dog']
    """

    points: FloatArray
    labels: AnyArray | None
    axis_labels: tuple[str, str]
    n_samples: int
    figure_: "Figure" = field(init=False)
    ax_: "Axes" = field(init=False)
    scatters_: "list[PathCollection]" = field(init=False)
    texts_: "list[Annotation]" = field(init=False)
    legend_: "Legend | None" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        components: ArrayLike | None = None,
        max_points: int = 5000,
        random_state: RandomState = None,
        ax: "Axes | None" = None,
        **plot_options: Unpack[LatentMapOptions],
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
        y : array-like of shape (n,) or None, default=None
            Class of each row, of 24 at most; None draws all alike.
        components : tuple of two int or str, or None, default=None
            Components on the first and second axis, by index or name; None takes the first two
            principal components of the model's covariance, or both components where d is 2.
        max_points : int, default=5000
            Points to show, at least 1: a random subsample where there are more.
        random_state : int, RandomState instance or None, default=None
            Source of the subsample.
        ax : matplotlib.axes.Axes or None, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `centers`, `scatter_kwargs`, `text_kwargs`.

        Returns
        -------
        LatentMapDisplay
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
            y=y,
            components=components,
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
        y: ArrayLike | None = None,
        components: ArrayLike | None = None,
        max_points: int = 5000,
        random_state: RandomState = None,
        ax: "Axes | None" = None,
        **plot_options: Unpack[LatentMapOptions],
    ) -> Self:
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units, d at least 2.
        model : LatentGaussianModel or None, default=None
            Gives the principal components; None fits one to the points.
        y, components, max_points, random_state, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        LatentMapDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If the points are no finite array of two or more columns, `y` has another length or
            too many classes, or a parameter is not as above.
        """
        sample = as_latent_sample(points, model)
        n, d = sample.points.shape
        if d < 2:
            raise ValueError(f"points must have at least 2 columns; got {d}.")
        labels = None if y is None else _check_classes(y, n)
        if components is None and d > 2:
            plane, axis_labels = _principal_plane(sample)
        else:
            pair = (0, 1) if components is None else components
            chosen = check_components(pair, sample.names, exactly=2)
            plane = sample.points[:, chosen]
            first, second = (component_label(name) for name in sample.names[chosen])
            axis_labels = f"{first} (latent units)", f"{second} (latent units)"
        rows = subsample_rows(n, max_points, random_state)
        shown = None if labels is None else labels[rows]
        return cls(plane[rows], shown, axis_labels, n).plot(ax, **plot_options)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        centers: bool = True,
        scatter_kwargs: Style = None,
        text_kwargs: Style = None,
    ) -> Self:
        """Draw the map.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where to draw; None makes a figure.
        centers : bool, default=True
            Whether to write the names of the classes at their medians.
        scatter_kwargs, text_kwargs : dict or None, default=None
            Styling of the points (`matplotlib.axes.Axes.scatter`) and of the names
            (`matplotlib.axes.Axes.text`).

        Returns
        -------
        LatentMapDisplay
            The display itself.

        Raises
        ------
        TypeError
            If `ax` is no Axes, keywords are no dictionary, or `centers` is no bool.
        """
        from matplotlib.collections import PathCollection

        centers = check_bool("centers", centers)
        self.figure_, self.ax_ = get_ax(ax, figsize=(5.6, 4.4))
        m = len(self.points)
        style = {"s": 10 if m > 1000 else 18, "alpha": 0.6}
        style = merge_keywords("scatter_kwargs", style, scatter_kwargs, PathCollection)
        groups = [None] if self.labels is None else list(np.unique(self.labels))
        self.scatters_, self.texts_, self.legend_ = [], [], None
        for index, group in enumerate(groups):
            mask = slice(None) if group is None else self.labels == group
            own: dict[str, Any] = {"label": str(group), "marker": MARKERS[index % len(MARKERS)]}
            own |= _colors(index)
            self.scatters_.append(self.ax_.scatter(*self.points[mask].T, **{**own, **style}))
        first, second = self.axis_labels
        shown = f"{m:,} points" if m == self.n_samples else f"{m:,} of {self.n_samples:,} points"
        self.ax_.set(xlabel=first, ylabel=second)
        self.ax_.set_title(shown, fontsize=9)
        if self.labels is not None:
            if centers:
                self._name_classes(groups, text_kwargs)
            self.legend_ = self.ax_.legend(
                fontsize=8,
                title="class",
                title_fontsize=8,
                markerscale=1.8,
                loc="upper left",
                bbox_to_anchor=(1.0, 1.0),
                frameon=False,
                ncols=1 + (len(groups) > 14),
            )
        return self

    def _name_classes(self, groups: list[Any], text_kwargs: Style) -> None:
        from matplotlib.font_manager import FontProperties
        from matplotlib.patheffects import withStroke
        from matplotlib.text import Text

        halo = [withStroke(linewidth=3, foreground="white")]
        style: dict[str, Any] = {"ha": "center", "va": "center", "path_effects": halo}
        style |= {"fontsize": 11, "fontweight": "bold"}
        style = merge_keywords("text_kwargs", style, text_kwargs, Text)
        names = [str(group) for group in groups]
        medians = np.array([np.median(self.points[self.labels == each], axis=0) for each in groups])
        points = self.ax_.transData.transform(medians) * 72 / self.ax_.figure.dpi
        size = FontProperties(size=style["fontsize"]).get_size_in_points()
        extents = size * np.array([[0.7 * len(name) + 0.3, 1.2] for name in names])
        offsets = spread_boxes(points, extents) - points
        for name, at, offset in zip(names, medians, offsets, strict=True):
            place = {"xytext": offset, "textcoords": "offset points"}
            self.texts_.append(self.ax_.annotate(name, at, **place, **style))


def _colors(index: int) -> dict[str, Any]:
    """Return a filled marker of a colour, an open one where the colours come again."""
    color = PALETTE[index % len(PALETTE)]
    if index < len(PALETTE):
        return {"facecolors": color, "edgecolors": color, "linewidths": 0.3}
    return {"facecolors": "none", "edgecolors": color, "linewidths": 0.8}


def spread_boxes(centers: FloatArray, extents: FloatArray, n_rounds: int = 100) -> FloatArray:
    """Return centres (k, 2) of boxes moved apart until none overlap, or as far as the rounds go.

    Each round moves every pair that overlaps apart, along the side where it takes least.
    """
    centers = np.array(centers, dtype=np.float64)
    first, second = np.triu_indices(len(centers), 1)
    for _ in range(n_rounds):
        moved = False
        for i, j in zip(first, second, strict=True):
            gap = centers[j] - centers[i]
            overlap = (extents[i] + extents[j]) / 2 - np.abs(gap)
            if (overlap > 1e-6).all():
                side = 0 if overlap[0] < overlap[1] else 1
                step = overlap[side] / 2 * (1 if gap[side] >= 0 else -1)
                centers[i, side] -= step
                centers[j, side] += step
                moved = True
        if not moved:
            break
    return centers


def _check_classes(y: ArrayLike, n: int) -> AnyArray:
    labels = as_labels(y)
    if labels.shape != (n,):
        raise ValueError(f"y must be of shape ({n},), a class for each point; got {labels.shape}.")
    classes = len(np.unique(check_classes(labels)))
    if classes > MOST_CLASSES:
        raise ValueError(f"y must hold at most {MOST_CLASSES} classes; got {classes}.")
    return labels


def _principal_plane(sample: LatentSample) -> tuple[FloatArray, tuple[str, str]]:
    """Return the points along two principal components, and what the axes show."""
    variances, vectors = np.linalg.eigh(sample.model.covariance_)
    vectors = vectors[:, :-3:-1]
    # The sign of an eigenvector is free: its largest entry is made positive.
    largest = np.abs(vectors).argmax(axis=0)
    vectors = vectors * np.sign(vectors[largest, [0, 1]])
    total = variances.sum()
    shares = 100 * variances[:-3:-1] / total if total > 0 else np.zeros(2)
    first, second = (
        f"principal component {number}, {share:.0f} % of variance\n(latent units)"
        for number, share in enumerate(shares, start=1)
    )
    return (sample.points - sample.model.mean_) @ vectors, (first, second)
