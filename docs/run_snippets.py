"""Run the Python snippets of pages in order, each page by itself.

``python run_snippets.py guide/*.md quick_start.md`` works in a new folder, so that what
snippets write stays out of the way. With ``--write`` what a snippet prints replaces the block of
``text`` right behind it, unless that holds an ellipsis.
"""

import contextlib
import io
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


RESULT = re.compile(r"\s*\n *```text\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def run(path, write=False):
    """Run the snippets of one page in one namespace; with `write`, note what they print."""
    names = {"__name__": "__main__"}
    text = path.read_text()
    printed = []
    for code in snippets(text):
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(code, str(path), "exec"), names)
        printed.append(output.getvalue())
        if not write:
            print(output.getvalue(), end="")
    if write:
        path.write_text(with_results(text, printed))


def with_results(text, printed):
    """Return the text of a page with what its snippets printed in the blocks behind them."""
    parts, end = [], 0
    for match, lines in zip(SNIPPET.finditer(text), printed, strict=True):
        result = RESULT.match(text, match.end())
        if result is None or "..." in result.group(1) or not lines:
            continue
        indent = match.group(1)
        said = "".join(indent + line + "\n" if line else "\n" for line in lines.splitlines())
        parts += [text[end : result.start(1)], said]
        end = result.end(1)
    return "".join([*parts, text[end:]])


if __name__ == "__main__":
    write = "--write" in sys.argv
    paths = [Path(name).resolve() for name in sys.argv[1:] if name != "--write"]
    for path in paths:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            run(path, write)
            os.chdir(path.parent)
        print(f"{path.name}: {time.perf_counter() - start:.0f} s", flush=True)
