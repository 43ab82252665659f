"""Marginal and conditional normal distributions, also of singular ones."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sklatent._covariance.support import ROUNDING, Normal, make_normal, whiten
from sklatent._points import check_squares
from sklatent._typing import BoolArray, FloatArray, IntArray
from sklatent._validation import check_number

__all__ = ["check_values", "condition", "conditional_normal", "marginal_normal"]

# Values are often given in single precision, whatever the model was fitted to.
GIVEN_EPS = float(np.finfo(np.float32).eps)


def marginal_normal(normal: Normal, chosen: IntArray) -> Normal:
    """Return the normal of some components, in this order, with the rounding of the whole."""
    covariance = normal.covariance[np.ix_(chosen, chosen)]
    return make_normal(normal.mean[chosen], covariance, normal.eps, normal.spread)


def conditional_normal(normal: Normal, given: BoolArray, values: FloatArray) -> Normal:
    """Return the normal of the others where components `given` (d,) have `values` (b,)."""
    part = marginal_normal(normal, np.flatnonzero(given))
    _check_consistent(values, part, np.flatnonzero(given))
    mean, covariance = condition(normal, part, given, values)
    return make_normal(mean, covariance, normal.eps, normal.spread)


def condition(
    normal: Normal, part: Normal, given: BoolArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""Return mean (d - b,) and covariance of the others where b components have given values.

    With B the given components, whose normal is `part`, and A the others, they are
    :math:`\mu_A + \Sigma_{AB} \Sigma_{BB}^+ (z_B - \mu_B)` and the Schur complement
    :math:`\Sigma_{AA} - \Sigma_{AB} \Sigma_{BB}^+ \Sigma_{BA}` [1]_. Nothing is
    subtracted from a covariance: with :math:`\Sigma = C^T C`, the Schur complement is
    :math:`R^T R`, where R is what of the columns :math:`C_A` is orthogonal to :math:`C_B`.
    So it is positive semi-definite, and a component that the given ones
    determine loses its variance to rounding. Of values off the support of `part`, those of its
    nearest point count.

    References
    ----------
    .. [1] M. L. Eaton, "Multivariate Statistics: A Vector Space Approach", Wiley, 1983,
       proposition 3.13 for singular covariances.
    """
    rest = normal.coloring[:, ~given]
    # Orthonormal up to rounding already; QR makes it so where the block is ill-conditioned.
    basis, triangle = np.linalg.qr(normal.coloring[:, given] @ part.whitening)
    white = whiten(values[None], part)[0]
    loadings = basis.T @ rest
    shifted = normal.mean[~given] + np.linalg.solve(triangle.T, white) @ loadings
    residual = rest - basis @ loadings
    residual -= basis @ (basis.T @ residual)
    return shifted, residual.T @ residual


def check_values(given: Mapping[Any, float]) -> FloatArray:
    """Return the finite values (b,) of a mapping of components to values."""
    checked = [
        check_number(f"given[{key!r}]", value, open_low=True, open_high=True)
        for key, value in given.items()
    ]
    return check_squares(np.array(checked, dtype=np.float64), "given")


def _check_consistent(values: FloatArray, part: Normal, chosen: IntArray) -> None:
    """Raise a ValueError if the values are off the support by more than rounding."""
    offset = values - part.mean
    nearest = part.mean + offset @ part.whitening @ part.coloring
    spread = np.square(offset).sum() + np.square(part.coloring).sum()
    scale = np.sqrt(part.mean**2 + spread).clip(min=np.finfo(np.float64).tiny)
    off = np.abs(values - nearest) / scale
    worst = int(off.argmax())
    if off[worst] > ROUNDING * GIVEN_EPS:
        raise ValueError(
            "given must hold values that can occur together, but its components are dead or "
            f"determine each other: the nearest point that can has {nearest[worst]:.6g} at "
            f"component {chosen[worst]}; got {values[worst]:.6g}."
        )
