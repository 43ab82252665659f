"""A network beside PCA on images held out: what is held out, compared and said."""

import re
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback

from sklatent import (
    ImageOutlierDetector,
    LatentDimensionSearch,
    LatentGaussianModel,
    make_latent_pipeline,
)
from sklatent._autoencoder import start
from sklatent._autoencoder.comparison import Comparison, compare, loss_to_pca
from sklatent._networks.batches import split_rows
from sklatent.corruption import GaussianNoise

LOSES = pytest.mark.filterwarnings("ignore:The network loses to PCA")
TOLD = {"validation_error_", "pca_validation_error_", "best_epoch_", "initial_valid_loss_"}
# Far from any PCA of thirty components after one epoch.
POOR = {"channels": (2, 2), "linear_path": False, "max_epochs": 1}


class Counter(Callback):
    """Keeps how many images there are for training and validation, and the latter."""

    def on_train_begin(self, net, X=None, **kwargs):
        train, validation = X
        self.n_trained = len(train.rows)
        self.n_held_out = 0 if validation is None else len(validation.rows)
        self.held_out = None if validation is None else validation.rows


@pytest.fixture(scope="module")
def many():
    """600 digits (n, 8, 8), float64 from 0 to 16."""
    return load_digits().images[:600]


def test_standard_error_of_paired_differences():
    # Differences 2, 0 and 1: mean 1, standard deviation 1.
    compared = compare(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    assert compared == Comparison(3, 1.0, pytest.approx(1 / np.sqrt(3)))
    assert not compared.lost
    # Differences 2, 1 and 1.5: mean 1.5, standard deviation 0.5.
    compared = compare(np.array([3.0, 2.0, 4.5]), np.array([1.0, 1.0, 3.0]))
    assert compared == Comparison(3, 1.5, pytest.approx(0.5 / np.sqrt(3)))
    assert compared.lost
    assert not compare(np.array([1.0, 1.0, 3.0]), np.array([3.0, 2.0, 4.5])).lost


def test_differences_without_spread_and_of_one_image():
    assert compare(np.array([0.5, 1.5]), np.array([0.0, 1.0])).lost
    assert not compare(np.zeros(2), np.zeros(2)).lost
    one = compare(np.array([2.0]), np.array([1.0]))
    assert np.isnan(one.standard_error)
    assert not one.lost


@pytest.mark.parametrize("stopping", ["auto", True])
def test_a_network_that_loses_to_pca_warns_once(small, many, stopping, capfd):
    autoencoder = small(30, **POOR, early_stopping=stopping)
    with pytest.warns(ConvergenceWarning) as caught:
        autoencoder.fit(many)
    assert len(caught) == 1
    said = str(caught[0].message)
    ours, of_pca = autoencoder.validation_error_, autoencoder.pca_validation_error_
    assert f"on the 60 images held out its mean squared error is {ours:.4g}" in said
    assert f"against {of_pca:.4g}, {ours - of_pca:.2g} more" in said
    for hint in ("more epochs", "linear_path=True", "a wider network", "PCA itself"):
        assert hint in said
    assert caught[0].filename == __file__
    assert capfd.readouterr() == ("", "")


def test_the_standard_error_that_is_said_is_that_of_the_images(small, many):
    counter = Counter()
    autoencoder = small(30, **POOR, callbacks=[counter])
    with pytest.warns(ConvergenceWarning) as caught:
        autoencoder.fit(many)
    rows = np.zeros(600, dtype=bool)
    rows[counter.held_out] = True
    flat = many.reshape(600, -1) / 16
    peer = PCA(30).fit(flat[~rows])
    back = peer.inverse_transform(peer.transform(flat[rows]))
    differences = autoencoder.reconstruction_error(many[rows])
    differences = differences - np.square(back - flat[rows]).mean(axis=1)
    error = differences.std(ddof=1) / np.sqrt(60)
    said = re.search(r"standard error of ([\d.e-]+\d)", str(caught[0].message)).group(1)
    assert float(said) == pytest.approx(error, rel=0.5)
    assert said == f"{error:.1g}"


def test_a_network_that_wins_says_nothing(small, many):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        winner = small(6, linear_path=True, max_epochs=30, batch_size=32).fit(many)
    assert winner.validation_error_ < winner.pca_validation_error_
    assert winner.n_iter_ == len(winner.history_["valid_loss"]) == 30


@pytest.mark.parametrize("linear_path", [False, True, "auto"])
@pytest.mark.parametrize("latent_dim", [4, 40])
@LOSES
def test_principal_axes_are_found_once(small, many, linear_path, latent_dim, monkeypatch):
    calls, found = [], start.principal_axes

    def principal_axes(*args):
        calls.append(1)
        return found(*args)

    monkeypatch.setattr(start, "principal_axes", principal_axes)
    path = {"linear_path": linear_path, "max_epochs": 1, "batch_size": 5}
    autoencoder = small(latent_dim, **path).fit(many)
    assert autoencoder.linear_path_ is (
        linear_path is True or (linear_path, latent_dim) == ("auto", 40)
    )
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("n", "parameters", "n_held_out"),
    [
        (499, {}, 0),
        (500, {}, 50),
        (600, {"validation_fraction": 0.25}, 150),
        (600, {"early_stopping": False}, 0),
        (499, {"early_stopping": True}, 50),
        (25_000, {}, 2000),
        (25_000, {"early_stopping": True}, 2500),
    ],
)
@LOSES
def test_how_many_images_are_held_out(small, rng, n, parameters, n_held_out):
    counter = Counter()
    images = rng.random((n, 2, 2))
    autoencoder = small(1, channels=(1,), max_epochs=1, batch_size=5000, callbacks=[counter])
    autoencoder.set_params(**parameters).fit(images)
    assert (counter.n_trained, counter.n_held_out) == (n - n_held_out, n_held_out)
    assert ("valid_loss" in autoencoder.history_) is (n_held_out > 0)
    assert hasattr(autoencoder, "pca_validation_error_") is (n_held_out > 0)


@LOSES
def test_a_share_that_leaves_nothing_to_train_on(small, many):
    with pytest.raises(ValueError, match=r"validation_fraction=0\.9999 needs images for training"):
        small(validation_fraction=0.9999).fit(many)


def without_comparison(autoencoder, images):
    """Return fits that hold nothing out."""
    yield autoencoder.fit(images[:499])
    yield autoencoder.fit(images, 16 - images)
    yield autoencoder.set_params(corruption=GaussianNoise(0.1)).fit(images)
    yield autoencoder.set_params(corruption=None, early_stopping=False).fit(images)
    yield autoencoder.set_params(early_stopping="auto").partial_fit(images)


@LOSES
def test_where_there_is_no_comparison(small, many):
    autoencoder = small().fit(many)
    assert set(vars(autoencoder)) >= TOLD
    for fitted in without_comparison(autoencoder, many):
        assert not TOLD & set(vars(fitted))
        assert np.isfinite(fitted.history_["train_loss"]).all()
        autoencoder.fit(many)
    labels = np.arange(600) % 3
    assert set(vars(autoencoder.fit(many, labels))) >= TOLD
    assert not TOLD & set(vars(autoencoder.partial_fit(many)))
    assert np.isnan(autoencoder.history_["valid_loss"][-1])
    stopping = small(early_stopping=True).fit(many)
    assert TOLD - set(vars(stopping)) == {"initial_valid_loss_"}
    assert stopping.best_epoch_ == np.argmin(stopping.history_["valid_loss"]) + 1


@LOSES
def test_the_same_seed_gives_the_same_bits(small, many):
    first, again, other = (small(random_state=seed).fit(many) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.transform(many), again.transform(many))
    for name in TOLD:
        assert getattr(first, name) == getattr(again, name)
    np.testing.assert_array_equal(first.history_["valid_loss"], again.history_["valid_loss"])
    assert first.pca_validation_error_ != other.pca_validation_error_


@pytest.mark.parametrize(
    ("parameters", "hints", "absent"),
    [
        ({}, "Try more epochs (max_epochs; it made 2), linear_path=True, a wider", "loss="),
        ({"best_epoch_": 0}, "Try a smaller learning_rate (now 0.002), linear_path", "more epochs"),
        ({"linear_path_": True}, "it made 2), a wider network", "linear_path=True"),
        ({"decoder_spectral_norm": True}, "it made 2), a wider network", "linear_path=True"),
        ({"loss": "l1"}, "Try loss='mse', more epochs", "weight"),
        (
            {"kl_weight": 1.0, "latent_penalty": 0.1},
            "Try a smaller kl_weight and latent_penalty, more",
            "decoder_weight_decay",
        ),
        ({"encoder": 1, "decoder": 1}, "it made 2), or take PCA", "a wider network"),
    ],
)
def test_what_to_try_hangs_on_what_was_done(small, parameters, hints, absent):
    told = {"best_epoch_": 2, "n_iter_": 2, "linear_path_": False}
    told |= {"validation_error_": 0.02, "pca_validation_error_": 0.01}
    net = SimpleNamespace(lr=0.002)
    fitted = SimpleNamespace(**(small().get_params() | told | parameters), net_=net)
    said = loss_to_pca(fitted, Comparison(60, 0.01, 0.002))
    assert said.startswith("The network loses to PCA with as many components: on the 60 images ")
    assert "0.02 against 0.01, 0.01 more with a standard error of 0.002." in said
    assert hints in said
    assert absent not in said


def test_what_holds_an_autoencoder_passes_the_warning_on(small, many):
    poor = small(30, **POOR)
    pipeline = make_latent_pipeline(poor, LatentGaussianModel())
    search = LatentDimensionSearch(poor, dims=(30,), cv=2, refit=False, random_state=0)
    detector = ImageOutlierDetector(poor, random_state=0)
    for estimator, n_fits in ((pipeline, 1), (detector, 1), (search, 0)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            estimator.fit(many)
        said = [w for w in caught if issubclass(w.category, ConvergenceWarning)]
        # Each half of the images of the search is too few to hold any out.
        assert len(said) == n_fits


def rows_of_groups(groups, share=0.1, most=None, seed=0):
    rng = np.random.RandomState(seed)
    return split_rows(len(groups), share, rng, most, np.asarray(groups))


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_held_out_whole(seed):
    groups = np.repeat(list("abcdefghij"), [1, 2, 3, 5, 8, 13, 21, 34, 55, 58])
    train, held = rows_of_groups(groups, 0.2, seed=seed)
    assert not set(groups[train]) & set(groups[held])
    np.testing.assert_array_equal(np.sort(np.concatenate([train, held])), np.arange(200))
    # More than the share only where the first is larger than that alone.
    assert len(held) <= 40 or len(set(groups[held])) == 1
    assert len(held) > 0


def test_groups_of_one_are_images():
    train, held = rows_of_groups(np.arange(100), 0.1)
    assert (len(train), len(held)) == (90, 10)
    assert len(rows_of_groups(np.arange(100), 0.5, most=7)[1]) == 7


def test_large_groups_leave_one_for_training():
    for seed in range(4):
        train, held = rows_of_groups([0] * 90 + [1] * 10, seed=seed)
        assert {len(train), len(held)} == {90, 10}


def test_a_fit_holds_out_groups(small, many):
    groups = np.arange(len(many)) // 20
    seen = Counter()
    autoencoder = small(callbacks=[seen], max_epochs=1, linear_path=True)
    autoencoder.fit(many, groups=groups)
    assert len(seen.held_out) == 60
    assert len(np.unique(groups[seen.held_out])) == 3
    assert autoencoder.pca_validation_error_ > 0
    with pytest.raises(ValueError, match="groups must be two or more where images are held out"):
        autoencoder.fit(many, groups=np.zeros(len(many)))
    autoencoder.set_params(early_stopping=False).fit(many, groups=np.zeros(len(many)))


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        (np.arange(5), ValueError, "groups must have as many rows"),
        (np.zeros((600, 2)), ValueError, "groups must have one dimension"),
        (np.full(600, np.nan), ValueError, "groups must hold a number or string"),
        ([None, 1] * 300, TypeError, "groups must be of one type"),
        (np.ma.masked_equal(np.arange(600), 3), ValueError, "groups must have no masked"),
        (np.zeros(600, "M8[s]"), ValueError, "groups must hold a number or string"),
    ],
)
def test_what_are_no_groups(small, many, groups, error, message):
    with pytest.raises(error, match=message):
        small().fit(many, groups=groups)
