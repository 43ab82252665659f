"""Time of `import sklatent` beside bare Python.

Run: python benchmarks/import_time.py
"""

import subprocess
import sys

from _common import interleaved, print_table


def main():
    commands = {
        "bare Python": "pass",
        "import sklatent": "import sklatent",
        "import numpy": "import numpy",
        "import torch": "import torch",
        "from sklatent import ConvAutoencoder": "from sklatent import ConvAutoencoder",
    }
    seconds = interleaved(
        {
            name: lambda code=code: subprocess.run([sys.executable, "-c", code], check=True)
            for name, code in commands.items()
        },
        repeats=9,
    )
    bare = seconds["bare Python"]
    rows = [[name, f"{s:.3f}", f"{s - bare:.3f}"] for name, s in seconds.items()]
    print_table("Start of a process, median of 9", ["", "s", "s over bare Python"], rows)


if __name__ == "__main__":
    main()
