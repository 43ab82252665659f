"""Scores by latent dimension, with standard errors and the dimension that was chosen."""

from dataclasses import dataclass, field
from operator import itemgetter
from textwrap import fill
from typing import TYPE_CHECKING, Unpack, cast

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklatent._search.results import DimensionResults, describe_choice
from sklatent._typing import AnyArray, FloatArray, IntArray, Self
from sklatent._validation import check_bool
from sklatent.displays._drawing.axes import AnyAxes, AxesArray, get_ax, get_axes_grid, open_frame
from sklatent.displays._drawing.options import LatentDimensionOptions, names_keywords
from sklatent.displays._drawing.style import (
    GREY,
    LINESTYLES,
    MARKERS,
    PALETTE,
    Style,
    merge_keywords,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from sklatent._search.search import LatentDimensionSearch

__all__ = ["LatentDimensionDisplay"]

_METRICS = {
    "neg_mse": "held-out squared error, [0, 1] scale",
    "psnr": "held-out PSNR, decibels",
    "ssim": "held-out structural similarity",
    "neg_frechet": "Frechet distance of samples",
    "neg_kernel": "kernel distance of samples",
    "precision": "precision of samples",
    "recall": "recall of samples",
    "density": "density of samples",
    "coverage": "coverage of samples",
}
HEADROOM = 1.05


@names_keywords
@dataclass(eq=False, repr=False)
class LatentDimensionDisplay:
    """Error and quality of samples over the latent dimension, a panel for each metric.

    Bars are one standard error over folds. Distances and errors are drawn as such, the lower
    the better, though searches maximise their negative. It is recommended to use
    `from_estimator` or `from_results` to create a display.

    Parameters
    ----------
    dims : ndarray of shape (n_rows,), int
        Latent dimension of each row.
    densities : ndarray of shape (n_rows,), dtype str
        Density of each row.
    means : dict of str to ndarray of shape (n_rows,)
        Mean over folds by metric, as drawn.
    standard_errors : dict of str to ndarray of shape (n_rows,)
        Of the means.
    real : dict of str to float
        By metric, what training images reach in place of samples.
    chosen : int
        The row that was chosen.
    criterion : str
        The metric that chose.
    reason : str
        Why, in words.
    pca_errors : ndarray of shape (n_rows,), default=None
        Mean squared error of PCA with as many components, on the [0, 1] scale, drawn beside that
        of reconstructions; None draws none.

    Attributes
    ----------
    dims, densities, means, standard_errors, real, chosen, criterion, reason, pca_errors
        As above.
    axes_ : ndarray of shape (n_metrics,) of matplotlib.axes.Axes
        In the order of `means`, after `plot`.
    ax_ : matplotlib.axes.Axes
        That of the criterion, after `plot`.
    figure_ : matplotlib.figure.Figure
        Around them, after `plot`.
    bars_ : dict of str to dict of str to matplotlib.container.ErrorbarContainer
        Curves with bars by metric and density, after `plot`. Errors of reconstructions are the
        same for all densities, and stand there once.
    chosen_lines_ : dict of str to matplotlib.lines.Line2D
        The mark of the chosen dimension by metric, after `plot`.
    pca_line_ : matplotlib.lines.Line2D or None
        The error of PCA over the dimension, after `plot`.

    See Also
    --------
    sklatent.LatentDimensionSearch : The search.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_digits
    >>> from sklatent import ConvAutoencoder, LatentDimensionSearch
    >>> from sklatent.displays import LatentDimensionDisplay
    >>> autoencoder = ConvAutoencoder(channels=(8, 16), linear_path=True, max_epochs=2)
    >>> search = LatentDimensionSearch(
    ...     autoencoder, dims=(2, 8), cv=2, refit=False, random_state=0
    ... ).fit(load_digits().images)
    >>> display = LatentDimensionDisplay.from_estimator(search)
    >>> display.axes_[0].get_ylabel()
    'held-out squared error, [0, 1] scale'
    >>> plt.close(display.figure_)
    """

    dims: IntArray
    densities: AnyArray
    means: dict[str, FloatArray]
    standard_errors: dict[str, FloatArray]
    real: dict[str, float]
    chosen: int
    criterion: str
    reason: str
    pca_errors: FloatArray | None = None
    axes_: AxesArray = field(init=False)
    ax_: "Axes" = field(init=False)
    figure_: "Figure" = field(init=False)
    bars_: "dict[str, dict[str, ErrorbarContainer]]" = field(init=False)
    chosen_lines_: "dict[str, Line2D]" = field(init=False)
    pca_line_: "Line2D | None" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: "LatentDimensionSearch",
        *,
        ax: AnyAxes = None,
        **plot_options: Unpack[LatentDimensionOptions],
    ) -> Self:
        """Take the results of a search.

        Parameters
        ----------
        estimator : LatentDimensionSearch
            After `fit`.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        LatentDimensionDisplay
            Drawn.

        Raises
        ------
        TypeError
            If it is no such search.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        from sklatent._search.search import LatentDimensionSearch

        if not isinstance(estimator, LatentDimensionSearch):
            raise TypeError(f"estimator must be a LatentDimensionSearch; got {estimator!r}.")
        check_is_fitted(estimator, "results_")
        return cls.from_results(estimator.results_, ax=ax, **plot_options)

    @classmethod
    def from_results(
        cls,
        results: DimensionResults,
        *,
        ax: AnyAxes = None,
        **plot_options: Unpack[LatentDimensionOptions],
    ) -> Self:
        """Take results that are there already.

        Parameters
        ----------
        results : DimensionResults
            As in `results_` of a `LatentDimensionSearch`.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        LatentDimensionDisplay
            Drawn.

        Raises
        ------
        TypeError
            If `results` are none of these.
        """
        if not isinstance(results, DimensionResults):
            raise TypeError(f"results must be DimensionResults; got {results!r}.")
        columns = results.to_dict()
        names = list(results.scores)
        return cls(
            dims=columns["dim"],
            densities=columns["density"],
            means={name: _sign(name) * columns[f"mean_{name}"] for name in names},
            standard_errors={name: columns[f"standard_error_{name}"] for name in names},
            real={
                name: _sign(name) * float(np.mean(values))
                for name, values in results.real_scores.items()
            },
            chosen=int(results.chosen),
            criterion=results.criterion,
            reason=describe_choice(results),
            pca_errors=columns.get("mean_pca_error"),
        ).plot(ax, **plot_options)

    def plot(
        self, ax: AnyAxes = None, *, show_reason: bool = True, errorbar_kwargs: Style = None
    ) -> Self:
        """Draw a panel for each metric.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of Axes, default=None
            Axes to draw on, as many as metrics, or one that is divided; None makes a figure.
        show_reason : bool, default=True
            Whether the reason of the choice stands above the panels of a new figure.
        errorbar_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.errorbar`.

        Returns
        -------
        self : LatentDimensionDisplay

        Raises
        ------
        TypeError
            If `ax` is neither Axes nor an array of them, or keywords are no dictionary.
        ValueError
            If `ax` holds another number of Axes than there are panels, or cannot be divided.
        """
        show_reason = check_bool("show_reason", show_reason)
        names = list(self.means)
        if len(names) == 1:
            self.figure_, axis = get_ax(cast("Axes | None", ax), (5.5, 3.6))
            self.axes_ = np.array([axis], dtype=object)
        else:
            self.figure_, axes = get_axes_grid(ax, (1, len(names)), panel_size=(3.9, 3.6))
            self.axes_ = axes[0]
        self.ax_ = self.axes_[names.index(self.criterion)]
        self.bars_, self.chosen_lines_, self.pca_line_ = {}, {}, None
        for axis, name in zip(self.axes_, names, strict=True):
            self._draw(axis, name, errorbar_kwargs)
        _legend_once(self.ax_)
        if self.pca_line_ is not None and self.pca_line_.axes is not self.ax_:
            self.pca_line_.axes.legend(handles=[self.pca_line_], frameon=False, fontsize=8.5)
        if show_reason and ax is None:
            self.figure_.suptitle(
                fill(self.reason, width=max(80, 58 * len(names))), fontsize=9, x=0.01, ha="left"
            )
        return self

    def _draw(self, axis: "Axes", name: str, errorbar_kwargs: Style) -> None:
        densities = list(dict.fromkeys(self.densities.tolist()))
        shared = all(self._same_for_all(name, density, densities[0]) for density in densities)
        self.bars_[name] = {}
        for index, density in enumerate(densities[:1] if shared else densities):
            rows = self._rows(density)
            style = {
                "color": "0.25" if shared and len(densities) > 1 else PALETTE[index % 7],
                "marker": MARKERS[index % len(MARKERS)],
                "markersize": 4.5,
                "capsize": 3,
                "linestyle": LINESTYLES[index % len(LINESTYLES)],
                "linewidth": 1.4,
                "label": "all densities" if shared and len(densities) > 1 else density,
                "yerr": self.standard_errors[name][rows],
            }
            style = merge_keywords("errorbar_kwargs", style, errorbar_kwargs)
            bars = axis.errorbar(self.dims[rows], self.means[name][rows], **style)
            self.bars_[name][density] = bars
        if name == "neg_mse" and self.pca_errors is not None:
            rows = self._rows(densities[0])
            (self.pca_line_,) = axis.plot(
                self.dims[rows], self.pca_errors[rows], color=GREY, linestyle="--", label="PCA"
            )
        if name in self.real:
            axis.axhline(self.real[name], color=GREY, linestyle=":", label="training images")
        dim = self.dims[self.chosen]
        self.chosen_lines_[name] = axis.axvline(
            dim, color="0.85", linewidth=5, zorder=0, label=f"chosen: {dim}"
        )
        _style_axis(axis, sorted(set(self.dims.tolist())), _METRICS.get(name, name))
        if name in _METRICS and name.startswith("neg_") and np.nanmin(self.means[name]) >= 0:
            axis.set_ylim(0, HEADROOM * axis.get_ylim()[1])

    def _rows(self, density: str) -> IntArray:
        rows = np.flatnonzero(self.densities == density)
        return rows[np.argsort(self.dims[rows], kind="stable")]

    def _same_for_all(self, name: str, density: str, first: str) -> bool:
        rows, others = self._rows(density), self._rows(first)
        return np.array_equal(self.dims[rows], self.dims[others]) and np.array_equal(
            self.means[name][rows], self.means[name][others]
        )


def _style_axis(axis: "Axes", ticks: list[int], label: str) -> None:
    axis.set(xscale="log", xlabel="latent components", ylabel=label)
    axis.set_xticks(ticks, labels=[str(tick) for tick in ticks])
    axis.minorticks_off()
    open_frame(axis)


def _legend_once(axis: "Axes") -> None:
    handles, labels = axis.get_legend_handles_labels()
    # Densities first.
    order = sorted(range(len(labels)), key=lambda index: not hasattr(handles[index], "lines"))
    pick = itemgetter(*order)
    axis.legend(pick(handles), pick(labels), frameon=False, fontsize=8.5)


def _sign(name: str) -> int:
    return -1 if name.startswith("neg_") else 1
