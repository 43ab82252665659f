"""Batches of images on their way into training: order, noise, mirror images and corruption."""

import copy
import pickle

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

from sklatent._images.format import ImageFormat
from sklatent._networks.batches import (
    BatchCorruption,
    ImageBatches,
    ImagePairs,
    TorchDraws,
    batch_corruptions,
    split_rows,
)
from sklatent.corruption import (
    Compose,
    GaussianNoise,
    Grayscale,
    Mask,
    PixelDropout,
    RandomErasing,
)
from sklatent.corruption._arithmetic import NumpyDraws
from sklatent.corruption._base import corrupt

CPU = torch.device("cpu")


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (23, 5, 4, 3), dtype=np.uint8)


def batches_of(images, targets=None, batch_size=4, rows=None, **options):
    targets = images if targets is None else targets
    formats = ImageFormat.of(images), ImageFormat.of(targets)
    rows = np.arange(len(images)) if rows is None else rows
    pairs = ImagePairs(images, formats[0], targets, formats[1])
    return ImageBatches(pairs, rows, batch_size, CPU, **options)


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
    batches = ImageBatches(ImagePairs(images, seen, images, seen), np.arange(2), 2, CPU)
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


def test_labels_go_with_their_images():
    images = np.arange(100, dtype=np.uint8).reshape(100, 1, 1)
    pairs = ImagePairs(images, ImageFormat.of(images), 3 * np.arange(100), None)
    batches = ImageBatches(pairs, np.arange(100), 7, CPU, np.random.RandomState(0))
    seen = [(batch["images"].flatten(), labels) for batch, labels in batches]
    assert all(labels.dtype == torch.int64 for _, labels in seen)
    for levels, labels in seen:
        torch.testing.assert_close(3 * 255 * levels, labels.float())
    assert sorted(torch.cat([labels for _, labels in seen])) == list(range(0, 300, 3))


@pytest.mark.parametrize(
    ("n", "fraction", "n_validation"), [(10, 0.3, 3), (9, 0.01, 1), (2, 0.5, 1)]
)
def test_rows_are_split_once(n, fraction, n_validation):
    train, validation = split_rows(n, fraction, np.random.RandomState(0))
    assert len(validation) == n_validation
    assert sorted([*train, *validation]) == list(range(n))
    assert np.all(np.diff(train) > 0)
    assert np.all(np.diff(validation) > 0)


def test_without_validation_all_rows_are_trained_on_in_order():
    rng = np.random.RandomState(0)
    rows, validation = split_rows(5, None, rng)
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert validation is None
    assert rng.randint(1000) == np.random.RandomState(0).randint(1000)


def test_corruptions_of_training_and_validation():
    assert batch_corruptions(None, CPU, np.random.RandomState(0)) == (None, None)
    first, second = batch_corruptions(GaussianNoise(0.1), CPU, np.random.RandomState(0))
    assert (first.afresh, second.afresh) == (True, False)
    assert first.seed != second.seed


CORRUPTIONS = [
    GaussianNoise(0.3),
    PixelDropout(0.5, fill=0.2),
    PixelDropout(0.5, per="value"),
    RandomErasing((0.2, 0.5)),
    Mask(np.eye(8, 6)),
    Grayscale(),
    Compose([Grayscale(), RandomErasing(), GaussianNoise(0.1)]),
]


def kind_of(corruption):
    return type(corruption).__name__


class Given(NumpyDraws):
    """Numbers of NumPy, handed out as tensors too."""

    def normal(self, shape):
        return self.convert(super().normal(shape))

    def uniform(self, shape):
        return self.convert(super().uniform(shape))

    def asarray(self, values):
        return self.convert(values)


class GivenArrays(Given):
    convert = staticmethod(np.asarray)


class GivenTensors(Given):
    xp = torch
    convert = staticmethod(torch.from_numpy)


class Inputs(Callback):
    """Keeps the inputs and targets of all batches of each epoch."""

    def on_train_begin(self, net, **kwargs):
        self.epochs = []

    def on_epoch_begin(self, net, **kwargs):
        self.epochs.append({"train": [], "valid": []})

    def on_batch_begin(self, net, batch=None, training=False, **kwargs):
        kind = "train" if training else "valid"
        self.epochs[-1][kind].append((batch[0]["images"].clone(), batch[1].clone()))


def joined(epoch, kind="train"):
    return [torch.cat(parts) for parts in zip(*epoch[kind], strict=True)]


def weights(autoencoder):
    return torch.cat([w.detach().flatten() for w in autoencoder.net_.module_.parameters()])


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=kind_of)
def test_tensors_and_arrays_are_corrupted_alike(corruption, rng):
    images = rng.random((5, 8, 6, 3))
    arrays, tensors = (
        kind(np.random.RandomState(0), images.dtype) for kind in (GivenArrays, GivenTensors)
    )
    expected = corrupt(corruption, images, arrays)
    came = corrupt(corruption, torch.from_numpy(images), tensors)
    assert np.any(expected != images)
    np.testing.assert_allclose(came.numpy(), expected, atol=1e-15)


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=kind_of)
def test_batches_on_the_device(corruption):
    images = torch.rand(5, 3, 8, 6, generator=torch.Generator().manual_seed(0))
    before = images.clone()
    batch = BatchCorruption(corruption, CPU, 0, afresh=True).start_pass()(images)
    assert (batch.dtype, batch.shape) == (torch.float32, images.shape)
    assert torch.equal(images, before)
    assert not torch.equal(batch, images)
    assert 0 <= float(batch.min()) <= float(batch.max()) <= 1


def test_torch_draws_are_normal_and_uniform():
    draws = TorchDraws(torch.Generator().manual_seed(0))
    assert stats.kstest(draws.normal((2000,)).numpy(), "norm").pvalue > 0.01
    assert stats.kstest(draws.uniform((2000,)).numpy(), "uniform").pvalue > 0.01


@pytest.mark.parametrize("afresh", [True, False])
def test_passes(afresh):
    grey = torch.full((4, 1, 5, 5), 0.5)
    corruption = BatchCorruption(GaussianNoise(0.1), CPU, 3, afresh)
    passes = []
    for _ in range(2):
        corrupt_batch = corruption.start_pass()
        passes.append([corrupt_batch(grey), corrupt_batch(grey)])
    assert not torch.equal(*passes[0])
    assert torch.equal(passes[0][0], passes[1][0]) is not afresh
    assert torch.equal(passes[0][1], passes[1][1]) is not afresh


def test_training_is_from_fresh_corruptions_to_clean_images(small, digits):
    recorder = Inputs()
    small(corruption=PixelDropout(0.6), max_epochs=3, callbacks=[recorder]).fit(digits)
    hidden = []
    for epoch in recorder.epochs:
        inputs, targets = joined(epoch)
        changed = inputs != targets
        assert torch.all(inputs[changed] == 0)
        clean = {image.tobytes() for image in (digits / 16).astype(np.float32)}
        assert {image.numpy().tobytes() for image in targets} == clean
        # Five standard errors of the share among pixels that are not black already.
        lit = targets > 0
        assert float(changed[lit].float().mean()) == pytest.approx(
            0.6, abs=5 * np.sqrt(0.24 / int(lit.sum()))
        )
        order = np.lexsort(targets.flatten(1).numpy().T)
        hidden.append(changed[order])
    assert not torch.equal(hidden[0], hidden[1])


def test_validation_is_corrupted_alike_in_every_epoch(small, digits):
    recorder = Inputs()
    noise = GaussianNoise(0.3)
    small(corruption=noise, early_stopping=True, max_epochs=3, callbacks=[recorder]).fit(digits)
    first = joined(recorder.epochs[0], "valid")
    assert not torch.equal(*first)
    for epoch in recorder.epochs[1:]:
        assert all(map(torch.equal, joined(epoch, "valid"), first))
    # Training does not see the noise of validation again.
    train = joined(recorder.epochs[0])
    difference = [(pair[0] - pair[1])[: len(first[0])] for pair in (train, first)]
    assert not torch.allclose(*difference)


def test_restoration_is_not_compared_with_pca_of_clean_images(small, digits, capfd):
    autoencoder = small(corruption=GaussianNoise(0.3), early_stopping=True, verbose=1).fit(digits)
    assert not hasattr(autoencoder, "pca_validation_error_")
    assert autoencoder.validation_error_ > 0
    assert "loses to PCA" not in capfd.readouterr().err


def test_targets_are_not_corrupted(small, digits):
    recorder = Inputs()
    negatives = 16 - digits
    autoencoder = small(corruption=GaussianNoise(0.2), callbacks=[recorder])
    autoencoder.fit(digits, negatives)
    inputs, targets = joined(recorder.epochs[0])
    noise = inputs + targets - 1
    inner = (inputs > 0) & (inputs < 1)
    assert 0.1 < float(noise[inner].std()) < 0.2
    assert {image.numpy().tobytes() for image in targets} == {
        image.tobytes() for image in (negatives / 16).astype(np.float32)
    }


def test_denoising(small, digits):
    recipe = {"channels": (16, 32), "batch_size": 16, "learning_rate": 0.01, "max_epochs": 15}
    train, clean = digits[:250], digits[250:]
    noisy = GaussianNoise(0.4, value_range=(0, 16), random_state=1).transform(clean)
    autoencoder = small(8, corruption=GaussianNoise(0.4), **recipe).fit(train)
    restored = autoencoder.reconstruct(noisy)
    error = np.square((restored - clean) / 16).mean()
    assert autoencoder.score(noisy, clean) == pytest.approx(-error, rel=1e-5)
    assert error < 0.5 * np.square((noisy - clean) / 16).mean()
    assert error < 0.9 * -small(8, **recipe).fit(train).score(noisy, clean)


def test_recolouring(small, digits):
    # A colour that the grey level tells: dark is blue, bright is red.
    unit = digits / 16
    colours = (255 * np.stack([unit, 0 * unit, 1 - unit], axis=-1)).astype(np.uint8)
    grey = Grayscale().transform(colours)
    recipe = {"channels": (16, 32), "batch_size": 32, "learning_rate": 0.01, "max_epochs": 6}
    autoencoder = small(8, corruption=Grayscale(), **recipe).fit(colours)
    painted = autoencoder.reconstruct(grey)
    assert painted.dtype == np.uint8
    assert -autoencoder.score(grey, colours) < 0.4 * np.square(grey / 255 - colours / 255).mean()


def test_nothing_is_corrupted_outside_training(small, digits):
    autoencoder = small(corruption=GaussianNoise(0.5)).fit(digits)
    latent = autoencoder.transform(digits)
    np.testing.assert_array_equal(autoencoder.transform(digits), latent)
    plain = copy.deepcopy(autoencoder).set_params(corruption=None)
    np.testing.assert_array_equal(plain.transform(digits), latent)
    assert plain.score(digits) == autoencoder.score(digits)


def test_no_corruption_and_none_train_alike(small, fitted, digits):
    # Drawing its seed moves the generator on; in a single batch the order does not count.
    recipe = {"batch_size": 300, "max_epochs": 1}
    expected = weights(small(**recipe).fit(digits))
    zero = small(corruption=GaussianNoise(0.0), **recipe).fit(digits)
    torch.testing.assert_close(weights(zero), expected)
    assert torch.equal(weights(small(corruption=None).fit(digits)), weights(fitted))


@pytest.mark.parametrize("corruption", [GaussianNoise(0.3), PixelDropout(0.5)], ids=kind_of)
def test_the_same_seed_gives_the_same_bits(small, digits, corruption):
    def fit(corruption, seed=0):
        return small(corruption=corruption, random_state=seed).fit(digits)

    expected = weights(fit(corruption))
    assert torch.equal(weights(fit(corruption)), expected)
    assert not torch.equal(weights(fit(corruption, seed=1)), expected)
    # The autoencoder's seed counts, and the corruption's does not.
    assert torch.equal(weights(fit(clone(corruption).set_params(random_state=5))), expected)


def test_partial_fit_goes_on_with_its_generator(small, digits):
    recorders, runs = [], []
    for _ in range(2):
        autoencoder = small(corruption=GaussianNoise(0.3), batch_size=300)
        for _ in range(2):
            recorders.append(Inputs())
            autoencoder.set_params(callbacks=[recorders[-1]]).partial_fit(digits)
        runs.append(autoencoder)
    first, second, again, _ = (joined(recorder.epochs[0])[0] for recorder in recorders)
    assert not torch.equal(first, second)
    assert torch.equal(first, again)
    assert torch.equal(*map(weights, runs))
    # Through a pickle, too.
    pickled = pickle.loads(pickle.dumps(runs[0].set_params(callbacks=None)))
    after = [model.partial_fit(digits) for model in (pickled, runs[1])]
    assert torch.equal(*map(weights, after))


def test_corruption_does_not_touch_the_global_generators(small, digits):
    before = torch.random.get_rng_state()
    small(corruption=PixelDropout(0.5)).fit(digits)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_cloning_and_searching(small, digits):
    autoencoder = small(corruption=GaussianNoise(0.3))
    copied = clone(autoencoder)
    assert copied.corruption is not autoencoder.corruption
    assert copied.get_params()["corruption__std"] == 0.3
    search = GridSearchCV(
        autoencoder.set_params(max_epochs=1), {"corruption__std": [0.1, 0.9]}, cv=2
    )
    search.fit(digits)
    assert search.best_estimator_.corruption.std in (0.1, 0.9)
    assert autoencoder.corruption.std == 0.3
    assert not hasattr(autoencoder.corruption, "n_features_in_")


@pytest.mark.parametrize(
    ("corruption", "error", "message"),
    [
        (
            PCA(),
            TypeError,
            "corruption must be a corruption from sklatent.corruption: Gaussian.*PCA",
        ),
        (np.sin, TypeError, "corruption must be"),
        ("noise", TypeError, "corruption must be .* got 'noise'"),
        (GaussianNoise, TypeError, "corruption must be"),
        (GaussianNoise(-1), ValueError, "std must be"),
        (PixelDropout(1), ValueError, "fraction must be"),
        (Mask(np.eye(7)), ValueError, r"mask must have the shape of an image, \(8, 8, 1\)"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_wrong_corruptions(small, digits, method, corruption, error, message):
    with pytest.raises(error, match=message):
        getattr(small(corruption=corruption), method)(digits)
