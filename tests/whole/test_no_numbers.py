"""What holds no numbers, or hides some, is refused by name wherever images or points go in."""

import datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from sklatent import (
    ConvAutoencoder,
    ImageOutlierDetector,
    LatentGaussianModel,
    corruption,
    make_latent_pipeline,
    metrics,
    paths,
    samplers,
)
from sklatent.datasets import make_gaussian_images
from sklatent.displays import CornerDisplay, SampleGridDisplay

IMAGES = load_digits().images[:60]
ROWS = IMAGES.reshape(60, 64)
LABELS = load_digits().target[:60]
POINTS = np.random.default_rng(0).normal(size=(60, 3))
MODEL = LatentGaussianModel().fit(POINTS)
PIPELINE = make_latent_pipeline(PCA(3), LatentGaussianModel()).fit(ROWS)


def masked(values):
    hidden = np.zeros(np.shape(values), bool)
    hidden.flat[1] = True
    return np.ma.array(values, mask=hidden)


def moments(values, kind):
    return np.abs(np.asarray(values) * 100).astype(np.int64).astype(kind)


def table(values):
    return pd.DataFrame(np.reshape(values, (len(values), -1)))


KINDS = {
    "masked": masked,
    "list of masked arrays": lambda values: list(masked(values)),
    "dates": lambda values: moments(values, "M8[s]"),
    "durations": lambda values: moments(values, "m8[s]"),
    "objects of durations": lambda values: moments(values, "m8[s]").astype(object),
    "numeric text": lambda values: np.asarray(values).astype(str),
    "objects of text": lambda values: np.asarray(values).astype(str).astype(object),
    "list of text": lambda values: np.asarray(values).astype(str).tolist(),
    "bytes": lambda values: np.asarray(values).astype("S8"),
    "table of text": lambda values: table(np.asarray(values).astype(str)),
    "table of dates": lambda values: table(moments(values, "M8[s]")),
    "complex": lambda values: np.asarray(values) + 0j,
}


def small(**parameters):
    return ConvAutoencoder(2, channels=(8,), max_epochs=1, random_state=0, **parameters)


@pytest.fixture(scope="module")
def fitted():
    return small().fit(IMAGES)


IN_IMAGES = {
    "X": (
        lambda model, X: small().fit(X),
        lambda model, X: model.transform(X),
        lambda model, X: model.score(X),
        lambda model, X: ImageOutlierDetector(model).fit(X),
        lambda model, X: corruption.GaussianNoise(0.1).fit(X),
        lambda model, X: corruption.GaussianNoise(0.1, value_range=(0, 16)).transform(X),
        lambda model, X: metrics.PixelFeatures().fit(X),
        lambda model, X: metrics.psnr(X, IMAGES),
        lambda model, X: metrics.make_image_scorer()(model, X),
        lambda model, X: metrics.ClassifierFeatures(2).fit(X, LABELS),
    ),
    "reconstructed": (lambda model, X: metrics.psnr(IMAGES, X),),
    "images": (lambda model, X: SampleGridDisplay.from_images(X),),
    "X_test": (lambda model, X: metrics.sample_report(model, X),),
}
IN_POINTS = {
    "X": (
        lambda Z: LatentGaussianModel().fit(Z),
        lambda Z: LatentGaussianModel().partial_fit(Z),
        MODEL.transform,
        MODEL.inverse_transform,
        MODEL.score_samples,
        MODEL.ellipses().contains,
        lambda Z: samplers.PerClassSampler().fit(Z, np.arange(60) % 3),
        samplers.PerClassSampler().fit(POINTS, np.arange(60) % 3).score_samples,
        *(
            getattr(samplers, name)().fit
            for name in ("BoxSampler", "EllipseSampler", "IntervalSampler", "KernelSampler")
        ),
        samplers.MixtureSampler(2).fit,
        samplers.KernelSampler().fit(POINTS).score_samples,
        samplers.HighestDensity().fit,
    ),
    "points": (CornerDisplay.from_points,),
    "latent": (lambda Z: PIPELINE.fit_density(latent=Z),),
    "Z": (lambda Z: paths.class_centers(Z, np.arange(60) % 3),),
    "generated": (lambda Z: metrics.copy_check(POINTS, POINTS, Z),),
}


def message(name, kind):
    if "masked" in kind:
        return rf"\b{name} must have no masked values"
    return rf"\b{name} must hold (real )?numbers"


@pytest.mark.parametrize("kind", KINDS)
def test_images(kind, fitted):
    for name, calls in IN_IMAGES.items():
        for call in calls:
            with pytest.raises((TypeError, ValueError), match=message(name, kind)):
                call(fitted, KINDS[kind](IMAGES))


@pytest.mark.parametrize("kind", KINDS)
def test_points(kind):
    for name, calls in IN_POINTS.items():
        for call in calls:
            with pytest.raises((TypeError, ValueError), match=message(name, kind)):
                call(KINDS[kind](POINTS))


@pytest.mark.parametrize(
    "call",
    [
        lambda y: small().fit(IMAGES, y),
        lambda y: metrics.ClassifierFeatures(2).fit(IMAGES, y),
        lambda y: samplers.PerClassSampler().fit(POINTS, y),
        lambda y: paths.class_centers(POINTS, y),
        lambda y: metrics.make_image_scorer()(PIPELINE, ROWS, y),
    ],
)
def test_labels_under_a_mask(call):
    with pytest.raises(ValueError, match="y must have no masked values"):
        call(masked(LABELS))


@pytest.mark.parametrize("method", ["fit", "transform", "reconstruct", "score"])
def test_pipelines_whose_first_step_knows_no_masks(method):
    with pytest.raises(ValueError, match="X must have no masked values"):
        getattr(PIPELINE, method)(masked(ROWS))


def test_parameters_that_are_arrays():
    for kind in ("masked", "dates", "numeric text", "bytes"):
        with pytest.raises((TypeError, ValueError), match=message("mean", kind)):
            make_gaussian_images(3, mean=KINDS[kind](np.arange(4.0)))
        with pytest.raises((TypeError, ValueError), match=message("covariance", kind)):
            samplers.log_volume_ratio(KINDS[kind](np.eye(3)), 5.0)


def test_masks_that_hide_nothing_and_objects_that_are_numbers():
    expected = LatentGaussianModel().fit(POINTS).mean_
    shown = np.ma.array(POINTS, mask=False)
    for same in (shown, POINTS.astype(object), list(POINTS), table(POINTS)):
        np.testing.assert_allclose(LatentGaussianModel().fit(same).mean_, expected, rtol=1e-12)
    with pytest.raises(TypeError, match="X must hold numbers; got dtype object with a date"):
        LatentGaussianModel().fit([[1.0, datetime.date(2000, 1, 1)], [2.0, 3.0]])
