"""The one-standard-error rule, and the table of scores by dimension."""

import numpy as np
import pytest

from sklatent._search.results import (
    DimensionResults,
    describe_choice,
    one_standard_error_choice,
    standard_errors,
)


def results(dims, densities, scores, criterion="neg_frechet", **more):
    scores = {criterion: np.array(scores, dtype=float)}
    _, chosen = one_standard_error_choice(dims, scores[criterion])
    times = np.ones_like(scores[criterion])
    return DimensionResults(
        *(np.array(dims), tuple(densities), scores, {criterion: np.array([-0.5, -0.7])}),
        *(times, 2 * times, criterion, chosen),
        **more,
    )


def test_standard_error_of_a_mean_of_folds():
    """Of 1, 2, 3 the standard deviation is 1."""
    np.testing.assert_allclose(standard_errors(np.array([[1.0, 2, 3]])), 1 / np.sqrt(3))


TABLES = {
    # Best mean -3 with standard error 1: -4 is just within it, -4.1 is not.
    "on the bound": ([2, 4, 8], [[-4.1, -4.1], [-4, -4], [-2, -4]], 2, 1),
    "none within": ([2, 4, 8], [[-9, -9], [-5, -5], [-2, -4]], 2, 2),
    "smallest is best": ([2, 4], [[-1, -2], [-1.5, -1.6]], 0, 0),
    "dimensions in any order": ([8, 2, 4], [[-2, -4], [-9, -9], [-3, -3.5]], 0, 2),
    "better density of the smallest": ([2, 2, 4], [[-4, -4], [-3.5, -3.5], [-2, -4]], 2, 1),
    "no error": ([2, 4], [[-2, -2], [-1, -1]], 1, 1),
}


@pytest.mark.parametrize(("dims", "scores", "best", "chosen"), TABLES.values(), ids=TABLES)
def test_one_standard_error_rule(dims, scores, best, chosen):
    assert one_standard_error_choice(dims, scores) == (best, chosen)


def test_reasons_carry_the_figures():
    found = results([2, 4, 8], "aba", [[-9, -9], [-4, -4], [-2, -4]])
    assert describe_choice(found) == (
        "4 components with b (Frechet 4.0) is the smallest dimension within one standard error, "
        "1.0, of the best, 8 components with a (Frechet 3.0)."
    )
    largest = describe_choice(results([2, 8], "ab", [[-9, -9], [-2, -4]]))
    assert largest.startswith("8 components with b (Frechet 3.0) score best, and no smaller")
    assert largest.endswith("It is the largest that was tried: a larger one may be better.")
    assert "0.0" in describe_choice(results([2, 4], "ab", [[-2, -2], [-1, -1]]))


def test_columns_and_frame():
    found = results([2, 4], "ab", [[-9, -7], [-2, -4]])
    columns = found.to_dict()
    np.testing.assert_allclose(columns["mean_neg_frechet"], [-8, -3])
    np.testing.assert_allclose(columns["standard_error_neg_frechet"], [1, 1])
    np.testing.assert_array_equal(columns["chosen"], [False, True])
    np.testing.assert_array_equal(columns["mean_density_time"], [2, 2])
    frame = found.to_frame()
    assert frame.index.name == "row"
    assert list(frame.density) == ["a", "b"]


def test_printed_table_shows_errors_as_positive_and_marks_the_choice():
    text = str(results([2, 4], ["gaussian", "mixture"], [[-9, -7], [-2, -4]]))
    lines = text.splitlines()
    assert lines[0].startswith("2 latent dimensions, 2 densities, 2 folds")
    assert lines[3].split() == ["2", "gaussian", "8.00", "1.000", "1.0", "2.0"]
    assert lines[4].split() == ["*", "4", "mixture", "3.00", "1.000", "1.0", "2.0"]
    assert lines[-1] == "Training images in place of samples: Frechet 0.60"


def test_errors_of_pca_and_the_linear_path_are_columns():
    pca = np.array([[0.04, 0.06], [0.02, 0.04]])
    scores = [[-0.01, -0.03], [-0.011, -0.013]]
    found = results([2, 4], "ab", scores, "neg_mse", pca_errors=pca, linear_path=False)
    columns = found.to_dict()
    np.testing.assert_allclose(columns["mean_pca_error"], [0.05, 0.03])
    np.testing.assert_allclose(columns["standard_error_pca_error"], [0.01, 0.01])
    np.testing.assert_array_equal(columns["linear_path"], [False, False])
    head, *rows = str(found).splitlines()[2:5]
    assert "MSE       +-  PCA MSE  linear path" in head
    assert rows[0].split()[2:6] == ["0.0200", "0.01000", "0.0500", "no"]
    assert rows[1].split()[3:7] == ["0.0120", "0.00100", "0.0300", "no"]


def test_what_is_not_known_is_no_column():
    found = results([2, 4], "ab", [[-9, -7], [-2, -4]])
    assert not {"mean_pca_error", "linear_path"} & set(found.to_dict())
    assert "PCA" not in str(found)
    assert "linear" not in str(found)
