"""`normality_report` of the latent Gaussian model: measure, judge, and put together."""

from typing import Any

import numpy as np
from scipy import stats
from sklearn.utils.validation import check_is_fitted

from sklatent import _dependence, _measuring, _normal, _normality, _verdicts
from sklatent._report import Check, Clouds, NormalityReport, Verdict
from sklatent._validation import check_number, check_seed

__all__ = ["NormalityReportMixin"]

# Extra points, over twice the dimension, for a statement about the joint shape.
SPARE = 20


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
            Latent points: those that the model was fitted to, which is noticed, or others. At
            least 2 n_rank + 20 are needed for a statement about the joint shape, and 20 for one
            about components.
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
        frame = _measuring.own_frame(points)
        if not np.isfinite(frame.moments.scatter).all():
            raise ValueError("X must hold values whose squares float64 can hold; got larger ones.")
        return _Builder(self, frame, significance, max_points, random_state).build()


class _Builder:
    """The steps to a report, which share the points, the settings and the notes."""

    def __init__(self, model, frame, significance, max_points, random_state):
        self.model, self.frame = model, frame
        self.significance, self.max_points = significance, max_points
        self.random_state = random_state
        self.n, self.rank = len(frame.points), frame.support.rank
        self.joint = self.rank > 0 and self.n >= max(20, 2 * self.rank + SPARE)
        self.training = _same_moments(model._moments, frame.moments)
        self.raw: list[tuple[str, float, float, float, int]] = []
        # Nothing is known of points that are too few to measure.
        self.columns: Any = None
        self.principal: Any = None
        self.pairs: Any = None
        self.principal_pairs: Any = None
        self.clouds = self.radial = self.adjusted = self.principal_adjusted = None
        self.notes: list[str] = []
        self.values: dict = dict.fromkeys(
            ("coverage_gap", "distance_wasserstein", "mardia_skewness", "mardia_kurtosis",
             "shape_auc", "model_auc", "model_coverage_gap", "model_scale",
             "tail_degrees_of_freedom"), float("nan"),
        )  # fmt: skip

    def build(self) -> NormalityReport:
        if self.rank == 0 or self.n < 8:
            return self._too_few()
        self._measure_parts()
        if self.joint:
            self._measure_joint()
        model_verdict = self._judge_model()
        checks = self._adjusted_checks()
        self._note_subsamples()
        evidence = _verdicts.Evidence(
            n_samples=self.n, rank=self.rank, joint=self.joint, significance=self.significance,
            visible_gap=self._visible_gap(), checks=checks, clouds=self.clouds,
            live=np.flatnonzero(self.frame.support.live),
            odd_components=self.odd, odd_principal=self.odd_principal,
            components=self.columns.shapes, component_pairs=self.pairs, radial=self.radial,
            hollow=self._hollow(), tail=self.values["tail_degrees_of_freedom"],
        )  # fmt: skip
        verdicts = _verdicts.answer_all(evidence, model_verdict)
        name = _verdicts.name_points(evidence)
        if name.startswith(("normal", "close to normal")) and model_verdict.answer == "no":
            name += "; but not as the model has it"
        return self._record(name, verdicts, tuple(checks.values()))

    def _measure_parts(self):
        self.columns = _measuring.measure_columns(self.frame, principal=False)
        self.principal = _measuring.measure_columns(self.frame, principal=True)
        self.squared, self.pairs, self.principal_pairs = _measuring.measure_rows(
            self.frame, self.columns, self.principal
        )
        peaks, view, n_points, pvalues = _measuring.find_clouds(
            self.frame, self.columns.valleys, self.principal.valleys, self.max_points,
            self.joint, self.random_state,
        )  # fmt: skip
        self.clouds = Clouds(peaks, view, n_points, self.columns.valleys, pvalues)
        checks, self.adjusted, self.odd = _verdicts.column_checks(
            "component", self.columns.shapes, self.significance
        )
        if len(self.odd) > 1:
            checks += _verdicts.pair_checks("components", self.pairs, self.significance)
        rows, self.principal_adjusted, self.odd_principal = _verdicts.column_checks(
            "principal component", self.principal.shapes, self.significance
        )
        # With as few points as dimensions, principal components are bent by the points.
        if self.joint and self.rank > 1:
            checks += rows + _verdicts.pair_checks(
                "principal components", self.principal_pairs, self.significance
            )
        else:
            self.odd_principal = np.zeros_like(self.odd_principal)
        self.raw += [(*check, self.n) for check in checks]

    def _measure_joint(self):
        n, rank, frame = self.n, self.rank, self.frame
        reference = _measuring.reference_distribution(rank, n, training=True)
        gap, wasserstein = _normality.distance_gap(self.squared, reference)
        self.gap_pvalue = _normality.distance_gap_pvalue(gap, n, rank, self.random_state)
        kurtosis, kurtosis_effect, kurtosis_p = _normality.mardia_kurtosis(self.squared, rank)
        size = _normality.skewness_subsample(n, rank)
        rows = _measuring.subsample(n, size, self.random_state)
        skewness, skewness_effect, skewness_p = _normality.mardia_skewness(
            _dependence.whiten_own(frame.principal(rows))
        )
        auc, n_auc, auc_p = self._shape_auc()
        self.values |= {
            "coverage_gap": gap, "distance_wasserstein": wasserstein,
            "mardia_skewness": skewness, "mardia_kurtosis": kurtosis, "shape_auc": auc,
            "tail_degrees_of_freedom": _normality.tail_degrees_of_freedom(
                self.squared[_measuring.subsample(n, 20_000, self.random_state)], rank),
        }  # fmt: skip
        kurtosis_limit = _normality.kurtosis_tolerance(rank)
        self.raw = [
            ("coverage gap of squared distances", gap, _normality.KS_TOLERANCE,
             self.gap_pvalue, n),
            ("classifier AUC against normal draws", auc, _dependence.AUC_TOLERANCE, auc_p, n_auc),
            ("Mardia kurtosis effect", kurtosis_effect, kurtosis_limit, kurtosis_p, n),
            ("Mardia skewness effect", skewness_effect, _normality.SKEWNESS_TOLERANCE,
             skewness_p, size),
            *self.raw,
        ]  # fmt: skip
        rows = _measuring.subsample(n, max(self.max_points, 2 * rank + SPARE), self.random_state)
        self.radial = _measuring.radial_shape(frame, rows, self.random_state)

    def _shape_auc(self):
        """AUC against draws, both with the same mean and covariance."""
        size = min(self.n, max(self.max_points, 2 * self.rank + SPARE))
        rows = _measuring.subsample(self.n, size, self.random_state)
        drawn = self.random_state.standard_normal((size, self.rank))
        auc = _dependence.two_sample_auc(
            self.frame.principal(rows), drawn, self.random_state, own_moments=True
        )
        held_out = size - size // 2
        auc = max(auc, 1 - auc)
        return auc, size, _two_sided(auc, held_out)

    def _judge_model(self) -> Verdict:
        """Compare the points with the distances and draws of the model."""
        model, question = self.model, "described by the model?"
        if model.rank_ == 0:
            return Verdict(question, "unclear", "The model is a single point.")
        squared = _normal.mahalanobis_squared(self.frame.points, model.mean_, model._support)
        n_fitted, rank = model.n_samples_seen_, model.rank_
        reference = _measuring.reference_distribution(rank, n_fitted, self.training)
        gap, _ = _normality.distance_gap(squared, reference)
        scale = float(squared.mean() / rank)
        self.values |= {"model_coverage_gap": gap, "model_scale": scale}
        if self.training and not self.joint:
            reason = f"It was fitted to these {self.n} points, too few to check it on them."
            return Verdict(question, "unclear", reason)
        auc, held_out = self._model_auc()
        self.values["model_auc"] = auc
        pvalue = _two_sided(auc, held_out)
        # Points that share one estimated model move together, by its own sampling error.
        effective = self.n if self.training else 1 / (1 / self.n + 1 / n_fitted)
        if self.training:
            gap_p = self.gap_pvalue
        else:
            gap_p = float(stats.kstwo.sf(gap, max(2, int(effective))))
        adjusted = stats.false_discovery_control([pvalue, gap_p])
        bad = (auc > _dependence.AUC_TOLERANCE and adjusted[0] < self.significance) or (
            gap > _normality.KS_TOLERANCE and adjusted[1] < self.significance
        )
        told = f"A classifier tells its draws from the points with AUC {auc:.2f} (0.5: not at all)"
        reason = f"{told}; squared distances are "
        reason += f"{scale:.2f} times a normal's on average; coverage gap {gap:.3f}."
        few = not self.training and n_fitted < 20 * rank
        if bad and few:
            reason += f" It was fitted to few points, {n_fitted} for {rank} dimensions."
        return Verdict(question, "no" if bad else "yes", reason)

    def _model_auc(self):
        size = min(self.n, self.max_points)
        if self.training and self.model.covariance == "empirical":
            return self.values["shape_auc"], size - size // 2
        rows = _measuring.subsample(self.n, size, self.random_state)
        white = _normal.whiten(self.frame.points[rows], self.model.mean_, self.model._support)
        drawn = self.random_state.standard_normal(white.shape)
        auc = _dependence.two_sample_auc(white, drawn, self.random_state)
        return max(auc, 1 - auc), size - size // 2

    def _hollow(self) -> bool:
        """Whether the centre is empty, in all dimensions or in the plane of one pair."""
        if not self.joint or self.n < 100:
            return False
        if _central_share(self.squared, self.rank) < HOLLOW:
            return True
        rows = _measuring.subsample(self.n, self.max_points, self.random_state)
        both = ((self.pairs, self.frame.components), (self.principal_pairs, self.frame.principal))
        for pairs, columns_of in both:
            if len(pairs.squares) < 2 or pairs.squares.min() > -_dependence.SQUARES_TOLERANCE:
                continue
            pair = np.array(np.unravel_index(pairs.squares.argmin(), pairs.squares.shape))
            white = _dependence.whiten_own(columns_of(rows, pair))
            if _central_share(np.square(white).sum(axis=1), 2) < HOLLOW:
                return True
        return False

    def _adjusted_checks(self) -> dict[str, Check]:
        pvalues = np.array([row[3] for row in self.raw])
        known = ~np.isnan(pvalues)
        adjusted = np.full(len(pvalues), np.nan)
        if known.any():
            adjusted[known] = stats.false_discovery_control(pvalues[known])
        return {
            row[0]: Check(row[0], float(row[1]), row[2], float(row[3]), float(p), row[4])
            for row, p in zip(self.raw, adjusted, strict=True)
        }

    def _visible_gap(self) -> float:
        # About the 1 % quantile of the simulated null distribution in few dimensions.
        return 1.3 / np.sqrt(self.n)

    def _note_subsamples(self):
        if self.n > self.max_points:
            self.notes.append(
                f"classifier, search for clouds and the name of the tails rest on "
                f"{self.max_points:,} points each, drawn at random"
            )
        skewness = min(self.n, _normality.skewness_subsample(self.n, self.rank))
        if self.joint and skewness < self.n:
            self.notes.append(f"Mardia skewness rests on {skewness:,} points drawn at random")
        dead = int((~self.frame.support.live).sum())
        if dead:
            self.notes.append(f"{dead} components do not vary and are left out")
        elif self.rank < len(self.frame.mean):
            self.notes.append(
                f"components are linear combinations of each other: shape is that of the "
                f"{self.rank} dimensions in which points vary"
            )
        if not self.joint:
            self.notes.append(
                f"no joint statistics: they need {max(20, 2 * self.rank + SPARE)} points"
            )

    def _too_few(self) -> NormalityReport:
        if self.rank == 0:
            reason = "All points are equal." if self.n > 1 else "There is a single point."
        else:
            reason = f"{self.n} points are too few; at least 8 are needed."
        questions = [
            "one cloud?", "bell-shaped components?", "linear correlations?", "jointly normal?",
            "described by the model?",
        ]  # fmt: skip
        verdicts = tuple(Verdict(question, "unclear", reason) for question in questions)
        return self._record(f"unclear: {reason[0].lower()}{reason[1:-1]}", verdicts, ())

    def _record(self, name, verdicts, checks) -> NormalityReport:
        return NormalityReport(
            name=name, verdicts=verdicts, checks=checks, n_samples=self.n,
            n_components=len(self.frame.mean), rank=self.rank,
            n_fitted=self.model.n_samples_seen_, training=self.training,
            significance=self.significance, visible_gap=self._visible_gap(),
            live=self.frame.support.live,
            components=self.columns and self.columns.shapes,
            principal_components=self.principal and self.principal.shapes,
            component_adjusted_pvalues=self.adjusted,
            principal_adjusted_pvalues=self.principal_adjusted,
            component_pairs=self.pairs, principal_pairs=self.principal_pairs,
            clouds=self.clouds, notes=tuple(self.notes), **self.values,
        )  # fmt: skip


HOLLOW = _verdicts.HOLLOW_SHARE


def _two_sided(auc, held_out: int) -> float:
    """P-value of the larger of an AUC and its complement."""
    return min(1.0, 2 * _dependence.auc_pvalue(auc, held_out, held_out))


def _central_share(squared, dimension: int) -> float:
    """Share of points inside the ellipsoid that holds a tenth of a normal."""
    return float((squared < stats.chi2.ppf(0.1, dimension)).mean())


def _same_moments(a: _normal.Moments, b: _normal.Moments) -> bool:
    if a.n_samples != b.n_samples:
        return False
    std = np.sqrt(np.diag(a.scatter) / a.n_samples)
    tolerance = 1e-6 * std + 1e-300
    same_mean = (np.abs(a.mean - b.mean) <= tolerance).all()
    return bool(
        same_mean
        and (
            np.abs(a.scatter - b.scatter) <= 1e-6 * a.n_samples * np.outer(std, std) + 1e-300
        ).all()
    )
