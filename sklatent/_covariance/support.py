"""The subspace on which a normal distribution lives, and everything measured on it."""

from typing import NamedTuple

import numpy as np
from scipy import linalg
from sklearn.utils import gen_batches

from .moments import CHUNK_VALUES, correlation_matrix

__all__ = [
    "Support",
    "distance_to_support",
    "draw_points",
    "find_support",
    "log_density",
    "mahalanobis_squared",
    "unwhiten",
    "whiten",
]

ROUNDING = 10.0
EIGENVALUE_ROUNDING = 1e3


class Support(NamedTuple):
    """The subspace on which a normal distribution lives, with its two maps.

    Attributes
    ----------
    whitening : ndarray of shape (d, rank)
        Takes centred points to coordinates of identity covariance.
    coloring : ndarray of shape (rank, d)
        Takes such coordinates back to centred points.
    log_determinant : float
        Logarithm of the product of the non-zero eigenvalues of the covariance.
    live : ndarray of shape (d,), dtype bool
        Whether a component varies by more than rounding.
    """

    whitening: np.ndarray
    coloring: np.ndarray
    log_determinant: float
    live: np.ndarray

    @property
    def rank(self) -> int:
        """Dimension of the support, from 0 (a single point) to d."""
        return self.whitening.shape[1]


def _row_chunks(X):
    return gen_batches(len(X), max(1, CHUNK_VALUES // max(1, X.shape[1])))


def find_support(
    mean, covariance, eps: float = float(np.finfo(np.float64).eps), spread: float | None = None
) -> Support:
    r"""Decompose a covariance matrix on the directions in which it varies.

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
    which allows for the sums in the matrix.

    Parameters
    ----------
    mean : ndarray of shape (d,)
        Mean in latent units.
    covariance : ndarray of shape (d, d)
        Symmetric, positive semi-definite up to rounding, in squared latent units.
    eps : float, default=2.2e-16
        :math:`\epsilon`, the relative spacing of the type that the points came in.
    spread : float, default=None
        Takes the place of :math:`tr \Sigma`, in squared latent units: for a part of a
        distribution, the trace of the covariance of the whole.

    Returns
    -------
    Support
        Coordinates in decreasing order of eigenvalue, with signs fixed so that the largest
        weight of each is positive.

    References
    ----------
    .. [1] A. Kessy, A. Lewin, K. Strimmer, "Optimal whitening and
       decorrelation", The American Statistician 72(4), 309-314, 2018.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> find_support(np.zeros(3), np.diag([4.0, 0.0, 1e-12])).rank
    2
    """
    variance = np.diag(covariance).clip(min=0.0)
    std = np.sqrt(variance)
    rounding = ROUNDING * eps * np.sqrt(mean**2 + (variance.sum() if spread is None else spread))
    live = std > rounding
    scale = std[live]
    correlation = correlation_matrix(covariance, live)[np.ix_(live, live)]
    eigenvalues, vectors = (array[..., ::-1] for array in np.linalg.eigh(correlation))
    floor = np.maximum(
        (rounding[live] / scale) ** 2 @ vectors**2,
        EIGENVALUE_ROUNDING * len(mean) * np.finfo(np.float64).eps,
    )
    kept = eigenvalues > floor
    root, vectors = np.sqrt(eigenvalues[kept]), _fix_signs(vectors[:, kept])
    whitening = np.zeros((len(mean), len(root)))
    whitening[live] = vectors / scale[:, None] / root
    coloring = np.zeros((len(root), len(mean)))
    coloring[:, live] = (vectors * root * scale[:, None]).T
    log_determinant = 2 * float(np.log(root).sum() + _log_volume(vectors, scale))
    return Support(whitening, coloring, log_determinant, live)


def _fix_signs(vectors):
    if vectors.size == 0:
        return vectors
    largest = np.abs(vectors).argmax(axis=0)
    return vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])


def _log_volume(vectors, scale) -> float:
    """Log-volume spanned by orthonormal columns after their rows are scaled."""
    if vectors.shape[0] == vectors.shape[1]:
        return float(np.log(scale).sum())
    # QR keeps the relative accuracy of small rows if large ones stand first.
    order = np.argsort(-scale)
    (triangle,) = linalg.qr((scale[:, None] * vectors)[order], mode="r", pivoting=True)[:1]
    return float(np.log(np.abs(np.diag(triangle))).sum())


def whiten(X, mean, support: Support):
    r"""Return coordinates of identity covariance, :math:`y = W^T (x - \mu)`.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points in latent units. A point off the support is projected onto
        it, orthogonally in components of unit variance.
    mean : ndarray of shape (d,)
        Mean in latent units.
    support : Support
        From `find_support`.

    Returns
    -------
    ndarray of shape (n, rank), float64
        Coordinates without unit.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> support = find_support(np.zeros(2), np.diag([4.0, 0.0]))
    >>> whiten(np.array([[6.0, 0.0]]), np.zeros(2), support)
    array([[3.]])
    """
    white = np.empty((len(X), support.rank))
    for rows in _row_chunks(X):
        white[rows] = (X[rows] - mean) @ support.whitening
    return white


def unwhiten(Y, mean, support: Support):
    """Return the points on the support that have the whitened coordinates `Y`.

    Parameters
    ----------
    Y : ndarray of shape (n, rank)
        Coordinates without unit.
    mean : ndarray of shape (d,)
        Mean in latent units.
    support : Support
        From `find_support`.

    Returns
    -------
    ndarray of shape (n, d), float64
        Points in latent units.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> support = find_support(np.ones(2), np.diag([4.0, 0.0]))
    >>> unwhiten(np.array([[3.0]]), np.ones(2), support)
    array([[7., 1.]])
    """
    points = Y @ support.coloring
    points += mean
    return points


def draw_points(n_samples: int, mean, support: Support, generator: np.random.Generator):
    r"""Draw points :math:`\mu + C^T \varepsilon` with standard normal :math:`\varepsilon`.

    Parameters
    ----------
    n_samples : int
        Number of points, n.
    mean : ndarray of shape (d,)
        Mean in latent units.
    support : Support
        From `find_support`, with coloring matrix C.
    generator : numpy.random.Generator
        Source of the normal numbers.

    Returns
    -------
    ndarray of shape (n, d), float64
        Points on the support, in latent units. Memory beyond them stays at 1 MB.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> support = find_support(np.ones(2), np.diag([4.0, 0.0]))
    >>> draw_points(2, np.ones(2), support, np.random.default_rng(0))[:, 1]
    array([1., 1.])
    """
    points = np.empty((n_samples, len(mean)))
    height = max(1, min(n_samples, CHUNK_VALUES // len(mean)))
    noise = np.empty((height, support.rank))
    for rows in gen_batches(n_samples, len(noise)):
        part = points[rows]
        white = generator.standard_normal(out=noise[: len(part)])
        np.matmul(white, support.coloring, out=part)
        part += mean
    return points


def mahalanobis_squared(X, mean, support: Support):
    """Return the squared Mahalanobis distance to the mean, measured on the support.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points in latent units; what lies off the support does not count.
    mean : ndarray of shape (d,)
        Mean in latent units.
    support : Support
        From `find_support`.

    Returns
    -------
    ndarray of shape (n,), float64
        Squared distances without unit.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> support = find_support(np.zeros(2), np.diag([4.0, 1.0]))
    >>> mahalanobis_squared(np.array([[6.0, 1.0]]), np.zeros(2), support)
    array([10.])
    """
    squared = np.empty(len(X))
    height = max(1, min(len(X), CHUNK_VALUES // len(mean)))
    centred, white = np.empty((height, len(mean))), np.empty((height, support.rank))
    for rows in gen_batches(len(X), height):
        part = X[rows]
        left, right = centred[: len(part)], white[: len(part)]
        np.matmul(np.subtract(part, mean, out=left), support.whitening, out=right)
        np.einsum("ij,ij->i", right, right, out=squared[rows])
    return squared


def distance_to_support(X, mean, support: Support):
    """Return the length of what `unwhiten` does not bring back after `whiten`.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Points in latent units.
    mean : ndarray of shape (d,)
        Mean in latent units.
    support : Support
        From `find_support`.

    Returns
    -------
    ndarray of shape (n,), float64
        Euclidean distances in latent units, 0 up to rounding on the support.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> support = find_support(np.zeros(2), np.diag([4.0, 0.0]))
    >>> distance_to_support(np.array([[6.0, 0.0], [6.0, 2.0]]), np.zeros(2), support)
    array([0., 2.])
    """
    distance = np.empty(len(X))
    for rows in _row_chunks(X):
        centred = X[rows] - mean
        residual = centred - centred @ support.whitening @ support.coloring
        distance[rows] = np.linalg.norm(residual, axis=1)
    return distance


def log_density(squared, support: Support):
    r"""Return the log-density at squared Mahalanobis distances from the mean.

    It is :math:`-\frac12 (r \log 2\pi + \log |\Sigma|_+ + d^2)` in dimension :math:`r`,
    the rank, with :math:`|\Sigma|_+` the product of the non-zero eigenvalues [1]_.

    Parameters
    ----------
    squared : float or ndarray of shape (n,)
        Squared distances :math:`d^2` from `mahalanobis_squared`.
    support : Support
        From `find_support`.

    Returns
    -------
    float or ndarray of shape (n,)
        Nats, per unit of volume within the support.

    References
    ----------
    .. [1] C. R. Rao, "Linear Statistical Inference and Its Applications",
       2nd ed., Wiley, 1973, pages 527-528.

    Examples
    --------
    >>> import numpy as np
    >>>
    >>> support = find_support(np.zeros(1), np.array([[1.0]]))
    >>> round(float(log_density(0.0, support)), 4)
    -0.9189
    """
    return -0.5 * (support.rank * np.log(2 * np.pi) + support.log_determinant + squared)
