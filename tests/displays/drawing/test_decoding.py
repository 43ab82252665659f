"""From latent points to images."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklatent import LatentGaussianModel, make_latent_pipeline
from sklatent.displays._drawing.decoding import decode, decoder_for


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
