"""One density for each class."""

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklatent import LatentGaussianModel, LatentPipeline, sample_images
from sklatent.samplers import (
    CopulaSampler,
    EllipseSampler,
    HighestDensity,
    IntervalSampler,
    KernelSampler,
    MixtureSampler,
    PerClassSampler,
    ShellSampler,
)


@pytest.fixture(scope="module")
def clouds():
    rng = np.random.default_rng(0)
    y = rng.choice(["a", "b", "c"], size=1500, p=[0.5, 0.3, 0.2])
    centres = {"a": [0, 0], "b": [6, 0], "c": [0, 6]}
    return np.array([centres[k] for k in y]) + rng.normal(size=(1500, 2)), y


def test_points_are_drawn_by_class(clouds):
    Z, y = clouds
    sampler = PerClassSampler().fit(Z, y)
    for name in "abc":
        drawn = sampler.sample(4000, random_state=0, y=name)
        assert np.all(np.abs(drawn.mean(axis=0) - Z[y == name].mean(axis=0)) < 5 / np.sqrt(4000))
    wanted = np.array(["c", "a", "b", "a"])
    several = sampler.sample(4, random_state=0, y=wanted)
    assert sampler.predict(several).tolist() == wanted.tolist()
    mixed = sampler.predict(sampler.sample(4000, random_state=0))
    shares = [np.mean(mixed == name) for name in "abc"]
    # Draws and the overlap of the clouds.
    np.testing.assert_allclose(shares, sampler.class_prior_, atol=0.04)


def test_it_is_the_classifier_that_bayes_rule_gives(clouds):
    Z, y = clouds
    sampler = PerClassSampler(LatentGaussianModel()).fit(Z, y)
    priors = [np.mean(y == name) for name in "abc"]
    joint = np.column_stack(
        [
            prior
            * stats.multivariate_normal(
                Z[y == name].mean(axis=0), np.cov(Z[y == name].T, bias=True)
            ).pdf(Z)
            for name, prior in zip("abc", priors, strict=True)
        ]
    )
    expected = joint / joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(sampler.predict_proba(Z), expected, atol=1e-12)
    np.testing.assert_allclose(sampler.score_samples(Z), np.log(joint.sum(axis=1)))
    theirs = QuadraticDiscriminantAnalysis().fit(Z, y)
    assert np.mean(sampler.predict(Z) == theirs.predict(Z)) > 0.995


def test_points_out_of_reach_get_the_shares_of_the_classes(clouds):
    sampler = PerClassSampler(ShellSampler()).fit(*clouds)
    far = sampler.predict_proba([[1e6, 1e6]])
    np.testing.assert_allclose(far[0], sampler.class_prior_)


@pytest.mark.parametrize(
    "estimator",
    [
        GaussianMixture(2, random_state=0),
        MixtureSampler(2, random_state=0),
        HighestDensity(keep=0.99, n_reference=500, random_state=0),
        EllipseSampler("normal"),
    ],
)
def test_any_density_will_do(clouds, estimator):
    sampler = PerClassSampler(estimator).fit(*clouds)
    assert sampler.score(*clouds) > 0.9
    assert sampler.sample(3, random_state=0, y="b").shape == (3, 2)


def test_digits_are_classified(rng):
    images, labels = load_digits(return_X_y=True)
    latent = PCA(20, random_state=0).fit_transform(images)
    assert cross_val_score(PerClassSampler(), latent, labels, cv=3).mean() > 0.94


def test_classes_reach_a_pipeline():
    images, labels = load_digits(return_X_y=True)
    pipeline = LatentPipeline([("pca", PCA(16)), ("sampler", PerClassSampler())])
    pipeline.fit(images, labels)
    drawn = pipeline.sample(50, random_state=0, y=3)
    assert drawn.shape == (50, 64)
    assert np.mean(pipeline.predict(drawn) == 3) > 0.95
    np.testing.assert_array_equal(sample_images(pipeline, 50, random_state=0, y=3), drawn)
    wanted = np.arange(10)
    assert np.mean(pipeline.predict(pipeline.sample(10, random_state=1, y=wanted)) == wanted) > 0.8
    assert pipeline.sample(2).shape == (2, 64)
    gaussian = LatentPipeline([("pca", PCA(16)), ("density", LatentGaussianModel())])
    with pytest.raises(TypeError, match="y must be None: a LatentGaussianModel draws without"):
        gaussian.fit(images).sample(5, y=3)
    refitted = gaussian.set_params(density=PerClassSampler()).fit_density(images, labels)
    assert refitted.sample(5, y=3).shape == (5, 64)


def test_missing_classes_are_told_before_anything_is_trained():
    images, labels = load_digits(return_X_y=True)
    pipeline = LatentPipeline([("pca", PCA(4)), ("sampler", PerClassSampler())])
    with pytest.raises(ValueError, match="y must be given, as 'sampler', a PerClassSampler"):
        pipeline.fit(images)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        pipeline.fit(images, labels[:5])
    assert not hasattr(pipeline[0], "components_")


def test_log_probabilities_reach_where_probabilities_underflow(clouds):
    sampler = PerClassSampler().fit(*clouds)
    near, far = [[1.0, 2.0]], [[1000.0, 0.0]]
    logs, shares = sampler.predict_log_proba(near), sampler.predict_proba(near)
    np.testing.assert_allclose(np.exp(logs), shares)
    assert np.isfinite(sampler.predict_log_proba(far)).all()
    assert sampler.predict_proba(far).min() == 0


@pytest.mark.parametrize(
    ("y", "message"),
    [("d", "y must be of the classes"), (["a", "b"], "y must be one class, or one for each of 3")],
)
def test_unknown_classes_are_errors(clouds, y, message):
    with pytest.raises(ValueError, match=message):
        PerClassSampler().fit(*clouds).sample(3, y=y)


def test_densities_of_different_rank_are_not_compared(rng):
    Z = np.vstack([rng.normal(size=(50, 3)), rng.normal(size=(2, 3))])
    y = np.repeat([0, 1], [50, 2])
    sampler = PerClassSampler(LatentGaussianModel()).fit(Z, y)
    assert sampler.sample(5, y=1).shape == (5, 3)
    with pytest.raises(ValueError, match="covariance='oas'"):
        sampler.predict(Z)
    for density in (
        HighestDensity(n_reference=500, random_state=0),
        HighestDensity(MixtureSampler(1), n_reference=500, random_state=0),
        MixtureSampler(1),
        KernelSampler(random_state=0),
        CopulaSampler(),
        ShellSampler(),
        EllipseSampler(),
    ):
        with pytest.raises(ValueError, match="on subspaces of different dimension"):
            PerClassSampler(density).fit(Z, y).predict(Z)
    flat = np.where((y == 1)[:, None] & [False, True, False], 7.0, Z)
    with pytest.raises(ValueError, match=r"different dimension, \[2, 3\]"):
        PerClassSampler(IntervalSampler()).fit(flat, y).predict(Z)
    assert PerClassSampler().fit(Z, y).predict(Z).shape == (52,)
    with pytest.raises(ValueError, match="2 points of class 1, to which a MixtureSampler"):
        PerClassSampler(MixtureSampler(3)).fit(Z, y)


def test_there_is_no_classifier_without_a_density(clouds):
    sampler = PerClassSampler(ShellSampler("sphere")).fit(*clouds)
    assert not hasattr(sampler, "predict_proba")
    assert sampler.sample(2, y="a").shape == (2, 2)


def test_behind_a_scaler_the_units_do_not_matter(rng):
    y = np.repeat([0, 1], 60)
    Z = rng.normal(size=(120, 4)) + 2.0 * y[:, None]
    sampler = make_pipeline(StandardScaler(), PerClassSampler())
    expected = sampler.fit(Z, y).predict_proba(Z)
    units = np.array([1e-6, 1.0, 1e3, 1e6])
    np.testing.assert_allclose(sampler.fit(units * Z, y).predict_proba(units * Z), expected)


@pytest.mark.parametrize(
    "y",
    [
        np.repeat([0, 1, 2], [30, 29, 1]),
        np.repeat(["b", "a", "c"], [20, 20, 20]),
    ],
)
@pytest.mark.parametrize("density", [None, MixtureSampler(1), KernelSampler(), IntervalSampler()])
def test_classes_of_one_point_or_of_equal_points_are_named(rng, y, density):
    Z = rng.normal(size=(60, 2))
    Z[np.isin(y, [2, "2", "c"])] = 3.0
    name = np.unique(y)[-1]
    with pytest.raises(ValueError, match=rf"y must hold classes of points that .* {name} are one"):
        PerClassSampler(density).fit(Z, y)
    rest = y != name
    assert PerClassSampler(density).fit(Z[rest], y[rest]).predict(Z).shape == (60,)
    assert PerClassSampler(KernelDensity()).fit(Z, y).score(Z, y) > 0.3
    assert PerClassSampler(ShellSampler("sphere")).fit(Z, y).sample(2, y=name).shape == (2, 2)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (None, ValueError, "y must hold the classes of points: PerClassSampler requires y"),
        (np.array([0, 1, None] * 20, dtype=object), ValueError, "y must hold a class for each"),
        (np.array([0, 1, np.nan] * 20), ValueError, "y must hold a class for each point"),
        (np.array([0, "b", 1] * 20, dtype=object), TypeError, "y must hold classes of one type"),
        ([[1], [1, 2]] * 30, ValueError, "y must hold one label for each row"),
        ([0, 1], ValueError, "y must be one class for each point: .* inconsistent numbers"),
        (np.linspace(0, 1, 60), ValueError, "y must be one class for each point: Unknown label"),
    ],
)
def test_what_is_no_class_is_refused(rng, y, error, message):
    Z = rng.normal(size=(60, 2))
    with pytest.raises(error, match=message):
        PerClassSampler().fit(Z, y)
