"""Test error on Fashion-MNIST after 6 epochs of all 60,000 training images, latent 16.

Our defaults, the same network with torch's own first weights in a bare loop
with plain Adam, and PCA with as many components.
Run: SKLATENT_DATA=folder python benchmarks/fashion_quality.py
"""

import argparse
import time
from itertools import pairwise

import numpy as np
import torch
from _common import fashion_mnist, print_table
from sklearn.decomposition import PCA
from torch import nn
from torch.nn import functional

from sklatent import ConvAutoencoder


def plain_network(latent_dim: int) -> nn.Sequential:
    """Return the default architecture, written down by hand, with torch's first weights."""
    maps = (1, 32, 64, 128, 256)
    down = [
        layer for a, b in pairwise(maps) for layer in (nn.Conv2d(a, b, 3, 2, 1), nn.LeakyReLU(0.1))
    ]
    up: list[nn.Module] = []
    for (a, b), extra in zip(((256, 128), (128, 64), (64, 32), (32, 1)), (1, 0, 1, 1), strict=True):
        up += [nn.LeakyReLU(0.1), nn.ConvTranspose2d(a, b, 3, 2, 1, output_padding=extra)]
    return nn.Sequential(
        *down,
        nn.Flatten(),
        nn.Linear(1024, latent_dim),
        nn.Linear(latent_dim, 1024),
        nn.Unflatten(1, (256, 2, 2)),
        *up,
    )


def plain_adam(train, test, latent_dim, epochs, batch_size=128, learning_rate=1e-3):
    """Train with Adam at a constant rate; return the test error."""
    torch.manual_seed(0)
    network = plain_network(latent_dim)
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        for rows in torch.randperm(len(train)).split(batch_size):
            optimizer.zero_grad()
            functional.binary_cross_entropy_with_logits(
                network(train[rows]), train[rows]
            ).backward()
            optimizer.step()
    with torch.inference_mode():
        return float((network(test).sigmoid() - test).square().mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--latent-dim", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=1)
    args = parser.parse_args()
    train, test = fashion_mnist("train"), fashion_mnist("test")
    rows = []
    for seed in range(args.seeds):
        start = time.perf_counter()
        ours = ConvAutoencoder(args.latent_dim, max_epochs=args.epochs, random_state=seed)
        ours.fit(train)
        seconds = time.perf_counter() - start
        rows.append(
            [f"sklatent, defaults, seed {seed}", f"{-ours.score(test):.5f}", f"{seconds:.0f}"]
        )
    unit = [torch.from_numpy(x.astype(np.float32) / 255)[:, None] for x in (train, test)]
    start = time.perf_counter()
    error = plain_adam(*unit, args.latent_dim, args.epochs)
    rows.append(["bare loop, plain Adam", f"{error:.5f}", f"{time.perf_counter() - start:.0f}"])
    flat = [x.numpy().reshape(len(x), -1) for x in unit]
    start = time.perf_counter()
    pca = PCA(args.latent_dim, random_state=0).fit(flat[0])
    seconds = time.perf_counter() - start
    error = np.square(pca.inverse_transform(pca.transform(flat[1])) - flat[1]).mean()
    rows.append(["PCA", f"{error:.5f}", f"{seconds:.1f}"])
    print_table(
        f"Fashion-MNIST, latent {args.latent_dim}, {args.epochs} epochs of 60,000 images",
        ["", "test MSE, [0, 1] scale", "training s"],
        rows,
    )


if __name__ == "__main__":
    main()
