"""Made files that stand in for real ones."""

import io
import tarfile

import numpy as np
import pytest


@pytest.fixture(scope="session")
def jpeg():
    """Make a JPEG file's content, from pixel values or a size and one colour."""
    pillow = pytest.importorskip("PIL.Image")

    def make(values):
        whole = isinstance(values, np.ndarray)
        image = pillow.fromarray(values) if whole else pillow.new("RGB", *values)
        content = io.BytesIO()
        image.save(content, format="JPEG", quality=95, subsampling=0)
        return content.getvalue()

    return make


@pytest.fixture(scope="session")
def write_npz():
    """Write three training and two test images; None leaves an array out."""

    def write(path, image_shape, rng, **changes):
        arrays = {
            "x_train": rng.integers(0, 256, (3, *image_shape), dtype=np.uint8),
            "y_train": np.array([5, 0, 4], dtype=np.uint8),
            "x_test": rng.integers(0, 256, (2, *image_shape), dtype=np.uint8),
            "y_test": np.array([7, 2], dtype=np.uint8),
            **changes,
        }
        arrays = {key: array for key, array in arrays.items() if array is not None}
        np.savez_compressed(path, **arrays)
        return arrays

    return write


@pytest.fixture(scope="session")
def write_tar():
    """Write a tar file of members by name."""

    def write(path, files):
        with tarfile.open(path, "w") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))

    return write


@pytest.fixture(scope="session")
def damaged():
    """Damage a file's content in one of several ways."""

    def changed(content):
        middle = len(content) // 4
        inverted = bytes(255 - byte for byte in content[middle : middle + 64])
        return content[:middle] + inverted + content[middle + 64 :]

    def npy(content):
        file = io.BytesIO()
        np.save(file, np.arange(3))
        return file.getvalue()

    ways = {
        "nothing left": lambda content: b"",
        "cut off": lambda content: content[: len(content) // 2],
        "changed": changed,
        "text": lambda content: b"no array here",
        "npy": npy,
    }
    return lambda how, content: ways[how](content)
