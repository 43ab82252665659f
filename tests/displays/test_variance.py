"""Variance by principal component: shares and cumulative shares against scikit-learn."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel
from sklatent.displays import PrincipalVarianceDisplay


def heights(display):
    return np.array([bar.get_height() for bar in display.bars_])


def test_bars_are_the_shares_of_pca(latent, latent_model):
    display = PrincipalVarianceDisplay.from_estimator(latent_model, latent)
    ratio = PCA().fit(latent).explained_variance_ratio_
    np.testing.assert_allclose(heights(display), 100 * ratio, rtol=1e-9)
    x, y = display.line_.get_data()
    np.testing.assert_array_equal(x, np.arange(5))
    np.testing.assert_allclose(y, 100 * np.append(0, np.cumsum(ratio)), rtol=1e-9)


def test_standardised_shares_are_those_of_correlations(latent, latent_model):
    display = PrincipalVarianceDisplay.from_model(latent_model, standardize=True)
    ratio = PCA().fit((latent - latent.mean(0)) / latent.std(0)).explained_variance_ratio_
    np.testing.assert_allclose(heights(display), 100 * ratio, rtol=1e-9)
    assert "standardised" in display.ax_.get_xlabel()


def test_numbers_needed_and_effective_number_have_closed_forms():
    display = PrincipalVarianceDisplay(np.array([8.0, 1.0, 0.5, 0.5])).plot()
    assert [display.n_needed(share) for share in (0.5, 0.8, 0.9, 0.91, 1.0)] == [1, 1, 2, 3, 4]
    assert display.axes_[0].get_title() == f"effective number: {100 / 65.5:.1f} of 4"
    assert display.axes_[1].get_title() == "90 % in 2, 99 % in 4"
    np.testing.assert_array_equal(display.marks_[0].get_xdata(), [0, 2, 2])
    with pytest.raises(ValueError, match=r"share must be a number in \(0, 1\]"):
        display.n_needed(0)


def test_equal_variances_count_all_components():
    for d in (1, 7, 100):
        display = PrincipalVarianceDisplay(np.ones(d))
        assert display.n_needed(1.0) == d
        assert display.n_needed(0.5) == int(np.ceil(d / 2))


def test_components_that_do_not_vary_have_no_share(latent):
    points = np.column_stack([latent, np.ones(len(latent))])
    for standardize in (False, True):
        display = PrincipalVarianceDisplay.from_points(points, standardize=standardize)
        assert heights(display)[-1] == pytest.approx(0, abs=1e-9)
        assert heights(display).sum() == pytest.approx(100)
    with pytest.raises(ValueError, match="model must have a component that varies"):
        PrincipalVarianceDisplay.from_model(LatentGaussianModel().fit([[1.0, 2.0]]))


def test_axes_of_the_caller_and_keywords(latent_model):
    _, axes = plt.subplots(1, 2)
    display = PrincipalVarianceDisplay.from_model(
        latent_model, ax=axes, bar_kwargs={"fc": "red"}, line_kwargs={"ls": ":"}
    )
    assert list(display.axes_) == list(axes)
    assert display.bars_[0].get_facecolor() == (1, 0, 0, 1)
    assert display.line_.get_linestyle() == ":"


def test_what_is_no_model_is_an_error():
    with pytest.raises(TypeError, match="model must be a fitted LatentGaussianModel"):
        PrincipalVarianceDisplay.from_model(PCA())


def test_words_in_one_axes_of_the_caller_do_not_overlap(latent_model):
    figure, axes = plt.subplots(2, 2, figsize=(8, 7), layout="constrained")
    display = PrincipalVarianceDisplay.from_model(latent_model, ax=axes[0, 0])
    figure.canvas.draw()
    left, right = display.axes_
    assert left.title.get_window_extent().x1 < right.title.get_window_extent().x0
    assert left.xaxis.label.get_window_extent().x1 < right.xaxis.label.get_window_extent().x0
