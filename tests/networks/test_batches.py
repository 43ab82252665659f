"""Batches of images, and running the encoder and decoder over them."""

import numpy as np
import pytest
import torch
from torch import nn

from sklatent._images.format import ImageFormat
from sklatent._networks.batches import ImageBatches
from sklatent._networks.convolutional import Autoencoder, ConvDecoder, ConvEncoder
from sklatent._networks.inference import (
    autocast,
    batch_slices,
    decode,
    encode,
    inference_batch_size,
    mean_squared_error,
    resolve_device,
)

CPU = torch.device("cpu")


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (23, 5, 4, 3), dtype=np.uint8)


def batches_of(images, targets=None, batch_size=4, rows=None, **options):
    targets = images if targets is None else targets
    formats = ImageFormat.of(images), ImageFormat.of(targets)
    rows = np.arange(len(images)) if rows is None else rows
    return ImageBatches(images, formats[0], targets, formats[1], rows, batch_size, CPU, **options)


@pytest.mark.parametrize(("n", "batch_size"), [(1, 1), (7, 3), (9, 3), (2, 100)])
def test_slices_cover_all_rows_in_order(n, batch_size):
    slices = list(batch_slices(n, batch_size))
    rows = np.arange(n)
    np.testing.assert_array_equal(np.concatenate([rows[part] for part in slices]), rows)
    assert all(len(rows[part]) == batch_size for part in slices[:-1])


def test_batches_in_order_hold_the_images_on_the_unit_scale(images):
    batches = list(batches_of(images))
    inputs = torch.cat([batch["images"] for batch, _ in batches])
    expected = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    torch.testing.assert_close(inputs, expected)
    torch.testing.assert_close(torch.cat([target for _, target in batches]), expected)
    assert all(set(batch) == {"images"} for batch, _ in batches)


@pytest.mark.parametrize(("n", "batch_size"), [(23, 4), (5, 4), (4, 4), (1, 4), (9, 8), (7, 1)])
def test_batches_are_of_equal_size_to_within_one_image(images, n, batch_size):
    batches = batches_of(images, batch_size=batch_size, rows=np.arange(n))
    sizes = [len(target) for _, target in batches]
    assert len(sizes) == len(batches) == int(np.ceil(n / batch_size))
    assert sum(sizes) == n
    assert max(sizes) <= batch_size
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    ("n", "sizes"), [(1, [1]), (2, [2]), (3, [3]), (7, [3, 2, 2]), (8, [2] * 4)]
)
def test_no_image_is_alone_in_batches_of_two(images, n, sizes):
    batches = batches_of(images, batch_size=2, rows=np.arange(n))
    assert [len(target) for _, target in batches] == sizes
    assert len(batches) == len(sizes)


def test_each_pass_has_every_row_once_in_a_new_order():
    images = np.arange(100, dtype=np.uint8).reshape(100, 1, 1)
    rows = np.arange(0, 100, 3)

    def one_pass(batches):
        return torch.cat([(255 * target).round().flatten() for _, target in batches]).tolist()

    batches = batches_of(images, rows=rows, rng=np.random.RandomState(0))
    first, second = one_pass(batches), one_pass(batches)
    assert sorted(first) == sorted(second) == rows.tolist()
    assert first != second
    assert rows.tolist() not in (first, second)
    assert one_pass(batches_of(images, rows=rows, rng=np.random.RandomState(0))) == first


def test_rows_of_a_batch_are_read_in_the_order_of_the_file():
    images = np.arange(100, dtype=np.uint8).reshape(100, 1, 1)
    for _, target in batches_of(images, batch_size=10, rng=np.random.RandomState(0)):
        assert torch.all(target.flatten().diff() > 0)


def test_targets_go_with_their_inputs():
    images = np.arange(100, dtype=np.uint8).reshape(100, 1, 1)
    targets = np.repeat(2.0 * images, 3, axis=1) / 255
    for batch, target in batches_of(images, targets, rng=np.random.RandomState(0)):
        torch.testing.assert_close(2 * batch["images"].expand(-1, 1, 3, 1), target)


def test_targets_are_cut_to_the_unit_interval_and_inputs_are_not():
    images = np.array([[[0.0, 10.0]], [[-5.0, 15.0]]])
    seen = ImageFormat.of(images[:1])
    batches = ImageBatches(images, seen, images, seen, np.arange(2), 2, CPU)
    batch, target = next(iter(batches))
    np.testing.assert_allclose(batch["images"][1].ravel(), [-0.5, 1.5])
    np.testing.assert_allclose(target[1].ravel(), [0, 1])


def test_noise_is_standard_normal_and_only_in_shuffled_batches(images):
    many = np.repeat(images, 200, axis=0)
    batches = batches_of(many, rng=np.random.RandomState(0), noise_dim=5, batch_size=128)
    noise = torch.cat([batch["noise"] for batch, _ in batches])
    assert noise.shape == (4600, 5)
    # Five standard errors of the mean and standard deviation of 23000 values.
    assert float(noise.mean()) == pytest.approx(0, abs=5 / np.sqrt(23000))
    assert float(noise.std()) == pytest.approx(1, abs=5 / np.sqrt(46000))
    again = batches_of(many, rng=np.random.RandomState(0), noise_dim=5, batch_size=128)
    assert torch.equal(torch.cat([batch["noise"] for batch, _ in again]), noise)
    assert all("noise" not in batch for batch, _ in batches_of(images, noise_dim=5))


def test_half_of_the_images_are_turned_with_their_targets(images):
    many = np.repeat(images, 40, axis=0)
    targets = many[..., :1] // 2
    straight = batches_of(many, targets, rng=np.random.RandomState(0))
    for (batch, target), (mirrored, mirrored_target) in zip(
        straight, batches_of(many, targets, rng=np.random.RandomState(0), mirror=True), strict=False
    ):
        for image, y, other, other_y in zip(
            batch["images"], target, mirrored["images"], mirrored_target, strict=True
        ):
            is_turned = not torch.equal(image, other)
            assert torch.equal(image.flip(2) if is_turned else image, other)
            assert torch.equal(y.flip(2) if is_turned else y, other_y)
        break
    inputs = [
        batch["images"] for batch, _ in batches_of(many, rng=np.random.RandomState(0), mirror=True)
    ]
    originals = {
        image.numpy().tobytes() for batch, _ in batches_of(images) for image in batch["images"]
    }
    share = np.mean([image.numpy().tobytes() not in originals for part in inputs for image in part])
    assert share == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(len(many)))
    for batch, target in batches_of(images, mirror=True):
        assert target is batch["images"] or torch.equal(target, batch["images"])
        assert all(image.numpy().tobytes() in originals for image in batch["images"])


def test_memory_mapped_batches_equal_those_in_memory(tmp_path, images):
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    seeds = (np.random.RandomState(0), np.random.RandomState(0))
    pairs = zip(batches_of(images, rng=seeds[0]), batches_of(mapped, rng=seeds[1]), strict=True)
    for (batch, _), (other, _) in pairs:
        assert torch.equal(batch["images"], other["images"])


@pytest.fixture
def module():
    torch.manual_seed(0)
    shape = (5, 4, 3)
    return Autoencoder(
        ConvEncoder(shape, 2, (4, 4), "relu", True), ConvDecoder(shape, 2, (4, 4), "relu", True)
    )


@pytest.mark.parametrize("batch_size", [1, 4, 23, 100])
def test_encoding_is_the_encoder_in_inference_mode(module, images, batch_size):
    before = {name: value.clone() for name, value in module.state_dict().items()}
    image_format = ImageFormat.of(images)
    settings = {"batch_size": batch_size, "device": CPU, "precision": "float32"}
    points = encode(module.train(), images, image_format, **settings)
    direct = module.eval().encoder(torch.from_numpy(images / 255).float().permute(0, 3, 1, 2))
    np.testing.assert_allclose(points, direct.detach(), atol=1e-6)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(weights.grad is None for weights in module.parameters())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_decoding_is_the_decoder_then_the_logistic_function(module, rng, dtype):
    points = rng.normal(size=(4, 2)).astype(dtype)
    pixels = decode(module.train(), points, device=CPU, precision="float32")
    direct = torch.sigmoid(module.eval().decoder(torch.from_numpy(points).float()))
    np.testing.assert_allclose(pixels, direct.detach().permute(0, 2, 3, 1), atol=1e-6)


def test_variational_encoding_is_the_mean(images):
    module = Autoencoder(nn.Flatten(), nn.Identity(), variational=True)
    image_format = ImageFormat.of(images)
    points = encode(module, images, image_format, batch_size=7, device=CPU, precision="float32")
    flat = np.moveaxis(images, -1, 1).reshape(23, -1) / 255
    np.testing.assert_allclose(points, flat[:, :30], atol=1e-6)


def test_devices():
    assert resolve_device("cpu") == resolve_device(CPU) == CPU
    assert resolve_device("auto").type in ("cpu", "cuda", "mps")
    if not torch.cuda.is_available():
        assert resolve_device("auto").type in ("cpu", "mps")


@pytest.mark.parametrize("device", ["gpu", "cuda:99", 1.5, None, [1]])
def test_devices_that_are_not_there(device):
    with pytest.raises(ValueError, match=r"device must be 'auto', or a torch device.*got"):
        resolve_device(device)


def test_precision_decides_the_arithmetic():
    layer = nn.Linear(2, 2)
    for precision, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        with autocast(CPU, precision):
            assert layer(torch.ones(1, 2)).dtype == dtype
    assert layer(torch.ones(1, 2)).dtype == torch.float32


@pytest.mark.parametrize(
    ("batch_size", "n_values", "expected"),
    [(64, 784, 256), (64, 64 * 64 * 3, 170), (64, 10**7, 64), (1000, 784, 1000)],
)
def test_images_at_once_outside_training(batch_size, n_values, expected):
    assert inference_batch_size(batch_size, n_values) == expected


def test_mean_squared_error_over_uneven_batches(images):
    module = Autoencoder(nn.Flatten(), nn.Unflatten(1, (3, 5, 4)))
    unit = images / 255
    expected = np.square(1 / (1 + np.exp(-unit)) - unit).mean()
    for batch_size in (4, 23):
        batches = batches_of(images, batch_size=batch_size)
        assert mean_squared_error(module, batches, "float32") == pytest.approx(expected, rel=1e-6)
    assert not module.training
