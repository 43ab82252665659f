"""Peak anonymous memory of a fit on a memory-mapped uint8 array of 2 GB.

Run: python benchmarks/memory.py
Linux only: reads RssAnon from /proc/self/status while the fit runs.
"""

import argparse
import tempfile
import threading
from pathlib import Path

import numpy as np
from _common import print_table

from sklatent import ConvAutoencoder

IMAGE_SHAPE = (64, 64, 3)


class PeakMemory:
    """Watches RssAnon, in MB, from a thread."""

    def __enter__(self):
        self.start = self.peak = self._now()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._done.set()
        self._thread.join()

    def _watch(self):
        while not self._done.wait(0.005):
            self.peak = max(self.peak, self._now())

    @staticmethod
    def _now() -> float:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the system does not report RssAnon")


def write_images(path: Path, n_bytes: float) -> int:
    """Write random images block by block, and return their number."""
    n = int(n_bytes // np.prod(IMAGE_SHAPE))
    images = np.lib.format.open_memmap(path, "w+", np.uint8, (n, *IMAGE_SHAPE))
    rng = np.random.default_rng(0)
    block = rng.integers(0, 256, (1024, *IMAGE_SHAPE), dtype=np.uint8)
    for start in range(0, n, len(block)):
        images[start : start + len(block)] = block[: n - start]
    images.flush()
    return n


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    args = parser.parse_args()
    autoencoder = ConvAutoencoder(
        16, channels=(8, 16, 16, 16), max_epochs=1, early_stopping=False, random_state=0
    )
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.npy"
        n = write_images(path, args.gigabytes * 1e9)
        images = np.load(path, mmap_mode="r")
        autoencoder.fit(images[:256])  # libraries loaded, kernels chosen
        with PeakMemory() as memory:
            autoencoder.fit(images)
        rows.append(["fit", f"{memory.start:.0f}", f"{memory.peak - memory.start:.0f}"])
        with PeakMemory() as memory:
            latent = autoencoder.transform(images)
        rows.append(["transform", f"{memory.start:.0f}", f"{memory.peak - memory.start:.0f}"])
        with PeakMemory() as memory:
            autoencoder.score(images)
        rows.append(["score", f"{memory.start:.0f}", f"{memory.peak - memory.start:.0f}"])
    print_table(
        f"RssAnon on {n:,} images {IMAGE_SHAPE}, {args.gigabytes:g} GB of uint8, memory-mapped "
        f"(latent points themselves: {latent.nbytes / 2**20:.0f} MB)",
        ["", "before, MB", "peak above that, MB"],
        rows,
    )


if __name__ == "__main__":
    main()
