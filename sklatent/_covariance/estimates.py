"""Where a covariance is estimated: `estimate_covariance`, and the table of ways.

An estimate takes the moments of all points and, where it is not made of moments alone,
the points themselves.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.covariance import MinCovDet

from sklatent._typing import Covariance, Fittable, FloatArray, RandomState
from sklatent._validation import check_number

from .moments import Moments, covariance_matrix
from .support import make_normal, unwhiten, whiten
from .truncated import core_factor, find_core, masked_moments

__all__ = ["COVARIANCES", "Estimate", "check_covariance", "estimate_covariance", "needs_points"]

# A half whose narrowest direction is this much flatter than all points' has collapsed.
COLLAPSED = 1e-10


class Estimate(NamedTuple):
    """Mean (d,) and covariance (d, d) of a normal distribution, and how they were found."""

    mean: FloatArray
    covariance: FloatArray
    # Weight, in [0, 1], of the multiple of the identity towards which it is drawn.
    shrinkage: float = 0.0
    # Share of the points, in (0, 1], inside the ellipsoid of the cut-off normal.
    core_share: float = 1.0
    # Fitted, where the estimate came from one.
    estimator: Any = None


def estimate_covariance(
    covariance: Covariance,
    moments: Moments,
    X: FloatArray | None = None,
    *,
    core_coverage: float | None = None,
    random_state: RandomState = None,
) -> Estimate:
    """Estimate mean and covariance in the way that `covariance` names.

    `X` holds the points (n, d), or is None where they are no longer at hand; they are cut off
    to an ellipsoid of the probability `core_coverage`, if there is one.
    """
    check_covariance(covariance)
    if core_coverage is not None:
        check_number("core_coverage", core_coverage, low=0, high=1, open_low=True, open_high=True)
        if covariance == "min_cov_det" or isinstance(covariance, MinCovDet):
            raise ValueError(
                f"core_coverage must be None with covariance={covariance!r}, which is fitted to "
                f"a core of its own; got {core_coverage!r}."
            )
    if X is None and (reason := needs_points(covariance, core_coverage)):
        raise ValueError(reason)
    if core_coverage is not None:
        return _estimate_core(covariance, moments, X, core_coverage)
    return _estimate_all(covariance, moments, X, random_state)


def _estimate_all(
    covariance: Covariance, moments: Moments, X: Any, random_state: RandomState = None
) -> Estimate:
    if not isinstance(covariance, str):
        return _from_instance(covariance, X)
    if covariance == "min_cov_det":
        return min_cov_det(moments, X, random_state)
    return COVARIANCES[covariance](moments)


def _estimate_core(
    covariance: Covariance, moments: Moments, X: Any, core_coverage: float
) -> Estimate:
    """Return the estimate from the core, corrected for what was cut off."""
    everything = empirical(moments)
    normal = make_normal(everything.mean, everything.covariance, moments.eps)
    if normal.rank == 0:
        return _estimate_all(covariance, moments, X)
    _warn_of_few("core_coverage", core_coverage, 10, moments.n_samples, normal.rank)
    core = find_core(X, normal, core_coverage)
    inner = masked_moments(X, core)
    assert inner is not None, "a core holds more points than dimensions"
    found = _estimate_all(covariance, inner, X[core] if not isinstance(covariance, str) else None)
    factor = core_factor(core_coverage, normal.rank)
    return found._replace(
        covariance=found.covariance / factor, core_share=inner.n_samples / moments.n_samples
    )


def empirical(moments: Moments) -> Estimate:
    """Return mean and maximum-likelihood covariance: the scatter matrix divided by n."""
    return Estimate(moments.mean, covariance_matrix(moments))


def ledoit_wolf(moments: Moments) -> Estimate:
    r"""Return the covariance shrunk by the rule of Ledoit and Wolf.

    With the empirical covariance S and :math:`\mu = tr S / d`, it is
    :math:`(1 - \rho) S + \rho \mu I`, where :math:`\rho = \min(1, b^2 / \delta^2)`,
    :math:`\delta^2 = \|S - \mu I\|_F^2` and
    :math:`b^2 = \frac{1}{n^2} \sum_i \|x_i x_i^T - S\|_F^2` over centred points [1]_. The last
    sum is :math:`\sum_i \|x_i\|^4 - n \|S\|_F^2`: moments suffice.

    References
    ----------
    .. [1] O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional covariance
       matrices", Journal of Multivariate Analysis 88(2), 365-411, 2004.
    """
    if not np.isfinite(moments.fourth):
        raise ValueError(
            "X must hold values whose fourth powers float64 can hold for "
            "covariance='ledoit_wolf'; got larger ones."
        )
    covariance = covariance_matrix(moments)
    mu, n = np.trace(covariance) / len(covariance), moments.n_samples
    if len(covariance) == 1 or mu == 0:
        return Estimate(moments.mean, covariance)
    unit = covariance / mu
    delta = np.square(unit - np.eye(len(unit))).sum()
    beta = (moments.fourth / mu / mu / n - np.square(unit).sum()) / n
    # Rounding can leave a sum of squares below zero.
    shrinkage = 0.0 if beta <= 0 else 1.0 if beta >= delta else beta / delta
    return _shrink(moments.mean, covariance, mu, shrinkage)


def oas(moments: Moments) -> Estimate:
    r"""Return the covariance shrunk by the oracle approximation for normal points.

    It is :math:`(1 - \rho) S + \rho \mu I` with :math:`\mu = tr S / d` and
    :math:`\rho = \min(1, (a + \mu^2) / ((n + 1) (a - \mu^2 / d)))`, where a is the mean
    of the squared elements of S: equation 23 of [1]_ without its terms in 2 / d, as
    scikit-learn has it.

    References
    ----------
    .. [1] Y. Chen, A. Wiesel, Y. C. Eldar, A. O. Hero, "Shrinkage algorithms for MMSE covariance
       estimation", IEEE Transactions on Signal Processing 58(10), 5016-5029, 2010,
       arXiv:0907.4698.
    """
    covariance = covariance_matrix(moments)
    d, mu = len(covariance), np.trace(covariance) / len(covariance)
    if d == 1 or mu == 0:
        return Estimate(moments.mean, covariance)
    power = np.square(covariance / mu).mean()
    excess = (moments.n_samples + 1) * (power - 1 / d)
    shrinkage = 1.0 if power + 1 >= excess else (power + 1) / excess
    return _shrink(moments.mean, covariance, mu, shrinkage)


def _shrink(mean: FloatArray, covariance: FloatArray, mu: float, shrinkage: float) -> Estimate:
    shrunk = (1 - shrinkage) * covariance + shrinkage * mu * np.eye(len(covariance))
    return Estimate(mean, shrunk, float(shrinkage))


# From moments, and so from streamed points too; "min_cov_det" and instances of estimators
# need all points at once.
COVARIANCES = {"empirical": empirical, "ledoit_wolf": ledoit_wolf, "oas": oas}


def min_cov_det(moments: Moments, X: FloatArray, random_state: RandomState = None) -> Estimate:
    """Return the reweighted minimum covariance determinant estimate, by FastMCD [1]_.

    It is `sklearn.covariance.MinCovDet` in whitened coordinates of the support of all
    points (n, d), and taken back: the method is affine equivariant, so that this changes nothing
    at full rank but for rounding, and degenerate directions stay degenerate.

    References
    ----------
    .. [1] P. J. Rousseeuw, K. Van Driessen, "A fast algorithm for the minimum covariance
       determinant estimator", Technometrics 41(3), 212-223, 1999.
    """
    everything = empirical(moments)
    normal = make_normal(everything.mean, everything.covariance, moments.eps)
    n, rank = moments.n_samples, normal.rank
    if rank == 0:
        return everything
    if n < 2 * rank:
        raise ValueError(
            f"covariance='min_cov_det' needs at least twice as many points as the {rank} "
            f"dimensions in which X varies; got n_samples={n}."
        )
    _warn_of_few("covariance", "min_cov_det", 5, n, rank)
    robust = MinCovDet(random_state=random_state)
    _fit_quietly(robust, whiten(X, normal))
    mean = unwhiten(robust.location_[None], normal)[0]
    covariance = normal.coloring.T @ robust.covariance_ @ normal.coloring
    return Estimate(mean, _symmetric(covariance), estimator=robust)


def _warn_of_few(name: str, value: object, wanted: int, n: int, rank: int) -> None:
    if n < wanted * rank:
        warnings.warn(
            f"{name}={value!r} is unreliable below {wanted} points per dimension; got "
            f"n_samples={n} in {rank} dimensions.",
            UserWarning,
            stacklevel=2,
        )


def _fit_quietly(robust: MinCovDet, white: FloatArray) -> None:
    """Fit, with one error of ours for all that scikit-learn says of a collapsed half."""
    message = (
        "covariance='min_cov_det' found more than half of the points of X on a subspace of that "
        "of all points, where their determinant is 0; use another covariance, such as "
        "'ledoit_wolf', or drop the components that are mostly constant."
    )
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            robust.fit(white)
    except (ValueError, FloatingPointError) as error:
        raise ValueError(message) from error
    for matrix in (robust.raw_covariance_, robust.covariance_):
        if not np.isfinite(matrix).all() or np.linalg.eigvalsh(matrix)[0] < COLLAPSED:
            raise ValueError(message)


def _from_instance(covariance: Fittable, X: FloatArray) -> Estimate:
    """Fit a clone of a scikit-learn estimator to the points in float64."""
    estimator: Any = clone(covariance)
    try:
        estimator.fit(np.asarray(X, dtype=np.float64))
    except ValueError as error:
        raise ValueError(f"covariance={covariance!r} could not be fitted: {error}") from error
    missing = [name for name in ("location_", "covariance_") if not hasattr(estimator, name)]
    if missing:
        raise ValueError(
            f"covariance must be an estimator whose fit sets location_ and covariance_; got "
            f"{covariance!r}, which sets no {' and no '.join(missing)}."
        )
    mean = np.array(estimator.location_, dtype=np.float64)
    matrix = _symmetric(np.asarray(estimator.covariance_, dtype=np.float64))
    d = X.shape[1]
    if mean.shape != (d,) or matrix.shape != (d, d) or not np.isfinite(matrix).all():
        raise ValueError(
            f"covariance={covariance!r} must give a location of shape ({d},) and a finite "
            f"covariance of shape ({d}, {d}); got shapes {mean.shape} and {matrix.shape}."
        )
    return Estimate(mean, matrix, estimator=estimator)


def _symmetric(matrix: FloatArray) -> FloatArray:
    return (matrix + matrix.T) / 2


def check_covariance(covariance: object) -> None:
    """Raise a ValueError unless it is a name of the table or an estimator's instance."""
    names = (*COVARIANCES, "min_cov_det")
    if isinstance(covariance, str) and covariance in names:
        return
    duck = hasattr(covariance, "fit") and hasattr(covariance, "get_params")
    if isinstance(covariance, str | type) or not duck:
        allowed = ", ".join(repr(name) for name in names)
        raise ValueError(
            f"covariance must be one of {allowed}, or an instance of an estimator of "
            f"sklearn.covariance; got {covariance!r}."
        )


def needs_points(covariance: object, core_coverage: float | None = None) -> str:
    """Return why an estimate cannot be made of moments alone, or nothing if it can."""
    if core_coverage is not None:
        what = f"core_coverage={core_coverage!r}"
    elif hasattr(covariance, "fit") or str(covariance) == "min_cov_det":
        what = f"covariance={covariance!r}"
    else:
        return ""
    return (
        f"{what} needs all points at once, which partial_fit and merge do not keep: call fit, "
        "or use covariance 'empirical', 'ledoit_wolf' or 'oas' with core_coverage=None."
    )
