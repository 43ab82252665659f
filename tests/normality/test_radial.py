"""Empty centres, points that go around them, and shape without distances."""

import numpy as np
import pytest

from sklatent._normality.frame import Settings, measure_columns, measure_rows, own_frame
from sklatent._normality.radial import (
    central_share,
    goes_around,
    hollow_and_ring,
    is_shell,
    radial_shape,
)
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


def test_known_centres_and_shells():
    assert central_share(np.full(10, 2.0), 2) == 0
    assert is_shell(np.full(10, 2.0))
    assert not is_shell(np.arange(10.0))


def test_a_spiral_does_not_go_around():
    angle = np.linspace(0, 2 * np.pi, 500)
    spiral = np.column_stack([np.cos(3 * angle), np.sin(3 * angle)]) * (1 + angle)[:, None]
    assert not goes_around(spiral)


def around(points):
    frame = own_frame(points)
    columns = [measure_columns(frame, principal) for principal in (False, True)]
    rows = measure_rows(frame, *columns)
    return hollow_and_ring(frame, *rows, Settings(0.01, 5_000, np.random.RandomState(0)))


def test_rings_and_shells_are_hollow_and_normals_are_not(rng):
    assert around(rng.normal(size=(600, 4))) == (False, False)
    ring = np.hstack([band(rng, 600, 0.9), rng.normal(size=(600, 2))])
    assert around(ring) == (True, True)
    shell = rng.normal(size=(600, 4))
    assert around(shell / np.linalg.norm(shell, axis=1, keepdims=True)) == (True, True)
    assert around(ring[:99]) == (False, False)


def test_elliptic_points_are_normal_without_their_distances(rng):
    scale = np.sqrt(rng.chisquare(3, (3_000, 1)))
    elliptic = radial_shape(own_frame(rng.normal(size=(3_000, 3)) / scale), slice(None), rng)
    assert np.abs(elliptic.shapes.excess_kurtosis).max() < 0.2
    assert np.abs(elliptic.pairs.squares).max() < 0.1
    assert elliptic.elliptic_pvalue > 0.001
    apart = radial_shape(own_frame(rng.laplace(size=(3_000, 3))), slice(None), rng)
    assert max(apart.elliptic_pvalue, apart.independent_pvalue) < 0.001
