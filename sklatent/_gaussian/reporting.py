"""`normality_report` of the latent Gaussian model: its parameters and their checks."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklatent._normality.build import build_report
from sklatent._normality.frame import Settings, own_frame
from sklatent._random import check_seed
from sklatent._validation import check_number

__all__ = ["NormalityReportMixin"]


class NormalityReportMixin:
    """Give a fitted Gaussian model its report on latent points."""

    def normality_report(self, X, *, significance=0.01, max_points=5_000, random_state=None):
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
        points = self._check_points(X)  # type: ignore[attr-defined]
        significance = check_number(
            "significance", significance, low=0, high=1, open_low=True, open_high=True
        )
        max_points = check_number("max_points", max_points, low=100, integer=True)
        random_state = check_seed(random_state)
        frame = own_frame(points)
        if not np.isfinite(frame.moments.scatter).all():
            raise ValueError("X must hold values whose squares float64 can hold; got larger ones.")
        return build_report(self, frame, Settings(significance, max_points, random_state))
