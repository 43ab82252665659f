"""What all samplers have in common."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import integrate
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sklatent import LatentGaussianModel, LatentPipeline, sample_images, samplers
from sklatent.samplers import (
    BoxSampler,
    CopulaSampler,
    EllipseSampler,
    HighestDensity,
    IntervalSampler,
    KernelSampler,
    MixtureSampler,
    PerClassSampler,
    ShellSampler,
)

SAMPLERS = {
    "box": BoxSampler(2.0),
    "positive box": BoxSampler(2.0, signed=False),
    "interval": IntervalSampler(),
    "normal interval": IntervalSampler("normal", n_std=1.5),
    "ellipse": EllipseSampler(),
    "normal ellipse": EllipseSampler("normal", temperature=0.8),
    "original ellipse": EllipseSampler(coordinates="original", n_sweeps=300, random_state=0),
    "shell": ShellSampler(),
    "sphere": ShellSampler("sphere"),
    "copula": CopulaSampler(temperature=0.7),
    "empirical copula": CopulaSampler("empirical"),
    "mixture": MixtureSampler(3, temperature=0.7, random_state=0),
    "diagonal mixture": MixtureSampler(3, covariance_type="diag", random_state=0),
    "spherical mixture": MixtureSampler(
        3, covariance_type="spherical", temperature=0.7, random_state=0
    ),
    "tied mixture": MixtureSampler(3, covariance_type="tied", random_state=0),
    "kernel": KernelSampler(bandwidth=0.3),
    "local kernel": KernelSampler("local", bandwidth=0.7, n_neighbors=20),
    "highest density": HighestDensity(MixtureSampler(3, random_state=0), random_state=0),
    "per class": PerClassSampler(),
}

WITH_DENSITY = [
    name
    for name in SAMPLERS
    if name not in ("original ellipse", "sphere", "empirical copula", "per class")
]


@pytest.fixture(scope="module")
def points():
    """400 skewed, correlated points in the plane, and classes."""
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(400, 2)) @ [[1.0, 0.7], [0.0, 0.5]]
    Z[:, 0] += 0.5 * rng.exponential(size=400)
    return Z, rng.integers(2, size=400)


@pytest.fixture(scope="module")
def fitted(points):
    return {name: clone(sampler).fit(*points) for name, sampler in SAMPLERS.items()}


@pytest.mark.parametrize("name", SAMPLERS)
def test_samples_are_seeded(fitted, name):
    sampler = fitted[name]
    drawn = sampler.sample(50, random_state=1)
    assert (drawn.shape, drawn.dtype) == ((50, 2), np.float64)
    np.testing.assert_array_equal(sampler.sample(50, random_state=1), drawn)
    assert not np.array_equal(sampler.sample(50, random_state=2), drawn)
    assert not np.array_equal(sampler.sample(50), sampler.sample(50))
    rng = np.random.RandomState(1)
    assert not np.array_equal(sampler.sample(50, rng), sampler.sample(50, rng))
    assert sampler.sample().shape == (1, 2)
    again = pickle.loads(pickle.dumps(sampler))
    np.testing.assert_array_equal(again.sample(50, random_state=1), drawn)


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_same_seed_gives_the_same_fit_and_no_global_seed_moves(points, fitted, name):
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002
    other = clone(SAMPLERS[name]).fit(*points)
    drawn = other.sample(20, random_state=3)
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002
    np.testing.assert_array_equal(drawn, fitted[name].sample(20, random_state=3))


@pytest.mark.parametrize("name", WITH_DENSITY)
def test_densities_integrate_to_one(fitted, name):
    # Steps at an edge of length L cost about height * L * step in the sum, and mostly cancel.
    smooth = name in ("copula", "kernel", "local kernel") or name.endswith("mixture")
    grid = np.linspace(-6, 8, 181 if smooth else 801)
    step = grid[1] - grid[0]
    x, y = np.meshgrid(grid + 0.37 * step, grid + 0.61 * step)
    density = np.exp(fitted[name].score_samples(np.column_stack([x.ravel(), y.ravel()])))
    # The threshold of a highest density has a standard error of 0.003.
    tolerance = 1e-4 if smooth else 0.015 if name == "highest density" else 0.01
    assert density.sum() * step**2 == pytest.approx(1.0, abs=tolerance)


@pytest.mark.parametrize("name", WITH_DENSITY)
def test_densities_are_those_of_the_samples(fitted, name):
    sampler = fitted[name]
    drawn = sampler.sample(4000, random_state=0)
    heights = sampler.score_samples(drawn)
    assert np.isfinite(heights).all()
    # 1 / f is integrable over a rectangle A inside the support: E[1_A / f] is its area.
    low, high = np.quantile(drawn, [0.3, 0.7], axis=0)
    inside = ((drawn > low) & (drawn < high)).all(axis=1)
    corners = np.array([low, high, [low[0], high[1]], [high[0], low[1]]])
    values = np.where(inside, np.exp(-heights), 0.0)
    if np.isfinite(sampler.score_samples(corners)).all() and "shell" not in name:
        error = values.std() / np.sqrt(len(values))
        assert abs(values.mean() - np.prod(high - low)) < 5 * error
    assert sampler.score(drawn) == pytest.approx(heights.mean())


@pytest.mark.parametrize("name", WITH_DENSITY)
def test_densities_of_one_component_integrate_to_one(name, rng):
    sampler = clone(SAMPLERS[name]).fit(rng.gamma(3.0, 1.0, (300, 1)))
    grid = np.linspace(-8, 25, 20_001)
    heights = np.exp(sampler.score_samples(grid[:, None]))
    tolerance = 0.015 if name == "highest density" else 1e-3
    assert integrate.trapezoid(heights, grid) == pytest.approx(1.0, abs=tolerance)


@pytest.mark.parametrize("name", SAMPLERS)
def test_components_that_do_not_vary_stay_so(points, name):
    Z = np.column_stack([points[0], np.full(400, 5.0)]).astype(np.float32)
    sampler = clone(SAMPLERS[name]).fit(Z, points[1])
    if name not in ("box", "positive box", "sphere", "per class"):
        np.testing.assert_allclose(sampler.sample(50, random_state=0)[:, 2], 5.0)
    if name in WITH_DENSITY:
        assert np.isfinite(sampler.score_samples(sampler.sample(50, random_state=0))).all()


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_single_point_is_drawn_again(name):
    sampler = clone(SAMPLERS[name])
    for mixture in (sampler, getattr(sampler, "sampler", None)):
        if isinstance(mixture, MixtureSampler):
            mixture.set_params(n_components="auto")
    sampler.fit([[1.0, 2.0]], [0])
    if name not in ("box", "positive box", "sphere"):
        np.testing.assert_allclose(sampler.sample(3, random_state=0), [[1.0, 2.0]] * 3)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_failed_fit_leaves_the_earlier_one(points, name):
    sampler = clone(SAMPLERS[name]).fit(*points)
    before = sampler.sample(5, random_state=0)
    with pytest.raises(ValueError, match="NaN"):
        sampler.fit([[np.nan, 0.0], [1.0, 2.0]], [0, 1])
    np.testing.assert_array_equal(sampler.sample(5, random_state=0), before)


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers_end_a_pipeline(points, digits, name):
    y = np.arange(len(digits)) % 2
    pipeline = LatentPipeline([("pca", PCA(2)), ("sampler", clone(SAMPLERS[name]))])
    rows = digits.reshape(len(digits), -1)
    images = pipeline.fit(rows, y).sample(4, random_state=0)
    assert images.shape == (4, 64)
    np.testing.assert_array_equal(pipeline.sample(4, random_state=0), images)
    plain = Pipeline(pipeline.steps)
    np.testing.assert_array_equal(sample_images(plain, 4, random_state=0), images)


def test_samplers_are_searched_over(digits):
    rows = digits.reshape(len(digits), -1)
    pipeline = LatentPipeline([("pca", PCA(3)), ("sampler", LatentGaussianModel())])
    grid = {"sampler": [BoxSampler(), KernelSampler(bandwidth=0.2), EllipseSampler()]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(rows)
    assert search.best_estimator_.sample(2, random_state=0).shape == (2, 64)
    latent = PCA(3).fit_transform(rows)
    search = GridSearchCV(KernelSampler(), {"bandwidth": [1e-3, 0.3, 50.0]}, cv=3).fit(latent)
    assert search.best_params_ == {"bandwidth": 0.3}


def test_names_of_components_are_kept(points):
    frame = pd.DataFrame(points[0], columns=["a", "b"])
    sampler = IntervalSampler().fit(frame)
    assert list(sampler.feature_names_in_) == ["a", "b"]
    assert np.isfinite(sampler.score_samples(frame.iloc[:0:-1])).any()


def test_samplers_must_be_fitted():
    for sampler in SAMPLERS.values():
        with pytest.raises(NotFittedError):
            clone(sampler).sample()


@pytest.mark.parametrize("name", SAMPLERS)
def test_numbers_of_samples_are_checked(fitted, name):
    with pytest.raises(ValueError, match="n_samples"):
        fitted[name].sample(0)
    with pytest.raises(ValueError, match="random_state"):
        fitted[name].sample(1, random_state="seed")


@pytest.mark.parametrize(
    ("sampler", "error", "message"),
    [
        (BoxSampler(0), ValueError, "boundary must be a number above 0"),
        (BoxSampler(signed="yes"), TypeError, "signed must be True or False"),
        (IntervalSampler("beta"), ValueError, "distribution must be one of 'uniform', 'normal'"),
        (IntervalSampler(n_std=2, coverage=0.9), ValueError, "Only one of"),
        (EllipseSampler("beta"), ValueError, "distribution must be one of"),
        (EllipseSampler(coordinates="polar"), ValueError, "coordinates must be one of"),
        (EllipseSampler(n_std=2.0, share=0.5), ValueError, "Only one of n_std, share"),
        (EllipseSampler(n_std=-1), ValueError, "n_std must be a number above 0"),
        (EllipseSampler(share=1.5), ValueError, "share must be a number in"),
        (EllipseSampler(temperature=0.5), ValueError, "temperature must be 1 for"),
        (EllipseSampler(n_chains=1), ValueError, "n_chains must be"),
        (EllipseSampler(n_sweeps=3), ValueError, "n_sweeps must be"),
        (ShellSampler("cube"), ValueError, "kind must be one of 'normal', 'sphere'"),
        (ShellSampler(quantiles=(0.9, 0.1)), ValueError, "quantiles must be two probabilities"),
        (ShellSampler(quantiles=0.9), ValueError, "quantiles must be two probabilities"),
        (ShellSampler(quantiles=(0.1, 1.1)), ValueError, r"quantiles\[1\] must be"),
        (ShellSampler("sphere", radius=0.0), ValueError, "radius must be"),
        (CopulaSampler("normal"), ValueError, "margins must be one of"),
        (CopulaSampler(temperature=0.0), ValueError, "temperature must be"),
        (MixtureSampler("many"), ValueError, "n_components must be 'auto' or an integer"),
        (MixtureSampler(0), ValueError, "n_components must be an integer"),
        (MixtureSampler(1000), ValueError, "at most the number of points, 400"),
        (MixtureSampler(candidates=(3, 2)), ValueError, "candidates must be integers"),
        (MixtureSampler(candidates=()), ValueError, "candidates must be integers"),
        (MixtureSampler(covariance_type="round"), ValueError, "covariance_type must be one of"),
        (MixtureSampler(max_samples=1), ValueError, "max_samples must be"),
        (KernelSampler("shared"), ValueError, "covariance must be one of"),
        (KernelSampler(bandwidth="scott"), ValueError, "bandwidth must be 'auto' or a number"),
        (KernelSampler(bandwidth=0), ValueError, "bandwidth must be a number above 0"),
        (KernelSampler(n_neighbors=1), ValueError, "n_neighbors must be"),
        (HighestDensity(keep=0), ValueError, "keep must be a number in"),
        (HighestDensity(keep=1e-4), ValueError, "lower the temperature"),
        (HighestDensity(PCA()), TypeError, "lacks sample"),
        (HighestDensity(ShellSampler("sphere")), TypeError, "lacks score_samples"),
        (HighestDensity(PerClassSampler()), TypeError, r"PerClassSampler\(HighestDensity\(...\)\)"),
        (PerClassSampler(PCA()), TypeError, "estimator must have a sample method"),
    ],
)
def test_impossible_settings_are_errors(points, sampler, error, message):
    with pytest.raises(error, match=message):
        sampler.fit(*points)


@pytest.mark.parametrize(
    ("sampler", "reason"),
    [
        (EllipseSampler(coordinates="original"), "up to a factor"),
        (ShellSampler("sphere"), "a sphere has no density"),
        (CopulaSampler("empirical"), "margins='kernel' has one"),
    ],
)
def test_a_missing_density_is_explained(sampler, reason):
    assert not hasattr(sampler, "score_samples")
    assert not hasattr(sampler, "score")
    with pytest.raises(AttributeError) as caught:
        sampler.score_samples([[0.0]])
    assert reason in f"{caught.value} {caught.value.__cause__}"


def test_every_name_is_public():
    assert samplers.__all__ == sorted(samplers.__all__)


@pytest.mark.parametrize("temperature", [np.nan, np.inf, 0.0, -1.0, "hot", None])
@pytest.mark.parametrize("name", [n for n in SAMPLERS if hasattr(SAMPLERS[n], "temperature")])
def test_a_temperature_that_is_set_after_fit_is_checked(points, fitted, name, temperature):
    sampler = pickle.loads(pickle.dumps(fitted[name])).set_params(temperature=temperature)
    with pytest.raises((ValueError, TypeError), match="temperature must be a number"):
        sampler.sample(3, random_state=0)
    if name in WITH_DENSITY:
        with pytest.raises((ValueError, TypeError), match="temperature must be a number"):
            sampler.score_samples(points[0])


@pytest.mark.parametrize(
    ("sampler", "change", "message"),
    [
        (IntervalSampler(), {"distribution": "beta"}, "distribution must be one of"),
        (EllipseSampler(), {"temperature": 0.5}, "temperature must be 1 for distribution"),
        (EllipseSampler(), {"coordinates": "original"}, "coordinates must be 'whitened', as in"),
        (
            EllipseSampler("normal", coordinates="original", n_sweeps=300, random_state=0),
            {"temperature": 2.0},
            "temperature must be 1.0, as in fit, or fit be called again; got 2.0",
        ),
        (
            EllipseSampler("normal", coordinates="original", n_sweeps=300, random_state=0),
            {"distribution": "uniform"},
            "distribution must be 'normal', as in fit",
        ),
        (ShellSampler(), {"kind": "sphere"}, "kind must be 'normal', as in fit"),
        (ShellSampler(), {"quantiles": (0.4, 0.6)}, r"quantiles must be \(0.05, 0.95\), as in fit"),
        (CopulaSampler(), {"margins": "empirical"}, "margins must be 'kernel', as in fit"),
    ],
)
def test_what_fit_has_worked_out_is_not_drawn_otherwise(points, sampler, change, message):
    sampler = clone(sampler).fit(points[0]).set_params(**change)
    with pytest.raises(ValueError, match=message):
        sampler.sample(3, random_state=0)


def test_what_may_change_after_fit_is_what_a_new_fit_gives(points):
    for sampler, change in [
        (EllipseSampler(n_std=2.0), {"distribution": "normal"}),
        (EllipseSampler("normal", n_std=2.0), {"temperature": 0.5}),
        (IntervalSampler(), {"distribution": "normal"}),
        (CopulaSampler(), {"temperature": 0.5}),
        (MixtureSampler(2, random_state=0), {"temperature": 2.0}),
    ]:
        changed = clone(sampler).fit(points[0]).set_params(**change)
        anew = clone(sampler).set_params(**change).fit(points[0])
        expected = anew.sample(20, random_state=0)
        np.testing.assert_array_equal(changed.sample(20, random_state=0), expected)


def test_log_densities_of_many_points_are_those_of_few(points):
    sampler = KernelSampler(bandwidth=0.3).fit(points[0])
    many = np.resize(points[0], (1_100, 2)).astype(np.float32)
    few = np.concatenate([sampler.score_samples(many[:200]), sampler.score_samples(many[200:])])
    np.testing.assert_allclose(sampler.score_samples(many), few, rtol=1e-12)


@pytest.mark.parametrize("name", SAMPLERS)
def test_seeds_are_checked_before_the_points_are_looked_at(points, name):
    sampler = clone(SAMPLERS[name])
    if "random_state" in sampler.get_params():
        with pytest.raises(ValueError, match="random_state must be None, an int or"):
            sampler.set_params(random_state="seed").fit(points[0])


@pytest.mark.parametrize("scale", [1e-300, 1e-162, 1e160, 1e300])
@pytest.mark.parametrize(
    ("sampler", "name"),
    [
        (EllipseSampler(), "n_std"),
        (EllipseSampler(coordinates="original", n_sweeps=50, random_state=0), "n_std"),
        (EllipseSampler("normal"), "temperature"),
        (IntervalSampler(), "n_std"),
        (MixtureSampler(2, random_state=0), "temperature"),
        (KernelSampler(), "bandwidth"),
        (KernelSampler("local"), "bandwidth"),
        (CopulaSampler(), "temperature"),
    ],
)
def test_factors_whose_squares_are_no_floats_are_refused(points, sampler, name, scale):
    with pytest.raises(ValueError, match=rf"{name} must be a number from 1e-70 to 1e\+70"):
        clone(sampler).set_params(**{name: scale}).fit(points[0])


@pytest.mark.parametrize("scale", [1e-65, 1e65])
def test_other_factors_give_numbers(points, scale):
    for sampler in (
        EllipseSampler(n_std=scale),
        EllipseSampler("normal", n_std=scale, temperature=1 / scale),
        IntervalSampler("normal", n_std=scale),
        MixtureSampler(2, temperature=scale, random_state=0),
        KernelSampler(bandwidth=scale),
        KernelSampler("local", bandwidth=scale),
        CopulaSampler(temperature=scale),
    ):
        drawn = sampler.fit(points[0]).sample(50, random_state=0)
        assert np.isfinite(drawn).all()
        assert not np.isnan(sampler.score_samples(points[0])).any()


@pytest.mark.parametrize("name", WITH_DENSITY)
@pytest.mark.parametrize("far", [1e160, 1e300])
def test_points_too_far_off_for_their_squares_are_never_drawn(fitted, name, far):
    heights = fitted[name].score_samples([[far, far], [-far, far], [0.1, 0.1]])
    assert heights[:2].tolist() == [-np.inf, -np.inf]
    assert not np.isnan(heights[2])


@pytest.mark.parametrize("coverage", [1e-300, 1e-17, 1e-12])
def test_the_smallest_coverages_are_intervals(points, coverage):
    if coverage < 1e-70:
        with pytest.raises(ValueError, match="coverage must be a number from 1e-70"):
            IntervalSampler(coverage=coverage).fit(points[0])
        return
    n_std = IntervalSampler(coverage=coverage).fit(points[0]).n_std_
    assert n_std == pytest.approx(coverage * np.sqrt(np.pi / 2), rel=1e-3)
