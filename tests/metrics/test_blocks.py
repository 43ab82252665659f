"""Images gone through block by block."""

import tracemalloc

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.metrics import PixelFeatures, _blocks, make_image_scorer
from sklatent.metrics._blocks import block_rows, by_blocks


@pytest.mark.parametrize("n_values", [1, 784, 12_288, 10**9])
def test_blocks_are_whole_batches_and_cover_all_rows(n_values):
    found = list(block_rows(10_000, n_values))
    assert np.array_equal(
        np.concatenate([np.arange(10_000)[rows] for rows in found]), range(10_000)
    )
    sizes = {rows.stop - rows.start for rows in found[:-1]}
    assert all(size % 256 == 0 for size in sizes)
    assert all(size == 256 or size * n_values <= 2**21 for size in sizes)


def test_blocks_come_into_one_array(rng, monkeypatch):
    monkeypatch.setattr(_blocks, "_BLOCK_VALUES", 1)
    values = rng.normal(size=(700, 3)).astype(np.float32)
    found = by_blocks(lambda rows: 2 * values[rows], 700, 3)
    np.testing.assert_array_equal(found, 2 * values)
    assert found.dtype == np.float32
    assert found.flags.owndata


def peak(function):
    """Return the most bytes that Python held while a function ran."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_no_float_copy_of_all_images_is_made(rng, monkeypatch):
    """Of 20,000 images in bytes a float32 copy takes 4 times as much, a float64 copy 8 times."""
    monkeypatch.setattr(_blocks, "_BLOCK_VALUES", 2**15)
    for module, name in (
        ("_images.principal", "_BLOCK_VALUES"),
        ("_pipeline.steps", "_BLOCK_VALUES"),
        ("metrics._image_features", "_MOST_VALUES"),
        ("metrics._reconstruction", "_BLOCK_VALUES"),
    ):
        monkeypatch.setattr(f"sklatent.{module}.{name}", 2**15)
    images = rng.integers(0, 256, (20_000, 256), dtype=np.uint8)
    pipeline = make_latent_pipeline(PCA(4), LatentGaussianModel()).fit(images[:100])
    features = PixelFeatures(4, random_state=0).fit(images[:100])
    scorer = make_image_scorer(("neg_mse", "ssim", "neg_frechet"), features=features)
    assert peak(lambda: PixelFeatures(4, random_state=0).fit(images)) < 3 * images.nbytes
    assert peak(lambda: scorer(pipeline, images)) < 3 * images.nbytes
