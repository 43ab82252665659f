"""One decision on the linear path for all dimensions of a search."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from sklatent import ConvAutoencoder, LatentDimensionSearch, make_latent_pipeline
from sklatent._search.linear_path import decide_linear_path, find_searched, with_one_choice
from sklatent.corruption import GaussianNoise, PixelDropout

SMALL = {"channels": (4, 4), "max_epochs": 1, "random_state": 0}
SEEN = []


class NotingAutoencoder(ConvAutoencoder):
    """Notes what each training was asked for, and whether it had a linear path."""

    def fit(self, X, y=None):
        super().fit(X, y)
        SEEN.append((self.latent_dim, self.linear_path, self.linear_path_))
        return self


@pytest.fixture(scope="module")
def enough(digits):
    """Number of components that explain 0.8 of the variance of the digits."""
    shares = PCA().fit(digits.reshape(len(digits), -1)).explained_variance_ratio_.cumsum()
    return 1 + int(np.argmax(shares >= 0.8))


def decided(autoencoder, dims, images, param_name="latent_dim"):
    return decide_linear_path(find_searched(autoencoder), dims, param_name, images, 0)


def test_the_autoencoder_is_found_with_the_prefix_of_its_parameters():
    autoencoder, noise = ConvAutoencoder(), GaussianNoise()
    assert find_searched(PCA()) is None
    assert find_searched(make_pipeline(PCA())) is None
    assert find_searched(autoencoder) == (autoencoder, "", ())
    inner = make_pipeline(autoencoder, PCA())
    assert find_searched(make_latent_pipeline(noise, "passthrough", inner)) == (
        autoencoder,
        "pipeline__convautoencoder__",
        (noise, "passthrough"),
    )


def test_the_choice_is_what_auto_does_for_the_largest_dimension(digits, enough):
    """Each against what `fit` itself does with so many components."""
    dims = [enough - 6, enough - 1, enough, enough + 4, 2]
    alone = {
        dim: ConvAutoencoder(dim, **SMALL, batch_size=3).fit(digits).linear_path_ for dim in dims
    }
    assert list(alone.values()) == [False, False, True, True, False]
    for first in range(5):
        for n in range(1, 6):
            some = (dims + dims)[first : first + n]
            assert decided(ConvAutoencoder(), some, digits) == alone[max(some)]


def test_what_is_said_is_kept(digits):
    for dims in ([1], [60]):
        for choice in (True, False, np.True_):
            found, told = with_one_choice(
                *(ConvAutoencoder(linear_path=choice), dims, "latent_dim", digits, 0)
            )
            assert told is bool(choice)
            assert found.linear_path is told


def test_where_auto_leaves_it_out_so_does_the_search(digits):
    assert decided(ConvAutoencoder(), [60], digits)
    for change in ({"kl_weight": 1.0}, {"latent_penalty": 0.1}, {"decoder_spectral_norm": True}):
        assert not decided(ConvAutoencoder(**change), [60], digits)


def test_other_estimators_are_left_alone(digits):
    pca = PCA()
    assert with_one_choice(pca, [2, 3], "n_components", digits, 0) == (pca, None)


def test_with_another_parameter_the_dimension_of_the_autoencoder_counts(digits, enough):
    for latent_dim in (enough - 1, enough):
        pipeline = make_pipeline(ConvAutoencoder(latent_dim), PCA())
        found = decided(pipeline, [60, 61], digits, "pca__n_components")
        assert found == (latent_dim == enough)
    wide = make_pipeline(ConvAutoencoder(2))
    assert decided(wide, [60], digits, "convautoencoder__latent_dim")


def test_images_are_those_that_reach_the_autoencoder(digits, enough):
    """Lost pixels spread variance, so that as many axes explain less."""
    dropped = make_pipeline(PixelDropout(0.8), ConvAutoencoder())
    assert not decided(dropped, [enough + 4], digits, "convautoencoder__latent_dim")
    kept = make_pipeline("passthrough", ConvAutoencoder())
    assert decided(kept, [enough + 4], digits, "convautoencoder__latent_dim")


@pytest.mark.parametrize("inside", [False, True])
def test_all_trainings_and_the_last_have_one_choice(digits, enough, inside):
    autoencoder = NotingAutoencoder(**SMALL)
    dims, name = (2, enough, enough + 4), "latent_dim"
    if inside:
        autoencoder, name = make_pipeline(autoencoder), "notingautoencoder__latent_dim"
    SEEN.clear()
    search = LatentDimensionSearch(autoencoder, dims=dims, param_name=name, cv=2, random_state=0)
    search.fit(digits)
    assert sorted(SEEN[:6]) == [(dim, True, True) for dim in dims for _ in range(2)]
    assert SEEN[6:] == [(search.best_dim_, True, True)]
    assert search.linear_path_ is True
    assert search.results_.linear_path is True
    # The estimator given is not changed.
    assert search.autoencoder.get_params()[name.replace("latent_dim", "linear_path")] == "auto"


def test_parameters_are_checked_first(digits):
    for change, word in (({"linear_path": "yes"}, "linear_path"), ({"loss": "l3"}, "loss")):
        with pytest.raises((TypeError, ValueError), match=word):
            LatentDimensionSearch(ConvAutoencoder(**change), dims=(2,)).fit(digits)
