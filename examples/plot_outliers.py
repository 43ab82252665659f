"""
Finding unusual images
======================

An autoencoder draws well what it has seen often. An image that it draws badly, or
whose latent point lies where few others do, is unusual.

The images are scikit-learn's handwritten digits: the detector is trained on all but
the eights, and then shown eights among other new digits.
"""

# %%
# "reconstruction" ranks images by the error of their reconstructions, "latent" by how unlikely
# their latent points are, and "both" adds the two up; "all" adds how unusual the error is for an
# image of such contrast. One trained autoencoder serves all of them.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import RocCurveDisplay
from sklearn.mixture import GaussianMixture

from sklatent import ConvAutoencoder, ImageOutlierDetector
from sklatent.datasets import load_digit_images
from sklatent.displays import OutlierGalleryDisplay, ReconstructionDisplay

digits = load_digit_images()
eight = digits.target == 8
train = digits.images[~eight][:1200]
new = np.concatenate([digits.images[~eight][1200:], digits.images[eight]])
is_eight = np.arange(len(new)) >= len(new) - eight.sum()

autoencoder = ConvAutoencoder(8, channels=(16, 32), max_epochs=30, random_state=0).fit(train)
detectors = {
    method: ImageOutlierDetector(
        FrozenEstimator(autoencoder),
        GaussianMixture(9, random_state=0),
        method=method,
        contamination=0.05,
    ).fit(train)
    for method in ("reconstruction", "latent", "both", "all")
}

# %%
# How well does each tell eights from the rest? The further a curve is up and left, the better; the
# diagonal is guessing.

figure, axis = plt.subplots(figsize=(4.8, 4.4), layout="constrained")
for method, detector in detectors.items():
    RocCurveDisplay.from_predictions(is_eight, -detector.score_samples(new), name=method, ax=axis)
axis.plot([0, 1], [0, 1], ":", color="grey")
axis.set(xlabel="share of other digits taken for outliers", ylabel="share of eights found")
axis.get_legend().set_title("ranked by (area under the curve)")

# %%
# The most unusual and the most usual of the new images, with their true digits, and where the
# threshold lies.

labels = np.concatenate([digits.target[~eight][1200:], digits.target[eight]])
OutlierGalleryDisplay.from_estimator(detectors["both"], new, labels)

# %%
# What the autoencoder made of the most unusual ones: it never saw an eight, and draws something
# else.

order = np.argsort(detectors["both"].score_samples(new))
ReconstructionDisplay.from_estimator(autoencoder, new[order[:10]], n_images=10)
share = is_eight[order[:50]].mean()
print(f"{share:.0%} of the 50 most unusual images are eights; of all, {is_eight.mean():.0%} are")
# sphinx_gallery_thumbnail_number = 2
plt.show()
