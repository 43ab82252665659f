"""Traversals, planes and moves: positions in units of sigma, and the images of them."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from sklatent import LatentGaussianModel
from sklatent.paths import axis_traversal, linear_path, move_along, plane_grid
from sklatent.paths._axes import find_move


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(0)
    return rng.normal(size=(400, 4)) @ rng.normal(size=(4, 4)) + np.arange(4)


@pytest.fixture(scope="module")
def model(points):
    return LatentGaussianModel().fit(points)


def test_components_move_one_by_one(model):
    grid = axis_traversal(n_points=5, extent=2, model=model)
    np.testing.assert_array_equal(grid.columns, [-2, -1, 0, 1, 2])
    assert grid.rows.tolist() == [0, 1, 2, 3]
    moved = (grid.points - model.mean_) / model.std_
    expected = grid.columns[None, :, None] * np.eye(4)[:, None, :]
    np.testing.assert_allclose(moved, expected, atol=1e-12)
    precision = np.linalg.inv(model.correlation_)
    np.testing.assert_allclose(
        grid.mahalanobis_squared, np.outer(np.diag(precision), grid.columns**2), atol=1e-9
    )


def test_principal_axes_are_those_of_the_whitening(model):
    grid = axis_traversal(n_points=5, extent=2, basis="principal", model=model)
    white = model.transform(grid.points.reshape(-1, 4)).reshape(4, 5, 4)
    expected = grid.columns[None, :, None] * np.eye(4)[:, None, :]
    np.testing.assert_allclose(white, expected, atol=1e-9)
    np.testing.assert_allclose(grid.mahalanobis_squared, [grid.columns**2] * 4, atol=1e-9)
    spread = [np.linalg.norm((row[-1] - row[0]) / model.std_) for row in grid.points]
    assert spread == sorted(spread, reverse=True)


def test_blocks_move_together(model):
    grid = axis_traversal([1.0] * 4, [(0, 2), 3, [1]], n_points=3, extent=1, model=model)
    std = model.std_
    expected = [[1 + std[0], 1, 1 + std[2], 1], [1, 1, 1, 1 + std[3]], [1, 1 + std[1], 1, 1]]
    np.testing.assert_allclose(grid.points[:, 2], expected)
    assert grid.rows.tolist() == [(0, 2), 3, (1,)]
    principal = find_move(model, (0, 1), "principal")
    each = [find_move(model, k, "principal") for k in (0, 1)]
    np.testing.assert_allclose(principal, sum(each))


def test_a_direction_is_measured_by_projections(model, points, rng):
    direction = rng.normal(size=4)
    move = find_move(model, direction)
    unit = direction / np.linalg.norm(direction)
    np.testing.assert_allclose(move, (points @ unit).std() * unit)
    np.testing.assert_allclose(find_move(model, 7.0 * np.eye(4)[2]), find_move(model, 2))
    grid = axis_traversal(axes=[direction], n_points=3, extent=1, model=model)
    np.testing.assert_allclose(grid.points[0, 2], model.mean_ + move)


def test_a_plane_has_its_centre_in_the_middle(model):
    grid = plane_grid([0.0, 1.0, 2.0, 3.0], (1, (0, 3)), n_points=5, extent=2, model=model)
    assert grid.points.shape == (5, 5, 4)
    np.testing.assert_allclose(grid.points[2, 2], [0, 1, 2, 3])
    across, up = find_move(model, 1), find_move(model, (0, 3))
    np.testing.assert_allclose(grid.points[2, 3] - grid.points[2, 2], across)
    np.testing.assert_allclose(grid.points[4, 2] - grid.points[2, 2], 2 * up)
    np.testing.assert_allclose(
        grid.mahalanobis_squared[0], model.mahalanobis_squared(grid.points[0])
    )
    principal = plane_grid(axes=(0, 2), n_points=3, extent=1, basis="principal", model=model)
    np.testing.assert_allclose(
        principal.mahalanobis_squared, [[2, 1, 2], [1, 0, 1], [2, 1, 2]], atol=1e-9
    )
    assert principal.density_percentile[1, 1] == 100


def test_dead_components_do_not_move(rng):
    Z = rng.normal(size=(100, 3)) * [1, 2, 0]
    model = LatentGaussianModel().fit(Z)
    assert axis_traversal(model=model).rows.tolist() == [0, 1]
    assert axis_traversal(model=model, basis="principal").rows.tolist() == [0, 1]
    with pytest.raises(ValueError, match="axes must be components that vary; got 2"):
        axis_traversal(axes=[0, 2], model=model)
    with pytest.raises(ValueError, match="a direction of axes must be one along which the model"):
        axis_traversal(axes=[[0.0, 0.0, 1.0]], model=model)


def test_points_move_along_a_direction(model, points):
    direction = np.array([3.0, 0.0, 4.0, 0.0])
    by_length = move_along(points[:2], direction, [0, 0.5, 1], unit="direction")
    np.testing.assert_allclose(by_length.points[:, 0], points[:2])
    np.testing.assert_allclose(by_length.points[:, 2], points[:2] + direction)
    assert by_length.mahalanobis_squared is None
    by_sigma = move_along(points[:2], direction, model=model)
    np.testing.assert_array_equal(by_sigma.columns, np.arange(-3, 4))
    np.testing.assert_allclose(by_sigma.points[:, 3], points[:2])
    step = by_sigma.points[0, 5] - by_sigma.points[0, 4]
    np.testing.assert_allclose(step, (points @ direction / 5).std() * direction / 5)


def test_images_are_moved(pipeline, digits):
    edited = move_along(digits[:2], [1.0, 0.0, 0.0], [-1, 0, 1], pipeline=pipeline)
    images = edited.decode()
    assert images.shape == (2, 3, 8, 8)
    np.testing.assert_allclose(images[:, 1], pipeline.reconstruct(digits[:2]), atol=1e-4)
    grid = plane_grid(digits[0], n_points=3, pipeline=pipeline)
    np.testing.assert_allclose(grid.decode()[1, 1], images[0, 1], atol=1e-4)
    traversal = axis_traversal(pipeline=pipeline, n_points=3)
    middle = pipeline[:-1].inverse_transform(pipeline[-1].mean_[None])[0]
    np.testing.assert_allclose(traversal.decode()[:, 1], [middle] * 3, atol=1e-4)
    assert repr(traversal) == "grid with 3 rows and 3 columns of points with 3 components"
    ranked = plane_grid(n_points=3, pipeline=pipeline, reference=digits)
    assert ranked.density_percentile.shape == (3, 3)
    assert ranked.density_percentile[1, 1] > 95


def test_a_row_is_a_straight_path(model):
    grid = axis_traversal(axes=[2], n_points=5, model=model)
    path = linear_path(grid.points[0, [0, -1]], 5, model=model)
    np.testing.assert_allclose(grid.points[0], path.points)
    np.testing.assert_allclose(grid.density_percentile[0], path.density_percentile)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"axes": (0,)}, ValueError, "axes must be two; got 1"),
        ({"axes": (1, 1)}, ValueError, "axes must span a plane"),
        ({"axes": ([1.0, 0, 0, 0], 0)}, ValueError, "axes must span a plane"),
        ({"axes": (0, 4)}, ValueError, "axes must hold different indices from 0 to 3, of comp"),
        ({"axes": (0, -1)}, ValueError, "axes must hold different indices"),
        ({"axes": (0, (1, 1))}, ValueError, "axes must hold different indices"),
        ({"axes": (0, ())}, ValueError, "a direction of axes must hold 4 finite numbers"),
        ({"axes": (0, 0.5)}, TypeError, "axes must hold indices, sequences of indices"),
        ({"axes": (0, "b")}, TypeError, "axes must hold numbers"),
        ({"axes": (0, [1.0, 2.0])}, ValueError, "a direction of axes must hold 4 finite"),
        ({"axes": 3}, TypeError, "axes must be a sequence of axes; got 3"),
        ({"axes": ()}, ValueError, "axes must hold at least one axis"),
        ({"extent": 0}, ValueError, "extent must be a number above 0"),
        ({"n_points": 1}, ValueError, "n_points must be an integer of at least 2"),
        ({"basis": "pca"}, ValueError, "basis must be one of 'components', 'principal'; got 'pca'"),
        ({"center": [0.0] * 3}, ValueError, "center must have 4 components"),
        ({"center": [[0.0] * 4]}, ValueError, "center must be latent points"),
        ({"model": None}, TypeError, "model must be a LatentGaussianModel for plane_grid; got No"),
    ],
)
def test_errors_name_the_parameter(model, arguments, error, message):
    with pytest.raises(error, match=message):
        plane_grid(**({"model": model} | arguments))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"direction": [1.0, 2.0]}, ValueError, "direction must hold 4 finite numbers, not all 0"),
        ({"direction": [0.0] * 4}, ValueError, "direction must hold 4 finite numbers, not all 0"),
        ({"distances": []}, ValueError, "distances must be finite numbers of shape"),
        ({"distances": 2.0}, ValueError, "distances must be finite numbers of shape"),
        ({"distances": [np.inf]}, ValueError, "distances must be finite numbers of shape"),
        ({"unit": "std"}, ValueError, "unit must be one of 'sigma', 'direction'"),
        ({"model": None}, TypeError, "for move_along with unit"),
    ],
)
def test_errors_of_moves_name_the_parameter(model, points, arguments, error, message):
    with pytest.raises(error, match=message):
        move_along(points, **({"direction": [1.0, 0, 0, 0], "model": model} | arguments))


def test_a_mixture_gives_no_sigma_but_measures(points):
    mixture = GaussianMixture(2, random_state=0).fit(points)
    with pytest.raises(TypeError, match="got a GaussianMixture"):
        axis_traversal(model=mixture)
    moved = move_along(
        points[:1], [1.0, 0, 0, 0], [0, 1], unit="direction", model=mixture, reference=points
    )
    expected = 100 * np.mean(mixture.score_samples(points) <= mixture.score_samples(points[:1]))
    assert moved.density_percentile[0, 0] == pytest.approx(expected)
