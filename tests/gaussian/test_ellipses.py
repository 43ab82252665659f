"""Confidence ellipses of pairs, the points inside, and what the sources say about them."""

import numpy as np
import pytest
from scipy import stats

from sklatent._covariance.support import make_normal
from sklatent._gaussian.component_names import check_pairs
from sklatent._gaussian.ellipses import build_ellipses
from sklatent._gaussian.model import LatentGaussianModel


def two(rho, n_std, stds=(1.0, 1.0)):
    covariance = np.array([[1.0, rho], [rho, 1.0]]) * np.outer(stds, stds)
    return build_ellipses(make_normal(np.zeros(2), covariance), np.array([[0, 1]]), n_std)


def standard(d, n_std):
    return build_ellipses(make_normal(np.zeros(d), np.eye(d)), check_pairs(None, d), n_std)


@pytest.fixture
def Z(rng):
    mixing = rng.normal(size=(6, 6)) * np.geomspace(0.01, 100, 6)
    return rng.normal(size=(3000, 6)) @ mixing + rng.normal(size=6)


@pytest.fixture
def degenerate(rng):
    """Components: free, its double, dead, minus its triple, free, dead."""
    Z = rng.normal(size=(2000, 6))
    Z[:, 1], Z[:, 3] = 2 * Z[:, 0], 7 - 3 * Z[:, 0]
    Z[:, 2], Z[:, 5] = 0.3, -4.0
    return Z


def test_membership_equals_the_distance_in_the_model_of_the_pair_alone(Z):
    ellipses = LatentGaussianModel().fit(Z).ellipses(coverage=0.7)
    expected = np.column_stack(
        [
            LatentGaussianModel().fit(Z[:, pair]).mahalanobis_squared(Z[:, pair])
            <= ellipses.n_std**2
            for pair in ellipses.pairs
        ]
    )
    np.testing.assert_array_equal(ellipses.contains(Z), expected)
    np.testing.assert_allclose(ellipses.coverage(Z), expected.mean(axis=0), rtol=1e-14)
    assert ellipses.joint_coverage(Z) == pytest.approx(expected.all(axis=1).mean(), rel=1e-14)


def test_the_outline_is_the_boundary(Z):
    model = LatentGaussianModel().fit(Z)
    ellipses = model.ellipses([(4, 1)], n_std=2.2)
    offset = ellipses.outlines(50)[0] - ellipses.centers[0]
    points = np.tile(model.mean_, (50, 1))
    for factor, inside in ((1 - 1e-9, True), (1 + 1e-9, False)):
        points[:, [4, 1]] = ellipses.centers[0] + factor * offset
        assert (ellipses.contains(points)[:, 0] == inside).all()


def test_attributes(Z):
    model = LatentGaussianModel().fit(Z)
    ellipses = model.ellipses([(4, 1), (0, 5)], n_std=2.5)
    np.testing.assert_array_equal(ellipses.pairs, [[4, 1], [0, 5]])
    np.testing.assert_array_equal(ellipses.centers, model.mean_[[[4, 1], [0, 5]]])
    for pair, half_axes, angle in zip(
        ellipses.pairs, ellipses.half_axes, ellipses.angles, strict=True
    ):
        eigenvalues, vectors = np.linalg.eigh(model.covariance_[np.ix_(pair, pair)])
        np.testing.assert_allclose(half_axes, 2.5 * np.sqrt(eigenvalues[::-1]), rtol=1e-9)
        along = np.array([np.cos(angle), np.sin(angle)])
        assert abs(along @ vectors[:, 1]) == pytest.approx(1, rel=1e-12)
    assert ellipses.n_std == 2.5
    assert ellipses.nominal_coverage == pytest.approx(0.9561, abs=1e-4)
    np.testing.assert_array_equal(ellipses.ranks, [2, 2])
    assert ellipses.n_components == 6


@pytest.mark.parametrize("rho", [0.0, 0.5, -0.99])
@pytest.mark.parametrize(("n_std", "nominal"), [(2, 0.8647), (3, 0.9889)])
def test_coverage_is_nominal_whatever_the_correlation(rho, n_std, nominal):
    n = 50_000
    X = np.random.default_rng(1).multivariate_normal([0, 0], [[9, 3 * rho], [3 * rho, 1]], n)
    (share,) = two(rho, n_std, stds=(3.0, 1.0)).coverage(X)
    assert share == pytest.approx(nominal, abs=5 * np.sqrt(nominal * (1 - nominal) / n) + 5e-5)


@pytest.mark.parametrize(("n_std", "rectangle"), [(2, 0.911), (3, 0.995)])
def test_rectangles_hold_more_than_ellipses(n_std, rectangle):
    n = 100_000
    X = np.random.default_rng(2).normal(size=(n, 2))
    model = LatentGaussianModel().fit(X)
    low, high = model.intervals(n_std=n_std).T
    share = ((low <= X) & (high >= X)).all(axis=1).mean()
    assert share == pytest.approx(
        rectangle, abs=5 * np.sqrt(rectangle * (1 - rectangle) / n) + 5e-4
    )
    assert model.ellipses(n_std=n_std).coverage(X)[0] < share


@pytest.mark.parametrize(("dof", "expected"), [(3, 0.968), (5, 0.969)])
def test_heavy_tails_hold_97_percent_within_3_sigma(dof, expected):
    n = 100_000
    X = stats.multivariate_t([0, 0], np.eye(2), dof, seed=3).rvs(n)
    sigma = np.sqrt(dof / (dof - 2))
    (share,) = two(0.0, 3, stds=(sigma, sigma)).coverage(X)
    assert share == pytest.approx(expected, abs=5 * np.sqrt(0.03 / n) + 5e-4)


def test_joint_coverage_of_a_standard_normal_is_that_of_its_two_largest_components():
    X = np.random.default_rng(4).normal(size=(4000, 200))
    squares = np.partition(X**2, -2, axis=1)[:, -2:].sum(axis=1)
    for n_std, share in ((3, 0.0018), (4, 0.55), (5, 0.98)):
        found = standard(200, n_std).joint_coverage(X)
        assert found == (squares <= n_std**2).mean()
        assert found == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / 4000) + 5e-3)
    n_std = standard(200, 3).joint_n_std(X, coverage=0.9)
    expected = np.sqrt(np.quantile(squares, 0.9, method="inverted_cdf"))
    assert n_std == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("share", [1e-6, 0.3, 0.95, 1.0])
def test_calibrated_ellipses_hold_the_share(Z, share):
    model = LatentGaussianModel().fit(Z)
    n_std = model.ellipses().joint_n_std(Z, coverage=share)
    assert model.ellipses(n_std=n_std).joint_coverage(Z) >= share
    assert model.ellipses(n_std=n_std * (1 - 1e-9)).joint_coverage(Z) < share


def test_chunks_do_not_matter(Z, monkeypatch):
    ellipses = LatentGaussianModel().fit(Z).ellipses()
    expected = ellipses.contains(Z), ellipses.coverage(Z), ellipses.joint_n_std(Z)
    monkeypatch.setattr("sklatent._gaussian.ellipses.CHUNK_ROWS", 101)
    monkeypatch.setattr("sklatent._gaussian.ellipses.CHUNK_PAIRS", 4)
    found = ellipses.contains(Z), ellipses.coverage(Z), ellipses.joint_n_std(Z)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_single_precision_and_other_forms_of_points(Z, tmp_path):
    ellipses = LatentGaussianModel().fit(Z).ellipses(n_std=2)
    mapped = np.memmap(tmp_path / "points", dtype=np.float32, mode="w+", shape=Z.shape)
    mapped[:] = Z
    np.testing.assert_array_equal(
        ellipses.contains(mapped), ellipses.contains(mapped.astype(np.float64))
    )
    np.testing.assert_array_equal(ellipses.contains(Z[:3].tolist()), ellipses.contains(Z[:3]))


def test_degenerate_pairs_are_segments(degenerate):
    pairs = [(0, 1), (0, 3), (0, 2), (2, 4), (2, 5), (0, 4)]
    ellipses = LatentGaussianModel().fit(degenerate).ellipses(pairs, n_std=2)
    np.testing.assert_array_equal(ellipses.ranks, [1, 1, 1, 1, 0, 2])
    np.testing.assert_array_equal(ellipses.half_axes[:5, 1], 0)
    np.testing.assert_array_equal(ellipses.half_axes[4], 0)
    np.testing.assert_array_equal(ellipses.correlations[:5], [1, -1, 0, 0, 0])
    np.testing.assert_allclose(np.tan(ellipses.angles[:3]), [2, -3, 0], rtol=1e-12, atol=1e-12)
    assert ellipses.angles[3] == pytest.approx(np.pi / 2)
    s = degenerate[:, 0].std()
    np.testing.assert_allclose(ellipses.half_axes[:2, 0], 2 * s * np.sqrt([5, 10]), rtol=1e-12)


def test_points_of_degenerate_pairs_count_along_the_segment(degenerate):
    model = LatentGaussianModel().fit(degenerate)
    inside = model.ellipses([(0, 1), (0, 3), (0, 2), (5, 2)], n_std=2).contains(degenerate)
    z = (degenerate[:, 0] - model.mean_[0]) / model.std_[0]
    np.testing.assert_array_equal(inside, np.column_stack([np.abs(z) <= 2] * 3 + [z == z]))
    # What lies off the line does not count, as in mahalanobis_squared.
    off = degenerate + np.array([0, 0, 5.0, 0, 0, 5.0])
    np.testing.assert_array_equal(
        model.ellipses([(0, 2), (2, 5)], n_std=2).contains(off), inside[:, 2:]
    )
    alone = LatentGaussianModel().fit(degenerate[:, :2])
    shifted = degenerate + np.array([1.0, -2, 0, 0, 0, 0])
    np.testing.assert_array_equal(
        model.ellipses([(0, 1)], n_std=0.5).contains(shifted)[:, 0],
        alone.mahalanobis_squared(shifted[:, :2]) <= 0.25,
    )


def test_duplicates_in_single_precision_are_lines(rng):
    Z = rng.normal(3, 1, size=(5000, 3)).astype(np.float32)
    Z[:, 1] = np.float32(0.3) * Z[:, 0]
    ellipses = LatentGaussianModel().fit(Z).ellipses()
    np.testing.assert_array_equal(ellipses.ranks, [1, 2, 2])
    share = ellipses.coverage(Z)[0]
    one = 2 * stats.norm.cdf(ellipses.n_std) - 1
    assert share == pytest.approx(one, abs=5 * np.sqrt(one * (1 - one) / 5000))


def test_the_pearson_matrix_is_only_positive_semi_definite(degenerate):
    model = LatentGaussianModel().fit(degenerate)
    eigenvalues = np.linalg.eigvalsh(model.correlation_)
    assert np.abs(eigenvalues[:2]).max() < 1e-14
    ellipses = model.ellipses(n_std=3)
    assert np.isfinite(ellipses.half_axes).all()
    assert np.isfinite(ellipses.coverage(degenerate)).all()


def test_a_single_component_has_no_pairs():
    Z = np.array([[1.0], [3.0]])
    ellipses = LatentGaussianModel().fit(Z).ellipses()
    assert ellipses.contains(Z).shape == (2, 0)
    assert ellipses.coverage(Z).shape == (0,)
    assert ellipses.joint_coverage(Z) == 1
    assert ellipses.joint_n_std(Z) == 0
    assert str(ellipses).startswith("0 ellipses of 2.448 sigma; nominal coverage 95.00 %")


def test_a_single_point():
    ellipses = LatentGaussianModel().fit([[1.0, 2.0, 3.0]]).ellipses()
    np.testing.assert_array_equal(ellipses.ranks, 0)
    assert ellipses.contains([[9.0, 9.0, 9.0]]).all()


def test_printed(Z):
    model = LatentGaussianModel().fit(Z)
    lines = str(model.ellipses([(0, 4)], n_std=2)).split("\n")
    assert lines[0] == "1 ellipse of 2 sigma; nominal coverage 86.47 %"
    assert lines[3].split()[:2] == ["0,", "4"]
    many = str(standard(8, 2)).split("\n")
    assert many[0].endswith("the first 20 are shown, 8 are left out")
    assert len(many) == 23


BAD_POINTS = {
    "wrong width": (np.zeros((3, 2)), ValueError, "X must have 6 columns.*got 2"),
    "one dimension": (np.zeros(6), ValueError, "1D array"),
    "nan": (np.full((2, 6), np.nan), ValueError, "X contains NaN"),
    "no rows": (np.empty((0, 6)), ValueError, "0 sample"),
    "text": ([["1"] * 6], TypeError, "X must hold numbers; got dtype <U1"),
}


@pytest.mark.parametrize("method", ["contains", "coverage", "joint_coverage", "joint_n_std"])
@pytest.mark.parametrize(("X", "error", "message"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_bad_points(Z, method, X, error, message):
    ellipses = LatentGaussianModel().fit(Z).ellipses()
    with pytest.raises(error, match=message):
        getattr(ellipses, method)(X)


@pytest.mark.parametrize("coverage", [0, 1.01, np.nan])
def test_bad_share(Z, coverage):
    with pytest.raises(ValueError, match=rf"coverage must be a number in \(0, 1\]; got {coverage}"):
        LatentGaussianModel().fit(Z).ellipses().joint_n_std(Z, coverage=coverage)


@pytest.mark.parametrize(("n_points", "error"), [(1, ValueError), (10.0, TypeError)])
def test_bad_n_points(Z, n_points, error):
    with pytest.raises(error, match=f"n_points must be an integer.*got {n_points}"):
        LatentGaussianModel().fit(Z).ellipses().outlines(n_points)
