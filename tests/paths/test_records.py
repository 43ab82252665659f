"""What paths and grids return."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.paths import linear_path, slerp_path
from sklatent.paths._records import LatentGrid


def test_layout_and_units_are_those_of_fit(small):
    images = (load_digits().images[:100, :, :, None] * 15).astype(np.uint8)
    pipeline = make_latent_pipeline(small(max_epochs=1), LatentGaussianModel()).fit(images)
    decoded = slerp_path(images[:2], 3, pipeline=pipeline).decode()
    assert decoded.shape == (3, 8, 8, 1)
    assert decoded.dtype == np.uint8


def test_the_record_is_a_table(model):
    found = linear_path(model.sample(2, random_state=0), 25, model=model)
    text = repr(found)
    assert text.startswith("path of 25 points with 6 components; the first 20 are shown, 5")
    assert len(text.splitlines()) == 23
    frame = found.to_frame()
    assert list(frame.columns) == ["position", "mahalanobis_squared", "density_percentile"]
    assert frame.index.name == "point"
    np.testing.assert_array_equal(frame["position"], found.positions)
    with pytest.raises(ValueError, match="pipeline must be given"):
        found.decode()


def test_what_is_not_known_is_left_out():
    found = linear_path([[0.0, 0.0], [1.0, 2.0]], 3)
    assert list(found.to_dict()) == ["position"]
    np.testing.assert_array_equal(found.to_dict()["position"], [0, 0.5, 1])
    assert "Mahalanobis" not in repr(found)


def test_a_grid_makes_rows_of_images(digits):
    rows = digits.reshape(len(digits), -1)
    pca = PCA(3, random_state=0).fit(rows)
    points = pca.transform(rows[:6]).reshape(2, 3, 3)
    grid = LatentGrid(points, np.arange(2), np.arange(3.0))
    assert repr(grid) == "grid with 2 rows and 3 columns of points with 3 components"
    np.testing.assert_allclose(grid.decode(pca)[1, 2], pca.inverse_transform(points[1, 2:])[0])
    with pytest.raises(ValueError, match="pipeline must be given"):
        grid.decode()
