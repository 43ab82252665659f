"""What the benchmarks share: interleaved timing, tables, data."""

import os
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

__all__ = ["fashion_mnist", "interleaved", "machine", "print_table"]


def machine() -> str:
    """Name the machine in general terms."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return (
        f"{platform.machine()}, {cores} cores, {gpu}, {torch.get_num_threads()} torch threads, "
        f"torch {torch.__version__.split('+')[0]}, Python {platform.python_version()}"
    )


def interleaved(tasks: dict[str, Callable], repeats: int) -> dict[str, float]:
    """Run all tasks in turn, `repeats` times after a warm-up; return median seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(repeats + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def print_table(title: str, header: list[str], rows: list[list]) -> None:
    """Print a Markdown table."""
    print(f"\n{title}\n{machine()}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def fashion_mnist(subset: str) -> np.ndarray:
    """Return Fashion-MNIST images (n, 28, 28), uint8."""
    from sklatent.datasets import fetch_fashion_mnist

    return fetch_fashion_mnist(subset=subset).images
