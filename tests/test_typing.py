"""The typed bases are scikit-learn's own at run time."""

import pytest
import sklearn.base
import sklearn.pipeline
import sklearn.utils

from sklatent import _typing

BASES = [name for name in _typing.__all__ if name in dir(sklearn.base)]


@pytest.mark.parametrize("name", BASES)
def test_a_base_is_that_of_scikit_learn(name):
    assert getattr(_typing, name) is getattr(sklearn.base, name)


def test_pipeline_and_bunch_are_those_of_scikit_learn():
    assert _typing.Pipeline is sklearn.pipeline.Pipeline
    assert _typing.Bunch is sklearn.utils.Bunch


def test_all_that_is_named_is_there():
    assert len(BASES) >= 6
    assert set(_typing.__all__) <= set(dir(_typing))
