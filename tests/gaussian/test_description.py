"""The methods of the model that describe components and pairs."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.exceptions import NotFittedError

from sklatent import LatentGaussianModel

SCALES = np.array([1.0, 5.0, 0.1, 3.0])


@pytest.fixture
def Z(rng):
    Z = rng.normal(size=(4000, 4)) * SCALES + [0, -3, 20, 0]
    Z[:, 3] += 0.4 * Z[:, 1]
    return Z


@pytest.fixture
def model(Z):
    return LatentGaussianModel().fit(Z)


CALLS = {
    "component_fits": lambda model, X: model.component_fits(X),
    "dominant_components": lambda model, X: model.dominant_components(2),
    "intervals": lambda model, X: model.intervals(),
    "correlated_pairs": lambda model, X: model.correlated_pairs(),
    "bootstrap": lambda model, X: model.correlated_pairs(method="bootstrap", X=X, n_resamples=9),
    "ellipses": lambda model, X: model.ellipses(),
    "density_contours": lambda model, X: model.density_contours(X, (0, 1), max_samples=50),
}
WITH_POINTS = ["component_fits", "bootstrap", "density_contours"]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_not_fitted(Z, call):
    with pytest.raises(NotFittedError, match="LatentGaussianModel"):
        call(LatentGaussianModel(), Z)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_model_and_the_points_stay_as_they_are(model, Z, call):
    state, points = pickle.dumps(model), Z.copy()
    record = call(model, Z)
    assert pickle.dumps(model) == state
    np.testing.assert_array_equal(Z, points)
    assert str(pickle.loads(pickle.dumps(record))) == str(record)


BAD_POINTS = {
    "wrong width": (np.zeros((20, 3)), "X has 3 features"),
    "nan": (np.full((20, 4), np.nan), "X contains NaN"),
    "infinity": (np.full((20, 4), np.inf), "X contains infinity"),
    "one dimension": (np.zeros(4), "X"),
    "no rows": (np.zeros((0, 4)), "X"),
}


@pytest.mark.parametrize("name", WITH_POINTS)
@pytest.mark.parametrize(("X", "message"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_bad_points(model, name, X, message):
    with pytest.raises(ValueError, match=message):
        CALLS[name](model, X)


BAD_CALLS = {
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


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_bad_calls(model, Z, call, error, message):
    with pytest.raises(error, match=message):
        call(model, Z)


def test_component_fits_measure_distance_to_the_model(model, Z):
    np.testing.assert_allclose(model.component_fits(Z).wasserstein, 0, atol=0.05)
    other = model.component_fits(Z + SCALES)
    assert other.wasserstein[0] == pytest.approx(1, abs=0.05)
    expected = stats.kstest(Z[:, 0] + 1, stats.norm(model.mean_[0], model.std_[0]).cdf).statistic
    assert other.ks[0] == pytest.approx(expected, abs=1e-12)
    assert other.mean[0] == pytest.approx(Z[:, 0].mean() + 1)


def test_names_of_components(Z):
    frame = pd.DataFrame(Z, columns=["low", "wide", "narrow", "mixed"])
    model = LatentGaussianModel().fit(frame)
    assert model.component_fits(frame).to_frame().index.tolist() == frame.columns.tolist()
    pairs = model.correlated_pairs(1)
    np.testing.assert_array_equal(pairs.names, [["wide", "mixed"]])
    assert pairs.to_frame()["first"].tolist() == ["wide"]
    assert "wide, mixed" in str(pairs)


def test_dominant_components(model):
    assert model.dominant_components().tolist() == [1, 3, 0, 2]
    assert model.dominant_components(2).tolist() == [1, 3]
    assert model.dominant_components(np.int64(99)).tolist() == [1, 3, 0, 2]


def test_intervals_hold_what_they_say(model, Z):
    for measure, share in (({}, 0.95), ({"coverage": 0.5}, 0.5), ({"n_std": 3}, 0.9973)):
        low, high = model.intervals(**measure).T
        held = ((low <= Z) & (high >= Z)).mean(axis=0)
        assert (np.abs(held - share) < 5 * np.sqrt(share * (1 - share) / len(Z))).all()
    half = np.diff(model.intervals(n_half_widths=2), axis=1)[:, 0] / 2
    np.testing.assert_allclose(half, 2 * 1.17741 * model.std_, rtol=1e-5)


def test_correlated_pairs_of_the_model(model, Z):
    record = model.correlated_pairs(2, confidence_level=0.9)
    np.testing.assert_array_equal(record.pairs[0], [1, 3])
    result = stats.pearsonr(Z[:, 1], Z[:, 3])
    assert record.correlations[0] == pytest.approx(result.statistic, rel=1e-12)
    expected = result.confidence_interval(0.9)
    np.testing.assert_allclose([record.low[0], record.high[0]], expected, rtol=1e-10)
    assert (record.method, record.n_samples, record.n_pairs) == ("fisher", 4000, 6)
    assert record.correlations[0] > 0.5 > record.chance_level > 0.03
    assert len(model.correlated_pairs().pairs) == 6


def test_bootstrap_of_the_model(model, Z):
    def call(seed, X=Z):
        return model.correlated_pairs(2, method="bootstrap", X=X, random_state=seed)

    assert str(call(0)) == str(call(0))
    assert call(0).low[0] != call(1).low[0]
    fisher = model.correlated_pairs(2)
    np.testing.assert_allclose(call(0).low, fisher.low, atol=0.01)
    np.testing.assert_allclose(call(0).high, fisher.high, atol=0.01)
    held_out = call(0, Z[:500])
    assert held_out.n_samples == 500
    np.testing.assert_array_equal(held_out.correlations, fisher.correlations)


def test_contours_of_the_model(model, Z):
    contours = model.density_contours(Z, (1, 3), [0.8], random_state=0)
    assert contours.pair == (1, 3)
    assert contours.n_samples == 2000
    ellipse = model.ellipses([(1, 3)], coverage=0.8)
    area = np.pi * ellipse.half_axes[0].prod()
    assert contours.ellipse_areas[0] == pytest.approx(area, rel=1e-12)
    assert contours.area_ratios[0] == pytest.approx(1, abs=0.1)
    again = model.density_contours(Z, (1, 3), [0.8], random_state=0)
    np.testing.assert_array_equal(again.density, contours.density)
    other = model.density_contours(Z, (1, 3), [0.8], random_state=1)
    assert not np.array_equal(other.density, contours.density)
    assert model.density_contours(Z[:300], (1, 3)).n_samples == 300


def test_contours_see_another_centre(model, Z):
    shifted = model.density_contours(Z + 2 * model.std_, (0, 1), [0.5], random_state=0)
    assert shifted.area_ratios[0] == pytest.approx(1, abs=0.1)
    assert shifted.overlaps[0] < 0.1


@pytest.fixture
def degenerate(rng):
    """Free, dead, the double of the first, free."""
    Z = rng.normal(size=(200, 4))
    Z[:, 1], Z[:, 2] = 0.1, 2 * Z[:, 0]
    return Z


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_degenerate_components(degenerate, dtype):
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


def test_points_on_a_line_have_no_contours(model, Z):
    line = np.outer(np.linspace(-1, 1, 50), SCALES)
    with pytest.raises(ValueError, match=r"pair must name .* got \(0, 1\)"):
        model.density_contours(line, (0, 1))


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


def test_components_of_wide_points(rng):
    Z = rng.normal(size=(500, 1200))
    fits = LatentGaussianModel().fit(Z).component_fits(Z)
    assert fits.sigma.shape == (1200,)
    assert np.median(fits.sigma) == pytest.approx(1, abs=0.02)


def test_pairs_by_name(rng):
    frame = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"])
    model = LatentGaussianModel().fit(frame)
    by_name = model.ellipses([("a", "c"), (1, 2)], n_std=2)
    np.testing.assert_array_equal(by_name.pairs, [[0, 2], [1, 2]])
    contours = [
        model.density_contours(frame, pair, random_state=0) for pair in (("a", "c"), (0, 2))
    ]
    np.testing.assert_array_equal(contours[0].levels, contours[1].levels)
    with pytest.raises(
        ValueError, match=r"pairs must hold one of the feature names \['a', 'b', 'c'\]; got 'z'"
    ):
        model.ellipses([("a", "z")])
