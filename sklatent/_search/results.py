"""Scores of a search over latent dimensions: the record, its table, and the choice from it."""

from dataclasses import dataclass, field

import numpy as np

from sklatent._tables import TabularRecord, count, decimals_for, format_numbers, format_table

__all__ = ["DimensionResults", "describe_choice", "one_standard_error_choice", "standard_errors"]

_HEADS = {
    "neg_mse": "MSE",
    "psnr": "PSNR",
    "ssim": "SSIM",
    "neg_frechet": "Frechet",
    "neg_kernel": "kernel",
}


def standard_errors(scores: np.ndarray) -> np.ndarray:
    r"""Return the standard error of the mean over folds, :math:`s / \sqrt{K}`.

    Parameters
    ----------
    scores : ndarray of shape (n_rows, n_folds)
        At least two folds.

    Returns
    -------
    ndarray of shape (n_rows,)
        With the standard deviation over folds that divides by K - 1.
    """
    return scores.std(axis=1, ddof=1) / np.sqrt(scores.shape[1])


def one_standard_error_choice(dims, scores) -> tuple[int, int]:
    """Return the best row, and the row that the one-standard-error rule chooses.

    The choice is the smallest dimension of which a row scores no more than one standard error
    of the best row's mean below that mean [1]_ [2]_; of its rows the one that scores highest.

    Parameters
    ----------
    dims : array-like of shape (n_rows,)
        Dimension of each row.
    scores : array-like of shape (n_rows, n_folds)
        Higher is better; at least two folds. Rows with NaN are out of the choice.

    Returns
    -------
    tuple (int, int)
        Indices of rows.

    Raises
    ------
    ValueError
        If every row has NaN.

    References
    ----------
    .. [1] L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone, "Classification and regression
       trees", 1984, section 3.4.3.
    .. [2] T. Hastie, R. Tibshirani, J. Friedman, "The elements of statistical learning", 2nd
       edition, 2009, section 7.10.

    Examples
    --------
    >>> from sklatent._search.results import one_standard_error_choice
    >>> one_standard_error_choice([2, 4, 8], [[-9, -8], [-3, -4], [-2, -4]])
    (2, 1)
    """
    dims, scores = np.asarray(dims), np.asarray(scores, dtype=float)
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

    dims: np.ndarray
    densities: tuple[str, ...]
    scores: dict[str, np.ndarray]
    real_scores: dict[str, np.ndarray] = field(repr=False)
    fit_times: np.ndarray = field(repr=False)
    density_times: np.ndarray = field(repr=False)
    criterion: str
    chosen: int

    def to_dict(self) -> dict[str, np.ndarray]:
        """Return the columns by name.

        Returns
        -------
        dict of str to ndarray of shape (n_rows,)
            "dim", "density", for each metric "mean_" and "standard_error_" before its name,
            "mean_fit_time" and "mean_density_time" in seconds, and "chosen".
        """
        columns = {"dim": self.dims.copy(), "density": np.array(self.densities)}
        for name, scores in self.scores.items():
            columns[f"mean_{name}"] = scores.mean(axis=1)
            columns[f"standard_error_{name}"] = standard_errors(scores)
        columns["mean_fit_time"] = self.fit_times.mean(axis=1)
        columns["mean_density_time"] = self.density_times.mean(axis=1)
        columns["chosen"] = np.arange(len(self.dims)) == self.chosen
        return columns

    def _labels(self):
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
    """Return why the row was chosen, with the figures.

    Parameters
    ----------
    results : DimensionResults
        Whose `chosen` follows `one_standard_error_choice`.

    Returns
    -------
    str
        One or two sentences.
    """
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
