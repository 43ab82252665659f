"""Corner plots: each panel against the display of its pair or component."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

from sklatent.displays import CornerDisplay


@pytest.fixture
def display(latent, latent_model):
    return CornerDisplay.from_estimator(
        latent_model, latent, components=[3, 0, 1], density_coverages=[0.5], random_state=0
    )


def test_scatters_below_the_diagonal_show_their_pairs(display, latent):
    places = [(1, 0), (2, 0), (2, 1)]
    columns = [3, 0, 1]
    for scatter, (row, column) in zip(display.scatters_, places, strict=True):
        assert scatter.axes is display.axes_[row, column]
        wanted = latent[:, [columns[column], columns[row]]]
        np.testing.assert_array_equal(scatter.get_offsets(), wanted)


def test_ellipses_are_those_of_the_model(display, latent_model):
    for pair, patches in zip([(3, 0), (3, 1), (0, 1)], display.ellipses_, strict=True):
        for patch, n_std in zip(patches, (2, 3), strict=True):
            record = latent_model.ellipses([pair], n_std=n_std)
            np.testing.assert_allclose([patch.width, patch.height], 2 * record.half_axes[0])
            assert patch.angle == pytest.approx(np.degrees(record.angles[0]))


def test_the_diagonal_shows_histograms_with_normal_curves(display, latent):
    for index, column in enumerate([3, 0, 1]):
        values, edges, _ = display.bars_[index].get_data()
        assert values @ np.diff(edges) == pytest.approx(1)
        x, y = display.lines_[index].get_data()
        normal = stats.norm(latent[:, column].mean(), latent[:, column].std())
        np.testing.assert_allclose(y, normal.pdf(x), rtol=1e-9)


def test_correlations_stand_above_the_diagonal(display, latent):
    r = np.corrcoef(latent[:, 3], latent[:, 1])[0, 1]
    assert display.axes_[0, 2].texts[0].get_text() == f"r = {r:.2f}"


def test_panels_of_a_column_share_their_limits(display):
    for column in range(3):
        limits = {display.axes_[row, column].get_xlim() for row in range(column, 3)}
        assert len(limits) == 1
    assert display.axes_[2, 0].get_ylim() == display.axes_[2, 1].get_ylim()
    assert display.axes_[1, 0].get_ylim() == display.axes_[1, 1].get_xlim()


def test_the_legend_gives_the_range_of_coverages(display, latent, latent_model):
    found = 100 * latent_model.ellipses([(3, 0), (3, 1), (0, 1)], n_std=2).coverage(latent)
    words = [text.get_text() for text in display.legend_.get_texts()]
    assert words[0] == "600 points"
    assert words[1].endswith(
        f"86.5 % of a normal, {found.min():.1f} to {found.max():.1f} % of the points"
    )
    assert len(display.contours_) == 3
    assert words[3] == "densest regions that hold 50 % of the points"


def test_an_array_of_axes_is_filled(latent, latent_model):
    figure, axes = plt.subplots(2, 2)
    display = CornerDisplay.from_estimator(latent_model, latent, k=2, ax=axes, max_points=10)
    assert display.figure_ is figure
    assert display.axes_[1, 0] is axes[1, 0]
    assert len(display.scatters_[0].get_offsets()) == 10


def test_one_component_is_too_few(latent, latent_model):
    with pytest.raises(ValueError, match="components must hold at least 2 components"):
        CornerDisplay.from_estimator(latent_model, latent, k=1)


def test_correlations_that_round_to_zero_have_no_sign():
    x = np.arange(8.0)
    points = np.c_[x, (x - 3.5) ** 2 + 1e-6 * -x]
    display = CornerDisplay.from_points(points, max_points=8)
    assert [text.get_text() for text in display.axes_[0, 1].texts] == ["r = 0.00"]
