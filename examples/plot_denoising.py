"""
Restoring noisy images and lost pixels
======================================

An autoencoder that is trained on corrupted images learns to give the clean ones
back. Here one learns to remove heavy noise, and another to fill in lost pixels.

The images are scikit-learn's handwritten digits, of which half the pixels are
lost. If the environment variable SKLATENT_DATA names a folder with
fashion_mnist.npz, they are 6,000 images of Fashion-MNIST, and 80 % are lost.
"""

# %%
# Images, and images to test with that training does not see.

import os
from pathlib import Path

import matplotlib.pyplot as plt
from scipy.ndimage import median_filter
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from sklatent import ConvAutoencoder
from sklatent.corruption import GaussianNoise, PixelDropout
from sklatent.datasets import fetch_fashion_mnist, load_digit_images
from sklatent.displays import ReconstructionDisplay

folder = os.environ.get("SKLATENT_DATA")
if folder and (Path(folder) / "fashion_mnist.npz").exists():
    train = fetch_fashion_mnist().images[:6000]
    test = fetch_fashion_mnist(subset="test").images[:500]
    max_epochs, high, fraction = 10, 255, 0.8
else:
    train, test = train_test_split(load_digit_images().images, random_state=0)
    max_epochs, high, fraction = 40, 16, 0.5

# %%
# Both corruptions work on the [0, 1] scale, whatever the units of the images:
# noise with a standard deviation of half the range from black to white, and
# pixels set to black with a given probability. As transformers they corrupt the test
# images.

corruptions = {
    "noise of 0.5": GaussianNoise(0.5, value_range=(0, high), random_state=0),
    f"{fraction:.0%} lost": PixelDropout(fraction, value_range=(0, high), random_state=0),
}
corrupted = {name: corruption.transform(test) for name, corruption in corruptions.items()}

# %%
# As the parameter `corruption` of the autoencoder they are drawn afresh for each
# batch of training, and `reconstruct` then restores. A median filter and PCA with
# as many components, fitted to the clean images, stand beside it.

LATENT_DIM = 32
pca = PCA(LATENT_DIM, random_state=0).fit(train.reshape(len(train), -1))


def by_pca(images):
    latent = pca.transform(images.reshape(len(images), -1))
    return pca.inverse_transform(latent).clip(0, high).reshape(images.shape)


rows = {"clean": test}
for name, corruption in corruptions.items():
    autoencoder = ConvAutoencoder(
        LATENT_DIM, corruption=corruption, max_epochs=max_epochs, random_state=0
    )
    autoencoder.fit(train)
    rows[name] = corrupted[name]
    rows[f"{name}, median filter"] = median_filter(corrupted[name], size=(1, 3, 3))
    rows[f"{name}, PCA"] = by_pca(corrupted[name])
    rows[f"{name}, autoencoder"] = autoencoder.reconstruct(corrupted[name])
    print(f"{name}: mean squared error {-autoencoder.score(corrupted[name], test):.4f}")

# %%
# The same test images in each row, with the mean PSNR over all of them.

ReconstructionDisplay.from_images(
    rows, n_images=10, metric="psnr", value_range=(0, high), show_errors=False
)
plt.show()
