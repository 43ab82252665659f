"""Moves along axes of latent space, in units of sigma: traversals, planes and directions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._images.format import as_image_array
from sklatent._typing import AnyArray, ArrayLike, FloatArray, IntArray
from sklatent._validation import as_numeric_array, check_bool, check_choice, check_number

from ._detail import check_gives_back
from ._records import LatentGrid
from ._space import LatentSpace, find_space

__all__ = ["axis_traversal", "move_along", "plane_grid"]

Axis: TypeAlias = int | Sequence[int] | Sequence[float] | AnyArray
Basis: TypeAlias = Literal["components", "principal"]


def axis_traversal(
    center: ArrayLike | None = None,
    axes: Sequence[Axis] | AnyArray | None = None,
    *,
    extent: float = 3.0,
    n_points: int = 7,
    basis: Basis = "components",
    model: Any = None,
    pipeline: Any = None,
    reference: ArrayLike | None = None,
) -> LatentGrid:
    """Move a latent point, or an image, along one axis after the other.

    Each row of the grid moves the centre along one axis, from `-extent` to `extent` times the
    standard deviation along it.

    Parameters
    ----------
    center : array-like of shape (d,), or one image, default=None
        Where the axes cross: a latent point, or an image where `pipeline` is given, both
        without a leading axis for samples. None takes the model's mean.
    axes : sequence, default=None
        What each row moves: the index of a component, a sequence of indices of a block of
        components that are moved together, each by its own standard deviation, or a direction
        as an array of d floats. None takes each component, or principal axis, by itself.
    extent : float, default=3.0
        Largest distance from the centre, above 0, in units of sigma.
    n_points : int, default=7
        Points of a row, at least 2; with an odd number the centre is among them.
    basis : {"components", "principal"}, default="components"
        Whether indices count latent components, of which the others stay where they are, or
        the axes along which the model whitens: principal components of standardised latent
        components, the one of largest variance first.
    model : LatentGaussianModel, default=None
        Fitted; gives standard deviations and principal axes, and measures the points. None
        takes the density in which `pipeline` ends.
    pipeline : Pipeline or estimator, default=None
        Fitted; makes points of images and images of points. A pipeline with or without a
        density as its last step, or an autoencoder. Points are those that come into the
        density.
    reference : array-like of shape (m, d), or images, default=None
        Points among whose densities those of the grid are ranked; images where `pipeline` is
        given. None takes the closed form for a `LatentGaussianModel`.

    Returns
    -------
    LatentGrid
        A record of r rows, one for each axis, and c columns: `points` (r, c, d); `rows` (r,),
        the axes; `columns` (c,), positions in units of sigma; `mahalanobis_squared` and
        `density_percentile` (r, c), as along a path, or None where they are not known. Its
        `decode()` gives images (r, c, ...).

    Raises
    ------
    ValueError
        If an axis does not exist or does not vary, or another parameter is out of bounds.
    TypeError
        If there is no `LatentGaussianModel`, or a parameter is of a wrong kind.

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.paths import axis_traversal
    >>> model = LatentGaussianModel().fit([[1.0, 1.0], [-1.0, 1.0], [1.0, -3.0], [-1.0, -3.0]])
    >>> grid = axis_traversal(axes=[0, 1, (0, 1)], n_points=3, extent=2, model=model)
    >>> grid.points[2]
    array([[-2., -5.],
           [ 0., -1.],
           [ 2.,  3.]])
    >>> grid.mahalanobis_squared
    array([[4., 0., 4.],
           [4., 0., 4.],
           [8., 0., 8.]])
    """
    space = find_space(model, pipeline, reference)
    fitted = space.gaussian("axis_traversal")
    origin = space.center(center)
    if axes is None:
        axes = _all_axes(fitted, basis)
    moves = np.array([find_move(fitted, axis, basis) for axis in _as_sequence(axes)])
    steps = _steps(extent, n_points)
    points = origin + steps[None, :, None] * moves[:, None, :]
    return _grid(space, points, _labels(axes), steps)


def plane_grid(
    center: ArrayLike | None = None,
    axes: Sequence[Axis] | AnyArray = (0, 1),
    *,
    extent: float = 3.0,
    n_points: int = 7,
    basis: Basis = "components",
    model: Any = None,
    pipeline: Any = None,
    reference: ArrayLike | None = None,
) -> LatentGrid:
    """Points of a plane through a latent point, or an image.

    Parameters
    ----------
    center : array-like of shape (d,), or one image, default=None
        Middle of the grid, as in `axis_traversal`.
    axes : sequence of two axes, default=(0, 1)
        What columns move, and what rows move: each the index of a component, a sequence of
        indices of a block, or a direction of d floats, as in `axis_traversal`.
    extent : float, default=3.0
        Largest distance from the centre along each axis, above 0, in units of sigma.
    n_points : int, default=7
        Number of rows and of columns, at least 2.
    basis : {"components", "principal"}, default="components"
        What indices count, as in `axis_traversal`.
    model : LatentGaussianModel, default=None
        As in `axis_traversal`.
    pipeline : Pipeline or estimator, default=None
        As in `axis_traversal`.
    reference : array-like of shape (m, d), or images, default=None
        As in `axis_traversal`.

    Returns
    -------
    LatentGrid
        A record as from `axis_traversal`, with positions as `rows` and `columns`. The first
        row is at `-extent` along the second axis: draw it at the bottom to have that axis upwards.

    Raises
    ------
    ValueError
        If `axes` are not two different ones, or otherwise as `axis_traversal`.
    TypeError
        If there is no `LatentGaussianModel`, or a parameter is of a wrong kind.

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.paths import plane_grid
    >>> model = LatentGaussianModel().fit([[1.0, 1.0], [-1.0, 1.0], [1.0, -3.0], [-1.0, -3.0]])
    >>> plane_grid([0.5, 0.0], n_points=3, extent=1, model=model).points[0]
    array([[-0.5, -2. ],
           [ 0.5, -2. ],
           [ 1.5, -2. ]])
    """
    space = find_space(model, pipeline, reference)
    fitted = space.gaussian("plane_grid")
    origin = space.center(center)
    both = _as_sequence(axes)
    if len(both) != 2:
        raise ValueError(f"axes must be two; got {len(both)}.")
    across, up = (find_move(fitted, axis, basis) for axis in both)
    if np.linalg.matrix_rank(np.stack([across, up]) / fitted.std_.max()) < 2:
        raise ValueError(f"axes must span a plane; got two of one direction, {axes!r}.")
    steps = _steps(extent, n_points)
    points = origin + steps[None, :, None] * across + steps[:, None, None] * up
    return _grid(space, points, steps, steps)


def move_along(
    X: ArrayLike,
    direction: ArrayLike,
    distances: ArrayLike = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0),
    *,
    unit: Literal["sigma", "direction"] = "sigma",
    keep_detail: bool = False,
    model: Any = None,
    pipeline: Any = None,
    reference: ArrayLike | None = None,
) -> LatentGrid:
    r"""Move latent points, or images, along a direction, such as that of an attribute.

    Parameters
    ----------
    X : array-like of shape (k, d), or images of shape (k, ...)
        Latent points, or images where `pipeline` is given.
    direction : array-like of shape (d,)
        Direction in latent units, not all 0; see `attribute_direction`.
    distances : array-like of shape (c,), default=(-3, -2, -1, 0, 1, 2, 3)
        How far each point is moved, in `unit`.
    unit : {"sigma", "direction"}, default="sigma"
        Standard deviation of the model along the direction, or length of `direction`: one
        such length along an attribute's direction leads from points without it to those with it.
    keep_detail : bool, default=False
        Whether images are to keep what the decoder cannot draw. An image x with point z, moved
        by t along v, then is :math:`x + D(z + t v) - D(z)`, with values cut off at those that
        stand for 0 and 1, and at distance 0 it is x itself; else it is the decoder's image
        :math:`D(z + t v)`. Needs `pipeline` and images as X. What the decoder draws at another
        place than the image has it stays to be seen there, faintly, as a ghost.
    model : LatentGaussianModel, default=None
        Fitted; gives sigma, and measures the points. None takes the density in which
        `pipeline` ends. With ``unit="direction"`` it may be any density, or missing.
    pipeline : Pipeline or estimator, default=None
        As in `axis_traversal`.
    reference : array-like of shape (m, d), or images, default=None
        As in `axis_traversal`.

    Returns
    -------
    LatentGrid
        A record as from `axis_traversal`, with one row for each point; `columns` are `distances`.
        With `keep_detail` it holds a copy of X too, as `originals`, in its own dtype.

    Raises
    ------
    ValueError
        If `direction` has another length than the points or is 0, if `keep_detail` is True
        without `pipeline`, or with one that was trained to make images of another shape or in
        other units, or other parameters are out of bounds.
    TypeError
        If sigma is asked for without a `LatentGaussianModel`, or a parameter is of a wrong kind.

    Examples
    --------
    >>> from sklatent import LatentGaussianModel
    >>> from sklatent.paths import move_along
    >>> model = LatentGaussianModel().fit([[1.0, 1.0], [-1.0, 1.0], [1.0, -3.0], [-1.0, -3.0]])
    >>> move_along([[0.5, 0.0]], [0.0, 5.0], [-1, 0, 1], model=model).points
    array([[[ 0.5, -2. ],
            [ 0.5,  0. ],
            [ 0.5,  2. ]]])

    An edit that leaves a photograph as sharp as it is:

    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklatent import make_latent_pipeline
    >>> images = load_digits().data
    >>> pipeline = make_latent_pipeline(PCA(4), LatentGaussianModel()).fit(images)
    >>> ahead = [1.0, 0.0, 0.0, 0.0]
    >>> edited = move_along(images[:2], ahead, [0, 1], keep_detail=True, pipeline=pipeline)
    >>> np.array_equal(edited.decode()[:, 0], images[:2])
    True
    """
    space = find_space(model, pipeline, reference)
    points = space.points(X)
    originals = _originals(X, keep_detail, pipeline)
    check_choice("unit", unit, ("sigma", "direction"))
    move = _check_direction(direction, points.shape[1], "direction")
    if unit == "sigma":
        move = _one_sigma(space.gaussian('move_along with unit="sigma"'), move, "direction")
    steps = as_numeric_array(distances, "distances", "numbers of shape (c,)").astype(np.float64)
    if steps.ndim != 1 or len(steps) == 0 or not np.isfinite(steps).all():
        raise ValueError(f"distances must be finite numbers of shape (c,); got {distances!r}.")
    moved = points[:, None, :] + steps[None, :, None] * move
    grid = _grid(space, moved, np.arange(len(points)), steps)
    return grid if originals is None else replace(grid, originals=originals, origins=points)


def _originals(X: ArrayLike, keep_detail: bool, pipeline: Any) -> AnyArray | None:
    """Return a copy of images whose detail is to be kept, or None."""
    if not check_bool("keep_detail", keep_detail):
        return None
    if pipeline is None:
        raise ValueError(
            "keep_detail must be False without pipeline, where X holds latent points; got True. "
            "With pipeline, X holds the images whose detail is kept."
        )
    check_gives_back(pipeline)
    return as_image_array(X).copy()


def find_move(model: LatentGaussianModel, axis: Axis, basis: Basis = "components") -> FloatArray:
    r"""Return the move (d,) of one sigma along an axis, in latent units.

    That of a block is the sum of those of its components; along a direction v it is v times
    :math:`\sqrt{v^T \Sigma v} / v^T v`, the standard deviation of projections on it.
    """
    check_choice("basis", basis, get_args(Basis))
    chosen = as_numeric_array(axis, "axes", "indices, blocks of indices, or directions")
    if chosen.dtype.kind == "f" and chosen.ndim == 1:
        direction = _check_direction(axis, len(model.mean_), "a direction of axes")
        return _one_sigma(model, direction, "a direction of axes")
    if chosen.dtype.kind not in "iu" or chosen.ndim > 1 or chosen.size == 0:
        raise TypeError(
            "axes must hold indices, sequences of indices, or arrays of floats of shape (d,); "
            f"got {axis!r}."
        )
    block = np.atleast_1d(chosen)
    n_axes = len(model.mean_) if basis == "components" else model.rank_
    if block.min() < 0 or block.max() >= n_axes or len(np.unique(block)) < len(block):
        raise ValueError(
            f"axes must hold different indices from 0 to {n_axes - 1}, of {basis}, or directions "
            f"as arrays of floats; got {axis!r}."
        )
    if basis == "principal":
        white = np.zeros((1, model.rank_))
        white[0, block] = 1.0
        return model.inverse_transform(white)[0] - model.mean_
    move = np.zeros(len(model.mean_))
    move[block] = model.std_[block]
    if not move[block].all():
        raise ValueError(f"axes must be components that vary; got {axis!r}.")
    return move


def _one_sigma(model: LatentGaussianModel, direction: FloatArray, name: str) -> FloatArray:
    unit = np.ldexp(direction, -int(np.frexp(np.abs(direction).max())[1]))
    unit /= np.linalg.norm(unit)
    variance = unit @ model.covariance_ @ unit
    if variance <= 0:
        raise ValueError(f"{name} must be one along which the model varies; got {direction!r}.")
    return np.sqrt(variance) * unit


def _check_direction(direction: Any, d: int, name: str) -> FloatArray:
    array = as_numeric_array(direction, name, "finite numbers of shape (d,)").astype(np.float64)
    if array.shape != (d,) or not np.isfinite(array).all() or not array.any():
        raise ValueError(
            f"{name} must hold {d} finite numbers, not all 0; got shape {array.shape}"
            f"{'' if array.shape != (d,) else f', {array}'}."
        )
    return array


def _all_axes(model: LatentGaussianModel, basis: Basis) -> IntArray:
    check_choice("basis", basis, get_args(Basis))
    return np.flatnonzero(model.std_) if basis == "components" else np.arange(model.rank_)


def _as_sequence(axes: Any) -> list[Any]:
    try:
        found = list(axes)
    except TypeError as error:
        raise TypeError(f"axes must be a sequence of axes; got {axes!r}.") from error
    if not found:
        raise ValueError("axes must hold at least one axis; got none.")
    return found


def _labels(axes: Any) -> AnyArray:
    labels = np.empty(len(axes), dtype=object)
    labels[:] = [axis if np.ndim(axis) == 0 else tuple(np.asarray(axis).tolist()) for axis in axes]
    return labels


def _steps(extent: float, n_points: int) -> FloatArray:
    extent = check_number("extent", extent, low=0, open_low=True, open_high=True)
    return np.linspace(-extent, extent, check_number("n_points", n_points, low=2, integer=True))


def _grid(
    space: LatentSpace, points: FloatArray, rows: AnyArray, columns: FloatArray
) -> LatentGrid:
    squared, percentile = space.measure(points)
    return LatentGrid(points, rows, columns, squared, percentile, space.pipeline)
