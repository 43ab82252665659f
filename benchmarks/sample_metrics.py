"""Time and memory of the metrics, and agreement with other packages and `scipy.linalg.sqrtm`.

    python benchmarks/sample_metrics.py [--large] [--agreement]

prdc, torchmetrics and torch-fidelity are compared with where they are installed; they are no
requirements. ``--agreement`` shows that table alone; ``--large`` adds neighbours of
50,000 by 50,000 points.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from _common import interleaved, print_table
from _oracles import is_installed, neighbors_here, neighbors_of_prdc, of_features, of_images
from scipy import linalg

from sklatent import metrics


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


def draw_images(n):
    """Return colour images in [0, 1], smooth as photographs are, and noisy ones."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(0)
    images = gaussian_filter(rng.normal(size=(n, 32, 32, 3)), 2, axes=(1, 2))
    images = np.clip(0.5 + 2 * images, 0, 1)
    return images, np.clip(images + 0.05 * rng.normal(size=images.shape), 0, 1)


def show_agreement():
    rows = []
    settings = (
        ("2,000 x 64", draw(2_000, 64), of_features()),
        ("40 x 64", draw(40, 64), of_features()[:2]),
        ("200 x 32 x 32 x 3", draw_images(200), of_images()),
    )
    for size, (X, Y), oracles in settings:
        for name, package, there, here in oracles:
            if not is_installed(package):
                rows.append([name, package, size, "-", "-", "-"])
                continue
            found = np.atleast_1d(there(X, Y))
            ours = np.atleast_1d(here(X, Y))[: len(found)]
            means = [f"{values.mean():.6g}" for values in (ours, found)]
            rows.append([name, package, size, *means, f"{np.abs(found - ours).max():.1e}"])
    head = ["metric", "package", "data", "here, mean", "there, mean", "largest difference"]
    print_table("Agreement with other packages", head, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--agreement", action="store_true")
    parser.add_argument("--worker", nargs=3, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        name, n, d = arguments.worker
        work(name, int(n), int(d))
        return
    show_agreement()
    if arguments.agreement:
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
