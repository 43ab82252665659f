"""The heat map of correlations: its values, its order, its colours."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from sklatent import LatentGaussianModel
from sklatent.displays import CorrelationDisplay
from sklatent.displays._correlation import clustering_order


@pytest.fixture(scope="module")
def blocks():
    """2,000 points of three blocks of four components, mixed up; one member turned around."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(2000, 12)) + 2 * np.repeat(rng.normal(size=(2000, 3)), 4, axis=1)
    points[:, 0] *= -1
    order = rng.permutation(12)
    return points[:, order], order // 4


def test_the_map_shows_the_correlations_in_order(blocks):
    points, _ = blocks
    display = CorrelationDisplay.from_points(points)
    shown = display.image_.get_array()
    wanted = np.corrcoef(points.T)[np.ix_(display.order, display.order)]
    off = ~np.eye(12, dtype=bool)
    np.testing.assert_allclose(shown[off], wanted[off], rtol=1e-9, atol=1e-12)
    assert shown.mask.diagonal().all()
    labels = [int(text.get_text()) for text in display.ax_.get_xticklabels()]
    np.testing.assert_array_equal(labels, display.order)


def test_blocks_stand_side_by_side_whatever_their_signs(blocks):
    points, block = blocks
    order = CorrelationDisplay.from_points(points).order
    assert np.count_nonzero(np.diff(block[order])) == 2
    np.testing.assert_array_equal(np.sort(order), np.arange(12))


def test_without_clustering_components_keep_their_order(blocks):
    display = CorrelationDisplay.from_points(blocks[0], cluster=False)
    np.testing.assert_array_equal(display.order, np.arange(12))


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_few_components_have_an_order(d):
    np.testing.assert_array_equal(np.sort(clustering_order(np.eye(d))), np.arange(d))


def test_colours_reach_the_strongest_correlation_rounded_up(blocks):
    points, _ = blocks
    r = np.corrcoef(points.T) - np.eye(12)
    display = CorrelationDisplay.from_points(points)
    assert display.image_.get_clim()[1] == pytest.approx(np.ceil(10 * np.abs(r).max()) / 10)
    assert display.image_.get_clim()[0] == -display.image_.get_clim()[1]
    assert display.plot(limit=1.0).image_.get_clim() == (-1, 1)
    with pytest.raises(ValueError, match=r"limit must be a number in \(0, 1\]; got 2"):
        display.plot(limit=2)


def test_numbers_stand_below_the_diagonal_of_small_maps(blocks):
    display = CorrelationDisplay.from_points(blocks[0])
    assert len(display.texts_) == 66
    text = display.texts_[0]
    column, row = (int(value) for value in text.get_position())
    value = display.image_.get_array()[row, column]
    assert float(text.get_text()) == pytest.approx(value, abs=0.005001)
    assert display.plot(numbers=False).texts_ == []


def test_the_bar_says_what_chance_reaches(blocks):
    points, _ = blocks
    display = CorrelationDisplay.from_points(points)
    level = LatentGaussianModel().fit(points).correlated_pairs().chance_level
    assert display.chance_level == pytest.approx(level)
    words = display.colorbar_.ax.get_ylabel()
    assert words == f"Pearson correlation\n(up to {level:.2f} may be chance)"


def test_a_model_is_enough_and_names_are_ticks(latent):
    pd = pytest.importorskip("pandas")
    names = ["size", "slant", "width", "shade"]
    model = LatentGaussianModel().fit(pd.DataFrame(latent, columns=names))
    _, ax = plt.subplots()
    display = CorrelationDisplay.from_model(model, ax=ax)
    assert display.ax_ is ax
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == [names[index] for index in display.order]
    from_points = CorrelationDisplay.from_points(pd.DataFrame(latent, columns=names))
    np.testing.assert_array_equal(from_points.names, display.names)


def test_many_components_have_no_ticks():
    points = np.random.default_rng(0).normal(size=(100, 50))
    display = CorrelationDisplay.from_points(points)
    assert len(display.ax_.get_xticks()) == 0
    assert "50 components" in display.ax_.get_xlabel()


def test_a_model_must_be_fitted():
    with pytest.raises(NotFittedError):
        CorrelationDisplay.from_model(LatentGaussianModel())
    with pytest.raises(TypeError, match="model must be a fitted LatentGaussianModel"):
        CorrelationDisplay.from_model(np.eye(3))


def test_an_order_is_not_made_of_rounding_errors(rng):
    points = PCA().fit_transform(rng.normal(size=(200, 6)))
    np.testing.assert_array_equal(CorrelationDisplay.from_points(points).order, np.arange(6))
