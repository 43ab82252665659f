"""Spectral normalisation against numpy's singular values and torch's parametrisation."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from sklatent import ConvAutoencoder
from sklatent._networks.architecture import seeded_torch
from sklatent._networks.spectral import SpectralNorm, as_matrix, normalise_layers

CPU = torch.device("cpu")
LAYERS = {
    "linear": (lambda: nn.Linear(6, 9), (5, 6)),
    "down": (lambda: nn.Conv2d(3, 7, 3, stride=2, padding=1), (5, 3, 8, 9)),
    "up": (lambda: nn.ConvTranspose2d(3, 7, 3, 2, 1, output_padding=(1, 0)), (5, 3, 4, 4)),
    "grouped": (lambda: nn.Conv2d(4, 6, 3, groups=2, dilation=2, bias=False), (5, 4, 8, 9)),
    "grouped up": (lambda: nn.ConvTranspose2d(4, 6, 3, groups=2), (5, 4, 8, 9)),
}


@pytest.fixture(params=LAYERS)
def case(request):
    make, shape = LAYERS[request.param]
    with seeded_torch(0, CPU):
        return make(), torch.randn(shape)


def normalised(layer, seed=0):
    return SpectralNorm(copy.deepcopy(layer), torch.Generator().manual_seed(seed))


def converge(wrapped, n_iterations=300):
    wrapped.train()
    for _ in range(n_iterations):
        wrapped.weight()
    return wrapped.eval()


def test_the_largest_singular_value_becomes_one(case):
    layer, _ = case
    wrapped = converge(normalised(layer))
    largest = np.linalg.norm(as_matrix(layer).detach().numpy(), ord=2)
    expected = layer.weight.detach() / largest
    torch.testing.assert_close(wrapped.weight().detach(), expected, rtol=1e-4, atol=1e-6)


def test_outputs_are_those_of_torchs_parametrisation(case):
    layer, inputs = case
    wrapped = converge(normalised(layer))
    with seeded_torch(1, CPU):
        reference = spectral_norm(copy.deepcopy(layer), n_power_iterations=300)
    reference(inputs)
    torch.testing.assert_close(wrapped(inputs), reference.eval()(inputs), rtol=1e-4, atol=1e-5)


def test_gradients_are_those_of_torchs_parametrisation():
    with seeded_torch(0, CPU):
        layer, inputs = nn.ConvTranspose2d(3, 7, 3, 2, 1), torch.randn(5, 3, 4, 4)
        reference = spectral_norm(copy.deepcopy(layer))
    wrapped = normalised(layer)
    state = reference.parametrizations.weight[0]
    wrapped.u.copy_(state._u)
    wrapped.v.copy_(state._v)
    for module in (wrapped, reference):
        module.train()
        module(inputs).square().mean().backward()
    expected = reference.parametrizations.weight.original.grad
    torch.testing.assert_close(wrapped.layer.weight.grad, expected)
    torch.testing.assert_close(wrapped.u, state._u)
    torch.testing.assert_close(wrapped.layer.bias.grad, reference.bias.grad)


def test_vectors_move_in_training_alone(case):
    layer, inputs = case
    wrapped = normalised(layer)
    before = wrapped.u.clone()
    wrapped.eval()(inputs)
    assert torch.equal(wrapped.u, before)
    wrapped.train()(inputs)
    assert not torch.equal(wrapped.u, before)


def test_vectors_come_from_the_generator_alone():
    layer = nn.Linear(6, 9)
    before = torch.random.get_rng_state()
    first, again, other = (normalised(layer, seed) for seed in (0, 0, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(first.u, again.u)
    assert not torch.equal(first.u, other.u)


def test_two_steps_back_through_one_graph():
    wrapped = normalised(nn.Linear(6, 9))
    outputs = [wrapped(torch.ones(2, 6)).sum() for _ in "ab"]
    sum(outputs).backward()
    assert torch.isfinite(wrapped.layer.weight.grad).all()


def test_weights_of_nothing_stay_nothing():
    layer = nn.Linear(3, 2)
    nn.init.zeros_(layer.weight)
    assert torch.equal(normalised(layer).weight().detach(), torch.zeros(2, 3))


def test_autocast_leaves_the_singular_value_in_single_precision():
    wrapped = normalised(nn.Linear(6, 9)).eval()
    expected = wrapped.weight()
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(wrapped.weight(), expected)
        assert wrapped(torch.ones(2, 6)).dtype == torch.bfloat16


def test_all_layers_of_a_network_are_taken():
    inner = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
    network = nn.Sequential(inner, nn.Flatten(), nn.Linear(8, 3))
    normalise_layers(network, torch.Generator())
    assert [type(m).__name__ for m in inner] == ["SpectralNorm", "BatchNorm2d", "ReLU"]
    assert isinstance(network[2], SpectralNorm)


RECIPE = {"decoder_spectral_norm": True, "decoder_weight_decay": 1e-3, "latent_penalty": 1e-3}


def decoder_norms(autoencoder):
    decoder = autoencoder.net_.module_.decoder
    layers = [m for m in decoder.modules() if isinstance(m, SpectralNorm)]
    matrices = [as_matrix(m.layer) * (m.weight() / m.layer.weight).mean() for m in layers]
    return [np.linalg.norm(m.detach().numpy(), ord=2) for m in matrices]


def test_decoders_are_trained_with_normalised_layers(small, digits):
    autoencoder = small(**RECIPE, max_epochs=5, batch_size=30).fit(digits)
    # u and v follow weights that move: to within a few per cent.
    np.testing.assert_allclose(decoder_norms(autoencoder), np.ones(3), rtol=0.05)
    plain = small(linear_path=False).fit(digits)
    assert autoencoder.n_parameters_ == plain.n_parameters_


def through_pickle(autoencoder):
    return pickle.loads(pickle.dumps(autoencoder))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, through_pickle])
def test_copies_are_equal_and_go_on_equally(small, digits, copied):
    first = small(**RECIPE).fit(digits)
    second = copied(first)
    np.testing.assert_array_equal(second.reconstruct(digits), first.reconstruct(digits))
    second, third = copy.deepcopy(second).partial_fit(digits), first.partial_fit(digits)
    np.testing.assert_array_equal(second.reconstruct(digits), third.reconstruct(digits))


def test_threads_that_decode_at_once_agree(small, digits):
    autoencoder = small(**RECIPE).fit(digits)
    expected = autoencoder.reconstruct(digits)
    with ThreadPoolExecutor(4) as pool:
        for images in pool.map(lambda _: autoencoder.reconstruct(digits), range(20)):
            np.testing.assert_array_equal(images, expected)


def test_own_decoders_are_not_normalised(small, digits):
    decoder = nn.Sequential(nn.Linear(4, 64), nn.Unflatten(1, (1, 8, 8)))
    with pytest.raises(ValueError, match="decoder_spectral_norm must be False where decoder is"):
        small(decoder=decoder, decoder_spectral_norm=True).fit(digits)


def test_a_fit_repeats_itself_on_images_one_pixel_wide(rng):
    """Whatever lies in memory: in bfloat16 torch makes gradients of it."""
    images = rng.random((40, 6, 1, 1))
    recipe = {"channels": (4, 4), "max_epochs": 1, "precision": "bfloat16", "random_state": 0}
    found = []
    for _ in range(4):
        waste = [torch.full((n,), 1e9) for n in (4, 16, 36, 144, 288) for _ in range(20)]
        del waste
        autoencoder = ConvAutoencoder(2, decoder_spectral_norm=True, device="cpu", **recipe)
        found.append(autoencoder.fit_transform(images))
    for points in found[1:]:
        np.testing.assert_array_equal(points, found[0])
