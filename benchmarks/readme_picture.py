"""Draw the picture at the head of the README: real, reconstructed and new images.

    SKLATENT_DATA=folder python benchmarks/readme_picture.py picture.png [--cache FOLDER]

Digits of MNIST, which training has not seen, through 12 components, and new ones from a mixture;
new faces from one Gaussian in the latent space of Labeled Faces in the Wild. The networks are
those of sample_quality.py, and are shared with it where --cache is the same folder.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from _quality_scenes import make_scene
from matplotlib.figure import Figure

from sklatent import LatentGaussianModel
from sklatent.samplers import MixtureSampler

COLUMNS = 12
GAP = 3


def strips(folder: Path, quick: bool) -> dict[str, np.ndarray]:
    """Return a row of images for each line of the picture."""
    digits, faces = (make_scene(name, folder, quick) for name in ("mnist", "faces"))
    shown = digits.test_images[:COLUMNS]
    mixture = MixtureSampler(50, random_state=0).fit(digits.points)
    gaussian = LatentGaussianModel().fit(faces.points)
    new_faces = faces.autoencoder.inverse_transform(gaussian.sample(2 * COLUMNS, random_state=0))
    return {
        "Digits, not seen\nin training": shown,
        "Reconstructed from\n12 numbers each": digits.autoencoder.inverse_transform(
            digits.test_points[:COLUMNS]
        ),
        "New digits,\nfrom a mixture": digits.autoencoder.inverse_transform(
            mixture.sample(COLUMNS, random_state=0)
        ),
        "New faces, from\none Gaussian": new_faces[:COLUMNS],
        "": new_faces[COLUMNS:],
    }


def as_strip(images: np.ndarray) -> np.ndarray:
    """Put images beside one another, with a white gap; (height, width, 3)."""
    if images.ndim == 3:
        images = np.repeat(images[..., None], 3, axis=-1)
    gap = round(GAP * images.shape[1] / 64) or 1
    widths = ((0, 0), (0, 0), (0, gap), (0, 0))
    return np.concatenate(list(np.pad(images, widths, constant_values=255)), axis=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--cache", type=Path, help="default: a temporary folder")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        rows = strips(args.cache or Path(temporary), args.quick)
    figure = Figure(figsize=(10, 3.62))
    for place, (name, images) in enumerate(rows.items()):
        ax = figure.add_axes((0.145, 1 - 0.198 * (place + 1), 0.855, 0.19))
        ax.imshow(as_strip(images), interpolation="bilinear", aspect="auto")
        ax.set_axis_off()
        height = 0.5 if place < 3 else 0
        ax.text(-0.01, height, name, ha="right", va="center", transform=ax.transAxes, fontsize=10)
    figure.savefig(args.picture, dpi=110)


if __name__ == "__main__":
    main()
