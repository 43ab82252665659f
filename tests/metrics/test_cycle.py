"""The share of points that come back, against closed forms and on digits."""

import numpy as np
import pytest
from scipy import stats
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.metrics import meaningful_share
from sklatent.samplers import BoxSampler


class Shrinking(TransformerMixin, BaseEstimator):
    """Images are points; the encoder takes a tenth of them away.

    The cycle distance is a tenth of the distance to the origin.
    """

    def __sklearn_is_fitted__(self):
        return True

    def transform(self, X):
        return 0.9 * X

    def inverse_transform(self, X):
        return X


def test_pandas_output_of_the_steps_changes_nothing():
    pytest.importorskip("pandas")
    rows = load_digits().data
    pipeline = make_latent_pipeline(PCA(8), LatentGaussianModel()).fit(rows[:1000])
    points = pipeline[-1].sample(200, random_state=0)
    expected = meaningful_share(pipeline, points, rows[1000:])
    pipeline.set_output(transform="pandas").fit(rows[:1000])
    found = meaningful_share(pipeline, points, rows[1000:])
    np.testing.assert_allclose(found.distances, expected.distances, atol=1e-9)


def test_a_share_in_closed_form(rng):
    images = rng.normal(size=(20_000, 3)) @ rng.normal(size=(3, 3))
    real = 0.9 * images
    for scale in (0.5, 1.0, 1.5):
        points = scale * real[rng.permutation(20_000)]
        found = meaningful_share(Shrinking(), points, images, quantile=0.9)
        expected = stats.chi2.cdf(stats.chi2.ppf(0.9, 3) / scale**2, 3)
        assert found.share == pytest.approx(expected, abs=0.015)
        squared = LatentGaussianModel().fit(real).mahalanobis_squared(real - real.mean(axis=0))
        np.testing.assert_allclose(
            found.real_distances.std(), np.sqrt(squared).std() / 10, rtol=0.01
        )
    assert found.threshold == pytest.approx(np.sqrt(stats.chi2.ppf(0.9, 3)) / 10, rel=0.03)
    assert np.mean(found.real_distances <= found.threshold) == pytest.approx(0.9, abs=1e-4)


def test_the_standard_error_is_that_of_repetitions():
    rng, shares, errors = np.random.default_rng(0), [], []
    for _ in range(300):
        images = rng.normal(size=(200, 2))
        points = 0.9 * rng.normal(size=(400, 2)) * 1.3
        found = meaningful_share(Shrinking(), points, images, quantile=0.9)
        shares.append(found.share)
        errors.append(found.standard_error)
    # The standard deviation of 300 values is known to 4 %; the plugged-in error to less.
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(shares), rel=0.15)


def test_linear_maps_in_between_change_nothing(rng):
    rows = load_digits().data
    points = rng.normal(size=(300, 8)) * 15
    pca = PCA(8, random_state=0).fit(rows[:1000])
    plain = meaningful_share(pca, points, rows[1000:])
    whitened = make_latent_pipeline(pca, PCA(8, whiten=True), LatentGaussianModel())
    whitened.fit(rows[:1000])
    turned = meaningful_share(whitened, whitened[1].transform(points), rows[1000:])
    np.testing.assert_allclose(turned.distances, plain.distances, atol=1e-7)
    assert turned.share == plain.share


def test_far_points_are_not_meaningful(rng):
    """Clipping to the range of images shows it even where decoder and encoder are linear."""
    rows = load_digits().data
    pipeline = make_latent_pipeline(PCA(8, random_state=0), LatentGaussianModel()).fit(rows[:1000])
    real = pipeline[:-1].transform(rows[1000:])
    shares = [
        meaningful_share(pipeline, BoxSampler(b).fit(real).sample(500, 0), rows[1000:]).share
        for b in (15, 30, 60, 120)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0
    own = meaningful_share(pipeline, real, rows[1000:])
    assert own.share == pytest.approx(0.99, abs=2 / len(real))
    np.testing.assert_array_equal(own.distances, own.real_distances)


def test_a_network_on_digits(small):
    images = load_digits().images
    poor = {"linear_path": False, "early_stopping": False}
    model = small(channels=(8, 16), max_epochs=10, **poor).fit(images[:1200])
    pipeline = make_latent_pipeline(model, LatentGaussianModel())
    pipeline.fit_density(images[:1200])
    gaussian = pipeline[-1].sample(500, random_state=0)
    box = BoxSampler(20.0).fit(gaussian).sample(500, random_state=0)
    near, far = (meaningful_share(pipeline, Z, images[1200:]) for Z in (gaussian, box))
    assert near.share > 0.5
    assert far.share < 0.1
    again = meaningful_share(model, gaussian, images[1200:])
    np.testing.assert_array_equal(again.distances, near.distances)
    scaled = meaningful_share(model, gaussian, images[1200:], whitener=StandardScaler())
    assert scaled.share > 0.5
    assert not np.allclose(scaled.distances, near.distances)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"points": np.zeros((5, 2))}, ValueError, "must have as many columns"),
        ({"points": np.full((5, 3), np.nan)}, ValueError, "points contains NaN"),
        ({"points": np.zeros(3)}, ValueError, "points must be an array"),
        ({"images": np.zeros(3)}, ValueError, "images must be"),
        ({"images": np.eye(3)}, ValueError, "images must be more than the 3 latent components"),
        ({"images": np.zeros((1, 3))}, ValueError, "images must have at least 2 rows"),
        ({"quantile": 0}, ValueError, "quantile must be a number in"),
        ({"quantile": 1.5}, ValueError, "quantile must be a number in"),
        ({"pipeline": LatentGaussianModel()}, TypeError, "pipeline must be a scikit-learn"),
    ],
)
def test_errors_name_the_parameter(rng, arguments, error, message):
    given = {"pipeline": Shrinking(), "points": rng.normal(size=(5, 3))}
    given |= {"images": rng.normal(size=(9, 3))} | arguments
    with pytest.raises(error, match=message):
        meaningful_share(**given)
