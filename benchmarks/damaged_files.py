"""What becomes of damaged data files: right images, an error, or something else.

Each case damages one file in one place (a bit, a byte, a run of bytes, a cut, a byte lost or
more) and loads it. Run: ``python benchmarks/damaged_files.py [n_cases]``; it prints a table.
"""

import io
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from sklatent.datasets import fetch_lfw_faces, fetch_mnist, load_celeba

N_CASES = 20_000
OUTCOMES = ("right", "error", "other pixels", "wrong", "raw error")
DAMAGES = ("bit", "byte", "run", "cut", "lost", "more")


def jpeg(rng, size):
    """Return a smooth random picture of (width, height) as a JPEG file."""
    coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    stream = io.BytesIO()
    coarse.resize(size, Image.Resampling.BICUBIC).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def write_tar(folder, rng):
    path = folder / "lfw_faces_64.tar"
    with tarfile.open(path, "w") as archive:
        for name in ("Ada_Lovelace_0001", "Ada_Lovelace_0002", "Emmy_Noether_0001"):
            content = jpeg(rng, (64, 64))
            member = tarfile.TarInfo(f"{name}.jpg")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def write_npz(folder, rng, save=np.savez_compressed):
    images = rng.integers(0, 256, (6, 28, 28), dtype=np.uint8)
    target = rng.integers(0, 10, 6)
    path = folder / "mnist.npz"
    save(path, x_train=images[:4], y_train=target[:4], x_test=images[4:], y_test=target[4:])
    return path


def write_celeba(folder, rng, zipped):
    names = [f"00000{i}.jpg" for i in (1, 2, 3)]
    (folder / "list_eval_partition.txt").write_text("".join(f"{name} 0\n" for name in names))
    files = {name: jpeg(rng, (178, 218)) for name in names}
    if zipped:
        path = folder / "img_align_celeba.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(f"img_align_celeba/{name}", content)
        return path
    images = folder / "img_align_celeba"
    images.mkdir()
    for name, content in files.items():
        (images / name).write_bytes(content)
    return images / names[1]


def load_faces(folder):
    return fetch_lfw_faces(subset="all", data_home=folder)


def load_digits(folder):
    return fetch_mnist(subset="all", data_home=folder)


def load_celebrities(folder):
    return load_celeba(data_home=folder, image_size=16)


FILES = {
    "tar of JPEG": (write_tar, load_faces),
    "npz, compressed": (write_npz, load_digits),
    "npz, stored": (lambda folder, rng: write_npz(folder, rng, np.savez), load_digits),
    "zip of JPEG": (lambda folder, rng: write_celeba(folder, rng, True), load_celebrities),
    "JPEG": (lambda folder, rng: write_celeba(folder, rng, False), load_celebrities),
}


def damage(content, kind, rng):
    """Return the content with one damage of a kind, which always changes it."""
    at = int(rng.integers(len(content)))
    changed = bytearray(content)
    if kind == "bit":
        changed[at] ^= 1 << int(rng.integers(8))
    elif kind == "byte":
        changed[at] ^= int(rng.integers(1, 256))
    elif kind == "run":
        end = min(len(content), at + int(rng.integers(2, 64)))
        changed[at:end] = bytes(byte ^ int(rng.integers(1, 256)) for byte in changed[at:end])
    elif kind == "cut":
        del changed[at:]
    elif kind == "lost":
        del changed[at]
    else:
        changed.insert(at, int(rng.integers(256)))
    return bytes(changed)


def outcome(load, folder, right):
    """Load, and return one of `OUTCOMES`."""
    try:
        found = load(folder)
    except ValueError as error:
        return "error" if str(folder) in str(error) else "raw error"
    except Exception:
        return "raw error"
    labels = [np.array_equal(found[key], right[key]) for key in ("target", "target_names")]
    if not all(labels) or found.images.shape != right.images.shape:
        return "wrong"
    return "right" if np.array_equal(found.images, right.images) else "other pixels"


def count_outcomes(name, n_cases, rng):
    """Return a Counter of outcomes over so many damages of one kind of file."""
    write, load = FILES[name]
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        path = write(folder, rng)
        content, right = path.read_bytes(), load(folder)
        counts = Counter()
        for case in range(n_cases):
            path.write_bytes(damage(content, DAMAGES[case % len(DAMAGES)], rng))
            counts[outcome(load, folder, right)] += 1
        return counts


def main():
    n_cases = int(sys.argv[1]) if len(sys.argv) > 1 else N_CASES
    rng = np.random.default_rng(0)
    print(f"| file | cases | {' | '.join(OUTCOMES)} |")
    print("|---" * (len(OUTCOMES) + 2) + "|")
    for name in FILES:
        counts = count_outcomes(name, n_cases // len(FILES), rng)
        numbers = [counts.total(), *(counts[each] for each in OUTCOMES)]
        print(f"| {name} | {' | '.join(f'{number:,}' for number in numbers)} |", flush=True)


if __name__ == "__main__":
    main()
