"""From images to new images, through training, density and sampling."""

import numpy as np
import pytest
from scipy import linalg
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from sklatent import ConvAutoencoder, LatentGaussianModel, make_latent_pipeline
from sklatent.datasets import fetch_fashion_mnist


def squared_error(first, second, scale):
    return np.square((np.asarray(first, float) - np.asarray(second, float)) / scale).mean()


def frechet(first, second):
    a, b = np.cov(first.T), np.cov(second.T)
    root = linalg.sqrtm(a).real
    cross = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    return np.square(first.mean(0) - second.mean(0)).sum() + np.trace(a + b) - 2 * cross


def test_draws_from_the_prior_are_sensible_at_weight_one(rng):
    """Frechet distances from real images, in ten principal components of their pixels."""
    images = rng.permutation(load_digits().images)
    train, test = images[:1200], images[1200:]
    pca = PCA(10, random_state=0).fit(train.reshape(-1, 64) / 16)
    recipe = {"channels": (16, 32), "max_epochs": 15, "batch_size": 32, "learning_rate": 0.01}
    recipe["early_stopping"] = False
    distances = {}
    for weight in (1e-6, 1.0):
        autoencoder = ConvAutoencoder(8, kl_weight=weight, **recipe, random_state=0).fit(train)
        pipeline = make_latent_pipeline(autoencoder, LatentGaussianModel())
        pipeline.fit_density(latent=autoencoder.posterior(train).sample(random_state=0))
        drawn = {
            "prior": autoencoder.inverse_transform(rng.standard_normal((1000, 8))),
            "fitted": pipeline.sample(1000, random_state=0),
        }
        for name, new in drawn.items():
            features = (pca.transform(x.reshape(-1, 64) / 16) for x in (new, test))
            distances[weight, name] = frechet(*features)
    assert distances[1.0, "prior"] < 0.25 * distances[1e-6, "prior"]
    assert distances[1.0, "prior"] < 0.25 * np.var(test / 16, axis=0).sum()
    # The prior describes the points as well as a Gaussian fitted to them, or nearly.
    assert distances[1.0, "prior"] < 1.5 * distances[1.0, "fitted"]
    assert distances[1e-6, "prior"] > 10 * distances[1e-6, "fitted"]


@pytest.mark.parametrize("weight", [1e-6, 1e-3, 1.0, 4.0])
def test_variational_training_is_stable(data_folder, weight):
    path = data_folder / "fashion_mnist.npz"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    images = fetch_fashion_mnist(data_home=data_folder).images[:2000]
    recipe = {"channels": (8, 16), "max_epochs": 2, "batch_size": 32, "random_state": 0}
    recipe["early_stopping"] = False
    autoencoder = ConvAutoencoder(8, kl_weight=weight, **recipe).fit(images)
    losses = autoencoder.history_["train_loss"]
    assert losses[1] < losses[0]
    assert -autoencoder.score(images) < squared_error(images, images.mean(axis=0), 255)
    assert np.isfinite(autoencoder.posterior_report(images).kl).all()


def test_fashion(data_folder):
    path = data_folder / "fashion_mnist.npz"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    images = fetch_fashion_mnist(data_home=data_folder).images[:2500]
    train, test = images[:2000], images[2000:]
    autoencoder = ConvAutoencoder(
        8,
        channels=(8, 16, 32),
        max_epochs=3,
        batch_size=32,
        learning_rate=5e-3,
        early_stopping=False,
        random_state=0,
    )
    pipeline = make_latent_pipeline(autoencoder, LatentGaussianModel()).fit(train)
    of_mean_image = squared_error(test, train.mean(axis=0), 255)
    assert -pipeline.score(test) < 0.5 * of_mean_image
    new = pipeline.sample(100, random_state=0)
    assert (new.dtype, new.shape) == (np.uint8, (100, *images.shape[1:]))
    # New images are as dark and as varied as real ones, to within a third.
    assert new.mean() == pytest.approx(test.mean(), rel=1 / 3)
    assert new.std() == pytest.approx(test.std(), rel=1 / 3)
