"""The latent Gaussian model as estimator, transformer, density and detector."""

import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from sklearn.base import clone
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklatent._gaussian.model import LatentGaussianModel

COVARIANCE = np.array([[4.0, 1.2, 0.0], [1.2, 1.0, -0.3], [0.0, -0.3, 0.5]])
MEAN = np.array([1.0, -2.0, 30.0])
METHODS = [
    "transform",
    "inverse_transform",
    "score_samples",
    "score",
    "mahalanobis_squared",
    "support_distance",
    "decision_function",
    "predict",
]


@pytest.fixture
def Z():
    return np.random.default_rng(3).multivariate_normal(MEAN, COVARIANCE, 2000)


@pytest.fixture
def degenerate():
    """Four components, of which one is dead and one the double of another."""
    Z = np.random.default_rng(4).normal(size=(300, 4))
    Z[:, 1], Z[:, 2] = 0.3, 2 * Z[:, 0]
    return Z


@parametrize_with_checks([LatentGaussianModel(), LatentGaussianModel(coverage=0.5)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_moments_equal_scikit_learns(Z):
    model, peer = LatentGaussianModel().fit(Z), EmpiricalCovariance().fit(Z)
    np.testing.assert_allclose(model.mean_, peer.location_, rtol=1e-13)
    np.testing.assert_allclose(model.covariance_, peer.covariance_, atol=1e-12)
    np.testing.assert_allclose(model.std_, Z.std(axis=0), rtol=1e-12)
    np.testing.assert_allclose(model.correlation_, np.corrcoef(Z.T), atol=1e-12)
    np.testing.assert_allclose(model.mahalanobis_squared(Z), peer.mahalanobis(Z), rtol=1e-9)
    assert (model.rank_, model.n_samples_seen_, model.n_features_in_) == (3, 2000, 3)


def test_density_equals_scipy(Z):
    model = LatentGaussianModel().fit(Z)
    expected = stats.multivariate_normal(Z.mean(axis=0), np.cov(Z.T, bias=True)).logpdf(Z)
    np.testing.assert_allclose(model.score_samples(Z), expected, rtol=1e-10)
    assert model.score(Z) == pytest.approx(expected.mean(), rel=1e-10)


def test_fit_forgets_and_partial_fit_does_not(Z):
    whole = LatentGaussianModel().fit(Z)
    parts = LatentGaussianModel()
    for part in np.array_split(Z, [1, 2, 700]):
        parts.partial_fit(part)
    np.testing.assert_allclose(parts.covariance_, whole.covariance_, rtol=1e-10, atol=1e-12)
    assert parts.n_samples_seen_ == 2000
    np.testing.assert_array_equal(parts.fit(Z).mean_, whole.mean_)
    assert parts.n_samples_seen_ == 2000


def test_merge_equals_one_fit_and_leaves_the_other_alone(Z):
    whole = LatentGaussianModel().fit(Z)
    model, other = LatentGaussianModel().fit(Z[:300]), LatentGaussianModel().fit(Z[300:])
    mean = other.mean_.copy()
    assert model.merge(other) is model
    np.testing.assert_allclose(model.covariance_, whole.covariance_, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(model.score_samples(Z), whole.score_samples(Z), rtol=1e-9)
    assert model.n_samples_seen_ == 2000
    assert other.n_samples_seen_ == 1700
    np.testing.assert_array_equal(other.mean_, mean)


def exact_moments(Z):
    """Mean and covariance in extended precision."""
    wide = np.asarray(Z, dtype=np.longdouble)
    centred = wide - wide.mean(axis=0)
    return wide.mean(axis=0).astype(float), (centred.T @ centred / len(Z)).astype(float)


STREAMS = [
    (mean, dtype, seed)
    for mean in (0.0, 1.0, -1e4, 1e8)
    for dtype in (np.float64, np.float32)
    for seed in range(6)
]


@pytest.mark.parametrize(("mean", "dtype", "seed"), STREAMS)
def test_any_split_in_any_order_gives_the_moments_of_one_fit(mean, dtype, seed):
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(20, 3000)), int(rng.integers(1, 9))
    Z = (rng.standard_normal((n, d)) @ rng.standard_normal((d, d)) * 3 + mean).astype(dtype)
    cuts = np.sort(rng.integers(1, n, size=int(rng.integers(1, 12))))
    # Two cuts at one place leave a part without points, which no method takes.
    parts = [part for part in np.split(rng.permutation(Z), cuts) if len(part)]
    streamed = LatentGaussianModel()
    for part in parts:
        streamed.partial_fit(part)
    models = [LatentGaussianModel().fit(part) for part in parts]
    while len(models) > 1:
        one, two = rng.choice(len(models), 2, replace=False)
        models[one].merge(models[two])
        del models[two]
    exact_mean, exact = exact_moments(Z)
    whole = LatentGaussianModel().fit(Z)
    # The mean is off by a few units in the last place; a product with a deviation, and with a
    # difference of part means, by that times its size. Sums of n terms add log2(n) roundings.
    eps = np.finfo(np.float64).eps
    spread = np.abs(np.asarray(Z, dtype=float) - exact_mean).max()
    atol = (np.log2(n) + len(parts)) * eps * (4 * abs(mean) + 4 * spread) * spread
    for model in (whole, streamed, models[0]):
        assert model.n_samples_seen_ == n
        np.testing.assert_allclose(
            model.mean_, exact_mean, rtol=4 * eps, atol=(4 + len(parts)) * eps * spread
        )
        np.testing.assert_allclose(model.covariance_, exact, rtol=0, atol=atol)
        assert model.rank_ == whole.rank_
        assert model.normal_.eps == np.finfo(dtype).eps


@pytest.mark.parametrize("covariance", ["ledoit_wolf", "oas"])
@pytest.mark.parametrize("mean", [0.0, 1e6])
def test_shrunk_estimates_stream(covariance, mean):
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((60, 12)) * np.linspace(1, 2, 12) + mean
    whole = LatentGaussianModel(covariance=covariance).fit(Z)
    assert 0.01 < whole.shrinkage_ < 0.99
    streamed = LatentGaussianModel(covariance=covariance)
    for part in np.split(rng.permutation(Z), [1, 2, 17, 40]):
        streamed.partial_fit(part)
    merged = LatentGaussianModel(covariance=covariance).fit(Z[:7])
    # What the other estimates is its own affair: moments are merged.
    merged.merge(LatentGaussianModel().fit(Z[7:]))
    for model in (streamed, merged):
        assert model.shrinkage_ == pytest.approx(whole.shrinkage_, rel=1e-8)
        np.testing.assert_allclose(model.covariance_, whole.covariance_, rtol=1e-8, atol=1e-9)


def test_point_by_point_and_doubled_points():
    Z = np.random.default_rng(1).standard_normal((200, 3)) + 1e8
    single = LatentGaussianModel()
    for row in Z:
        single.partial_fit(row[None])
    expected = LatentGaussianModel().fit(Z)
    # Each of 200 merges rounds the mean, near 1e8, once.
    atol = 200 * np.finfo(np.float64).eps * 1e8 * 4
    np.testing.assert_allclose(single.covariance_, expected.covariance_, atol=atol)
    doubled = LatentGaussianModel().fit(Z)
    doubled.merge(doubled)
    assert doubled.n_samples_seen_ == 400
    np.testing.assert_allclose(doubled.covariance_, expected.covariance_, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_memory_map_is_read_and_not_copied(tmp_path, dtype):
    n, d = 40_000, 32
    Z = np.random.default_rng(0).standard_normal((n, d)).astype(dtype)
    Z.tofile(tmp_path / "points")
    mapped = np.memmap(tmp_path / "points", dtype=dtype, mode="r", shape=(n, d))
    tracemalloc.start()
    try:
        model = LatentGaussianModel().fit(mapped)
        squared = model.mahalanobis_squared(mapped)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Three chunks of a megabyte and the distances, beside 5 or 10 MB of points.
    assert peak < 4 * 2**20 + squared.nbytes
    np.testing.assert_array_equal(model.covariance_, LatentGaussianModel().fit(Z).covariance_)
    np.testing.assert_array_equal(squared, model.mahalanobis_squared(Z))


def test_samples_have_the_moments_of_the_model(Z):
    model, n = LatentGaussianModel().fit(Z), 100_000
    drawn = model.sample(n, random_state=0)
    assert drawn.shape == (n, 3)
    assert drawn.dtype == np.float64
    standard_error = model.std_ / np.sqrt(n)
    assert (np.abs(drawn.mean(axis=0) - model.mean_) < 5 * standard_error).all()
    # Var of a sample covariance: (s_ii s_jj + s_ij^2) / n, from Wishart.
    variances = np.outer(model.std_**2, model.std_**2) + model.covariance_**2
    difference = np.cov(drawn.T) - model.covariance_
    assert (np.abs(difference) < 5 * np.sqrt(variances / n)).all()


def test_seeds_of_sample(Z):
    model = LatentGaussianModel().fit(Z)
    np.testing.assert_array_equal(model.sample(3, random_state=1), model.sample(3, random_state=1))
    assert not np.array_equal(model.sample(3), model.sample(3))
    generator = np.random.RandomState(1)
    assert not np.array_equal(model.sample(3, generator), model.sample(3, generator))
    np.testing.assert_array_equal(
        model.sample(3, np.random.RandomState(1)), model.sample(3, random_state=1)
    )
    np.testing.assert_array_equal(model.sample(9, 1)[:3], model.sample(3, 1))
    with pytest.raises(ValueError, match="seed"):
        model.sample(3, random_state="one")


@pytest.mark.parametrize("coverage", [0.1, 0.95, 0.999])
def test_predict_covers_what_it_says(coverage):
    n = 50_000
    model = LatentGaussianModel(coverage=coverage)
    inside = model.fit_predict(np.random.default_rng(5).multivariate_normal(MEAN, COVARIANCE, n))
    share = (inside == 1).mean()
    assert abs(share - coverage) < 5 * np.sqrt(coverage * (1 - coverage) / n)


def test_the_ellipsoid_of_predict_is_the_chi_squared_quantile(Z):
    model = LatentGaussianModel(coverage=0.8).fit(Z)
    radius = np.sqrt(stats.chi2.ppf(0.8, 3))
    direction = np.array([[0.6, 0.0, -0.8]])
    inside = model.inverse_transform(direction * radius * 0.999)
    outside = model.inverse_transform(direction * radius * 1.001)
    assert model.predict(np.vstack([inside, outside])).tolist() == [1, -1]
    surface = model.inverse_transform(direction * radius)
    assert model.score_samples(surface) == pytest.approx(model.offset_, rel=1e-12)


def test_whitening_is_undone(Z):
    model = LatentGaussianModel()
    white = model.fit_transform(Z)
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(3), atol=1e-12)
    np.testing.assert_allclose(model.inverse_transform(X=white), Z, rtol=1e-11)
    np.testing.assert_allclose(np.square(white).sum(axis=1), model.mahalanobis_squared(Z))


def test_degenerate_components(degenerate):
    model = LatentGaussianModel().fit(degenerate)
    assert model.rank_ == 2
    assert model.transform(degenerate).shape == (300, 2)
    np.testing.assert_array_equal(model.correlation_[1], [0, 1, 0, 0])
    assert model.correlation_[0, 2] == pytest.approx(1)
    drawn = model.sample(50, random_state=0)
    np.testing.assert_array_equal(drawn[:, 1], 0.3)
    np.testing.assert_allclose(drawn[:, 2], 2 * drawn[:, 0], rtol=1e-12, atol=1e-13)
    # On the support the density is that of (x, 2x, z), whose length along x is sqrt(5).
    free = LatentGaussianModel().fit(degenerate[:, [0, 3]])
    np.testing.assert_allclose(
        model.score_samples(degenerate),
        free.score_samples(degenerate[:, [0, 3]]) - np.log(5) / 2,
        rtol=1e-10,
    )


def test_points_off_the_support_are_projected(degenerate):
    model = LatentGaussianModel().fit(degenerate)
    off = degenerate + np.array([0.0, 3.0, 0.0, 0.0])
    np.testing.assert_allclose(model.support_distance(off), 3.0, rtol=1e-12)
    np.testing.assert_allclose(model.score_samples(off), model.score_samples(degenerate))
    assert model.support_distance(degenerate).max() < 1e-12
    back = model.inverse_transform(model.transform(off))
    np.testing.assert_allclose(back, degenerate, atol=1e-12)


def test_held_out_points_are_ranked_where_points_are_fewer_than_components():
    Z = np.random.default_rng(6).normal(size=(40, 60))
    model = LatentGaussianModel().fit(Z[:20])
    assert model.rank_ == 19
    assert np.isfinite(model.score_samples(Z[20:])).all()
    assert (model.support_distance(Z[20:]) > 1).all()
    assert model.support_distance(model.sample(10, random_state=0)).max() < 1e-12


@pytest.mark.parametrize("Z", [[[1.0, 2.0]], [[1.0, 2.0]] * 5], ids=["one", "equal"])
def test_a_single_point(Z):
    model = LatentGaussianModel().fit(Z)
    assert model.rank_ == 0
    np.testing.assert_array_equal(model.sample(3), [[1.0, 2.0]] * 3)
    np.testing.assert_array_equal(model.correlation_, np.eye(2))
    assert model.transform(Z).shape == (len(Z), 0)
    assert model.inverse_transform(model.transform(Z)).tolist() == Z
    assert model.score(Z) == 0
    assert (model.predict(Z) == 1).all()
    assert model.partial_fit([[3.0, 2.0], [0.0, 0.0]]).rank_ == 2


def test_float32_latents(Z):
    single = Z.astype(np.float32)
    model, expected = LatentGaussianModel().fit(single), LatentGaussianModel().fit(Z)
    # Rounding moves a point by half a unit of 2^-23 relative to about 30.
    np.testing.assert_allclose(model.covariance_, expected.covariance_, atol=2e-5)
    for array in (model.covariance_, model.transform(single), model.sample(2)):
        assert array.dtype == np.float64
    assert model.support_distance(single).max() < 1e-12


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_that_pca_leaves_is_no_direction(dtype):
    Z = np.random.default_rng(7).normal(3.0, 1.0, (200, 30)).astype(dtype)
    Z[:, :5] = 0.25
    Z[:, 6] = Z[:, 7]
    projected = PCA().fit(Z).transform(Z)
    assert LatentGaussianModel().fit(projected).rank_ == 24


def test_last_step_of_a_pipeline():
    Z = np.random.default_rng(8).normal(size=(200, 6)) @ np.diag([5.0, 3, 2, 1, 0.5, 0.1])
    frame = pd.DataFrame(Z, columns=list("abcdef"))
    pipeline = make_pipeline(PCA(n_components=3), LatentGaussianModel()).fit(frame)
    again = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(again.score_samples(frame), pipeline.score_samples(frame))
    np.testing.assert_array_equal(again[-1].sample(2, random_state=0), pipeline[-1].sample(2, 0))
    assert set(pipeline.predict(frame)) == {1, -1}
    white = pipeline.set_output(transform="pandas").fit_transform(frame)
    assert white.columns.tolist() == [f"latentgaussianmodel{index}" for index in range(3)]
    assert clone(pipeline).fit(frame).inverse_transform(white).shape == Z.shape
    search = GridSearchCV(pipeline, {"pca__n_components": [2, 3]}, cv=2).fit(frame)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_feature_names(Z):
    frame = pd.DataFrame(Z, columns=list("abc"))
    model = LatentGaussianModel().fit(frame)
    assert model.feature_names_in_.tolist() == list("abc")
    model.merge(LatentGaussianModel().fit(frame))
    with pytest.raises(ValueError, match=r"other must have the components .*got \['x', 'y', 'z'\]"):
        model.merge(LatentGaussianModel().fit(frame.set_axis(list("xyz"), axis=1)))


BAD_POINTS = {
    "no rows": (np.empty((0, 3)), ValueError, "0 sample"),
    "one dimension": ([1.0, 2.0, 3.0], ValueError, "1D array"),
    "three dimensions": (np.zeros((2, 3, 3)), ValueError, "dim 3"),
    "nan": ([[1.0, np.nan, 2.0]], ValueError, "NaN"),
    "infinity": ([[1.0, np.inf, 2.0]], ValueError, "infinity"),
    "strings": ([["1", "2", "3"]], TypeError, "<U1"),
    "masked": (np.ma.masked_greater([[1.0, 2.0, 3.0]], 2.0), ValueError, "no masked values"),
    "objects": (np.array([[1, 2, object()]]), TypeError, "object"),
    "complex": (np.ones((2, 3)) * 1j, ValueError, "Complex"),
    "sparse": (sparse.csr_array(np.eye(3)), TypeError, "Sparse"),
}


@pytest.mark.parametrize("method", ["fit", "partial_fit", *METHODS])
@pytest.mark.parametrize(("X", "error", "came"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_bad_points(Z, method, X, error, came):
    model = LatentGaussianModel().fit(Z)
    before = pickle.dumps(model)
    with pytest.raises(error, match=rf"(?s)\bX\b.*{came}|{came}.*\bX\b"):
        getattr(model, method)(X)
    assert pickle.dumps(model) == before


@pytest.mark.parametrize("method", ["partial_fit", *METHODS])
def test_wrong_width(Z, method):
    model = LatentGaussianModel().fit(Z)
    with pytest.raises(ValueError, match=r"X .*\b2\b"):
        getattr(model, method)(np.zeros((4, 2)))


BAD_CALLS = {
    "covariance": ({"covariance": "full"}, ValueError, "covariance must be one of 'empirical'"),
    "coverage 1": ({"coverage": 1.0}, ValueError, r"coverage .* in \(0, 1\); got 1.0"),
    "coverage 0": ({"coverage": 0}, ValueError, r"coverage .* in \(0, 1\); got 0"),
    "coverage text": ({"coverage": "95%"}, TypeError, "coverage must be a number; got '95%'"),
}


@pytest.mark.parametrize(("params", "error", "message"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_bad_parameters(Z, params, error, message):
    model = LatentGaussianModel().fit(Z).set_params(**params)
    before = pickle.dumps(model)
    other = LatentGaussianModel().fit(Z)
    for call in (
        lambda: model.fit(Z[:5]),
        lambda: model.partial_fit(Z),
        lambda: model.merge(other),
    ):
        with pytest.raises(error, match=message):
            call()
        assert pickle.dumps(model) == before


def test_a_failed_refit_keeps_names_and_state(Z):
    model = LatentGaussianModel().fit(pd.DataFrame(Z, columns=list("abc")))
    before = pickle.dumps(model)
    frames = [
        pd.DataFrame([[1.0, np.nan]], columns=["x", "y"]),
        pd.DataFrame([[1.0, 2.0]], columns=["x", 1]),
        pd.DataFrame([[1e200], [-1e200]], columns=["x"]),
    ]
    for frame in frames:
        with pytest.raises((ValueError, TypeError)):
            model.fit(frame)
        assert pickle.dumps(model) == before


@pytest.mark.parametrize("values", [[1e200, -1e200], [1.7e308, -1.7e308]])
def test_squares_that_overflow(values):
    with pytest.raises(ValueError, match="X must hold values whose squares"):
        LatentGaussianModel().fit(np.reshape(values, (2, 1)))


@pytest.mark.parametrize(
    ("n_samples", "error"), [(0, ValueError), (-1, ValueError), (2.0, TypeError), (True, TypeError)]
)
def test_bad_n_samples(Z, n_samples, error):
    with pytest.raises(error, match=f"n_samples must be an integer.*got {n_samples}"):
        LatentGaussianModel().fit(Z).sample(n_samples)


def test_what_merge_refuses(Z):
    model = LatentGaussianModel().fit(Z)
    with pytest.raises(TypeError, match=r"other must be a LatentGaussianModel; got .* ndarray"):
        model.merge(Z)
    with pytest.raises(ValueError, match=r"other must have 3 components, .* got 2"):
        model.merge(LatentGaussianModel().fit(Z[:, :2]))
    with pytest.raises(NotFittedError):
        model.merge(LatentGaussianModel())
    with pytest.raises(NotFittedError):
        LatentGaussianModel().merge(model)


@pytest.mark.parametrize("method", METHODS)
def test_not_fitted(Z, method):
    with pytest.raises(NotFittedError, match="LatentGaussianModel"):
        getattr(LatentGaussianModel(), method)(Z)
    with pytest.raises(NotFittedError):
        LatentGaussianModel().sample()


def test_merge_keeps_its_own_parameters(Z):
    one = LatentGaussianModel(covariance="oas", coverage=0.5).fit(Z[:100])
    other = LatentGaussianModel(covariance="ledoit_wolf", core_coverage=0.9).fit(Z[100:])
    one.merge(other)
    whole = LatentGaussianModel(covariance="oas", coverage=0.5).fit(Z)
    np.testing.assert_allclose(one.covariance_, whole.covariance_, rtol=1e-9)
    assert one.shrinkage_ == pytest.approx(whole.shrinkage_, rel=1e-9)
    assert one.offset_ == pytest.approx(whole.offset_, rel=1e-9)


DESCRIPTIONS = {
    "component_fits": lambda model, X: model.component_fits(X),
    "dominant_components": lambda model, X: model.dominant_components(2),
    "intervals": lambda model, X: model.intervals(),
    "correlated_pairs": lambda model, X: model.correlated_pairs(),
    "bootstrap": lambda model, X: model.correlated_pairs(method="bootstrap", X=X, n_resamples=9),
    "ellipses": lambda model, X: model.ellipses(),
    "density_contours": lambda model, X: model.density_contours(X, (0, 1), max_samples=50),
}
WITH_POINTS = ["component_fits", "bootstrap", "density_contours"]


@pytest.mark.parametrize("call", DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_descriptions_need_a_fit(scaled, call):
    with pytest.raises(NotFittedError, match="LatentGaussianModel"):
        call(LatentGaussianModel(), scaled)


@pytest.mark.parametrize("call", DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_the_model_and_the_points_stay_as_they_are(scaled_model, scaled, call):
    state, points = pickle.dumps(scaled_model), scaled.copy()
    record = call(scaled_model, scaled)
    assert pickle.dumps(scaled_model) == state
    np.testing.assert_array_equal(scaled, points)
    assert str(pickle.loads(pickle.dumps(record))) == str(record)


BAD_POINTS_TO_DESCRIBE = {
    "wrong width": (np.zeros((20, 3)), "X has 3 features"),
    "nan": (np.full((20, 4), np.nan), "X contains NaN"),
    "infinity": (np.full((20, 4), np.inf), "X contains infinity"),
    "one dimension": (np.zeros(4), "X"),
    "no rows": (np.zeros((0, 4)), "X"),
}


@pytest.mark.parametrize("name", WITH_POINTS)
@pytest.mark.parametrize(
    ("X", "message"), BAD_POINTS_TO_DESCRIBE.values(), ids=BAD_POINTS_TO_DESCRIBE
)
def test_bad_points_to_describe(scaled_model, name, X, message):
    with pytest.raises(ValueError, match=message):
        DESCRIPTIONS[name](scaled_model, X)


BAD_DESCRIPTIONS = {
    "k": (lambda m, Z: m.dominant_components(0), ValueError, r"k .*of at least 1; got 0"),
    "k float": (lambda m, Z: m.dominant_components(2.0), TypeError, "k must be an integer"),
    "k pairs": (lambda m, Z: m.correlated_pairs(-1), ValueError, "k must be .* got -1"),
    "method": (
        lambda m, Z: m.correlated_pairs(method="exact"),
        ValueError,
        "method must be one of 'fisher', 'bootstrap'; got 'exact'",
    ),
    "level": (
        lambda m, Z: m.correlated_pairs(confidence_level=95),
        ValueError,
        r"confidence_level .* \(0, 1\); got 95",
    ),
    "resamples": (
        lambda m, Z: m.correlated_pairs(method="bootstrap", X=Z, n_resamples=1),
        ValueError,
        "n_resamples must be .* got 1",
    ),
    "no points": (
        lambda m, Z: m.correlated_pairs(method="bootstrap"),
        ValueError,
        "X must be given with method='bootstrap' .* got method='bootstrap' and X=None",
    ),
    "needless points": (
        lambda m, Z: m.correlated_pairs(X=Z),
        ValueError,
        "X must be .* left out with method='fisher'; got method='fisher' and X=an object",
    ),
    "seed": (
        lambda m, Z: m.correlated_pairs(method="bootstrap", X=Z, random_state="a"),
        ValueError,
        "'a' cannot be used to seed",
    ),
    "two sizes": (
        lambda m, Z: m.ellipses(n_std=2, coverage=0.5),
        ValueError,
        "Only one of n_std, coverage .* got n_std=2, coverage=0.5",
    ),
    "pairs": (lambda m, Z: m.ellipses([(0, 4)]), ValueError, r"pairs .* 0 to 3; got \(0, 4\)"),
    "two measures": (
        lambda m, Z: m.intervals(n_std=2, n_half_widths=1),
        ValueError,
        "Only one of n_std, coverage, n_half_widths",
    ),
    "bin_width": (lambda m, Z: m.component_fits(Z, bin_width=-1), ValueError, "bin_width .* -1"),
    "bin_unit": (lambda m, Z: m.component_fits(Z, bin_unit="px"), ValueError, "bin_unit .* 'px'"),
    "pair": (lambda m, Z: m.density_contours(Z, (1, 1)), ValueError, r"pair .* got \(1, 1\)"),
    "coverages": (
        lambda m, Z: m.density_contours(Z, (0, 1), [0.5, 1.0]),
        ValueError,
        r"coverages must be numbers in \(0, 1\); got \[0.5, 1.0\]",
    ),
    "no coverages": (
        lambda m, Z: m.density_contours(Z, (0, 1), []),
        ValueError,
        r"coverages must be .* at least one; got \[\]",
    ),
    "text coverages": (
        lambda m, Z: m.density_contours(Z, (0, 1), "90%"),
        ValueError,
        "coverages must be numbers .* got '90%'",
    ),
    "max_samples": (
        lambda m, Z: m.density_contours(Z, (0, 1), max_samples=9),
        ValueError,
        "max_samples .* got 9",
    ),
    "grid_size": (
        lambda m, Z: m.density_contours(Z, (0, 1), grid_size=1.5),
        TypeError,
        "grid_size must be an integer; got 1.5",
    ),
    "few points": (
        lambda m, Z: m.density_contours(Z[:9], (0, 1)),
        ValueError,
        "X must have at least 10 rows; got 9",
    ),
}


@pytest.mark.parametrize(
    ("call", "error", "message"), BAD_DESCRIPTIONS.values(), ids=BAD_DESCRIPTIONS
)
def test_bad_descriptions(scaled_model, scaled, call, error, message):
    with pytest.raises(error, match=message):
        call(scaled_model, scaled)


def test_dominant_components(scaled_model):
    assert scaled_model.dominant_components().tolist() == [1, 3, 0, 2]
    assert scaled_model.dominant_components(2).tolist() == [1, 3]
    assert scaled_model.dominant_components(np.int64(99)).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_descriptions_of_degenerate_components(degenerate, dtype):
    X = degenerate.astype(dtype)
    model = LatentGaussianModel().fit(X)
    fits = model.component_fits(X)
    np.testing.assert_array_equal(np.isnan(fits.ks), [False, True, False, False])
    assert model.dominant_components()[-1] == 1
    np.testing.assert_array_equal(model.intervals()[1], model.mean_[[1, 1]])
    pairs = model.correlated_pairs()
    assert pairs.n_pairs == 3
    assert not (pairs.pairs == 1).any()
    # Rounding of the points to their type leaves this much of the correlation.
    assert pairs.correlations[0] == pytest.approx(1, abs=1e-12)
    assert pairs.low[0] == pytest.approx(1, abs=1e-6)
    record = model.correlated_pairs(method="bootstrap", X=X, n_resamples=50, random_state=0)
    assert record.low[0] == pytest.approx(1, abs=1e-6)
    for pair in ((0, 1), (0, 2)):
        with pytest.raises(ValueError, match="pair must name two components that vary"):
            model.density_contours(X, pair)
    assert np.isfinite(model.density_contours(X, (0, 3)).areas).all()


@pytest.mark.parametrize("Z", [[[1.0]], [[1.0], [3.0]], [[1.0, 2.0]]], ids=["one", "1-d", "point"])
def test_no_pairs(Z):
    model = LatentGaussianModel().fit(Z)
    record = model.correlated_pairs()
    assert record.pairs.shape == record.names.shape == (0, 2)
    assert record.n_pairs == record.chance_level == 0
    assert "0 of 0 pairs" in str(record)
    boot = model.correlated_pairs(method="bootstrap", X=Z, n_resamples=5)
    assert boot.low.shape == (0,)
    assert len(record.to_frame()) == 0
    assert str(model.component_fits(Z))


def test_the_normal_of_the_model(degenerate):
    model = LatentGaussianModel().fit(degenerate)
    normal = model.normal_
    for name in ("mean", "covariance", "rank"):
        np.testing.assert_array_equal(getattr(normal, name), getattr(model, f"{name}_"))
    np.testing.assert_array_equal(
        model.transform(degenerate[:3]) @ normal.coloring + normal.mean,
        model.inverse_transform(model.transform(degenerate[:3])),
    )
    np.testing.assert_array_equal(normal.live, [True, False, True, True])
    assert normal.eps == np.finfo(np.float64).eps


def test_the_moments_of_the_model_and_of_what_it_derives(Z):
    model = LatentGaussianModel(covariance="oas").fit(Z)
    np.testing.assert_allclose(model.moments_.scatter / 2000, np.cov(Z.T, bias=True), rtol=1e-11)
    part = model.marginal([2, 0]).moments_
    expected = LatentGaussianModel().fit(Z[:, [2, 0]]).moments_
    assert part.n_samples == 2000
    np.testing.assert_allclose(part.scatter, expected.scatter, rtol=1e-11)
    assert model.conditional({0: 1.0}).moments_ is None
    assert model.conditional({0: 1.0}).marginal([1]).moments_ is None


def test_a_method_that_may_be_missing_keeps_its_page(Z):
    assert LatentGaussianModel.partial_fit.__doc__.startswith("Take in further points")
    assert LatentGaussianModel().fit(Z).partial_fit.__doc__.startswith("Take in further points")
