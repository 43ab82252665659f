"""From points or images to measured points."""

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.paths import linear_path, matched_path, slerp_path
from sklatent.paths._space import find_space

PATHS = (linear_path, slerp_path, matched_path)


@pytest.mark.parametrize("path", PATHS)
def test_pandas_output_of_the_steps_changes_nothing(path):
    pytest.importorskip("pandas")
    rows = load_digits().data[:300]
    pipeline = make_latent_pipeline(PCA(4), LatentGaussianModel()).fit(rows)
    expected = path(rows[:2], 3, pipeline=pipeline, reference=rows)
    pipeline.set_output(transform="pandas").fit(rows)
    found = path(rows[:2], 3, pipeline=pipeline, reference=rows)
    for name in ("points", "mahalanobis_squared", "density_percentile"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-9)
    assert list(pipeline[-1].feature_names_in_) == ["pca0", "pca1", "pca2", "pca3"]


def test_points_in_place_of_images_and_a_pipeline_in_place_of_a_model_are_told(pipeline, digits):
    points = pipeline[:-1].transform(digits[:2])
    with pytest.raises(ValueError, match=r"X must be images where pipeline is given.*model="):
        linear_path(points, 3, pipeline=pipeline)
    with pytest.raises(ValueError, match="goes into pipeline="):
        linear_path(points, 3, model=pipeline)


def test_an_autoencoder_in_place_of_a_model_is_told(fitted, digits):
    points = fitted.transform(digits[:2])
    for path in PATHS:
        with pytest.raises(TypeError, match=r"model must be a density .* got a Conv.* pipeline="):
            path(points, 3, model=fitted)


def test_any_density_ranks_points_among_others(rng):
    Z = np.concatenate([rng.normal(size=(500, 2)) - 6, rng.normal(size=(500, 2)) + 6])
    mixture = GaussianMixture(2, random_state=0).fit(Z)
    bare = linear_path([[-6.0, -6.0], [6.0, 6.0]], 3, model=mixture)
    assert bare.mahalanobis_squared is None
    assert bare.density_percentile is None
    found = linear_path([[-6.0, -6.0], [6.0, 6.0]], 3, model=mixture, reference=Z)
    assert found.density_percentile[[0, 2]].min() > 90
    assert found.density_percentile[1] == 0
    assert "density percentile" in repr(found)
    # One Gaussian takes the gap for the middle.
    one = linear_path([[-6.0, -6.0], [6.0, 6.0]], 3, model=LatentGaussianModel().fit(Z))
    assert one.density_percentile[1] > 95


def test_any_way_between_images_and_points_will_do(digits, fitted):
    alone = linear_path(digits[:2], 3, pipeline=fitted)
    np.testing.assert_allclose(alone.points[::2], fitted.transform(digits[:2]))
    np.testing.assert_allclose(alone.decode()[::2], fitted.reconstruct(digits[:2]), atol=1e-4)
    assert alone.mahalanobis_squared is None
    rows = load_digits().data
    for steps in ([PCA(5)], [PCA(5), GaussianMixture(2, random_state=0)], ["passthrough", PCA(5)]):
        plain = make_pipeline(*steps).fit(rows)
        assert linear_path(rows[:2], 3, pipeline=plain).decode().shape == (3, 64)
    plain = make_pipeline(PCA(5), GaussianMixture(2, random_state=0)).fit(rows)
    with pytest.raises(TypeError, match="LatentGaussianModel for slerp_path; got a GaussianMix"):
        slerp_path(rows[:2], pipeline=plain)
    model = LatentGaussianModel().fit(plain[:-1].transform(rows))
    assert slerp_path(rows[:2], 3, pipeline=plain, model=model).decode().shape == (3, 64)


def test_points_of_any_shape_are_measured(model):
    points = model.sample(6, random_state=0).reshape(2, 3, 6)
    squared, percentile = find_space(model, None, None).measure(points)
    np.testing.assert_allclose(squared[1], model.mahalanobis_squared(points[1]))
    np.testing.assert_allclose(percentile, 100 * stats.chi2.sf(squared, 6))
    assert find_space(None, None, None).measure(points) == (None, None)


def test_the_centre_is_the_mean_a_point_or_an_image(model, pipeline, digits):
    space = find_space(model, None, None)
    np.testing.assert_array_equal(space.center(None), model.mean_)
    np.testing.assert_array_equal(space.center(np.arange(6)), np.arange(6.0))
    of_image = find_space(None, pipeline, None).center(digits[0])
    np.testing.assert_allclose(of_image, pipeline[:-1].transform(digits[:1])[0], atol=1e-5)
    with pytest.raises(ValueError, match="center must be given where there is no model"):
        find_space(None, None, None).center(None)


def test_a_model_of_named_components_takes_arrays_and_keeps_its_names(rng):
    pd = pytest.importorskip("pandas")
    named = LatentGaussianModel().fit(pd.DataFrame(rng.normal(size=(50, 2)), columns=["a", "b"]))
    space = find_space(named, None, None)
    assert space.measure(np.zeros((1, 2)))[0] == pytest.approx(
        named.mahalanobis_squared(pd.DataFrame([[0.0, 0.0]], columns=["a", "b"]))
    )
    assert list(named.feature_names_in_) == ["a", "b"]
