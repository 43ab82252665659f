"""500 files damaged in one place each: the right images, or an error that names the file."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL")
PATH = Path(__file__).parents[2] / "benchmarks" / "damaged_files.py"
SPEC = importlib.util.spec_from_file_location("damaged_files", PATH)
damaged_files = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(damaged_files)

# Compressed pixels outside of zip files have no checksum.
WITHOUT_CHECKSUM = {"tar of JPEG", "JPEG"}


@pytest.mark.parametrize("name", damaged_files.FILES)
def test_damaged_files(name):
    counts = damaged_files.count_outcomes(name, 100, np.random.default_rng(1))
    allowed = {"right", "error"} | ({"other pixels"} if name in WITHOUT_CHECKSUM else set())
    assert counts.total() == 100
    assert set(counts) <= allowed
    assert counts["error"] > 0


def test_each_byte_of_the_headers_of_a_tar_file(tmp_path, rng):
    path = damaged_files.write_tar(tmp_path, rng)
    content, right = path.read_bytes(), damaged_files.load_faces(tmp_path)
    second = content.index(b"Ada_Lovelace_0002")
    # A name, its numbers, and what follows them; each byte in one of its eight bits.
    for at in [*range(second, second + 24), *range(second + 100, second + 160)]:
        changed = bytearray(content)
        changed[at] ^= 1 << at % 8
        path.write_bytes(changed)
        found = damaged_files.outcome(damaged_files.load_faces, tmp_path, right)
        assert found in ("error", "right")
