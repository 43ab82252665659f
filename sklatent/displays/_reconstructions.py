"""Images, what was made of them, and how far that is from them, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np
from sklearn.utils import gen_batches

from sklatent._images.format import as_image_array, is_label_array, squared_error
from sklatent._tables import decimals_for, format_numbers
from sklatent._typing import AnyArray, ArrayLike, FloatArray, ImageShape, Self, ValueRange
from sklatent._validation import check_bool, check_choice, check_equal_length, check_number
from sklatent.displays._drawing.axes import get_ax
from sklatent.displays._drawing.decoding import corrupted, reconstruct
from sklatent.displays._drawing.options import ReconstructionOptions, names_keywords
from sklatent.displays._drawing.style import Style
from sklatent.displays._drawing.tile_drawing import CAPTION_INCHES, GAP, draw_tile_rows, tile_inches
from sklatent.displays._drawing.tiles import Units, as_groups, known_range, unit_images, units_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

__all__ = ["ReconstructionDisplay"]

_BATCH = 1024
_METRICS = {"mse": "MSE", "psnr": "PSNR"}


@names_keywords
@dataclass(eq=False, repr=False)
class ReconstructionDisplay:
    r"""Rows of images: originals, corrupted, reconstructed, each with its error.

    Each column is one image. Below each image stands its error against the row compared with,
    on the scale of pixel values from 0 to 1, and beside each row the mean over all images,
    shown or not. It is recommended to use `from_estimator` or `from_images` to create a display.

    Parameters
    ----------
    images : dict of str to ndarray of shape (n, height, width, channels)
        Images in [0, 1] by the name of the row, from top to bottom. Rows have as many images.
    errors : dict of str to ndarray of shape (n,)
        Error of each image of the rows that have one.
    mean_errors : dict of str to float
        Mean over all images, also those that are not shown.
    metric : {"mse", "psnr"}, default="mse"
        What the errors are: mean squared errors, or peak signal-to-noise ratios in decibels,
        :math:`10 \log_{10}(1 / \mathrm{MSE})`, of which more is better.

    Attributes
    ----------
    images, errors, mean_errors, metric
        As above.
    ax_ : matplotlib.axes.Axes
        With the picture, after `plot`.
    figure_ : matplotlib.figure.Figure
        Around it, after `plot`.
    images_ : dict of str to list of matplotlib.image.AxesImage
        The images of each row, after `plot`.
    texts_ : dict of str to list of matplotlib.text.Text
        The errors below them, after `plot`.

    See Also
    --------
    sklatent.metrics.reconstruction_error : The errors alone.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import ConvAutoencoder
    >>> from sklatent.displays import ReconstructionDisplay
    >>> images = load_digits().images
    >>> autoencoder = ConvAutoencoder(
    ...     8, channels=(16, 32), linear_path=True, max_epochs=2, random_state=0
    ... )
    >>> autoencoder = autoencoder.fit(images[:1000])
    >>> pca = PCA(8).fit(images[:1000].reshape(1000, -1))
    >>> display = ReconstructionDisplay.from_estimator(
    ...     autoencoder, images[1000:], baselines={"PCA": pca}, n_images=6
    ... )
    >>> list(display.images)
    ['original', 'reconstructed', 'PCA']
    >>> display.texts_["PCA"][0].get_text()
    '0.0379'
    >>> plt.close(display.figure_)
    """

    images: dict[str, FloatArray]
    errors: dict[str, FloatArray]
    mean_errors: dict[str, float]
    metric: Literal["mse", "psnr"] = "mse"
    ax_: "Axes" = field(init=False)
    figure_: "Figure" = field(init=False)
    images_: "dict[str, list[AxesImage]]" = field(init=False)
    texts_: "dict[str, list[Text]]" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        corruption: Any = None,
        baselines: Mapping[str, Any] | None = None,
        n_images: int = 8,
        metric: Literal["mse", "psnr"] = "mse",
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[ReconstructionOptions],
    ) -> Self:
        """Reconstruct images, or restore corrupted ones, and compare.

        Parameters
        ----------
        estimator : estimator
            Fitted, with `reconstruct`, or with `transform` and `inverse_transform`.
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images. The first are shown; all of them count in the mean errors.
        y : array-like, default=None
            Images that X should become, and that errors are measured from, where X is corrupted
            already. None, or labels, takes X itself.
        corruption : transformer, default=None
            Corrupts X first, as those of `sklatent.corruption` do. Before `fit`, one of these
            takes the units that X has by itself, or else by `value_range`; any other must be
            fitted. Not together with images y.
        baselines : dict of str to estimator, default=None
            Other fitted estimators by the name of their row, such as PCA. Those without
            `reconstruct` get flat rows.
        n_images : int, default=8
            Number of images to show, at least 1.
        metric : {"mse", "psnr"}, default="mse"
            Mean squared error on the [0, 1] scale, or peak signal-to-noise ratio.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows; None asks the estimator.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" asks the estimator, or else the images.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `show_errors`, `image_kwargs`, `text_kwargs`.

        Returns
        -------
        ReconstructionDisplay
            Drawn.

        Raises
        ------
        ValueError
            If images or parameters are out of bounds, or both `corruption` and images `y` are
            given.
        TypeError
            If an estimator cannot reconstruct, or `corruption` has no `transform`.
        sklearn.exceptions.NotFittedError
            If an estimator or `corruption` must be fitted.
        """
        original = as_image_array(X)
        targets = not is_label_array(y)
        if corruption is not None and targets:
            raise ValueError(
                "corruption must be None where y holds images: X is then taken as corrupted."
            )
        shape, found = units_of(estimator, image_shape, value_range)
        rows: dict[str, Any] = {"original": original}
        if corruption is not None:
            rows["corrupted"] = corrupted(corruption, X, found)
        elif targets:
            check_equal_length("y", y, original)
            rows = {"original": as_image_array(y, "y"), "corrupted": original}
        incoming = rows.get("corrupted", X)
        restored = "restored" if "corrupted" in rows else "reconstructed"
        for name, model in {restored: estimator, **_checked_baselines(baselines)}.items():
            rows[name] = np.asarray(reconstruct(model, incoming, name))
        return cls.from_images(
            rows,
            n_images=n_images,
            metric=metric,
            image_shape=shape,
            value_range=found,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_images(
        cls,
        images: Mapping[str, ArrayLike],
        *,
        compare_with: str | None = None,
        n_images: int = 8,
        metric: Literal["mse", "psnr"] = "mse",
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: "Axes | None" = None,
        **plot_options: Unpack[ReconstructionOptions],
    ) -> Self:
        """Compare rows of images that are there already.

        Parameters
        ----------
        images : dict of str to array-like of shape (n, n_pixels) or (n, height, width[, channels])
            Images by the name of their row, from top to bottom; as many in each row, and all
            in the same units.
        compare_with : str, default=None
            The row that errors are measured from, and that has none. None takes the first.
        n_images : int, default=8
            Number of images to show, at least 1; all of them count in the mean errors.
        metric : {"mse", "psnr"}, default="mse"
            Mean squared error on the [0, 1] scale, or peak signal-to-noise ratio. Rows
            with other channels than the one compared with get none.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" reads them off the row compared with.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        ReconstructionDisplay
            Drawn.

        Raises
        ------
        ValueError
            If images or parameters are out of bounds, or rows differ in length or size.
        TypeError
            If `images` is no dictionary of arrays of numbers.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.decomposition import PCA
        >>> from sklatent.displays import ReconstructionDisplay
        >>> rows = load_digits().data
        >>> pca = PCA(16).fit(rows)
        >>> back = pca.inverse_transform(pca.transform(rows[:6]))
        >>> display = ReconstructionDisplay.from_images(
        ...     {"original": rows[:6], "PCA": back}, image_shape=(8, 8), value_range=(0, 16)
        ... )
        >>> list(display.images)
        ['original', 'PCA']
        >>> plt.close(display.figure_)
        """
        n_images = check_number("n_images", n_images, low=1, integer=True)
        check_choice("metric", metric, list(_METRICS))
        rows = {
            name: as_image_array(values, f"images[{name!r}]")
            for name, values in as_groups(images).items()
        }
        target = next(iter(rows)) if compare_with is None else compare_with
        check_choice("compare_with", target, list(rows))
        low_and_high = known_range(rows[target], value_range)
        units = Units(image_shape, low_and_high)
        unit = {
            name: unit_images(values[:n_images], f"images[{name!r}]", units)
            for name, values in rows.items()
        }
        for name in rows:
            _check_size(name, target, rows, unit)
        errors = {
            name: _errors(values, rows[target], low_and_high, metric)
            for name, values in rows.items()
            if name != target and unit[name].shape == unit[target].shape
        }
        return cls(
            images=unit,
            errors={name: values[:n_images] for name, values in errors.items()},
            mean_errors={name: float(values.mean()) for name, values in errors.items()},
            metric=metric,
        ).plot(ax, **plot_options)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        show_errors: bool = True,
        image_kwargs: Style = None,
        text_kwargs: Style = None,
    ) -> Self:
        """Draw the rows.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on; None makes a figure.
        show_errors : bool, default=True
            Whether the error stands below each image. The mean beside the row stays.
        image_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.imshow`.
        text_kwargs : dict, default=None
            Keywords for the errors, as `matplotlib.text.Text` takes them.

        Returns
        -------
        self : ReconstructionDisplay

        Raises
        ------
        TypeError
            If `ax` is no Axes, or keywords are no dictionary.
        """
        show_errors = check_bool("show_errors", show_errors)
        labels = [self._label(name) for name in self.images]
        rows = list(self.images.values())
        tile, margin = tile_inches(len(rows[0]), labels)
        height = sum(row.shape[1] / row.shape[2] + GAP for row in rows) * tile
        height += len(self.errors) * CAPTION_INCHES if show_errors else 0.0
        width = len(rows[0]) * (1 + GAP) * tile + margin
        self.figure_, self.ax_ = get_ax(ax, (width, height + 0.1))
        images, texts = draw_tile_rows(
            self.ax_,
            rows,
            labels=labels,
            captions=[self._captions(name) if show_errors else None for name in self.images],
            tile=tile if ax is None else None,
            image_kwargs=image_kwargs,
            text_kwargs=text_kwargs,
        )
        self.images_ = dict(zip(self.images, images, strict=True))
        self.texts_ = dict(zip(self.images, texts, strict=True))
        return self

    def _label(self, name: str) -> str:
        if name not in self.mean_errors:
            return name
        return f"{name}\nmean {_METRICS[self.metric]} {self._format([self.mean_errors[name]])[0]}"

    def _captions(self, name: str) -> list[str] | None:
        return self._format(self.errors[name]) if name in self.errors else None

    def _format(self, values: Sequence[float] | FloatArray) -> list[str]:
        if self.metric == "psnr":
            return [f"{value:.1f} dB" for value in values]
        # One number of decimals for all, so that rows compare.
        return format_numbers(values, decimals_for(list(self.mean_errors.values()), digits=3))


def _checked_baselines(baselines: Any) -> Mapping[str, Any]:
    if baselines is None:
        return {}
    if not isinstance(baselines, Mapping):
        raise TypeError(
            f"baselines must be a dictionary of estimators by name, or None; got {baselines!r}."
        )
    return baselines


def _errors(
    values: AnyArray, target: AnyArray, value_range: tuple[float, float], metric: str
) -> FloatArray:
    """Return the error of each image, without the cutting off that drawing does."""
    low, high = value_range
    error = np.empty(len(values))
    for part in gen_batches(len(values), _BATCH):
        drawn = values[part].astype(np.float64)
        error[part] = squared_error(drawn, target[part].reshape(drawn.shape), width=high - low)
    if metric == "mse":
        return error
    with np.errstate(divide="ignore"):
        return -10.0 * np.log10(error)


def _check_size(
    name: str, target: str, rows: dict[str, AnyArray], unit: dict[str, FloatArray]
) -> None:
    sizes = [(len(rows[key]), *unit[key].shape[1:3]) for key in (name, target)]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"images[{name!r}] must have as many images, of the same height and width, as "
            f"images[{target!r}], {sizes[1]}; got {sizes[0]}."
        )
