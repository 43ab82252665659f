"""From estimators and images to latent points and their model."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.displays._drawing.points import (
    as_latent_sample,
    check_components,
    check_varies,
    chosen_components,
    component_label,
    latent_points_and_model,
    subsample_rows,
)

pd = pytest.importorskip("pandas")


def test_the_last_step_gives_the_model_and_the_steps_before_the_points(digits):
    rows = digits.reshape(len(digits), -1)
    pipeline = make_latent_pipeline(PCA(3), LatentGaussianModel()).fit(rows)
    points, model = latent_points_and_model(pipeline, rows)
    np.testing.assert_array_equal(points, pipeline[0].transform(rows))
    assert model is pipeline[-1]


def test_images_for_a_density_are_told_where_to_go(latent_model, digits):
    message = r"X must be latent points of shape \(n, d\) .* got an array of shape \(\d+, 8, 8\)"
    with pytest.raises(ValueError, match=message):
        latent_points_and_model(latent_model, digits)


def test_a_pipeline_of_one_model_takes_points(latent):
    pipeline = make_pipeline(LatentGaussianModel()).fit(latent)
    points, model = latent_points_and_model(pipeline, latent)
    assert points is latent
    assert model is pipeline[-1]


def test_before_another_density_come_the_same_points(digits):
    rows = digits.reshape(len(digits), -1)
    pipeline = make_pipeline(PCA(3), GaussianMixture(2, random_state=0)).fit(rows)
    points, model = latent_points_and_model(pipeline, rows)
    np.testing.assert_array_equal(points, pipeline[0].transform(rows))
    assert model is None


def test_an_autoencoder_gives_its_latent_points(fitted, digits):
    points, model = latent_points_and_model(fitted, digits)
    np.testing.assert_array_equal(points, fitted.transform(digits))
    assert model is None
    assert as_latent_sample(points).model.n_samples_seen_ == len(digits)


@pytest.mark.parametrize("estimator", [None, PCA, "model", make_pipeline(PCA(2), object())])
def test_what_is_no_estimator_is_an_error(estimator):
    with pytest.raises(TypeError, match="estimator must be a fitted density, transformer"):
        latent_points_and_model(estimator, np.zeros((3, 2)))


def test_points_and_model_must_match(latent, latent_model):
    with pytest.raises(ValueError, match=r"points must have 4 columns, .*; got 2\."):
        as_latent_sample(latent[:, :2], latent_model)
    with pytest.raises(
        TypeError, match="model must be a fitted LatentGaussianModel; got an object of type PCA"
    ):
        as_latent_sample(latent, PCA())
    with pytest.raises(ValueError, match="NaN"):
        as_latent_sample(np.full((3, 4), np.nan), latent_model)


def test_names_are_kept_beside_a_model_that_needs_none(latent):
    frame = pd.DataFrame(latent, columns=["size", "slant", "width", "shade"])
    model = LatentGaussianModel().fit(frame)
    sample = as_latent_sample(frame, model)
    assert list(sample.names) == list(frame)
    assert hasattr(model, "feature_names_in_")
    np.testing.assert_array_equal(
        sample.model.mahalanobis_squared(sample.points), model.mahalanobis_squared(frame)
    )
    np.testing.assert_array_equal(check_components(["width", "size"], sample.names), [2, 0])


def test_components_are_the_dominant_ones_or_those_chosen(latent, latent_model):
    sample = as_latent_sample(latent, latent_model)
    np.testing.assert_array_equal(
        chosen_components(None, sample, 3), latent_model.dominant_components(3)
    )
    assert chosen_components((3, 0), sample, 1) == (3, 0)
    np.testing.assert_array_equal(check_components((3, 0), sample.names), [3, 0])
    with pytest.raises(ValueError, match="k must be an integer of at least 1"):
        chosen_components(None, sample, 0)


@pytest.mark.parametrize(
    ("components", "error", "message"),
    [
        ([0, 4], ValueError, r"components must hold indices from 0 to 3; got \[0, 4\]"),
        ([-1, 0], ValueError, r"components must hold indices from 0 to 3"),
        ([1, 1], ValueError, r"components must hold different components"),
        ([], TypeError, r"components must hold indices or names"),
        ([0.5], TypeError, r"components must hold indices or names"),
        ([0], ValueError, r"components must hold at least 2 components; got 1"),
    ],
)
def test_wrong_components_are_errors(components, error, message):
    with pytest.raises(error, match=message):
        check_components(components, np.arange(4), at_least=2)


@pytest.mark.parametrize("pair", [(0,), (0, 1, 2)])
def test_a_pair_is_of_two(pair):
    with pytest.raises(ValueError, match=rf"pair must hold 2 components; got {len(pair)}"):
        check_components(pair, np.arange(4), exactly=2, name="pair")


def test_a_model_must_have_a_component_that_varies():
    check_varies(LatentGaussianModel().fit([[1.0, 0.0], [2.0, 0.0]]))
    with pytest.raises(ValueError, match="model must have a component that varies; got one of"):
        check_varies(LatentGaussianModel().fit(np.ones((3, 2))))


def test_components_are_called_by_name_or_index():
    assert [component_label(name) for name in (3, "smile")] == ["component 3", "smile"]


def test_subsamples_are_seeded_and_without_repeats():
    rows = subsample_rows(1000, 50, 3)
    np.testing.assert_array_equal(rows, subsample_rows(1000, 50, 3))
    assert len(np.unique(rows)) == 50
    assert not np.array_equal(rows, subsample_rows(1000, 50, 4))
    with pytest.raises(ValueError, match="max_points must be an integer of at least 1"):
        subsample_rows(10, 0, None)


def test_nan_is_named_as_of_the_points():
    with pytest.raises(ValueError, match="Input points contains NaN"):
        as_latent_sample([[0.0, np.nan], [1.0, 2.0]])
