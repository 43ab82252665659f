"""Folds of a search over latent dimensions: one training each, then every density behind it."""

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import KFold, StratifiedKFold, check_cv
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.parallel import Parallel, delayed
from tqdm.auto import tqdm

from sklatent._pipeline.pipeline import LatentPipeline
from sklatent._random import draw_seed, seeded_clone
from sklatent._typing import AnyArray, FloatArray, IntArray
from sklatent.metrics._scorers import ImageScorer, is_sample_metric

from .results import DimensionResults, one_standard_error_choice

__all__ = [
    "Fold",
    "FoldScores",
    "collect",
    "score_real_images",
    "split",
    "train_all",
    "train_and_score",
]


class Fold(NamedTuple):
    """Rows for training and held out, and the seed of all that is random in the fold."""

    train: IntArray
    test: IntArray
    seed: int


class FoldScores(NamedTuple):
    """What one training gave: its seconds, and for each density its seconds and scores.

    Scores of a density that could not be fitted are NaN; `failures` tells of it in words.
    """

    fit_time: float
    density_times: list[float]
    scores: list[dict[str, float]]
    failures: list[str]


def split(cv: Any, images: AnyArray, labels: Any, rng: np.random.RandomState) -> list[Fold]:
    """Return the folds; a number of them is shuffled, and stratified where there are labels."""
    if not hasattr(cv, "split") and np.isscalar(cv):
        kind = labels is not None and type_of_target(labels, "y", raise_unknown=True)
        make: Any = StratifiedKFold if kind in ("binary", "multiclass") else KFold
        cv = make(cv, shuffle=True, random_state=draw_seed(rng))
    folds = check_cv(cv).split(images, labels)
    return [Fold(train, test, draw_seed(rng)) for train, test in folds]


def train_all(
    autoencoders: list[Any],
    densities: list[Any],
    images: AnyArray,
    y: Any,
    folds: list[Fold],
    scorer: ImageScorer,
    *,
    memory: Any,
    error_score: Any,
    n_jobs: int | None,
    verbose: bool,
) -> list[FoldScores]:
    """Return the scores of each autoencoder in each fold, one autoencoder after the other."""
    tasks = (
        delayed(train_and_score)(
            *(autoencoder, densities, images, y, fold, scorer, memory, error_score)
        )
        for autoencoder in autoencoders
        for fold in folds
    )
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    total = len(autoencoders) * len(folds)
    found = list(tqdm(parallel(tasks), total=total, unit="training", disable=not verbose))
    failures = [told for scores in found for told in scores.failures]
    if failures:
        warnings.warn(
            f"{len(failures)} of {total * len(densities)} fits of densities failed; their "
            f"scores are NaN. The first: {failures[0]}",
            FitFailedWarning,
            stacklevel=3,
        )
    return found


def train_and_score(
    autoencoder: Any,
    densities: list[Any],
    images: AnyArray,
    y: Any,
    fold: Fold,
    scorer: ImageScorer,
    memory: Any,
    error_score: Any,
) -> FoldScores:
    """Train a clone of `autoencoder`, and score each density behind it on held-out images.

    Images for training are encoded once, and held-out images reconstructed once. What was
    trained and encoded is kept in `memory`, and found there again. A density that cannot be
    fitted gets scores of NaN, unless `error_score` is "raise".
    """
    rng = np.random.RandomState(fold.seed)
    train, test = images[fold.train], images[fold.test]
    y_train, y_test = (None, None) if y is None else (y[fold.train], y[fold.test])
    trained, latent, fit_time = _trained(seeded_clone(autoencoder, rng), train, y_train, memory)
    by_error, by_samples = _divided(scorer, fold.seed)
    times: list[float] = []
    scores: list[dict[str, float]] = []
    failures: list[str] = []
    shared = None
    for density in densities:
        start = time.perf_counter()
        steps = [("autoencoder", trained), ("density", seeded_clone(density, rng))]
        try:
            pipeline = LatentPipeline(steps).fit_density(latent=latent, y=y_train)
        except Exception as error:
            told = f"{density!r} behind {autoencoder!r}"
            if error_score == "raise":
                error.add_note(f"Raised in the fit of {told} by a search over dimensions.")
                raise
            failures.append(f"{told}: {type(error).__name__}: {error}")
            found = dict.fromkeys(scorer.names, np.nan)
        else:
            if shared is None:
                shared = by_error(pipeline, test, y_test)
            found = shared | by_samples(pipeline, test, y_test)
        scores.append({name: found[name] for name in scorer.names})
        times.append(time.perf_counter() - start)
    return FoldScores(fit_time, times, scores, failures)


def _trained(
    autoencoder: Any, images: AnyArray, y: Any, memory: Any
) -> tuple[Any, AnyArray, float]:
    """Return the trained autoencoder, the latent points of its images, and the seconds taken."""
    try:
        return memory.cache(_train_and_encode)(autoencoder, images, y)
    except Exception as error:
        error.add_note(f"Raised in the training of {autoencoder!r} by a search over dimensions.")
        raise


def _train_and_encode(autoencoder: Any, images: AnyArray, y: Any) -> tuple[Any, AnyArray, float]:
    start = time.perf_counter()
    autoencoder = clone(autoencoder).fit(images, y)
    latent = autoencoder.transform(images)
    return autoencoder, latent, time.perf_counter() - start


def score_real_images(target: AnyArray, fold: Fold, scorer: ImageScorer) -> dict[str, float]:
    """Score training images in place of samples, as many as there would be samples."""
    rows = np.random.RandomState(fold.seed).permutation(fold.train)
    rows = rows[: scorer.n_samples or len(fold.test)]
    return _divided(scorer, fold.seed)[1].compare(target[fold.test], target[rows])


def _divided(scorer: ImageScorer, seed: int) -> tuple[ImageScorer, ImageScorer]:
    """Return scorers of reconstructions and of samples."""
    parts = (False, True)
    names = [
        tuple(name for name in scorer.names if is_sample_metric(name) == part) for part in parts
    ]
    made = [replace(scorer, names=part, single=False, random_state=seed) for part in names]
    return made[0], made[1]


def collect(
    dims: list[int],
    densities: Sequence[str],
    found: list[FoldScores],
    real: list[dict[str, float]],
    criterion: str,
    pca: FloatArray | None = None,
    linear_path: bool | None = None,
) -> DimensionResults:
    """Put scores in the order of dimensions, then folds, into rows of dimension and density.

    Errors of PCA are by dimension and fold.
    """
    n_folds = len(real)

    def rows(values: Callable[[FoldScores], list[float]]) -> FloatArray:
        array = np.array([list(map(float, values(result))) for result in found])
        return array.reshape(len(dims), n_folds, len(densities)).swapaxes(1, 2).reshape(-1, n_folds)

    def row_scores(name: str) -> FloatArray:
        return rows(lambda result: [score[name] for score in result.scores])

    scores = {name: row_scores(name) for name in found[0].scores[0]}
    row_dims = np.repeat(np.array(dims), len(densities))
    return DimensionResults(
        dims=row_dims,
        densities=tuple(densities) * len(dims),
        scores=scores,
        real_scores={name: np.array([score[name] for score in real]) for name in real[0]},
        fit_times=rows(lambda result: [result.fit_time] * len(densities)),
        density_times=rows(lambda result: result.density_times),
        criterion=criterion,
        chosen=one_standard_error_choice(row_dims, scores[criterion])[1],
        pca_errors=None if pca is None else np.repeat(pca, len(densities), axis=0),
        linear_path=linear_path,
    )
