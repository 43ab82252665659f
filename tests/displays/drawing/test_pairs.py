"""Two components at once."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklatent import LatentGaussianModel
from sklatent.displays._drawing.pairs import (
    contour_handle,
    draw_contours,
    draw_ellipse,
    draw_scatter,
    ellipse_label,
    ellipses_of_sizes,
    pair_contours,
)
from sklatent.displays._drawing.points import as_latent_sample


@pytest.fixture
def sample(rng):
    return as_latent_sample(rng.normal(size=(100, 3)))


def test_sizes_are_two_and_three_sigma_or_given(sample):
    assert [each.n_std for each in ellipses_of_sizes(sample.model, [(0, 1)])] == [2.0, 3.0]
    (one,) = ellipses_of_sizes(sample.model, [(0, 1)], coverage=np.float32(0.5))
    assert one.nominal_coverage == 0.5
    with pytest.raises(ValueError, match="Only one of n_std, coverage may be given"):
        ellipses_of_sizes(sample.model, [(0, 1)], 1, 0.5)
    with pytest.raises(ValueError, match=r"coverage must be a number or several; got shape \(0,\)"):
        ellipses_of_sizes(sample.model, [(0, 1)], coverage=[])


def test_ellipses_in_words():
    model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    words = ellipse_label(model.ellipses(coverage=0.95))
    assert words == "ellipse of 2.45 sigma: 95.0 % of a normal"


def test_ellipses_as_they_are_drawn():
    model = LatentGaussianModel().fit([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    _, ax = plt.subplots()
    patch = draw_ellipse(ax, model.ellipses(n_std=2), 0, 1, {"lw": 4})
    widths = sorted([patch.width, patch.height])
    np.testing.assert_allclose(widths, 2 * 2 * np.sqrt([0.5, 2.0]))
    assert (patch.get_linewidth(), patch.get_linestyle()) == (4, "--")


def test_contours_of_a_pair_and_their_words(sample):
    contours = pair_contours(sample, np.array([0, 2]), [0.9, 0.5])
    assert contours.pair == (0, 2)
    _, ax = plt.subplots()
    drawn = draw_contours(ax, contours)
    np.testing.assert_array_equal(drawn.levels, np.sort(contours.levels))
    label = contour_handle(drawn, contours).get_label()
    assert label == "densest regions that hold 50 % and 90 % of the points"
    with pytest.raises(ValueError, match="density_coverages must be None, or shares in"):
        pair_contours(sample, (0, 2), [0.0])


def test_many_points_are_pale():
    _, ax = plt.subplots()
    few, many = (draw_scatter(ax, np.zeros((n, 2))) for n in (10, 5000))
    assert few.get_alpha() > many.get_alpha()
    assert few.get_sizes()[0] > many.get_sizes()[0]
    coloured = draw_scatter(ax, np.zeros((2, 2)), {"c": ["red", "blue"]})
    assert len(coloured.get_facecolors()) == 2
