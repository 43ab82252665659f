"""From latent points or images to images."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.corruption import Compose, GaussianNoise
from sklatent.displays._drawing.decoding import (
    corrupted,
    decode,
    decode_strips,
    decoder_for,
    reconstruct,
)
from sklatent.displays._drawing.path_arrays import Original, Strips


def test_pipelines_decode_points_before_their_density(digits):
    rows = digits.reshape(len(digits), -1)
    pipeline = make_latent_pipeline(PCA(3), LatentGaussianModel()).fit(rows)
    points = np.eye(3)
    expected = pipeline[0].inverse_transform(points)
    np.testing.assert_array_equal(decode(pipeline, points), expected)
    np.testing.assert_array_equal(decode(pipeline[0], points), expected)


@pytest.mark.parametrize("decoder", [PCA, "decoder", None])
def test_what_cannot_decode_is_an_error(decoder):
    with pytest.raises(TypeError, match="The decoder must have inverse_transform; got"):
        decode(decoder, np.zeros((1, 2)))


def test_records_know_their_pipeline():
    record = SimpleNamespace(pipeline="its own")
    assert decoder_for(record, None, "path") == "its own"
    assert decoder_for(record, "another", "path") == "another"
    with pytest.raises(ValueError, match="decoder must be given where the grid was made without"):
        decoder_for(SimpleNamespace(), None, "grid")


def test_strips_are_reconstructions_or_changes_of_originals(digits):
    rows = digits.reshape(len(digits), -1)
    pca = PCA(3).fit(rows)
    points = {"a": pca.transform(rows[:4]), "b": pca.transform(rows[4:8])}
    plain = decode_strips(pca, Strips(points, None, ""), np.array([0, 3]))
    for name, images in plain.items():
        np.testing.assert_array_equal(images, pca.inverse_transform(points[name][[0, 3]]))
    originals = {name: Original(rows[9], z[3]) for name, z in points.items()}
    strips = Strips(points, None, "", originals=originals)
    for name, images in decode_strips(pca, strips, np.array([0, 3])).items():
        np.testing.assert_array_equal(images[1], rows[9])
        change = plain[name][0] - plain[name][1]
        expected = (rows[9] + change).clip(rows[9].min(), rows[9].max())
        np.testing.assert_allclose(images[0], expected, atol=1e-9)


def composed_noise(std, **parameters):
    """Return noise as the only step of a composition."""
    return Compose([GaussianNoise(std)], **parameters)


@pytest.mark.parametrize("make", [GaussianNoise, composed_noise])
def test_a_corruption_that_is_not_fitted_takes_the_range_of_the_images(digits, make):
    few = digits[:5] / 2
    noise = make(0.2, random_state=3)
    found = corrupted(noise, few, (0.0, 16.0))
    np.testing.assert_array_equal(
        found, make(0.2, random_state=3, value_range=(0, 16)).transform(few)
    )
    assert noise.value_range == "auto"
    assert not hasattr(noise, "value_range_")
    # What it knows by itself comes first.
    fitted = make(0.2, random_state=3).fit(few)
    np.testing.assert_array_equal(corrupted(fitted, few, (0.0, 16.0)), fitted.transform(few))


def test_a_generator_goes_on_from_corruption_to_corruption(digits):
    noise = GaussianNoise(0.2, random_state=np.random.RandomState(0))
    same = GaussianNoise(0.2, random_state=np.random.RandomState(0), value_range=(0, 16))
    for _ in range(2):
        np.testing.assert_array_equal(
            corrupted(noise, digits[:3], (0, 16)), same.transform(digits[:3])
        )


def test_a_corruption_that_must_be_fitted_is_named(digits):
    with pytest.raises(NotFittedError, match=r"^corruption must be fitted .* got GaussianNoise\("):
        corrupted(GaussianNoise(0.2), digits[:3], "auto")
    with pytest.raises(NotFittedError, match=r"^corruption must be fitted .* got StandardScaler\("):
        corrupted(StandardScaler(), digits[:3, 0], (0, 16))
    with pytest.raises(TypeError, match="corruption must have transform; got 3"):
        corrupted(3, digits[:3], "auto")


def test_what_cannot_reconstruct_is_named_by_its_row(digits):
    rows = digits.reshape(len(digits), -1)
    pca = PCA(3).fit(rows)
    expected = pca.inverse_transform(pca.transform(rows)).reshape(digits.shape)
    np.testing.assert_array_equal(reconstruct(pca, digits, "PCA"), expected)
    with pytest.raises(TypeError, match="estimator of the row 'Gauss' must have reconstruct"):
        reconstruct(LatentGaussianModel, digits, "Gauss")
