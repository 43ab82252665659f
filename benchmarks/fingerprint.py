"""Fingerprints of fits, samples, reports and pictures: they tell whether a number changed.

Run: python benchmarks/fingerprint.py > before.txt, and again after the change, then compare.

Each line has a name, a hash of all bits, and a rounded sum that tells how far two runs differ.
Everything is seeded and runs on one thread. Bits are those of one machine and of one set of
versions; on another machine the rounded sums agree.
"""

import argparse
import hashlib
import warnings

import matplotlib
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits

from sklatent import (
    ConvAutoencoder,
    ImageOutlierDetector,
    LatentDimensionSearch,
    LatentGaussianModel,
    corruption,
    datasets,
    displays,
    make_latent_pipeline,
    metrics,
    paths,
    sample_images,
    samplers,
)

SMALL = {"channels": (8, 8), "max_epochs": 2, "random_state": 0, "device": "cpu"}


def say(name, *values):
    """Print the name with a hash and a rounded sum of arrays and texts."""
    digest, total = hashlib.sha256(), 0.0
    for value in values:
        array = np.ascontiguousarray(value)
        if array.dtype.kind in "OU":
            digest.update("".join(map(str, array.ravel())).encode())
        else:
            digest.update(array.tobytes())
            total += float(np.nan_to_num(array.astype(np.float64)).sum())
    print(f"{name:<48}{digest.hexdigest()[:12]}  {total:.6g}", flush=True)


def images_and_targets():
    """Return 300 digits, and the same upside down."""
    images = load_digits().images[:300]
    return images, images[:, ::-1]


def autoencoders():
    """Train each kind of network."""
    images, targets = images_and_targets()
    kinds = {
        "plain": {},
        "residual": {"architecture": "residual", "blocks_per_stage": 2},
        "deep plain": {"blocks_per_stage": 2, "activation": "gelu", "schedule": "constant"},
        "linear path": {"linear_path": True, "loss": "mse"},
        "linear path auto": {"latent_dim": 30},
        "no linear path": {"linear_path": False, "batch_norm": True, "loss": "l1"},
        "variational": {"kl_weight": 1.0, "kl_annealing": 0.5},
        "variational constant": {"kl_weight": 1e-3, "loss": "ssim"},
        "penalties": {"latent_penalty": 1e-2, "decoder_weight_decay": 1e-3},
        "spectral": {"decoder_spectral_norm": True, "activation": "selu"},
        "mirror": {"mirror": True, "batch_size": 17},
        "noise": {"corruption": corruption.GaussianNoise(0.2)},
        "erasing": {"corruption": corruption.RandomErasing(), "linear_path": True},
        "stopping": {"early_stopping": True, "max_epochs": 6, "n_iter_no_change": 1},
        "bfloat16": {"precision": "bfloat16", "value_range": (-1.0, 20.0)},
    }
    for name, options in kinds.items():
        model = ConvAutoencoder(**(SMALL | {"latent_dim": 4} | options)).fit(images)
        latent = model.transform(images)
        say(f"autoencoder, {name}", latent, model.inverse_transform(latent))
        say(f"  errors, {name}", model.reconstruction_error(images), model.score(images))
        history = model.history_
        say(f"  history, {name}", *(history[key] for key in sorted(history) if key != "duration"))
        say(f"  numbers, {name}", model.n_parameters_, model.n_iter_, model.linear_path_)
        if "early_stopping" in options:
            say("  validation", model.validation_error_, model.pca_validation_error_)
        if options.get("kl_weight"):
            say(f"  posterior, {name}", *model.posterior(images))
            say("  posterior report", str(model.posterior_report(images)))
    towards = ConvAutoencoder(4, linear_path=True, **SMALL).fit(images, targets)
    say("autoencoder, towards targets", towards.reconstruct(images), towards.score(images, targets))
    streamed = ConvAutoencoder(4, **SMALL)
    for part in np.array_split(images, 3):
        streamed.partial_fit(part)
    say("autoencoder, partial_fit", streamed.transform(images), streamed.history_["train_loss"])
    warm = ConvAutoencoder(4, warm_start=True, **SMALL).fit(images).fit(images)
    say("autoencoder, warm start", warm.transform(images))
    flat = ConvAutoencoder(4, **SMALL).fit((images.reshape(300, 64) * 15).astype(np.uint8))
    say("autoencoder, flat bytes", flat.inverse_transform(np.zeros((2, 4))))
    own = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 4))
    torch.nn.init.constant_(own[1].weight, 0.01)
    torch.nn.init.zeros_(own[1].bias)
    say("autoencoder, own encoder", ConvAutoencoder(4, encoder=own, **SMALL).fit_transform(images))


def point_sets():
    """Return points of several shapes, (n, 4)."""
    rng = np.random.default_rng(0)
    normal = rng.normal(size=(600, 4)) @ rng.normal(size=(4, 4)) + [0, 1, -2, 5]
    heavy = rng.standard_t(3, size=(1500, 4))
    clouds = rng.normal(size=(900, 4)) + 9.0 * (np.arange(900) % 3)[:, None] * [1, 0, 1, 0]
    ring = rng.normal(size=(800, 4))
    ring[:, :2] *= 6 / np.linalg.norm(ring[:, :2], axis=1, keepdims=True)
    return {
        "normal": normal,
        "float32": normal.astype(np.float32),
        "heavy": heavy,
        "skewed": rng.exponential(size=(700, 4)),
        "clouds": clouds,
        "ring": ring,
        "bent": np.column_stack([heavy[:, 0], heavy[:, 0] ** 2 + heavy[:, 1], heavy[:, 2:]]),
        "flat": np.column_stack([normal[:, :2], normal[:, :1], np.ones(600)]),
        "tied": np.round(normal),
        "outliers": np.vstack([normal, normal[:9] * 40]),
        "mixed": rng.laplace(size=(1200, 4)) @ rng.normal(size=(4, 4)),
        "few": normal[:25],
        "very few": normal[:6],
        "one column": normal[:, :1],
        "uniform": rng.uniform(size=(900, 3)),
    }


def gaussians():
    """Fit the Gaussian model in each way, and report."""
    sets = point_sets()
    normal = sets["normal"]
    for options in (
        {},
        {"covariance": "ledoit_wolf"},
        {"covariance": "oas"},
        {"covariance": "min_cov_det", "random_state": 0},
        {"core_coverage": 0.9},
    ):
        model = LatentGaussianModel(**options).fit(normal)
        name = ", ".join(f"{key}={value}" for key, value in options.items()) or "default"
        say(f"gaussian, {name}", model.mean_, model.covariance_, model.correlation_, model.offset_)
        say("  draws", model.sample(50, random_state=1), model.score_samples(normal))
        say("  white", model.transform(normal), model.inverse_transform(model.transform(normal)))
        say("  predict", model.predict(normal), model.support_distance(normal))
    model = LatentGaussianModel().fit(normal)
    say("component fits", str(model.component_fits(normal)))
    say("intervals", model.intervals(), model.dominant_components(2))
    say("pairs", str(model.correlated_pairs(3)))
    bootstrap = {"method": "bootstrap", "X": normal, "random_state": 0, "n_resamples": 50}
    say("pairs, bootstrap", str(model.correlated_pairs(3, **bootstrap)))
    ellipses = model.ellipses(n_std=2)
    say("ellipses", str(ellipses), ellipses.coverage(normal), ellipses.joint_coverage(normal))
    say("contours", str(model.density_contours(normal, (0, 1), random_state=0)))
    conditional = model.conditional({0: 0.5})
    say("conditional", conditional.mean_, conditional.covariance_)
    say("marginal", model.marginal([1, 2]).sample(5, random_state=0))
    half = LatentGaussianModel().fit(normal[:300]).merge(LatentGaussianModel().fit(normal[300:]))
    say("merge", half.mean_, half.covariance_)
    for name, points in sets.items():
        fitted = LatentGaussianModel().fit(points)
        report = fitted.normality_report(points, random_state=0)
        say(f"report, {name}", str(report))
        say("  checks", *(value for value in report.to_dict().values()))
    say("report, other points", str(model.normality_report(sets["heavy"], random_state=0)))


def densities():
    """Draw from each sampler, and score."""
    points = point_sets()["normal"]
    labels = np.arange(len(points)) % 3
    for sampler in (
        samplers.BoxSampler(2.0),
        samplers.IntervalSampler(),
        samplers.IntervalSampler("normal", coverage=0.9),
        samplers.EllipseSampler(),
        samplers.EllipseSampler("normal", n_std=3),
        samplers.EllipseSampler(coordinates="original", random_state=0),
        samplers.ShellSampler(),
        samplers.ShellSampler("sphere"),
        samplers.CopulaSampler(),
        samplers.CopulaSampler("empirical", temperature=0.8),
        samplers.MixtureSampler(candidates=(1, 2, 3), random_state=0),
        samplers.MixtureSampler(2, covariance_type="diag", random_state=0),
        samplers.KernelSampler(random_state=0),
        samplers.KernelSampler("local", random_state=0),
        samplers.FlowSampler(2, max_epochs=2, random_state=0),
        samplers.HighestDensity(samplers.MixtureSampler(2, random_state=0), random_state=0),
        samplers.PerClassSampler(),
    ):
        name = type(sampler).__name__
        sampler.fit(points, labels)
        say(f"{name}", sampler.sample(40, random_state=3))
        if hasattr(sampler, "score_samples"):
            say("  scores", sampler.score_samples(points[:50]))
    say("volume ratio", samplers.log_volume_ratio(np.eye(4), 3.0))


def uses():
    """Pipelines, paths, metrics, searches and outliers."""
    images, _ = images_and_targets()
    labels = load_digits().target[:300]
    pipeline = make_latent_pipeline(
        ConvAutoencoder(6, **SMALL), PCA(4, random_state=0), LatentGaussianModel()
    ).fit(images)
    say("pipeline", pipeline.sample(9, random_state=0), pipeline.reconstruct(images))
    say("  score", pipeline.score(images), pipeline.reconstruction_error(images))
    latent = pipeline[:-1].transform(images)
    for make in (paths.linear_path, paths.slerp_path, paths.matched_path):
        path = make(images[:3], 5, pipeline=pipeline)
        say(make.__name__, path.points, str(path))
    say("axes", paths.axis_traversal(pipeline=pipeline).points)
    say("plane", paths.plane_grid(pipeline=pipeline, basis="principal").points)
    direction = paths.attribute_direction(latent, labels < 5)
    say("attribute", direction, paths.move_along(images[:2], direction, pipeline=pipeline).points)
    say("centers", paths.class_centers(latent, labels)[0])
    mixture = make_latent_pipeline(pipeline[0], GaussianMixture(2, random_state=0)).fit(images)
    say("sample_images", sample_images(mixture, 5, random_state=0))
    half, other = latent[:150].astype(np.float64), latent[150:].astype(np.float64)
    say("frechet", metrics.frechet_distance(half, other))
    say("extrapolated", metrics.extrapolated_frechet_distance(half, other, random_state=0).value)
    say("kernel", *metrics.kernel_distance(half, other))
    say("neighbours", *metrics.precision_recall(half, other))
    say("density", *metrics.density_coverage(half, other))
    say("auc", metrics.two_sample_auc(half, other, random_state=0).auc)
    say("copies", str(metrics.copy_check(half[:100], half[100:], other)))
    share = metrics.meaningful_share(pipeline, latent[:20], images)
    say("meaningful", share.share, share.distances)
    back = pipeline.reconstruct(images)
    say("errors", metrics.reconstruction_error(images, back), metrics.psnr(images, back))
    say("ssim", metrics.ssim(images, back, win_size=5))
    classifier = metrics.ClassifierFeatures(8, channels=(8, 8), max_epochs=2, random_state=0).fit(
        images, labels
    )
    say("classifier", classifier.transform(images), classifier.score(images, labels))
    say("encoder features", metrics.EncoderFeatures(pipeline[0]).fit(images).transform(images))
    say("pixel features", metrics.PixelFeatures(4, random_state=0).fit_transform(images))
    report = metrics.sample_report(pipeline, images[200:], X_train=images[:200], random_state=0)
    say("sample report", str(report))
    grid = GridSearchCV(
        pipeline,
        {"convautoencoder__latent_dim": [5, 6]},
        cv=2,
        scoring=metrics.make_image_scorer(
            ["neg_mse", "neg_frechet"],
            features=metrics.PixelFeatures(4, random_state=0).fit(images),
            random_state=0,
        ),
        refit=False,
        error_score="raise",
    ).fit(images)
    results = grid.cv_results_
    say("grid search", *(results[k] for k in sorted(results) if k.startswith("mean_test")))
    search = LatentDimensionSearch(
        ConvAutoencoder(**SMALL),
        dims=(2, 4),
        cv=2,
        random_state=0,
        densities={"gaussian": LatentGaussianModel(), "mixture": GaussianMixture(2)},
    ).fit(images)
    say("search", *search.results_.scores.values(), search.best_dim_, search.reason_)
    for method in ("reconstruction", "latent", "both"):
        detector = ImageOutlierDetector(ConvAutoencoder(4, **SMALL), method=method, random_state=0)
        say(f"outliers, {method}", detector.fit(images).score_samples(images))
    made = datasets.make_gaussian_images(20, random_state=0)
    say("synthetic", made.images, made.latent)
    return pipeline, search, detector, latent, labels


def pictures(pipeline, search, detector, latent, labels):
    """Draw each display."""
    import matplotlib.pyplot as plt

    images = images_and_targets()[0]
    latent = latent.astype(np.float64)
    model = pipeline[-1]
    path = paths.linear_path(images[:3], 5, pipeline=pipeline)
    grid = paths.plane_grid(pipeline=pipeline)
    stopped = ConvAutoencoder(4, early_stopping=True, **SMALL).fit(images)
    seeds = {"random_state": 0}
    drawings = {
        "histograms": lambda: displays.ComponentHistogramsDisplay.from_estimator(model, latent),
        "pair": lambda: displays.ComponentPairDisplay.from_estimator(pipeline, images, **seeds),
        "shapes": lambda: displays.ComponentShapesDisplay.from_estimator(model, latent),
        "corner": lambda: displays.CornerDisplay.from_estimator(model, latent, k=3, **seeds),
        "correlation": lambda: displays.CorrelationDisplay.from_estimator(model, latent),
        "dimensions": lambda: displays.LatentDimensionDisplay.from_estimator(search),
        "map": lambda: displays.LatentMapDisplay.from_estimator(model, latent, labels, **seeds),
        "quantiles": lambda: displays.MahalanobisQQDisplay.from_estimator(model, latent),
        "outliers": lambda: displays.OutlierGalleryDisplay.from_estimator(detector, images),
        "path": lambda: displays.PathDisplay.from_path(path, pipeline),
        "path points": lambda: displays.PathDisplay.from_points(pipeline, latent[:5]),
        "plane": lambda: displays.PlaneGridDisplay.from_estimator(pipeline, n_points=3),
        "grid": lambda: displays.PlaneGridDisplay.from_grid(grid, pipeline),
        "variance": lambda: displays.PrincipalVarianceDisplay.from_estimator(model, latent),
        "reconstructions": lambda: displays.ReconstructionDisplay.from_estimator(pipeline, images),
        "samples": lambda: displays.SampleGridDisplay.from_estimator(pipeline, 8, **seeds),
        "history": lambda: displays.TrainingHistoryDisplay.from_history(
            {k: v for k, v in stopped.history_.items() if k != "duration"}
        ),
    }
    for name, draw in drawings.items():
        draw()
        for number in plt.get_fignums():
            figure = plt.figure(number)
            figure.canvas.draw()
            say(f"picture, {name}", np.asarray(figure.canvas.buffer_rgba()))
        plt.close("all")


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    matplotlib.use("Agg")
    torch.set_num_threads(1)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        autoencoders()
        gaussians()
        densities()
        pictures(*uses())


if __name__ == "__main__":
    main()
