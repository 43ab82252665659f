"""Covariance estimates by name and by instance."""

import pickle
import re
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.covariance import (
    OAS,
    EllipticEnvelope,
    EmpiricalCovariance,
    GraphicalLasso,
    LedoitWolf,
    MinCovDet,
    ShrunkCovariance,
)
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklatent import LatentGaussianModel

COVARIANCE = np.array([[4.0, 1.2, 0.0], [1.2, 1.0, -0.3], [0.0, -0.3, 0.5]])
MEAN = np.array([1.0, -2.0, 30.0])
PEERS = {"empirical": EmpiricalCovariance, "ledoit_wolf": LedoitWolf, "oas": OAS}
INSTANCES = [
    EmpiricalCovariance(assume_centered=True),
    ShrunkCovariance(shrinkage=0.3),
    LedoitWolf(),
    OAS(),
    GraphicalLasso(alpha=0.1),
    MinCovDet(random_state=0),
    EllipticEnvelope(random_state=0),
]


def draw(n, seed=3):
    return np.random.default_rng(seed).multivariate_normal(MEAN, COVARIANCE, n)


@pytest.mark.filterwarnings("ignore:.* is unreliable below .* points per dimension")
@parametrize_with_checks(
    [
        LatentGaussianModel(covariance="ledoit_wolf"),
        LatentGaussianModel(covariance="oas"),
        LatentGaussianModel(covariance="min_cov_det"),
        LatentGaussianModel(covariance=ShrunkCovariance()),
        # The three blobs of a check all lie within their core's 95 % ellipsoid.
        LatentGaussianModel(core_coverage=0.95, coverage=0.5),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("kind", PEERS)
@pytest.mark.parametrize(("n", "d"), [(2, 4), (3, 4), (20, 40), (50, 20), (400, 4), (400, 1)])
def test_moment_estimates_equal_scikit_learns(kind, n, d):
    Z = np.random.default_rng(n + d).standard_normal((n, d)) * np.linspace(1, 3, d) + 5
    model, peer = LatentGaussianModel(covariance=kind).fit(Z), PEERS[kind]().fit(Z)
    np.testing.assert_allclose(model.mean_, peer.location_, rtol=1e-13)
    np.testing.assert_allclose(model.covariance_, peer.covariance_, rtol=1e-11, atol=1e-13)
    assert model.shrinkage_ == pytest.approx(getattr(peer, "shrinkage_", 0.0), abs=1e-13)
    assert model.core_share_ == 1


@pytest.mark.parametrize("kind", ["ledoit_wolf", "oas"])
def test_shrinkage_makes_the_rank_full_with_few_points_and_dead_components(kind):
    Z = np.random.default_rng(0).standard_normal((20, 40))
    Z[:, 7] = 0.5
    model = LatentGaussianModel(covariance=kind).fit(Z)
    assert model.rank_ == 40
    assert np.trace(model.covariance_) == pytest.approx(Z.var(axis=0).sum())
    assert model.covariance_[7, 7] == pytest.approx(
        model.shrinkage_ * Z.var(axis=0).sum() / 40, rel=1e-12
    )


@pytest.mark.parametrize("kind", PEERS)
def test_a_point_mass_stays_one(kind):
    model = LatentGaussianModel(covariance=kind).fit(np.ones((5, 3)))
    assert (model.rank_, model.shrinkage_) == (0, 0)
    np.testing.assert_array_equal(model.covariance_, np.zeros((3, 3)))


@pytest.mark.parametrize("kind", PEERS)
@pytest.mark.parametrize("scale", [1e-60, 1e60])
def test_shrinkage_does_not_depend_on_units(kind, scale):
    Z = draw(60)
    expected = LatentGaussianModel(covariance=kind).fit(Z)
    model = LatentGaussianModel(covariance=kind).fit(Z * scale)
    assert model.shrinkage_ == pytest.approx(expected.shrinkage_, rel=1e-10)
    np.testing.assert_allclose(model.covariance_ / scale / scale, expected.covariance_, rtol=1e-10)


def test_fourth_powers_that_overflow():
    Z = draw(10) * 1e100
    LatentGaussianModel(covariance="oas").fit(Z)
    with pytest.raises(ValueError, match=r"X must hold values whose fourth powers .*ledoit_wolf"):
        LatentGaussianModel(covariance="ledoit_wolf").fit(Z)


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda instance: type(instance).__name__)
def test_instances_are_cloned_and_fitted(instance):
    Z, before = draw(400) - MEAN, pickle.dumps(instance)
    model, peer = LatentGaussianModel(covariance=instance).fit(Z), clone(instance).fit(Z)
    assert model.covariance is instance
    assert pickle.dumps(instance) == before
    np.testing.assert_allclose(model.mean_, peer.location_, atol=1e-14)
    np.testing.assert_allclose(model.covariance_, peer.covariance_, rtol=1e-12, atol=1e-14)
    assert type(model.covariance_estimator_) is type(instance)
    assert not hasattr(model.set_params(covariance="oas").fit(Z), "covariance_estimator_")


def test_float32_points_reach_an_instance_as_float64():
    Z = (draw(500) + 1000).astype(np.float32)
    model = LatentGaussianModel(covariance=ShrunkCovariance()).fit(Z)
    peer = ShrunkCovariance().fit(Z.astype(np.float64))
    np.testing.assert_array_equal(model.covariance_, peer.covariance_)


def test_nested_parameters_and_search():
    model = LatentGaussianModel(covariance=ShrunkCovariance(shrinkage=0.2))
    assert model.get_params()["covariance__shrinkage"] == 0.2
    copied = clone(model).set_params(covariance__shrinkage=0.7)
    assert (model.covariance.shrinkage, copied.covariance.shrinkage) == (0.2, 0.7)
    Z = np.random.default_rng(0).standard_normal((12, 8))
    search = GridSearchCV(model, {"covariance__shrinkage": [0.01, 0.9]}, cv=3).fit(Z)
    assert search.best_params_ == {"covariance__shrinkage": 0.9}
    names = {"covariance": ["empirical", "oas", LedoitWolf()]}
    assert np.isfinite(GridSearchCV(model, names, cv=3).fit(Z).best_score_)


def test_min_cov_det_equals_scikit_learns_at_full_rank():
    Z = draw(300) * [1, 1, 1e-3]
    Z[:60] += 100.0
    model = LatentGaussianModel(covariance="min_cov_det", random_state=0).fit(Z)
    # scikit-learn's distances are in the points' own coordinates, with rounding of its own.
    peer = MinCovDet(random_state=0).fit(Z)
    np.testing.assert_allclose(model.mean_, peer.location_, rtol=1e-9)
    np.testing.assert_allclose(model.covariance_, peer.covariance_, rtol=1e-7, atol=1e-12)
    again = LatentGaussianModel(covariance="min_cov_det", random_state=0).fit(Z)
    np.testing.assert_array_equal(again.covariance_, model.covariance_)


def test_min_cov_det_keeps_degenerate_directions():
    Z = np.random.default_rng(1).standard_normal((300, 4))
    Z[:60] += 50.0
    Z[:, 1], Z[:, 2] = 0.3, 2 * Z[:, 0]
    model = LatentGaussianModel(covariance="min_cov_det", random_state=0).fit(Z)
    free = MinCovDet(random_state=0).fit(Z[:, [0, 3]])
    assert model.rank_ == 2
    np.testing.assert_allclose(
        model.covariance_[np.ix_([0, 3], [0, 3])], free.covariance_, rtol=1e-9
    )
    assert model.std_[1] == 0
    np.testing.assert_array_equal(model.sample(5)[:, 1], 0.3)


def test_min_cov_det_with_few_points():
    Z = draw(14)
    with pytest.warns(UserWarning, match=r"covariance='min_cov_det' is unreliable .*n_samples=14"):
        LatentGaussianModel(covariance="min_cov_det", random_state=0).fit(Z)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LatentGaussianModel(covariance="min_cov_det", random_state=0).fit(draw(15))
    with pytest.raises(ValueError, match=r"covariance='min_cov_det' needs .* got n_samples=5"):
        LatentGaussianModel(covariance="min_cov_det").fit(Z[:5])


@pytest.mark.parametrize("columns", [[0], [0, 1, 2]])
def test_min_cov_det_of_mostly_constant_points(columns):
    Z = draw(200)[:, columns]
    Z[:130, 0] = 0.0
    with pytest.raises(ValueError, match="covariance='min_cov_det' found more than half"):
        LatentGaussianModel(covariance="min_cov_det", random_state=0).fit(Z)


@pytest.mark.parametrize(
    "params", [{"covariance": "min_cov_det"}, {"covariance": OAS()}, {"core_coverage": 0.9}]
)
def test_estimates_that_need_all_points_do_not_stream(params):
    Z, name = draw(200), next(iter(params))
    model = LatentGaussianModel(random_state=0, **params).fit(Z)
    before, other = pickle.dumps(model), LatentGaussianModel().fit(Z)
    reason = f"{name}=.* needs all points at once.*call fit"
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError, match="has no attribute 'partial_fit'") as found:
        model.partial_fit(Z)
    assert re.search(f"partial_fit is not available: {reason}", str(found.value.__cause__))
    with pytest.raises(ValueError, match=reason):
        model.merge(other)
    assert pickle.dumps(model) == before
    # Moments of all points are there for an estimate that is made of them.
    assert other.merge(model).n_samples_seen_ == 400
    model.set_params(covariance="empirical", core_coverage=None).partial_fit(Z)
    np.testing.assert_allclose(model.covariance_, other.covariance_, rtol=1e-12)


class NoLocation(EmpiricalCovariance):
    def fit(self, X, y=None):
        return self


class WrongShape(EmpiricalCovariance):
    def fit(self, X, y=None):
        self.location_, self.covariance_ = np.zeros(1), np.ones((1, 1))
        return self


BAD_PARAMETERS = {
    "name": ({"covariance": "full"}, ValueError, "covariance must be one of 'empirical'.*'full'"),
    "none": ({"covariance": None}, ValueError, "covariance must be .* instance .*; got None"),
    "class": ({"covariance": OAS}, ValueError, "covariance must be .* instance .*; got <class"),
    "number": ({"covariance": 3}, ValueError, "covariance must be .*; got 3"),
    "no location": (
        {"covariance": NoLocation()},
        ValueError,
        "covariance must be an estimator .*; got NoLocation.*, which sets no location_ and",
    ),
    "shape": ({"covariance": WrongShape()}, ValueError, r"covariance=.*shape \(3, 3\); got .*1"),
    "inner": (
        {"covariance": ShrunkCovariance(shrinkage=2.0)},
        ValueError,
        "covariance=ShrunkCovariance.* could not be fitted",
    ),
    "core 0": ({"core_coverage": 0.0}, ValueError, r"core_coverage .* in \(0.*, 1.*\); got 0.0"),
    "core 1": ({"core_coverage": 1}, ValueError, "core_coverage .*; got 1"),
    "core text": ({"core_coverage": "auto"}, TypeError, "core_coverage must be a number; got"),
    "core twice": (
        {"core_coverage": 0.9, "covariance": "min_cov_det"},
        ValueError,
        "core_coverage must be None with covariance='min_cov_det'.*; got 0.9",
    ),
    "core of a robust instance": (
        {"core_coverage": 0.9, "covariance": MinCovDet()},
        ValueError,
        "core_coverage must be None with covariance=MinCovDet",
    ),
}


@pytest.mark.parametrize(
    ("params", "error", "message"), BAD_PARAMETERS.values(), ids=BAD_PARAMETERS
)
def test_bad_parameters(params, error, message):
    model = LatentGaussianModel().fit(draw(50)).set_params(**params)
    before = pickle.dumps(model)
    with pytest.raises(error, match=message):
        model.fit(draw(60))
    assert pickle.dumps(model) == before
