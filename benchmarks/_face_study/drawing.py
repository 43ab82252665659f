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
CHARACTER = 0.068
QUALITY = 75


def save(figure, folder: Path, name: str, photographs: bool = False) -> None:
    """Save and close a figure: PNG for graphs, WEBP for images."""
    folder.mkdir(parents=True, exist_ok=True)
    if photographs:
        figure.savefig(folder / f"{name}.webp", dpi=DPI, pil_kwargs={"quality": QUALITY})
    else:
        figure.savefig(folder / f"{name}.png", dpi=DPI)
    plt.close(figure)


def image_rows(rows: list, footer: list[str] | None = None):
    """Return a figure with a row for each (label, images) or (label, images, captions) of `rows`.

    Images are (n, H, W, 3); captions are texts to write under them, and the footer those
    under the last row.
    """
    rows = [(*row, [])[:3] for row in rows]
    left = 0.2 + CHARACTER * max(len(line) for row in rows for line in row[0].split("\n"))
    gap = 0.16 if any(row[2] for row in rows) else 0.04
    width = left + max(len(row[1]) for row in rows) * CELL + 0.1
    height = len(rows) * (CELL + gap) + 0.1 + (0.2 if footer else 0)
    figure = plt.figure(figsize=(width, height))
    for i, (label, images, captions) in enumerate(rows):
        top = height - 0.05 - i * (CELL + gap)
        shape = (left / width, (top - CELL) / height, len(images) * CELL / width, CELL / height)
        axis = figure.add_axes(shape)
        padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=255)
        axis.imshow(np.hstack(padded), interpolation="antialiased")
        axis.axis("off")
        middle = ((left - 0.08) / width, (top - CELL / 2) / height)
        figure.text(*middle, label, ha="right", va="center", fontsize=8.5)
        last = footer if footer and i == len(rows) - 1 else []
        for j, text in enumerate(captions or last):
            place = (left + (j + 0.5) * CELL) / width, (top - CELL - 0.03) / height
            figure.text(*place, text, ha="center", va="top", fontsize=7.5)
    return figure
