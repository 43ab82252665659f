"""Optimizers: the orthogonalisation, steps beside torch's own, groups, and going on."""

import copy
import io
import math
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from torch import nn

from sklatent._networks.optimizers import (
    Muon,
    check_optimizer_params,
    go_on,
    optimizer_kind,
    optimizer_options,
    orthogonalise,
    turned_weights,
    usual_rate,
)

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def drawn(*shape, seed=0, dtype=torch.float32):
    """Return normal values, seeded."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def made(weight, gradient, **options):
    """Return a parameter with a gradient, and an optimizer for it."""
    parameter = nn.Parameter(weight.clone())
    parameter.grad = gradient.clone()
    return parameter, Muon([parameter], **options)


def stepped(weight, gradient, **options):
    """Return a weight after one step."""
    parameter, optimizer = made(weight, gradient, **options)
    optimizer.step()
    return parameter.detach()


def through(values, n_steps):
    """Map singular values as Newton-Schulz does, one by one."""
    a, b, c = COEFFICIENTS
    for _ in range(n_steps):
        values = a * values + b * values**3 + c * values**5
    return values


@pytest.mark.parametrize("shape", [(6, 40), (40, 6), (20, 20), (1, 9), (9, 1), (1, 1), (300, 256)])
@pytest.mark.parametrize("n_steps", [1, 3, 5])
def test_singular_values_are_mapped_and_vectors_stay(shape, n_steps):
    matrix = drawn(*shape, dtype=torch.float64)
    U, values, V = torch.linalg.svd(matrix, full_matrices=False)
    expected = U * through(values / values.square().sum().sqrt(), n_steps) @ V
    # Rounding of 2^-53 grows with each of some 20 products, and at most by 3.4445 a step.
    torch.testing.assert_close(orthogonalise(matrix, n_steps), expected, atol=1e-11, rtol=0)
    single = orthogonalise(matrix.float(), n_steps)
    assert single.dtype == torch.float32
    # A rounding of 2^-24 grows by at most 3.4445^5 = 485, and there are a few.
    assert float((single.double() - expected).norm() / expected.norm()) < 1e-4


@pytest.mark.parametrize("condition", [1.0, 10.0, 100.0])
@pytest.mark.parametrize("shape", [(64, 300), (300, 64), (64, 64)])
def test_five_steps_bring_singular_values_near_one(condition, shape):
    U, _, V = torch.linalg.svd(drawn(*shape), full_matrices=False)
    matrix = U * torch.logspace(0, -math.log10(condition), 64) @ V
    values = torch.linalg.svdvals(orthogonalise(matrix))
    # The quintic maps [0.02, 1] into about [0.68, 1.13] in five steps; the smallest singular
    # In five steps the quintic maps [0.0015, 1], where all singular values over the norm lie,
    # into [0.6798, 1.2024].
    assert values.max() < 1.203
    assert values.min() > 0.679


def test_singular_values_too_small_for_float32_do_no_harm():
    U, _, V = torch.linalg.svd(drawn(32, 200), full_matrices=False)
    matrix = U * torch.logspace(0, -12, 32) @ V
    values = torch.linalg.svdvals(orthogonalise(matrix))
    assert values.max() < 1.203
    # At most 3.4445^5 times what it was, but for the rounding of the Gram matrix.
    assert values.min() < 1e-3


def test_the_scale_of_a_matrix_does_not_count():
    matrix = drawn(5, 12)
    for factor in (2.0**-12, 2.0**20):
        torch.testing.assert_close(orthogonalise(factor * matrix), orthogonalise(matrix))
    assert torch.equal(orthogonalise(torch.zeros(3, 4)), torch.zeros(3, 4))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_the_type_stays(dtype):
    matrix = drawn(4, 7).to(dtype)
    result = orthogonalise(matrix)
    assert result.dtype == dtype
    torch.testing.assert_close(result.double(), orthogonalise(matrix.double()), atol=5e-3, rtol=0)


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="torch has Muon from 2.9 on")
@pytest.mark.parametrize("shape", [(24, 10), (10, 24), (16, 16)])
@pytest.mark.parametrize(("decay", "momentum", "n_steps"), [(0.0, 0.95, 5), (0.3, 0.8, 3)])
def test_steps_are_those_of_torch(monkeypatch, shape, decay, momentum, n_steps):
    # It rounds to bfloat16; with its casts to float32, only the order of products differs.
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.float)
    options = {"lr": 0.03, "weight_decay": decay, "momentum": momentum, "ns_steps": n_steps}
    inputs, targets = drawn(40, shape[1], seed=1), drawn(40, shape[0], seed=2)
    weights, histories = drawn(*shape), []
    for kind in (Muon, torch.optim.Muon):
        layer = nn.Linear(shape[1], shape[0], bias=False)
        layer.weight.data.copy_(weights)
        optimizer, history = kind(layer.parameters(), **options), []
        for _ in range(12):
            optimizer.zero_grad()
            (layer(inputs) - targets).square().mean().backward()
            optimizer.step()
            history.append(layer.weight.detach().clone())
        histories.append(torch.stack(history))
    torch.testing.assert_close(histories[0][0], histories[1][0], atol=2e-6, rtol=0)
    torch.testing.assert_close(*histories, atol=1e-4, rtol=0)
    assert (histories[0][-1] - weights).abs().max() > 0.05


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="torch has Muon from 2.9 on")
def test_a_step_is_that_of_torch_but_for_bfloat16():
    weight, gradient = drawn(24, 60), drawn(24, 60, seed=1)
    ours = stepped(weight, gradient, lr=1.0) - weight
    parameter = nn.Parameter(weight.clone())
    parameter.grad = gradient
    torch.optim.Muon([parameter], lr=1.0, weight_decay=0.0).step()
    theirs = parameter.detach() - weight
    # A rounding to bfloat16 is 2^-9 at most, and there are three in each of five steps.
    assert float((ours - theirs).norm() / ours.norm()) < 15 * 2**-9


def test_vectors_step_as_adam_does():
    vector, gradients = drawn(7), drawn(6, 7, seed=1)
    ours, theirs = nn.Parameter(vector.clone()), nn.Parameter(vector.clone())
    settings = {"betas": (0.8, 0.95), "eps": 1e-6}
    optimizers = (
        Muon([ours], lr=0.05, adam_share=0.2, weight_decay=0.5, **settings),
        torch.optim.Adam([theirs], lr=0.01, **settings),
    )
    for gradient in gradients:
        for parameter, optimizer in zip((ours, theirs), optimizers, strict=True):
            parameter.grad = gradient.clone()
            optimizer.step()
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
    number = stepped(torch.tensor(2.0), torch.tensor(-3.0), lr=0.1)
    assert float(number) == pytest.approx(2.01)


@pytest.mark.parametrize("shape", [(6, 3, 2, 2), (4, 10, 3), (5, 2, 2, 3, 2), (9, 4)])
def test_weights_of_any_dimensions_are_matrices(shape):
    weight, gradient = drawn(*shape), drawn(*shape, seed=1)
    as_matrix = stepped(weight.flatten(1), gradient.flatten(1))
    assert torch.equal(stepped(weight, gradient), as_matrix.view(shape))
    in_memory = {4: torch.channels_last, 5: torch.channels_last_3d}.get(len(shape))
    if in_memory:
        weight, gradient = (x.to(memory_format=in_memory) for x in (weight, gradient))
        moved = stepped(weight, gradient)
        torch.testing.assert_close(moved, as_matrix.view(shape), atol=1e-6, rtol=0)


@pytest.mark.parametrize("shape", [(6, 3, 3, 3), (3, 40, 2), (4, 5, 2, 2, 2)])
def test_turned_weights_have_their_outputs_in_the_second_dimension(shape):
    weight, gradient = drawn(*shape), drawn(*shape, seed=1)
    parameter = nn.Parameter(weight.clone())
    parameter.grad = gradient
    Muon([{"params": [parameter], "turned": True}], weight_decay=0.3).step()
    other = stepped(weight.transpose(0, 1), gradient.transpose(0, 1), weight_decay=0.3)
    torch.testing.assert_close(parameter.detach().transpose(0, 1), other, atol=1e-6, rtol=0)
    assert not torch.allclose(parameter, stepped(weight, gradient, weight_decay=0.3), atol=1e-3)


def test_the_factor_of_tall_matrices():
    for shape, factor in (((16, 4), 2.0), ((4, 16), 1.0)):
        gradient = drawn(*shape)
        step = -stepped(torch.zeros(shape), gradient, lr=0.01) / 0.01
        # The first momentum is a share of the gradient.
        torch.testing.assert_close(step, factor * orthogonalise(gradient), atol=1e-5, rtol=1e-5)


def test_decay_is_the_rate_times_the_weight():
    weight, still = drawn(4, 6), torch.zeros(4, 6)
    decayed = stepped(weight, still, lr=0.1, weight_decay=0.3)
    torch.testing.assert_close(decayed, 0.97 * weight)
    assert torch.equal(stepped(weight[0], still[0], lr=0.1, weight_decay=0.3), weight[0])
    assert torch.equal(stepped(weight, still, lr=0.1), weight)


def test_a_closure_is_called_with_gradients():
    parameter = nn.Parameter(drawn(3, 3))
    optimizer = Muon([parameter])

    def closure():
        optimizer.zero_grad()
        loss = parameter.square().sum()
        loss.backward()
        return loss.detach()

    first = float(optimizer.step(closure))
    assert float(optimizer.step(closure)) < first
    parameter.grad = None
    before = parameter.detach().clone()
    assert optimizer.step() is None
    assert torch.equal(parameter, before)


def test_a_state_goes_through_a_file_and_on_with_the_same_bits():
    def steps(parameters, optimizer, seeds):
        for seed in seeds:
            for parameter in parameters:
                parameter.grad = drawn(*parameter.shape, seed=seed)
            optimizer.step()
        return [parameter.detach().clone() for parameter in parameters]

    def start():
        parameters = [nn.Parameter(drawn(*shape)) for shape in ((5, 8), (4, 3, 2, 2), (6,))]
        parameters[1].data = parameters[1].data.to(memory_format=torch.channels_last)
        return parameters, Muon(parameters, weight_decay=0.1)

    whole = steps(*start(), range(6))
    parameters, optimizer = start()
    steps(parameters, optimizer, range(3))
    file = io.BytesIO()
    torch.save(optimizer.state_dict(), file)
    file.seek(0)
    other = Muon(parameters, weight_decay=0.1)
    other.load_state_dict(torch.load(file, weights_only=True))
    for ours, expected in zip(steps(parameters, other, range(3, 6)), whole, strict=True):
        assert torch.equal(ours, expected)


def test_going_on_copies_moments_and_no_options():
    weight, gradient = drawn(4, 5), drawn(4, 5, seed=1)
    parameter, earlier = made(weight, gradient, momentum=0.5)
    earlier.step()
    later = Muon([parameter], lr=0.01, momentum=0.9, weight_decay=0.2)
    go_on(later, earlier)
    moments = [optimizer.state[parameter]["momentum"] for optimizer in (earlier, later)]
    assert torch.equal(*moments)
    assert moments[0].data_ptr() != moments[1].data_ptr()
    group = later.param_groups[0]
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.01, 0.9, 0.2)
    adam = torch.optim.Adam([parameter])
    go_on(adam, earlier)
    assert adam.state_dict()["state"] == {}


def test_names_of_turned_weights():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.add_module("[odd]*", nn.ConvTranspose1d(2, 3, 3))
            self.plain = nn.Conv2d(2, 3, 3)
            self.three = nn.ConvTranspose3d(2, 3, 3, bias=False)
            self.again = self.three
            normed = nn.ConvTranspose2d(2, 3, 3)
            self.normed = nn.utils.parametrizations.weight_norm(normed)

    assert turned_weights(Shared()) == [
        "[[]odd][*].weight",
        "three.weight",
        "normed.parametrizations.weight.original0",
        "normed.parametrizations.weight.original1",
    ]


class Dense(nn.Module):
    """An own encoder with weights of one, two, three and five dimensions."""

    def __init__(self, shape, n_values):
        super().__init__()
        self.rows = nn.Conv1d(shape[0], 3, 3)
        self.blocks = nn.Conv3d(1, 2, (1, 3, 3))
        self.scales = nn.Embedding(2, n_values)
        self.head = nn.LazyLinear(n_values)
        self.gain = nn.Parameter(torch.tensor(1.0))

    def forward(self, images):
        rows = self.rows(images[:, 0]).flatten(1)
        blocks = self.blocks(images[:, None]).flatten(1)
        values = self.head(torch.cat([rows, blocks], dim=1))
        return self.gain * values * (1 + self.scales.weight[0])


class Transposed(nn.Module):
    """An own decoder of which every weight is turned."""

    def __init__(self, shape, latent_dim):
        super().__init__()
        self.layer = nn.ConvTranspose2d(latent_dim, shape[2], shape[:2], bias=False)

    def forward(self, latent):
        return self.layer(latent[:, :, None, None])


MUON = {"optimizer": "muon", "max_epochs": 6, "batch_size": 32, "learning_rate": "auto"}
NETWORKS = [
    {"linear_path": False},
    {"linear_path": True},
    {"schedule": "constant", "learning_rate": 0.01},
    {"decoder_spectral_norm": True},
    {"precision": "bfloat16"},
    {"batch_norm": True, "architecture": "residual"},
    {"kl_weight": 1.0},
    {"encoder": Dense},
    {"encoder": Dense, "decoder": Transposed},
    {"optimizer_params": {"weight_decay": 0.3, "momentum": 0.9, "betas": (0.8, 0.9)}},
]


@pytest.mark.filterwarnings("ignore:Lazy modules")
@pytest.mark.parametrize("changes", NETWORKS)
def test_networks_learn_with_muon(small, digits, changes):
    first, second = (small(**(MUON | changes)).fit(digits) for _ in range(2))
    losses = first.history_["train_loss"]
    assert losses[-1] < losses[0]
    weights = [list(each.net_.module_.parameters()) for each in (first, second)]
    assert all(torch.equal(*pair) for pair in zip(*weights, strict=True))
    groups = first.net_.optimizer_.param_groups
    turned = {id(w) for group in groups if group["turned"] for w in group["params"]}
    layers = [m for m in first.net_.module_.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert turned == {id(layer.weight) for layer in layers}
    assert len(turned) == len(layers) > 0


def test_all_weights_turned(small, digits):
    module = Transposed((8, 8, 1), 4)
    encoder = nn.Sequential(nn.ConvTranspose2d(1, 4, 1, bias=False), nn.AvgPool2d(8), nn.Flatten())
    autoencoder = small(encoder=encoder, decoder=module, **MUON).fit(digits)
    groups = autoencoder.net_.optimizer_.param_groups
    assert [(group["turned"], group["max_lr"]) for group in groups] == [(True, 0.03)] * 2


def test_the_linear_path_learns_at_its_share_and_all_else_at_the_rate(small, digits):
    constant = MUON | {"schedule": "constant", "linear_path": True}
    autoencoder = small(**constant).fit(digits)
    groups = autoencoder.net_.optimizer_.param_groups
    assert [group["lr"] for group in groups] == pytest.approx([9e-5, 0.03, 0.03, 0.03])
    assert [group["turned"] for group in groups] == [False, True, True, False]


def test_partial_fits_with_muon_are_the_epochs_of_a_fit(small, digits):
    # With all images in one batch their order does not count, and the momentum does.
    options = MUON | {"max_epochs": 3, "batch_size": 300}
    fit = small(schedule="constant", **options).fit(digits)
    parts = small(**options)
    for _ in range(3):
        parts = copy.deepcopy(parts).partial_fit(digits)
    np.testing.assert_array_equal(parts.history_["train_loss"], fit.history_["train_loss"])


def test_a_partial_fit_takes_the_options_of_now(small, digits):
    autoencoder = small(**MUON).partial_fit(digits)
    autoencoder.set_params(optimizer_params={"weight_decay": 0.2}, learning_rate=0.01)
    autoencoder.partial_fit(digits)
    groups = autoencoder.net_.optimizer_.param_groups
    assert {(group["weight_decay"], group["lr"]) for group in groups} == {(0.2, 0.01)}
    autoencoder.set_params(optimizer="adam").set_params(optimizer_params=None)
    autoencoder.partial_fit(digits)
    assert type(autoencoder.net_.optimizer_) is torch.optim.Adam
    assert autoencoder.n_iter_ == 3


def test_a_warm_start_may_change_the_optimizer(small, digits):
    autoencoder = small(warm_start=True).fit(digits)
    before = autoencoder.history_["train_loss"][-1]
    autoencoder.set_params(**MUON).fit(digits)
    assert autoencoder.history_["train_loss"][0] < before


def test_optimizers_in_a_grid_in_clones_and_in_pickles(small, digits):
    grid = {"optimizer": ["adam", "muon"], "optimizer_params": [None, {"weight_decay": 0.3}]}
    autoencoder = small(learning_rate="auto", max_epochs=1)
    search = GridSearchCV(autoencoder, grid, cv=2, error_score="raise").fit(digits)
    assert len(set(search.cv_results_["mean_test_score"])) == 4
    best = search.best_estimator_
    again = clone(best).fit(digits)
    np.testing.assert_array_equal(again.transform(digits), best.transform(digits))
    loaded = pickle.loads(pickle.dumps(best)).partial_fit(digits)
    np.testing.assert_array_equal(
        loaded.transform(digits), best.partial_fit(digits).transform(digits)
    )
    assert best.optimizer_params == search.best_params_["optimizer_params"]


def test_names():
    assert optimizer_kind("adam") is torch.optim.Adam
    assert optimizer_kind("muon") is Muon
    assert [usual_rate(name) for name in ("adam", "muon")] == [3e-3, 0.03]
    assert optimizer_options("adam") == {"betas": (0.9, 0.99), "fused": True}
    assert optimizer_options("adam", {"fused": False})["fused"] is False
    assert optimizer_options("muon", {"momentum": 0.9}) == {"momentum": 0.9}


@pytest.mark.parametrize(
    ("optimizer", "params", "error", "message"),
    [
        ("adam", [("eps", 1)], TypeError, "optimizer_params must be None or a dict"),
        ("muon", "fast", TypeError, "optimizer_params must be None or a dict"),
        ("muon", {"lr": 0.1}, ValueError, "since the rate is learning_rate"),
        ("muon", {"decay": 0.1}, ValueError, "which takes momentum, weight_decay.*got 'decay'"),
        ("muon", {3: 0.1}, ValueError, "which takes momentum.*got 3"),
        ("muon", {"turned": True}, ValueError, "which takes momentum.*got 'turned'"),
        ("muon", {"params": []}, ValueError, "which takes momentum.*got 'params'"),
        ("adam", {"momentum": 0.9}, ValueError, "which takes betas, eps.*got 'momentum'"),
        ("adam", {"betas": (0.9, 1.1)}, ValueError, "Invalid beta parameter at index 1"),
        ("adam", {"foreach": True}, ValueError, "optimizer='adam' can be made.*fused"),
        ("muon", {"momentum": 1.0}, ValueError, r"momentum must be a number in \[0, 1\)"),
        ("muon", {"weight_decay": -1}, ValueError, "weight_decay must be a number of at least 0"),
        ("muon", {"weight_decay": np.nan}, ValueError, "weight_decay must be a number"),
        ("muon", {"weight_decay": "much"}, TypeError, "weight_decay must be a number"),
        ("muon", {"adam_share": -0.1}, ValueError, "adam_share must be"),
        ("muon", {"betas": (0.9, 1.0)}, ValueError, r"betas\[1\] must be"),
        ("muon", {"betas": 0.9}, TypeError, "optimizer_params must be such"),
        ("muon", {"eps": 0}, ValueError, "eps must be"),
        ("muon", {"ns_steps": 0}, ValueError, "ns_steps must be an integer"),
        ("muon", {"ns_steps": 2.0}, TypeError, "ns_steps must be an integer"),
    ],
)
def test_keywords_that_an_optimizer_does_not_take(optimizer, params, error, message):
    with pytest.raises(error, match=message) as caught:
        check_optimizer_params(optimizer, params)
    assert "optimizer_params" in str(caught.value)


@pytest.mark.parametrize(
    ("optimizer", "params"),
    [
        ("muon", None),
        ("muon", {}),
        ("adam", {"weight_decay": 0.01, "amsgrad": True}),
        ("muon", {"weight_decay": 0.3, "momentum": 0.95, "ns_steps": np.int64(3)}),
    ],
)
def test_keywords_that_an_optimizer_takes(optimizer, params):
    check_optimizer_params(optimizer, params)
