"""Images along paths through latent space, above how usual the points of the paths are."""

import numpy as np
from scipy import stats

from sklatent._images.format import as_image_array
from sklatent._validation import check_choice
from sklatent.displays._drawing.axes import GREY, LEGEND_LINE, SMALL, add_legend, get_ax, get_inches
from sklatent.displays._drawing.decoding import decode, density_of
from sklatent.displays._drawing.path_arrays import (
    as_strips,
    by_name,
    checked_count,
    checked_points,
    checked_positions,
    checked_values,
)
from sklatent.displays._drawing.path_curves import (
    CURVE_INCHES,
    add_curve_axes,
    curve_labels,
    draw_curves,
    draw_leaders,
    legend_columns,
    places_of_images,
)
from sklatent.displays._drawing.tile_drawing import GAP, SMALLEST_TILE, draw_tile_rows, tile_inches
from sklatent.displays._drawing.tiles import (
    Units,
    evenly_spaced,
    known_range,
    unit_images,
    units_of,
)

__all__ = ["PathDisplay"]

_ASIDE = 0.1
_HEIGHT_INCHES, _WIDTH_INCHES = 7.0, 3.6
_LEADER_INCHES = 0.3
_BAND_LABEL = "95 % of points, if normal"
_BAND = 0.95
_MEASURES = {
    "mahalanobis_squared": "squared\nMahalanobis\ndistance",
    "density_percentile": "percentile\nof density",
}


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
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import LatentGaussianModel, make_latent_pipeline
    >>> from sklatent.displays import PathDisplay
    >>> images = load_digits().data
    >>> pipeline = make_latent_pipeline(PCA(8), LatentGaussianModel()).fit(images)
    >>> first, last = pipeline[:-1].transform(images[:2])
    >>> points = np.linspace(first, last, 33)
    >>> display = PathDisplay.from_points(
    ...     pipeline, points, n_images=7, image_shape=(8, 8), value_range=(0, 16)
    ... )
    >>> display.values["path"].shape
    (33,)
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        images,
        positions,
        shown,
        values=None,
        value_name="squared Mahalanobis distance",
        band=None,
        position_name="position on the path",
    ):
        self.images = images
        self.positions = positions
        self.shown = shown
        self.values = values
        self.value_name = value_name
        self.band = band
        self.position_name = position_name

    @classmethod
    def from_path(
        cls,
        path,
        decoder=None,
        *,
        names=None,
        measure="mahalanobis_squared",
        position_name=None,
        n_images=None,
        image_shape=None,
        value_range="auto",
        ax=None,
        **plot_options,
    ):
        """Decode paths of `sklatent.paths`, which know where they are.

        Parameters
        ----------
        path : LatentPath, LatentGrid, or dict of str to LatentPath
            A path, a grid of which each row is one, or several paths by name, with the same
            positions. What counts are their `points`, `positions` or `rows` and `columns`, and
            an array of the name in `measure`.
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
        >>> path = linear_path(images[:2], 9, pipeline=pipeline)
        >>> display = PathDisplay.from_path(path, image_shape=(8, 8), value_range=(0, 16))
        >>> len(display.positions)
        9
        >>> plt.close(display.figure_)
        """
        check_choice("measure", measure, list(_MEASURES))
        paths, usual_name = as_strips(path, names, measure)
        first = next(iter(paths.values()))
        for name, strip in paths.items():
            if not np.array_equal(strip.positions, first.positions):
                raise ValueError(
                    f"path {name!r} must have the positions of the others, so that they share an "
                    "axis; draw it by itself."
                )
        decoder = first.pipeline if decoder is None else decoder
        if decoder is None:
            raise ValueError("decoder must be given where the path was made without a pipeline.")
        known = all(strip.values is not None for strip in paths.values())
        values = {name: strip.values for name, strip in paths.items()} if known else None
        band = None
        if measure == "mahalanobis_squared" and values is not None:
            d = np.shape(first.points)[1]
            band = _chi_square_band(getattr(density_of(decoder), "rank_", d))
        return cls._decoded(
            decoder, {name: strip.points for name, strip in paths.items()}, first.positions,
            values, _MEASURES[measure], band, n_images, Units(image_shape, value_range),
            position_name or usual_name,
        ).plot(ax, **plot_options)  # fmt: skip

    @classmethod
    def from_points(
        cls,
        decoder,
        points,
        density=None,
        *,
        positions=None,
        position_name="position on the path",
        n_images=None,
        image_shape=None,
        value_range="auto",
        ax=None,
        **plot_options,
    ):
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
        n_images : int or None, default=None
            Number of images on a strip, at least 2, at nearly even distances. None takes all
            of up to 13, and of more nine, or seven to eleven where these lie evenly.
        image_shape, value_range
            As in `from_path`.
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
            If points or parameters are out of bounds.
        TypeError
            If an estimator lacks a method.
        """
        paths = {name: checked_points(value) for name, value in by_name(points, "points").items()}
        n = len(next(iter(paths.values())))
        positions = np.linspace(0.0, 1.0, n) if positions is None else positions
        density = density_of(decoder) if density is None else density
        values, value_name, band = None, "", None
        if hasattr(density, "mahalanobis_squared"):
            values = {name: density.mahalanobis_squared(value) for name, value in paths.items()}
            value_name = _MEASURES["mahalanobis_squared"]
            band = _chi_square_band(getattr(density, "rank_", next(iter(paths.values())).shape[1]))
        elif hasattr(density, "score_samples"):
            values = {name: density.score_samples(value) for name, value in paths.items()}
            value_name = "log-density\n(nats)"
        elif density is not None:
            raise TypeError(
                f"density must have mahalanobis_squared or score_samples; got {density!r}."
            )
        return cls._decoded(
            decoder, paths, positions, values, value_name, band, n_images,
            Units(image_shape, value_range), position_name,
        ).plot(ax, **plot_options)  # fmt: skip

    @classmethod
    def from_images(
        cls,
        images,
        values=None,
        *,
        positions=None,
        position_name="position on the path",
        value_name="squared\nMahalanobis\ndistance",
        band=None,
        n_images=None,
        image_shape=None,
        value_range="auto",
        ax=None,
        **plot_options,
    ):
        """Take images along paths that are there already.

        Parameters
        ----------
        images : array-like of shape (n, n_pixels), (n, height, width) or \
                (n, height, width, channels), or dict of str to such
            Images in their order, at least 2; several paths by name have as many.
        values : array-like of shape (n,), or dict of str to such, default=None
            What the curve shows, for each point; a dictionary has the names of `images`.
        positions : array-like of shape (n,), default=None
            Places of the points, increasing; None takes even ones from 0 to 1.
        position_name : str, default="position on the path"
            Label of the axis along the paths.
        value_name : str, default="squared Mahalanobis distance"
            What the values are, in words; lines may break.
        band : tuple (low, high), default=None
            Values between which 95 % of points of the distribution lie.
        n_images : int or None, default=None
            Number of images on a strip, at least 2, at nearly even distances. None takes all
            of up to 13, and of more nine, or seven to eleven where these lie evenly.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" reads them off the images, for each
            path by itself.
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
            If arrays differ in length, or positions do not increase.
        TypeError
            If the images are not numbers.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_digits
        >>> from sklatent.displays import PathDisplay
        >>> images = load_digits().images[:9]
        >>> display = PathDisplay.from_images(images, range(9), n_images=5, value_name="step")
        >>> [len(strip) for strip in display.images.values()]
        [5]
        >>> plt.close(display.figure_)
        """
        arrays = {
            name: as_image_array(value, f"images[{name!r}]")
            for name, value in by_name(images, "images").items()
        }
        n = len(next(iter(arrays.values())))
        positions = np.linspace(0.0, 1.0, n) if positions is None else positions
        positions = checked_positions(positions, {name: len(v) for name, v in arrays.items()})
        shown = evenly_spaced(positions, checked_count(n_images, len(positions)))
        unit = {
            name: unit_images(
                value[shown],
                f"images[{name!r}]",
                Units(image_shape, known_range(value, value_range)),
            )
            for name, value in arrays.items()
        }
        curves = None if values is None else by_name(values, "values")
        curves = checked_values(curves, unit, n)
        return cls(unit, positions, shown, curves, value_name, band, position_name).plot(
            ax, **plot_options
        )

    @classmethod
    def _decoded(
        cls, decoder, paths, positions, values, value_name, band, n_images, units, position_name
    ):
        positions = checked_positions(positions, {name: len(p) for name, p in paths.items()})
        shown = evenly_spaced(positions, checked_count(n_images, len(positions)))
        units = units_of(decoder, *units)
        images = {
            name: unit_images(decode(decoder, np.asarray(points)[shown]), "images", units)
            for name, points in paths.items()
        }
        values = checked_values(values, images, len(positions))
        return cls(images, positions, shown, values, value_name, band, position_name)

    def plot(self, ax=None, *, image_kwargs=None, line_kwargs=None):
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
        tile, margin = tile_inches(
            len(self.shown), [*names, "Mahalanobis  00"] if self.values else names
        )
        ratio = rows[0].shape[1] / rows[0].shape[2] + GAP
        # Many rows make small tiles, so that they stay on a page.
        tile = max(min(tile, _HEIGHT_INCHES / (len(rows) * ratio)), SMALLEST_TILE)
        places = places_of_images(self.positions, self.shown, self._centres)
        led = self.values is not None and bool(np.abs(places - self._centres).max() > _ASIDE)
        strips, room = len(rows) * ratio, _LEADER_INCHES / tile if led else 0.1
        width = max(len(self.shown) * (1 + GAP) * tile + margin, _WIDTH_INCHES)
        height = (
            strips * tile + 0.45 + (self._curve_inches(width) + room * tile if self.values else 0)
        )
        self.figure_, self.ax_ = get_ax(ax, (width, height))
        images, _ = draw_tile_rows(
            self.ax_, rows, labels=names, tile=tile, image_kwargs=image_kwargs
        )
        self.images_ = dict(zip(self.images, images, strict=True))
        self.lines_, self.curve_ax_, self.legend_, self.leaders_ = {}, None, None, None
        axes, ticks = self.ax_, self._centres
        if self.values:
            axes = add_curve_axes(self.ax_, strips, room, tile, self.positions, self._centres)
            ticks, self.curve_ax_ = self.positions[self.shown], axes
            self._draw_curves(axes, line_kwargs, own=ax is None)
        if led:
            ends = strips - GAP / 2, strips + room
            self.leaders_ = draw_leaders(self.ax_, self._centres, places, *ends)
        else:
            words = [f"{value:.3g}" for value in self.positions[self.shown]]
            axes.set_xticks(ticks, labels=words)
        axes.set_xlabel(self.position_name, fontsize=9)
        return self

    @property
    def _centres(self) -> np.ndarray:
        """Middles of the images, in widths of an image."""
        return np.arange(len(self.shown)) * (1 + GAP) + 0.5

    def _labels(self) -> list[str]:
        band = [] if self.band is None else [_BAND_LABEL]
        return [*curve_labels(self.values).values(), *band]

    def _curve_inches(self, width: float) -> float:
        labels = self._labels()
        lines = -(-len(labels) // legend_columns(labels, width))
        return CURVE_INCHES + 0.1 + LEGEND_LINE * lines

    def _draw_curves(self, axes, line_kwargs, own: bool) -> None:
        bands = []
        if self.band is not None:
            style = {"color": GREY, "alpha": 0.25, "linewidth": 0, "label": _BAND_LABEL}
            bands = [axes.axhspan(*self.band, **style)]
        self.lines_ = draw_curves(axes, self.positions, self.values, self.shown, line_kwargs)
        axes.set_ylabel(self.value_name, fontsize=9)
        axes.tick_params(labelsize=8)
        for name, label in curve_labels(self.values).items():
            self.lines_[name].set_label(label)
        handles = [*(self.lines_[name] for name in curve_labels(self.values)), *bands]
        inches = self.figure_.get_figwidth() if own else get_inches(self.ax_)[0]
        columns = legend_columns(self._labels(), inches)
        if handles and own:
            self.legend_ = add_legend(self.figure_, axes, handles, own=True, n_columns=columns)
        elif handles:
            self.legend_ = axes.legend(
                handles=handles, frameon=False, fontsize=SMALL, ncols=columns
            )


def _chi_square_band(degrees) -> tuple[float, float]:
    low, high = stats.chi2.interval(_BAND, degrees)
    return float(low), float(high)
