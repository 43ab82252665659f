"""Images in, latent points, new images out.

Fits a pipeline on real images, prints how well it reconstructs images that it
has not seen, beside PCA with as many components, and draws originals,
reconstructions and new images into one picture.

The images are scikit-learn's handwritten digits. If the environment variable
SKLATENT_DATA names a folder with fashion_mnist.npz, they are Fashion-MNIST.
"""

import os
import sys
import time
from pathlib import Path

import matplotlib
import numpy as np
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import train_test_split

from sklatent import ConvAutoencoder, LatentGaussianModel, LatentPipeline, make_latent_pipeline
from sklatent.datasets import fetch_fashion_mnist, load_digit_images

LATENT_DIM = 16
N_SHOWN = 12


def load_images():
    """Return a name, training images, test images, and the number of epochs to train."""
    folder = os.environ.get("SKLATENT_DATA")
    if folder and (Path(folder) / "fashion_mnist.npz").exists():
        train, test = (fetch_fashion_mnist(subset=subset).images for subset in ("train", "test"))
        return "Fashion-MNIST", train, test, 3
    images = load_digit_images().images
    return "Handwritten digits", *train_test_split(images, random_state=0), "auto"


def pca_reconstruction(train, test):
    """Return the test images behind PCA with as many components, in the same units."""
    pca = PCA(LATENT_DIM, random_state=0).fit(train.reshape(len(train), -1))
    back = pca.inverse_transform(pca.transform(test.reshape(len(test), -1)))
    return back.reshape(test.shape)


def with_density(pipeline, density, latent):
    """Return the fitted pipeline with another density behind the same autoencoder."""
    return LatentPipeline([*pipeline.steps[:-1], ("density", density.fit(latent))])


def print_errors(train, test, reconstructions, value_range):
    """Print and return the mean squared errors on the [0, 1] scale, beside the variance kept."""
    low, high = value_range
    target = (test.astype(float) - low) / (high - low)
    variance = np.square(target - (train.mean(axis=0) - low) / (high - low)).mean()
    print(f"\n{'test images':<36}{'error (MSE)':>12}{'variance kept':>16}")
    errors = {
        name: np.square((images.astype(float) - low) / (high - low) - target).mean()
        for name, images in reconstructions.items()
    }
    for name, error in errors.items():
        print(f"{name:<36}{error:>12.4f}{1 - error / variance:>16.1%}")
    return errors


def draw(rows, value_range, title, path):
    """Draw one row of images for each entry of `rows`, with its name above it."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(rows), 1, figsize=(9, 1.02 * len(rows) + 0.5))
    for axis, (name, images) in zip(axes, rows.items(), strict=True):
        strip = [np.pad(image.astype(float), 1, constant_values=np.nan) for image in images]
        axis.imshow(np.hstack(strip), cmap="gray", vmin=value_range[0], vmax=value_range[1])
        axis.set_title(name, loc="left", fontsize=10, pad=3)
        axis.axis("off")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    figure.tight_layout(h_pad=0.4)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(path="sklatent-demo.png"):
    """Fit, print, draw."""
    name, train, test, max_epochs = load_images()
    print(f"{name}: {len(train):,} training images, {len(test):,} test images")
    start = time.perf_counter()
    pipeline = make_latent_pipeline(
        ConvAutoencoder(LATENT_DIM, max_epochs=max_epochs, verbose=1, random_state=0),
        LatentGaussianModel(),
    ).fit(train)
    print(f"fitted in {time.perf_counter() - start:.0f} s")

    reconstructed, by_pca = pipeline.reconstruct(test), pca_reconstruction(train, test)
    value_range = pipeline[0].value_range_
    reconstructions = {
        f"autoencoder, {LATENT_DIM} components": reconstructed,
        f"PCA, {LATENT_DIM} components": by_pca,
    }
    errors = print_errors(train, test, reconstructions, value_range)

    mixture = GaussianMixture(20, reg_covar=1e-3, random_state=0)
    mixed = with_density(pipeline, mixture, pipeline[:-1].transform(train))
    rows = {
        "Test images, which training has not seen": test[:N_SHOWN],
        **{
            f"Reconstructed by {method} (error {errors[method]:.4f})": images[:N_SHOWN]
            for method, images in reconstructions.items()
        },
        "New images from one Gaussian in latent space": pipeline.sample(N_SHOWN, random_state=0),
        "New images from a mixture of 20 Gaussians": mixed.sample(N_SHOWN, random_state=0),
    }
    draw(rows, value_range, f"{name}, {LATENT_DIM} latent components", path)
    print(f"\nThe picture is in {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
