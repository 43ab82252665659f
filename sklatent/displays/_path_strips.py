"""Images along paths through latent space, above how usual the points of the paths are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from sklatent._images.format import as_image_array
from sklatent._pipeline.steps import density_of
from sklatent._typing import ArrayLike, FloatArray, ImageShape, IntArray, Self, ValueRange
from sklatent._validation import check_choice
from sklatent.displays._drawing.axes import get_ax, get_inches
from sklatent.displays._drawing.decoding import decode_strips, decoder_for
from sklatent.displays._drawing.options import PathOptions, names_keywords
from sklatent.displays._drawing.path_arrays import (
    MEASURES,
    Strips,
    as_strips,
    by_name,
    checked_paths,
    checked_values,
    positions_and_shown,
    with_band,
    with_curves,
)
from sklatent.displays._drawing.path_curves import (
    add_curve_axes,
    add_curve_legend,
    curve_inches,
    curve_labels,
    draw_band,
    draw_curves,
    draw_leaders,
    places_of_images,
)
from sklatent.displays._drawing.style import Style
from sklatent.displays._drawing.tile_drawing import GAP, SMALLEST_TILE, draw_tile_rows, tile_inches
from sklatent.displays._drawing.tiles import Units, known_range, unit_images, units_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

__all__ = ["PathDisplay"]

_ASIDE = 0.1
_HEIGHT_INCHES, _WIDTH_INCHES = 7.0, 3.6
_LEADER_INCHES = 0.3


@names_keywords
@dataclass(eq=False, repr=False)
class PathDisplay:
    """Strips of images along one path or several, with a curve below.

    The curve tells how far from the centre of the latent distribution, or how usual, each point
    of a path is, on an axis that is true to the positions. Images stand above their places on
    the curve; where these are not at even distances, lines lead to them. It is
    recommended to use `from_path`, `from_points` or `from_images` to create a display.

    Parameters
    ----------
    images : dict of str to ndarray of shape (m, height, width, channels)
        Images in [0, 1] that are shown of each path, by its name.
    positions : ndarray of shape (n,)
        Places of points along all paths, increasing.
    shown : ndarray of shape (m,), int
        Which of the points the images are those of.
    values : dict of str to ndarray of shape (n,), default=None
        What the curves show, by path; None leaves them out.
    value_name : str, default="squared Mahalanobis distance"
        What that is, in words.
    band : tuple of two float, default=None
        Values between which 95 % of points of the distribution lie.
    position_name : str, default="position on the path"
        Label of the axis along the paths.

    Attributes
    ----------
    images, positions, shown, values, value_name, band, position_name
        As above.
    ax_ : matplotlib.axes.Axes
        With the strips, after `plot`.
    curve_ax_ : matplotlib.axes.Axes or None
        Inside of it, with the curves, after `plot`.
    figure_ : matplotlib.figure.Figure
        Around them, after `plot`.
    images_ : dict of str to list of matplotlib.image.AxesImage
        After `plot`.
    lines_ : dict of str to matplotlib.lines.Line2D
        Curves by path, over the positions, after `plot`.
    leaders_ : matplotlib.collections.LineCollection or None
        Lines from images to their places, where these are not below them, after `plot`.
    legend_ : matplotlib.legend.Legend or None
        Curves and band, after `plot`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import LatentGaussianModel, make_latent_pipeline
    >>> from sklatent.displays import PathDisplay
    >>> from sklatent.paths import linear_path
    >>> images = load_digits().data
    >>> pipeline = make_latent_pipeline(PCA(8), LatentGaussianModel()).fit(images)
    >>> path = linear_path(images[:2], 33, pipeline=pipeline)
    >>> display = PathDisplay.from_path(path, image_shape=(8, 8), value_range=(0, 16))
    >>> display.values["path"].shape
    (33,)
    >>> plt.close(display.figure_)
    """

    images: dict[str, FloatArray]
    positions: FloatArray
    shown: IntArray
    values: dict[str, FloatArray] | None = None
    value_name: str = "squared Mahalanobis distance"
    band: tuple[float, float] | None = None
    position_name: str = "position on the path"
    ax_: "Axes" = field(init=False)
    curve_ax_: "Axes | None" = field(init=False)
    figure_: "Figure" = field(init=False)
    images_: "dict[str, list[AxesImage]]" = field(init=False)
    lines_: "dict[str, Line2D]" = field(init=False)
    leaders_: "LineCollection | None" = field(init=False)
    legend_: "Legend | None" = field(init=False)

    @classmethod
    def from_path(
        cls,
        path: Any,
        decoder: Any = None,
        *,
        names: Sequence[str] | None = None,
        measure: Literal["mahalanobis_squared", "density_percentile"] = "mahalanobis_squared",
        position_name: str | None = None,
        n_images: int | None = None,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[PathOptions],
    ) -> Self:
        """Decode paths of `sklatent.paths`, which know where they are.

        Parameters
        ----------
        path : LatentPath, LatentGrid, or dict of str to LatentPath
            A path, a grid of which each row is one, or several paths by name, with the same
            positions. What counts are their `points`, `positions` or `rows` and `columns`, and
            an array of the name in `measure`. Rows of a grid with `originals` are edits of these.
        decoder : estimator, default=None
            Fitted, with `inverse_transform`; of a pipeline that ends in a density, the steps
            before it. None takes the `pipeline` of the path.
        names : sequence of str, default=None
            Of the rows of a grid; None makes them of its `rows`.
        measure : {"mahalanobis_squared", "density_percentile"}, default="mahalanobis_squared"
            What the curve shows; there is none where the paths do not know it.
        position_name : str, default=None
            Label of the axis along the paths; None says it by the kind of path or grid.
        n_images : int or None, default=None
            Number of images on a strip, at least 2, at nearly even distances. None takes all
            of up to 13, and of more nine, or seven to eleven where these lie evenly.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows; None asks the decoder.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" asks the decoder, or else the images.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        PathDisplay
            Drawn.

        Raises
        ------
        ValueError
            If a parameter is none of the allowed, if paths differ in their positions, or there
            is no decoder.
        TypeError
            If a path has no points and positions.
        """
        check_choice("measure", measure, list(MEASURES))
        strips = as_strips(path, names, measure)
        record = next(iter(path.values())) if isinstance(path, Mapping) else path
        decoder = decoder_for(record, decoder, "path")
        strips = with_band(strips, measure, decoder)
        strips = strips._replace(position_name=position_name or strips.position_name)
        display = cls._decoded(decoder, strips, n_images, Units(image_shape, value_range))
        return display.plot(ax, **plot_options)

    @classmethod
    def from_points(
        cls,
        decoder: Any,
        points: ArrayLike | Mapping[str, ArrayLike],
        density: Any = None,
        *,
        positions: ArrayLike | None = None,
        position_name: str = "position on the path",
        n_images: int | None = None,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[PathOptions],
    ) -> Self:
        """Decode points along paths, and measure how usual they are.

        Parameters
        ----------
        decoder : estimator
            Fitted, with `inverse_transform`; of a pipeline that ends in a density, the steps
            before it.
        points : array-like of shape (n, d), or dict of str to such
            Latent points in their order, at least 2; several paths by name have as many.
        density : estimator, default=None
            Fitted to latent points, with `mahalanobis_squared`, or else `score_samples`. None
            takes the last step of a pipeline that ends in one, or leaves the curve out.
        positions : array-like of shape (n,), default=None
            Places of the points, increasing; None takes even ones from 0 to 1.
        position_name : str, default="position on the path"
            Label of the axis along the paths.
        n_images, image_shape, value_range, ax
            As in `from_path`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        PathDisplay
            Drawn.

        Raises
        ------
        ValueError
            If points or parameters are out of bounds.
        TypeError
            If an estimator lacks a method.
        """
        strips = Strips(checked_paths(points), positions, position_name)
        strips = with_curves(strips, density_of(decoder) if density is None else density)
        display = cls._decoded(decoder, strips, n_images, Units(image_shape, value_range))
        return display.plot(ax, **plot_options)

    @classmethod
    def from_images(
        cls,
        images: ArrayLike | Mapping[str, ArrayLike],
        values: ArrayLike | Mapping[str, ArrayLike] | None = None,
        *,
        positions: ArrayLike | None = None,
        position_name: str = "position on the path",
        value_name: str = "squared\nMahalanobis\ndistance",
        band: tuple[float, float] | None = None,
        n_images: int | None = None,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[PathOptions],
    ) -> Self:
        """Take images along paths that are there already.

        Parameters
        ----------
        images : array-like or dict of str to array-like
            Of shape (n, n_pixels) or (n, height, width[, channels]), in their order, n at least 2;
            several paths by name have as many.
        values : array-like of shape (n,), or dict of str to such, default=None
            What the curve shows, for each point; a dictionary has the names of `images`.
        positions, position_name
            As in `from_points`.
        value_name : str, default="squared Mahalanobis distance"
            What the values are, in words; lines may break.
        band : tuple (low, high), default=None
            Values between which 95 % of points of the distribution lie.
        n_images, image_shape, value_range, ax
            As in `from_path`; "auto" reads values off the images, for each path by itself.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        PathDisplay
            Drawn.

        Raises
        ------
        ValueError
            If arrays differ in length, or positions do not increase.
        TypeError
            If the images are not numbers.
        """
        arrays = {
            name: as_image_array(value, f"images[{name!r}]")
            for name, value in by_name(images, "images").items()
        }
        positions, shown = positions_and_shown(positions, arrays, n_images)
        unit = {}
        for name, value in arrays.items():
            units = Units(image_shape, known_range(value, value_range))
            unit[name] = unit_images(value[shown], f"images[{name!r}]", units)
        curves = None if values is None else by_name(values, "values")
        curves = checked_values(curves, unit, len(positions))
        display = cls(unit, positions, shown, curves, value_name, band, position_name)
        return display.plot(ax, **plot_options)

    @classmethod
    def _decoded(cls, decoder: Any, strips: Strips, n_images: int | None, units: Units) -> Self:
        positions, shown = positions_and_shown(strips.positions, strips.points, n_images)
        units = units_of(decoder, *units)
        images = {
            name: unit_images(found, "images", units)
            for name, found in decode_strips(decoder, strips, shown).items()
        }
        values = checked_values(strips.values, images, len(positions))
        return cls(
            images, positions, shown, values, strips.value_name, strips.band, strips.position_name
        )

    def plot(
        self, ax: "Axes | None" = None, *, image_kwargs: Style = None, line_kwargs: Style = None
    ) -> Self:
        """Draw strips, and curves below them.

        A new figure is wide and high enough for a page; many rows have small images.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on; None makes a figure.
        image_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.imshow`.
        line_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.plot`.

        Returns
        -------
        self : PathDisplay

        Raises
        ------
        TypeError
            If `ax` is no Axes, or keywords are no dictionary.
        """
        rows = list(self.images.values())
        names = list(self.images) if len(rows) > 1 else []
        values, centres = self.values or {}, np.arange(len(self.shown)) * (1 + GAP) + 0.5
        tile, margin = tile_inches(
            len(self.shown), [*names, "Mahalanobis  00"] if values else names
        )
        ratio = rows[0].shape[1] / rows[0].shape[2] + GAP
        # Many rows make small tiles, so that they stay on a page.
        tile = max(min(tile, _HEIGHT_INCHES / (len(rows) * ratio)), SMALLEST_TILE)
        places = places_of_images(self.positions, self.shown, centres)
        led = bool(values) and bool(np.abs(places - centres).max() > _ASIDE)
        strips, room = len(rows) * ratio, _LEADER_INCHES / tile if led else 0.1
        width = max(len(self.shown) * (1 + GAP) * tile + margin, _WIDTH_INCHES)
        below = curve_inches(values, self.band, width) + room * tile if values else 0.0
        self.figure_, self.ax_ = get_ax(ax, (width, strips * tile + 0.45 + below))
        images, _ = draw_tile_rows(
            self.ax_, rows, labels=names, tile=tile, image_kwargs=image_kwargs
        )
        self.images_ = dict(zip(self.images, images, strict=True))
        self.lines_, self.curve_ax_, self.legend_, self.leaders_ = {}, None, None, None
        axes, ticks = self.ax_, centres
        if values:
            axes = add_curve_axes(self.ax_, strips, room, tile, self.positions, centres)
            ticks, self.curve_ax_ = self.positions[self.shown], axes
            self._draw_curves(axes, line_kwargs, own=ax is None)
        if led:
            ends = strips - GAP / 2, strips + room
            self.leaders_ = draw_leaders(self.ax_, centres, places, *ends)
        else:
            words = [f"{value:.3g}" for value in self.positions[self.shown]]
            axes.set_xticks(ticks, labels=words)
        axes.set_xlabel(self.position_name, fontsize=9)
        return self

    def _draw_curves(self, axes: "Axes", line_kwargs: Style, own: bool) -> None:
        values = self.values or {}
        bands = [] if self.band is None else [draw_band(axes, self.band)]
        self.lines_ = draw_curves(axes, self.positions, values, self.shown, line_kwargs)
        axes.set_ylabel(self.value_name, fontsize=9)
        axes.tick_params(labelsize=8)
        handles = [*(self.lines_[name] for name in curve_labels(values)), *bands]
        inches = self.figure_.get_figwidth() if own else get_inches(self.ax_)[0]
        self.legend_ = add_curve_legend(self.figure_, axes, handles, inches, own=own)
