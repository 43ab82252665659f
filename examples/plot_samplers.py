"""
Samplers that fail, and samplers that work
==========================================

Nothing tells a trained decoder which points of latent space mean something. Points must be
drawn where images were encoded, and what a sampler knows of that place is what one
sees in its images.

The images are scikit-learn's handwritten digits. If the environment variable SKLATENT_DATA names
a folder with mnist.npz, they are 10,000 larger ones from there.
"""

# %%
# One autoencoder serves all samplers. A third of the images is kept for testing.

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from sklatent import ConvAutoencoder, LatentGaussianModel
from sklatent.datasets import fetch_mnist, load_digit_images
from sklatent.displays import SampleGridDisplay
from sklatent.metrics import ClassifierFeatures, frechet_distance
from sklatent.samplers import BoxSampler, IntervalSampler, KernelSampler, MixtureSampler

folder = os.environ.get("SKLATENT_DATA")
if folder and (Path(folder) / "mnist.npz").exists():
    digits, max_epochs = fetch_mnist(), 8
    images, labels = digits.images[:10_000], digits.target[:10_000]
else:
    digits, max_epochs = load_digit_images(), 40
    images, labels = digits.images, digits.target
X, X_test, y, y_test = train_test_split(images, labels, test_size=1 / 3, random_state=0)

autoencoder = ConvAutoencoder(12, channels=(32, 64), max_epochs=max_epochs, random_state=0)
Z = autoencoder.fit(X).transform(X)

# %%
# From knowing nothing to knowing much:
#
# - a box puts points anywhere within common bounds;
# - intervals keep each component where it belongs, and forget that components hang together;
# - one Gaussian knows the correlations of pairs;
# - a mixture of Gaussians knows clouds, one for each way to write a digit;
# - training points plus noise know everything, and copy if the noise is small.

samplers = {
    "box, boundary 5": BoxSampler(5.0),
    "intervals": IntervalSampler(),
    "one Gaussian": LatentGaussianModel(),
    "mixture": MixtureSampler(random_state=0),
    "points plus noise": KernelSampler(random_state=0),
}

# %%
# The Frechet distance compares drawn images with test images by their features in a classifier:
# 0 for the same distribution. As bounds stand there training images, and training images that
# went through the autoencoder, which is what a perfect sampler would draw.

features = ClassifierFeatures(channels=(16, 32), random_state=0).fit(X, y)
target = features.transform(X_test)


def distance(drawn):
    """Frechet distance of as many images as there are for testing."""
    return frechet_distance(features.transform(drawn), target)


n = len(X_test)
rows = {"training images": X[:n], "the same, decoded": autoencoder.inverse_transform(Z[:n])}
for name, sampler in samplers.items():
    rows[name] = autoencoder.inverse_transform(sampler.fit(Z).sample(n, random_state=0))
distances = {name: distance(drawn) for name, drawn in rows.items()}
for name, value in distances.items():
    print(f"{name:<20}{value:>10.2f}")

# %%
# The same in pictures. A box gives scribbles, and intervals give strokes that belong to
# no digit. The rest is a matter of how well the density fits.

shown = {f"{name}: {distances[name]:.1f}": drawn[:8] for name, drawn in rows.items()}
SampleGridDisplay.from_images(shown, value_range=autoencoder.value_range_)

# %%
# Why the box fails is a matter of distance. The points of the box lie far from all latent
# points, and the more so the more components there are.

figure, axis = plt.subplots(figsize=(6, 3.2), layout="constrained")
model = LatentGaussianModel().fit(Z)
bins = np.linspace(0, 16, 65)
radius = np.sqrt(model.mahalanobis_squared(Z))
axis.hist(radius, bins, density=True, color="#cccccc", label="latent points")
for name, style in zip(list(samplers)[:4], ("-", "--", "-.", ":"), strict=True):
    radius = np.sqrt(model.mahalanobis_squared(samplers[name].sample(2000, random_state=0)))
    axis.hist(
        radius, bins, density=True, histtype="step", linestyle=style, linewidth=1.5, label=name
    )
axis.set(xlabel="Mahalanobis distance from the mean", ylabel="density")
axis.legend(fontsize=8)
plt.show()
