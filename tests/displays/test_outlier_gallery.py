"""The most and the least outlying images."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator

from sklatent import ImageOutlierDetector, LatentGaussianModel, make_latent_pipeline
from sklatent.displays import OutlierGalleryDisplay


@pytest.fixture(scope="module")
def detector(fitted, digits):
    return ImageOutlierDetector(FrozenEstimator(fitted), contamination=0.1).fit(digits)


def test_images_are_in_the_order_of_their_scores(detector, digits):
    labels = np.arange(len(digits))
    display = OutlierGalleryDisplay.from_estimator(detector, digits, labels, n_images=4)
    assert len(display.images_["outlying"]) == len(display.images_["usual"]) == 4
    scores = detector.score_samples(digits)
    order = np.argsort(scores)
    for artist, index in zip(display.images_["outlying"], order, strict=False):
        np.testing.assert_allclose(artist.get_array(), digits[index] / 16, atol=1e-6)
    for artist, index in zip(display.images_["usual"], order[::-1], strict=False):
        np.testing.assert_allclose(artist.get_array(), digits[index] / 16, atol=1e-6)
    score, label = display.texts_["outlying"][0].get_text().split("\n")
    assert float(score) == pytest.approx(scores.min(), rel=1e-3)
    assert label == f"label {order[0]}"
    assert display.texts_["usual"][1].get_text().endswith(f"label {order[-2]}")


def test_histogram_and_threshold(detector, digits):
    display = OutlierGalleryDisplay.from_estimator(detector, digits)
    assert sum(bar.get_height() for bar in display.histogram_) == len(digits)
    assert display.threshold == detector.offset_
    assert display.threshold_line_.get_xdata() == [detector.offset_] * 2
    n_below = int((detector.predict(digits) == -1).sum())
    assert display.threshold_line_.get_label() == f"threshold: {n_below} of 300 images below"


def test_pipelines_that_end_in_a_density(digits):
    rows = digits.reshape(len(digits), -1)
    pipeline = make_latent_pipeline(PCA(5), LatentGaussianModel()).fit(rows)
    display = OutlierGalleryDisplay.from_estimator(pipeline, rows, image_shape=(8, 8))
    np.testing.assert_allclose(display.scores, np.sort(pipeline.score_samples(rows)))
    first = np.argmin(pipeline.score_samples(rows))
    np.testing.assert_allclose(display.outlying[0, ..., 0], digits[first] / 16, atol=1e-6)


def test_scores_that_are_there_already(digits):
    figure, axes = plt.subplots(2)
    display = OutlierGalleryDisplay.from_scores(
        digits[:5], [3, 1, 2, 5, 4], labels=["c", "a", "b", "e", "d"], n_images=9
    ).plot(axes, hist_kwargs={"color": "red"}, text_kwargs={"fontsize": 5})
    assert display.figure_ is figure
    assert display.labels.tolist() == ["a", "b", "c", "d", "e"]
    assert len(display.outlying) == len(display.usual) == 2
    assert display.threshold_line_ is None
    assert display.texts_["usual"][0].get_text() == "5.000\ne"
    assert display.texts_["usual"][0].get_fontsize() == 5


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"scores": [1, 2]}, "scores must hold a finite number for each of 3 images"),
        ({"scores": [1, 2, np.nan]}, "2 of them finite"),
        ({"threshold": np.inf}, "threshold must be"),
        ({"labels": ["a"]}, "labels must have as many rows"),
        ({"n_images": 0}, "n_images must be"),
        ({"images": np.zeros((1, 8, 8)), "scores": [1]}, "at least 2 images"),
    ],
)
def test_bad_input_is_named(digits, changes, match):
    with pytest.raises(ValueError, match=match):
        OutlierGalleryDisplay.from_scores(**({"images": digits[:3], "scores": [1, 2, 3]} | changes))


def test_detectors_without_scores_are_refused(fitted, digits):
    with pytest.raises(TypeError, match="estimator must have score_samples"):
        OutlierGalleryDisplay.from_estimator(fitted, digits)


def test_the_legend_covers_no_bar(digits):
    display = OutlierGalleryDisplay.from_scores(digits, np.arange(300.0), threshold=150.0)
    display.figure_.canvas.draw()
    axes = display.axes_[1]
    assert axes.get_legend().get_window_extent().y0 >= axes.get_window_extent().y1
