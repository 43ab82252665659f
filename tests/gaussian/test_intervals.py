"""Intervals of a normal distribution in their three measures."""

import numpy as np
import pytest
from scipy import stats

from sklatent._gaussian.intervals import HALF_WIDTH, interval_n_std, normal_intervals

MEASURES = {
    "default": ({}, 1.959964),
    "sigma": ({"n_std": 2.5}, 2.5),
    "coverage": ({"coverage": 0.6826895}, 1.0),
    "half-width": ({"n_half_widths": 1}, 1.177410),
    "two half-widths": ({"n_half_widths": 2}, 2.354820),
}


@pytest.mark.parametrize(("measure", "expected"), MEASURES.values(), ids=MEASURES)
def test_measures(measure, expected):
    assert interval_n_std(**measure) == pytest.approx(expected, abs=1e-6)


def test_the_density_at_a_half_width_is_half_the_maximum():
    assert stats.norm.pdf(HALF_WIDTH) == pytest.approx(stats.norm.pdf(0) / 2, rel=1e-14)


@pytest.mark.parametrize("coverage", [1e-6, 0.5, 0.999999])
def test_coverage_is_the_probability(coverage):
    low, high = normal_intervals(np.array([3.0]), np.array([2.0]), interval_n_std(None, coverage))[
        0
    ]
    assert np.diff(stats.norm(3, 2).cdf([low, high]))[0] == pytest.approx(coverage, rel=1e-9)


BAD = {
    "two": ({"n_std": 2, "coverage": 0.9}, ValueError, "Only one of n_std.*n_std=2, coverage=0.9"),
    "two others": ({"n_std": 2, "n_half_widths": 1}, ValueError, "n_std=2, n_half_widths=1"),
    "n_std zero": ({"n_std": 0}, ValueError, r"n_std .* above 0 and finite; got 0"),
    "n_std infinite": ({"n_std": np.inf}, ValueError, r"n_std .* above 0 and finite; got inf"),
    "n_std not a number": ({"n_std": np.nan}, ValueError, "n_std .*got nan"),
    "n_std text": ({"n_std": "2"}, TypeError, "n_std must be a number; got '2'"),
    "coverage in per cent": ({"coverage": 95}, ValueError, r"coverage .* \(0, 1\); got 95"),
    "coverage one": ({"coverage": 1.0}, ValueError, r"coverage .* \(0, 1\); got 1.0"),
    "half-widths": (
        {"n_half_widths": -1},
        ValueError,
        r"n_half_widths .* above 0 and finite; got -1",
    ),
}


@pytest.mark.parametrize(("measure", "error", "message"), BAD.values(), ids=BAD)
def test_bad_measures(measure, error, message):
    with pytest.raises(error, match=message):
        interval_n_std(**measure)


def test_intervals_hold_what_they_say(scaled_model, scaled):
    for measure, share in (({}, 0.95), ({"coverage": 0.5}, 0.5), ({"n_std": 3}, 0.9973)):
        low, high = scaled_model.intervals(**measure).T
        held = ((low <= scaled) & (high >= scaled)).mean(axis=0)
        assert (np.abs(held - share) < 5 * np.sqrt(share * (1 - share) / len(scaled))).all()
    half = np.diff(scaled_model.intervals(n_half_widths=2), axis=1)[:, 0] / 2
    np.testing.assert_allclose(half, 2 * 1.17741 * scaled_model.std_, rtol=1e-5)
