"""ConvAutoencoder: values, own modules, targets, reproducibility, and scikit-learn's customs."""

import copy
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.utils import estimator_html_repr
from skorch.callbacks import Callback
from torch import nn

from sklatent import ConvAutoencoder


class LinearEncoder(nn.Sequential):
    """A layer of its own for any size of image, with dropout."""

    def __init__(self, image_shape, latent_dim):
        n_values = int(np.prod(image_shape))
        super().__init__(nn.Flatten(), nn.Dropout(0.3), nn.Linear(n_values, latent_dim))


class LinearDecoder(nn.Module):
    def __init__(self, image_shape, latent_dim):
        super().__init__()
        height, width, n_channels = image_shape
        self.shape = (n_channels, height, width)
        self.linear = nn.Linear(latent_dim, int(np.prod(image_shape)))

    def forward(self, latent):
        return self.linear(latent).unflatten(1, self.shape)


CALLS = []


class Watched(nn.Module):
    """Notes the mode in which it runs."""

    def __init__(self, name, module):
        super().__init__()
        self.name, self.module = name, module

    def forward(self, inputs):
        CALLS.append((self.name, len(inputs), self.training, torch.is_grad_enabled()))
        return self.module(inputs)


def weights(autoencoder):
    return torch.cat([w.detach().flatten() for w in autoencoder.net_.module_.parameters()])


def test_reconstruction_is_better_than_the_mean_image(small, digits):
    autoencoder = small(8, channels=(16, 32), batch_size=16, learning_rate=0.01, max_epochs=15)
    autoencoder.fit(digits[:250])
    new = digits[250:] / 16
    of_mean_image = np.square(new - digits[:250].mean(axis=0) / 16).mean()
    assert -autoencoder.score(digits[250:]) < 0.6 * of_mean_image


def test_errors_and_scores_agree_with_numpy(fitted, digits):
    reconstructed = fitted.inverse_transform(fitted.transform(digits))
    np.testing.assert_array_equal(fitted.reconstruct(digits), reconstructed)
    expected = np.square((digits - reconstructed) / 16).mean(axis=(1, 2))
    error = fitted.reconstruction_error(digits)
    np.testing.assert_allclose(error, expected, rtol=1e-4)
    assert fitted.score(digits) == pytest.approx(-expected.mean(), rel=1e-5)
    np.testing.assert_array_equal(fitted.reconstruction_error(digits, np.arange(300)), error)


def test_errors_of_other_points_and_against_other_images(fitted, digits):
    points = np.zeros((300, 4))
    decoded = fitted.inverse_transform(points)
    expected = np.square((digits - decoded) / 16).mean(axis=(1, 2))
    error = fitted.reconstruction_error(digits, latent=points)
    np.testing.assert_allclose(error, expected, rtol=1e-4)
    other = digits[::-1]
    expected = np.square((other - fitted.reconstruct(digits)) / 16).mean(axis=(1, 2))
    np.testing.assert_allclose(fitted.reconstruction_error(digits, other), expected, rtol=1e-4)
    assert fitted.score(digits, other) == pytest.approx(-expected.mean(), rel=1e-5)
    perfect = fitted.reconstruct(digits)
    assert fitted.score(digits, perfect) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("batch_size", [1, 7, 299, 1000])
def test_read_outs_do_not_depend_on_the_batch_size(fitted, digits, batch_size):
    other = copy.deepcopy(fitted).set_params(batch_size=batch_size)
    latent = fitted.transform(digits)
    np.testing.assert_allclose(other.transform(digits), latent, atol=1e-5)
    images = fitted.inverse_transform(latent)
    np.testing.assert_allclose(other.inverse_transform(latent), images, atol=1e-4)
    error = fitted.reconstruction_error(digits)
    np.testing.assert_allclose(other.reconstruction_error(digits), error, rtol=1e-4)


def test_one_image_at_a_time_equals_all_at_once(fitted, digits):
    latent = fitted.transform(digits[:20])
    one_by_one = [fitted.transform(image[None]) for image in digits[:20]]
    np.testing.assert_allclose(np.concatenate(one_by_one), latent, atol=1e-5)
    images = [fitted.inverse_transform(point[None]) for point in latent]
    np.testing.assert_allclose(np.concatenate(images), fitted.inverse_transform(latent), atol=1e-4)


def test_encoder_and_decoder_run_alone_and_in_inference_mode(small, digits):
    encoder = Watched("encoder", LinearEncoder((8, 8, 1), 4))
    decoder = Watched("decoder", LinearDecoder((8, 8, 1), 4))
    autoencoder = small(encoder=encoder, decoder=decoder).fit(digits)
    gradients = [w.grad for w in autoencoder.net_.module_.parameters()]
    CALLS.clear()
    latent = autoencoder.transform(digits)
    assert [("encoder", n, False, False) for n in (256, 44)] == CALLS
    CALLS.clear()
    autoencoder.inverse_transform(latent)
    assert [("decoder", n, False, False) for n in (256, 44)] == CALLS
    CALLS.clear()
    autoencoder.reconstruction_error(digits, latent=latent)
    assert {name for name, *_ in CALLS} == {"decoder"}
    assert all(
        w.grad is before
        for w, before in zip(autoencoder.net_.module_.parameters(), gradients, strict=True)
    )


OWN = {"encoder": LinearEncoder, "decoder": LinearDecoder}
RECIPES = [
    {},
    OWN,
    {"kl_weight": 1.0, "kl_annealing": 0.5},
    {"early_stopping": True, "batch_norm": True},
    {"architecture": "residual", "linear_path": True, "early_stopping": True},
    {"decoder_spectral_norm": True, "loss": "ssim"},
]


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_seed_gives_the_same_bits(small, digits, recipe):
    first, again, other = (small(**recipe, random_state=seed).fit(digits) for seed in (3, 3, 4))
    assert torch.equal(weights(first), weights(again))
    np.testing.assert_array_equal(first.transform(digits), again.transform(digits))
    assert not torch.allclose(weights(first), weights(other))
    # Fitting again starts anew.
    assert torch.equal(weights(first.fit(digits)), weights(again))


def test_without_a_seed_fits_differ(small, digits):
    fits = [small(random_state=None).fit(digits) for _ in "ab"]
    assert not torch.allclose(weights(fits[0]), weights(fits[1]))
    shared = np.random.RandomState(0)
    fits = [small(random_state=shared).fit(digits) for _ in "ab"]
    assert not torch.allclose(weights(fits[0]), weights(fits[1]))
    again = small(random_state=np.random.RandomState(0)).fit(digits)
    assert torch.equal(weights(again), weights(fits[0]))


@pytest.mark.parametrize("recipe", [{}, OWN])
def test_fits_at_once_in_threads_agree_with_one_alone(small, digits, recipe):
    def fit(_):
        return small(**recipe, max_epochs=6, batch_size=32).fit(digits)

    alone = weights(fit(0))
    with ThreadPoolExecutor(3) as pool:
        for autoencoder in pool.map(fit, range(3)):
            assert torch.equal(weights(autoencoder), alone)


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
@pytest.mark.parametrize("recipe", RECIPES)
def test_nothing_global_changes(small, digits, recipe):
    def surroundings():
        return (
            torch.random.get_rng_state().numpy().tobytes(),
            pickle.dumps(np.random.get_state()),  # noqa: NPY002
            torch.get_num_threads(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.are_deterministic_algorithms_enabled(),
            str(torch.get_default_device()),
            list(warnings.filters),
        )

    before = surroundings()
    autoencoder = small(**recipe).fit(digits)
    autoencoder.partial_fit(digits).inverse_transform(autoencoder.transform(digits))
    autoencoder.score(digits)
    assert surroundings() == before


def test_own_modules_are_copied_and_start_from_their_weights(small, digits):
    encoder, decoder = LinearEncoder((8, 8, 1), 4), LinearDecoder((8, 8, 1), 4)
    before = copy.deepcopy(encoder.state_dict())
    autoencoder = small(encoder=encoder, decoder=decoder, learning_rate=1e-9).fit(digits)
    trained = autoencoder.net_.module_.encoder
    assert trained is not encoder
    assert autoencoder.encoder is encoder
    torch.testing.assert_close(trained.state_dict(), before, atol=1e-7, rtol=0)
    autoencoder.set_params(learning_rate=0.01).fit(digits)
    assert not torch.allclose(autoencoder.net_.module_.encoder[2].weight, before["2.weight"])
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_own_module_beside_a_default_one(small, digits):
    for own in ({"encoder": LinearEncoder}, {"decoder": LinearDecoder}):
        autoencoder = small(**own, max_epochs=6, batch_size=32, learning_rate=0.01).fit(digits)
        losses = autoencoder.history_["train_loss"]
        assert losses[-1] < losses[0]
        assert isinstance(getattr(autoencoder.net_.module_, *own), *own.values())


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"encoder": nn.Flatten()}, r"encoder must map .* \(2, 4\); got \(2, 64\)"),
        ({"decoder": nn.Identity()}, r"decoder must map .* \(2, 1, 8, 8\); got \(2, 4\)"),
        (
            {"encoder": LinearEncoder((8, 8, 1), 4), "kl_weight": 1.0},
            r"encoder must map .*\(2, 8\)",
        ),
    ],
)
def test_own_modules_of_a_wrong_shape(small, digits, own, message):
    with pytest.raises(ValueError, match=message):
        small(**own).fit(digits)


def test_two_components_say_more_than_the_best_line(small, rng):
    patterns = rng.random((2, 16))
    X = 0.4 + 0.2 * rng.uniform(-1, 1, (400, 2)) @ (patterns - 0.5)
    recipe = {"loss": "mse", "learning_rate": 0.02, "batch_size": 40, "max_epochs": 60}

    def encoder(image_shape, latent_dim):
        # Made in fit, so that random_state seeds its weights.
        return nn.Sequential(nn.Flatten(), nn.Linear(16, latent_dim))

    autoencoder = small(2, encoder=encoder, decoder=LinearDecoder, **recipe)
    autoencoder.set_params(value_range=(0, 1)).fit(X)
    line = PCA(1).fit(X)
    of_line = np.square(line.inverse_transform(line.transform(X)) - X).mean()
    assert -autoencoder.score(X) < 0.5 * of_line


def test_denoising(small, digits, rng):
    clean = digits / 16
    noisy = clean + rng.normal(0, 0.4, clean.shape)
    recipe = {"channels": (16, 32), "batch_size": 16, "learning_rate": 0.01, "max_epochs": 15}
    autoencoder = small(8, **recipe).fit(noisy[:250], clean[:250])
    restored = autoencoder.reconstruct(noisy[250:])
    assert 0 <= restored.min() < restored.max() <= 1
    error = np.square(restored - clean[250:]).mean()
    assert error < 0.5 * np.square(noisy[250:] - clean[250:]).mean()
    assert autoencoder.score(noisy[250:], clean[250:]) == pytest.approx(-error, rel=1e-4)


@pytest.mark.parametrize("flat", [False, True])
def test_recolouring(small, digits, flat):
    colours = np.stack([digits, 16 - digits, np.full_like(digits, 8)], axis=-1) * 15.9375
    y = colours.astype(np.uint8)
    recipe = {"channels": (16, 32), "batch_size": 32, "learning_rate": 0.01, "max_epochs": 6}
    targets = y.reshape(300, -1) if flat else y
    autoencoder = small(8, **recipe).fit(digits, targets)
    assert autoencoder.image_shape_ == (8, 8, 1)
    painted = autoencoder.reconstruct(digits)
    assert (painted.dtype, painted.shape) == (np.uint8, targets.shape)
    painted = painted.reshape(y.shape).astype(float)
    errors = [np.square(painted - y[..., order]).mean() for order in ([0, 1, 2], [1, 0, 2])]
    assert errors[0] < 0.4 * errors[1]
    assert painted[..., 2].mean() == pytest.approx(127, abs=6)
    assert autoencoder.score(digits, targets) == pytest.approx(-errors[0] / 255**2, rel=0.01)
    with pytest.raises(ValueError, match=r"y must be given: .* \(8, 8, 3\), and X has \(8, 8, 1\)"):
        autoencoder.score(digits)


@pytest.mark.parametrize(
    "labels",
    [
        np.arange(300) % 10,
        (np.arange(300) % 10).reshape(-1, 1),
        np.array(["a", "b", "c"] * 100),
        ["a", "b", "c"] * 100,
        pd.Series(np.arange(300)),
        pd.DataFrame({"label": np.arange(300)}),
    ],
)
def test_labels_are_ignored(small, fitted, digits, labels):
    autoencoder = small().fit(digits, labels)
    assert torch.equal(weights(autoencoder), weights(fitted))
    assert autoencoder.score(digits, labels) == fitted.score(digits)
    latent = fitted.transform(digits)
    np.testing.assert_array_equal(small().fit_transform(digits, labels), latent)


def test_images_as_their_own_targets(small, digits):
    plain, towards = small(linear_path=False), small(linear_path=False)
    assert torch.equal(weights(towards.fit(digits, digits.copy())), weights(plain.fit(digits)))


def test_bfloat16_is_float32_to_its_rounding(fitted, digits):
    rough = copy.deepcopy(fitted).set_params(precision="bfloat16")
    fine, rounded = fitted.transform(digits), rough.transform(digits)
    assert rounded.dtype == np.float32
    # Each of three layers rounds weights, inputs and outputs to 8 bits.
    relative = np.linalg.norm(rounded - fine) / np.linalg.norm(fine)
    assert 0 < relative < 9 * 2**-8
    difference = rough.inverse_transform(fine) - fitted.inverse_transform(fine)
    assert 0 < np.abs(difference).max() < 16 * 9 * 2**-8


def test_training_in_bfloat16(small, fitted, digits):
    rough = small(precision="bfloat16").fit(digits)
    np.testing.assert_allclose(
        rough.history_["train_loss"], fitted.history_["train_loss"], rtol=2e-2
    )
    assert all(w.dtype == torch.float32 for w in rough.net_.module_.parameters())


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
def test_device(small, fitted, digits, device):
    autoencoder = small(device=device).fit(digits)
    assert autoencoder.device_ == torch.device("cpu")
    assert torch.equal(weights(autoencoder), weights(fitted))


def test_variational_points_approach_the_prior_as_its_weight_grows(small, digits):
    recipe = {"batch_size": 16, "learning_rate": 0.01, "max_epochs": 8}
    strong = small(kl_weight=100.0, **recipe).fit(digits)
    plain = small(**recipe).fit(digits)
    assert strong.transform(digits).shape == (300, 4)
    assert np.square(strong.transform(digits)).mean() < 0.05
    assert np.square(plain.transform(digits)).mean() > 0.5


def test_latent_penalty_shortens_latent_points(small, digits):
    recipe = {"batch_size": 16, "learning_rate": 0.01, "max_epochs": 8}
    lengths = [
        np.linalg.norm(small(latent_penalty=weight, **recipe).fit_transform(digits), axis=1).mean()
        for weight in (0, 1, 100)
    ]
    assert lengths[0] > 1.5 * lengths[1] > 3 * lengths[2]


def test_number_of_parameters(small, fitted, digits):
    # Kernels 3 x 3 with 1 -> 8 -> 8 maps, of 2 x 2 pixels at last, and back.
    encoder = (9 * 8 + 8) + (8 * 9 * 8 + 8) + (8 * 4 * 4 + 4)
    decoder = (4 * 32 + 32) + (8 * 9 * 8 + 8) + (8 * 9 * 1 + 1)
    assert fitted.n_parameters_ == encoder + decoder
    linear = small(linear_path=True, max_epochs=1).fit(digits)
    assert linear.n_parameters_ == encoder + decoder + 2 * 4 * 64
    variational = small(kl_weight=1.0, max_epochs=1).fit(digits)
    assert variational.n_parameters_ == encoder + decoder + 32 * 4 + 4
    normed = small(batch_norm=True, max_epochs=1).fit(digits)
    assert normed.n_parameters_ == encoder + decoder + 3 * 2 * 8


def test_frozen_weights_do_not_count_and_do_not_move(small, digits):
    encoder = LinearEncoder((8, 8, 1), 4).requires_grad_(False)
    autoencoder = small(encoder=encoder, decoder=LinearDecoder).fit(digits)
    assert autoencoder.n_parameters_ == 4 * 64 + 64
    assert torch.equal(autoencoder.net_.module_.encoder[2].weight, encoder[2].weight)


@pytest.mark.parametrize("copied", [clone, copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a))])
def test_copies_before_fit(small, fitted, digits, copied):
    first = small()
    second = copied(first)
    assert second.get_params() == first.get_params()
    assert torch.equal(weights(second.fit(digits)), weights(fitted))
    assert not hasattr(first, "net_")


def test_clones_of_fitted_ones_are_not_fitted(fitted):
    assert not [name for name in vars(clone(fitted)) if name.endswith("_")]


def through_joblib(autoencoder, folder):
    joblib.dump(autoencoder, folder / "autoencoder.joblib")
    return joblib.load(folder / "autoencoder.joblib")


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize(
    "copied",
    [
        lambda autoencoder, folder: copy.deepcopy(autoencoder),
        lambda autoencoder, folder: pickle.loads(pickle.dumps(autoencoder)),
        through_joblib,
    ],
)
def test_copies_after_fit_are_equal_and_go_on_equally(small, digits, tmp_path, recipe, copied):
    first = small(**recipe).fit(digits)
    second = copied(first, tmp_path)
    latent = first.transform(digits)
    np.testing.assert_array_equal(second.transform(digits), latent)
    np.testing.assert_array_equal(second.inverse_transform(latent), first.inverse_transform(latent))
    before = weights(second).clone()
    first.partial_fit(digits)
    assert torch.equal(weights(second), before)
    assert torch.equal(weights(second.partial_fit(digits)), weights(first))


def images_for_validation(autoencoder, images):
    """Return the images that a fit with early stopping keeps aside, in that order."""
    seen = []

    class Keeper(Callback):
        def on_batch_begin(self, net, batch=None, training=False, **kwargs):
            if not training:
                seen.append(batch[1].permute(0, 2, 3, 1).cpu().numpy())

    autoencoder.set_params(callbacks=[Keeper()], max_epochs=1).fit(images)
    return np.concatenate(seen)


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
def test_comparison_with_pca_on_the_images_for_validation(small, digits):
    autoencoder = small(6, early_stopping=True, validation_fraction=0.3)
    aside = images_for_validation(autoencoder, digits).reshape(90, -1)
    error = autoencoder.reconstruction_error(aside.reshape(90, 8, 8) * 16).mean()
    assert autoencoder.validation_error_ == pytest.approx(error, rel=1e-5)
    unit = digits.reshape(300, -1) / 16
    trained_on = np.array([not np.any(np.all(np.abs(aside - row) < 1e-6, axis=1)) for row in unit])
    assert trained_on.sum() == 210
    peer = PCA(6).fit(unit[trained_on])
    back = peer.inverse_transform(peer.transform(aside))
    expected = np.square(back - aside).mean()
    assert autoencoder.pca_validation_error_ == pytest.approx(expected, rel=1e-5)


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
def test_where_there_is_no_comparison_with_pca(small, digits):
    autoencoder = small(early_stopping=True).fit(digits)
    assert {"validation_error_", "pca_validation_error_"} <= set(vars(autoencoder))
    autoencoder.fit(digits, 16 - digits)
    assert hasattr(autoencoder, "validation_error_")
    assert not hasattr(autoencoder, "pca_validation_error_")
    autoencoder.fit(digits).partial_fit(digits)
    assert not hasattr(autoencoder, "validation_error_")
    autoencoder.fit(digits).set_params(early_stopping=False).fit(digits)
    assert not hasattr(autoencoder, "pca_validation_error_")


def test_comparison_with_pca_of_a_single_image(small, digits):
    autoencoder = small(early_stopping=True, validation_fraction=0.5).fit(digits[:2])
    difference = np.square(digits[0] - digits[1]).mean() / np.ptp(digits[:2]) ** 2
    assert autoencoder.pca_validation_error_ == pytest.approx(difference, rel=1e-5)


@pytest.mark.filterwarnings("ignore:The network loses to PCA")
def test_pickles_hold_no_images(small, digits):
    many = np.concatenate([digits] * 20)
    sizes = [len(pickle.dumps(small(max_epochs=1).fit(X))) for X in (digits, many)]
    assert sizes[1] < sizes[0] + 0.05 * many.nbytes


def test_feature_names_and_tables(fitted, digits):
    names = [f"convautoencoder{i}" for i in range(4)]
    assert fitted.get_feature_names_out().tolist() == names
    table = copy.deepcopy(fitted).set_output(transform="pandas").transform(digits)
    assert table.columns.tolist() == names
    np.testing.assert_array_equal(table, fitted.transform(digits))


def test_column_names_are_noted_and_forgotten(small, digits):
    rows = digits.reshape(300, -1)
    table = pd.DataFrame(rows, columns=[f"pixel{i}" for i in range(64)], index=range(5, 305))
    autoencoder = small(max_epochs=1).fit(table)
    assert autoencoder.feature_names_in_.tolist() == table.columns.tolist()
    with pytest.raises(ValueError, match="feature names should match"):
        autoencoder.transform(table.rename(columns={"pixel0": "pixel64"}))
    latent = autoencoder.set_output(transform="pandas").transform(table)
    assert latent.index.equals(table.index)
    for images in (rows, digits):
        autoencoder.fit(images)
        assert not hasattr(autoencoder, "feature_names_in_")
        assert autoencoder.n_features_in_ == 64


def test_number_of_features(small, rng):
    for shape, n_features in (((5, 7), 35), ((5, 7, 3), 105), ((12,), 12)):
        autoencoder = small(max_epochs=1).fit(rng.random((4, *shape)))
        assert autoencoder.n_features_in_ == n_features


def test_display(small, fitted):
    new, done = estimator_html_repr(small()), estimator_html_repr(fitted)
    for page in (new, done):
        assert "ConvAutoencoder" in page
        assert "latent_dim" in page
    assert "Not fitted" in new
    assert "Not fitted" not in done
    assert repr(ConvAutoencoder(8, loss="mse")) == "ConvAutoencoder(latent_dim=8, loss='mse')"


def test_parameters_stay_as_given(small, digits):
    channels, callbacks = [8, 8], []
    autoencoder = small(channels=channels, callbacks=callbacks, batch_size=np.int64(128))
    before = autoencoder.get_params()
    autoencoder.fit(digits).partial_fit(digits)
    assert all(value is before[name] for name, value in autoencoder.get_params().items())
    assert (channels, callbacks) == ([8, 8], [])
