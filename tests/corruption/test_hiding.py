"""Lost pixels, boxes and masks."""

import numpy as np
import pytest
from scipy import stats

from sklatent.corruption import Mask, PixelDropout, RandomErasing


@pytest.mark.parametrize("per", ["pixel", "value"])
def test_dropped_shares(per):
    images = np.full((100, 20, 20, 3), 9, np.uint8)
    dropped = PixelDropout(0.8, per=per, random_state=0).transform(images) == 0
    n = 100 * 400 * (1 if per == "pixel" else 3)
    # Five standard errors of a share.
    assert dropped.mean() == pytest.approx(0.8, abs=5 * np.sqrt(0.16 / n))
    together = np.ptp(dropped.astype(int), axis=-1) == 0
    expected = 1.0 if per == "pixel" else 0.8**3 + 0.2**3
    assert together.mean() == pytest.approx(expected, abs=5 * np.sqrt(0.25 / 40000))
    assert stats.binomtest(int(dropped[:, :10].sum()) // 3, 20000, 0.8).pvalue > 1e-4


def test_what_is_not_dropped_stays_to_the_bit(rng):
    images = rng.normal(size=(20, 5, 5))
    dropped = PixelDropout(0.5, fill=0.25, random_state=0).fit_transform(images)
    fill = images.min() + 0.25 * (images.max() - images.min())
    changed = dropped != images
    assert 0.3 < changed.mean() < 0.7
    np.testing.assert_array_equal(dropped[changed], fill)


def test_boxes_have_the_asked_areas_and_ratios_and_lie_inside():
    images = np.ones((400, 40, 60))
    erased = RandomErasing((0.1, 0.2), ratio=(0.5, 2), random_state=0).transform(images) == 0
    heights, widths = erased.any(axis=2).sum(axis=1), erased.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(erased.sum(axis=(1, 2)), heights * widths)
    rows, columns = erased.any(axis=2), erased.any(axis=1)
    for lines in (rows, columns):
        assert np.all(np.abs(np.diff(lines.astype(int), axis=1)).sum(axis=1) <= 2)
    # Sides are rounded by at most half a pixel.
    areas = heights * widths
    assert np.all(areas <= 0.2 * 2400 + (heights + widths) / 2 + 0.25)
    assert np.all(areas >= 0.1 * 2400 - (heights + widths) / 2 - 0.25)
    assert np.all((heights + 0.5) / (widths - 0.5) >= 0.5)
    assert np.all((heights - 0.5) / (widths + 0.5) <= 2)
    assert areas.mean() == pytest.approx(0.15 * 2400, rel=0.03)
    # Places are uniform: the centre of the box is on average the centre of the image.
    tops = rows.argmax(axis=1) + heights / 2
    assert tops.mean() == pytest.approx(20, abs=5 * tops.std() / 20)
    assert rows[:, 0].any()
    assert rows[:, -1].any()


def test_a_box_longer_than_the_image_is_cut():
    erased = RandomErasing((0.5, 0.5), ratio=(100, 100), random_state=0).transform(
        np.ones((5, 10, 10))
    )
    assert np.all((erased == 0).sum(axis=(1, 2)) == 10)


def test_mask(colours):
    mask = np.zeros((8, 8), bool)
    mask[2:5, 1:] = True
    masked = Mask(mask, fill=0.5).transform(colours)
    np.testing.assert_array_equal(masked[:, mask], 128)
    np.testing.assert_array_equal(masked[:, ~mask], colours[:, ~mask])
    flat = Mask(mask.astype(int)).transform(colours[..., 0].reshape(9, 64))
    expected = np.where(mask, 0, colours[..., 0]).reshape(9, 64)
    np.testing.assert_array_equal(flat, expected)


def test_a_mask_of_length_one_stands_for_any_length(colours):
    masked = Mask([[[True, False, False]]]).transform(colours)
    np.testing.assert_array_equal(masked[..., 0], 0)
    np.testing.assert_array_equal(masked[..., 1:], colours[..., 1:])
