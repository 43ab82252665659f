"""Plain files within bounds, and one error for what a parser raises."""

import os

import pytest

from sklatent._files.reading import open_plain, read_bytes, read_text, reading


@pytest.mark.parametrize("error", [KeyError("x"), RuntimeError("odd."), NotImplementedError()])
def test_whatever_is_raised_becomes_an_error_that_names_the_file(error):
    message = r"a\.tar must be a tar file; it could not be read so: "
    with pytest.raises(ValueError, match=message), reading("a.tar", "a tar file"):
        raise error


def test_missing_files_and_interrupts_stay_what_they_are():
    for error in (FileNotFoundError, KeyboardInterrupt):
        with pytest.raises(error), reading("a.tar", "a tar file"):
            raise error


def test_content_within_a_bound(tmp_path):
    path = tmp_path / "text"
    path.write_text("grün", encoding="utf-8")
    assert read_text(path, 5) == "grün"
    assert read_bytes(path, 5) == "grün".encode()
    with pytest.raises(ValueError, match="more than 4 bytes"):
        read_bytes(path, 4)


def test_what_is_no_plain_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(ValueError, match="a folder, a device or a pipe"):
            open_plain(path)
    (tmp_path / "zero").symlink_to("/dev/zero")
    with pytest.raises(ValueError, match="a folder, a device or a pipe"):
        read_bytes(tmp_path / "zero", 100)
