"""Lost colours."""

import numpy as np
import pytest

from sklatent.corruption import Compose, Grayscale


def test_luma_is_that_of_pillow(colours):
    image = pytest.importorskip("PIL.Image")
    grey = Grayscale().transform(colours)
    assert np.ptp(grey, axis=-1).max() == 0
    for ours, colour in zip(grey, colours, strict=True):
        # Pillow works in 16 bits.
        expected = np.asarray(image.fromarray(colour).convert("L")).astype(int)
        assert np.abs(ours[..., 0] - expected).max() <= 1


def test_luma_of_pure_colours():
    colours = np.eye(3).reshape(3, 1, 1, 3)
    grey = Grayscale().transform(colours)
    np.testing.assert_allclose(grey[:, 0, 0, 0], [0.299, 0.587, 0.114], atol=1e-15)
    # Units do not matter, and grey stays grey.
    shifted = Grayscale().transform(7 * colours - 2)
    np.testing.assert_allclose(shifted, 7 * grey - 2, atol=1e-12)
    np.testing.assert_allclose(Grayscale().transform(grey), grey, atol=1e-15)


@pytest.mark.parametrize("shape", [(4, 8, 8), (4, 8, 8, 1), (4, 64)])
def test_one_channel_is_grey_already(rng, shape):
    images = rng.normal(size=shape)
    np.testing.assert_array_equal(Grayscale().transform(images), images)


def name(corruption):
    return type(corruption).__name__


@pytest.mark.parametrize("corruption", [Grayscale(), Compose([Grayscale()])], ids=name)
def test_grayscale_of_two_channels(corruption, colours):
    for method in ("fit", "transform"):
        with pytest.raises(ValueError, match="1 or 3 channels; got 2"):
            getattr(corruption, method)(colours[..., :2])
