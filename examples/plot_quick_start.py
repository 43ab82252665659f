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
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline
from sklatent.datasets import load_digit_images
from sklatent.displays import ReconstructionDisplay, SampleGridDisplay, TrainingHistoryDisplay
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
# Test images, which training has not seen, go through 12 numbers and come back. Errors are
# mean squared errors on the [0, 1] scale, where black is 0 and white is 1. PCA with as many
# numbers stands beside it.

pca = PCA(12).fit(train.reshape(len(train), -1))
ReconstructionDisplay.from_estimator(
    pipeline, test, baselines={"PCA": pca}, n_images=10, value_range=(0, 16)
)

# %%
# The loss by epoch tells whether training was long enough: here it has become flat.

TrainingHistoryDisplay.from_estimator(autoencoder)

# %%
# Draw new images
# ---------------
# One Gaussian knows no classes, so that some of its images lie between two digits.

SampleGridDisplay.from_estimator(pipeline, 30, random_state=1, n_columns=6)

# %%
# A mixture of Gaussians does better. It takes the place of the Gaussian, and the network needs
# no more training.

pipeline.set_params(latentgaussianmodel=MixtureSampler(random_state=0)).fit_density(train)
SampleGridDisplay.from_estimator(pipeline, 30, random_state=1, n_columns=6)
# sphinx_gallery_thumbnail_number = 4
plt.show()
