"""
Plain scikit-learn pipelines
============================

The estimators are scikit-learn's in all they do: they can be cloned, searched, cross-validated
and put into pipelines with others. Three short uses.

The images are scikit-learn's handwritten digits.
"""

# %%
# Without a neural network
# ------------------------
# `sample_images` draws through any scikit-learn pipeline whose steps can be inverted. PCA and a
# mixture on pixels are the plainest generator there is, and a good thing to compare with.

import matplotlib.pyplot as plt
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline, sample_images
from sklatent.datasets import load_digit_images
from sklatent.displays import SampleGridDisplay

digits = load_digit_images()
rows = digits.images.reshape(len(digits.images), -1)
by_pca = make_pipeline(PCA(12, random_state=0), GaussianMixture(10, random_state=0)).fit(rows)
from_pca = sample_images(by_pca, 7, random_state=0).reshape(-1, 8, 8)

# %%
# With one, and the same mixture
# ------------------------------

autoencoder = ConvAutoencoder(12, channels=(32, 64), max_epochs=40, random_state=0)
by_network = make_latent_pipeline(autoencoder, GaussianMixture(10, random_state=0))
by_network.fit(digits.images)
from_network = by_network.sample(7, random_state=0)

shown = {
    "digits": digits.images[:7],
    "PCA\nand a mixture": from_pca,
    "autoencoder and\nthe same mixture": from_network,
}
SampleGridDisplay.from_images(shown, value_range=(0, 16))

# %%
# As a step before a classifier
# -----------------------------
# Latent points are features like others. Cross-validation trains the autoencoder anew
# in each fold, on the images of that fold alone.

small = ConvAutoencoder(12, channels=(16, 32), linear_path=True, max_epochs=20, random_state=0)
classifier = make_pipeline(small, StandardScaler(), LogisticRegression(max_iter=1000))
scores = cross_val_score(classifier, digits.images, digits.target, cv=3)
print(f"accuracy in three folds: {scores.round(3)}")

# %%
# In a search
# -----------
# A pipeline's score is minus the mean squared error of its reconstructions, which
# compares across numbers of components.

search = GridSearchCV(
    make_latent_pipeline(small, LatentGaussianModel()),
    {"convautoencoder__latent_dim": [2, 4, 8, 16]},
    cv=3,
).fit(digits.images)
for dim, score in zip([2, 4, 8, 16], search.cv_results_["mean_test_score"], strict=True):
    print(f"{dim:>3} components: error {-score:.4f}")
plt.show()
