"""Confidence ellipses of the two-dimensional normal distribution: sizes, axes, angles, outlines."""

import numpy as np

from sklatent._points import check_scale
from sklatent._typing import FloatArray
from sklatent._validation import check_at_most_one, check_number

__all__ = [
    "axes_from_correlation",
    "axes_from_covariance",
    "ellipse_coverage",
    "ellipse_n_std",
    "ellipse_outlines",
]


def ellipse_coverage(n_std: float) -> float:
    r"""Return the probability inside an n-sigma ellipse, :math:`1 - e^{-n^2/2}`.

    The squared Mahalanobis distance of a two-dimensional normal point is chi-squared with
    two degrees of freedom, so neither correlation nor eccentricity matters.
    """
    return float(-np.expm1(-0.5 * np.square(n_std)))


def ellipse_n_std(n_std: float | None = None, coverage: float | None = None) -> float:
    r"""Return an ellipse's size in units of sigma, :math:`\sqrt{-2 \log(1 - p)}` at coverage p.

    At most one of the two is given; neither means a coverage of 0.95.
    """
    check_at_most_one(n_std=n_std, coverage=coverage)
    if n_std is not None:
        return check_scale("n_std", n_std)
    coverage = 0.95 if coverage is None else coverage
    coverage = check_number("coverage", coverage, low=0, high=1, open_low=True, open_high=True)
    return float(np.sqrt(-2 * np.log1p(-coverage)))


def axes_from_covariance(covariances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return half-axes (k, 2) and angles (k,) of 1-sigma ellipses of covariances (k, 2, 2).

    The half-axes, the long one first, are the square roots of the eigenvalues, along the
    eigenvectors. Beside a long axis, one shorter than about 1e-8 of it is lost in rounding;
    `axes_from_correlation` keeps it. Angles are as there; that of a circle may be any.
    """
    eigenvalues, vectors = np.linalg.eigh(covariances)
    x, y = vectors[:, 0, 1], vectors[:, 1, 1]
    sign = np.where((x < 0) | ((x == 0) & (y < 0)), -1.0, 1.0)
    return np.sqrt(eigenvalues[:, ::-1].clip(min=0.0)), np.arctan2(sign * y, sign * x)


def axes_from_correlation(
    stds: FloatArray, correlations: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""Return half-axes (k, 2) and angles (k,) of 1-sigma ellipses of standard deviations (k, 2).

    In components of unit variance every such ellipse stands at 45 degrees with half-axes
    :math:`\sqrt{1 \pm \rho}` [1]_. Stretched by the two standard deviations, these become
    conjugate half-diameters p and q of the ellipse in latent units. By the theorems of
    Apollonius its half-axes a and b have
    :math:`a^2 + b^2 = |p|^2 + |q|^2 = \sigma_x^2 + \sigma_y^2` and
    :math:`ab = |p \times q| = \sigma_x \sigma_y \sqrt{1 - \rho^2}`, and the long one the angle
    :math:`\frac12 \arctan2(2 \rho \sigma_x \sigma_y, \sigma_x^2 - \sigma_y^2)`. The
    eigenvalues of the covariance are :math:`a^2` and :math:`b^2`.

    Angles run from the first coordinate's axis to the long one, in radians, in (-pi/2, pi/2];
    a circle has 0.

    References
    ----------
    .. [1] C. Schelp, "An alternative way to plot the covariance ellipse", 2018,
       https://carstenschelp.github.io/2018/09/14/Plot_Confidence_Ellipse_001.html
    """
    unit = stds.max(axis=1, initial=0.0)
    unit[unit == 0] = 1.0
    x, y = (stds / unit[:, None]).T
    flatness = np.sqrt((1 - correlations) * (1 + correlations))
    # (a + b)^2 and (a - b)^2, the latter without the cancellation of a near-circle.
    total = np.sqrt(x * x + y * y + 2 * x * y * flatness)
    difference = np.hypot(x - y, correlations * np.sqrt(2 * x * y / (1 + flatness)))
    long = 0.5 * (total + difference)
    short = np.divide(x * y * flatness, long, out=np.zeros_like(long), where=long > 0)
    # Adding 0 turns -0 into 0, whose angle is pi/2 and not -pi/2 where y exceeds x.
    angles = 0.5 * np.arctan2(2 * correlations * x * y + 0.0, (x - y) * (x + y))
    return unit[:, None] * np.column_stack([long, short]), angles


def ellipse_outlines(
    centers: FloatArray, half_axes: FloatArray, angles: FloatArray, n_points: int = 100
) -> FloatArray:
    """Return points (k, n_points, 2) around k ellipses, in order, the last equal to the first."""
    turn = np.linspace(0, 2 * np.pi, n_points)
    along = half_axes[:, :1] * np.cos(turn)
    across = half_axes[:, 1:] * np.sin(turn)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    offsets = np.stack([along * cos - across * sin, along * sin + across * cos], axis=-1)
    return centers[:, None, :] + offsets
