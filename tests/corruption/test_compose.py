"""Corruptions one after the other."""

import numpy as np
import pytest

from sklatent.corruption import Compose, GaussianNoise, Grayscale, Mask, PixelDropout


def test_compose_is_one_after_the_other(colours):
    parts = [Grayscale(), Mask(np.eye(8)), PixelDropout(0.5)]
    both = Compose(parts, random_state=3).transform(colours)
    one_by_one = colours
    for part in [*parts[:2], PixelDropout(0.5, random_state=3)]:
        one_by_one = part.transform(one_by_one)
    np.testing.assert_array_equal(both, one_by_one)
    nested = Compose([Compose(parts[:1]), Compose(parts[1:])], random_state=3)
    np.testing.assert_array_equal(nested.transform(colours), both)


def test_equal_members_of_compose_draw_different_noise():
    images = np.full((50, 8, 8), 0.5)
    twice = Compose([GaussianNoise(0.05), GaussianNoise(0.05)], random_state=0).transform(images)
    assert twice.std() == pytest.approx(0.05 * np.sqrt(2), rel=5 / np.sqrt(2 * 3200))
