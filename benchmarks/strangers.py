"""Reconstruction of pictures that nobody chose with this project in mind, beside PCA.

    SKLATENT_DATA=folder python benchmarks/strangers.py [--data hands] [--latent-dim 16] [--seeds 3]

``hands``, ``cells`` and ``solar`` are read from the folder ``strangers`` in that folder, as npz
files of `images`, uint8, and `groups` where pictures were cut from the same photograph. One fifth
is held out, groups as a whole, the same for all seeds. Errors are those of the pictures held out,
over PCA's with as many components; seconds are of processor time. ``textures`` are overlapping
crops of scikit-image's photographs of bricks, grass and gravel, one photograph held out; ``elpv``
are the pictures of elpv-dataset at their full size, from the folder that ELPV_DATA names.
``--quick`` is a short run, to try the script.
"""

import argparse
import os
import statistics
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from _common import print_table
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GroupShuffleSplit

from sklatent import ConvAutoencoder

SETS = ("hands", "cells", "solar")
MORE = ("textures", "elpv")
# What was the default before it went by size.
ADAM = {"optimizer": "adam", "activation": "leaky_relu", "batch_size": 64}
ADAM |= {"mirror": False, "precision": "float32"}
ROWS = {
    "defaults": {},
    "path": {"linear_path": True},
    "no-path": {"linear_path": False},
    "no-mirror": {"mirror": False},
    "no-decay": {"optimizer_params": {"weight_decay": 0.0}},
    "float32": {"precision": "float32"},
    "adam": ADAM,
}
SIDE, STRIDE = 64, 16


def textures():
    """Return crops (n, 64, 64) of scikit-image's photographs of textures, and which they are of."""
    from skimage import data

    crops, groups = [], []
    for group, photograph in enumerate((data.brick(), data.grass(), data.gravel())):
        windows = np.lib.stride_tricks.sliding_window_view(photograph, (SIDE, SIDE))
        crops.append(windows[::STRIDE, ::STRIDE].reshape(-1, SIDE, SIDE))
        groups += [group] * len(crops[-1])
    return np.concatenate(crops), np.array(groups)


def elpv():
    """Return the pictures of elpv-dataset (n, 300, 300) from the folder that ELPV_DATA names."""
    from matplotlib.image import imread

    files = sorted(Path(os.environ["ELPV_DATA"]).rglob("cell*.png"))
    images = [np.rint(255 * imread(file)).astype(np.uint8) for file in files]
    return np.stack(images), np.arange(len(images))


def strangers(name):
    """Return images and their groups from the folder of image files."""
    folder = os.environ.get("SKLATENT_DATA")
    if not folder:
        raise SystemExit("Set SKLATENT_DATA to the folder that holds strangers/*.npz.")
    with np.load(Path(folder, "strangers", f"{name}.npz")) as arrays:
        images = arrays["images"]
        return images, arrays["groups"] if "groups" in arrays else np.arange(len(images))


def split(name, quick):
    """Return images for training and those held out."""
    made = {"textures": textures, "elpv": elpv}
    images, groups = made[name]() if name in made else strangers(name)
    if quick:
        images, groups = images[::8], groups[::8]
    # Of three photographs one is held out.
    share = 1 / 3 if name == "textures" else 0.2
    splitter = GroupShuffleSplit(1, test_size=share, random_state=0)
    ((train, test),) = splitter.split(images, groups=groups)
    return images[train], images[test]


def pca(train, test, latent_dim):
    """Return the error of PCA, and seconds."""
    start = time.process_time()
    rows, others = (images.reshape(len(images), -1) / np.float32(255) for images in (train, test))
    model = PCA(latent_dim, random_state=0).fit(rows)
    seconds = time.process_time() - start
    back = model.inverse_transform(model.transform(others))
    return float(np.square(back - others).mean()), seconds


def ours(train, test, latent_dim, options, seed):
    """Return the error of an autoencoder, and seconds of its training."""
    start = time.process_time()
    autoencoder = ConvAutoencoder(latent_dim, random_state=seed, device="cpu", **options)
    with warnings.catch_warnings():
        # The table says where it loses to PCA.
        warnings.simplefilter("ignore", ConvergenceWarning)
        autoencoder.fit(train)
    seconds = time.process_time() - start
    return -autoencoder.score(test), seconds


def measured(name, args):
    """Return the cells of a data set, error over PCA's and seconds, for each row."""
    train, test = split(name, args.quick)
    bound, seconds = pca(train, test, args.latent_dim)
    cells = {"PCA": [f"1 ({bound:.5f})", f"{seconds:.0f}"]}
    for row in args.rows:
        options = ROWS[row] | ({"max_epochs": 1} if args.quick else {})
        runs = [ours(train, test, args.latent_dim, options, seed) for seed in range(args.seeds)]
        error, seconds = (statistics.median(values) for values in zip(*runs, strict=True))
        cells[row] = [f"{error / bound:.3f}", f"{seconds:.0f}"]
        print(name, row, *cells[row], file=sys.stderr, flush=True)
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=SETS, choices=SETS + MORE)
    parser.add_argument("--rows", nargs="+", default=["defaults"], choices=ROWS)
    parser.add_argument("--latent-dim", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=1, help="how many; medians are shown")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    columns = {name: measured(name, args) for name in args.data}
    print_table(
        f"{args.latent_dim} components, one fifth held out: error over PCA's (whose own is in "
        f"brackets), and seconds of processor time; medians of {args.seeds} seeds",
        ["", *(head for name in args.data for head in (name, "s"))],
        [
            [row, *(cell for name in args.data for cell in columns[name][row])]
            for row in ["PCA", *args.rows]
        ],
    )


if __name__ == "__main__":
    main()
