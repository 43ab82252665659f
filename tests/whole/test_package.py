"""The package's index, and what an import costs."""

import subprocess
import sys
from importlib import metadata

import pytest

import sklatent


def run_python(code):
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("torch", "skorch", "matplotlib", "sklearn", "scipy", "numpy", "pandas", "tqdm")
    code = f"import sys, sklatent; print([m for m in {heavy} if m in sys.modules])"
    assert run_python(code).strip() == "[]"


def test_mathematics_and_data_load_no_torch():
    code = (
        "import sys, sklatent; sklatent.LatentGaussianModel; sklatent.datasets.load_digit_images;"
        "sklatent.LatentPipeline; sklatent.corruption.GaussianNoise; sklatent.samplers.FlowSampler;"
        "sklatent.paths.slerp_path; sklatent.metrics.meaningful_share;"
        "[getattr(sklatent.displays, name) for name in sklatent.displays.__all__];"
        "print([m for m in ('torch', 'skorch', 'matplotlib') if m in sys.modules])"
    )
    assert run_python(code).strip() == "[]"


def test_every_public_name_is_there():
    assert sklatent.__all__ == sorted(sklatent.__all__)
    assert set(sklatent.__all__) <= set(dir(sklatent))
    for name in sklatent.__all__:
        member = getattr(sklatent, name)
        if name not in ("corruption", "datasets", "displays", "metrics", "paths", "samplers"):
            assert member.__name__ == name
            assert member.__doc__


def test_names_are_listed_before_they_are_loaded():
    code = (
        "import sklatent; print(set(sklatent.__all__) <= set(dir(sklatent)), 'torch' in dir());"
        "from sklatent import *; print(ConvAutoencoder.__name__, datasets.__name__)"
    )
    assert run_python(code).splitlines() == [
        "True False",
        "ConvAutoencoder sklatent.datasets",
    ]


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="module 'sklatent' has no attribute 'Autoencoder'"):
        _ = sklatent.Autoencoder
    with pytest.raises(ImportError, match="Autoencoder"):
        from sklatent import Autoencoder  # noqa: F401


def test_the_version_is_that_of_the_distribution():
    try:
        installed = metadata.version("sklatent")
    except metadata.PackageNotFoundError:
        pytest.skip("sklatent is used from its folder, and not installed")
    assert sklatent.__version__ == installed
