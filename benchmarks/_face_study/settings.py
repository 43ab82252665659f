"""How large the study is."""

from dataclasses import dataclass

__all__ = ["NETWORKS", "QUICK", "Settings"]

# Convolutions alone, as in the two texts, and with a linear path that starts at PCA.
NETWORKS = ("plain", "linear")


@dataclass(frozen=True)
class Settings:
    """Sizes and seeds; results of other settings do not mix with these.

    Attributes
    ----------
    n_train, n_test : int or None
        Images that are used, at random; None takes all.
    latent_dim : int
        Latent components.
    channels : tuple of int
        Of every network.
    epochs_plain, epochs_linear, epochs_features, epochs_variational, epochs_restoring : int
        Passes of each kind of training.
    dimensions : tuple of int
        Numbers of components that are compared, each in `dimension_epochs` passes over
        `dimension_images` images.
    boundaries : tuple of float
        Half-lengths of boxes, in latent units.
    n_report : int
        Points that searches within the normality report look at.
    n_arithmetic : int
        Draws in simulations.
    n_paths : int
        Paths between pairs of people.
    seed : int
        Of everything.
    """

    n_train: int | None = None
    n_test: int | None = None
    latent_dim: int = 128
    channels: tuple[int, ...] = (32, 64, 128, 256)
    epochs_plain: int = 25
    epochs_linear: int = 12
    epochs_features: int = 6
    epochs_variational: int = 6
    epochs_restoring: int = 4
    dimensions: tuple[int, ...] = (16, 32, 64, 128, 256, 512)
    dimension_images: int = 5000
    dimension_epochs: int = 5
    boundaries: tuple[float, ...] = (0.5, 2.5, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0)
    n_report: int = 5000
    n_arithmetic: int = 1_000_000
    n_paths: int = 200
    seed: int = 0


QUICK = Settings(
    n_train=1500,
    n_test=400,
    latent_dim=24,
    channels=(8, 16, 32, 64),
    epochs_plain=6,
    epochs_linear=3,
    epochs_features=4,
    epochs_variational=4,
    epochs_restoring=3,
    dimensions=(4, 24),
    dimension_images=600,
    dimension_epochs=4,
    n_report=600,
    n_arithmetic=100_000,
    n_paths=20,
)
