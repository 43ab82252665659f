"""The steps between images and latent points, found in whatever holds them."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Binarizer, FunctionTransformer, StandardScaler

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent._pipeline.steps import (
    decode_points,
    density_of,
    encode_images,
    gives_back_other_images,
    goes_both_ways,
    image_steps,
    learned_units,
    split_density,
    used,
)
from sklatent.corruption import GaussianNoise, Mask, PixelDropout


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


def half(X):
    return X / 2


@pytest.mark.parametrize("nested", [False, True])
def test_a_function_without_its_inverse_is_no_way_back(rows, nested):
    one_way = FunctionTransformer(half)
    first = make_pipeline(one_way) if nested else one_way
    pipeline = make_latent_pipeline(first, PCA(2), LatentGaussianModel()).fit(rows)
    message = "'functiontransformer' is a FunctionTransformer without inverse_func"
    for call in (pipeline.sample, lambda: pipeline.reconstruct(rows)):
        with pytest.raises(TypeError, match=message):
            call()
    with pytest.raises(TypeError, match=message):
        pipeline.inverse_transform(np.zeros((1, 2)))
    both = FunctionTransformer(half, inverse_func=lambda X: 2 * X)
    pipeline = make_latent_pipeline(both, FunctionTransformer(), PCA(), LatentGaussianModel())
    np.testing.assert_allclose(pipeline.fit(rows).reconstruct(rows), rows)


def test_reconstructions_in_other_units_or_numbers_than_the_targets(rng):
    rows = rng.random((20, 6))
    pipeline = make_latent_pipeline(PCA(), LatentGaussianModel()).fit(255 * rows)
    np.testing.assert_allclose(pipeline.reconstruction_error(255 * rows), 0, atol=1e-20)
    with pytest.raises(ValueError, match="must be in the units of X"):
        pipeline.reconstruction_error(255 * rows, rows)
    with pytest.raises(ValueError, match="y must have as many rows as X has images, 20; got 1"):
        pipeline.reconstruction_error(255 * rows, 255 * rows[:1])


def test_steps_that_are_left_out_are_not_used(rows):
    pca = PCA()
    assert used([("a", None), ("pca", pca), ("b", "passthrough")]) == [("pca", pca)]


def test_only_instances_with_both_methods_go_both_ways():
    assert goes_both_ways(PCA())
    for wrong in (PCA, Binarizer(), None):
        assert not goes_both_ways(wrong)


def test_a_pipeline_is_split_before_its_fitted_density(rows):
    pipeline = make_pipeline(PCA(2), GaussianMixture()).fit(rows)
    assert split_density(pipeline) == (pipeline.steps[:1], pipeline[-1])
    with pytest.raises(TypeError, match="pipeline must be a scikit-learn Pipeline; got a PCA"):
        split_density(PCA())
    with pytest.raises(TypeError, match="must have a sample method; 'pca' is a PCA"):
        split_density(make_pipeline(PCA(2)))
    message = "The last step of rows is a GaussianMixture that is not fitted"
    with pytest.raises(NotFittedError, match=message):
        split_density(make_pipeline(PCA(2), GaussianMixture()), "rows")
    with pytest.raises(TypeError, match="rows must be a scikit-learn Pipeline; got a PCA"):
        split_density(PCA(), "rows")


@pytest.fixture(scope="module")
def coder(small, digits):
    """An autoencoder from grey images of 0 to 16 to two channels of 0 to 1."""
    y = np.stack([digits / 16, 1 - digits / 16], axis=-1)
    return small(max_epochs=1).fit(digits, y)


def test_units_are_those_of_images_that_come_out(coder, fitted, digits):
    assert learned_units(fitted) == ((8, 8, 1), (0.0, 16.0))
    assert learned_units(coder) == ((8, 8, 2), (0.0, 1.0))
    behind = make_pipeline("passthrough", coder, PCA(2))
    assert learned_units(behind) == ((8, 8, 2), (0.0, 1.0))
    assert learned_units(PCA()) == learned_units(make_pipeline(PCA())) == (None, None)


def test_units_behind_other_steps_are_not_those_of_the_images(fitted):
    assert learned_units(make_pipeline(FunctionTransformer(), fitted)) == ((8, 8, 1), None)


def test_units_behind_corruptions(small, digits):
    rows = digits.reshape(300, -1)
    noisy = make_pipeline(GaussianNoise(value_range=(0, 20)), small(max_epochs=1)).fit(rows)
    assert learned_units(noisy) == ((8, 8, 1), (0.0, 20.0))
    # To noise that takes every value alone, flat rows are images of one line.
    assert learned_units(make_pipeline(GaussianNoise(), PCA()).fit(rows)) == (None, (0.0, 16.0))
    mask = np.zeros((4, 16), bool)
    masked = make_pipeline(Mask(mask), PCA()).fit(rows)
    assert learned_units(masked) == ((4, 16, 1), (0.0, 16.0))


def test_other_images_are_those_of_other_units_or_channels(coder, fitted, small, digits):
    assert gives_back_other_images(coder)
    assert gives_back_other_images(make_pipeline(coder, PCA()))
    assert not gives_back_other_images(fitted)
    assert not gives_back_other_images(make_pipeline(fitted, "passthrough", PCA()))
    assert not gives_back_other_images(PCA())
    assert gives_back_other_images(small(max_epochs=1).fit(digits, digits / 16))
    assert not gives_back_other_images(small(max_epochs=1).fit(digits, digits[:, ::-1]))


def test_damaged_images_are_restored_past_the_corruption_and_the_density(small, digits):
    lost = PixelDropout(0.4, random_state=0)
    autoencoder = small(corruption=lost).fit(digits)
    steps = (lost.fit(digits), autoencoder, LatentGaussianModel().fit(np.eye(4)))
    known = np.arange(64).reshape(8, 8) % 3 > 0
    damaged = np.where(known, digits[:6], 0)
    pipeline = make_latent_pipeline(*steps)
    expected = autoencoder.restore(damaged, known=known)
    np.testing.assert_array_equal(pipeline.restore(damaged, known=known), expected)
    np.testing.assert_array_equal(pipeline.restore(damaged), autoencoder.restore(damaged))


def test_what_comes_before_the_autoencoder_is_gone_through_and_back(small, digits):
    halves = FunctionTransformer(lambda X: X / 2, lambda X: X * 2)
    autoencoder = small(corruption=GaussianNoise(0.2)).fit(digits / 2)
    pipeline = make_latent_pipeline(halves, autoencoder)
    np.testing.assert_allclose(pipeline.restore(digits), 2 * autoencoder.restore(digits / 2))


def test_pca_cannot_restore(rows):
    with pytest.raises(TypeError, match=r"restore needs a ConvAutoencoder .*; got PCA"):
        make_latent_pipeline(PCA(2), LatentGaussianModel()).fit(rows).restore(rows)
