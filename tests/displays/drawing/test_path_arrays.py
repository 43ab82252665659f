"""Paths as arrays, and what records say of them."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from sklatent import LatentGaussianModel
from sklatent.displays._drawing.path_arrays import (
    MEASURES,
    Strips,
    as_strips,
    by_name,
    checked_count,
    checked_paths,
    checked_positions,
    checked_values,
    positions_and_shown,
    with_band,
    with_curves,
)


@pytest.mark.parametrize(
    ("n", "n_shown"), [(2, 2), (13, 13), (17, 9), (19, 10), (21, 11), (31, 11), (30, 9), (33, 9)]
)
def test_by_default_images_lie_evenly_where_they_can(n, n_shown):
    assert checked_count(None, n) == n_shown


def test_a_path_alone_is_called_path():
    assert by_name([1, 2], "points") == {"path": [1, 2]}
    assert by_name({1: "a"}, "points") == {"1": "a"}
    with pytest.raises(ValueError, match="points must hold at least one path; got an empty"):
        by_name({}, "points")


def test_points_of_paths_are_finite_rows():
    paths = checked_paths({"a": [[0, 1], [2, 3]]})
    np.testing.assert_array_equal(paths["a"], [[0, 1], [2, 3]])
    with pytest.raises(ValueError, match=r"points must be of shape \(n, d\) with n >= 2; got"):
        checked_paths([[0.0, 1.0]])


def test_positions_are_even_where_none_are_given():
    positions, shown = positions_and_shown(None, {"a": range(5)}, 3)
    np.testing.assert_array_equal(positions, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_array_equal(shown, [0, 2, 4])
    with pytest.raises(ValueError, match="positions must be finite and increase"):
        checked_positions([0, 0, 1], {"a": range(3)})
    with pytest.raises(ValueError, match="a point for each of 3 positions; 'b' has 2"):
        checked_positions(None, {"a": range(3), "b": range(2)})


def test_values_have_the_names_and_the_length_of_images():
    values = checked_values({"a": [1, 2]}, {"a": None}, 2)
    np.testing.assert_array_equal(values["a"], [1.0, 2.0])
    assert checked_values(None, {"a": None}, 2) is None
    with pytest.raises(ValueError, match=r"values\['a'\] must have shape \(3,\); got \(2,\)"):
        checked_values({"a": [1, 2]}, {"a": None}, 3)


def grid_of(rows):
    return SimpleNamespace(points=np.zeros((len(rows), 2, 3)), rows=np.array(rows), columns=[0, 1])


def test_rows_of_grids_have_names():
    measure = "mahalanobis_squared"
    moved = as_strips(grid_of([4, 7]), None, measure)
    assert list(moved.points) == ["point 4", "point 7"]
    assert moved.position_name == "distance moved"
    along = as_strips(grid_of([-1.5, 2.0]), None, measure)
    assert list(along.points) == ["second axis -1.5", "second axis 2"]
    assert along.position_name == "standard deviations from the centre"
    assert along.values is None
    rows = np.empty(3, dtype=object)
    rows[:] = [1, (0, 2), (0.5, 0.5)]
    mixed = SimpleNamespace(points=np.zeros((3, 2, 3)), rows=rows, columns=[0, 1])
    assert list(as_strips(mixed, None, measure).points) == ["axis 1", "axes 0, 2", "direction"]


def test_curves_need_values_of_all_paths():
    points, positions = np.zeros((2, 3)), [0, 1]
    known = SimpleNamespace(points=points, positions=positions, density_percentile=[5.0, 6.0])
    unknown = SimpleNamespace(points=points, positions=positions)
    strips = as_strips({"a": known}, None, "density_percentile")
    assert strips.values == {"a": [5.0, 6.0]}
    assert strips.value_name == MEASURES["density_percentile"]
    both = {"a": known, "b": unknown}
    assert as_strips(both, None, "density_percentile").values is None


def test_the_band_is_that_of_the_rank(rng):
    points = rng.normal(size=(50, 3))
    model = LatentGaussianModel().fit(np.column_stack([points, points[:, 0]]))
    strips = Strips({"path": np.zeros((2, 4))}, None, "place")
    found = with_curves(strips, model)
    assert found.band == pytest.approx(stats.chi2.interval(0.95, 3))
    np.testing.assert_array_equal(
        found.values["path"], model.mahalanobis_squared(strips.points["path"])
    )
    assert with_curves(strips, None) is strips
    # A decoder alone knows no rank: the number of components stands for it.
    known = strips._replace(values={"path": [0.0, 1.0]})
    banded = with_band(known, "mahalanobis_squared", model)
    assert banded.band == pytest.approx(stats.chi2.interval(0.95, 4))
    assert with_band(known, "density_percentile", model).band is None
