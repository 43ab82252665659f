"""Gaussian mixtures that grow by splits, and whose components move to where they are needed.

Expectation and maximisation alone leave two components on one cloud and one on two clouds
(N. Ueda, R. Nakano, Z. Ghahramani and G. E. Hinton, Neural Computation 12, 2000).
"""

from dataclasses import dataclass

import numpy as np

from sklatent._typing import FloatArray, IntArray

from ._expectation import CovarianceType, Mixture, climb, log_densities, most_likely, single

__all__ = ["exchange", "grow", "merge_losses", "split_gain"]

# Points of a component that tell what its split gains, rounds of that, and its least points
# for each dimension.
MOST_POINTS, LOCAL_ROUNDS, LEAST = 1000, 5, 4
# At most one in so many components moves at a time, and so often.
MOVING, TURNS = 8, 8


@dataclass(frozen=True, eq=False)
class _Splits:
    """What the split of each component gains, in nats for each point of all, and its halves."""

    gains: FloatArray
    halves: dict[int, Mixture]

    def best(self) -> list[int]:
        """Return the components that can be split, the one that gains most first."""
        order = np.argsort(-self.gains, kind="stable")
        return [int(c) for c in order if int(c) in self.halves]


def _dense(mixture: Mixture) -> FloatArray:
    """Return covariances (k, d, d) of any kind."""
    k, d = mixture.means.shape
    if mixture.kind in ("full", "tied"):
        return np.broadcast_to(mixture.covariances, (k, d, d))
    return np.reshape(mixture.covariances, (k, -1, 1)) * np.eye(d)


def _two(one: Mixture, along: bool) -> Mixture:
    """Return two components for one: side by side on its longest axis, or small and wide."""
    means, covariances = np.repeat(one.means, 2, axis=0), one.covariances
    if one.kind != "tied":
        covariances = np.repeat(covariances, 2, axis=0)
        if not along:
            factors = np.array([0.5, 1.5]).reshape((2,) + (1,) * (covariances.ndim - 1))
            covariances = covariances * factors
    if along:
        values, vectors = np.linalg.eigh(_dense(one)[0])
        # The means of both halves of a normal distribution.
        step = np.sqrt(2 * values[-1] / np.pi) * vectors[:, -1]
        means = means + np.array([[-1.0], [1.0]]) * step
    return Mixture(np.full(2, 0.5), means, covariances, one.kind)


def split_gain(
    points: FloatArray, kind: CovarianceType, reg_covar: float
) -> tuple[float, Mixture | None]:
    """Return what two components gain over one on points, in nats each, and these two."""
    if len(points) < LEAST * (points.shape[1] + 1):
        return -np.inf, None
    best, halves = -np.inf, None
    try:
        one = single(points, kind, reg_covar)
        alone = float(log_densities(points, one).mean())
        for along in (True, False) if kind != "tied" else (True,):
            found, _ = climb(
                points,
                _two(one, along),
                reg_covar=reg_covar,
                tol=1e-3,
                max_iter=LOCAL_ROUNDS,
                n_parts=1,
            )
            gain = float(log_densities(points, found).mean()) - alone
            if gain > best:
                best, halves = gain, found
    except np.linalg.LinAlgError:
        # Points on a subspace, and no reg_covar.
        return -np.inf, None
    return best, halves


def _splits(Y: FloatArray, mixture: Mixture, reg_covar: float) -> _Splits:
    """Return the split of each component, by the points that most likely belong to it."""
    k = len(mixture.means)
    labels = most_likely(Y, mixture)
    counts = np.bincount(labels, minlength=k)
    groups = np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1])
    gains, halves = np.full(k, -np.inf), {}
    for c, rows in enumerate(groups):
        few = rows[:: max(1, -(-len(rows) // MOST_POINTS))]
        gain, pair = split_gain(Y[few], mixture.kind, reg_covar)
        if pair is not None:
            gains[c], halves[c] = gain * len(rows) / len(Y), pair
    return _Splits(gains, halves)


def grow(Y: FloatArray, mixture: Mixture, k: int, reg_covar: float) -> Mixture:
    """Return a mixture of at most `k` components: those that gain most are split, each once."""
    splits = _splits(Y, mixture, reg_covar)
    chosen = splits.best()[: k - len(mixture.means)]
    spare = list(range(len(mixture.means), len(mixture.means) + len(chosen)))
    return _replace(mixture, [], list(zip(chosen, spare, strict=True)), splits)


def merge_losses(mixture: Mixture) -> FloatArray:
    r"""Return a bound on what the merging of two components loses, in nats for each point of all.

    .. math:: [(w_i + w_j) \log|C| - w_i \log|C_i| - w_j \log|C_j|] / 2

    for the covariance C of both together (A. R. Runnalls, IEEE Trans. Aerosp. Electron. Syst. 43,
    2007). The array is (k, k), and infinite but for i < j.
    """
    weights, dense = mixture.weights, _dense(mixture)
    k = len(weights)
    heights = weights * np.linalg.slogdet(dense)[1]
    losses = np.full((k, k), np.inf)
    for i in range(k - 1):
        later = np.arange(i + 1, k)
        _, together = _merged(mixture, dense, np.full_like(later, i), later)
        both = (weights[i] + weights[later]) * np.linalg.slogdet(together)[1]
        losses[i, later] = (both - heights[i] - heights[later]) / 2
    return losses


def _merged(
    mixture: Mixture, dense: FloatArray, i: IntArray, j: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return means and covariances of components i and j together."""
    share = mixture.weights[i] / (mixture.weights[i] + mixture.weights[j])
    a = share[:, None, None]
    apart = mixture.means[j] - mixture.means[i]
    means = mixture.means[i] + (1 - share)[:, None] * apart
    between = a * (1 - a) * apart[:, :, None] * apart[:, None]
    return means, a * dense[i] + (1 - a) * dense[j] + between


def _moves(mixture: Mixture, splits: _Splits, n: int) -> list[tuple[int, int, int]]:
    """Return components i and j to merge and c to split, where the gain is above the loss.

    A gain counts beyond what as many new parameters gain of n points by chance, twice on average
    (H. Akaike, IEEE Trans. Autom. Control 19, 1974).
    """
    k, d = mixture.means.shape
    losses = merge_losses(mixture) + (mixture.n_products + d + 1) / n
    taken: set[int] = set()
    moves: list[tuple[int, int, int]] = []
    for flat in np.argsort(losses, axis=None, kind="stable")[: 4 * k]:
        i, j = divmod(int(flat), k)
        if len(moves) == max(1, k // MOVING):
            break
        if {i, j} & taken:
            continue
        c = next((c for c in splits.best() if c not in {i, j} | taken), None)
        if c is None or not splits.gains[c] > losses[i, j]:
            break
        taken |= {i, j, c}
        moves.append((i, j, c))
    return moves


def _replace(
    mixture: Mixture,
    pairs: list[tuple[int, int]],
    halved: list[tuple[int, int]],
    splits: _Splits,
) -> Mixture:
    """Return the mixture with each j of `pairs` merged into i, and each c split into c and j."""
    n_new = max([j + 1 for _, j in halved] + [len(mixture.means)]) - len(mixture.means)
    rows = np.concatenate([np.arange(len(mixture.means)), np.zeros(n_new, dtype=int)])
    weights, means = mixture.weights[rows], mixture.means[rows]
    own = mixture.kind != "tied"
    covariances = mixture.covariances[rows] if own else mixture.covariances
    if pairs:
        i, j = np.array(pairs).T
        means[i], together = _merged(mixture, _dense(mixture), i, j)
        weights[i] += weights[j]
        if own:
            variances = np.diagonal(together, axis1=1, axis2=2)
            forms = {"full": together, "diag": variances, "spherical": variances.mean(axis=1)}
            covariances[i] = forms[mixture.kind]
    for c, j in halved:
        both, two = [c, j], splits.halves[c]
        weights[both], means[both] = weights[c] * two.weights, two.means
        if own:
            covariances[both] = two.covariances
    return Mixture(weights, means, covariances, mixture.kind)


def exchange(
    Y: FloatArray,
    mixture: Mixture,
    heights: list[float],
    *,
    reg_covar: float,
    tol: float,
    max_iter: int,
) -> tuple[Mixture, list[float]]:
    """Merge and split components of a fitted mixture as long as its likelihood rises.

    `heights` are the mean log-likelihoods of the rounds that fitted it; those of the fit that is
    returned come with it.
    """
    if len(mixture.means) < 3:
        return mixture, heights
    for _ in range(TURNS):
        splits = _splits(Y, mixture, reg_covar)
        moves = _moves(mixture, splits, len(Y))
        if not moves:
            break
        moved = _replace(
            mixture, [(i, j) for i, j, _ in moves], [(c, j) for _, j, c in moves], splits
        )
        found, reached = climb(Y, moved, reg_covar=reg_covar, tol=tol, max_iter=max_iter)
        if reached[-1] <= heights[-1] + tol:
            break
        mixture, heights = found, reached
    return mixture, heights
