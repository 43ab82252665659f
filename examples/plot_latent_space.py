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
import numpy as np
from scipy import stats

from sklatent import ConvAutoencoder, LatentGaussianModel
from sklatent.datasets import load_digit_images

digits = load_digit_images()
autoencoder = ConvAutoencoder(8, channels=(32, 64), max_epochs=40, random_state=0)
Z = autoencoder.fit(digits.images).transform(digits.images)
model = LatentGaussianModel().fit(Z)

# %%
# One component at a time
# -----------------------
# Bars are the points, the dashed line is the Gaussian that fits the bars best. Most components
# look bell-shaped. The numbers beside them say how far they are from a normal one:
# skewness and excess kurtosis would be 0.

fits = model.component_fits(Z)
print(fits)

figure, axes = plt.subplots(2, 4, figsize=(8, 3.6), sharey=True, layout="constrained")
for j, axis in enumerate(axes.flat):
    axis.hist(Z[:, j], bins=30, density=True, color="#b8d0e6")
    x = np.linspace(*axis.get_xlim(), 200)
    axis.plot(x, stats.norm.pdf(x, fits.center[j], fits.sigma[j]), "--", color="#b3401f")
    axis.set_title(f"component {j}", fontsize=9)
figure.supylabel("density", fontsize=9)
figure.supxlabel("latent units", fontsize=9)

# %%
# Pairs
# -----
# The ellipse of n sigma holds 86.5 % of a normal pair at 2 sigma and 98.9 % at 3, whatever the
# correlation. Here is the most correlated pair, with each digit in its own colour: inside the
# ellipses the classes lie side by side.

pairs = model.correlated_pairs(1)
print(pairs)
pair = tuple(int(j) for j in pairs.pairs[0])

figure, axis = plt.subplots(figsize=(6, 4.6), layout="constrained")
scatter = axis.scatter(*Z[:, pair].T, c=digits.target, cmap="tab10", vmin=-0.5, vmax=9.5, s=7)
figure.colorbar(scatter, label="digit", ticks=range(10))
turn = np.linspace(0, 2 * np.pi, 200)
for n_std, style in ((2, "-"), (3, "--")):
    ellipse = model.ellipses([pair], n_std=n_std)
    long, short = ellipse.half_axes[0]
    angle = ellipse.angles[0]
    x = (
        ellipse.centers[0, 0]
        + long * np.cos(turn) * np.cos(angle)
        - short * np.sin(turn) * np.sin(angle)
    )
    y = (
        ellipse.centers[0, 1]
        + long * np.cos(turn) * np.sin(angle)
        + short * np.sin(turn) * np.cos(angle)
    )
    share = ellipse.coverage(Z)[0]
    nominal = float(ellipse.nominal_coverage)
    axis.plot(x, y, style, color="black", label=f"{n_std} sigma: {share:.1%} ({nominal:.1%})")
axis.set(xlabel=f"component {pair[0]}", ylabel=f"component {pair[1]}")
axis.legend(title="share inside (of a normal)", fontsize=8)

# %%
# All together
# ------------
# Squared Mahalanobis distances of normal points follow a chi-squared distribution. Where the
# line is left, they are not normal jointly, even if each component looks so.

squared = np.sort(model.mahalanobis_squared(Z))
levels = (np.arange(len(Z)) + 0.5) / len(Z)
expected = stats.chi2.ppf(levels, df=model.rank_)
figure, axis = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
axis.plot(expected, squared, ".", markersize=4, color="#2f6da3")
axis.axline((0, 0), slope=1, color="black", linewidth=1)
axis.set(xlabel=f"quantiles of chi-squared, {model.rank_} degrees", ylabel="squared distances")

# %%
# The report names what it found, with effect sizes and tests.

print(model.normality_report(Z, random_state=0))
plt.show()
