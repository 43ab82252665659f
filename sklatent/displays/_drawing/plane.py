"""A plane through a normal distribution: the points of a grid."""

import numpy as np
from scipy import linalg

__all__ = ["plane_points"]


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
