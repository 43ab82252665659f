"""Whether a model describes points: its distances, its draws and its support."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from sklatent._covariance.moments import Moments
from sklatent._covariance.support import (
    ROUNDING,
    Normal,
    distance_to_support,
    mahalanobis_squared,
    whiten,
)
from sklatent._typing import AnyArray

from .columns import KS_TOLERANCE
from .distances import distance_gap, distance_gap_pvalue, reference_distribution
from .frame import FEW_POINTS, Frame, Settings
from .report import NAN, Check, Reply
from .two_sample import AUC_TOLERANCE, two_sample_auc, two_sided

__all__ = ["Fitted", "ModelValues", "judge_model", "read_model", "same_moments"]

# Times the rounding of the points, beyond which one lies off the support.
OFF_SUPPORT = 100


class Fitted(NamedTuple):
    """What is read of a fitted model, beside points.

    `training` says whether it was fitted to the points, `own` whether it has their mean and
    covariance besides; `names` are those of its components.
    """

    normal: Normal
    n_samples: int
    names: AnyArray
    training: bool
    own: bool


class ModelValues(NamedTuple):
    """Fields of `NormalityReport`; NaN where not measured."""

    model_auc: float = NAN
    model_coverage_gap: float = NAN
    model_scale: float = NAN
    model_support_distance: float = NAN


def read_model(model: Any, frame: Frame) -> Fitted:
    """Read a fitted `LatentGaussianModel`, beside the points as they came."""
    training = same_moments(model.moments_, frame.moments)
    names = getattr(model, "feature_names_in_", None)
    return Fitted(
        normal=model.normal_,
        n_samples=model.n_samples_seen_,
        names=np.arange(len(frame.mean)) if names is None else np.asarray(names, dtype=str),
        training=training,
        own=training and model.covariance == "empirical" and model.core_coverage is None,
    )


def same_moments(a: Moments | None, b: Moments) -> bool:
    """Return whether moments are those of the same points, up to rounding."""
    if a is None or a.n_samples != b.n_samples:
        return False
    std = np.sqrt(np.diag(a.scatter) / a.n_samples)
    tolerance = 1e-6 * std + 1e-300
    same_mean = (np.abs(a.mean - b.mean) <= tolerance).all()
    limit = 1e-6 * a.n_samples * np.outer(std, std) + 1e-300
    return bool(same_mean and (np.abs(a.scatter - b.scatter) <= limit).all())


def judge_model(
    model: Fitted, frame: Frame, settings: Settings, shape: Sequence[Check]
) -> tuple[ModelValues, Reply]:
    """Measure the points as they came in the model, and answer "described by the model?".

    `shape` holds coverage gap and classifier of the points' shape, where the model has their mean
    and covariance: then these are its own, and are judged once. Else it is empty.
    """
    n, rank = len(frame.points), model.normal.rank
    distance, off_share = _off_support(model, frame)
    values = ModelValues(model_support_distance=distance)
    if off_share > KS_TOLERANCE:
        return values, ("no", _off_in_words(model, off_share, distance / off_share))
    if rank == 0:
        return values, ("unclear", "The model is a single point.")
    squared = mahalanobis_squared(frame.points, model.normal)
    gap, _ = distance_gap(squared, reference_distribution(rank, model.n_samples, model.training))
    values = values._replace(model_coverage_gap=gap, model_scale=float(squared.mean() / rank))
    if model.training and not frame.shows_shape:
        return values, (
            "unclear",
            f"It was fitted to these {n} points, too few to check it on them.",
        )
    if shape:
        auc = next(check.effect for check in shape if check.statistic == "classifier AUC")
        bad = any(check.violated(settings.significance) for check in shape)
    else:
        auc, bad = _contradicts(model, frame, settings, gap)
    values = values._replace(model_auc=auc)
    few = not bad and n < FEW_POINTS
    reason = _in_words(model, values, bad) + (f" {n} points are too few to tell." if few else "")
    return values, ("unclear" if few else "no" if bad else "yes", reason)


def _off_support(model: Fitted, frame: Frame) -> tuple[float, float]:
    """Mean distance of the points from the model's support, and the share that is off it."""
    if model.normal.rank == len(model.normal.mean) or model.training:
        return 0.0, 0.0
    distance = distance_to_support(frame.points, model.normal)
    eps = max(frame.moments.eps, model.normal.eps)
    size = np.sqrt(np.square(model.normal.mean).sum() + model.normal.spread)
    off = distance > OFF_SUPPORT * ROUNDING * eps * size
    return float(np.where(off, distance, 0.0).mean()), float(off.mean())


def _contradicts(model: Fitted, frame: Frame, settings: Settings, gap: float) -> tuple[float, bool]:
    """Area under the curve of draws, and whether it or the coverage gap speaks against them."""
    auc, held_out = _auc(model, frame, settings)
    pvalues = [two_sided(auc, held_out), _gap_pvalue(model, len(frame.points), settings, gap)]
    sure = stats.false_discovery_control(pvalues) < settings.significance
    return auc, bool((auc > AUC_TOLERANCE and sure[0]) or (gap > KS_TOLERANCE and sure[1]))


def _auc(model: Fitted, frame: Frame, settings: Settings) -> tuple[float, int]:
    white = whiten(frame.points[settings.rows(len(frame.points))], model.normal)
    drawn = settings.random_state.standard_normal(white.shape)
    auc = two_sample_auc(white, drawn, settings.random_state)
    return max(auc, 1 - auc), len(white) - len(white) // 2


def _gap_pvalue(model: Fitted, n: int, settings: Settings, gap: float) -> float:
    if model.training:
        return distance_gap_pvalue(gap, n, model.normal.rank, settings.random_state)
    # Points that share one estimated model move together, by its own sampling error.
    effective = 1 / (1 / n + 1 / model.n_samples)
    return float(stats.kstwo.sf(gap, max(2, int(effective))))


def _off_in_words(model: Fitted, share: float, distance: float) -> str:
    return (
        f"{100 * share:.0f} % of the points lie off the {model.normal.rank} of "
        f"{len(model.normal.mean)} dimensions in which it varies, by {distance:.3g} on average "
        f"(latent units), where its density is zero.{_few_fitted(model)}"
    )


def _in_words(model: Fitted, values: ModelValues, bad: bool) -> str:
    parts = [
        f"A classifier tells its draws from the points with AUC {values.model_auc:.2f} "
        "(0.5: not at all)"
    ]
    if not model.own:
        parts.append(f"squared distances are {values.model_scale:.2f} times a normal's on average")
    reason = "; ".join([*parts, f"coverage gap {values.model_coverage_gap:.3f}."])
    return reason + (_few_fitted(model) if bad else "")


def _few_fitted(model: Fitted) -> str:
    rank = model.normal.rank
    if model.training or model.n_samples >= 20 * rank:
        return ""
    return f" It was fitted to few points, {model.n_samples} for {rank} dimensions."
