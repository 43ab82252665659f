"""
Paths through latent space, and attributes
==========================================

Between two images lie others. Which ones, depends on the way that is taken. And a
direction can mean something: bold strokes, or a digit.

The images are scikit-learn's handwritten digits. If the environment variable SKLATENT_DATA names
a folder with mnist.npz, they are 10,000 larger ones from there.
"""

# %%
# An autoencoder and one Gaussian behind it.

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline
from sklatent.datasets import fetch_mnist, load_digit_images
from sklatent.displays import PathDisplay, PlaneGridDisplay, SampleGridDisplay
from sklatent.paths import (
    attribute_direction,
    axis_traversal,
    class_centers,
    linear_path,
    move_along,
    slerp_path,
)

folder = os.environ.get("SKLATENT_DATA")
if folder and (Path(folder) / "mnist.npz").exists():
    digits, max_epochs = fetch_mnist(), 8
    images, labels = digits.images[:10_000], digits.target[:10_000]
else:
    digits, max_epochs = load_digit_images(), 40
    images, labels = digits.images, digits.target

autoencoder = ConvAutoencoder(12, channels=(32, 64), max_epochs=max_epochs, random_state=0)
pipeline = make_latent_pipeline(autoencoder, LatentGaussianModel()).fit(images)
Z = autoencoder.transform(images)

# %%
# From one image to another
# -------------------------
# The straight path is the shortest, and takes a short cut near the mean: the curve falls below
# the band that holds 95 % of the points of a normal distribution. The path on a sphere keeps its
# distance from the mean.

zero, one = images[labels == 0][0], images[labels == 1][0]
paths = {
    "straight": linear_path([zero, one], 9, pipeline=pipeline),
    "on a sphere": slerp_path([zero, one], 9, pipeline=pipeline),
}
PathDisplay.from_path(paths)

# %%
# From digit to digit
# -------------------
# A path can have many waypoints, and these can be latent points: here the centres of the classes
# from 0 to 4.

centers = class_centers(Z, labels).centers
path = linear_path(centers[:5], 4, model=pipeline[-1])
PathDisplay.from_path(path, pipeline, n_images=13)

# %%
# An attribute
# ------------
# Bold images are those with more ink than most. The direction leads from the mean of the thin ones
# to the mean of the bold ones. Moved along it, each digit becomes bold, and stays what it is for
# a while.

ink = images.reshape(len(images), -1).mean(axis=1)
direction = attribute_direction(Z, ink > np.median(ink))
chosen = np.array([images[labels == digit][1] for digit in (0, 1, 3, 6)])
PathDisplay.from_path(move_along(chosen, direction, np.linspace(-3, 3, 9), pipeline=pipeline))

# %%
# These are reconstructions, also in the middle. With ``keep_detail`` the change of the
# reconstruction is added to the original image, which stands untouched in the middle: for small
# edits of photographs. Far away a ghost of the original stroke stays.

distances = np.linspace(-2, 2, 9)
edits = move_along(chosen, direction, distances, keep_detail=True, pipeline=pipeline)
PathDisplay.from_path(edits)

# %%
# Single components seldom mean one thing. Each row moves the mean along one principal axis, from
# -3 to 3 standard deviations.

grid = axis_traversal(axes=range(5), n_points=9, basis="principal", pipeline=pipeline)
rows = {f"axis {k}": moved for k, moved in enumerate(grid.decode())}
SampleGridDisplay.from_images(rows, value_range=autoencoder.value_range_)

# %%
# A plane
# -------
# Images over the first two components, all others at their mean. The ellipses hold 39.3 and 86.5 %
# of a normal pair: beyond them the decoder was never asked.

PlaneGridDisplay.from_estimator(pipeline, (0, 1), extent=3.5)
# sphinx_gallery_thumbnail_number = 3
plt.show()
