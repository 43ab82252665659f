"""
New images of a chosen class
============================

Labels make two things possible: to draw images of one class, and to tell the class of an
image by where its latent point lies.

The images are scikit-learn's handwritten digits. If the environment variable SKLATENT_DATA names
a folder with mnist.npz, they are 10,000 larger ones from there.
"""

# %%
# `PerClassSampler` fits one density to the latent points of each class, here a Gaussian.
# The autoencoder itself needs no labels.

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from sklatent import ConvAutoencoder, make_latent_pipeline
from sklatent.datasets import fetch_mnist, load_digit_images
from sklatent.displays import SampleGridDisplay
from sklatent.samplers import PerClassSampler

folder = os.environ.get("SKLATENT_DATA")
if folder and (Path(folder) / "mnist.npz").exists():
    digits, max_epochs = fetch_mnist(), 8
    images, labels = digits.images[:10_000], digits.target[:10_000]
else:
    digits, max_epochs = load_digit_images(), 40
    images, labels = digits.images, digits.target
X, X_test, y, y_test = train_test_split(images, labels, random_state=0)

autoencoder = ConvAutoencoder(12, channels=(32, 64), max_epochs=max_epochs, random_state=0)
pipeline = make_latent_pipeline(autoencoder, PerClassSampler()).fit(X, y)

# %%
# Ten new images of each class: a row is one class. `y` takes one class for all images, or one for
# each.

wanted = np.repeat(np.arange(10), 10)
SampleGridDisplay.from_estimator(pipeline, len(wanted), y=wanted, random_state=0)

# %%
# By Bayes' rule the densities classify. What they confuse is what looks alike. The classifier
# comes for free: nothing was trained on labels but the ten Gaussians.

predicted = pipeline.predict(X_test)
print(f"{np.mean(predicted == y_test):.1%} of the test images are classified rightly")

figure, axis = plt.subplots(figsize=(4.8, 4.4), layout="constrained")
ConfusionMatrixDisplay.from_predictions(y_test, predicted, ax=axis, cmap="Blues", colorbar=False)
plt.show()
