"""Images decoded on a grid over two latent components."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import fill
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from sklatent._pipeline.steps import density_of
from sklatent._typing import ArrayLike, FloatArray, ImageShape, Self, ValueRange
from sklatent._validation import check_choice, check_number
from sklatent.displays._drawing.axes import get_ax, get_inches
from sklatent.displays._drawing.decoding import decode, decoder_for
from sklatent.displays._drawing.options import PlaneGridOptions, names_keywords
from sklatent.displays._drawing.plane import (
    checked_array,
    checked_counts,
    checked_places,
    checked_sizes,
    plane_points,
)
from sklatent.displays._drawing.plane_drawing import LETTER_INCHES, draw_ellipses, label_places
from sklatent.displays._drawing.points import check_components
from sklatent.displays._drawing.style import Style
from sklatent.displays._drawing.tile_drawing import draw_tile
from sklatent.displays._drawing.tiles import Units, unit_images, units_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = ["PlaneGridDisplay"]

_FILLED = 0.94


@names_keywords
@dataclass(eq=False, repr=False)
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

    images: FloatArray
    x: FloatArray
    y: FloatArray
    names: tuple[str, str]
    center: FloatArray | None = None
    covariance: FloatArray | None = None
    n_std: tuple[float, ...] = ()
    ax_: "Axes" = field(init=False)
    figure_: "Figure" = field(init=False)
    images_: NDArray[np.object_] = field(init=False)
    ellipses_: "list[Line2D]" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        pair: ArrayLike = (0, 1),
        *,
        density: Any = None,
        extent: float = 2.5,
        n_points: int | tuple[int, int] = 9,
        units: Literal["std", "latent"] = "std",
        others: Literal["mean", "conditional"] = "mean",
        n_std: float | Sequence[float] = (1, 2),
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[PlaneGridOptions],
    ) -> Self:
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
            Handed to `plot`: `image_kwargs`, `ellipse_kwargs`.

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
        pair = check_components(pair, np.arange(len(mean)), exactly=2, name="pair")
        extent = check_number("extent", extent, low=0, open_low=True, open_high=True)
        check_choice("units", units, ["std", "latent"])
        check_choice("others", others, ["mean", "conditional"])
        n_std = checked_sizes(n_std)
        center, block = mean[pair], covariance[np.ix_(pair, pair)]
        std = np.sqrt(np.diag(block))
        if not (std > 0).all():
            raise ValueError(f"pair must be of components that vary; got {tuple(pair.tolist())}.")
        nx, ny = checked_counts(n_points)
        x, y = np.linspace(-extent, extent, nx), np.linspace(-extent, extent, ny)
        latent = center[0] + std[0] * x, center[1] + std[1] * y
        points = plane_points(mean, covariance, pair, *latent, others=others)
        found = units_of(estimator, image_shape, value_range)
        images = unit_images(decode(estimator, points), "images", found)
        images = images.reshape(ny, nx, *images.shape[1:])
        words = "standard deviations from the mean"
        if units == "latent":
            (x, y), words = latent, "latent units"
        else:
            center, block = np.zeros(2), block / np.outer(std, std)
        names = f"component {pair[0]}, {words}", f"component {pair[1]}, {words}"
        return cls(images, x, y, names, center, block, n_std).plot(ax, **plot_options)

    @classmethod
    def from_grid(
        cls,
        grid: Any,
        decoder: Any = None,
        *,
        names: Sequence[str] = ("first axis", "second axis"),
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[PlaneGridOptions],
    ) -> Self:
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
        image_shape, value_range, ax
            As in `from_estimator`, of the decoder.
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
        decoder = decoder_for(grid, decoder, "grid")
        points = np.asarray(grid.points)
        shape, found = units_of(decoder, image_shape, value_range)
        return cls.from_images(
            decode(decoder, points.reshape(-1, points.shape[-1])),
            grid.columns,
            grid.rows,
            names=[f"{name}, standard deviations from the centre" for name in names],
            image_shape=shape,
            value_range=found,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_images(
        cls,
        images: ArrayLike,
        x: ArrayLike,
        y: ArrayLike,
        *,
        names: Sequence[str] = ("x", "y"),
        center: ArrayLike | None = None,
        covariance: ArrayLike | None = None,
        n_std: float | Sequence[float] = (),
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[PlaneGridOptions],
    ) -> Self:
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
        x, y = checked_places("x", x), checked_places("y", y)
        if len(names) != 2:
            raise ValueError(f"names must be two, of x and y; got {names!r}.")
        unit = unit_images(images, "images", Units(image_shape, value_range))
        if len(unit) != len(x) * len(y):
            raise ValueError(
                f"images must hold {len(x) * len(y)} images for a grid of {len(y)} lines of "
                f"{len(x)}; got {len(unit)}."
            )
        n_std = checked_sizes(n_std)
        if n_std and covariance is None:
            raise ValueError("covariance must be given where n_std asks for ellipses; got None.")
        unit = unit.reshape(len(y), len(x), *unit.shape[1:])
        center = np.zeros(2) if center is None else checked_array("center", center, (2,))
        if covariance is not None:
            covariance = checked_array("covariance", covariance, (2, 2))
        first, second = names
        return cls(unit, x, y, (first, second), center, covariance, n_std).plot(ax, **plot_options)

    def plot(
        self, ax: "Axes | None" = None, *, image_kwargs: Style = None, ellipse_kwargs: Style = None
    ) -> Self:
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
        for line, column in np.ndindex(ny, nx):
            x, y = self.x[column], self.y[line]
            extent = (x - half[0], x + half[0], y - half[1], y + half[1])
            image = draw_tile(self.ax_, self.images[line, column], extent, image_kwargs)
            self.images_[line, column] = image
        self.ax_.set_aspect(height * dx / (width * dy))
        self.ax_.set_xlim(self.x[0] - dx / 2, self.x[-1] + dx / 2)
        self.ax_.set_ylim(self.y[0] - dy / 2, self.y[-1] + dy / 2)
        label_places(self.ax_.set_xticks, self.x, tile)
        label_places(self.ax_.set_yticks, self.y, np.inf)
        self.ax_.tick_params(labelsize=8)
        self.ax_.set_xlabel(self.names[0], fontsize=9)
        wide, high = (size[0] - 0.75, size[1]) if ax is None else get_inches(ax)
        inches = min(wide * ny * height / (nx * width), high)
        self.ax_.set_ylabel(fill(self.names[1], int(inches / LETTER_INCHES)), fontsize=9)
        self.ax_.spines[:].set_visible(False)
        self.ellipses_ = []
        if self.n_std and self.center is not None and self.covariance is not None:
            shape = self.center, self.covariance
            self.ellipses_ = draw_ellipses(self.ax_, *shape, self.n_std, ellipse_kwargs)
        return self
