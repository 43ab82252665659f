"""Arrays on disk: whole or not there, and mapped, not read."""

import errno
import os

import numpy as np
import pytest

from sklatent._files.arrays import new_array, open_array


def test_what_is_written_is_what_is_mapped(tmp_path, rng):
    values = rng.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    with new_array(tmp_path / "a.npy", values.shape, np.uint8) as array:
        array[:2] = values[:2]
        array[2:] = values[2:]
        assert not (tmp_path / "a.npy").exists()
    found = open_array(tmp_path / "a.npy")
    assert isinstance(found, np.memmap)
    assert not found.flags.writeable
    np.testing.assert_array_equal(found, values)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), values)


def test_a_full_disk_is_noticed_before_a_page_is_written(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    np.save(tmp_path / "a.npy", np.arange(3))
    monkeypatch.setattr(os, "posix_fallocate", full)
    wanted = new_array(tmp_path / "a.npy", (10**6,), float)
    with pytest.raises(OSError, match="is as it was: No space left"), wanted:
        raise AssertionError("nothing may be written")
    np.testing.assert_array_equal(open_array(tmp_path / "a.npy"), np.arange(3))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


@pytest.mark.parametrize("end", [0, 5, 60, 128, 150])
def test_files_that_are_cut_or_longer(end, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(4))
    content = path.read_bytes()
    for changed in (content[:end], content + bytes(1 + end)):
        path.write_bytes(changed)
        with pytest.raises(ValueError, match=r"a\.npy must be an npy file of numbers"):
            open_array(path)


def test_objects_are_not_loaded(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="Python objects"):
        open_array(tmp_path / "a.npy")
