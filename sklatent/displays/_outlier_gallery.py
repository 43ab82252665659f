"""The most and the least outlying images, above the histogram of all scores."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from sklearn.pipeline import Pipeline

from sklatent._images.format import as_image_array
from sklatent._tables import decimals_for, format_numbers
from sklatent._typing import AnyArray, ArrayLike, FloatArray, ImageShape, Self, ValueRange
from sklatent._validation import as_labels, as_numeric_array, check_equal_length, check_number
from sklatent.displays._drawing.axes import AnyAxes, AxesArray, open_frame, stack_axes
from sklatent.displays._drawing.options import OutlierGalleryOptions, names_keywords
from sklatent.displays._drawing.style import ACCENT, CONTRAST, Style, merge_keywords
from sklatent.displays._drawing.tile_drawing import CAPTION_INCHES, GAP, draw_tile_rows, tile_inches
from sklatent.displays._drawing.tiles import Units, known_range, unit_images, units_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

__all__ = ["OutlierGalleryDisplay"]

_HISTOGRAM_INCHES = 2.0


@names_keywords
@dataclass(eq=False, repr=False)
class OutlierGalleryDisplay:
    """Images with the lowest and the highest scores, and a histogram of all scores.

    As in scikit-learn, lower scores are more unusual. It is recommended to use
    `from_estimator` or `from_scores` to create a display.

    Parameters
    ----------
    outlying : ndarray of shape (k, height, width, channels)
        The most outlying images in [0, 1], the most outlying first.
    usual : ndarray of shape (k, height, width, channels)
        The least outlying images in [0, 1], the least outlying first.
    scores : ndarray of shape (n,)
        Of all images, increasing: those of `outlying` come first, those of `usual` last.
    labels : ndarray of shape (n,), dtype str, default=None
        Of all images, in the order of `scores`.
    threshold : float, default=None
        Score below which an image counts as an outlier.

    Attributes
    ----------
    outlying, usual, scores, labels, threshold
        As above.
    axes_ : ndarray of shape (2,) of matplotlib.axes.Axes
        With the images and with the histogram, after `plot`.
    ax_ : matplotlib.axes.Axes
        That of the images, after `plot`.
    figure_ : matplotlib.figure.Figure
        Around them, after `plot`.
    images_ : dict of str to list of matplotlib.image.AxesImage
        "outlying" and "usual", after `plot`.
    texts_ : dict of str to list of matplotlib.text.Text
        Scores and labels below them, after `plot`.
    histogram_ : matplotlib.container.BarContainer
        Bars, after `plot`.
    threshold_line_ : matplotlib.lines.Line2D or None
        After `plot`.

    See Also
    --------
    sklatent.ImageOutlierDetector : Scores of images.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_digits
    >>> from sklatent import ConvAutoencoder, ImageOutlierDetector
    >>> from sklatent.displays import OutlierGalleryDisplay
    >>> images, digits = load_digits(return_X_y=True)
    >>> autoencoder = ConvAutoencoder(4, channels=(8, 16), image_shape=(8, 8), max_epochs=2)
    >>> detector = ImageOutlierDetector(autoencoder, random_state=0).fit(images[digits == 0])
    >>> display = OutlierGalleryDisplay.from_estimator(detector, images, digits, n_images=6)
    >>> bool((display.scores[:6] < display.threshold).all())
    True
    >>> plt.close(display.figure_)
    """

    outlying: FloatArray
    usual: FloatArray
    scores: FloatArray
    labels: AnyArray | None = None
    threshold: float | None = None
    axes_: AxesArray = field(init=False)
    ax_: "Axes" = field(init=False)
    figure_: "Figure" = field(init=False)
    images_: "dict[str, list[AxesImage]]" = field(init=False)
    texts_: "dict[str, list[Text]]" = field(init=False)
    histogram_: "BarContainer" = field(init=False)
    threshold_line_: "Line2D | None" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        labels: ArrayLike | None = None,
        *,
        n_images: int = 8,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: AnyAxes = None,
        **plot_options: Unpack[OutlierGalleryOptions],
    ) -> Self:
        """Score images with a fitted detector.

        Parameters
        ----------
        estimator : estimator
            Fitted, with `score_samples`, such as `ImageOutlierDetector` or a pipeline that ends
            in a density. Its `offset_`, where it has one, is the threshold.
        X : array-like of shape (n, n_pixels), (n, height, width) or (n, height, width, channels)
            Images.
        labels : array-like of shape (n,), default=None
            What stands below an image beside its score.
        n_images : int, default=8
            Number of images of each kind, at least 1.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of flat rows; None asks the estimator.
        value_range : "auto" or tuple (low, high), default="auto"
            Pixel values that stand for 0 and 1; "auto" asks the estimator, or else the images.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `image_kwargs`, `text_kwargs`, `hist_kwargs`.

        Returns
        -------
        OutlierGalleryDisplay
            Drawn.

        Raises
        ------
        ValueError
            If images or parameters are out of bounds, or labels differ in length.
        TypeError
            If `estimator` has no `score_samples`.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        if not hasattr(estimator, "score_samples"):
            raise TypeError(f"estimator must have score_samples; got {estimator!r}.")
        scores = estimator.score_samples(X)
        last = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
        model = getattr(estimator, "autoencoder_", estimator)
        shape, found = units_of(model, image_shape, value_range)
        return cls.from_scores(
            X,
            scores,
            getattr(last, "offset_", None),
            labels,
            n_images=n_images,
            image_shape=shape,
            value_range=found,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_scores(
        cls,
        images: ArrayLike,
        scores: ArrayLike,
        threshold: float | None = None,
        labels: ArrayLike | None = None,
        *,
        n_images: int = 8,
        image_shape: ImageShape | None = None,
        value_range: ValueRange = "auto",
        ax: AnyAxes = None,
        **plot_options: Unpack[OutlierGalleryOptions],
    ) -> Self:
        """Take scores that are there already.

        Parameters
        ----------
        images : array-like of shape (n, n_pixels) or (n, height, width[, channels])
            Images.
        scores : array-like of shape (n,)
            The lower, the more unusual.
        threshold : float, default=None
            Score below which an image counts as an outlier.
        labels : array-like of shape (n,), default=None
            What stands below an image beside its score.
        n_images : int, default=8
            Number of images of each kind, at least 1; of fewer than twice as many images,
            half are of each.
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
        OutlierGalleryDisplay
            Drawn.

        Raises
        ------
        ValueError
            If there are fewer than two images, scores or labels differ from them in length, or
            scores are not finite.
        TypeError
            If the images are not numbers.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_digits
        >>> from sklatent.displays import OutlierGalleryDisplay
        >>> images = load_digits().images[:100]
        >>> scores = -images.mean(axis=(1, 2))  # bright images are unusual
        >>> display = OutlierGalleryDisplay.from_scores(images, scores, threshold=-6, n_images=5)
        >>> bool(display.scores[0] == scores.min())
        True
        >>> plt.close(display.figure_)
        """
        n_images = check_number("n_images", n_images, low=1, integer=True)
        array = as_image_array(images, "images")
        if len(array) < 2:
            raise ValueError(f"images must hold at least 2 images; got {len(array)}.")
        scores = as_numeric_array(scores, "scores", "numbers of shape (n,)").astype(float)
        if scores.shape != (len(array),) or not np.isfinite(scores).all():
            raise ValueError(
                f"scores must hold a finite number for each of {len(array)} images; got shape "
                f"{scores.shape}, {int(np.isfinite(scores).sum())} of them finite."
            )
        if threshold is not None:
            threshold = check_number("threshold", threshold, open_low=True, open_high=True)
        order = np.argsort(scores, kind="stable")
        if labels is not None:
            check_equal_length("labels", labels, array)
            labels = as_labels(labels, "labels")
            # A number alone would read as a second score.
            prefix = "label " if labels.dtype.kind in "biuf" else ""
            labels = np.array([f"{prefix}{label}" for label in labels.tolist()])[order]
        k = min(n_images, len(array) // 2)
        # All images say what stands for 0 and 1; only those shown are converted.
        units = Units(image_shape, known_range(array, value_range))
        shown = unit_images(array[np.r_[order[:k], order[: -k - 1 : -1]]], "images", units)
        return cls(shown[:k], shown[k:], scores[order], labels, threshold).plot(ax, **plot_options)

    def plot(
        self,
        ax: AnyAxes = None,
        *,
        image_kwargs: Style = None,
        text_kwargs: Style = None,
        hist_kwargs: Style = None,
    ) -> Self:
        """Draw the images, and the histogram of scores below them.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of two Axes, default=None
            Axes to draw on, or one that is divided; None makes a figure.
        image_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.imshow`.
        text_kwargs : dict, default=None
            Keywords for scores and labels, as `matplotlib.text.Text` takes them.
        hist_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.hist`.

        Returns
        -------
        self : OutlierGalleryDisplay

        Raises
        ------
        TypeError
            If `ax` is neither Axes nor an array of them, or keywords are no dictionary.
        ValueError
            If `ax` holds another number of Axes than there are panels, or cannot be divided.
        """
        names = ["most\noutlying", "least\noutlying"]
        tile, margin = tile_inches(len(self.outlying), names)
        shape = self.outlying.shape
        lines = 1 if self.labels is None else 2
        height = 2 * ((shape[1] / shape[2] + GAP) * tile + lines * CAPTION_INCHES)
        width = max(len(self.outlying) * (1 + GAP) * tile + margin, 5.0)
        self.figure_, self.axes_ = stack_axes(
            ax, (height, _HISTOGRAM_INCHES), (width, height + _HISTOGRAM_INCHES + 0.7)
        )
        self.ax_ = self.axes_[0]
        images, texts = draw_tile_rows(
            self.ax_,
            [self.outlying, self.usual],
            labels=names,
            captions=self._captions(),
            tile=tile if ax is None else None,
            caption_lines=lines,
            image_kwargs=image_kwargs,
            text_kwargs=text_kwargs,
        )
        self.images_ = dict(zip(("outlying", "usual"), images, strict=True))
        self.texts_ = dict(zip(("outlying", "usual"), texts, strict=True))
        self._draw_histogram(hist_kwargs)
        return self

    def _captions(self) -> list[list[str]]:
        k, scores = len(self.outlying), self.scores
        decimals = decimals_for(scores[[*range(k), *range(-k, 0)]], digits=4)
        captions = []
        for chosen in (slice(None, k), slice(None, -k - 1, -1)):
            words = format_numbers(scores[chosen], decimals)
            if self.labels is not None:
                pairs = zip(words, self.labels[chosen], strict=True)
                words = [f"{score}\n{label}" for score, label in pairs]
            captions.append(words)
        return captions

    def _draw_histogram(self, hist_kwargs: Style) -> None:
        axis, scores, threshold = self.axes_[1], self.scores, self.threshold
        edges = np.histogram_bin_edges(scores, bins=min(60, max(10, int(np.sqrt(len(scores))))))
        style = merge_keywords("hist_kwargs", {"bins": edges, "color": ACCENT}, hist_kwargs)
        _, _, self.histogram_ = axis.hist(scores, **style)
        self.threshold_line_ = None
        if threshold is not None:
            n_below = int((scores < threshold).sum())
            label = f"threshold: {n_below:,} of {len(scores):,} images below"
            style = {"color": CONTRAST, "linestyle": "--", "label": label}
            self.threshold_line_ = axis.axvline(threshold, **style)
            # Above the axes no bar is below it.
            corner: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0)}
            axis.legend(frameon=False, fontsize=9, borderaxespad=0.0, **corner)
        axis.set(xlabel="score: the lower, the more unusual", ylabel="images")
        open_frame(axis)
