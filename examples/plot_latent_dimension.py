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
import numpy as np
from sklearn.mixture import GaussianMixture

from sklatent import ConvAutoencoder, LatentDimensionSearch, LatentGaussianModel
from sklatent.datasets import load_digit_images
from sklatent.metrics import ClassifierFeatures

digits = load_digit_images()
images, others = digits.images[:1400], digits.images[1400:]
features = ClassifierFeatures(channels=(16, 32), max_epochs=30, random_state=0)
features.fit(others, digits.target[1400:])

search = LatentDimensionSearch(
    ConvAutoencoder(channels=(16, 32), max_epochs=25),
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
# The smallest number of components is chosen that comes within one standard error of the best.

print(search.reason_)

# %%
# The error of reconstructions falls and falls. The Frechet distance of samples stops falling, and
# the simpler density gives up first. Bars are standard errors over the folds.

table = search.results_.to_dict()
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
for name, style in (("gaussian", "o-"), ("mixture of 10", "s--")):
    chosen = np.asarray(search.results_.densities) == name
    dims = table["dim"][chosen]
    if name == "gaussian":
        left.errorbar(
            dims,
            -table["mean_neg_mse"][chosen],
            table["standard_error_neg_mse"][chosen],
            fmt="o-",
            capsize=3,
        )
    right.errorbar(
        dims,
        -table["mean_neg_frechet"][chosen],
        table["standard_error_neg_frechet"][chosen],
        fmt=style,
        capsize=3,
        label=name,
    )
right.axhline(
    -search.results_.real_scores["neg_frechet"].mean(), color="grey", label="training images"
)
left.set(ylabel="mean squared error of reconstructions")
right.set(ylabel="Frechet distance of samples")
for axis in (left, right):
    axis.set(xscale="log", yscale="log", xlabel="latent components", xticks=dims)
    axis.set_xticks(dims, [str(dim) for dim in dims], minor=False)
right.legend(fontsize=8)
plt.show()
