"""Outlier detection by reconstruction, by latent distance, and by both."""

import numpy as np
import pytest
from scipy import stats
from sklearn.covariance import EllipticEnvelope
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import LocalOutlierFactor

from sklatent import ConvAutoencoder, ImageOutlierDetector, LatentGaussianModel, LatentPipeline
from sklatent._outliers.complexity import fit_error_model, image_complexity, mahalanobis_squared


@pytest.fixture(scope="module")
def normal():
    """Normal points near a plane in 10 dimensions, as flat rows."""
    generator = np.random.default_rng(0)
    return generator.normal(size=(2_000, 10)) * [5, 4, *[0.3] * 8]


def on_plane(method, **parameters):
    return ImageOutlierDetector(PCA(2), method=method, random_state=0, **parameters)


def test_reconstruction_error_of_principal_components(normal):
    detector = on_plane("reconstruction").fit(normal)
    pca = PCA(2).fit(normal)
    error = np.square(normal - pca.inverse_transform(pca.transform(normal))).mean(axis=1)
    np.testing.assert_allclose(detector.score_samples(normal), -error, rtol=1e-9)


def test_mahalanobis_distance_of_latent_points(normal):
    detector = on_plane("latent").fit(normal)
    latent = PCA(2).fit_transform(normal)
    expected = np.square(latent / latent.std(axis=0)).sum(axis=1)
    np.testing.assert_allclose(detector.score_samples(normal), -expected, rtol=1e-9)


def test_both_join_the_tails(normal):
    """In a plane the latent distance is exponential; its log-tail is minus half of it."""
    detector = on_plane("both").fit(normal)
    errors, latent = detector.distances(normal)
    degrees = 2 * errors.mean() ** 2 / errors.var()
    expected = stats.chi2(degrees, scale=errors.mean() / degrees).logsf(errors) - latent / 2
    found = detector.score_samples(normal)
    assert np.abs(found - expected).mean() < 0.1
    # A plane in 10 dimensions: 8 and 2 degrees of freedom.
    fits = (detector.reconstruction_fit_, detector.latent_fit_)
    np.testing.assert_allclose([fit.degrees_of_freedom for fit in fits], [8, 2], rtol=0.25)


def test_both_see_what_one_alone_does_not(normal):
    """Far out on the plane, and a little off it."""
    far, off = np.zeros((2, 1, 10))
    far[0, 0], off[0, 5] = 40, 3
    seen = {}
    for method in ("reconstruction", "latent", "both"):
        detector = on_plane(method, contamination=0.01).fit(normal)
        seen[method] = [int(detector.predict(point)[0]) for point in (far, off)]
    assert seen == {"reconstruction": [1, -1], "latent": [-1, 1], "both": [-1, -1]}


METHODS = ("all", "complexity", "reconstruction", "latent", "both")


@pytest.mark.parametrize("method", METHODS)
def test_contamination_is_the_share_found_in_training(normal, method):
    detector = on_plane(method, contamination=0.07)
    labels = detector.fit_predict(normal)
    assert (labels == -1).mean() == pytest.approx(0.07, abs=1 / len(normal))
    np.testing.assert_array_equal(labels == -1, detector.decision_function(normal) < 0)
    np.testing.assert_allclose(
        detector.decision_function(normal), detector.score_samples(normal) - detector.offset_
    )


def test_log_densities_where_there_is_no_mahalanobis_distance(normal):
    mixture = GaussianMixture(1, random_state=0)
    by_density = on_plane("latent", density=mixture).fit(normal).score_samples(normal)
    by_distance = on_plane("latent").fit(normal).score_samples(normal)
    # The log-density of one normal distribution is minus half the distance and a constant.
    difference = by_density - by_distance / 2
    np.testing.assert_allclose(difference, difference.mean(), atol=1e-4)
    both = [on_plane("both", density=density).fit(normal) for density in (mixture, None)]
    ranks = [detector.score_samples(normal).argsort().argsort() for detector in both]
    assert np.corrcoef(ranks)[0, 1] > 0.999


@pytest.fixture(scope="module")
def zeros():
    digits = load_digits()
    inside = digits.images[digits.target == 0]
    return inside[:120], np.concatenate([inside[120:], digits.images[digits.target == 2]])


def test_other_digits_are_found_by_each_method(zeros):
    train, mixed = zeros
    is_other = np.arange(len(mixed)) >= 58
    autoencoder = ConvAutoencoder(
        4, channels=(8, 8), max_epochs=60, learning_rate=1e-2, random_state=0
    ).fit(train)
    # Other digits are reconstructed badly, and fall near zeros in latent space too.
    least_areas = {"reconstruction": 0.95, "latent": 0.7, "both": 0.95, "all": 0.95}
    for method, least in least_areas.items():
        detector = ImageOutlierDetector(FrozenEstimator(autoencoder), method=method).fit(train)
        assert detector.autoencoder_.estimator is autoencoder
        assert roc_auc_score(is_other, -detector.score_samples(mixed)) > least
    errors, _ = detector.distances(mixed)
    np.testing.assert_allclose(errors, autoencoder.reconstruction_error(mixed))


@pytest.mark.parametrize("method", METHODS)
def test_scores_depend_on_other_images_by_rounding_alone(small, digits, method):
    detector = ImageOutlierDetector(small(), method=method, random_state=0).fit(digits)
    scores = detector.score_samples(digits)
    order = np.random.default_rng(0).permutation(len(digits))
    np.testing.assert_allclose(detector.score_samples(digits[order]), scores[order], rtol=1e-4)
    alone = np.concatenate([detector.score_samples(part) for part in np.array_split(digits, 40)])
    np.testing.assert_allclose(alone, scores, rtol=1e-4)


def test_an_open_seed_and_cross_validation(small, digits):
    def scores(seed):
        detector = ImageOutlierDetector(small(random_state=None), random_state=seed)
        return detector.fit(digits).score_samples(digits)

    first, again, other = scores(0), scores(0), scores(1)
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()
    found = cross_val_score(
        ImageOutlierDetector(small()), digits, np.ones(len(digits)), scoring="accuracy", cv=2
    )
    assert (found > 0.5).all()


def test_a_pipeline_as_autoencoder(normal):
    steps = [("pca", PCA(4)), ("again", PCA(2))]
    by_pipeline = ImageOutlierDetector(LatentPipeline(steps), method="both").fit(normal)
    np.testing.assert_allclose(
        by_pipeline.score_samples(normal), on_plane("both").fit(normal).score_samples(normal)
    )


@pytest.fixture(scope="module")
def textures():
    """Smooth pictures of ten random waves, for training and new, and fainter and rougher ones."""
    generator = np.random.default_rng(0)
    waves = np.stack([_smooth(generator, 6.0) for _ in range(10)])

    def pictures(n):
        weights = generator.normal(size=(n, 10))
        noise = generator.normal(scale=0.05, size=(n, 16, 16))
        return np.tensordot(weights, waves, 1) + noise

    train, new, other = pictures(600), pictures(100), pictures(100)
    rough = other + generator.normal(scale=0.3, size=other.shape)
    return tuple(part.reshape(-1, 256) for part in (train, new, 0.05 * other, rough))


def _smooth(generator, scale):
    i, j = np.mgrid[:16, :16] / scale
    return np.sin(generator.normal() * i + generator.normal() * j + generator.uniform(0, 6))


def test_faint_pictures_are_usual_by_error_alone_and_unusual_beside_their_contrast(textures):
    train, new, faint, rough = textures
    areas = {}
    for method in ("reconstruction", "complexity", "all"):
        detector = ImageOutlierDetector(PCA(10), method=method, random_state=0).fit(train)
        usual = detector.score_samples(new)
        for name, images in (("faint", faint), ("rough", rough)):
            scores = np.concatenate([usual, detector.score_samples(images)])
            areas[method, name] = roc_auc_score(np.arange(200) >= 100, -scores)
    assert areas["reconstruction", "faint"] < 0.05
    assert areas["complexity", "faint"] > 0.99
    assert areas["all", "faint"] > 0.99
    assert min(areas[method, "rough"] for method in ("reconstruction", "complexity", "all")) > 0.99


def test_complexity_is_the_distance_of_four_logarithms(textures):
    train, new = textures[:2]
    detector = ImageOutlierDetector(PCA(10), method="complexity", random_state=0).fit(train)
    errors = [np.square(X - detector.autoencoder_.inverse_transform(
        detector.autoencoder_.transform(X))).mean(axis=1) for X in (train, new)]  # fmt: skip
    values = [
        np.column_stack([error, image_complexity(X, (16, 16, 1))])
        for error, X in zip(errors, (train, new), strict=True)
    ]
    expected = mahalanobis_squared(values[1], fit_error_model(values[0]))
    np.testing.assert_allclose(detector.score_samples(new), -expected, rtol=1e-8)
    relative = detector.relative_error(train)
    # A residual of a regression, over its standard deviation.
    assert relative.mean() == pytest.approx(0, abs=1e-9)
    assert relative.std() == pytest.approx(1, rel=1e-4)


def test_layouts_have_the_same_complexity(small, digits):
    """The autoencoder knows the shape that flat rows do not tell."""
    flat = digits.reshape(len(digits), -1)
    shape = digits.shape[1:]
    scores = []
    for images in (digits, flat):
        autoencoder = small(image_shape=shape)
        detector = ImageOutlierDetector(autoencoder, method="complexity", random_state=0)
        scores.append(detector.fit(images).score_samples(images[:50]))
    np.testing.assert_allclose(*scores, rtol=1e-5)


def test_all_join_three_tails(normal):
    X, new = normal[:1_000], normal[1_000:]
    detector = on_plane("all").fit(X)
    complexity = -on_plane("complexity").fit(X).score_samples(new)
    errors, far = detector.distances(new)
    latent = PCA(2).fit(X).transform(new)
    factors = LocalOutlierFactor(novelty=True).fit(PCA(2).fit_transform(X))
    np.testing.assert_allclose(far, -factors.score_samples(latent), rtol=1e-6)
    fits = detector.reconstruction_fit_, detector.complexity_fit_, detector.latent_fit_
    values = errors, complexity, far - detector.latent_origin_
    expected = sum(
        stats.chi2(fit.degrees_of_freedom, scale=fit.mean / fit.degrees_of_freedom).logsf(value)
        for fit, value in zip(fits, values, strict=True)
    )
    np.testing.assert_allclose(detector.score_samples(new), expected, rtol=1e-6)
    assert detector.latent_origin_ == -factors.negative_outlier_factor_.max()


@pytest.mark.parametrize(
    "estimator",
    [
        LocalOutlierFactor(novelty=True),
        IsolationForest(n_estimators=20),
        EllipticEnvelope(random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_any_detector_of_latent_points(estimator, normal):
    detector = on_plane("latent", detector=estimator).fit(normal)
    assert not hasattr(estimator, "offset_")
    assert not hasattr(detector, "density_")
    latent = detector.autoencoder_.transform(normal)
    expected = detector.detector_.score_samples(latent)
    np.testing.assert_array_equal(detector.score_samples(normal), expected)
    again = on_plane("latent", detector=estimator).fit(normal).score_samples(normal)
    np.testing.assert_array_equal(again, expected)


class Decides(LatentGaussianModel):
    """Has a decision function alone."""

    def __getattribute__(self, name):
        if name in ("mahalanobis_squared", "score_samples"):
            raise AttributeError(name)
        return super().__getattribute__(name)

    def decision_function(self, X):
        return -np.abs(X[:, 0])


def test_a_detector_that_decides(normal):
    detector = on_plane("latent", detector=Decides()).fit(normal)
    latent = detector.autoencoder_.transform(normal)
    np.testing.assert_array_equal(detector.score_samples(normal), -np.abs(latent[:, 0]))


def test_attributes_of_an_earlier_method_go(normal):
    detector = on_plane("both").fit(normal)
    detector.set_params(method="reconstruction").fit(normal)
    assert not hasattr(detector, "density_")
    with pytest.raises(ValueError, match="distances needs a density: method must be"):
        detector.distances(normal)
    with pytest.raises(ValueError, match="relative_error needs the complexity of training"):
        detector.relative_error(normal)
    detector.set_params(method="all").fit(normal)
    assert detector.relative_error(normal[:5]).shape == (5,)


REFUSED = {
    "method": (
        dict(method="error"),
        ValueError,
        "method must be one of 'all', 'complexity', 'reconstruction', 'latent'",
    ),
    "none": (dict(contamination=0), ValueError, r"contamination must be a number in \(0"),
    "most": (dict(contamination=0.6), ValueError, "contamination must be a number in"),
    "autoencoder": (dict(autoencoder=LatentGaussianModel), TypeError, "autoencoder must be an"),
    "no way back": (dict(autoencoder=GaussianMixture()), TypeError, "without transform"),
    "density": (dict(density=PCA), TypeError, "density must be an estimator"),
    "no density": (dict(density=ConvAutoencoder()), TypeError, "density must have fit and one"),
    "no scores": (
        dict(detector=LocalOutlierFactor()),
        TypeError,
        "detector must have fit and one of score_samples and decision_function.*novelty=True",
    ),
    "two": (
        dict(density=LatentGaussianModel(), detector=IsolationForest()),
        ValueError,
        "Only one of density, detector may be given",
    ),
    "seed": (dict(random_state="a"), ValueError, "random_state must be"),
}


@pytest.mark.parametrize(("parameters", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(parameters, error, message, normal):
    with pytest.raises(error, match=message):
        on_plane("both").set_params(**parameters).fit(normal)


def test_one_image_is_too_few(normal):
    with pytest.raises(ValueError, match="X must hold at least 2 images; got n_samples=1"):
        on_plane("both").fit(normal[:1])
