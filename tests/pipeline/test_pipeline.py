"""Pipelines from images to a density and back to images."""

import copy
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, cross_validate
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import OneClassSVM
from sklearn.utils import estimator_html_repr

from sklatent import (
    LatentGaussianModel,
    LatentPipeline,
    make_latent_pipeline,
    sample_images,
)

DENSITIES = {
    "gaussian": LatentGaussianModel(),
    "mixture": GaussianMixture(3, random_state=0),
    "spherical": GaussianMixture(3, covariance_type="spherical", random_state=0),
    "tied": GaussianMixture(2, covariance_type="tied", random_state=0),
    "bayesian": BayesianGaussianMixture(n_components=2, random_state=0, max_iter=500),
    "kernel": KernelDensity(bandwidth=0.3),
}
BETWEEN = {"nothing": (), "pca": (PCA(3),), "scaler": (StandardScaler(), PCA(whiten=True))}


@pytest.fixture(scope="module")
def make(small):
    """Make a pipeline of a tiny autoencoder, steps between, and a density."""

    def make(density="gaussian", between="nothing", **parameters):
        last = () if density is None else (clone(DENSITIES[density]),)
        steps = (small(**parameters), *map(clone, BETWEEN[between]), *last)
        return make_latent_pipeline(*steps)

    return make


@pytest.fixture(scope="module")
def bytes_images(digits):
    return (digits * 15.9375).astype(np.uint8)


def squared_error(first, second, scale):
    return np.square((np.asarray(first, float) - np.asarray(second, float)) / scale).mean()


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("density", DENSITIES)
def test_samples_are_decoded_points_of_the_density(make, bytes_images, density, between):
    pipeline = make(density, between).fit(bytes_images)
    images = pipeline.sample(400, random_state=1)
    assert (images.dtype, images.shape) == (np.uint8, (400, 8, 8))
    np.testing.assert_array_equal(pipeline.sample(400, random_state=1), images)
    assert not np.array_equal(pipeline.sample(400, random_state=2), images)
    assert not np.array_equal(pipeline.sample(400), pipeline.sample(400))
    np.testing.assert_array_equal(sample_images(pipeline, 400, random_state=1), images)
    plain = Pipeline(pipeline.steps)
    np.testing.assert_array_equal(sample_images(plain, 400, random_state=1), images)
    # They are distributed as points that the density itself draws: five standard errors.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "covariance is not symmetric")
        if isinstance(pipeline[-1], GaussianMixture | BayesianGaussianMixture):
            points = pipeline[-1].sample(400)[0]
        else:
            points = pipeline[-1].sample(400, random_state=2)
    direct = plain[:-1].inverse_transform(points)
    error = np.sqrt((images.var(axis=0) + direct.var(axis=0)) / 400)
    assert np.all(np.abs(images.mean(axis=0) - direct.mean(axis=0)) < 5 * error + 1e-9)


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (64,), (4, 16), (4, 4, 4)])
def test_samples_have_the_layout_and_units_of_fit(make, digits, shape):
    X = digits.reshape(300, *shape)
    images = make().fit(X).sample(20, random_state=0)
    assert images.shape == (20, *shape)
    assert images.dtype == np.float64
    assert 1.5 < images.max() <= 16
    assert images.min() >= 0


def test_sampling_by_hand_gives_the_same_images(make, digits):
    pipeline = make("gaussian", "pca").fit(digits)
    autoencoder, pca, model = (step for _, step in pipeline.steps)
    points = model.sample(10, random_state=3)
    expected = autoencoder.inverse_transform(pca.inverse_transform(points))
    np.testing.assert_array_equal(pipeline.sample(10, random_state=3), expected)
    kernel = make("kernel").fit(digits)
    points = kernel[-1].sample(10, random_state=3)
    expected = kernel[0].inverse_transform(points)
    np.testing.assert_array_equal(kernel.sample(10, random_state=3), expected)


def test_points_of_mixtures_are_not_in_the_order_of_their_components(digits):
    low_high = np.repeat([[0.0, 0.0], [9.0, 9.0]], 50, axis=0)
    low_high += np.random.default_rng(0).normal(0, 0.1, low_high.shape)
    pipeline = LatentPipeline([("scaler", StandardScaler()), ("mixture", GaussianMixture(2))])
    first = pipeline.fit(low_high).sample(100, random_state=0)[:, 0] > 4.5
    assert 30 < first.sum() < 70
    # Sorted points would change sides once.
    assert np.abs(np.diff(first.astype(int))).sum() > 20


@pytest.mark.parametrize("density", ["mixture", "bayesian"])
def test_a_mixtures_own_seed_neither_decides_nor_changes(make, digits, density):
    pipeline = make(density).fit(digits)
    parameters = pickle.dumps(pipeline[-1].means_), pickle.dumps(pipeline[-1].covariances_)
    first, second = pipeline.sample(5), pipeline.sample(5)
    assert not np.array_equal(first, second)
    assert pipeline[-1].random_state == 0
    after = pickle.dumps(pipeline[-1].means_), pickle.dumps(pipeline[-1].covariances_)
    assert after == parameters
    np.testing.assert_array_equal(
        pipeline.sample(5, random_state=7), pipeline.sample(5, random_state=7)
    )


def test_seeded_samples_leave_numpys_generator_alone(make, digits):
    for density in DENSITIES:
        pipeline = make(density).fit(digits)
        before = pickle.dumps(np.random.get_state())  # noqa: NPY002
        pipeline.sample(3, random_state=0)
        assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002


def test_sample_takes_generators_that_move_on(make, digits):
    pipeline = make().fit(digits)
    rng = np.random.RandomState(0)
    first, second = pipeline.sample(5, rng), pipeline.sample(5, rng)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(pipeline.sample(5, np.random.RandomState(0)), first)
    assert pipeline.sample().shape == (1, 8, 8)


@pytest.mark.parametrize(("n", "error"), [(0, ValueError), (-1, ValueError), (2.0, TypeError)])
def test_counts_below_one(make, digits, n, error):
    pipeline = make("mixture").fit(digits)
    for sample in (pipeline.sample, lambda n: sample_images(Pipeline(pipeline.steps), n)):
        with pytest.raises(error, match="n_samples must be an integer"):
            sample(n)


def test_only_pipelines_that_end_in_a_density_sample(make, small, digits):
    for density in DENSITIES:
        assert hasattr(make(density), "sample")
    for pipeline in (
        make(None),
        make(None, "pca"),
        make()[:-1],
        LatentPipeline([("autoencoder", small()), ("last", "passthrough")]),
        LatentPipeline([("autoencoder", small()), ("last", None)]),
        LatentPipeline([]),
    ):
        assert not hasattr(pipeline, "sample")
    with pytest.raises(TypeError, match="must have a sample method; 'pca' is a PCA"):
        sample_images(make(None, "pca").fit(digits))


def test_a_step_without_a_way_back(small, digits):
    steps = (small(), Normalizer(), LatentGaussianModel())
    for pipeline in (make_latent_pipeline(*steps), make_pipeline(*steps)):
        pipeline.fit(digits)
        with pytest.raises(TypeError, match="'normalizer' is a Normalizer without it"):
            sample_images(pipeline)
    latent = make_latent_pipeline(*steps).fit(digits)
    for use in (latent.sample, lambda: latent.reconstruct(digits), lambda: latent.score(digits)):
        with pytest.raises(TypeError, match="must have inverse_transform; 'normalizer' is a"):
            use()


def test_steps_that_are_left_out_are_passed_over(small, digits):
    steps = [("autoencoder", small()), ("a", "passthrough"), ("b", None)]
    pipeline = LatentPipeline([*steps, ("density", LatentGaussianModel())]).fit(digits)
    plain = make_latent_pipeline(small(), LatentGaussianModel()).fit(digits)
    np.testing.assert_array_equal(pipeline.sample(3, 0), plain.sample(3, 0))
    assert pipeline.score(digits) == plain.score(digits)


def test_transform_and_its_inverse(make, digits):
    for density in ("gaussian", "kernel", "mixture", None):
        pipeline = make(density, "pca").fit(digits)
        points = pipeline.transform(digits)
        latent = pipeline["pca"].transform(pipeline["convautoencoder"].transform(digits))
        if density == "gaussian":
            latent = pipeline[-1].transform(latent)
            np.testing.assert_allclose(np.cov(points.T, bias=True), np.eye(3), atol=1e-4)
        np.testing.assert_allclose(points, latent, atol=1e-6)
        back = pipeline.inverse_transform(points)
        np.testing.assert_allclose(back, pipeline.reconstruct(digits), atol=1e-3)


def test_fit_transform_is_fit_then_transform(make, digits):
    for density in ("gaussian", "kernel", "mixture", None):
        points = make(density).fit_transform(digits)
        np.testing.assert_allclose(points, make(density).fit(digits).transform(digits), atol=1e-6)


def test_pipeline_without_a_density_is_an_autoencoder(make, fitted, digits):
    pipeline = make(None).fit(digits)
    np.testing.assert_array_equal(pipeline.transform(digits), fitted.transform(digits))
    np.testing.assert_array_equal(pipeline.reconstruct(digits), fitted.reconstruct(digits))
    assert pipeline.score(digits) == fitted.score(digits)


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("density", [None, "gaussian", "kernel"])
def test_score_is_that_of_reconstructions(make, digits, density, between):
    pipeline = make(density, between).fit(digits)
    transformers = pipeline.steps if density is None else pipeline.steps[:-1]
    points = digits
    for _, step in transformers:
        points = step.transform(points)
    for _, step in reversed(transformers):
        points = step.inverse_transform(points)
    np.testing.assert_allclose(pipeline.reconstruct(digits), points, atol=1e-6)
    assert pipeline.score(digits) == pytest.approx(-squared_error(digits, points, 16), rel=1e-5)
    assert pipeline.score(digits, np.arange(300)) == pipeline.score(digits)
    worse = make(density, "pca").fit(digits).score(digits)
    assert pipeline.score(digits) >= worse


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_score_without_an_autoencoder_is_on_the_unit_scale(digits, dtype):
    scale = 255 if dtype == np.uint8 else 16
    X = (digits / 16 * scale).astype(dtype).reshape(300, -1)
    pipeline = make_latent_pipeline(PCA(5), LatentGaussianModel()).fit(X)
    pca = PCA(5).fit(X)
    back = pca.inverse_transform(pca.transform(X))
    assert pipeline.score(X) == pytest.approx(-squared_error(X, back, scale), rel=1e-9)


def test_score_samples_stay_the_densitys(make, digits):
    for density in DENSITIES:
        pipeline = make(density, "pca").fit(digits)
        points = pipeline[:-1].transform(digits)
        expected = pipeline[-1].score_samples(points)
        np.testing.assert_allclose(pipeline.score_samples(digits), expected, rtol=1e-9)
    assert not hasattr(make(None), "score_samples")


def test_search_over_latent_dimensions_compares_reconstructions(make, digits):
    recipe = {"channels": (16, 32), "max_epochs": 8, "batch_size": 16, "learning_rate": 0.01}
    pipeline, splits = make("gaussian", "pca", **recipe), KFold(2)
    grid = [
        {"convautoencoder__latent_dim": [1, 8], "pca__n_components": [None]},
        {"convautoencoder__latent_dim": [8], "pca__n_components": [1]},
    ]
    search = GridSearchCV(pipeline, grid, cv=splits).fit(digits)
    one, eight, eight_to_one = search.cv_results_["mean_test_score"]
    assert eight > max(one, eight_to_one)
    assert search.best_params_ == {"convautoencoder__latent_dim": 8, "pca__n_components": None}
    # The first split of the last candidate by hand.
    train, test = next(splits.split(digits))
    by_hand = clone(pipeline).set_params(convautoencoder__latent_dim=8, pca__n_components=1)
    by_hand.fit(digits[train])
    expected = -squared_error(digits[test], by_hand.reconstruct(digits[test]), 16)
    assert search.cv_results_["split0_test_score"][2] == pytest.approx(expected, rel=1e-5)
    assert search.best_estimator_.sample(2, random_state=0).shape == (2, 8, 8)


def test_cross_validation_scores_reconstructions(make, bytes_images):
    pipeline, splits = make("mixture", "scaler"), KFold(3)
    result = cross_validate(pipeline, bytes_images, cv=splits, return_estimator=True)
    for (_, test), estimator, score in zip(
        splits.split(bytes_images), result["estimator"], result["test_score"], strict=True
    ):
        # Means over rounded bytes and over exact pixels differ by at most 2 r sqrt(m) + r^2.
        expected = squared_error(bytes_images[test], estimator.reconstruct(bytes_images[test]), 255)
        rounding = 0.5 / 255
        assert score == pytest.approx(-expected, abs=2 * rounding * np.sqrt(expected))
    labels = np.arange(300) % 10
    for scores in (
        cross_val_score(pipeline, bytes_images, cv=splits),
        cross_val_score(pipeline, bytes_images, labels, cv=splits),
    ):
        np.testing.assert_array_equal(scores, result["test_score"])


@pytest.mark.parametrize("density", ["gaussian", "kernel", "mixture"])
def test_labels_and_target_images_go_through(make, digits, density):
    labels = np.arange(300) % 10
    plain = make(density, "pca").fit(digits)
    labelled = make(density, "pca").fit(digits, labels)
    np.testing.assert_array_equal(labelled.sample(5, 0), plain.sample(5, 0))
    y = np.stack([digits, 16 - digits], axis=-1)
    recipe = {"batch_size": 16, "learning_rate": 0.01, "max_epochs": 5}
    pipeline = make(density, "pca", **recipe).fit(digits, y)
    assert pipeline.sample(5, random_state=0).shape == (5, 8, 8, 2)
    painted = pipeline.reconstruct(digits)
    assert pipeline.score(digits, y) == pytest.approx(-squared_error(y, painted, 16), rel=1e-5)
    assert squared_error(painted, y, 16) < 0.5 * squared_error(painted, y[..., ::-1], 16)
    with pytest.raises(ValueError, match="y must be given"):
        pipeline.score(digits)


def test_cross_validation_towards_target_images(make, digits):
    y = np.stack([digits, 16 - digits], axis=-1)
    result = cross_validate(make(), digits, y, cv=KFold(2), return_estimator=True)
    for (_, test), estimator, score in zip(
        KFold(2).split(digits), result["estimator"], result["test_score"], strict=True
    ):
        expected = squared_error(y[test], estimator.reconstruct(digits[test]), 16)
        assert score == pytest.approx(-expected, rel=1e-5)


def test_clones_and_copies(make, digits):
    pipeline = make("mixture", "pca").fit(digits)
    images = pipeline.sample(5, random_state=0)
    for copied in (copy.deepcopy(pipeline), pickle.loads(pickle.dumps(pipeline))):
        assert isinstance(copied, LatentPipeline)
        np.testing.assert_array_equal(copied.sample(5, random_state=0), images)
        assert copied.score(digits) == pipeline.score(digits)
    new = clone(pipeline)
    assert isinstance(new, LatentPipeline)
    with pytest.raises(NotFittedError):
        new.sample()
    np.testing.assert_array_equal(new.fit(digits).sample(5, random_state=0), images)


def test_slices_and_parameters(make, digits):
    pipeline = make("gaussian", "pca").fit(digits)
    assert list(pipeline.named_steps) == ["convautoencoder", "pca", "latentgaussianmodel"]
    front = pipeline[:2]
    assert isinstance(front, LatentPipeline)
    np.testing.assert_array_equal(
        front.transform(digits), pipeline["pca"].transform(pipeline[0].transform(digits))
    )
    assert front.score(digits) == pipeline.score(digits)
    pipeline.set_params(convautoencoder__latent_dim=5, pca__n_components=2)
    assert pipeline.get_params()["convautoencoder__latent_dim"] == 5
    assert pipeline.fit(digits)[-1].mean_.shape == (2,)
    pipeline.set_params(latentgaussianmodel=KernelDensity())
    assert pipeline.fit(digits).sample(2, random_state=0).shape == (2, 8, 8)


class Counted(TransformerMixin, BaseEstimator):
    """A transformer that counts its fits in a file."""

    def __init__(self, path):
        self.path = path

    def fit(self, X, y=None):
        with open(self.path, "a") as file:
            file.write("x")
        self.fitted_ = True
        return self

    def transform(self, X):
        return X

    def inverse_transform(self, X):
        return X


def test_memory_keeps_fitted_steps(small, digits, tmp_path):
    counts = tmp_path / "counts"
    steps = (small(max_epochs=1), Counted(counts), LatentGaussianModel())
    pipeline = make_latent_pipeline(*steps, memory=str(tmp_path / "cache"))
    first = pipeline.fit(digits).sample(5, random_state=0)
    duration = pipeline[0].history_["duration"]
    pipeline.fit(digits)
    assert counts.read_text() == "x"
    # The very same training, not another one that takes as long.
    np.testing.assert_array_equal(pipeline[0].history_["duration"], duration)
    np.testing.assert_array_equal(pipeline.sample(5, random_state=0), first)
    assert not hasattr(steps[0], "net_")
    pipeline.set_params(convautoencoder__latent_dim=3).fit(digits)
    assert counts.read_text() == "xx"


def test_make_latent_pipeline_is_make_pipeline(small):
    steps = (small(), PCA(), PCA(2), LatentGaussianModel())
    pipeline = make_latent_pipeline(*steps, memory="folder", verbose=True)
    plain = make_pipeline(*steps, memory="folder", verbose=True)
    assert isinstance(pipeline, LatentPipeline)
    assert pipeline.get_params() == plain.get_params()


@pytest.mark.parametrize("density", ["gaussian", "mixture", "kernel"])
def test_tables_between_the_steps(make, digits, density):
    pipeline = make(density, "scaler").set_output(transform="pandas").fit(digits)
    plain = make(density, "scaler").fit(digits)
    table = pipeline.transform(digits)
    assert isinstance(table, pd.DataFrame)
    np.testing.assert_allclose(table, plain.transform(digits), atol=1e-6)
    np.testing.assert_allclose(pipeline.sample(4, 0), plain.sample(4, 0), atol=1e-4)
    assert pipeline.score(digits) == pytest.approx(plain.score(digits), rel=1e-6)
    names = {"gaussian": "latentgaussianmodel", "mixture": "pca", "kernel": "pca"}
    assert list(table) == [f"{names[density]}{i}" for i in range(4)]


def test_column_names_and_counts(make, digits):
    table = pd.DataFrame(digits.reshape(300, -1)).add_prefix("pixel")
    pipeline = make("gaussian", "pca").fit(table)
    assert pipeline.feature_names_in_.tolist() == table.columns.tolist()
    assert pipeline.n_features_in_ == 64
    assert pipeline.sample(2, random_state=0).shape == (2, 64)


@pytest.mark.parametrize("density", ["gaussian", "kernel", None])
def test_use_before_fit(make, digits, density):
    pipeline = make(density, "pca")
    uses = [pipeline.transform, pipeline.reconstruct, pipeline.score]
    if density is not None:
        uses += [lambda X: pipeline.sample(), lambda X: sample_images(Pipeline(pipeline.steps))]
    for use in uses:
        with pytest.raises(NotFittedError):
            use(digits)


def test_bad_images_are_said_by_the_autoencoder(make, digits):
    pipeline = make("gaussian", "pca").fit(digits)
    before = pipeline.sample(3, random_state=0)
    for use in (pipeline.transform, pipeline.reconstruct, pipeline.score, pipeline.score_samples):
        with pytest.raises(ValueError, match="X must have the layout and image size seen in fit"):
            use(digits[:, :7])
        with pytest.raises(ValueError, match="X must be in the units seen in fit"):
            use(digits / 16)
    with pytest.raises(ValueError, match="X contains NaN"):
        pipeline.fit(np.full((5, 8, 8), np.nan))
    np.testing.assert_array_equal(pipeline.sample(3, random_state=0), before)


def test_display(make, digits):
    pipeline = make("gaussian", "pca")
    for page in (estimator_html_repr(pipeline), estimator_html_repr(pipeline.fit(digits))):
        assert all(name in page for name in ("ConvAutoencoder", "PCA", "LatentGaussianModel"))
    assert repr(pipeline).startswith("LatentPipeline(steps=")


def count_calls(monkeypatch, step, method):
    calls = []
    original = getattr(step, method)
    monkeypatch.setattr(step, method, lambda X: calls.append(len(X)) or original(X))
    return calls


def test_another_density_behind_the_same_autoencoder(make, digits, monkeypatch):
    pipeline = make("gaussian", "pca").fit(digits)
    before = pickle.dumps(pipeline[0].reconstruct(digits))
    calls = count_calls(monkeypatch, pipeline[0], "transform")
    pipeline.set_params(latentgaussianmodel=GaussianMixture(5, random_state=0))
    assert pipeline.fit_density(digits) is pipeline
    assert calls == [300]
    assert pickle.dumps(pipeline[0].reconstruct(digits)) == before
    points = pipeline[:-1].transform(digits)
    expected = GaussianMixture(5, random_state=0).fit(points)
    np.testing.assert_allclose(pipeline[-1].means_, expected.means_)
    assert pipeline.sample(4, random_state=0).shape == (4, 8, 8)
    # Points do as well as the images that they come from.
    other = copy.deepcopy(pipeline).fit_density(latent=points)
    np.testing.assert_array_equal(other[-1].means_, pipeline[-1].means_)
    assert other.score(digits) == pipeline.score(digits)


def test_a_refitted_density_is_that_of_fit(make, digits):
    pipeline = make("gaussian", "scaler").fit(digits)
    mean = pipeline[-1].mean_
    np.testing.assert_array_equal(pipeline.fit_density(digits)[-1].mean_, mean)
    assert not np.array_equal(pipeline.fit_density(digits[:50])[-1].mean_, mean)


def test_refitted_densities_are_given_labels(make, small, digits):
    class Labelled(LatentGaussianModel):
        def fit(self, X, y=None):
            self.y_ = y
            return super().fit(X)

    pipeline = make_latent_pipeline(small(), Labelled()).fit(digits)
    labels = np.arange(300)
    assert pipeline[-1].y_ is None
    assert pipeline.fit_density(digits, y=labels)[-1].y_ is labels


def test_a_density_that_cannot_be_fitted_stays_as_it_was(make, digits):
    pipeline = make("mixture").fit(digits)
    expected = pipeline.sample(5, random_state=0)
    with pytest.raises(ValueError, match="n_samples"):
        pipeline.fit_density(digits[:2])
    points = pipeline[:-1].transform(digits)
    points[3] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        pipeline.fit_density(latent=points)
    np.testing.assert_array_equal(pipeline.sample(5, random_state=0), expected)


def test_bad_calls_of_fit_density(make, digits):
    pipeline = make().fit(digits)
    points = pipeline[:-1].transform(digits)
    with pytest.raises(TypeError, match="fit_density takes either X or latent; got neither"):
        pipeline.fit_density()
    with pytest.raises(TypeError, match="fit_density takes either X or latent; got both"):
        pipeline.fit_density(digits, latent=points)
    with pytest.raises(ValueError, match="latent must hold points as they come into the last"):
        pipeline.fit_density(latent=digits.reshape(300, -1))
    with pytest.raises(ValueError, match="X must have the layout and image size seen in fit"):
        pipeline.fit_density(points)
    for wrong in ("abc", 3.0, points[0], points[None]):
        with pytest.raises((TypeError, ValueError), match="latent must"):
            pipeline.fit_density(latent=wrong)
    for last in (None, "passthrough", OneClassSVM(), GaussianMixture):
        with pytest.raises(TypeError, match="fit_density needs an estimator with a sample method"):
            LatentPipeline([*pipeline.steps[:-1], ("last", last)]).fit_density(digits)


@pytest.mark.parametrize("between", BETWEEN)
def test_only_the_density_may_be_unfitted(make, small, digits, between):
    pipeline = make("gaussian", between)
    with pytest.raises(NotFittedError):
        pipeline.fit_density(digits)
    with pytest.raises(NotFittedError):
        pipeline.fit_density(latent=np.zeros((5, 4)))
    steps = [*make(None, between).fit(digits).steps, ("density", LatentGaussianModel())]
    assert LatentPipeline(steps).fit_density(digits).sample(2).shape == (2, 8, 8)


def test_steps_without_a_way_back_and_steps_left_out(small, digits):
    steps = [("autoencoder", small()), ("nothing", "passthrough"), ("normal", Normalizer())]
    pipeline = LatentPipeline([*steps, ("density", LatentGaussianModel())]).fit(digits)
    points = pipeline[:-1].transform(digits)
    mean = pipeline[-1].mean_
    np.testing.assert_array_equal(pipeline.fit_density(latent=points)[-1].mean_, mean)


def test_clones_and_searches_after_fit_density(make, digits):
    pipeline = make().fit(digits)
    pipeline.set_params(latentgaussianmodel=GaussianMixture(2, random_state=0))
    pipeline.fit_density(digits)
    with pytest.raises(NotFittedError):
        clone(pipeline).sample(1)
    search = GridSearchCV(pipeline, {"latentgaussianmodel__n_components": [1, 2]}, cv=2)
    scores = search.fit(digits).cv_results_["mean_test_score"]
    assert scores[0] == scores[1]
    assert pipeline.sample(2, random_state=0).shape == (2, 8, 8)
