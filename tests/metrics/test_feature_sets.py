"""Sets of features that do not fit are refused by name."""

import numpy as np
import pytest

from sklatent import metrics

TWO_SETS = [
    metrics.frechet_distance,
    metrics.extrapolated_frechet_distance,
    metrics.kernel_distance,
    metrics.precision_recall,
    metrics.density_coverage,
    metrics.two_sample_auc,
]
BAD = {
    "width": (np.ones((50, 3)), ValueError, "must have as many columns; got .* 2, .* 3"),
    "images": (np.ones((50, 2, 2)), ValueError, r"features of shape \(n, d\); got shape"),
    "NaN": (np.full((50, 2), np.nan), ValueError, "contains NaN"),
    "words": (np.full((50, 2), "a"), TypeError, "must hold numbers"),
    "empty": (np.ones((0, 2)), ValueError, "0 sample"),
}


@pytest.mark.parametrize("function", TWO_SETS)
@pytest.mark.parametrize(("other", "error", "message"), BAD.values(), ids=BAD)
def test_refused(rng, function, other, error, message):
    X = rng.normal(size=(50, 2))
    with pytest.raises(error, match=message):
        function(X, other)


def test_three_sets_are_named(rng):
    X = rng.normal(size=(5, 2))
    with pytest.raises(ValueError, match=r"train 2, held_out 2, generated 1"):
        metrics.copy_check(X, X, X[:, :1])


@pytest.mark.parametrize("function", TWO_SETS)
def test_input_is_left_alone(rng, function):
    X, Y = rng.normal(size=(2, 50, 2))
    kept = X.copy(), Y.copy()
    function(X, Y)
    np.testing.assert_array_equal(X, kept[0])
    np.testing.assert_array_equal(Y, kept[1])
