"""
What is in the latent space
===========================

An autoencoder puts every image at a point. Where do the points lie, and are they
normal? Component by component, pair by pair, and all together.

The images are scikit-learn's handwritten digits.
"""

# %%
# Latent points of digits, eight numbers for each image.

import matplotlib.pyplot as plt

from sklatent import ConvAutoencoder, LatentGaussianModel
from sklatent.datasets import load_digit_images
from sklatent.displays import (
    ComponentHistogramsDisplay,
    ComponentPairDisplay,
    CorrelationDisplay,
    LatentMapDisplay,
    MahalanobisQQDisplay,
)

digits = load_digit_images()
autoencoder = ConvAutoencoder(8, channels=(32, 64), max_epochs=40, random_state=0)
Z = autoencoder.fit(digits.images).transform(digits.images)
model = LatentGaussianModel().fit(Z)

# %%
# The first two principal components, by digit: the classes lie side by side, with little between.

LatentMapDisplay.from_points(Z, y=digits.target)

# %%
# One component at a time
# -----------------------
# The dashed curve is the Gaussian that fits the histogram best, the dotted one has the mean and
# standard deviation of the points. Most components look bell-shaped.

ComponentHistogramsDisplay.from_points(Z, model)

# %%
# Pairs
# -----
# Which components go together?

CorrelationDisplay.from_model(model)

# %%
# An ellipse of 2 sigma holds 86.5 % of a normal pair and one of 3 sigma 98.9 %, whatever the
# correlation. Here is the pair that is correlated most. The contours follow the points, and are
# no ellipses.

pair = model.correlated_pairs(1).pairs[0]
ComponentPairDisplay.from_points(Z, model, pair=pair, n_std=[2, 3])

# %%
# All together
# ------------
# Squared Mahalanobis distances of normal points follow a chi-squared distribution, and would lie
# on the line. Points that leave it are not normal jointly, even if each component looks so.

MahalanobisQQDisplay.from_points(Z, model)

# %%
# The report says in which way they are not normal, with effect sizes and tests.

print(model.normality_report(Z, random_state=0))
plt.show()
