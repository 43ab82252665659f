"""Folds of a search: how they are split, and how their scores become rows."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import KFold

from sklatent import LatentGaussianModel
from sklatent._search.folds import (
    Fold,
    FoldScores,
    collect,
    score_real_images,
    split,
    train_all,
    train_and_score,
)
from sklatent.metrics import PixelFeatures, make_image_scorer


@pytest.fixture(scope="module")
def rows(digits):
    return digits.reshape(300, -1)


@pytest.fixture(scope="module")
def scorer(rows):
    features = PixelFeatures(6, random_state=0).fit(rows)
    return make_image_scorer(("neg_mse", "neg_frechet"), features=features)


class NoMemory:
    """Keeps nothing."""

    def cache(self, function):
        return function


def test_a_number_of_folds_is_shuffled_and_holds_out_each_image_once(rows):
    folds = split(3, rows, None, np.random.RandomState(0))
    held_out = np.concatenate([fold.test for fold in folds])
    np.testing.assert_array_equal(np.sort(held_out), np.arange(300))
    assert not np.array_equal(held_out, np.arange(300))
    for fold in folds:
        assert set(fold.train).isdisjoint(fold.test)
    assert len({fold.seed for fold in folds}) == 3


def test_folds_are_stratified_by_labels(rows):
    labels = np.repeat(np.arange(10), 30)
    for fold in split(3, rows, labels, np.random.RandomState(0)):
        np.testing.assert_array_equal(np.bincount(labels[fold.test]), 10)


def test_splitters_are_taken_as_they_are(rows):
    folds = split(KFold(2), rows, None, np.random.RandomState(0))
    np.testing.assert_array_equal(folds[0].test, np.arange(150))
    np.testing.assert_array_equal(folds[1].test, np.arange(150, 300))


def test_scores_become_rows_of_dimension_and_density():
    """Of dimension d, fold f and density k the score is d + 10 f + 100 k."""
    found = [
        FoldScores(
            float(fold), [7.0, 8.0], [{"psnr": dim + 10 * fold + 100 * k} for k in range(2)], []
        )
        for dim in (2, 5)
        for fold in range(3)
    ]
    results = collect([2, 5], ["a", "b"], found, [{"neg_frechet": -1.0}] * 3, "psnr")
    assert results.densities == ("a", "b", "a", "b")
    np.testing.assert_array_equal(results.dims, [2, 2, 5, 5])
    expected = [[2, 12, 22], [102, 112, 122], [5, 15, 25], [105, 115, 125]]
    np.testing.assert_array_equal(results.scores["psnr"], expected)
    np.testing.assert_array_equal(results.fit_times, np.tile([0.0, 1.0, 2.0], (4, 1)))
    np.testing.assert_array_equal(results.density_times[:, 0], [7, 8, 7, 8])
    np.testing.assert_array_equal(results.real_scores["neg_frechet"], [-1, -1, -1])


def test_a_fold_is_scored_as_by_hand(rows, scorer):
    fold = Fold(np.arange(200), np.arange(200, 300), 3)
    found = train_and_score(
        *(PCA(5), [LatentGaussianModel()], rows, None, fold, scorer, NoMemory(), "raise")
    )
    pca = PCA(5, random_state=0).fit(rows[:200])
    back = pca.inverse_transform(pca.transform(rows[200:]))
    error = np.square((rows[200:] - back) / 16).mean()
    assert found.scores[0]["neg_mse"] == pytest.approx(-error)
    assert found.failures == []


def test_all_trainings_are_in_the_order_of_autoencoders_then_folds(rows, scorer):
    folds = split(2, rows, None, np.random.RandomState(0))
    found = train_all(
        *([PCA(2), PCA(9)], [LatentGaussianModel()], rows, None, folds, scorer),
        memory=NoMemory(),
        error_score="raise",
        n_jobs=None,
        verbose=False,
    )
    errors = [scores.scores[0]["neg_mse"] for scores in found]
    assert len(errors) == 4
    assert max(errors[:2]) < min(errors[2:])


def test_real_images_in_place_of_samples_are_those_of_the_training(rows, scorer):
    """Held-out images against themselves would be at no distance."""
    fold = Fold(np.arange(150), np.arange(150, 300), 0)
    found = score_real_images(rows, fold, scorer)
    assert set(found) == {"neg_frechet"}
    assert found["neg_frechet"] < 0
    same = score_real_images(rows, Fold(fold.test, fold.test, 0), scorer)
    assert same["neg_frechet"] == pytest.approx(0, abs=1e-6)
