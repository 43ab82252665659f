"""Rows of originals, corrupted and reconstructed images, with errors."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.corruption import GaussianNoise
from sklatent.displays import ReconstructionDisplay
from sklatent.metrics import psnr, reconstruction_error


def test_images_and_errors_are_those_of_the_estimator(fitted, digits):
    display = ReconstructionDisplay.from_estimator(fitted, digits, n_images=5)
    back, error = fitted.reconstruct(digits), fitted.reconstruction_error(digits)
    assert list(display.images_) == ["original", "reconstructed"]
    for name, images in (("original", digits), ("reconstructed", back)):
        assert len(display.images_[name]) == 5
        for artist, image in zip(display.images_[name], images, strict=False):
            np.testing.assert_allclose(artist.get_array(), image / 16, atol=1e-6)
    np.testing.assert_allclose(display.errors["reconstructed"], error[:5], rtol=1e-5)
    assert display.mean_errors["reconstructed"] == pytest.approx(error.mean(), rel=1e-5)
    texts = [text.get_text() for text in display.texts_["reconstructed"]]
    np.testing.assert_allclose([float(text) for text in texts], error[:5], atol=6e-4)
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == ["original", f"reconstructed\nmean MSE {error.mean():.3f}"]
    assert display.texts_["original"] == []


def test_corrupted_images_are_restored_and_measured(fitted, digits):
    noise = GaussianNoise(0.5, value_range=(0, 16), random_state=0)
    display = ReconstructionDisplay.from_estimator(
        fitted, digits, corruption=noise, metric="psnr", n_images=3
    )
    corrupted = noise.transform(digits)
    assert list(display.images) == ["original", "corrupted", "restored"]
    # Errors are those before values beyond black and white are cut off.
    np.testing.assert_allclose(display.errors["corrupted"], psnr(digits, corrupted)[:3], rtol=1e-5)
    restored = fitted.reconstruct(corrupted)
    expected = psnr(digits, restored, average=True)
    assert display.mean_errors["restored"] == pytest.approx(expected)
    assert display.texts_["restored"][0].get_text() == f"{psnr(digits, restored)[0]:.1f} dB"
    assert display.images["corrupted"].min() >= 0


def test_a_corruption_that_is_not_fitted_takes_the_units_of_the_estimator(fitted, digits):
    display = ReconstructionDisplay.from_estimator(
        fitted, digits, corruption=GaussianNoise(0.5, random_state=0), n_images=3
    )
    noise = GaussianNoise(0.5, value_range=(0, 16), random_state=0)
    expected = reconstruction_error(digits, noise.transform(digits), value_range=(0, 16))
    np.testing.assert_allclose(display.errors["corrupted"], expected[:3], rtol=1e-5)
    rows = digits.reshape(len(digits), -1)
    with pytest.raises(NotFittedError, match="corruption must be fitted to images first"):
        ReconstructionDisplay.from_estimator(PCA(3).fit(rows), rows, corruption=GaussianNoise(0.5))


def test_corrupted_images_may_be_given_with_their_originals(fitted, digits):
    darker = digits * 0.5
    display = ReconstructionDisplay.from_estimator(fitted, darker, digits, n_images=2)
    np.testing.assert_allclose(display.images["corrupted"][..., 0], darker[:2] / 16, atol=1e-6)
    np.testing.assert_allclose(
        display.errors["corrupted"], np.square(digits / 32).mean(axis=(1, 2))[:2]
    )


def test_baselines_see_flat_rows_and_pipelines_reconstruct(fitted, digits):
    pca = PCA(5).fit(digits.reshape(len(digits), -1))
    pipeline = make_latent_pipeline(fitted, LatentGaussianModel()).fit(digits)
    display = ReconstructionDisplay.from_estimator(
        pipeline, digits, np.arange(len(digits)), baselines={"PCA": pca}, n_images=2
    )
    rows = digits.reshape(len(digits), -1)
    back = pca.inverse_transform(pca.transform(rows)).reshape(digits.shape)
    error = reconstruction_error(digits, back, value_range=(0, 16))
    np.testing.assert_allclose(display.errors["PCA"], error[:2])
    assert list(display.images) == ["original", "reconstructed", "PCA"]


def test_rows_of_images_compare_with_any_of_them(rng):
    clean = rng.integers(0, 256, (4, 8, 8), dtype=np.uint8)
    rows = {"lost": np.zeros_like(clean), "clean": clean, "inverted": 255 - clean}
    display = ReconstructionDisplay.from_images(rows, compare_with="clean", n_images=4)
    assert list(display.images) == ["lost", "clean", "inverted"]
    np.testing.assert_allclose(display.errors["lost"], np.square(clean / 255.0).mean(axis=(1, 2)))
    assert "clean" not in display.errors


def test_rows_of_other_channels_are_drawn_without_error(rng):
    colour = rng.random((3, 8, 8, 3))
    rows = {"coloured": colour, "grey": colour.mean(axis=-1)}
    display = ReconstructionDisplay.from_images(rows)
    assert display.errors == {}
    assert display.images_["grey"][0].get_array().shape == (8, 8)


def test_equal_images_have_infinite_psnr(digits):
    rows = {"original": digits, "same": digits}
    display = ReconstructionDisplay.from_images(rows, metric="psnr", n_images=2)
    assert display.texts_["same"][0].get_text() == "inf dB"


def test_errors_can_be_left_out_and_styled(fitted, digits):
    figure, ax = plt.subplots()
    display = ReconstructionDisplay.from_estimator(fitted, digits, n_images=2)
    display.plot(ax, show_errors=False, image_kwargs={"cmap": "viridis"})
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert display.texts_["reconstructed"] == []
    assert display.images_["original"][0].get_cmap().name == "viridis"
    display.plot(text_kwargs={"color": "red"})
    assert display.texts_["reconstructed"][0].get_color() == "red"


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"metric": "ssim"}, ValueError, "metric must be one of"),
        ({"n_images": 0}, ValueError, "n_images must be"),
        ({"corruption": 3}, TypeError, "corruption must have transform"),
        ({"baselines": [PCA()]}, TypeError, "baselines must be a dictionary"),
        ({"baselines": {"Gauss": LatentGaussianModel}}, TypeError, "row 'Gauss' must have"),
        ({"value_range": (2, 1)}, ValueError, "value_range must be"),
    ],
)
def test_bad_parameters_are_named(fitted, digits, changes, error, match):
    with pytest.raises(error, match=match):
        ReconstructionDisplay.from_estimator(fitted, digits, **changes)


def test_corruption_of_images_already_corrupted_is_refused(fitted, digits):
    with pytest.raises(ValueError, match="corruption must be None where y holds images"):
        ReconstructionDisplay.from_estimator(
            fitted, digits, digits, corruption=GaussianNoise(0.1, random_state=0)
        )


def test_rows_that_differ_in_size_are_refused(digits):
    with pytest.raises(ValueError, match=r"images\['less'\] must have as many images"):
        ReconstructionDisplay.from_images({"all": digits, "less": digits[:5]})
    with pytest.raises(ValueError, match=r"compare_with must be one of 'all'"):
        ReconstructionDisplay.from_images({"all": digits}, compare_with="none")


def test_captions_do_not_touch_in_small_axes(fitted, digits):
    figure, axes = plt.subplots(2, 2, figsize=(8, 7), layout="constrained")
    display = ReconstructionDisplay.from_estimator(fitted, digits, ax=axes[0, 0])
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in display.texts_["reconstructed"]]
    assert all(box.x1 < after.x0 for box, after in pairwise(boxes))
