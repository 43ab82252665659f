"""Train the two autoencoders, epoch by epoch, and the network that features come from."""

import warnings

import numpy as np
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from tqdm import tqdm

from sklatent import ConvAutoencoder
from sklatent.metrics import EncoderFeatures, PixelFeatures

from .settings import NETWORKS
from .study import Step, Study, unit

__all__ = ["STEPS", "fit_whole", "rate_in"]

PEAK = 3e-3
WARM_UP = 0.15
FIRST_SHARE = 1 / 25


def rate_in(epoch: int, n_epochs: int) -> float:
    """Return the learning rate of an epoch: the one-cycle schedule of `fit` in steps."""
    progress = (epoch + 0.5) / n_epochs
    if progress < WARM_UP:
        return PEAK * (FIRST_SHARE + (1 - FIRST_SHARE) * progress / WARM_UP)
    return PEAK * (1 - progress) / (1 - WARM_UP)


def _interrupts():
    """Make an interrupt an error again, so that half a training is not taken for a whole."""
    warnings.simplefilter("error", ConvergenceWarning)


def fit_whole(autoencoder, images, targets=None):
    """Fit in one go; an interrupt is an error."""
    with warnings.catch_warnings():
        _interrupts()
        return autoencoder.fit(images, targets)


def train_by_epoch(study: Study, name: str, autoencoder, n_epochs: int) -> dict:
    """Train with a checkpoint after each epoch; random state and optimiser are part of it."""
    store, checkpoint = study.store, name
    errors: list[float] = []
    if store.has_model(checkpoint):
        autoencoder = store.load_model(checkpoint)
        errors = autoencoder.study_errors_
    bar = tqdm(total=n_epochs, initial=len(errors), desc=name, unit="epoch", leave=False)
    for epoch in range(len(errors), n_epochs):
        autoencoder.set_params(learning_rate=rate_in(epoch, n_epochs))
        with warnings.catch_warnings():
            _interrupts()
            autoencoder.partial_fit(study.train)
        errors.append(-autoencoder.score(study.test))
        autoencoder.study_errors_ = errors
        store.save_model(checkpoint, autoencoder)
        bar.update()
        bar.set_postfix(test=f"{errors[-1]:.5f}")
    bar.close()
    return {
        "test_error": np.array(errors),
        "train_loss": autoencoder.history_["train_loss"],
        "seconds": float(autoencoder.history_["duration"].sum()),
        "n_parameters": autoencoder.n_parameters_,
        "linear_path": bool(autoencoder.linear_path_),
    }


def train_network(study: Study, network: str) -> dict:
    s = study.settings
    autoencoder = ConvAutoencoder(
        s.latent_dim,
        channels=s.channels,
        linear_path=network == "linear",
        mirror=True,
        random_state=s.seed,
    )
    epochs = {"plain": s.epochs_plain, "linear": s.epochs_linear}[network]
    return train_by_epoch(study, network, autoencoder, epochs)


def encode(study: Study, network: str) -> dict:
    autoencoder = study.model(network)
    return {part: autoencoder.transform(getattr(study, part)) for part in ("train", "test")}


def fit_features(study: Study) -> dict:
    """Train the network that features come from: another width and seed."""
    s = study.settings
    autoencoder = ConvAutoencoder(
        min(64, s.latent_dim),
        channels=s.channels,
        linear_path=False,
        mirror=True,
        max_epochs=s.epochs_features,
        early_stopping=False,
        random_state=s.seed + 1,
    )
    with warnings.catch_warnings():
        _interrupts()
        features = EncoderFeatures(autoencoder).fit(study.train)
    pixels = PixelFeatures(min(64, s.latent_dim), random_state=s.seed).fit(study.train[:4000])
    study.store.save_model("features-encoder", features)
    study.store.save_model("features-pixels", pixels)
    return {
        "n_features": features.mean_.size,
        "test_error": -features.autoencoder_.score(study.test),
    }


def fit_pca(study: Study) -> dict:
    """Fit principal components of the pixels, up to the largest number that is compared."""
    s = study.settings
    most = min(max(*s.dimensions, s.latent_dim), len(study.train) - 1)
    pca = PCA(most, svd_solver="randomized", random_state=s.seed).fit(unit(study.train))
    study.store.save_model("pca", pca)
    rows = unit(study.test)
    scores = pca.transform(rows)
    total = np.square(rows - pca.mean_).mean()
    kept = np.cumsum(np.square(scores).sum(axis=0)) / rows.size
    return {"test_error": np.concatenate([[total], total - kept])}


STEPS = [
    *(Step(f"train-{n}", lambda study, n=n: train_network(study, n)) for n in NETWORKS),
    *(Step(f"latent-{n}", lambda study, n=n: encode(study, n)) for n in NETWORKS),
    Step("features", fit_features),
    Step("pca", fit_pca),
]
