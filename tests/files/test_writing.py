"""Files written whole or not at all, whatever fails on the way."""

import errno
import os

import pytest

from sklatent._files.writing import replacing, write_bytes


class Failing:
    """Calls a function of the system, and fails in the n-th call."""

    def __init__(self, function, n, code):
        self.function, self.n, self.code, self.calls = function, n, code, 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        if self.calls == self.n:
            raise OSError(self.code, os.strerror(self.code))
        return self.function(*args, **kwargs)


def test_the_new_content_takes_the_place_of_the_old(tmp_path):
    path = tmp_path / "file"
    for content in (b"old", b"new"):
        write_bytes(path, content)
        assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    umask = os.umask(0o022)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("name", ["open", "fsync", "replace"])
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("old", [None, b"old"])
def test_the_nth_call_of_the_system_fails(name, n, old, tmp_path, monkeypatch):
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(old)
    failing = Failing(getattr(os, name), n, errno.ENOSPC)
    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing)
        # Of one call each, and a second for the folder's entry, which may fail unheard.
        if n == 1:
            with pytest.raises(OSError, match=r"file could not be written, .* No space") as caught:
                write_bytes(path, b"new")
            assert caught.value.errno == errno.ENOSPC
        else:
            write_bytes(path, b"new")
    expected = old if n == 1 else b"new"
    assert (path.read_bytes() if path.exists() else None) == expected
    assert [each.name for each in tmp_path.iterdir()] == ([] if expected is None else ["file"])


@pytest.mark.parametrize("after", [0, 1, 2, 3])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "bad disk"), KeyboardInterrupt(), KeyError()])
def test_writing_fails_half_way(after, error, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write():
        with replacing(path) as new, new.open("wb") as stream:
            for _ in range(after):
                stream.write(b"new")
            raise error

    with pytest.raises(type(error)):
        write()
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="could not be written, and is as it was"):
        write_bytes(tmp_path / "nowhere" / "file", b"new")
