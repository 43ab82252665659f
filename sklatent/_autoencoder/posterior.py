"""What a variational encoder says of each latent component, and which have collapsed."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sklatent._random import check_seed
from sklatent._tables import format_numbers, format_table
from sklatent._typing import BoolArray, FloatArray, RandomState

__all__ = ["ACTIVE_VARIANCE", "Posterior", "PosteriorReport", "report_posterior"]

ACTIVE_VARIANCE = 0.01
_SHOWN = 20


class Posterior(NamedTuple):
    """Normal distributions of latent points, one for each image, without correlations.

    Attributes
    ----------
    mean : ndarray of shape (n, latent_dim)
        Their means, in latent units.
    variance : ndarray of shape (n, latent_dim)
        Their variances, in squared latent units.
    """

    mean: FloatArray
    variance: FloatArray

    def sample(self, random_state: RandomState = None) -> FloatArray:
        """Draw one point for each image.

        All together they are draws from the aggregated posterior, which is wider than
        the means are, and which a density behind a variational model should describe.

        Parameters
        ----------
        random_state : int, RandomState instance or None, default=None
            Two calls without one differ; two with the same int agree.

        Returns
        -------
        points : ndarray of shape (n, latent_dim)
            Latent points, of the dtype of `mean`.
        """
        noise = check_seed(random_state).standard_normal(self.mean.shape)
        return self.mean + np.sqrt(self.variance) * noise.astype(self.mean.dtype)


@dataclass(frozen=True, eq=False, repr=False)
class PosteriorReport:
    """Which latent components of a variational model tell of the image.

    Attributes
    ----------
    active : ndarray of shape (latent_dim,), dtype bool
        Whether `mean_variance` is above `threshold` [1]_. The others have collapsed.
    mean_variance : ndarray of shape (latent_dim,)
        Variance over images of the posterior mean, in squared latent units.
    kl : ndarray of shape (latent_dim,)
        Mean over images of the Kullback-Leibler divergence of the posterior from N(0, 1),
        in nats: an upper bound of what the component tells of the image.
    threshold : float
        Least variance of an active component, in squared latent units.
    n_samples : int
        Number of images.

    See Also
    --------
    ConvAutoencoder.posterior_report : Makes this record.

    References
    ----------
    .. [1] Y. Burda, R. Grosse and R. Salakhutdinov, "Importance weighted autoencoders",
       ICLR 2016, arXiv 1509.00519, section 5.
    """

    active: BoolArray
    mean_variance: FloatArray
    kl: FloatArray
    threshold: float
    n_samples: int

    @property
    def summary(self) -> str:
        """One line: how many components collapsed, and the divergence of all together."""
        n_collapsed = int(np.sum(~self.active))
        return (
            f"{n_collapsed} of {len(self.active)} latent components collapsed (variance of the "
            f"posterior mean at most {self.threshold:g}); divergence from N(0, I): "
            f"{self.kl.sum():.4g} nats per image."
        )

    def __repr__(self) -> str:
        order = np.argsort(-self.kl, kind="stable")[:_SHOWN]
        table = format_table(
            {
                "component": [str(index) for index in order],
                "KL, nats": format_numbers(self.kl[order], 3),
                "variance of mean": format_numbers(self.mean_variance[order], 4),
                "active": ["yes" if active else "no" for active in self.active[order]],
            }
        )
        left_out = len(self.kl) - len(order)
        return "\n".join([self.summary, table, *([f"... and {left_out} more"] if left_out else [])])


def report_posterior(
    mean: FloatArray, log_variance: FloatArray, threshold: float = ACTIVE_VARIANCE
) -> PosteriorReport:
    """Return a report of posteriors with these means and log-variances (n, latent_dim).

    The divergence of a component from N(0, 1) is 0.5 (m^2 + v - 1 - log v) with mean m
    and variance v (Kingma and Welling, ICLR 2014, appendix B).
    """
    if len(mean) < 2:
        raise ValueError(f"X must hold at least 2 images; got {len(mean)}.")
    squares = np.square(mean).mean(axis=0, dtype=np.float64)
    variances = np.exp(log_variance).mean(axis=0, dtype=np.float64)
    kl = 0.5 * (squares + variances - 1 - log_variance.mean(axis=0, dtype=np.float64))
    kl = np.maximum(kl, 0.0)
    mean_variance = mean.var(axis=0, dtype=np.float64, ddof=1)
    active = mean_variance > threshold
    return PosteriorReport(active, mean_variance, kl, float(threshold), len(mean))
