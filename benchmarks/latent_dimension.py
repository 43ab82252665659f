"""How many latent components images need: error and sample quality by dimension.

    SKLATENT_DATA=folder python benchmarks/latent_dimension.py [--data mnist] [--picture FILE]

Five epochs for each training, which a person can afford: longer training lowers the error of
large dimensions more. Samples are compared with held-out images in the features of a
classifier that was trained on other images. Besides, the time against plain grid searches
over the same dimensions, densities and folds: one estimated from the single fits, and one
really run on a smaller grid. ``--quick`` is a short run of everything, to try the script.
"""

import argparse
import tempfile
import time

import torch
from _common import print_table
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, KFold

from sklatent import (
    ConvAutoencoder,
    LatentDimensionSearch,
    LatentGaussianModel,
    datasets,
    make_latent_pipeline,
)
from sklatent.displays import LatentDimensionDisplay
from sklatent.metrics import ClassifierFeatures, make_image_scorer

LOADERS = {"mnist": datasets.fetch_mnist, "fashion_mnist": datasets.fetch_fashion_mnist}
LINEAR_PATHS = {"auto": "auto", "always": True, "never": False}


def densities():
    return {
        "gaussian": LatentGaussianModel(),
        "mixture of 5": GaussianMixture(5, random_state=0),
        "mixture of 20": GaussianMixture(20, random_state=0),
    }


def print_results(title, results):
    """Print means and standard errors; errors and distances are positive."""
    columns = results.to_dict()
    rows = []
    for row, dim in enumerate(results.dims):
        cells = [f"{dim}{' *' if row == results.chosen else ''}", results.densities[row]]
        for name, digits in (("neg_mse", 5), ("neg_frechet", 3)):
            mean, error = -columns[f"mean_{name}"][row], columns[f"standard_error_{name}"][row]
            cells.append(f"{mean:.{digits}f} +- {error:.{digits}f}")
        cells.append(f"{columns['mean_pca_error'][row]:.5f}")
        times = (columns["mean_fit_time"][row], columns["mean_density_time"][row])
        rows.append([*cells, *(f"{seconds:.1f}" for seconds in times)])
    head = ["components", "density", "held-out MSE", "Frechet distance", "PCA MSE"]
    head += ["training s", "density s"]
    print_table(title, head, rows)
    real = -results.real_scores["neg_frechet"].mean()
    print(f"\nTraining images in place of samples: Frechet distance {real:.3f}.")


def grid_seconds(results) -> float:
    """Seconds that a grid search would take: a training for each density, and no refit."""
    return float((results.fit_times + results.density_times).sum())


def really_measured(images, features, epochs, dims):
    """Time this search, a grid search, and one with memory on a small grid, one after another."""
    cv = KFold(2, shuffle=True, random_state=0)
    autoencoder = ConvAutoencoder(max_epochs=epochs, early_stopping=False, random_state=0)
    names = ("neg_mse", "neg_frechet")
    scorer = make_image_scorer(names, features=features, random_state=0)
    seconds = {}
    start = time.perf_counter()
    search = LatentDimensionSearch(
        autoencoder, dims=dims, densities=densities(), cv=cv, features=features, refit=False,
        random_state=0,
    ).fit(images)  # fmt: skip
    seconds["LatentDimensionSearch"] = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        for name, memory in (("GridSearchCV", None), ("GridSearchCV with memory", folder)):
            pipeline = make_latent_pipeline(autoencoder, LatentGaussianModel(), memory=memory)
            grid = {
                "convautoencoder__latent_dim": list(dims),
                "latentgaussianmodel": list(densities().values()),
            }
            start = time.perf_counter()
            GridSearchCV(pipeline, grid, scoring=scorer, refit=False, cv=cv).fit(images)
            seconds[name] = time.perf_counter() - start
    return seconds, grid_seconds(search.results_)


def draw(results, title, path):
    """Draw error and distance over the dimension, with standard errors."""
    display = LatentDimensionDisplay.from_results(results)
    words = f"{title}\n{display.figure_.get_suptitle()}"
    display.figure_.suptitle(words, fontsize=9, x=0.01, ha="left")
    display.figure_.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=LOADERS, default="fashion_mnist")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--dims", type=int, nargs="+", default=[2, 4, 8, 12, 20, 32, 64])
    parser.add_argument("--jobs", type=int, default=1, help="trainings at once")
    parser.add_argument("--threads", type=int, default=None, help="torch threads of one training")
    parser.add_argument("--linear-path", choices=LINEAR_PATHS, default="auto")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--picture", default=None, metavar="FILE")
    args = parser.parse_args()
    if args.quick:
        args.images, args.epochs, args.folds, args.dims = 1_200, 1, 2, [2, 8, 32]
    if args.threads:
        torch.set_num_threads(args.threads)
    data = LOADERS[args.data](subset="train")
    images, labels = data.images, data.target
    others = slice(args.images, 2 * args.images)
    start = time.perf_counter()
    features = ClassifierFeatures(max_epochs=args.epochs, random_state=0)
    features.fit(images[others], labels[others])
    after = slice(2 * args.images, 2 * args.images + 5_000)
    accuracy = features.score(images[after], labels[after])
    print(f"Features: {time.perf_counter() - start:.0f} s, accuracy {accuracy:.3f}", flush=True)
    images = images[: args.images]

    start = time.perf_counter()
    search = LatentDimensionSearch(
        ConvAutoencoder(
            max_epochs=args.epochs,
            linear_path=LINEAR_PATHS[args.linear_path],
            early_stopping=False,
        ),
        dims=args.dims, densities=densities(), cv=args.folds, features=features,
        refit=False, n_jobs=args.jobs, random_state=0,
    ).fit(images)  # fmt: skip
    seconds = time.perf_counter() - start
    title = (
        f"{args.data}, {args.images:,} images, {args.folds} folds, {args.epochs} epochs, "
        f"{args.jobs} at once"
    )
    print_results(f"{title}; {seconds / 60:.1f} minutes", search.results_)
    print(search.reason_)
    if args.picture:
        draw(search.results_, title, args.picture)
    grid = grid_seconds(search.results_)
    own = grid_seconds(search.results_) - search.results_.fit_times.sum()
    own += search.results_.fit_times[:: len(densities())].sum()
    print(
        f"\nSum of single fits, {own:,.0f} s; of a grid search, estimated from the same, "
        f"{grid:,.0f} s: {grid / own:.1f} times."
    )
    small = images[: min(len(images), 2_000)]
    measured, estimate = really_measured(small, features, min(args.epochs, 2), args.dims[:2])
    rows = [[name, f"{value:.1f}"] for name, value in measured.items()]
    rows.append(["GridSearchCV, estimated", f"{estimate:.1f}"])
    print_table(
        f"{len(small):,} images, {len(densities())} densities, dimensions {args.dims[:2]}, 2 folds",
        ["", "s"],
        rows,
    )


if __name__ == "__main__":
    main()
