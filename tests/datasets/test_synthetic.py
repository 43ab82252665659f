"""Images of known latents."""

import numpy as np
import pytest
from scipy.special import logit

from sklatent.datasets import make_gaussian_images


@pytest.mark.parametrize(
    ("image_shape", "latent_dim"),
    [((16, 16), 4), ((9, 5), 45), ((8, 12, 3), 20), ((1, 2, 3), 6), ((1, 1), 1)],
)
def test_gaussian_images_give_back_their_latents(image_shape, latent_dim):
    data = make_gaussian_images(30, image_shape, latent_dim, random_state=0)
    assert data.images.shape == (30, *image_shape)
    assert data.images.dtype == np.float32
    assert 0 < data.images.min() < data.images.max() < 1
    patterns = data.patterns.reshape(latent_dim, -1)
    # Orthogonal with mean square 1 / latent_dim: an injective map of condition 1.
    gram = patterns @ patterns.T * latent_dim / patterns.shape[1]
    np.testing.assert_allclose(gram, np.eye(latent_dim), atol=1e-12)
    logits = data.latent @ patterns
    np.testing.assert_allclose(np.linalg.lstsq(patterns.T, logits.T)[0].T, data.latent, atol=1e-12)
    # Rounding x to float32 changes it by 2**-24 * x at most, so its logit by 2**-24 / (1 - x), and
    # the least squares by at most sqrt(latent_dim) times that, as the patterns are orthogonal.
    images = data.images.reshape(30, -1).astype(np.float64)
    bound = np.sqrt(latent_dim) * 2.0**-24 / (1 - images.max())
    latent = np.linalg.lstsq(patterns.T, logit(images).T)[0].T
    np.testing.assert_allclose(latent, data.latent, rtol=0, atol=bound)


def test_gaussian_latents_have_the_given_moments():
    mean, covariance = [1.0, -2.0], [[2.0, 0.6], [0.6, 0.5]]
    n_samples = 20000
    data = make_gaussian_images(
        n_samples, (2, 2), 2, mean=mean, covariance=covariance, random_state=0
    )
    np.testing.assert_array_equal(data.mean, mean)
    np.testing.assert_array_equal(data.covariance, covariance)
    # Five standard errors: variance / n of a mean, 2 variance**2 / n at most of a covariance.
    np.testing.assert_allclose(data.latent.mean(axis=0), mean, atol=5 * np.sqrt(2 / n_samples))
    np.testing.assert_allclose(
        np.cov(data.latent.T), covariance, atol=5 * np.sqrt(2 * 2**2 / n_samples)
    )


def test_random_covariance_is_well_conditioned_with_correlations():
    covariance = make_gaussian_images(1, latent_dim=6, random_state=3).covariance
    np.testing.assert_allclose(np.linalg.eigvalsh(covariance)[[0, -1]], (0.25, 2.0))
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() > 0.1


def test_singular_covariance_is_allowed():
    data = make_gaussian_images(20, latent_dim=2, covariance=np.ones((2, 2)), random_state=0)
    centred = data.latent - data.mean
    np.testing.assert_allclose(centred[:, 0], centred[:, 1], atol=1e-7)


def test_gaussian_images_are_seeded():
    first, again = (make_gaussian_images(5, random_state=7) for _ in range(2))
    np.testing.assert_array_equal(first.images, again.images)
    longer = make_gaussian_images(9, random_state=7)
    np.testing.assert_array_equal(first.mean, longer.mean)
    np.testing.assert_array_equal(first.covariance, longer.covariance)
    assert not np.array_equal(make_gaussian_images(5).latent, make_gaussian_images(5).latent)


def test_given_moments_are_copied():
    mean = np.zeros(4)
    data = make_gaussian_images(2, mean=mean, random_state=0)
    data.mean += 1
    np.testing.assert_array_equal(mean, 0)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_samples": 0}, ValueError, "n_samples must be an integer of at least 1; got 0"),
        ({"n_samples": 2.0}, TypeError, "n_samples must be an integer; got 2.0"),
        ({"image_shape": 16}, TypeError, r"image_shape must be \(H, W\) or .* got 16"),
        ({"image_shape": (16,)}, ValueError, r"image_shape must be \(H, W\) or .* got \(16,\)"),
        (
            {"image_shape": (16, 0)},
            ValueError,
            r"image_shape\[1\] must be an integer of at least 1; got 0",
        ),
        ({"image_shape": (16, "a")}, TypeError, r"image_shape\[1\] must be an integer; got 'a'"),
        ({"latent_dim": 257}, ValueError, r"latent_dim must be an integer in \[1, 256\]; got 257"),
        ({"mean": [0.0]}, ValueError, r"mean must have shape \(4,\); got \(1,\)"),
        ({"mean": "abc"}, TypeError, "mean must hold numbers; got dtype <U3"),
        ({"mean": [0, 0, 0, np.nan]}, ValueError, "mean must be finite"),
        ({"covariance": np.eye(3)}, ValueError, r"covariance must have shape \(4, 4\)"),
        ({"covariance": np.triu(np.ones((4, 4)))}, ValueError, "covariance must be symmetric"),
        ({"covariance": np.diag([1, 1, 1, -1.0])}, ValueError, "semi-definite; .* is -1"),
        ({"random_state": "seed"}, ValueError, "'seed' cannot be used to seed"),
    ],
)
def test_gaussian_images_bad_parameters(parameters, error, message):
    with pytest.raises(error, match=message):
        make_gaussian_images(**parameters)
