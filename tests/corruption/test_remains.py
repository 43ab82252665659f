"""What is left of images, told from the corruption and the images alone."""

import numpy as np
import pytest

from sklatent.corruption import (
    Compose,
    GaussianNoise,
    Grayscale,
    Mask,
    PixelDropout,
    RandomErasing,
)
from sklatent.corruption._arithmetic import NumpyDraws
from sklatent.corruption._remains import fill_of, known_values, remains_of

DRAWS = NumpyDraws(np.random.RandomState(0), np.dtype(np.float32))


@pytest.mark.parametrize(
    ("corruption", "remains", "fill"),
    [
        (PixelDropout(0.3, fill=0.5), "values", 0.5),
        (RandomErasing(), "values", 0.0),
        (Mask([[True, False]], fill=1), "values", 1.0),
        (Grayscale(), "luma", None),
        (GaussianNoise(), "nothing", None),
        (Compose([PixelDropout()]), "nothing", None),
        (None, "nothing", None),
    ],
)
def test_kinds(corruption, remains, fill):
    assert remains_of(corruption, (1, 2, 3)) == remains
    assert fill_of(corruption) == fill


def test_a_grey_image_loses_no_colours():
    assert remains_of(Grayscale(), (4, 4, 1)) == "nothing"


@pytest.mark.parametrize(
    "corruption",
    [
        PixelDropout(0.5, random_state=0),
        PixelDropout(0.5, per="value", random_state=0),
        PixelDropout(0.5, fill=0.5, random_state=0),
        RandomErasing((0.2, 0.3), random_state=0),
        Mask(np.eye(8, dtype=bool)),
    ],
    ids=repr,
)
def test_lost_values_are_found(corruption, colours):
    # No value is near a fill of 0 or one half.
    images = np.where(colours < 128, 30 + colours // 4, 150 + colours // 4).astype(np.uint8)
    corrupted = corruption.transform(images)
    known = known_values(corruption, corrupted.astype(np.float32) / 255, DRAWS)
    assert known.shape == images.shape
    np.testing.assert_array_equal(known, corrupted == images)


def test_after_noise_nothing_is_known(colours):
    assert known_values(GaussianNoise(), colours / 255, DRAWS) is None


def test_a_black_pixel_counts_as_lost_and_a_black_value_does_not():
    images = np.array([[[[0, 0, 0], [0, 0.5, 0.5]]]], np.float32)
    np.testing.assert_array_equal(
        known_values(PixelDropout(), images, DRAWS)[0, 0], [[False] * 3, [True] * 3]
    )
    np.testing.assert_array_equal(
        known_values(PixelDropout(per="value"), images, DRAWS)[0, 0],
        [[False] * 3, [False, True, True]],
    )
