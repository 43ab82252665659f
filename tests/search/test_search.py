"""The search over latent dimensions: scores, sharing of trainings, choice, refusals."""

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.decomposition import PCA
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, KFold

from sklatent import (
    ConvAutoencoder,
    LatentDimensionSearch,
    LatentGaussianModel,
    LatentPipeline,
    make_latent_pipeline,
)
from sklatent.displays import LatentDimensionDisplay
from sklatent.metrics import ClassifierFeatures, PixelFeatures, make_image_scorer

TRAININGS = []
ENCODED = []


class CountingAutoencoder(ConvAutoencoder):
    """Notes the dimension of each training, and how many images are encoded."""

    def fit(self, X, y=None):
        TRAININGS.append((self.latent_dim, self.max_epochs))
        return super().fit(X, y)

    def transform(self, X):
        ENCODED.append(len(X))
        return super().transform(X)


def counting(**parameters):
    TRAININGS.clear()
    ENCODED.clear()
    small = {"channels": (4, 4), "max_epochs": 1, "random_state": 0}
    return CountingAutoencoder(2, **(small | parameters))


@pytest.fixture(scope="module")
def rows(digits):
    return digits.reshape(300, -1)


@pytest.fixture(scope="module")
def features(rows):
    return PixelFeatures(6, random_state=0).fit(rows)


def of_components(**parameters):
    defaults = dict(param_name="n_components", dims=(2, 8), cv=3, random_state=0)
    return LatentDimensionSearch(PCA(), **(defaults | parameters))


def test_scores_are_those_of_single_fits(rows, features):
    """Each fold against a pipeline fitted by itself, on folds that are known."""
    cv = KFold(2)
    search = of_components(cv=cv, dims=(8, 2), features=features, n_samples=50).fit(rows)
    for row, dim in enumerate(search.results_.dims):
        for fold, (train, test) in enumerate(cv.split(rows)):
            pipeline = make_latent_pipeline(PCA(dim), LatentGaussianModel()).fit(rows[train])
            error = search.results_.scores["neg_mse"][row, fold]
            assert error == pytest.approx(pipeline.score(rows[test]), rel=1e-9)
    assert search.n_splits_ == 2
    # Fewer components lose more, whatever the fold.
    errors = search.results_.scores["neg_mse"]
    assert (errors[0] > errors[1]).all()


def test_sample_scores_share_seeds_with_a_scorer(rows, features):
    """With a density that draws what it is told, the score is that of those draws."""
    search = of_components(
        densities={"fixed": FrozenEstimator(FixedPoint().fit(rows[:, :2]))},
        dims=(2,),
        features=features,
    )
    search.fit(rows)
    scorer = make_image_scorer("neg_frechet", features=features, random_state=3)
    found = search.results_.scores["neg_frechet"][0]
    # All samples are the mean image of the training images, whatever the seed.
    pipeline = make_latent_pipeline(PCA(2), FixedPoint()).fit(rows)
    assert found.mean() == pytest.approx(scorer(pipeline, rows), rel=0.05)


class FixedPoint(LatentGaussianModel):
    """A density of one point, the centre of principal components."""

    def sample(self, n_samples=1, random_state=None):
        return np.zeros((n_samples, 2))


def test_one_training_for_all_densities(digits, features):
    autoencoder = counting()
    densities = {
        "gaussian": LatentGaussianModel(),
        "oas": LatentGaussianModel(covariance="oas"),
        "mixture": GaussianMixture(2),
    }
    image_features = PixelFeatures(6, random_state=0).fit(digits)
    search = LatentDimensionSearch(
        autoencoder,
        dims=(1, 3),
        densities=densities,
        cv=2,
        features=image_features,
        refit=False,
        random_state=0,
    ).fit(digits)
    assert [dim for dim, _ in TRAININGS] == [1, 1, 3, 3]
    # Training and held-out images once for each training.
    assert sum(ENCODED) == 4 * (150 + 150)
    assert search.results_.scores["neg_frechet"].shape == (6, 2)
    errors = search.results_.scores["neg_mse"].reshape(2, 3, 2)
    np.testing.assert_array_equal(errors, errors[:, :1].repeat(3, axis=1))
    assert not hasattr(search, "best_pipeline_")


def test_the_choice_and_the_pipeline_fitted_again(rows, features):
    search = of_components(dims=(2, 8, 20), features=features).fit(rows)
    scores = search.results_.scores["neg_frechet"]
    means, best = scores.mean(axis=1), scores.mean(axis=1).argmax()
    bound = means[best] - scores[best].std(ddof=1) / np.sqrt(3)
    assert search.best_dim_ == search.results_.dims[means >= bound].min()
    assert search.best_density_ == "gaussian"
    assert isinstance(search.best_pipeline_, LatentPipeline)
    assert search.best_pipeline_[0].n_components == search.best_dim_
    assert search.best_pipeline_.sample(4, random_state=0).shape == (4, 64)
    assert search.reason_.startswith(f"{search.best_dim_} components with gaussian (Frechet ")
    real = search.results_.real_scores["neg_frechet"]
    assert (real > means.max()).all()


def test_criterion_of_reconstructions_needs_no_features(rows):
    search = of_components(scoring=["neg_mse", "psnr"], criterion="psnr").fit(rows)
    assert search.features_ is None
    assert search.results_.real_scores == {}
    assert search.best_dim_ == 8
    assert "PSNR" in str(search.results_)


def test_seeds(digits, rows):
    densities = {"mixture": GaussianMixture(3)}
    found = [
        of_components(densities=densities, random_state=seed).fit(rows).results_.scores
        for seed in (0, 0, 1)
    ]
    for name in ("neg_mse", "neg_frechet"):
        np.testing.assert_array_equal(found[0][name], found[1][name])
        assert (found[0][name] != found[2][name]).all()


def test_folds_are_shuffled_and_stratified(rows):
    """Of sorted labels, each fold trains on all classes."""
    order = np.sort(np.arange(300) % 10)
    seen = []

    class Noting(LatentGaussianModel):
        def fit(self, X, y=None):
            seen.append(np.bincount(y))
            return super().fit(X)

    of_components(densities={"noting": Noting()}, refit=False).fit(rows, order)
    np.testing.assert_array_equal(seen, np.full((6, 10), 20))


def test_trainings_at_once(rows):
    """In threads, which start faster than processes do."""
    one = of_components().fit(rows)
    with parallel_config("threading"):
        two = of_components(n_jobs=2).fit(rows)
    for name, scores in one.results_.scores.items():
        np.testing.assert_allclose(scores, two.results_.scores[name], rtol=1e-6)


def test_target_images_and_features_of_a_classifier(digits):
    target = digits[:, :, :, None] * [1.0, 0.5]
    labels = np.arange(300) % 10
    features = ClassifierFeatures(4, channels=(4, 4), max_epochs=1, random_state=0)
    search = LatentDimensionSearch(
        counting(), dims=(2,), cv=2, features=features.fit(target, labels), random_state=0
    ).fit(digits, target)
    assert search.best_pipeline_.sample(2, random_state=0).shape == (2, 8, 8, 2)
    assert np.isfinite(search.results_.scores["neg_frechet"]).all()


def test_quiet_unless_asked(rows, capsys):
    of_components().fit(rows)
    assert capsys.readouterr() == ("", "")
    of_components(verbose=1).fit(rows)
    assert "6/6" in capsys.readouterr().err


def test_a_failed_fit_leaves_the_earlier_one(rows):
    search = of_components().fit(rows)
    results = search.results_
    with pytest.raises(ValueError, match="n_components"):
        search.set_params(dims=(2, 1000)).fit(rows)
    assert search.results_ is results


def test_memory_of_a_pipeline_trains_once_for_all_densities(digits, tmp_path):
    """What the guide says of `GridSearchCV` with `memory`."""
    grid = {
        "countingautoencoder__latent_dim": [1, 3],
        "latentgaussianmodel": [LatentGaussianModel(), GaussianMixture(2, random_state=0)],
    }
    plain = make_latent_pipeline(counting(), LatentGaussianModel())
    without = GridSearchCV(plain, grid, cv=2, refit=False).fit(digits)
    assert len(TRAININGS) == 2 * 2 * 2
    pipeline = make_latent_pipeline(counting(), LatentGaussianModel(), memory=str(tmp_path))
    cached = GridSearchCV(pipeline, grid, cv=2, refit=False).fit(digits)
    assert sorted(dim for dim, _ in TRAININGS) == [1, 1, 3, 3]
    np.testing.assert_array_equal(
        cached.cv_results_["mean_test_score"], without.cv_results_["mean_test_score"]
    )


def test_halving_over_epochs(digits):
    """What the guide says: scikit-learn's halving, with complete schedules at each rung."""
    search = HalvingGridSearchCV(
        make_latent_pipeline(counting(), LatentGaussianModel()),
        {"countingautoencoder__latent_dim": [1, 2, 3, 4]},
        resource="countingautoencoder__max_epochs",
        factor=2,
        min_resources=1,
        max_resources=4,
        aggressive_elimination=False,
        cv=2,
        refit=False,
        random_state=0,
    ).fit(digits)
    assert search.n_resources_ == [1, 2, 4]
    epochs = [epochs for _, epochs in TRAININGS]
    assert [epochs.count(n) for n in (1, 2, 4)] == [8, 4, 2]


def test_a_memory_saves_trainings(digits, features, rows, tmp_path):
    """Other densities, metrics and dimensions train what is not there yet; scores are equal."""
    parameters = dict(cv=2, random_state=0, refit=False)
    plain = LatentDimensionSearch(counting(), dims=(2, 3), **parameters).fit(digits)
    parameters["memory"] = str(tmp_path)
    first = LatentDimensionSearch(counting(), dims=(2, 3), **parameters).fit(digits)
    assert [dim for dim, _ in TRAININGS] == [2, 2, 3, 3]
    for name, scores in plain.results_.scores.items():
        np.testing.assert_array_equal(first.results_.scores[name], scores)
    autoencoder = counting()
    again = LatentDimensionSearch(autoencoder, dims=(2, 3), **parameters).fit(digits)
    assert TRAININGS == []
    np.testing.assert_array_equal(again.results_.fit_times, first.results_.fit_times)
    more = LatentDimensionSearch(
        autoencoder,
        dims=(2, 4),
        densities={"mixture": GaussianMixture(2)},
        scoring=("ssim", "feature_log_likelihood"),
        criterion="feature_log_likelihood",
        **parameters,
    ).fit(digits)
    assert [dim for dim, _ in TRAININGS] == [4, 4]
    assert np.isfinite(more.results_.scores["feature_log_likelihood"]).all()
    assert set(more.results_.real_scores) == {"feature_log_likelihood"}


def test_errors_are_on_the_scale_of_all_images(rows):
    """Folds of which one is dark are scored on one scale."""
    dark = np.concatenate([rows[:100] / 4, rows[100:]])
    cv = [(np.arange(100, 300), np.arange(100)), (np.arange(100), np.arange(100, 300))]
    search = of_components(cv=cv, dims=(4,), scoring=("neg_mse",), criterion="neg_mse", refit=False)
    found = search.fit(dark).results_.scores["neg_mse"][0]
    for error, (train, test) in zip(found, cv, strict=True):
        pca = PCA(4).fit(dark[train])
        back = pca.inverse_transform(pca.transform(dark[test]))
        assert error == pytest.approx(-np.square(back - dark[test]).mean() / 16**2)


def test_a_failing_training_tells_its_dimension(rows):
    with pytest.raises(ValueError, match="n_components=100") as raised:
        of_components(dims=(2, 100)).fit(rows)
    assert "PCA(n_components=100" in raised.value.__notes__[0]


REFUSED = {
    "likelihood": (dict(scoring=("log_likelihood",)), ValueError, "another space for each"),
    "one metric": (dict(scoring="neg_mse"), TypeError, "scoring must be a sequence"),
    "empty": (dict(scoring=()), ValueError, "scoring must hold at least one metric"),
    "memory": (dict(memory=3), ValueError, "memory"),
    "no metric": (dict(scoring=None), TypeError, "scoring must be a sequence of metrics, such as"),
    "unknown metric": (
        dict(scoring=("mse",), criterion="mse"),
        ValueError,
        "metrics must be one or several",
    ),
    "criterion": (dict(criterion="psnr"), ValueError, "one of the metrics in scoring, 'neg_mse'"),
    "zero": (dict(dims=(0, 2)), ValueError, r"dims\[0\] must be an integer of at least 1"),
    "twice": (dict(dims=(2, 2)), ValueError, "dims must hold no number twice"),
    "no dims": (dict(dims=()), TypeError, "dims must be a sequence of one or more"),
    "one dim": (dict(dims=4), TypeError, "dims must be a sequence of one or more"),
    "one fold": (dict(cv=1), ValueError, "cv must be an integer of at least 2"),
    "one split": (dict(cv=[([0, 1], [2, 3])]), ValueError, "cv must give at least 2 folds"),
    "parameter": (dict(param_name="depth"), ValueError, "param_name must be a parameter of"),
    "no dict": (dict(densities=[PCA()]), TypeError, "densities must be a dict"),
    "no density": (dict(densities={"pca": PCA()}), TypeError, r"densities\['pca'\] must have fit"),
    "no transformer": (dict(autoencoder=GaussianMixture()), TypeError, "autoencoder must have"),
    "a class": (dict(autoencoder=PCA), TypeError, "autoencoder must be an estimator"),
    "features": (dict(features=PixelFeatures()), NotFittedError, "not fitted"),
    "few samples": (dict(n_samples=2), ValueError, "n_samples must be an integer of at least 8"),
    "error score": (dict(error_score=0), ValueError, "error_score must be .raise. or nan; got 0"),
    "refit": (dict(refit="neg_mse"), TypeError, "refit must be True or False"),
    "verbose": (dict(verbose=-1), ValueError, "verbose must be an integer of at least 0"),
    "seed": (dict(random_state="a"), ValueError, "random_state must be"),
}


@pytest.mark.parametrize(("parameters", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(parameters, error, message, rows):
    with pytest.raises(error, match=message):
        of_components().set_params(**parameters).fit(rows)


def test_one_fold_has_the_same_seeds_for_all_dimensions(digits):
    """Seeds differ between folds, so that standard errors count the luck of the start too."""
    seeds = []

    class Noting(PCA):
        def fit_transform(self, X, y=None):
            seeds.append(self.random_state)
            return super().fit_transform(X)

        def fit(self, X, y=None):
            seeds.append(self.random_state)
            return super().fit(X)

    rows = digits.reshape(300, -1)
    search = LatentDimensionSearch(
        Noting(), param_name="n_components", dims=(2, 4), cv=2, refit=False, random_state=0
    )
    search.fit(rows)
    assert seeds[:2] == seeds[2:]
    assert seeds[0] != seeds[1]


class Brittle(LatentGaussianModel):
    """Cannot be fitted to three components."""

    def fit(self, X, y=None):
        if X.shape[1] == 3:
            raise ValueError("three are too many")
        return super().fit(X)


def test_a_density_that_fails_loses_its_scores_alone(rows, features):
    search = of_components(
        dims=(2, 3),
        densities={"gaussian": LatentGaussianModel(), "brittle": Brittle()},
        features=features,
    )
    with pytest.warns(FitFailedWarning, match="3 of 12 fits .*three are too many"):
        search.fit(rows)
    scores = search.results_.scores
    np.testing.assert_array_equal(search.results_.dims, [2, 2, 3, 3])
    for name in ("neg_mse", "neg_frechet"):
        np.testing.assert_array_equal(np.isnan(scores[name]).all(axis=1), [0, 0, 0, 1])
        assert np.isfinite(scores[name][:3]).all()
    alone = of_components(dims=(2, 3), features=features).fit(rows)
    np.testing.assert_array_equal(scores["neg_frechet"][::2], alone.results_.scores["neg_frechet"])
    assert search.best_dim_ == alone.best_dim_
    assert str(search.results_).count(" - ") >= 2
    LatentDimensionDisplay.from_estimator(search)


def test_a_density_that_fails_can_stop_the_search(rows, features):
    densities = {"brittle": Brittle()}
    search = of_components(dims=(3,), densities=densities, features=features)
    with pytest.raises(ValueError, match="three are too many"):
        search.set_params(error_score="raise").fit(rows)
    search.set_params(error_score=np.nan)
    with (
        pytest.warns(FitFailedWarning),
        pytest.raises(ValueError, match="densities must hold one that can be fitted"),
    ):
        search.fit(rows)


def test_a_search_over_pca_has_the_error_of_pca_beside_it(rows):
    """The column is there without any autoencoder, and then says the same thing twice."""
    search = of_components(dims=(8, 2), densities={"a": LatentGaussianModel(), "b": Brittle()})
    results = search.fit(rows).results_
    np.testing.assert_allclose(results.pca_errors, -results.scores["neg_mse"], rtol=1e-4)
    assert search.linear_path_ is None
    assert results.linear_path is None


def test_there_is_no_error_of_pca_of_other_targets(digits):
    target = digits[:, ::-1]
    search = LatentDimensionSearch(counting(), dims=(2,), cv=2, refit=False, random_state=0)
    assert search.fit(digits, target).results_.pca_errors is None
    labels = np.arange(300) % 10
    assert search.fit(digits, labels).results_.pca_errors.shape == (1, 2)
