"""Latent points and their classes are taken in as finite arrays of NumPy."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel
from sklatent._points import (
    check_classes,
    check_scale,
    check_squares,
    naming,
    rows_of,
    taken_points,
)
from sklatent._validation import as_labels, as_plain

Z = np.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize("gradient", [False, True])
def test_tensors_become_arrays(gradient):
    tensor = torch.tensor(Z, requires_grad=gradient)
    for taken in (rows_of(tensor, "Z"), taken_points(LatentGaussianModel(), tensor, reset=True)):
        assert type(taken) is np.ndarray
        np.testing.assert_array_equal(taken, Z)
    np.testing.assert_array_equal(as_plain(tensor), Z)
    assert as_plain(Z) is Z


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", ">f8", "bool"])
def test_floats_keep_their_type_and_what_else_there_is_becomes_float64(dtype):
    taken = rows_of(Z.astype(dtype), "Z")
    assert taken.dtype == (dtype if dtype in ("float16", "float32") else np.float64)


def test_number_and_names_of_columns_are_noted():
    model = LatentGaussianModel()
    taken_points(model, pd.DataFrame(Z, columns=["a", "b"]), reset=True)
    assert (model.n_features_in_, model.feature_names_in_.tolist()) == (2, ["a", "b"])
    with pytest.raises(ValueError, match="X must have the components that fit saw: "):
        taken_points(model, pd.DataFrame(Z, columns=["a", "c"]))
    taken_points(model, Z, reset=True)
    assert not hasattr(model, "feature_names_in_")
    with pytest.raises(ValueError, match=r"X has 3 features, but"):
        taken_points(model, np.ones((2, 3)))


@pytest.mark.parametrize(
    "bad",
    [
        [[np.nan, 1.0]],
        [[np.inf, 1.0]],
        np.empty((0, 2)),
        np.empty((2, 0)),
        1.0,
        [1.0, 2.0],
        np.ones((2, 2, 2)),
        [[1.0], [1.0, 2.0]],
        [["a", "b"]],
        [[1j, 2]],
        sparse.eye(3, format="csr"),
        None,
        {"a": 1},
    ],
)
@pytest.mark.parametrize("name", ["X", "points"])
def test_errors_name_the_parameter(bad, name):
    with pytest.raises((ValueError, TypeError), match=rf"\b{name}\b"):
        rows_of(bad, name)


def test_a_message_is_named_once():
    with pytest.raises(ValueError, match=r"^Z is bad$"), naming("Z"):
        raise ValueError("Z is bad")
    with pytest.raises(TypeError, match=r"^Z must be classes: bad$"), naming("Z", "classes"):
        raise TypeError("bad")


@pytest.mark.parametrize("y", [[0, 1, 1], ["a", "b", "b"], [[0], [1], [1]], [True, False, True]])
def test_classes_come_back_as_they_are(y):
    np.testing.assert_array_equal(check_classes(as_labels(y)), y)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (np.array(["a", None], dtype=object), ValueError, "y must hold a class for each point"),
        (
            [0.0, np.nan],
            ValueError,
            "y must hold a class for each point; got None, NaN or",
        ),
        (np.array(["a", np.nan], dtype=object), ValueError, "y must hold a class for each point"),
        (pd.array([1, None], dtype="Int64"), ValueError, "y must hold a class for each point"),
        (np.array(["a", 1], dtype=object), TypeError, "y must hold classes of one type: "),
        ([[1], [1, 2]], ValueError, "y must hold one label for each row: setting an array"),
    ],
)
def test_classes_that_are_missing_or_do_not_compare(y, error, message):
    with pytest.raises(error, match=message):
        check_classes(as_labels(y))


@pytest.mark.parametrize("value", [1e-70, 1e-3, 5, 1e70])
def test_scales(value):
    assert check_scale("width", value) == value


@pytest.mark.parametrize("value", [0, -1.0, np.nan, np.inf, 1e-71, 1e71])
def test_scales_without_squares(value):
    with pytest.raises(ValueError, match="width must be a number"):
        check_scale("width", value)


def test_values_without_squares():
    assert check_squares(Z, "Z") is Z
    with pytest.raises(ValueError, match="Z must hold values whose squares float64 can hold"):
        check_squares(Z * 1e150, "Z")


def test_points_come_back_in_their_own_type_where_it_is_one_of_floats():
    for dtype in (np.float16, np.float32, np.float64):
        points = np.arange(6, dtype=dtype).reshape(3, 2)
        assert rows_of(points, "Z") is points
        assert taken_points(PCA(), points, reset=True).dtype == dtype
    assert rows_of([[1, 2]], "Z").dtype == np.float64
    assert rows_of([[1, 2]], "Z", dtype=np.float32).dtype == np.float32
    assert rows_of(np.empty((2, 0)), "Z", ensure_min_features=0).shape == (2, 0)


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        ([["1", "2"]], TypeError, "Z must hold numbers; got dtype <U1"),
        (np.array([[1, b"2"]], object), TypeError, "Z must hold numbers; .* object with a bytes"),
        ([[1.0, 2.0], [3.0]], ValueError, "Z must be an array of points"),
        ([1.0, 2.0], ValueError, "Z must be a two-dimensional array of finite numbers: Expected"),
        ([[np.nan]], ValueError, "Input Z contains NaN"),
        (np.empty((0, 2)), ValueError, "Z must be a two-dimensional .* 0 sample"),
        ([[1.0, np.ma.masked]], ValueError, "Z must have no masked values"),
    ],
)
def test_points_that_do_not_pass(points, error, message):
    with pytest.raises(error, match=message):
        rows_of(points, "Z")


def test_points_of_another_width_than_in_fit():
    pca = PCA(2).fit(np.eye(3))
    with pytest.raises(ValueError, match="X has 2 features, but PCA is expecting 3"):
        taken_points(pca, np.eye(2))


def test_messages_get_the_name_that_they_lack():
    with pytest.raises(TypeError, match=r"Z must be a two-dimensional .*: no text"), naming("Z"):
        raise TypeError("no text")
    for said in ("Z is bad", "Z, and y, are bad"):
        with pytest.raises(ValueError, match=f"^{said}$"), naming("Z"):
            raise ValueError(said)
    with pytest.raises(ValueError, match=r"Z must have the .*: The feature"), naming("Z"):
        raise ValueError("The feature names should match")
