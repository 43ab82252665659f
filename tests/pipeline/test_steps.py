"""The steps between images and latent points, found in whatever holds them."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Binarizer, StandardScaler

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent._pipeline.steps import decode_points, density_of, encode_images, image_steps


@pytest.fixture
def rows(rng):
    return rng.normal(size=(50, 6))


def test_a_density_is_no_step_between_images_and_points(rows):
    density = GaussianMixture(2, random_state=0)
    pipeline = make_pipeline(StandardScaler(), PCA(6), density).fit(rows)
    assert [name for name, _ in image_steps(pipeline)] == ["standardscaler", "pca"]
    assert density_of(pipeline) is density
    np.testing.assert_allclose(decode_points(pipeline, encode_images(pipeline, rows)), rows)
    np.testing.assert_array_equal(encode_images(pipeline, rows), pipeline[:-1].transform(rows))


def test_a_whitening_density_is_left_out_too(rows):
    pipeline = make_latent_pipeline(PCA(6), LatentGaussianModel()).fit(rows)
    np.testing.assert_array_equal(encode_images(pipeline, rows), pipeline[:-1].transform(rows))


def test_a_pipeline_without_a_density_and_a_transformer(rows):
    pca = PCA(6).fit(rows)
    for coder in (make_pipeline(pca), Pipeline([("none", "passthrough"), ("pca", pca)]), pca):
        assert density_of(coder) is None
        np.testing.assert_array_equal(encode_images(coder, rows), pca.transform(rows))
        np.testing.assert_allclose(decode_points(coder, pca.transform(rows)), rows)


def test_what_cannot_go_both_ways_is_an_error(rows):
    for wrong in (LatentGaussianModel(), PCA, "pca", None, Binarizer()):
        with pytest.raises(TypeError, match="pipeline must be a scikit-learn Pipeline"):
            image_steps(wrong)
    with pytest.raises(TypeError, match="'binarizer' is a Binarizer without it"):
        decode_points(make_pipeline(Binarizer(), PCA(2)).fit(rows), np.zeros((1, 2)))
