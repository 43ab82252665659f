"""The order of the examples in the gallery: from the first steps to the last."""

__all__ = ["EXAMPLES", "position"]

EXAMPLES = (
    "plot_quick_start.py",
    "plot_latent_space.py",
    "plot_samplers.py",
    "plot_classes.py",
    "plot_paths.py",
    "plot_denoising.py",
    "plot_recolouring.py",
    "plot_variational.py",
    "plot_latent_dimension.py",
    "plot_outliers.py",
    "plot_sklearn_pipelines.py",
    "plot_larger_than_memory.py",
)


def position(filename):
    """Return the place of an example; those not listed come last, by name."""
    place = EXAMPLES.index(filename) if filename in EXAMPLES else len(EXAMPLES)
    return place, filename
