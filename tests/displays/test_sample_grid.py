"""Grids of samples."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from sklatent import LatentGaussianModel, make_latent_pipeline, sample_images
from sklatent.displays import SampleGridDisplay
from sklatent.samplers import BoxSampler, PerClassSampler


@pytest.fixture(scope="module")
def pipeline(fitted, digits):
    return make_latent_pipeline(fitted, LatentGaussianModel()).fit_density(digits)


def artists(display):
    return [artist.get_array() for row in display.images_ for artist in row]


def test_samples_are_those_of_the_pipeline(pipeline):
    display = SampleGridDisplay.from_estimator(pipeline, 12, random_state=3).plot(n_columns=5)
    expected = sample_images(pipeline, 12, random_state=3) / 16
    np.testing.assert_allclose(np.stack(artists(display)), expected, atol=1e-6)
    assert [len(row) for row in display.images_] == [5, 5, 2]
    assert display.labels is None
    assert len(display.ax_.get_yticks()) == 0


def test_the_grid_leaves_few_places_empty():
    for n, widths in {7: [7], 20: [10, 10], 16: [8, 8], 24: [8, 8, 8]}.items():
        display = SampleGridDisplay.from_images(np.zeros((n, 8, 8)))
        assert [len(row) for row in display.images_] == widths


def test_classes_label_the_rows(fitted, digits):
    points = fitted.transform(digits)
    sampler = PerClassSampler().fit(
        points, np.where(points[:, 0] > np.median(points[:, 0]), "above", "below")
    )
    pipeline = Pipeline([("autoencoder", fitted), ("sampler", sampler)])
    y = ["below", "above", "below", "above", "above"]
    display = SampleGridDisplay.from_estimator(pipeline, 5, y=y, random_state=0)
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["below", "above"]
    assert [len(row) for row in display.images_] == [2, 3]
    np.testing.assert_array_equal(display.images_[0][1].get_array(), display.images[2][..., 0])
    one = SampleGridDisplay.from_estimator(pipeline, 3, y="above", random_state=0)
    assert one.labels.tolist() == ["above"] * 3


def test_samplers_share_one_autoencoder(fitted, digits):
    points = fitted.transform(digits)
    samplers = {"box": BoxSampler(3.0).fit(points), "Gaussian": LatentGaussianModel().fit(points)}
    display = SampleGridDisplay.from_samplers(fitted, samplers, 4, random_state=0)
    assert display.labels.tolist() == ["box"] * 4 + ["Gaussian"] * 4
    again = SampleGridDisplay.from_samplers(fitted, samplers, 4, random_state=0)
    np.testing.assert_array_equal(display.images, again.images)
    box = fitted.inverse_transform(samplers["box"].sample(4, np.random.RandomState(0))) / 16
    np.testing.assert_allclose(display.images[:4, ..., 0], box, atol=1e-6)


def test_rows_come_from_a_dictionary_or_from_labels(digits):
    rows = {"first": digits[:3], "second": digits[3:5]}
    display = SampleGridDisplay.from_images(rows)
    assert [len(row) for row in display.images_] == [3, 2]
    same = SampleGridDisplay.from_images(digits[:5], ["first"] * 3 + ["second"] * 2)
    np.testing.assert_allclose(same.images, display.images, atol=1e-6)
    assert same.labels.tolist() == display.labels.tolist()
    assert [len(row) for row in same.plot(n_columns=2).images_] == [2, 2]


def test_colours_are_drawn_as_they_are(rng):
    images = rng.integers(0, 256, (4, 6, 5, 3), dtype=np.uint8)
    _, ax = plt.subplots()
    display = SampleGridDisplay.from_images(images).plot(ax=ax)
    assert display.ax_ is ax
    np.testing.assert_allclose(artists(display)[2], images[2] / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: SampleGridDisplay.from_estimators([]), TypeError, "pipelines must be a dict"),
        (lambda: SampleGridDisplay.from_samplers(None, {}), TypeError, "samplers must be a dict"),
        (
            lambda: SampleGridDisplay.from_images({"a": np.zeros((1, 8, 8))}, ["a"]),
            ValueError,
            "labels must be None where images is a dictionary",
        ),
        (
            lambda: SampleGridDisplay.from_images(np.zeros((2, 8, 8)), [["a"], ["b"]]),
            ValueError,
            "labels must have one dimension",
        ),
        (
            lambda: SampleGridDisplay.from_images(np.zeros((2, 8, 8)), ["a"]),
            ValueError,
            "labels must have as many rows",
        ),
        (
            lambda: SampleGridDisplay.from_images(
                {"a": np.zeros((1, 8, 8)), "b": np.zeros((1, 9, 8))}
            ),
            ValueError,
            r"images\['b'\] must have images of the shape of images\['a'\]",
        ),
        (
            lambda: SampleGridDisplay.from_images(np.zeros((2, 8, 8))).plot(n_columns=0),
            ValueError,
            "n_columns must be",
        ),
    ],
)
def test_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_what_cannot_draw_is_named_as_the_caller_gave_it(fitted, pipeline, digits):
    with pytest.raises(TypeError, match=r"^estimator must be a scikit-learn Pipeline; got a Conv"):
        SampleGridDisplay.from_estimator(fitted)
    with pytest.raises(TypeError, match=r"^pipelines\['alone'\] must be a scikit-learn Pipeline"):
        SampleGridDisplay.from_estimators({"all": pipeline, "alone": fitted}, 2)
    no_density = Pipeline([("pca", PCA(2))])
    with pytest.raises(TypeError, match=r"^The last step of estimator must have a sample method"):
        SampleGridDisplay.from_estimator(no_density)
    samplers = {"Gaussian": pipeline[-1], "box": BoxSampler()}
    with pytest.raises(NotFittedError, match=r"^samplers\['box'\] must be fitted; the BoxSampler"):
        SampleGridDisplay.from_samplers(fitted, samplers, 2)
