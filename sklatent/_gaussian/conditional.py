"""Marginal and conditional normal distributions, also of singular ones."""

from collections.abc import Iterable, Mapping
from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from sklatent._covariance.support import ROUNDING, Support, find_support, whiten
from sklatent._normality.model_fit import fitted_moments
from sklatent._validation import check_number

from .component_names import replace_names

__all__ = ["ConditionalMixin", "condition"]

# Values are often given in single precision, whatever the model was fitted to.
GIVEN_EPS = float(np.finfo(np.float32).eps)


def condition(mean, support: Support, part: Support, given, values):
    r"""Return mean and covariance of the other components where some have given values.

    With B the given components and A the others, they are
    :math:`\mu_A + \Sigma_{AB} \Sigma_{BB}^+ (z_B - \mu_B)` and the Schur complement
    :math:`\Sigma_{AA} - \Sigma_{AB} \Sigma_{BB}^+ \Sigma_{BA}` [1]_. Nothing is
    subtracted from a covariance: with :math:`\Sigma = C^T C`, the Schur complement is
    :math:`R^T R`, where R is what of the columns :math:`C_A` is orthogonal to :math:`C_B`.
    So it is positive semi-definite, and a component that the given ones
    determine loses its variance to rounding.

    Parameters
    ----------
    mean : ndarray of shape (d,)
        Mean of all components, in latent units.
    support : Support
        Of all components, with coloring matrix C.
    part : Support
        Of the b given components alone.
    given : ndarray of shape (d,), dtype bool
        Which components are given.
    values : ndarray of shape (b,)
        Their values, in latent units, on their support; elsewhere those of its nearest
        point count.

    Returns
    -------
    mean : ndarray of shape (d - b,)
        Conditional mean in latent units.
    covariance : ndarray of shape (d - b, d - b)
        Conditional covariance in squared latent units; it does not depend on `values`.

    References
    ----------
    .. [1] M. L. Eaton, "Multivariate Statistics: A Vector Space Approach", Wiley, 1983,
       proposition 3.13 for singular covariances.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._gaussian.conditional import condition
    >>> from sklatent._covariance.support import find_support
    >>> whole = find_support(np.zeros(2), np.array([[1.0, 0.8], [0.8, 1.0]]))
    >>> part = find_support(np.zeros(1), np.array([[1.0]]))
    >>> mean, covariance = condition(np.zeros(2), whole, part, np.array([True, False]), [2.0])
    >>> mean.round(2), covariance.round(2)
    (array([1.6]), array([[0.36]]))
    """
    rest = support.coloring[:, ~given]
    # Orthonormal up to rounding already; QR makes it so where the block is ill-conditioned.
    basis, triangle = np.linalg.qr(support.coloring[:, given] @ part.whitening)
    white = whiten(np.asarray(values)[None], mean[given], part)[0]
    loadings = basis.T @ rest
    shifted = mean[~given] + np.linalg.solve(triangle.T, white) @ loadings
    residual = rest - basis @ loadings
    residual -= basis @ (basis.T @ residual)
    return shifted, residual.T @ residual


class ConditionalMixin:
    """Methods of `LatentGaussianModel` that return a model of some of its components."""

    mean_: np.ndarray
    covariance_: np.ndarray
    n_features_in_: int
    n_samples_seen_: int
    shrinkage_: float
    core_share_: float
    _support: Support
    _eps: float
    _spread: float

    def marginal(self, components):
        """Return the model of some components, whatever the others are.

        Parameters
        ----------
        components : sequence of int or str
            Indices from 0 to d - 1, or feature names, of the k components to
            keep, in the order wanted; each at most once, and at least one.

        Returns
        -------
        LatentGaussianModel
            A fitted model of k components, with the `n_samples_seen_` and the feature names of
            this one. It holds no moments of points, so `partial_fit` and
            `merge` raise; `fit` starts anew.

        Raises
        ------
        TypeError
            If `components` is no sequence, or holds what is neither index nor name.
        ValueError
            If it is empty, or a component is unknown or comes twice.
        sklearn.exceptions.NotFittedError
            If this model is not fitted.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> model = LatentGaussianModel().fit([[0.0, 5.0, 1.0], [2.0, 5.0, 3.0]])
        >>> model.marginal([2, 0]).mean_
        array([2., 1.])
        """
        check_is_fitted(self)
        if isinstance(components, str | Mapping) or not isinstance(components, Iterable):
            raise TypeError(
                f"components must be a sequence of indices or feature names; got {components!r}."
            )
        chosen = _component_indices("components", components, self)
        covariance = self.covariance_[np.ix_(chosen, chosen)]
        model = self._derive(chosen, self.mean_[chosen], covariance)
        if (moments := fitted_moments(self)) is not None:
            model._part_moments = _part_of_moments(moments, chosen)
        return model

    def conditional(self, given):
        """Return the model of the other components where some have the given values.

        Parameters
        ----------
        given : dict of {int or str: float}
            Values in latent units by component, an index from 0 to d - 1 or a feature
            name. At least one component, and not all.

        Returns
        -------
        LatentGaussianModel
            A fitted model of the remaining components in their order, with the
            `n_samples_seen_` and the feature names of this one. Components that the given
            ones determine do not vary in it. It holds no moments of points, so
            `partial_fit` and `merge` raise; `fit` starts anew.

        Raises
        ------
        TypeError
            If `given` is no mapping, a key neither index nor name, or a value no number.
        ValueError
            If a component is unknown or comes twice, none or all are given, or a value is not
            finite, or the values contradict each other: where the given components
            are dead or combinations of each other, points with such values have
            probability zero. What single precision rounds off is forgiven.
        sklearn.exceptions.NotFittedError
            If this model is not fitted.

        Notes
        -----
        The formulas are those of `condition`: the Schur complement with the pseudo-inverse
        of the given block.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> model = LatentGaussianModel().fit([[0.0, 0.0], [1.0, 1.0], [2.0, 1.0], [3.0, 2.0]])
        >>> rest = model.conditional({0: 3.5})
        >>> rest.mean_, rest.covariance_
        (array([2.2]), array([[0.05]]))
        """
        check_is_fitted(self)
        if not isinstance(given, Mapping):
            raise TypeError(
                "given must be a mapping of components to values, such as {0: 1.5}; got an "
                f"object of type {type(given).__name__}."
            )
        chosen = _component_indices("given", given, self)
        values = np.array(
            [
                check_number(f"given[{key!r}]", value, open_low=True, open_high=True)
                for key, value in given.items()
            ]
        )
        mask = np.zeros(self.n_features_in_, dtype=bool)
        mask[chosen] = True
        if mask.all():
            raise ValueError(
                f"given must leave at least one of the {len(mask)} components; got all of them."
            )
        part = self._part_support(np.flatnonzero(mask))
        values = values[np.argsort(chosen)]
        _check_consistent(values, self.mean_[mask], part, np.flatnonzero(mask))
        mean, covariance = condition(self.mean_, self._support, part, mask, values)
        return self._derive(np.flatnonzero(~mask), mean, covariance)

    def _part_support(self, chosen) -> Support:
        covariance = self.covariance_[np.ix_(chosen, chosen)]
        return find_support(self.mean_[chosen], covariance, self._eps, self._spread)

    def _derive(self, chosen, mean, covariance):
        """Return a model of the chosen components, with the rounding of this one."""
        model = clone(self)
        model.n_features_in_ = len(chosen)
        if hasattr(self, "feature_names_in_"):
            model.feature_names_in_ = self.feature_names_in_[chosen]
        model.n_samples_seen_ = self.n_samples_seen_
        model.shrinkage_, model.core_share_ = self.shrinkage_, self.core_share_
        return model._settle(mean, covariance, self._eps, self._spread)


def _part_of_moments(moments, chosen):
    """Moments of some components; the higher ones, which need all of them, are unknown."""
    scatter, unknown = moments.scatter[np.ix_(chosen, chosen)], np.full(len(chosen), np.nan)
    return moments._replace(
        mean=moments.mean[chosen], scatter=scatter, third=unknown, fourth=float("nan")
    )


def _component_indices(name: str, keys, model):
    """Return the indices of components that are given by index or feature name."""
    names = list(getattr(model, "feature_names_in_", ()))
    chosen = [
        _check_index(name, replace_names(name, key, names), key, model.n_features_in_)
        for key in keys
    ]
    if not chosen:
        raise ValueError(f"{name} must name at least one component; got none.")
    twice = [index for index in chosen if chosen.count(index) > 1]
    if twice:
        raise ValueError(
            f"{name} must name each component at most once; got component {twice[0]} "
            f"{twice.count(twice[0])} times."
        )
    return np.array(chosen)


def _check_index(name: str, index, key, d: int) -> int:
    if isinstance(index, bool | np.bool_) or not isinstance(index, Integral):
        raise TypeError(f"{name} must hold integer indices or feature names; got {key!r}.")
    if not 0 <= int(index) < d:
        raise ValueError(f"{name} must hold indices from 0 to {d - 1}; got {key}.")
    return int(index)


def _check_consistent(values, mean, part: Support, chosen) -> None:
    """Raise a ValueError if the values are off the support by more than rounding."""
    offset = values - mean
    nearest = mean + offset @ part.whitening @ part.coloring
    spread = np.square(offset).sum() + np.square(part.coloring).sum()
    off = np.abs(values - nearest) / np.sqrt(mean**2 + spread).clip(min=np.finfo(np.float64).tiny)
    worst = int(off.argmax())
    if off[worst] > ROUNDING * GIVEN_EPS:
        raise ValueError(
            "given must hold values that can occur together, but its components are dead or "
            f"determine each other: the nearest point that can has {nearest[worst]:.6g} at "
            f"component {chosen[worst]}; got {values[worst]:.6g}."
        )
