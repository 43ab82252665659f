"""Scores of a search over latent dimensions: the record, its table, and the choice from it."""

from dataclasses import dataclass

import numpy as np

from sklatent._tables import TabularRecord, count, decimals_for, format_numbers, format_table
from sklatent._typing import AnyArray, ArrayLike, FloatArray, IntArray

__all__ = ["DimensionResults", "describe_choice", "one_standard_error_choice", "standard_errors"]

_HEADS = {
    "neg_mse": "MSE",
    "psnr": "PSNR",
    "ssim": "SSIM",
    "neg_frechet": "Frechet",
    "neg_kernel": "kernel",
}


def standard_errors(scores: FloatArray) -> FloatArray:
    """Return s / sqrt(K) of scores (n_rows, K) in K folds, with s that divides by K - 1."""
    return scores.std(axis=1, ddof=1) / np.sqrt(scores.shape[1])


def one_standard_error_choice(dims: ArrayLike, scores: ArrayLike) -> tuple[int, int]:
    """Return the best row, and the row that the one-standard-error rule chooses.

    The choice is the smallest dimension of which a row scores no more than one standard error
    of the best row's mean below that mean (Breiman et al., "Classification and regression
    trees", 1984, section 3.4.3); of its rows the one that scores highest. `scores` are of shape
    (n_rows, n_folds), higher is better; rows with NaN are out of the choice.
    """
    dims, scores = np.asarray(dims), np.asarray(scores, dtype=np.float64)
    means = scores.mean(axis=1)
    if np.isnan(means).all():
        raise ValueError("densities must hold one that can be fitted in every fold; none could.")
    best = int(np.nanargmax(means))
    enough = np.flatnonzero(means >= means[best] - standard_errors(scores)[best])
    smallest = enough[dims[enough] == dims[enough].min()]
    return best, int(smallest[means[smallest].argmax()])


@dataclass(frozen=True, eq=False)
class DimensionResults(TabularRecord):
    """Scores by latent dimension and density; ``print(results)`` gives the table.

    Attributes
    ----------
    dims : ndarray of shape (n_rows,), int
        Latent dimension of each row.
    densities : tuple of str
        Name of the density of each row.
    scores : dict of str to ndarray of shape (n_rows, n_folds)
        Scores of held-out images by metric, as `make_image_scorer` names them; higher is
        better. Those of reconstructions are the same for all densities behind a model. NaN where
        the density could not be fitted.
    real_scores : dict of str to ndarray of shape (n_folds,)
        For metrics of samples the scores of training images in place of samples: what a
        perfect density behind a perfect autoencoder would reach.
    fit_times : ndarray of shape (n_rows, n_folds)
        Seconds of the one training that all densities of a dimension and fold share.
    density_times : ndarray of shape (n_rows, n_folds)
        Seconds of fitting and scoring the density; with the first, of reconstructing too.
    criterion : str
        The metric that chose.
    chosen : int
        The row chosen.
    """

    dims: IntArray
    densities: tuple[str, ...]
    scores: dict[str, FloatArray]
    real_scores: dict[str, FloatArray]
    fit_times: FloatArray
    density_times: FloatArray
    criterion: str
    chosen: int

    def to_dict(self) -> dict[str, AnyArray]:
        """Return the columns by name.

        Returns
        -------
        dict of str to ndarray of shape (n_rows,)
            "dim", "density", for each metric "mean_" and "standard_error_" before its name,
            "mean_fit_time" and "mean_density_time" in seconds, and "chosen".
        """
        columns: dict[str, AnyArray] = {
            "dim": self.dims.copy(),
            "density": np.array(self.densities),
        }
        for name, scores in self.scores.items():
            columns[f"mean_{name}"] = scores.mean(axis=1)
            columns[f"standard_error_{name}"] = standard_errors(scores)
        columns["mean_fit_time"] = self.fit_times.mean(axis=1)
        columns["mean_density_time"] = self.density_times.mean(axis=1)
        columns["chosen"] = np.arange(len(self.dims)) == self.chosen
        return columns

    def _labels(self) -> tuple[IntArray, str]:
        return np.arange(len(self.dims)), "row"

    def __str__(self) -> str:
        n_folds = self.fit_times.shape[1]
        cells = self._text_columns()
        n_densities = len(set(self.densities))
        densities = "1 density" if n_densities == 1 else f"{n_densities} densities"
        lines = [
            f"{count(len(set(self.dims.tolist())), 'latent dimension')}, {densities}, "
            f"{n_folds} folds; +- one standard error over folds; chosen by "
            f"{_HEADS.get(self.criterion, self.criterion)}: *",
            "",
            format_table(cells),
        ]
        if self.real_scores:
            real = ", ".join(self._real(name) for name in self.real_scores)
            lines += ["", f"Training images in place of samples: {real}"]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<DimensionResults of {len(self.dims)} rows and {self.fit_times.shape[1]} folds>"

    def _text_columns(self) -> dict[str, list[str]]:
        cells = {
            "": ["*" if row == self.chosen else " " for row in range(len(self.dims))],
            "dim": [str(dim) for dim in self.dims],
            "density": list(self.densities),
        }
        padding = ""
        for name, scores in self.scores.items():
            means = _sign(name) * scores.mean(axis=1)
            decimals = decimals_for(means, digits=3)
            cells[_HEADS.get(name, name)] = format_numbers(means, decimals)
            if decimals is not None:
                decimals += 1
            # Padding keeps equal headings apart.
            cells[f"{padding}+-"] = format_numbers(standard_errors(scores), decimals)
            padding += " "
        cells["training s"] = format_numbers(self.fit_times.mean(axis=1), 1)
        cells["density s"] = format_numbers(self.density_times.mean(axis=1), 1)
        return cells

    def _real(self, name: str) -> str:
        means = _sign(name) * self.scores[name].mean(axis=1)
        value = _sign(name) * self.real_scores[name].mean()
        text = format_numbers([value], decimals_for(means, digits=3))[0]
        return f"{_HEADS.get(name, name)} {text}"


def describe_choice(results: DimensionResults) -> str:
    """Return in one or two sentences why the row was chosen, with the figures."""
    scores = results.scores[results.criterion]
    best, chosen = one_standard_error_choice(results.dims, scores)
    means = _sign(results.criterion) * scores.mean(axis=1)
    errors = standard_errors(scores)
    # Differences are as small as the standard error, so that one digit of it decides.
    smallest = max(float(errors[best]), 1e-300)
    decimals = int(np.clip(1 - np.floor(np.log10(smallest)), 0, 8))
    name = _HEADS.get(results.criterion, results.criterion)

    def row(index: int) -> str:
        value = format_numbers([means[index]], decimals)[0]
        return f"{results.dims[index]} components with {results.densities[index]} ({name} {value})"

    error = format_numbers([errors[best]], decimals)[0]
    if chosen == best:
        reason = f"{row(chosen)} score best, and no smaller dimension comes within one standard "
        reason += f"error, {error}."
    else:
        reason = f"{row(chosen)} is the smallest dimension within one standard error, {error}, of "
        reason += f"the best, {row(best)}."
    if results.dims[chosen] == results.dims.max() and len(set(results.dims.tolist())) > 1:
        reason += " It is the largest that was tried: a larger one may be better."
    return reason


def _sign(name: str) -> int:
    return -1 if name.startswith("neg_") else 1
