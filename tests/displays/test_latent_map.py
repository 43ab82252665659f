"""Maps of latent points by class: coordinates, colours, names."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent.displays import LatentMapDisplay
from sklatent.displays._latent_map import spread_boxes


@pytest.fixture
def classes(latent):
    return np.digitize(latent[:, 3], [4.5, 5.5])


def test_components_are_shown_as_they_are(latent, latent_model, classes):
    display = LatentMapDisplay.from_estimator(latent_model, latent, classes, components=(3, 1))
    assert len(display.scatters_) == len(np.unique(classes)) == 3
    for label, scatter in enumerate(display.scatters_):
        wanted = latent[classes == label][:, [3, 1]]
        np.testing.assert_array_equal(scatter.get_offsets(), wanted)
    assert display.ax_.get_xlabel() == "component 3 (latent units)"


def test_principal_components_are_the_default_with_their_shares(latent, latent_model):
    display = LatentMapDisplay.from_estimator(latent_model, latent)
    pca = PCA(2).fit(latent)
    shown, wanted = display.scatters_[0].get_offsets(), pca.transform(latent)
    np.testing.assert_allclose(np.abs(shown), np.abs(wanted), atol=1e-9)
    share = 100 * pca.explained_variance_ratio_[0]
    assert display.ax_.get_xlabel().endswith(f"1, {share:.0f} % of variance\n(latent units)")
    assert display.legend_ is None
    assert display.texts_ == []


def test_two_components_need_no_principal_ones(latent):
    display = LatentMapDisplay.from_points(latent[:, :2])
    np.testing.assert_array_equal(display.points, latent[:, :2])


def test_names_stand_at_the_medians(latent, latent_model, classes):
    display = LatentMapDisplay.from_estimator(latent_model, latent, classes, components=(0, 1))
    assert len(display.texts_) == 3
    for label, text in enumerate(display.texts_):
        assert text.get_text() == str(label)
        np.testing.assert_allclose(text.xy, np.median(latent[classes == label][:, :2], axis=0))
    assert [text.get_text() for text in display.legend_.get_texts()] == ["0", "1", "2"]
    assert display.plot(centers=False).texts_ == []


def test_names_of_near_classes_are_moved_apart(latent):
    names = np.array(["trousers", "pullover", "sandal", "dress"])
    display = LatentMapDisplay.from_points(latent, y=names[np.arange(600) % 4])
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.texts_]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_boxes_that_do_not_overlap_stay():
    centers, extents = np.array([[0.0, 0.0], [3.0, 0.0]]), np.full((2, 2), 2.0)
    np.testing.assert_array_equal(spread_boxes(centers, extents), centers)
    crowd = spread_boxes(np.random.default_rng(0).normal(size=(10, 2)), np.full((10, 2), 1.0))
    gaps = np.abs(crowd[:, None] - crowd).max(axis=2)[np.triu_indices(10, 1)]
    assert gaps.min() >= 1 - 1e-5


def test_boxes_that_overlap_are_moved_apart():
    found = spread_boxes(np.array([[0.0, 0.0], [0.0, 1.0]]), np.array([[4.0, 2.0], [4.0, 2.0]]))
    np.testing.assert_allclose(found, [[0.0, -0.5], [0.0, 1.5]])


def test_ten_classes_differ_in_marker_and_in_colour_or_filling(latent):
    display = LatentMapDisplay.from_points(latent, y=np.arange(600) % 10)
    filled = [len(scatter.get_facecolor()) > 0 for scatter in display.scatters_]
    assert filled == [True] * 8 + [False] * 2
    colors = [tuple(scatter.get_edgecolor()[0]) for scatter in display.scatters_]
    assert len(set(zip(colors, filled, strict=True))) == 10
    markers = [scatter.get_paths()[0].vertices.tobytes() for scatter in display.scatters_]
    assert len(set(markers)) == 10


def test_subsamples_are_seeded_and_said(latent, latent_model, classes):
    first, again = (
        LatentMapDisplay.from_estimator(
            latent_model, latent, classes, max_points=100, random_state=7
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.points, again.points)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert first.ax_.get_title() == "100 of 600 points"


def test_axes_of_the_caller_and_keywords(latent, classes):
    _, ax = plt.subplots()
    display = LatentMapDisplay.from_points(
        latent, y=classes, ax=ax, scatter_kwargs={"s": 3}, text_kwargs={"size": 20}
    )
    assert display.ax_ is ax
    assert display.scatters_[0].get_sizes()[0] == 3
    assert display.texts_[0].get_fontsize() == 20


def test_wrong_input_is_an_error(latent):
    with pytest.raises(ValueError, match=r"y must be of shape \(600,\), .*; got \(5,\)"):
        LatentMapDisplay.from_points(latent, y=np.zeros(5))
    with pytest.raises(ValueError, match="y must hold at most 24 classes; got 600"):
        LatentMapDisplay.from_points(latent, y=latent[:, 0])
    with pytest.raises(ValueError, match="points must have at least 2 columns; got 1"):
        LatentMapDisplay.from_points(latent[:, :1])
    with pytest.raises(ValueError, match="components must hold 2 components; got 3"):
        LatentMapDisplay.from_points(latent, components=(0, 1, 2))
