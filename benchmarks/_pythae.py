"""An environment of its own for pythae, made on first use in .benchmark-env."""

import subprocess
import sys
from pathlib import Path

__all__ = ["run_worker"]

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE.parent / ".benchmark-env"


def run_worker(script: str, *arguments) -> str:
    """Run a script of this folder in the environment that has pythae; return its last line."""
    command = [_python(), HERE / script, *arguments]
    command = [str(part) for part in command]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()[-1]


def _python() -> Path:
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        constraints = ["--constraint", HERE.parent / "constraints.txt"]
        for package in (["torch", *constraints], ["pythae==0.1.2"]):
            subprocess.run([python, "-m", "pip", "install", "--quiet", *package], check=True)
    return python
