"""Archives: all members or an error, none larger than agreed."""

import io
import tarfile
import zipfile

import numpy as np
import pytest

from sklatent._files.archives import npy_header, open_tar, open_zip, read_npz

KIND = "an archive"


def write_tar(path, *members, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, content, changes in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for field, value in changes.items():
                setattr(member, field, value)
            archive.addfile(member, io.BytesIO(content))


def read_all(opened):
    with opened as archive:
        return {name: archive.read(name) for name in archive.names}


def test_members_of_a_tar_file(tmp_path):
    path = tmp_path / "a.tar"
    write_tar(path, ("folder", b"", {"type": tarfile.DIRTYPE}), ("folder/a", b"abc", {}))
    assert read_all(open_tar(path, KIND, 3)) == {"folder/a": b"abc"}
    with open_tar(path, KIND, 3) as archive, pytest.raises(KeyError):
        archive.read("b")


@pytest.mark.parametrize(
    ("members", "mode", "message"),
    [
        ([("a", b"abcd", {})], "w", "'a' has 4 bytes, more than 3"),
        ([("a", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})], "w", "no plain file"),
        ([("a", b"", {"type": tarfile.CHRTYPE})], "w", "no plain file"),
        ([("a", b"abc", {}), ("a", b"abc", {})], "w", "'a' is there twice"),
        ([("a", b"abc", {})], "w:gz", "could not be read so"),
    ],
)
def test_tar_files_that_are_refused(members, mode, message, tmp_path):
    path = tmp_path / "a.tar"
    write_tar(path, *members, mode=mode)
    with pytest.raises(ValueError, match=message) as caught:
        read_all(open_tar(path, KIND, 3))
    assert f"{path} must be an archive" in str(caught.value)


def test_a_tar_file_that_ends_early(tmp_path):
    path = tmp_path / "a.tar"
    write_tar(path, ("a", b"abc", {}), ("b", b"abc", {}))
    content = path.read_bytes()
    for end in (512, 1024, 1536, 2048, 2048 + 1023):
        path.write_bytes(content[:end])
        with pytest.raises(ValueError, match=r"a\.tar must be an archive"):
            read_all(open_tar(path, KIND, 3))
    path.write_bytes(content[: 2048 + 1024])
    assert read_all(open_tar(path, KIND, 3)) == {"a": b"abc", "b": b"abc"}


def write_zip(path, files, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def test_members_of_a_zip_file(tmp_path):
    path = tmp_path / "a.zip"
    write_zip(path, {"folder/": b"", "folder/a": b"abc", "../b": b"b"})
    assert read_all(open_zip(path, KIND, 3)) == {"a": b"abc", "b": b"b"}
    with open_zip(path, KIND, 3) as archive, pytest.raises(KeyError):
        archive.read("c")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": bytes(10**6)}, "'a' has 1000000 bytes, more than 3"),
        ({"a": b"", "folder/a": b""}, "'a' is there twice"),
    ],
)
def test_zip_files_that_are_refused(files, message, tmp_path):
    write_zip(tmp_path / "a.zip", files)
    with pytest.raises(ValueError, match=message):
        read_all(open_zip(tmp_path / "a.zip", KIND, 3))


def test_a_name_that_is_damaged_hides_no_member(tmp_path):
    path = tmp_path / "a.zip"
    write_zip(path, {"one": b"1"})
    content = path.read_bytes()
    at = content.rindex(b"one")
    path.write_bytes(content[:at] + b"two" + content[at + 3 :])
    with open_zip(path, KIND, 3) as archive, pytest.raises(ValueError, match="differ"):
        archive.read("one")


def npz(path, member):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", member)


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def test_arrays_of_an_npz_file(tmp_path):
    arrays = {"x": np.arange(6).reshape(2, 3), "y": np.asfortranarray(np.eye(3, 2))}
    np.savez(tmp_path / "a.npz", **arrays, z=np.zeros(9))
    found = read_npz(tmp_path / "a.npz", ["y", "x"], KIND, {"x": 48, "y": 48})
    np.testing.assert_array_equal(found[0], arrays["y"])
    np.testing.assert_array_equal(found[1], arrays["x"])


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (npy(np.zeros(10**6)), "holds 8000000 bytes, more than 48"),
        (npy(np.zeros(6))[:-8], "is not as long as it should be"),
        (npy(np.zeros(6)) + b"more", "is not as long as it should be"),
        (npy(np.zeros(6)).replace(b"(6,)", b"(4,)"), "is not as long as it should be"),
        (b"text", "could not be read so"),
        (b"\x93NUMPY\x03\x00" + bytes(100), "version"),
    ],
)
def test_npz_files_that_are_refused(member, message, tmp_path):
    npz(tmp_path / "a.npz", member)
    with pytest.raises(ValueError, match=message) as caught:
        read_npz(tmp_path / "a.npz", ["x"], KIND, {"x": 48})
    assert "a.npz must be an archive" in str(caught.value)


def test_headers_of_npy_files():
    assert npy_header(io.BytesIO(npy(np.zeros((2, 3), np.uint8)))) == ((2, 3), np.uint8)
    with pytest.raises(ValueError, match="Python objects"):
        npy_header(io.BytesIO(npy(np.zeros(2)).replace(b"'<f8'", b"'|O' ")))
