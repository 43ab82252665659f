"""The record that `sample_report` returns, and its printed table."""

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from sklatent._tables import decimals_for, format_numbers, format_table, to_data_frame
from sklatent._typing import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SampleReport"]

_WIDTH = 88
_HEADS = {
    "frechet": "Frechet",
    "frechet_limit": "limit",
    "frechet_limit_error": "+-",
    "kernel": "kernel",
    "kernel_error": "+-",
    "precision": "precision",
    "recall": "recall",
    "density": "density",
    "coverage": "coverage",
    "auc": "AUC",
}
_COPY_HEADS = {
    "copy_ratio": "distance ratio",
    "copy_close": "share close",
    "latent_copy_ratio": "latent ratio",
    "latent_copy_close": "latent close",
}
_SHARES = ("precision", "recall", "density", "coverage", "auc", *_COPY_HEADS)


@dataclass(frozen=True, eq=False)
class SampleReport:
    """How good samples are, beside controls; ``print(report)`` gives the table.

    Attributes
    ----------
    names : tuple of str
        What was compared with the reference images, one for each row.
    columns : dict of str to ndarray of shape (n_rows,)
        "frechet", "frechet_limit" and its standard error "frechet_limit_error", "kernel" and
        its standard error "kernel_error", "precision", "recall", "density", "coverage", "auc";
        "copy_ratio" and "copy_close" in features, "latent_copy_ratio" and
        "latent_copy_close" among latent points. NaN where a figure was not computed.
    n_samples : int
        Number of images in each row, and of reference images.
    n_train : int
        Number of training images for the check for copies, 0 without.
    features : str
        What features figures belong to.
    n_features : int
        Number of features.
    n_neighbors : tuple (int, int)
        Neighbours of precision and recall, and of density and coverage.
    """

    names: tuple[str, ...]
    columns: dict[str, FloatArray]
    n_samples: int
    n_train: int
    features: str
    n_features: int
    n_neighbors: tuple[int, int]

    def to_dict(self) -> dict[str, FloatArray]:
        """Return the columns as arrays.

        Returns
        -------
        dict of str to ndarray of shape (n_rows,)
            A copy of `columns`.
        """
        return {name: values.copy() for name, values in self.columns.items()}

    def to_frame(self) -> "pd.DataFrame":
        """Return the table as a pandas data frame.

        Returns
        -------
        pandas.DataFrame
            Rows labelled by `names`, columns as in `to_dict`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return to_data_frame(self.to_dict(), list(self.names), "images")

    def __str__(self) -> str:
        lines = [
            f"{self.n_samples:,} images in each row against {self.n_samples:,} reference images, "
            f"in {self.n_features} features:",
            fill(self.features, _WIDTH, subsequent_indent="  "),
            "",
            self._table(_HEADS),
        ]
        k, m = self.n_neighbors
        lines += ["", fill(_LEGEND.format(k=k, m=m, null=1 - 0.5**m), _WIDTH)]
        if self.n_train:
            lines += [
                "",
                f"Nearest of {self.n_train:,} training images, against that of reference images",
                self._table(_COPY_HEADS),
                "",
                fill(_COPY_LEGEND, _WIDTH),
            ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<SampleReport of {len(self.names)} rows of {self.n_samples:,} images>"

    def _table(self, heads: dict[str, str]) -> str:
        width = max(map(len, self.names))
        # Padding puts names to the left, and below keeps two equal headings apart.
        cells = {"".ljust(width): [name.ljust(width) for name in self.names]}
        for name, head in heads.items():
            values = self.columns[name]
            if np.isnan(values).all():
                continue
            decimals = 3 if name in _SHARES else decimals_for(self._like(name), digits=3)
            padding = " " * (name == "kernel_error")
            cells[padding + head] = format_numbers(values, decimals)
        return format_table(cells)

    def _like(self, name: str) -> FloatArray:
        """Return the column whose largest value gives the digits: errors follow their values."""
        return self.columns[name.removesuffix("_error").removesuffix("_limit")]


_LEGEND = (
    "Frechet: squared distance of mean and covariance, and its limit for infinitely many images "
    "with the standard error. Kernel: unbiased, with the standard error. Precision and recall "
    "with {k} neighbours, density and coverage with {m}: of images as good as real "
    "ones density is about 1 and coverage about {null:.2f}; for the others read the row of real "
    "images. AUC: of a classifier that tells the images from the reference, 0.5 where "
    "it cannot; paired reconstructions may fall below."
)
_COPY_LEGEND = (
    "Ratio: median distance over that of reference images, about 1 where images are new and 0 "
    "where they are copies. Close: share nearer than 99 of 100 reference images are, about 0.01 "
    "where they are new. Real images in this table are training images."
)
