"""Empty centres, and points that go around them."""

import numpy as np
import pytest

from sklatent._normality.radial import central_share, goes_around, is_shell
from sklatent._normality.two_sample import whiten_own


def band(rng, n, inner, turns=1.0):
    angle = rng.uniform(0, 2 * np.pi * turns, n)
    radius = rng.uniform(inner, 2 - inner, n)
    return whiten_own(radius[:, None] * np.c_[np.cos(angle), 3 * np.sin(angle)])


@pytest.mark.parametrize("inner", [0.65, 0.9, 1.0])
def test_bands_go_around(rng, inner):
    assert goes_around(band(rng, 1_000, inner))


@pytest.mark.parametrize("turns", [0.5, 0.75])
def test_arcs_do_not(rng, turns):
    assert not goes_around(band(rng, 1_000, 0.9, turns))


def test_discs_and_normals_do_not(rng):
    assert not goes_around(rng.normal(size=(1_000, 2)))
    assert not goes_around(band(rng, 50, 0.9))


def test_share_in_the_centre_of_a_normal(rng):
    squared = np.square(rng.normal(size=(40_000, 3))).sum(axis=1)
    assert central_share(squared, 3) == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 40_000))


def test_shells_have_one_distance(rng):
    assert is_shell(rng.normal(1, 0.2, 5_000) ** 2)
    assert not is_shell(rng.normal(1, 0.3, 5_000) ** 2)
