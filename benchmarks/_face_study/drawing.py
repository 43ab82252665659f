"""What the pictures share: colours, saving, rows of images."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

__all__ = ["COLOURS", "LABELS", "image_rows", "save"]

# Okabe and Ito's colours, which the colour-blind tell apart.
COLOURS = {"plain": "#0072B2", "linear": "#D55E00", "other": "#009E73", "grey": "#666666"}
LABELS = {"plain": "convolutions", "linear": "with linear path"}
DPI = 110
CELL = 0.62
LABEL_WIDTH = 1.75


def save(figure, folder: Path, name: str, photographs: bool = False) -> None:
    """Save and close a figure: PNG for graphs, WEBP for images."""
    folder.mkdir(parents=True, exist_ok=True)
    if photographs:
        figure.savefig(folder / f"{name}.webp", dpi=DPI, pil_kwargs={"quality": 80})
    else:
        figure.savefig(folder / f"{name}.png", dpi=DPI)
    plt.close(figure)


def image_rows(rows: dict, captions: dict | None = None, footer: list[str] | None = None):
    """Return a figure with a labelled row of images for each entry of `rows`.

    `captions` holds a list of texts to write under the images of a row, `footer` those
    under the last row.
    """
    captions = captions or {}
    n = max(len(images) for images in rows.values())
    gap = 0.16 if captions else 0.04
    height = len(rows) * (CELL + gap) + 0.1 + (0.2 if footer else 0)
    figure = plt.figure(figsize=(LABEL_WIDTH + n * CELL + 0.1, height))
    for i, (label, images) in enumerate(rows.items()):
        top = height - 0.05 - i * (CELL + gap)
        box = [LABEL_WIDTH, top - CELL, len(images) * CELL, CELL]
        width = figure.get_figwidth()
        axis = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
        padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=255)
        axis.imshow(np.hstack(padded), interpolation="nearest")
        axis.axis("off")
        figure.text(
            (LABEL_WIDTH - 0.08) / width,
            (top - CELL / 2) / height,
            label,
            ha="right",
            va="center",
            fontsize=8.5,
        )
        texts = captions.get(label, footer if i == len(rows) - 1 and footer else [])
        for j, text in enumerate(texts):
            x = (LABEL_WIDTH + (j + 0.5) * CELL) / width
            figure.text(x, (top - CELL - 0.03) / height, text, ha="center", va="top", fontsize=7.5)
    return figure
