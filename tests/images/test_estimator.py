"""How estimators take images in: what they note in fit, and check afterwards."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from sklatent._images.estimator import known_images, new_images, note_format

IMAGES = np.arange(48, dtype=np.uint8).reshape(2, 2, 4, 3)


@pytest.mark.parametrize("shape", [(2, 24), (2, 4, 6), (2, 2, 4, 3)])
def test_new_images_come_back_as_they_are_and_are_counted(shape):
    estimator = BaseEstimator()
    images = IMAGES.reshape(shape)
    np.testing.assert_array_equal(new_images(estimator, images.tolist()), images)
    assert estimator.n_features_in_ == 24
    assert not hasattr(estimator, "feature_names_in_")


def test_column_names_are_noted_checked_and_forgotten():
    estimator = BaseEstimator()
    table = pd.DataFrame(IMAGES.reshape(2, 24)).add_prefix("pixel")
    new_images(estimator, table)
    assert list(estimator.feature_names_in_) == list(table.columns)
    np.testing.assert_array_equal(known_images(estimator, table), table.to_numpy())
    with pytest.raises(ValueError, match="feature names should match"):
        known_images(estimator, table.add_prefix("other_"))
    new_images(estimator, IMAGES)
    assert not hasattr(estimator, "feature_names_in_")


def test_the_format_is_noted_and_checked():
    estimator = BaseEstimator()
    images = new_images(estimator, IMAGES.reshape(2, 24))
    known = note_format(estimator, images, (2, 4, 3), (0, 100))
    assert estimator.image_shape_ == known.image_shape == (2, 4, 3)
    assert estimator.value_range_ == known.value_range == (0.0, 100.0)
    with pytest.raises(ValueError, match="layout and image size seen in fit"):
        known_images(estimator, IMAGES, known)
    with pytest.raises(ValueError, match=r"value_range \[0, 100\]"):
        known_images(estimator, images + np.uint8(100), known)


def test_rows_of_another_width_are_told_without_a_format():
    estimator = BaseEstimator()
    new_images(estimator, IMAGES.reshape(2, 24))
    with pytest.raises(ValueError, match="expecting 24 features"):
        known_images(estimator, np.ones((2, 23)))


def test_nothing_is_noted_of_what_is_no_image():
    estimator = BaseEstimator()
    with pytest.raises(ValueError, match="leading axis"):
        new_images(estimator, np.ones(24))
    assert vars(estimator) == {}
