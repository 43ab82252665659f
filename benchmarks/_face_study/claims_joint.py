"""Verdicts on correlations, normality and regions: statements 12 to 18."""

import numpy as np

from .claims import CONFIRMED, CORRECTED, NOT_SEEN, Claim, percent

__all__ = ["claims"]


def claims(r) -> list[Claim]:
    """Return the verdicts; `r` gives the result of a step by its name."""
    return [*_intervals(r), *_matrices(r), *_normality(r)]


def _intervals(r):
    regions = r("regions-plain")["rows"]
    gaussian = r("densities-plain")["rows"]["one Gaussian"]["frechet"]
    control = r("controls-plain")["rows"]["decoded training images"]["frechet"]
    interval = regions["intervals, uniform"]["frechet"]
    half = regions["intervals, two half-widths"]["frechet"]
    yield Claim(
        12,
        "an interval for each component is not a sufficient restriction",
        CONFIRMED if interval > 1.5 * gaussian else NOT_SEEN,
        f"Frechet distance {interval:.1f} for uniform components within 2 sigma and {half:.1f} "
        f"within two half-widths, {gaussian:.1f} for one Gaussian; decoded training images have "
        f"{control:.1f}.",
    )


def _matrices(r):
    arithmetic, pairs = r("arithmetic-constructions"), r("pairs-plain")
    yield Claim(
        13,
        "the axes of ellipses follow from the Pearson coefficients",
        CORRECTED,
        "With the standard deviations they do. sqrt(1 +- rho) are half-axes for components of "
        "unit variance only. Both ways agree to rounding: at most "
        f"{arithmetic['largest_gap']:.0e} apart in simulated pairs, "
        f"{pairs['construction_gap']:.0e} in all pairs of faces.",
    )
    yield Claim(
        14,
        "the Pearson matrix is positive definite",
        CORRECTED,
        "It is positive semi-definite: a doubled component has the eigenvalue "
        f"{abs(arithmetic['smallest_eigenvalue_doubled']):g}. Here the smallest is "
        f"{pairs['smallest_eigenvalue']:.2g}.",
    )
    pca = r("principal-plain")
    yield Claim(
        15,
        "PCA diagonalises the Pearson matrix",
        CORRECTED,
        "It diagonalises the covariance, or the correlation once components are standardised. "
        f"Along its axes correlations are at most {pca['largest_correlation']:.0e}; on the axes "
        "of the other matrix the components as they are correlate by up to "
        f"{pca['largest_by_mixed']:.2f}.",
    )


def _normality(r):
    t, joint, pca = r("arithmetic-elliptic_not_normal"), r("joint-plain"), r("principal-plain")
    linear = r("joint-linear")
    yield Claim(
        16,
        "elliptic contours mean a multivariate normal",
        CORRECTED,
        f"A multivariate t is elliptic too, with a coverage gap of {t['t5_gap']:.2f} at 5 degrees "
        f"of freedom and 20 components. Here the gap of d^2 from chi-squared is "
        f"{joint['coverage_gap']:.2f} ({linear['coverage_gap']:.2f} with the linear path): "
        f"{joint['name']}.",
    )
    squares = pca["squares"].mean() / pca["squares_by_chance"]
    yield Claim(
        17,
        "a normal decomposes into uncorrelated Gaussians after a PCA",
        CORRECTED,
        "Necessary, not sufficient. Principal components are uncorrelated, but their squares "
        f"correlate by {pca['squares'].mean():.3f} on average, {squares:.1f} times what chance "
        f"gives a pair, and by up to {np.abs(pca['squares']).max():.2f}; excess kurtosis "
        f"{np.mean(pca['kurtosis']):.2f} on average.",
    )
    body, three = r("arithmetic-bodies"), r("pairs-plain")["coverage"]["3"]
    rows = r("regions-plain")["rows"]
    uniform = rows["all ellipses that hold 95 %, uniform"]
    gaussian = r("densities-plain")["rows"]["one Gaussian"]
    yield Claim(
        18,
        "all pairwise ellipses together restrict points well",
        CORRECTED,
        f"In 200 dimensions '3 sigma in every plane' holds {percent(body['share']['3.0'], 2)} of a "
        f"normal; here {percent(three['joint_train'])} of the points. Uniform points of the "
        f"region stand at a radius of {body['radius']['3.0']:.1f} where normal ones have 14.1, and "
        f"three components can all be within 2 sigma in pairs at d^2 = {t['joint_squared']:.0f}. "
        f"Here uniform points in the ellipses that hold 95 % of the points have d^2/d = "
        f"{uniform['squared']:.2f} and Frechet distance {uniform['frechet']:.1f} "
        f"(one Gaussian: {gaussian['squared']:.2f}, {gaussian['frechet']:.1f}).",
    )
