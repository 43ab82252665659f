"""Fixtures shared by all tests."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder():
    """The folder of real image files, or a skip that says why."""
    folder = os.environ.get("SKLATENT_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SKLATENT_DATA names no folder of image files")
    return Path(folder)


@pytest.fixture
def rng():
    """A generator with a fixed seed."""
    return np.random.default_rng(0)
