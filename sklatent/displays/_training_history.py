"""Losses of training and validation by epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklatent._typing import ArrayLike, FloatArray, IntArray, Self
from sklatent._validation import check_bool, check_number
from sklatent.displays._drawing.axes import AnyAxes, AxesArray, open_frame, stack_axes
from sklatent.displays._drawing.options import TrainingHistoryOptions, names_keywords
from sklatent.displays._drawing.style import ACCENT, CONTRAST, GREY, Style, merge_keywords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = ["TrainingHistoryDisplay"]

_NAMES = {"train_loss": "training", "valid_loss": "validation"}


@names_keywords
@dataclass(eq=False, repr=False)
class TrainingHistoryDisplay:
    """Losses by epoch, with the best epoch, and the error of PCA beside them.

    It is recommended to use `from_estimator` or `from_history` to create a display.

    Parameters
    ----------
    history : dict of str to ndarray of shape (n_epochs,)
        "train_loss"; "valid_loss" and "learning_rate" where they are known.
    best_epoch : int or None
        Epoch of the smallest validation loss, counted from 1; 0 if that is `initial_valid_loss`.
    pca_error : float, default=None
        Mean squared error of PCA with as many components, drawn as a line; only where the loss
        is a mean squared error too.
    loss_name : str, default="loss"
        What the losses are.
    note : str, default=None
        A line of text above the curves.
    initial_valid_loss : float, default=None
        Validation loss before training, drawn at epoch 0.

    Attributes
    ----------
    history, best_epoch, pca_error, loss_name, note, initial_valid_loss
        As above.
    axes_ : ndarray of matplotlib.axes.Axes
        One for the losses, and one for the learning rate where it is known, after `plot`.
    ax_ : matplotlib.axes.Axes
        That of the losses, after `plot`.
    figure_ : matplotlib.figure.Figure
        Around them, after `plot`.
    lines_ : dict of str to matplotlib.lines.Line2D
        "train_loss", and where they are there "valid_loss", "learning_rate", "best_epoch",
        a point, and "pca_error", after `plot`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_digits
    >>> from sklatent import ConvAutoencoder
    >>> from sklatent.displays import TrainingHistoryDisplay
    >>> autoencoder = ConvAutoencoder(
    ...     8, channels=(16, 32), linear_path=True, max_epochs=5, random_state=0
    ... ).fit(load_digits().images)
    >>> display = TrainingHistoryDisplay.from_estimator(autoencoder)
    >>> display.best_epoch
    5
    >>> plt.close(display.figure_)
    """

    history: dict[str, FloatArray]
    best_epoch: int | None = None
    pca_error: float | None = None
    loss_name: str = "loss"
    note: str | None = None
    initial_valid_loss: float | None = None
    axes_: AxesArray = field(init=False)
    ax_: "Axes" = field(init=False)
    figure_: "Figure" = field(init=False)
    lines_: "dict[str, Line2D]" = field(init=False)

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: AnyAxes = None, **plot_options: Unpack[TrainingHistoryOptions]
    ) -> Self:
        """Read the history off a trained autoencoder.

        Parameters
        ----------
        estimator : estimator
            `ConvAutoencoder` after `fit`, or a pipeline that holds one. The learning rate is
            the mean over the batches of an epoch, where a schedule recorded it.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        TrainingHistoryDisplay
            Drawn.

        Raises
        ------
        TypeError
            If no `history_` is there to read.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        steps = estimator.steps if isinstance(estimator, Pipeline) else [("", estimator)]
        with_history = [step for _, step in steps if hasattr(step, "history_")]
        if not with_history:
            for _, step in steps:
                if hasattr(step, "early_stopping") and hasattr(step, "partial_fit"):
                    check_is_fitted(step, "history_")
            raise TypeError(
                "estimator must have history_ after fit, or be a pipeline of which one step has; "
                f"got {estimator!r}."
            )
        model = with_history[0]
        pca_error = getattr(model, "pca_validation_error_", None)
        squared = _is_squared_error(model)
        note = None
        if pca_error is not None and not squared:
            note = (
                f"squared error of images for validation: {model.validation_error_:.3g}, "
                f"of PCA {pca_error:.3g}"
            )
        name = getattr(model, "loss", None)
        return cls.from_history(
            {**model.history_, **_learning_rates(model)},
            pca_error=pca_error if squared else None,
            loss_name="mean squared error" if squared else _loss_name(name),
            note=note,
            initial_valid_loss=getattr(model, "initial_valid_loss_", None),
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_history(
        cls,
        history: Mapping[str, ArrayLike],
        *,
        pca_error: float | None = None,
        loss_name: str = "loss",
        note: str | None = None,
        initial_valid_loss: float | None = None,
        ax: AnyAxes = None,
        **plot_options: Unpack[TrainingHistoryOptions],
    ) -> Self:
        """Take losses that are there already.

        Parameters
        ----------
        history : dict of str to array-like of shape (n_epochs,)
            "train_loss"; "valid_loss" and "learning_rate" where they are known. Other entries
            are left out.
        pca_error : float, default=None
            Above 0; drawn as a line, in the units of the losses.
        loss_name : str, default="loss"
            What the losses are.
        note : str, default=None
            A line of text above the curves.
        initial_valid_loss : float, default=None
            Validation loss before training, where "valid_loss" is known; drawn at epoch 0.
        ax : matplotlib.axes.Axes, default=None
            As in `plot`.
        **plot_options : dict
            Handed to `plot`.

        Returns
        -------
        TrainingHistoryDisplay
            Drawn.

        Raises
        ------
        ValueError
            If "train_loss" is missing, entries differ in length, or a number is out of bounds.
        TypeError
            If `history` is no dictionary.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklatent.displays import TrainingHistoryDisplay
        >>> history = {"train_loss": [0.3, 0.2, 0.1], "valid_loss": [0.3, 0.21, 0.22]}
        >>> display = TrainingHistoryDisplay.from_history(history, loss_name="mean squared error")
        >>> display.best_epoch
        2
        >>> plt.close(display.figure_)
        """
        if not isinstance(history, Mapping):
            raise TypeError(f"history must be a dictionary of arrays; got {history!r}.")
        if "train_loss" not in history:
            raise ValueError(f"history must hold 'train_loss'; got {list(history)}.")
        kept = {
            name: np.asarray(history[name], dtype=float)
            for name in ("train_loss", "valid_loss", "learning_rate")
            if name in history
        }
        shapes = {name: values.shape for name, values in kept.items()}
        shape = shapes["train_loss"]
        if len(shape) != 1 or shape[0] < 1 or set(shapes.values()) != {shape}:
            raise ValueError(
                f"history must hold one number for each epoch, at least one; got shapes {shapes}."
            )
        if pca_error is not None:
            pca_error = check_number("pca_error", pca_error, low=0, open_low=True, open_high=True)
        initial = initial_valid_loss
        if initial is not None:
            if "valid_loss" not in kept:
                raise ValueError(
                    "initial_valid_loss must be None where history has no 'valid_loss'; "
                    f"got {initial!r}."
                )
            initial = check_number("initial_valid_loss", initial, open_low=True, open_high=True)
        best = None
        if "valid_loss" in kept and np.isfinite(kept["valid_loss"]).any():
            best = int(np.nanargmin(kept["valid_loss"])) + 1
            if initial is not None and initial <= kept["valid_loss"][best - 1]:
                best = 0
        return cls(kept, best, pca_error, loss_name, note, initial).plot(ax, **plot_options)

    def plot(
        self,
        ax: AnyAxes = None,
        *,
        logarithmic: bool = True,
        show_learning_rate: bool = True,
        line_kwargs: Style = None,
    ) -> Self:
        """Draw the losses, and below them the learning rate where it is known.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of Axes, default=None
            Axes to draw on, as many as panels, or one that is divided; None makes a figure.
        logarithmic : bool, default=True
            Whether losses that fall by more than a factor of 2 stand on a logarithmic axis.
        show_learning_rate : bool, default=True
            Whether the learning rate has a panel where it is known.
        line_kwargs : dict, default=None
            Keywords for `matplotlib.axes.Axes.plot`, for the losses.

        Returns
        -------
        self : TrainingHistoryDisplay

        Raises
        ------
        TypeError
            If `ax` is neither Axes nor an array of them, or keywords are no dictionary.
        ValueError
            If `ax` holds another number of Axes than there are panels, or cannot be divided.
        """
        from matplotlib.lines import Line2D

        logarithmic = check_bool("logarithmic", logarithmic)
        with_rate = check_bool("show_learning_rate", show_learning_rate)
        with_rate = with_rate and "learning_rate" in self.history
        if with_rate:
            self.figure_, self.axes_ = stack_axes(ax, (3, 1), (5.5, 4.2))
        else:
            self.figure_, self.axes_ = stack_axes(ax, (1,), (5.5, 3.2))
        self.ax_ = self.axes_[0]
        epochs = np.arange(1, len(self.history["train_loss"]) + 1)
        self.lines_ = {}
        marker = "o" if len(epochs) < 30 else None
        for (name, label), color in zip(_NAMES.items(), (ACCENT, CONTRAST), strict=True):
            if name in self.history:
                style: dict[str, Any] = {
                    "color": color,
                    "label": label,
                    "marker": marker,
                    "markersize": 3,
                }
                style["linestyle"] = "-" if name == "train_loss" else "--"
                style = merge_keywords("line_kwargs", style, line_kwargs, Line2D)
                (self.lines_[name],) = self.ax_.plot(*self._curve(name), **style)
        self._mark()
        shown = np.concatenate([self._curve(name)[1] for name in self.lines_ if name in _NAMES])
        if logarithmic and np.nanmin(shown) > 0:
            self._use_logarithm(shown)
        self.ax_.set(ylabel=self.loss_name)
        self.ax_.legend(frameon=False, fontsize=9)
        if self.note:
            self.ax_.set_title(self.note, fontsize=9, loc="left")
        if with_rate:
            self._draw_rate(epochs)
        for axis in self.axes_:
            _whole_epochs(axis)
        self.axes_[-1].set_xlabel("epoch")
        return self

    def _curve(self, name: str) -> tuple[IntArray, FloatArray]:
        """Return epochs and losses of a curve; validation may start at epoch 0."""
        losses = self.history[name]
        epochs = np.arange(1, len(losses) + 1)
        if name != "valid_loss" or self.initial_valid_loss is None:
            return epochs, losses
        return np.r_[0, epochs], np.r_[self.initial_valid_loss, losses]

    def _mark(self) -> None:
        if self.best_epoch is not None:
            epochs, losses = self._curve("valid_loss")
            loss = losses[epochs == self.best_epoch][0]
            style: dict[str, Any] = {"color": "black", "markersize": 11, "linestyle": "none"}
            style |= {"zorder": 4, "label": f"best epoch: {self.best_epoch} ({loss:.4g})"}
            (self.lines_["best_epoch"],) = self.ax_.plot([self.best_epoch], [loss], "*", **style)
        if self.pca_error is not None:
            label = f"PCA, as many components: {self.pca_error:.3g}"
            line = self.ax_.axhline(self.pca_error, color=GREY, linestyle=":", label=label)
            self.lines_["pca_error"] = line

    def _use_logarithm(self, shown: FloatArray) -> None:
        """Take a logarithmic axis where the losses fall by more than a factor of 2."""
        if np.nanmax(shown) > 2 * np.nanmin(shown):
            from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

            self.ax_.set_yscale("log")
            self.ax_.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            self.ax_.yaxis.set_major_formatter(ScalarFormatter())
            self.ax_.yaxis.set_minor_formatter(NullFormatter())

    def _draw_rate(self, epochs: IntArray) -> None:
        axis = self.axes_[1]
        (self.lines_["learning_rate"],) = axis.plot(
            epochs, self.history["learning_rate"], color="0.3"
        )
        axis.set(ylabel="learning rate", ylim=(0, None))
        axis.sharex(self.ax_)
        self.ax_.tick_params(labelbottom=False)


def _whole_epochs(axis: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    open_frame(axis)


def _is_squared_error(model: Any) -> bool:
    """Tell whether the losses of an autoencoder are mean squared errors, and no more."""
    further = ("kl_weight", "latent_penalty", "decoder_weight_decay")
    return getattr(model, "loss", None) == "mse" and not any(
        getattr(model, name, 0.0) for name in further
    )


def _loss_name(name: Any) -> str:
    known = {
        "bce": "binary cross-entropy",
        "mse": "mean squared error",
        "l1": "mean absolute error",
    }
    return f"loss ({known.get(name, name)})" if isinstance(name, str) else "loss"


def _learning_rates(model: Any) -> dict[str, FloatArray]:
    """Return the mean learning rate of each epoch, of most parameters, where it was recorded."""
    net = getattr(model, "net_", None)
    rows = [row for row in getattr(net, "history", []) if "dur" in row]
    groups = getattr(getattr(net, "optimizer_", None), "param_groups", None)
    if not groups or len(rows) != len(model.history_["train_loss"]):
        return {}
    rates = [_recorded(row) for row in rows]
    if any(len(each) == 0 for each in rates):
        return {}
    # What is recorded is the rate of the first group; all keep their ratio to it.
    first = groups[0]["lr"]
    ratio = groups[-1]["lr"] / first if first else 1.0
    return {"learning_rate": ratio * np.array([np.mean(each) for each in rates])}


def _recorded(row: Any) -> list[float]:
    if "event_lr" in row:
        return [row["event_lr"]]
    return [batch["event_lr"] for batch in row.get("batches", []) if "event_lr" in batch]
