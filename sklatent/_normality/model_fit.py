"""Whether a model describes points: its distances, its draws and its support."""

import numpy as np
from scipy import stats

from sklatent._covariance.moments import Moments
from sklatent._covariance.support import ROUNDING, distance_to_support, mahalanobis_squared, whiten
from sklatent._random import subsample

from .columns import KS_TOLERANCE
from .distances import distance_gap, distance_gap_pvalue, reference_distribution
from .report import Check, Verdict
from .two_sample import AUC_TOLERANCE, auc_pvalue, two_sample_auc

__all__ = ["FEW_POINTS", "AgainstModel", "same_moments", "two_sided"]

QUESTION = "described by the model?"
# Fewer do not show a shape, so that no answer is a "yes".
FEW_POINTS = 60
# Times the rounding of the points, beyond which one lies off the support.
OFF_SUPPORT = 100


class AgainstModel:
    """Points beside a fitted model.

    Parameters
    ----------
    model : LatentGaussianModel
        Fitted.
    frame : sklatent._normality.frame.Frame
        Of the points as they came.
    training, own : bool
        Whether the model was fitted to the points, and has their mean and covariance besides.
    significance, max_points, random_state : float, int, RandomState instance
        As for `LatentGaussianModel.normality_report`.

    Attributes
    ----------
    values : dict of str to float
        Of `NormalityReport`, those that start with ``model_``; NaN where not measured.
    """

    def __init__(self, model, frame, training, own, significance, max_points, random_state):
        self.model, self.frame, self.points = model, frame, frame.points
        self.n, self.training, self.own = len(frame.points), training, own
        self.significance, self.max_points = significance, max_points
        self.random_state = random_state
        names = "model_auc", "model_coverage_gap", "model_scale", "model_support_distance"
        self.values = dict.fromkeys(names, float("nan"))

    def judge(self, joint: bool, shape: tuple[Check, Check] | None) -> Verdict:
        """Return the answer to "described by the model?".

        Parameters
        ----------
        joint : bool
            Whether there are points enough for a statement about their joint shape.
        shape : tuple of two Check or None
            Coverage gap and classifier of the points' shape, where the model has their mean
            and covariance: then these are its own, and are judged once.

        Returns
        -------
        Verdict
            Its reason gives the numbers.
        """
        off_share = self._measure_support()
        if off_share > KS_TOLERANCE:
            return Verdict(QUESTION, "no", self._off_in_words(off_share))
        if self.model.rank_ == 0:
            return Verdict(QUESTION, "unclear", "The model is a single point.")
        self._measure_distances()
        if self.training and not joint:
            reason = f"It was fitted to these {self.n} points, too few to check it on them."
            return Verdict(QUESTION, "unclear", reason)
        bad = self._contradicts_shape(shape) if shape else self._contradicts()
        few = not bad and self.n < FEW_POINTS
        reason = self._in_words(bad) + (f" {self.n} points are too few to tell." if few else "")
        return Verdict(QUESTION, "unclear" if few else "no" if bad else "yes", reason)

    def _measure_support(self) -> float:
        """Measure distances from the support; return the share of points that are off it."""
        model = self.model
        if model.rank_ == len(model.mean_) or self.training:
            self.values["model_support_distance"] = 0.0
            return 0.0
        distance = distance_to_support(self.points, model.normal_)
        eps = max(self.frame.moments.eps, model.normal_.eps)
        size = np.sqrt(np.square(model.mean_).sum() + model.normal_.spread)
        off = distance > OFF_SUPPORT * ROUNDING * eps * size
        self.values["model_support_distance"] = float(np.where(off, distance, 0.0).mean())
        return float(off.mean())

    def _off_in_words(self, share):
        distance = self.values["model_support_distance"] / share
        few = self._few_fitted()
        return (
            f"{100 * share:.0f} % of the points lie off the {self.model.rank_} of "
            f"{len(self.model.mean_)} dimensions in which it varies, by {distance:.3g} on average "
            f"(latent units), where its density is zero.{few}"
        )

    def _measure_distances(self):
        model = self.model
        squared = mahalanobis_squared(self.points, model.normal_)
        reference = reference_distribution(model.rank_, model.n_samples_seen_, self.training)
        gap, _ = distance_gap(squared, reference)
        self.values["model_coverage_gap"] = gap
        self.values["model_scale"] = float(squared.mean() / model.rank_)

    def _contradicts_shape(self, shape):
        self.values["model_auc"] = shape[1].effect
        return any(check.violated(self.significance) for check in shape)

    def _contradicts(self):
        auc, held_out = self._auc()
        self.values["model_auc"] = auc
        gap = self.values["model_coverage_gap"]
        adjusted = stats.false_discovery_control([two_sided(auc, held_out), self._gap_pvalue(gap)])
        return bool(
            (auc > AUC_TOLERANCE and adjusted[0] < self.significance)
            or (gap > KS_TOLERANCE and adjusted[1] < self.significance)
        )

    def _gap_pvalue(self, gap):
        if self.training:
            rank = self.model.rank_
            return distance_gap_pvalue(gap, self.n, rank, self.random_state)
        # Points that share one estimated model move together, by its own sampling error.
        effective = 1 / (1 / self.n + 1 / self.model.n_samples_seen_)
        return float(stats.kstwo.sf(gap, max(2, int(effective))))

    def _in_words(self, bad):
        auc, gap = self.values["model_auc"], self.values["model_coverage_gap"]
        parts = [
            f"A classifier tells its draws from the points with AUC {auc:.2f} (0.5: not at all)"
        ]
        if not self.own:
            scale = self.values["model_scale"]
            parts.append(f"squared distances are {scale:.2f} times a normal's on average")
        reason = "; ".join([*parts, f"coverage gap {gap:.3f}."])
        return reason + (self._few_fitted() if bad else "")

    def _few_fitted(self):
        n_fitted, rank = self.model.n_samples_seen_, self.model.rank_
        if self.training or n_fitted >= 20 * rank:
            return ""
        return f" It was fitted to few points, {n_fitted} for {rank} dimensions."

    def _auc(self):
        size = min(self.n, self.max_points)
        rows = subsample(self.n, size, self.random_state)
        white = whiten(self.points[rows], self.model.normal_)
        drawn = self.random_state.standard_normal(white.shape)
        auc = two_sample_auc(white, drawn, self.random_state)
        return max(auc, 1 - auc), size - size // 2


def two_sided(auc: float, held_out: int) -> float:
    """Return the p-value of the larger of an AUC and its complement.

    Parameters
    ----------
    auc : float
        The larger of the two, in [0.5, 1].
    held_out : int
        Number of held-out points of each of two sets.

    Returns
    -------
    float
        Probability in [0, 1].

    Examples
    --------
    >>> from sklatent._normality.model_fit import two_sided
    >>> two_sided(0.5, 100)
    1.0
    """
    return min(1.0, 2 * auc_pvalue(auc, held_out, held_out))


def same_moments(a: Moments | None, b: Moments) -> bool:
    """Return whether moments are those of the same points, up to rounding.

    Parameters
    ----------
    a, b : sklatent._covariance.moments.Moments
        The first may be None, which is nobody's.

    Returns
    -------
    bool
        Whether numbers, means and scatter matrices agree.

    Examples
    --------
    >>> import numpy as np
    >>> from sklatent._normality.model_fit import same_moments
    >>> from sklatent._covariance.moments import compute_moments
    >>> moments = compute_moments(np.array([[1.0], [3.0]]))
    >>> same_moments(moments, moments), same_moments(None, moments)
    (True, False)
    """
    if a is None or a.n_samples != b.n_samples:
        return False
    std = np.sqrt(np.diag(a.scatter) / a.n_samples)
    tolerance = 1e-6 * std + 1e-300
    same_mean = (np.abs(a.mean - b.mean) <= tolerance).all()
    limit = 1e-6 * a.n_samples * np.outer(std, std) + 1e-300
    return bool(same_mean and (np.abs(a.scatter - b.scatter) <= limit).all())
