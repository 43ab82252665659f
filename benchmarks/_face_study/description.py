"""What the latent points look like: components, pairs, all together."""

import numpy as np
from scipy import stats

from sklatent import LatentGaussianModel

from .settings import NETWORKS
from .study import Step, Study

__all__ = ["STEPS", "correlation_of_squares"]

SIZES = {"2": {"n_std": 2.0}, "2.5": {"n_std": 2.5}, "3": {"n_std": 3.0}, "95": {"coverage": 0.95}}
N_DOMINANT = 20
N_CONTOURS = 4


def components(study: Study, network: str) -> dict:
    """Describe each component, with bins in units of sigma and of the width 0.25."""
    latent, _ = study.latent(network)
    model = LatentGaussianModel().fit(latent)
    fits = model.component_fits(latent)
    absolute = model.component_fits(latent, bin_width=0.25, bin_unit="absolute")
    order = model.dominant_components(latent.shape[1])
    variances = np.sort(model.std_**2)[::-1]
    shown = order[:N_DOMINANT]
    return {
        "fits": fits.to_dict(),
        "absolute_sigma": absolute.sigma,
        "absolute_r_squared": absolute.r_squared,
        "order": order,
        "dominant_share": float(variances[:N_DOMINANT].sum() / variances.sum()),
        "participation": float(variances.sum() ** 2 / np.square(variances).sum()),
        "centre_distance": float(np.sqrt(model.mahalanobis_squared(np.zeros((1, len(order))))[0])),
        "largest": float(np.abs(latent).max()),
        "share_below_20": float((np.abs(latent) < 20).mean()),
        "histograms": {
            str(j): np.vstack([_centres(fits.histograms[j]), fits.histograms[j].density])
            for j in shown[:7].tolist()
        },
    }


def _centres(histogram) -> np.ndarray:
    return 0.5 * (histogram.edges[1:] + histogram.edges[:-1])


def pairs(study: Study, network: str) -> dict:
    """Correlations, ellipses of all pairs, rectangles, both ways to an ellipse."""
    latent, test = study.latent(network)
    model = LatentGaussianModel().fit(latent)
    record = model.correlated_pairs(min(20, latent.shape[1]))
    first, second = np.triu_indices(latent.shape[1], 1)
    correlations = model.correlation_[first, second]
    ellipses = {name: model.ellipses(**size) for name, size in SIZES.items()}
    coverage = {}
    for name, found in ellipses.items():
        held = found.coverage(latent)
        coverage[name] = {
            "n_std": found.n_std,
            "nominal": found.nominal_coverage,
            "train": held,
            "test": found.coverage(test),
            "rectangle": _rectangles(latent, model, found.n_std)[first, second],
            "joint_train": found.joint_coverage(latent),
            "joint_test": found.joint_coverage(test),
        }
    two = ellipses["2"]
    eccentricity = np.sqrt(1 - (two.half_axes[:, 1] / two.half_axes[:, 0]) ** 2)
    return {
        "correlations": correlations,
        "matrix": model.correlation_,
        "smallest_eigenvalue": float(np.linalg.eigvalsh(model.correlation_)[0]),
        "strongest": record.to_dict(),
        "strongest_pairs": record.pairs,
        "chance_level": record.chance_level,
        "coverage": coverage,
        "joint_n_std": two.joint_n_std(latent, 0.95),
        "eccentricity": eccentricity,
        "eccentricity_effect": float(
            stats.spearmanr(eccentricity, coverage["2"]["train"]).statistic
        ),
        "construction_gap": _construction_gap(two, model),
        "subsample_gap": float(
            np.abs(two.coverage(latent[: len(latent) // 4]) - coverage["2"]["train"]).max()
        ),
        "subsample_size": len(latent) // 4,
    }


def _rectangles(latent, model, n_std: float) -> np.ndarray:
    """Return the share of the points in the n-sigma rectangle of each pair (d, d)."""
    inside = (np.abs(latent - model.mean_) <= n_std * model.std_).astype(np.float64)
    return inside.T @ inside / len(latent)


def _construction_gap(ellipses, model) -> float:
    """Largest relative difference of half-axes, from Pearson coefficients and eigenvalues."""
    blocks = model.covariance_[ellipses.pairs[:, :, None], ellipses.pairs[:, None, :]]
    half_axes = ellipses.n_std * np.sqrt(np.linalg.eigvalsh(blocks)[:, ::-1])
    return float(np.max(np.abs(half_axes / ellipses.half_axes - 1)))


def contours(study: Study, network: str) -> dict:
    """Density contours of the most correlated pairs, beside their ellipses."""
    latent, _ = study.latent(network)
    model = LatentGaussianModel().fit(latent)
    found = {}
    for pair in model.correlated_pairs(N_CONTOURS).pairs:
        record = model.density_contours(
            latent, tuple(pair.tolist()), (0.5, 0.8647, 0.9561, 0.9889), random_state=0
        )
        ellipses = model.ellipses([pair], n_std=2)
        found["-".join(map(str, pair))] = {
            **record.to_dict(),
            "x": record.x,
            "y": record.y,
            "density": record.density,
            "levels": record.levels,
            "points": latent[:3000, pair],
            "outlines": np.stack(
                [model.ellipses([pair], n_std=n).outlines()[0] for n in (2, 2.5, 3)]
            ),
            "correlation": float(ellipses.correlations[0]),
        }
    return {"pairs": found}


def correlation_of_squares(white: np.ndarray) -> np.ndarray:
    """Return the correlations between the squares of columns."""
    return np.corrcoef(np.square(white).T)


def principal(study: Study, network: str) -> dict:
    """Principal components of the latent points: variances, and what stays dependent."""
    latent, test = study.latent(network)
    mean, covariance = latent.mean(axis=0), np.cov(latent.T)
    variances, axes = np.linalg.eigh(covariance)
    variances, axes = variances[::-1], axes[:, ::-1]
    white = (latent - mean) @ axes / np.sqrt(variances)
    upper = np.triu_indices(len(variances), 1)
    squares = correlation_of_squares(white)[upper]
    correlation = np.corrcoef(latent.T)
    by_correlation = np.linalg.eigh(correlation)[1][:, ::-1]
    standard = (latent - mean) / latent.std(axis=0)
    # Axes of the correlation diagonalise the covariance only where all components spread alike.
    turned = np.corrcoef((latent @ by_correlation).T)[upper]
    return {
        "variances": variances,
        "for_90": int(np.searchsorted(np.cumsum(variances) / variances.sum(), 0.9) + 1),
        "condition": float(variances[0] / variances[-1]),
        "largest_correlation": float(np.abs(np.corrcoef(white.T)[upper]).max()),
        "largest_by_correlation": float(
            np.abs(np.corrcoef((standard @ by_correlation).T)[upper]).max()
        ),
        "largest_by_mixed": float(np.abs(turned).max()),
        "squares": squares,
        "squares_by_chance": 1 / np.sqrt(len(latent)),
        "skewness": stats.skew(white, axis=0),
        "kurtosis": stats.kurtosis(white, axis=0),
        "test_variance": ((test - mean) @ axes / np.sqrt(variances)).var(axis=0),
    }


def joint(study: Study, network: str) -> dict:
    """Squared Mahalanobis distances against chi-squared, and the normality report."""
    latent, test = study.latent(network)
    model = LatentGaussianModel().fit(latent)
    report = model.normality_report(
        latent, max_points=study.settings.n_report, random_state=study.settings.seed
    )
    shares = (np.arange(1, 400) - 0.5) / 399.5
    squared, held_out = model.mahalanobis_squared(latent), model.mahalanobis_squared(test)
    return {
        "rank": model.rank_,
        "shares": shares,
        "chi2": stats.chi2.ppf(shares, model.rank_),
        "train": np.quantile(squared, shares),
        "test": np.quantile(held_out, shares),
        "radius": np.array([np.sqrt(squared).mean(), np.sqrt(squared).std()]),
        "radius_normal": np.array([stats.chi.mean(model.rank_), stats.chi.std(model.rank_)]),
        "euclidean": np.array(
            [
                np.linalg.norm(latent, axis=1).mean(),
                np.linalg.norm(latent - latent.mean(axis=0), axis=1).mean(),
            ]
        ),
        "name": report.name,
        "answers": {v.question: [v.answer, v.reason] for v in report.verdicts},
        "checks": {c.name: c.effect for c in report.checks},
        "tail_degrees": report.tail_degrees_of_freedom,
        "coverage_gap": report.coverage_gap,
        "text": str(report),
    }


def _steps():
    for part in (components, pairs, contours, principal, joint):
        for network in NETWORKS:
            name = f"{part.__name__}-{network}"
            yield Step(name, lambda study, part=part, network=network: part(study, network))


STEPS = list(_steps())
