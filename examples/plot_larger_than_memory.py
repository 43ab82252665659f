"""
Images that do not fit into the memory
======================================

Images are read batch by batch, so that an array on disk is as good as one in memory. And where
images come in pieces, each piece can be learnt from when it comes.

The images are made up: sums of smooth patterns whose weights are normal, so that it is
known what a good model must find.
"""

# %%
# A file of images
# ----------------
# It is written in pieces. This one has 8,000 images of 32 x 32 pixels as `uint8`; nothing below
# would change if it had 80 million.

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sklatent import ConvAutoencoder, LatentGaussianModel
from sklatent.datasets import make_gaussian_images
from sklatent.displays import SampleGridDisplay

path = Path(tempfile.mkdtemp()) / "images.npy"
piece, n_pieces = 1000, 8
file = np.lib.format.open_memmap(path, "w+", np.uint8, (n_pieces * piece, 32, 32))
for k in range(n_pieces):
    made = make_gaussian_images(piece, (32, 32), latent_dim=6, random_state=k, mean=np.zeros(6))
    file[k * piece : (k + 1) * piece] = np.round(255 * made.images)
file.flush()
del file

# %%
# Fit to a file
# -------------
# `mmap_mode="r"` leaves the images on disk, and each batch is read when it is its turn. The order
# of the images is still shuffled. These images are linear in six numbers, so that PCA would be
# exact, and the network is not compared with it.

images = np.load(path, mmap_mode="r")
print(type(images).__name__, images.shape, images.dtype)
recipe = {"channels": (8, 16), "linear_path": False, "early_stopping": False, "random_state": 0}
autoencoder = ConvAutoencoder(6, max_epochs=4, **recipe)
autoencoder.fit(images[:7000])
test = images[7000:]
print(f"error of test images: {-autoencoder.score(test):.5f}")

# %%
# Learn from pieces as they come
# ------------------------------
# `partial_fit` makes one pass over what it is given, and goes on from there the next time. Here are
# seven pieces that come four times, and the error on test images after each of them.

streamed = ConvAutoencoder(6, **recipe)
errors = []
for k in 4 * [*range(7)]:
    streamed.partial_fit(images[k * piece : (k + 1) * piece])
    errors.append(-streamed.score(test))

# %%
# Moments that add up
# -------------------
# The Gaussian model needs sums only. Fitted piece by piece, it is the same as fitted at once, to
# rounding.

model = LatentGaussianModel()
for k in range(7):
    model.partial_fit(autoencoder.transform(images[k * piece : (k + 1) * piece]))
at_once = LatentGaussianModel().fit(autoencoder.transform(images[:7000]))
difference = np.abs(model.covariance_ - at_once.covariance_).max()
print(f"largest difference of the covariances: {difference:.1e}")

# %%
# The error after each piece, beside that of four passes over the file.

figure, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
ax.semilogy(np.arange(1, 29), errors, ".-", label="pieces, four times")
ax.axhline(-autoencoder.score(test), color="black", linestyle="--", label="file, four passes")
ax.set(xlabel="pieces of 1,000 images seen", ylabel="mean squared error")
ax.legend()

# %%
# Test images, their reconstructions, and new images.

rows = {
    "test": test[:8],
    "reconstructed": autoencoder.reconstruct(test[:8]),
    "new": autoencoder.inverse_transform(model.sample(8, random_state=0)),
}
SampleGridDisplay.from_images(rows, value_range=(0, 255))
path.unlink()
plt.show()
