"""Results on disk: each appears whole or not at all."""

import json
import os
import pickle
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Store"]


class Store:
    """A folder of results, one name a step: numbers in JSON, arrays in NPZ, models pickled.

    Raises
    ------
    ValueError
        If the folder holds results of other settings.
    """

    def __init__(self, folder: Path, settings):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        path, wanted = folder / "settings.json", json.dumps(asdict(settings), indent=1)
        if not path.exists():
            _write(path, lambda file: file.write(wanted.encode()))
        elif path.read_text() != wanted:
            raise ValueError(f"{folder} holds results of other settings; choose another folder.")

    def has(self, name: str) -> bool:
        return (self.folder / f"{name}.json").exists()

    def save(self, name: str, values: dict[str, Any]) -> None:
        """Save a dict of numbers, texts, lists, arrays and further dicts."""
        arrays: dict[str, np.ndarray] = {}
        plain = _split(values, "", arrays)
        _write(self.folder / f"{name}.npz", lambda file: np.savez_compressed(file, **arrays))
        # It comes last: where it stands the result is whole.
        text = json.dumps(plain, indent=1, default=_number)
        _write(self.folder / f"{name}.json", lambda file: file.write(text.encode()))

    def load(self, name: str) -> dict[str, Any]:
        values = json.loads((self.folder / f"{name}.json").read_text())
        with np.load(self.folder / f"{name}.npz") as arrays:
            for key in arrays.files:
                *outer, last = key.split("/")
                place = values
                for part in outer:
                    place = place[part]
                place[last] = arrays[key]
        return values

    def forget(self, name: str) -> None:
        """Delete a result, and the model that the step of this name trains."""
        for file in (f"{name}.json", f"{name}.npz", f"{name.removeprefix('train-')}.pickle"):
            (self.folder / file).unlink(missing_ok=True)

    def has_model(self, name: str) -> bool:
        return (self.folder / f"{name}.pickle").exists()

    def save_model(self, name: str, model) -> None:
        _write(self.folder / f"{name}.pickle", lambda file: pickle.dump(model, file))

    def load_model(self, name: str):
        with open(self.folder / f"{name}.pickle", "rb") as file:
            return pickle.load(file)


def _write(path: Path, write: Callable) -> None:
    """Write a file beside `path`, and rename it once it is whole and on disk."""
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def _split(values: dict, prefix: str, arrays: dict) -> dict:
    """Move arrays to `arrays`, by their path; return what is left."""
    plain = {}
    for key, value in values.items():
        if isinstance(value, np.ndarray):
            arrays[prefix + key] = value
        elif isinstance(value, dict):
            plain[key] = _split(value, f"{prefix}{key}/", arrays)
        else:
            plain[key] = value
    return plain


def _number(value):
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is nothing to save.")
