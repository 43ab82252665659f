"""Check what a user's type checker says of the package: pyright, on an installed copy.

``python tests/typed/check_types.py`` wants at least `COMPLETE` of the public names typed, nothing
to be said of them in strict mode about the Python code of `PAGES`, and misspelt names to be found.
What pyright says of untyped libraries does not count: once, all that comes from them is declared
``Any``, and then there is to be no remark; once they are as they are, and then no remark that is
not about them.
"""

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs/quick_start.md", *sorted(ROOT.glob("docs/guide/*.md"))]
COMPLETE = 0.95
UNTYPED = ("sklearn", "skimage")
ANYTHING = "from typing import Any\ndef __getattr__(name: str) -> Any: ...\n"
# An expression that a notebook shows, and an import for what it does, are as they should be.
ABOUT_THE_PAGE = {"reportUnusedExpression", "reportUnusedImport"}
MISSPELT = """
from sklatent import ConvAutoencodr
from sklatent.corruption import GaussianNoises
from sklatent.datasets import load_digit_image
from sklatent.displays import CornerDisply
from sklatent.metrics import psnrr
from sklatent.paths import slerp_pathh
from sklatent.samplers import GaussianMixtureSamplr
from sklatent.displays import LatentMapDisplay as Map; Map.from_points([], scatter_kwarg={})
from sklatent.displays import LatentMapDisplay as Map; Map.from_points([], max_point=10)
from sklatent.displays import LatentMapDisplay as Map; Map.from_points([], centers="none")
from sklatent.displays import ComponentHistogramsDisplay as H; H.from_points([], curves="all")
"""


def install(folder):
    """Install a copy of the package, without what it depends on."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
    subprocess.run([*command, "--no-build-isolation", ROOT], check=True)


def pyright(folder, site, *options):
    """Return what pyright says, as JSON; `site` comes before the installed packages."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    environment = os.environ | {"PYTHONPATH": str(site)}
    answer = subprocess.run(
        [*command, *options], cwd=folder, env=environment, capture_output=True, text=True
    )
    return json.loads(answer.stdout)


def code_of(page):
    """Return the Python code of a page, each line where it stands on the page."""
    sys.path.insert(0, str(ROOT / "docs"))
    from run_snippets import snippets

    text = page.read_text()
    lines = [""] * text.count("\n")
    for snippet in snippets(text):
        for number, line in enumerate(snippet.splitlines()):
            if ">>>" in snippet:
                line = line[4:] if line.startswith((">>> ", "... ")) else ""
            lines[number] = line or lines[number]
    lines[0] = "# pyright: strict"
    return "\n".join(lines) + "\n"


def write_pages(folder):
    """Write the code of each page that has some, and return the modules it imports."""
    folder.mkdir()
    modules = set()
    for page in PAGES:
        code = code_of(page)
        tree = ast.parse(code)
        if tree.body:
            (folder / f"{page.stem}.py").write_text(code)
        modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return modules


def write_stubs(folder, modules):
    """Declare all that modules of untyped libraries hold to be ``Any``."""
    for module in modules:
        parts = module.split(".")
        for level in range(parts[0] in UNTYPED and len(parts)):
            package = folder.joinpath("typings", *parts[: level + 1])
            package.mkdir(parents=True, exist_ok=True)
            (package / "__init__.pyi").write_text(ANYTHING)


def own_names():
    """Return all names of functions, classes and fields that the package defines."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "sklatent").rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    fields = [node.target for node in nodes if isinstance(node, ast.AnnAssign)]
    named = [node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return {*named, *(field.id for field in fields if isinstance(field, ast.Name))}


def remarks(answer):
    """Return pyright's remarks but those about a page's own style, or members of other libraries.

    An artist of a display is matplotlib's, and not all of its members have types.
    """
    ours = own_names()
    for item in answer["generalDiagnostics"]:
        member = re.match(r'Type of "(\w+)" is (partially )?unknown', item["message"])
        if item.get("rule") not in ABOUT_THE_PAGE and (member is None or member[1] in ours):
            yield item


def spell(item):
    """Return a remark with its place."""
    place = f"{Path(item['file']).stem}:{item['range']['start']['line'] + 1}"
    return f"{place}: {' '.join(item['message'].split())} ({item.get('rule')})"


def origins(tree):
    """Return for each name of a page the library that it comes from, where that is known."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= dict.fromkeys((item.asname or item.name for item in node.names), node.module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names = [name for target in node.targets for name in ast.walk(target)]
            names = [name.id for name in names if isinstance(name, ast.Name)]
            known |= dict.fromkeys(names, known.get(root(node.value)))
    return known


def root(node):
    """Return the name that an expression starts with: ``a`` of ``a.b(c)[d].e``."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def is_about_untyped(item, tree):
    """Whether a remark is about an untyped library: what is unknown, or what is called there."""
    if item["rule"].startswith("reportUnknown") or item["rule"] == "reportMissingTypeStubs":
        return True  # With the libraries declared, nothing is unknown: they alone are to blame.
    place = item["range"]["start"]["line"] + 1, item["range"]["start"]["character"]
    around = [
        (node.lineno, node.col_offset, root(node))
        for node in ast.walk(tree)
        if isinstance(node, (ast.Attribute, ast.Call))
        and (node.lineno, node.col_offset) < place < (node.end_lineno, node.end_col_offset)
    ]
    innermost = max(around, default=(0, 0, None), key=lambda node: node[:2])
    return (origins(tree).get(innermost[-1]) or "").split(".")[0] in UNTYPED


def check_completeness(folder, site):
    """Yield a fault if too few public names are typed."""
    answer = pyright(folder, site, "--verifytypes", "sklatent", "--ignoreexternal")
    score = answer["typeCompleteness"]["completenessScore"]
    print(f"{score:.1%} of the public names are typed")
    if score < COMPLETE:
        yield f"at least {COMPLETE:.0%} of the public names are to be typed, got {score:.1%}"


def check_pages(folder, site):
    """Yield what pyright says in strict mode about the code of the pages."""
    write_stubs(folder / "declared", write_pages(folder / "declared"))
    yield from map(spell, remarks(pyright(folder / "declared", site)))
    write_pages(folder / "plain")
    for item in remarks(pyright(folder / "plain", site)):
        if not is_about_untyped(item, ast.parse(Path(item["file"]).read_text())):
            yield f"{spell(item)}, with untyped libraries as they are"


def check_misspelt(folder, site):
    """Yield the misspelt names that pyright does not notice."""
    (folder / "misspelt.py").write_text(MISSPELT)
    answer = pyright(folder, site, "misspelt.py")
    noticed = {item["range"]["start"]["line"] for item in answer["generalDiagnostics"]}
    for number, line in enumerate(MISSPELT.splitlines()):
        if line and number not in noticed:
            yield f"not noticed: {line}"


def main():
    """Print the faults, and return how many there are."""
    with tempfile.TemporaryDirectory() as name:
        folder, site = Path(name), Path(name, "site")
        install(site)
        faults = [
            *check_completeness(folder, site),
            *check_misspelt(folder, site),
            *check_pages(folder, site),
        ]
    print("\n".join(faults) or "no remark about the pages, misspelt names are noticed")
    return len(faults)


if __name__ == "__main__":
    sys.exit(main() > 0)
