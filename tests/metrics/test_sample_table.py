"""The record of a sample report, made by hand."""

import numpy as np
import pytest

from sklatent.metrics._sample_table import SampleReport

FIGURES = {
    "frechet": [0.0123, 12.3],
    "frechet_limit": [np.nan, np.nan],
    "frechet_limit_error": [np.nan, np.nan],
    "kernel": [0.5, 123.4],
    "kernel_error": [0.01, 0.2],
    "precision": [1.0, 0.25],
    "copy_ratio": [0.0, 1.0],
    "copy_close": [1.0, 0.01],
}
SHARES = ("recall", "density", "coverage", "auc", "latent_copy_ratio", "latent_copy_close")


def report(n_train=1_000):
    columns = {name: np.array(values) for name, values in FIGURES.items()}
    columns |= {name: np.array([0.5, np.nan]) for name in SHARES}
    return SampleReport(("real images", "samples"), columns, 2_000, n_train, "Pixels()", 6, (3, 5))


def test_figures_have_the_digits_of_their_largest():
    head, *rows = str(report()).split("\n")[3:6]
    heads = ["Frechet", "kernel", "+-", "precision", "recall", "density", "coverage", "AUC"]
    assert head.split() == heads
    # The error of the kernel distance has the digits of that; shares have three.
    shares = ["0.500"] * 4
    assert rows[0].split() == ["real", "images", "0.0", "0", "0", "1.000", *shares]
    assert rows[1].split() == ["samples", "12.3", "123", "0", "0.250", *"----"]


def test_counts_stand_in_the_text():
    text = str(report())
    assert text.startswith("2,000 images in each row against 2,000 reference images, in 6 features")
    assert "with 3 neighbours, density and coverage with 5" in text.replace("\n", " ")
    # Coverage of two sets from one distribution, 1 - 2^-5.
    assert "coverage about 0.97" in text.replace("\n", " ")
    assert "Nearest of 1,000 training images" in text
    assert repr(report()) == "<SampleReport of 2 rows of 2,000 images>"


def test_without_training_images_nothing_is_said_of_copies():
    assert "Nearest of" not in str(report(n_train=0))


def test_dicts_are_copies():
    made = report()
    made.to_dict()["frechet"][:] = 0
    np.testing.assert_array_equal(made.columns["frechet"], FIGURES["frechet"])


def test_frames_have_the_rows_and_columns():
    pytest.importorskip("pandas")
    frame = report().to_frame()
    assert list(frame.index) == ["real images", "samples"]
    assert frame.index.name == "images"
    assert frame.loc["samples", "kernel"] == 123.4
