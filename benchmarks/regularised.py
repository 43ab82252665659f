"""Whether densities fitted behind regularised and variational models sample better.

One network on Fashion-MNIST images, trained in several ways; behind each, draws from
N(0, I), from one Gaussian fitted to the latent points, and from a mixture, decoded.
Distances are Frechet distances between pixels on the [0, 1] scale projected to the
principal components of real images: of means and covariances, not of perception.
Run: SKLATENT_DATA=folder python benchmarks/regularised.py
"""

import argparse
import time

import numpy as np
import torch
from _common import fashion_mnist, print_table
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline

RECIPES: dict[str, dict] = {
    "plain": {},
    "latent penalty 0.01": {"latent_penalty": 0.01},
    "latent penalty 1": {"latent_penalty": 1.0},
    "latent penalty 0.01, weight decay 1e-4": {
        "latent_penalty": 0.01,
        "decoder_weight_decay": 1e-4,
    },
    "latent penalty 0.01, weight decay 1e-2": {
        "latent_penalty": 0.01,
        "decoder_weight_decay": 1e-2,
    },
    "latent penalty 0.01, spectral norm": {
        "latent_penalty": 0.01,
        "decoder_spectral_norm": True,
    },
    "latent penalty 1e-4, spectral norm": {
        "latent_penalty": 1e-4,
        "decoder_spectral_norm": True,
    },
    "variational 1e-6": {"kl_weight": 1e-6},
    "variational 1e-3": {"kl_weight": 1e-3},
    "variational 0.1": {"kl_weight": 0.1},
    "variational 1": {"kl_weight": 1.0},
    "variational 1, annealed over 0.3": {"kl_weight": 1.0, "kl_annealing": 0.3},
    "variational 4": {"kl_weight": 4.0},
}


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Return |m1 - m2|^2 + tr(A + B - 2 (A B)^(1/2)) of means m and covariances A, B."""
    a, b = np.cov(first.T), np.cov(second.T)
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    squared = np.square(first.mean(axis=0) - second.mean(axis=0)).sum()
    return float(squared + np.trace(a) + np.trace(b) - 2 * cross)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--latent-dim", type=int, default=16)
    parser.add_argument("--samples", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="recipes whose name holds this")
    args = parser.parse_args()
    torch.set_num_threads(1)
    train, test = fashion_mnist("train")[: args.images], fashion_mnist("test")[: args.samples]
    pca = PCA(32, random_state=0).fit(train.reshape(len(train), -1) / 255)

    def distance(images):
        features = [pca.transform(x.reshape(len(x), -1) / 255) for x in (images, test)]
        return f"{frechet(*features):.3f}"

    dash = "-"
    rows = [["real training images", dash, dash, *[distance(train)] * 3, dash, dash]]
    for name, recipe in RECIPES.items():
        if args.only not in name:
            continue
        start = time.perf_counter()
        autoencoder = ConvAutoencoder(
            args.latent_dim,
            max_epochs=args.epochs,
            early_stopping=False,
            random_state=args.seed,
            **recipe,
        )
        pipeline = make_latent_pipeline(autoencoder, LatentGaussianModel()).fit(train)
        seconds = time.perf_counter() - start
        latent = pipeline[:-1].transform(train)
        active, nats = dash, dash
        if autoencoder.kl_weight:
            posterior = autoencoder.posterior(train)
            report = autoencoder.posterior_report(train)
            active, nats = f"{report.active.sum()}", f"{report.kl.sum():.1f}"
            latent = posterior.sample(random_state=0)
        prior = np.random.default_rng(args.seed).standard_normal((args.samples, args.latent_dim))
        distances = [distance(autoencoder.inverse_transform(prior))]
        for density in (LatentGaussianModel(), GaussianMixture(10, random_state=0)):
            pipeline.set_params(latentgaussianmodel=density).fit_density(latent=latent)
            distances.append(distance(pipeline.sample(args.samples, random_state=0)))
        error = f"{-pipeline.score(test):.5f}"
        rows.append([name, error, f"{seconds:.0f}", *distances, active, nats])
        print(*rows[-1], sep=" | ", flush=True)
    print_table(
        f"Fashion-MNIST, {args.images:,} images, latent {args.latent_dim}, {args.epochs} epochs",
        ["", "test MSE", "s", "N(0, I)", "one Gaussian", "mixture of 10", "active", "nats"],
        rows,
    )


if __name__ == "__main__":
    main()
