"""Time and memory of the metrics of samples, and agreement with prdc and `scipy.linalg.sqrtm`.

    python benchmarks/sample_metrics.py [--large]

prdc is compared with where it can be imported; it is no requirement. ``--large``
adds neighbours of 50,000 by 50,000 points.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from _common import interleaved, print_table
from scipy import linalg

from sklatent import metrics

N_NEIGHBORS = 5


def by_square_root(X, Y):
    """Return the Frechet distance as most packages compute it."""
    A, B = np.cov(X, rowvar=False), np.cov(Y, rowvar=False)
    shared = np.trace(linalg.sqrtm(A @ B)).real
    difference = np.square(X.mean(axis=0) - Y.mean(axis=0)).sum()
    return float(difference + np.trace(A) + np.trace(B) - 2 * shared)


def draw(n, d):
    """Return two sets of normal points that differ a little."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, d)), 0.05 + 0.95 * rng.normal(size=(n, d))


def neighbors_here(X, Y):
    return (
        *metrics.precision_recall(X, Y, N_NEIGHBORS),
        *metrics.density_coverage(X, Y, N_NEIGHBORS),
    )


def neighbors_of_prdc(X, Y):
    from contextlib import redirect_stdout
    from io import StringIO

    from prdc import compute_prdc

    with redirect_stdout(StringIO()):
        found = compute_prdc(X, Y, N_NEIGHBORS)
    return tuple(float(found[name]) for name in ("precision", "recall", "density", "coverage"))


WORKERS = {
    "here: precision, recall, density, coverage": neighbors_here,
    "prdc": neighbors_of_prdc,
    "here: kernel distance": lambda X, Y: metrics.kernel_distance(X, Y),
    "here: copy check": lambda X, Y: metrics.copy_check(X, X[::2] + 0.1, Y)[:3],
}


def measured_alone(name, n, d):
    """Return seconds, peak memory in MB beyond the data, and the result, in an own process."""
    command = [sys.executable, __file__, "--worker", name, str(n), str(d)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return ["-", "-", done.stderr.strip().split("\n")[-1]]
    return done.stdout.strip().split("\n")[-1].split("|")


def highest_memory():
    """Return the highest resident memory of this process, in MB; on Linux alone."""
    for line in Path("/proc/self/status").read_text().split("\n"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise OSError("the system tells no highest memory")


def work(name, n, d):
    X, Y = draw(n, d)
    # Imports and first calls are not what is measured.
    WORKERS[name](X[:50], Y[:50])
    # Linux forgets the highest memory so far.
    Path("/proc/self/clear_refs").write_text("5")
    before = highest_memory()
    start = time.perf_counter()
    found = WORKERS[name](X, Y)
    seconds = time.perf_counter() - start
    more = highest_memory() - before
    print(f"{seconds:.1f}|{more:.0f}|{', '.join(f'{value:.5g}' for value in found)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--worker", nargs=3, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        name, n, d = arguments.worker
        work(name, int(n), int(d))
        return
    rows = []
    for n, d, repeats in ((10_000, 64, 5), (10_000, 2_048, 1)):
        X, Y = draw(n, d)
        here, root = metrics.frechet_distance(X, Y), by_square_root(X, Y)
        tasks = {
            "here": lambda X=X, Y=Y: metrics.frechet_distance(X, Y),
            "root": lambda X=X, Y=Y: by_square_root(X, Y),
        }
        seconds = interleaved(tasks, repeats)
        ratio = seconds["here"] / seconds["root"]
        times = [f"{value:.2f}" for value in seconds.values()]
        relative = abs(here - root) / root
        rows.append([f"{n:,} x {d:,}", *times, f"{ratio:.2f}", f"{relative:.1e}"])
    head = ["features", "here, s", "sqrtm, s", "ratio", "relative difference"]
    print_table("Frechet distance", head, rows)
    sizes = [10_000, 50_000] if arguments.large else [10_000]
    rows = []
    for n in sizes:
        for name in WORKERS:
            if name != "prdc" or n == sizes[0]:
                rows.append([name, f"{n:,}", *measured_alone(name, n, 64)])
    print_table(
        "Neighbours and kernels, 64 features", ["", "points", "s", "memory, MB", "result"], rows
    )


if __name__ == "__main__":
    main()
