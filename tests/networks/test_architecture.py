"""From parameters to seeded modules; own modules and what they must give."""

import threading
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from torch import nn

from sklatent._networks.architecture import (
    Architecture,
    build_autoencoder,
    check_module,
    check_unchanged,
    default_encoder,
    seeded_torch,
)

CPU = torch.device("cpu")
SHAPE = (6, 5, 3)
PLAIN = Architecture(SHAPE, SHAPE, latent_dim=2, channels=(4, 4), activation="relu")
OTHERS = {
    "image_shape": (6, 5, 1),
    "output_shape": (6, 5, 1),
    "latent_dim": 3,
    "channels": (4, 5),
    "kind": "residual",
    "blocks_per_stage": 2,
    "activation": "gelu",
    "batch_norm": True,
    "variational": True,
    "linear_path": True,
    "decoder_spectral_norm": True,
}


def build(encoder=None, decoder=None, **changes):
    """Build from an architecture, some of whose fields, or the mean pixel or the seed, change."""
    settings = {"mean_pixel": np.full(SHAPE[-1], 0.3, np.float32), "seed": 0}
    settings |= {name: changes.pop(name) for name in list(changes) if name in settings}
    return build_autoencoder(replace(PLAIN, **changes), encoder, decoder, **settings)


def weights(module):
    return torch.cat([values.detach().flatten() for values in module.parameters()])


def linear_encoder(image_shape, latent_dim):
    return nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(image_shape)), latent_dim))


def linear_decoder(image_shape, latent_dim):
    height, width, n_channels = image_shape
    linear = nn.Linear(latent_dim, int(np.prod(image_shape)))
    return nn.Sequential(linear, nn.Unflatten(1, (n_channels, height, width)))


def test_architectures_are_data():
    """They compare by value, serve as keys, and come back from plain data."""
    assert asdict(PLAIN).keys() == OTHERS.keys()
    same = Architecture(**asdict(PLAIN))
    assert same == PLAIN
    assert len({PLAIN, same, *(replace(PLAIN, **{name: OTHERS[name]}) for name in OTHERS)}) == 12


@pytest.mark.parametrize("name", OTHERS)
def test_what_changed_is_named(name):
    own = {"encoder": None, "decoder": None}
    check_unchanged(PLAIN, replace(PLAIN), own, dict(own))
    parameter = {"kind": "architecture", "variational": "kl_weight"}.get(name, name)
    was, came = getattr(PLAIN, name), OTHERS[name]
    if name == "variational":
        was, came = 0, "above 0"
    with pytest.raises(ValueError, match=f"^{parameter} must stay as it was") as raised:
        check_unchanged(PLAIN, replace(PLAIN, **{name: came}), own, own)
    assert str(raised.value).endswith(f"it was {was!r} and is {came!r}.")


def test_own_modules_that_changed_are_named():
    own = {"encoder": nn.Identity(), "decoder": None}
    check_unchanged(PLAIN, PLAIN, own, dict(own))
    with pytest.raises(ValueError, match="encoder must stay as it was"):
        check_unchanged(PLAIN, PLAIN, own, own | {"encoder": nn.Identity()})
    with pytest.raises(ValueError, match=r"decoder must stay as it was.* it was None"):
        check_unchanged(PLAIN, PLAIN, own, own | {"decoder": nn.Identity})


def test_the_default_encoder_alone_is_that_of_the_autoencoder():
    encoder = default_encoder(PLAIN, torch.Generator().manual_seed(0))
    assert torch.equal(weights(encoder), weights(build().encoder))


@pytest.mark.parametrize("own", [(None, None), (linear_encoder, linear_decoder)])
def test_weights_are_those_of_the_seed(own):
    first, again, other = build(*own), build(*own), build(*own, seed=1)
    assert torch.equal(weights(first), weights(again))
    assert not torch.allclose(weights(first), weights(other))


@pytest.mark.parametrize("own", [(None, None), (linear_encoder, linear_decoder)])
def test_building_leaves_torch_as_it_was(own):
    before = torch.random.get_rng_state()
    build(*own)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_default_dtype() == torch.float32
    assert torch.empty(0).device == CPU


def test_untrained_default_decoder_gives_the_mean_pixel():
    mean = np.array([0.2, 0.5, 0.8], np.float32)
    decoder = build(mean_pixel=mean).decoder
    pixels = torch.sigmoid(decoder(torch.zeros(1, 2))).detach()
    np.testing.assert_allclose(pixels[0].mean(dim=(1, 2)), mean, atol=1e-6)


def test_variational_encoders_give_twice_as_many_values():
    images = torch.zeros(2, 3, 6, 5)
    assert build(variational=True).encoder(images).shape == (2, 4)
    calls = []

    def record(image_shape, n_values):
        calls.append((image_shape, n_values))
        return linear_encoder(image_shape, n_values)

    module = build(encoder=record, variational=True)
    assert calls == [(SHAPE, 4)]
    assert [part.shape for part in module.encode(images)] == [(2, 2), (2, 2)]


def test_callables_get_the_shapes_of_inputs_and_of_outputs():
    calls = []

    def record(make):
        def made(*arguments):
            calls.append(arguments)
            return make(*arguments)

        return made

    build(record(linear_encoder), record(linear_decoder), output_shape=(6, 5, 1))
    assert calls == [((6, 5, 3), 2), ((6, 5, 1), 2)]


def test_own_modules_are_copied():
    encoder, decoder = linear_encoder(SHAPE, 2), linear_decoder(SHAPE, 2)
    module = build(encoder, decoder)
    assert torch.equal(weights(module.encoder), weights(encoder))
    assert torch.equal(weights(module.decoder), weights(decoder))
    with torch.no_grad():
        module.encoder[1].weight.add_(1)
    assert not torch.allclose(weights(module.encoder), weights(encoder))


def test_modules_that_find_their_own_input_size():
    encoder = nn.Sequential(nn.Flatten(), nn.LazyLinear(2))
    assert build(encoder=encoder).encoder[1].in_features == 6 * 5 * 3


@pytest.mark.parametrize("value", [3, "linear", (1, 2)])
def test_what_makes_no_module(value):
    with pytest.raises(TypeError, match="encoder must be None, a torch"):
        check_module("encoder", value)


def test_what_may_make_a_module():
    for value in (None, nn.Identity(), nn.Identity, linear_encoder):
        check_module("encoder", value)


@pytest.mark.parametrize(
    ("encoder", "decoder", "error", "message"),
    [
        (lambda shape, n: 5, None, TypeError, "encoder must make a torch.nn.Module; got int"),
        (None, lambda shape, n: None, TypeError, "decoder must make a torch.nn.Module; got None"),
        (
            linear_encoder(SHAPE, 3),
            None,
            ValueError,
            r"encoder must map a tensor of shape \(2, 3, 6, 5\) to one of shape \(2, 2\); got "
            r"\(2, 3\)",
        ),
        (nn.Flatten(), None, ValueError, r"encoder must map .* got \(2, 90\)"),
        (nn.LSTM(5, 2), None, ValueError, "encoder must take a float32 tensor .* it raised"),
        (
            nn.Sequential(nn.Flatten(), nn.LSTM(90, 2)),
            None,
            ValueError,
            r"encoder must map .*; got tuple",
        ),
        (
            None,
            linear_decoder((5, 6, 3), 2),
            ValueError,
            r"decoder must map a tensor of shape \(2, 2\) to one of shape \(2, 3, 6, 5\); got "
            r"\(2, 3, 5, 6\)",
        ),
        (
            None,
            linear_decoder(SHAPE, 7),
            ValueError,
            r"decoder must take a float32 tensor of shape \(2, 2\); it raised RuntimeError",
        ),
    ],
)
def test_own_modules_that_do_not_fit(encoder, decoder, error, message):
    before = torch.random.get_rng_state()
    with pytest.raises(error, match=message):
        build(encoder, decoder)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_seeding_is_undone_even_after_an_error():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()

    def fail():
        with seeded_torch(1, CPU):
            torch.rand(3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert torch.equal(torch.random.get_rng_state(), before)


def test_threads_take_turns_at_the_global_generator():
    drawn, failures = {}, []

    def draw(seed):
        try:
            with seeded_torch(seed, CPU):
                drawn[seed] = torch.cat([torch.rand(10) for _ in range(200)])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    for seed, values in drawn.items():
        assert torch.equal(values, torch.rand(2000, generator=torch.Generator().manual_seed(seed)))
