"""How the number of latent components changes errors, samples and the chance of a hit."""

import numpy as np

from sklatent import ConvAutoencoder, LatentGaussianModel
from sklatent.samplers import BoxSampler, log_volume_ratio

from .cycles import find_cycles
from .sampling import judge_of
from .settings import NETWORKS
from .study import Step, Study
from .training import fit_whole

__all__ = ["STEPS"]

N_POINTS = 2000
BOX_STDS = 3.0


def one_dimension(study: Study, d: int) -> dict:
    """Train with d components on a part of the images; look at random points of a box."""
    s = study.settings
    images = study.train[: s.dimension_images]
    autoencoder = ConvAutoencoder(
        d,
        channels=s.channels,
        linear_path=False,
        mirror=True,
        max_epochs=s.dimension_epochs,
        early_stopping=False,
        random_state=s.seed,
    )
    fit_whole(autoencoder, images)
    latent, test = autoencoder.transform(images), autoencoder.transform(study.test)
    model, n = LatentGaussianModel().fit(latent), len(study.test)
    boundary = float(BOX_STDS * np.sqrt(np.mean(model.std_**2)))
    box = BoxSampler(boundary).fit(latent).sample(N_POINTS, random_state=s.seed)
    gaussian = model.sample(N_POINTS, random_state=s.seed)
    sets = {"box": box, "gaussian": gaussian}
    cycles = find_cycles(autoencoder, latent, test, study.test, sets)
    judge = judge_of(study)
    decode = autoencoder.inverse_transform
    return {
        "test_error": -autoencoder.score(study.test),
        "boundary": boundary,
        "log_ratio": log_volume_ratio(model.covariance_, boundary) if model.rank_ == d else -np.inf,
        **{
            name: cycles.rows[name] | judge.measure(decode(points[:n].astype(np.float32)))
            for name, points in sets.items()
        },
        "n_points": N_POINTS,
        "condition": float(np.linalg.cond(model.covariance_)),
    }


def volumes(study: Study, network: str) -> dict:
    """Volume of the region of latent points over that of boxes, for the first k components."""
    latent, _ = study.latent(network)
    model = LatentGaussianModel().fit(latent)
    order = model.dominant_components(latent.shape[1])
    sizes = [k for k in (1, 2, 4, 8, 16, 32, 64, 128, 256) if k <= latent.shape[1]]
    # Around the origin, as in the text, a box must reach as far as the points do.
    wide = float(np.quantile(np.abs(latent), 0.999))
    ratios = np.empty((len(sizes), len(study.settings.boundaries)))
    fitted = np.empty(len(sizes))
    for i, k in enumerate(sizes):
        block = model.covariance_[np.ix_(order[:k], order[:k])]
        fitted[i] = log_volume_ratio(block, wide)
        for j, boundary in enumerate(study.settings.boundaries):
            ratios[i, j] = log_volume_ratio(block, boundary)
    return {"sizes": sizes, "log_ratios": ratios, "fitted_boundary": wide, "fitted": fitted}


STEPS = [
    *(Step(f"volumes-{n}", lambda study, n=n: volumes(study, n)) for n in NETWORKS),
]


def dimension_steps(study: Study) -> list[Step]:
    """Return a step for each number of components that the settings name."""
    return [
        Step(f"dimension-{d}", lambda study, d=d: one_dimension(study, d))
        for d in study.settings.dimensions
    ]
