"""Seconds and held-out log-likelihood of Gaussian mixtures, beside scikit-learn's.

    python benchmarks/mixture_fit.py

Principal components of 60,000 images, scored on 10,000 others, and 5,000 points of mixtures of
which the density is known, scored on 10,000 more: what they lose to it. scikit-learn's
``GaussianMixture`` gets the same whitened points and `reg_covar`, its own `tol` and `max_iter` or
1e-2 and 50, and starts from k-means; to images it is fitted once, with the looser of both.
Seconds are of processor time, so that other work on the machine counts little.
``--quick`` is a short run, to try the script.
"""

import argparse
import time
import warnings

import numpy as np
from _common import print_table
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from sklatent.datasets import fetch_fashion_mnist, fetch_mnist
from sklatent.samplers import MixtureSampler


def principal(fetch, dim, n):
    """Return principal components of n training images and of the test images."""
    flat = [fetch(subset=s).images.reshape(-1, 784) / 255.0 for s in ("train", "test")]
    pca = PCA(dim, svd_solver="covariance_eigh").fit(flat[0])
    return pca.transform(flat[0][:n]), pca.transform(flat[1]), None


def known(weights, means, covariances, seed, n):
    """Return points of a mixture to fit and to score, and the mean log-density of the latter."""
    generator = np.random.default_rng(seed)
    label = generator.choice(len(weights), n + 10_000, p=weights)
    points = generator.normal(size=(len(label), means.shape[1]))
    points = means[label] + np.einsum("nij,nj->ni", np.linalg.cholesky(covariances)[label], points)
    terms = [
        np.log(w) + multivariate_normal(m, c).logpdf(points[n:])
        for w, m, c in zip(weights, means, covariances, strict=True)
    ]
    return points[:n], points[n:], logsumexp(terms, axis=0).mean()


def scales(dim, seed, n):
    """Return points of three normal distributions around one centre, of spread 0.3, 1 and 3."""
    covariances = np.array([0.3, 1.0, 3.0])[:, None, None] ** 2 * np.eye(dim)
    return known(np.full(3, 1 / 3), np.zeros((3, dim)), covariances, seed, n)


def clouds(dim, spread, seed, n):
    """Return points of seven clouds of different shapes, sizes and weights."""
    generator = np.random.default_rng(seed)
    means = spread * generator.normal(size=(7, dim))
    size = np.exp(0.5 * generator.normal(size=(7, 1, 1)))
    roots = size * generator.normal(size=(7, dim, dim)) / np.sqrt(dim)
    weights = generator.dirichlet(np.full(7, 3.0))
    return known(weights, means, roots @ roots.swapaxes(1, 2), seed, n)


def ours(points, k, seed):
    """Fit our sampler; return it with its rounds."""
    return MixtureSampler(k, max_samples=None, random_state=seed).fit(points)


def theirs(points, k, seed, **rules):
    """Fit scikit-learn's mixture to whitened points; return what scores points in latent units."""
    mean, root = points.mean(axis=0), np.linalg.cholesky(np.cov(points.T, ddof=0))
    white = np.linalg.inv(root).T
    mixture = GaussianMixture(k, reg_covar=1e-4, random_state=seed, **rules)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit((points - mean) @ white)
    shift = np.log(np.diag(root)).sum()
    return lambda test: mixture.score((test - mean) @ white) - shift


def measured(make, n_seeds, tasks):
    """Return a row: truth, then medians of seconds and of held-out likelihood of each task.

    Where the truth is known, likelihoods are differences from it.
    """
    found, truth = {name: [] for name in tasks}, []
    for seed in range(n_seeds):
        points, test, height = make(seed)
        truth.append(height)
        for name, fit in tasks.items():
            if seed and name == "same" and height is None:
                continue
            start = time.process_time()
            score = fit(points, seed)
            seconds = time.process_time() - start
            found[name].append((seconds, score(test) - (height or 0.0)))
    cells = ["" if truth[0] is None else f"{np.median(truth):.2f}"]
    for name in tasks:
        seconds, heights = np.median(found[name], axis=0)
        low, high = np.min(found[name], axis=0)[1], np.max(found[name], axis=0)[1]
        spread = f" ({low:.2f} to {high:.2f})" if len(found[name]) > 1 else ""
        cells += [f"{seconds:.1f}", f"{heights:.2f}{spread}"]
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    n_images, n = (2_000, 1_000) if args.quick else (60_000, 5_000)
    few = 10 if args.quick else 200
    images = {
        "Fashion-MNIST, 16 components": principal(fetch_fashion_mnist, 16, n_images),
        "MNIST, 12 components": principal(fetch_mnist, 12, n_images),
    }
    scenes = [(name, few, lambda seed, a=a: a) for name, a in images.items()]
    scenes += [(name, "auto", lambda seed, a=a: a) for name, a in images.items()]
    for dim in (4, 10):
        scenes.append((f"three scales, {dim}", 3, lambda seed, d=dim: scales(d, seed, n)))
    for dim in (4, 10):
        for spread in (1, 3):
            name = f"seven clouds, {spread} apart, {dim}"
            scenes.append((name, 7, lambda seed, d=dim, s=spread: clouds(d, s, seed, n)))
    rows = []
    for name, k, make in scenes:
        tasks = {"ours": lambda points, seed, k=k: ours(points, k, seed).score}
        if k != "auto":
            tasks["same"] = lambda points, seed, k=k: theirs(points, k, seed, tol=1e-2, max_iter=50)
            if k != few:
                tasks["default"] = lambda points, seed, k=k: theirs(points, k, seed)
        rows.append([name, k, *measured(make, 1 if args.quick else args.seeds, tasks)])
        print(*rows[-1], sep=" | ", flush=True)
    heads = ["", "components", "truth"]
    for who in ("ours", "scikit-learn, tol 1e-2", "scikit-learn, defaults"):
        heads += [f"{who}: s", "nats"]
    print_table(
        f"Medians of {args.seeds} seeds, and the least and the most",
        heads,
        [row + [""] * (len(heads) - len(row)) for row in rows],
    )


if __name__ == "__main__":
    main()
