"""From latent points to images, through any estimator or pipeline."""

from sklearn.pipeline import Pipeline

__all__ = ["decode", "density_of"]


def density_of(estimator):
    """Return the last step of a pipeline that ends in a density, else None."""
    if isinstance(estimator, Pipeline) and hasattr(estimator.steps[-1][1], "sample"):
        return estimator.steps[-1][1]
    return None


def decode(estimator, points):
    """Return images of points as they come into the density at the end of a pipeline.

    Parameters
    ----------
    estimator : estimator
        Fitted, with `inverse_transform`. Of a pipeline that ends in a density, the steps
        before it.
    points : ndarray of shape (n, d)
        Latent points.

    Returns
    -------
    images : ndarray
        In the layout and units of the estimator.

    Raises
    ------
    TypeError
        If it has no `inverse_transform`.
    """
    if density_of(estimator) is not None:
        estimator = Pipeline(estimator.steps[:-1])
    if not hasattr(estimator, "inverse_transform"):
        raise TypeError(f"The decoder must have inverse_transform; got {estimator!r}.")
    return estimator.inverse_transform(points)
