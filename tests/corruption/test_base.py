"""Corruptions of images: values, identities, layouts, units, seeds, and bad input."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.corruption import (
    Compose,
    GaussianNoise,
    Grayscale,
    Mask,
    PixelDropout,
    RandomErasing,
)

RANDOM = [
    GaussianNoise(0.2, random_state=0),
    PixelDropout(0.4, image_shape=(8, 8, 3), random_state=0),
    PixelDropout(0.4, per="value", image_shape=(8, 8, 3), random_state=0),
    RandomErasing(image_shape=(8, 8, 3), random_state=0),
    Compose(
        [Grayscale(), PixelDropout(0.3), GaussianNoise(0.1)], image_shape=(8, 8, 3), random_state=0
    ),
]
FIXED = [Grayscale(image_shape=(8, 8, 3)), Mask(np.eye(8), fill=0.25, image_shape=(8, 8, 3))]
ALL = [*RANDOM, *FIXED]
IDENTITIES = [
    GaussianNoise(0.0),
    PixelDropout(0.0, image_shape=(8, 8, 3)),
    PixelDropout(0.0, per="value", image_shape=(8, 8, 3)),
    Mask([[False]], image_shape=(8, 8, 3)),
    RandomErasing((0, 0), image_shape=(8, 8, 3)),
    Compose([], image_shape=(8, 8, 3)),
]


def name(corruption):
    return type(corruption).__name__


def test_integers_are_those_of_floats_rounded(colours):
    noise = GaussianNoise(0.2, random_state=0)
    as_floats = noise.fit_transform(colours.astype(np.float32))
    as_bytes = clone(noise).transform(colours)
    assert as_bytes.dtype == np.uint8
    # The range seen may be narrower than 0-255 only where no value reaches it.
    assert noise.value_range_ == (0, 255)
    np.testing.assert_array_equal(as_bytes, np.rint(as_floats))


@pytest.mark.parametrize("corruption", IDENTITIES, ids=name)
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32, np.float64])
def test_identities_are_exact_and_copies(corruption, colours, dtype):
    images = colours.astype(dtype)
    corrupted = corruption.fit_transform(images)
    np.testing.assert_array_equal(corrupted, images)
    assert corrupted.dtype == dtype
    assert not np.shares_memory(corrupted, images)


@pytest.mark.parametrize("corruption", ALL, ids=name)
def test_all_layouts_are_corrupted_alike(corruption, colours):
    expected = corruption.transform(colours)
    assert expected.shape == colours.shape
    assert expected.dtype == np.uint8
    assert np.any(expected != colours)
    flat = corruption.transform(colours.reshape(9, -1))
    np.testing.assert_array_equal(flat.reshape(colours.shape), expected)


@pytest.mark.parametrize("corruption", RANDOM[:4], ids=name)
def test_grey_images_with_and_without_an_axis(corruption, colours):
    corruption = clone(corruption)
    if hasattr(corruption, "image_shape"):
        corruption.set_params(image_shape=None)
    grey = colours[..., :1]
    expected = corruption.transform(grey)
    np.testing.assert_array_equal(corruption.transform(grey[..., 0]), expected[..., 0])
    flat = corruption.transform(grey.reshape(9, 64))
    np.testing.assert_array_equal(flat.reshape(grey.shape), expected)


@pytest.mark.parametrize("corruption", ALL, ids=name)
@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float16, np.float32, np.float64])
def test_dtypes_stay(corruption, colours, dtype):
    assert corruption.fit_transform(colours.astype(dtype)).dtype == dtype


def test_booleans_become_floats():
    images = np.eye(8, dtype=bool)[None]
    assert GaussianNoise(0.1).transform(images).dtype == np.float32


def test_a_range_wider_than_the_dtype_does_not_wrap_around():
    bright = np.full((1, 50, 50), 250, np.uint8)
    noisy = GaussianNoise(0.1, value_range=(0, 400), random_state=0).transform(bright)
    assert noisy.max() == 255
    assert noisy.min() > 50


@pytest.mark.parametrize("corruption", RANDOM, ids=name)
def test_seeds(corruption, colours):
    first = corruption.transform(colours)
    np.testing.assert_array_equal(corruption.transform(colours), first)
    np.testing.assert_array_equal(corruption.fit_transform(colours), first)
    np.testing.assert_array_equal(clone(corruption).transform(colours), first)
    other = clone(corruption).set_params(random_state=1)
    assert np.any(other.transform(colours) != first)
    free = clone(corruption).set_params(random_state=None)
    assert np.any(free.transform(colours) != free.transform(colours))
    shared = clone(corruption).set_params(random_state=np.random.RandomState(0))
    np.testing.assert_array_equal(shared.transform(colours), first)
    assert np.any(shared.transform(colours) != first)
    # Each image has a corruption of its own.
    same = np.broadcast_to(colours[:1], colours.shape)
    corrupted = corruption.transform(same)
    assert len({image.tobytes() for image in corrupted}) == 9


def test_many_images_are_corrupted_as_few_at_a_time(monkeypatch, colours):
    whole = GaussianNoise(0.2, random_state=0).transform(colours)
    monkeypatch.setattr("sklatent.corruption._base._VALUES_AT_ONCE", 2 * 192)
    np.testing.assert_array_equal(GaussianNoise(0.2, random_state=0).transform(colours), whole)


def test_the_global_generator_is_left_alone(colours):
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002
    for corruption in RANDOM:
        corruption.transform(colours)
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002


@pytest.mark.parametrize("corruption", RANDOM, ids=name)
def test_unknown_units(corruption, colours):
    odd = colours / 16.0
    with pytest.raises(NotFittedError, match=r"units of X are not known: .* give value_range"):
        clone(corruption).transform(odd)
    fitted = clone(corruption).fit(odd)
    # A part of the images is on the scale of all.
    fixed = clone(corruption).set_params(value_range=(odd.min(), odd.max()))
    np.testing.assert_array_equal(fitted.transform(odd[:1]), fixed.transform(odd[:1]))


def test_other_images_than_in_fit(colours):
    corruption = PixelDropout(0.5).fit(colours)
    with pytest.raises(ValueError, match="X must have the layout and image size seen in fit"):
        corruption.transform(colours[:, :7])
    with pytest.raises(ValueError, match="X must be in the units seen in fit"):
        corruption.transform(colours / 255)


def test_attributes_pickles_and_display(colours):
    corruption = PixelDropout(0.5, random_state=0).fit(colours)
    assert corruption.image_shape_ == (8, 8, 3)
    assert corruption.value_range_ == (0, 255)
    assert corruption.n_features_in_ == 192
    again = pickle.loads(pickle.dumps(corruption))
    np.testing.assert_array_equal(again.transform(colours), corruption.transform(colours))
    for item in ALL:
        assert name(item) in estimator_html_repr(item)
        assert repr(clone(item)) == repr(item)


def test_tables(digits):
    columns = [f"pixel{i}" for i in range(64)]
    table = pd.DataFrame(digits.reshape(-1, 64), columns=columns, index=np.arange(300) + 7)
    corruption = GaussianNoise(0.1, random_state=0).set_output(transform="pandas")
    noisy = corruption.fit_transform(table)
    assert list(noisy.columns) == list(corruption.get_feature_names_out()) == columns
    assert noisy.index.equals(table.index)
    with pytest.raises(ValueError, match="feature names"):
        corruption.transform(table.rename(columns={"pixel0": "other"}))


def test_in_pipelines_before_the_autoencoder(small, digits):
    corruption = PixelDropout(0.3, random_state=0)
    pipeline = make_pipeline(corruption, small()).fit(digits, digits)
    direct = small().fit(corruption.fit_transform(digits), digits)
    np.testing.assert_array_equal(pipeline.transform(digits), direct.transform(corrupted(digits)))
    expected = direct.score(corrupted(digits), digits)
    assert pipeline.score(digits, digits) == expected
    latent = make_latent_pipeline(corruption, small(), PCA(), LatentGaussianModel())
    latent.fit(digits, digits)
    assert latent.sample(3, random_state=0).shape == (3, 8, 8)
    assert latent.score(digits, digits) == pytest.approx(expected, rel=1e-4)


def corrupted(digits):
    return PixelDropout(0.3, random_state=0).fit_transform(digits)


BAD = [
    (GaussianNoise(-0.1), ValueError, r"std must be .* at least 0 and finite; got -0.1"),
    (GaussianNoise(np.inf), ValueError, "std must be"),
    (GaussianNoise(np.nan), ValueError, "std must be"),
    (GaussianNoise("0.1"), TypeError, "std must be a number; got '0.1'"),
    (GaussianNoise(True), TypeError, "std must be a number"),
    (GaussianNoise(0.1, value_range=(1, 0)), ValueError, "value_range must be"),
    (GaussianNoise(0.1, random_state="a"), ValueError, "random_state must be"),
    (PixelDropout(1.0), ValueError, r"fraction must be a number in \[0, 1\); got 1.0"),
    (PixelDropout(-0.1), ValueError, "fraction must be"),
    (PixelDropout(None), TypeError, "fraction must be a number"),
    (PixelDropout(0.5, per="channel"), ValueError, "per must be one of 'pixel', 'value'"),
    (PixelDropout(0.5, fill=2), ValueError, r"fill must be a number in \[0, 1\]; got 2"),
    (PixelDropout(0.5, fill="mean"), TypeError, "fill must be a number"),
    (PixelDropout(0.5, image_shape=(8, 8)), ValueError, "image_shape=.* was asked for"),
    (RandomErasing(0.3), ValueError, r"scale must be a pair .* 0 <= low <= high < 1; got 0.3"),
    (RandomErasing((0.3, 1.0)), ValueError, "scale must be"),
    (RandomErasing((0.3, 0.2)), ValueError, "scale must be"),
    (RandomErasing(ratio=(0, 1)), ValueError, "ratio must be a pair"),
    (RandomErasing(ratio=("a", 1)), ValueError, "ratio must be a pair"),
    (Mask(np.ones((8, 8))), ValueError, "mask must leave at least one pixel"),
    (Mask(np.zeros((8, 7))), ValueError, r"mask must have the shape of an image, \(8, 8, 3\)"),
    (Mask(np.zeros(8)), ValueError, r"mask must be a boolean array of shape .* got shape \(8,\)"),
    (Mask(np.full((8, 8), 0.5)), ValueError, "mask must hold True and False"),
    (Mask("a"), TypeError, "mask must hold numbers"),
    (Compose(GaussianNoise()), TypeError, "corruptions must be a list"),
    (Compose([PCA()]), TypeError, r"corruptions\[0\] must be a corruption .*GaussianNoise.*PCA"),
    (Compose([GaussianNoise(-1)]), ValueError, "std must be"),
]


@pytest.mark.parametrize("method", ["fit", "transform"])
@pytest.mark.parametrize(
    ("corruption", "error", "message"), [pytest.param(*case, id=name(case[0])) for case in BAD]
)
def test_bad_parameters(corruption, error, message, method, colours):
    with pytest.raises(error, match=message):
        getattr(corruption, method)(colours)
