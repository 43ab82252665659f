"""Where the files of a data set lie, and what is said where they are missing."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["find_file", "missing_file_error", "search_folders"]

DATA_VARIABLE = "SKLATENT_DATA"


def search_folders(data_home: Any) -> list[Path]:
    """Return the folders to look in: `data_home`, else the environment's, else none."""
    if data_home is None:
        data_home = os.environ.get(DATA_VARIABLE) or None
    elif not isinstance(data_home, str | os.PathLike):
        raise TypeError(
            f"data_home must be a path or None; got {data_home!r} of type "
            f"{type(data_home).__name__}."
        )
    return [] if data_home is None else [Path(data_home).expanduser()]


def find_file(names: Sequence[str], folders: Sequence[Path]) -> Path | None:
    """Return the first existing path, the earlier name before the earlier folder."""
    paths = (folder / name for name in names for folder in folders)
    return next((path for path in paths if path.exists()), None)


def missing_file_error(
    title: str, names: Sequence[str], folders: Sequence[Path], fetcher: str | None = None
) -> FileNotFoundError:
    """Return the error that says what was looked for, where, and what to do."""
    wanted = " or ".join(names)
    if folders:
        looked = "\n".join(f"  {folder / name}" for name in names for folder in folders)
        where = f"looked for\n{looked}"
    else:
        where = f"data_home is None and {DATA_VARIABLE} is not set, so no folder was searched"
    advice = f"Pass the folder that holds {wanted} as data_home, or name it in {DATA_VARIABLE}"
    if fetcher is not None:
        advice += f"; download_if_missing=True gets the data by sklearn.datasets.{fetcher}"
    return FileNotFoundError(f"{title}: no {wanted} found: {where}\n{advice}.")
