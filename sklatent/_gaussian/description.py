"""What a fitted normal distribution says about latent points, component by component."""

from collections.abc import Callable

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklatent._covariance.moments import correlation_matrix
from sklatent._covariance.support import Support
from sklatent._random import check_seed, subsample
from sklatent._validation import check_choice, check_number

from .component_names import check_pair, replace_names, strongest_pairs
from .components import ComponentFits, fit_components
from .contours import DensityContours, density_contours
from .correlations import CorrelatedPairs, bootstrap_intervals, chance_correlation, fisher_intervals
from .ellipses import ConfidenceEllipses, build_ellipses
from .intervals import interval_n_std, normal_intervals

__all__: list[str] = []


class DescriptionMixin:
    """Methods of `LatentGaussianModel` that describe its components and their pairs."""

    mean_: np.ndarray
    std_: np.ndarray
    correlation_: np.ndarray
    n_samples_seen_: int
    _support: Support
    _check_points: Callable

    def component_fits(self, X, *, bin_width=0.25, bin_unit="sigma") -> ComponentFits:
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
        points = self._check_points(X)
        names = getattr(self, "feature_names_in_", None)
        return fit_components(
            points,
            bin_width=bin_width,
            bin_unit=bin_unit,
            mean=self.mean_,
            std=self._live_std(),
            names=names,
        )

    def dominant_components(self, k=20):
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

    def intervals(self, *, n_std=None, coverage=None, n_half_widths=None):
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
        return normal_intervals(self.mean_, self._live_std(), n_std)

    def correlated_pairs(
        self,
        k=20,
        *,
        method="fisher",
        X=None,
        confidence_level=0.95,
        n_resamples=1000,
        random_state=None,
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
        _check_needed(X, method)
        live, n = self._support.live, self.n_samples_seen_
        pairs = strongest_pairs(self.correlation_, live, k)
        correlations = self.correlation_[pairs[:, 0], pairs[:, 1]]
        if method == "fisher":
            low, high = fisher_intervals(correlations, n, level)
        else:
            points, rng = self._check_points(X), check_seed(random_state)
            n = len(points)
            low, high = bootstrap_intervals(points, pairs, level, n_resamples, rng)
        n_pairs = int(live.sum() * (live.sum() - 1) // 2)
        names = np.asarray(getattr(self, "feature_names_in_", np.arange(len(live))))
        return CorrelatedPairs(
            pairs=pairs,
            names=names[pairs],
            correlations=correlations,
            low=low,
            high=high,
            confidence_level=level,
            method=method,
            n_samples=n,
            n_pairs=n_pairs,
            chance_level=chance_correlation(self.n_samples_seen_, n_pairs, level),
        )

    def ellipses(self, pairs=None, n_std=None, coverage=None) -> ConfidenceEllipses:
        r"""Return confidence ellipses of pairs of components.

        A normal pair lies inside an n-sigma ellipse with the probability
        :math:`1 - e^{-n^2/2}`, whatever the correlation: 39.35 % at 1, 86.47 % at 2, 95.61 % at
        2.5 and 98.89 % at 3 sigma. An observed share far from that speaks of heavy tails,
        another shape or another centre.

        Parameters
        ----------
        pairs : array-like of shape (k, 2) of int, or None, default=None
            Two different components each, by index from 0 to d - 1 or by the names
            that `fit` saw. None takes all
            d (d - 1) / 2 pairs (i, j) with i < j.
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
        pairs = replace_names("pairs", pairs, getattr(self, "feature_names_in_", ()))
        return build_ellipses(
            self.mean_, self._live_std(), self._support_correlation(), pairs, n_std, coverage
        )

    def density_contours(
        self,
        X,
        pair,
        coverages=(0.5, 0.9, 0.95),
        *,
        max_samples=2000,
        grid_size=128,
        random_state=None,
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
        pair = replace_names("pair", pair, getattr(self, "feature_names_in_", ()))
        pair = check_pair(pair, len(self.mean_))
        coverages = _check_coverages(coverages)
        max_samples = check_number("max_samples", max_samples, low=10, integer=True)
        grid_size = check_number("grid_size", grid_size, low=16, integer=True)
        points = self._check_points(X)
        if len(points) < 10:
            raise ValueError(f"X must have at least 10 rows; got {len(points)}.")
        ellipse = build_ellipses(self.mean_, self._live_std(), self._support_correlation(), [pair])
        points = points[subsample(len(points), max_samples, check_seed(random_state))]
        plane = points[:, list(pair)].astype(np.float64)
        if ellipse.ranks[0] < 2 or np.linalg.matrix_rank(plane - plane[0]) < 2:
            raise ValueError(
                f"pair must name two components that vary and are no multiples of each other; "
                f"got {pair}."
            )
        return density_contours(
            plane,
            ellipse.centers[0],
            ellipse.stds[0],
            float(ellipse.correlations[0]),
            coverages,
            pair=pair,
            grid_size=grid_size,
        )

    def _live_std(self):
        return np.where(self._support.live, self.std_, 0.0)

    def _support_correlation(self):
        # Directions that hold rounding alone are not in it: duplicates have exactly +-1.
        coloring = self._support.coloring
        return correlation_matrix(coloring.T @ coloring, self._support.live)


def _check_needed(X, method) -> None:
    if (X is None) == (method == "bootstrap"):
        came = "None" if X is None else f"an object of type {type(X).__name__}"
        raise ValueError(
            f"X must be given with method='bootstrap' and left out with method='fisher'; "
            f"got method={method!r} and X={came}."
        )


def _check_coverages(coverages):
    array = np.atleast_1d(np.asarray(coverages))
    if array.ndim != 1 or array.dtype.kind not in "fiu" or array.size == 0:
        raise ValueError(f"coverages must be numbers in (0, 1), at least one; got {coverages!r}.")
    if not ((array > 0) & (array < 1)).all():
        raise ValueError(f"coverages must be numbers in (0, 1); got {coverages!r}.")
    return array.astype(np.float64)
