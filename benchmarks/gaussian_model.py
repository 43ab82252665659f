"""Speed and memory of LatentGaussianModel beside bare NumPy and its peers.

    python benchmarks/gaussian_model.py                # 170,000 x 200, sample(1,000,000) at 64
    python benchmarks/gaussian_model.py --points 20000 --draws 100000 --rounds 3

Each round runs every row of a table once, one after the other, so that a busy machine slows
all alike; the table shows medians, and medians of the ratios within each round. Memory is
measured apart, in a process of its own for each row: the peak of RssAnon, which leaves out the
pages of a memory-mapped file, above its value before the call. Peers run in the last rounds.

Results of LatentGaussianModel are float64 whatever comes in, so for float32 points the bare
product converts, as np.cov does; the rows named "in float32" do not, and lose the digits.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import numpy as np
from scipy import linalg
from sklearn.covariance import EmpiricalCovariance
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_info

from sklatent import LatentGaussianModel

try:
    from copulas.multivariate import GaussianMultivariate
    from copulas.univariate import GaussianUnivariate
except ImportError:
    GaussianMultivariate = None

BARE, OURS, PEER = "bare", "ours", "peer"
SAMPLE_COMPONENTS = 64
FEW = 2000


class Task:
    """What the rows of one table work on."""

    def __init__(self, options, dtype, folder):
        self.dtype, self.options = np.dtype(dtype), options
        shape = (options.points, options.components)
        self.path = Path(folder) / f"{self.dtype.name}.bin"
        if not self.path.exists():
            write_points(self.path, shape, self.dtype)
        self.mapped = np.memmap(self.path, dtype=self.dtype, mode="r", shape=shape)
        self.X = np.array(self.mapped)


def write_points(path, shape, dtype):
    rng = np.random.default_rng(0)
    mixing = np.linalg.qr(rng.standard_normal((shape[1],) * 2))[0] * np.linspace(1, 5, shape[1])
    with path.open("wb") as file:
        for start in range(0, shape[0], 4096):
            rows = min(4096, shape[0] - start)
            part = rng.standard_normal((rows, shape[1])) @ mixing.T + 2
            file.write(part.astype(dtype).tobytes())


def fit_copula(X):
    import pandas as pd

    copula = GaussianMultivariate(distribution=GaussianUnivariate)
    copula.fit(pd.DataFrame(X))
    return copula


def fit_rows(task):
    yield "np.cov(X, rowvar=False)", BARE, lambda: np.cov(task.X, rowvar=False)
    yield "LatentGaussianModel().fit", OURS, lambda: LatentGaussianModel().fit(task.X)
    yield "  memory-mapped", OURS, lambda: LatentGaussianModel().fit(task.mapped)
    ledoit_wolf = LatentGaussianModel(covariance="ledoit_wolf")
    yield "  covariance='ledoit_wolf'", OURS, lambda: ledoit_wolf.fit(task.X)
    yield "EmpiricalCovariance().fit", PEER, lambda: EmpiricalCovariance().fit(task.X)
    yield "GaussianMixture(1).fit", PEER, lambda: GaussianMixture(1).fit(task.X)
    if GaussianMultivariate is None:
        yield "copulas.GaussianMultivariate.fit", PEER, None
    else:
        yield "copulas.GaussianMultivariate.fit", PEER, lambda: fit_copula(task.X)


def score_rows(task):
    few = task.X[:FEW]
    model = LatentGaussianModel().fit(few)
    matrix = np.linalg.inv(np.linalg.cholesky(model.covariance_)).T.copy()
    triangle = np.linalg.cholesky(model.covariance_)
    double = np.float64
    yield "bare product X @ W", BARE, lambda: task.X.astype(double, copy=False) @ matrix
    yield (
        "bare solve_triangular(L, X.T)",
        "second",
        lambda: linalg.solve_triangular(
            triangle, task.X.astype(double, copy=False).T, lower=True, check_finite=False
        ),
    )
    yield "mahalanobis_squared", OURS, lambda: model.mahalanobis_squared(task.X)
    yield "  memory-mapped", OURS, lambda: model.mahalanobis_squared(task.mapped)
    yield "score_samples", OURS, lambda: model.score_samples(task.X)
    if task.dtype == np.float32:
        narrow, narrow_triangle = matrix.astype(np.float32), triangle.astype(np.float32)
        yield "bare product in float32", "second", lambda: task.X @ narrow
        yield (
            "bare solve_triangular in float32",
            "second",
            lambda: linalg.solve_triangular(
                narrow_triangle, task.X.T, lower=True, check_finite=False
            ),
        )
    peer, mixture = EmpiricalCovariance().fit(few), GaussianMixture(1).fit(few)
    yield "EmpiricalCovariance.mahalanobis", PEER, lambda: peer.mahalanobis(task.X)
    yield "GaussianMixture.score_samples", PEER, lambda: mixture.score_samples(task.X)


def sample_rows(task):
    n, points = task.options.draws, task.X[:FEW, :SAMPLE_COMPONENTS]
    model, mixture = LatentGaussianModel().fit(points), GaussianMixture(1).fit(points)
    matrix = np.linalg.cholesky(model.covariance_).T.copy()
    d = len(matrix)
    yield (
        "bare default_rng(0).standard_normal @ L",
        BARE,
        lambda: np.random.default_rng(0).standard_normal((n, d)) @ matrix,
    )
    yield (
        "bare RandomState(0).standard_normal @ L",
        "second",
        lambda: np.random.RandomState(0).standard_normal((n, d)) @ matrix,
    )
    yield "LatentGaussianModel.sample", OURS, lambda: model.sample(n, random_state=0)
    yield "GaussianMixture(1).sample", PEER, lambda: mixture.sample(n)
    if GaussianMultivariate is None:
        yield "copulas.GaussianMultivariate.sample", PEER, None
    else:
        copula = fit_copula(points)
        yield "copulas.GaussianMultivariate.sample", PEER, lambda: copula.sample(n)


TABLES = {"fit": fit_rows, "score": score_rows, "sample": sample_rows}
ALLOWED = {"fit": 1.5, "score": 1.5, "sample": 1.3}


def seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def anonymous_memory() -> float:
    """RssAnon of this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    raise OSError("this system's /proc/self/status has no RssAnon")


def peak_memory(call) -> float:
    """Peak of RssAnon during the call above its value before, in MB, every millisecond."""
    before = peak = anonymous_memory()
    done = threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.001):
            peak = max(peak, anonymous_memory())

    thread = threading.Thread(target=watch)
    thread.start()
    result = call()
    done.set()
    thread.join()
    peak = max(peak, anonymous_memory())
    del result
    return peak - before


def child_memory(options, folder, table, dtype, index) -> str:
    """Measure one row in a new process."""
    if not Path("/proc/self/status").exists():
        return "-"
    arguments = ["--memory", table, dtype, str(index), folder]
    for name in ("points", "components", "draws"):
        arguments += [f"--{name}", str(getattr(options, name))]
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=True
    )
    return f"{float(done.stdout.split()[-1]):.0f}"


def print_table(options, folder, table, dtype):
    rows = list(TABLES[table](Task(options, dtype, folder)))
    times = [{} for _ in rows]
    for turn in range(-1, options.rounds):  # the first is a warm-up
        for (_, kind, call), taken in zip(rows, times, strict=True):
            if call is not None and (kind != PEER or turn >= options.rounds - options.peer_rounds):
                taken[turn] = seconds(call)
    for taken in times:
        taken.pop(-1, None)
    print(f"\n{table}, {dtype} (allowed for our rows: {ALLOWED[table]} times the first)")
    print(f"{'':40}{'seconds':>10}{'ratio':>8}{'peak MB':>9}")
    for index, ((name, kind, call), taken) in enumerate(zip(rows, times, strict=True)):
        if call is None:
            print(f"{name:40}{'not installed':>18}")
            continue
        ratio = median(mine / times[0][turn] for turn, mine in taken.items())
        memory = child_memory(options, folder, table, dtype, index)
        mark = " over" if kind == OURS and ratio > ALLOWED[table] else ""
        print(f"{name:40}{median(taken.values()):10.3f}{ratio:8.2f}{memory:>9}{mark}", flush=True)


def parse(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=170_000)
    parser.add_argument("--components", type=int, default=200)
    parser.add_argument("--draws", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peer-rounds", type=int, default=1)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--memory", nargs=4, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main():
    options = parse()
    if options.memory:
        table, dtype, index, folder = options.memory
        row = list(TABLES[table](Task(options, dtype, folder)))[int(index)]
        print(peak_memory(row[2]))
        return
    threads = max(library["num_threads"] for library in threadpool_info())
    print(
        f"{options.points} points of {options.components} components, {options.draws} draws of "
        f"{min(SAMPLE_COMPONENTS, options.components)}; {options.rounds} rounds, at most "
        f"{threads} threads on {os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as folder:
        for table, dtype in [
            ("fit", "float64"),
            ("fit", "float32"),
            ("score", "float64"),
            ("score", "float32"),
            ("sample", "float64"),
        ]:
            if table in options.tables:
                print_table(options, folder, table, dtype)


if __name__ == "__main__":
    main()
