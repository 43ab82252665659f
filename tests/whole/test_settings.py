"""What a process has set elsewhere, and how an array lies in memory, change no number."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn import config_context
from sklearn.base import clone
from sklearn.decomposition import PCA

from sklatent import LatentDimensionSearch, LatentGaussianModel, LatentPipeline
from sklatent.corruption import Compose, GaussianNoise, Mask, PixelDropout, RandomErasing
from sklatent.displays import CornerDisplay, PathDisplay
from sklatent.metrics import EncoderFeatures, PixelFeatures, sample_report
from sklatent.paths import attribute_direction, class_centers, linear_path
from sklatent.samplers import (
    BoxSampler,
    CopulaSampler,
    EllipseSampler,
    FlowSampler,
    HighestDensity,
    IntervalSampler,
    KernelSampler,
    MixtureSampler,
    PerClassSampler,
    ShellSampler,
)

DENSITIES = {
    "gaussian": LatentGaussianModel(),
    "core": LatentGaussianModel(core_coverage=0.9),
    "robust": LatentGaussianModel(covariance="min_cov_det", random_state=0),
    "box": BoxSampler(),
    "interval": IntervalSampler("normal"),
    "ellipse": EllipseSampler("normal"),
    "original ellipse": EllipseSampler(coordinates="original", n_sweeps=50, random_state=0),
    "shell": ShellSampler(),
    "copula": CopulaSampler(),
    "mixture": MixtureSampler(3, random_state=0),
    "searched mixture": MixtureSampler(candidates=(1, 2), random_state=0),
    "diagonal mixture": MixtureSampler(3, covariance_type="diag", random_state=0),
    "kernel": KernelSampler(random_state=0),
    "local kernel": KernelSampler("local", random_state=0),
    "highest density": HighestDensity(KernelSampler(random_state=0), random_state=0),
    "per class": PerClassSampler(),
    "mixture per class": PerClassSampler(MixtureSampler(1)),
}


@pytest.fixture(scope="module")
def classes(latent):
    return np.where(latent[:, 0] > 0, "right", "left")


def measured(density, Z, y):
    """Fit a clone, and return all numbers that it makes of points, far ones among them."""
    density = clone(density).fit(Z, y)
    found = {"sample": density.sample(40, random_state=0)}
    far = np.concatenate([np.asarray(Z), 100 * np.asarray(Z)[:5]])
    for name in ("score_samples", "predict_proba", "predict_log_proba", "mahalanobis_squared"):
        if hasattr(density, name):
            found[name] = getattr(density, name)(far)
    return found


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, values in found.items():
        assert type(values) is np.ndarray
        np.testing.assert_array_equal(values, expected[name], err_msg=name)


@pytest.mark.parametrize("container", ["pandas", "polars"])
@pytest.mark.parametrize("name", DENSITIES)
def test_densities_whatever_transformers_return(latent, classes, name, container):
    pytest.importorskip(container)
    expected = measured(DENSITIES[name], latent, classes)
    with config_context(transform_output=container):
        assert_same(measured(DENSITIES[name], latent, classes), expected)


@pytest.mark.parametrize("name", DENSITIES)
def test_densities_where_numpy_raises(latent, classes, name):
    expected = measured(DENSITIES[name], latent, classes)
    with np.errstate(all="raise"):
        assert_same(measured(DENSITIES[name], latent, classes), expected)


@pytest.mark.parametrize("name", DENSITIES)
def test_points_that_are_read_backwards(latent, classes, name):
    back, y = np.ascontiguousarray(latent[::-1, ::-1]), classes[::-1]
    expected = measured(DENSITIES[name], back, y)
    assert_same(measured(DENSITIES[name], latent[::-1, ::-1], y), expected)


@pytest.mark.parametrize("name", DENSITIES)
def test_points_in_the_order_of_columns(latent, classes, name):
    expected = measured(DENSITIES[name], latent, classes)
    assert_same(measured(DENSITIES[name], np.asfortranarray(latent), classes), expected)


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_pipelines_searches_and_pictures_whatever_transformers_return(small, digits, container):
    pytest.importorskip(container)
    y = np.arange(len(digits)) % 2
    density = PerClassSampler(MixtureSampler(1))
    pipeline = LatentPipeline([("autoencoder", small(3)), ("pca", PCA(2)), ("density", density)])
    search = LatentDimensionSearch(
        PCA(svd_solver="full"),
        param_name="n_components",
        dims=(2, 3),
        densities={"mixture": MixtureSampler(2)},
        scoring=("neg_mse", "neg_frechet", "feature_log_likelihood"),
        cv=2,
        random_state=0,
    )
    rows = digits.reshape(len(digits), -1)
    expected = clone(pipeline).fit(digits, y).sample(3, random_state=0)
    scores = clone(search).fit(rows).results_.scores
    with config_context(transform_output=container):
        pipeline.fit(digits, y)
        # Sums over tables, which lie otherwise in memory, differ in rounding.
        np.testing.assert_allclose(pipeline.sample(3, random_state=0), expected, rtol=1e-4)
        assert sample_report(pipeline, digits, features=PixelFeatures(4).fit(digits)) is not None
        found = search.fit(rows).results_.scores
        np.testing.assert_allclose(found["neg_mse"], scores["neg_mse"], rtol=1e-6)
        assert all(np.isfinite(values).all() for values in found.values())
        gaussian = LatentPipeline([("pca", PCA(2)), ("density", LatentGaussianModel())]).fit(rows)
        path = linear_path(rows[:2], 5, pipeline=gaussian)
        shown = PathDisplay.from_points(gaussian, path.points, image_shape=(8, 8))
        np.testing.assert_allclose(shown.values["path"], path.mahalanobis_squared)
        assert CornerDisplay.from_estimator(gaussian, rows).figure_ is not None


@pytest.mark.parametrize("container", ["pandas", "polars"])
@pytest.mark.parametrize(
    "corruption",
    [
        GaussianNoise(random_state=0),
        PixelDropout(random_state=0),
        RandomErasing(random_state=0),
        Mask(np.eye(8)),
        Compose([GaussianNoise(), PixelDropout()], random_state=0),
    ],
)
def test_corrupted_images_stay_arrays_and_rows_become_tables(digits, corruption, container):
    pytest.importorskip(container)
    expected = clone(corruption).fit_transform(digits)
    chosen = clone(corruption).set_output(transform=container)
    for images in (chosen.fit(digits).transform(digits), chosen.fit_transform(digits)):
        assert type(images) is np.ndarray
        np.testing.assert_array_equal(images, expected)
    rows = digits.reshape(len(digits), -1)
    flat = clone(corruption).set_output(transform=container)
    if "image_shape" in flat.get_params():
        flat.set_params(image_shape=(8, 8))
    table = flat.fit_transform(rows)
    assert type(table).__module__.startswith(container)
    np.testing.assert_array_equal(table, expected.reshape(rows.shape))


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_features_of_an_encoder_that_returns_tables(small, digits, container):
    pytest.importorskip(container)
    expected = EncoderFeatures(small(3)).fit_transform(digits)
    encoder = small(3).set_output(transform=container)
    np.testing.assert_array_equal(EncoderFeatures(encoder).fit_transform(digits), expected)
    with config_context(transform_output=container):
        np.testing.assert_array_equal(EncoderFeatures(small(3)).fit_transform(digits), expected)


def test_images_of_points_that_are_read_backwards(fitted, latent):
    expected = fitted.inverse_transform(latent)
    np.testing.assert_array_equal(fitted.inverse_transform(latent[::-1]), expected[::-1])
    back = np.ascontiguousarray(latent[:, ::-1])
    expected = fitted.inverse_transform(back)
    np.testing.assert_array_equal(fitted.inverse_transform(latent[:, ::-1]), expected)


@pytest.mark.parametrize("gradient", [False, True])
def test_points_as_tensors(latent, latent_model, classes, gradient):
    tensor = torch.tensor(latent, requires_grad=gradient)
    for name in ("kernel", "per class", "gaussian"):
        expected = measured(DENSITIES[name], latent, classes)
        density = clone(DENSITIES[name]).fit(tensor, classes)
        np.testing.assert_array_equal(density.sample(40, random_state=0), expected["sample"])
    np.testing.assert_array_equal(latent_model.transform(tensor), latent_model.transform(latent))
    centers = class_centers(tensor, classes).centers
    np.testing.assert_array_equal(centers, class_centers(latent, classes).centers)
    labels = torch.tensor(np.arange(600) % 2)
    direction = attribute_direction(tensor, labels)
    np.testing.assert_array_equal(direction, attribute_direction(latent, labels.numpy()))
    path = linear_path(tensor[:2], 3, model=latent_model)
    expected = linear_path(latent[:2], 3, model=latent_model).points
    np.testing.assert_array_equal(path.points, expected)


DISPATCHED = """
import numpy as np, sklearn, torch
from sklatent import LatentGaussianModel
from sklatent.samplers import *
Z = np.random.default_rng(0).normal(size=(100, 2)); y = np.arange(100) % 2
samplers = [LatentGaussianModel(), MixtureSampler(2, random_state=0), EllipseSampler(),
            KernelSampler("local", random_state=0), PerClassSampler(), CopulaSampler(),
            HighestDensity(random_state=0)]
expected = [s.fit(Z, y).score_samples(Z) for s in samplers]
sklearn.set_config(array_api_dispatch=True)
tensor = torch.tensor(Z)
for sampler, values in zip(samplers, expected):
    found = sampler.fit(tensor, torch.tensor(y)).score_samples(tensor)
    assert type(found) is np.ndarray, type(found)
    np.testing.assert_array_equal(found, values)
    assert type(sampler.sample(3)) is np.ndarray
assert sklearn.get_config()["array_api_dispatch"]
print("the same")
"""


def test_tensors_where_scikit_learn_dispatches():
    # scipy reads the variable when it is imported.
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    command = [sys.executable, "-c", DISPATCHED]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "the same", told.stderr


def test_a_flow_whatever_torch_was_told(latent):
    pytest.importorskip("zuko")
    flow = FlowSampler(2, hidden_features=(8,), max_epochs=1, random_state=0)
    expected = measured(flow, latent, None)
    with config_context(transform_output="pandas"), np.errstate(all="raise"):
        assert_same(measured(flow, latent[::-1][::-1], None), expected)
    with torch.no_grad():
        assert_same(measured(flow, latent, None), expected)
    with torch.inference_mode():
        assert_same(measured(flow, latent, None), expected)
    torch.set_default_dtype(torch.float64)
    try:
        assert_same(measured(flow, latent, None), expected)
    finally:
        torch.set_default_dtype(torch.float32)
