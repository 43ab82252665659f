"""Confidence ellipses of the two-dimensional normal distribution: sizes, axes, outlines."""

import numpy as np

from sklatent._validation import check_at_most_one, check_number

__all__ = [
    "axes_from_correlation",
    "axes_from_covariance",
    "ellipse_coverage",
    "ellipse_n_std",
    "ellipse_outlines",
]


def ellipse_coverage(n_std):
    r"""Return the probability inside an n-sigma ellipse, :math:`1 - e^{-n^2/2}`.

    The squared Mahalanobis distance of a two-dimensional normal point is chi-squared with
    two degrees of freedom, so neither correlation nor eccentricity matters.

    Parameters
    ----------
    n_std : float or ndarray
        Half-axes over standard deviations along them, from 0.

    Returns
    -------
    float or ndarray
        Probability in [0, 1].

    Examples
    --------
    >>> from sklatent._gaussian.ellipse_geometry import ellipse_coverage
    >>> [round(float(ellipse_coverage(n)), 4) for n in (1, 2, 2.5, 3)]
    [0.3935, 0.8647, 0.9561, 0.9889]
    """
    return -np.expm1(-0.5 * np.square(n_std))


def ellipse_n_std(n_std=None, coverage=None) -> float:
    r"""Return the size of an ellipse in units of sigma, from one of two measures.

    The ellipse of probability p has the size :math:`\sqrt{-2 \log(1 - p)}`.

    Parameters
    ----------
    n_std : float or None, default=None
        Half-axes over standard deviations along them, above 0.
    coverage : float or None, default=None
        Probability in (0, 1); 0.95 where neither is given.

    Returns
    -------
    float
        Size in units of sigma.

    Raises
    ------
    ValueError
        If both are given, or one is out of its range.
    TypeError
        If one is no number.

    Examples
    --------
    >>> from sklatent._gaussian.ellipse_geometry import ellipse_n_std
    >>> round(ellipse_n_std(coverage=0.95), 4)
    2.4477
    """
    check_at_most_one(n_std=n_std, coverage=coverage)
    if n_std is not None:
        return check_number("n_std", n_std, low=0, open_low=True, high=np.inf, open_high=True)
    coverage = 0.95 if coverage is None else coverage
    coverage = check_number("coverage", coverage, low=0, high=1, open_low=True, open_high=True)
    return float(np.sqrt(-2 * np.log1p(-coverage)))


def axes_from_covariance(covariances):
    r"""Return half-axes and angles of 1-sigma ellipses by eigen-decomposition.

    The half-axes are the square roots of the eigenvalues of the covariance, along its
    eigenvectors. Beside a long axis, one shorter than about 1e-8 of it is lost in rounding;
    `axes_from_correlation` keeps it.

    Parameters
    ----------
    covariances : ndarray of shape (k, 2, 2)
        Covariances, in squared latent units; positive semi-definite up to rounding.

    Returns
    -------
    half_axes : ndarray of shape (k, 2)
        Long and short half-axis, in latent units.
    angles : ndarray of shape (k,)
        From the first coordinate's axis to the long one, in radians, in (-pi/2, pi/2]. Where
        the ellipse is a circle, any.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.ellipse_geometry import axes_from_covariance
    >>> half_axes, angles = axes_from_covariance(np.array([[[1.0, 0.0], [0.0, 9.0]]]))
    >>> half_axes, np.degrees(angles)
    (array([[3., 1.]]), array([90.]))
    """
    eigenvalues, vectors = np.linalg.eigh(covariances)
    x, y = vectors[:, 0, 1], vectors[:, 1, 1]
    sign = np.where((x < 0) | ((x == 0) & (y < 0)), -1.0, 1.0)
    return np.sqrt(eigenvalues[:, ::-1].clip(min=0.0)), np.arctan2(sign * y, sign * x)


def axes_from_correlation(stds, correlations):
    r"""Return half-axes and angles of 1-sigma ellipses from Pearson coefficients.

    In components of unit variance every such ellipse stands at 45 degrees with half-axes
    :math:`\sqrt{1 \pm \rho}` [1]_. Stretched by the two standard deviations, these become
    conjugate half-diameters p and q of the ellipse in latent units. By the theorems of
    Apollonius its half-axes a and b have
    :math:`a^2 + b^2 = |p|^2 + |q|^2 = \sigma_x^2 + \sigma_y^2` and
    :math:`ab = |p \times q| = \sigma_x \sigma_y \sqrt{1 - \rho^2}`, and the long one the angle
    :math:`\frac12 \arctan2(2 \rho \sigma_x \sigma_y, \sigma_x^2 - \sigma_y^2)`. The
    eigenvalues of the covariance are :math:`a^2` and :math:`b^2`.

    Parameters
    ----------
    stds : ndarray of shape (k, 2)
        Standard deviations, in latent units.
    correlations : ndarray of shape (k,)
        Pearson coefficients in [-1, 1].

    Returns
    -------
    half_axes : ndarray of shape (k, 2)
        Long and short half-axis, in latent units.
    angles : ndarray of shape (k,)
        From the first coordinate's axis to the long one, in radians, in (-pi/2, pi/2]. A
        circle has 0.

    References
    ----------
    .. [1] C. Schelp, "An alternative way to plot the covariance ellipse", 2018,
       https://carstenschelp.github.io/2018/09/14/Plot_Confidence_Ellipse_001.html

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.ellipse_geometry import axes_from_correlation
    >>> half_axes, angles = axes_from_correlation(np.ones((1, 2)), np.array([0.75]))
    >>> half_axes.round(4), np.degrees(angles)
    (array([[1.3229, 0.5   ]]), array([45.]))
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


def ellipse_outlines(centers, half_axes, angles, n_points: int = 100):
    """Return points on ellipses, in order, the last equal to the first.

    Parameters
    ----------
    centers, half_axes : ndarray of shape (k, 2)
        In latent units.
    angles : ndarray of shape (k,)
        Of the first half-axis, in radians.
    n_points : int, default=100
        Number of points on each.

    Returns
    -------
    ndarray of shape (k, n_points, 2)
        In latent units.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.ellipse_geometry import ellipse_outlines
    >>> ellipse_outlines(np.zeros((1, 2)), np.array([[2.0, 1.0]]), np.zeros(1), 5)[0, 0]
    array([2., 0.])
    """
    turn = np.linspace(0, 2 * np.pi, n_points)
    along = half_axes[:, :1] * np.cos(turn)
    across = half_axes[:, 1:] * np.sin(turn)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    offsets = np.stack([along * cos - across * sin, along * sin + across * cos], axis=-1)
    return centers[:, None, :] + offsets
