"""Normal noise."""

import numpy as np
import pytest
from scipy import stats

from sklatent.corruption import GaussianNoise


def test_noise_is_normal_with_the_given_deviation():
    grey = np.full((200, 10, 10), 0.5)
    noise = GaussianNoise(0.05, random_state=0).transform(grey) - 0.5
    assert stats.kstest(noise.ravel() / 0.05, "norm").pvalue > 0.01
    # Five standard errors of the correlation of neighbours.
    assert abs(np.corrcoef(noise[:, :, 1:].ravel(), noise[:, :, :-1].ravel())[0, 1]) < 5 / 134


@pytest.mark.parametrize(("low", "high"), [(0, 255), (-3, 5), (0, 16)])
def test_noise_is_on_the_scale_of_the_images(low, high):
    unit = np.linspace(0, 1, 600).reshape(1, 20, 30)
    drawn = GaussianNoise(0.3, value_range=(0, 1), random_state=1).transform(unit)
    assert (drawn.min(), drawn.max()) == (0, 1)
    images = low + unit * (high - low)
    corruption = GaussianNoise(0.3, random_state=1).fit(images)
    assert corruption.value_range_ == (low, high)
    np.testing.assert_allclose(corruption.transform(images), low + drawn * (high - low), atol=1e-12)
    fixed = GaussianNoise(0.3, value_range=(low, high), random_state=1)
    np.testing.assert_array_equal(fixed.transform(images), corruption.transform(images))
