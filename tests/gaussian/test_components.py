"""The table of component fits, and what the sources say about such fits."""

import numpy as np
import pytest
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent._gaussian.components import fit_components

NUMBERS = {
    "mean",
    "median",
    "mode",
    "std",
    "center",
    "sigma",
    "amplitude",
    "r_squared",
    "ks",
    "wasserstein",
    "skewness",
    "excess_kurtosis",
    "bin_width",
}


def quantile_points(*distributions, n=100_000):
    share = (np.arange(n) + 0.5) / n
    return np.column_stack([distribution.ppf(share) for distribution in distributions])


@pytest.fixture
def mixed(rng):
    """A normal, an exponential, a dead and an integer-valued component."""
    return np.column_stack(
        [
            rng.normal(5, 2, 3000),
            rng.exponential(size=3000),
            np.full(3000, 0.1),
            rng.integers(0, 30, 3000),
        ]
    )


def test_moments_and_distances_equal_scipys(mixed):
    fits = fit_components(mixed)
    live = [0, 1, 3]
    np.testing.assert_allclose(fits.mean, mixed.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(fits.std[live], mixed[:, live].std(axis=0), rtol=1e-12)
    np.testing.assert_allclose(fits.median, np.median(mixed, axis=0), rtol=1e-12)
    np.testing.assert_allclose(fits.skewness[live], stats.skew(mixed[:, live]), atol=1e-10)
    np.testing.assert_allclose(
        fits.excess_kurtosis[live], stats.kurtosis(mixed[:, live]), atol=1e-9
    )
    for j in live:
        normal = stats.norm(mixed[:, j].mean(), mixed[:, j].std())
        assert fits.ks[j] == pytest.approx(
            stats.kstest(mixed[:, j], normal.cdf).statistic, abs=1e-12
        )
        fine = normal.ppf((np.arange(300_000) + 0.5) / 300_000)
        expected = stats.wasserstein_distance(mixed[:, j], fine) / normal.std()
        assert fits.wasserstein[j] == pytest.approx(expected, abs=1e-4)


def test_distances_to_a_given_normal(mixed):
    mean, std = np.array([4.0, 0, 0, 20]), np.array([3.0, 1, 0, 9])
    fits, own = fit_components(mixed, mean=mean, std=std), fit_components(mixed)
    for j in (0, 1, 3):
        expected = stats.kstest(mixed[:, j], stats.norm(mean[j], std[j]).cdf).statistic
        assert fits.ks[j] == pytest.approx(expected, abs=1e-12)
    np.testing.assert_array_equal(fits.mean, own.mean)
    np.testing.assert_array_equal(fits.skewness, own.skewness)
    # A normal of no width has no distance in its standard deviations.
    flat = fit_components(mixed, mean=mean, std=np.zeros(4))
    assert np.isnan(flat.ks).all()
    assert np.isnan(flat.wasserstein).all()
    assert np.isfinite(flat.sigma[[0, 1, 3]]).all()


def test_a_normal_is_recognised():
    fits = fit_components(quantile_points(stats.norm(-3, 0.01)))
    assert fits.center[0] == pytest.approx(-3, abs=1e-5)
    # Bins of 0.25 sigma widen by sqrt(1 + 0.25^2 / 12), or 0.26 %.
    assert fits.sigma[0] == pytest.approx(0.01 * np.sqrt(1 + 0.25**2 / 12), rel=1e-3)
    assert fits.amplitude[0] == pytest.approx(stats.norm(-3, 0.01).pdf(-3), rel=5e-3)
    assert fits.r_squared[0] > 0.99999
    assert fits.ks[0] < 1e-4
    assert fits.wasserstein[0] < 1e-3


@pytest.mark.parametrize(("sigma", "widening"), [(0.2, 1.066), (0.5, 1.011), (2.0, 1.001)])
def test_bins_of_one_width_widen_narrow_components(sigma, widening):
    X = quantile_points(stats.norm(0, sigma))
    fixed = fit_components(X, bin_width=0.25, bin_unit="absolute").sigma[0] / sigma
    assert fixed == pytest.approx(widening, abs=1e-3)
    # Sheppard's formula leaves terms of the order (w / sigma)^4, 0.004 at 0.2.
    assert fixed == pytest.approx(np.sqrt(1 + 0.25**2 / (12 * sigma**2)), abs=4e-3)
    assert fit_components(X).sigma[0] / sigma == pytest.approx(1.0026, abs=1e-3)


def test_a_good_overlay_is_weak_evidence():
    fits = fit_components(quantile_points(stats.t(5), stats.skewnorm(3)))
    np.testing.assert_allclose(fits.r_squared, [0.997, 0.973], atol=2e-3)
    assert fits.sigma[0] == pytest.approx(1.05, abs=1e-2)
    assert fits.std[0] == pytest.approx(np.sqrt(5 / 3), abs=5e-3)
    # What gives them away.
    assert fits.excess_kurtosis[0] > 4
    assert fits.skewness[1] == pytest.approx(stats.skewnorm(3).stats("s"), abs=1e-3)
    assert (fits.ks > 0.03).all()
    assert (fits.wasserstein > 0.09).all()


def test_mean_median_and_center_differ_under_skew():
    skew = stats.skewnorm(3)
    fits = fit_components(quantile_points(skew))
    assert fits.mean[0] == pytest.approx(skew.mean(), abs=1e-4)
    assert fits.median[0] == pytest.approx(skew.median(), abs=1e-4)
    assert fits.mode[0] < fits.center[0] < fits.median[0] < fits.mean[0]


@pytest.mark.parametrize("scale", [1e-7, 1e7])
def test_units_do_not_matter(mixed, scale):
    fits, other = fit_components(mixed[:, :2]), fit_components(scale * mixed[:, :2])
    for name in ("mean", "median", "mode", "std", "center", "sigma", "bin_width"):
        np.testing.assert_allclose(getattr(other, name), scale * getattr(fits, name), rtol=1e-6)
    for name in ("r_squared", "ks", "wasserstein", "skewness", "excess_kurtosis"):
        np.testing.assert_allclose(getattr(other, name), getattr(fits, name), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, -1e3])
def test_a_dead_component(dtype, value):
    X = np.full((1000, 2), value, dtype=dtype)
    X[:, 1] = np.linspace(-1, 1, 1000)
    fits = fit_components(X)
    for name in ("mean", "median", "mode"):
        assert getattr(fits, name)[0] == dtype(value)
    assert fits.std[0] == 0
    for name in NUMBERS - {"mean", "median", "mode", "std"}:
        assert np.isnan(getattr(fits, name)[0])
        assert np.isfinite(getattr(fits, name)[1])
    assert fits.histograms[0].density.size == 0
    assert "-" in str(fits).split("\n")[4]


@pytest.mark.parametrize("X", [[[1.0, 2.0]], [[1.0, 2.0], [3.0, 2.0]]], ids=["one", "two"])
def test_hardly_any_points(X):
    fits = fit_components(np.array(X))
    np.testing.assert_array_equal(fits.median, np.median(X, axis=0))
    assert str(fits)


def test_histograms_are_densities(mixed):
    fits = fit_components(mixed, bin_width=0.5)
    for j in (0, 1, 3):
        density, edges = fits.histograms[j]
        assert fits.bin_width[j] == pytest.approx(0.5 * fits.std[j])
        assert (density * np.diff(edges)).sum() == pytest.approx(1)


def test_memory_order_and_mapping_do_not_matter(mixed, tmp_path):
    expected = fit_components(mixed).to_dict()
    mapped = np.memmap(tmp_path / "points", dtype=np.float64, mode="w+", shape=mixed.shape)
    mapped[:] = mixed
    for X in (np.asfortranarray(mixed), mapped):
        found = fit_components(X).to_dict()
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values)


def test_forms_of_the_record(mixed):
    names = np.array(["a", "b", "c", "d"], dtype=object)
    fits = fit_components(mixed, names=names)
    columns = fits.to_dict()
    assert set(columns) == NUMBERS
    assert all(values.shape == (4,) and values.dtype == np.float64 for values in columns.values())
    frame = fits.to_frame()
    assert frame.index.tolist() == list("abcd")
    np.testing.assert_array_equal(frame["sigma"], fits.sigma)


def test_a_long_table_shows_the_dominant_components(rng):
    X = rng.normal(size=(200, 1200)) * np.geomspace(1, 100, 1200)
    lines = str(fit_components(X)).split("\n")
    assert lines[0] == (
        "1,200 components of 200 points; the 20 with the largest std are shown, 1,180 are left out"
    )
    shown = [int(line.split()[0]) for line in lines[3:23]]
    assert shown == np.argsort(-X.std(axis=0))[:20].tolist()
    assert lines[23] == ""
    assert max(map(len, lines)) <= 100


BAD = {
    "width zero": ({"bin_width": 0}, ValueError, r"bin_width .* above 0 and finite; got 0"),
    "width infinite": ({"bin_width": np.inf}, ValueError, "bin_width .* got inf"),
    "width text": ({"bin_width": "auto"}, TypeError, "bin_width must be a number; got 'auto'"),
    "width tiny": ({"bin_width": 1e-7}, ValueError, "bin_width must give at most 100,000 bins"),
    "unit": ({"bin_unit": "std"}, ValueError, "bin_unit must be one of 'sigma', 'absolute'"),
}


@pytest.mark.parametrize(("params", "error", "message"), BAD.values(), ids=BAD)
def test_bad_parameters(mixed, params, error, message):
    with pytest.raises(error, match=message):
        fit_components(mixed, **params)


@pytest.mark.parametrize("values", [[1e200, -1e200], [1.7e308, -1.7e308]])
def test_squares_that_overflow(values):
    with pytest.raises(ValueError, match="X must hold values whose squares"):
        fit_components(np.reshape(values, (2, 1)))


def test_component_fits_measure_distance_to_the_model(scaled_model, scaled):
    np.testing.assert_allclose(scaled_model.component_fits(scaled).wasserstein, 0, atol=0.05)
    other = scaled_model.component_fits(scaled + np.array([1.0, 5.0, 0.1, 3.0]))
    assert other.wasserstein[0] == pytest.approx(1, abs=0.05)
    normal = stats.norm(scaled_model.mean_[0], scaled_model.std_[0])
    expected = stats.kstest(scaled[:, 0] + 1, normal.cdf).statistic
    assert other.ks[0] == pytest.approx(expected, abs=1e-12)
    assert other.mean[0] == pytest.approx(scaled[:, 0].mean() + 1)


def test_components_of_wide_points(rng):
    Z = rng.normal(size=(500, 1200))
    fits = LatentGaussianModel().fit(Z).component_fits(Z)
    assert fits.sigma.shape == (1200,)
    assert np.median(fits.sigma) == pytest.approx(1, abs=0.02)
