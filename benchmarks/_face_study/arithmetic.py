"""What needs no images: closed forms and simulations of the texts' statements."""

import numpy as np
from scipy import optimize, special, stats

from sklatent import LatentGaussianModel
from sklatent.samplers import EllipseSampler, ShellSampler

from .study import Step, Study

__all__ = ["STEPS"]


def fits(study: Study) -> dict:
    """Fit Gaussian curves to histograms of narrow Gaussians, and of points that are none."""
    n, rng = study.settings.n_arithmetic, study.rng(1)
    narrow = rng.normal(0, 0.2, (n, 1))
    model = LatentGaussianModel().fit(narrow)
    found = {
        "narrow": {
            unit: float(model.component_fits(narrow, bin_width=0.25, bin_unit=unit).sigma[0] / 0.2)
            for unit in ("absolute", "sigma")
        },
        "narrow_formula": float(np.sqrt(1 + 0.25**2 / (12 * 0.2**2))),
    }
    shapes = {"t5": stats.t(5), "skew3": stats.skewnorm(3)}
    for name, shape in shapes.items():
        points = shape.rvs((n, 1), random_state=np.random.RandomState(study.settings.seed))
        fit = LatentGaussianModel().fit(points).component_fits(points)
        found[name] = {
            "r_squared": float(fit.r_squared[0]),
            "sigma": float(fit.sigma[0]),
            "true_std": float(shape.std()),
            "ks": float(fit.ks[0]),
        }
    return found


def _t_coverage(nu: float, n_std: float) -> float:
    """Return the share of a bivariate t inside the n-sigma ellipse of its own covariance."""
    return float(stats.f.cdf(n_std**2 * nu / (nu - 2) / 2, 2, nu))


def coverages(study: Study) -> dict:
    """Find the shares that ellipses and rectangles hold, whatever the correlation."""
    n, rng = study.settings.n_arithmetic, study.rng(2)
    simulated = {}
    for rho in (0.0, 0.5, 0.9, 0.99):
        x, e = rng.standard_normal((2, n))
        points = np.column_stack([x, 10 * (rho * x + np.sqrt(1 - rho**2) * e)])
        ellipses = LatentGaussianModel().fit(points).ellipses([(0, 1)], n_std=2)
        simulated[str(rho)] = float(ellipses.coverage(points)[0])
    return {
        "ellipse": {str(k): float(-np.expm1(-0.5 * k**2)) for k in (1, 2, 2.5, 3)},
        "rectangle": {str(k): float(special.erf(k / np.sqrt(2)) ** 2) for k in (2, 3)},
        "n_std_97": float(np.sqrt(-2 * np.log(0.03))),
        "n_std_95": float(np.sqrt(-2 * np.log(0.05))),
        "simulated_2_sigma": simulated,
        "t3": _t_coverage(3, 3.0),
        "t5": _t_coverage(5, 3.0),
        "half_width": float(np.sqrt(2 * np.log(2))),
        "two_half_widths": float(special.erf(2 * np.sqrt(2 * np.log(2)) / np.sqrt(2))),
    }


def constructions(study: Study) -> dict:
    """Compare half-axes and angles from Pearson coefficients with those from eigenvectors."""
    rng, gaps = study.rng(3), []
    for _ in range(200):
        sx, sy = np.exp(rng.normal(0, 2, 2))
        rho = rng.uniform(-1, 1)
        covariance = np.array([[sx**2, rho * sx * sy], [rho * sx * sy, sy**2]])
        z = rng.standard_normal((400, 2)) @ np.linalg.cholesky(covariance).T
        model = LatentGaussianModel().fit(z)
        ellipse = model.ellipses([(0, 1)], n_std=1)
        values, vectors = np.linalg.eigh(model.covariance_)
        long = vectors[:, 1]
        turn = np.array([np.cos(ellipse.angles[0]), np.sin(ellipse.angles[0])])
        gaps.append(
            max(
                np.abs(ellipse.half_axes[0] / np.sqrt(values[::-1]) - 1).max(),
                1 - abs(long @ turn),
            )
        )
    doubled = np.random.default_rng(0).standard_normal((1000, 2))[:, [0, 1, 1]]
    return {
        "largest_gap": float(max(gaps)),
        "smallest_eigenvalue_doubled": float(
            np.linalg.eigvalsh(np.corrcoef(doubled.T)).min().round(12)
        ),
    }


def elliptic_not_normal(study: Study) -> dict:
    """Look at a multivariate t, elliptic but no normal, and at pairwise ellipses that mislead."""
    rng, d, n = study.rng(4), 20, min(20_000, study.settings.n_arithmetic)
    normal = rng.standard_normal((n, d))
    t = normal / np.sqrt(rng.chisquare(5, (n, 1)) / 5)
    squared = LatentGaussianModel().fit(t).mahalanobis_squared(t)
    gap = stats.kstest(squared, stats.chi2(d).cdf).statistic
    rho = -0.49
    matrix = np.full((3, 3), rho) + (1 - rho) * np.eye(3)
    # The point (c, c, c): inside all pairwise 2-sigma ellipses as long as 2 c^2 <= 4 (1 + rho).
    c = np.sqrt(2 * (1 + rho))
    point = np.full(3, c)
    squares = np.corrcoef(np.square(t).T)[np.triu_indices(d, 1)]
    return {
        "t5_gap": float(gap),
        "t5_squares": float(squares.mean()),
        "pair_distance": float(np.sqrt(2 * c**2 / (1 + rho))),
        "joint_squared": float(point @ np.linalg.solve(matrix, point)),
    }


def bodies(study: Study) -> dict:
    """Measure the region inside all pairwise ellipses, in 200 dimensions."""
    d, rng = 200, study.rng(5)
    points = rng.standard_normal((1000, d))
    found: dict = {"share": {}, "radius": {}}
    for n_std in (2.0, 2.5, 3.0, 3.5, 4.0):
        sampler = EllipseSampler(n_std=n_std).fit(points)
        white = sampler.model_.transform(sampler.sample(2000, random_state=0))
        found["share"][str(n_std)] = sampler.nominal_share_
        found["radius"][str(n_std)] = float(np.linalg.norm(white, axis=1).mean())
    wanted = np.log(0.95)
    found["n_std_95"] = float(
        optimize.brentq(
            lambda n: np.log(EllipseSampler(n_std=n).fit(points).nominal_share_) - wanted, 3, 7
        )
    )
    return found


def spheres(study: Study) -> dict:
    """Give radii of boxes and of normal points."""
    sphere = ShellSampler("sphere").fit(np.zeros((2, 256)))
    return {
        "normal_200": [float(stats.chi.mean(200)), float(stats.chi.std(200))],
        "normal_256": [float(stats.chi.mean(256)), float(stats.chi.std(256))],
        "sphere_256": sphere.radius_,
        "box_200": {str(b): float(b * np.sqrt(200 / 3)) for b in study.settings.boundaries},
        "log10_images": 96 * 96 * 3 * float(np.log10(256)),
    }


STEPS = [
    Step(f"arithmetic-{part.__name__}", part)
    for part in (fits, coverages, constructions, elliptic_not_normal, bodies, spheres)
]
