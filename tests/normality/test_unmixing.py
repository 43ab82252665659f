"""Linear mixtures, and spreads that depend on another component."""

import numpy as np
import pytest

from sklatent._normality.unmixing import spread_alone_depends, unmixes

N = 2_000


def turned(columns, rng):
    turn = np.linalg.qr(rng.normal(size=(columns.shape[1],) * 2))[0]
    return (columns - columns.mean(axis=0)) / columns.std(axis=0) @ turn


@pytest.mark.parametrize("seed", range(4))
def test_turned_independent_columns_unmix(seed):
    rng = np.random.RandomState(seed)
    for columns in (
        rng.uniform(size=(N, 3)),
        rng.laplace(size=(N, 3)),
        rng.normal(size=(N, 3)),
    ):
        assert unmixes(turned(columns, rng), rng)


@pytest.mark.parametrize("seed", range(4))
def test_curves_do_not_unmix(seed):
    rng = np.random.RandomState(seed)
    angle, x = rng.uniform(0, np.pi, N), rng.normal(size=N)
    for columns in (
        np.column_stack([np.cos(angle), np.sin(angle)]) + 0.05 * rng.normal(size=(N, 2)),
        np.column_stack([x, 0.7 * x**2 + rng.normal(size=N)]),
        np.column_stack([x, np.exp(0.7 * x) * rng.normal(size=N)]),
    ):
        columns = columns - columns.mean(axis=0)
        left, _, _ = np.linalg.svd(columns, full_matrices=False)
        assert not unmixes(turned(left, rng), rng)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("slope", [-0.7, 0.5])
def test_spreads_that_depend_are_told_from_bends(seed, slope):
    x, noise = np.random.default_rng(seed).normal(size=(2, N))
    assert spread_alone_depends(3 + noise * np.exp(slope * x), x)
    assert not spread_alone_depends(x, slope * x**2 + 0.7 * noise)
    assert not spread_alone_depends(x, np.abs(x) + 0.1 * noise)


def test_units_do_not_matter(rng):
    x, noise = rng.normal(size=(2, N))
    funnel = noise * np.exp(0.7 * x)
    assert spread_alone_depends(1e6 * funnel, 1e-6 * x) == spread_alone_depends(funnel, x)
