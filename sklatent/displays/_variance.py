"""How the variance of latent points is spread over their principal components."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._typing import ArrayLike, FloatArray, Self
from sklatent._validation import check_bool, check_number
from sklatent.displays._drawing.axes import AnyAxes, AxesArray, count_axes, get_axes_grid
from sklatent.displays._drawing.options import PrincipalVarianceOptions, names_keywords
from sklatent.displays._drawing.points import (
    as_latent_sample,
    check_model,
    check_varies,
    latent_points_and_model,
    model_alone,
)
from sklatent.displays._drawing.style import ACCENT, CONTRAST, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = ["PrincipalVarianceDisplay"]

MARKS = (0.9, 0.99)


@names_keywords
@dataclass(eq=False, repr=False)
class PrincipalVarianceDisplay:
    r"""Share of the variance by principal component, and what the first of them hold together.

    The shares are the eigenvalues of the model's covariance, or of its correlations, over their
    sum. The title gives the effective number of components, :math:`(\sum \lambda)^2 / \sum
    \lambda^2`, the participation ratio: d if all have the same variance, 1 if one has it all.

    Make it with `from_estimator`, `from_model` or `from_points`.

    Parameters
    ----------
    variances : ndarray of shape (d,)
        Eigenvalues, largest first: in squared latent units, or without unit where
        standardized.
    standardized : bool
        Whether they are those of the correlations.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    axes_ : ndarray of shape (2,)
        Axes of the shares, and of the cumulative shares, after `plot`.
    ax_ : matplotlib.axes.Axes
        The first of them, after `plot`.
    bars_ : matplotlib.container.BarContainer
        Shares, in per cent, after `plot`.
    line_ : matplotlib.lines.Line2D
        Cumulative shares, in per cent, after `plot`.
    marks_ : list of matplotlib.lines.Line2D
        Where the first components hold 90 % and 99 %, after `plot`; how many that takes is in
        the title.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.displays import PrincipalVarianceDisplay
    >>> model = LatentGaussianModel().fit([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> display = PrincipalVarianceDisplay.from_model(model)
    >>> [round(float(bar.get_height()), 3) for bar in display.bars_]
    [90.0, 10.0]
    """

    variances: FloatArray
    standardized: bool = False
    figure_: "Figure" = field(init=False)
    axes_: AxesArray = field(init=False)
    ax_: "Axes" = field(init=False)
    bars_: "BarContainer" = field(init=False)
    line_: "Line2D" = field(init=False)
    marks_: "list[Line2D]" = field(init=False)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike | None = None,
        *,
        standardize: bool = False,
        ax: AnyAxes = None,
        **plot_options: Unpack[PrincipalVarianceOptions],
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
        standardize : bool, default=False
            Whether to take the principal components of the standardised latent components.
        ax : matplotlib.axes.Axes, array-like of two of them, or None, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`: `bar_kwargs`, `line_kwargs`.

        Returns
        -------
        PrincipalVarianceDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If `estimator` is no density, transformer or pipeline, or as `from_points`.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        if X is None:
            return cls.from_model(
                model_alone(estimator), standardize=standardize, ax=ax, **plot_options
            )
        points, model = latent_points_and_model(estimator, X)
        return cls.from_points(points, model, standardize=standardize, ax=ax, **plot_options)

    @classmethod
    def from_model(
        cls,
        model: LatentGaussianModel,
        *,
        standardize: bool = False,
        ax: AnyAxes = None,
        **plot_options: Unpack[PrincipalVarianceOptions],
    ) -> Self:
        """Make and draw the display from a fitted model alone.

        Parameters
        ----------
        model : LatentGaussianModel
            Fitted.
        standardize, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        PrincipalVarianceDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If no component of the model varies, or a parameter is not as above.
        """
        standardize = check_bool("standardize", standardize)
        check_model(model)
        live = model.normal_.live
        check_varies(model)
        matrix = model.covariance_
        if standardize:
            matrix = np.where(live[:, None] & live, model.correlation_, 0.0)
        variances = np.linalg.eigvalsh(matrix)[::-1].clip(min=0)
        return cls(variances, standardize).plot(ax, **plot_options)

    @classmethod
    def from_points(
        cls,
        points: ArrayLike,
        model: LatentGaussianModel | None = None,
        *,
        standardize: bool = False,
        ax: AnyAxes = None,
        **plot_options: Unpack[PrincipalVarianceOptions],
    ) -> Self:
        """Make and draw the display from latent points.

        Parameters
        ----------
        points : array-like of shape (n, d)
            In latent units. Where there is a model they are checked and not used.
        model : LatentGaussianModel or None, default=None
            Whose covariance to take; None fits one to the points.
        standardize, ax
            As in `from_estimator`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        PrincipalVarianceDisplay
            Drawn.

        Raises
        ------
        TypeError, ValueError
            If the points are no finite array of d columns, none of them varies, or a parameter
            is not as above.
        """
        sample = as_latent_sample(points, model)
        return cls.from_model(sample.model, standardize=standardize, ax=ax, **plot_options)

    @property
    def shares(self) -> FloatArray:
        """Share of the variance by component, ndarray of shape (d,), in [0, 1]."""
        return self.variances / self.variances.sum()

    def n_needed(self, share: float) -> int:
        """Return how many of the first principal components hold a share of the variance.

        Parameters
        ----------
        share : float
            In (0, 1].

        Returns
        -------
        int
            Smallest number, at least 1.

        Raises
        ------
        TypeError, ValueError
            If `share` is no number in its range.
        """
        share = check_number("share", share, low=0, high=1, open_low=True)
        # Rounding may leave the sum a little short of what it is.
        return int(np.searchsorted(self.shares.cumsum(), share - 1e-12)) + 1

    def plot(
        self, ax: AnyAxes = None, *, bar_kwargs: Style = None, line_kwargs: Style = None
    ) -> Self:
        """Draw bars and cumulative line.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, array-like of two of them, or None, default=None
            Where to draw; a single Axes is divided in two. None makes a figure.
        bar_kwargs, line_kwargs : dict or None, default=None
            Styling of the bars (`matplotlib.axes.Axes.bar`) and of the line
            (`matplotlib.axes.Axes.plot`).

        Returns
        -------
        PrincipalVarianceDisplay
            The display itself.

        Raises
        ------
        TypeError, ValueError
            If `ax` is no Axes or the wrong number of them, or keywords are no dictionary.
        """
        from matplotlib.lines import Line2D
        from matplotlib.patches import Rectangle

        d, shares = len(self.variances), 100 * self.shares
        self.figure_, grid = get_axes_grid(ax, (1, 2), panel_size=(3.3, 2.8))
        self.axes_ = grid.ravel()
        self.ax_, right = self.axes_
        number = np.arange(1, d + 1)
        style: dict[str, Any] = {"color": ACCENT, "width": 0.8 if d <= 50 else 1.0}
        style = merge_keywords("bar_kwargs", style, bar_kwargs, Rectangle)
        self.bars_ = self.ax_.bar(number, shares, **style)
        style = {"color": ACCENT, "marker": "o" if d <= 50 else "", "markersize": 4}
        style = merge_keywords("line_kwargs", style, line_kwargs, Line2D)
        self.line_ = right.plot(np.arange(d + 1), np.append(0, shares.cumsum()), **style)[0]
        self.marks_ = []
        effective = 1 / np.square(self.shares).sum()
        # Half of the caller's axes is narrow: titles break, and words are small.
        narrow = ax is not None and grid.size != count_axes(ax)
        font: dict[str, Any] = {"fontsize": 8} if narrow else {}
        gap = "\n" if narrow else " "
        self.ax_.set_title(f"effective number:{gap}{effective:.1f} of {d:,}", fontsize=9 - narrow)
        self.ax_.set_ylabel("share of the variance (%)", **font)
        right.set_ylabel("cumulative share (%)", **font)
        right.set(ylim=(0, 104), xlim=(0, None))
        needed = [self.n_needed(share) for share in MARKS]
        for share, n, dashes in zip(MARKS, needed, (":", "--"), strict=True):
            corner = [0, n, n], [100 * share, 100 * share, 0]
            self.marks_ += right.plot(*corner, color=CONTRAST, linestyle=dashes, linewidth=1)
        words = (f"{100 * share:g} % in {n:,}" for share, n in zip(MARKS, needed, strict=True))
        right.set_title(f",{gap}".join(words), fontsize=9 - narrow)
        of = "standardised components" if self.standardized else "latent points"
        for panel in self.axes_:
            panel.set_xlabel(f"principal component\nof {of}", **font)
            panel.tick_params(labelsize=8 if narrow else None)
            panel.xaxis.get_major_locator().set_params(integer=True)
        return self
