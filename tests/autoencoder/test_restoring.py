"""Restoring: what is known stays, and more comes back than the bottleneck holds."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from sklatent._autoencoder.restoring import check_known, luma_kept
from sklatent._images.format import ImageFormat
from sklatent._images.smoothing import fill_smoothly
from sklatent.corruption import GaussianNoise, Grayscale, Mask, PixelDropout

REC_601 = np.array([0.299, 0.587, 0.114])
RECIPE = {"channels": (16, 32), "optimizer": "muon", "learning_rate": "auto", "max_epochs": 4}


def unit_error(restored, clean, scale=16):
    return np.square((restored.astype(float) - clean) / scale).mean()


@pytest.fixture(scope="module")
def denoiser(small, digits):
    return small(8, corruption=GaussianNoise(0.3), **RECIPE).fit(digits[:250])


@pytest.fixture(scope="module")
def lit(digits):
    """Digits of bytes without black, so that lost pixels can be told."""
    return (55 + digits * 12).astype(np.uint8)


@pytest.fixture(scope="module")
def inpainter(small, lit):
    return small(8, corruption=PixelDropout(0.5), **RECIPE).fit(lit[:250])


@pytest.fixture(scope="module")
def colours(digits):
    """Digits whose colour goes from blue to red with the light, bytes (300, 8, 8, 3)."""
    unit = digits / 16
    return (255 * np.stack([unit, 0.5 * unit, 1 - unit], axis=-1)).astype(np.uint8)


@pytest.fixture(scope="module")
def painter(small, colours):
    return small(8, corruption=Grayscale(), **RECIPE).fit(colours[:250])


@pytest.fixture(scope="module")
def knows_clean(small, digits):
    return small(16, linear_path=True, **RECIPE).fit(digits[:250])


def test_noise_is_restored_past_the_bottleneck(denoiser, digits):
    clean = digits[250:]
    noisy = GaussianNoise(0.3, value_range=(0, 16), random_state=1).transform(clean)
    restored = denoiser.restore(noisy)
    assert restored.shape == clean.shape
    assert restored.dtype == np.float64
    assert restored.min() >= 0
    assert restored.max() <= 16
    assert unit_error(restored, clean) < 0.8 * unit_error(denoiser.reconstruct(noisy), clean)


def test_lost_pixels_are_found_and_the_rest_is_kept(inpainter, lit):
    clean = lit[250:]
    damaged = PixelDropout(0.5, random_state=1).transform(clean)
    known = damaged > 0
    restored = inpainter.restore(damaged, known=known)
    assert restored.dtype == np.uint8
    np.testing.assert_array_equal(restored[known], clean[known])
    by_itself = inpainter.restore(damaged)
    np.testing.assert_array_equal(by_itself, restored)
    kept = np.where(known, damaged, inpainter.reconstruct(damaged))
    assert unit_error(restored, clean, 200) < 0.8 * unit_error(kept, clean, 200)


def test_known_values_come_back_bit_by_bit_whatever_they_are(knows_clean, denoiser, digits, rng):
    X = digits[:20] + rng.normal(size=(20, 8, 8)) / 7
    known = rng.random(X.shape) < 0.5
    for autoencoder in (knows_clean, denoiser):
        for lost in (np.nan, 0, 12):
            restored = autoencoder.restore(np.where(known, X, lost), known=known)
            np.testing.assert_array_equal(restored[known], X[known])
            if lost is np.nan:
                expected = restored
            np.testing.assert_allclose(restored, expected, atol=1e-4)


def test_without_a_corruption_gaps_are_filled_better_than_smoothly(knows_clean, digits, rng):
    clean = digits[250:]
    known = rng.random(clean.shape) < 0.5
    restored = knows_clean.restore(np.where(known, clean, 0), known=known)
    mean = np.mean(clean[known])
    smooth = mean + fill_smoothly((clean - mean)[..., None], known[..., None])[..., 0]
    assert unit_error(restored, clean) < 0.8 * unit_error(smooth, clean)


def test_one_mask_for_all_and_one_for_each_agree(knows_clean, digits, rng):
    X, known = digits[:5], rng.random((8, 8)) < 0.6
    restored = knows_clean.restore(X, known=known)
    each = knows_clean.restore(X, known=np.repeat(known[None], 5, axis=0))
    np.testing.assert_allclose(restored, each, atol=1e-4)


def test_colours_are_put_on_the_luma(painter, colours):
    clean = colours[250:]
    grey = Grayscale().transform(clean)
    restored = painter.restore(grey)
    # Bytes are rounded, each channel and the grey by at most a half.
    assert np.abs(restored @ REC_601 - grey[..., 0]).max() <= 1
    assert unit_error(restored, clean, 255) < unit_error(painter.reconstruct(grey), clean, 255)
    np.testing.assert_array_equal(painter.restore(grey, known=grey[..., 0]), restored)


def test_a_luma_is_kept_by_a_network_from_grey_to_colour(small, digits, colours):
    grey = (colours @ REC_601)[..., None].round().astype(np.uint8)
    autoencoder = small(8, bypass=True, **RECIPE).fit(grey[:250], colours[:250])
    restored = autoencoder.restore(grey[250:], known=grey[250:, :, :, 0])
    assert np.abs(restored @ REC_601 - grey[250:, :, :, 0]).max() <= 1
    assert autoencoder.restore(grey[250:]).shape == colours[250:].shape
    with pytest.raises(ValueError, match="known must be None or a luma"):
        autoencoder.restore(grey, known=np.ones((8, 8), bool))


def test_luma_is_kept_inside_the_range(rng):
    colours = rng.uniform(-0.5, 1.5, (50, 4, 4, 3))
    luma = rng.random((50, 4, 4, 1))
    kept = luma_kept(colours, luma)
    np.testing.assert_allclose(kept @ REC_601, luma[..., 0], atol=1e-12)
    assert kept.min() >= 0
    assert kept.max() <= 1
    inside = rng.random((50, 4, 4, 3))
    np.testing.assert_allclose(luma_kept(inside, (inside @ REC_601)[..., None]), inside)


def test_many_images_are_restored_as_few_are(denoiser, digits, monkeypatch):
    expected = denoiser.restore(digits[:7])
    monkeypatch.setattr("sklatent._autoencoder.restoring.inference_batch_size", lambda *_: 3)
    np.testing.assert_allclose(denoiser.restore(digits[:7]), expected, atol=1e-3)


def test_flat_rows_are_restored_as_images_are(small, digits):
    recipe = {"corruption": PixelDropout(0.4), "max_epochs": 1}
    known = np.arange(64) % 3 == 0
    flat = small(**recipe).fit(digits.reshape(-1, 64))
    restored = flat.restore(digits[:4].reshape(-1, 64), known=known)
    square = small(**recipe).fit(digits).restore(digits[:4], known=known.reshape(8, 8))
    np.testing.assert_allclose(restored, square.reshape(-1, 64), atol=1e-4)


def test_a_table_with_names_is_taken(small, digits):
    rows = digits.reshape(-1, 64)
    names = [f"p{i}" for i in range(64)]
    autoencoder = small(linear_path=True, max_epochs=1).fit(pd.DataFrame(rows, columns=names))
    known = np.arange(64) % 3 == 0
    gappy = pd.DataFrame(np.where(known, rows[:4], np.nan), columns=names)
    restored = autoencoder.restore(gappy, known=known)
    np.testing.assert_array_equal(restored[:, known], rows[:4, known])


def test_the_autoencoder_is_the_same_with_and_without_a_bypass(small, digits, denoiser):
    without = small(8, bypass=False, corruption=GaussianNoise(0.3), **RECIPE).fit(digits[:250])
    assert without.bypass_ is None
    assert denoiser.bypass_ is not None
    np.testing.assert_array_equal(without.transform(digits), denoiser.transform(digits))
    np.testing.assert_array_equal(without.restore(digits), without.reconstruct(digits))


def test_the_same_seed_restores_alike_and_a_pickle_too(small, digits, denoiser):
    again = clone(denoiser).fit(digits[:250])
    expected = denoiser.restore(digits)
    np.testing.assert_array_equal(again.restore(digits), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(denoiser)).restore(digits), expected)
    changed = clone(denoiser).fit(digits[:250]).set_params(corruption=None)
    np.testing.assert_array_equal(changed.restore(digits), expected)


def test_training_goes_on(small, digits):
    autoencoder = small(corruption=GaussianNoise(0.3), warm_start=True).fit(digits)
    first = autoencoder.bypass_.weights["last.weight"].copy()
    for train in (autoencoder.fit, autoencoder.partial_fit):
        second = train(digits).bypass_.weights["last.weight"]
        # The highest rate of a step is 0.002 here, and there are 20 in two passes.
        assert 0 < np.abs(second - first).max() < 20 * 0.002 * 1.2
        first = second.copy()


SHAPE = (6, 8, 8)


@pytest.mark.parametrize(
    ("known", "error", "said"),
    [
        (np.ones((5, 8, 8), bool), ValueError, "of shape (8, 8, 1) got (5, 8, 8)"),
        (np.ones((8, 7), bool), ValueError, "known must be a boolean mask"),
        (np.zeros((8, 8), bool), ValueError, "known must be True somewhere in each image"),
        (np.arange(6)[:, None, None] * np.ones(SHAPE) != 4, ValueError, "nothing of image 4"),
        (np.ones(SHAPE), ValueError, "a luma is for targets of three channels"),
        (np.ones((8, 8), int), ValueError, "with another dtype than bool a luma of shape"),
        ("mask", TypeError, "known must hold numbers"),
        (None, ValueError, "known must be given"),
    ],
)
def test_what_cannot_be_known(knows_clean, digits, known, error, said):
    with pytest.raises(error, match=re.escape(said)):
        knows_clean.restore(digits[:6], known=known)


def test_wrong_images(knows_clean, digits):
    known = np.ones((8, 8), bool)
    with pytest.raises(ValueError, match="X must have the layout"):
        knows_clean.restore(digits[:6, :, :7], known=known)
    X = digits[:6].copy()
    X[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="X contains NaN"):
        knows_clean.restore(X, known=known)


def test_a_mask_is_read_in_every_layout(rng):
    image_format = ImageFormat(4, (4, 5, 3), (0.0, 1.0), np.dtype(np.float32), False)
    mask = rng.random((2, 4, 5)) < 0.8
    colour_mask = rng.random((4, 5, 3)) < 0.8
    for known, expected in (
        (mask, mask[..., None]),
        (mask[0], mask[:1, ..., None]),
        (mask[..., None], mask[..., None]),
        (colour_mask, colour_mask[None]),
        (colour_mask.ravel(), colour_mask[None]),
        (np.repeat(colour_mask.reshape(1, -1), 2, axis=0), np.stack([colour_mask] * 2)),
    ):
        np.testing.assert_array_equal(
            check_known(known, 2, image_format, image_format).mask, expected
        )


def test_a_bypass_needs_something_to_restore(small, digits):
    with pytest.raises(ValueError, match="bypass must be 'auto' or False"):
        small(bypass=True).fit(digits)
    with pytest.raises(TypeError, match="bypass must be True, False or 'auto'; got 'x'"):
        small(bypass="x").fit(digits)


def test_a_mask_of_numbers_is_no_luma(small, rng):
    colour = rng.random((60, 8, 8, 3))
    autoencoder = small(corruption=Grayscale(), max_epochs=1).fit(colour)
    for mask in (np.ones((60, 8, 8), int), (rng.random((60, 8, 8)) < 0.5).astype(float)):
        with pytest.raises(ValueError, match=r"known must be .* known.astype\(bool\) is a mask"):
            autoencoder.restore(colour, known=mask)


def test_the_mask_of_what_is_lost_is_no_mask_of_what_is_given(small, digits):
    lost = np.zeros((8, 8), bool)
    lost[2:5, 3:6] = True
    autoencoder = small(corruption=Mask(lost), max_epochs=1).fit(digits)
    whole = autoencoder.restore(digits[:5], known=~lost)
    np.testing.assert_array_equal(whole[:, ~lost], digits[:5][:, ~lost])
    for wrong in (lost, np.repeat(lost[None], 5, axis=0)):
        with pytest.raises(ValueError, match="known must be True where a value is given; got the"):
            autoencoder.restore(digits[:5], known=wrong)
