"""Between images and the points that a density lies behind: the steps of a pipeline, both ways."""

from sklearn.pipeline import Pipeline

__all__ = [
    "back_through",
    "check_steps_back",
    "decode_points",
    "density_of",
    "encode_images",
    "image_steps",
    "is_density",
    "through",
]


def is_density(step) -> bool:
    """Return whether a step of a pipeline draws points."""
    return hasattr(step, "sample") and not isinstance(step, type)


def through(steps, X):
    """Take images through named steps."""
    for _, step in steps:
        if step is not None and step != "passthrough":
            X = step.transform(X)
    return X


def check_steps_back(steps) -> None:
    """Raise a TypeError that names a step without `inverse_transform`."""
    for name, step in steps:
        if step is not None and step != "passthrough" and not hasattr(step, "inverse_transform"):
            raise TypeError(
                "Every step of pipeline before the density must have inverse_transform; "
                f"{name!r} is a {type(step).__name__} without it."
            )


def back_through(steps, points):
    """Take points back through named steps, the last one first.

    Raises a TypeError that names a step without `inverse_transform`.
    """
    check_steps_back(steps)
    for _, step in reversed(steps):
        if step is not None and step != "passthrough":
            points = step.inverse_transform(points)
    return points


def image_steps(pipeline) -> list:
    """Return the named steps between images and latent points.

    They are those before the density of a pipeline, all of a pipeline without one, and an
    autoencoder itself. Raises a TypeError for anything else.
    """
    if isinstance(pipeline, Pipeline):
        return pipeline.steps[:-1] if is_density(pipeline.steps[-1][1]) else pipeline.steps
    can = all(hasattr(pipeline, name) for name in ("transform", "inverse_transform"))
    if not can or is_density(pipeline) or isinstance(pipeline, type):
        raise TypeError(
            "pipeline must be a scikit-learn Pipeline, or an autoencoder with transform and "
            f"inverse_transform; got {pipeline!r}."
        )
    return [(type(pipeline).__name__.lower(), pipeline)]


def density_of(pipeline):
    """Return the density in which a pipeline ends, or None."""
    last = pipeline.steps[-1][1] if isinstance(pipeline, Pipeline) else None
    return last if is_density(last) else None


def encode_images(pipeline, images):
    """Return images as points that come into the density of a pipeline."""
    return through(image_steps(pipeline), images)


def decode_points(pipeline, points):
    """Return the images of points that come into the density of a pipeline."""
    return back_through(image_steps(pipeline), points)
