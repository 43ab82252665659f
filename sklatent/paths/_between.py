"""Paths from point to point: straight, on the sphere, and of one distribution."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from sklatent._typing import ArrayLike, FloatArray
from sklatent._validation import check_number

from ._records import LatentPath
from ._space import LatentSpace, find_space

__all__ = ["linear_path", "matched_path", "slerp_path"]

Join: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
# Between directions that differ from opposite ones by less, rounding would choose the plane.
OPPOSITE = 1e-8


def interpolate(a: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    """Return points (n, d) on the line from a (d,) at t = 0 to b (d,) at t = 1."""
    t = t[:, None]
    return (1 - t) * a + t * b


def turn(a: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    r"""Return points (n, d) that turn from a (d,) to b at a constant rate, radii between theirs.

    The direction is :math:`(u \sin((1-t)\omega) + v \sin(t\omega)) / \sin\omega` between the
    unit vectors u and v at the angle :math:`\omega`; the radius goes linearly from one to
    the other. A vector of length 0 has the direction of the other.
    """
    radii = np.linalg.norm(a), np.linalg.norm(b)
    radius = (1 - t) * radii[0] + t * radii[1]
    if min(radii) == 0:
        longer = b if radii[1] > 0 else a
        return radius[:, None] * longer / (max(radii) or 1.0)
    u, v = a / radii[0], b / radii[1]
    if np.linalg.norm(u + v) < OPPOSITE:
        raise ValueError(
            "X must not have two neighbouring points in opposite directions from the mean: no "
            "one arc joins them. linear_path does, and a point between them would choose an arc."
        )
    angle = 2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))
    across = v - (u @ v) * u
    across /= np.linalg.norm(across) or 1.0
    direction = np.cos(t * angle)[:, None] * u + np.sin(t * angle)[:, None] * across
    return radius[:, None] * direction


def match(a: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    r"""Return points (n, d), :math:`((1 - t) a + t b) / \sqrt{(1 - t)^2 + t^2}`.

    Of independent a and b from N(0, I), each point has that distribution again.
    """
    return interpolate(a, b, t) / np.sqrt((1 - t) ** 2 + t**2)[:, None]


def linear_path(
    X: ArrayLike,
    n_points: int = 11,
    *,
    model: Any = None,
    pipeline: Any = None,
    reference: ArrayLike | None = None,
) -> LatentPath:
    r"""Straight path through latent points, or between images.

    Under one Gaussian it is the shortest path in the Mahalanobis metric. In many dimensions
    it runs nearer to the mean than points of the distribution lie: half-way between two
    draws the squared Mahalanobis distance is d/2 on average, in place of d.

    Parameters
    ----------
    X : array-like of shape (k, d), or images of shape (k, ...)
        Waypoints, two or more: latent points, or images where `pipeline` is given.
    n_points : int, default=11
        Points from each waypoint to the next, both among them; at least 2.
    model : estimator, default=None
        Fitted density that measures the path, such as a `LatentGaussianModel`. None takes
        the density in which `pipeline` ends, if it does.
    pipeline : Pipeline or estimator, default=None
        Fitted; makes points of images and images of points. A pipeline with or without a
        density as its last step, or an autoencoder. Points are those that come into the
        density.
    reference : array-like of shape (m, d), or images, default=None
        Points among whose densities those of the path are ranked, for `density_percentile`;
        images where `pipeline` is given. None takes the closed form, a chi-squared
        distribution, for a `LatentGaussianModel`, and leaves it out for any other.

    Returns
    -------
    LatentPath
        A record of n = (k - 1) (n_points - 1) + 1 points, the waypoints among them: `points`
        (n, d); `positions` (n,), whole numbers at waypoints; `mahalanobis_squared` (n,), without
        unit; `density_percentile` (n,) in [0, 100], the percentage of the model's distribution
        where the density is no higher, near 0 outside the region and 50 for usual points.
        The last two are None where they are not known. Its `decode()` gives the images; it
        prints as a table.

    Raises
    ------
    ValueError
        If `X` has less than two rows or other components than the model, or `n_points` is
        less than 2.
    TypeError
        If `pipeline` or `model` is of a wrong kind.

    See Also
    --------
    slerp_path : Keeps the distance to the mean.
    matched_path : Keeps the distribution.

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.paths import linear_path
    >>> model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    >>> linear_path([[1.0, 0.0], [0.0, 2.0]], 3, model=model)
    path of 3 points with 2 components
    <BLANKLINE>
     position  Mahalanobis squared  density percentile
        0.000                2.000                36.8
        0.500                1.000                60.7
        1.000                2.000                36.8
    """
    space = find_space(model, pipeline, reference)
    return _path(space, space.points(X), n_points, interpolate)


def slerp_path(
    X: ArrayLike,
    n_points: int = 11,
    *,
    model: Any = None,
    pipeline: Any = None,
    reference: ArrayLike | None = None,
) -> LatentPath:
    r"""Path that turns around the mean, between latent points or images.

    Spherical interpolation [1]_ in the whitened coordinates of a `LatentGaussianModel`:
    the direction from the mean turns at a constant rate, and the Mahalanobis distance to the
    mean goes linearly from that of one waypoint to that of the next. With equal distances it
    is the usual formula :math:`(a \sin((1-t)\omega) + b \sin(t\omega)) / \sin\omega`. With
    unequal ones that formula leaves the distances between them when directions are
    nearly opposite; this path does not.

    A waypoint at the mean has no direction; from there the path goes straight. What lies off the
    support of a model of lower rank is interpolated linearly.

    Parameters
    ----------
    X : array-like of shape (k, d), or images of shape (k, ...)
        Waypoints, two or more: latent points, or images where `pipeline` is given.
    n_points : int, default=11
        Points from each waypoint to the next, both among them; at least 2.
    model : LatentGaussianModel, default=None
        Fitted; whitens, and measures the path. None takes the density in which
        `pipeline` ends.
    pipeline : Pipeline or estimator, default=None
        As in `linear_path`.
    reference : array-like of shape (m, d), or images, default=None
        As in `linear_path`.

    Returns
    -------
    LatentPath
        A record as from `linear_path`.

    Raises
    ------
    ValueError
        As `linear_path`, and if neighbouring waypoints lie in opposite directions from
        the mean.
    TypeError
        If there is no model that whitens, or `pipeline` is of a wrong kind.

    References
    ----------
    .. [1] T. White, "Sampling generative networks", arXiv 1609.04468, 2016.

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.paths import slerp_path
    >>> model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    >>> slerp_path([[1.0, 0.0], [0.0, 2.0]], 3, model=model).points.round(3)
    array([[1.   , 0.   ],
           [0.707, 1.414],
           [0.   , 2.   ]])
    """
    space = find_space(model, pipeline, reference)
    return _whitened_path(space, space.points(X), n_points, turn, "slerp_path")


def matched_path(
    X: ArrayLike,
    n_points: int = 11,
    *,
    model: Any = None,
    pipeline: Any = None,
    reference: ArrayLike | None = None,
) -> LatentPath:
    r"""Path whose points have the distribution of its ends, between latent points or images.

    In the whitened coordinates of a `LatentGaussianModel`, the points
    :math:`((1-t) a + t b) / \sqrt{(1-t)^2 + t^2}` of two independent draws a and b are
    draws again: for a Gaussian this is distribution-matched interpolation [1]_, [2]_. The
    ends of a single path need to look like independent draws: between equal
    ones it leaves, by a factor of :math:`\sqrt 2` half-way, and comes back.

    What lies off the support of a model of lower rank is interpolated linearly.

    Parameters
    ----------
    X : array-like of shape (k, d), or images of shape (k, ...)
        Waypoints, two or more: latent points, or images where `pipeline` is given.
    n_points : int, default=11
        Points from each waypoint to the next, both among them; at least 2.
    model : LatentGaussianModel, default=None
        Fitted; whitens, and measures the path. None takes the density in which
        `pipeline` ends.
    pipeline : Pipeline or estimator, default=None
        As in `linear_path`.
    reference : array-like of shape (m, d), or images, default=None
        As in `linear_path`.

    Returns
    -------
    LatentPath
        A record as from `linear_path`.

    Raises
    ------
    ValueError
        As `linear_path`.
    TypeError
        If there is no model that whitens, or `pipeline` is of a wrong kind.

    References
    ----------
    .. [1] E. Agustsson, A. Sage, R. Timofte, L. Van Gool, "Optimal transport maps for
       distribution preserving operations on latent spaces of generative models",
       arXiv 1711.01970, 2017.
    .. [2] T. White, "Sampling generative networks", arXiv 1609.04468, 2016.

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.paths import matched_path
    >>> model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    >>> matched_path([[1.0, 0.0], [0.0, 2.0]], 3, model=model).mahalanobis_squared
    array([2., 2., 2.])
    """
    space = find_space(model, pipeline, reference)
    return _whitened_path(space, space.points(X), n_points, match, "matched_path")


def _whitened_path(
    space: LatentSpace, waypoints: FloatArray, n_points: int, join: Join, purpose: str
) -> LatentPath:
    """Join on the support of the model; what lies off it goes along linearly."""
    model = space.gaussian(purpose)

    def join_both(a: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
        ends = np.stack([a, b])
        white = np.asarray(model.transform(ends))
        off = ends - model.inverse_transform(white)
        return model.inverse_transform(join(white[0], white[1], t)) + interpolate(off[0], off[1], t)

    return _path(space, waypoints, n_points, join_both)


def _path(space: LatentSpace, waypoints: FloatArray, n_points: int, join: Join) -> LatentPath:
    n = check_number("n_points", n_points, low=2, integer=True)
    if len(waypoints) < 2:
        raise ValueError(f"X must hold two waypoints or more; got {len(waypoints)}.")
    t = np.linspace(0, 1, n)
    legs = [join(a, b, t)[:-1] for a, b in pairwise(waypoints)]
    points = np.concatenate([*legs, waypoints[-1:]])
    points[:: n - 1] = waypoints
    positions = np.linspace(0, len(waypoints) - 1, len(points))
    squared, percentile = space.measure(points)
    return LatentPath(points, positions, squared, percentile, space.pipeline)
