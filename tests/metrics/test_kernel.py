"""The kernel distance against its definition on paper, and its spread in simulations."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from sklatent.metrics import kernel_distance


def test_against_the_whole_matrices_of_scikit_learn(rng):
    X, Y = rng.normal(size=(30, 4)), rng.normal(size=(21, 4)) + 0.3
    xx, yy, xy = (polynomial_kernel(*pair, degree=3, coef0=1) for pair in ((X, X), (Y, Y), (X, Y)))
    within = (xx.sum() - np.trace(xx)) / (30 * 29) + (yy.sum() - np.trace(yy)) / (21 * 20)
    assert kernel_distance(X, Y).value == pytest.approx(within - 2 * xy.mean())


def test_points_of_one_dimension():
    """k(0, 0) = 1, k(1, 1) = 8, k(0, 1) = 1."""
    found = kernel_distance(np.zeros((3, 1)), np.ones((2, 1)))
    assert found.value == pytest.approx(1 + 8 - 2)
    assert found.standard_error == pytest.approx(0, abs=1e-12)


def test_blocks_give_the_same(rng, monkeypatch):
    X, Y = rng.normal(size=(37, 4)), rng.normal(size=(41, 4))
    expected = kernel_distance(X, Y)
    monkeypatch.setattr("sklatent.metrics._kernel._BLOCK_VALUES", 41 * 5)
    np.testing.assert_allclose(kernel_distance(X, Y), expected, rtol=1e-12)
    np.testing.assert_allclose(
        kernel_distance(X.astype(np.float32), Y.astype(np.float32)), expected, rtol=1e-4
    )


@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_no_bias_and_a_true_standard_error(rng, shift):
    found = np.array(
        [
            kernel_distance(rng.normal(size=(100, 5)), rng.normal(size=(150, 5)) + shift)
            for _ in range(300)
        ]
    )
    values, errors = found.T
    # E k(x, y) for x, y normal with means a, b: the moments of a sum of products.
    expected = closed_form(5, shift)
    assert values.mean() == pytest.approx(expected, abs=3 * values.std() / 300**0.5)
    # The standard deviation of 300 values, known to about 10 % with their long tail.
    assert np.sqrt(np.square(errors).mean()) == pytest.approx(values.std(), rel=0.25)
    if shift == 0:
        assert (values < 0).mean() > 0.3


def closed_form(d, shift):
    """Squared discrepancy of N(0, I) and N(shift, I) under (x.y / d + 1)^3.

    It is the sum over p of binomial(3, p) d^-p |M_p - N_p|^2, M_p being the p-th moment tensors.
    """
    m = np.full(d, shift)
    second = np.multiply.outer(m, m)
    eye = np.eye(d)
    third = np.multiply.outer(second, m)
    for axes in ("ij,k->ijk", "ik,j->ijk", "jk,i->ijk"):
        third = third + np.einsum(axes, eye, m)
    return 3 / d * (m @ m) + 3 / d**2 * np.square(second).sum() + np.square(third).sum() / d**3


def test_a_permutation_changes_nothing(rng):
    X, Y = rng.normal(size=(2, 40, 3))
    np.testing.assert_allclose(kernel_distance(X, Y), kernel_distance(Y, X[::-1]), atol=1e-12)
