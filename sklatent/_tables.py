"""Records of arrays shown as tables of text, and turned into data frames."""

from collections.abc import Mapping

import numpy as np

__all__ = [
    "TabularRecord",
    "count",
    "decimals_for",
    "format_numbers",
    "format_table",
    "to_data_frame",
]


def count(number: int, noun: str) -> str:
    """Return a number and what is counted, in the plural unless there is one.

    Parameters
    ----------
    number : int
        How many.
    noun : str
        In the singular; the plural takes an s.

    Returns
    -------
    str
        Thousands are set off by commas.

    Examples
    --------
    >>> from sklatent._tables import count
    >>> count(1, "point"), count(2_000, "point")
    ('1 point', '2,000 points')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def decimals_for(values, digits=4) -> int | None:
    """Return the digits after the point that give the largest value `digits` in all.

    Parameters
    ----------
    values : array-like of shape (k,)
        Real numbers; those that are not finite do not count.
    digits : int, default=4
        Digits of the largest absolute value.

    Returns
    -------
    int or None
        At least 0; None where all values are below 1e-5 or one is 1e7 or above, so that
        powers of ten read better.

    Examples
    --------
    >>> from sklatent._tables import decimals_for
    >>> decimals_for([12.3456, 0.1]), decimals_for([1e-9])
    (2, None)
    """
    values = np.abs(np.asarray(values, dtype=float))
    largest = values[np.isfinite(values)].max(initial=0.0)
    if largest == 0:
        return 0
    if not 1e-5 <= largest < 1e7:
        return None
    return max(0, digits - 1 - int(np.floor(np.log10(largest))))


def format_numbers(values, decimals: int | None) -> list[str]:
    """Return numbers as text of one form, so that they compare at a glance.

    Parameters
    ----------
    values : array-like of shape (k,)
        Real numbers. One that is not a number becomes "-".
    decimals : int or None
        Digits after the point, as from `decimals_for`; None writes powers of ten.

    Returns
    -------
    list of str
        k texts.

    Examples
    --------
    >>> from sklatent._tables import format_numbers
    >>> format_numbers([12.3456, 0.1, float("nan")], 2)
    ['12.35', '0.10', '-']
    """
    form = "z.3e" if decimals is None else f"z.{decimals}f"
    return ["-" if np.isnan(value) else format(float(value), form) for value in values]


def format_table(columns: Mapping[str, list[str]]) -> str:
    """Return columns of text under their headings, aligned to the right.

    Parameters
    ----------
    columns : mapping of str to list of str
        Heading and cells of each column, all of one length.

    Returns
    -------
    str
        One line for the headings and one for each row.

    Examples
    --------
    >>> from sklatent._tables import format_table
    >>> print(format_table({"n": ["1", "20"], "coverage": ["39.3", "100"]}))
     n  coverage
     1      39.3
    20       100
    """
    widths = [max(map(len, [head, *cells])) for head, cells in columns.items()]
    rows = [tuple(columns), *zip(*columns.values(), strict=True)]
    lines = ("  ".join(map(str.rjust, row, widths)) for row in rows)
    return "\n".join(lines)


def to_data_frame(columns: Mapping, index, index_name: str):
    """Return a pandas data frame of `columns`, importing pandas only now.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (k,)
        Names and values of the columns.
    index : ndarray of shape (k,)
        Labels of the rows.
    index_name : str
        What the labels are.

    Returns
    -------
    pandas.DataFrame
        k rows.

    Raises
    ------
    ImportError
        If pandas is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._tables import to_data_frame
    >>> to_data_frame({"mean": np.array([0.5, 2.0])}, ["a", "b"], "component")
               mean
    component
    a           0.5
    b           2.0
    """
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

    def to_dict(self) -> dict[str, np.ndarray]:
        """Return the columns by name.

        Returns
        -------
        dict of str to ndarray of shape (k,)
            One array a column.
        """
        raise NotImplementedError

    def _labels(self):
        raise NotImplementedError

    def to_frame(self):
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
