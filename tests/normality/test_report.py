"""`normality_report`: what it calls things, how often it errs, and how it reads."""

from dataclasses import FrozenInstanceError, fields

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import make_s_curve, make_swiss_roll
from sklearn.exceptions import NotFittedError

from sklatent._gaussian.model import LatentGaussianModel
from sklatent._normality.distances import reference_distribution
from sklatent._normality.report import Check, NormalityReport

N = 700


def report(Z, **options):
    return LatentGaussianModel().fit(Z).normality_report(Z, **({"random_state": 0} | options))


def answers(found):
    return {verdict.question: verdict.answer for verdict in found.verdicts}


def normal(rng, n, d):
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 5 * rng.normal(size=d)


def student(rng, nu, d):
    scale = np.sqrt(rng.chisquare(nu, (N, 1)) / nu)
    return rng.normal(size=(N, d)) @ (np.eye(d) + 0.3) / scale


def skew_normal(rng, d, alpha):
    delta = alpha / np.sqrt(1 + d * alpha**2) * np.ones(d)
    rest = np.linalg.cholesky(np.eye(d) - np.outer(delta, delta))
    return np.abs(rng.normal(size=(N, 1))) * delta + rng.normal(size=(N, d)) @ rest.T


def sign_flip(rng):
    x = rng.normal(size=(N, 1))
    return np.hstack([x, x * rng.choice([-1, 1], size=x.shape)])


def clayton(rng):
    u, w = rng.uniform(size=(2, N))
    return stats.norm.ppf(np.c_[u, ((w ** (-2 / 3) - 1) * u**-2.0 + 1) ** -0.5])


def t_copula(rng):
    return stats.norm.ppf(stats.t.cdf(student(rng, 3, 2), 3, scale=np.sqrt(1.78)))


def two_clouds(rng, d):
    return rng.normal(size=(N, d)) + rng.choice([-3, 3], (N, 1)) * np.eye(d)[d // 2]


def s_curve(rng):
    return make_s_curve(N, noise=0.05, random_state=int(rng.integers(2**31)))[0]


def swiss_roll(rng):
    return make_swiss_roll(N, noise=0.3, random_state=int(rng.integers(2**31)))[0]


def arc(rng):
    angle = rng.uniform(0, np.pi, N)
    return np.c_[np.cos(angle), np.sin(angle)] + 0.07 * rng.normal(size=(N, 2))


def outliers(rng, d):
    Z = rng.normal(size=(N, d))
    Z[:7, 0] += 12
    return Z


def ring(rng, d=2):
    angle = rng.uniform(0, 2 * np.pi, N)
    circle = 1.4 * np.c_[np.cos(angle), np.sin(angle)] + 0.1 * rng.normal(size=(N, 2))
    return np.hstack([circle, rng.normal(size=(N, d - 2))])


CASES = {
    "t(3)": (lambda rng: student(rng, 3, 2), "heavy-tailed: elliptic", "yes no yes no no"),
    "t(3) d=20": (lambda rng: student(rng, 3, 20), "heavy-tailed: elliptic", "yes no yes no no"),
    "t(5)": (lambda rng: student(rng, 5, 3), "heavy-tailed: elliptic", "yes no yes no no"),
    "skew-normal": (lambda rng: skew_normal(rng, 2, 5), "skewed", "yes * * no *"),
    "skew-normal d=5": (lambda rng: skew_normal(rng, 5, 10), "skewed", "yes * yes no *"),
    "sign flip": (sign_flip, "normal components with a joint", "yes yes no no no"),
    "Clayton copula": (clayton, "normal components with a joint", "yes yes no no *"),
    "t copula": (t_copula, "components look normal, but jointly", "yes yes * no *"),
    "two clouds": (lambda rng: two_clouds(rng, 2), "two or more clouds", "no no * no no"),
    "two clouds d=20": (lambda rng: two_clouds(rng, 20), "two or more clouds", "no mostly * no *"),
    "S": (s_curve, "curved", "yes no no no no"),
    "Swiss roll": (swiss_roll, "curved", "yes no no no no"),
    "arc": (arc, "curved", "yes no no no no"),
    "outliers": (lambda rng: outliers(rng, 3), "outliers: 1 % of the points", "yes no * no *"),
    "ring": (ring, "a ring or a hollow", "yes no * no no"),
    "ring in d=6": (lambda rng: ring(rng, 6), "a ring or a hollow", "yes no * no *"),
    "uniform": (lambda rng: rng.uniform(size=(N, 3)), "light-tailed", "yes no yes no no"),
    "exponential": (lambda rng: rng.exponential(size=(N, 3)), "skewed", "yes no yes no no"),
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("draw", "name", "expected"), CASES.values(), ids=CASES)
def test_each_is_named_for_what_it_is(draw, name, expected, seed):
    found = report(draw(np.random.default_rng(seed)))
    assert found.name.startswith(name)
    for answer, wanted in zip(answers(found).values(), expected.split(), strict=True):
        assert wanted in ("*", answer)


def test_degrees_of_freedom_of_the_name():
    found = report(student(np.random.default_rng(0), 5, 20))
    assert found.tail_degrees_of_freedom == pytest.approx(5, rel=0.2)
    assert f"about {found.tail_degrees_of_freedom:.0f} degrees of freedom" in found.name


@pytest.mark.parametrize(("n", "d", "runs"), [(60, 2, 25), (400, 2, 12), (300, 20, 10)])
def test_normal_points_pass_at_the_stated_rate(n, d, runs):
    wrong = 0
    for seed in range(runs):
        found = report(normal(np.random.default_rng(seed), n, d), random_state=seed)
        wrong += "no" in answers(found).values() or not found.name.startswith(("normal", "close"))
    # Two families of tests, points and model, at 1 % each.
    assert wrong <= stats.binom.isf(0.001, runs, 0.02)


def test_normal_points_in_200_dimensions_pass():
    found = report(normal(np.random.default_rng(0), 450, 200), max_points=450)
    assert set(answers(found).values()) == {"yes"}


def test_a_trivial_deviation_passes_in_many_points():
    # t(60) has an excess kurtosis of 0.1, certain at 60,000 points.
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(60_000, 2)) / np.sqrt(rng.chisquare(60, (60_000, 1)) / 60)
    found = report(Z, max_points=500)
    assert min(check.adjusted_pvalue for check in found.checks) < 0.001
    assert answers(found)["jointly normal?"] == "yes"
    assert found.name.startswith("close to normal")


def test_shape_does_not_depend_on_the_units_of_all_components(rng):
    Z = rng.exponential(size=(300, 3))
    one, two = report(Z), report(1e5 * Z - 7)
    assert one.coverage_gap == pytest.approx(two.coverage_gap, rel=1e-6)
    assert one.mardia_skewness == pytest.approx(two.mardia_skewness, rel=1e-6)
    mixed = report(Z @ rng.normal(size=(3, 3)))
    assert one.mardia_kurtosis == pytest.approx(mixed.mardia_kurtosis, rel=1e-6)
    assert one.coverage_gap == pytest.approx(mixed.coverage_gap, rel=1e-6)


def test_a_seed_gives_the_same_page(rng):
    Z = rng.normal(size=(400, 3))
    assert str(report(Z, max_points=150)) == str(report(Z, max_points=150))
    state = np.random.RandomState(0)
    one, two = report(Z, random_state=state), report(Z, random_state=state)
    assert one.shape_auc != two.shape_auc


def test_reference_distributions_of_squared_distances():
    rng, n, d = np.random.default_rng(0), 12, 4
    own, new = [], []
    for _ in range(1_000):
        model = LatentGaussianModel().fit(Z := rng.normal(size=(n, d)))
        own.append(model.mahalanobis_squared(Z[:1])[0])
        new.append(model.mahalanobis_squared(rng.normal(size=(1, d)))[0])
    assert stats.kstest(own, reference_distribution(d, n, True).cdf).pvalue > 0.001
    assert stats.kstest(new, reference_distribution(d, n, False).cdf).pvalue > 0.001
    assert reference_distribution(d, 10**7, False).ppf(0.9) == pytest.approx(
        stats.chi2(d).ppf(0.9), rel=1e-5
    )


def test_held_out_points_and_points_of_another_mean(rng):
    model = LatentGaussianModel().fit(
        normal(rng, 5_000, 1) @ np.ones((1, 2)) + rng.normal(size=(5_000, 2))
    )
    same = model.normality_report(model.sample(600, random_state=1), random_state=0)
    assert not same.training
    assert set(answers(same).values()) == {"yes"}
    moved = model.normality_report(
        model.sample(600, random_state=1) + 2 * model.std_, random_state=0
    )
    assert answers(moved)["jointly normal?"] == "yes"
    assert answers(moved)["described by the model?"] == "no"
    assert moved.model_auc > 0.8 > moved.shape_auc


def test_dead_and_double_components(rng):
    Z = rng.normal(size=(500, 4))
    Z[:, 0], Z[:, 1] = 0.3, 2 * Z[:, 2]
    Z[:, 3] = rng.exponential(size=500)
    found = report(Z)
    assert (found.rank, found.live.tolist()) == (2, [False, True, True, True])
    assert "component 3" in found.verdicts[1].reason
    assert "1 component does not vary and is left out" in str(found)


def test_no_more_points_than_components(rng):
    found = report(rng.normal(size=(50, 60)))
    assert answers(found)["jointly normal?"] == "unclear"
    assert "do not show a shape in 49 dimensions" in str(found)
    assert np.isnan(found.coverage_gap)


@pytest.mark.parametrize("Z", [[[1.0, 2.0]], [[1.0, 2.0]] * 30, [[0.0, 1.0], [1.0, 0.0]]])
def test_hardly_any_points(Z):
    found = report(np.array(Z))
    assert set(answers(found).values()) == {"unclear"}
    assert found.name.startswith("unclear")
    assert "UNCLEAR" in str(found)


@pytest.mark.parametrize("n", [8, 15, 25])
@pytest.mark.parametrize("d", [1, 3])
def test_small_samples_give_a_page(rng, n, d):
    found = report(rng.normal(size=(n, d)))
    assert "no" not in answers(found).values()
    assert str(found)


def test_the_page(rng):
    found = report(student(rng, 3, 20))
    lines = str(found).splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 90
    for verdict in found.verdicts:
        assert verdict.question in str(found)
    assert repr(found).startswith("<NormalityReport of 700 points: heavy-tailed")


def test_subsamples_are_stated(rng):
    found = report(rng.normal(size=(1_000, 2)), max_points=200)
    assert "rest on 200 points" in str(found)


def test_the_record_is_frozen_and_complete(rng):
    found = report(rng.normal(size=(300, 3)))
    assert isinstance(found, NormalityReport)
    with pytest.raises(FrozenInstanceError):
        found.name = "other"
    assert found.components.skewness.shape == (3,)
    assert found.principal_pairs.squares.shape == (3, 3)
    assert all(isinstance(check, Check) and check.n_samples == 300 for check in found.checks)
    documented = NormalityReport.__doc__
    assert all(field.name in documented for field in fields(found))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_other_types_and_frames(rng, dtype):
    Z = rng.normal(size=(300, 2))
    found = report(pd.DataFrame(Z.astype(dtype), columns=["a", "b"]))
    assert found.coverage_gap == pytest.approx(report(Z).coverage_gap, abs=0.01)


def test_a_memory_mapped_file(rng, tmp_path):
    Z = rng.normal(size=(400, 3)).astype(np.float32)
    np.save(tmp_path / "Z.npy", Z)
    mapped = np.load(tmp_path / "Z.npy", mmap_mode="r")
    assert str(report(mapped)) == str(report(Z))


@pytest.mark.parametrize("seed", [52, 53])
def test_clouds_along_a_slanted_line_are_found(seed):
    rng = np.random.default_rng(seed)
    way = rng.normal(size=10)
    Z = rng.normal(size=(3_000, 10))
    Z[:1500] += 5 * way / np.linalg.norm(way)
    found = report(Z, random_state=3)
    assert answers(found)["one cloud?"] == "no"
    assert found.name.startswith("two or more clouds (2 found)")
    np.testing.assert_allclose(found.clouds.peaks.shares, 0.5, atol=0.1)


@pytest.mark.parametrize("draw", [ring, s_curve])
def test_turned_curves_among_noise_are_one_cloud(draw):
    for seed in (60, 61):
        rng = np.random.default_rng(seed)
        points = draw(rng)
        Z = np.hstack([points, rng.normal(size=(N, 7)) * points.std()])
        turn = np.linalg.qr(rng.normal(size=Z.shape[1:] * 2))[0]
        assert answers(report(Z @ turn))["one cloud?"] == "yes"


@pytest.mark.parametrize("seed", [70, 71, 72, 73])
def test_independent_heavy_tails_are_not_called_elliptic(seed):
    found = report(np.random.default_rng(seed).laplace(size=(2_000, 3)))
    assert "heavy-tailed" in found.name
    assert "heavy-tailed: elliptic" not in found.name


@pytest.mark.parametrize("seed", [15, 36])
def test_a_classifier_that_errs_on_purpose_tells_a_difference(seed):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=2_000)
    found = report(np.c_[z, z * rng.choice([-1, 1], 2_000)], random_state=3)
    (check,) = (c for c in found.checks if c.name.startswith("classifier"))
    assert check.effect > 0.55
    assert check.violated(0.01)


def test_tails_come_before_the_skewness_of_a_few_components():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(4_000, 40)) * np.exp(0.2 * rng.normal(size=(4_000, 1)))
    Z[:, 0] += rng.gamma(2.0, 2.0, size=4_000)
    name = report(Z).name
    assert name.startswith("components look normal, but jointly heavy-tailed")
    assert name.endswith("a few components are skewed besides")


def test_each_row_has_the_p_value_of_its_own_statistic():
    # Symmetric and heavy-tailed: the kurtosis is beyond chance, the skewness is not.
    z = np.sort(np.random.default_rng(0).standard_t(6, size=1_000))
    Z = np.concatenate([z, -z])[:, None]
    rows = {check.name: check for check in report(Z).checks}
    assert rows["component: skewness"].effect == pytest.approx(0, abs=1e-12)
    assert rows["component: skewness"].pvalue == pytest.approx(1, abs=1e-6)
    kurtosis = rows["component: excess kurtosis"]
    assert kurtosis.pvalue == pytest.approx(stats.kurtosistest(Z[:, 0]).pvalue, rel=1e-6)
    assert kurtosis.pvalue < 1e-6
    assert "D'Agostino (skewness), Anscombe-Glynn (excess kurtosis)" in " ".join(
        str(report(Z)).split()
    )


def test_one_component():
    found = report(np.random.default_rng(0).exponential(size=(500, 1)))
    assert answers(found)["linear correlations?"] == "n/a"
    reason = found.verdicts[1].reason
    skewness, kurtosis = found.components.skewness[0], found.components.excess_kurtosis[0]
    assert reason == f"It is not; skewness {skewness:.2f}, excess kurtosis {kurtosis:.2f}."
    assert "with 1 component\n(they vary in 1 dimension;" in str(found)


def test_skewness_keeps_its_sign():
    found = report(-np.random.default_rng(0).exponential(size=(500, 2)))
    low, high = sorted(found.components.skewness)
    assert high < -1
    assert f"skewness {low:.2f} to {high:.2f}, excess" in found.verdicts[1].reason


def test_a_mean_distance_that_is_one_by_construction_is_not_told():
    Z = np.random.default_rng(0).normal(size=(500, 3))
    assert "times a normal's" not in str(report(Z))
    core = LatentGaussianModel(core_coverage=0.5).fit(np.r_[Z, 9 + Z[:100]])
    found = core.normality_report(np.r_[Z, 9 + Z[:100]], random_state=0)
    assert found.training
    assert f"{found.model_scale:.2f} times a normal's on average" in str(found).replace(
        "\n" + " " * 36, " "
    )
    assert found.model_auc != found.shape_auc


@pytest.mark.parametrize("step", [1.0, 2.0])
def test_few_values_are_named_and_make_no_clouds(step):
    for seed in range(3):
        Z = step * np.round(np.random.default_rng(seed).normal(size=(2_000, 2)) * 1.5 / step)
        found = report(Z)
        low, high = sorted(len(np.unique(column)) for column in Z.T)
        values = f"({low})" if low == high else f"({low} to {high})"
        assert found.name.startswith(f"2 of 2 components take few different values {values}; apart")
        assert answers(found)["one cloud?"] == "yes"
        assert answers(found)["jointly normal?"] == "no"
        assert found.n_distinct.tolist() == [len(np.unique(column)) for column in Z.T]


def test_a_value_that_half_of_the_points_share():
    Z = np.maximum(np.random.default_rng(0).normal(size=(1_000, 2)), [0, -9])
    found = report(Z)
    share = (Z[:, 0] == 0).mean()
    assert found.top_share[0] == share
    assert found.name.startswith(f"1 of 2 components has one value at up to {100 * share:.2g} %")
    assert answers(found)["one cloud?"] == "yes"


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_rounding_to_a_short_type_is_not_few_values(dtype):
    Z = np.random.default_rng(0).normal(size=(20_000, 2)).astype(dtype)
    assert report(Z, max_points=500).name == "normal"


@pytest.mark.parametrize("d", [2, 10])
def test_outliers_are_counted_and_the_rest_is_named(d):
    Z = np.random.default_rng(5).normal(size=(2_000, d))
    Z[:20] += 12
    found = report(Z)
    assert found.outlier_share == 0.01
    assert found.name == "outliers: 1 % of the points lie far from all others; without them normal"
    assert "1 % of the points lie far from it" in " ".join(str(found).split())


@pytest.mark.parametrize("nu", [1, 2, 3, 5])
def test_heavy_tails_are_no_outliers(nu):
    for seed in range(4):
        assert report(student(np.random.default_rng(seed), nu, 2)).outlier_share == 0


def test_principal_components_that_bend_are_told_of():
    # A bend shared by all components shows in single pairs of them by little.
    rng = np.random.default_rng(1)
    x = rng.normal(size=3_000)
    Z = np.c_[3 * x, x**2, 2 * rng.normal(size=(3_000, 10))]
    Z = Z @ np.linalg.qr(np.random.default_rng(2).normal(size=(12, 12)))[0]
    found = report(Z)
    rows = {check.name: check for check in found.checks}
    assert rows["pair of principal components: bend"].violated(0.01)
    assert answers(found)["linear correlations?"] == "no"
    assert "Nothing bends" not in str(found)


def test_mixtures_of_skewed_components_bend_but_components_do_not():
    found = report(np.random.default_rng(0).exponential(size=(2_000, 3)))
    rows = {check.name: check for check in found.checks}
    assert rows["pair of principal components: bend"].violated(0.01)
    assert not rows["pair of components: bend"].violated(0.01)
    reason = found.verdicts[2].reason
    assert reason.startswith("Between components nothing bends. Principal component")


BAD_CALLS = {
    "significance 0": ({"significance": 0}, ValueError, r"significance .* in \(0, 1\); got 0"),
    "significance text": ({"significance": "1%"}, TypeError, "significance must be a number"),
    "max_points": ({"max_points": 99}, ValueError, r"max_points .* of at least 100; got 99"),
    "max_points float": ({"max_points": 1e3}, TypeError, "max_points must be an integer"),
    "random_state": ({"random_state": "x"}, ValueError, "'x' cannot be used to seed"),
}


@pytest.mark.parametrize(("options", "error", "message"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_bad_options(rng, options, error, message):
    with pytest.raises(error, match=message):
        report(rng.normal(size=(50, 2)), **options)


def test_bad_points(rng):
    model = LatentGaussianModel().fit(rng.normal(size=(50, 2)))
    with pytest.raises(ValueError, match="X has 3 features"):
        model.normality_report(np.zeros((5, 3)))
    with pytest.raises(ValueError, match="X contains NaN"):
        model.normality_report([[np.nan, 1.0]])
    with pytest.raises(ValueError, match="X must hold values whose squares"):
        model.normality_report(np.array([[1e200, 0.0], [-1e200, 0.0]]))
    with pytest.raises(NotFittedError):
        LatentGaussianModel().normality_report(np.zeros((5, 3)))


@pytest.mark.parametrize("change", [lambda Z: 1.5 * Z, lambda Z: Z + 1])
def test_normal_points_of_another_model_are_not_called_normal_alone(change):
    Z = np.random.default_rng(77).normal(size=(2_000, 3))
    model = LatentGaussianModel().fit(Z)
    assert model.normality_report(Z, random_state=0).name == "normal"
    report = model.normality_report(change(Z), random_state=0)
    assert report.name == "normal; but not as the model has it"
