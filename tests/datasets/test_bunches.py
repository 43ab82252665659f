"""What data sets come as."""

from sklearn.utils import Bunch

from sklatent import datasets
from sklatent.datasets._bunches import as_result


def test_index_lists_every_function():
    assert all(callable(getattr(datasets, name)) for name in datasets.__all__)


def test_bunches_are_scikit_learns():
    assert type(datasets.load_digit_images()) is Bunch
    assert type(datasets.make_gaussian_images(1)) is Bunch


def test_images_and_target_alone():
    bunch = Bunch(images=[1], target=[2])
    assert as_result(bunch, False) is bunch
    assert as_result(bunch, True) == ([1], [2])
