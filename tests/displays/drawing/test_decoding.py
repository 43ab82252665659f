"""From latent points to images."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.displays._drawing.decoding import decode, decode_strips, decoder_for
from sklatent.displays._drawing.path_arrays import Original, Strips


def test_pipelines_decode_points_before_their_density(digits):
    rows = digits.reshape(len(digits), -1)
    pipeline = make_latent_pipeline(PCA(3), LatentGaussianModel()).fit(rows)
    points = np.eye(3)
    expected = pipeline[0].inverse_transform(points)
    np.testing.assert_array_equal(decode(pipeline, points), expected)
    np.testing.assert_array_equal(decode(pipeline[0], points), expected)


@pytest.mark.parametrize("decoder", [PCA, "decoder", None])
def test_what_cannot_decode_is_an_error(decoder):
    with pytest.raises(TypeError, match="The decoder must have inverse_transform; got"):
        decode(decoder, np.zeros((1, 2)))


def test_records_know_their_pipeline():
    record = SimpleNamespace(pipeline="its own")
    assert decoder_for(record, None, "path") == "its own"
    assert decoder_for(record, "another", "path") == "another"
    with pytest.raises(ValueError, match="decoder must be given where the grid was made without"):
        decoder_for(SimpleNamespace(), None, "grid")


def test_strips_are_reconstructions_or_changes_of_originals(digits):
    rows = digits.reshape(len(digits), -1)
    pca = PCA(3).fit(rows)
    points = {"a": pca.transform(rows[:4]), "b": pca.transform(rows[4:8])}
    plain = decode_strips(pca, Strips(points, None, ""), np.array([0, 3]))
    for name, images in plain.items():
        np.testing.assert_array_equal(images, pca.inverse_transform(points[name][[0, 3]]))
    originals = {name: Original(rows[9], z[3]) for name, z in points.items()}
    strips = Strips(points, None, "", originals=originals)
    for name, images in decode_strips(pca, strips, np.array([0, 3])).items():
        np.testing.assert_array_equal(images[1], rows[9])
        change = plain[name][0] - plain[name][1]
        expected = (rows[9] + change).clip(rows[9].min(), rows[9].max())
        np.testing.assert_allclose(images[0], expected, atol=1e-9)
