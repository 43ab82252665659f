"""
Drawing new images from the prior, or from a fitted density
===========================================================

A variational autoencoder is trained so that its latent points follow N(0, I), and
new images come from there. How far that is so depends on the weight of the
divergence in the loss. A fitted density asks for nothing of the kind.

The images are scikit-learn's handwritten digits. If the environment variable
SKLATENT_DATA names a folder with fashion_mnist.npz, they are 10,000 images of
Fashion-MNIST.
"""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline
from sklatent.datasets import fetch_fashion_mnist, load_digit_images
from sklatent.displays import SampleGridDisplay

WEIGHTS = (1e-6, 1e-3, 1.0)
N_SHOWN = 10

folder = os.environ.get("SKLATENT_DATA")
if folder and (Path(folder) / "fashion_mnist.npz").exists():
    images = fetch_fashion_mnist(subset="train").images[:10_000]
    recipe = {"latent_dim": 16, "channels": (16, 32, 64), "learning_rate": 5e-3}
else:
    images = load_digit_images().images
    recipe = {"latent_dim": 8, "channels": (32, 64), "max_epochs": 40}

# %%
# One model for each weight
# -------------------------
# A weight of 1 is the evidence lower bound. Much smaller ones let the encoder put
# its points where it likes. ``kl_annealing`` raises the weight over the first fifth
# of the training steps.
#
# A fitted Gaussian must describe the points that the decoder has learnt to decode:
# draws from the posterior of each image, not the posterior means alone.

rng = np.random.default_rng(0)
rows = {"images": images[:N_SHOWN]}
print(f"{'weight':>8}{'MSE':>9}{'nats':>7}{'active':>8}   variances of latent points")
for weight in WEIGHTS:
    autoencoder = ConvAutoencoder(**recipe, kl_weight=weight, kl_annealing=0.2, random_state=0)
    autoencoder.fit(images)
    points = autoencoder.posterior(images).sample(random_state=0)
    pipeline = make_latent_pipeline(autoencoder, LatentGaussianModel())
    pipeline.fit_density(latent=points)

    report = autoencoder.posterior_report(images)
    axes = np.linalg.eigvalsh(pipeline[-1].covariance_)
    print(
        f"{weight:>8g}{-autoencoder.score(images):>9.4f}{report.kl.sum():>7.1f}"
        f"{report.active.sum():>5}/{len(report.active)}   from {axes[0]:.2f} to {axes[-1]:.2f}"
    )
    prior = rng.standard_normal((N_SHOWN, autoencoder.latent_dim))
    rows[f"weight {weight:g}, N(0, I)"] = autoencoder.inverse_transform(prior)
    rows[f"weight {weight:g}, fitted"] = pipeline.sample(N_SHOWN, random_state=0)

# %%
# New images
# ----------
# From N(0, I), and from the Gaussian that was fitted to the points.
#
# At small weights points from N(0, I) lie where hardly an image was ever encoded. At
# weight 1 they give images much like those of the fitted Gaussian, at the price of
# detail. Neither knows of classes: some images lie between two kinds.

SampleGridDisplay.from_images(rows, value_range=(0, images.max()))
plt.show()
