"""
How many latent components?
===========================

Reconstructions get better with each component that is added. Samples do not: a density
in many dimensions is harder to fit. A search by cross-validation shows both.

The images are scikit-learn's handwritten digits.
"""

# %%
# Each number of components is trained once in each fold, and all densities behind it are fitted to
# the same latent points. Samples are judged by their Frechet distance from held-out images, in
# the features of a classifier that was trained on other images.

import matplotlib.pyplot as plt
from sklearn.mixture import GaussianMixture

from sklatent import ConvAutoencoder, LatentDimensionSearch, LatentGaussianModel
from sklatent.datasets import load_digit_images
from sklatent.displays import LatentDimensionDisplay
from sklatent.metrics import ClassifierFeatures

digits = load_digit_images()
images, others = digits.images[:1400], digits.images[1400:]
features = ClassifierFeatures(channels=(16, 32), max_epochs=30, random_state=0)
features.fit(others, digits.target[1400:])

search = LatentDimensionSearch(
    ConvAutoencoder(channels=(16, 32), linear_path=True, max_epochs=15),
    dims=(2, 4, 8, 16, 32),
    densities={
        "gaussian": LatentGaussianModel(),
        "mixture of 10": GaussianMixture(10, reg_covar=1e-3, random_state=0),
    },
    features=features,
    cv=3,
    random_state=0,
).fit(images)
print(search.results_)

# %%
# The error of reconstructions falls and falls, below that of PCA with as many components, the
# dashed line. All networks have a linear path that starts there, which the search decides once.
# The Frechet distance of samples stops falling, and the simpler density gives up first. Bars are
# standard errors over the folds. The smallest number of components is chosen that comes within one
# standard error of the best.

LatentDimensionDisplay.from_estimator(search)
plt.show()
