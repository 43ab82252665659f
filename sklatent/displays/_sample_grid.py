"""Grids of images: new ones from a pipeline, or any, in rows by sampler or class."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from sklatent._images.format import as_image_array
from sklatent._pipeline.steps import sample_images, split_density
from sklatent._random import check_seed
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    FloatArray,
    ImageShape,
    RandomState,
    Self,
    ValueRange,
)
from sklatent._validation import as_labels, check_equal_length, check_n_samples, check_number
from sklatent.displays._drawing.axes import get_ax, grid_shape
from sklatent.displays._drawing.options import SampleGridOptions, names_keywords
from sklatent.displays._drawing.style import Style
from sklatent.displays._drawing.tile_drawing import GAP, draw_tile_rows, tile_inches
from sklatent.displays._drawing.tiles import Units, as_groups, joined_rows, unit_images, units_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

__all__ = ["SampleGridDisplay"]


@names_keywords
@dataclass(eq=False, repr=False)
class SampleGridDisplay:
    """Images in a grid, in rows by sampler or class where they have labels.

    It is recommended to use `from_estimator`, `from_estimators`, `from_samplers` or
    `from_images` to create a display.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels)
        Images in [0, 1].
    labels : ndarray of shape (n,), dtype str, default=None
        The row of each image; rows come in the order in which they first appear. None fills a
        grid line by line.

    Attributes
    ----------
    images, labels
        As above.
    ax_ : matplotlib.axes.Axes
        With the picture, after `plot`.
    figure_ : matplotlib.figure.Figure
        Around it, after `plot`.
    images_ : list of list of matplotlib.image.AxesImage
        The images row by row, after `plot`.

    See Also
    --------
    sklatent.sample_images : The images alone.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import LatentGaussianModel, make_latent_pipeline
    >>> from sklatent.displays import SampleGridDisplay
    >>> pipeline = make_latent_pipeline(PCA(16), LatentGaussianModel()).fit(load_digits().data)
    >>> display = SampleGridDisplay.from_estimator(
    ...     pipeline, 20, random_state=0, image_shape=(8, 8), value_range=(0, 16)
    ... )
    >>> display.images.shape
    (20, 8, 8, 1)
    >>> plt.close(display.figure_)

    Rows by sampler:

    >>> from sklearn.mixture import GaussianMixture
    >>> mixture = make_latent_pipeline(PCA(16), GaussianMixture(5, random_state=0))
    >>> rows = {"Gaussian": pipeline, "mixture": mixture.fit(load_digits().data)}
    >>> display = SampleGridDisplay.from_estimators(
    ...     rows, 8, random_state=0, image_shape=(8, 8), value_range=(0, 16)
    ... )
    >>> [tick.get_text() for tick in display.ax_.get_yticklabels()]
    ['Gaussian', 'mixture']
    >>> plt.close(display.figure_)
    """

    images: FloatArray
    labels: AnyArray | None = None
    ax_: "Axes" = field(init=False)
    figure_: "Figure" = field(init=False)
    images_: "list[list[AxesImage]]" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        n_samples: int = 30,
        *,
        y: Any = None,
        random_state: RandomState = None,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[SampleGridOptions],
    ) -> Self:
        """Draw new images from a pipeline.

        Parameters
        ----------
        estimator : sklearn.pipeline.Pipeline
            Fitted, as `sklatent.sample_images` takes it.
        n_samples : int, default=30
            Number of images, at least 1.
        y : object or array-like of shape (n_samples,), default=None
            Class of the images, or one class for each, which then label the rows; for a last
            step that draws by class.
        random_state : int, RandomState instance or None, default=None
            An int gives the same images each time.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows; None asks the estimator.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" asks the estimator, or else the images.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `n_columns`, `image_kwargs`.

        Returns
        -------
        SampleGridDisplay
            Drawn.

        Raises
        ------
        ValueError, TypeError
            As `sklatent.sample_images`, and if the samples are no images of that shape.
        """
        n_samples = check_n_samples(n_samples)
        split_density(estimator, "estimator")
        images = sample_images(estimator, n_samples, random_state=random_state, y=y)
        labels = None
        if y is not None:
            labels = np.broadcast_to(as_labels(y), (n_samples,)).astype(str)
        unit = unit_images(images, "X", units_of(estimator, image_shape, value_range))
        return cls(unit, labels).plot(ax, **plot_options)

    @classmethod
    def from_estimators(
        cls,
        pipelines: Mapping[str, Any],
        n_samples: int = 10,
        *,
        random_state: RandomState = None,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[SampleGridOptions],
    ) -> Self:
        """Draw a row of new images from each of several pipelines.

        Parameters
        ----------
        pipelines : dict of str to sklearn.pipeline.Pipeline
            Fitted pipelines by the name of their row.
        n_samples : int, default=10
            Number of images in a row, at least 1.
        random_state, image_shape, value_range, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        SampleGridDisplay
            Drawn.

        Raises
        ------
        ValueError, TypeError
            As `from_estimator`, and if `pipelines` is no dictionary or makes images that differ
            in size.
        """
        rng = check_seed(random_state)
        rows = {}
        for name, pipeline in as_groups(pipelines, "pipelines", "fitted pipelines").items():
            split_density(pipeline, f"pipelines[{name!r}]")
            images = sample_images(pipeline, n_samples, random_state=rng)
            units = units_of(pipeline, image_shape, value_range)
            rows[name] = unit_images(images, f"images[{name!r}]", units)
        return cls(*joined_rows(rows)).plot(ax, **plot_options)

    @classmethod
    def from_samplers(
        cls,
        autoencoder: Any,
        samplers: Mapping[str, Any],
        n_samples: int = 10,
        *,
        random_state: RandomState = None,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[SampleGridOptions],
    ) -> Self:
        """Draw a row of new images from each of several samplers behind one autoencoder.

        Parameters
        ----------
        autoencoder : estimator
            Fitted, with `inverse_transform`.
        samplers : dict of str to estimator
            Samplers or densities, fitted to latent points, by the name of their row.
        n_samples : int, default=10
            Number of images in a row, at least 1.
        random_state, image_shape, value_range, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        SampleGridDisplay
            Drawn.

        Raises
        ------
        ValueError, TypeError
            As `from_estimators`.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.decomposition import PCA
        >>> from sklatent.displays import SampleGridDisplay
        >>> from sklatent.samplers import BoxSampler, CopulaSampler
        >>> rows = load_digits().data
        >>> pca = PCA(8).fit(rows)
        >>> latent = pca.transform(rows)
        >>> samplers = {"box": BoxSampler(30).fit(latent), "copula": CopulaSampler().fit(latent)}
        >>> display = SampleGridDisplay.from_samplers(
        ...     pca, samplers, 6, random_state=0, image_shape=(8, 8), value_range=(0, 16)
        ... )
        >>> [tick.get_text() for tick in display.ax_.get_yticklabels()]
        ['box', 'copula']
        >>> plt.close(display.figure_)
        """
        pipelines = {}
        for name, sampler in as_groups(samplers, "samplers", "fitted samplers").items():
            check_is_fitted(sampler, msg=f"samplers[{name!r}] must be fitted; the %(name)s is not.")
            pipelines[name] = Pipeline([("autoencoder", autoencoder), ("sampler", sampler)])
        return cls.from_estimators(
            pipelines,
            n_samples,
            random_state=random_state,
            image_shape=image_shape,
            value_range=value_range,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_images(
        cls,
        images: ArrayLike | Mapping[str, ArrayLike],
        labels: ArrayLike | None = None,
        *,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[SampleGridOptions],
    ) -> Self:
        """Show images that are there already.

        Parameters
        ----------
        images : array-like or dict of str to array-like
            Of shape (n, n_pixels) or (n, height, width[, channels]); a dictionary holds a row by
            its name.
        labels : array-like of shape (n,), default=None
            The row of each image, in words. None in place of rows fills a grid; not together
            with a dictionary.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" reads them off the images, for each
            entry of a dictionary by itself.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        SampleGridDisplay
            Drawn.

        Raises
        ------
        ValueError
            If the images differ in size, have not 1, 3 or 4 channels, or `labels` differs from
            them in length or comes with a dictionary.
        TypeError
            If the images are not numbers.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_digits
        >>> from sklatent.displays import SampleGridDisplay
        >>> digits = load_digits()
        >>> display = SampleGridDisplay.from_images(digits.images[:40], digits.target[:40])
        >>> display.images.shape
        (40, 8, 8, 1)
        >>> plt.close(display.figure_)
        """
        units = Units(image_shape, value_range)
        if isinstance(images, Mapping):
            if labels is not None:
                raise ValueError("labels must be None where images is a dictionary of rows.")
            rows = {
                name: unit_images(values, f"images[{name!r}]", units)
                for name, values in as_groups(images).items()
            }
            return cls(*joined_rows(rows)).plot(ax, **plot_options)
        array = as_image_array(images, "images")
        if labels is not None:
            labels = as_labels(labels, "labels")
            if labels.ndim != 1:
                raise ValueError(f"labels must have one dimension; got shape {labels.shape}.")
            check_equal_length("labels", labels, array)
            labels = labels.astype(str)
        return cls(unit_images(array, "images", units), labels).plot(ax, **plot_options)

    def plot(
        self, ax: "Axes | None" = None, *, n_columns: int | None = None, image_kwargs: Style = None
    ) -> Self:
        """Draw the grid.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on; None makes a figure.
        n_columns : int, default=None
            Images in a line, at least 1. Rows by label that hold more are cut. None takes
            the longest row, or fills a grid of 10 or fewer columns.
        image_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.imshow`.

        Returns
        -------
        self : SampleGridDisplay

        Raises
        ------
        TypeError, ValueError
            If a parameter is none of the allowed.
        """
        if n_columns is not None:
            n_columns = check_number("n_columns", n_columns, low=1, integer=True)
        names, rows = self._rows(n_columns)
        columns = max(len(row) for row in rows)
        tile, margin = tile_inches(columns, names)
        shape = self.images.shape
        height = len(rows) * (shape[1] / shape[2] + GAP) * tile
        size = (columns * (1 + GAP) * tile + (margin if names else 0.05), height + 0.1)
        self.figure_, self.ax_ = get_ax(ax, size)
        self.images_, _ = draw_tile_rows(
            self.ax_, rows, labels=names, image_kwargs=image_kwargs, tile=tile
        )
        return self

    def _rows(self, n_columns: int | None) -> tuple[list[str], list[FloatArray]]:
        if self.labels is not None:
            names = list(dict.fromkeys(self.labels.tolist()))
            return names, [self.images[self.labels == name][:n_columns] for name in names]
        n = len(self.images)
        return [], [
            self.images[line]
            for line in gen_batches(n, grid_shape(n, n_columns, widths=(5, 10))[1])
        ]
