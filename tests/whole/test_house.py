"""The house is kept: few files at the root, a test file for each room, no room too long."""

import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sklatent"
ROOMS = [
    path.relative_to(PACKAGE)
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.stem not in ("__init__", "__main__")
]
FAMILIES = {"Corruption", "DensityMixin", "ImageFeatures", "Sampler", "TabularRecord"}
# Made by itself while a report is judged, and extended by the report.
EXTENDED = {"Measurements"}
LONG = {"_autoencoder/estimator.py", "_gaussian/model.py"}


def place_of_tests(room):
    """Return where the tests of a room stand."""
    folders = [part.lstrip("_") for part in room.parent.parts]
    return Path("tests", *folders, f"test_{room.stem.lstrip('_')}.py")


@pytest.mark.parametrize(
    ("room", "place"),
    [
        ("_random.py", "tests/test_random.py"),
        ("_images/format.py", "tests/images/test_format.py"),
        ("samplers/_box.py", "tests/samplers/test_box.py"),
        ("displays/_drawing/axes.py", "tests/displays/drawing/test_axes.py"),
    ],
)
def test_tests_mirror_rooms(room, place):
    assert place_of_tests(Path(room)) == Path(place)


def test_the_root_of_the_package_is_an_index_and_what_everyone_needs():
    names = [path.name for path in PACKAGE.glob("*.py")]
    assert "__init__.py" in names
    assert len(names) <= 7, sorted(names)


def test_each_room_has_its_test_file():
    places = [place_of_tests(room) for room in ROOMS]
    assert [str(place) for place in places if not (ROOT / place).is_file()] == []


def test_no_room_is_longer_than_400_lines():
    lengths = {room.as_posix(): (PACKAGE / room).read_text().count("\n") for room in ROOMS}
    assert lengths.keys() >= LONG
    assert {room: n for room, n in lengths.items() if n > 400 and room not in LONG} == {}


def test_a_class_is_abstract_or_final():
    inherited = set()
    for room in ROOMS:
        module = importlib.import_module(".".join(["sklatent", *room.with_suffix("").parts]))
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__:
                inherited |= {base for base in kind.__bases__ if "sklatent" in base.__module__}
    assert {kind.__name__ for kind in inherited} == FAMILIES | EXTENDED
    # Nobody makes one of a family, so that none is among the names for users.
    homes = {kind.__module__.rpartition(".")[0] for kind in inherited}
    public = {
        name for home in homes for name in getattr(importlib.import_module(home), "__all__", ())
    }
    assert public.isdisjoint(FAMILIES)
