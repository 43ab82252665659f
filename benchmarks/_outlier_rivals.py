"""Detectors of others, for `outliers.py`: of scikit-learn, and of pyod where it is installed."""

import time

from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor

from sklatent import ImageOutlierDetector

__all__ = ["pyod_detectors", "rivals"]

_PRINCIPAL = 64


def pyod_detectors(which):
    """Return functions of two encoders that make pyod's detectors; none without pyod.

    Its detectors of embeddings get our encoder, and principal components: the encoders that it
    names are networks to download.
    """
    if which == "none":
        return {}
    try:
        from pyod.models.auto_encoder import AutoEncoder
        from pyod.models.embedding import EmbeddingOD
    except ImportError:
        return {}
    made = {
        "pyod AutoEncoder": lambda ours, principal: AutoEncoder(random_state=0, verbose=0),
    }
    for name in ("KNN", "LOF", "LUNAR") if which == "all" else ("KNN", "LOF"):
        made[f"pyod EmbeddingOD, {name}, PCA"] = lambda ours, principal, name=name: EmbeddingOD(
            principal, name, random_state=0
        )
        made[f"pyod EmbeddingOD, {name}, our encoder"] = lambda ours, principal, name=name: (
            EmbeddingOD(ours, name, random_state=0)
        )
    return made


def rivals(autoencoder, train, test, which):
    """Yield name, outlier scores and seconds for each method of others."""
    rows, test_rows = (images.reshape(len(images), -1) / 255.0 for images in (train, test))
    latent_dim = autoencoder.latent_dim
    detectors = {
        "PCA, reconstruction": ImageOutlierDetector(
            PCA(latent_dim, random_state=0), method="reconstruction"
        ),
        "PCA, both": ImageOutlierDetector(PCA(latent_dim, random_state=0), method="both"),
        "IsolationForest": IsolationForest(random_state=0),
        "LocalOutlierFactor": LocalOutlierFactor(novelty=True, algorithm="brute"),
    }
    if train.ndim == 3:
        # Its complexity is that of images, which rows of colour pixels do not tell.
        detectors["PCA, all"] = ImageOutlierDetector(PCA(latent_dim, random_state=0))
    for name, detector in detectors.items():
        start = time.process_time()
        scores = -detector.fit(rows).score_samples(test_rows)
        yield name, scores, time.process_time() - start

    images_of = {id(rows): train, id(test_rows): test}

    def encoder(X):
        return autoencoder.transform(images_of[id(X)])

    for name, make in pyod_detectors(which).items():
        start = time.process_time()
        principal = PCA(_PRINCIPAL, random_state=0).fit(rows).transform
        detector = make(encoder, principal).fit(rows)
        scores = detector.decision_function(test_rows)
        yield name, scores, time.process_time() - start
