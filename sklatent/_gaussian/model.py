"""A multivariate normal distribution fitted to latent points."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from scipy import stats
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from sklatent._covariance.estimates import estimate_covariance, needs_points
from sklatent._covariance.moments import Moments, compute_moments, merge_moments, select_moments
from sklatent._covariance.support import (
    Normal,
    distance_to_support,
    draw_points,
    log_density,
    mahalanobis_squared,
    make_normal,
    unwhiten,
    whiten,
)
from sklatent._normality.build import build_report
from sklatent._normality.frame import Settings, own_frame
from sklatent._normality.report import NormalityReport
from sklatent._points import check_squares, rows_of, taken_points
from sklatent._random import check_seed, make_generator, subsample
from sklatent._typing import (
    AnyArray,
    ArrayLike,
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    Covariance,
    FloatArray,
    IntArray,
    OutlierMixin,
    RandomState,
    Self,
    TransformerMixin,
    available_if,
)
from sklatent._validation import (
    check_choice,
    check_n_samples,
    check_number,
    keep_state_on_error,
)

from .component_names import check_components, check_pair, check_pairs
from .components import ComponentFits, fit_components
from .conditional import check_values, conditional_normal, marginal_normal
from .contours import DensityContours, check_coverages, density_contours
from .correlations import CorrelatedPairs, correlated_pairs
from .ellipse_geometry import ellipse_n_std
from .ellipses import ConfidenceEllipses, build_ellipses
from .intervals import interval_n_std, normal_intervals

__all__ = ["LatentGaussianModel"]


def _is_made_of_moments(model: Any) -> bool:
    reason = needs_points(model.covariance, model.core_coverage)
    if reason:
        raise AttributeError(f"partial_fit is not available: {reason}")
    return True


class LatentGaussianModel(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, OutlierMixin, BaseEstimator
):
    r"""Multivariate normal distribution of latent points.

    A density to sample from and score with, a transformer that whitens, and a
    detector of points outside an ellipsoid. Fitting a density to the latent points of a
    trained autoencoder is ex-post density estimation [1]_.

    Where components are dead, constant or combinations of others, or points are no more
    than components, the covariance has rank r < d and the distribution lives on its
    support, an affine subspace of dimension r. `sample` stays on it, and distances and
    densities are those of a point's projection onto it. A strict density would be zero, minus
    infinity in nats, for every held-out point of a model fitted to n <= d points, and
    could rank none of them; `support_distance` says how far off the support a point lies.

    Parameters
    ----------
    covariance : str or estimator, default="empirical"
        Estimate of mean and covariance, by name or as an instance.

        - "empirical": maximum likelihood, which divides by n, not n - 1, as scikit-learn's
          `EmpiricalCovariance` does.
        - "ledoit_wolf" and "oas": shrunk towards a multiple of the identity, of full
          rank also where components are dead; useful for n below about 10 d.
        - "min_cov_det": robust, `sklearn.covariance.MinCovDet` on the support. Wants
          n > 5 d, is an error below 2 d, and slow: some 20 s at 20,000 x 50.
        - an instance of an estimator of `sklearn.covariance`, or one that sets
          `location_` and `covariance_` in `fit`. A clone of it is fitted to
          the points in float64; the instance stays as it is.

        The first three are made of moments, and so work with `partial_fit` and `merge`. The
        others need all points at once: `partial_fit` does not exist, and `merge` raises.
    coverage : float, default=0.95
        Probability, in (0, 1), that the distribution gives to the ellipsoid
        inside which `predict` returns +1. One minus it is the share of outliers
        expected among normal points, called contamination elsewhere.
    core_coverage : float or None, default=None
        Probability p, in (0, 1), of the ellipsoid to which points are cut off before mean and
        covariance are estimated; None takes all points. The covariance S of the core is
        corrected for what was cut off [2]_:
        :math:`\Sigma = S F_r(D^2) / F_{r+2}(D^2)`, with the distribution functions of
        chi-squared and :math:`F_r(D^2) = p`. The core is a fixed point of this, found from a
        robust start. So outliers far from all others, up to some 30 % of the points, lose all
        influence, and normal points give the same as without, but for sampling errors.
        Sensible values are 0.8 to 0.99; in few dimensions a smaller core says little about
        the scale. Points of lighter tails than normal may all lie inside. With
        few points variances come out too small, at d = 20 by 3 % for n = 50 d and by a sixth
        for n = 10 d.
        It needs all points at once, passes over them some 10 to 40 times, and does not go
        with "min_cov_det", which has a core of its own.
    random_state : int, RandomState instance or None, default=None
        Seeds the search of "min_cov_det"; nothing else in `fit` is random.

    Attributes
    ----------
    mean_ : ndarray of shape (d,)
        Mean, in latent units.
    covariance_ : ndarray of shape (d, d)
        Covariance, in squared latent units.
    std_ : ndarray of shape (d,)
        Standard deviations, in latent units: square roots of the diagonal of `covariance_`.
    correlation_ : ndarray of shape (d, d)
        Pearson correlations in [-1, 1]. A component that does not vary has 0
        with the others and 1 with itself.
    rank_ : int
        Dimension of the support, 0 for a single point. Directions whose spread is explained
        by rounding in the type of `X` do not count: components of very different scales,
        a million apart in float32, are told apart only if cast to float64 before.
    offset_ : float
        Log-density, in nats, on the ellipsoid's surface.
    normal_ : Normal
        The distribution as one record: mean, covariance, the maps to and from whitened
        coordinates, and which components vary.
    moments_ : Moments or None
        Number, mean and scatter matrix of the points in the estimate, whatever the estimate made
        of them. Of a marginal model, those of its components; None for a conditional model, by
        which no points are distributed.
    n_samples_seen_ : int
        Number of points in the estimate.
    shrinkage_ : float
        Weight, in [0, 1], of the multiple of the identity in "ledoit_wolf" and "oas"; 0
        for all other estimates.
    core_share_ : float
        Share of the points, in (0, 1], that `core_coverage` left: about `core_coverage` itself
        for normal points, less with outliers. 1 without.
    covariance_estimator_ : estimator
        The fitted clone where `covariance` is an instance; for "min_cov_det" the
        `MinCovDet`, fitted in whitened coordinates.
    n_features_in_ : int
        Number of components, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the components, where `X` had string names in `fit`.

    Notes
    -----
    All results are float64. A `fit`, `partial_fit` or `merge` that raises leaves the model as
    it was.

    References
    ----------
    .. [1] P. Ghosh, M. S. M. Sajjadi, A. Vergari, M. Black, B. Schoelkopf, "From variational
       to deterministic autoencoders", ICLR 2020, arXiv:1903.12436.
    .. [2] G. M. Tallis, "Elliptical and radial truncation in normal populations", Annals of
       Mathematical Statistics 34(3), 940-944, 1963.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent import LatentGaussianModel
    >>> Z = np.random.default_rng(0).normal([5.0, 0.0], [1.0, 3.0], size=(10_000, 2))
    >>> model = LatentGaussianModel().fit(Z)
    >>> model.std_.round(1)
    array([1., 3.])
    >>> model.sample(4, random_state=0).shape
    (4, 2)
    >>> model.predict([[5.0, 1.0], [9.0, 1.0]])
    array([ 1, -1])
    """

    covariance: Covariance
    coverage: float
    core_coverage: float | None
    random_state: RandomState
    mean_: FloatArray
    covariance_: FloatArray
    std_: FloatArray
    correlation_: FloatArray
    rank_: int
    offset_: float
    normal_: Normal
    moments_: Moments | None
    n_samples_seen_: int
    shrinkage_: float
    core_share_: float
    covariance_estimator_: Any
    n_features_in_: int
    feature_names_in_: AnyArray
    _n_features_out: int

    def __init__(
        self,
        *,
        covariance: Covariance = "empirical",
        coverage: float = 0.95,
        core_coverage: float | None = None,
        random_state: RandomState = None,
    ) -> None:
        self.covariance = covariance
        self.coverage = coverage
        self.core_coverage = core_coverage
        self.random_state = random_state

    @np.errstate(under="ignore")
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Estimate mean and covariance from `X` alone, forgetting earlier points.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, one a row. A single one gives a model of rank 0.
        y : None
            Ignored.

        Returns
        -------
        LatentGaussianModel
            The model itself.

        Raises
        ------
        ValueError
            If `X` is not a finite two-dimensional array with at least one row and column, its
            squares overflow, a parameter is out of its range, or the points are too few or too
            degenerate for the estimate.
        TypeError
            If `X` is sparse, or `coverage` or `core_coverage` is no number.

        Warns
        -----
        UserWarning
            If "min_cov_det" has fewer than five points per dimension, or `core_coverage`
            fewer than ten.
        sklearn.exceptions.ConvergenceWarning
            If the core of `core_coverage` is not found in 100 rounds.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [2.0, 1.0]]).covariance_
        array([[1., 0.],
               [0., 0.]])
        """
        with keep_state_on_error(self):
            points = self._check_points(X, reset=True)
            return self._estimate(compute_moments(points), points)

    @available_if(_is_made_of_moments)
    @np.errstate(under="ignore")
    def partial_fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Take in further points, as if all had been given to `fit` at once.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, one a row, at least one.
        y : None
            Ignored.

        Returns
        -------
        LatentGaussianModel
            The model itself. `rank_`, the width that `transform` returns, may grow.

        Raises
        ------
        ValueError, TypeError
            As `fit`, and if d is not that of the points before, or this is a marginal or
            conditional model.
        AttributeError
            If the estimate needs all points at once: `hasattr` says so before.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().partial_fit([[1.0]]).partial_fit([[3.0]]).mean_
        array([2.])
        """
        if not hasattr(self, "mean_"):
            return self.fit(X)
        seen = _whole_moments("partial_fit", self)
        return self._estimate(merge_moments(seen, compute_moments(self._check_points(X))))

    @np.errstate(under="ignore")
    def merge(self, other: "LatentGaussianModel") -> Self:
        """Take in the points that another model has seen, without needing them.

        The parameters of this model decide how the estimate is made. Those of the other do not
        matter, and may differ: of it only the moments of its points are taken, which are the
        same under any covariance, coverage or core.

        Parameters
        ----------
        other : LatentGaussianModel
            A fitted model of the same components; it stays as it is.

        Returns
        -------
        LatentGaussianModel
            The model itself, now an estimate from the points of both.

        Raises
        ------
        TypeError
            If `other` is no LatentGaussianModel.
        ValueError
            If the models differ in number or names of components, the estimate of this one
            needs all points at once, or one is a marginal or conditional model.
        sklearn.exceptions.NotFittedError
            If one of the two is not fitted.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> model, other = LatentGaussianModel().fit([[1.0]]), LatentGaussianModel().fit([[3.0]])
        >>> model.merge(other).covariance_
        array([[1.]])
        """
        check_is_fitted(self)
        if not isinstance(other, LatentGaussianModel):
            raise TypeError(
                f"other must be a LatentGaussianModel; got an object of type "
                f"{type(other).__name__}."
            )
        check_is_fitted(other)
        _check_same_components(self, other)
        seen = [_whole_moments("merge", model) for model in (self, other)]
        return self._estimate(merge_moments(*seen))

    @np.errstate(under="ignore")
    def sample(self, n_samples: int = 1, random_state: RandomState = None) -> FloatArray:
        """Draw points from the distribution; they lie on its support.

        Parameters
        ----------
        n_samples : int, default=1
            Number of points, at least 1.
        random_state : int, RandomState instance or None, default=None
            An int gives the same points on each call; None gives others each time.

        Returns
        -------
        ndarray of shape (n_samples, d)
            Points in latent units.

        Raises
        ------
        TypeError, ValueError
            If `n_samples` is not an integer or less than 1, or `random_state` is no seed.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [2.0, 1.0]]).sample(5)[:, 1]
        array([1., 1., 1., 1., 1.])
        """
        check_is_fitted(self)
        return draw_points(check_n_samples(n_samples), self.normal_, make_generator(random_state))

    def score_samples(self, X: ArrayLike) -> FloatArray:
        r"""Return the log-density of each point's projection onto the support.

        In dimension :math:`r`, the rank, it is
        :math:`-\frac12 (r \log 2\pi + \log |\Sigma|_+ + d^2)` with :math:`d^2` from
        `mahalanobis_squared` and :math:`|\Sigma|_+` the product of the
        non-zero eigenvalues of the covariance.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        ndarray of shape (n,)
            Nats, per unit of r-dimensional volume: models of different rank do not compare.
            At rank 0 all are 0.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[-1.0], [1.0]]).score_samples([[0.0], [2.0]]).round(4)
        array([-0.9189, -2.9189])
        """
        return log_density(self.mahalanobis_squared(X), self.normal_)

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return the mean of `score_samples`.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.
        y : None
            Ignored.

        Returns
        -------
        float
            Mean log-density, in nats.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> round(LatentGaussianModel().fit([[-1.0], [1.0]]).score([[0.0], [2.0]]), 4)
        -1.9189
        """
        return float(self.score_samples(X).mean())

    @np.errstate(under="ignore")
    def mahalanobis_squared(self, X: ArrayLike) -> FloatArray:
        """Return the squared Mahalanobis distance of each point to the mean.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points; what lies off the support does not count.

        Returns
        -------
        ndarray of shape (n,)
            Squared distances without unit; chi-squared with `rank_` degrees of
            freedom for points of the distribution.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[-1.0], [1.0]]).mahalanobis_squared([[3.0]])
        array([9.])
        """
        check_is_fitted(self)
        return mahalanobis_squared(self._check_points(X), self.normal_)

    @np.errstate(under="ignore")
    def support_distance(self, X: ArrayLike) -> FloatArray:
        """Return the distance between each point and its projection onto the support.

        The projection is `inverse_transform(transform(X))`.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        ndarray of shape (n,)
            Euclidean distances in latent units; 0, up to rounding, at full
            rank and for the points that the model was fitted to.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [2.0, 1.0]]).support_distance([[7.0, 3.0]])
        array([2.])
        """
        check_is_fitted(self)
        return distance_to_support(self._check_points(X), self.normal_)

    @np.errstate(under="ignore")
    def transform(self, X: ArrayLike) -> FloatArray:
        """Whiten: return coordinates with mean 0 and identity covariance.

        They are the principal components of the standardised latent components,
        divided by their standard deviations, in decreasing order of variance.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        ndarray of shape (n, rank)
            Coordinates without unit.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [4.0, 1.0]]).transform([[8.0, 1.0]])
        array([[3.]])
        """
        check_is_fitted(self)
        with np.errstate(over="ignore", invalid="ignore"):
            white = whiten(self._check_points(X), self.normal_)
        if not np.isfinite(white).all():
            raise ValueError("X must hold points that float64 can whiten; got some too far off.")
        return white

    @np.errstate(under="ignore")
    def inverse_transform(self, X: ArrayLike) -> FloatArray:
        """Return the latent points on the support that have whitened coordinates `X`.

        Parameters
        ----------
        X : array-like of shape (n, rank)
            Coordinates as `transform` returns them.

        Returns
        -------
        ndarray of shape (n, d)
            Points in latent units.

        Raises
        ------
        ValueError
            If `X` is not a finite array of `rank_` columns.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [4.0, 1.0]]).inverse_transform([[3.0]])
        array([[8., 1.]])
        """
        check_is_fitted(self)
        white = rows_of(X, "X", ensure_min_features=0)
        if white.shape[1] != self.rank_:
            raise ValueError(
                f"X must have {self.rank_} columns, the rank of the model; got {white.shape[1]}."
            )
        return unwhiten(white, self.normal_)

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Return by how much the log-density exceeds that on the ellipsoid's surface.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points.

        Returns
        -------
        ndarray of shape (n,)
            `score_samples(X) - offset_`, in nats: negative outside.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[-1.0], [1.0]]).decision_function([[1.9], [2.0]]) > 0
        array([ True, False])
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X: ArrayLike) -> IntArray:
        """Return +1 inside and -1 outside the ellipsoid of probability `coverage`.

        Inside is where the squared Mahalanobis distance is at most the `coverage`
        quantile of the chi-squared distribution with `rank_` degrees of freedom.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points; what lies off the support does not count.

        Returns
        -------
        ndarray of shape (n,), dtype int
            Values +1 and -1.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[-1.0], [1.0]]).predict([[1.9], [2.0]])
        array([ 1, -1])
        """
        return np.where(self.decision_function(X) >= 0, 1, -1)

    @np.errstate(under="ignore")
    def marginal(self, components: Sequence[int | str] | IntArray) -> "LatentGaussianModel":
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
        chosen = check_components("components", components, self.n_features_in_, self._names())
        moments = None if self.moments_ is None else select_moments(self.moments_, chosen)
        return self._derive(chosen, marginal_normal(self.normal_, chosen), moments)

    @np.errstate(under="ignore")
    def conditional(
        self, given: Mapping[int, float] | Mapping[str, float] | Mapping[int | str, float]
    ) -> "LatentGaussianModel":
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
        The covariance is the Schur complement with the pseudo-inverse of the given block.

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
        chosen = check_components("given", given, self.n_features_in_, self._names())
        values = check_values(given)[np.argsort(chosen)]
        mask = np.zeros(self.n_features_in_, dtype=bool)
        mask[chosen] = True
        if mask.all():
            raise ValueError(
                f"given must leave at least one of the {len(mask)} components; got all of them."
            )
        return self._derive(np.flatnonzero(~mask), conditional_normal(self.normal_, mask, values))

    @np.errstate(under="ignore")
    def component_fits(
        self,
        X: ArrayLike,
        *,
        bin_width: float = 0.25,
        bin_unit: Literal["sigma", "absolute"] = "sigma",
    ) -> ComponentFits:
        r"""Describe the distribution of each component of points, beside a normal one.

        A Gaussian curve is fitted to the density histogram by least squares. How well it does
        is weak evidence, for R^2 forgives the tails: it is 0.997 for a t distribution with five
        degrees of freedom, with a sigma of 1.05 where the true one is 1.29. So the record has
        moments and two distances as well. The Kolmogorov-Smirnov and Wasserstein distances are
        those to the normal of this model, `mean_` and `std_`; all else is of `X` alone.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points: those of `fit`, or others.
        bin_width : float, default=0.25
            Width of the bins of the histograms, above 0. An absolute width makes narrow
            components wider: by a factor of about :math:`\sqrt{1 + w^2 / 12 \sigma^2}`.
        bin_unit : {"sigma", "absolute"}, default="sigma"
            Unit of `bin_width`: the standard deviation of each component, or the latent unit.

        Returns
        -------
        ComponentFits
            Arrays of shape (d,); prints as a table.

        Raises
        ------
        ValueError
            If `X` is not a finite array of d columns, or a parameter is out of its range.
        TypeError
            If `bin_width` is no number.

        Examples
        --------
        >>> import numpy as np
        >>> from sklatent import LatentGaussianModel
        >>> Z = np.random.default_rng(0).normal([5.0, 0.0], [1.0, 3.0], size=(10_000, 2))
        >>> print(LatentGaussianModel().fit(Z).component_fits(Z))
        2 components of 10,000 points
        <BLANKLINE>
        component   mean  median    mode    std  center  sigma      R2 ...
                1 ...
        """
        check_is_fitted(self)
        return fit_components(
            self._check_points(X),
            bin_width=bin_width,
            bin_unit=bin_unit,
            mean=self.mean_,
            std=self.normal_.live_std,
            names=getattr(self, "feature_names_in_", None),
        )

    def dominant_components(self, k: int = 20) -> IntArray:
        """Return the components with the largest standard deviations.

        Parameters
        ----------
        k : int, default=20
            Number of components, at least 1; all where there are fewer.

        Returns
        -------
        ndarray of shape (min(k, d),), dtype int
            Indices in decreasing order of `std_`.

        Raises
        ------
        TypeError, ValueError
            If `k` is not an integer or less than 1.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[0.0, 1.0], [2.0, 9.0]]).dominant_components(1)
        array([1])
        """
        check_is_fitted(self)
        k = check_number("k", k, low=1, integer=True)
        return np.argsort(-self.std_, kind="stable")[:k]

    def intervals(
        self,
        *,
        n_std: float | None = None,
        coverage: float | None = None,
        n_half_widths: float | None = None,
    ) -> FloatArray:
        r"""Return an interval about the mean of each component.

        At most one measure of its half-length may be given. Intervals of all components
        together hold far fewer points than each: :math:`p^d` for independent ones.

        Parameters
        ----------
        n_std : float or None, default=None
            Half-length in units of `std_`, above 0.
        coverage : float or None, default=None
            Probability of each interval, in (0, 1): :math:`2 \Phi(n) - 1` for n sigma. Where
            nothing is given it is 0.95, or 1.96 sigma.
        n_half_widths : float or None, default=None
            Half-length in half-widths at half maximum, of 1.1774 sigma each, above 0.

        Returns
        -------
        ndarray of shape (d, 2)
            Lower and upper ends, in latent units; equal for a component that does not vary.

        Raises
        ------
        ValueError
            If more than one is given, or one is out of its range.
        TypeError
            If one is no number.

        Examples
        --------
        >>> from sklatent import LatentGaussianModel
        >>> LatentGaussianModel().fit([[4.0], [6.0]]).intervals(n_std=2)
        array([[3., 7.]])
        """
        check_is_fitted(self)
        n_std = interval_n_std(n_std, coverage, n_half_widths)
        return normal_intervals(self.mean_, self.normal_.live_std, n_std)

    @np.errstate(under="ignore")
    def correlated_pairs(
        self,
        k: int = 20,
        *,
        method: Literal["fisher", "bootstrap"] = "fisher",
        X: ArrayLike | None = None,
        confidence_level: float = 0.95,
        n_resamples: int = 1000,
        random_state: RandomState = None,
    ) -> CorrelatedPairs:
        """Return the most strongly correlated pairs of components, with intervals.

        Each interval is for its pair alone. The strongest of many pairs look stronger than
        they are; `chance_level` in the record says what chance reaches, and a bootstrap on
        points that the model was not fitted to is free of that choice.

        Parameters
        ----------
        k : int, default=20
            Number of pairs, at least 1; all where there are fewer. Components that do not
            vary have none.
        method : {"fisher", "bootstrap"}, default="fisher"
            "fisher" takes pairs as normal and needs no points. "bootstrap" draws the rows of
            `X` again and takes percentiles: right for heavy tails too.
        X : array-like of shape (n, d) or None, default=None
            Latent points; needed by "bootstrap" and taken by it alone.
        confidence_level : float, default=0.95
            Probability of each interval, in (0, 1).
        n_resamples : int, default=1000
            Number of bootstrap draws, at least 2.
        random_state : int, RandomState instance or None, default=None
            Source of the bootstrap draws.

        Returns
        -------
        CorrelatedPairs
            Arrays of k rows; prints as a table.

        Raises
        ------
        ValueError
            If a parameter is out of its range, or `X` is not a finite array of d columns, or
            missing for "bootstrap", or given for "fisher".
        TypeError
            If a number is of the wrong type.

        Examples
        --------
        >>> import numpy as np
        >>> from sklatent import LatentGaussianModel
        >>> Z = np.random.default_rng(0).normal(size=(10_000, 3))
        >>> Z[:, 2] += Z[:, 0]
        >>> record = LatentGaussianModel().fit(Z).correlated_pairs(1)
        >>> record.pairs, record.low.round(2), record.high.round(2)
        (array([[0, 2]]), array([0.7]), array([0.72]))
        """
        check_is_fitted(self)
        k = check_number("k", k, low=1, integer=True)
        check_choice("method", method, ("fisher", "bootstrap"))
        level = check_number(
            "confidence_level", confidence_level, low=0, high=1, open_low=True, open_high=True
        )
        n_resamples = check_number("n_resamples", n_resamples, low=2, integer=True)
        if (X is None) == (method == "bootstrap"):
            came = "None" if X is None else f"an object of type {type(X).__name__}"
            raise ValueError(
                f"X must be given with method='bootstrap' and left out with method='fisher'; "
                f"got method={method!r} and X={came}."
            )
        names = np.asarray(getattr(self, "feature_names_in_", np.arange(len(self.mean_))))
        bootstrap = None
        if X is not None:
            bootstrap = (
                check_squares(self._check_points(X), "X"),
                n_resamples,
                check_seed(random_state),
            )
        return correlated_pairs(self.normal_, self.n_samples_seen_, names, k, level, bootstrap)

    @np.errstate(under="ignore")
    def ellipses(
        self,
        pairs: ArrayLike | None = None,
        n_std: float | None = None,
        coverage: float | None = None,
    ) -> ConfidenceEllipses:
        r"""Return confidence ellipses of pairs of components.

        A normal pair lies inside an n-sigma ellipse with the probability
        :math:`1 - e^{-n^2/2}`, whatever the correlation: 39.35 % at 1, 86.47 % at 2, 95.61 % at
        2.5 and 98.89 % at 3 sigma. An observed share far from that speaks of heavy tails,
        another shape or another centre.

        Parameters
        ----------
        pairs : array-like of shape (k, 2) of int, or None, default=None
            Two different components each, by index from 0 to d - 1 or by the names
            that `fit` saw. None takes all d (d - 1) / 2 pairs (i, j) with i < j.
        n_std : float or None, default=None
            Half-axes over standard deviations along them, above 0.
        coverage : float or None, default=None
            Nominal coverage, in (0, 1), instead of `n_std`. Where neither is given it is
            0.95, or 2.4477 sigma.

        Returns
        -------
        ConfidenceEllipses
            Centres, half-axes and angles, with the methods `contains`, `coverage`,
            `joint_coverage`, `joint_n_std` and `outlines`.

        Raises
        ------
        ValueError
            If both sizes are given, one is out of its range, or `pairs` has another shape, an
            index out of range, or a component beside itself.
        TypeError
            If `pairs` does not hold integers or names, or a size is no number.

        Examples
        --------
        >>> import numpy as np
        >>> from sklatent import LatentGaussianModel
        >>> Z = np.random.default_rng(0).normal(size=(10_000, 3))
        >>> ellipses = LatentGaussianModel().fit(Z).ellipses([(0, 1), (0, 2)], n_std=2)
        >>> round(ellipses.nominal_coverage, 4), ellipses.coverage(Z).round(2)
        (0.8647, array([0.87, 0.87]))
        """
        check_is_fitted(self)
        n_std = ellipse_n_std(n_std, coverage)
        return build_ellipses(
            self.normal_, check_pairs(pairs, len(self.mean_), self._names()), n_std
        )

    @np.errstate(under="ignore")
    def density_contours(
        self,
        X: ArrayLike,
        pair: Sequence[int | str],
        coverages: ArrayLike = (0.5, 0.9, 0.95),
        *,
        max_samples: int = 2000,
        grid_size: int = 128,
        random_state: RandomState = None,
    ) -> DensityContours:
        """Return density contours of two components, and how far they are from ellipses.

        The highest-density regions of a kernel density estimate of `X` stand beside this
        model's ellipses of the same coverages. The bandwidth of the estimate follows the
        covariance of the points, so that it blurs clouds far apart and a core within heavy
        tails: departures from the ellipse are larger than they look. Nothing is drawn.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points, n at least 10.
        pair : tuple of two int or str
            Two different components, by index from 0 to d - 1 or by feature name.
        coverages : array-like of shape (m,), default=(0.5, 0.9, 0.95)
            Shares of points inside the contours, in (0, 1).
        max_samples : int, default=2000
            Points in the estimate, at least 10: a random subsample where `X` has more. Time
            grows with it times the square of `grid_size`.
        grid_size : int, default=128
            Points of the grid along each axis, at least 16.
        random_state : int, RandomState instance or None, default=None
            Source of the subsample; an int gives the same one on each call.

        Returns
        -------
        DensityContours
            Levels, areas, ratios and overlaps of shape (m,), and the density on a grid.

        Raises
        ------
        ValueError
            If `X` is not a finite array of d columns and 10 rows, the two components of the
            model or of the points lie on a line, or a parameter is out of its range.
        TypeError
            If a number is of the wrong type.

        Examples
        --------
        >>> import numpy as np
        >>> from sklatent import LatentGaussianModel
        >>> Z = np.random.default_rng(0).normal(size=(10_000, 3))
        >>> contours = LatentGaussianModel().fit(Z).density_contours(Z, (0, 1), random_state=0)
        >>> bool((np.abs(contours.area_ratios - 1) < 0.1).all())
        True
        """
        check_is_fitted(self)
        indices = check_pair(pair, len(self.mean_), self._names())
        shares = check_coverages(coverages)
        max_samples = check_number("max_samples", max_samples, low=10, integer=True)
        grid_size = check_number("grid_size", grid_size, low=16, integer=True)
        points = check_squares(self._check_points(X), "X")
        if len(points) < 10:
            raise ValueError(f"X must have at least 10 rows; got {len(points)}.")
        points = points[subsample(len(points), max_samples, check_seed(random_state))]
        return density_contours(points, self.normal_, indices, shares, grid_size)

    @np.errstate(under="ignore")
    def normality_report(
        self,
        X: ArrayLike,
        *,
        significance: float = 0.01,
        max_points: int = 5_000,
        random_state: RandomState = None,
    ) -> NormalityReport:
        r"""Report in which ways points are normal or not, and whether the model fits them.

        Shape is measured on the mean and covariance of `X` itself, on their support, so that it
        does not depend on the model: squared distances are compared with the scaled beta
        distribution that they then have [1]_, exact also where points are hardly more
        than components. The model is judged by its own squared distances and draws.

        A "no" takes both an effect that matters and a test that excludes chance. An effect
        matters where five points of a hundred would have to move for the distribution to be
        normal, for which each statistic has its tolerance. Tests are corrected
        for estimated parameters and for their number (Benjamini-Hochberg over
        columns or pairs within a check, then over checks), so that about a share
        `significance` of truly normal samples, at most, get a "no" to a question.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Latent points: those that the model was fitted to, which is noticed, or others.
            With fewer than 8 nothing is measured, with fewer than 20 components are not tested,
            with fewer than 2 r + 20, r the dimension in which they vary, joint shape is
            not, with fewer than 60 no answer is "yes", and with fewer than 100 no ring is named.
        significance : float, default=0.01
            Rate in (0, 1) at which a verdict may be wrong on truly normal points.
        max_points : int, default=5000
            Number of points, at least 100, for the classifiers, which tell them from as many
            draws, for each view in search of clouds, and for the check whether tails are
            elliptic. Mardia skewness takes as many as 1e11 products allow, 20,000 at d = 200.
            All else uses all points.
        random_state : int, RandomState instance or None, default=None
            Chooses subsamples and draws. An int gives the same report on each call.

        Returns
        -------
        NormalityReport
            ``print`` shows it as one page; each number is an attribute.

        Raises
        ------
        ValueError
            If `X` is not a finite array of d columns, its squares overflow, or a parameter
            is out of its range.
        TypeError
            If `X` is sparse or a parameter is no number.
        sklearn.exceptions.NotFittedError
            If the model is not fitted.

        References
        ----------
        .. [1] R. Gnanadesikan, J. R. Kettenring, "Robust estimates, residuals, and outlier
           detection with multiresponse data", Biometrics 28(1), 81-124, 1972.

        Examples
        --------
        >>> import numpy as np
        >>> from sklatent import LatentGaussianModel
        >>> Z = np.random.default_rng(0).standard_t(3, size=(2_000, 1)) * np.ones(2)
        >>> Z[:1000, 1] *= -1
        >>> report = LatentGaussianModel().fit(Z).normality_report(Z, random_state=0)
        >>> report.verdicts[3].question, report.verdicts[3].answer
        ('jointly normal?', 'no')
        """
        check_is_fitted(self)
        points = self._check_points(X)
        significance = check_number(
            "significance", significance, low=0, high=1, open_low=True, open_high=True
        )
        max_points = check_number("max_points", max_points, low=100, integer=True)
        rng = check_seed(random_state)
        frame = own_frame(points)
        if not np.isfinite(frame.moments.scatter).all():
            raise ValueError("X must hold values whose squares float64 can hold; got larger ones.")
        return build_report(self, frame, Settings(significance, max_points, rng))

    def _check_points(self, X: ArrayLike, reset: bool = False) -> AnyArray:
        return taken_points(self, X, reset=reset)

    def _names(self) -> list[str]:
        return list(getattr(self, "feature_names_in_", ()))

    def _estimate(self, moments: Moments, X: AnyArray | None = None) -> Self:
        self._check_coverage()
        check_seed(self.random_state)
        if not np.isfinite(moments.scatter).all():
            raise ValueError("X must hold values whose squares float64 can hold; got larger ones.")
        found = estimate_covariance(
            self.covariance,
            moments,
            X,
            core_coverage=self.core_coverage,
            random_state=self.random_state,
        )
        spread = float(np.trace(found.covariance))
        self._settle(make_normal(found.mean, found.covariance, moments.eps, spread))
        self.moments_, self.n_samples_seen_ = moments, moments.n_samples
        self.shrinkage_, self.core_share_ = found.shrinkage, found.core_share
        if found.estimator is not None:
            self.covariance_estimator_ = found.estimator
        elif hasattr(self, "covariance_estimator_"):
            del self.covariance_estimator_
        return self

    def _check_coverage(self) -> float:
        return check_number("coverage", self.coverage, low=0, high=1, open_low=True, open_high=True)

    def _settle(self, normal: Normal) -> Self:
        """Take a normal distribution as the model's, with all that follows from it."""
        edge = stats.chi2.ppf(self._check_coverage(), normal.rank) if normal.rank else 0.0
        self.normal_ = normal
        self.mean_, self.covariance_ = normal.mean, normal.covariance
        self.std_ = np.sqrt(np.diag(normal.covariance))
        self.correlation_ = normal.correlation
        self.rank_ = self._n_features_out = normal.rank
        self.offset_ = float(log_density(edge, normal))
        return self

    def _derive(
        self, chosen: IntArray, normal: Normal, moments: Moments | None = None
    ) -> "LatentGaussianModel":
        """Return a model of the chosen components, with this normal."""
        model: LatentGaussianModel = clone(self)
        model.n_features_in_ = len(chosen)
        if hasattr(self, "feature_names_in_"):
            model.feature_names_in_ = self.feature_names_in_[chosen]
        model.moments_, model.n_samples_seen_ = moments, self.n_samples_seen_
        model.shrinkage_, model.core_share_ = self.shrinkage_, self.core_share_
        return model._settle(normal)


def _check_same_components(model: LatentGaussianModel, other: LatentGaussianModel) -> None:
    if other.n_features_in_ != model.n_features_in_:
        raise ValueError(
            f"other must have {model.n_features_in_} components, as this model; "
            f"got {other.n_features_in_}."
        )
    names = getattr(model, "feature_names_in_", None)
    came = getattr(other, "feature_names_in_", None)
    if names is not None and came is not None and not np.array_equal(names, came):
        raise ValueError(
            f"other must have the components {list(names)}, as this model; got {list(came)}."
        )


def _whole_moments(method: str, model: LatentGaussianModel) -> Moments:
    if model.moments_ is None or not model.moments_.whole:
        raise ValueError(
            f"{method} needs the moments of points, which a model made by marginal or "
            "conditional does not hold: apply it to the model of all components, or call fit."
        )
    return model.moments_
