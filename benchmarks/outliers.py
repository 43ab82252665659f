"""Outlier detection: one class against the rest, by area under the ROC curve.

    SKLATENT_DATA=folder python benchmarks/outliers.py [--data mnist]

A detector is trained on images of one class, and ranks test images of all classes.
One autoencoder serves our three methods. pyod's AutoEncoder runs with its defaults if
pyod can be imported; it is no requirement. ``--quick`` is a short run, to try the script.
"""

import argparse
import time

import numpy as np
import torch
from _common import print_table
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score

from sklatent import ConvAutoencoder, ImageOutlierDetector, datasets

LOADERS = {"mnist": datasets.fetch_mnist, "fashion_mnist": datasets.fetch_fashion_mnist}
LINEAR_PATHS = {"auto": "auto", "always": True, "never": False}
METHODS = ("reconstruction", "latent", "both")


def ours(train, test, args):
    """Yield name, outlier scores and seconds for each method behind one trained autoencoder."""
    start = time.perf_counter()
    autoencoder = ConvAutoencoder(
        args.latent_dim, linear_path=LINEAR_PATHS[args.linear_path], max_epochs=args.epochs,
        early_stopping=False, random_state=0,
    )  # fmt: skip
    autoencoder = FrozenEstimator(autoencoder.fit(train))
    trained = time.perf_counter() - start
    for method in METHODS:
        start = time.perf_counter()
        detector = ImageOutlierDetector(autoencoder, method=method).fit(train)
        scores = -detector.score_samples(test)
        yield f"sklatent, {method}", scores, trained + time.perf_counter() - start


def others(train, test, args):
    """Yield the same for methods on pixels."""
    rows, test_rows = (images.reshape(len(images), -1) / 255.0 for images in (train, test))
    start = time.perf_counter()
    pca = ImageOutlierDetector(PCA(args.latent_dim), method="reconstruction").fit(rows)
    yield "PCA, reconstruction", -pca.score_samples(test_rows), time.perf_counter() - start
    start = time.perf_counter()
    pca = ImageOutlierDetector(PCA(args.latent_dim), method="both").fit(rows)
    yield "PCA, both", -pca.score_samples(test_rows), time.perf_counter() - start
    start = time.perf_counter()
    forest = IsolationForest(random_state=0).fit(rows)
    yield "IsolationForest", -forest.score_samples(test_rows), time.perf_counter() - start
    try:
        from pyod.models.auto_encoder import AutoEncoder
    except ImportError:
        return
    start = time.perf_counter()
    detector = AutoEncoder(random_state=0, verbose=0)
    detector.fit(rows)
    yield "pyod AutoEncoder", detector.decision_function(test_rows), time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=LOADERS, default="mnist")
    parser.add_argument("--images", type=int, default=3_000, help="training images of the class")
    parser.add_argument("--test", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--latent-dim", type=int, default=16)
    parser.add_argument("--classes", type=int, nargs="+", default=list(range(10)))
    parser.add_argument("--threads", type=int, default=None, help="torch threads")
    parser.add_argument("--linear-path", choices=LINEAR_PATHS, default="auto")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    if args.quick:
        args.images, args.test, args.epochs, args.classes = 500, 1_000, 4, [0, 8]
    if args.threads:
        torch.set_num_threads(args.threads)
    train, test = (LOADERS[args.data](subset=subset) for subset in ("train", "test"))
    test_images, test_labels = test.images[: args.test], test.target[: args.test]
    areas: dict[str, list[float]] = {}
    seconds: dict[str, list[float]] = {}
    for label in args.classes:
        inside = train.images[train.target == label][: args.images]
        for found in (ours(inside, test_images, args), others(inside, test_images, args)):
            for name, scores, taken in found:
                areas.setdefault(name, []).append(roc_auc_score(test_labels != label, scores))
                seconds.setdefault(name, []).append(taken)
    rows = [
        [name, f"{np.mean(values):.3f}", *(f"{value:.3f}" for value in values),
         f"{np.mean(seconds[name]):.1f}"]
        for name, values in areas.items()
    ]  # fmt: skip
    print_table(
        f"{args.data}, area under the ROC curve; up to {args.images:,} training images of a class, "
        f"{args.test:,} test images, {args.epochs} epochs, {args.latent_dim} components",
        ["", "mean", *map(str, args.classes), "s"],
        rows,
    )
    if "pyod AutoEncoder" not in areas:
        print("\npyod is not installed here, and was left out.")


if __name__ == "__main__":
    main()
