"""Scores over the latent dimension."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from sklatent import LatentDimensionSearch
from sklatent._search.results import DimensionResults, one_standard_error_choice
from sklatent.displays import LatentDimensionDisplay


@pytest.fixture
def results():
    dims = np.array([8, 8, 2, 2])
    densities = ("gaussian", "mixture", "gaussian", "mixture")
    frechet = np.array(
        [[-2.0, -2.2, -1.8], [-1.0, -1.2, -0.8], [-5.0, -5.5, -4.5], [-4, -4.4, -3.6]]
    )
    error = np.repeat([[-0.01, -0.02, -0.03], [-0.05, -0.06, -0.07]], 2, axis=0)
    scores = {"neg_mse": error, "neg_frechet": frechet}
    _, chosen = one_standard_error_choice(dims, frechet)
    return DimensionResults(
        dims, densities, scores, {"neg_frechet": np.array([-0.1, -0.2, -0.3])},
        np.ones((4, 3)), np.ones((4, 3)), "neg_frechet", chosen,
    )  # fmt: skip


def test_curves_are_means_with_standard_errors(results):
    display = LatentDimensionDisplay.from_results(results)
    line, _, (bars,) = display.bars_["neg_frechet"]["mixture"].lines
    np.testing.assert_array_equal(line.get_xdata(), [2, 8])
    np.testing.assert_allclose(line.get_ydata(), [4.0, 1.0])
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    np.testing.assert_allclose(ends[:, 1] - ends[:, 0], 2 * np.array([0.4, 0.2]) / np.sqrt(3))
    assert display.ax_ is display.axes_[1]
    assert display.ax_.get_ylabel() == "Frechet distance of samples"


def test_errors_that_densities_share_are_drawn_once(results):
    display = LatentDimensionDisplay.from_results(results)
    assert list(display.bars_["neg_mse"]) == ["gaussian"]
    line = display.bars_["neg_mse"]["gaussian"].lines[0]
    np.testing.assert_allclose(line.get_ydata(), [0.06, 0.02])


def test_the_choice_is_marked_with_its_reason(results):
    display = LatentDimensionDisplay.from_results(results)
    assert list(display.chosen_lines_) == ["neg_mse", "neg_frechet"]
    for line in display.chosen_lines_.values():
        assert line.get_xdata() == [8, 8]
    assert display.figure_.get_suptitle().replace("\n", " ") == display.reason
    assert display.reason.startswith("8 components with mixture (Frechet 1.0")
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["gaussian", "mixture", "training images", "chosen: 8"]
    assert display.real == {"neg_frechet": pytest.approx(0.2)}
    assert [label.get_text() for label in display.ax_.get_xticklabels()] == ["2", "8"]


def test_axes_of_the_caller_are_used(results):
    figure, axes = plt.subplots(2)
    display = LatentDimensionDisplay.from_results(results).plot(
        axes, errorbar_kwargs={"capsize": 0}
    )
    assert list(display.axes_) == list(axes)
    assert figure.get_suptitle() == ""


def test_searches_hand_over_their_results(small, digits):
    search = LatentDimensionSearch(
        small(max_epochs=1), dims=(2, 4), cv=2, refit=False, random_state=0
    )
    with pytest.raises(NotFittedError):
        LatentDimensionDisplay.from_estimator(search)
    display = LatentDimensionDisplay.from_estimator(search.fit(digits))
    np.testing.assert_allclose(
        display.means["neg_mse"], -search.results_.scores["neg_mse"].mean(axis=1)
    )
    assert display.dims[display.chosen] == search.best_dim_
    assert display.reason == search.reason_


def test_anything_else_is_refused(results):
    with pytest.raises(TypeError, match="estimator must be a LatentDimensionSearch"):
        LatentDimensionDisplay.from_estimator(results)
    with pytest.raises(TypeError, match="results must be DimensionResults"):
        LatentDimensionDisplay.from_results({"dims": [2]})


def test_one_metric_takes_the_axes_given(results):
    display = LatentDimensionDisplay.from_results(results)
    display.means = {"neg_frechet": display.means["neg_frechet"]}
    _, ax = plt.subplots()
    assert display.plot(ax).ax_ is ax
    assert ax.axison


def test_other_estimators_are_not_taken_for_searches(fitted):
    with pytest.raises(TypeError, match="estimator must be a LatentDimensionSearch"):
        LatentDimensionDisplay.from_estimator(fitted)


def test_the_best_scores_do_not_touch_the_frame(results):
    display = LatentDimensionDisplay.from_results(results)
    for name, axes in zip(display.means, display.axes_, strict=True):
        assert axes.get_ylim()[1] > 1.04 * display.means[name].max()
