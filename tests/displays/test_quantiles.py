"""Distances against chi-squared: points, line and band against scipy."""

import numpy as np
import pytest
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent.displays import MahalanobisQQDisplay
from sklatent.displays._quantiles import order_statistic_band, shown_ranks


@pytest.fixture
def display(latent, latent_model):
    return MahalanobisQQDisplay.from_estimator(latent_model, latent, confidence_level=0.9)


def test_points_are_sorted_distances_over_quantiles(display, latent, latent_model):
    x, y = display.points_.get_data()
    np.testing.assert_allclose(y, np.sort(latent_model.mahalanobis_squared(latent)))
    np.testing.assert_allclose(stats.chi2.cdf(x, 4), (np.arange(600) + 0.5) / 600)


def test_the_band_is_that_of_order_statistics(display):
    rank = np.arange(1, 601)
    for ends, share in ((display.low, 0.05), (display.high, 0.95)):
        wanted = stats.beta.ppf(share, rank, 601 - rank)
        np.testing.assert_allclose(stats.chi2.cdf(ends, 4), wanted, rtol=1e-9)
    vertices = display.band_.get_paths()[0].vertices
    assert vertices[:, 1].min() == pytest.approx(display.low[0])
    assert vertices[:, 1].max() == pytest.approx(display.high[-1])


def test_the_band_holds_its_share_of_normal_samples_at_each_rank():
    rng = np.random.default_rng(0)
    ranks = np.array([0, 10, 49, 99])
    low, high = order_statistic_band(ranks, 100, 5, 0.8)
    samples = np.sort(rng.chisquare(5, size=(4000, 100)), axis=1)[:, ranks]
    inside = ((samples >= low) & (samples <= high)).mean(axis=0)
    # Four standard deviations of a share of 0.8 in 4,000 samples.
    np.testing.assert_allclose(inside, 0.8, atol=4 * np.sqrt(0.16 / 4000))


def test_the_share_outside_counts_all_points(latent, latent_model):
    rng = np.random.default_rng(1)
    heavy = rng.standard_t(3, size=(500, 4))
    display = MahalanobisQQDisplay.from_points(heavy)
    outside = (display.distances < display.low) | (display.distances > display.high)
    assert display.share_outside == pytest.approx(outside.mean())
    few = MahalanobisQQDisplay.from_points(heavy, max_points=20)
    assert few.share_outside == display.share_outside
    assert f"500 points, {100 * outside.mean():.0f} % outside" in few.points_.get_label()


def test_the_line_joins_equal_quantiles_and_the_axes_are_named(display):
    x, y = display.line_.get_data()
    np.testing.assert_array_equal(x, y)
    assert display.ax_.get_xlabel() == "quantile of chi-squared with 4 degrees of freedom"
    assert "90 % of normal samples" in display.legend_.get_texts()[2].get_text()


def test_degrees_of_freedom_are_the_rank(latent):
    points = np.column_stack([latent, latent[:, 0]])
    assert MahalanobisQQDisplay.from_points(points).dimension == 4


def test_the_largest_are_always_shown():
    ranks = shown_ranks(50_000, 1000)
    assert len(ranks) == len(np.unique(ranks)) == 1000
    np.testing.assert_array_equal(ranks[-200:], np.arange(49_800, 50_000))
    np.testing.assert_array_equal(shown_ranks(5, 1000), np.arange(5))
    assert len(np.unique(shown_ranks(1001, 1000))) == 1000
    assert list(shown_ranks(10, 2)) == [0, 9]


def test_logarithmic_axes_and_keywords(latent, latent_model):
    display = MahalanobisQQDisplay.from_estimator(
        latent_model, latent, log=True, point_kwargs={"ms": 7}, band_kwargs={"fc": "red"}
    )
    assert display.ax_.get_xscale() == display.ax_.get_yscale() == "log"
    assert display.points_.get_markersize() == 7


def test_wrong_input_is_an_error(latent):
    with pytest.raises(ValueError, match="model must have a component that varies"):
        MahalanobisQQDisplay.from_points(np.ones((5, 2)))
    with pytest.raises(ValueError, match="confidence_level must be a number in"):
        MahalanobisQQDisplay.from_points(latent, confidence_level=1.0)
    with pytest.raises(TypeError, match="log must be True or False"):
        MahalanobisQQDisplay.from_points(latent, log="x")
    model = LatentGaussianModel().fit(latent)
    with pytest.raises(TypeError, match="band_kwargs must be a dictionary"):
        MahalanobisQQDisplay.from_estimator(model, latent, band_kwargs="red")
