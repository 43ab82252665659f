"""Marginal and conditional models."""

import pickle
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklatent import LatentGaussianModel
from sklatent._covariance.support import make_normal
from sklatent._gaussian.conditional import check_values, conditional_normal, marginal_normal

MIXING = np.random.default_rng(9).standard_normal((5, 5)) + np.diag([1.0, 2, 3, 4, 5])
MEAN = np.array([1.0, -2.0, 30.0, 0.0, 5.0])
GIVEN = [indices for size in (1, 2, 4) for indices in combinations(range(5), size)]


@pytest.fixture(scope="module")
def Z():
    return np.random.default_rng(3).standard_normal((400, 5)) @ MIXING + MEAN


@pytest.fixture(scope="module")
def model(Z):
    return LatentGaussianModel(coverage=0.9).fit(Z)


@pytest.fixture
def degenerate():
    """Components: free, dead, double of the first, free, sum of the first and fourth."""
    Z = np.random.default_rng(4).normal(3.0, 1.0, size=(300, 5))
    Z[:, 1], Z[:, 2], Z[:, 4] = 0.3, 2 * Z[:, 0], Z[:, 0] + Z[:, 3]
    return Z


@pytest.mark.parametrize("indices", GIVEN, ids=str)
def test_conditional_density_is_that_of_the_joint_over_the_marginal(model, Z, indices):
    rest = [index for index in range(5) if index not in indices]
    for point in Z[:4]:
        found = model.conditional({index: point[index] for index in indices})
        # Any values of the others, with these given.
        points = Z[10:30].copy()
        points[:, indices] = point[list(indices)]
        joint = multivariate_normal(model.mean_, model.covariance_).logpdf(points)
        block = model.covariance_[np.ix_(indices, indices)]
        marginal = multivariate_normal(model.mean_[list(indices)], block).logpdf(
            point[list(indices)]
        )
        np.testing.assert_allclose(
            found.score_samples(points[:, rest]), joint - marginal, rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("indices", GIVEN, ids=str)
def test_marginal_density_equals_scipys(model, Z, indices):
    found = model.marginal(indices)
    block = model.covariance_[np.ix_(indices, indices)]
    expected = multivariate_normal(model.mean_[list(indices)], block).logpdf(Z[:, indices])
    np.testing.assert_allclose(found.score_samples(Z[:, indices]), expected, rtol=1e-10)


@pytest.mark.parametrize("indices", [[0], [4, 1], [3, 0, 2], [4, 3, 2, 1, 0]], ids=str)
def test_marginal_is_the_model_of_these_columns(model, Z, indices):
    found, expected = model.marginal(indices), LatentGaussianModel(coverage=0.9).fit(Z[:, indices])
    np.testing.assert_allclose(found.mean_, expected.mean_, rtol=1e-13)
    np.testing.assert_allclose(found.covariance_, expected.covariance_, rtol=1e-11)
    np.testing.assert_allclose(found.correlation_, expected.correlation_, rtol=1e-11)
    np.testing.assert_allclose(found.offset_, expected.offset_, rtol=1e-11)
    np.testing.assert_array_equal(found.predict(Z[:, indices]), expected.predict(Z[:, indices]))


def test_regression_gives_the_conditional_mean_and_its_residuals_the_covariance(model, Z):
    # Least squares on the training points is the conditional mean of their normal model.
    given, rest = [1, 4], [0, 2, 3]
    design = np.column_stack([np.ones(len(Z)), Z[:, given]])
    coefficients, *_ = np.linalg.lstsq(design, Z[:, rest])
    found = model.conditional({1: -1.0, 4: 7.0})
    np.testing.assert_allclose(found.mean_, [1, -1.0, 7.0] @ coefficients, rtol=1e-9)
    residuals = Z[:, rest] - design @ coefficients
    np.testing.assert_allclose(found.covariance_, np.cov(residuals.T, bias=True), rtol=1e-9)


def test_samples_of_a_conditional_model(model):
    found, n = model.conditional({0: 2.0, 3: -1.0}), 50_000
    drawn = found.sample(n, random_state=0)
    assert drawn.shape == (n, 3)
    assert (np.abs(drawn.mean(axis=0) - found.mean_) < 5 * found.std_ / np.sqrt(n)).all()
    white = found.transform(drawn)
    assert np.abs(white.T @ white / n - np.eye(3)).max() < 5 * np.sqrt(2 / n)


@pytest.mark.parametrize("order", [(0, 3), (3, 0)])
def test_given_one_after_the_other_or_at_once(model, order):
    values = {0: 2.0, 3: -1.0}
    at_once = model.conditional({index: values[index] for index in order})
    first, second = order
    later = second - (second > first)
    one_by_one = model.conditional({first: values[first]}).conditional({later: values[second]})
    np.testing.assert_allclose(one_by_one.mean_, at_once.mean_, rtol=1e-11)
    np.testing.assert_allclose(one_by_one.covariance_, at_once.covariance_, rtol=1e-10)


def test_marginal_and_conditional_commute(model):
    one = model.marginal([0, 2, 4]).conditional({1: 31.0})
    other = model.conditional({2: 31.0}).marginal([0, 3])
    np.testing.assert_allclose(one.mean_, other.mean_, rtol=1e-12)
    np.testing.assert_allclose(one.covariance_, other.covariance_, rtol=1e-11)


def test_the_law_of_total_variance(model):
    given = model.marginal([0, 1])
    rest = model.conditional({0: 0.0, 1: 0.0})
    # The conditional mean is linear: its slopes are differences of unit steps.
    slopes = np.column_stack(
        [
            model.conditional({0: 1.0, 1: 0.0}).mean_ - rest.mean_,
            model.conditional({0: 0.0, 1: 1.0}).mean_ - rest.mean_,
        ]
    )
    total = rest.covariance_ + slopes @ given.covariance_ @ slopes.T
    np.testing.assert_allclose(total, model.covariance_[2:, 2:], rtol=1e-11)


def test_two_components_have_the_textbook_formula():
    model = LatentGaussianModel().fit(np.random.default_rng(0).normal(3.0, 1.0, (50, 2)))
    (sx, sy), rho = model.std_, model.correlation_[0, 1]
    found = model.conditional({0: 5.0})
    expected = model.mean_[1] + rho * sy / sx * (5.0 - model.mean_[0])
    assert found.mean_[0] == pytest.approx(expected, rel=1e-12)
    assert found.std_[0] == pytest.approx(sy * np.sqrt(1 - rho**2), rel=1e-12)


def test_what_a_derived_model_keeps(Z):
    frame = pd.DataFrame(Z, columns=list("abcde"))
    model = LatentGaussianModel(covariance="oas", coverage=0.8).fit(frame)
    before = pickle.dumps(model)
    marginal, conditional = model.marginal(["d", "a"]), model.conditional({"b": 1.0, 4: 2.0})
    assert pickle.dumps(model) == before
    assert marginal.feature_names_in_.tolist() == ["d", "a"]
    assert conditional.feature_names_in_.tolist() == ["a", "c", "d"]
    for derived in (marginal, conditional):
        assert isinstance(derived, LatentGaussianModel)
        assert derived.n_features_in_ == len(derived.mean_)
        assert (derived.n_samples_seen_, derived.coverage) == (400, 0.8)
        assert derived.shrinkage_ == model.shrinkage_
        assert derived.get_params() == model.get_params()
        columns = frame[derived.feature_names_in_]
        white = derived.transform(columns)
        np.testing.assert_allclose(derived.inverse_transform(white), columns, rtol=1e-9)
        again = pickle.loads(pickle.dumps(derived))
        np.testing.assert_array_equal(again.sample(3, 0), derived.sample(3, 0))
        with pytest.raises(NotFittedError):
            clone(derived).sample()
    with pytest.raises(ValueError, match="feature names should match"):
        conditional.score(frame)
    np.testing.assert_allclose(
        conditional.mean_, model.conditional({1: 1.0, 4: 2.0}).mean_, rtol=1e-14
    )


def test_derived_models_do_not_stream(Z, model):
    other = LatentGaussianModel().fit(Z[:, :2])
    for derived in (model.marginal([0, 1]), model.conditional({0: 1.0, 1: 2.0, 2: 3.0})):
        before = pickle.dumps(derived)
        with pytest.raises(ValueError, match=r"partial_fit needs the moments of points, .*fit"):
            derived.partial_fit(Z[:, :2])
        for one, two in ((derived, other), (other, derived)):
            with pytest.raises(ValueError, match="merge needs the moments of points"):
                one.merge(two)
        assert pickle.dumps(derived) == before
        assert derived.fit(Z).partial_fit(Z).n_samples_seen_ == 800


def test_components_that_the_given_ones_determine(degenerate):
    model = LatentGaussianModel().fit(degenerate)
    found = model.conditional({0: 5.0})
    assert found.rank_ == 1
    np.testing.assert_allclose(found.mean_[:2], [0.3, 10.0], rtol=1e-12)
    np.testing.assert_allclose(found.std_[:2], 0.0, atol=1e-12)
    # The last is 5 plus the free one, and as wide.
    assert found.mean_[3] - found.mean_[2] == pytest.approx(5.0, rel=1e-12)
    assert found.correlation_[2, 3] == pytest.approx(1.0)
    drawn = found.sample(20, random_state=0)
    np.testing.assert_allclose(drawn[:, 3], drawn[:, 2] + 5.0, rtol=1e-12)
    point = model.conditional({0: 5.0, 4: 9.0})
    assert point.rank_ == 0
    np.testing.assert_allclose(point.sample(2), [[0.3, 10.0, 4.0]] * 2, rtol=1e-12)


def test_singular_given_block_equals_its_independent_part(degenerate):
    model = LatentGaussianModel().fit(degenerate)
    singular = model.conditional({0: 5.0, 1: 0.3, 2: 10.0})
    free = model.marginal([0, 3, 4]).conditional({0: 5.0})
    np.testing.assert_allclose(singular.mean_, free.mean_, rtol=1e-11)
    np.testing.assert_allclose(singular.covariance_, free.covariance_, rtol=1e-10)
    assert singular.rank_ == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_in_single_precision_are_consistent(degenerate, dtype):
    model = LatentGaussianModel().fit(degenerate.astype(dtype))
    for point in degenerate[:50].astype(np.float32):
        found = model.conditional({index: point[index] for index in (0, 1, 2, 4)})
        assert found.mean_[0] == pytest.approx(point[3], abs=1e-5)
        assert found.rank_ == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({1: 0.4}, "nearest point that can has 0.3 at component 1; got 0.4"),
        ({0: 5.0, 2: 10.1}, "given must hold values that can occur together"),
        ({0: 5.0, 3: 1.0, 4: 6.001}, "given must hold values that can occur together"),
    ],
)
def test_values_that_contradict_each_other(degenerate, given, message):
    with pytest.raises(ValueError, match=message):
        LatentGaussianModel().fit(degenerate).conditional(given)


def test_few_points_give_singular_blocks():
    Z = np.random.default_rng(0).standard_normal((10, 30))
    model = LatentGaussianModel().fit(Z)
    # Twenty values determine a point of a support of nine dimensions.
    found = model.conditional(dict(enumerate(Z[3, :20])))
    assert found.rank_ == 0
    np.testing.assert_allclose(found.mean_, Z[3, 20:], atol=1e-11)
    with pytest.raises(ValueError, match="given must hold values that can occur together"):
        model.conditional(dict(enumerate(np.zeros(20))))
    assert model.conditional(dict(enumerate(Z[3, :4]))).rank_ == 5


def test_nearly_determined_components_keep_their_relative_precision():
    # Given the first, the second has variance 1e-10 beside its 1: a difference of
    # covariances would lose ten digits. The first two moments of noise and x are those drawn.
    rng = np.random.default_rng(0)
    x, noise = rng.standard_normal((2, 2000))
    model = LatentGaussianModel().fit(np.column_stack([x, x + 1e-5 * noise]))
    expected = 1e-5 * noise.std() * np.sqrt(1 - np.corrcoef(x, noise)[0, 1] ** 2)
    # The covariance itself holds this variance to ten digits less than its own sixteen.
    assert model.conditional({0: 0.0}).std_[0] == pytest.approx(expected, rel=1e-5)


def test_units_of_components_do_not_matter(Z):
    units = np.array([1e-6, 1.0, 1e6, 1e3, 1.0])
    plain = LatentGaussianModel().fit(Z).conditional({0: 2.0, 2: 31.0})
    scaled = LatentGaussianModel().fit(Z * units).conditional({0: 2e-6, 2: 31e6})
    rest = units[[1, 3, 4]]
    np.testing.assert_allclose(scaled.mean_, plain.mean_ * rest, rtol=1e-9)
    np.testing.assert_allclose(scaled.std_, plain.std_ * rest, rtol=1e-9)


def test_rounding_stays_no_direction(degenerate):
    # Dead directions of the whole, rotated so that each component holds some rounding.
    rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))[0]
    projected = (degenerate - degenerate.mean(axis=0)) @ rotation @ rotation.T
    model = LatentGaussianModel().fit(projected.astype(np.float32))
    assert model.rank_ == 2
    assert model.marginal([1]).rank_ == 0
    assert model.conditional({0: 0.0}).rank_ == 1


BAD_GIVEN = {
    "list": ([(0, 1.0)], TypeError, "given must be a mapping .*; got an object of type list"),
    "array": (np.zeros(5), TypeError, "given must be a mapping .*ndarray"),
    "empty": ({}, ValueError, "given must name at least one component; got none"),
    "all": (dict.fromkeys(range(5), 0.0), ValueError, "given must leave at least one of the 5"),
    "high": ({5: 1.0}, ValueError, "given must hold indices from 0 to 4; got 5"),
    "negative": ({-1: 1.0}, ValueError, "given must hold indices from 0 to 4; got -1"),
    "float": ({1.0: 1.0}, TypeError, "given must hold integer indices or feature names; got 1.0"),
    "bool": ({True: 1.0}, TypeError, "given must hold integer indices .*; got True"),
    "tuple": ({(0, 1): 1.0}, TypeError, r"given must hold integer .*; got \(0, 1\)"),
    "unnamed": ({"a": 1.0}, ValueError, "given must hold indices: fit saw no names; got 'a'"),
    "nan": ({0: np.nan}, ValueError, r"given\[0\] must be a number .*; got nan"),
    "infinite": ({0: np.inf}, ValueError, r"given\[0\] must be a number .*; got inf"),
    "text": ({0: "1"}, TypeError, r"given\[0\] must be a number; got '1'"),
    "complex": ({0: 1j}, TypeError, r"given\[0\] must be a number; got 1j"),
    "vector": ({0: np.zeros(2)}, TypeError, r"given\[0\] must be a number"),
}


@pytest.mark.parametrize(("given", "error", "message"), BAD_GIVEN.values(), ids=BAD_GIVEN)
def test_bad_given(model, given, error, message):
    before = pickle.dumps(model)
    with pytest.raises(error, match=message):
        model.conditional(given)
    assert pickle.dumps(model) == before


BAD_COMPONENTS = {
    "int": (1, TypeError, "components must be a sequence .*; got 1"),
    "text": ("abc", TypeError, "components must be a sequence .*; got 'abc'"),
    "mapping": ({0: 1.0}, TypeError, "components must be a sequence"),
    "none": (None, TypeError, "components must be a sequence .*; got None"),
    "empty": ([], ValueError, "components must name at least one component; got none"),
    "twice": ([1, 0, 1], ValueError, "components must name each .*; got component 1 2 times"),
    "high": ([0, 5], ValueError, "components must hold indices from 0 to 4; got 5"),
    "mask": (np.ones(5, bool), TypeError, "components must hold integer indices"),
    "floats": ([0.0], TypeError, "components must hold integer indices .*; got 0.0"),
    "unnamed": (["a"], ValueError, "components must hold indices: fit saw no names; got 'a'"),
}


@pytest.mark.parametrize(
    ("components", "error", "message"), BAD_COMPONENTS.values(), ids=BAD_COMPONENTS
)
def test_bad_components(model, components, error, message):
    with pytest.raises(error, match=message):
        model.marginal(components)


def test_names(Z):
    model = LatentGaussianModel().fit(pd.DataFrame(Z, columns=list("abcde")))
    with pytest.raises(ValueError, match=r"given must hold one of the feature names .*; got 'z'"):
        model.conditional({"z": 1.0})
    with pytest.raises(ValueError, match="given must name each component at most once"):
        model.conditional({"a": 1.0, 0: 1.0})


def test_not_fitted():
    with pytest.raises(NotFittedError):
        LatentGaussianModel().conditional({0: 1.0})
    with pytest.raises(NotFittedError):
        LatentGaussianModel().marginal([0])


def test_a_pair_of_unit_variances():
    normal = make_normal(np.zeros(2), np.array([[1.0, 0.8], [0.8, 1.0]]))
    found = conditional_normal(normal, np.array([True, False]), np.array([2.0]))
    np.testing.assert_allclose(found.mean, [1.6], rtol=1e-14)
    np.testing.assert_allclose(found.covariance, [[0.36]], rtol=1e-14)


def test_a_part_of_a_normal_keeps_the_rounding_of_the_whole():
    normal = make_normal(np.array([5.0, 3.0]), np.diag([1e20, 1e-4]), eps=1e-7)
    assert normal.live.tolist() == [True, False]
    part = marginal_normal(normal, np.array([1]))
    assert (part.mean[0], part.eps, part.spread, part.rank) == (3.0, 1e-7, normal.spread, 0)


def test_values_are_finite_numbers():
    np.testing.assert_array_equal(check_values({"a": 1, 2: np.float32(0.5)}), [1.0, 0.5])
    with pytest.raises(ValueError, match=r"given\['a'\] must be a number that is finite; got inf"):
        check_values({"a": np.inf})
