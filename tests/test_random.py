"""Open seeds of copies are filled in, given ones stay."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline

from sklatent._random import seeded_clone


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
