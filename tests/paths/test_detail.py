"""Edits that keep the photograph: the original, and the change of the reconstruction."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.paths import move_along
from sklatent.paths._detail import check_gives_back, decode_with_detail

DIRECTION = [1.0, -0.5, 2.0]
DISTANCES = [-2.0, 0.0, 0.5, 1.0]


def of_dtype(digits, dtype):
    """Digits in units in which 0 and 1 of the unit scale are 0 and 255, 0 and 1, or -1 and 3."""
    unit = digits / 16
    if dtype == np.uint8:
        return np.rint(255 * unit).astype(np.uint8)
    return (4 * unit - 1).astype(dtype) if dtype == np.float64 else unit.astype(dtype)


@pytest.fixture(scope="module", params=[np.uint8, np.float32, np.float64], ids=str)
def edited(request, digits, small):
    images = of_dtype(digits, request.param)
    pipeline = make_latent_pipeline(small(), PCA(3), LatentGaussianModel()).fit(images)
    plain = move_along(images[:5], DIRECTION, DISTANCES, pipeline=pipeline)
    kept = move_along(images[:5], DIRECTION, DISTANCES, pipeline=pipeline, keep_detail=True)
    return images[:5], plain, kept


def test_at_distance_0_it_is_the_original_bit_for_bit(edited):
    images, _, kept = edited
    found = kept.decode()
    assert found.dtype == images.dtype
    assert found.shape == (5, 4, 8, 8)
    np.testing.assert_array_equal(found[:, 1], images)


def test_images_differ_as_the_decoded_ones_do_before_values_are_cut_off(edited):
    images, plain, kept = edited
    low, high = plain.pipeline[0].value_range_
    decoded, found = plain.decode().astype(float), kept.decode().astype(float)
    inside = (found > low) & (found < high)
    both = inside & inside[:, [0]]
    assert both.mean() > 0.1
    change = (found - found[:, [0]] - decoded + decoded[:, [0]])[both]
    # Images in float32 are rounded to 2^-24 of their values, decoded ones in several ways.
    tolerance = 0 if images.dtype == np.uint8 else 1e-5
    np.testing.assert_allclose(change, 0, atol=tolerance)
    cut = ~inside
    assert cut.any()
    expected = images[:, None] + decoded - decoded[:, [1]]
    np.testing.assert_allclose(found, expected.clip(low, high), atol=tolerance)


def test_without_it_images_are_reconstructions(edited):
    images, plain, kept = edited
    assert plain.originals is plain.origins is None
    tolerance = 1 if images.dtype == np.uint8 else 1e-5
    reconstructed = plain.pipeline.reconstruct(images).astype(float)
    np.testing.assert_allclose(plain.decode()[:, 1], reconstructed, atol=tolerance)
    np.testing.assert_array_equal(plain.points, kept.points)
    np.testing.assert_array_equal(plain.mahalanobis_squared, kept.mahalanobis_squared)
    assert repr(kept) == f"{plain!r}, and the originals of the rows"


def test_the_record_holds_the_originals_itself(edited):
    images, _, kept = edited
    mine = images.copy()
    again = move_along(mine, DIRECTION, [0, 1], pipeline=kept.pipeline, keep_detail=True)
    mine[:] = 0
    np.testing.assert_array_equal(again.originals, images)
    np.testing.assert_array_equal(again.decode()[:, 0], images)


def test_another_pipeline_adds_its_own_change(digits):
    rows = digits.reshape(300, -1)
    one, two = (make_latent_pipeline(PCA(3), LatentGaussianModel()).fit(r) for r in (rows, rows**2))
    kept = move_along(rows[:2], DIRECTION, DISTANCES, pipeline=one, keep_detail=True)
    found = kept.decode(two)
    decoded = two[0].inverse_transform(kept.points.reshape(8, 3)).reshape(2, 4, 64)
    # PCA knows no range of values: that of the originals is taken.
    expected = (rows[:2, None] + decoded - decoded[:, [1]]).clip(0, rows[:2].max())
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_integers_behind_a_decoder_of_floats_are_rounded(digits):
    rows = digits.reshape(300, -1).astype(np.int16)
    pipeline = make_latent_pipeline(PCA(3), LatentGaussianModel()).fit(rows)
    kept = move_along(rows[:2], DIRECTION, DISTANCES, pipeline=pipeline, keep_detail=True)
    found = kept.decode()
    assert found.dtype == np.int16
    decoded = pipeline[0].inverse_transform(kept.points.reshape(8, 3)).reshape(2, 4, 64)
    exact = (rows[:2, None] + decoded - decoded[:, [1]]).clip(0, rows[:2].max())
    assert np.abs(found - exact).max() <= 0.5
    np.testing.assert_array_equal(found[:, 1], rows[:2])


def test_black_and_white_images_keep_the_dtype_of_the_decoder(digits, small):
    images = digits > 8
    autoencoder = small(max_epochs=1).fit(images)
    kept = move_along(
        *(images[:2], [1.0, 0, 0, 0], [0, 1]),
        unit="direction", pipeline=autoencoder, keep_detail=True,
    )  # fmt: skip
    found = kept.decode()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[:, 0], images[:2])


def test_images_without_pipeline_are_refused(model):
    points = model.sample(2, random_state=0)
    with pytest.raises(ValueError, match="keep_detail must be False without pipeline"):
        move_along(points, np.ones(6), model=model, keep_detail=True)
    with pytest.raises(TypeError, match="keep_detail must be True or False; got 'yes'"):
        move_along(points, np.ones(6), model=model, keep_detail="yes")


def test_points_with_a_pipeline_are_no_images(digits, small):
    pipeline = make_latent_pipeline(small(max_epochs=1), LatentGaussianModel()).fit(digits)
    points = pipeline[:-1].transform(digits[:2])
    with pytest.raises(ValueError, match="X must be images where pipeline is given"):
        move_along(points, np.ones(4), pipeline=pipeline, keep_detail=True)


@pytest.mark.parametrize("target", ["channels", "units"])
def test_pipelines_that_make_other_images_are_refused(digits, small, target):
    others = {"channels": np.stack([digits] * 3, axis=-1), "units": digits / 16}[target]
    autoencoder = small(max_epochs=1).fit(digits, others)
    with pytest.raises(ValueError, match="was trained to turn images into others"):
        move_along(
            *(digits[:2], [1.0, 0, 0, 0], [0, 1]),
            unit="direction", pipeline=autoencoder, keep_detail=True,
        )  # fmt: skip
    same = small(max_epochs=1).fit(digits, digits[:, ::-1])
    check_gives_back(same)


def test_images_of_another_shape_are_refused(digits):
    rows = digits.reshape(300, -1)
    pca = PCA(3).fit(rows)
    with pytest.raises(ValueError, match=r"shape of those .* with keep_detail, \(8, 8\); got \(64"):
        decode_with_detail(
            pca.inverse_transform, np.zeros((1, 2, 3)), digits[:1], np.zeros((1, 3)), pca
        )
