"""What is built: all that the tests need, the types, a page that an index can show."""

import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytest.importorskip("hatchling", reason="hatchling builds what is looked at here")

ROOT = Path(__file__).parents[2]
FOLDERS = ("sklatent", "tests", "docs", "examples", "benchmarks")
FILES = {
    ".importlinter",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "conftest.py",
    "constraints.txt",
    "pyproject.toml",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the archive of sources and of the wheel."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def sources(built):
    """The names in the archive of sources, without its own folder."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def wheel(built):
    """The names in the wheel, and its metadata."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith("dist-info/METADATA"))
        return names, message_from_bytes(archive.read(metadata))


def test_tests_run_from_the_archive_of_sources(sources):
    code = {path.relative_to(ROOT) for name in FOLDERS for path in (ROOT / name).rglob("*.py")}
    made = {"_build", "generated", "gallery"}
    code = {path.as_posix() for path in code if not made & {*path.parts[:2]}}
    pages = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/guide/*.md")}
    assert FILES | code | pages | {"sklatent/py.typed"} <= sources


def test_no_environment_and_no_cache_is_in_the_archive_of_sources(sources):
    tops = {name.split("/")[0] for name in sources if "/" in name}
    assert tops - {*FOLDERS, ".ci"} == set()
    assert not [name for name in sources if "__pycache__" in name or name.endswith(".pyc")]


def test_the_wheel_is_the_package_and_its_types(wheel):
    names, metadata = wheel
    folders = {name.split("/")[0] for name in names}
    assert folders == {"sklatent", f"sklatent-{metadata['Version']}.dist-info"}
    assert "sklatent/py.typed" in names


def test_the_lowest_versions_are_the_bounds_of_what_is_installed(wheel):
    command = [sys.executable, ROOT / "tests" / "minimum_versions.py"]
    pins = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    needed = [Requirement(text) for text in wheel[1].get_all("Requires-Dist")]
    needed = [item for item in needed if not item.marker or item.marker.evaluate({"extra": "test"})]
    assert sorted(pins) == sorted(
        f"{item.name}{item.specifier}".replace(">", "=") for item in needed
    )


def test_the_page_needs_no_file_beside_it(wheel):
    page = wheel[1].get_payload()
    assert page.startswith("# sklatent")
    assert not re.findall(r"!\[", page)
    assert [link for link in re.findall(r"\]\(([^)]*)\)", page) if "://" not in link] == []
    assert "Quick start (`docs/quick_start.md`)" in page
    assert re.search(r"```python\n.*```", (ROOT / "README.md").read_text(), re.DOTALL)[0] in page
