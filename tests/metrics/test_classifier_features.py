"""Features of a small classifier: what they tell apart, seeds, saving."""

import io

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from sklatent.metrics import ClassifierFeatures

SMALL = {"channels": (8, 16), "max_epochs": 30, "batch_size": 32, "random_state": 0}


@pytest.fixture(scope="module")
def labels():
    return load_digits().target[:300]


@pytest.fixture(scope="module")
def fitted(digits, labels):
    return ClassifierFeatures(8, **SMALL).fit(digits[:200], labels[:200])


def test_it_learns_the_labels(fitted, digits, labels):
    # Ten classes: by chance 0.1.
    assert fitted.score(digits[:200], labels[:200]) > 0.9
    assert fitted.score(digits[200:], labels[200:]) > 0.6
    with pytest.raises(ValueError, match="y must have as many rows as X has images, 100; got 1"):
        fitted.score(digits[200:], labels[:1])
    assert fitted.history_["train_loss"][-1] < 0.5 * fitted.history_["train_loss"][0]
    assert set(fitted.predict(digits)) <= set(fitted.classes_)


def test_classes_are_linear_in_activated_features(fitted, digits, labels):
    """A logistic regression on what the last layer sees agrees with the network."""
    features = fitted.transform(digits)
    values = fitted.mean_ + fitted.scale_ * features
    activated = np.where(values > 0, values, 0.1 * values)
    head = fitted.net_.module_.head
    scores = activated @ head.weight.detach().numpy().T + head.bias.detach().numpy()
    np.testing.assert_array_equal(fitted.classes_[scores.argmax(axis=1)], fitted.predict(digits))
    probe = LogisticRegression(max_iter=2000).fit(features[:200], labels[:200])
    assert probe.score(features[:200], labels[:200]) > 0.9


def test_features_have_one_scale(fitted, digits):
    features = fitted.transform(digits[:200]).astype(float)
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-5)
    assert features.var(axis=0).mean() == pytest.approx(1, rel=1e-5)
    assert features.var(axis=0).std() > 0.01


def test_words_as_labels_and_colour_bytes(rng):
    labels = rng.choice(["dark", "light"], size=60)
    images = rng.integers(0, 100, size=(60, 9, 7, 3)).astype(np.uint8)
    images[labels == "light"] += 150
    features = ClassifierFeatures(3, **SMALL).fit(images, labels)
    assert features.score(images, labels) == 1.0
    assert features.transform(images).shape == (60, 3)


def test_seeds_and_global_state(digits, labels):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    tiny = ClassifierFeatures(4, channels=(4,), max_epochs=1, random_state=3)
    first = clone(tiny).fit(digits, labels).transform(digits)
    assert torch.rand(1) == expected
    np.testing.assert_array_equal(first, clone(tiny).fit(digits, labels).transform(digits))
    other = clone(tiny).set_params(random_state=4).fit(digits, labels).transform(digits)
    assert np.abs(first - other).max() > 0.01


def test_saved_and_read_again(fitted, digits):
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    np.testing.assert_array_equal(joblib.load(file).transform(digits), fitted.transform(digits))


REFUSED = {
    "no labels": ({}, None, ValueError, "requires y to be passed"),
    "one class": ({}, np.zeros(300), ValueError, "y must hold at least 2 classes"),
    "short": ({}, np.arange(10), ValueError, "y must have as many rows as X has images"),
    "fractions": ({}, np.linspace(0, 1, 300), ValueError, "[Uu]nknown label type"),
    "channels": (dict(channels=()), None, TypeError, "channels must be a tuple"),
    "features": (dict(n_features=0), None, ValueError, "n_features must be an integer"),
    "activation": (dict(activation="sin"), None, ValueError, "activation must be one of"),
    "epochs": (dict(max_epochs=0), None, ValueError, "max_epochs must be an integer"),
}


@pytest.mark.parametrize(("changes", "y", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(digits, changes, y, error, message):
    with pytest.raises(error, match=message):
        ClassifierFeatures(**(SMALL | changes)).fit(digits, y)
