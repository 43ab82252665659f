"""A linear path beside the convolutions: it starts at PCA, and goes on slowly."""

import copy

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from torch import nn

from sklatent import ConvAutoencoder
from sklatent._images.principal import PrincipalAxes
from sklatent._networks.convolutional import Autoencoder, ConvDecoder, ConvEncoder, initialise
from sklatent._networks.linear_path import LinearPathDecoder, LinearPathEncoder, start_linear_path

LATENT_DIM = 8
# A step of Adam moves a weight by about the rate: too little for float32 to see.
NO_STEPS = {"learning_rate": 1e-12, "max_epochs": 1, "linear_path": True}
CLAMP = (0.01, 0.99)


def flat(images):
    return images.reshape(len(images), -1) / 16


@pytest.fixture(scope="module")
def peer(digits):
    return PCA(LATENT_DIM).fit(flat(digits))


@pytest.fixture(scope="module")
def untrained(small, digits):
    """An autoencoder with a linear path and no training worth the name."""
    return small(LATENT_DIM, **NO_STEPS).fit(digits)


def linear_weights(autoencoder):
    module = autoencoder.net_.module_
    weights = (module.encoder.linear_path, module.decoder.linear_path)
    return torch.cat([w.detach().flatten() for w in weights])


def build(shape, out_shape=None, latent_dim=3, maps=(4, 4), architecture="plain", n_outputs=None):
    convolutional = (
        ConvEncoder(shape, n_outputs or latent_dim, maps, "gelu", False, architecture),
        ConvDecoder(out_shape or shape, latent_dim, maps, "gelu", False, architecture),
    )
    for seed, network in enumerate(convolutional):
        initialise(network, torch.Generator().manual_seed(seed))
    return Autoencoder(
        LinearPathEncoder(convolutional[0], shape, latent_dim),
        LinearPathDecoder(convolutional[1], out_shape or shape, latent_dim),
        variational=n_outputs is not None,
    )


@pytest.mark.parametrize("shape", [(1, 5, 1), (8, 8, 1), (9, 7, 3), (5, 4, 5)])
def test_whole_linear_path_gives_back_what_it_gets(shape, rng):
    n_values = int(np.prod(shape))
    module = build(shape, latent_dim=n_values)
    # All axes: any rotation is a set of principal axes.
    axes = np.linalg.qr(rng.normal(size=(n_values, n_values)))[0]
    mean, variances = rng.uniform(size=n_values), rng.uniform(0.5, 2, size=n_values)
    start_linear_path(
        module, PrincipalAxes(mean, axes, variances, 1.0), mean, axes.T * np.sqrt(variances)
    )
    images = torch.from_numpy(rng.uniform(0.01, 0.99, (2, *shape)).astype(np.float32))
    images = images.permute(0, 3, 1, 2)
    with torch.no_grad():
        torch.testing.assert_close(module(images).raw.sigmoid(), images, atol=1e-4, rtol=0)


def test_components_without_axes_start_at_zero(rng):
    module = build((4, 4, 1), latent_dim=5)
    axes = np.linalg.qr(rng.normal(size=(16, 2)))[0].T
    principal = PrincipalAxes(np.zeros(16), axes, np.ones(2), 1.0)
    start_linear_path(module, principal, np.zeros(16), axes.T)
    images = torch.from_numpy(rng.random((3, 1, 4, 4), dtype=np.float32))
    latent = module.encode(images)[0]
    assert torch.all(latent[:, 2:] == 0)
    assert torch.all(latent[:, :2] != 0)
    # The convolutions learn to use them: their gradients are not zero after a step.
    optimizer = torch.optim.SGD(module.parameters(), 0.1)
    for _ in range(2):
        optimizer.zero_grad()
        module(images).raw.square().sum().backward()
        optimizer.step()
    assert torch.all(module.encode(images)[0][:, 2:] != 0)


def test_variational_encoders_start_at_a_tenth_of_a_component():
    module = build((4, 4, 1), n_outputs=6)
    mean, log_variance = module.encode(torch.full((3, 1, 4, 4), 0.3))
    assert mean.shape == (3, 3)
    assert torch.all(log_variance == np.float32(-4.6))
    assert np.exp(-4.6 / 2) == pytest.approx(0.1, rel=0.01)


def test_training_starts_at_the_error_of_pca(untrained, digits, peer):
    latent = peer.transform(flat(digits))
    back = peer.inverse_transform(latent)
    clamped = np.square(back.clip(*CLAMP) - flat(digits)).mean()
    # Arithmetic in float32 alone stands between the two.
    assert -untrained.score(digits) == pytest.approx(clamped, rel=1e-4)
    # Clamping moves values towards targets in [0, 1], but for a hundredth.
    assert -untrained.score(digits) < np.square(back - flat(digits)).mean() + 0.01**2


def test_latent_points_start_as_whitened_principal_components(untrained, digits, peer):
    latent = untrained.transform(digits)
    np.testing.assert_allclose(np.cov(latent.T), np.eye(LATENT_DIM), atol=1e-5)
    expected = peer.transform(flat(digits)) / np.sqrt(peer.explained_variance_)
    np.testing.assert_allclose(np.abs(latent), np.abs(expected), atol=1e-3)


def test_variational_training_starts_at_the_same_points(small, untrained, digits):
    variational = small(LATENT_DIM, **NO_STEPS, kl_weight=1.0).fit(digits)
    np.testing.assert_allclose(variational.transform(digits), untrained.transform(digits))


def test_first_batch_of_partial_fit_starts_it(small, digits, peer):
    autoencoder = small(LATENT_DIM, **NO_STEPS).partial_fit(digits[:100])
    half = PCA(LATENT_DIM).fit(flat(digits[:100]))
    back = half.inverse_transform(half.transform(flat(digits))).clip(*CLAMP)
    expected = np.square(back - flat(digits)).mean()
    assert -autoencoder.score(digits) == pytest.approx(expected, rel=1e-4)
    before = linear_weights(autoencoder)
    autoencoder.partial_fit(digits[100:])
    torch.testing.assert_close(linear_weights(autoencoder), before, atol=1e-9, rtol=0)


def test_images_for_validation_have_no_say(small, digits):
    autoencoder = small(LATENT_DIM, **NO_STEPS, early_stopping=True, validation_fraction=0.5)
    latent = autoencoder.fit(digits).transform(digits)
    whole = np.cov(latent.T)
    assert np.abs(whole - np.eye(LATENT_DIM)).max() > 0.01


@pytest.mark.parametrize("n_components", [63, 80])
def test_more_components_than_axes(small, digits, n_components):
    autoencoder = small(n_components, **NO_STEPS).fit(digits)
    clamped = np.square(flat(digits).clip(*CLAMP) - flat(digits)).mean()
    # Axes below 1e-6 of the largest variance are left out.
    left_out = 1e-6 * np.linalg.norm(np.cov(flat(digits).T), 2)
    assert -autoencoder.score(digits) <= clamped + left_out + 1e-9
    # The others have not moved, but for steps of 1e-12.
    assert np.any(np.abs(autoencoder.transform(digits)).max(axis=0) < 1e-9)


def test_other_targets_start_at_the_best_linear_map(small, digits, peer):
    colour = np.stack([digits, 16 - digits], axis=-1)
    autoencoder = small(LATENT_DIM, **NO_STEPS).fit(digits, colour)
    scores = peer.transform(flat(digits))
    back = LinearRegression().fit(scores, flat(colour)).predict(scores).clip(*CLAMP)
    expected = np.square(back - flat(colour)).mean()
    assert -autoencoder.score(digits, colour) == pytest.approx(expected, rel=1e-4)


def test_linear_weights_learn_at_a_small_share_of_the_rate(small, digits):
    autoencoder = small(linear_path=True, schedule="constant", learning_rate=0.01, max_epochs=1)
    autoencoder.fit(digits)
    groups = autoencoder.net_.optimizer_.param_groups
    assert [group["lr"] for group in groups] == pytest.approx([3e-5, 1e-2])
    linear = {id(w) for n, w in autoencoder.net_.module_.named_parameters() if "linear_path" in n}
    assert [{id(w) for w in group["params"]} <= linear for group in groups] == [True, False]
    assert sum(len(group["params"]) for group in groups) == len(
        list(autoencoder.net_.module_.parameters())
    )
    autoencoder.set_params(learning_rate=0.02).partial_fit(digits)
    groups = autoencoder.net_.optimizer_.param_groups
    assert [group["lr"] for group in groups] == pytest.approx([6e-5, 2e-2])


def test_the_cycle_scales_both_rates(small, digits):
    autoencoder = small(linear_path=True, learning_rate=0.01).fit(digits)
    groups = autoencoder.net_.optimizer_.param_groups
    assert [group["max_lr"] for group in groups] == pytest.approx([3e-5, 1e-2])
    first, second = ([group[key] for group in groups] for key in ("initial_lr", "min_lr"))
    assert 0.003 * first[1] == pytest.approx(first[0])
    assert 0.003 * second[1] == pytest.approx(second[0])


def test_training_improves_on_pca(small, untrained, digits):
    settings = {"linear_path": True, "max_epochs": 30, "batch_size": 32, "learning_rate": 0.01}
    autoencoder = small(LATENT_DIM, **settings).fit(digits)
    assert autoencoder.score(digits) > 0.9 * untrained.score(digits)


@pytest.mark.parametrize("recipe", [{}, {"batch_norm": True, "architecture": "residual"}])
def test_bfloat16_starts_at_pca_too(small, untrained, digits, recipe):
    autoencoder = small(LATENT_DIM, **NO_STEPS, **recipe, precision="bfloat16").fit(digits)
    # Products of bfloat16 are rounded to a share of 2^-8 at most.
    np.testing.assert_allclose(
        autoencoder.transform(digits), untrained.transform(digits), atol=0.05
    )
    assert autoencoder.score(digits) == pytest.approx(untrained.score(digits), rel=0.01)


def test_going_on_keeps_what_was_learned(small, digits):
    autoencoder = small(linear_path=True, warm_start=True).fit(digits)
    before = linear_weights(autoencoder)
    after = linear_weights(autoencoder.set_params(learning_rate=1e-12).fit(digits[:200]))
    torch.testing.assert_close(after, before, atol=1e-9, rtol=0)


def test_one_image_has_no_axes_and_is_its_mean(small, digits):
    for method in ("fit", "partial_fit"):
        autoencoder = small(**NO_STEPS, value_range=(0, 16))
        image = digits[:1].clip(1, 15)
        restored = getattr(autoencoder, method)(image).reconstruct(image)
        np.testing.assert_allclose(restored, image, atol=1e-4)


@pytest.mark.parametrize("name", ["encoder", "decoder"])
def test_own_modules_have_no_linear_path(small, digits, name):
    own = {name: nn.Flatten}
    with pytest.raises(ValueError, match="linear_path must be 'auto' or False"):
        small(linear_path=True, **own).fit(digits)


@pytest.mark.parametrize(
    "parameters",
    [
        {"kl_weight": 1e-3},
        {"latent_penalty": 1e-3},
        {"decoder_weight_decay": 1e-3},
        {"decoder_spectral_norm": True},
    ],
)
def test_auto_leaves_it_out_where_latent_points_are_to_move(small, digits, parameters):
    # Half of all components explain more than 0.8 of the variance of digits.
    autoencoder = small(32, **parameters).fit(digits)
    names = [name for name, _ in autoencoder.net_.module_.named_parameters()]
    assert not autoencoder.linear_path_
    assert not any("linear_path" in name for name in names)


def test_auto_goes_by_the_variance_that_is_explained(small, digits):
    for latent_dim in (2, 4, 8, 16, 32):
        explained = PCA(latent_dim).fit(flat(digits)).explained_variance_ratio_.sum()
        auto = {"linear_path": "auto", "max_epochs": 1}
        autoencoder = small(latent_dim, **auto, batch_size=3).fit(digits)
        assert autoencoder.linear_path_ == (explained >= 0.8)
        assert autoencoder.linear_path_ == any(
            "linear_path" in name for name, _ in autoencoder.net_.module_.named_parameters()
        )
        # In fewer than 100 steps a network would hardly come down to PCA.
        assert small(latent_dim, **auto, batch_size=4).fit(digits).linear_path_
    # What comes first may tell little of what comes after.
    assert not small(32, linear_path="auto").partial_fit(digits).linear_path_
    assert small(2, linear_path=True).partial_fit(digits).linear_path_


def test_equal_images(small):
    autoencoder = small(**NO_STEPS).fit(np.full((5, 8, 8), 0.25))
    np.testing.assert_allclose(autoencoder.reconstruct(np.full((1, 8, 8), 0.25)), 0.25, atol=1e-6)


@pytest.mark.parametrize("architecture", ["plain", "residual"])
@pytest.mark.parametrize(
    "shape",
    [(8, 8, 1), (28, 28, 1), (32, 32, 3), (50, 37, 3), (64, 64, 3), (96, 96, 5), (1, 20, 1)],
)
def test_few_images_of_any_size_come_back_before_training(small, rng, shape, architecture):
    # Four images have three axes; none is left out.
    images = rng.uniform(0.05, 0.95, (4, *shape))
    settings = {"architecture": architecture, "value_range": (0, 1), **NO_STEPS}
    settings["image_shape"] = shape
    autoencoder = small(4, channels=(2, 2, 2), **settings).fit(images)
    np.testing.assert_allclose(autoencoder.reconstruct(images), images, atol=1e-4)


def test_copies_are_independent(untrained, digits):
    copied = copy.deepcopy(untrained)
    with torch.no_grad():
        copied.net_.module_.encoder.linear_path.zero_()
    assert np.any(untrained.transform(digits) != copied.transform(digits))


def test_faces_of_people_never_seen(data_folder):
    from sklatent.datasets import fetch_lfw_faces

    try:
        train = fetch_lfw_faces(data_home=data_folder).images[::10]
        test = fetch_lfw_faces(subset="test", data_home=data_folder).images[::10]
    except (FileNotFoundError, OSError) as error:
        pytest.skip(f"no faces: {error}")
    autoencoder = ConvAutoencoder(32, channels=(2, 2), batch_size=2500, random_state=0, **NO_STEPS)
    error = -autoencoder.fit(train).score(test)
    rows = train.reshape(len(train), -1) / np.float32(255)
    peer = PCA(32, svd_solver="randomized", random_state=0).fit(rows)
    unseen = test.reshape(len(test), -1) / np.float32(255)
    back = peer.inverse_transform(peer.transform(unseen))
    assert error <= 1.02 * np.square(back - unseen).mean()
