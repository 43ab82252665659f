"""Sample quality of every sampler, beside controls, peers, and a check for copies.

    SKLATENT_DATA=folder python benchmarks/sample_quality.py mnist [--picture FILE]

One autoencoder with our defaults is trained on the training images, each sampler is fitted to
its latent points, and as many decoded samples as there are test images, up to 10,000, are
compared with these in the features of a separate network. The reference is decoded latent points
of as many training images: what a perfect density of latent points would give. Networks
and rows are kept in --cache, so that a stopped run goes on where it was. ``--quick`` is a short
run of everything, to try the script.
"""

import argparse
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np
import torch
from _common import print_table
from _quality_rows import REFERENCE, Row, rows, without_people
from _quality_scenes import SCENES, Scene, keep, make_scene

from sklatent.displays import SampleGridDisplay
from sklatent.metrics import (
    copy_check,
    density_coverage,
    frechet_distance,
    meaningful_share,
    precision_recall,
)
from sklatent.samplers import MixtureSampler

STRIP = 14
MEANINGFUL = 2_000
QUALITY = ("precision", "recall", "density", "coverage", "meaningful")
# Ratio of distances to the nearest training point, share nearer than held-out points come; both
# among latent points and among features.
COPIES = ("latent_ratio", "latent_close", "feature_ratio", "feature_close")
COPY_HEAD = ["latent: ratio", "share close", "features: ratio", "share close"]
COSTS = ("nats", "fit", "sample")


def measure(scene: Scene, row: Row, n: int, seeds: int) -> dict:
    """Return the figures of one row: Frechet distances of all seeds, the rest of the first."""
    distances, sampling = [], []
    for seed in range(seeds if row.repeats else 1):
        start = time.perf_counter()
        images, points = row.draw(seed)
        sampling.append(time.perf_counter() - start)
        features = scene.extractor.transform(images)
        distances.append(frechet_distance(scene.test_features[:n], features))
        if seed == 0:
            first, first_points, strip = features, points, images[:STRIP]
    precision, recall = precision_recall(scene.test_features[:n], first)
    density, coverage = density_coverage(scene.test_features[:n], first)
    found = {
        "frechet": distances, "precision": precision, "recall": recall, "density": density,
        "coverage": coverage, "nats": row.log_likelihood, "fit": row.fit_seconds,
        "sample": float(np.median(sampling)), "images": strip,
    }  # fmt: skip
    check = copy_check(scene.features, scene.test_features, first)
    found |= {"feature_ratio": check.ratio, "feature_close": check.share_close}
    if first_points is not None:
        check = copy_check(scene.points, scene.test_points, first_points)
        found |= {"latent_ratio": check.ratio, "latent_close": check.share_close}
        few = slice(None, MEANINGFUL)
        back = meaningful_share(scene.autoencoder, first_points[few], scene.test_images[few])
        found["meaningful"] = back.share
    return found


def refit(scene: Scene, n: int, seeds: int, fits: int, reference: float) -> None:
    """Print how much the mixture of an automatic number owes to the seed of its fit."""
    ratios = []
    for fit_seed in range(fits):
        sampler = MixtureSampler(max_samples=None, random_state=fit_seed).fit(scene.points)
        distances = []
        for seed in range(seeds):
            images = scene.autoencoder.inverse_transform(sampler.sample(n, random_state=seed))
            features = scene.extractor.transform(images)
            distances.append(frechet_distance(scene.test_features[:n], features))
        ratios.append(float(np.mean(distances)) / reference)
    shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(
        f"\nRatio of the automatic mixture, by the seed of the fit: {shown}; {np.mean(ratios):.3f}"
    )


def distance_cells(found: dict, reference: float) -> list[str]:
    """Return the Frechet distance with half the range over seeds, and its ratio."""
    values = found["frechet"]
    distance = float(np.mean(values))
    spread = f" +- {np.ptp(values) / 2:.2f}" if len(values) > 1 else ""
    return [f"{distance:.2f}{spread}", f"{distance / reference:.2f}"]


def cells(found: dict, keys: tuple[str, ...], digits: int) -> list[str]:
    """Return figures as text, and nothing for those that a row has not."""
    return ["" if found.get(key) is None else f"{found[key]:.{digits}f}" for key in keys]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=list(SCENES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--fits", type=int, default=0, help="automatic mixtures fitted anew")
    parser.add_argument("--rows", nargs="+", help="how the names begin of rows to make; all")
    parser.add_argument("--cache", type=Path, help="default: a temporary folder")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--threads", type=int, default=None, help="torch threads")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.cache or Path(temporary)
        scene = make_scene(args.data, folder, args.quick)
        n = min(10_000, len(scene.test_images))
        log = folder / f"{args.data}{'-quick' if args.quick else ''}-rows.joblib"
        found = joblib.load(log) if log.exists() else {}
        makers = rows(scene, n)
        if args.rows:
            kept = [REFERENCE, *args.rows]
            makers = {name: make for name, make in makers.items() if name.startswith(tuple(kept))}
        for name, make in makers.items():
            if name not in found:
                found[name] = measure(scene, make(), n, args.seeds)
                keep(log, found)
                print(name, np.round(found[name]["frechet"], 3), flush=True)
    found = {name: found[name] for name in makers}
    reference = float(np.mean(found[REFERENCE]["frechet"]))
    title = (
        f"{args.data}: {n:,} images a row, latent {scene.recipe.latent_dim}, test error "
        f"{-scene.autoencoder.score(scene.test_images):.5f}, {args.seeds} seeds"
    )
    lines = [
        [name, *distance_cells(row, reference), *cells(row, QUALITY, 2)]
        for name, row in found.items()
    ]
    print_table(title, ["", "Frechet", "ratio", *QUALITY], lines)
    lines = [[name, *cells(row, COPIES, 3), *cells(row, COSTS, 1)] for name, row in found.items()]
    print_table(title, ["", *COPY_HEAD, "nats", "fit s", "sample s"], lines)
    if args.fits:
        refit(scene, n, args.seeds, args.fits, reference)
    if args.picture:
        shown = without_people(found) if scene.recipe.people else found
        strips = {name: row["images"] for name, row in shown.items()}
        figure = SampleGridDisplay.from_images(strips, value_range=(0, 255)).figure_
        figure.savefig(args.picture, dpi=110)


if __name__ == "__main__":
    main()
