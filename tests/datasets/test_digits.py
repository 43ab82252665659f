"""Digits of scikit-learn, as images."""

import numpy as np

from sklatent.datasets import load_digit_images


def test_digits_are_scikit_learns():
    digits = load_digit_images()
    assert digits.images.shape == (1797, 8, 8)
    assert digits.images.min() == 0
    assert digits.images.max() == 16
    assert digits.target[:10].tolist() == list(range(10))
    images, target = load_digit_images(return_X_y=True)
    np.testing.assert_array_equal(images, digits.images)
    np.testing.assert_array_equal(target, digits.target)
