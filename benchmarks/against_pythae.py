"""Our defaults, pythae's autoencoders and PCA on Fashion-MNIST, latent 16, in equal time.

pythae is installed in an environment of its own, made on first use in
.benchmark-env.
Run: SKLATENT_DATA=folder python benchmarks/against_pythae.py
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from _common import fashion_mnist, print_table
from sklearn.decomposition import PCA

from sklatent import ConvAutoencoder

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE.parent / ".benchmark-env"


def pythae_python() -> Path:
    """Return the interpreter that has pythae, installing it if need be."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        constraints = ["--constraint", HERE.parent / "constraints.txt"]
        for package in (["torch", *constraints], ["pythae==0.1.2"]):
            subprocess.run([python, "-m", "pip", "install", "--quiet", *package], check=True)
    return python


def ours(train, test, latent_dim, seconds) -> dict:
    """Fit our defaults with as many epochs as fit into the time."""
    start = time.perf_counter()
    ConvAutoencoder(latent_dim, max_epochs=1, random_state=0).fit(train)
    max_epochs = max(1, int(seconds / (time.perf_counter() - start)))
    start = time.perf_counter()
    autoencoder = ConvAutoencoder(latent_dim, max_epochs=max_epochs, random_state=0).fit(train)
    elapsed = time.perf_counter() - start
    start = time.perf_counter()
    autoencoder.transform(test)
    return {
        "parameters": autoencoder.n_parameters_,
        "training_rate": max_epochs * len(train) / elapsed,
        "encoding_rate": len(test) / (time.perf_counter() - start),
        "test_mse": -autoencoder.score(test),
        "seconds": elapsed,
    }


def principal_components(train, test, latent_dim) -> dict:
    """Fit PCA on the pixels."""
    train, test = (x.reshape(len(x), -1).astype(np.float32) / 255 for x in (train, test))
    start = time.perf_counter()
    pca = PCA(latent_dim, random_state=0).fit(train)
    elapsed = time.perf_counter() - start
    start = time.perf_counter()
    latent = pca.transform(test)
    return {
        "parameters": pca.components_.size + pca.mean_.size,
        "training_rate": len(train) / elapsed,
        "encoding_rate": len(test) / (time.perf_counter() - start),
        "test_mse": float(np.square(pca.inverse_transform(latent) - test).mean()),
        "seconds": elapsed,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--latent-dim", type=int, default=16)
    args = parser.parse_args()
    train, test = fashion_mnist("train"), fashion_mnist("test")
    path = Path(os.environ["SKLATENT_DATA"]) / "fashion_mnist.npz"

    def pythae(network) -> dict:
        worker = [pythae_python(), HERE / "_pythae_worker.py", path, network, args.latent_dim]
        command = [str(part) for part in [*worker, args.seconds, 128, 1e-3]]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    results = {
        "sklatent, defaults": ours(train, test, args.latent_dim, args.seconds),
        "pythae, convolutional MNIST network": pythae("convolutional"),
        "pythae, network without convolutions": pythae("default"),
        f"PCA, {args.latent_dim} components": principal_components(train, test, args.latent_dim),
    }
    rows = [
        [
            name,
            f"{r['parameters']:,}",
            f"{r['seconds']:.1f}",
            f"{r['training_rate']:,.0f}",
            f"{r['encoding_rate']:,.0f}",
            f"{r['test_mse']:.4f}",
        ]
        for name, r in results.items()
    ]
    header = ["", "parameters", "training s", "trained images/s", "encoded images/s", "test MSE"]
    print_table(f"Fashion-MNIST, latent {args.latent_dim}, equal training time", header, rows)
    best, peer = results["sklatent, defaults"], results["pythae, convolutional MNIST network"]
    for key in ("training_rate", "encoding_rate"):
        print(f"{key}, sklatent / pythae convolutional: {best[key] / peer[key]:.1f}")


if __name__ == "__main__":
    main()
