"""What paths and grids return: points, where they lie, and the images that they stand for."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sklatent._pipeline.steps import decode_points
from sklatent._tables import TabularRecord, count, decimals_for, format_numbers, format_table
from sklatent._typing import AnyArray, FloatArray, IntArray

__all__ = ["LatentGrid", "LatentPath"]

SHOWN = 20


def _decoded(points: FloatArray, pipeline: Any) -> AnyArray:
    if pipeline is None:
        raise ValueError(
            "pipeline must be given, here or to the function that made the points: latent points "
            "alone make no images."
        )
    images = decode_points(pipeline, points.reshape(-1, points.shape[-1]))
    return images.reshape(points.shape[:-1] + images.shape[1:])


@dataclass(frozen=True, eq=False, repr=False)
class LatentPath(TabularRecord):
    """A path of n points through latent space.

    Attributes
    ----------
    points : ndarray of shape (n, d)
        Points as they come into the density, in latent units.
    positions : ndarray of shape (n,)
        From 0 at the first waypoint to k - 1 at the last of k; whole numbers are waypoints.
    mahalanobis_squared : ndarray of shape (n,) or None
        Squared Mahalanobis distances to the model's mean; None without such a model. Its own
        points have d on average.
    density_percentile : ndarray of shape (n,) or None
        Percentage, in [0, 100], of the model's distribution, or of the reference points, where
        the density is no higher. 50 is usual; near 0 a path has left the region, and at 100 it
        is nearer to the middle than the points themselves are. None where it is not known.
    pipeline : Pipeline, estimator or None
        What `decode` takes by itself.

    See Also
    --------
    linear_path, slerp_path, matched_path : Make this record.
    """

    points: FloatArray
    positions: FloatArray
    mahalanobis_squared: FloatArray | None = None
    density_percentile: FloatArray | None = None
    pipeline: Any = None

    def decode(self, pipeline: Any = None) -> AnyArray:
        """Return the images along the path.

        Parameters
        ----------
        pipeline : Pipeline or estimator, default=None
            Fitted; a pipeline that ends in a density or not, or an autoencoder. None takes
            the one that the path was made with.

        Returns
        -------
        images : ndarray of shape (n, ...)
            In the layout and units that `fit` saw.

        Raises
        ------
        ValueError
            If there is no pipeline.
        TypeError
            If it is none, or a step has no `inverse_transform`.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.decomposition import PCA
        >>> from sklatent.paths import linear_path
        >>> pca = PCA(8, random_state=0).fit(load_digits().data)
        >>> linear_path(pca.transform(load_digits().data[:2]), 5).decode(pca).shape
        (5, 64)
        """
        return _decoded(self.points, self.pipeline if pipeline is None else pipeline)

    def to_dict(self) -> dict[str, FloatArray]:
        """Return the numbers along the path by name.

        Returns
        -------
        dict of str to ndarray of shape (n,)
            "position", and, where known, "mahalanobis_squared" and "density_percentile".

        Examples
        --------
        >>> from sklatent.paths import linear_path
        >>> linear_path([[0.0, 0.0], [1.0, 2.0]], 3).to_dict()
        {'position': array([0. , 0.5, 1. ])}
        """
        columns = {
            "position": self.positions,
            "mahalanobis_squared": self.mahalanobis_squared,
            "density_percentile": self.density_percentile,
        }
        return {name: values for name, values in columns.items() if values is not None}

    def _labels(self) -> tuple[IntArray, str]:
        return np.arange(len(self.points)), "point"

    def __repr__(self) -> str:
        n, d = self.points.shape
        title = f"path of {count(n, 'point')} with {count(d, 'component')}"
        if n > SHOWN:
            title += f"; the first {SHOWN} are shown, {n - SHOWN:,} are left out"
        heads = {
            "position": ("position", 3),
            "mahalanobis_squared": ("Mahalanobis squared", None),
            "density_percentile": ("density percentile", 1),
        }
        columns = {}
        for name, values in self.to_dict().items():
            head, decimals = heads[name]
            columns[head] = format_numbers(
                values[:SHOWN], decimals_for(values) if decimals is None else decimals
            )
        return f"{title}\n\n{format_table(columns)}"


@dataclass(frozen=True, eq=False, repr=False)
class LatentGrid:
    """Points of latent space in r rows and c columns.

    Attributes
    ----------
    points : ndarray of shape (r, c, d)
        Points as they come into the density, in latent units.
    rows : ndarray of shape (r,)
        What a row is: a position along the second axis of a plane, from negative to
        positive; what an axis traversal moves; the index of a point that is moved.
    columns : ndarray of shape (c,)
        Positions along the first axis, or along what a row moves.
    mahalanobis_squared : ndarray of shape (r, c) or None
        As in `LatentPath`.
    density_percentile : ndarray of shape (r, c) or None
        As in `LatentPath`.
    pipeline : Pipeline, estimator or None
        What `decode` takes by itself.

    See Also
    --------
    axis_traversal, plane_grid, move_along : Make this record.
    """

    points: FloatArray
    rows: AnyArray
    columns: FloatArray
    mahalanobis_squared: FloatArray | None = None
    density_percentile: FloatArray | None = None
    pipeline: Any = None

    def decode(self, pipeline: Any = None) -> AnyArray:
        """Return the images of the grid.

        Parameters
        ----------
        pipeline : Pipeline or estimator, default=None
            As in `LatentPath.decode`.

        Returns
        -------
        images : ndarray of shape (r, c, ...)
            In the layout and units that `fit` saw.

        Raises
        ------
        ValueError
            If there is no pipeline.
        TypeError
            If it is none, or a step has no `inverse_transform`.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.decomposition import PCA
        >>> from sklatent import LatentPipeline, LatentGaussianModel
        >>> from sklatent.paths import plane_grid
        >>> steps = [("pca", PCA(8)), ("density", LatentGaussianModel())]
        >>> pipeline = LatentPipeline(steps).fit(load_digits().data)
        >>> plane_grid(n_points=5, pipeline=pipeline).decode().shape
        (5, 5, 64)
        """
        return _decoded(self.points, self.pipeline if pipeline is None else pipeline)

    def __repr__(self) -> str:
        r, c, d = self.points.shape
        size = f"{count(r, 'row')} and {count(c, 'column')} of points"
        return f"grid with {size} with {count(d, 'component')}"
