"""Seeds, subsamples, and draws from any density."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline

from sklatent import LatentGaussianModel
from sklatent._random import (
    MAX_SEED,
    check_seed,
    draw_from,
    draw_seed,
    make_generator,
    seeded_clone,
    subsample,
    takes_labels,
)
from sklatent.samplers import PerClassSampler


def test_seeds_are_checked_by_name():
    rng = np.random.RandomState(0)
    assert check_seed(rng) is rng
    assert check_seed(3).randint(1000) == check_seed(3).randint(1000)
    for wrong in ("a", -1, 2**32, np.random.default_rng(0)):
        with pytest.raises(ValueError, match="random_state must be None, an int or a numpy"):
            check_seed(wrong)


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_drawn_seeds_are_ints_up_to_the_largest(make):
    rng = make(0)
    seeds = [draw_seed(rng) for _ in range(2000)]
    assert {type(seed) for seed in seeds} == {int}
    assert 0 <= min(seeds) < 0.01 * MAX_SEED
    assert 0.99 * MAX_SEED < max(seeds) <= MAX_SEED
    assert draw_seed(make(0)) == seeds[0]


def test_generators_follow_the_seed():
    first, second, other = (make_generator(seed).normal(size=3) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    rng = np.random.RandomState(0)
    moved = [make_generator(rng).normal(size=3) for _ in range(2)]
    np.testing.assert_array_equal(moved[0], first)
    assert not np.array_equal(*moved)


def test_subsamples_are_sorted_without_repeats_or_all():
    rng = np.random.RandomState(0)
    rows = subsample(50, 20, rng)
    assert len(rows) == 20
    assert (np.diff(rows) > 0).all()
    assert rows.min() >= 0
    assert rows.max() < 50
    for size in (50, 60):
        assert subsample(50, size, rng) == slice(None)


def test_open_seeds_are_filled_in_at_all_depths():
    pipeline = make_pipeline(PCA(), GaussianMixture(random_state=3))
    copies = [seeded_clone(pipeline, np.random.RandomState(seed)) for seed in (0, 0, 1)]
    seeds = [copy[0].random_state for copy in copies]
    assert seeds[0] == seeds[1] != seeds[2]
    assert [copy[1].random_state for copy in copies] == [3, 3, 3]
    assert pipeline[0].random_state is None


def test_frozen_estimators_stay_fitted(rng):
    pca = PCA(1).fit(rng.normal(size=(5, 2)))
    assert seeded_clone(FrozenEstimator(pca), np.random.RandomState(0)).estimator is pca


def test_only_densities_by_class_take_labels(latent):
    assert takes_labels(PerClassSampler(LatentGaussianModel()))
    for density in (LatentGaussianModel(), GaussianMixture(), KernelDensity()):
        assert not takes_labels(density)
        with pytest.raises(TypeError, match=f"y must be None: a {type(density).__name__} draws"):
            draw_from(density.fit(latent), 3, y=0)


@pytest.mark.parametrize("density", [LatentGaussianModel(), GaussianMixture(2), KernelDensity()])
def test_draws_are_points_that_follow_the_seed(density, latent):
    density = density.fit(latent)
    first, again, other = (draw_from(density, 5, seed) for seed in (0, 0, 1))
    assert first.shape == (5, 4)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
def test_mixtures_of_single_precision_are_drawn_without_a_warning(covariance_type, latent):
    """Their own covariances stay as they were fitted."""
    mixture = GaussianMixture(2, covariance_type=covariance_type, random_state=0)
    mixture = mixture.fit(latent.astype(np.float32))
    before = mixture.covariances_.copy()
    assert draw_from(mixture, 20, 0).shape == (20, 4)
    np.testing.assert_array_equal(mixture.covariances_, before)
    assert mixture.random_state == 0
