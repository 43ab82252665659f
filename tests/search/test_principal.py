"""Errors of PCA on the folds of a search, against scikit-learn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent._search.folds import split
from sklatent._search.principal import pca_errors


@pytest.mark.parametrize("layout", ["rows", "grey", "channels"])
def test_errors_are_those_of_one_pca_for_each_dimension_and_fold(digits, layout):
    shape = {"rows": (64,), "grey": (8, 8), "channels": (4, 4, 4)}[layout]
    images, dims = digits.reshape(300, *shape), [9, 2]
    folds = split(3, images, None, np.random.RandomState(0))
    errors = pca_errors(images, folds, dims, (0.0, 32.0))
    assert errors.shape == (2, 3)
    rows = digits.reshape(300, 64)
    for dim, of_folds in zip(dims, errors, strict=True):
        for error, fold in zip(of_folds, folds, strict=True):
            pca = PCA(dim, svd_solver="full").fit(rows[fold.train])
            back = pca.inverse_transform(pca.transform(rows[fold.test]))
            expected = np.square((back - rows[fold.test]) / 32).mean()
            assert error == pytest.approx(expected, rel=1e-4)


def test_units_do_not_matter(digits):
    folds = split(2, digits, None, np.random.RandomState(0))
    bytes_ = (digits * 15).astype(np.uint8)
    one = pca_errors(digits, folds, [3], (0.0, 16.0))
    two = pca_errors(bytes_, folds, [3], (0.0, 240.0))
    three = pca_errors(digits - 8.0, folds, [3], (-8.0, 8.0))
    np.testing.assert_allclose(one, two, rtol=1e-5)
    np.testing.assert_allclose(one, three, rtol=1e-5)


def test_images_all_alike_have_no_error(digits):
    images = np.full((20, 8, 8), 7.0)
    folds = split(2, images, None, np.random.RandomState(0))
    np.testing.assert_array_equal(pca_errors(images, folds, [1, 4], (0.0, 1.0)), 0)
