"""The correlations of all latent components, those that go together side by side."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from sklatent._gaussian.correlations import chance_correlation
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import AnyArray, ArrayLike, FloatArray, IntArray, Self
from sklatent._validation import check_bool, check_number
from sklatent.displays._drawing.axes import get_ax
from sklatent.displays._drawing.options import CorrelationOptions, names_keywords
from sklatent.displays._drawing.points import (
    as_latent_sample,
    check_model,
    component_names,
    latent_points_and_model,
    model_alone,
)
from sklatent.displays._drawing.style import Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

__all__ = ["CorrelationDisplay"]

MOST_NAMES = 40
MOST_NUMBERS = 12
MOST_OPTIMAL = 300
ROUNDING = 1e-3


@names_keywords
@dataclass(eq=False, repr=False)
class CorrelationDisplay:
    """Heat map of the Pearson correlations of latent components.

    Components are ordered by hierarchical clustering, so that blocks of correlated ones show;
    where all correlations are below 0.001, they keep their order.
    The diagonal, 1 by definition, is grey. Red is positive, blue negative; the range of the
    colours is written beside the bar. What the strongest of so many correlations reaches by
    chance, with a probability of 5 % if all were independent, stands in the bar's label.

    Make it with `from_estimator`, `from_model` or `from_points`.

    Parameters
    ----------
    correlation : ndarray of shape (d, d)
        Pearson coefficients, in [-1, 1].
    order : ndarray of shape (d,), dtype int
        Components from top to bottom and from left to right.
    names : ndarray of shape (d,)
        Names of the components, or their indices.
    chance_level : float
        What the strongest reaches by chance, in [0, 1].

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    ax_ : matplotlib.axes.Axes
        The axes, after `plot`.
    image_ : matplotlib.image.AxesImage
        The heat map, after `plot`; a masked array of coefficients, in order.
    colorbar_ : matplotlib.colorbar.Colorbar
        The bar beside it, after `plot`.
    texts_ : list of matplotlib.text.Text
        Coefficients in the cells, below the diagonal, where they are written, after `plot`.

    See Also
    --------
    sklatent.LatentGaussianModel.correlated_pairs : The strongest pairs, with intervals.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays import CorrelationDisplay
    >>> Z = np.random.default_rng(0).normal(size=(1000, 4))
    >>> Z[:, 3] += Z[:, 0]
    >>> display = CorrelationDisplay.from_model(LatentGaussianModel().fit(Z))
    >>> int(abs(np.diff(np.flatnonzero(np.isin(display.order, [0, 3])))[0]))  # side by side
    1
    """

    correlation: FloatArray
    order: IntArray
    names: AnyArray
    chance_level: float
    figure_: "Figure" = field(init=False)
    ax_: "Axes" = field(init=False)
    image_: "AxesImage" = field(init=False)
    colorbar_: "Colorbar" = field(init=False)
    texts_: "list[Text]" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike | None = None,
        *,
        cluster: bool = True,
        ax: "Axes | None" = None,
        **plot_options: Unpack[CorrelationOptions],
    ) -> Self:
        """Make and draw the display from what a fitted estimator makes of `X`.

        Parameters
        ----------
        estimator : estimator or sklearn.pipeline.Pipeline
            Fitted. A `LatentGaussianModel`, with latent points as `X`; a pipeline that ends
            in one, with images; another density or a pipeline that ends in it; or an
            autoencoder or other transformer, with images. A `LatentGaussianModel` is used as
            it is; in all other cases one is fitted to the latent points of `X`.
        X : array-like, default=None
            What `estimator` takes. A `LatentGaussianModel`, or a pipeline that ends in one,
            needs none.
        cluster : bool, default=True
            Whether to order components by clustering; else they stay as they are.
        ax : matplotlib.axes.Axes or None, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `limit`, `numbers`, `image_kwargs`, `colorbar_kwargs`.

        Returns
        -------
        CorrelationDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If `estimator` is no density, transformer or pipeline, or as `from_points`.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        if X is None:
            return cls.from_model(model_alone(estimator), cluster=cluster, ax=ax, **plot_options)
        points, model = latent_points_and_model(estimator, X)
        return cls.from_points(points, model, cluster=cluster, ax=ax, **plot_options)

    @classmethod
    def from_model(
        cls,
        model: LatentGaussianModel,
        *,
        cluster: bool = True,
        ax: "Axes | None" = None,
        **plot_options: Unpack[CorrelationOptions],
    ) -> Self:
        """Make and draw the display from a fitted model alone.

        Parameters
        ----------
        model : LatentGaussianModel
            Fitted.
        cluster, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        CorrelationDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If `model` is no fitted LatentGaussianModel, or a parameter is not as above.
        """
        cluster = check_bool("cluster", cluster)
        check_model(model)
        correlation, n = model.correlation_, model.n_samples_seen_
        d, live = len(correlation), int(model.normal_.live.sum())
        strongest = np.abs(correlation[~np.eye(d, dtype=bool)]).max(initial=0.0)
        # An order by what rounding left, as behind a PCA, would mean nothing.
        cluster = cluster and strongest > ROUNDING
        order = clustering_order(correlation) if cluster else np.arange(d)
        level = chance_correlation(n, live * (live - 1) // 2, 0.95)
        return cls(correlation, order, component_names(model), level).plot(ax, **plot_options)

    @classmethod
    def from_points(
        cls,
        points: ArrayLike,
        model: LatentGaussianModel | None = None,
        *,
        cluster: bool = True,
        ax: "Axes | None" = None,
        **plot_options: Unpack[CorrelationOptions],
    ) -> Self:
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units. Where there is a model they are checked and not used.
        model : LatentGaussianModel or None, default=None
            Whose correlations to show; None fits one to the points.
        cluster, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        CorrelationDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If the points are no finite array of d columns, or a parameter is not as above.
        """
        sample = as_latent_sample(points, model)
        if model is None:
            model = sample.model
            if sample.names.dtype.kind in "OU":
                model.feature_names_in_ = sample.names
        return cls.from_model(model, cluster=cluster, ax=ax, **plot_options)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        limit: float | None = None,
        numbers: bool | None = None,
        image_kwargs: Style = None,
        colorbar_kwargs: Style = None,
    ) -> Self:
        """Draw the heat map.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where to draw; None makes a figure.
        limit : float or None, default=None
            Correlation of the deepest colours, in (0, 1]; None takes the strongest off the
            diagonal, rounded up to a tenth.
        numbers : bool or None, default=None
            Whether to write coefficients into the cells below the diagonal; None does so up to
            12 components.
        image_kwargs, colorbar_kwargs : dict or None, default=None
            Styling of the heat map (`matplotlib.axes.Axes.imshow`) and of the bar
            (`matplotlib.figure.Figure.colorbar`).

        Returns
        -------
        CorrelationDisplay
            The display itself.

        Raises
        ------
        TypeError, ValueError
            If `ax` is no Axes, keywords are no dictionary, or a parameter is out of its range.
        """
        d = len(self.order)
        ordered = np.ma.array(
            self.correlation[np.ix_(self.order, self.order)], mask=np.eye(d, dtype=bool)
        )
        if limit is None:
            strongest = float(np.abs(ordered).max()) if d > 1 else 1.0
            limit = min(1.0, max(0.1, np.ceil(10 * strongest - 1e-9) / 10))
        limit = check_number("limit", limit, low=0, high=1, open_low=True)
        numbers = d <= MOST_NUMBERS if numbers is None else check_bool("numbers", numbers)
        size = float(np.clip(2.2 + 0.22 * d, 3.6, 7.0))
        self.figure_, self.ax_ = get_ax(ax, figsize=(size + 0.9, size))
        style: dict[str, Any] = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
        style["interpolation"] = "nearest"
        style = merge_keywords("image_kwargs", style, image_kwargs)
        self.image_ = self.ax_.imshow(ordered, **style)
        self.ax_.set_facecolor("#BBBBBB")
        label = f"Pearson correlation\n(up to {self.chance_level:.2f} may be chance)"
        style = {"label": label, "shrink": 0.8}
        style = merge_keywords("colorbar_kwargs", style, colorbar_kwargs)
        self.colorbar_ = self.figure_.colorbar(self.image_, ax=self.ax_, **style)
        self.texts_ = self._write_numbers(ordered, limit) if numbers else []
        self._label()
        return self

    def _write_numbers(self, ordered: AnyArray, limit: float) -> "list[Text]":
        d, texts = len(ordered), []
        for row in range(d):
            for column in range(row):
                value = ordered[row, column]
                color = "white" if abs(value) > 0.65 * limit else "black"
                style: dict[str, Any] = {"ha": "center", "va": "center", "color": color}
                texts.append(self.ax_.text(column, row, _short(value), fontsize=6.5, **style))
        return texts

    def _label(self) -> None:
        d, names = len(self.order), self.names[self.order]
        words = "component" if d <= MOST_NAMES else f"{d:,} components, in the order of the map"
        self.ax_.set(xlabel=words, ylabel=words)
        if d > MOST_NAMES:
            self.ax_.set(xticks=[], yticks=[])
            return
        worded = names.dtype.kind in "OU"
        if worded:
            self.ax_.set(xlabel="", ylabel="")
        labels = [str(name) for name in names]
        style: dict[str, Any] = {"fontsize": 8 if d <= 20 else 6.5}
        turned: dict[str, Any] = {"rotation": 90} if worded or d > 20 else {}
        self.ax_.set_xticks(np.arange(d), labels, **style, **turned)
        self.ax_.set_yticks(np.arange(d), labels, **style)


def clustering_order(correlation: FloatArray) -> IntArray:
    """Return the components (d,) in an order that puts correlated ones side by side.

    Average linkage of the distances 1 - abs(r), leaves turned to near neighbours up to 300
    (R. R. Sokal, C. D. Michener, University of Kansas Science Bulletin 38, 1409-1438, 1958).
    """
    d = len(correlation)
    if d < 3:
        return np.arange(d)
    distance = np.clip(1 - np.abs(correlation), 0, 1)
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0)
    condensed = squareform(distance, checks=False)
    tree = linkage(condensed, method="average", optimal_ordering=d <= MOST_OPTIMAL)
    return leaves_list(tree).astype(np.intp)


def _short(value: float) -> str:
    """Two decimals without the zero before the point, as tables of correlations have it."""
    return f"{value:.2f}".replace("0.", ".", 1).replace("-.00", ".00")
