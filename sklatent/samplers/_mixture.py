"""Gaussian mixtures, with the number of components chosen by held-out likelihood."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any, Literal, get_args

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from sklatent._covariance.support import unwhiten, whiten
from sklatent._gaussian.model import LatentGaussianModel
from sklatent._random import check_seed
from sklatent._typing import FloatArray, IntArray, RandomState
from sklatent._validation import check_choice, check_number

from ._base import DensityMixin, Sampler, check_temperature, log_determinant
from ._expectation import (
    CovarianceType,
    Mixture,
    climb,
    log_densities,
    root_precisions,
    single,
)
from ._splitting import exchange, grow

__all__ = ["MixtureSampler", "draw_mixture"]

# A round that gains less, in nats, is the last before a mixture that still grows is split.
ROUGH = 1e-2


def draw_mixture(
    mixture: GaussianMixture, n_samples: int, temperature: float, generator: np.random.Generator
) -> FloatArray:
    """Draw points of a fitted mixture in random order, standard deviations times `temperature`."""
    means, kind = mixture.means_, mixture.covariance_type
    component = generator.choice(len(means), size=n_samples, p=mixture.weights_)
    points = generator.standard_normal((n_samples, means.shape[1]))
    if kind in ("diag", "spherical"):
        std = np.sqrt(mixture.covariances_).reshape(len(means), -1)
        points *= std[component]
    else:
        roots = np.linalg.cholesky(np.atleast_3d(mixture.covariances_.T).T)
        for k in np.unique(component):
            rows = component == k
            points[rows] = points[rows] @ roots[k if kind == "full" else 0].T
    return means[component] + temperature * points


def _start(
    Y: FloatArray, means: FloatArray, labels: IntArray, kind: CovarianceType, reg_covar: float
) -> Mixture:
    """Return where a fit starts from clusters, which all get the scatter within them together."""
    k, d = means.shape
    weights = (np.bincount(labels, minlength=k) + 1) / (len(Y) + k)
    within = Y - means[labels]
    # The floor keeps a start from points that all lie on their centres.
    ridge = max(reg_covar, 1e-6)
    variances = np.square(within).mean(axis=0) + ridge
    if kind == "diag":
        covariances = np.tile(variances, (k, 1))
    elif kind == "spherical":
        covariances = np.full(k, variances.mean())
    else:
        covariances = within.T @ within / len(Y) + ridge * np.eye(d)
        if kind == "full":
            covariances = np.tile(covariances, (k, 1, 1))
    return Mixture(weights, means, covariances, kind)


@contextmanager
def _named_errors(reg_covar: float) -> Iterator[None]:
    try:
        yield
    except np.linalg.LinAlgError as error:
        raise ValueError(
            "reg_covar must be larger: the points of a component have no spread in some "
            f"direction; got {reg_covar}."
        ) from error


class MixtureSampler(DensityMixin, Sampler):
    r"""Gaussian mixture whose number of components is chosen by held-out likelihood.

    Points are whitened, and a mixture grows on them by expectation and maximisation: the
    components whose split in two raises the likelihood most are split, at most doubling their
    number at a time. In the end components move: two that are nearly one are merged where the
    split of a third gains more [1]_. Where a component would get too few points for that, the fit
    starts from the means and weights of clusters of the points by mini-batch k-means, in latent
    units, and the covariance within all of them.
    With ``n_components="auto"``, numbers are tried in increasing order with a fifth of the points
    held out, each grown from the one before. A larger number is better if it raises the mean
    log-likelihood of these by more than the standard error of the gain; after `patience` numbers
    in a row that are not better, the best mixture is fitted on, to all points together, from where
    it stood. Information criteria instead of held-out points count too many where clouds are
    skewed or heavy-tailed.

    Parameters
    ----------
    n_components : int or "auto", default="auto"
        Number of components.
    covariance_type : {"full", "tied", "diag", "spherical"}, default="full"
        As in scikit-learn, for whitened points.
    candidates : tuple of ints, default=(1, 2, 3, 5, 10, 20, 35, 50, 75, 100, 150, 200)
        Numbers to try, in increasing order. Those with fewer than 5 points for each component are
        left out; if none remains, 1 is taken.
    patience : int, default=2
        Number of candidates without a higher likelihood after which the search ends.
    max_samples : int or None, default=20000
        Number of points that are looked at, drawn at random from more; None takes all. The time
        of a fit is proportional to it.
    reg_covar : float, default=1e-4
        Added to the variances of whitened points, whose overall variance is 1.
    tol : float, default=1e-3
        A fit ends when a round raises the mean log-likelihood by less, in nats.
    max_iter : int, default=100
        Largest number of rounds of expectation and maximisation of each fit.
    temperature : float, default=1.0
        Factor on the standard deviations within components, above 0. Weights and means stay.
    random_state : int, RandomState instance or None, default=None
        Seeds the choice of points, the order of those in a search, and k-means.

    Attributes
    ----------
    n_components_ : int
        Number of components.
    mixture_ : sklearn.mixture.GaussianMixture
        The fitted mixture of whitened points, at temperature 1. Its ``lower_bounds_`` are the
        mean log-likelihoods of the last rounds.
    model_ : LatentGaussianModel
        What whitens.
    held_out_scores_ : dict of int to float
        Mean log-density of held-out points, in nats, for each number tried; empty for a given
        number.
    n_features_in_ : int
        Number of components of a latent point, d.
    feature_names_in_ : ndarray of shape (d,)
        Names of these, where `X` had string names in `fit`.

    See Also
    --------
    PerClassSampler : One Gaussian for each known class.
    KernelSampler : A component on each training point.

    Notes
    -----
    Unlike scikit-learn's, `sample` takes the seed, returns points alone, and those in random order.
    A fit that stops at `max_iter` is taken as it is, without a warning; `mixture_.converged_`
    says so. After a first round over all points the mixture moves after each tenth of them, with
    what the others last said of it [2]_, which takes about half the rounds. Both steps are
    products of matrices, in double precision: 60,000 points of 16 components and 200 full
    covariances take about a quarter of a second a round on one core.

    References
    ----------
    .. [1] N. Ueda, R. Nakano, Z. Ghahramani and G. E. Hinton, SMEM algorithm for mixture models,
       Neural Computation 12 (2000), 2109-2128.
    .. [2] R. M. Neal and G. E. Hinton, A view of the EM algorithm that justifies incremental,
       sparse, and other variants, in: Learning in Graphical Models, Kluwer, 1998, 355-368.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent.samplers import MixtureSampler
    >>> rng = np.random.default_rng(0)
    >>> Z = rng.normal(rng.choice([-5.0, 0.0, 5.0], size=(600, 1)), 1.0, (600, 2))
    >>> sampler = MixtureSampler(random_state=0).fit(Z)
    >>> sampler.n_components_, sampler.sample(10, random_state=0).shape
    (3, (10, 2))
    """

    n_components_: int
    mixture_: Any
    model_: LatentGaussianModel
    held_out_scores_: dict[int, float]

    def __init__(
        self,
        n_components: int | Literal["auto"] = "auto",
        *,
        covariance_type: CovarianceType = "full",
        candidates: Sequence[int] = (1, 2, 3, 5, 10, 20, 35, 50, 75, 100, 150, 200),
        patience: int = 2,
        max_samples: int | None = 20_000,
        reg_covar: float = 1e-4,
        tol: float = 1e-3,
        max_iter: int = 100,
        temperature: float = 1.0,
        random_state: RandomState = None,
    ) -> None:
        self.n_components: int | Literal["auto"] = n_components
        self.covariance_type: CovarianceType = covariance_type
        self.candidates = candidates
        self.patience = patience
        self.max_samples = max_samples
        self.reg_covar = reg_covar
        self.tol = tol
        self.max_iter = max_iter
        self.temperature = temperature
        self.random_state = random_state

    def _check_parameters(self) -> None:
        if isinstance(self.n_components, str):
            if self.n_components != "auto":
                raise ValueError(
                    f"n_components must be 'auto' or an integer; got {self.n_components!r}."
                )
        else:
            check_number("n_components", self.n_components, low=1, integer=True)
        self._check_candidates()
        check_choice("covariance_type", self.covariance_type, get_args(CovarianceType))
        check_number("patience", self.patience, low=1, integer=True)
        if self.max_samples is not None:
            check_number("max_samples", self.max_samples, low=2, integer=True)
        check_number("reg_covar", self.reg_covar, low=0, open_high=True)
        check_number("tol", self.tol, low=0, open_high=True)
        check_number("max_iter", self.max_iter, low=1, integer=True)
        check_temperature(self.temperature)

    def _check_candidates(self) -> list[int]:
        numbers = list(np.atleast_1d(np.asarray(self.candidates, dtype=object)))
        whole = bool(numbers) and all(
            isinstance(k, Integral) and not isinstance(k, bool | np.bool_) for k in numbers
        )
        if not whole or min(numbers) < 1 or sorted(set(numbers)) != numbers:
            raise ValueError(
                "candidates must be integers of at least 1 in increasing order; got "
                f"{self.candidates!r}."
            )
        return [int(k) for k in numbers]

    def _learn(self, X: FloatArray) -> None:
        rng = check_seed(self.random_state)
        self.model_ = LatentGaussianModel().fit(X)
        if self.max_samples is not None and len(X) > self.max_samples:
            X = X[rng.choice(len(X), self.max_samples, replace=False)]
        X = np.ascontiguousarray(X)
        self.held_out_scores_ = {}
        if self.n_components != "auto" and self.n_components > len(X):
            raise ValueError(
                f"n_components must be at most the number of points, {len(X)}; "
                f"got {self.n_components}."
            )
        with _named_errors(self.reg_covar):
            if self.n_components == "auto":
                self.mixture_ = self._search(rng.permutation(X), rng)
            else:
                Y = self._whiten(X)
                self.mixture_ = self._as_mixture(
                    *self._fit_number(X, Y, int(self.n_components), rng)
                )
        self.n_components_ = self.mixture_.n_components

    def _whiten(self, X: FloatArray) -> FloatArray:
        normal = self.model_.normal_
        return whiten(X, normal) if normal.rank else np.zeros((len(X), 1))

    def _search(self, X: FloatArray, rng: np.random.RandomState) -> GaussianMixture:
        n_held = max(1, len(X) // 5)
        held, rest = self._whiten(X[:n_held]), X[n_held:]
        Y = self._whiten(rest)
        allowed = [k for k in self._check_candidates() if 5 * k <= len(rest)]
        best, best_heights, failures = None, np.full(n_held, -np.inf), 0
        last = None
        for k in allowed:
            last, _ = self._fit_number(rest, Y, k, rng, last)
            heights = log_densities(held, last)
            score = float(heights.mean()) - 0.5 * log_determinant(self.model_)
            self.held_out_scores_[k] = score
            gain = heights - best_heights
            if best is None or gain.mean() > gain.std() / np.sqrt(n_held):
                best, best_heights, failures = last, heights, 0
            else:
                failures += 1
            if failures == self.patience:
                break
        Y = self._whiten(X)
        if best is None:
            best = single(Y, self.covariance_type, self.reg_covar)
        return self._as_mixture(*self._climb(Y, best))

    def _fit_number(
        self,
        X: FloatArray,
        Y: FloatArray,
        k: int,
        rng: np.random.RandomState,
        smaller: Mixture | None = None,
    ) -> tuple[Mixture, list[float]]:
        """Fit k components to points X, whitened Y, grown from a fit of fewer."""
        mixture = smaller or single(Y, self.covariance_type, self.reg_covar)
        while (n := len(mixture.means)) < k:
            if smaller is None and n > 1:
                mixture, _ = self._climb(Y, mixture, least=ROUGH)
            mixture = grow(Y, mixture, min(k, 2 * n), self.reg_covar)
            if len(mixture.means) < min(k, 2 * n):
                # Too few points to tell whether a split gains.
                mixture = self._start(X, Y, k, rng)
        fit = self._climb(Y, mixture)
        return exchange(Y, *fit, reg_covar=self.reg_covar, tol=self.tol, max_iter=self.max_iter)

    def _start(self, X: FloatArray, Y: FloatArray, k: int, rng: np.random.RandomState) -> Mixture:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            clusters = MiniBatchKMeans(k, n_init=1, random_state=rng).fit(X)
        means = self._whiten(clusters.cluster_centers_)
        return _start(Y, means, clusters.labels_, self.covariance_type, self.reg_covar)

    def _climb(
        self, Y: FloatArray, mixture: Mixture, least: float = 0.0
    ) -> tuple[Mixture, list[float]]:
        return climb(
            Y,
            mixture,
            reg_covar=self.reg_covar,
            tol=max(self.tol, least),
            max_iter=self.max_iter,
        )

    def _as_mixture(self, fitted: Mixture, heights: list[float]) -> GaussianMixture:
        """Return scikit-learn's estimator with a fit."""
        mixture = GaussianMixture(
            len(fitted.means),
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            tol=self.tol,
            max_iter=self.max_iter,
        )
        mixture.weights_, mixture.means_ = fitted.weights, fitted.means
        mixture.covariances_ = fitted.covariances
        mixture.precisions_cholesky_ = roots = root_precisions(fitted)
        flat = fitted.kind in ("diag", "spherical")
        mixture.precisions_ = roots**2 if flat else roots @ roots.swapaxes(-1, -2)
        mixture.converged_ = len(heights) > 1 and heights[-1] - heights[-2] < self.tol
        mixture.n_iter_, mixture.lower_bound_ = len(heights), heights[-1]
        mixture.lower_bounds_, mixture.n_features_in_ = heights, fitted.means.shape[1]
        return mixture

    def _draw(self, n_samples: int, generator: np.random.Generator) -> FloatArray:
        white = draw_mixture(self.mixture_, n_samples, float(self.temperature), generator)
        return unwhiten(white[:, : self.model_.rank_], self.model_.normal_)

    def _log_density(self, X: FloatArray) -> FloatArray:
        if self.model_.rank_ == 0:
            return np.zeros(len(X))
        fitted = self.mixture_
        mixture = Mixture(
            fitted.weights_,
            fitted.means_,
            fitted.covariances_ * float(self.temperature) ** 2,
            fitted.covariance_type,
        )
        heights = log_densities(whiten(X, self.model_.normal_), mixture)
        return heights - 0.5 * log_determinant(self.model_)
