"""Records of arrays shown as tables of text, and turned into data frames."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sklatent._typing import AnyArray, ArrayLike

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "TabularRecord",
    "count",
    "decimals_for",
    "format_numbers",
    "format_table",
    "to_data_frame",
]


def count(number: int, noun: str) -> str:
    """Return a number and what is counted, in the plural with an s unless there is one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def decimals_for(values: ArrayLike, digits: int = 4) -> int | None:
    """Return the digits after the point that give the largest finite value `digits` in all.

    None where all values are below 1e-5 or one is 1e7 or above, so that powers of ten read
    better.
    """
    array = np.abs(np.asarray(values, dtype=float))
    largest = array[np.isfinite(array)].max(initial=0.0)
    if largest == 0:
        return 0
    if not 1e-5 <= largest < 1e7:
        return None
    return max(0, digits - 1 - int(np.floor(np.log10(largest))))


def format_numbers(values: Iterable[float], decimals: int | None) -> list[str]:
    """Return numbers as text of one form; None writes powers of ten, and NaN becomes "-"."""
    form = "z.3e" if decimals is None else f"z.{decimals}f"
    return ["-" if np.isnan(value) else format(float(value), form) for value in values]


def format_table(columns: Mapping[str, list[str]]) -> str:
    """Return columns of text, all of one length, under their headings, aligned to the right."""
    widths = [max(map(len, [head, *cells])) for head, cells in columns.items()]
    rows = [tuple(columns), *zip(*columns.values(), strict=True)]
    lines = ("  ".join(map(str.rjust, row, widths)) for row in rows)
    return "\n".join(lines)


def to_data_frame(
    columns: Mapping[str, AnyArray], index: ArrayLike, index_name: str
) -> "pd.DataFrame":
    """Return a pandas data frame of columns (k,), importing pandas only now."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "to_frame needs pandas, which is not installed: install pandas, or use to_dict, "
            "which needs numpy alone."
        ) from error
    return pd.DataFrame(dict(columns), index=pd.Index(index, name=index_name))


class TabularRecord:
    """A record whose arrays of one length are the columns of a table.

    A subclass has `to_dict`, which returns them by name, and `_labels`, which returns the
    labels of the rows and what they are.
    """

    def to_dict(self) -> dict[str, AnyArray]:
        """Return the columns by name.

        Returns
        -------
        dict of str to ndarray of shape (k,)
            One array a column.
        """
        raise NotImplementedError

    def _labels(self) -> tuple[AnyArray, str]:
        raise NotImplementedError

    def to_frame(self) -> "pd.DataFrame":
        """Return the numbers as a pandas data frame.

        Returns
        -------
        pandas.DataFrame
            One row for each entry of the arrays; columns as in `to_dict`.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> fits = LatentGaussianModel().fit([[1.0], [3.0]]).component_fits([[1.0], [3.0]])
        >>> fits.to_frame()[["mean", "std"]]
                   mean  std
        component
        0           2.0  1.0
        """
        return to_data_frame(self.to_dict(), *self._labels())
