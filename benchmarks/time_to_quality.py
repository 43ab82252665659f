"""Test error against seconds of training: our defaults, a bare loop, pythae and PCA.

Fashion-MNIST with 16 latent components, MNIST with 12, or faces of people never seen with
128 or 32. Ours trains for its 10 epochs and for 20, and for 10 with Adam. The bare loop
trains our plain network, with torch's own first weights, by
plain Adam at a rate of 1e-3 in batches of 128. pythae trains likewise, with its
default network, of dense layers, and with its convolutional one; it is
installed in an environment of its own, made on first use in .benchmark-env.
Run: SKLATENT_DATA=folder python benchmarks/time_to_quality.py fashion --peers
"""

import argparse
import json
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from _common import print_table
from _pythae import run_worker
from sklearn.decomposition import PCA
from skorch.callbacks import Callback
from torch import nn
from torch.nn import functional

from sklatent import ConvAutoencoder
from sklatent.datasets import fetch_fashion_mnist, fetch_lfw_faces, fetch_mnist

TASKS = {
    "fashion": (fetch_fashion_mnist, 16),
    "mnist": (fetch_mnist, 12),
    "faces": (fetch_lfw_faces, 128),
    "faces-32": (fetch_lfw_faces, 32),
}
# The default before it was Muon, which is the one for a given rate still.
ADAM = {"optimizer": "adam", "activation": "leaky_relu", "mirror": False, "precision": "float32"}
EPOCHS = 10
Curve = list[tuple[float, float]]


class Stopwatch:
    """Seconds of training alone: the clock stands still while errors are measured."""

    def __init__(self, error):
        self.error = error
        self.curve: Curve = []
        self.pause = 0.0
        self.start = time.perf_counter()

    def note(self, network) -> float:
        """Measure the error of `network`; return the seconds trained so far."""
        now = time.perf_counter()
        seconds = now - self.start - self.pause
        network.eval()
        with torch.inference_mode():
            self.curve.append((seconds, self.error(network)))
        network.train()
        self.pause += time.perf_counter() - now
        return seconds


class NoteEveryEpoch(Callback):
    """Notes the error before the first step and after each epoch of our own training."""

    def __init__(self, stopwatch):
        self.stopwatch = stopwatch

    def on_train_begin(self, net, **kwargs):  # noqa: D102
        self.stopwatch.note(net.module_)

    def on_epoch_end(self, net, **kwargs):  # noqa: D102
        self.stopwatch.note(net.module_)


def as_tensor(images: np.ndarray) -> torch.Tensor:
    """Return images (n, H, W, C), uint8, as a float tensor (n, C, H, W) in [0, 1]."""
    return torch.from_numpy(images.astype(np.float32) / 255).permute(0, 3, 1, 2)


def test_error(images: torch.Tensor, output):
    """Return a function that gives the mean squared error of a network on `images`."""

    def error(network):
        parts = [(output(network, part) - part).square().sum() for part in images.split(250)]
        return float(sum(parts) / images.numel())

    return error


def ours(train, test, latent_dim, epochs, seed=0, **options) -> Curve:
    """Train our defaults, or with other options."""
    stopwatch = Stopwatch(test_error(as_tensor(test), lambda net, x: net(x).raw.sigmoid()))
    callbacks = [NoteEveryEpoch(stopwatch)]
    ConvAutoencoder(
        latent_dim,
        max_epochs=epochs,
        callbacks=callbacks,
        early_stopping=False,
        random_state=seed,
        device="cpu",
        **options,
    ).fit(train)
    return stopwatch.curve


def plain_network(shape, latent_dim, maps=(32, 64, 128, 256)) -> nn.Sequential:
    """Return the plain architecture, written down by hand, with torch's first weights."""
    height, width, n_channels = shape
    sizes = [(height, width)]
    for _ in maps:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    down: list[nn.Module] = []
    for a, b in pairwise((n_channels, *maps)):
        down += [nn.Conv2d(a, b, 3, 2, 1), nn.LeakyReLU(0.1)]
    up: list[nn.Module] = []
    for (a, b), size in zip(pairwise((*maps[::-1], n_channels)), sizes[-2::-1], strict=True):
        extra = (1 - size[0] % 2, 1 - size[1] % 2)
        up += [nn.LeakyReLU(0.1), nn.ConvTranspose2d(a, b, 3, 2, 1, output_padding=extra)]
    first = (maps[-1], *sizes[-1])
    return nn.Sequential(
        *down,
        nn.Flatten(),
        nn.Linear(int(np.prod(first)), latent_dim),
        nn.Linear(latent_dim, int(np.prod(first))),
        nn.Unflatten(1, first),
        *up,
    )


def plain_adam(train, test, latent_dim, epochs, batch_size=128, learning_rate=1e-3) -> Curve:
    """Train the plain network with Adam at a constant rate, from images ready as tensors."""
    images, generator = as_tensor(train).contiguous(), torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    network = plain_network(train.shape[1:], latent_dim)
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    stopwatch = Stopwatch(test_error(as_tensor(test), lambda net, x: net(x).sigmoid()))
    for _ in range(epochs):
        for rows in torch.randperm(len(images), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = functional.binary_cross_entropy_with_logits(network(images[rows]), images[rows])
            loss.backward()
            optimizer.step()
        stopwatch.note(network)
    return stopwatch.curve


def principal_components(train, test, latent_dim) -> Curve:
    """Fit PCA on the pixels."""
    train, test = (x.reshape(len(x), -1).astype(np.float32) / 255 for x in (train, test))
    start = time.perf_counter()
    pca = PCA(latent_dim, random_state=0).fit(train)
    seconds = time.perf_counter() - start
    restored = pca.inverse_transform(pca.transform(test))
    return [(seconds, float(np.square(restored - test).mean()))]


def pythae(train, test, latent_dim, seconds, network) -> Curve:
    """Train an autoencoder of pythae for a stated time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.npz"
        np.savez(path, train=train, test=test)
        threads = torch.get_num_threads()
        line = run_worker("_pythae_worker.py", path, network, latent_dim, seconds, threads)
    return [tuple(pair) for pair in json.loads(line)]


def seconds_to(curve: Curve, error: float) -> float:
    """Return the seconds after which a curve first is at `error` or below; infinite if never."""
    return next((seconds for seconds, value in curve if value <= error), float("inf"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=list(TASKS))
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--rows", nargs="+", default=["defaults", "twice", "adam"])
    parser.add_argument("--seeds", type=int, default=1, help="of the defaults; medians are shown")
    parser.add_argument("--peers", action="store_true", help="a bare loop, and pythae, too")
    parser.add_argument("--peer-seconds", type=float, default=120.0)
    parser.add_argument("--images", type=int, help="use no more training images than this")
    args = parser.parse_args()
    fetch, latent_dim = TASKS[args.task]
    train, test = (fetch(subset=name).images for name in ("train", "test"))
    if train.ndim == 3:
        train, test = train[..., None], test[..., None]
    train, epochs = train[: args.images], args.epochs
    rows = {
        "defaults": ("sklatent, defaults", epochs, {}),
        "twice": ("sklatent, twice as many epochs", 2 * epochs, {}),
        "adam": ("sklatent, Adam", epochs, ADAM),
        "path": ("sklatent, linear_path=True", epochs, {"linear_path": True}),
        "no-path": ("sklatent, linear_path=False", epochs, {"linear_path": False}),
    }
    curves = {}
    for row in args.rows:
        name, n, options = rows[row]
        runs = [ours(train, test, latent_dim, n, seed, **options) for seed in range(args.seeds)]
        curves[name] = sorted(runs, key=lambda curve: curve[-1][1])[len(runs) // 2]
    if args.peers:
        curves["bare loop, plain Adam"] = plain_adam(train, test, latent_dim, epochs)
        for kind in ("dense", "convolutional"):
            name = f"pythae, {kind} network"
            curves[name] = pythae(train, test, latent_dim, args.peer_seconds, kind)
    curves[f"PCA, {latent_dim} components"] = principal_components(train, test, latent_dim)
    best = next(iter(curves.values()))
    table = []
    for name, curve in curves.items():
        seconds, error = curve[-1]
        needed = seconds_to(best, error)
        table.append([name, f"{seconds:.0f}", f"{error:.5f}", f"{needed:.0f}"])
        table[-1].append(f"{needed / seconds:.2f}")
    header = ["", "training s", "test MSE", "s in which our defaults reach it", "ratio"]
    print_table(f"{args.task}, {len(train):,} images, latent {latent_dim}", header, table)
    for name, curve in curves.items():
        # A curve of hundreds of epochs is shown at about ten of them.
        shown = curve[:: max(1, len(curve) // 10)]
        print(name + ":", ", ".join(f"{s:.0f} s {error:.5f}" for s, error in shown))


if __name__ == "__main__":
    main()
