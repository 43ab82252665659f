"""What points are called: each for what it is."""

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import make_s_curve, make_swiss_roll

from sklatent import LatentGaussianModel

N = 700


def report(Z, model=None, **options):
    model = model or LatentGaussianModel().fit(Z)
    return model.normality_report(Z, **({"random_state": 0} | options))


def answers(found):
    return {verdict.question: verdict.answer for verdict in found.verdicts}


def replies(found):
    return [verdict.answer for verdict in found.verdicts]


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


@pytest.mark.parametrize("seed", [70, 71, 72, 73])
def test_independent_heavy_tails_are_not_called_elliptic(seed):
    found = report(np.random.default_rng(seed).laplace(size=(2_000, 3)))
    assert "heavy-tailed" in found.name
    assert "heavy-tailed: elliptic" not in found.name


def test_tails_come_before_the_skewness_of_a_few_components():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(4_000, 40)) * np.exp(0.2 * rng.normal(size=(4_000, 1)))
    Z[:, 0] += rng.gamma(2.0, 2.0, size=4_000)
    name = report(Z).name
    assert name.startswith("components look normal, but jointly heavy-tailed")
    assert name.endswith("a few components are skewed besides")


@pytest.mark.parametrize("nu", [1, 2, 3, 5])
def test_heavy_tails_are_no_outliers(nu):
    for seed in range(4):
        assert report(student(np.random.default_rng(seed), nu, 2)).outlier_share == 0


def test_one_component_is_not_elliptic():
    name = report(np.random.default_rng(0).standard_t(3, size=(1_000, 1))).name
    assert name == "heavy-tailed"


@pytest.mark.parametrize("seed", range(4))
def test_few_skewed_points_are_not_called_light_tailed(seed):
    found = report(np.exp(np.random.default_rng(seed).normal(size=(25, 2))))
    assert found.name.startswith(("skewed", "heavy-tailed"))


@pytest.mark.parametrize("seed", [0, 1])
def test_linear_mixtures_are_not_curved(seed):
    rng = np.random.default_rng(seed)
    cube = rng.uniform(size=(2_000, 3)) @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    found = report(cube)
    assert found.name == "a linear mixture of independent components that are not normal"


@pytest.mark.parametrize("seed", [0, 1])
def test_a_spread_that_depends_is_not_curved(seed):
    Z = np.random.default_rng(seed).normal(size=(1_000, 3))
    Z[:, 1] *= np.exp(0.7 * Z[:, 0])
    assert report(Z).name == "the spread of one component depends on another"
    Z = np.random.default_rng(seed).normal(size=(1_000, 3))
    Z[:, 1] += 0.7 * Z[:, 0] ** 2
    assert report(Z).name.startswith("curved")


def test_a_cross_bends_nowhere():
    Z = np.random.default_rng(0).normal(size=(2_000, 2)) * [5, 0.3]
    Z[:1_000] = Z[:1_000, ::-1].copy()
    assert report(Z).name.endswith("and none bends along another")


@pytest.mark.parametrize("seed", range(4))
def test_signs_that_depend_in_threes(seed):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(1_000, 3))
    Z[:, 2] = np.abs(Z[:, 2]) * np.sign(Z[:, 0] * Z[:, 1])
    found = report(Z)
    assert replies(found)[1] == "yes"
    assert found.name.startswith("normal components with a joint distribution that is not")


def test_a_t_without_variance_is_not_named_for_small_kurtosis():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(2_000, 2)) * rng.choice([1, 0.2], (2_000, 1))
    found = report(Z)
    assert found.tail_degrees_of_freedom < 2
    assert "multivariate t" not in found.name
