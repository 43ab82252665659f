"""Time `normality_report` and print a table with medians.

Run ``python benchmarks/normality_report.py`` for the full size, 170,000 points in 200
components, in float64, float32 and memory-mapped; ``--points`` and ``--repeats`` change it.
"""

import argparse
import resource
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from sklatent import LatentGaussianModel


def latent_points(n_samples, dimension, dtype):
    """Heavy-tailed correlated points, so that no step ends early."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((dimension, dimension)) / np.sqrt(dimension) + np.eye(dimension)
    points = np.empty((n_samples, dimension), dtype=dtype)
    for start in range(0, n_samples, 10_000):
        block = rng.standard_normal((min(10_000, n_samples - start), dimension)) @ mixing
        points[start : start + 10_000] = block / np.sqrt(rng.chisquare(20, (len(block), 1)) / 20)
    return points


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seconds(points, repeats):
    model = LatentGaussianModel().fit(points)
    times = []
    for _ in range(repeats):
        start = perf_counter()
        report = model.normality_report(points, random_state=0)
        times.append(perf_counter() - start)
    return median(times), report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=170_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{'points':>8} {'d':>4} {'kind':<12} {'median s':>9} {'memory rise MB':>15}  name")
    for dimension in (12, 64, 200):
        kinds = ("float64", "float32", "mapped") if dimension == 200 else ("float64",)
        for kind in kinds:
            with tempfile.TemporaryDirectory() as folder:
                dtype = "float32" if kind == "mapped" else kind
                points = latent_points(arguments.points, dimension, dtype)
                if kind == "mapped":
                    path = Path(folder) / "points.npy"
                    np.save(path, points)
                    points = np.load(path, mmap_mode="r")
                before = peak_mb()
                time, report = seconds(points, arguments.repeats)
                rise = peak_mb() - before
                print(
                    f"{arguments.points:>8,} {dimension:>4} {kind:<12} {time:>9.1f} {rise:>15.0f}  "
                    f"{report.name[:60]}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
