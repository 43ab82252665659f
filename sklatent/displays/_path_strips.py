"""Images along paths through latent space, above how usual the points of the paths are."""

import numpy as np
from scipy import stats

from sklatent._images import as_image_array
from sklatent._validation import check_choice
from sklatent.displays._base import GREY, LINESTYLES, MARKERS, PALETTE, get_ax, merge_keywords
from sklatent.displays._decoding import decode, density_of
from sklatent.displays._path_arrays import (
    as_strips,
    by_name,
    checked_count,
    checked_points,
    checked_positions,
    checked_values,
)
from sklatent.displays._tile_drawing import GAP, draw_tile_rows, tile_inches
from sklatent.displays._tiles import Units, evenly_spaced, known_range, unit_images, units_of

__all__ = ["PathDisplay"]

_CURVE_INCHES = 1.5
_BAND = 0.95
_MEASURES = {
    "mahalanobis_squared": "squared\nMahalanobis\ndistance",
    "density_percentile": "percentile\nof density",
}


class PathDisplay:
    """Strips of images along one path or several, with a curve below.

    The curve tells how far from the centre of the latent distribution, or how usual, each point
    of a path is. An image stands above its place on the curve; where positions are uneven, so
    is the axis. It is recommended to use `from_path`, `from_points` or `from_images` to create
    a display.

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
        Curves by path, after `plot`.

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
        n_images=9,
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
        n_images : int, default=9
            Number of images on a strip, at least 2, at nearly even distances.
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
        n_images=9,
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
        n_images : int, default=9
            Number of images on a strip, at least 2, at nearly even distances.
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
        n_images=9,
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
        n_images : int, default=9
            Number of images on a strip, at least 2, at nearly even distances.
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
        """
        arrays = {
            name: as_image_array(value, f"images[{name!r}]")
            for name, value in by_name(images, "images").items()
        }
        n = len(next(iter(arrays.values())))
        positions = np.linspace(0.0, 1.0, n) if positions is None else positions
        positions = checked_positions(positions, {name: len(v) for name, v in arrays.items()})
        shown = evenly_spaced(positions, checked_count(n_images))
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
        shown = evenly_spaced(positions, checked_count(n_images))
        units = units_of(decoder, *units)
        images = {
            name: unit_images(decode(decoder, np.asarray(points)[shown]), "images", units)
            for name, points in paths.items()
        }
        values = checked_values(values, images, len(positions))
        return cls(images, positions, shown, values, value_name, band, position_name)

    def plot(self, ax=None, *, image_kwargs=None, line_kwargs=None):
        """Draw strips, and curves below them.

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
        """
        rows = list(self.images.values())
        names = list(self.images) if len(rows) > 1 else []
        labels = [*names, "Mahalanobis  00"] if self.values else names
        tile, margin = tile_inches(len(self.shown), labels)
        shape = rows[0].shape
        strips = len(rows) * (shape[1] / shape[2] + GAP)
        height = strips * tile + (_CURVE_INCHES + 0.6 if self.values else 0.45)
        self.figure_, self.ax_ = get_ax(ax, (len(self.shown) * (1 + GAP) * tile + margin, height))
        images, _ = draw_tile_rows(
            self.ax_, rows, labels=names, tile=tile, image_kwargs=image_kwargs
        )
        self.images_ = dict(zip(self.images, images, strict=True))
        self.lines_, self.curve_ax_ = {}, None
        centres = np.arange(len(self.shown)) * (1 + GAP) + 0.5
        ticked = self.ax_
        if self.values:
            self._draw_curves(strips, tile, centres, line_kwargs)
            ticked = self.curve_ax_
        ticked.set_xticks(centres, labels=[f"{value:.3g}" for value in self.positions[self.shown]])
        ticked.set_xlabel(self.position_name, fontsize=9)
        return self

    def _draw_curves(self, strips: float, tile: float, centres, line_kwargs) -> None:
        from matplotlib.lines import Line2D

        left, right = self.ax_.get_xlim()
        height = _CURVE_INCHES / tile
        self.ax_.set_ylim(strips + 0.1 + height, -GAP / 2)
        bounds = (left, strips + 0.1, right - left, height)
        axis = self.ax_.inset_axes(bounds, transform=self.ax_.transData)
        self.curve_ax_ = axis
        # An image stands above its point, also where positions are uneven.
        x = np.interp(self.positions, self.positions[self.shown], centres)
        if self.band is not None:
            axis.axhspan(*self.band, color=GREY, alpha=0.25, linewidth=0,
                         label="95 % of points, if normal")  # fmt: skip
        for index, (name, values) in enumerate(self.values.items()):
            style = {
                "color": PALETTE[index % 7], "linestyle": LINESTYLES[index % len(LINESTYLES)],
                "marker": MARKERS[index % len(MARKERS)], "markersize": 4,
                "markevery": self.shown.tolist(), "label": name if len(self.values) > 1 else None,
            }  # fmt: skip
            style = merge_keywords("line_kwargs", style, line_kwargs, Line2D)
            (self.lines_[name],) = axis.plot(x, values, **style)
        axis.set_xlim(left, right)
        axis.set_ylabel(self.value_name, fontsize=9)
        axis.tick_params(labelsize=8)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
        if axis.get_legend_handles_labels()[1]:
            axis.legend(frameon=False, fontsize=8)


def _chi_square_band(degrees) -> tuple[float, float]:
    low, high = stats.chi2.interval(_BAND, degrees)
    return float(low), float(high)
