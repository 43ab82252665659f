"""Scorers give what the metrics give, alone and in searches over images."""

import pickle

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_validate,
    validation_curve,
)
from sklearn.pipeline import make_pipeline

from sklatent import LatentGaussianModel, make_latent_pipeline, sample_images
from sklatent import metrics as m

ALL = (
    *("neg_mse", "psnr", "ssim", "log_likelihood", "neg_frechet", "neg_kernel"),
    *("precision", "recall", "density", "coverage"),
)


@pytest.fixture(scope="module")
def features(digits):
    return m.PixelFeatures(6, random_state=0).fit(digits)


@pytest.fixture(scope="module")
def pipeline(small, digits):
    return make_latent_pipeline(small(), LatentGaussianModel()).fit(digits[:200])


def test_all_scores_are_those_of_the_metrics(pipeline, features, digits):
    held_out = digits[200:]
    scores = m.make_image_scorer(ALL, features=features, random_state=0)(pipeline, held_out)
    assert tuple(scores) == ALL
    assert scores["neg_mse"] == pytest.approx(pipeline.score(held_out))
    assert scores["log_likelihood"] == pytest.approx(pipeline.score_samples(held_out).mean())
    back = pipeline.reconstruct(held_out)
    assert scores["psnr"] == pytest.approx(m.psnr(held_out, back, average=True), rel=1e-5)
    assert scores["ssim"] == pytest.approx(m.ssim(held_out, back, average=True))
    real = features.transform(held_out)
    drawn = features.transform(sample_images(pipeline, 100, random_state=0))
    assert scores["neg_frechet"] == pytest.approx(-m.frechet_distance(real, drawn))
    assert scores["neg_kernel"] == pytest.approx(-m.kernel_distance(real, drawn).value)
    shares = (*m.precision_recall(real, drawn), *m.density_coverage(real, drawn))
    assert tuple(scores[name] for name in ALL[6:]) == pytest.approx(shares)


def test_one_metric_gives_a_number(pipeline, digits):
    scorer = m.make_image_scorer("psnr")
    score = scorer(pipeline, digits[200:], np.arange(100))
    assert isinstance(score, float)
    assert pickle.loads(pickle.dumps(scorer))(pipeline, digits[200:]) == score
    assert repr(scorer) == "make_image_scorer('psnr')"


def test_target_images_are_compared_with(pipeline, digits):
    """Against its own reconstructions, a pipeline has no error but rounding."""
    back = pipeline.reconstruct(digits[200:])
    scores = m.make_image_scorer(("neg_mse", "ssim"))(pipeline, digits[200:], back)
    assert scores["neg_mse"] == pytest.approx(0, abs=1e-10)
    assert scores["ssim"] == pytest.approx(1, abs=1e-4)


def test_a_plain_pipeline_of_linear_steps(digits, features):
    rows = digits.reshape(300, -1)
    plain = make_pipeline(PCA(10), LatentGaussianModel()).fit(rows[:200])
    rows_features = m.PixelFeatures(6, random_state=0).fit(rows)
    scorer = m.make_image_scorer(("neg_mse", "neg_frechet"), features=rows_features, n_samples=50)
    scores = scorer(plain, rows[200:])
    back = plain[:-1].inverse_transform(plain[:-1].transform(rows[200:]))
    error = m.reconstruction_error(rows[200:], back, average=True)
    assert scores["neg_mse"] == pytest.approx(-error)
    assert scores["neg_frechet"] < 0


def test_searches_over_images_of_four_dimensions(small, digits, features):
    images = digits[:120, :, :, None]
    image_features = m.PixelFeatures(4).fit(images)
    names = ("neg_mse", "ssim", "neg_frechet", "coverage")
    scorer = m.make_image_scorer(names, features=image_features, random_state=0)
    pipeline = make_latent_pipeline(small(max_epochs=1), LatentGaussianModel())
    grid = {"convautoencoder__latent_dim": [1, 3]}
    search = GridSearchCV(pipeline, grid, scoring=scorer, refit="neg_frechet", cv=2).fit(images)
    for name in names:
        assert np.isfinite(search.cv_results_[f"mean_test_{name}"]).all()
    best = search.cv_results_["mean_test_neg_frechet"].argmax()
    assert search.best_params_ == {"convautoencoder__latent_dim": [1, 3][best]}
    assert search.best_estimator_.sample(2, random_state=0).shape == (2, 8, 8, 1)
    found = cross_validate(pipeline, images, scoring=scorer, cv=2)
    assert found["test_ssim"].shape == (2,)
    curve = validation_curve(
        pipeline,
        images,
        None,
        param_name="convautoencoder__latent_dim",
        param_range=[2],
        scoring=m.make_image_scorer("psnr"),
        cv=2,
    )
    assert np.isfinite(curve).all()


def test_successive_halving(small, digits):
    pipeline = make_latent_pipeline(small(max_epochs=1), LatentGaussianModel())
    search = HalvingGridSearchCV(
        pipeline,
        {"convautoencoder__latent_dim": [1, 2]},
        scoring=m.make_image_scorer("neg_mse"),
        cv=2,
        min_resources=30,
        random_state=0,
    )
    assert search.fit(digits[:90]).best_score_ < 0


REFUSED = {
    "unknown": (dict(metrics="mse"), ValueError, "metrics must be one or several of 'neg_mse'"),
    "none": (dict(metrics=()), ValueError, "metrics must be one or several of"),
    "no features": (dict(metrics="coverage"), TypeError, "features must be a fitted transformer"),
    "not fitted": (
        dict(metrics="neg_kernel", features=m.PixelFeatures()),
        NotFittedError,
        "not fitted",
    ),
    "few": (dict(n_samples=3), ValueError, "n_samples must be an integer of at least 8"),
    "seed": (dict(random_state="a"), ValueError, "random_state must be"),
}


@pytest.mark.parametrize(("parameters", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        m.make_image_scorer(**parameters)
