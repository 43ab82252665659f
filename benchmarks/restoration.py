"""Restoring images: noise, 80 % lost pixels, and lost colours.

Each task corrupts test images once and restores them by filters from scipy and
scikit-image, by PCA with as many components, and by our autoencoder, with
`reconstruct` and with `restore`; for the faces the people in the test images are never
seen in training. PCA is fitted to clean images, and corrupted ones are projected. The
sizes of the filters are those of least squared error on 40 corrupted training images; non-local
means and wavelets are told the noise's deviation. Faces and CIFAR-10 are mirrored at random
in training. The squared error is a mean over all pixel values in [0, 1], and PSNR (data
range 1) and SSIM are those of scikit-image, means over test images; grey photographs are left
out of those to colour.

Run: SKLATENT_DATA=folder python benchmarks/restoration.py [--quick] [--pictures folder]
It needs scikit-image, and PyWavelets for wavelets.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from _common import fashion_mnist, print_table
from scipy.ndimage import gaussian_filter, median_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from skimage.restoration import (
    denoise_nl_means,
    denoise_tv_chambolle,
    denoise_wavelet,
    inpaint_biharmonic,
)
from sklearn.decomposition import PCA

from sklatent import ConvAutoencoder
from sklatent.corruption import Compose, GaussianNoise, Grayscale, PixelDropout
from sklatent.datasets import fetch_cifar10, fetch_lfw_faces

N_TUNING = 40
N_SHOWN = 10


@dataclass
class Task:
    """A data set, a corruption, and the number of latent components."""

    name: str
    data: str
    corruption: GaussianNoise | PixelDropout | Grayscale | Compose
    latent_dim: int


NOISE, DROPOUT = GaussianNoise(0.5, random_state=1), PixelDropout(0.8, random_state=1)
TASKS = [
    Task("faces-dropout", "LFW faces", DROPOUT, 256),
    Task("faces-noise-0.2", "LFW faces", GaussianNoise(0.2, random_state=1), 256),
    Task("faces-noise-0.1", "LFW faces", GaussianNoise(0.1, random_state=1), 256),
    Task("faces-noise-0.5", "LFW faces", NOISE, 256),
    Task("fashion-noise", "Fashion-MNIST", NOISE, 64),
    Task("fashion-dropout", "Fashion-MNIST", DROPOUT, 64),
    Task("cifar-colour", "CIFAR-10", Grayscale(), 256),
    Task("faces-colour", "LFW faces", Grayscale(), 256),
]


def load(data: str):
    """Return shuffled training and test images (n, H, W, C), uint8."""
    if data == "Fashion-MNIST":
        parts = [fashion_mnist(subset)[..., None] for subset in ("train", "test")]
    else:
        fetch = {"LFW faces": fetch_lfw_faces, "CIFAR-10": fetch_cifar10}[data]
        parts = [fetch(subset=subset).images for subset in ("train", "test")]
    rng = np.random.default_rng(0)
    return [images[rng.permutation(len(images))] for images in parts]


def unit(images):
    return images.astype(np.float32) / 255


def quality(restored, clean):
    """Return squared error, mean PSNR in dB and mean SSIM of images (n, H, W, C) in [0, 1]."""
    pairs = list(zip(restored, clean, strict=True))
    psnr = [peak_signal_noise_ratio(b, a, data_range=1) for a, b in pairs]
    ssim = [structural_similarity(b, a, data_range=1, channel_axis=-1) for a, b in pairs]
    return squared_error(restored, clean), float(np.mean(psnr)), float(np.mean(ssim))


def squared_error(restored, clean):
    return float(np.mean((np.asarray(restored, float) - clean) ** 2))


def gaussian(images, size, noise):
    return gaussian_filter(images, (0, size, size, 0))


def median(images, size, noise):
    return median_filter(images, size=(1, size, size, 1))


def total_variation(images, weight, noise):
    return np.stack([denoise_tv_chambolle(i, weight=weight, channel_axis=-1) for i in images])


def non_local_means(images, strength, noise):
    options = {"patch_size": 5, "patch_distance": 9, "sigma": noise, "channel_axis": -1}
    return np.stack([denoise_nl_means(i, h=strength * noise, **options) for i in images])


def wavelets(images, strength, noise):
    options = {"convert2ycbcr": images.shape[-1] == 3, "channel_axis": -1}
    return np.stack([denoise_wavelet(i, sigma=strength * noise, **options) for i in images])


FILTERS = {
    "Gaussian filter, deviation": (gaussian, (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5)),
    "median filter, size": (median, (3, 5, 7, 9, 11)),
    "total variation, weight": (total_variation, (0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6)),
}
FOR_NOISE = {
    "non-local means, strength": (non_local_means, (0.3, 0.4, 0.5, 0.6, 0.8)),
    "wavelets, strength": (wavelets, (0.5, 0.7, 0.8, 0.9, 1, 1.2)),
}


def best_filters(corrupted, clean, noise):
    """Return for each filter its name with the best parameter, and the filter with it."""
    chosen = {}
    for name, (function, values) in (FILTERS | (FOR_NOISE if noise else {})).items():
        errors = [squared_error(function(corrupted, v, noise).clip(0, 1), clean) for v in values]
        best = values[int(np.argmin(errors))]
        chosen[f"{name} {best}"] = lambda images, f=function, v=best: f(images, v, noise).clip(0, 1)
    return chosen


def biharmonic(corrupted, lost):
    return np.stack(
        [
            inpaint_biharmonic(image, mask, channel_axis=-1)
            for image, mask in zip(corrupted, lost, strict=True)
        ]
    )


def by_pca(train, corrupted, n_components):
    """Return corrupted images projected on the components of clean ones, and seconds."""
    start = time.perf_counter()
    flat = unit(train).reshape(len(train), -1)
    pca = PCA(n_components, svd_solver="randomized", random_state=0).fit(flat)
    seconds = time.perf_counter() - start
    back = pca.inverse_transform(pca.transform(corrupted.reshape(len(corrupted), -1)))
    return np.clip(back, 0, 1).reshape(corrupted.shape), seconds


def new_autoencoder(task, epochs):
    return ConvAutoencoder(
        task.latent_dim,
        corruption=task.corruption,
        mirror=task.data != "Fashion-MNIST",
        optimizer="muon",
        optimizer_params={"weight_decay": 0.1},
        linear_path=False,
        precision="bfloat16",
        max_epochs=epochs,
        random_state=0,
    )


def epochs_for(seconds, train, task):
    """Return how many passes fit into the time, from the rate of a short fit."""
    some = train[:1024]
    start = time.perf_counter()
    new_autoencoder(task, 1).fit(some)
    each = (time.perf_counter() - start) / len(some)
    return max(1, int(seconds / each / len(train)))


def by_autoencoder(train, task, args):
    """Return a trained autoencoder, seconds of training, and the number of passes."""
    epochs = args.epochs or epochs_for(args.seconds, train, task)
    start = time.perf_counter()
    autoencoder = new_autoencoder(task, epochs).fit(train)
    return autoencoder, time.perf_counter() - start, epochs


def with_what_is_known(restored, corrupted, lost, task):
    """Return images that agree with the corrupted ones where those are right, and how.

    Lost pixels are taken from the restored images, and all others as given;
    lost colours likewise, beside the given luma.
    """
    if lost is not None:
        return "given pixels kept", np.where(lost[..., None], restored, corrupted)
    if isinstance(task.corruption, Grayscale):
        colours = restored - Grayscale().transform(restored)
        return "given luma kept", np.clip(corrupted + colours, 0, 1)
    return None


def lost_pixels(corruption, kept, test):
    """Return which pixels of the kept test images are lost (n, H, W), or None."""
    if not isinstance(corruption, PixelDropout):
        return None
    ones = np.ones((len(kept), *test.shape[1:]), np.uint8)
    return (corruption.transform(ones)[..., 0] == 0)[kept]


def draw(task, columns, folder):
    """Save one row of images for each entry of `columns`."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(columns), 1, figsize=(9, 1.15 * len(columns)))
    for axis, (name, images) in zip(axes, columns.items(), strict=True):
        padded = np.pad(images[:N_SHOWN], ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=1)
        axis.imshow(np.hstack(padded).squeeze(), cmap="gray", vmin=0, vmax=1)
        axis.set_title(name, loc="left", fontsize=9, pad=2)
        axis.axis("off")
    figure.tight_layout(h_pad=0.3)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{task.name}.png", dpi=150)
    plt.close(figure)


def run(task, args):
    train, test = load(task.data)
    train, test = train[: args.n_train], test[: args.n_test]
    corrupted_bytes = task.corruption.transform(test)
    changed = (corrupted_bytes != test).any(axis=(1, 2, 3))
    corrupted_bytes, test = corrupted_bytes[changed], test[changed]
    corrupted, clean = unit(corrupted_bytes), unit(test)
    lost = lost_pixels(task.corruption, changed, test)
    colourless = isinstance(task.corruption, Grayscale)
    images, rows = {"clean": clean, "corrupted": corrupted}, []

    def add(name, restored, seconds=""):
        images[name] = restored
        error, psnr, ssim = quality(restored, clean)
        rows.append([name, f"{error:.5f}", f"{psnr:.2f}", f"{ssim:.3f}", seconds])

    add("corrupted", corrupted)
    if not colourless:
        tuning = train[:N_TUNING]
        noise = getattr(task.corruption, "std", None)
        filters = best_filters(unit(task.corruption.transform(tuning)), unit(tuning), noise)
        for name, function in filters.items():
            add(name, function(corrupted))
    if lost is not None:
        add("biharmonic inpainting", biharmonic(corrupted, lost))
    learned = {}
    restored, seconds = by_pca(train, corrupted, task.latent_dim)
    learned[f"PCA, {task.latent_dim} components"] = restored, seconds
    autoencoder, seconds, epochs = by_autoencoder(train, task, args)
    restored = unit(autoencoder.reconstruct(corrupted_bytes))
    learned[f"reconstruct, {task.latent_dim} components, {epochs} epochs"] = restored, seconds
    for name, (restored, seconds) in learned.items():
        add(name, restored, f"{seconds:.1f}")
        kept = with_what_is_known(restored, corrupted, lost, task)
        if kept is not None:
            add(f"{name}, {kept[0]}", kept[1])
    known = None if lost is None else ~lost
    add("restore", unit(autoencoder.restore(corrupted_bytes, known=known)))
    print_table(
        f"{task.data}, {task.corruption}, {len(train)} training and {len(test)} test images",
        ["", "squared error", "PSNR, dB", "SSIM", "training s"],
        rows,
    )
    if args.pictures is not None:
        draw(task, images, args.pictures)


def main():
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few images, 4 epochs")
    parser.add_argument("--pictures", type=Path, help="folder to save pictures in")
    parser.add_argument("--tasks", nargs="+", choices=[t.name for t in TASKS], help="only these")
    parser.add_argument("--seconds", type=float, default=180, help="training time of a task")
    parser.add_argument("--epochs", type=int, help="passes over the images, in place of seconds")
    parser.add_argument("--n-test", type=int, default=200)
    args = parser.parse_args()
    args.n_train = None
    if args.quick:
        args.n_train, args.n_test = 2000, 40
        args.epochs = args.epochs or 4
    for task in TASKS:
        if not args.tasks or task.name in args.tasks:
            run(task, args)


if __name__ == "__main__":
    main()
