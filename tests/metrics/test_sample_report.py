"""The table of samples and controls, where the right answers are known."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.metrics import PixelFeatures, copy_check, frechet_distance, sample_report

ROWS = (
    "real images",
    "reconstructions",
    "decoded real images",
    "samples",
    "samples shrunk to 0.9",
    "samples shuffled",
)


@pytest.fixture(scope="module")
def normal_images():
    """Grey images (n, 2, 3) from one normal distribution with correlations: test and training."""
    rng = np.random.default_rng(0)
    turn = rng.normal(size=(6, 6))
    return [(rng.normal(size=(n, 6)) @ turn).reshape(n, 2, 3) for n in (400, 800)]


class Flat(BaseEstimator):
    """Images to rows; without a fit of its own."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X.reshape(len(X), -1)

    def inverse_transform(self, X):
        return X.reshape(len(X), 2, 3)

    def __sklearn_is_fitted__(self):
        return True


@pytest.fixture(scope="module")
def pipeline(normal_images):
    return make_latent_pipeline(Flat(), LatentGaussianModel()).fit(normal_images[1])


@pytest.fixture(scope="module")
def features(normal_images):
    """Pixel values with a range that holds all samples."""
    both = np.concatenate(normal_images)
    return PixelFeatures(value_range=(float(both.min()) - 10, float(both.max()) + 10)).fit(both)


@pytest.fixture(scope="module")
def report(pipeline, normal_images, features):
    test, train = normal_images
    return sample_report(pipeline, test, X_train=train, features=features, random_state=0)


def column(report, name):
    return dict(zip(report.names, report.columns[name], strict=True))


def test_rows(report):
    assert report.names == ROWS
    assert (report.n_samples, report.n_train, report.n_features) == (400, 800, 6)
    assert repr(report) == "<SampleReport of 6 rows of 400 images>"


def test_a_right_density_samples_like_real_images(report):
    frechet = column(report, "frechet")
    # All but the clipping of rare values is exact; each row has its own noise.
    assert frechet["samples"] < 2 * frechet["real images"]
    assert column(report, "auc")["samples"] == pytest.approx(0.5, abs=0.12)
    coverage = column(report, "coverage")["samples"]
    assert coverage == pytest.approx(1 - 0.5**5, abs=0.05)
    value, error = (column(report, name)["samples"] for name in ("kernel", "kernel_error"))
    assert abs(value) < 4 * error


def test_controls_are_told_apart(report):
    frechet, density = column(report, "frechet"), column(report, "density")
    assert frechet["reconstructions"] == pytest.approx(0, abs=1e-6)
    assert frechet["decoded real images"] == pytest.approx(frechet["real images"], rel=1e-3)
    assert frechet["samples shuffled"] > 10 * frechet["samples"]
    assert density["samples shrunk to 0.9"] > density["samples"]


def test_copies_are_seen(report):
    ratio, close = column(report, "copy_ratio"), column(report, "copy_close")
    assert ratio["real images"] == pytest.approx(0, abs=1e-4)
    assert close["real images"] == 1
    assert ratio["samples"] == pytest.approx(1, abs=0.15)
    assert close["samples"] < 0.05
    assert column(report, "latent_copy_ratio")["reconstructions"] == pytest.approx(1)


def test_figures_are_those_of_the_functions(pipeline, normal_images, features):
    test, train = normal_images
    report = sample_report(
        pipeline, test, X_train=train[:400], features=features, extrapolate=False, random_state=1
    )
    seen, real = features.transform(test), features.transform(train[:400])
    assert column(report, "frechet")["real images"] == pytest.approx(
        frechet_distance(seen, real), rel=1e-6
    )
    assert np.isnan(report.columns["frechet_limit"]).all()
    rows = [X.reshape(400, 6) for X in (train[:400], test, test)]
    check = copy_check(*rows)
    assert column(report, "latent_copy_ratio")["reconstructions"] == check.ratio
    assert column(report, "latent_copy_close")["reconstructions"] == check.share_close


def test_a_copying_kernel_is_found_out(normal_images, features):
    test, train = normal_images
    copying = make_pipeline(Flat(), KernelDensity(bandwidth=1e-3)).fit(train)
    report = sample_report(
        copying, test, X_train=train, features=features, extrapolate=False, random_state=0
    )
    assert column(report, "frechet")["samples"] < 2 * column(report, "frechet")["real images"]
    assert column(report, "copy_ratio")["samples"] < 0.05
    assert column(report, "latent_copy_close")["samples"] > 0.95


def test_without_training_images(pipeline, normal_images):
    report = sample_report(pipeline, normal_images[0], random_state=0)
    assert report.n_samples == 200
    assert report.n_train == 0
    assert np.isnan(report.columns["copy_ratio"]).all()
    assert "6 principal components" in str(report)
    assert "Nearest of" not in str(report)


def test_seeds(pipeline, normal_images):
    tables = [
        sample_report(pipeline, normal_images[0], n_samples=50, random_state=seed).to_dict()
        for seed in (0, 0, 1)
    ]
    for name, values in tables[0].items():
        np.testing.assert_array_equal(values, tables[1][name])
    assert tables[0]["frechet"][3] != tables[2]["frechet"][3]


def test_printed_and_as_a_frame(report):
    lines = str(report).split("\n")
    assert lines[0] == "400 images in each row against 400 reference images, in 6 features:"
    heads = lines[3].split()
    assert heads[:5] == ["Frechet", "limit", "+-", "kernel", "+-"]
    assert sum(line.startswith("samples shuffled") for line in lines) == 2
    assert "Nearest of 800 training images, against that of reference images" in lines
    assert max(map(len, lines)) <= 120
    frame = report.to_frame()
    assert list(frame.index) == list(ROWS)
    np.testing.assert_array_equal(frame["coverage"], report.columns["coverage"])


def test_networks_mixtures_and_functions(small, digits):
    pipeline = make_latent_pipeline(small(), GaussianMixture(2, random_state=0)).fit(digits[:200])
    report = sample_report(
        pipeline,
        digits[200:],
        X_train=digits[:200],
        features=lambda images: images.mean(axis=(2, 3)),
        n_samples=80,
        random_state=0,
    )
    assert report.n_features == 8
    assert np.isfinite(report.columns["frechet_limit"]).all()
    error = pipeline.reconstruction_error(digits[200:])
    assert column(report, "frechet")["reconstructions"] < error.mean() * 8 * 8


REFUSED = {
    "no pipeline": (dict(pipeline=PCA()), TypeError, "must be a scikit-learn Pipeline"),
    "no density": (
        dict(pipeline=make_pipeline(PCA(), PCA())),
        TypeError,
        "must have a sample method; 'pca-2' is a PCA",
    ),
    "not fitted": (
        dict(pipeline=make_pipeline(PCA(), LatentGaussianModel())),
        NotFittedError,
        "not fitted",
    ),
    "features": (dict(features=3), TypeError, "features must be None, a fitted transformer"),
    "unfitted features": (dict(features=PixelFeatures()), NotFittedError, "not fitted"),
    "many": (dict(n_samples=300), ValueError, "at most the images of half of X_test, 200; got 300"),
    "few": (dict(n_samples=10), ValueError, "n_samples must be an integer of at least 20"),
    "shape": (dict(X_train=np.ones((9, 3, 3))), ValueError, "X_train must have images of the"),
    "extrapolate": (dict(extrapolate=1), TypeError, "extrapolate must be True or False"),
}


@pytest.mark.parametrize(("changes", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(pipeline, normal_images, changes, error, message):
    given = {"pipeline": pipeline, "X_test": normal_images[0]} | changes
    with pytest.raises(error, match=message):
        sample_report(given.pop("pipeline"), given.pop("X_test"), **given)


def test_too_few_images_are_counted(pipeline, normal_images):
    train, test = normal_images[:2]
    with pytest.raises(ValueError, match=r"X_test must hold at least 40 images.*got 30"):
        sample_report(pipeline, test[:30])
    with pytest.raises(ValueError, match="at least 20 images each; got 100 and 5"):
        sample_report(pipeline, test[:100], X_train=train[:5])


def test_what_refuses_the_images_is_named(pipeline, normal_images):
    test = normal_images[1]
    features = PixelFeatures().fit(np.ones((9, 8, 8)))
    with pytest.raises(ValueError, match="features must take images in the layout and units"):
        sample_report(pipeline, test, features=features)
    linear = make_pipeline(PCA(2), GaussianMixture()).fit(test.reshape(len(test), -1))
    with pytest.raises(ValueError, match="pipeline must take the images of X_test"):
        sample_report(linear, test)


def test_test_images_in_other_units_than_training_images(small, digits):
    pipeline = make_latent_pipeline(small(max_epochs=1), LatentGaussianModel()).fit(digits)
    with pytest.raises(ValueError, match="pipeline must take the images of X_test"):
        sample_report(pipeline, digits / 16, X_train=digits)
