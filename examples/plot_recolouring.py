"""
Colours for grey images
=======================

An autoencoder that sees grey images in training, and is asked for the coloured
ones, learns to colour.

The images are scikit-learn's handwritten digits, each digit in a colour of its
own. All colours are equally bright, so that grey levels say nothing: the network
has to see which digit it is. If the environment variable SKLATENT_DATA names a
folder with CIFAR-10, the images are 4,000 photographs of it.
"""

# %%
# Coloured images, and others to test with.

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import hsv_to_rgb
from sklearn.model_selection import train_test_split

from sklatent import ConvAutoencoder
from sklatent.corruption import Grayscale
from sklatent.datasets import fetch_cifar10, load_digit_images
from sklatent.displays import ReconstructionDisplay

grayscale = Grayscale()


def equally_bright_colours(n_colours, brightness=0.5):
    """Return colours (n_colours, 3) of one luma, darkened or mixed with white."""
    hues = np.arange(n_colours) / n_colours
    colours = hsv_to_rgb(np.stack([hues, np.ones_like(hues), np.ones_like(hues)], axis=-1))
    luma = grayscale.transform(colours[:, None, None])[:, 0, 0, :1]
    white = np.clip((brightness - luma) / (1 - luma), 0, 1)
    return np.where(luma > brightness, colours * brightness / luma, colours + white * (1 - colours))


folder = Path(os.environ.get("SKLATENT_DATA", "/nowhere"))
if any((folder / name).exists() for name in ("cifar10.npz", "cifar10_subset.npz")):
    train = fetch_cifar10().images[:4000] / np.float32(255)
    test = fetch_cifar10(subset="test").images[:500] / np.float32(255)
    latent_dim, max_epochs = 128, 10
else:
    grey_digits, digit = load_digit_images(return_X_y=True)
    coloured = grey_digits[..., None] / 16 * equally_bright_colours(10)[digit, None, None]
    train, test = train_test_split(coloured, random_state=0)
    latent_dim, max_epochs = 32, 40

# %%
# `Grayscale` puts the luma into all three channels. Given to the autoencoder, it
# makes its inputs grey in training and leaves its targets coloured.

autoencoder = ConvAutoencoder(
    latent_dim, corruption=grayscale, max_epochs=max_epochs, random_state=0
)
autoencoder.fit(train)
grey = grayscale.transform(test)
coloured = autoencoder.reconstruct(grey)

# %%
# The grey image tells the brightness of each pixel, so only the colours need to be
# taken from the network. On photographs of everything, few and small as these, most
# colours remain a guess, and a wrong colour is farther off than grey: the mean PSNR
# stays near that of the grey images.

on_the_given_grey = np.clip(grey + coloured - grayscale.transform(coloured), 0, 1)


rows = {
    "grey": grey,
    "autoencoder": coloured,
    "its colours,\non the given grey": on_the_given_grey,
    "true colours": test,
}
ReconstructionDisplay.from_images(
    rows,
    compare_with="true colours",
    n_images=10,
    metric="psnr",
    value_range=(0, 1),
    show_errors=False,
)
plt.show()
