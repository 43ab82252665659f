"""Mirror images that are as good as the first, and those that are not."""

import numpy as np
import pytest

from sklatent._autoencoder.start import unit_reader
from sklatent._images.format import ImageFormat
from sklatent._images.symmetry import mirror_excesses


def excesses(images, seed=0):
    found = ImageFormat.of(images)
    rng = np.random.RandomState(seed)
    rows, shape = np.arange(len(images)), found.image_shape
    return mirror_excesses(unit_reader(images, found), rows, shape, rng)


def excess(images, seed=0):
    return excesses(images, seed)[0]


def test_symmetric_pictures_lose_nothing(rng):
    half = rng.random((200, 6, 3))
    images = np.concatenate([half, half[:, :, ::-1]], axis=2)
    sideways, upwards = excesses(images)
    assert sideways == pytest.approx(0.0, abs=1e-5)
    assert upwards != pytest.approx(0.0, abs=1e-3)
    assert excesses(images.swapaxes(1, 2))[1] == pytest.approx(0.0, abs=1e-5)


def test_as_many_mirrored_as_not_are_as_good(digits):
    """Where the mirror image of some of the other half has had a say, even better."""
    both = np.concatenate([digits, digits[:, :, ::-1]])
    assert -0.5 < excess(both) < 0.0


def test_digits_are_told_from_mirrored_digits(digits):
    assert excess(digits) > 1.0
    assert excess(np.stack([digits, digits], axis=3)) == pytest.approx(excess(digits), rel=1e-3)


def test_too_few_images_or_equal_ones_tell_nothing():
    assert excesses(np.zeros((15, 4, 4))) == (np.inf, np.inf)
    assert excesses(np.zeros((100, 4, 4))) == (np.inf, np.inf)
    assert excess(np.eye(4)[None].repeat(15, axis=0)) == np.inf


def test_a_seed_repeats_it(digits):
    assert excess(digits, 3) == excess(digits, 3) != excess(digits, 4)
