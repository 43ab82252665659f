"""A normal distribution on the subspace where it lives, and everything measured on it."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from sklearn.utils import gen_batches

from sklatent._typing import BoolArray, FloatArray

from .moments import CHUNK_VALUES, correlation_matrix

__all__ = [
    "ROUNDING",
    "Normal",
    "distance_to_support",
    "draw_points",
    "log_density",
    "mahalanobis_squared",
    "make_normal",
    "squared_distances",
    "unwhiten",
    "whiten",
]

ROUNDING = 10.0
EIGENVALUE_ROUNDING = 1e3
FLOAT64_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Normal:
    """A normal distribution of d components, with the maps to and from its support.

    The support is the affine subspace of dimension `rank` on which the distribution lives.

    Attributes
    ----------
    mean : ndarray of shape (d,)
        Mean, in latent units.
    covariance : ndarray of shape (d, d)
        Covariance, in squared latent units.
    whitening : ndarray of shape (d, rank)
        Takes centred points to coordinates of identity covariance.
    coloring : ndarray of shape (rank, d)
        Takes such coordinates back to centred points.
    log_determinant : float
        Logarithm of the product of the non-zero eigenvalues of the covariance.
    live : ndarray of shape (d,), dtype bool
        Whether a component varies by more than rounding.
    eps : float
        Relative spacing of the floating-point type that the points came in.
    spread : float
        Total variance, in squared latent units, of the points whose rounding counts: for a
        part of a distribution, that of the whole.

    See Also
    --------
    LatentGaussianModel.normal_ : The distribution that was fitted.
    """

    mean: FloatArray
    covariance: FloatArray
    whitening: FloatArray
    coloring: FloatArray
    log_determinant: float
    live: BoolArray
    eps: float
    spread: float

    @property
    def rank(self) -> int:
        """Dimension of the support, from 0 (a single point) to d."""
        return int(self.whitening.shape[1])

    @property
    def live_std(self) -> FloatArray:
        """Standard deviations (d,), in latent units; 0 for a component that does not vary."""
        return np.where(self.live, np.sqrt(np.diag(self.covariance)), 0.0)

    @property
    def correlation(self) -> FloatArray:
        """Pearson correlations (d, d); 0, and 1 with itself, for one that does not vary."""
        return correlation_matrix(self.covariance, self.live)

    @property
    def live_correlation(self) -> FloatArray:
        """Pearson correlations (d, d) of what varies: without the rounding off the support."""
        return correlation_matrix(self.coloring.T @ self.coloring, self.live)


def make_normal(
    mean: FloatArray, covariance: FloatArray, eps: float = FLOAT64_EPS, spread: float | None = None
) -> Normal:
    r"""Return the normal of a mean (d,) and a covariance (d, d), on the directions that vary.

    The correlation matrix is decomposed, :math:`R = V \Lambda V^T`, which with
    the standard deviations :math:`S` gives the whitening matrix
    :math:`S^{-1} V \Lambda^{-1/2}`, called PCA-cor in [1]_. So the units of a component
    do not matter: eigenvalues of the covariance itself would lose a component of
    scale 1e-6 beside one of scale 1e6 in the rounding of the larger one.

    Directions that hold rounding alone are left out. What rounding can do to
    component j is taken as :math:`r_j = 10 \epsilon \sqrt{\mu_j^2 + tr \Sigma}`: a few
    units in the last place of its own values, and of all components together, since a
    rotation such as PCA spreads rounding over all. A component is live if its standard
    deviation exceeds :math:`r_j`; eigenvector k counts if :math:`\lambda_k` exceeds both
    :math:`\sum_j V_{jk}^2 r_j^2 / S_j^2` and 1000 d times the float64 spacing,
    which allows for the sums in the matrix. `spread` takes the place of :math:`tr \Sigma`.

    Whitened coordinates stand in decreasing order of eigenvalue, with signs fixed so that the
    largest weight of each is positive.

    References
    ----------
    .. [1] A. Kessy, A. Lewin, K. Strimmer, "Optimal whitening and
       decorrelation", The American Statistician 72(4), 309-314, 2018.
    """
    variance = np.diag(covariance).clip(min=0.0)
    spread = float(variance.sum() if spread is None else spread)
    std = np.sqrt(variance)
    rounding = ROUNDING * eps * np.sqrt(mean**2 + spread)
    live = std > rounding
    scale = std[live]
    correlation = correlation_matrix(covariance, live)[np.ix_(live, live)]
    eigenvalues, vectors = (array[..., ::-1] for array in np.linalg.eigh(correlation))
    floor = np.maximum(
        (rounding[live] / scale) ** 2 @ vectors**2, EIGENVALUE_ROUNDING * len(mean) * FLOAT64_EPS
    )
    kept = eigenvalues > floor
    root, vectors = np.sqrt(eigenvalues[kept]), _fix_signs(vectors[:, kept])
    whitening = np.zeros((len(mean), len(root)))
    whitening[live] = vectors / scale[:, None] / root
    coloring = np.zeros((len(root), len(mean)))
    coloring[:, live] = (vectors * root * scale[:, None]).T
    log_determinant = 2 * float(np.log(root).sum() + _log_volume(vectors, scale))
    return Normal(mean, covariance, whitening, coloring, log_determinant, live, eps, spread)


def _fix_signs(vectors: FloatArray) -> FloatArray:
    if vectors.size == 0:
        return vectors
    largest = np.abs(vectors).argmax(axis=0)
    return vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])


def _log_volume(vectors: FloatArray, scale: FloatArray) -> float:
    """Log-volume spanned by orthonormal columns after their rows are scaled."""
    if vectors.shape[0] == vectors.shape[1]:
        return float(np.log(scale).sum())
    # QR keeps the relative accuracy of small rows if large ones stand first.
    order = np.argsort(-scale)
    (triangle,) = linalg.qr((scale[:, None] * vectors)[order], mode="r", pivoting=True)[:1]
    return float(np.log(np.abs(np.diag(triangle))).sum())


def _chunk_rows(n: int, d: int) -> int:
    return max(1, min(n, CHUNK_VALUES // max(1, d)))


def whiten(X: FloatArray, normal: Normal) -> FloatArray:
    r"""Return coordinates (n, rank) of identity covariance, :math:`y = W^T (x - \mu)`.

    A point off the support is projected onto it, orthogonally in components of unit variance.
    """
    white = np.empty((len(X), normal.rank))
    for rows in gen_batches(len(X), _chunk_rows(*X.shape)):
        white[rows] = np.subtract(X[rows], normal.mean, order="C") @ normal.whitening
    return white


def unwhiten(Y: FloatArray, normal: Normal) -> FloatArray:
    r"""Return the points (n, d) with whitened coordinates (n, rank), :math:`\mu + C^T y`."""
    points = Y @ normal.coloring
    points += normal.mean
    return points


def draw_points(n_samples: int, normal: Normal, generator: np.random.Generator) -> FloatArray:
    r"""Draw points :math:`\mu + C^T \varepsilon` (n, d) with standard normal :math:`\varepsilon`.

    Memory beyond them stays at 1 MB.
    """
    d = len(normal.mean)
    points = np.empty((n_samples, d))
    noise = np.empty((_chunk_rows(n_samples, d), normal.rank))
    for rows in gen_batches(n_samples, len(noise)):
        part = points[rows]
        white = generator.standard_normal(out=noise[: len(part)])
        np.matmul(white, normal.coloring, out=part)
        part += normal.mean
    return points


def mahalanobis_squared(X: FloatArray, normal: Normal) -> FloatArray:
    """Return the squared Mahalanobis distances (n,) to the mean, measured on the support."""
    return squared_distances(X, normal.mean, normal.whitening)


@np.errstate(over="ignore", invalid="ignore")
def squared_distances(X: FloatArray, center: FloatArray, whitening: FloatArray) -> FloatArray:
    r"""Return :math:`\|W^T (x - c)\|^2` (n,) of points (n, d), without a copy of them.

    Those that float64 cannot hold are infinite.
    """
    squared = np.empty(len(X))
    height = _chunk_rows(len(X), len(center))
    centred, white = np.empty((height, len(center))), np.empty((height, whitening.shape[1]))
    for rows in gen_batches(len(X), height):
        part = X[rows]
        left, right = centred[: len(part)], white[: len(part)]
        np.matmul(np.subtract(part, center, out=left), whitening, out=right)
        np.einsum("ij,ij->i", right, right, out=squared[rows])
    # The difference of two infinities, in a sum over components.
    squared[np.isnan(squared)] = np.inf
    return squared


def distance_to_support(X: FloatArray, normal: Normal) -> FloatArray:
    r"""Return :math:`\|(I - C^T W^T) (x - \mu)\|` (n,): what `unwhiten` does not bring back."""
    distance = np.empty(len(X))
    for rows in gen_batches(len(X), _chunk_rows(*X.shape)):
        centred = np.subtract(X[rows], normal.mean, order="C")
        residual = centred - centred @ normal.whitening @ normal.coloring
        distance[rows] = np.linalg.norm(residual, axis=1)
    return distance


def log_density(squared: FloatArray | float, normal: Normal) -> FloatArray:
    r"""Return :math:`-\frac12 (r \log 2\pi + \log |\Sigma|_+ + d^2)` at squared distances.

    In nats, per unit of volume in the support, of dimension :math:`r`; :math:`|\Sigma|_+` is
    the product of the non-zero eigenvalues (C. R. Rao, "Linear Statistical Inference and Its
    Applications", 2nd ed., Wiley, 1973, pages 527-528).
    """
    return -0.5 * (normal.rank * np.log(2 * np.pi) + normal.log_determinant + np.asarray(squared))
