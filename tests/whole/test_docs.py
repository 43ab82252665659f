"""Examples and pages: they compile, and what they import and link to is there.

The examples run in ``make docs``, the snippets of the pages in ``make snippets``.
"""

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PAGES = sorted((ROOT / "docs").glob("**/*.md")) + sorted(ROOT.glob("*.md"))
PAGES = [page for page in PAGES if "_build" not in page.parts]
LINK = re.compile(r"\]\(([^)\s]+)\)")

needs_docs = pytest.mark.skipif(
    not (ROOT / "docs").is_dir(), reason="the pages are not in this distribution"
)


def snippets_of(page):
    """Return the Python snippets of a page."""
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from run_snippets import snippets
    finally:
        sys.path.remove(str(ROOT / "docs"))
    return [code for code in snippets(page.read_text()) if ">>>" not in code]


def missing_names(code):
    """Return what the code imports from sklatent and is not there."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sklatent"):
            module = importlib.import_module(node.module)
            yield from (item.name for item in node.names if not hasattr(module, item.name))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_compile_and_import_what_there_is(path):
    code = path.read_text()
    compile(code, str(path), "exec")
    assert list(missing_names(code)) == []


@needs_docs
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets_compile_and_import_what_there_is(page):
    for code in snippets_of(page):
        compile(code, str(page), "exec")
        assert list(missing_names(code)) == []


@needs_docs
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_files_lead_somewhere(page):
    built = {"gallery/index"}
    for link in LINK.findall(page.read_text()):
        if not re.match(r"[a-z]+:|#", link) and link not in built:
            assert (page.parent / link.split("#")[0]).exists(), link


@needs_docs
def test_every_example_of_the_gallery_has_its_place():
    sys.path.insert(0, str(ROOT / "docs" / "_ext"))
    try:
        from gallery_order import EXAMPLES as ordered
    finally:
        sys.path.remove(str(ROOT / "docs" / "_ext"))
    assert sorted(ordered) == [path.name for path in EXAMPLES if path.name.startswith("plot_")]
