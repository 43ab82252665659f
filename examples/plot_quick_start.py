"""
Quick start: from images to new images
======================================

Fit a pipeline to images, look at what it keeps of them, and draw new ones. The
images are scikit-learn's handwritten digits, 8 x 8 pixels with values from 0 to 16.
"""

# %%
# Images
# ------
# Any array of shape (n, height, width) will do, or (n, height, width, channels).

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline
from sklatent.datasets import load_digit_images
from sklatent.samplers import MixtureSampler

images = load_digit_images().images
train, test = train_test_split(images, random_state=0)
print(train.shape, test.shape)

# %%
# Fit
# ---
# The autoencoder describes each image by 12 numbers, its latent point, and learns to
# draw the image again from them. The model fits a normal distribution to the latent
# points. A small network is enough for small images.

autoencoder = ConvAutoencoder(12, channels=(32, 64), max_epochs=40, random_state=0)
pipeline = make_latent_pipeline(autoencoder, LatentGaussianModel()).fit(train)

# %%
# Look at reconstructions
# -----------------------
# Test images, which training has not seen, go through 12 numbers and come back. The
# score is minus the mean squared error on the [0, 1] scale, where black is 0 and white 1.

reconstructed = pipeline.reconstruct(test)
print(f"error of test images: {-pipeline.score(test):.4f}")

# %%
# Draw new images
# ---------------
# One Gaussian knows no classes, so that some of its images lie between two digits. A
# mixture of Gaussians does better. It takes the place of the Gaussian without any
# training of the network.

from_gaussian = pipeline.sample(10, random_state=1)
pipeline.set_params(latentgaussianmodel=MixtureSampler(random_state=0))
from_mixture = pipeline.fit_density(train).sample(10, random_state=1)

rows = {
    "test images": test,
    "reconstructed": reconstructed,
    "new, from one Gaussian": from_gaussian,
    "new, from a mixture": from_mixture,
}
figure, axes = plt.subplots(len(rows), 1, figsize=(7, 3.9), layout="constrained")
for axis, (name, shown) in zip(axes, rows.items(), strict=True):
    strip = [np.pad(image, 1, constant_values=np.nan) for image in shown[:10]]
    axis.imshow(np.hstack(strip), cmap="gray", vmin=0, vmax=16)
    axis.set_title(name, loc="left", fontsize=10, pad=3)
    axis.axis("off")
plt.show()
