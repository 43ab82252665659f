"""Images decoded on a grid over two latent components."""

from textwrap import fill

import numpy as np

from sklatent._gaussian.ellipse_geometry import (
    axes_from_covariance,
    ellipse_coverage,
    ellipse_outlines,
)
from sklatent._tables import decimals_for, format_numbers
from sklatent._validation import check_choice, check_number
from sklatent.displays._drawing.axes import PALETTE, get_ax, get_inches, merge_keywords
from sklatent.displays._drawing.decoding import decode, density_of
from sklatent.displays._drawing.plane import plane_points
from sklatent.displays._drawing.tile_drawing import draw_tile
from sklatent.displays._drawing.tiles import Units, unit_images, units_of

__all__ = ["PlaneGridDisplay"]

_FILLED = 0.94
_LETTER_INCHES = 0.065
_ELLIPSE_COLORS = (PALETTE[1], PALETTE[5], PALETTE[4])


class PlaneGridDisplay:
    """Images decoded on a grid over two latent components, with ellipses over them.

    It is recommended to use `from_estimator` or `from_images` to create a display.

    Parameters
    ----------
    images : ndarray of shape (ny, nx, height, width, channels)
        Images in [0, 1]; the first line has the smallest y.
    x, y : ndarray of shape (nx,) and (ny,)
        Centres of the images, increasing, at even distances.
    names : tuple of two str
        Labels of the axes, with units.
    center : ndarray of shape (2,), default=None
        Centre of ellipses, in the units of the axes.
    covariance : ndarray of shape (2, 2), default=None
        Of the pair, in the units of the axes.
    n_std : tuple of float, default=()
        Ellipses to draw.

    Attributes
    ----------
    images, x, y, names, center, covariance, n_std
        As above.
    ax_ : matplotlib.axes.Axes
        With the picture, after `plot`.
    figure_ : matplotlib.figure.Figure
        Around it, after `plot`.
    images_ : ndarray of shape (ny, nx) of matplotlib.image.AxesImage
        After `plot`.
    ellipses_ : list of matplotlib.lines.Line2D
        In the order of `n_std`, after `plot`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import LatentGaussianModel, make_latent_pipeline
    >>> from sklatent.displays import PlaneGridDisplay
    >>> pipeline = make_latent_pipeline(PCA(8), LatentGaussianModel()).fit(load_digits().data)
    >>> display = PlaneGridDisplay.from_estimator(
    ...     pipeline, (0, 1), n_points=5, image_shape=(8, 8), value_range=(0, 16)
    ... )
    >>> display.x
    array([-2.5 , -1.25,  0.  ,  1.25,  2.5 ])
    >>> plt.close(display.figure_)
    """

    def __init__(self, images, x, y, names, center=None, covariance=None, n_std=()):
        self.images = images
        self.x = x
        self.y = y
        self.names = names
        self.center = center
        self.covariance = covariance
        self.n_std = n_std

    @classmethod
    def from_estimator(
        cls,
        estimator,
        pair=(0, 1),
        *,
        density=None,
        extent=2.5,
        n_points=9,
        units="std",
        others="mean",
        n_std=(1, 2),
        image_shape=None,
        value_range="auto",
        ax=None,
        **plot_options,
    ):
        """Decode a grid around the mean of a fitted Gaussian model.

        Parameters
        ----------
        estimator : estimator
            Fitted, with `inverse_transform`; of a pipeline that ends in a density, the steps
            before it.
        pair : tuple of two int, default=(0, 1)
            Components along x and y.
        density : estimator, default=None
            With `mean_` and `covariance_` of latent points, such as `LatentGaussianModel`.
            None takes the last step of the pipeline.
        extent : float, default=2.5
            How far the grid goes to either side of the mean, in standard deviations; above 0.
        n_points : int or tuple of two int, default=9
            Images along x and y, at least 2.
        units : {"std", "latent"}, default="std"
            Units of the axes: standard deviations from the mean, or latent units.
        others : {"mean", "conditional"}, default="mean"
            Where the other components stand: at their mean, or at their mean given the two.
        n_std : sequence of float, default=(1, 2)
            Ellipses to draw, each above 0; () draws none.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows; None asks the estimator.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" asks the estimator, or else the images.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        PlaneGridDisplay
            Drawn.

        Raises
        ------
        ValueError
            If a parameter is out of bounds, or one of the components does not vary.
        TypeError
            If no density with `mean_` and `covariance_` is there.
        """
        density = density_of(estimator) if density is None else density
        if not (hasattr(density, "mean_") and hasattr(density, "covariance_")):
            raise TypeError(
                "density must be fitted and have mean_ and covariance_, or be the last step of "
                f"the pipeline; got {density!r}."
            )
        mean, covariance = np.asarray(density.mean_), np.asarray(density.covariance_)
        pair = _checked_pair(pair, len(mean))
        extent = check_number("extent", extent, low=0, open_low=True, open_high=True)
        check_choice("units", units, ["std", "latent"])
        check_choice("others", others, ["mean", "conditional"])
        n_std = _checked_n_std(n_std)
        center, block = mean[list(pair)], covariance[np.ix_(pair, pair)]
        std = np.sqrt(np.diag(block))
        if not (std > 0).all():
            raise ValueError(f"pair must be of components that vary; got {pair}.")
        nx, ny = _checked_counts(n_points)
        x, y = np.linspace(-extent, extent, nx), np.linspace(-extent, extent, ny)
        points = plane_points(
            mean, covariance, pair, center[0] + std[0] * x, center[1] + std[1] * y, others=others
        )
        images = unit_images(
            decode(estimator, points), "images", units_of(estimator, image_shape, value_range)
        )
        images = images.reshape(ny, nx, *images.shape[1:])
        words = "standard deviations from the mean" if units == "std" else "latent units"
        names = tuple(f"component {component}, {words}" for component in pair)
        if units == "latent":
            grid = (center[0] + std[0] * x, center[1] + std[1] * y)
            return cls(images, *grid, names, center, block, n_std).plot(ax, **plot_options)
        return cls(images, x, y, names, np.zeros(2), block / np.outer(std, std), n_std).plot(
            ax, **plot_options
        )

    @classmethod
    def from_grid(
        cls,
        grid,
        decoder=None,
        *,
        names=("first axis", "second axis"),
        image_shape=None,
        value_range="auto",
        ax=None,
        **plot_options,
    ):
        """Decode a grid of `sklatent.paths.plane_grid`.

        Parameters
        ----------
        grid : LatentGrid
            What counts are `points` (ny, nx, d), and `rows` (ny,) and `columns` (nx,), in
            standard deviations from the centre of the grid.
        decoder : estimator, default=None
            Fitted, with `inverse_transform`; of a pipeline that ends in a density, the steps
            before it. None takes the `pipeline` of the grid.
        names : tuple of two str, default=("first axis", "second axis")
            What columns and rows move, in words; units are added.
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
        PlaneGridDisplay
            Drawn.

        Raises
        ------
        ValueError
            If there is no decoder, or the grid is none over a plane.
        TypeError
            If the grid has no points, rows and columns.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.decomposition import PCA
        >>> from sklatent import LatentGaussianModel, make_latent_pipeline
        >>> from sklatent.displays import PlaneGridDisplay
        >>> from sklatent.paths import plane_grid
        >>> images = load_digits().data
        >>> pipeline = make_latent_pipeline(PCA(8), LatentGaussianModel()).fit(images)
        >>> grid = plane_grid(images[0], (0, 1), pipeline=pipeline)
        >>> display = PlaneGridDisplay.from_grid(grid, image_shape=(8, 8), value_range=(0, 16))
        >>> display.images.shape
        (7, 7, 8, 8, 1)
        >>> plt.close(display.figure_)
        """
        if not all(hasattr(grid, name) for name in ("points", "rows", "columns")):
            raise TypeError(f"grid must have points, rows and columns; got {grid!r}.")
        decoder = getattr(grid, "pipeline", None) if decoder is None else decoder
        if decoder is None:
            raise ValueError("decoder must be given where the grid was made without a pipeline.")
        points = np.asarray(grid.points)
        shape, found = units_of(decoder, image_shape, value_range)
        return cls.from_images(
            decode(decoder, points.reshape(-1, points.shape[-1])),
            grid.columns, grid.rows,
            names=[f"{name}, standard deviations from the centre" for name in names],
            image_shape=shape, value_range=found,
         ax=ax, **plot_options)  # fmt: skip

    @classmethod
    def from_images(
        cls,
        images,
        x,
        y,
        *,
        names=("x", "y"),
        center=None,
        covariance=None,
        n_std=(),
        image_shape=None,
        value_range="auto",
        ax=None,
        **plot_options,
    ):
        """Take images of a grid that are there already.

        Parameters
        ----------
        images : array-like of shape (ny * nx, ...)
            Images in a layout of the package, line by line, the smallest y first and x running
            fastest.
        x, y : array-like of shape (nx,) and (ny,)
            Places of the images, increasing at even distances, at least 2.
        names : tuple of two str, default=("x", "y")
            Labels of the axes, with units.
        center : array-like of shape (2,), default=None
            Centre of ellipses, in the units of x and y; None is the origin.
        covariance : array-like of shape (2, 2), default=None
            Of the pair, in the units of x and y; needed for ellipses.
        n_std : sequence of float, default=()
            Ellipses to draw, each above 0.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" reads them off the images.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        PlaneGridDisplay
            Drawn.

        Raises
        ------
        ValueError
            If arrays differ in length, places are uneven, or ellipses lack a covariance.
        TypeError
            If the images are not numbers.
        """
        x, y = _checked_places("x", x), _checked_places("y", y)
        if len(names) != 2:
            raise ValueError(f"names must be two, of x and y; got {names!r}.")
        unit = unit_images(images, "images", Units(image_shape, value_range))
        if len(unit) != len(x) * len(y):
            raise ValueError(
                f"images must hold {len(x) * len(y)} images for a grid of {len(y)} lines of "
                f"{len(x)}; got {len(unit)}."
            )
        n_std = _checked_n_std(n_std)
        if n_std and covariance is None:
            raise ValueError("covariance must be given where n_std asks for ellipses; got None.")
        unit = unit.reshape(len(y), len(x), *unit.shape[1:])
        center = np.zeros(2) if center is None else _of_shape("center", center, (2,))
        if covariance is not None:
            covariance = _of_shape("covariance", covariance, (2, 2))
        return cls(unit, x, y, tuple(names), center, covariance, n_std).plot(ax, **plot_options)

    def plot(self, ax=None, *, image_kwargs=None, ellipse_kwargs=None):
        """Draw the grid, and the ellipses over it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on; None makes a figure.
        image_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.imshow`.
        ellipse_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.plot`.

        Returns
        -------
        self : PlaneGridDisplay

        Raises
        ------
        TypeError
            If `ax` is no Axes, or keywords are no dictionary.
        """
        ny, nx, height, width = self.images.shape[:4]
        dx, dy = self.x[1] - self.x[0], self.y[1] - self.y[0]
        tile = float(np.clip(5.5 / nx, 0.42, 1.1))
        size = (nx * tile + 0.75, ny * tile * height / width + (1.1 if self.n_std else 0.6))
        self.figure_, self.ax_ = get_ax(ax, size)
        self.images_ = np.empty((ny, nx), dtype=object)
        half = 0.5 * _FILLED * np.array([dx, dy])
        for line, y in enumerate(self.y):
            for column, x in enumerate(self.x):
                extent = (x - half[0], x + half[0], y - half[1], y + half[1])
                self.images_[line, column] = draw_tile(
                    self.ax_, self.images[line, column], extent, image_kwargs
                )
        self.ax_.set_aspect(height * dx / (width * dy))
        self.ax_.set_xlim(self.x[0] - dx / 2, self.x[-1] + dx / 2)
        self.ax_.set_ylim(self.y[0] - dy / 2, self.y[-1] + dy / 2)
        _set_ticks(self.ax_.set_xticks, self.x, tile)
        _set_ticks(self.ax_.set_yticks, self.y, np.inf)
        self.ax_.tick_params(labelsize=8)
        self.ax_.set_xlabel(self.names[0], fontsize=9)
        wide, high = (size[0] - 0.75, size[1]) if ax is None else get_inches(ax)
        inches = min(wide * ny * height / (nx * width), high)
        self.ax_.set_ylabel(fill(self.names[1], int(inches / _LETTER_INCHES)), fontsize=9)
        for spine in self.ax_.spines.values():
            spine.set_visible(False)
        self._draw_ellipses(ellipse_kwargs)
        return self

    def _draw_ellipses(self, ellipse_kwargs) -> None:
        from matplotlib.lines import Line2D
        from matplotlib.patheffects import Normal, Stroke

        self.ellipses_ = []
        if not self.n_std:
            return
        half_axes, angles = axes_from_covariance(self.covariance[None])
        for index, n_std in enumerate(self.n_std):
            style = {
                "color": _ELLIPSE_COLORS[index % len(_ELLIPSE_COLORS)], "linewidth": 1.6,
                "label": f"{n_std:g} sigma, {100 * ellipse_coverage(n_std):.1f} %",
                # A black edge sets the line off from images of any colour.
                "path_effects": [Stroke(linewidth=3.2, foreground="black"), Normal()],
            }  # fmt: skip
            style = merge_keywords("ellipse_kwargs", style, ellipse_kwargs, Line2D)
            curve = ellipse_outlines(self.center[None], n_std * half_axes, angles)[0]
            self.ellipses_ += self.ax_.plot(*curve.T, **style)
        self.ax_.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(3, len(self.ellipses_)),
            frameon=False, fontsize=8.5, borderaxespad=0.2, title_fontsize=8.5,
            title="ellipses, with their share of points if the pair is normal",
        )  # fmt: skip


def _set_ticks(setter, places: np.ndarray, room: float) -> None:
    """Label the places, or every second around the middle where they would run together."""
    labels = format_numbers(places, decimals_for([places[1] - places[0]], digits=3))
    labels = [label.rstrip("0").rstrip(".") if "." in label else label for label in labels]
    labels = ["0" if label == "-0" else label for label in labels]
    too_wide = max(map(len, labels)) * _LETTER_INCHES + 0.1 > room
    every = slice((len(places) // 2) % 2, None, 2) if too_wide else slice(None)
    setter(places[every], labels=labels[every])


def _checked_pair(pair, n_components: int) -> tuple[int, int]:
    values = tuple(pair) if isinstance(pair, tuple | list | np.ndarray) else ()
    if len(values) != 2 or values[0] == values[1]:
        raise ValueError(f"pair must be two different components; got {pair!r}.")
    first, second = (
        check_number("pair", value, low=0, high=n_components - 1, integer=True) for value in values
    )
    return first, second


def _checked_counts(n_points) -> tuple[int, int]:
    counts = n_points if isinstance(n_points, tuple | list) else (n_points, n_points)
    if len(counts) != 2:
        raise ValueError(f"n_points must be one number or two; got {n_points!r}.")
    nx, ny = (check_number("n_points", count, low=2, integer=True) for count in counts)
    return nx, ny


def _checked_n_std(n_std) -> tuple[float, ...]:
    values = (n_std,) if np.ndim(n_std) == 0 else tuple(n_std)
    return tuple(
        check_number("n_std", value, low=0, open_low=True, open_high=True) for value in values
    )


def _checked_places(name: str, places) -> np.ndarray:
    places = np.asarray(places, dtype=float)
    steps = np.diff(places) if places.ndim == 1 and len(places) > 1 else np.zeros(1)
    if not ((steps > 0).all() and np.allclose(steps, steps[0], rtol=1e-4)):
        raise ValueError(
            f"{name} must increase at even distances, in one dimension, at least two values; got "
            f"{places}."
        )
    return places


def _of_shape(name: str, value, shape: tuple) -> np.ndarray:
    array = np.asarray(value, dtype=float)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers of shape {shape}; got {value!r}.")
    return array
