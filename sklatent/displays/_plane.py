"""A plane through a normal distribution: points of a grid, and ellipses."""

import numpy as np
from scipy import linalg

__all__ = ["ellipse_curve", "nominal_coverage", "plane_points"]

_CURVE_POINTS = 200


def plane_points(mean, covariance, pair, x, y, *, others="mean") -> np.ndarray:
    r"""Return the latent points of a grid over two components.

    Parameters
    ----------
    mean : ndarray of shape (d,)
        Of the latent points.
    covariance : ndarray of shape (d, d)
        Of the latent points.
    pair : tuple of two int
        The components.
    x, y : ndarray of shape (nx,) and (ny,)
        Their values, in latent units.
    others : {"mean", "conditional"}, default="mean"
        The other components: at their mean, or at their mean given the two,
        :math:`\mu_B + \Sigma_{BA} \Sigma_{AA}^{-1} (z_A - \mu_A)`.

    Returns
    -------
    points : ndarray of shape (ny * nx, d)
        Line by line, x running fastest.
    """
    pair = list(pair)
    offsets = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) - mean[pair]
    points = np.tile(mean, (len(offsets), 1)).astype(float)
    if others == "conditional":
        inner = linalg.pinvh(covariance[np.ix_(pair, pair)])
        points += offsets @ inner @ covariance[pair]
    points[:, pair] = mean[pair] + offsets
    return points


def ellipse_curve(center, covariance, n_std: float) -> np.ndarray:
    """Return points (200, 2) of the ellipse of n standard deviations of a pair."""
    angles = np.linspace(0.0, 2.0 * np.pi, _CURVE_POINTS)
    values, vectors = linalg.eigh(covariance)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return center + n_std * (circle * np.sqrt(values.clip(0.0))) @ vectors.T


def nominal_coverage(n_std: float) -> float:
    r"""Return the share of a normal pair inside its ellipse, :math:`1 - e^{-n^2 / 2}`."""
    return float(-np.expm1(-(n_std**2) / 2.0))
