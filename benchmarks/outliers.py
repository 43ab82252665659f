"""Outlier detection by area under the ROC curve: one class against the rest, and foreign sets.

    SKLATENT_DATA=folder python benchmarks/outliers.py [--data mnist | fashion_mnist | sets]

``mnist`` and ``fashion_mnist``: a detector is trained on images of one class, and ranks test images
of all classes. ``sets``: it is trained on one of six sets of pictures, brought to 32 x 32 colour
pixels, and test pictures of that set are told from those of each other one. One autoencoder serves
all our methods. pyod's detectors run where pyod can be imported; it is no requirement. ``--cache``
names a folder that keeps trained autoencoders. Seconds are of processor time, and leave out
training and one pass of our autoencoder. ``--quick`` is a short run, to try the script.
"""

import argparse
import os
import pickle
import sys
import time
from pathlib import Path

import numpy as np
import torch
from _common import print_table
from _outlier_rivals import pyod_detectors, rivals
from sklearn.base import BaseEstimator
from sklearn.ensemble import IsolationForest
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupShuffleSplit
from sklearn.neighbors import LocalOutlierFactor
from torch.nn.functional import interpolate

from sklatent import ConvAutoencoder, ImageOutlierDetector, LatentGaussianModel, datasets

ONE_CLASS = {"mnist": datasets.fetch_mnist, "fashion_mnist": datasets.fetch_fashion_mnist}
FETCHED = ONE_CLASS | {"faces": datasets.fetch_lfw_faces}
STRANGERS = ("hands", "cells", "solar")
SETS = ("faces", *ONE_CLASS, *STRANGERS)
LINEAR_PATHS = {"auto": "auto", "always": True, "never": False}
OURS = {
    "reconstruction": dict(method="reconstruction"),
    "latent": dict(method="latent"),
    "both": dict(method="both"),
    "LocalOutlierFactor behind the encoder": dict(
        method="latent", detector=LocalOutlierFactor(novelty=True)
    ),
    "complexity": dict(method="complexity"),
    "all, one Gaussian": dict(method="all", density=LatentGaussianModel()),
    "all, IsolationForest": dict(method="all", detector=IsolationForest()),
    "all (default)": {},
}
SIDE = 32


def one_class(args):
    """Yield the name of a class, its training images, all test images, and who is no outlier."""
    train, test = (ONE_CLASS[args.data](subset=subset) for subset in ("train", "test"))
    images, labels = test.images[: args.test], test.target[: args.test]
    for label in args.classes:
        yield str(label), train.images[train.target == label][: args.images], images, {
            "rest": (labels == label, labels != label)
        }  # fmt: skip


def foreign_sets(args):
    """Yield the same of a set; test images of each other set are ranked among those of the set."""
    generator = np.random.default_rng(0)
    sets = {name: two_parts(name, args, generator) for name in SETS}
    images = np.concatenate([test for _, test in sets.values()])
    origin = np.repeat(SETS, [len(test) for _, test in sets.values()])
    for name, (train, _) in sets.items():
        others = {other: (origin == name, origin == other) for other in SETS if other != name}
        yield name, train, images, others


def two_parts(name, args, generator):
    """Return pictures for training and for test, at most so many, of 32 x 32 colour pixels."""
    if name in STRANGERS:
        with np.load(Path(os.environ["SKLATENT_DATA"], "strangers", f"{name}.npz")) as arrays:
            images = arrays["images"]
            groups = arrays["groups"] if "groups" in arrays else np.arange(len(images))
        splitter = GroupShuffleSplit(1, test_size=0.2, random_state=0)
        parts = [images[part] for part in next(splitter.split(images, groups=groups))]
    else:
        parts = [FETCHED[name](subset=subset).images for subset in ("train", "test")]
    return tuple(
        same_size(some(images, size, generator))
        for images, size in zip(parts, (args.images, args.test), strict=True)
    )


def some(images, size, generator):
    if len(images) <= size:
        return images
    return images[np.sort(generator.choice(len(images), size, replace=False))]


def same_size(images):
    """Return images as (n, 32, 32, 3), uint8; grey ones have three equal channels."""
    if images.ndim == 3:
        images = np.repeat(images[..., None], 3, axis=-1)
    tensor = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float()
    if images.shape[1:3] != (SIDE, SIDE):
        tensor = interpolate(tensor, (SIDE, SIDE), mode="bilinear", antialias=True)
    return tensor.round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy()


def trained(name, train, args):
    """Return an autoencoder, from the cache where it is there."""
    path = args.cache and args.cache / (
        f"{args.data}-{name}-{args.images}-{args.epochs}-{args.latent_dim}-{args.linear_path}.pickle"
    )
    if path and path.exists():
        return pickle.loads(path.read_bytes())
    autoencoder = ConvAutoencoder(
        args.latent_dim, optimizer="muon", optimizer_params={"weight_decay": 0.3},
        precision="bfloat16", linear_path=LINEAR_PATHS[args.linear_path], max_epochs=args.epochs,
        random_state=0,
    ).fit(train)  # fmt: skip
    if path:
        path.write_bytes(pickle.dumps(autoencoder))
    return autoencoder


class Remembering(BaseEstimator):
    """A trained autoencoder that encodes and compares each array of images once."""

    def __init__(self, autoencoder):
        self.autoencoder = autoencoder
        self.image_shape_ = autoencoder.image_shape_
        self.latent_dim = autoencoder.latent_dim
        self._found = {}

    def fit(self, X, y=None):
        """Do nothing."""
        return self

    def transform(self, X):
        """Return latent points of images."""
        return self._once("transform", X)

    def inverse_transform(self, X):
        """Return images of latent points."""
        return self.autoencoder.inverse_transform(X)

    def reconstruction_error(self, X, *, latent):
        """Return mean squared errors of images, given their latent points."""
        return self._once("reconstruction_error", X, latent=latent)

    def _once(self, method, X, **keywords):
        # Where it lies in memory: the images stay as long as this does.
        key = method, X.__array_interface__["data"][0], X.shape
        if key not in self._found:
            self._found[key] = getattr(self.autoencoder, method)(X, **keywords)
        return self._found[key]


def ours(autoencoder, train, test):
    """Yield name, outlier scores and seconds for each method behind one trained autoencoder."""
    for name, parameters in OURS.items():
        start = time.process_time()
        detector = ImageOutlierDetector(FrozenEstimator(autoencoder), random_state=0, **parameters)
        scores = -detector.fit(train).score_samples(test)
        yield f"sklatent, {name}", scores, time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=[*ONE_CLASS, "sets"], default="mnist")
    parser.add_argument("--images", type=int, default=3_000, help="training images, at most")
    parser.add_argument("--test", type=int, default=None, help="test images; of a set, at most")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--latent-dim", type=int, default=16)
    parser.add_argument("--classes", type=int, nargs="+", default=list(range(10)))
    parser.add_argument("--threads", type=int, default=None, help="torch threads")
    parser.add_argument("--linear-path", choices=LINEAR_PATHS, default="never")
    parser.add_argument("--cache", type=Path, default=None, help="folder of trained autoencoders")
    parser.add_argument(
        "--pyod", choices=["none", "fast", "all"], default="fast",
        help="which of pyod's detectors; LUNAR is not fast",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    args.test = args.test or (1_000 if args.data == "sets" else 10_000)
    if args.quick:
        args.images, args.test, args.epochs, args.classes = 300, 1_000, 2, [0, 8]
    if args.threads:
        torch.set_num_threads(args.threads)
    areas: dict[str, list[list[float]]] = {}
    seconds: dict[str, list[float]] = {}
    names = []
    for name, train, test, outliers in (foreign_sets if args.data == "sets" else one_class)(args):
        names.append(name)
        autoencoder = Remembering(trained(name, train, args))
        for found in (ours(autoencoder, train, test), rivals(autoencoder, train, test, args.pyod)):
            for method, scores, taken in found:
                values = [
                    roc_auc_score(out[inside | out], scores[inside | out])
                    for inside, out in outliers.values()
                ]
                areas.setdefault(method, []).append(values)
                seconds.setdefault(method, []).append(taken)
        print(name, {m: round(float(np.mean(v[-1])), 3) for m, v in areas.items()},
              file=sys.stderr, flush=True)  # fmt: skip
    header, what = ["", "mean"], f"{args.test:,} test images"
    if args.data == "sets":
        header, what = [*header, "lowest"], f"at most {args.test:,} test images of each set"
    rows = [
        [method, f"{np.mean(values):.3f}",
         *([f"{np.min(values):.3f}"] if args.data == "sets" else []),
         *(f"{np.mean(value):.3f}" for value in values), f"{np.mean(seconds[method]):.1f}"]
        for method, values in areas.items()
    ]  # fmt: skip
    print_table(
        f"{args.data}, area under the ROC curve; at most {args.images:,} training images, {what}, "
        f"{args.epochs} epochs, {args.latent_dim} components",
        [*header, *names, "s"],
        rows,
    )
    if args.pyod != "none" and not pyod_detectors(args.pyod):
        print("\npyod is not installed here, and was left out.")


if __name__ == "__main__":
    main()
