"""Surfaces of least energy through what is known."""

import numpy as np
import pytest

from sklatent._images.smoothing import fill_smoothly, roughness


def differences_to_neighbours(surface):
    """Return the sum of differences to the neighbours, of which there are none past the border."""
    padded = np.pad(surface, 1, mode="edge")
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return 4 * surface - around


@pytest.mark.parametrize("shape", [(5, 7), (1, 6), (4, 1), (1, 1)])
def test_energy_is_of_curvature_slope_and_size(shape, rng):
    surface = rng.normal(size=shape)
    energy = roughness(*shape, slope=0.3, size=0.02)
    curvature = np.square(differences_to_neighbours(surface)).sum()
    slope = sum(np.square(np.diff(surface, axis=axis)).sum() for axis in (0, 1))
    expected = curvature + 0.3 * slope + 0.02 * np.square(surface).sum()
    assert surface.ravel() @ (energy @ surface.ravel()) == pytest.approx(expected)


def test_what_is_filled_has_the_least_energy(rng):
    values, known = rng.normal(size=(2, 6, 5, 3)), rng.random((2, 6, 5, 3)) < 0.4
    filled = fill_smoothly(values, known)
    assert filled.dtype == np.float32
    np.testing.assert_array_equal(filled[known], values[known].astype(np.float32))
    gradient = np.einsum("pq,nqc->npc", roughness(6, 5).toarray(), filled.reshape(2, 30, 3))
    np.testing.assert_allclose(gradient[~known.reshape(2, 30, 3)], 0, atol=2e-5)


@pytest.mark.parametrize("per_image", [True, False])
@pytest.mark.parametrize("per_channel", [True, False])
def test_images_are_filled_one_by_one(per_image, per_channel, rng):
    values = rng.normal(size=(3, 5, 6, 2))
    known = rng.random((3 if per_image else 1, 5, 6, 2 if per_channel else 1)) < 0.5
    whole = np.broadcast_to(known, values.shape)
    one_by_one = [
        fill_smoothly(values[i : i + 1, ..., c : c + 1], whole[i : i + 1, ..., c : c + 1])
        for i in range(3)
        for c in range(2)
    ]
    expected = np.reshape(one_by_one, (3, 2, 5, 6)).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(fill_smoothly(values, known), expected, atol=1e-6)


def test_with_nothing_known_it_is_flat_and_with_everything_itself(rng):
    values = rng.normal(size=(2, 4, 4, 1)).astype(np.float32)
    known = np.zeros((2, 4, 4, 1), bool)
    known[1] = True
    filled = fill_smoothly(values, known)
    np.testing.assert_array_equal(filled[0], 0)
    np.testing.assert_array_equal(filled[1], values[1])


def test_a_gap_is_bridged_and_a_void_is_left():
    values = np.ones((1, 41, 41, 1))
    known = np.zeros(values.shape, bool)
    known[:, :, :4] = True
    known[:, ::3, :4] = False
    row = fill_smoothly(values, known)[0, 21, :, 0]
    np.testing.assert_allclose(row[:4], 1, atol=0.01)
    assert abs(row[-1]) < 0.1
