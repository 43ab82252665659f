"""Volumes of regions of latent space."""

import numpy as np
from scipy import special, stats

from sklatent._covariance.support import make_normal
from sklatent._typing import ArrayLike
from sklatent._validation import as_numeric_array, check_bool, check_number

__all__ = ["log_volume_ratio"]


def log_volume_ratio(
    covariance: ArrayLike, boundary: float, *, coverage: float = 0.95, signed: bool = True
) -> float:
    r"""Return the log of the volume of an ellipsoid over that of a box of uniform components.

    The ellipsoid :math:`d^2 \le D^2` holds the probability p of a normal distribution,
    :math:`F_{\chi^2_d}(D^2) = p`, and has the volume
    :math:`\pi^{d/2} D^d |\Sigma|^{1/2} / \Gamma(d/2 + 1)`; the box has :math:`(2 b)^d`. If the
    ellipsoid lies in the box, this is the log of the probability that a uniform point of the
    box lies in the ellipsoid.

    Parameters
    ----------
    covariance : array-like of shape (d, d)
        Covariance of latent points, in squared latent units.
    boundary : float
        b, the largest absolute value of a component in the box, above 0, in latent units.
    coverage : float, default=0.95
        p, in (0, 1).
    signed : bool, default=True
        Whether the box runs from -b to b in each component, or from 0 to b.

    Returns
    -------
    float
        Natural logarithm; above 0 if the ellipsoid is larger, and minus infinity for a singular
        covariance.

    Raises
    ------
    ValueError, TypeError
        If `covariance` is no symmetric matrix of finite numbers, or has negative eigenvalues, or
        another parameter is out of bounds.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import log_volume_ratio
    >>> round(float(np.exp(log_volume_ratio(np.eye(2), 5.0))), 3)  # 5.99 pi over 100
    0.188
    >>> round(log_volume_ratio(np.eye(200), 5.0))
    -164
    """
    covariance = as_numeric_array(covariance, "covariance", "a square matrix").astype(np.float64)
    square = covariance.ndim == 2 and len(set(covariance.shape)) == 1 and covariance.size
    if not square or not np.isfinite(covariance).all():
        raise ValueError(
            "covariance must be a square matrix of finite numbers; got an array of shape "
            f"{covariance.shape}."
        )
    if not np.allclose(covariance, covariance.T, rtol=0, atol=1e-5 * np.abs(covariance).max()):
        raise ValueError("covariance must be symmetric; got a matrix that is not.")
    variances = np.linalg.eigvalsh(covariance)
    if variances[0] < -1e-6 * variances[-1]:
        raise ValueError(
            f"covariance must have no negative eigenvalue; got one of {variances[0]:.3g}."
        )
    boundary = check_number("boundary", boundary, low=0, open_low=True, open_high=True)
    coverage = check_number("coverage", coverage, low=0, high=1, open_low=True, open_high=True)
    d = len(covariance)
    normal = make_normal(np.zeros(d), covariance)
    if normal.rank < d:
        return float("-inf")
    squared = stats.chi2.ppf(coverage, d)
    ball = 0.5 * d * np.log(np.pi * squared) - special.gammaln(0.5 * d + 1)
    side = 2 * boundary if check_bool("signed", signed) else boundary
    return float(ball + 0.5 * normal.log_determinant - d * np.log(side))
