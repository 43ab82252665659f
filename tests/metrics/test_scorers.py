"""Scorers give what the metrics give, alone and in searches over images."""

import pickle

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_validate,
    validation_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

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


def test_range_of_pixel_values(pipeline, digits):
    """Twice the range quarters squared errors; the learned range is used unless one is given."""
    held_out = digits[200:]
    names = ("neg_mse", "psnr", "ssim")
    learned = m.make_image_scorer(names)(pipeline, held_out)
    same = m.make_image_scorer(names, value_range=(0, 16))(pipeline, held_out)
    wide = m.make_image_scorer(names, value_range=(0, 32))(pipeline, held_out)
    assert same == pytest.approx(learned)
    assert wide["neg_mse"] == pytest.approx(learned["neg_mse"] / 4)
    assert wide["psnr"] == pytest.approx(learned["psnr"] + 20 * np.log10(2))
    back = pipeline.reconstruct(held_out)
    expected = m.ssim(held_out, back, value_range=(0, 32), average=True)
    assert wide["ssim"] == pytest.approx(expected)


def test_scores_do_not_depend_on_the_fold_they_are_read_in(digits):
    """A fold of dark images has the scores of each of its images in another fold."""
    rows = digits.reshape(300, -1)
    linear = make_latent_pipeline(PCA(6), LatentGaussianModel()).fit(rows)
    scorer = m.make_image_scorer(("neg_mse", "psnr", "ssim"), value_range=(0, 16))
    dark, all_rows = rows[:20] / 2, np.concatenate([rows[:20] / 2, rows[:20]])
    parts = [scorer(linear, part) for part in (dark, rows[:20])]
    for name, value in scorer(linear, all_rows).items():
        assert value == pytest.approx((parts[0][name] + parts[1][name]) / 2)


def test_ssim_of_a_fold_uses_the_range_that_was_learned(pipeline, digits):
    faint = digits[200:] * 0.8
    score = m.make_image_scorer("ssim")(pipeline, faint)
    back = pipeline.reconstruct(faint)
    assert score == pytest.approx(m.ssim(faint, back, value_range=(0, 16), average=True))


def test_flat_rows_in_colour_have_a_shape(small, digits):
    """The autoencoder knows the shape that rows alone do not tell."""
    images = np.repeat(digits[:60, :, :, None], 3, axis=3)
    rows = images.reshape(60, -1)
    autoencoder = small(image_shape=(8, 8, 3), max_epochs=1).fit(rows)
    expected = m.ssim(images, autoencoder.reconstruct(rows).reshape(images.shape), average=True)
    assert m.make_image_scorer("ssim")(autoencoder, rows) == pytest.approx(expected)
    linear = PCA(4).fit(rows[:, :60])
    with pytest.raises(ValueError, match=r"win_size must be.*Flat rows.*image_shape"):
        m.make_image_scorer("ssim")(linear, rows[:, :60])


def test_likelihood_in_a_fixed_space(digits, features):
    """It is that of the density fitted to samples, and no unit of latent space changes it."""
    rows = digits.reshape(300, -1)
    rows_features = m.PixelFeatures(6, random_state=0).fit(rows)
    scorer = m.make_image_scorer(
        "feature_log_likelihood", features=rows_features, n_samples=400, random_state=0
    )
    linear = make_latent_pipeline(PCA(4), LatentGaussianModel()).fit(rows[:200])
    drawn = rows_features.transform(np.clip(linear.sample(400, random_state=0), 0, 16))
    density = LatentGaussianModel(covariance="ledoit_wolf").fit(drawn)
    expected = density.score(rows_features.transform(rows[200:]))
    assert scorer(linear, rows[200:]) == pytest.approx(expected)
    # A power of two rounds nothing.
    scaled = make_latent_pipeline(PCA(4), scaler(2**-6), LatentGaussianModel()).fit(rows[:200])
    assert scorer(scaled, rows[200:]) == pytest.approx(expected)
    assert scaled.score_samples(rows[200:]).mean() == pytest.approx(
        linear.score_samples(rows[200:]).mean() - 4 * np.log(2**-6)
    )
    mixture = m.make_image_scorer(
        "feature_log_likelihood",
        features=rows_features,
        feature_density=GaussianMixture(3, random_state=0),
        n_samples=400,
        random_state=0,
    )
    expected = GaussianMixture(3, random_state=0).fit(drawn)
    expected = expected.score(rows_features.transform(rows[200:]))
    assert mixture(linear, rows[200:]) == pytest.approx(expected)


def scaler(factor):
    return FunctionTransformer(lambda z: factor * z, inverse_func=lambda z: z / factor)


def test_likelihoods_of_two_dimensions_are_warned_of(digits):
    rows = digits.reshape(300, -1)
    scorer = m.make_image_scorer("log_likelihood")
    densities = {"latentgaussianmodel": [LatentGaussianModel(), GaussianMixture(2)]}
    pipeline = make_latent_pipeline(PCA(2), LatentGaussianModel())
    GridSearchCV(pipeline, densities, scoring=scorer, cv=2).fit(rows)
    search = GridSearchCV(pipeline, {"pca__n_components": [2, 5]}, scoring=scorer, cv=2)
    with pytest.warns(UserWarning, match=r"different dimensions, \[2, 5\]: such scores do not"):
        search.fit(rows)


def test_a_search_is_an_estimator_too(digits):
    """Nested cross-validation scores what the inner search chose."""
    rows = digits.reshape(300, -1)
    scorer = m.make_image_scorer(
        ("neg_mse", "neg_frechet"), features=m.PixelFeatures(4).fit(rows), random_state=0
    )
    pipeline = make_latent_pipeline(PCA(), LatentGaussianModel())
    search = GridSearchCV(pipeline, {"pca__n_components": [2, 6]}, cv=2).fit(rows[:200])
    assert scorer(search, rows[200:]) == scorer(search.best_estimator_, rows[200:])


def test_a_transformer_alone_is_scored_by_reconstructions(small, digits):
    scorer = m.make_image_scorer(("neg_mse", "ssim"))
    rows = digits.reshape(300, -1)
    pca = PCA(5).fit(rows)
    back = pca.inverse_transform(pca.transform(rows))
    assert scorer(pca, rows) == pytest.approx(
        {
            "neg_mse": -m.reconstruction_error(rows, back, average=True),
            "ssim": m.ssim(rows, back, average=True),
        }
    )


def test_estimators_that_cannot_be_scored(digits, features, pipeline, small):
    rows = digits.reshape(300, -1)
    with pytest.raises(TypeError, match="estimator must be a pipeline of transformers"):
        m.make_image_scorer()(GaussianMixture(2).fit(rows[:, :2]), rows)
    with pytest.raises(TypeError, match="log_likelihood needs a pipeline that ends in a density"):
        m.make_image_scorer("log_likelihood")(pipeline[0], digits)
    scorer = m.make_image_scorer("coverage", features=features)
    with pytest.raises(ValueError, match="at least 6 held-out images for 'coverage'; got 5"):
        scorer(pipeline, digits[:5])
    rows_features = m.PixelFeatures(6).fit(rows)
    with pytest.raises(ValueError, match="features must take images in the layout and units"):
        m.make_image_scorer("coverage", features=rows_features)(pipeline, digits[:50])


REFUSED = {
    "no sequence": (dict(metrics=None), TypeError, "metrics must be one or several of"),
    "class": (
        dict(metrics="coverage", features=m.PixelFeatures),
        TypeError,
        "must be a fitted transform",
    ),
    "density": (dict(feature_density=3), TypeError, "feature_density must be an estimator"),
    "range": (dict(value_range=(1, 0)), ValueError, "value_range must be 'auto' or a pair"),
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
