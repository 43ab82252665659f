"""From latent points to images, through any estimator or pipeline."""

from sklearn.pipeline import Pipeline

from sklatent._pipeline.steps import decode_points, density_of

__all__ = ["decode", "density_of"]


def decode(decoder, points):
    """Return images of points as they come into the density at the end of a pipeline.

    Parameters
    ----------
    decoder : estimator
        Fitted, with `inverse_transform`. Of a pipeline that ends in a density, the steps
        before it.
    points : ndarray of shape (n, d)
        Latent points.

    Returns
    -------
    images : ndarray
        In the layout and units of the decoder.

    Raises
    ------
    TypeError
        If it, or a step of it, has no `inverse_transform`.
    """
    if isinstance(decoder, Pipeline):
        return decode_points(decoder, points)
    if isinstance(decoder, type) or not hasattr(decoder, "inverse_transform"):
        raise TypeError(f"The decoder must have inverse_transform; got {decoder!r}.")
    return decoder.inverse_transform(points)
