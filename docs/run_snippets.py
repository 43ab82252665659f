"""Run the Python snippets of pages in order, each page by itself.

``python run_snippets.py guide/*.md quick_start.md`` works in a new folder, so that what
snippets write stays out of the way.
"""

import os
import re
import sys
import tempfile
import time
from pathlib import Path

SNIPPET = re.compile(r"^( *)```python\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def snippets(text):
    """Return the snippets of a page, each behind as many empty lines as it has above it."""
    for match in SNIPPET.finditer(text):
        indent, code = match.groups()
        lines = [line.removeprefix(indent) for line in code.splitlines()]
        yield "\n" * (text.count("\n", 0, match.start()) + 1) + "\n".join(lines) + "\n"


def run(path):
    """Run the snippets of one page in one namespace."""
    names = {"__name__": "__main__"}
    for code in snippets(path.read_text()):
        exec(compile(code, str(path), "exec"), names)


if __name__ == "__main__":
    paths = [Path(name).resolve() for name in sys.argv[1:]]
    for path in paths:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            run(path)
            os.chdir(path.parent)
        print(f"{path.name}: {time.perf_counter() - start:.0f} s", flush=True)
