"""Seconds to draw 10,000 latent points of 64 components, beside scikit-learn where it can.

    python benchmarks/sampling_speed.py

Samplers are fitted to 60,000 points of a mixture of ten correlated clouds. ``--quick`` is
a short run, to try the script.
"""

import argparse
import time

import numpy as np
from _common import interleaved, print_table
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

from sklatent import LatentGaussianModel
from sklatent.samplers import (
    BoxSampler,
    CopulaSampler,
    EllipseSampler,
    FlowSampler,
    HighestDensity,
    IntervalSampler,
    KernelSampler,
    MixtureSampler,
    PerClassSampler,
    ShellSampler,
)


def clouds(n, dim):
    """Return points and the cloud of each."""
    generator = np.random.default_rng(0)
    labels = generator.integers(10, size=n)
    centers = generator.normal(0, 4, (10, dim))
    mixing = generator.normal(size=(dim, dim)) / np.sqrt(dim)
    return centers[labels] + generator.normal(size=(n, dim)) @ mixing, labels


def our_samplers():
    """Return unfitted samplers by name."""
    return {
        "BoxSampler": BoxSampler(),
        "IntervalSampler": IntervalSampler(),
        "EllipseSampler, whitened": EllipseSampler(random_state=0),
        "EllipseSampler, original (Gibbs)": EllipseSampler(coordinates="original", random_state=0),
        "ShellSampler": ShellSampler(random_state=0),
        "LatentGaussianModel": LatentGaussianModel(),
        "CopulaSampler": CopulaSampler(random_state=0),
        "MixtureSampler(50)": MixtureSampler(50, random_state=0),
        "KernelSampler(bandwidth=0.3)": KernelSampler(bandwidth=0.3, random_state=0),
        "PerClassSampler, Gaussians": PerClassSampler(LatentGaussianModel()),
        "HighestDensity of one Gaussian": HighestDensity(LatentGaussianModel(), random_state=0),
        "FlowSampler, 1 epoch": FlowSampler(max_epochs=1, random_state=0),
    }


def timed(fit):
    """Return what `fit` gives, and its seconds."""
    start = time.perf_counter()
    return fit(), time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=60_000)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    if args.quick:
        args.points, args.draws, args.repeats = 2_000, 1_000, 1
    points, labels = clouds(args.points, 64)
    fitted, fits = {}, {}
    for name, sampler in our_samplers().items():
        fitted[name], fits[name] = timed(lambda s=sampler: s.fit(points, labels))
    mixture, fits["scikit-learn GaussianMixture(50)"] = timed(
        lambda: GaussianMixture(50, random_state=0, tol=1e-2, max_iter=50, reg_covar=1e-4).fit(
            points[np.random.default_rng(0).choice(len(points), min(20_000, len(points)), False)]
        )
    )
    kernels, fits["scikit-learn KernelDensity(0.3)"] = timed(
        lambda: KernelDensity(bandwidth=0.3).fit(points)
    )
    normal = multivariate_normal(points.mean(axis=0), np.cov(points.T), seed=0)
    tasks = {name: lambda s=s: s.sample(args.draws, random_state=0) for name, s in fitted.items()}
    tasks["scikit-learn GaussianMixture(50)"] = lambda: mixture.sample(args.draws)
    tasks["scikit-learn KernelDensity(0.3)"] = lambda: kernels.sample(args.draws, random_state=0)
    tasks["scipy multivariate_normal"] = lambda: normal.rvs(args.draws)
    seconds = interleaved(tasks, args.repeats)
    peers = {
        "LatentGaussianModel": "scipy multivariate_normal",
        "MixtureSampler(50)": "scikit-learn GaussianMixture(50)",
        "KernelSampler(bandwidth=0.3)": "scikit-learn KernelDensity(0.3)",
    }
    rows = []
    for name, value in seconds.items():
        peer = peers.get(name)
        fit = f"{fits[name]:.2f}" if name in fits else ""
        ratio = f"{value / seconds[peer]:.2f}" if peer else ""
        rows.append([name, fit, f"{value:.4f}", ratio])
    print_table(
        f"{args.draws:,} points of 64 components, from fits to {args.points:,}; medians of "
        f"{args.repeats} in turn",
        ["", "fit s", "sample s", "of its peer"],
        rows,
    )


if __name__ == "__main__":
    main()
